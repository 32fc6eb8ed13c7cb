"""Markup of the NHS macros, kept for the next page: the same parameters give the same, and take long over it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup, escape

# How many different ones are kept; a page shows a few dozen.
MOST = 2_000

# They stand where the pieces go that differ from page to page. Private-use letters: no label holds one.
_HOLES = "\uf000\uf001\uf002\uf003"
_HOLE = re.compile(f"[{_HOLES}]")

Macro = Callable[[Mapping[str, Any]], str]


class KeptMarkup:
    """One application's markup. What people typed is never kept: the markup has a hole where it stands."""

    def __init__(self) -> None:
        self.held: dict[tuple[object, str], str] = {}

    def __call__(self, macro: Macro, params: Mapping[str, Any], **pieces: object) -> Markup:
        """What `macro` gives for `params` and `pieces`, which are more of them: each may be anything, such as an
        address or a whole part of a page, and stands in one place.

        `value` is a piece wherever it stands. A message about a mistake, which may quote what was typed, is made anew.
        """
        if "value" in params:
            params, pieces = {**params, "value": None}, {"value": params["value"], **pieces}
        if params.get("errorMessage") or isinstance(pieces.get("value"), Markup):
            return Markup(macro({**params, **pieces}))  # noqa: S704
        letters = dict(zip((name for name, piece in pieces.items() if piece), _HOLES, strict=False))
        shape = {**params, **pieces, **letters}
        key = (getattr(macro, "name", macro), repr(shape))
        markup = self.held.get(key)
        if markup is None:
            markup = str(macro(shape))
            if any(markup.count(letter) != 1 for letter in letters.values()):
                return Markup(macro({**params, **pieces}))  # noqa: S704
            if len(self.held) >= MOST:
                self.held.clear()
            self.held[key] = markup
        if letters:
            put = {letter: str(escape(pieces[name])) for name, letter in letters.items()}
            markup = _HOLE.sub(lambda found: put[found[0]], markup)
        return Markup(markup)  # noqa: S704
