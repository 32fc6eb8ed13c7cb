"""A kept list: the activities that an address names, and how it is said to somebody else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

MOST_KEPT = 30
EMAIL, TEXT = "email", "text"


def read_ids(text: str) -> tuple[UUID, ...]:
    """The ids in "a,b,c", each once, in order, at most as many as a list holds; what is no id is left out."""
    found: dict[UUID, None] = {}
    for part in text[: MOST_KEPT * 60].split(","):
        try:
            found[UUID(part.strip())] = None
        except ValueError:
            continue
    return tuple(found)[:MOST_KEPT]


def write_ids(ids: Iterable[UUID]) -> str:
    """Ids as an address carries them."""
    return ",".join(str(one) for one in ids)


def without(ids: Sequence[UUID], gone: UUID) -> str:
    """The list as an address carries it, less one."""
    return write_ids(one for one in ids if one != gone)
