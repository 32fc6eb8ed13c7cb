"""What choosing needs of many listings at once, as arrays: atoms of each facet's column, sessions, places, order.

A column's sets of atoms repeat, so each listing has the number of its set: what is chosen is then decided once for
each set, and a count for a value is a count of sets. Arrays may lie in memory or in a mapped file; nothing here
changes them.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from core.geography.rules import EARTH_RADIUS_KM
from directory.search.facets import COLUMNS, Facet, Session

Array = NDArray[Any]
Arrays = Mapping[str, Array]
Point = tuple[float, float]

MICRO = 1_000_000

# A list this many times as long as the other is looked into; a shorter one is laid out flat.
LOOK_INTO = 8

# How many decisions about sets are remembered: one for each way to choose within a column.
MOST_REMEMBERED = 512


@dataclass(frozen=True, slots=True)
class Row:
    """What is needed of a listing to choose it. `points` are (latitude, longitude) in millionths of a degree;
    `anywhere` marks what no distance hides. `worth` multiplies its score: what was confirmed lately counts more.
    `group` is the name of the group that offers it."""

    id: UUID
    name: str
    atoms: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sessions: tuple[Session, ...] = ()
    points: tuple[tuple[int, int], ...] = ()
    anywhere: bool = False
    worth: float = 1.0
    group: str = ""

    def stored(self) -> tuple[Any, ...]:
        """The row as the index stores it."""
        held = {column: tuple(sorted(atoms)) for column, atoms in self.atoms.items() if atoms}
        points, sessions = self.points, self.sessions
        return (self.id.bytes, self.name, held, sessions, points, self.anywhere, self.worth, self.group)

    @classmethod
    def from_stored(cls, stored: tuple[Any, ...]) -> Row:
        """The row that was stored so."""
        id_, name, atoms, *rest = stored
        return cls(UUID(bytes=id_), name, {column: frozenset(told) for column, told in atoms.items()}, *rest)


class Column:
    """One facet column: `codes` gives each listing the number of its set in `sets`."""

    def __init__(self, codes: Array, sets: Sequence[Sequence[str]]) -> None:
        self.codes = codes
        self.sets = sets
        self.atoms = sorted({atom for one in sets for atom in one})
        at = {atom: number for number, atom in enumerate(self.atoms)}
        self._holds = np.zeros((len(sets), len(self.atoms)), np.float32)
        for number, one in enumerate(sets):
            self._holds[number, [at[atom] for atom in one]] = 1
        self._allowed: dict[object, Array] = {}
        self._counted: dict[object, tuple[tuple[str, ...], Array]] = {}

    def allowed(self, asked: tuple[tuple[Facet, tuple[str, ...]], ...]) -> Array:
        """For each set, whether one of its atoms meets all that is asked of this column."""
        key = tuple((facet.name, values) for facet, values in asked)
        known = self._allowed.get(key)
        if known is None:
            known = (self._holds @ self._meeting(asked).astype(np.float32)) > 0
            _remember(self._allowed, key, known)
        return known

    def counted(
        self, facet: Facet, others: tuple[tuple[Facet, tuple[str, ...]], ...]
    ) -> tuple[tuple[str, ...], Array]:
        """The values of `facet`, and for each set (down) and value (across) whether one atom meets both the value
        and what `others` ask of this column."""
        key = (facet.name, tuple((other.name, values) for other, values in others))
        known = self._counted.get(key)
        if known is None:
            values = facet.values(self.atoms)
            meeting = self._meeting(others)
            covers = np.array(
                [[facet.covers(value, atom) for value in values] for atom in self.atoms], np.float32
            ).reshape(len(self.atoms), len(values))
            known = values, ((self._holds @ (covers * meeting[:, None])) > 0).astype(np.float32)
            _remember(self._counted, key, known)
        return known

    def _meeting(self, asked: tuple[tuple[Facet, tuple[str, ...]], ...]) -> Array:
        return np.array(
            [
                all(any(facet.covers(value, atom) for value in values) for facet, values in asked)
                for atom in self.atoms
            ],
            bool,
        )


def _remember(memory: dict[Any, Any], key: object, value: object) -> None:
    if len(memory) >= MOST_REMEMBERED:
        memory.clear()
    memory[key] = value


class Columns:
    """The listings of one part of the index, numbered from 0 to `size`."""

    def __init__(self, arrays: Arrays, sets: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self.arrays = arrays
        self.ids = arrays["ids"]
        self.size = len(self.ids)
        self.rank = arrays["rank"]
        self.anywhere = arrays["anywhere"]
        self.worth = arrays["worth"]
        self.place = arrays["place"]
        self.spots = arrays["spots"]
        self.more_doc = arrays["more_doc"]
        self.more_place = arrays["more_place"]
        self.by_name = {name: Column(arrays[f"codes_{name}"], sets[name]) for name in COLUMNS}
        self.all = np.arange(self.size, dtype=np.int32)
        self._on: tuple[int, Array] | None = None
        self._uuids: dict[int, UUID] = {}
        self._own = threading.local()

    def id_of(self, document: int) -> UUID:
        """The listing's id."""
        known = self._uuids.get(document)
        if known is None:
            known = self._uuids[document] = UUID(bytes=self.ids[document].tobytes())
        return known

    def name_of(self, document: int) -> str:
        """The listing's name as it is sorted by."""
        start, end = self.arrays["name_starts"][document : document + 2].tolist()
        return bytes(self.arrays["names"][start:end]).decode()

    def positions(self, wanted: Array, held: Array) -> Array:
        """Where each of `wanted` stands in `held`, which ascends; below nought where it does not."""
        if len(held) <= LOOK_INTO * len(wanted):
            return self._flat_positions(wanted, held)
        at = np.searchsorted(held, wanted)
        return np.where(held.take(at, mode="clip") == wanted, at, -1)

    def _flat_positions(self, wanted: Array, held: Array) -> Array:
        flat: Array | None = getattr(self._own, "flat", None)
        if flat is None:
            flat = self._own.flat = np.full(self.size, -1, np.int32)
        flat[held] = self.all[: len(held)]
        at: Array = flat[wanted]
        flat[held] = -1
        return at

    def on_at(self, minute: int) -> Array:
        """For each listing, whether a session is on at this minute (since 1970, UTC)."""
        known = self._on
        if known is None or known[0] != minute:
            starts, ends = self.arrays["session_starts"], self.arrays["session_ends"]
            on = np.zeros(self.size, bool)
            begun = int(np.searchsorted(starts, minute, side="right"))
            on[self.arrays["session_docs"][:begun][ends[:begun] > minute]] = True
            known = self._on = (minute, on)
        return known[1]

    def from_point(self, near: Point) -> Array:
        """For each spot, the square of the straight line (through the Earth, radius 1) from `near`; infinite for
        no spot. Equal spots give equal numbers."""
        x, y, z = _on_sphere(*near)
        total: Array = self.spots[0] - x
        total *= total
        for axis, at in ((1, y), (2, z)):
            along = self.spots[axis] - at
            along *= along
            total += along
        return total

    def distances(self, documents: Array, by_spot: Array) -> Array:
        """`from_point` for each of `documents`: the nearest of its spots."""
        near: Array = by_spot[self.place[documents]]
        if len(self.more_doc) and len(documents):
            at = self._flat_positions(self.more_doc, documents)
            hit = at >= 0
            np.minimum.at(near, at[hit], by_spot[self.more_place[hit]])
        return near


