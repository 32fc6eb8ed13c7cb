"""Moving a referral along its states. Every move checks the table, leaves an event, an audit entry and its
consequences: links that close, messages that must not arrive, the need that opens again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Actor, Role
from core.audit import services as audit
from core.calendar.rules import london_day
from core.db import UtcDateTime, hold, one_of
from core.errors import Refused
from core.events import publish
from core.notify.services import cancel_about
from directory import published
from prescribing.episodes import moves
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.contributions import Hanging
from prescribing.episodes.models import Episode, Need
from prescribing.episodes.moves import Event, Mover
from prescribing.episodes.needs import NeedState
from prescribing.episodes.plan import reconsider_need
from prescribing.episodes.rules import IN_TOUCH
from prescribing.people.services import author_of
from prescribing.referrals import rules
from prescribing.referrals.clocks import AnswerClock, answer_clock, asked_since, start_by
from prescribing.referrals.events import CapacityChanged, ListingWasWrong, ReferralStarted
from prescribing.referrals.links import revoke
from prescribing.referrals.models import AnswerLink, Referral, ReferralEvent
from prescribing.referrals.rules import (
    AGREED,
    AWAITING_START,
    REFERRAL_CLOSED,
    REFERRAL_OPEN,
    REFERRAL_WORDS,
    DeclineReason,
    ReferralState,
    need_after,
)
from prescribing.referrals.scope import (
    as_referral_event,
    holds_of,
    movers_towards,
    referral_for_update,
    referrals_for_update,
)
from prescribing.referrals.telling import hush

# For how long what a group or a clock did is news.
NEWS_FOR = timedelta(days=14)
# After these the need is open again: what helps is to look for something else.
CAME_TO_NOTHING = frozenset(
    {ReferralState.DECLINED, ReferralState.EXPIRED, ReferralState.NEVER_STARTED, ReferralState.STOPPED}
)
_NOT_STARTED = REFERRAL_OPEN - {ReferralState.STARTED}


def shift(
    session: Session,
    actor: Actor,
    referral: Referral,
    target: ReferralState,
    *,
    reason: DeclineReason | None = None,
    note: str | None = None,
    said_by: Mover | None = None,
    attended: int = 0,
) -> None:
    """Move a referral that the caller holds. Raises `Refused` or `Invalid`.

    `reason` goes with a no, `note` says more in words; `said_by` names whose word the actor writes down.
    """
    event = rules.move_referral(
        referral.state,
        target,
        movers=movers_towards(session, actor, referral, referral.episode),
        author=author_of(actor),
        at=clock.now(),
        reason=reason,
        note=note,
        said_by=said_by,
        attended=attended,
        service_says=referral.sustained_after,
    )
    if reason is not None:
        referral.decline_reason = reason
    write_event(session, actor, referral, event, note=note if reason is not None else None)
    follow(session, actor, referral, event, note or "")


def write_event(
    session: Session, actor: Actor, referral: Referral, event: Event, *, note: str | None = None
) -> None:
    """Keep the event, change the state that it leads to, and audit it. `note` goes beside a coded reason."""
    referral.state = ReferralState(event.target)
    session.add(referral)
    session.flush()
    why = f"{event.reason}: {note}" if event.reason and note else event.reason
    session.add(
        ReferralEvent(
            referral_id=referral.id,
            at=event.at,
            author=event.author,
            author_name=actor.name[:120],
            kind=event.kind,
            source=ReferralState(event.source) if event.source else None,
            target=ReferralState(event.target),
            said_by=event.said_by,
            reason=str(why) if why else None,
        )
    )
    session.flush()
    session.expire(referral, ["events"])
    audit.record(
        session,
        actor,
        f"referral.{event.target}",
        "referral",
        referral.id,
        source=event.source,
        said_by=event.said_by,
    )


def follow(session: Session, actor: Actor, referral: Referral, event: Event, note: str = "") -> None:
    """What a move brings with it, in the same transaction."""
    state = referral.state
    if state is not ReferralState.REQUESTED:
        referral.reply_by = None
        cancel_about(session, referral.id)
    if state in AWAITING_START:
        set_start_by(session, referral)
    else:
        referral.start_by = None
    if state in REFERRAL_CLOSED:
        referral.closed_at = event.at
        revoke_links(session, referral.id)
        hush(session, referral)
    if state is ReferralState.STARTED:
        publish(session, ReferralStarted(referral.service_id, referral.organization_id))
    if referral.decline_reason is DeclineReason.LISTING_WRONG and state is ReferralState.DECLINED:
        publish(session, ListingWasWrong(referral.service_id, referral.organization_id, note))
    session.flush()
    _say_capacity(session, referral, event)
    reopen_need(session, actor, referral.need_id)


def set_start_by(session: Session, referral: Referral) -> None:
    """The day by which somebody who was accepted should have come: counted from the day agreed for the first visit,
    or the next real session after the yes, or the yes itself where nobody knows a timetable. None while the case is on
    hold."""
    first = referral.scheduled_for
    if first is None:
        agreed = [london_day(event.at) for event in referral.events if event.target is ReferralState.ACCEPTED]
        since = agreed[-1] if agreed else clock.today()
        coming = published.next_session_after(session, referral.service_id, since)
        first = london_day(coming.start) if coming is not None else since
    referral.start_by = start_by(first, holds_of(referral.episode), clocks())


def answer_clock_of(referral: Referral) -> AnswerClock:
    """When the group's answer is due: counted from the day on which it was asked, or on which the referral was opened
    again after no answer had come."""
    events = [as_referral_event(row) for row in referral.events]
    since = asked_since(london_day(referral.requested_at), events)
    return answer_clock(since, holds_of(referral.episode), clocks())


def reopen_need(session: Session, actor: Actor, need_id: UUID) -> None:
    """Let the need stand where its referrals put it: open again by itself once none of them still helps."""
    states = session.scalars(select(Referral.state).where(Referral.need_id == need_id)).all()
    need = session.get_one(Need, need_id)
    helping = need_after(need.state, states) is NeedState.BEING_ADDRESSED
    reconsider_need(session, need_id, being_addressed=helping, actor=actor)


def revoke_links(session: Session, referral_id: UUID) -> None:
    """No link that was sent for this referral opens anything any more."""
    revoke(session, AnswerLink, AnswerLink.referral_id == referral_id)


def hold_places(session: Session, service_id: UUID) -> None:
    """Let nobody else take a place there until this transaction ends, so that two at once do not take the last one.
    Called before anything is written, after the rows of the referral are held."""
    hold(session, f"places {min(published.known_ids(session, service_id))}")


def places_taken(session: Session, service_id: UUID) -> int:
    """How many people who were referred hold a place there now."""
    there = Referral.service_id.in_(published.known_ids(session, service_id))
    return session.scalar(select(func.count()).where(there, Referral.state.in_(AGREED))) or 0


def withdraw(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    *,
    note: str = "",
    by_person: bool = True,
    expected_version: int | None = None,
) -> Referral:
    """Take a referral back: by the person's word, or the link worker's own."""
    referral = referral_for_update(session, actor, referral_id, expected_version)
    shift(
        session,
        actor,
        referral,
        ReferralState.WITHDRAWN,
        note=note.strip() or None,
        said_by=Mover.PERSON if by_person else None,
    )
    return referral


def take_back(session: Session, actor: Actor, referral: Referral, note: str) -> None:
    """Take back a referral that the caller holds by the person's word, which is the actor's own or written down."""
    own = Mover.PERSON in movers_towards(session, actor, referral, referral.episode)
    said_by = None if own else Mover.PERSON
    shift(session, actor, referral, ReferralState.WITHDRAWN, note=note, said_by=said_by)


def undo_close(
    session: Session, actor: Actor, referral_id: UUID, *, expected_version: int | None = None
) -> Referral:
    """Open again what was closed by mistake, within five days, by whoever closed it or a coordinator. Links that
    closed with it stay closed."""
    referral = referral_for_update(session, actor, referral_id, expected_version)
    if referral.person.died_at is not None:
        raise Refused("There is no closing to undo.")
    event = moves.undo_close(
        as_referral_event(referral.events[-1]),
        author=author_of(actor),
        coordinator=referral.episode.team_id in actor.team_ids(Role.COORDINATOR),
        at=clock.now(),
        closed=REFERRAL_CLOSED,
        days=clocks().undo_close_days,
    )
    referral.closed_at, referral.decline_reason = None, None
    write_event(session, actor, referral, event)
    follow(session, actor, referral, event)
    if referral.state is ReferralState.REQUESTED:
        # The group is given its days again, with its reminders: else it would run out again at once.
        referral.asked_on, referral.nudges_sent = None, 0
        referral.reply_by = answer_clock_of(referral).answer_by
        session.flush()
    return referral


def enter_in_error(
    session: Session, actor: Actor, referral_id: UUID, reason: str, *, expected_version: int | None = None
) -> Referral:
    """Mark a referral as a mistake: the coordinator agrees with whoever made it, who is somebody else."""
    referral = referral_for_update(session, actor, referral_id, expected_version)
    made_by = referral.events[0].author
    event = moves.enter_in_error(
        referral.state,
        made_by=made_by,
        author=made_by,
        agreed_by=author_of(actor),
        agreed_by_coordinator=referral.episode.team_id in actor.team_ids(Role.COORDINATOR),
        at=clock.now(),
        reason=reason,
    )
    write_event(session, actor, referral, event)
    follow(session, actor, referral, event)
    return referral


def stop_for(session: Session, person_id: UUID, _episode_ids: object) -> None:
    """When somebody has died: no message leaves, no link opens, nothing is asked of anybody any more."""
    for referral in referrals_for_update(session, Referral.person_id == person_id):
        cancel_about(session, referral.id)
        revoke_links(session, referral.id)
        hush(session, referral)
        if referral.state in REFERRAL_CLOSED:
            continue
        event = rules.move_referral(
            referral.state,
            ReferralState.WITHDRAWN,
            movers={Mover.LINK_WORKER},
            author="system",
            at=clock.now(),
        )
        write_event(session, SYSTEM, referral, event)
        referral.closed_at, referral.reply_by, referral.start_by = event.at, None, None
        session.flush()
        _say_capacity(session, referral, event)


def end_for(session: Session, actor: Actor, episode_id: UUID) -> None:
    """When support ends early, no group goes on waiting for somebody who will not come. Whoever goes somewhere already
    goes on."""
    waiting = Referral.state.in_(_NOT_STARTED)
    for referral in referrals_for_update(session, Referral.episode_id == episode_id, waiting):
        shift(session, actor, referral, ReferralState.WITHDRAWN, note="The support ended.")


def hanging_for(session: Session, episode_id: UUID) -> tuple[Hanging, ...]:
    """The referrals of an episode that have not started."""
    rows = session.scalars(
        select(Referral)
        .where(Referral.episode_id == episode_id, Referral.state.in_(_NOT_STARTED))
        .order_by(Referral.id)
    ).all()
    names = published.briefs(session, {row.service_id for row in rows}) if rows else {}
    return tuple(
        Hanging(row.id, f"{names[row.service_id].name}: {REFERRAL_WORDS[row.state]}")
        for row in rows
        if row.service_id in names
    )


def take_back_some(session: Session, actor: Actor, episode_id: UUID, ids: Collection[UUID]) -> None:
    """Take back those referrals of an episode, by the person's word. What is not of it, or not open, is left alone."""
    chosen = (Referral.id.in_(ids), Referral.state.in_(_NOT_STARTED))
    for referral in referrals_for_update(session, Referral.episode_id == episode_id, *chosen):
        take_back(session, actor, referral, "The support is finished.")


