"""Facet columns and places by NumPy, for engines that have none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from directory.listings.documents import SearchDocument
from directory.search.columns import Array
from directory.search.entries import row_of
from tests.bench.contenders import (
    COLUMNS,
    COUNTED,
    TOP,
    Outcome,
)
from tests.bench.synthetic import Question


class Beside:
    """Facet columns and points of listings by number, as those would write them who take an engine without any."""

    def __init__(self, documents: Sequence[SearchDocument]) -> None:
        self.ids = [document.id for document in documents]
        atoms = [row_of(document).atoms for document in documents]
        self.masks: dict[str, Array] = {}
        self.values: dict[str, list[str]] = {}
        for name in COLUMNS:
            values = sorted({value for one in atoms for value in one[name]})
            self.values[name] = values
            self.masks[name] = np.array(
                [sum(1 << values.index(value) for value in one[name]) for one in atoms], np.int64
            )
        self.anywhere = np.array([document.anywhere for document in documents])
        self.points = np.radians(np.array([document.points[0] for document in documents]))

    def narrow(self, found: Array, question: Question) -> Array:
        """Which of `found` pass the filters."""
        keep = np.ones(len(found), bool)
        for name, value in (("need", question.need), ("how", question.how)):
            keep &= (self.masks[name][found] >> self.values[name].index(value) & 1).astype(bool)
        return found[keep]

    def count(self, found: Array) -> dict[str, dict[str, int]]:
        """Counts of the facets among `found`."""
        told: dict[str, dict[str, int]] = {}
        for name in COUNTED:
            sets, times = np.unique(self.masks[name][found], return_counts=True)
            counts: Counter[str] = Counter()
            for bits, often in zip(sets.tolist(), times.tolist(), strict=True):
                for at, value in enumerate(self.values[name]):
                    if bits >> at & 1:
                        counts[value] += often
            told[name] = dict(counts)
        return told

    def nearest(self, found: Array, near: tuple[float, float], radius_km: float) -> Outcome:
        """The nearest of `found` within the radius, and what needs no journey."""
        at = np.radians(near)
        points = self.points[found]
        across = np.sin((points[:, 0] - at[0]) / 2) ** 2
        along = np.cos(at[0]) * np.cos(points[:, 0]) * np.sin((points[:, 1] - at[1]) / 2) ** 2
        far = 2 * 6371.0088 * np.arcsin(np.sqrt(across + along))
        far[self.anywhere[found]] = np.inf
        keep = (far <= radius_km) | self.anywhere[found]
        found, far = found[keep], far[keep]
        order = np.argsort(far, kind="stable")[:TOP]
        return Outcome(len(found), tuple(self.ids[number] for number in found[order].tolist()))
