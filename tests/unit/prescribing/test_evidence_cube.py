"""The cube of a period: what it holds, and that it is protected together with the periods around it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.small_numbers import Shown, suppress
from prescribing.episodes.causes import Cause
from prescribing.evidence import cube
from prescribing.evidence.cube import NOT_KNOWN, Age, Case, Counted, Shift, Source
from prescribing.evidence.disclosure import CANDIDATES, ranges
from prescribing.evidence.endings import Ending, Setback
from prescribing.evidence.failings import Failed
from prescribing.evidence.lacking import Lack, lacks_met
from prescribing.evidence.rules import Period, Stage, read_period, slug_of
from prescribing.failures.rules import Kind
from prescribing.measures.instruments import ONS4
from prescribing.measures.rules import changes
from prescribing.people.rules import AgeBand

QUARTER = read_period("2026-Q1")
MONTHS = tuple(read_period(slug) for slug in ("2026-01", "2026-02", "2026-03"))
WARDS = {"E05000001": "1", "E05000002": "1", "E05000003": "4"}


def case(ward: str = "E05000001", stages: int = 1, **values: Any) -> Case:
    reached = {
        stage: date(2026, 1, 5) + timedelta(days=7 * n) for n, stage in enumerate(list(Stage)[:stages])
    }
    given_values: dict[str, Any] = {
        "source": Source.GP_PRACTICE,
        "age": Age.FROM_55.value,
        "ending": Ending.GOING_ON,
    }
    return Case(stages=reached, ward=ward, quintile=WARDS.get(ward, NOT_KNOWN), **{**given_values, **values})


def counted(period: Period, cases: Sequence[Case], finished: Sequence[Any] = ()) -> Counted:
    return Counted(
        period=period,
        as_at=period.end + timedelta(days=28),
        cases=cases,
        finished=finished,
        instrument=ONS4,
        groups=cube.groups_with(WARDS),
        ward_quintiles=WARDS,
        names={code: f"Ward {code[-1]}" for code in WARDS},
    )


def publish(
    period: Period, cases: Sequence[Case], public: dict[Period, dict[str, Shown]]
) -> dict[str, Shown]:
    made = cube.publish(counted(period, cases), public)
    figures: dict[str, Shown] = made["figures"]
    return figures


def test_every_group_is_there_in_every_publication() -> None:
    figures = publish(QUARTER, [], {})
    assert set(figures.values()) == {0}
    assert figures.keys() == publish(QUARTER, [case(stages=7)] * 9, {}).keys()
    assert not any(key.startswith("ward/") for key in publish(MONTHS[0], [], {}))


def test_breakdowns_and_medians() -> None:
    cases = [case(stages=3)] * 12 + [case("E05000003", stages=2)] * 12 + [case(NOT_KNOWN)] * 9
    made = cube.publish(counted(QUARTER, cases), {})
    figures = made["figures"]
    assert figures["stage/requests"] == 35
    assert figures["ward/E05000001/active"] == 10
    assert figures["quintile/4/contacted"] == 10
    assert figures[f"ward/{NOT_KNOWN}/requests"] == 10
    assert made["days"]["requests"] == 5
    assert made["days"]["active"] is None
    assert made["names"]["E05000003"] == "Ward 3"


def test_one_person_may_meet_several_setbacks() -> None:
    met = frozenset({Setback.NO_CAPACITY, Setback.STOPPED})
    figures = publish(QUARTER, [case(setbacks=met)] * 11 + [case(ending=Ending.FINISHED)] * 9, {})
    assert (figures["setback/no-capacity"], figures["setback/stopped"]) == (10, 10)
    assert (figures["ending/finished"], figures["ending/going-on"]) == (10, 10)


def test_moves_of_bands_and_means() -> None:
    up = {
        change.key: change
        for change in changes(ONS4, {"satisfaction": 3, "anxiety": 6}, {"satisfaction": 7, "anxiety": 8})
    }
    down = {change.key: change for change in changes(ONS4, {"anxiety": 1}, {"anxiety": 9})}
    made = cube.publish(counted(QUARTER, [], [up] * 8 + [down] * 9 + [{}] * 8), {})
    figures = made["figures"]
    assert figures["outcome/closed"] == 25
    assert figures["outcome/satisfaction/better"] == 10
    assert (figures["outcome/anxiety/same"], figures["outcome/anxiety/worse"]) == (10, 10)
    assert made["means"]["satisfaction"] == [4.0, 4.0, 4.0]
    assert made["means"]["happiness"] is None
    few = cube.publish(counted(QUARTER, [], [up] * 3), {})
    assert few["means"]["satisfaction"] == "*"
    assert cube.shift_of(up["satisfaction"]) is Shift.BETTER


def test_ages_are_wide() -> None:
    assert cube.age_group(AgeBand.FROM_85) == Age.FROM_75
    assert {cube.age_group(band) for band in AgeBand} == {*Age, NOT_KNOWN}
    assert cube.age_group(None) == NOT_KNOWN


def test_neighbours_are_all_whose_figures_add_up() -> None:
    around_quarter = {slug_of(period) for period in cube.neighbours(QUARTER)}
    assert {
        "2026-01",
        "2026-02",
        "2026-03",
        "2025-to-2026",
        "2025-Q2",
        "2025-Q4",
        "2025-12",
    } <= around_quarter
    assert "2026-Q1" not in around_quarter
    assert {"2026-Q1", "2026-02", "2025-to-2026"} <= {
        slug_of(period) for period in cube.neighbours(MONTHS[0])
    }
    assert "2024-to-2025" not in around_quarter


def possible(shown: Shown) -> range:
    if isinstance(shown, str):
        return range(1, 8)
    return range(1) if shown == 0 else range(max(8, shown - 2), shown + 3)


def test_a_quarter_hides_what_would_give_a_month_away() -> None:
    """1, 13 and 13 in three months are "*", 15 and 15; a quarter of 25 would say that "*" is 1."""
    public: dict[Period, dict[str, Shown]] = {}
    for month, people in zip(MONTHS, (1, 13, 13), strict=True):
        public[month] = publish(month, [case()] * people, public)
    assert [public[month]["stage/requests"] for month in MONTHS] == ["*", 15, 15]
    assert suppress(27) == 25
    assert publish(QUARTER, [case()] * 27, public)["stage/requests"] == "*"


@settings(max_examples=settings().max_examples // 4)
@given(st.lists(st.integers(0, 18), min_size=3, max_size=3), st.permutations([*MONTHS, QUARTER]))
def test_in_whatever_order_they_are_published(people: list[int], order: list[Period]) -> None:
    by_month = dict(zip(MONTHS, ([case()] * count for count in people), strict=True))
    public: dict[Period, dict[str, Shown]] = {}
    for period in order:
        cases = (
            by_month[period] if period in by_month else [one for each in by_month.values() for one in each]
        )
        public[period] = publish(period, cases, public)
    shown = [public[month]["stage/requests"] for month in MONTHS]
    total = public[QUARTER]["stage/requests"]
    if total == "*":
        return
    ways = [way for way in product(*map(possible, shown)) if sum(way) in possible(total)]
    for place, figure in enumerate(shown):
        if figure == "*" and ways:
            assert len({way[place] for way in ways}) > 1


@settings(max_examples=settings().max_examples // 4)
@given(st.lists(st.integers(0, 16), min_size=3, max_size=3))
def test_wards_do_not_give_each_other_away_by_their_quintile(people: list[int]) -> None:
    cases = [case(ward) for ward, count in zip(WARDS, people, strict=True) for _one in range(count)]
    figures = publish(QUARTER, cases, {})
    wards = [figures[f"ward/{ward}/requests"] for ward in list(WARDS)[:2]]
    fifth = figures["quintile/1/requests"]
    if fifth == "*" and "*" not in wards:
        return
    totals = possible(fifth)
    ways = [way for way in product(*map(possible, wards)) if sum(way) in totals]
    for place, figure in enumerate(wards):
        other = wards[1 - place]
        if figure == "*" and other != 0 and ways:
            assert len({way[place] for way in ways}) > 1


# --- what went wrong, and what was missing --------------------------------------------------------------------

LATE = Failed(Kind.CHASE, Cause.LATE, 20)
WRONG = Failed(Kind.BOUNCE, Cause.LISTING_WRONG)


def test_failures_count_people_and_not_things() -> None:
    cases = [case(failures=(LATE, LATE, WRONG)) for _ in range(10)] + [case() for _ in range(10)]
    figures = publish(QUARTER, cases, {})
    assert figures["failure/any"] == figures["failure/cause/late"] == figures["failure/kind/bounce"] == 10
    assert figures["failure/timed"] == 10
    assert figures["failure/cause/no-answer"] == figures["failure/cause/not-said"] == 0


def test_a_cause_that_nobody_said_is_counted_so() -> None:
    figures = publish(QUARTER, [case(failures=(Failed(Kind.OTHER, None),)) for _ in range(8)], {})
    assert (figures["failure/cause/not-said"], figures["failure/timed"]) == (10, 0)


def test_what_failures_cost_is_told_in_half_hours_and_of_people_enough() -> None:
    many = cube.publish(counted(QUARTER, [case(failures=(LATE, LATE, WRONG)) for _ in range(9)]), {})
    assert many["minutes"] == 360
    few = cube.publish(counted(QUARTER, [case(failures=(LATE,)) for _ in range(7)]), {})
    assert (few["minutes"], few["figures"]["failure/any"]) == ("*", "*")
    none = cube.publish(counted(QUARTER, [case()]), {})
    assert none["minutes"] == 0


def test_what_was_missing() -> None:
    assert lacks_met([], waiting=False) == frozenset()
    assert lacks_met([Setback.NO_ANSWER, Setback.STOPPED], waiting=False) == frozenset()
    assert lacks_met([Setback.INELIGIBLE], waiting=True) == {Lack.TURNED_AWAY, Lack.WAITING}
    assert lacks_met([Setback.NOTHING_FITS], waiting=False) == {Lack.NOTHING_FITS}


def test_a_ward_of_few_cannot_be_taken_from_the_others() -> None:
    waiting = frozenset({Lack.WAITING})
    cases = [case(lacks=waiting) for _ in range(20)]
    cases += [case("E05000002", lacks=waiting) for _ in range(12)]
    cases += [case("E05000003", lacks=waiting) for _ in range(2)]
    figures = publish(QUARTER, cases, {})
    assert figures["lack/waiting/E05000003"] == "*"
    known = ranges(figures, cube.table_of(counted(QUARTER, cases), {}))
    assert known["lack/waiting/E05000003"].candidates >= CANDIDATES


def test_a_month_says_nothing_of_wards() -> None:
    figures = publish(MONTHS[0], [case(lacks=frozenset(Lack))], {})
    assert not any(key.startswith("lack/") and key.count("/") > 1 for key in figures)
