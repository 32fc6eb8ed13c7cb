"""Marking what was caused by a failure. A person decides, whatever the system noticed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.audit import services as audit
from core.calendar.rules import london_day
from core.errors import Invalid, NotFound, Refused
from prescribing.episodes.causes import Cause, Failing
from prescribing.episodes.models import ContactAttempt
from prescribing.episodes.scope import episode_for_update, row_for_update
from prescribing.failures import queries
from prescribing.failures.models import FailureMark
from prescribing.failures.rules import Kind, suggest


@dataclass(frozen=True)
class Told:
    """What is known of it: how it shows, why, in the person's own words, and how many minutes it cost."""

    kind: Kind
    cause: Cause | None = None
    words: str = ""
    minutes: int | None = None


def decide(
    session: Session,
    actor: Actor,
    episode_id: UUID,
    about: str,
    *,
    confirmed: bool,
    failing: Failing | None = None,
) -> FailureMark:
    """Mark one thing of an episode as caused by a failure, or (not `confirmed`) as not so; what was decided stands.

    What the system noticed about it is taken along; what is said of it (`failing`) goes before that. Where it is marked
    already, what is said fills in what the mark does not say yet. Raises `NotFound` outside the actor's teams and for
    anything that is not in the episode, `Refused` where the mark says something else.
    """
    episode_for_update(session, actor, episode_id)
    of_it = select(FailureMark).where(FailureMark.about == about, FailureMark.episode_id == episode_id)
    earlier = session.scalar(of_it)
    if earlier is not None and earlier.confirmed:
        if failing is not None:
            _add_to(session, actor, earlier, failing)
        return earlier
    facts, words = queries.gather(session, episode_id)
    if about not in words:
        raise NotFound
    noticed = next((each for each in suggest(facts) if each.about == about), None)
    contact = session.get(ContactAttempt, UUID(about[-36:])) if about.startswith("contact:") else None
    row = earlier or FailureMark(episode_id=episode_id, about=about)
    row.kind = noticed.kind if noticed is not None else Kind.OTHER
    row.cause = failing.cause if failing else noticed.cause if noticed is not None else None
    row.words = (failing.words.strip() or None) if failing else row.words
    row.confirmed, row.suggested = confirmed, noticed is not None
    row.minutes = contact.minutes if contact is not None else None
    row.service_id = noticed.service_id if noticed is not None else None
    heard_on = {each.about: each.on for each in facts.inbound}.get(about, facts.story.asked_on)
    happened_on = london_day(contact.at) if contact is not None else heard_on
    row.on = noticed.on if noticed is not None else happened_on
    row.at, row.author_id = clock.now(), _account(actor)
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor,
        "failure.mark" if confirmed else "failure.dismiss",
        "episode",
        episode_id,
        kind=row.kind,
    )
    return row


def _add_to(session: Session, actor: Actor, row: FailureMark, failing: Failing) -> None:
    words = failing.words.strip() or row.words
    noticed = row.cause is not None and row.words is None and _only_noticed(session, row)
    if not (noticed or row.cause in {None, failing.cause}) or row.words not in {None, words}:
        raise Refused(
            "This is marked already, and something else is written down about it. Mend what is below, then save it."
        )
    if (row.cause, row.words) != (failing.cause, words):
        row.cause, row.words = failing.cause, words
        session.flush()
        audit.record(session, actor, "failure.change", "episode", row.episode_id, kind=row.kind)


def _only_noticed(session: Session, row: FailureMark) -> bool:
    """Whether the cause is what the system noticed, and nobody has put it into words of their own."""
    if not row.suggested:
        return False
    facts, _words = queries.gather(session, row.episode_id)
    return any((each.about, each.cause) == (row.about, row.cause) for each in suggest(facts))


def say_more(session: Session, actor: Actor, mark_id: UUID, told: Told) -> FailureMark:
    """Add why, in the person's words, and what it cost. Raises `NotFound` outside, `Invalid` naming the field."""
    row = _held(session, actor, mark_id)
    if told.minutes is not None and not 0 <= told.minutes <= 600:
        raise Invalid("Enter how many minutes it took, from 0 to 600.", "minutes")
    row.kind, row.cause, row.words, row.minutes = (
        told.kind,
        told.cause,
        told.words.strip() or None,
        told.minutes,
    )
    session.flush()
    audit.record(session, actor, "failure.change", "episode", row.episode_id, kind=row.kind)
    return row


def take_back(session: Session, actor: Actor, mark_id: UUID) -> UUID:
    """Say that it was not caused by a failure after all; gives the episode. Raises `NotFound` outside."""
    row = _held(session, actor, mark_id)
    row.confirmed, row.words, row.minutes = False, None, None
    session.flush()
    audit.record(session, actor, "failure.dismiss", "episode", row.episode_id, kind=row.kind)
    return row.episode_id


def _held(session: Session, actor: Actor, mark_id: UUID) -> FailureMark:
    row, _episode = row_for_update(session, actor, FailureMark, mark_id)
    if not row.confirmed:
        raise NotFound
    return row


def _account(actor: Actor) -> UUID:
    if actor.account_id is None:
        raise NotFound
    return actor.account_id
