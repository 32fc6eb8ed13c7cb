"""Reading what was caused by failures: of one episode for its team, and of one listing for whoever keeps it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.access.rules import Actor
from core.calendar.rules import london_day
from core.errors import NotFound
from directory import published
from prescribing.episodes import queries as episodes
from prescribing.episodes.causes import CAUSE_WORDS, Cause
from prescribing.episodes.contacts import Direction
from prescribing.episodes.models import ContactAttempt, Episode, EpisodeEvent, Need
from prescribing.episodes.moves import without_undone
from prescribing.episodes.queries import EpisodeBrief
from prescribing.episodes.rules import EpisodeState
from prescribing.episodes.scope import of_team
from prescribing.failures import heard
from prescribing.failures.models import FailureMark
from prescribing.failures.promises import promises, word_owed
from prescribing.failures.rules import (
    KIND_WORDS,
    Facts,
    Inbound,
    Kind,
    Promise,
    Sent,
    Story,
    Suggestion,
    about_contact,
    about_referral,
    about_request,
    suggest,
)
from prescribing.people.safe_contact import CHANNEL_WORDS
from prescribing.referrals.models import Referral, ReferralEvent
from prescribing.referrals.rules import DeclineReason, ReferralState

LOOK_BACK = timedelta(days=365)
_CAUSES: Mapping[DeclineReason | None, Cause] = {
    DeclineReason.NO_CAPACITY: Cause.NO_ROOM,
    DeclineReason.INELIGIBLE: Cause.NOT_FITTING,
    DeclineReason.NOT_SUITABLE: Cause.NOT_FITTING,
    DeclineReason.UNSAFE: Cause.NOT_FITTING,
    DeclineReason.LISTING_WRONG: Cause.LISTING_WRONG,
    None: Cause.NO_ANSWER,
}


@dataclass(frozen=True)
class MarkView:
    """One thing that was caused by a failure, in words."""

    id: UUID
    about: str
    what: str
    on: date
    kind: Kind
    cause: Cause | None
    words: str
    minutes: int | None
    episode_id: UUID

    @property
    def said(self) -> str:
        """How it shows and why, such as "They had to chase us: we were late"."""
        kind = KIND_WORDS[self.kind]
        kind = kind[:1].upper() + kind[1:]
        return f"{kind}: {CAUSE_WORDS[self.cause]}" if self.cause is not None else kind


@dataclass(frozen=True)
class Thing:
    """Something that can be marked: a contact or the request. `suggestion` is what the system noticed about it."""

    about: str
    what: str
    on: date
    suggestion: Suggestion | None = None


@dataclass(frozen=True)
class FailuresPage:
    """What may have been caused by failures in one episode, what was marked, and what else can be."""

    episode: EpisodeBrief
    suggested: tuple[Thing, ...]
    marks: tuple[MarkView, ...]
    others: tuple[Thing, ...]


@dataclass(frozen=True)
class ListingCaused:
    """What a listing's entry caused in a year: referrals declined because it was wrong, and other work marked so."""

    declined: int
    marked: int


def failures_page(session: Session, actor: Actor, episode_id: UUID) -> FailuresPage:
    """The failures of an episode of the actor's team. Raises `NotFound` outside. Whoever shows it audits the look."""
    episode = episodes.brief(session, actor, episode_id)
    facts, words = gather(session, episode_id)
    rows = session.scalars(
        select(FailureMark).where(FailureMark.episode_id == episode_id).order_by(FailureMark.on.desc())
    ).all()
    decided = {row.about for row in rows}
    noticed = suggest(facts, decided)
    suggested = tuple(Thing(each.about, words[each.about], each.on, each) for each in noticed)
    left = [(about_request(episode_id), facts.story.asked_on)]
    left += [(each.about, each.on) for each in reversed(facts.inbound)]
    known = decided | {each.about for each in noticed}
    return FailuresPage(
        episode=episode,
        suggested=suggested,
        marks=tuple(_view(row, words) for row in rows if row.confirmed),
        others=tuple(Thing(about, words[about], on) for about, on in left if about not in known),
    )