def goes_on() -> ColumnElement[bool]:
    """Whether a referral of an episode has not started yet, or came to nothing since the episode ended.

    For statements that are made once and kept: how long ago that may be goes by when they are sent."""
    lately = bindparam("lately", callable_=lambda: clock.now() - NEWS_FOR, type_=UtcDateTime(), unique=True)
    late = and_(
        Referral.closed_at >= Episode.closed_at,
        Referral.closed_at >= lately,
        one_of(Referral.state, CAME_TO_NOTHING),
    )
    return exists().where(Referral.episode_id == Episode.id, or_(one_of(Referral.state, _NOT_STARTED), late))


def check_open_episode(episode: Episode) -> None:
    """Raise `Refused` unless somebody is in touch with the person: only then can they have agreed to anything."""
    if episode.state not in IN_TOUCH:
        raise Refused("Talk to them first, and write that down. Then you can refer them.")


def _say_capacity(session: Session, referral: Referral, event: Event) -> None:
    """Say whether there is room, where a move tells: a place was taken or came free, or the group itself says no or
    "later" for want of one. A yes tells nothing where places are not counted."""
    before = event.source is not None and ReferralState(event.source) in AGREED
    now = referral.state in AGREED
    no_room = referral.state is ReferralState.WAITLISTED or (
        referral.decline_reason is DeclineReason.NO_CAPACITY and referral.state in REFERRAL_CLOSED
    )
    if before == now and not no_room:
        return
    capacity = published.briefs(session, [referral.service_id])[referral.service_id].capacity
    if now and capacity is None:
        return
    full = no_room or (capacity is not None and places_taken(session, referral.service_id) >= capacity)
    publish(session, CapacityChanged(referral.service_id, referral.organization_id, full))
