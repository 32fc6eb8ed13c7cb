"""Nothing hidden can be worked out: from a total, from a longer period, or from both."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.small_numbers import SMALL, SUPPRESSED, Shown, suppress
from prescribing.evidence.disclosure import Sum, Table, protect, ranges

SMALLISH = st.integers(0, 18)


def possible(shown: Shown) -> range:
    """Every number that a reader may think of behind a figure. A hidden one is taken for a small one, or for any at
    all where the figures cannot be told otherwise."""
    if isinstance(shown, str):
        return range(1, SMALL + 1)
    return range(1) if shown == 0 else range(max(SMALL + 1, shown - 2), shown + 3)


def solutions(total: Shown, parts: list[Shown], anything: range) -> list[tuple[int, ...]]:
    """Every way in which the parts can add up to the total, hidden ones being any of `anything`."""
    choices = [anything if part == SUPPRESSED else possible(part) for part in parts]
    totals = None if total == SUPPRESSED else set(possible(total))
    return [found for found in product(*choices) if totals is None or sum(found) in totals]


def pinned(total: Shown, parts: list[Shown]) -> list[int]:
    """The hidden parts that a reader knows exactly, who takes hidden figures for small ones where they can be."""
    ways = solutions(total, parts, range(1, SMALL + 1)) or solutions(total, parts, range(60))
    return [
        place
        for place, part in enumerate(parts)
        if part == SUPPRESSED and len({way[place] for way in ways}) < 2
    ]


def fits(count: int, total: Shown, others: list[Shown]) -> bool:
    """Whether a part may be `count`, where hidden figures are small ones."""
    if total == SUPPRESSED:
        return True
    totals = set(possible(total))
    return any(count + sum(found) in totals for found in product(*map(possible, others)))


def split(shown: dict[str, Shown]) -> tuple[Shown, list[Shown]]:
    return shown["total"], [shown[key] for key in sorted(shown) if key != "total"]


def in_one_table(counts: list[int]) -> dict[str, Shown]:
    parts = {f"part-{place}": count for place, count in enumerate(counts)}
    return protect({"total": sum(counts), **parts}, Table((Sum("total", tuple(parts)),)))


def test_plain_suppression_would_give_a_person_away() -> None:
    """1, 13 and 13 make 27, shown as "*", 15, 15 and 25: 13 and 13 are the least that 15 can be, so it must be 1."""
    plain = {"total": suppress(27), "part-0": suppress(1), "part-1": suppress(13), "part-2": suppress(13)}
    assert pinned(*split(plain)) == [0]
    kept = in_one_table([1, 13, 13])
    assert pinned(*split(kept)) == []
    assert kept["total"] == 25


def test_seven_single_people_in_a_total_of_seven() -> None:
    kept = in_one_table([1, 1, 1, 1, 1, 1, 1, 0])
    # All are hidden, those of nought too, so that "*" does not say "somebody".
    assert set(kept.values()) == {SUPPRESSED}


def test_nothing_is_hidden_without_need() -> None:
    assert in_one_table([12, 13, 40]) == {"total": 65, "part-0": 10, "part-1": 15, "part-2": 40}
    assert in_one_table([3, 0, 20]) == {"total": 25, "part-0": "*", "part-1": 0, "part-2": 20}


@given(st.lists(SMALLISH, min_size=2, max_size=4))
def test_a_breakdown_gives_nobody_away(counts: list[int]) -> None:
    kept = in_one_table(counts)
    assert pinned(*split(kept)) == []
    for place, count in enumerate(counts):
        assert kept[f"part-{place}"] in {suppress(count), SUPPRESSED}


@given(st.lists(SMALLISH, min_size=3, max_size=3))
def test_a_quarter_does_not_give_its_months_away(months: list[int]) -> None:
    """The months are public already; only what the quarter shows can still be chosen."""
    public = {f"{month}:asked": suppress(count) for month, count in enumerate(months)}
    kept = protect({"asked": sum(months)}, Table((Sum("asked", tuple(public)),), public=public))
    assert pinned(kept["asked"], list(public.values())) == []


@given(st.lists(SMALLISH, min_size=3, max_size=3), st.integers(0, 2))
def test_a_month_does_not_give_itself_away_beside_its_quarter(months: list[int], late: int) -> None:
    """The quarter and two months are public; the third month comes after. Its star must stand for at least two numbers
    that fit all that is public, or for none, where something else was hidden to protect another."""
    public = {f"{month}:asked": suppress(count) for month, count in enumerate(months) if month != late}
    quarter = protect({"quarter": sum(months)}, Table((Sum("quarter", tuple(public)),), public=public))
    parts = tuple("asked" if month == late else f"{month}:asked" for month in range(3))
    table = Table((Sum("quarter", parts),), public={**public, **quarter})
    kept = protect({"asked": months[late]}, table)
    if kept["asked"] == SUPPRESSED:
        alike = [
            count
            for count in range(SMALL + 1)
            if fits(count, quarter["quarter"], list(public.values()))
            and protect({"asked": count}, table) == kept
        ]
        assert len(alike) != 1


@pytest.mark.parametrize("months", [[1, 13, 18], [0, 13, 19]])
def test_a_star_beside_a_public_quarter_may_be_nought(months: list[int]) -> None:
    """With 13, and 18 or 19, shown as 15 and 20, and 32 as 30, only 0 or 1 is left for the month that comes late."""
    public: dict[str, Shown] = {"quarter": suppress(sum(months)), "1:asked": 15, "2:asked": 20}
    table = Table((Sum("quarter", ("asked", "1:asked", "2:asked")),), public=public)
    assert protect({"asked": months[0]}, table) == {"asked": SUPPRESSED}


@given(st.lists(st.tuples(SMALLISH, SMALLISH), min_size=3, max_size=3))
def test_months_by_group_and_their_quarter_together(rows: list[tuple[int, int]]) -> None:
    """Two groups in three months, and in the quarter: every sum that a reader can make is tried."""
    public: dict[str, Shown] = {}
    for month, (one, other) in enumerate(rows):
        counts = {"total": one + other, "one": one, "other": other}
        kept = protect(counts, Table((Sum("total", ("one", "other")),)))
        public |= {f"{month}:{key}": shown for key, shown in kept.items()}
    counts = {
        "one": sum(one for one, _ in rows),
        "other": sum(other for _, other in rows),
        "total": sum(map(sum, rows)),
    }
    across = [Sum(key, tuple(f"{month}:{key}" for month in range(3))) for key in counts]
    inside = [Sum(f"{month}:total", (f"{month}:one", f"{month}:other")) for month in range(3)]
    kept = protect(counts, Table((Sum("total", ("one", "other")), *across, *inside), public=public))
    for key in counts:
        assert pinned(kept[key], [public[f"{month}:{key}"] for month in range(3)]) == []
    assert pinned(kept["total"], [kept["one"], kept["other"]]) == []


def test_a_flow_that_falls_is_known_to_fall() -> None:
    table = Table((), falling=(("asked", "talked"),))
    known = ranges({"asked": 10, "talked": "*"}, table)
    assert (known["talked"].low, known["talked"].high) == (1, 7)
    known = ranges({"asked": "*", "talked": 10}, table)
    assert known["talked"].high == 12


@pytest.mark.parametrize("count", [1, 7])
def test_a_figure_that_stands_alone_is_left_alone(count: int) -> None:
    assert protect({"asked": count}, Table(())) == {"asked": "*"}
