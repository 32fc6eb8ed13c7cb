"""Markup of the NHS macros, kept for the next page: the same parameters give the same, and take long over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup, escape

# How many different ones are kept; a page shows a few dozen.
MOST = 2_000

# Stands where what was typed goes. A private-use letter: no label holds it.
_HOLE = "\ue000"

Macro = Callable[[Mapping[str, Any]], str]


class KeptMarkup:
    """One application's markup. What people typed is never kept: the markup has a hole where it stands."""

    def __init__(self) -> None:
        self.held: dict[tuple[object, str], str] = {}

    def __call__(self, macro: Macro, params: Mapping[str, Any]) -> Markup:
        """What `macro` gives for `params`. A message about a mistake, which may quote what was typed, is made anew."""
        value = params.get("value")
        if params.get("errorMessage") or isinstance(value, Markup):
            return Markup(macro(params))  # noqa: S704
        typed = str(value) if value else ""
        shape = {**params, "value": _HOLE} if typed else params
        key = (getattr(macro, "name", macro), repr(shape))
        markup = self.held.get(key)
        if markup is None:
            markup = str(macro(shape))
            if typed and markup.count(_HOLE) != 1:
                return Markup(macro(params))  # noqa: S704
            if len(self.held) >= MOST:
                self.held.clear()
            self.held[key] = markup
        return Markup(markup.replace(_HOLE, escape(typed)) if typed else markup)  # noqa: S704
