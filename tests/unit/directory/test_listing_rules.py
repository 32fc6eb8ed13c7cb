"""Who may move a listing where, and which changes the public sees at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.errors import Invalid, Refused
from directory.listings.rules import (
    FIELDS,
    HAS_PUBLIC_PAGE,
    IN_SEARCH,
    REASON_NEEDED,
    TAKES_REFERRALS,
    TRANSITIONS,
    DeliveryMode,
    JoinMode,
    ListingStatus,
    Mover,
    Publishes,
    changed_fields,
    completeness_hints,
    fields_as_they_were,
    move,
    moves_open_to,
    publishes,
    split_change,
)

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=12)
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=4), SCALARS, max_size=3)
CONTENTS = st.dictionaries(st.sampled_from([*FIELDS, "something_new"]), VALUES, max_size=8)

WHOLE = {
    "name": "Tuesday workshop",
    "summary": "Make and mend things together.",
    "description": "A shared workshop.",
    "needs": ["loneliness"],
    "costs": [{"label": "Free", "pence": 0}],
    "who_meets_you": "Someone at the side door.",
    "getting_there": "By the library.",
    "access": ["step-free"],
    "bring_someone": "Yes.",
    "phone": "0161 496 0101",
    "schedules": [{"freq": "WEEKLY"}],
    "venue": "Peel Mill Hall",
    "mode": "in-person",
    "join_mode": "turn-up",
}


def test_every_status_has_a_row_a_label_and_a_standard_word() -> None:
    assert set(TRANSITIONS) == set(ListingStatus)
    assert all(status.label for status in ListingStatus)
    assert {status.hsds for status in ListingStatus} == {
        "active",
        "inactive",
        "defunct",
        "temporarily closed",
    }
    assert ListingStatus.PUBLISHED.hsds == "active"
    assert ListingStatus.PAUSED.hsds == "temporarily closed"
    assert ListingStatus.CLOSED.hsds == "defunct"
    assert ListingStatus.UNCONFIRMED.hsds == "inactive"


def test_join_and_delivery_modes_have_plain_words() -> None:
    assert JoinMode("turn-up").label == "Just turn up"
    assert DeliveryMode("borough").label == "Across the borough"


@pytest.mark.parametrize("status", ListingStatus)
@pytest.mark.parametrize("target", ListingStatus)
@pytest.mark.parametrize("mover", Mover)
def test_a_move_is_allowed_exactly_where_the_table_says_so(
    status: ListingStatus, target: ListingStatus, mover: Mover
) -> None:
    if target in moves_open_to(status, mover):
        assert move(status, target, mover, "Because it is so.") is target
    else:
        with pytest.raises(Refused):
            move(status, target, mover, "Because it is so.")


@pytest.mark.parametrize("status", ListingStatus)
def test_an_owner_never_publishes_what_no_editor_approved(status: ListingStatus) -> None:
    once_public = {ListingStatus.PAUSED, ListingStatus.UNCONFIRMED}
    assert (ListingStatus.PUBLISHED in moves_open_to(status, Mover.OWNER)) == (status in once_public)


def test_the_product_alone_hides_and_shows_but_never_closes_or_rejects() -> None:
    targets = {target for status in ListingStatus for target in moves_open_to(status, Mover.SYSTEM)}
    assert targets == {ListingStatus.PUBLISHED, ListingStatus.UNCONFIRMED}


@pytest.mark.parametrize("target", sorted(REASON_NEEDED))
def test_saying_no_needs_a_reason(target: ListingStatus) -> None:
    with pytest.raises(Invalid, match="Say why"):
        move(ListingStatus.WAITING, target, Mover.EDITOR, "  ")
    assert move(ListingStatus.WAITING, target, Mover.EDITOR, "The phone is dead.") is target


def test_what_is_searched_has_a_page_and_a_closed_listing_takes_nobody() -> None:
    assert TAKES_REFERRALS < IN_SEARCH < HAS_PUBLIC_PAGE
    assert ListingStatus.CLOSED not in IN_SEARCH


class AListingsLife(RuleBasedStateMachine):
    """Whatever anybody does, a listing that was never published never gets a public page."""

    def __init__(self) -> None:
        super().__init__()
        self.status = ListingStatus.DRAFT
        self.was_approved = False

    @rule(target_status=st.sampled_from(ListingStatus), mover=st.sampled_from(Mover))
    def somebody_tries(self, target_status: ListingStatus, mover: Mover) -> None:
        try:
            self.status = move(self.status, target_status, mover, "reason")
        except Refused:
            return
        if target_status is ListingStatus.PUBLISHED:
            assert self.was_approved or mover is not Mover.OWNER
            self.was_approved = True

    @invariant()
    def a_public_page_was_approved(self) -> None:
        if self.status in HAS_PUBLIC_PAGE:
            assert self.was_approved

    @invariant()
    def there_is_always_a_way_on(self) -> None:
        assert moves_open_to(self.status, Mover.EDITOR)


TestAListingsLife = AListingsLife.TestCase


@pytest.mark.parametrize("name", ["schedules", "phone", "exceptions", "costs", "notice", "join_mode"])
def test_an_owners_times_phone_and_cancellations_are_public_at_once(name: str) -> None:
    assert split_change({name: "old"}, {name: "new"}, Mover.OWNER) == ({name: "new"}, {})


@pytest.mark.parametrize(
    "name",
    ["name", "summary", "description", "needs", "audience", "religious", "venue", "url", "not_known_to_us"],
)
def test_an_owners_names_descriptions_and_claims_wait(name: str) -> None:
    assert publishes(name) is Publishes.AFTER_APPROVAL
    assert split_change({name: "old"}, {name: "new"}, Mover.OWNER) == ({}, {name: "new"})


@pytest.mark.parametrize("mover", [Mover.EDITOR, Mover.SYSTEM])
def test_an_editors_change_is_public_at_once(mover: Mover) -> None:
    assert split_change({"name": "old"}, {"name": "new"}, mover) == ({"name": "new"}, {})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"name": "Shed"}, {"name": " Shed "}),
        ({"needs": ["food", "fuel"]}, {"needs": ["fuel", "food"]}),
        ({"notice": None}, {"notice": "  "}),
        ({}, {"access": []}),
        ({"description": "One\ntwo"}, {"description": "One \r\ntwo\r\n"}),
        ({"costs": [{"pence": 0, "label": ""}]}, {"costs": [{"pence": 0}]}),
        ({"name": "Shed", "phone": "1"}, {"name": "Shed"}),
    ],
)
def test_accidents_of_typing_are_no_change(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert changed_fields(before, after) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"capacity": None}, {"capacity": 0}),
        ({"accepting_referrals": True}, {"accepting_referrals": False}),
        ({"schedules": [{"n": 1}, {"n": 2}]}, {"schedules": [{"n": 2}, {"n": 1}]}),
    ],
)
def test_nought_no_and_the_order_of_sessions_are_answers(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert changed_fields(before, after) == tuple(after)


def test_changes_come_in_the_order_of_the_form() -> None:
    after = {"zebra": 1, "phone": "2", "aardvark": 1, "summary": "b", "name": "a"}
    assert changed_fields({}, after) == ("name", "summary", "phone", "aardvark", "zebra")


@given(before=CONTENTS, after=CONTENTS, mover=st.sampled_from(Mover))
def test_a_split_loses_nothing_and_says_nothing_twice(
    before: dict[str, Any], after: dict[str, Any], mover: Mover
) -> None:
    immediate, waiting = split_change(before, after, mover)
    assert not set(immediate) & set(waiting)
    assert {**immediate, **waiting} == {name: after[name] for name in changed_fields(before, after)}
    assert changed_fields({**before, **immediate, **waiting}, after) == ()


def test_a_whole_listing_needs_no_hint() -> None:
    assert completeness_hints(WHOLE) == ()


def test_hints_for_an_empty_listing_begin_with_what_matters() -> None:
    hints = completeness_hints({})
    matters = [hint.matters for hint in hints]
    assert matters == sorted(matters, reverse=True)
    assert {"description", "needs", "phone", "schedules", "venue"} <= {
        hint.field for hint in hints if hint.matters
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"phone": "", "join_mode": "ring-first", "email": "a@b.example"}, "phone"),
        ({"phone": "", "email": ""}, "phone"),
        ({"schedules": []}, "schedules"),
        ({"schedules": [], "opening_times_text": "Most mornings"}, "schedules"),
        ({"venue": ""}, "venue"),
    ],
)
def test_a_hint_names_what_is_missing(change: dict[str, Any], field: str) -> None:
    assert [hint.field for hint in completeness_hints({**WHOLE, **change})] == [field]


@pytest.mark.parametrize(
    "change", [{"phone": "", "email": "a@b.example"}, {"venue": "", "address": "Loom Street"}]
)
def test_either_of_two_answers_is_enough(change: dict[str, Any]) -> None:
    assert completeness_hints({**WHOLE, **change}) == ()


def test_an_activity_online_needs_no_place() -> None:
    assert completeness_hints({**WHOLE, "mode": "online", "venue": ""}) == ()


def test_what_a_listing_said_before_some_changes() -> None:
    now = {"name": "Tea and chat", "phone": "3", "summary": "New"}
    undone = [{"phone": "2"}, {"phone": "1", "name": "Tea"}]
    assert fields_as_they_were(now, undone) == {"name": "Tea", "phone": "1", "summary": "New"}
    assert now["phone"] == "3"
