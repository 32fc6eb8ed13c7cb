"""When two entries are likely one, and how few pairs are compared to find out."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import pytest

from directory.stewardship.duplicates.rules import (
    LIKELY,
    MOST_IN_BLOCK,
    Entry,
    Likeness,
    Reason,
    as_json,
    common_words,
    find,
    from_json,
    judge,
    pairs_to_compare,
    telling_words,
    website_key,
)

GROUP, OTHER_GROUP = UUID(int=90), UUID(int=91)


def entry(number: int, name: str, **values: Any) -> Entry:
    sets = {key: frozenset(value) for key, value in values.items() if isinstance(value, set)}
    return Entry(UUID(int=number), name, **(values | sets))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"name": "Radcliffe Men's Shed", "phones": {"1"}},
            {"name": "The Men's Shed, Radcliffe", "phones": {"1"}},
        ),
        (
            {"name": "Tea & Talk", "charity_number": "123"},
            {"name": "Tea and Talk Trust", "charity_number": "123"},
        ),
        (
            {"name": "Knit and natter", "postcodes": {"M26 1AA"}},
            {"name": "Knit & Natter Group", "postcodes": {"M26 1AA"}},
        ),
        (
            {"name": "Chess for all", "emails": {"a@b.example"}, "websites": {"b.example"}},
            {"name": "Chess for alll", "emails": {"a@b.example"}, "websites": {"b.example"}},
        ),
        (
            {"name": "Walking", "group": GROUP, "times": {"MO"}, "postcodes": {"M1 1AA"}},
            {"name": "Walking group", "group": GROUP, "times": {"MO"}, "postcodes": {"M1 1AA"}},
        ),
        ({"name": "Parcels", "group": GROUP}, {"name": "Parcels", "group": GROUP}),
        (
            {"name": "Bury Stroke Choir", "group": GROUP, "group_name": "Stroke Friends", "phones": {"1"}},
            {
                "name": "Stroke Choir sessions in song",
                "group": OTHER_GROUP,
                "group_name": "Stroke Friend",
                "phones": {"1"},
            },
        ),
    ],
)
def test_likely_one(one: dict[str, Any], other: dict[str, Any]) -> None:
    likeness = judge(entry(1, **one), entry(2, **other))
    assert likeness.score >= LIKELY
    assert likeness.reasons[0].points > 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Chess"}, {"name": "Choir"}),
        (
            {"name": "Spinner's Corner Deaf Club", "postcodes": {"M26 1AA"}},
            {"name": "Spinner's Corner Games", "postcodes": {"M26 1AA"}},
        ),
        ({"name": "Chess", "charity_number": "1"}, {"name": "Chess", "charity_number": "2"}),
        (
            {"name": "Monday tea", "group": GROUP, "phones": {"1"}, "websites": {"a.example"}},
            {"name": "Friday dance", "group": GROUP, "phones": {"1"}, "websites": {"a.example"}},
        ),
        (
            {"name": "Yoga", "group": GROUP, "times": {"MO"}, "postcodes": {"M26 1AA"}},
            {"name": "Yoga", "group": OTHER_GROUP, "times": {"TU"}, "postcodes": {"BL9 1AA"}},
        ),
        (
            {"name": "Stay and play", "group": GROUP, "group_name": "St Mary"},
            {"name": "Play well", "group": OTHER_GROUP, "group_name": "Elton Scouts"},
        ),
    ],
)
def test_likely_two(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert judge(entry(1, **one), entry(2, **other)).score < LIKELY


def test_names_are_told_apart_by_their_rare_words() -> None:
    names = [f"Elton {word} club" for word in ("chess", "choir")] + ["Elton bowls club"] * 30
    common = common_words(names)
    assert telling_words("Elton chess club", common) == ("chess",)
    assert telling_words("The Elton club", common) == ("the", "elton", "club")
    assert telling_words("Men's & Women’s", frozenset()) == ("men", "women")


def test_what_too_many_share_is_no_reason_to_compare() -> None:
    shared = [entry(n, f"x{n:05}y{n}", phones={"switchboard"}) for n in range(MOST_IN_BLOCK + 1)]
    assert list(pairs_to_compare(shared, frozenset())) == []
    assert len(list(pairs_to_compare(shared[:3], frozenset()))) == 3


def test_a_pair_is_found_once_in_a_borough_and_the_work_grows_with_its_size() -> None:
    chance = random.Random(7)
    words = [f"{first}{last}" for first in "bcdfghjklm" for last in ("abel", "orin", "ulet", "ygan", "imas")]

    def borough(size: int) -> list[Entry]:
        return [
            entry(
                n,
                " ".join(chance.sample(words, 3)) + f" {n}",
                postcodes={f"M{n % 40} {n % 9}AA"},
                phones={str(n)},
                charity_number=str(n) if n % 3 else "",
            )
            for n in range(size)
        ]

    few, many = borough(300), borough(1200)
    compared = [len(list(pairs_to_compare(each, frozenset()))) for each in (few, many)]
    assert compared[1] < 8 * max(compared[0], 300)
    twin = entry(5000, few[5].name.upper(), phones=set(few[5].phones))
    (found,) = [pair for pair in find([*few, twin]) if UUID(int=5000) in (pair.first, pair.second)]
    assert found.first == few[5].id
    assert find([entry(1, "", emails={"a@b.example"}), entry(2, "", emails={"a@b.example"})]) == []


def test_reasons_are_kept_as_they_are() -> None:
    reasons = (Reason("The same postcode", 0.2), Reason("At different times", -0.2))
    assert from_json(as_json(Likeness(0.0, reasons))) == reasons


@pytest.mark.parametrize(
    ("link", "key"),
    [
        ("https://www.Tea.example/?a=1", "tea.example"),
        ("http://tea.example/bury/#top", "tea.example/bury"),
        ("https://facebook.com/", ""),
        ("facebook.com/teaclub", "facebook.com/teaclub"),
    ],
)
def test_websites_are_compared_by_their_page(link: str, key: str) -> None:
    assert website_key(link) == key


def reasons(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [reason.words for reason in judge(entry(1, **one), entry(2, **other)).reasons]


def test_what_speaks_for_it_and_what_against() -> None:
    assert reasons({"name": "Elton chess"}, {"name": "Elton chess for beginners"}) == [
        "One name holds the other"
    ]
    assert reasons({"name": "Elton chess"}, {"name": "Elton choir"}) == ["The names are alike"]
    near = {"name": "Chess", "postcodes": {"M26 1AA"}, "group": GROUP, "group_name": "Mens Shed"}
    far = {"name": "Chess", "postcodes": {"M26 2BB"}, "group": OTHER_GROUP, "group_name": "Men's Shed"}
    assert reasons(near, far) == ["The names say the same", "The groups' names are nearly the same"]


def test_activities_of_one_group_are_compared() -> None:
    mine = [entry(n, name, group=GROUP) for n, name in enumerate(("Chess", "Choir", "Boxing"))]
    assert len(list(pairs_to_compare(mine, frozenset()))) == 3
