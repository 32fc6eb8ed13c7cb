"""What somebody kept can be printed, sent once, put into a calendar, followed, and shown on another site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from defusedxml import ElementTree
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.clock import LONDON
from core.jobs.services import work_once
from core.notify.models import Message, MessageState
from directory.exchange.fitting import Fitter
from directory.listings.models import SchoolTerm, Service
from directory.listings.recurrence import occurrences_between
from directory.listings.rules import ListingStatus
from tests import build_directory
from tests.html import HtmlClient, parse, text_of
from tests.integration.directory.passing_on.calendars import read_calendar, starts_of

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"
WEEKLY = {"freq": "WEEKLY", "dtstart": "2026-01-05", "byday": ["MO", "TH"], "opens_at": "14:00"}


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.at(NOW):
        yield


def shown(client: HtmlClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return text_of(parse(answer.get_data(as_text=True)))


def form_of(client: HtmlClient, path: str) -> dict[str, str]:
    page = client.get(path).get_data(as_text=True)
    return {
        name: page.partition(f'name="{name}" value="')[2].partition('"')[0]
        for name in ("csrf_token", "idempotency_key", "ids")
    }


@pytest.mark.parametrize(
    ("line", "exceptions"),
    [
        ({}, []),
        ({"interval": 2}, [{"on": "2026-12-07"}]),
        ({"season": [10, 2]}, [{"on": "2026-11-26", "moved_to": "2026-11-27", "opens_at": "09:00"}]),
        ({"term_time": True}, []),
        ({"bank_holidays": "off"}, []),
        ({"bank_holidays": "other-times", "holiday_opens_at": "10:00", "holiday_closes_at": "11:00"}, []),
        ({"freq": "MONTHLY", "nth": -1, "valid_to": "2027-06-30"}, [{"on": "2027-03-29"}]),
        ({"term_time": True, "season": [1, 6], "bank_holidays": "off", "closes_at": "16:00"}, []),
        ({"opens_at": "00:00", "closes_at": "00:00", "valid_to": "2027-01-04"}, [{"on": "2026-12-07"}]),
        ({"opens_at": "00:00", "closes_at": "00:00", "term_time": True}, [{"on": "2026-12-07"}]),
    ],
)
def test_a_calendar_program_shows_the_very_sessions_that_are_on(
    session: Session, client: HtmlClient, line: dict[str, Any], exceptions: list[dict[str, str]]
) -> None:
    for starts, ends in ((date(2026, 9, 1), date(2026, 12, 4)), (date(2027, 1, 4), date(2027, 7, 23))):
        session.add(SchoolTerm(name="A term", starts=starts, ends=ends))
    made = build_directory.listing(session, schedules=[WEEKLY | line], exceptions=exceptions)
    calendar = read_calendar(client.get(f"/activities/{made}.ics").get_data())
    session.expire_all()
    row = session.get_one(Service, made)
    expected = occurrences_between(
        [one.rule for one in row.schedules],
        [one.exception for one in row.exceptions],
        clock.today(),
        date(2027, 11, 30),
    )
    wanted = [one.start.replace(tzinfo=None) for one in expected if not one.cancelled]
    assert starts_of(calendar, datetime(2027, 11, 30, 23)) == wanted
    assert len(wanted) > 3
    uids = [str(event["uid"]) for event in calendar.walk("VEVENT")]
    assert len(set(uids)) == len(uids)
    again = read_calendar(client.get(f"/activities/{made}.ics").get_data())
    assert [str(event["uid"]) for event in again.walk("VEVENT")] == uids


def test_what_is_on_all_day_has_a_day_and_no_time_wherever_it_is_given_out(
    session: Session, client: HtmlClient
) -> None:
    fair = {"freq": "ONCE", "dtstart": "2026-11-28", "opens_at": "00:00", "closes_at": "00:00"}
    made = build_directory.listing(session, schedules=[fair])
    assert "Saturday 28 November, all day" in shown(client, f"/activities/{made}")
    assert "All day" in shown(client, "/whats-on?day=2026-11-28")
    assert "All day" in shown(client, "/whats-on?day=2026-11-28&part=evening")
    for address in (f"/activities/{made}.ics", f"/activities/{made}.ics?session=2026-11-28T00:00"):
        (event,) = read_calendar(client.get(address).get_data()).walk("VEVENT")
        assert event.decoded("dtstart") == date(2026, 11, 28)
        assert event.decoded("dtend") == date(2026, 11, 29)
    page = client.get(f"/activities/{made}").get_data(as_text=True)
    data = json.loads(page.partition('<script type="application/ld+json">')[2].partition("</script>")[0])
    (schedule,) = data["eventSchedule"]
    assert schedule["startDate"] == data["subEvent"][0]["startDate"] == "2026-11-28"
    assert not {"startTime", "endTime"} & schedule.keys()
    (given,) = client.get(f"/api/hsds/v3/services/{made}").get_json()["schedules"]
    assert not given.get("opens_at")
    assert not given.get("closes_at")
    again = Fitter().schedule(given)
    assert again is not None
    assert again.all_day


def test_a_change_raises_the_sequence_and_keeps_the_uid(session: Session, client: HtmlClient) -> None:
    made = build_directory.listing(session)
    (before,) = read_calendar(client.get(f"/activities/{made}.ics").get_data()).walk("VEVENT")
    session.expire_all()
    session.get_one(Service, made).name = "Tea for all"
    session.commit()
    (after,) = read_calendar(client.get(f"/activities/{made}.ics").get_data()).walk("VEVENT")
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]


def test_one_session_and_a_whole_group_and_a_search_come_as_calendars(
    session: Session, client: HtmlClient
) -> None:
    group = build_directory.organization(session)
    made = build_directory.listing(session, group, exceptions=[{"on": "2026-12-01"}])
    build_directory.listing(session, group, name="Chess")
    build_directory.listing(session, group, name="Draft", status=ListingStatus.DRAFT)
    (one,) = read_calendar(client.get(f"/activities/{made}.ics?session=2026-11-24T10:00").get_data()).walk(
        "VEVENT"
    )
    assert one.decoded("dtstart") == datetime(2026, 11, 24, 10, tzinfo=LONDON)
    assert "rrule" not in one
    (off,) = read_calendar(client.get(f"/activities/{made}.ics?session=2026-12-01T10:00").get_data()).walk(
        "VEVENT"
    )
    assert off["status"] == "CANCELLED"
    for wrong in ("2026-11-25T10:00", "soon"):
        assert client.get(f"/activities/{made}.ics?session={wrong}").status_code == 404
    whole = read_calendar(client.get(f"/groups/{group}.ics").get_data())
    assert {str(event["summary"]) for event in whole.walk("VEVENT")} == {"Tea and talk", "Chess"}
    found = read_calendar(client.get("/search.ics?q=chess&postcode=BL9+0AA").get_data())
    assert "Chess" in {str(event["summary"]) for event in found.walk("VEVENT")}
    assert "0AA" not in str(found["x-wr-calname"])


def test_a_list_is_in_its_address_and_drops_what_is_not_public(session: Session, client: HtmlClient) -> None:
    tea, chess = build_directory.listing(session), build_directory.listing(session, name="Chess")
    hidden = build_directory.listing(session, name="Hidden", status=ListingStatus.DRAFT)
    page = shown(client, f"/pinboard?ids={chess},{tea},{hidden},{uuid4()},nonsense")
    assert page.index("Chess") < page.index("Tea and talk")
    assert "Hidden" not in page
    assert "2 activities are not on any more" in page
    assert page.count("Ring 0161 496 0101") == page.count("Peel Mill Hall, Loom Street") == 2
    markup = client.get(f"/pinboard?ids={chess},{tea}").get_data(as_text=True)
    assert f'href="/pinboard?ids={tea}"' in markup
    assert "You have kept nothing yet" in shown(client, "/pinboard")


@pytest.mark.parametrize(("how", "to"), [("email", "friend@example.com"), ("text", "07700 900123")])
def test_a_list_is_sent_once_and_the_address_is_not_kept(
    session: Session, client: HtmlClient, app: Flask, how: str, to: str
) -> None:
    made = build_directory.listing(session)
    form = form_of(client, f"/pinboard/send?ids={made}") | {"how": how, "to": to}
    for _ in range(2):
        answer = client.post("/pinboard/send", data=form)
        assert (answer.status_code, answer.location) == (303, f"/pinboard?ids={made}")
    assert "We do not keep the address" in shown(client, f"/pinboard?ids={made}")
    while work_once(session):
        pass
    session.expire_all()
    (message,) = session.scalars(select(Message))
    assert message.state is MessageState.SENT
    assert (message.to, message.body, message.subject) == (None, None, None)
    (sent,) = app.extensions["settings"].mail_folder.iterdir()
    words = sent.read_text(encoding="utf-8").replace("=\n", "").replace("=3D", "=")
    assert "Tea and talk" in words
    assert f"/pinboard?ids={made}" in words


def test_what_is_wrong_with_an_address_is_said_and_too_many_must_wait(
    session: Session, client: HtmlClient
) -> None:
    made = build_directory.listing(session)
    path = f"/pinboard/send?ids={made}"
    wrong = client.post("/pinboard/send", data=form_of(client, path) | {"how": "email", "to": "friend"})
    assert wrong.status_code == 400
    page = wrong.get_data(as_text=True)
    assert "Enter an email address like name@example.com" in page
    assert 'value="friend"' in page
    answers = [
        client.post("/pinboard/send", data=form_of(client, path) | {"how": "email", "to": "a@example.com"})
        for _ in range(5)
    ]
    assert [answer.status_code for answer in answers[:3]] == [303, 303, 303]
    assert answers[-1].status_code == 429
    assert client.get("/pinboard/send").status_code == 303


def test_a_text_holds_a_dozen(session: Session, client: HtmlClient) -> None:
    ids = ",".join(str(build_directory.listing(session)) for _ in range(13))
    form = form_of(client, f"/pinboard/send?ids={ids}") | {"how": "text", "to": "07700 900123"}
    answer = client.post("/pinboard/send", data=form)
    assert answer.status_code == 400
    assert "Send this list by email" in answer.get_data(as_text=True)


def test_a_leaflet_holds_what_matters_and_a_code(session: Session, client: HtmlClient) -> None:
    made = build_directory.listing(session, contact_name="Derek", getting_there="By the tram stop.")
    page = shown(client, f"/activities/{made}/leaflet")
    for words in ("Every Tuesday, 10am to 12pm", "0161 496 0101", "Ask for Derek", "By the tram stop."):
        assert words in page
    markup = client.get(f"/activities/{made}/leaflet").get_data(as_text=True)
    assert "<svg" in markup
    assert "viewBox" in markup
    hidden = build_directory.listing(session, status=ListingStatus.DRAFT)
    assert client.get(f"/activities/{hidden}/leaflet").status_code == 404


def test_below_results_are_ways_to_go_on_with_that_very_search(session: Session, client: HtmlClient) -> None:
    build_directory.listing(session, name="Tea and cake")
    for asked in ("?q=tea", "?q=cake&need=food", "?q=tea+%26+%3Ccake%3E", ""):
        page = parse(client.get(f"/search{asked}").get_data(as_text=True))
        links = {link.attrib.get("href", "") for link in page.iter("a")}
        assert {f"/{name}{asked}" for name in ("search.ics", "search.atom", "widget")} <= links


def test_a_search_can_be_followed(session: Session, client: HtmlClient) -> None:
    old = build_directory.listing(session, name="Old tea")
    new = build_directory.listing(session, name="New tea & <cake>")
    session.get_one(Service, old).updated_at = NOW - timedelta(days=3)
    session.flush()
    answer = client.get("/search.atom?q=tea")
    assert answer.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(answer.get_data())
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["New tea & <cake>", "Old tea"]
    assert entries[0].findtext(f"{ATOM}id") == f"urn:uuid:{new}"


def test_a_calendar_and_a_feed_hold_more_than_the_first_page(session: Session, client: HtmlClient) -> None:
    names = {f"Tea {number}" for number in range(12)}
    for name in sorted(names):
        build_directory.listing(session, name=name)
    last = build_directory.listing(session, name="Walking", description="There is tea at the end")
    for row in session.scalars(select(Service).where(Service.id != last)):
        row.updated_at = NOW - timedelta(days=3)
    session.flush()
    events = read_calendar(client.get("/search.ics?q=tea").get_data()).walk("VEVENT")
    assert {str(event["summary"]) for event in events} == names | {"Walking"}
    entries = ElementTree.fromstring(client.get("/search.atom?q=tea").get_data()).findall(f"{ATOM}entry")
    assert len(entries) == 13
    assert entries[0].findtext(f"{ATOM}title") == "Walking"


def test_only_the_widget_may_stand_in_a_frame(session: Session, client: HtmlClient) -> None:
    build_directory.listing(session)
    frame = client.get("/widget/frame?q=tea")
    assert "X-Frame-Options" not in frame.headers
    assert "frame-ancestors *" in frame.headers["Content-Security-Policy"]
    assert "Tea and talk" in text_of(parse(frame.get_data(as_text=True)))
    page = client.get("/widget?q=%22tea%22&postcode=BL9+0AA")
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "postcode=BL9+0" in page.get_data(as_text=True)
    assert "0AA" not in page.get_data(as_text=True)
