"""References that people quote."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.references import rules

references = st.randoms(use_true_random=False).map(lambda source: rules.new_reference(source.choice))


def characters(reference: str) -> str:
    return reference.removeprefix("GT-").replace("-", "")


def written(six: str) -> str:
    return f"GT-{six[:4]}-{six[4:]}"


def test_the_printed_example_is_a_true_reference() -> None:
    assert rules.is_reference("GT-7K4M-2Q")


def test_randomness_is_given_from_outside() -> None:
    assert rules.new_reference(random.Random(7).choice) == rules.new_reference(random.Random(7).choice)
    assert rules.is_reference(rules.new_reference())


@given(references)
def test_a_reference_has_no_lookalikes(reference: str) -> None:
    assert not set(characters(reference)) & set("0O1ILB8S5Z2GU") - set("258")


@given(references, st.sampled_from(["{}", " {} ", "gt {1}", "{1}", "{2}", "GT{1}"]))
def test_what_people_type_is_understood(reference: str, shape: str) -> None:
    six = characters(reference)
    typed = shape.format(reference, f"{six[:3]} {six[3:]}", six.lower())
    assert rules.parse_reference(typed) == reference


@given(references)
def test_letters_read_for_numbers_are_understood(reference: str) -> None:
    six = characters(reference).translate(str.maketrans("8526V", "BSZGU"))
    assert rules.parse_reference(written(six)) == reference


@given(references, st.integers(0, 5), st.sampled_from(rules.ALPHABET))
def test_one_wrong_character_is_found(reference: str, place: int, other: str) -> None:
    six = characters(reference)
    changed = six[:place] + other + six[place + 1 :]
    assert rules.is_reference(written(changed)) is (changed == six)


@given(references, st.integers(0, 5), st.integers(0, 5))
def test_two_swapped_characters_are_found(reference: str, one: int, two: int) -> None:
    six = list(characters(reference))
    six[one], six[two] = six[two], six[one]
    changed = "".join(six)
    assert rules.is_reference(written(changed)) is (written(changed) == reference)


@pytest.mark.parametrize(
    "text", ["", "GT", "GT-7K4M-2", "GT-7K4M-2QQ", "GT-7K4M-2W", "GT-7K4M-2O", "XX-7K4M-2Q"]
)
def test_anything_else_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(Invalid, match="look like GT-7K4M-2Q"):
        rules.parse_reference(text)
    assert not rules.is_reference(text)
