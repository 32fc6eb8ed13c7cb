"""Whether there is room for people who are referred, as the group last said. Pure."""

from __future__ import annotations

from datetime import date, timedelta

# What a group said of its room is not believed for ever.
BELIEVED_FOR = timedelta(days=56)


def full_since(full: bool | None, said_on: date | None, today: date) -> date | None:
    """The day on which a group said that it is full, while that may still be so; None where there is room, nobody said,
    or it is too long ago."""
    if not full or said_on is None or today - said_on > BELIEVED_FOR:
        return None
    return said_on
