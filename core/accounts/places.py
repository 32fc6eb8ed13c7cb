"""What a membership can point to. Each area says how its own things are found and named, since core knows none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import PLACE_OF, Membership, Place

MOST_CHOICES = 50

Choice = tuple[UUID, str]
Chooser = Callable[[Session, str], Sequence[Choice]]
Namer = Callable[[Session, UUID], str | None]


@dataclass(frozen=True)
class Kind:
    """How one kind of place is found and named.

    `choices(session, words)` gives at most `MOST_CHOICES` of (id, name), those whose name holds `words`;
    `name_of(session, id)` gives a name, or none where there is no such place.
    """

    choices: Chooser
    name_of: Namer


_kinds: dict[Place, Kind] = {}


def register(
    place: Place,
    *,
    choices: Chooser,
    name_of: Namer,
) -> None:
    """Say how places of this kind are found and named."""
    _kinds[place] = Kind(choices, name_of)


def choices(session: Session, place: Place, words: str = "") -> list[Choice]:
    """Places of this kind to choose from; none where no area registered it."""
    kind = _kinds.get(place)
    return list(kind.choices(session, words))[:MOST_CHOICES] if kind else []


def name_of(session: Session, membership: Membership) -> str:
    """The name of the place that a membership is held in; empty for a role held everywhere.

    A person is never named here: an administrator of accounts sees no one's record.
    """
    place = PLACE_OF[membership.role]
    if place is None or membership.place_id is None:
        return ""
    if place is Place.PERSON:
        return "their own record"
    kind = _kinds.get(place)
    return (kind.name_of(session, membership.place_id) if kind else None) or "a place that is gone"
