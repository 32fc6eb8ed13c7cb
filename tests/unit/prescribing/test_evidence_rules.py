"""What may be published: periods, suppression, the flow, intervals."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import small_numbers
from core.errors import Invalid
from prescribing.episodes.moves import Event, MoveKind, standing, without_undone
from prescribing.episodes.rules import EpisodeState
from prescribing.evidence import endings, rules
from prescribing.evidence.endings import Ending, Setback
from prescribing.evidence.rules import Period, PeriodKind, Stage
from prescribing.referrals.rules import DeclineReason, ReferralState

E, R = EpisodeState, ReferralState
START = datetime(2026, 3, 3, 12, tzinfo=UTC)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
COUNTS = st.integers(0, 500)
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


@pytest.mark.parametrize(
    ("kind", "day", "start", "end", "words"),
    [
        (PeriodKind.MONTH, date(2026, 2, 14), date(2026, 2, 1), date(2026, 2, 28), "February 2026"),
        (PeriodKind.QUARTER, date(2026, 2, 14), date(2026, 1, 1), date(2026, 3, 31), "January to March 2026"),
        (
            PeriodKind.QUARTER,
            date(2025, 12, 31),
            date(2025, 10, 1),
            date(2025, 12, 31),
            "October to December 2025",
        ),
        (PeriodKind.YEAR, date(2026, 3, 31), date(2025, 4, 1), date(2026, 3, 31), "April 2025 to March 2026"),
        (PeriodKind.YEAR, date(2026, 4, 1), date(2026, 4, 1), date(2027, 3, 31), "April 2026 to March 2027"),
    ],
)
def test_periods(kind: PeriodKind, day: date, start: date, end: date, words: str) -> None:
    period = rules.period_of(kind, day)
    assert (period.start, period.end, period.say()) == (start, end, words)


def test_free_date_ranges_cannot_be_made() -> None:
    for kind, start in ((PeriodKind.MONTH, date(2026, 1, 2)), (PeriodKind.YEAR, date(2026, 1, 1))):
        with pytest.raises(ValueError, match="starts on"):
            Period(kind, start)


@given(st.sampled_from(PeriodKind), DAYS)
def test_periods_tile_time(kind: PeriodKind, day: date) -> None:
    period = rules.period_of(kind, day)
    assert period.covers(day)
    assert period.previous.end + timedelta(days=1) == period.start
    assert not period.complete(day)
    assert period.complete(period.end + timedelta(days=1))
    assert rules.latest_complete(kind, day) == period.previous


def test_the_periods_that_are_over() -> None:
    found = rules.complete_periods(PeriodKind.QUARTER, date(2025, 8, 1), date(2026, 4, 1))
    assert [period.start for period in found] == [date(2026, 1, 1), date(2025, 10, 1), date(2025, 7, 1)]
    assert rules.complete_periods(PeriodKind.YEAR, date(2026, 4, 1), date(2026, 5, 1)) == ()


def test_counts_are_suppressed_as_the_contract_says() -> None:
    shown = {count: small_numbers.suppress(count) for count in (0, 1, 7, 8, 12, 13, 17, 18, 100)}
    assert shown == {0: 0, 1: "*", 7: "*", 8: 10, 12: 10, 13: 15, 17: 15, 18: 20, 100: 100}
    with pytest.raises(ValueError, match="less than nothing"):
        small_numbers.suppress(-1)


@given(COUNTS)
def test_no_small_count_is_ever_shown(count: int) -> None:
    shown = small_numbers.suppress(count)
    assert (shown == "*") is (1 <= count <= 7)
    if not isinstance(shown, str):
        assert shown % 5 == 0
        assert abs(shown - count) <= 2


def test_shares_come_from_what_is_shown() -> None:
    assert small_numbers.share(small_numbers.suppress(0), small_numbers.suppress(0)) is None
    assert small_numbers.share(small_numbers.suppress(3), small_numbers.suppress(100)) == "*"
    assert small_numbers.share(small_numbers.suppress(3), small_numbers.suppress(5)) == "*"
    assert small_numbers.share(small_numbers.suppress(13), small_numbers.suppress(100)) == 15
    assert small_numbers.share(small_numbers.suppress(0), small_numbers.suppress(100)) == 0
    assert small_numbers.share(small_numbers.suppress(13), small_numbers.suppress(12)) == 100


def history(*steps: tuple[int, str]) -> list[Event]:
    """Events from (days after the start, state); "undo" takes back the closing before it."""
    events: list[Event] = []
    for after, state in steps:
        source = events[-1].target if events else None
        at = START + timedelta(days=after)
        if state == "undo":
            events.append(Event(at, "a", source, events[-1].source or "", kind=MoveKind.UNDO_CLOSE))
        elif state == "entered-in-error":
            events.append(Event(at, "a", source, state, kind=MoveKind.ENTERED_IN_ERROR))
        else:
            events.append(Event(at, "a", source, state))
    return events


def on(after: int) -> date:
    return (START + timedelta(days=after)).date()


EPISODE = history(
    (0, E.DRAFT), (1, E.SUBMITTED), (2, E.TRIAGE), (3, E.ALLOCATED), (4, E.CONTACTING), (6, E.ACTIVE)
)


def test_the_whole_flow() -> None:
    kept = history((8, R.REQUESTED), (10, R.ACCEPTED), (15, R.STARTED), (30, R.COMPLETED))
    declined = history((7, R.REQUESTED), (9, R.DECLINED))
    reached = rules.stages_reached(EPISODE, [kept, declined], contacted_on=on(5))
    assert reached == {
        Stage.REQUESTS: on(1),
        Stage.CONTACTED: on(5),
        Stage.ACTIVE: on(6),
        Stage.REFERRED_ONWARD: on(7),
        Stage.ACCEPTED: on(10),
        Stage.STARTED: on(15),
        Stage.SUSTAINED: on(30),
    }
    assert list(reached) == list(Stage)
    days = rules.working_days_in_stages(reached)
    assert days[Stage.REQUESTS] == 2
    assert days[Stage.STARTED] == 11
    assert Stage.SUSTAINED not in days


def test_a_draft_and_a_mistake_are_not_requests() -> None:
    assert rules.stages_reached(EPISODE[:1]) == {}
    assert rules.stages_reached([*EPISODE, *history((9, "entered-in-error"))]) == {}


def test_a_referral_entered_in_error_does_not_count() -> None:
    wrong = history((8, R.REQUESTED), (9, R.ACCEPTED), (9, "entered-in-error"))
    assert list(rules.stages_reached(EPISODE, [wrong])) == [Stage.REQUESTS, Stage.CONTACTED, Stage.ACTIVE]


def test_a_closing_that_was_undone_does_not_count() -> None:
    undone = history((8, R.REQUESTED), (9, R.ACCEPTED), (10, R.STARTED), (20, R.COMPLETED), (21, "undo"))
    reached = rules.stages_reached(EPISODE, [undone])
    assert Stage.SUSTAINED not in reached
    assert reached[Stage.STARTED] == on(10)
    assert standing(undone) == tuple(undone[:3])


def test_what_was_entered_in_error_and_put_right_again_counts() -> None:
    again = history((8, R.REQUESTED), (9, "entered-in-error"), (10, "undo"), (11, R.ACCEPTED))
    assert standing(again) == (again[0], again[3])
    assert Stage.ACCEPTED in rules.stages_reached(EPISODE, [again])
    twice = history(
        (8, R.REQUESTED), *((day, kind) for day in (9, 10) for kind in ("entered-in-error", "undo"))
    )
    assert without_undone(twice) == standing(twice) == tuple(twice[:1])
    wrong = history((8, R.REQUESTED), (9, "entered-in-error"))
    assert without_undone(wrong) == tuple(wrong)
    assert standing(wrong) == ()


def test_whoever_got_further_has_passed_what_was_not_recorded() -> None:
    early = EPISODE[:3]
    reached = rules.stages_reached(early, [history((8, R.REQUESTED))])
    assert reached == {
        Stage.REQUESTS: on(1),
        Stage.CONTACTED: on(8),
        Stage.ACTIVE: on(8),
        Stage.REFERRED_ONWARD: on(8),
    }


@given(st.lists(st.sampled_from(sorted(R)), max_size=5), st.none() | st.integers(1, 30))
def test_the_flow_never_widens(states: list[ReferralState], contacted: int | None) -> None:
    referral = history(*((8 + n, state) for n, state in enumerate(states) if state != "entered-in-error"))
    reached = rules.stages_reached(EPISODE, [referral], None if contacted is None else on(contacted))
    counts = rules.flow([reached, rules.stages_reached(EPISODE[:2]), {}])
    assert list(counts) == list(Stage)
    assert list(counts.values()) == sorted(counts.values(), reverse=True)
    assert all(days >= 0 for days in rules.working_days_in_stages(reached).values())
    assert set(rules.STAGE_WORDS) == set(Stage)


@pytest.mark.shared_data
def test_wilson_agrees_with_published_examples() -> None:
    vectors = json.loads((SHARED / "statistics" / "vectors.json").read_text(encoding="utf-8"))
    for example in vectors["wilson_95"]:
        interval = rules.wilson(example["x"], example["n"])
        assert interval is not None
        assert (interval.lower, interval.upper) == pytest.approx(
            (example["lower"], example["upper"]), abs=1e-5
        )


@given(st.integers(0, 300), st.integers(0, 300))
def test_wilson_holds_the_share_and_stays_between_nought_and_one(part: int, more: int) -> None:
    whole = part + more
    interval = rules.wilson(part, whole)
    if whole == 0:
        assert interval is None
        return
    assert interval is not None
    assert 0 <= interval.lower <= part / whole + 1e-9
    assert part / whole - 1e-9 <= interval.upper <= 1
    narrower = rules.wilson(part, whole, confidence=0.8)
    assert narrower is not None
    assert narrower.upper - narrower.lower <= interval.upper - interval.lower


@pytest.mark.parametrize(("part", "whole"), [(-1, 5), (6, 5)])
def test_wilson_wants_a_part_of_a_whole(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="part"):
        rules.wilson(part, whole)


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("2026-03", "March 2026"),
        ("2026-Q1", "January to March 2026"),
        ("2025-Q4", "October to December 2025"),
        ("2025-to-2026", "April 2025 to March 2026"),
    ],
)
def test_a_period_has_a_name_to_ask_for(slug: str, words: str) -> None:
    period = rules.read_period(f" {slug} ")
    assert period.say() == words
    assert rules.slug_of(period) == slug


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-Q5", "2025-to-2027", "2026-03-01", "last year"]
)
def test_a_free_range_has_no_name(text: str) -> None:
    with pytest.raises(Invalid, match="2026-Q1"):
        rules.read_period(text)


@given(st.sampled_from(PeriodKind), DAYS)
def test_every_period_can_be_named(kind: PeriodKind, day: date) -> None:
    period = rules.period_of(kind, day)
    assert rules.read_period(rules.slug_of(period)) == period


def test_longer_periods_are_made_of_shorter_ones() -> None:
    year = Period(PeriodKind.YEAR, date(2025, 4, 1))
    quarters = rules.parts_of(year, PeriodKind.QUARTER)
    assert [rules.slug_of(each) for each in quarters] == ["2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1"]
    months = [month for quarter in quarters for month in rules.parts_of(quarter, PeriodKind.MONTH)]
    assert tuple(months) == rules.parts_of(year, PeriodKind.MONTH)
    assert (months[0].start, months[-1].end) == (year.start, year.end)


def test_means() -> None:
    assert rules.mean_with_interval([]) is None
    assert rules.mean_with_interval([3.0]) == rules.Mean(3.0, None)
    # Two values a and b: t at one degree of freedom is 12.7062, so half the interval is 6.3531 times their distance.
    found = rules.mean_with_interval([1.0, 3.0])
    assert found is not None
    assert found.interval is not None
    assert found.value == 2.0
    assert found.interval.lower == pytest.approx(2 - 12.7062, abs=1e-4)
    assert found.interval.upper == pytest.approx(2 + 12.7062, abs=1e-4)


@pytest.mark.shared_data
def test_means_match_published_examples() -> None:
    cases = json.loads((SHARED / "statistics" / "vectors.json").read_text(encoding="utf-8"))["mean_t_95"]
    for case in cases:
        found = rules.mean_with_interval(case["values"])
        assert found is not None
        assert found.interval is not None
        assert found.value == pytest.approx(case["mean"], abs=1e-4)
        assert found.interval.lower == pytest.approx(case["lower"], abs=1e-4)
        assert found.interval.upper == pytest.approx(case["upper"], abs=1e-4)


def test_how_an_episode_stands() -> None:
    assert endings.ending(EPISODE) is Ending.GOING_ON
    assert endings.ending([]) is Ending.GOING_ON
    closed = [*EPISODE, Event(START + timedelta(days=9), "a", E.ACTIVE, E.COMPLETED)]
    assert endings.ending(closed) is Ending.FINISHED
    undone = Event(START + timedelta(days=10), "a", E.COMPLETED, E.ACTIVE, kind=MoveKind.UNDO_CLOSE)
    assert endings.ending([*closed, undone]) is Ending.GOING_ON
    assert (
        endings.ending([*EPISODE, Event(START + timedelta(days=9), "a", E.ACTIVE, E.WITHDRAWN)])
        is Ending.LEFT
    )


def test_what_did_not_work() -> None:
    asked = (8, R.REQUESTED)
    assert endings.setback(history(asked, (9, R.DECLINED)), "no-capacity") is Setback.NO_CAPACITY
    assert endings.setback(history(asked, (9, R.DECLINED)), None) is Setback.NOT_SUITABLE
    assert endings.setback(history(asked, (30, R.EXPIRED)), None) is Setback.NO_ANSWER
    assert (
        endings.setback(history(asked, (9, R.ACCEPTED), (20, R.NEVER_STARTED)), None) is Setback.NEVER_STARTED
    )
    assert endings.setback(history(asked, (9, R.ACCEPTED)), None) is None
    assert endings.setback(history(asked, (9, "entered-in-error")), None) is None
    assert {reason.value for reason in DeclineReason} <= {each.value for each in Setback}
    assert set(endings.SETBACK_WORDS) == set(Setback)
    assert set(endings.ENDING_WORDS) == set(Ending)