def chord_of(kilometres: float) -> float:
    """A distance over the Earth's surface as `Columns.from_point` measures it."""
    return (2 * math.sin(min(kilometres / EARTH_RADIUS_KM, math.pi) / 2)) ** 2


def _on_sphere(latitude: float, longitude: float) -> tuple[float, float, float]:
    phi, along = math.radians(latitude), math.radians(longitude)
    return math.cos(phi) * math.cos(along), math.cos(phi) * math.sin(along), math.sin(phi)


def columns_of(rows: Sequence[Row]) -> Columns:
    """The arrays of `rows`, in their order."""
    return Columns(*gather(rows))


def gather(rows: Sequence[Row]) -> tuple[dict[str, Array], dict[str, list[list[str]]]]:
    """Arrays and sets from which `Columns` are made."""
    size = len(rows)
    names = [row.name.casefold() for row in rows]
    order = sorted(range(size), key=lambda number: (names[number], rows[number].id.int))
    rank = np.empty(size, np.int32)
    rank[order] = np.arange(size, dtype=np.int32)
    blob = [name.encode("utf-8", "replace") for name in names]
    arrays: dict[str, Array] = {
        "ids": np.frombuffer(b"".join(row.id.bytes for row in rows), np.uint8).reshape(size, 16),
        "rank": rank,
        "names": np.frombuffer(b"".join(blob), np.uint8),
        "name_starts": _starts([len(one) for one in blob]),
        "anywhere": np.fromiter((row.anywhere for row in rows), bool, size),
        "worth": np.fromiter((row.worth for row in rows), np.float32, size),
    }
    arrays |= _places(rows) | _sessions(rows)
    sets: dict[str, list[list[str]]] = {}
    for name in COLUMNS:
        numbers: dict[tuple[str, ...], int] = {}
        codes = (numbers.setdefault(tuple(sorted(row.atoms.get(name, ()))), len(numbers)) for row in rows)
        arrays[f"codes_{name}"] = np.fromiter(codes, np.int32, size)
        sets[name] = [list(one) for one in numbers]
    return arrays, sets


def _starts(lengths: Sequence[int]) -> Array:
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(np.array(lengths, np.int64), out=starts[1:])
    return starts


def _places(rows: Sequence[Row]) -> dict[str, Array]:
    numbers: dict[tuple[int, int], int] = {}
    place = np.zeros(len(rows), np.int32)
    more: list[tuple[int, int]] = []
    for document, row in enumerate(rows):
        if row.anywhere:
            continue
        for nth, point in enumerate(row.points):
            spot = numbers.setdefault(point, len(numbers) + 1)
            if nth:
                more.append((document, spot))
            else:
                place[document] = spot
    spots = np.full((3, len(numbers) + 1), np.inf)
    for (latitude, longitude), spot in numbers.items():
        spots[:, spot] = _on_sphere(latitude / MICRO, longitude / MICRO)
    extra = np.array(more, np.int32).reshape(len(more), 2)
    return {"place": place, "spots": spots, "more_doc": extra[:, 0].copy(), "more_place": extra[:, 1].copy()}


def _sessions(rows: Sequence[Row]) -> dict[str, Array]:
    told = sorted((*session, document) for document, row in enumerate(rows) for session in row.sessions)
    table = np.array(told, np.int64).reshape(len(told), 3)
    return {
        "session_starts": table[:, 0].copy(),
        "session_ends": table[:, 1].copy(),
        "session_docs": table[:, 2].astype(np.int32),
    }
