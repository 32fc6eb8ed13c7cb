"""Reading referrals: whole for the team, by its tier for the group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import clock
from core.access.rules import Actor, Role
from core.errors import NotFound, Refused
from directory import published
from directory.published import Offer
from prescribing.episodes import moves
from prescribing.episodes import queries as episodes
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.contributions import Press
from prescribing.episodes.models import Episode
from prescribing.episodes.moves import MOVER_WORDS, MoveKind, Mover
from prescribing.episodes.queries import EpisodeBrief, NeedView
from prescribing.episodes.scope import of_team
from prescribing.people.consent import ConsentPurpose, consent_covers, given_by
from prescribing.people.queries import consent_facts
from prescribing.people.services import author_of
from prescribing.referrals.models import (
    AnswerLink,
    Presence,
    Referral,
    ReferralEvent,
    SessionNotice,
)
from prescribing.referrals.rules import (
    AGREED,
    DECLINE_WORDS,
    OFFERED,
    REFERRAL_CLOSED,
    REFERRAL_WORDS,
    SESSION_ON,
    DeclineReason,
    JoinMode,
    ReferralState,
)
from prescribing.referrals.scope import as_referral_event, movers_towards
from prescribing.referrals.tiers import Tier, group_tier, taken_back_at
from prescribing.referrals.visits import present_rows
from prescribing.referrals.words import Words, say_told

PRESENCE_WORDS = {
    Presence.CAME: "came",
    Presence.DID_NOT_COME: "did not come",
    Presence.NOT_SURE: "not sure",
}


@dataclass(frozen=True)
class Step:
    """One thing that happened to a referral."""

    at: datetime
    title: str
    text: str
    by: str


class MoveRow(NamedTuple):
    """One move of a referral, read by columns: as `ReferralEvent`."""

    id: UUID
    referral_id: UUID
    at: datetime
    kind: MoveKind
    target: ReferralState
    said_by: Mover | None
    author_name_sealed: bytes | None
    reason_sealed: bytes | None

    @property
    def author_name(self) -> str | None:
        return ReferralEvent.author_name.read(ReferralEvent, self.id, self.author_name_sealed)

    @property
    def reason(self) -> str | None:
        return ReferralEvent.reason.read(ReferralEvent, self.id, self.reason_sealed)


@dataclass(frozen=True)
class Visit:
    """Whether they came on one day."""

    on: date
    presence: Presence

    @property
    def said(self) -> str:
        return PRESENCE_WORDS[self.presence]


@dataclass(frozen=True)
class ReferralDetail:
    """One referral, whole, for the team. `group_sees` is what the group may see now; `moves` are the states to which
    the actor may take it, for themself or writing down the group's word."""

    id: UUID
    version: int
    reference: str
    state: ReferralState
    join_mode: JoinMode
    episode: EpisodeBrief
    need: NeedView
    offer: Offer
    words: Words
    requested_at: datetime
    reply_by: date | None
    start_by: date | None
    scheduled_for: date | None
    asked_on: date | None
    closed_at: datetime | None
    sustained_after: int
    group_sees: Tier | None
    taken_back_at: datetime | None
    consents: tuple[str, ...]
    live_links: int
    thread: tuple[Step, ...]
    visits: tuple[Visit, ...]
    told: tuple[str, ...]
    based_on: UUID | None
    can_undo: bool
    can_mark_error: bool

    @property
    def said(self) -> str:
        """Its state in words."""
        return REFERRAL_WORDS[self.state]

    @property
    def is_open(self) -> bool:
        return self.state not in REFERRAL_CLOSED

    @property
    def awaits_answer(self) -> bool:
        return self.state in OFFERED

    @property
    def goes_there(self) -> bool:
        """Whether visits are recorded."""
        return self.state in AGREED


