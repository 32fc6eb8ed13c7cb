"""Measures: answers, scores, changes in words, and which points are compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid, Refused
from prescribing.episodes.rules import EpisodeState
from prescribing.measures import rules
from prescribing.measures.instruments import (
    GOAL,
    INSTRUMENTS,
    ONS4,
    ONS_LONELINESS,
    SCORE_SLOTS,
    SHIPPED,
    SWEMWBS,
    SWEMWBS_METRIC,
    UCLA3,
)
from prescribing.measures.rules import Direction, Instrument, Point, Taken, Turn

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
WHOLE = {"satisfaction": 4, "worthwhile": 5, "happiness": 8, "anxiety": 6}


def answer(instrument: Instrument, value: int) -> dict[str, int]:
    return {item.key: value for item in instrument.items}


def test_ons4_asks_the_four_questions_as_published() -> None:
    assert [item.question for item in ONS4.items] == [
        "Overall, how satisfied are you with your life nowadays?",
        "Overall, to what extent do you feel that the things you do in your life are worthwhile?",
        "Overall, how happy did you feel yesterday?",
        "Overall, how anxious did you feel yesterday?",
    ]
    assert all((item.low, item.high) == (0, 10) for item in ONS4.items)
    assert [item.direction for item in ONS4.items] == [Direction.HIGHER_BETTER] * 3 + [Direction.LOWER_BETTER]


def test_ons4_bands() -> None:
    good = [rules.band_of(ONS4.items[0].bands, value) for value in range(11)]
    assert good == ["low"] * 5 + ["medium"] * 2 + ["high"] * 2 + ["very high"] * 2
    anxious = [rules.band_of(ONS4.items[3].bands, value) for value in range(11)]
    assert anxious == ["very low"] * 2 + ["low"] * 2 + ["medium"] * 2 + ["high"] * 5


def test_ons4_is_never_summed() -> None:
    assert rules.score(ONS4, WHOLE) is None
    assert rules.total_change(ONS4, WHOLE, WHOLE) is None


def test_answers_off_the_scale_are_refused_with_a_remedy() -> None:
    for value in (-1, 11, True):
        with pytest.raises(Invalid, match="Life satisfaction: choose a number from 0 to 10"):
            rules.check_answers(ONS4, {"satisfaction": value})
    with pytest.raises(Invalid, match="has no question"):
        rules.check_answers(ONS4, {"height": 3})


def test_a_part_answered_set_is_kept_and_marked() -> None:
    part = rules.completeness(ONS4, {"satisfaction": 4, "anxiety": None})
    assert (part.answered, part.asked, part.complete) == (1, 4, False)
    assert part.say() == "1 of 4 questions answered. The rest is not guessed."
    whole = rules.completeness(ONS4, WHOLE)
    assert whole.complete
    assert whole.say() == "All questions answered."


@given(st.dictionaries(st.sampled_from([item.key for item in UCLA3.items]), st.none() | st.integers(1, 3)))
def test_a_part_set_is_never_scored_as_if_whole(answers: dict[str, int | None]) -> None:
    whole = rules.completeness(UCLA3, answers).complete
    assert (rules.score(UCLA3, answers) is not None) is whole


@pytest.mark.parametrize(("raw", "metric"), [(7, 7), (8, 9.51), (21, 19.25), (34, 32.55), (35, 35)])
def test_swemwbs_table(raw: int, metric: float) -> None:
    assert SWEMWBS_METRIC[raw] == metric
    answers = dict(zip((item.key for item in SWEMWBS.items), _spread(raw), strict=True))
    assert rules.score(SWEMWBS, answers) == metric


def _spread(raw: int) -> list[int]:
    each, rest = divmod(raw, 7)
    return [each + (1 if n < rest else 0) for n in range(7)]


def test_swemwbs_rises_with_every_raw_point_and_ships_no_wording() -> None:
    values = list(SWEMWBS_METRIC.values())
    assert len(values) == 29
    assert values == sorted(set(values))
    assert SWEMWBS.licensed
    assert not any(item.question for item in SWEMWBS.items)
    assert SWEMWBS.key not in SHIPPED
    assert SWEMWBS.key in INSTRUMENTS
    assert set(SCORE_SLOTS) == {"mycaw", "pam", "eq-5d"}


def test_ucla_six_or_more_is_lonely() -> None:
    assert rules.score(UCLA3, answer(UCLA3, 1)) == 3
    change = rules.total_change(UCLA3, answer(UCLA3, 2), answer(UCLA3, 1))
    assert change is not None
    assert change.words == "Loneliness went down by 3, from 6 (lonely) to 3 (not lonely)"
    assert (change.turn, change.moved_band, change.difference) == (Turn.BETTER, True, -3)
    stayed = rules.total_change(UCLA3, answer(UCLA3, 3), answer(UCLA3, 3))
    assert stayed is not None
    assert (stayed.words, stayed.turn) == ("Loneliness stayed at 9 (lonely)", Turn.SAME)
    assert rules.total_change(UCLA3, {"left-out": 1}, answer(UCLA3, 1)) is None


def test_ons_loneliness_is_told_in_its_words_and_has_no_direction() -> None:
    (change,) = rules.changes(ONS_LONELINESS, {"lonely": 1}, {"lonely": 4})
    assert change.words == "Feeling lonely changed from “often or always” to “hardly ever”"
    assert change.turn is Turn.OTHER
    (same,) = rules.changes(ONS_LONELINESS, {"lonely": 5}, {"lonely": 5})
    assert same.words == "Feeling lonely stayed at “never”"


def test_change_in_words() -> None:
    after = {"satisfaction": 7, "worthwhile": 5, "happiness": 6, "anxiety": 3}
    satisfaction, worthwhile, happiness, anxiety = rules.changes(ONS4, WHOLE, after)
    assert satisfaction.words == "Life satisfaction went up by 3, from 4 (low) to 7 (high)"
    assert (satisfaction.turn, satisfaction.moved_band, satisfaction.difference) == (Turn.BETTER, True, 3)
    assert worthwhile.words == "Feeling worthwhile stayed at 5 (medium)"
    assert (worthwhile.turn, worthwhile.moved_band) == (Turn.SAME, False)
    assert happiness.words == "Happiness went down by 2, from 8 (high) to 6 (medium)"
    assert happiness.turn is Turn.WORSE
    assert anxiety.words == "Anxiety went down by 3, from 6 (high) to 3 (low)"
    assert anxiety.turn is Turn.BETTER


def test_only_what_was_answered_both_times_is_compared() -> None:
    compared = rules.changes(ONS4, WHOLE, {"anxiety": 7})
    assert [(change.key, change.turn) for change in compared] == [("anxiety", Turn.WORSE)]
    assert rules.changes(ONS4, {}, WHOLE) == ()


def test_goal_progress_and_confidence() -> None:
    before, after = {"importance": 9, "confidence": 3}, {"importance": 7, "confidence": 6, "progress": 5}
    importance, confidence = rules.changes(GOAL, before, after)
    assert importance.turn is Turn.OTHER
    assert confidence.words == "Confidence went up by 3, from 3 to 6"
    with pytest.raises(Invalid, match="from 1 to 10"):
        rules.check_answers(GOAL, {"confidence": 0})


@pytest.mark.parametrize(
    ("before", "after", "ending", "turn"),
    [
        (21, 22, "too small a change to be sure of", Turn.SAME),
        (21, 24, "A change of this size may matter", Turn.BETTER),
        (24, 21, "A change of this size may matter", Turn.WORSE),
        (21, 30, "A change of this size matters", Turn.BETTER),
        (21, 21, "Mental wellbeing stayed at 19.25", Turn.SAME),
    ],
)
def test_how_much_a_swemwbs_change_matters(before: int, after: int, ending: str, turn: Turn) -> None:
    keys = [item.key for item in SWEMWBS.items]
    change = rules.total_change(
        SWEMWBS, dict(zip(keys, _spread(before), strict=True)), dict(zip(keys, _spread(after), strict=True))
    )
    assert change is not None
    assert change.words.endswith(ending)
    assert change.turn is turn


def taken(point: Point, day: int) -> Taken:
    return Taken(point, NOW + timedelta(days=day), {"satisfaction": day})


def test_the_first_baseline_is_compared_with_the_latest_exit() -> None:
    sets = [taken(Point.EXIT, 40), taken(Point.REVIEW, 50), taken(Point.EXIT, 45), taken(Point.BASELINE, 1)]
    found = rules.pair([*sets, taken(Point.BASELINE, 3), taken(Point.FOLLOW_UP, 90)])
    assert found == (taken(Point.BASELINE, 1), taken(Point.EXIT, 45))


def test_before_an_exit_the_latest_review_is_compared() -> None:
    found = rules.pair([taken(Point.BASELINE, 1), taken(Point.REVIEW, 20), taken(Point.REVIEW, 30)])
    assert found == (taken(Point.BASELINE, 1), taken(Point.REVIEW, 30))


def test_nothing_to_compare() -> None:
    assert rules.pair([]) is None
    assert rules.pair([taken(Point.EXIT, 1)]) is None
    assert rules.pair([taken(Point.BASELINE, 1), taken(Point.FOLLOW_UP, 90)]) is None
    assert rules.pair([taken(Point.EXIT, 1), taken(Point.BASELINE, 2)]) is None


def test_the_next_point() -> None:
    started = [taken(Point.BASELINE, 1)]
    assert rules.next_point([]) is Point.BASELINE
    assert rules.next_point([], closing=True) is Point.BASELINE
    assert rules.next_point(started) is Point.REVIEW
    assert rules.next_point(started, closing=True) is Point.EXIT
    assert rules.next_point([], closed=True) is Point.FOLLOW_UP
    assert set(rules.POINT_WORDS) == set(Point)


@given(st.sampled_from(sorted(SHIPPED)), st.data())
def test_every_shipped_item_can_be_told_for_every_answer(key: str, data: st.DataObject) -> None:
    for item in SHIPPED[key].items:
        scale = st.integers(int(item.low), int(item.high))
        before, after = data.draw(scale), data.draw(scale)
        change = rules.item_change(item, before, after)
        assert change.words.startswith(item.label)
        assert (change.turn is Turn.SAME) is (before == after)
        assert item.question.endswith("?")
        if item.bands:
            assert change.before_band is not None
            assert change.after_band is not None


BASELINE = Taken(Point.BASELINE, NOW, WHOLE)


def test_nobody_is_measured_at_a_first_contact() -> None:
    for state in (EpisodeState.TRIAGE, EpisodeState.ALLOCATED, EpisodeState.CONTACTING):
        assert rules.open_points(state, [], planned=True) == ()
        with pytest.raises(Refused, match="first contact"):
            rules.check_point(state, [], Point.BASELINE, planned=True)


def test_the_start_is_measured_when_there_is_a_plan() -> None:
    with pytest.raises(Refused, match="a goal together"):
        rules.check_point(EpisodeState.ACTIVE, [], Point.BASELINE, planned=False)
    rules.check_point(EpisodeState.ACTIVE, [], Point.BASELINE, planned=True)


def test_there_is_one_start_and_then_reviews_and_an_end() -> None:
    with pytest.raises(Refused, match="answered at the start already"):
        rules.check_point(EpisodeState.ACTIVE, [BASELINE], Point.BASELINE, planned=True)
    assert rules.open_points(EpisodeState.PAUSED, [BASELINE], planned=False) == (Point.REVIEW, Point.EXIT)
    with pytest.raises(Refused, match="“part way” or “at the end”"):
        rules.check_point(EpisodeState.ACTIVE, [BASELINE], Point.FOLLOW_UP, planned=True)


def test_after_closing_the_end_can_still_be_asked_once() -> None:
    closed, done = EpisodeState.COMPLETED, Taken(Point.EXIT, NOW, WHOLE)
    assert rules.open_points(closed, [BASELINE], planned=True) == (Point.FOLLOW_UP, Point.EXIT)
    assert rules.open_points(closed, [BASELINE, done], planned=True) == (Point.FOLLOW_UP,)
    with pytest.raises(Refused, match="at the start"):
        rules.check_point(closed, [], Point.BASELINE, planned=True)
    assert rules.open_points(EpisodeState.ENTERED_IN_ERROR, [], planned=True) == ()


def test_every_choice_has_words() -> None:
    assert set(rules.MODE_WORDS) == set(rules.Mode)
    assert set(rules.COMPLETED_BY_WORDS) == set(rules.CompletedBy)
    assert set(rules.NOT_TODAY_WORDS) == set(rules.NotToday)
    assert set(rules.POINT_WORDS) == set(Point)
