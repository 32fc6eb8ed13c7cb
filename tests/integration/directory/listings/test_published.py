"""What prescribing may know of the directory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from core import clock
from core.errors import NotFound
from directory import published
from directory.listings.rules import ListingStatus
from tests import build_directory


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.at(datetime(2026, 11, 23, 9, 0, tzinfo=UTC)):
        yield


def test_an_offer_says_whom_it_is_for_and_whether_it_takes_people(session: Session) -> None:
    made = build_directory.listing(session, minimum_age=18, capacity=6, languages=["Urdu"], access=["bsl"])
    offer = published.offer(session, made)
    assert offer.takes_referrals
    assert (offer.minimum_age, offer.maximum_age, offer.capacity) == (18, None, 6)
    assert offer.languages == ("Urdu",)
    assert [term.slug for term in offer.access] == ["bsl"]
    assert offer.group_phone == "0161 496 0101"
    assert offer.next_words == "Tomorrow, 10am to 12pm"
    assert len(offer.next_sessions) == 4


def test_a_paused_listing_or_one_that_is_full_takes_nobody(session: Session) -> None:
    paused = build_directory.listing(session, status=ListingStatus.PAUSED)
    full = build_directory.listing(session, accepting_referrals=False)
    found = published.offers(session, [paused, full, uuid4()])
    assert {one.service_id: one.takes_referrals for one in found.values()} == {paused: False, full: False}


def test_an_unknown_offer_or_group_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        published.offer(session, uuid4())
    with pytest.raises(NotFound):
        published.group(session, uuid4())
    with pytest.raises(NotFound):
        published.sessions_between(session, uuid4(), date(2026, 1, 1), date(2026, 2, 1))


def test_a_group_and_what_it_offers(session: Session) -> None:
    group = build_directory.organization(session)
    made = build_directory.listing(session, group)
    build_directory.listing(session, group, status=ListingStatus.DRAFT)
    assert [offer.service_id for offer in published.offers_of_group(session, group)] == [made]
    assert published.group(session, group).id == group


def test_sessions_of_days_for_a_register_and_the_next_one(session: Session) -> None:
    made = build_directory.listing(session, exceptions=[{"on": "2026-12-01", "note": "Snow"}])
    found = published.sessions_between(session, made, date(2026, 11, 24), date(2026, 12, 8))
    assert [(one.start.date().isoformat(), one.cancelled) for one in found] == [
        ("2026-11-24", False),
        ("2026-12-01", True),
        ("2026-12-08", False),
    ]
    after = published.next_session_after(session, made, date(2026, 11, 24))
    assert after is not None
    assert after.start.date() == date(2026, 12, 8)
    past = published.sessions_between(session, made, date(2026, 10, 6), date(2026, 10, 6))
    assert [one.start.hour for one in past] == [10]


def test_needs_are_those_of_the_vocabulary_in_their_order(session: Session) -> None:
    needs = published.needs(session)
    assert len(needs) == 19
    assert needs[0].slug == "money-and-debt"
    assert all(need.description for need in needs)
