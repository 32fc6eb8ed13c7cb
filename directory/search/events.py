"""What search tells the rest of the directory while it answers."""

from __future__ import annotations

from dataclasses import dataclass

from directory.search.queries import Found


@dataclass(frozen=True, slots=True)
class Searched:
    """Somebody was shown the first page of a search. Whoever hears it writes nothing: the request only reads."""

    found: Found
