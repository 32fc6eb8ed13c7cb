"""By when a request is answered, how long a record stays, and what stops its going."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from prescribing.rights import rules
from prescribing.rights.rules import HoldKind, Kept, KeptFor, Stop, Why

TODAY = date(2026, 3, 3)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 3, 3), date(2026, 4, 7)),  # 3 April is Good Friday, 6 April Easter Monday
        (date(2026, 1, 30), date(2026, 3, 2)),  # no 30 February: its last day is a Saturday
        (date(2026, 8, 31), date(2026, 9, 30)),
        (date(2026, 6, 9), date(2026, 7, 9)),
    ],
)
def test_an_answer_is_due_on_the_same_day_of_the_next_month_or_the_next_working_day(
    received: date, due: date
) -> None:
    assert rules.due_on(received) == due


def test_a_hard_case_may_take_two_months_more_and_no_longer() -> None:
    assert rules.due_on(date(2026, 6, 9), 2) == date(2026, 9, 9)
    with pytest.raises(ValueError, match="no more"):
        rules.due_on(TODAY, 3)


@pytest.mark.parametrize(
    ("months", "reason", "today", "field"),
    [
        (3, "There are two thousand pages to read.", TODAY, "months"),
        (0, "There are two thousand pages to read.", TODAY, "months"),
        (2, "busy", TODAY, "reason"),
        (2, "There are two thousand pages to read.", date(2026, 4, 8), "months"),
    ],
)
def test_the_time_is_only_made_longer_in_the_first_month_and_with_a_reason(
    months: int, reason: str, today: date, field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        rules.check_extension(TODAY, months, reason, today)
    assert caught.value.field == field
    rules.check_extension(TODAY, 2, "There are two thousand pages to read.", date(2026, 4, 7))


def test_marked_words_are_taken_out_and_nothing_else_changes() -> None:
    marked = "Her brother [[Dave drinks]], she says.\r\n[[He rang.]] She walks daily."
    rules.check_marks("Her brother Dave drinks, she says.\nHe rang. She walks daily.", marked)
    shown = rules.without_marked(marked)
    assert shown.count(rules.TAKEN_OUT) == 2
    assert "Dave" not in shown
    assert "She walks daily." in shown


@pytest.mark.parametrize("marked", ["Bo [[shouts]]", "Bo shouts", "[[Bo]] shouts"])
def test_marks_that_stood_in_the_text_do_not_shut_the_copy(marked: str) -> None:
    rules.check_marks("Bo [[shouts]]", marked)
    rules.check_marks("Bo [[shouts", marked)


@pytest.mark.parametrize("marked", ["[[Dave", "Dave]]", "[[[[Dave]]]]", "]]Dave[[", "[[Dave]] drinks", "Dav"])
def test_marks_that_do_not_pair_and_words_that_were_changed_are_refused(marked: str) -> None:
    with pytest.raises(Invalid):
        rules.check_marks("Dave", marked)


@given(st.lists(st.tuples(st.booleans(), st.text("abc \n", max_size=8)), max_size=8))
def test_whatever_is_marked_is_gone_and_the_rest_stays(parts: list[tuple[bool, str]]) -> None:
    marked = "".join(f"[[{text}]]" if out else text for out, text in parts)
    rules.check_marks("".join(text for _out, text in parts), marked)
    assert rules.without_marked(marked) == "".join(rules.TAKEN_OUT if out else text for out, text in parts)


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        (Kept(ended=None, supported=True), None),
        (Kept(ended=TODAY, supported=True), (KeptFor.ADULT, date(2034, 3, 3))),
        (Kept(ended=TODAY, supported=True, born=date(1950, 1, 1)), (KeptFor.ADULT, date(2034, 3, 3))),
        (Kept(ended=TODAY, supported=False), (KeptFor.NOT_TAKEN_ON, date(2028, 3, 3))),
        (Kept(ended=TODAY, supported=False, sent=False), (KeptFor.NEVER_SENT, date(2026, 6, 1))),
        (Kept(ended=TODAY, supported=True, died=date(2026, 2, 1)), (KeptFor.DIED, date(2034, 3, 3))),
        (Kept(ended=TODAY, supported=True, born=date(2014, 5, 1)), (KeptFor.CHILD, date(2039, 5, 1))),
        (Kept(ended=TODAY, supported=True, born=date(2008, 5, 1)), (KeptFor.CHILD, date(2034, 5, 1))),
    ],
)
def test_how_long_a_record_is_kept(record: Kept, wanted: tuple[KeptFor, date] | None) -> None:
    assert rules.keep_until(record) == wanted
    assert set(rules.SCHEDULE) == set(KeptFor)


PAST, AHEAD = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("why", "holds", "until", "other", "wanted"),
    [
        (Why.ASKED, [], AHEAD, True, ()),
        (Why.ASKED, [HoldKind.KEEP_LONGER], AHEAD, False, ()),
        (Why.ASKED, [HoldKind.LEGAL], PAST, False, (Stop.LEGAL_HOLD,)),
        (Why.ASKED, [], None, False, (Stop.SUPPORT_GOES_ON,)),
        (Why.TIME_IS_UP, [], PAST, False, ()),
        (Why.TIME_IS_UP, [], TODAY, False, ()),
        (Why.TIME_IS_UP, [], AHEAD, True, (Stop.NOT_DUE, Stop.ASKED_SOMETHING)),
        (
            Why.TIME_IS_UP,
            list(HoldKind),
            None,
            False,
            (Stop.LEGAL_HOLD, Stop.SUPPORT_GOES_ON, Stop.KEPT_LONGER),
        ),
    ],
)
def test_what_stands_in_the_way_of_deleting(
    why: Why, holds: list[HoldKind], until: date | None, other: bool, wanted: tuple[Stop, ...]
) -> None:
    assert rules.stops(why, holds, until, TODAY, other_requests=other) == wanted
    assert set(rules.STOP_WORDS) == set(Stop)


def test_an_emergency_needs_a_sentence_and_lasts_an_hour() -> None:
    with pytest.raises(Invalid, match="sentence"):
        rules.check_emergency("urgent")
    rules.check_emergency("Police ask whether he has a carer.")
    start = datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert rules.is_broken(start, None, start + timedelta(minutes=59))
    assert not rules.is_broken(start, None, start + timedelta(minutes=60))
    assert not rules.is_broken(start, start + timedelta(minutes=5), start + timedelta(minutes=6))
    assert not rules.is_broken(start, None, start - timedelta(minutes=1))


def test_a_right_code_stands_for_five_minutes_and_not_from_the_future() -> None:
    given = datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert rules.is_proved(given.timestamp(), given + timedelta(minutes=4, seconds=59))
    assert not rules.is_proved(given.timestamp(), given + timedelta(minutes=5))
    assert not rules.is_proved(given.timestamp(), given - timedelta(seconds=1))


def test_no_request_came_tomorrow() -> None:
    today = date(2026, 3, 3)
    rules.check_received(today, today)
    with pytest.raises(Invalid, match="ahead of today"):
        rules.check_received(today + timedelta(days=1), today)
