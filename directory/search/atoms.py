"""What one listing gives to each facet's column (see `facets`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from directory.listings.documents import SearchDocument
from directory.search.facets import AGE_BANDS, PRICES, Atoms


def atoms_of(document: SearchDocument) -> Atoms:
    """Every column with the atoms of this listing; empty where it says nothing."""
    return {column: _ATOMS[column](document) for column in _ATOMS}


def _prices(document: SearchDocument) -> frozenset[str]:
    price = document.price
    if price is None:
        return frozenset()
    return frozenset(f"{most // 100}" if most else "free" for most in PRICES if price <= most)


def _ages(document: SearchDocument) -> frozenset[str]:
    youngest = document.minimum_age or 0
    oldest = AGE_BANDS[-1][1] if document.maximum_age is None else document.maximum_age
    return frozenset(f"{first}-{last}" for first, last in AGE_BANDS if first <= oldest and youngest <= last)


_ATOMS: Mapping[str, Callable[[SearchDocument], frozenset[str]]] = {
    "need": lambda document: frozenset(term.slug for term in document.needs),
    "when": lambda document: document.day_parts,
    "cost": _prices,
    "for": lambda document: frozenset(term.slug for term in document.audiences),
    "age": _ages,
    "how": lambda document: frozenset([document.delivery.value]),
    "join": lambda document: frozenset([document.join_mode.value]),
    "access": lambda document: frozenset(term.slug for term in document.access),
    "language": lambda document: frozenset(name.casefold() for name in document.languages),
}
