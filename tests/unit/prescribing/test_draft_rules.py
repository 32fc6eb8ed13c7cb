"""What is kept of a form while it is typed."""

from __future__ import annotations

from uuid import UUID

import pytest

from core.errors import Invalid
from prescribing.drafts.rules import (
    REFERRAL,
    RIGHTS,
    WORRY_DONE,
    from_text,
    is_kept,
    is_new_worry,
    is_rights_work,
    is_worry,
    place,
    to_keep,
    to_text,
)


def test_answers_are_kept_and_what_belongs_to_one_sending_is_not() -> None:
    pairs = [
        ("note", "She laughed"),
        ("csrf_token", "x"),
        ("version", "3"),
        ("minutes", " "),
        ("share_offer", "y"),
    ]
    kept = to_keep(pairs)
    assert kept == (("note", "She laughed"),)
    assert from_text(to_text(kept)) == kept


def test_which_version_was_begun_is_kept_where_it_is_asked_for() -> None:
    pairs = [("version", "3"), ("csrf_token", "x")]
    assert to_keep(pairs, also=("version",)) == (("version", "3"),)


def test_each_place_has_a_name_that_fits() -> None:
    whole = place("hand-over", UUID(int=7))
    assert whole == "hand-over-00000000000000000000000000000007"
    assert len(whole) <= 60
    assert place("together") == "together"
    assert is_worry("worry")
    assert is_worry(place("worry", UUID(int=7)))
    assert not is_worry(place("message", UUID(int=7)))


def test_what_was_done_about_a_worry_is_a_worry_but_no_new_one() -> None:
    done = place(WORRY_DONE, UUID(int=7))
    assert is_worry(done)
    assert not is_new_worry(done)
    assert is_new_worry(place("worry", UUID(int=7)))
    assert not is_new_worry("message")


def test_an_officers_work_is_told_from_what_is_begun_about_somebody() -> None:
    longest = place(f"{RIGHTS}-unknown-answer", UUID(int=7))
    assert is_rights_work(longest)
    assert len(longest) <= 60
    assert not is_rights_work("message")


def test_forms_are_kept_by_name_and_each_letter_by_itself() -> None:
    assert is_kept("contact")
    assert is_kept("letter-goodbye-text")
    assert not is_kept("letter-goodbye")
    assert is_kept(place(REFERRAL, UUID(int=7)))
    assert not is_kept("refer-7")
    assert not is_kept("password")
    assert is_kept("measure-ons-loneliness")
    assert is_kept(place("measure-goal", UUID(int=7)))
    assert not is_kept("measure-")


@pytest.mark.parametrize("pairs", [[("note", "x" * 20_001)], [(f"box{n}", "y") for n in range(61)]])
def test_more_than_a_form_holds_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid, match="Shorten"):
        to_keep(pairs)
