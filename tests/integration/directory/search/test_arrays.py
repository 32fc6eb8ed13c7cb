"""The arrays beside the index: they answer as the plain rules say, and as Whoosh does; they survive what disks do."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh.query import Or, Term

from core.geography.rules import distance_km
from directory.listings.documents import SearchDocument
from directory.search import facets, pack, packing, ranking
from directory.search.columns import MICRO, Row
from directory.search.engine import IndexUnusable
from directory.search.facets import BY_NAME, FACETS, RADIUS, WORDS, chosen_of
from directory.search.impacts import FIELDS
from directory.search.matching import Budget
from directory.search.pools import Match, pool_of
from directory.search.ranking import Hits
from directory.search.rules import PAGE_SIZE, Criteria, Sort, ways_to_relax
from directory.search.store import Store
from directory.search.understanding_rules import Words, understand
from directory.search.whoosh_engine import WhooshIndex
from tests.bench.synthetic import Maker

MINUTE = 29_694_300
HERE = (53.59, -2.29)
ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def documents() -> list[SearchDocument]:
    return list(Maker(120, seed=3).documents())


@pytest.fixture
def index(tmp_path: Path, documents: list[SearchDocument]) -> WhooshIndex:
    held = WhooshIndex(tmp_path / "index")
    build(held, documents)
    return held


def build(index: WhooshIndex, documents: Iterable[SearchDocument]) -> None:
    with index.store.lease():
        index.store.build(documents)


def ask(index: WhooshIndex, q: str = "", **more: object) -> Hits:
    criteria = Criteria(q=q, **more)  # type: ignore[arg-type]
    return index.search(criteria, None, understand(q), size=1000)


def named(documents: Sequence[SearchDocument], number: int, word: str) -> SearchDocument:
    return replace(documents[number], name=f"{documents[number].name} {word}")


# --- as the plain rules say ---------------------------------------------------------------------------------


def plainly(  # noqa: C901 - every rule in one place, to be read beside the fast one
    rows: Sequence[Row],
    matches: dict[int, Match] | None,
    words: Words,
    criteria: Criteria,
    near: tuple[float, float] | None,
) -> tuple[int, tuple[UUID, ...], tuple[str, ...], dict[str, dict[str, int]]]:
    """What `ranking.choose` does, one listing at a time."""
    if near is None:
        criteria = criteria.without([RADIUS])
    order = criteria.order(has_place=near is not None)
    bits = sum(1 << at for at in words.required)
    best = max((match.score for match in (matches or {}).values()), default=0.0)

    def far(row: Row) -> float:
        if near is None or row.anywhere:
            return math.inf
        return min(
            (distance_km(*near, lat / MICRO, lon / MICRO) for lat, lon in row.points), default=math.inf
        )

    def passes(row: Row, asked: Criteria) -> bool:
        if not facets.passes(row.atoms, row.sessions, asked.chosen, MINUTE):
            return False
        return asked.radius_km is None or row.anywhere or far(row) <= asked.radius_km

    def good(at: int) -> bool:
        if matches is None:
            return True
        if at not in matches:
            return False
        match = matches[at]
        met = match.met & bits
        fair = match.score >= ranking.FAIR_SHARE * best and met.bit_count() * 2 >= len(words.required)
        return met == bits or (len(words.required) >= 3 and fair)

    def near_enough(at: int, share: float) -> bool:
        return matches is not None and at in matches and matches[at].score >= share * best

    def found(asked: Criteria, *, loose: bool) -> list[int]:
        return [
            at
            for at, row in enumerate(rows)
            if (near_enough(at, ranking.LOOSE_SHARE) if loose else good(at)) and passes(row, asked)
        ]

    given_up: tuple[str, ...] = ()
    told: list[int] = []
    several = len(words.required) if matches is not None else 0
    for given_up in ((), *ways_to_relax(criteria, words=several)):
        told = found(criteria.without(given_up), loose=WORDS in given_up)
        if told:
            break
    else:
        given_up = ()
    asked = criteria.without(given_up)
    if (
        matches is not None
        and 0 < len(told) < PAGE_SIZE
        and len(words.required) > 1
        and WORDS not in given_up
    ):
        told = [
            at
            for at, row in enumerate(rows)
            if (good(at) or near_enough(at, ranking.FILL_SHARE)) and passes(row, asked)
        ]
        among = [at for at in range(len(rows)) if good(at) or near_enough(at, ranking.FILL_SHARE)]
    else:
        loose = WORDS in given_up
        among = [
            at for at in range(len(rows)) if (near_enough(at, ranking.LOOSE_SHARE) if loose else good(at))
        ]

    def key(at: int) -> tuple[object, ...]:
        score = 0.0 if matches is None else -matches[at].score
        pair = (score, far(rows[at])) if order is Sort.BEST else (not good(at), far(rows[at]), score)
        return (*pair, rows[at].name.casefold(), rows[at].id)

    told.sort(key=key)
    counts: dict[str, dict[str, int]] = {}
    for facet in FACETS:
        atoms = sorted({atom for row in rows for atom in row.atoms.get(facet.column, ())})
        values = ["yes"] if facet.live else facet.values(atoms)
        held = counts[facet.name] = dict.fromkeys(asked.chosen.get(facet.name, ()), 0)
        for value in values:
            other = replace(asked, chosen={**asked.chosen, facet.name: (value,)})
            count = sum(passes(rows[at], other) for at in among)
            if count:
                held[value] = count
    return len(told), tuple(rows[at].id for at in told), given_up, counts


_ROWS = st.lists(
    st.builds(
        lambda name, need, when, cost, on, points, anywhere: (name, need, when, cost, on, points, anywhere),
        st.sampled_from(["Tea", "tea", "Choir", "Ärzte", ""]),
        st.frozensets(st.sampled_from(["food", "work", "fuel"])),
        st.frozensets(st.sampled_from(["MO-morning", "MO-evening", "TU-morning"])),
        st.frozensets(st.sampled_from(["free", "3"])),
        st.lists(st.integers(MINUTE - 200, MINUTE + 60), max_size=2),
        st.lists(st.tuples(st.integers(-40, 40), st.integers(-40, 40)), max_size=2),
        st.booleans(),
    ),
    max_size=25,
)
_CRITERIA = st.builds(
    Criteria,
    radius_km=st.one_of(st.none(), st.floats(0.1, 9)),
    chosen=st.builds(
        chosen_of,
        need=st.sampled_from([(), ("food",), ("food", "work")]),
        day=st.sampled_from([(), ("MO",), ("MO", "TU")]),
        time=st.sampled_from([(), ("evening",)]),
        cost=st.sampled_from([(), ("free",)]),
        now=st.sampled_from([(), ("yes",)]),
    ),
    sort=st.sampled_from([None, Sort.BEST, Sort.NEAREST]),
)
_MATCHES = st.one_of(
    st.none(),
    st.dictionaries(st.integers(0, 24), st.tuples(st.integers(1, 9), st.integers(1, 7)), max_size=25),
)


@given(
    _ROWS,
    _CRITERIA,
    _MATCHES,
    st.sampled_from(["yoga", "yoga prestwich", "yoga prestwich evening"]),
    st.booleans(),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_choosing_over_arrays_is_choosing_one_by_one(
    told: list[
        tuple[str, frozenset[str], frozenset[str], frozenset[str], list[int], list[tuple[int, int]], bool]
    ],
    criteria: Criteria,
    given_matches: dict[int, tuple[int, int]] | None,
    q: str,
    has_place: bool,
) -> None:
    rows = [
        Row(
            UUID(int=number + 1),
            name,
            {"need": need, "when": when, "cost": cost},
            tuple((start, start + 90) for start in on),
            tuple(
                (round((HERE[0] + lat / 500) * MICRO), round((HERE[1] + lon / 500) * MICRO))
                for lat, lon in points
            ),
            anywhere,
        )
        for number, (name, need, when, cost, on, points, anywhere) in enumerate(told)
    ]
    words = understand(q) if given_matches is not None else understand("")
    bits = (1 << len(words.asked)) - 1
    matches = (
        None
        if given_matches is None
        else {
            at: Match(score, met & bits)
            for at, (score, met) in given_matches.items()
            if at < len(rows) and met & bits
        }
    )
    near = HERE if has_place else None
    total, ids, relaxed, counts = plainly(rows, matches, words, criteria, near)
    half = len(rows) // 2
    parts = [pool_of(rows, matches, words)]
    if rows and matches is None:
        parts = [pool_of(rows[:half], None, words), pool_of(rows[half:], None, words)]
    hits = ranking.choose(parts, words, criteria, near, MINUTE)
    assert (hits.total, hits.ids, hits.relaxed) == (total, ids[:PAGE_SIZE], relaxed)
    assert hits.counts == counts
    whole = ranking.choose(parts, words, replace(criteria, page=2), near, MINUTE)
    assert whole.ids == ids[PAGE_SIZE : 2 * PAGE_SIZE]


# --- as Whoosh does -----------------------------------------------------------------------------------------


class TestAsWhooshHolds:
    def test_changes_and_removals_leave_the_same_listings(
        self, index: WhooshIndex, documents: list[SearchDocument]
    ) -> None:
        index.update([named(documents, number, "zebra") for number in range(5)], [documents[7].id])
        _generation, whoosh = index.store.open()
        try:
            with whoosh.searcher() as searcher:
                found = searcher.search(Term("name", "zebra"), limit=None)
                theirs = {UUID(bytes=hit["row"][0]) for hit in found}
                held = {UUID(bytes=stored["row"][0]) for _number, stored in searcher.reader().iter_docs()}
        finally:
            whoosh.storage.release()
        assert set(ask(index, "zebra").ids) == theirs == {one.id for one in documents[:5]}
        assert index.ids() == held == {one.id for one in documents} - {documents[7].id}

    def test_a_search_for_any_token_finds_what_whoosh_finds(
        self, index: WhooshIndex, documents: list[SearchDocument]
    ) -> None:
        _generation, whoosh = index.store.open()
        try:
            with whoosh.searcher() as searcher:
                for document in documents[:40]:
                    (one,) = understand(document.name.split()[0]).asked or [None]
                    if one is None:
                        continue
                    query = Or([Term(field, token) for token in one.tokens for field in FIELDS])
                    theirs = {UUID(bytes=hit["row"][0]) for hit in searcher.search(query, limit=None)}
                    hits = ask(index, one.label)
                    assert (set(hits.ids), hits.total) == (theirs, len(theirs))
        finally:
            whoosh.storage.release()


# --- changes ------------------------------------------------------------------------------------------------


class TestChanges:
    def test_what_changed_is_found_and_what_left_is_not(
        self, index: WhooshIndex, documents: list[SearchDocument]
    ) -> None:
        index.update([named(documents, 3, "zebra")], [documents[4].id])
        assert ask(index, "zebra").ids == (documents[3].id,)
        assert index.count() == 119
        assert documents[4].id not in ask(index).ids
        index.update([documents[3]])
        assert ask(index, "zebra").total == 0
        assert index.count() == 119

    def test_many_small_changes_end_where_one_build_does(
        self,
        index: WhooshIndex,
        documents: list[SearchDocument],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Once with everything packed anew each time, once with what came since in a part of its own."""
        monkeypatch.setattr("directory.search.shelf.ALWAYS_WHOLE", 10)
        monkeypatch.setattr("directory.search.shelf.MOST_LOOSE", 0.2)
        changed = list(documents)
        parts = set()
        for number in range(0, 60, 2):
            changed[number] = named(changed, number, f"zebra{'s' * (number % 4)} crossing{number}")
            index.update([changed[number]])
            parts.add(len(index.snapshot().parts))
        assert parts == {1, 2}
        other = WhooshIndex(tmp_path / "other")
        build(other, changed)
        for q in ("zebra", "zebras", "crossing8", changed[0].name, "", changed[11].summary.split()[0]):
            for chosen in (chosen_of(), chosen_of(need=changed[0].needs[0].slug), chosen_of(how="in-person")):
                mine, theirs = ask(index, q, chosen=chosen), ask(other, q, chosen=chosen)
                assert (mine.total, set(mine.ids), mine.counts) == (
                    theirs.total,
                    set(theirs.ids),
                    theirs.counts,
                )
        assert len(list((index.store.folder).glob("a-*/*.list"))) <= 2

    def test_parts_that_stayed_are_not_opened_again(
        self, index: WhooshIndex, documents: list[SearchDocument], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("directory.search.shelf.ALWAYS_WHOLE", 10)
        before = index.snapshot().parts[0].pack
        index.update([named(documents, 3, "zebra")])
        assert ask(index, "zebra").total == 1
        assert index.snapshot().parts[0].pack is before

    def test_a_token_is_as_rare_in_what_came_since_as_in_the_whole(
        self, index: WhooshIndex, documents: list[SearchDocument], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("directory.search.shelf.ALWAYS_WHOLE", 10)
        index.update([named(documents, 3, "zebra"), replace(documents[4], id=UUID(int=7 << 76 | 2 << 62))])
        large, small = sorted(
            (pack.read(file).arrays for file in index.store.folder.glob("a-*/*.segment")),
            key=lambda arrays: -len(arrays["ids"]),
        )
        asked = small["tokens"]
        told = packing._holders(large, asked)
        for token, counted in zip(asked.tolist(), told.tolist(), strict=True):
            places = np.flatnonzero(large["tokens"] == token).tolist()
            among = [slice(*large["starts"][place : place + 2].tolist()) for place in places]
            fields = [field for one in among for field in large["fields"][one].tolist()]
            listings = {listing for one in among for listing in large["documents"][one].tolist()}
            assert counted == [*(fields.count(at) for at in range(len(FIELDS))), len(listings)]
        assert told[:, -1].min() == 0
        assert told[:, -1].max() == 120
        assert np.array_equal(packing._holders(large, large["tokens"]), packing._holders(large))


# --- what disks do ------------------------------------------------------------------------------------------


def _arrays(index: WhooshIndex) -> list[Path]:
    return sorted(file for file in index.store.folder.glob("a-*/*") if file.suffix in (".pack", ".list"))


class TestDamage:
    @pytest.mark.parametrize("suffix", [".pack", ".list"])
    @pytest.mark.parametrize("harm", ["empty", "short", "flipped", "other", "missing"])
    def test_harm_is_noticed_when_the_index_is_opened(
        self, index: WhooshIndex, suffix: str, harm: str
    ) -> None:
        for file in (one for one in _arrays(index) if one.suffix == suffix):
            content = file.read_bytes()
            file.unlink()
            if harm == "short":
                file.write_bytes(content[:-64])
            elif harm == "flipped":
                at = len(content) // 2
                file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            elif harm == "other":
                file.write_bytes(b"\x00" * len(content))
            elif harm == "empty":
                file.write_bytes(b"")
        with pytest.raises(IndexUnusable) as unusable:
            ask(index, "zebra")
        assert unusable.value.damaged
        assert index.store.is_damaged()

    def test_a_mapped_file_that_is_cut_short_is_not_read(self, index: WhooshIndex) -> None:
        ask(index)
        (packed,) = (file for file in _arrays(index) if file.suffix == ".pack")
        with packed.open("r+b") as file:
            file.truncate(4096)
        with pytest.raises(IndexUnusable):
            ask(index)

    def test_a_segment_that_is_cut_short_while_it_is_in_use_is_not_read(
        self, index: WhooshIndex, documents: list[SearchDocument]
    ) -> None:
        index.update([documents[3]])
        for file in index.store.folder.glob("a-*/*.segment"):
            with file.open("r+b") as held:
                held.truncate(4096)
        with pytest.raises(pack.Damaged):
            index.update([documents[3]])

    def test_a_write_that_fails_leaves_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(TypeError):
            pack.write(tmp_path / "one.pack", {}, {"said": object()})
        assert list(tmp_path.iterdir()) == []


# --- readers meanwhile ----------------------------------------------------------------------------------------


_SEARCH_ELSEWHERE = """
import sys
from pathlib import Path
from directory.search.rules import Criteria
from directory.search.understanding_rules import understand
from directory.search.whoosh_engine import WhooshIndex

index, stop, totals = WhooshIndex(Path(sys.argv[1])), Path(sys.argv[2]), set()
print("searched", flush=True) if index.count() else None
while not stop.exists():
    totals.add(index.search(Criteria(), None, understand("")).total)
print(totals)
"""


class TestMeanwhile:
    def test_each_build_keeps_its_own_arrays_whoever_asks_meanwhile(self, tmp_path: Path) -> None:
        """A build that were handed the shelf of another would name arrays that are not there."""
        store, usual = Store(tmp_path / "shared"), sys.getswitchinterval()
        strays: list[Path] = []

        def ask_for(build: str) -> None:
            for _time in range(20_000):
                shelf, _counter = store.shelf(f"v-{build} 1")
                if shelf.folder.name != f"a-{build}":
                    strays.append(shelf.folder)

        threads = [threading.Thread(target=ask_for, args=(build,)) for build in ("one", "two", "three")]
        sys.setswitchinterval(1e-6)
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            sys.setswitchinterval(usual)
        assert strays == []

    def test_searches_go_on_through_changes_and_rebuilds(
        self, index: WhooshIndex, documents: list[SearchDocument], tmp_path: Path
    ) -> None:
        """In this process by threads, and in another one."""
        over = tmp_path / "over"
        command = [sys.executable, "-c", _SEARCH_ELSEWHERE, str(index.store.folder), str(over)]
        elsewhere = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert elsewhere.stdout is not None
        assert elsewhere.stdout.readline() == "searched\n"
        totals: set[int] = set()
        failures: list[BaseException] = []

        def search() -> None:
            while not over.exists():
                try:
                    totals.add(ask(index).total)
                except IndexUnusable as failure:
                    failures.append(failure)

        threads = [threading.Thread(target=search) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for number in range(6):
                index.update([named(documents, number, "zebra")])
                build(index, documents)
            time.sleep(0.2)
        finally:
            over.touch()
            for thread in threads:
                thread.join(20)
        assert (failures, totals) == ([], {120})
        assert elsewhere.communicate(timeout=60)[0].splitlines()[-1] == "{120}"


# --- bounds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("postings", [0, 1, 40])
def test_work_ends_with_the_budget(
    index: WhooshIndex, documents: list[SearchDocument], postings: int
) -> None:
    budget = Budget(postings=postings)
    words = understand(documents[0].summary)
    index.snapshot().search(words, Criteria(), None, MINUTE, budget)
    assert budget.postings >= 0


def test_slips_and_beginnings_come_from_what_listings_say(
    tmp_path: Path, documents: list[SearchDocument]
) -> None:
    index = WhooshIndex(tmp_path / "words")
    build(
        index,
        [replace(documents[0], name="Swimming lesson"), replace(documents[1], name="Swimmers and walkers")],
    )
    lexicons = index.lexicons()
    assert lexicons.beginning("swim", 8) == ["swimmers", "swimming"]
    assert lexicons.near("swiming")[0] == ("swimming", 1, 1)
    assert lexicons.near("wsimming", same_start=False)[0] == ("swimming", 1, 1)
    assert lexicons.near("wsimming") == []
    assert (lexicons.frequency("swimming"), lexicons.frequency("swim")) == (1, 0)


def test_facets_are_all_known_to_the_arrays(index: WhooshIndex) -> None:
    assert set(ask(index).counts) == set(BY_NAME)
