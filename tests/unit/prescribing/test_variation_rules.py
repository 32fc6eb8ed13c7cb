"""A share by month: what chance alone does, and what tells that something changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prescribing.evidence.variation_rules import Signal, p_chart


def test_limits_stand_three_standard_errors_about_the_share_of_all() -> None:
    chart = p_chart([(10, 100), (20, 100), (30, 200)])
    assert chart is not None
    # 60 of 400 is 0.15; the standard error of 100 is 0.0357 and of 200 is 0.0252.
    assert chart.centre == pytest.approx(0.15)
    assert [point.share for point in chart.points] == pytest.approx([0.1, 0.2, 0.15])
    assert [point.lower for point in chart.points] == pytest.approx([0.0429, 0.0429, 0.0743], abs=1e-4)
    assert [point.upper for point in chart.points] == pytest.approx([0.2571, 0.2571, 0.2257], abs=1e-4)


def test_a_month_beyond_chance_is_told_apart() -> None:
    chart = p_chart([(10, 100)] * 10 + [(40, 100), (0, 400)])
    assert chart is not None
    assert [point.signal for point in chart.points] == [Signal.USUAL] * 10 + [Signal.HIGH, Signal.LOW]


@pytest.mark.parametrize(("months", "steady"), [(11, False), (12, True)])
def test_a_year_of_months_makes_steady_limits(months: int, steady: bool) -> None:
    chart = p_chart([(1, 10)] * months)
    assert chart is not None
    assert chart.steady is steady


def test_of_no_months_there_is_no_chart() -> None:
    assert p_chart([]) is None


@pytest.mark.parametrize("wrong", [(1, 0), (-1, 5), (6, 5)])
def test_a_part_lies_within_its_whole(wrong: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="between nought and its whole"):
        p_chart([(1, 2), wrong])


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 200)), min_size=1, max_size=24))
def test_limits_hold_the_centre_and_stay_between_nought_and_one(parts: list[tuple[int, int]]) -> None:
    chart = p_chart(parts)
    assert chart is not None
    for point in chart.points:
        assert 0 <= point.lower <= chart.centre <= point.upper <= 1


def test_limits_never_leave_nought_to_one() -> None:
    chart = p_chart([(1, 3), (3, 3)])
    assert chart is not None
    assert {(point.lower, point.upper) for point in chart.points} == {(0.0, 1.0)}
