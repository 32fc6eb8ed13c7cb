"""The arrays beside one build of the index: what was read of each segment, what searches read, and which of it counts.

For each state of the index, by its counter, there is a list (`0000012.list`): the packs that make it up and which of
their listings are gone. A pack of all that there was stays for long; what came since lies in a second, small one, made
anew with every change. When that is no longer small, all are packed together. Files never change once they are
there, and nothing of a pack is read until a search needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from directory.search import pack
from directory.search.columns import Array
from directory.search.impacts import Formula, folded
from directory.search.matching import Part
from directory.search.packing import join, scored
from directory.search.segments import Segment, read_segment

# Up to so many listings everything is packed anew with every change: it takes a moment, and rarity is exact.
ALWAYS_WHOLE = 4_000

# What came and went since, at most, as a share of the large pack.
MOST_LOOSE = 0.05


@dataclass(frozen=True, slots=True)
class Entry:
    """One pack of a list: its file, and the segments whose listings it holds, one after the other, by id."""

    file: str
    segments: tuple[str, ...]


class Shelf:
    """The arrays of one build, in `folder`."""

    def __init__(self, folder: Path, formula: Formula = folded) -> None:
        self.folder = folder
        self._formula = formula
        # Segments that were looked through once; a large index has much to look through.
        self._opened: dict[str, pack.Pack] = {}

    # --- reading --------------------------------------------------------------------------------------------

    def open(self, counter: int, known: Mapping[str, Part]) -> dict[str, Part]:
        """The parts of the index by the names of their files; those that are `known` are not opened again.

        Raises `Damaged`, or `FileNotFoundError` where the index has changed meanwhile.
        """
        told = pack.read(self._list(counter))
        parts: dict[str, Part] = {}
        for number, (file, _segments) in enumerate(told.said):
            gone = told.arrays[f"gone_{number}"]
            held = known.get(file)
            parts[file] = Part(pack.read(self.folder / file), gone) if held is None else held.without(gone)
        return parts

    # --- writing --------------------------------------------------------------------------------------------

    def publish(self, counter: int, index: Any, *, whole: bool = False) -> bool:
        """Lay out the arrays of `index` as it stands, under `counter`; all in one pack where `whole`.

        Gives whether what came since is no longer small, so that it should be published again as a whole.
        """
        self.folder.mkdir(exist_ok=True)
        reader = index.reader()
        try:
            # A reader of nothing has a leaf without a segment.
            filled = [leaf for leaf, _offset in reader.leaf_readers() if leaf.doc_count_all()]
            leaves = {leaf.segment().segment_id(): leaf for leaf in filled}
            segments = {name: self.keep(leaf) for name, leaf in leaves.items()}
            self._opened = {name: held for name, held in self._opened.items() if name in segments}
            gone = {name: sorted(leaf.segment().deleted_docs()) for name, leaf in leaves.items()}
        finally:
            reader.close()
        large = None if whole else self._large(counter - 1, segments)
        rest = [name for name in segments if large is None or name not in large.segments]
        if large is not None and rest and sum(segments[name].size for name in large.segments) <= ALWAYS_WHOLE:
            large, rest = None, list(segments)
        entries = [] if large is None else [large]
        if rest:
            entries.append(self._pack(f"{counter:07}-{len(entries)}.pack", rest, segments))
        self._write_list(counter, entries, segments, gone)
        pack.sync(self.folder)
        if large is None:
            return False
        size = sum(segments[name].size for name in large.segments)
        loose = sum(segments[name].size for name in rest) + sum(map(len, gone.values()))
        return loose > MOST_LOOSE * size

    def keep(self, leaf: Any) -> Segment:
        """What was read of the segment behind `leaf`, a reader of one; it is read now where it was not before."""
        self.folder.mkdir(exist_ok=True)
        name = leaf.segment().segment_id()
        held = self._opened.get(name)
        if held is None or not held.is_whole():
            path = self.folder / f"{name}.segment"
            if not path.exists():
                fresh = read_segment(leaf)
                pack.write(path, fresh.arrays, fresh.sets)
                return fresh
            held = self._opened[name] = pack.read(path)
        return Segment(dict(held.arrays), held.said)

    def sweep(self, counter: int) -> None:
        """Take away what neither this list nor the one before needs: a reader may just be opening that."""
        keep: set[str] = set()
        for kept in (counter, counter - 1):
            path = self._list(kept)
            if path.exists():
                keep.add(path.name)
                for file, segments in pack.read(path).said:
                    keep |= {file, *(f"{name}.segment" for name in segments)}
        for file in self.folder.iterdir():
            if file.name not in keep:
                file.unlink(missing_ok=True)

    def _list(self, counter: int) -> Path:
        return self.folder / f"{counter:07}.list"

    def _large(self, counter: int, segments: Mapping[str, Segment]) -> Entry | None:
        """The first pack of a former list, if all of its segments are still there."""
        path = self._list(counter)
        if not path.exists():
            return None
        told = pack.read(path).said
        if not told or not all(name in segments for name in told[0][1]):
            return None
        return Entry(told[0][0], tuple(told[0][1]))

    def _pack(self, file: str, names: list[str], segments: Mapping[str, Segment]) -> Entry:
        joined = join([segments[name] for name in names])
        others = [segment for name, segment in segments.items() if name not in names]
        whole = sum((other.statistics for other in others), start=joined.statistics)
        pack.write(self.folder / file, scored(joined, whole, others, self._formula), {"sets": joined.sets})
        return Entry(file, tuple(names))

    def _write_list(
        self,
        counter: int,
        entries: list[Entry],
        segments: Mapping[str, Segment],
        gone: Mapping[str, list[int]],
    ) -> None:
        arrays: dict[str, Array] = {}
        for number, entry in enumerate(entries):
            left: list[int] = []
            before = 0
            for name in entry.segments:
                left += [before + one for one in gone[name]]
                before += segments[name].size
            arrays[f"gone_{number}"] = np.array(left, np.int32)
        pack.write(self._list(counter), arrays, [[entry.file, entry.segments] for entry in entries])
