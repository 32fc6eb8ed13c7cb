"""Which language somebody is written to in, of what stands written about an interpreter."""

from __future__ import annotations

import pytest

from core.notify.tongue_rules import TONGUES, needs_none, tongue_of, tongues_of


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Urdu", "ur"),
        ("Somali; some English, better face to face", "so"),
        ("Chinese (Cantonese)", "zh-Hans"),
        ("speaks PANJABI.", "pa"),
        ("English, Polish at home", "pl"),
        ("Klingon", None),
        ("English only.", None),
        ("none", None),
        ("", None),
    ],
)
def test_the_first_language_that_is_named_counts(written: str, code: str | None) -> None:
    found = tongue_of(written)
    assert (found.code if found else None) == code


def test_all_that_are_named_are_found_once() -> None:
    assert [one.name for one in tongues_of("Dari, Farsi or Persian")] == ["Dari", "Farsi"]
    assert needs_none("No interpreter needed")
    assert not needs_none("Klingon")


def test_each_language_says_from_which_side_it_is_read() -> None:
    assert (TONGUES["ur"].direction, TONGUES["so"].direction) == ("rtl", "ltr")
    assert len({one.name for one in TONGUES.values()}) == len(TONGUES)
