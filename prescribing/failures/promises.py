"""What was to be done by a day in one support, so that whoever asks after it later had to chase us."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.calendar.rules import add_working_days, london_day
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.closing import may_tell_referrer
from prescribing.episodes.contacts import REACHED, Direction, Outcome
from prescribing.episodes.models import Action, ActionOwner, ContactAttempt, Episode
from prescribing.episodes.rules import EpisodeState
from prescribing.failures.rules import Promise


def promises(
    session: Session, episode: Episode, contacts: Sequence[ContactAttempt], answers: Sequence[Promise]
) -> tuple[Promise, ...]:
    """What we and the groups were to do: to get in touch, `answers` from groups, talks, steps of the plan. Once it has
    ended none of that is owed any more, and a word to whoever sent them is."""
    reached_out = [london_day(each.at) for each in contacts if each.direction is Direction.OUTBOUND]
    asked_on = london_day(episode.submitted_at or episode.created_at)
    first_due = add_working_days(asked_on, clocks().triage + clocks().first_attempt)
    found = (
        Promise(first_due, min(reached_out, default=None)),
        *answers,
        *_talks(contacts),
        *_own_actions(session, episode),
    )
    if episode.closed_at is None:
        return found
    closed_on, word = london_day(episode.closed_at), word_owed(session, episode)
    ended = (Promise(each.due, min(each.done or closed_on, closed_on)) for each in found)
    return (*ended, *((word,) if word is not None else ()))


def word_owed(session: Session, episode: Episode) -> Promise | None:
    """The word to whoever sent them of what came of it; none while it is open, and where nobody may be told."""
    if episode.closed_at is None or episode.state is EpisodeState.ENTERED_IN_ERROR:
        return None
    sent_at = episode.feedback_sent_at
    if sent_at is None and not may_tell_referrer(session, episode):
        return None
    due = add_working_days(london_day(episode.closed_at), clocks().feedback)
    return Promise(due, london_day(sent_at) if sent_at else None)


def _talks(contacts: Sequence[ContactAttempt]) -> Iterator[Promise]:
    """Talks that were agreed for a day, and calls that they asked for: kept once we talked, or tried from that day."""
    for each in contacts:
        if each.booked_on is not None:
            due = each.booked_on
        elif each.outcome is Outcome.CALL_BACK:
            due = add_working_days(london_day(each.at), clocks().first_attempt)
        else:
            continue
        kept = (
            london_day(later.at)
            for later in contacts
            if later.at > each.at
            and (
                later.outcome in REACHED
                or (later.direction is Direction.OUTBOUND and london_day(later.at) >= due)
            )
        )
        yield Promise(due, next(kept, None))


def _own_actions(session: Session, episode: Episode) -> tuple[Promise, ...]:
    rows = session.execute(
        select(Action.due_on, Action.done_at).where(
            Action.episode_id == episode.id,
            Action.owner == ActionOwner.LINK_WORKER,
            Action.due_on.is_not(None),
        )
    )
    return tuple(Promise(row.due_on, london_day(row.done_at) if row.done_at else None) for row in rows)
