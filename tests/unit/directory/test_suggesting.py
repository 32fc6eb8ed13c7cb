"""Needs that the words of a listing speak of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.exchange.rules import NEEDS
from directory.listings import suggesting
from directory.listings.suggesting import LIKELY, MOST, likely_needs, suggest_needs


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("We give DEBT advice and help with benefits.", "money-and-debt"),
        ("A night shelter for people who are homeless", "homelessness"),
        ("Football for all ages, every Saturday", "being-active"),
        ("A choir that rehearses on Mondays", "purpose"),
        ("Befriending for isolated older people", "loneliness"),
        ("Advice for refugees and asylum seekers", "legal-and-immigration"),
    ],
)
def test_telling_words_suggest_a_need(text: str, slug: str) -> None:
    found = {one.slug: one for one in suggest_needs(text)}
    assert slug in found
    assert 0 < found[slug].confidence < 1
    assert all(words in text.casefold() for words in found[slug].because.split(", "))


def test_what_tells_nothing_suggests_nothing() -> None:
    assert suggest_needs("") == ()
    assert suggest_needs("xyzzy plugh") == ()


def test_more_words_make_surer_and_the_surest_comes_first() -> None:
    once = {one.slug: one.confidence for one in suggest_needs("homeless people")}
    more = {one.slug: one.confidence for one in suggest_needs("homeless people in a night shelter")}
    assert more["homelessness"] > once["homelessness"]
    sure = [one.confidence for one in suggest_needs("homeless people, rough sleepers and somewhere to meet")]
    assert sure == sorted(sure, reverse=True)


def test_every_need_of_the_table_is_one_of_ours() -> None:
    assert set(suggesting._patterns()) <= NEEDS


def test_only_a_few_likely_needs_are_shown() -> None:
    shown = likely_needs(
        "Debt advice", None, "for homeless people and refugees", "a choir, football, befriending"
    )
    assert 0 < len(shown) <= MOST
    assert all(one.confidence >= LIKELY for one in shown)
    assert likely_needs(None, "") == ()


@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    assert all(one.slug in NEEDS for one in suggest_needs(text))
