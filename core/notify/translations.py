"""Messages in other languages: asked for by whoever sends one, answered by the area that keeps them."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from core.notify.tongue_rules import Tongue
from core.notify.wording_rules import Part

Lookup = Callable[[Session, Tongue, str, Part], str | None]

_known: list[Lookup] = []


def register(lookup: Lookup) -> None:
    """Ask `lookup(session, tongue, template, part)` from now on; once however often asked. It gives words with names in
    curly brackets, none where there are none in that language."""
    if lookup not in _known:
        _known.append(lookup)


def given(session: Session, tongue: Tongue, template: str, part: Part) -> str | None:
    """What a translator gave for this part of the template, if anything."""
    return next((words for ask in _known if (words := ask(session, tongue, template, part))), None)
