"""Ending an episode well: with a reason, and with word to whoever referred the person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.audit import services as audit
from core.errors import Invalid, Refused
from core.notify import services as notify
from prescribing.episodes import contributions, moves, queries
from prescribing.episodes.added import take_out, told_of
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.contacts import check_uncontactable
from prescribing.episodes.contributions import Hanging
from prescribing.episodes.feedback import Feedback, codes_for, to_text
from prescribing.episodes.goals import plan_of
from prescribing.episodes.histories import as_attempt
from prescribing.episodes.known import added_before
from prescribing.episodes.models import ContactAttempt, Episode, FeedbackToReferrer, Goal
from prescribing.episodes.moves import Mover
from prescribing.episodes.needs import NeedState
from prescribing.episodes.plan import close_need
from prescribing.episodes.queries import NeedView
from prescribing.episodes.rules import (
    EPISODE_CLOSED,
    EPISODE_WORDS,
    REASON_WORDS,
    CloseReason,
    EpisodeState,
    check_goals_met,
    stops_everything,
)
from prescribing.episodes.scope import episode_for_update, episodes_for_update, of_team
from prescribing.episodes.services import shift, write_event
from prescribing.people.consent import ConsentPurpose, consent_covers
from prescribing.people.models import Partner
from prescribing.people.queries import consent_facts
from prescribing.people.records import safe_contact_of
from prescribing.people.safe_contact import safe_channels
from prescribing.people.services import author_of


@dataclass(frozen=True)
class LastWord:
    """What the person says as support ends: needs that are met or no longer wanted, goals that are met, and what that
    is with somebody else is to be taken back. By id."""

    needs_met: Collection[UUID] = ()
    needs_dropped: Collection[UUID] = ()
    goals_met: Collection[UUID] = ()
    take_back: Collection[UUID] = ()


NOTHING_SAID = LastWord()


@dataclass(frozen=True)
class StillOpen:
    """What is open as support ends."""

    needs: tuple[NeedView, ...]
    goals: tuple[tuple[UUID, str], ...]
    goals_met: int
    hanging: tuple[Hanging, ...]


def still_open(session: Session, actor: Actor, episode_id: UUID) -> StillOpen:
    """What is open in an episode of the actor's team: needs, goals that are not met, and what goes on with others.
    Whoever shows it audits the look."""
    goals = plan_of(session, episode_id).goals
    return StillOpen(
        needs=tuple(need for need in queries.needs(session, actor, episode_id) if need.is_open),
        goals=tuple((goal.id, goal.words) for goal in goals if goal.met_at is None),
        goals_met=sum(1 for goal in goals if goal.met_at is not None),
        hanging=contributions.hanging(session, episode_id),
    )


def close(
    session: Session,
    actor: Actor,
    episode_id: UUID,
    target: EpisodeState,
    *,
    reason: CloseReason | None = None,
    words: str = "",
    said_by: Mover | None = None,
    last: LastWord = NOTHING_SAID,
    expected_version: int | None = None,
) -> Episode:
    """Close an episode: `target` is one of the closed states, `words` what to remember of it, `last` what the person
    says of what is open.

    A person counts as not reached only after enough safe tries, and goals as met only where one of them is. Raises
    `Refused`, `Invalid`, `Conflict`, `NotFound`.
    """
    if target not in EPISODE_CLOSED or target is EpisodeState.ENTERED_IN_ERROR:
        raise Invalid("Choose how this ends.", "target")
    episode = episode_for_update(
        session, actor, episode_id, expected_version, whole_person=stops_everything(target, reason)
    )
    if target is EpisodeState.UNCONTACTABLE:
        _check_tries(session, episode)
    if target is EpisodeState.PERSON_DECLINED and said_by is None:
        said_by = Mover.PERSON
    _take_last_word(session, actor, episode, last)
    goals = plan_of(session, episode.id).goals
    check_goals_met(reason, len(goals), sum(1 for goal in goals if goal.met_at is not None))
    shift(session, actor, episode, target, reason=reason, said_by=said_by)
    if words.strip():
        episode.summary = words.strip()
    session.flush()
    return episode


def enter_in_error(
    session: Session, actor: Actor, episode_id: UUID, reason: str, *, expected_version: int | None = None
) -> int:
    """Mark an episode as a mistake: the coordinator agrees with whoever entered it, who is somebody else.

    Whoever sent what was added to it made no mistake: that waits for its own decision again. Gives how many there are.
    Raises as `close`.
    """
    # What was added to it comes out of it again: held with it, in the order of all.
    episodes_for_update(
        session, of_team(actor), or_(Episode.id == episode_id, Episode.joined_to_id == episode_id)
    )
    episode = episode_for_update(session, actor, episode_id, expected_version)
    made_by = episode.events[0].author
    event = moves.enter_in_error(
        episode.state,
        made_by=made_by,
        author=made_by,
        agreed_by=author_of(actor),
        agreed_by_coordinator=episode.team_id in actor.team_ids(Role.COORDINATOR),
        at=clock.now(),
        reason=reason,
    )
    episode.closed_at = event.at
    write_event(session, actor, episode, event)
    requests = added_before(session, episode)
    for request in requests:
        take_out(session, actor, request.id)
    contributions.end_early(session, actor, episode.id)
    return len(requests)


def _take_last_word(session: Session, actor: Actor, episode: Episode, last: LastWord) -> None:
    if set(last.needs_met) & set(last.needs_dropped):
        raise Invalid("A need is either met or no longer wanted. Tick it once.", "needs_dropped")
    for ids, target in ((last.needs_met, NeedState.MET), (last.needs_dropped, NeedState.DROPPED)):
        for need_id in ids:
            close_need(session, actor, need_id, target)
    for goal in plan_of(session, episode.id).goals:
        if goal.id in last.goals_met and goal.met_at is None:
            session.get_one(Goal, goal.id).met_at = clock.now()
            session.flush()
            audit.record(session, actor, "goal.change", "goal", goal.id)
    if last.take_back:
        contributions.take_back(session, actor, episode.id, last.take_back)


def draft_feedback(session: Session, episode: Episode) -> Feedback:
    """What the referrer would be told, as far as the records say it."""
    known = contributions.gather(session, [episode.id])[episode.id]
    goals = session.scalars(select(Goal).where(Goal.episode_id == episode.id).order_by(Goal.id)).all()
    states = tuple(event.target for event in moves.standing(episode.events))
    met = sum(1 for goal in goals if goal.met_at is not None)
    lines = [*known.feedback_lines]
    if goals:
        lines.append(f"Their own goals: {met} of {len(goals)} met.")
    outcome = EPISODE_WORDS[episode.state]
    if episode.close_reason is not None and REASON_WORDS[episode.close_reason] != outcome:
        outcome = f"{outcome}: {REASON_WORDS[episode.close_reason]}"
    return Feedback(
        outcome=outcome,
        done=tuple(lines),
        did_not_work=known.did_not_work,
        scores=known.scores,
        codes=codes_for(states),
    )


def feedback_for(session: Session, actor: Actor, episode_id: UUID) -> Feedback:
    """As `draft_feedback`, for an episode of the actor's team. Raises `NotFound` outside."""
    return draft_feedback(session, episode_for_update(session, actor, episode_id))


