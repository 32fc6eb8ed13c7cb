"""What a card says is what stands in the database now, whatever was worked out for an earlier one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from core import clock
from directory.listings.cards import Card, cards
from directory.listings.models import (
    CostOption,
    Eligibility,
    ScheduleException,
    SchoolTerm,
    Service,
    TaxonomyTerm,
)
from directory.listings.rules import ListingStatus
from tests import build_directory

# A Monday, so that Tuesday's session is tomorrow.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.at(NOW):
        yield


def card(session: Session, made: UUID) -> Card:
    (found,) = cards(session, [made], today=clock.today())
    return found


def test_times_that_change_are_said_at_once(session: Session) -> None:
    made = build_directory.listing(session)
    held = session.get_one(Service, made)
    assert card(session, made).when == "Tomorrow, 10am to 12pm"
    held.schedules[0].opens_at = time(11)
    assert card(session, made).when == "Tomorrow, 11am to 12pm"
    held.exceptions.append(ScheduleException(on=date(2026, 11, 24), note="A funeral"))
    assert card(session, made).when == "Tuesday 1 December, 11am to 12pm"
    with clock.at(datetime(2026, 12, 1, 11, 30, tzinfo=UTC)):
        assert card(session, made).when == "Today, 11am to 12pm"
    with clock.at(datetime(2026, 12, 1, 12, 30, tzinfo=UTC)):
        assert card(session, made).when == "Tuesday 8 December, 11am to 12pm"


def test_school_terms_that_change_move_what_keeps_to_them(session: Session) -> None:
    made = build_directory.listing(session)
    held = session.get_one(Service, made)
    held.schedules[0].term_time = "term"
    term = SchoolTerm(name="Autumn", starts=date(2026, 11, 30), ends=date(2026, 12, 18))
    session.add_all([term, SchoolTerm(name="Early", starts=date(2026, 9, 1), ends=date(2026, 10, 20))])
    assert card(session, made).when == "Tuesday 1 December, 10am to 12pm"
    term.starts = date(2026, 12, 3)
    assert card(session, made).when == "Tuesday 8 December, 10am to 12pm"


def test_prices_people_and_names_that_change_are_said_at_once(session: Session) -> None:
    made = build_directory.listing(session)
    held = session.get_one(Service, made)
    before = card(session, made)
    assert (before.cost, before.is_free, before.who_for) == ("Free", True, "Everyone")
    held.cost_options.append(CostOption(label="Lunch", pence=300, position=1))
    held.eligibilities.append(Eligibility(minimum_age=60))
    held.name, held.organization.name = "Tea", "The Shedders"
    held.places[0].location.name = "Loom Hall"
    (term,) = session.query(TaxonomyTerm).where(TaxonomyTerm.slug == "loneliness")
    term.name = "Company"
    after = card(session, made)
    assert (after.cost, after.is_free, after.who_for) == (
        "£3, free for some",
        False,
        "Everyone aged 60 and over",
    )
    assert (after.name, after.group, after.place) == ("Tea", "The Shedders", "Loom Hall, Radcliffe")
    assert [need.name for need in after.needs] == ["Company"]


def test_what_is_paused_says_no_time_and_what_is_withdrawn_is_gone(session: Session) -> None:
    made = build_directory.listing(session)
    held = session.get_one(Service, made)
    held.status = ListingStatus.PAUSED
    paused = card(session, made)
    assert (paused.paused, paused.when, paused.next_session) == (True, "", None)
    held.status = ListingStatus.DRAFT
    assert cards(session, [made], today=clock.today()) == []


def test_when_it_was_checked_is_said_by_the_day(session: Session) -> None:
    made = build_directory.listing(session)
    held = session.get_one(Service, made)
    held.confirmed_at, held.confirmed_by = NOW, "Derek"
    assert card(session, made).confirmed == "Checked by Derek, today"
    with clock.at(datetime(2026, 11, 25, 9, 0, tzinfo=UTC)):
        assert card(session, made).confirmed == "Checked by Derek, 2 days ago"


def test_a_place_that_is_made_private_is_told_no_more(session: Session) -> None:
    made = build_directory.listing(session)
    held = session.get_one(Service, made)
    held.masked_location = True
    private = card(session, made)
    assert (private.place, private.town, private.latitude) == ("The address is private", "", None)