def detail(session: Session, actor: Actor, referral_id: UUID) -> ReferralDetail:
    """One referral of the actor's team. Raises `NotFound` outside. Whoever shows it audits the look."""
    row = session.scalars(
        select(Referral)
        .join(Episode, Episode.id == Referral.episode_id)
        .where(Referral.id == referral_id, of_team(actor))
        .options(
            selectinload(Referral.events),
            selectinload(Referral.attendances),
            selectinload(Referral.notices).joinedload(SessionNotice.action),
            joinedload(Referral.episode),
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    facts = given_by(consent_facts(session, row.person_id), row.requested_at)
    now = clock.now()
    shared = [
        words
        for purpose, words in _SHARED_WORDS.items()
        if consent_covers(facts, row.organization_id, purpose, now)
    ]
    return ReferralDetail(
        id=row.id,
        version=row.version,
        reference=row.reference,
        state=row.state,
        join_mode=row.join_mode,
        episode=episodes.brief(session, actor, row.episode_id),
        need=episodes.need(session, actor, row.need_id),
        offer=published.offer(session, row.service_id),
        words=_words(row),
        requested_at=row.requested_at,
        reply_by=row.reply_by,
        start_by=row.start_by,
        scheduled_for=row.scheduled_for,
        asked_on=row.asked_on,
        closed_at=row.closed_at,
        sustained_after=row.sustained_after,
        taken_back_at=taken_back_at(row.state, facts, row.organization_id, now, asked_at=row.requested_at),
        group_sees=group_tier(
            row.state,
            facts,
            row.organization_id,
            now,
            asked_at=row.requested_at,
            flagged_for_safety=row.person.flagged_for_safety,
        ),
        consents=tuple(shared),
        live_links=_live_links(session, row, now),
        thread=tuple(reversed(steps_of(row.events))),
        visits=tuple(Visit(on, one.presence) for on, one in sorted(present_rows(row).items(), reverse=True)),
        told=_told(row),
        based_on=row.based_on_id,
        can_undo=_can_undo(actor, row),
        can_mark_error=_can_mark_error(session, actor, row),
    )


def _live_links(session: Session, row: Referral, now: datetime) -> int:
    """How many links to answer it work now."""
    live = (AnswerLink.revoked_at.is_(None), AnswerLink.expires_at > now)
    return (
        session.scalar(select(func.count(AnswerLink.id)).where(AnswerLink.referral_id == row.id, *live)) or 0
    )


def by_reference(session: Session, actor: Actor, reference: str) -> Press | None:
    """Where a referral of the actor's team is dealt with, which its group knows by that reference."""
    found = (
        select(Referral.id)
        .join(Episode, Episode.id == Referral.episode_id)
        .where(Referral.reference == reference, of_team(actor))
    )
    referral_id = session.scalar(found)
    if referral_id is None:
        return None
    return Press("Open the referral", "referrals.show", {"referral_id": referral_id})


def is_team_member(actor: Actor, referral_id: UUID, session: Session) -> bool:
    """Whether the referral is one of the actor's team."""
    found = (
        select(Referral.id)
        .join(Episode, Episode.id == Referral.episode_id)
        .where(Referral.id == referral_id, of_team(actor))
    )
    return session.scalar(found) is not None


def _told(row: Referral) -> tuple[str, ...]:
    """What they heard of sessions that are still to come; nothing of one that was called off and put back before they
    heard of it."""
    today = clock.today()
    return tuple(
        say_told(
            one.way,
            one.stands,
            one.on,
            today,
            to_ring=one.action is not None and one.action.done_at is None,
        )
        for one in row.notices
        if one.on >= today and (one.stands != SESSION_ON or one.way is not None)
    )


_SHARED_WORDS = {
    ConsentPurpose.SHARE_OFFER: "What is below, without a name, before they say yes",
    ConsentPurpose.SHARE_ACCEPTED: "Who it is and how to reach them, after they say yes",
}


def service_names(session: Session, rows: Sequence[Referral]) -> dict[UUID, str]:
    """What the activities of these referrals are called, by id; none that is no longer listed."""
    ids = {row.service_id for row in rows}
    return {one: brief.name for one, brief in published.briefs(session, ids).items()} if ids else {}


def _words(row: Referral) -> Words:
    return Words(
        goal=row.goal_words or "",
        safe_yes=row.safe_yes_words or "",
        access=row.access_words or "",
        communication=row.communication_words or "",
        risk_summary=row.risk_summary or "",
        agreed_contact=row.agreed_contact or "",
        heads_up=row.heads_up or "",
    )


def steps_of(events: Sequence[ReferralEvent | MoveRow]) -> list[Step]:
    """The moves of one referral, as people read them. Where people just turn up, nobody is asked and nobody answers:
    the two moves that begin it are one step."""
    if len(events) > 1 and events[1].reason == JoinMode.TURN_UP.value:
        first = events[0]
        begun = Step(first.at, "Chosen, people just turn up", "", first.author_name or "")
        return [begun, *(_step_of(event) for event in events[2:])]
    return [_step_of(event) for event in events]


def _step_of(event: ReferralEvent | MoveRow) -> Step:
    """One move, as people read it."""
    title = REFERRAL_WORDS[event.target]
    title = title[:1].upper() + title[1:]
    if event.kind is MoveKind.UNDO_CLOSE:
        title = f"Opened again: {REFERRAL_WORDS[event.target]}"
    by = event.author_name or ""
    if event.said_by is not None and event.said_by is not Mover.RULE:
        by = f"{by}, for {MOVER_WORDS[event.said_by]}"
    return Step(event.at, title, _say_reason(event.reason or ""), by)


def _say_reason(reason: str) -> str:
    """A coded reason in words, with what was written beside it; our own marks say nothing more."""
    if reason == MoveKind.UNDO_CLOSE.value:
        return ""
    code, _, note = reason.partition(": ")
    if code in set(DeclineReason):
        words = DECLINE_WORDS[DeclineReason(code)]
        return f"“{words[:1].upper()}{words[1:]}”" + (f" {note}" if note else "")
    return reason


def _can_undo(actor: Actor, row: Referral) -> bool:
    if row.state not in REFERRAL_CLOSED or row.person.died_at is not None:
        return False
    try:
        moves.undo_close(
            as_referral_event(row.events[-1]),
            author=author_of(actor),
            coordinator=row.episode.team_id in actor.team_ids(Role.COORDINATOR),
            at=clock.now(),
            closed=REFERRAL_CLOSED,
            days=clocks().undo_close_days,
        )
    except Refused:
        return False
    return True


def _can_mark_error(session: Session, actor: Actor, row: Referral) -> bool:
    """A coordinator agrees with whoever made it, who is somebody else."""
    coordinator = Mover.COORDINATOR in movers_towards(session, actor, row, row.episode)
    return (
        coordinator
        and row.state is not ReferralState.ENTERED_IN_ERROR
        and row.events[0].author != author_of(actor)
    )
