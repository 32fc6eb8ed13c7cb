"""Slowing down guessing. Tries are counted in the database, so that every process knows of them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core import clock
from core.accounts import rules
from core.accounts.models import Attempt
from core.accounts.rules import Guess
from core.db import blind_index, hold
from core.errors import Throttled


def count(session: Session, guess: Guess, what: str) -> UUID:
    """Count one try of `what` (an account's email address or id, or a network address) and let it go ahead.

    It counts as wrong until `forgive` takes it back. Gives its id. Raises `Throttled` when it comes too soon.
    """
    bucket = blind_index(f"attempt-{guess.value}", what)
    if rules.LIMITS[guess].exact:
        hold(session, bucket)
    now = clock.now()
    tries, last = session.execute(
        select(func.count(), func.max(Attempt.at)).where(
            Attempt.bucket == bucket, Attempt.at > now - rules.LIMITS[guess].window
        )
    ).one()
    wait = rules.wait_before(guess, tries, last, now)
    if wait:
        raise Throttled(
            f"There were too many tries. Wait {rules.say_wait(wait)}, then try again.",
            retry_after=max(1, int(wait.total_seconds())),
        )
    attempt = Attempt(bucket=bucket, at=now)
    session.add(attempt)
    session.flush()
    return attempt.id


def forgive(session: Session, attempt_id: UUID) -> None:
    """Take one try back: it was right."""
    session.execute(delete(Attempt).where(Attempt.id == attempt_id))


def forgive_all(session: Session, guess: Guess, what: str) -> None:
    """Take back every try of `what`: whoever it belongs to has proved who they are."""
    session.execute(delete(Attempt).where(Attempt.bucket == blind_index(f"attempt-{guess.value}", what)))


def forget_old(session: Session) -> None:
    """Drop tries that no limit looks back to."""
    longest = max(limit.window for limit in rules.LIMITS.values())
    session.execute(delete(Attempt).where(Attempt.at < clock.now() - longest))
