"""What a membership can point to. Each area says how its own things are found and named, since core knows none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from core.access.rules import PLACE_OF, Membership, Place

MOST_CHOICES = 50

Choice = tuple[UUID, str]
Chooser = Callable[[Session, str], Sequence[Choice]]
Namer = Callable[[Session, Collection[UUID]], Mapping[UUID, str]]


@dataclass(frozen=True)
class Kind:
    """How one kind of place is found and named.

    `choices(session, words)` gives at most `MOST_CHOICES` of (id, name), those whose name holds `words`;
    `names_of(session, ids)` gives the names of those that there are.
    """

    choices: Chooser
    names_of: Namer


_kinds: dict[Place, Kind] = {}


def register(
    place: Place,
    *,
    choices: Chooser,
    names_of: Namer,
) -> None:
    """Say how places of this kind are found and named."""
    _kinds[place] = Kind(choices, names_of)


def choices(session: Session, place: Place, words: str = "") -> list[Choice]:
    """Places of this kind to choose from; none where no area registered it."""
    kind = _kinds.get(place)
    return list(kind.choices(session, words))[:MOST_CHOICES] if kind else []


def names_of(session: Session, memberships: Iterable[Membership]) -> dict[Membership, str]:
    """The name of the place that each membership is held in, in one question for each kind; empty for a role that is
    held everywhere.

    A person is never named here: an administrator of accounts sees no one's record.
    """
    held = set(memberships)
    names: dict[UUID, str] = {}
    for place, kind in _kinds.items():
        ids = {one.place_id for one in held if PLACE_OF[one.role] is place and one.place_id}
        if ids:
            names.update(kind.names_of(session, ids))
    return {one: _name(one, names) for one in held}


def _name(membership: Membership, names: Mapping[UUID, str]) -> str:
    place = PLACE_OF[membership.role]
    if place is None or membership.place_id is None:
        return ""
    if place is Place.PERSON:
        return "their own record"
    return names.get(membership.place_id, "a place that is gone")