def mark(session: Session, actor: Actor, mark_id: UUID) -> MarkView:
    """One mark of the actor's team. Raises `NotFound` outside."""
    row = session.scalars(
        select(FailureMark)
        .join(Episode, Episode.id == FailureMark.episode_id)
        .where(FailureMark.id == mark_id, FailureMark.confirmed, of_team(actor))
    ).one_or_none()
    if row is None:
        raise NotFound
    _facts, words = gather(session, row.episode_id)
    return _view(row, words)


def marked_as(session: Session, about: str) -> UUID | None:
    """The mark of a thing that was caused by a failure, if it has one. The caller has checked that it may be seen."""
    marks = select(FailureMark.id).where(FailureMark.about == about, FailureMark.confirmed)
    return session.scalar(marks)


def gather(session: Session, episode_id: UUID) -> tuple[Facts, dict[str, str]]:
    """What is known of an episode, and each thing in it in words. The caller has checked that it may be seen."""
    contacts = session.scalars(
        select(ContactAttempt)
        .where(ContactAttempt.episode_id == episode_id)
        .order_by(ContactAttempt.at, ContactAttempt.id)
    ).all()
    # One that was a mistake can be named where it was marked, and tells nothing.
    counted = [each for each in contacts if each.mistake_at is None]
    stories = _stories(session, episode_id)
    story = next(each for each in stories if each.id == episode_id)
    sent, words, answers = _sent(session, episode_id)
    row = session.get_one(Episode, episode_id)
    inbound = [
        *(
            Inbound(each.id, london_day(each.at), each.minutes)
            for each in counted
            if each.direction is Direction.INBOUND
        ),
        *_written(session, row),
    ]
    words[about_request(episode_id)] = "They asked for support"
    words |= {each.about: "They wrote to us" for each in inbound if each.written}
    for each in contacts:
        who = "They" if each.direction is Direction.INBOUND else "We"
        words[about_contact(each.id)] = f"{who} got in touch: {CHANNEL_WORDS[each.channel]}"
    return (
        Facts(
            story=story,
            earlier=tuple(
                each for each in stories if each.id != episode_id and each.asked_on <= story.asked_on
            ),
            inbound=tuple(sorted(inbound, key=lambda each: each.on)),
            promises=promises(session, row, counted, answers),
            sent=sent,
        ),
        words,
    )


def caused_by_listing(session: Session, service_id: UUID) -> ListingCaused:
    """What an entry of the directory caused in the last year, in counts that name nobody."""
    since = clock.now() - LOOK_BACK
    declined = session.scalar(
        select(func.count())
        .select_from(Referral)
        .where(
            Referral.service_id == service_id,
            Referral.decline_reason == DeclineReason.LISTING_WRONG,
            Referral.requested_at >= since,
        )
    )
    marked = session.scalar(
        select(func.count())
        .select_from(FailureMark)
        .where(
            FailureMark.service_id == service_id,
            FailureMark.confirmed,
            FailureMark.cause == Cause.LISTING_WRONG,
            FailureMark.kind != Kind.BOUNCE,
            FailureMark.on >= london_day(since),
        )
    )
    return ListingCaused(declined or 0, marked or 0)


def _view(row: FailureMark, words: Mapping[str, str]) -> MarkView:
    return MarkView(
        id=row.id,
        about=row.about,
        what=words.get(row.about, "Something in this support"),
        on=row.on,
        kind=row.kind,
        cause=row.cause,
        words=row.words or "",
        minutes=row.minutes,
        episode_id=row.episode_id,
    )


