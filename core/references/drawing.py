"""New references that nobody has yet: drawn by lot, a few in a hundred thousand would be alike."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.db import hold
from core.references.rules import new_reference


def free_reference(
    session: Session,
    taken: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    *,
    wanted: str | None = None,
) -> str:
    """A reference that no row of `taken` has, such as `Person.reference`, looked up in the caller's transaction:
    the one that is `wanted`, if it is free.

    It is held until that transaction ends: whoever draws the same one meanwhile waits, sees it taken, and draws again.
    """
    while True:
        reference, wanted = wanted or new_reference(), None
        hold(session, f"{taken} {reference}")
        if session.scalar(select(taken).where(taken == reference)) is None:
            return reference
