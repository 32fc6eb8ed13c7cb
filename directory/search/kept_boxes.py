"""The boxes of the facets: their markup is the same with every search, but for how many answers each would give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from markupsafe import Markup

from directory.search.queries import Choice, Narrowing

# So many are kept: each value of each facet, chosen and not; languages and needs are a few dozen.
MOST = 2_000

# No number of answers looks like it.
_HOLE = 987_654_321_123_456_789

Box = Callable[[str, Choice], str]


class KeptBoxes:
    """One application's boxes: what stands before the number, and what after it."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str, str, bool], tuple[str, str]] = {}

    def __call__(self, box: Box, narrowing: Narrowing) -> Markup:
        """The box of each choice, as the macro `box` makes it of the facet's name and the choice."""
        name = narrowing.facet.name
        parts: list[str] = []
        for choice in narrowing.choices:
            key = (name, choice.value, choice.label, choice.chosen)
            around = self.held.get(key)
            if around is None:
                around = self._keep(key, box(name, replace(choice, count=_HOLE)))
            parts += (around[0], str(choice.count), around[1])
        return Markup("".join(parts))  # noqa: S704 - the macro's own markup, and numbers

    def _keep(self, key: tuple[str, str, str, bool], markup: str) -> tuple[str, str]:
        before, _, after = str(markup).partition(str(_HOLE))
        if len(self.held) >= MOST:
            self.held.clear()
        self.held[key] = (before, after)
        return before, after