def may_tell_referrer(session: Session, episode: Episode) -> bool:
    """Whether there is a referring body, and the person agreed that it hears what came of it."""
    return bool(_who_hears(session, episode))


def _who_hears(session: Session, episode: Episode) -> list[Episode]:
    """The support and what was added to it, so far as a referring body sent it and may hear what came of it."""
    facts = consent_facts(session, episode.person_id)
    return [
        each
        for each in (told_of(session, episode) if episode.person.died_at is None else ())
        if (partner_id := each.support_request.partner_id) is not None
        and consent_covers(facts, partner_id, ConsentPurpose.FEEDBACK_TO_REFERRER, clock.now())
    ]


def send_feedback(session: Session, actor: Actor, episode_id: UUID, words: str = "") -> FeedbackToReferrer:
    """Tell the referrer what was done. They read it behind their own door; the email holds a link and no more.

    Raises `Refused` before the episode has closed, a second time, or without the person's consent.
    """
    episode = episode_for_update(session, actor, episode_id)
    if episode.state not in EPISODE_CLOSED:
        raise Refused("Close this first. Then tell whoever referred them what was done.")
    if episode.feedback_sent_at is not None:
        raise Refused("Whoever referred them was told already.")
    hear = _who_hears(session, episode)
    if not hear:
        raise Refused("They did not agree that whoever referred them hears about it.")
    drafted = draft_feedback(session, episode)
    content = Feedback(
        outcome=drafted.outcome,
        done=drafted.done,
        did_not_work=drafted.did_not_work,
        scores=drafted.scores,
        words=words.strip(),
        codes=drafted.codes,
    )
    sent = [
        FeedbackToReferrer(
            episode_id=each.id,
            partner_id=each.support_request.partner_id,
            made_at=clock.now(),
            author_id=actor.account_id,
            content=to_text(content),
        )
        for each in hear
    ]
    session.add_all(sent)
    for each in {episode, *hear}:
        each.feedback_sent_at = sent[0].made_at
    session.flush()
    audit.record(session, actor, "feedback.send", "episode", episode.id)
    for each in hear:
        _tell(session, each)
    return sent[0]


def _tell(session: Session, episode: Episode) -> None:
    partner = session.get(Partner, episode.support_request.partner_id)
    if partner is not None and partner.email:
        notify.send_email(
            session,
            to=partner.email,
            template="request-feedback",
            context={"path": f"/requests/{episode.support_request_id}"},
            about_id=episode.id,
        )


def _check_tries(session: Session, episode: Episode) -> None:
    rows = session.scalars(
        select(ContactAttempt).where(
            ContactAttempt.episode_id == episode.id, ContactAttempt.mistake_at.is_(None)
        )
    ).all()
    limits = clocks()
    check_uncontactable(
        [as_attempt(row) for row in rows],
        limits.attempts,
        limits.attempt_channels,
        safe_channels(safe_contact_of(episode.person)),
    )
