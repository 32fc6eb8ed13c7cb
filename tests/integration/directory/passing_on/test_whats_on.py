"""What is on: real sessions of the day, near the place, those that were called off struck through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from core import clock
from core.geography.services import load_demo_facts
from directory.listings.models import Service
from directory.listings.rules import ListingStatus
from tests import build_directory
from tests.html import HtmlClient, parse, text_of
from tests.integration.directory.passing_on.calendars import read_calendar

# A Monday, so that Tuesday's session is tomorrow.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.at(NOW):
        yield


def shown(client: HtmlClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return text_of(parse(answer.get_data(as_text=True)))


def line(byday: str, opens: str, closes: str, **parts: object) -> dict[str, object]:
    return {
        "freq": "WEEKLY",
        "dtstart": "2026-01-05",
        "byday": [byday],
        "opens_at": opens,
        "closes_at": closes,
        **parts,
    }


def at_point(session: Session, made: UUID, lat: float, lon: float) -> None:
    place = session.get_one(Service, made).places[0].location
    place.latitude, place.longitude = lat, lon
    session.flush()


def test_the_day_holds_its_real_sessions_in_order(session: Session, client: HtmlClient) -> None:
    build_directory.listing(session, name="Tea", schedules=[line("WE", "14:00", "16:00", pence=250)])
    build_directory.listing(session, name="Chess", schedules=[line("WE", "09:00", "10:00")])
    monthly = {"freq": "MONTHLY", "dtstart": "2026-01-01", "byday": ["WE"], "nth": 1, "opens_at": "11:00"}
    build_directory.listing(session, name="First Wednesday", schedules=[monthly])
    build_directory.listing(session, name="Paused", status=ListingStatus.PAUSED)
    page = shown(client, "/whats-on?day=2026-11-25")
    assert "What’s on on" not in page
    assert page.index("9am to 10am Chess") < page.index("2pm to 4pm Tea")
    assert "£2.50" in page
    assert "First Wednesday" not in page
    assert "Paused" not in shown(client, "/whats-on?day=tomorrow")
    afternoon = shown(client, "/whats-on?day=2026-11-25&part=afternoon")
    assert "Tea" in afternoon
    assert "Chess" not in afternoon
    assert "First Wednesday" in shown(client, "/whats-on?day=2026-12-02")


def test_called_off_is_struck_and_moved_stands_where_it_is_now(session: Session, client: HtmlClient) -> None:
    off = [{"on": "2026-11-24", "session": "10:00", "note": "The hall is closed."}]
    build_directory.listing(session, name="Tea", exceptions=off)
    moved = [{"on": "2026-11-24", "session": "10:00", "moved_to": "2026-11-27", "opens_at": "13:00"}]
    build_directory.listing(session, name="Walk", exceptions=moved)
    page = shown(client, "/whats-on?day=tomorrow")
    assert "10am to 12pm Not on this week Tea" in page
    assert "The hall is closed." in page
    assert "10am to 12pm Moved to Friday 27 November Walk" in page
    assert "1pm to 3pm Moved from Tuesday 24 November Walk" in shown(client, "/whats-on?day=2026-11-27")


def test_what_is_over_today_is_left_out(session: Session, client: HtmlClient) -> None:
    build_directory.listing(session, name="Early", schedules=[line("MO", "07:00", "08:30")])
    build_directory.listing(session, name="Under way", schedules=[line("MO", "08:30", "11:00")])
    page = shown(client, "/whats-on")
    assert "Under way" in page
    assert "Early" not in page


def test_near_a_place_counts_what_is_further_and_never_hides_what_is_online(
    session: Session, client: HtmlClient
) -> None:
    load_demo_facts(session)
    near = build_directory.listing(session, name="Near tea")
    far = build_directory.listing(session, name="Far tea")
    build_directory.listing(session, name="Tea online", mode="online")
    at_point(session, near, 53.5617, -2.3268)
    at_point(session, far, 53.68, -2.31)
    page = shown(client, "/whats-on?day=tomorrow&postcode=Radcliffe")
    assert "Near tea" in page
    assert "Tea online" in page
    assert "Far tea" not in page
    assert "1 more is further away." in page
    assert "Far tea" in shown(client, "/whats-on?day=tomorrow&postcode=Radcliffe&radius=any")
    nowhere = shown(client, "/whats-on?day=tomorrow&postcode=Nowhere-at-all")
    assert "There is a problem" in nowhere
    assert "Far tea" in nowhere


def test_a_kind_of_help_narrows_and_a_list_has_pages(session: Session, client: HtmlClient) -> None:
    for number in range(21):
        build_directory.listing(session, name=f"Tea {number:02}")
    build_directory.listing(session, name="Debt advice", needs=["money-and-debt"])
    page = shown(client, "/whats-on?day=tomorrow&need=money-and-debt")
    assert "1 session" in page
    assert "Tea 01" not in page
    assert "22 sessions, page 1 of 2" in shown(client, "/whats-on?day=tomorrow")
    assert "page 2 of 2" in shown(client, "/whats-on?day=tomorrow&page=2")
    assert client.get("/whats-on?day=tomorrow&page=9").status_code == 302


@pytest.mark.parametrize(
    "wrong",
    ["day=soon", "part=night", "need=flying", "radius=7", "page=0", "endpoint=x&_external=1&values=2"],
)
def test_what_cannot_be_read_is_said_and_the_rest_is_shown(client: HtmlClient, wrong: str) -> None:
    page = shown(client, f"/whats-on?{wrong}")
    assert "What’s on today" in page
    if "endpoint" not in wrong and "page" not in wrong:
        assert "There is a problem" in page


def test_the_same_sessions_come_as_a_calendar(session: Session, client: HtmlClient) -> None:
    off = [{"on": "2026-11-24", "session": "10:00"}]
    build_directory.listing(session, name="Tea", exceptions=off)
    made = build_directory.listing(session, name="Walk")
    answer = client.get("/whats-on.ics?day=tomorrow&postcode=BL9+0AA&radius=any")
    events = read_calendar(answer.get_data()).walk("VEVENT")
    said = {str(event["summary"]): event for event in events}
    assert said["Tea"]["status"] == "CANCELLED"
    assert said["Walk"].decoded("dtstart") == datetime(2026, 11, 24, 10, tzinfo=clock.LONDON)
    assert str(made) in said["Walk"]["uid"]
    page = client.get("/whats-on?day=tomorrow&postcode=BL9+0AA").get_data(as_text=True)
    assert "/whats-on.ics?day=tomorrow&amp;postcode=BL9+0" in page
    assert "whats-on.ics?day=tomorrow&amp;postcode=BL9+0AA" not in page
