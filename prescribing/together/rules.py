"""Whom a long list of people shows: who is ticked already, then a page of those who are looked for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from core.paging import within
from prescribing.people.rules import is_called

# How many are shown at once, beside those who are ticked.
A_PAGE = 20


@dataclass(frozen=True)
class Names:
    """By what somebody may be looked for: all their names in one text, and their references."""

    names: str
    references: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """Who is shown, by episode: those kept first, then one page of the others. `found` counts all of the others that
    are meant."""

    ids: tuple[UUID, ...]
    found: int
    page: int
    pages: int


# What only looks for people, and is not part of what is written down.
_LOOKING = frozenset({"then", "words", "page"})


def apart(
    answers: Iterable[tuple[str, str]], boxes: Mapping[str, UUID], people: Collection[UUID]
) -> dict[UUID | None, list[tuple[str, str]]]:
    """What was typed, by whom it is about: who is ticked, and what is noted in their box of `boxes` (its name, whose
    it is). What is about nobody alone stands under None; what is about somebody not of `people` is left out."""
    parts: dict[UUID | None, list[tuple[str, str]]] = {None: []}
    ticks = {str(one): one for one in people}
    for name, text in answers:
        whose = ticks.get(text) if name == "people" else boxes.get(name)
        if whose is not None:
            parts.setdefault(whose, []).append((name, text))
        elif name != "people" and name not in _LOOKING and not name.startswith("note_"):
            parts[None].append((name, text))
    return parts


def shown(people: Mapping[UUID, Names], kept: Collection[UUID], words: str, page: int) -> Shown:
    """Who is shown of `people`, in their order. `kept` stay whatever is looked for, so that no tick is lost; no words
    mean everybody; a page past the last one is the last."""
    meant = [
        one
        for one, each in people.items()
        if one not in kept and (not words.strip() or is_called(words, each.names, each.references))
    ]
    page, pages = within(page, len(meant), A_PAGE)
    first = [one for one in people if one in kept]
    return Shown((*first, *meant[(page - 1) * A_PAGE : page * A_PAGE]), len(meant), page, pages)
