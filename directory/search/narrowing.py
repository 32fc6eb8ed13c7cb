"""What filters and a place leave of the candidates: which pass, what each choice would give, and which come first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

import numpy as np

from directory.search.columns import Array, Columns, Point, chord_of
from directory.search.facets import BY_NAME, FACETS, RADIUS, Chosen, Facet
from directory.search.pools import Scored
from directory.search.rules import Criteria, Sort


class Sight:
    """One part as it is seen from a place at a minute; worked out when it is first needed."""

    def __init__(self, columns: Columns, near: Point | None, minute: int) -> None:
        self.columns = columns
        self.near = near
        self.minute = minute
        self._by_spot: Array | None = None

    def distances(self, documents: Array) -> Array | None:
        """How far each is, as a square; None where nobody knows from where."""
        if self.near is None:
            return None
        if self._by_spot is None:
            self._by_spot = self.columns.from_point(self.near)
        return self.columns.distances(documents, self._by_spot)


class Narrowed:
    """Candidates of one part, and which of them pass each facet's column that is asked of, and the distance."""

    def __init__(self, sight: Sight, among: Scored, asked: Criteria) -> None:
        self.sight = sight
        self.among = among
        self.chosen = asked.chosen
        self.wanted = _by_column(asked.chosen)
        self._passing: dict[str, Array] = {}
        documents = among.documents
        self._distances: Array | None = None
        if len(documents):
            for column, facets in self.wanted.items():
                held = sight.columns.by_name[column]
                self._passing[column] = held.allowed(facets)[held.codes[documents]]
            for facet in _live(asked.chosen):
                self._passing[facet.name] = sight.columns.on_at(sight.minute)[documents]
            if asked.radius_km is not None:
                distances = self._distances = sight.distances(documents)
                if distances is not None:
                    self._passing[RADIUS] = (distances <= chord_of(asked.radius_km)) | sight.columns.anywhere[
                        documents
                    ]
        self._keep = self._all_but(None)
        self.found = among if self._keep is None else among.only(self._keep)

    def _all_but(self, name: str | None) -> Array | None:
        """Which candidates pass everything but `name`; None where nothing else is asked."""
        keep: Array | None = None
        for other, passing in self._passing.items():
            if other != name:
                keep = passing if keep is None else keep & passing
        return keep

    def distances(self) -> Array | None:
        """How far each of what was found is, as a square."""
        if self._distances is None:
            return self.sight.distances(self.found.documents)
        return self._distances if self._keep is None else self._distances[self._keep]

    def count(self, counted: Collection[str]) -> dict[str, dict[str, int]]:
        """For each facet, how many there would be for each of its values."""
        told: dict[str, dict[str, int]] = {}
        whole: dict[str, Array] = {}
        for facet in FACETS:
            if facet.name not in counted:
                continue
            if facet.live:
                told[facet.name] = {facet.options[0].value: self._count_live(facet)}
                continue
            column = self.sight.columns.by_name[facet.column]
            sets = whole.get(facet.column)
            if sets is None:
                codes = column.codes[self._but(facet.column)]
                sets = whole[facet.column] = np.bincount(codes, minlength=len(column.sets)).astype(np.float32)
            others = tuple(one for one in self.wanted.get(facet.column, ()) if one[0] is not facet)
            values, covers = column.counted(facet, others)
            told[facet.name] = dict(zip(values, (sets @ covers).astype(np.int64).tolist(), strict=True))
        return told

    def _but(self, column: str) -> Array:
        """The listings that pass everything but what is asked of this column."""
        if column not in self._passing:
            return self.found.documents
        keep = self._all_but(column)
        return self.among.documents if keep is None else self.among.documents[keep]

    def _count_live(self, facet: Facet) -> int:
        on = self.sight.columns.on_at(self.sight.minute)
        return int(np.count_nonzero(on[self._but(facet.name)]))

    def first(self, order: Sort, most: int) -> Array:
        """Positions in what was found of the `most` that come first, in their order."""
        scores, distances = self.found.scores, self.distances()
        rank = self.sight.columns.rank[self.found.documents]
        best = None if scores is None else -scores
        keys = [best, distances] if order is Sort.BEST else [self.found.partly, distances, best]
        held = [key for key in keys if key is not None] + [rank]
        return _first(held, most)

    def keys(self, order: Sort, at: Array) -> list[tuple[bool, float, float, str, UUID]]:
        """What the listings at these positions of what was found are sorted by, across parts."""
        scores, partly, distances = self.found.scores, self.found.partly, self.distances()
        columns = self.sight.columns
        keys = []
        for position in at.tolist():
            document = int(self.found.documents[position])
            best = 0.0 if scores is None else -float(scores[position])
            far = 0.0 if distances is None else float(distances[position])
            pair = (best, far) if order is Sort.BEST else (far, best)
            later = order is Sort.NEAREST and partly is not None and bool(partly[position])
            keys.append((later, *pair, columns.name_of(document), columns.id_of(document)))
        return keys


def _first(keys: Sequence[Array], most: int) -> Array:
    """Positions of the first `most` when sorted by `keys`, the first of them first. The last one has no equals."""
    size = len(keys[0])
    if size > 4 * most:
        edge = np.partition(keys[0], most - 1)[most - 1]
        among = np.flatnonzero(keys[0] <= edge)
        order = np.lexsort([key[among] for key in reversed(keys)])
        return among[order[:most]]
    return np.lexsort(keys[::-1])[:most]


def page_of(narrowed: Sequence[Narrowed], order: Sort, start: int, end: int) -> tuple[UUID, ...]:
    """Ids of what stands from `start` to before `end`, over all parts."""
    holding = [one for one in narrowed if len(one.found.documents)]
    if len(holding) == 1:
        one = holding[0]
        documents = one.found.documents[one.first(order, end)[start:]].tolist()
        return tuple(map(one.sight.columns.id_of, documents))
    merged = sorted(key for one in holding for key in one.keys(order, one.first(order, end)))
    return tuple(key[-1] for key in merged[start:end])


def counts_of(narrowed: Sequence[Narrowed], counted: Collection[str]) -> dict[str, dict[str, int]]:
    """By facet and value, how many listings of all parts choosing it would give; of nothing only what is chosen."""
    told: dict[str, dict[str, int]] = {}
    for number, one in enumerate(narrowed):
        for name, values in one.count(counted).items():
            kept = told.setdefault(name, {})
            if not number:
                chosen = one.chosen.get(name, ())
                kept |= dict.fromkeys(chosen, 0)
            for value, count in values.items():
                if count:
                    kept[value] = kept.get(value, 0) + count
    return told


def _by_column(chosen: Chosen) -> dict[str, tuple[tuple[Facet, tuple[str, ...]], ...]]:
    wanted: dict[str, tuple[tuple[Facet, tuple[str, ...]], ...]] = {}
    for name, values in chosen.items():
        facet = BY_NAME[name]
        if not facet.live:
            wanted[facet.column] = (*wanted.get(facet.column, ()), (facet, values))
    return wanted


def _live(chosen: Chosen) -> list[Facet]:
    return [BY_NAME[name] for name in chosen if BY_NAME[name].live]
