"""What a person said to us that no contact tells of: features above this one register how to read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Message:
    """Something that the person, or whoever acts for them, wrote to us on a day in London."""

    id: UUID
    on: date


# Messages of a person from a moment on, until another where there is one; both aware. The oldest first.
Reader = Callable[[Session, UUID, datetime, datetime | None], Sequence[Message]]
_readers: list[Reader] = []


def register(reader: Reader) -> None:
    """Read messages by this, too; saying it twice changes nothing."""
    if reader not in _readers:
        _readers.append(reader)


def messages(session: Session, person_id: UUID, since: datetime, until: datetime | None) -> list[Message]:
    """What somebody wrote to us in that time. The caller has checked that it may be seen."""
    return [each for read in _readers for each in read(session, person_id, since, until)]