def _stories(session: Session, episode_id: UUID) -> list[Story]:
    person_id = select(Episode.person_id).where(Episode.id == episode_id).scalar_subquery()
    rows = session.scalars(
        select(Episode)
        .options(joinedload(Episode.support_request))
        .where(
            Episode.person_id == person_id,
            # What was asked for is told even where it was a mistake.
            or_(Episode.state != EpisodeState.ENTERED_IN_ERROR, Episode.id == episode_id),
        )
    ).all()
    ids = [row.id for row in rows]
    told = _told(session, ids)
    needs: dict[UUID, set[str]] = defaultdict(set)
    for need in session.execute(select(Need.episode_id, Need.slug).where(Need.episode_id.in_(ids))):
        needs[need.episode_id].add(need.slug)
    mine = session.get_one(Episode, episode_id).support_request.partner_id
    stories = [
        Story(
            id=row.id,
            asked_on=london_day(row.submitted_at or row.created_at),
            told_on=told.get(row.id),
            closed_on=london_day(row.closed_at) if row.closed_at else None,
            needs=frozenset(needs[row.id]),
            word_owed=word_owed(session, row)
            if mine is not None and row.support_request.partner_id == mine
            else None,
        )
        for row in rows
    ]
    return sorted(stories, key=lambda each: (each.asked_on, str(each.id)))


def _told(session: Session, ids: Collection[UUID]) -> dict[UUID, date]:
    """The day on which somebody first told their story, by episode; none where only a mistake said that they had."""
    events: dict[UUID, list[EpisodeEvent]] = defaultdict(list)
    for event in session.scalars(
        select(EpisodeEvent)
        .where(EpisodeEvent.episode_id.in_(ids))
        .order_by(EpisodeEvent.at, EpisodeEvent.id)
    ):
        events[event.episode_id].append(event)
    began = {
        episode_id: [event.at for event in without_undone(found) if event.target is EpisodeState.ACTIVE]
        for episode_id, found in events.items()
    }
    return {episode_id: london_day(found[0]) for episode_id, found in began.items() if found}


def _sent(session: Session, episode_id: UUID) -> tuple[tuple[Sent, ...], dict[str, str], tuple[Promise, ...]]:
    """The referrals, what each is called, and the answers that groups had promised."""
    rows = session.scalars(
        select(Referral).where(Referral.episode_id == episode_id).order_by(Referral.requested_at, Referral.id)
    ).all()
    moves = session.execute(
        select(ReferralEvent.referral_id, ReferralEvent.at, ReferralEvent.target, ReferralEvent.source)
        .where(ReferralEvent.referral_id.in_([row.id for row in rows]))
        .order_by(ReferralEvent.at, ReferralEvent.id)
    ).all()
    answered: dict[UUID, date] = {}
    failed: dict[UUID, date] = {}
    for move in moves:
        if move.source is ReferralState.REQUESTED:
            answered.setdefault(move.referral_id, london_day(move.at))
        if move.target in {ReferralState.DECLINED, ReferralState.EXPIRED}:
            failed[move.referral_id] = london_day(move.at)
    names = published.briefs(session, {row.service_id for row in rows})
    gone = {ReferralState.DECLINED, ReferralState.EXPIRED}
    return (
        tuple(
            Sent(
                row.id,
                row.need_id,
                row.service_id,
                london_day(row.requested_at),
                failed.get(row.id) if row.state in gone else None,
                _CAUSES[row.decline_reason] if row.state in gone else None,
            )
            for row in rows
        ),
        {
            about_referral(row.id): f"Referred to {names[row.service_id].name}"
            if row.service_id in names
            else "Referred to an activity that is gone"
            for row in rows
        },
        (
            *(Promise(row.reply_by, answered.get(row.id)) for row in rows if row.reply_by is not None),
            # The day stands there only while a start is still to come.
            *(Promise(row.start_by, None) for row in rows if row.start_by is not None),
        ),
    )


def _written(session: Session, row: Episode) -> list[Inbound]:
    """What the person wrote to us while this support lasted, and after it until they asked again."""
    since = row.submitted_at or row.created_at
    return [
        Inbound(each.id, each.on, written=True)
        for each in heard.messages(session, row.person_id, since, _until(session, row, since))
    ]


def _until(session: Session, row: Episode, since: datetime) -> datetime | None:
    """When what the person writes is no longer about this support; None while it still is."""
    if row.closed_at is None:
        return None
    asked_again = select(func.min(Episode.submitted_at)).where(
        Episode.person_id == row.person_id,
        Episode.submitted_at > since,
        Episode.state != EpisodeState.ENTERED_IN_ERROR,
    )
    again = session.scalar(asked_again)
    return max(again, row.closed_at) if again is not None else None
