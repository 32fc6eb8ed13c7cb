"""The public pages: an activity, its calendar file, its group."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from icalendar import Calendar
from sqlalchemy import event
from sqlalchemy.orm import Session

from core import clock
from core.db import db
from directory.listings.cards import cards
from directory.listings.documents import search_documents
from directory.listings.models import Organization, Service
from directory.listings.pages import DATES_SHOWN
from directory.listings.recurrence import Weekday
from directory.listings.rules import HAS_PUBLIC_PAGE, IN_SEARCH, ListingStatus
from tests import build_directory
from tests.html import HtmlClient, parse, text_of

# A Monday, so that Tuesday's session is tomorrow.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.at(NOW):
        yield


def shown(client: HtmlClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return text_of(parse(answer.get_data(as_text=True)))


def test_an_activity_says_when_where_and_whom_to_ring(session: Session, client: HtmlClient) -> None:
    made = build_directory.listing(
        session,
        who_meets_you="Derek, by the side door.",
        getting_there="Two minutes from the tram.",
        access=["step-free"],
        contact_name="Derek",
    )
    page = shown(client, f"/activities/{made}")
    for words in (
        "Tomorrow, 10am to 12pm",
        "Every Tuesday, 10am to 12pm",
        "Tuesday 1 December, 10am to 12pm",
        "Peel Mill Hall, Radcliffe",
        "Ring Derek on 0161 496 0101",
        "Who will meet me? Derek, by the side door.",
        "Two minutes from the tram.",
        "Step-free",
        "Just turn up",
        "Free",
    ):
        assert words in page


def test_the_number_can_be_pressed_and_needs_lead_to_search(session: Session, client: HtmlClient) -> None:
    made = build_directory.listing(session)
    page = client.get(f"/activities/{made}").get_data(as_text=True)
    assert 'href="tel:+441614960101"' in page
    assert 'href="/search?need=loneliness"' in page


def test_a_cancelled_session_is_struck_out_with_its_reason(session: Session, client: HtmlClient) -> None:
    made = build_directory.listing(session, exceptions=[{"on": "2026-11-24", "note": "The hall is closed."}])
    page = shown(client, f"/activities/{made}")
    assert "Tuesday 24 November, 10am to 12pm Not on. The hall is closed." in page
    assert "Next Tuesday 1 December, 10am to 12pm" in page


def test_schema_org_data_says_the_same_and_is_escaped(session: Session, client: HtmlClient) -> None:
    made = build_directory.listing(session, summary="Tea </script><script>alert(1)</script>")
    page = client.get(f"/activities/{made}").get_data(as_text=True)
    block = page.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    data = json.loads(block)
    assert data["@type"] == "EventSeries"
    assert data["isAccessibleForFree"] is True
    assert data["eventSchedule"][0]["byDay"] == ["https://schema.org/Tuesday"]
    assert data["subEvent"][0]["startDate"] == "2026-11-24T10:00:00+00:00"


def test_an_example_says_so_and_stays_out_of_search_engines(session: Session, client: HtmlClient) -> None:
    made = build_directory.listing(session)
    session.get_one(Service, made).is_example = True
    page = client.get(f"/activities/{made}").get_data(as_text=True)
    assert "This activity is made up" in page
    assert '<meta name="robots" content="noindex">' in page


@pytest.mark.parametrize("status", sorted(set(ListingStatus) - HAS_PUBLIC_PAGE))
def test_what_is_not_public_is_not_found(session: Session, client: HtmlClient, status: ListingStatus) -> None:
    made = build_directory.listing(session, status=status)
    shown(client, f"/activities/{made}", 404)
    shown(client, f"/activities/{made}.ics", 404)


def test_a_closed_activity_keeps_a_page_that_leads_on(session: Session, client: HtmlClient) -> None:
    group = build_directory.organization(session)
    made = build_directory.listing(session, group, status=ListingStatus.CLOSED)
    build_directory.listing(session, group, name="Chess")
    page = shown(client, f"/activities/{made}", 410)
    assert "has closed" in page
    assert "Chess" in page
    assert "Company and friendship" in page


def test_a_paused_activity_promises_no_date(session: Session, client: HtmlClient) -> None:
    made = build_directory.listing(session, status=ListingStatus.PAUSED, notice="Back in January.")
    page = shown(client, f"/activities/{made}")
    assert "This is not running just now" in page
    assert "Back in January." in page
    assert "Tomorrow" not in page


def test_public_pages_may_be_kept_by_caches(session: Session, client: HtmlClient) -> None:
    made = build_directory.listing(session)
    assert client.get(f"/activities/{made}").headers["Cache-Control"].startswith("public")


def test_the_calendar_file_repeats_and_leaves_out_days_that_are_off(
    session: Session, client: HtmlClient
) -> None:
    made = build_directory.listing(
        session,
        schedules=[
            {
                "freq": "WEEKLY",
                "interval": 2,
                "dtstart": "2026-06-02",
                "opens_at": "10:00",
                "closes_at": "12:00",
                "byday": ["TU"],
                "valid_to": "2027-06-01",
            }
        ],
        exceptions=[{"on": "2026-12-15"}, {"on": "2026-12-29", "moved_to": "2026-12-30", "note": "Holiday"}],
    )
    answer = client.get(f"/activities/{made}.ics")
    assert answer.mimetype == "text/calendar"
    calendar: Any = Calendar.from_ical(answer.get_data())
    repeats, moved = calendar.walk("VEVENT")
    assert repeats["dtstart"].dt.isoformat() == "2026-12-01T10:00:00+00:00"
    assert repeats["dtstart"].params["TZID"] == "Europe/London"
    assert repeats["rrule"]["interval"] == [2]
    assert repeats["rrule"]["byday"] == ["TU"]
    assert repeats["rrule"]["until"][0].isoformat() == "2027-06-01T22:59:59+00:00"
    off = {one.dts[0].dt.date().isoformat() for one in repeats["exdate"]}
    assert off == {"2026-12-15", "2026-12-29"}
    assert moved["dtstart"].dt.isoformat() == "2026-12-30T10:00:00+00:00"
    assert "rrule" not in moved


def test_each_coming_session_can_be_put_into_a_calendar_by_itself(
    session: Session, client: HtmlClient
) -> None:
    made = build_directory.listing(session, exceptions=[{"on": "2026-12-01"}])
    page = parse(client.get(f"/activities/{made}").get_data(as_text=True))
    links = [one for one in page.iter("a") if text_of(one).startswith("Add to calendar: ")]
    assert len(links) == DATES_SHOWN - 1
    address = str(links[0].get("href"))
    assert address == f"/activities/{made}.ics?session=2026-11-24T10:00"
    calendar: Any = Calendar.from_ical(client.get(address).get_data())
    (only,) = calendar.walk("VEVENT")
    assert only["dtstart"].dt.isoformat() == "2026-11-24T10:00:00+00:00"
    assert "rrule" not in only


def test_a_group_shows_what_the_public_may_find(session: Session, client: HtmlClient) -> None:
    group = build_directory.organization(session)
    for status in ListingStatus:
        build_directory.listing(session, group, name=f"It is {status.value}", status=status)
    page = shown(client, f"/groups/{group}")
    for status in ListingStatus:
        assert (f"It is {status.value}" in page) is (status in IN_SEARCH)


def test_a_group_that_is_all_drafts_is_not_found(session: Session, client: HtmlClient) -> None:
    group = build_directory.organization(session)
    build_directory.listing(session, group, status=ListingStatus.DRAFT)
    shown(client, f"/groups/{group}", 404)
    shown(client, f"/groups/{uuid4()}", 404)


def test_cards_keep_their_order_and_drop_what_is_not_public(session: Session) -> None:
    ids = [build_directory.listing(session, name=str(number)) for number in range(4)]
    hidden = build_directory.listing(session, status=ListingStatus.UNCONFIRMED)
    wanted = [ids[2], hidden, ids[0], uuid4(), ids[3], ids[2]]
    found = cards(session, wanted, today=clock.today())
    assert [card.id for card in found] == [ids[2], ids[0], ids[3]]
    assert found[0].when == "Tomorrow, 10am to 12pm"
    assert found[0].cost == "Free"
    assert found[0].who_for == "Everyone"
    assert found[0].distance_km is None


def test_cards_measure_to_the_nearest_place(session: Session) -> None:
    made = build_directory.listing(session)
    place = session.get_one(Service, made).places[0].location
    place.latitude, place.longitude = 53.6, -2.3
    (card,) = cards(session, [made], near=(53.6, -2.33), today=clock.today())
    assert card.distance_km == pytest.approx(1.98, abs=0.02)


def count_queries(session: Session, ids: list[UUID]) -> int:
    session.commit()
    session.expire_all()
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert len(cards(session, ids, today=clock.today())) == len(ids)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_more_cards_need_no_more_queries(session: Session) -> None:
    ids = [build_directory.listing(session) for _ in range(6)]
    assert count_queries(session, ids) == count_queries(session, ids[:2])


def test_cards_are_looked_up_by_their_ids_and_not_among_all_that_is_published(session: Session) -> None:
    """Asked for a status too, SQLite took that for the narrower question, and went through all listings for ten."""
    made = build_directory.listing(session)
    asked: list[tuple[str, object]] = []

    def note(*arguments: object) -> None:
        asked.append((str(arguments[2]), arguments[3]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        cards(session, [made], today=clock.today())
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    (services,) = [one for one in asked if "FROM services" in one[0]]
    assert "services.id IN" in services[0] or "services.id = ANY" in services[0]
    assert "status IN" not in services[0]


def test_documents_hold_what_search_needs_and_say_what_is_public(session: Session) -> None:
    made = build_directory.listing(session, access=["step-free"], languages=["Urdu"], minimum_age=18)
    hidden = build_directory.listing(session, status=ListingStatus.DRAFT)
    every = {document.id: document for document in search_documents(session)}
    assert set(every) == {made}
    document = every[made]
    assert [need.slug for need in document.needs] == ["loneliness"]
    assert [term.slug for term in document.access] == ["step-free"]
    assert document.weekdays == (Weekday.TUESDAY,)
    assert document.languages == ("Urdu",)
    assert document.minimum_age == 18
    assert document.is_free
    assert {"Peel Mill Hall", "Radcliffe"} <= set(document.place_words)
    named = {one.id: one.is_public for one in search_documents(session, [made, hidden, uuid4()])}
    assert named == {made: True, hidden: False}


def test_a_members_page_offers_the_change_and_is_not_kept(session: Session, client: HtmlClient) -> None:
    from core.access.rules import Role
    from tests import build

    member = build.account(session, Role.GROUP_MEMBER)
    group = member.memberships[0].organization_id
    made = build_directory.listing(session, group)
    stranger = build_directory.listing(session)
    build.sign_in(session, client, member)
    answer = client.get(f"/activities/{made}")
    assert f"/activities/{made}/edit" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "/edit" not in client.get(f"/activities/{stranger}").get_data(as_text=True)
    assert session.get_one(Organization, group).name
