"""What is kept of a form while it is typed."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from prescribing.drafts.rules import from_text, is_kept, to_keep, to_text


def test_answers_are_kept_and_what_belongs_to_one_sending_is_not() -> None:
    pairs = [("note", "She laughed"), ("csrf_token", "x"), ("version", "3"), ("minutes", " ")]
    kept = to_keep(pairs)
    assert kept == (("note", "She laughed"),)
    assert from_text(to_text(kept)) == kept


def test_forms_are_kept_by_name_and_each_letter_by_itself() -> None:
    assert is_kept("contact")
    assert is_kept("letter-goodbye-text")
    assert not is_kept("letter-goodbye")
    assert not is_kept("password")


@pytest.mark.parametrize("pairs", [[("note", "x" * 20_001)], [(f"box{n}", "y") for n in range(61)]])
def test_more_than_a_form_holds_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid, match="Shorten"):
        to_keep(pairs)
