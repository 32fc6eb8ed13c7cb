"""An editor takes in what others publish: looked through first, taken in at a yes, and kept true afterwards."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock, events
from core.access.rules import SYSTEM, Role
from directory.exchange import reading, runs, services
from directory.exchange.calendars import rows_of
from directory.exchange.feed_rules import RunState
from directory.exchange.mapping_file import Credit
from directory.exchange.models import Feed, ImportedRecord, ImportRun
from directory.exchange.services import Outcome, import_rows
from directory.listings import history
from directory.listings import services as listings
from directory.listings.content import apply_content, content_of
from directory.listings.events import SessionCancelled, SessionMoved, SessionRestored
from directory.listings.models import Service
from directory.listings.rules import ListingStatus
from tests import build
from tests.html import HtmlClient
from tests.integration.directory.exchange.conftest import contents, counted
from tests.integration.directory.exchange.feeds import Editor, feed_server, loom, served


@pytest.fixture
def settings_changes() -> dict[str, Any]:
    return {"outbound_loopback": True}


@pytest.fixture
def editor(client: HtmlClient, session: Session, before_others: Callable[[], None]) -> Editor:
    build.sign_in(session, client, build.account(session, Role.EDITOR))
    return Editor(client, session, before_others)


def the_import(session: Session) -> ImportRun:
    session.expire_all()
    newest = session.scalars(
        select(ImportRun).order_by(ImportRun.created_at.desc(), ImportRun.id.desc())
    ).first()
    assert newest is not None
    return newest


def test_people_can_write_while_a_large_feed_is_read_and_compared(
    editor: Editor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    rows_of = reading.rows_of

    def rows_slowly(*given: Any) -> Any:
        told.append("read")
        with Session(session.get_bind()) as another:
            another.execute(update(Feed).values(publisher=f"The Weavers of Bury {len(told)}"))
            another.commit()
        return rows_of(*given)

    compare_rows = services.compare_rows

    def compare_slowly(*given: Any) -> Any:
        outcome = compare_rows(*given)
        told.append("compared")
        with Session(session.get_bind()) as another:
            another.execute(update(Feed).values(publisher=f"The Weavers of Bury {len(told)}"))
            another.commit()
        return outcome

    monkeypatch.setattr(reading, "rows_of", rows_slowly)
    monkeypatch.setattr(services, "compare_rows", compare_slowly)
    with feed_server([loom(1), loom(2)]) as (address, _):
        page = editor.add(address=address).location
        editor.work()
    assert "2 accepted" in editor.reads(page)
    editor.step(page, "take-in")
    assert "Taken in" in editor.reads(page)
    assert told == ["read", "compared", "read"]
    assert counted(session, Service) == 2


def test_an_import_that_was_stopped_while_it_was_read_stays_stopped(
    editor: Editor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare_rows = services.compare_rows

    def compare_slowly(*given: Any) -> Any:
        with Session(session.get_bind()) as another:
            another.execute(update(ImportRun).values(state=RunState.STOPPED))
            another.commit()
        return compare_rows(*given)

    monkeypatch.setattr(services, "compare_rows", compare_slowly)
    with feed_server([loom(1)]) as (address, _):
        editor.add(address=address)
        editor.work()
    run = the_import(session)
    assert (run.state, run.summary) == (RunState.STOPPED, {})


def test_a_feed_with_faults_is_looked_through_and_taken_in(editor: Editor, session: Session) -> None:
    faulty = loom(4, phones=[{"number": "12"}], name="  Weaving \u0000 4 ")
    with feed_server([loom(1), loom(2), loom(3, status="defunct"), faulty, loom(5, name="")]) as (address, _):
        page = editor.add(address=address).location
        editor.work()
    said = editor.reads(page)
    assert "3 accepted (3 of them mended), 2 rejected" in said
    assert "The source says that it has closed for good." in said
    assert "There is no name." in said
    assert "Phone: it cannot be used, and was left out" in said
    assert "Nothing has changed yet." in said
    assert counted(session, Service) == 0
    editor.step(page, "take-in")
    assert "Taken in" in editor.reads(page)
    assert counted(session, Service) == 3
    first = session.scalars(select(Service).where(Service.name == "Weaving 1")).one()
    content = content_of(first)
    assert content["address"] == {"street": "1 Loom Street", "town": "Bury", "postcode": "BL9 0AA"}
    assert content["costs"] == [{"label": "A session", "pence": 250}]
    assert content["schedules"][0]["byday"] == ["TU", "TH"]
    assert (content["venue"], content["minimum_age"]) == ("Loom Hall", 18)
    assert first.organization.name == "The Weavers"
    record = session.scalars(select(ImportedRecord).where(ImportedRecord.service_id == first.id)).one()
    assert record.record_key == loom(1)["id"]
    assert "row,outcome" in editor.client.get(f"{page}/report.csv").text


def test_a_second_import_changes_nothing(editor: Editor, session: Session) -> None:
    with feed_server([loom(1), loom(2)]) as (address, _):
        page = editor.add(address=address).location
        editor.work()
        editor.step(page, "take-in")
        source = f"/sources/{the_import(session).feed_id}"
        before = contents(session)
        again = editor.again(source)
        assert "2 As they were" in editor.reads(again).replace("As they were 2", "2 As they were")
        editor.step(again, "take-in")
    after = contents(session)
    same = (
        "services",
        "organizations",
        "locations",
        "schedules",
        "imported_records",
        "attributes",
        "cost_options",
    )
    assert {name: before[name] for name in same} == {name: after[name] for name in same}


def test_corrections_by_hand_survive_and_vanished_records_are_marked(
    editor: Editor, session: Session
) -> None:
    with feed_server([loom(number) for number in range(1, 4)]) as (address, feed):
        page = editor.add(address=address).location
        editor.work()
        editor.step(page, "take-in")
        source = f"/sources/{the_import(session).feed_id}"
        first = session.scalars(select(Service).where(Service.name == "Weaving 1")).one()
        apply_content(session, first, {"phone": "0161 496 0202", "minimum_age": 21})
        first.updated_at = clock.now()
        session.commit()
        feed.services = [loom(1, minimum_age=16, email="new@example.org"), loom(2)]
        again = editor.again(source)
        said = editor.reads(again)
        assert "Keep your corrections 1" in said
        assert "No longer in the source 1" in said
        editor.step(again, "take-in")
    session.expire_all()
    content = content_of(session.scalars(select(Service).where(Service.name == "Weaving 1")).one())
    assert (content["phone"], content["minimum_age"], content["email"]) == (
        "0161 496 0202",
        21,
        "new@example.org",
    )
    assert counted(session, Service) == 3
    gone = session.scalars(select(ImportedRecord).where(ImportedRecord.vanished_at.is_not(None))).all()
    assert [one.record_key for one in gone] == [loom(3)["id"]]


def test_a_feed_that_cannot_be_reached_says_so_and_changes_nothing(editor: Editor, session: Session) -> None:
    with feed_server([]) as (address, _):
        pass
    page = editor.add(address=address).location
    editor.work()
    said = editor.reads(page)
    assert "Nobody answers at that address" in said
    assert "Nothing was changed" in said
    feed = session.scalars(select(Feed)).one()
    assert (feed.failures, feed.failed, feed.pulls) == (1, 1, 1)
    assert "Failed last time" in editor.reads("/sources")
    assert "Failed last time" in editor.reads("/sources?page=9"), "past the last page is the last"


@pytest.mark.parametrize(
    "address", ["http://192.168.0.1/api", "ftp://example.org", "http://169.254.169.254/", "not an address"]
)
def test_an_address_of_our_own_is_refused_at_the_form(editor: Editor, session: Session, address: str) -> None:
    answer = editor.add(address=address)
    assert answer.status_code == 200
    assert "There is a problem" in answer.text
    assert "Weaving groups" in answer.text
    assert counted(session, Feed) == 0


def test_a_long_feed_stops_and_goes_on(
    editor: Editor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.exchange.pulling.STEP_SECONDS", 0.0)
    with feed_server([loom(number) for number in range(1, 8)]) as (address, feed):
        page = editor.add(address=address).location
        editor.end()
        editor.step(page, "stop")
        assert the_import(session).state is RunState.STOPPED
        assert counted(session, Service) == 0
        monkeypatch.setattr("directory.exchange.pulling.STEP_SECONDS", 60.0)
        editor.step(page, "go-on")
        assert "7 accepted" in editor.reads(page)
        lists = [path for path in feed.asked if "page=" in path]
    assert len(lists) == len(set(lists)) == 4


def test_scheduled_pulls_take_in_by_themselves_unless_something_looks_wrong(
    editor: Editor, session: Session
) -> None:
    services = [loom(number) for number in range(1, 11)]
    with feed_server(services) as (address, feed):
        page = editor.add(address=address, every_hours="6").location
        editor.work()
        editor.step(page, "take-in")
        feed.services = [*services, loom(11)]
        with clock.at(clock.now() + timedelta(hours=7)):
            assert runs.start_due(session, SYSTEM) == 1
            session.commit()
            editor.work()
            assert the_import(session).state is RunState.DONE
            assert counted(session, Service) == 11
        feed.services = services[:4]
        with clock.at(clock.now() + timedelta(hours=15)):
            assert runs.start_due(session, SYSTEM) == 1
            session.commit()
            editor.work()
            assert the_import(session).state is RunState.READY
        said = editor.reads(f"/sources/imports/{the_import(session).id}")
        assert "It leaves out 7 of the 11 records that it gave before." in said
        feed.broken = True
        waits = []
        for day in range(2, 5):
            with clock.at(build.days_ahead(day * 3)):
                runs.start_due(session, SYSTEM)
                session.commit()
                editor.work()
                held = session.scalars(select(Feed)).one()
                assert held.next_pull_at is not None
                waits.append(held.next_pull_at - clock.now())
    assert waits[0] < waits[1] < waits[2] <= timedelta(days=7)
    assert "Not working" in editor.reads("/sources")


CSV = (
    "Ref,Activity name,Provider,Description,Post code,Telephone,Opening times\n"
    "1,LOOMS FOR ALL,The Weavers,Debt advice over tea.,bl90aa,1614960101,Tuesday 10am to 12pm\n"
    "2,,The Weavers,Nothing,,,\n"
)


def test_a_table_asks_for_its_columns_once(editor: Editor, session: Session) -> None:
    source = editor.source("table")
    page = editor.upload(source, CSV.encode("utf-8"), "looms.csv")
    assert "Tell us which column holds what" in editor.reads(page)
    form = {
        "column-key": "Ref",
        "column-name": "Activity name",
        "column-organization": "Provider",
        "column-description": "Description",
        "column-postcode": "Post code",
        "column-phone": "Telephone",
        "column-opening_times": "Opening times",
    }
    missing = editor.post(f"{page}/columns", data=form | {"column-name": ""})
    assert "Choose the column that holds the name" in missing.text
    editor.post(f"{page}/columns", data=form)
    editor.work()
    said = editor.reads(page)
    assert "1 accepted (1 of them mended), 1 rejected" in said
    assert "Row 2, Looms for All: Money and debt" in said
    editor.step(page, "take-in")
    listing = session.scalars(select(Service)).one()
    assert (listing.name, listing.organization.name) == ("Looms for All", "The Weavers")
    assert content_of(listing)["needs"] == []
    again = editor.upload(source, CSV.encode("utf-8"), "looms.csv")
    assert "Tell us which column" not in editor.reads(again)
    assert "As they were 1" in editor.reads(again)


class Table(BaseHTTPRequestHandler):
    """A table at an address."""

    def do_GET(self) -> None:
        body = CSV.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def test_a_table_at_an_address_is_fetched_and_its_rhythm_changed(editor: Editor, session: Session) -> None:
    with served(Table) as base:
        page = editor.add("table", f"{base}/looms.csv").location
        editor.work()
        assert "Tell us which column holds what" in editor.reads(page)
        editor.post(f"{page}/columns", data={"column-name": "Activity name", "column-key": "Ref"})
        editor.work()
        assert "1 accepted" in editor.reads(page)
    source = f"/sources/{the_import(session).feed_id}"
    session.rollback()
    wrong = editor.post(f"{source}/change", data={"address": "http://10.0.0.1/", "every_hours": "24"})
    assert "There is a problem" in wrong.text
    assert "http://10.0.0.1/" in wrong.text
    right = editor.post(
        f"{source}/change", data={"address": "https://looms.example.org/x.csv", "every_hours": "24"}
    )
    assert right.status_code == 303
    feed = session.scalars(select(Feed)).one()
    assert (feed.address, feed.every_hours) == ("https://looms.example.org/x.csv", 24)
    assert feed.next_pull_at is not None


def test_a_calendar_becomes_listings(editor: Editor, session: Session) -> None:
    data = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1@x\r\nSUMMARY:Loom night\r\n"
        b"DTSTART;TZID=Europe/London:20300108T190000\r\nDTEND;TZID=Europe/London:20300108T210000\r\n"
        b"RRULE:FREQ=WEEKLY;BYDAY=TU\r\nLOCATION:Loom Hall\\, 1 Loom Street\\, BL9 0AA\r\nEND:VEVENT\r\n"
        b"BEGIN:VEVENT\r\nUID:2@x\r\nSUMMARY:Over\r\nDTSTART:20200108T190000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    page = editor.upload(editor.source("calendar"), data, "looms.ics")
    assert "1 accepted" in editor.reads(page)
    assert "It is over." in editor.reads(page)
    editor.step(page, "take-in")
    listing = session.scalars(select(Service)).one()
    content = content_of(listing)
    assert content["schedules"][0]["byday"] == ["TU"]
    assert content["address"] == {"street": "Loom Hall, 1 Loom Street", "postcode": "BL9 0AA"}


def test_an_event_that_is_over_ends_by_itself_and_opens_again_with_new_dates(
    editor: Editor, session: Session
) -> None:
    def calendar(*events: tuple[str, int, str]) -> bytes:
        """Events of whole days: their name, how many days from today, what else they say."""
        inside = "".join(
            f"BEGIN:VEVENT\nUID:{name}\nSUMMARY:{name}\n"
            f"DTSTART;VALUE=DATE:{clock.today() + timedelta(days=ahead):%Y%m%d}\n{more}END:VEVENT\n"
            for name, ahead, more in events
        )
        return f"BEGIN:VCALENDAR\n{inside}END:VCALENDAR\n".encode()

    def take_in(days: int, data: bytes) -> Outcome:
        """What the source's own import does so many days from today."""
        credit = Credit(session.scalars(select(Feed)).one().key, "Looms", "By agreement")
        with clock.at(build.days_ahead(days)):
            outcome = import_rows(session, SYSTEM, credit, rows_of(data, "x", "Weavers", clock.today()))
        session.commit()
        return outcome

    def standing() -> dict[str, str]:
        session.expire_all()
        return {name: status.value for name, status in session.execute(select(Service.name, Service.status))}

    source = editor.source("calendar")
    fair, put_off, club, dropped = (
        ("Fair", -5, ""),
        ("Put off", -5, ""),
        ("Club", -5, "RRULE:FREQ=WEEKLY\n"),
        ("Dropped", 5, ""),
    )
    take_in(-10, calendar(fair, put_off, club, dropped))
    row = session.scalars(select(Service).where(Service.name == "Put off")).one()
    later = [content_of(row)["schedules"][0] | {"dtstart": f"{clock.today() + timedelta(days=6)}"}]
    listings.submit_change(session, SYSTEM, row.id, {"schedules": later}, row.version)
    session.commit()
    page = editor.upload(source, calendar(fair, put_off, club), "looms.ics")
    assert "Over: closed by themselves 1" in editor.reads(page)
    editor.step(page, "take-in")
    assert standing() == {
        "Club": "published",
        "Dropped": "published",
        "Fair": "closed",
        "Put off": "published",
    }
    assert "2 to ask about" in editor.reads("/sources/vanished"), "both are to be yet"
    assert take_in(0, calendar(fair, put_off, club)).ended == (), "it is over once"
    assert set(take_in(9, calendar(("Fair", 400, ""))).ended) == {"Put off", "Dropped"}
    assert standing() == {"Club": "published", "Dropped": "closed", "Fair": "published", "Put off": "closed"}
    assert "1 to ask about" in editor.reads("/sources/vanished"), "a club has no last date"
    assert take_in(500, calendar(("Fair", 400, ""))).ended == ("Fair",), (
        "a year's worth of past events is no fault"
    )


def test_sessions_that_a_calendar_calls_off_are_off_and_told(
    editor: Editor, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    for kind in (SessionCancelled, SessionMoved, SessionRestored):
        heard = [*events._subscribers[kind], lambda _session, event: told.append(event)]
        monkeypatch.setitem(events._subscribers, kind, heard)
    event = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Loom night\nDTSTART;TZID=Europe/London:20300108T190000\n"
        "DTEND;TZID=Europe/London:20300108T210000\nRRULE:FREQ=WEEKLY;BYDAY=TU\n{}END:VEVENT\n{}END:VCALENDAR\n"
    )
    moved = (
        "BEGIN:VEVENT\nUID:1\nRECURRENCE-ID;TZID=Europe/London:20300122T190000\n"
        "DTSTART;TZID=Europe/London:20300124T190000\nDTEND;TZID=Europe/London:20300124T210000\nEND:VEVENT\n"
    )
    source = editor.source("calendar")

    def give(inside: str = "", beside: str = "") -> None:
        editor.step(editor.upload(source, event.format(inside, beside).encode(), "looms.ics"), "take-in")
        session.expire_all()

    give()
    listing = session.scalars(select(Service)).one()
    listings.cancel_session(session, SYSTEM, listing.id, datetime(2030, 2, 5, 19, 0), "Painting")
    session.commit()
    told.clear()
    give("EXDATE;TZID=Europe/London:20300115T190000\n", moved)
    evening = time(19)
    off = SessionCancelled(listing.id, date(2030, 1, 15), evening, "")
    elsewhere = SessionMoved(listing.id, date(2030, 1, 22), evening, date(2030, 1, 24), evening, "")
    assert set(told) == {off, elsewhere}
    ours = {"on": "2030-02-05", "session": "19:00", "note": "Painting"}
    assert content_of(listing)["exceptions"] == [
        {"on": "2030-01-15", "session": "19:00"},
        {"on": "2030-01-22", "session": "19:00", "moved_to": "2030-01-24", "opens_at": "19:00"}
        | {"closes_at": "21:00"},
        ours,
    ]
    told.clear()
    give()
    assert set(told) == {
        SessionRestored(listing.id, date(2030, 1, 15), evening),
        SessionRestored(listing.id, date(2030, 1, 22), evening),
    }
    assert content_of(listing)["exceptions"] == [ours]
    give("STATUS:CANCELLED\n")
    assert session.get_one(Service, listing.id).status is ListingStatus.PAUSED


def test_what_its_source_shuts_is_closed_and_opened_again_unless_people_decide_otherwise(
    editor: Editor, session: Session
) -> None:
    with feed_server([loom(number) for number in range(1, 5)]) as (address, feed):
        page = editor.add(address=address).location
        editor.work()
        editor.step(page, "take-in")
        source = f"/sources/{the_import(session).feed_id}"

        def says(*statuses: str) -> list[str]:
            feed.services = [loom(number, status=status) for number, status in enumerate(statuses, start=1)]
            editor.step(editor.again(source), "take-in")
            session.expire_all()
            return [one.status.value for one in session.scalars(select(Service).order_by(Service.name))]

        assert says("temporarily closed", "defunct", "inactive", "active", "defunct") == [
            "paused",
            "closed",
            "paused",
            "published",
        ]
        first, *_rest, last = session.scalars(select(Service).order_by(Service.name)).all()
        editor_actor = build.actor(session, Role.EDITOR)
        (newest, *_earlier) = history.history(session, editor_actor, first.id).lines
        assert (newest.what, newest.reason) == ("Closed for now", "From The Weavers: it is closed for now.")
        listings.move_status(session, editor_actor, first.id, ListingStatus.PUBLISHED)
        listings.move_status(session, editor_actor, last.id, ListingStatus.PAUSED)
        session.commit()
        assert says("temporarily closed", "active", "active", "active") == [
            "published",
            "published",
            "published",
            "paused",
        ]
        assert counted(session, ImportedRecord) == 4
    assert session.scalars(select(ImportedRecord.vanished_at)).all() == [None] * 4


def test_editors_ask_about_what_its_source_gives_no_more(editor: Editor, session: Session) -> None:
    with feed_server([loom(number) for number in range(1, 4)]) as (address, feed):
        page = editor.add(address=address).location
        editor.work()
        editor.step(page, "take-in")
        source = f"/sources/{the_import(session).feed_id}"
        assert "Ask about" not in editor.reads(source)
        feed.services = [loom(1)]
        editor.step(editor.again(source), "take-in")
        assert "No longer in their source 2" in editor.reads("/moderation")
        assert "Ask about those that it gives no more" in editor.reads(source)
        said = editor.reads(f"/sources/vanished?source={source.rpartition('/')[2]}")
        assert "2 to ask about" in said
        assert "Ring 0161 496 0101" in said
        records = {
            one.record_key: one.id
            for one in session.scalars(select(ImportedRecord).where(ImportedRecord.vanished_at.is_not(None)))
        }
        keep, close = (f"/sources/vanished/{records[loom(number)['id']]}" for number in (2, 3))
        assert editor.post(f"{keep}/keep").status_code == 303
        assert editor.post(f"{keep}/keep").status_code == 409
        assert editor.post(f"{close}/close").status_code == 303
        assert editor.post(f"{close}/explode").status_code == 404
        assert "There is nobody to ask" in editor.reads("/sources/vanished")
        session.expire_all()
        _first, kept, closed = session.scalars(select(Service).order_by(Service.name))
        assert (kept.status, kept.confirmed_by) == (ListingStatus.PUBLISHED, "the editors")
        assert closed.status is ListingStatus.CLOSED
        editor.step(editor.again(source), "take-in")
        assert "There is nobody to ask" in editor.reads("/sources/vanished"), "nobody is asked twice"
        feed.services = [loom(1), loom(2)]
        editor.step(editor.again(source), "take-in")
        feed.services = [loom(1)]
        editor.step(editor.again(source), "take-in")
        assert "1 to ask about" in editor.reads("/sources/vanished"), "it had come back meanwhile"
        feed.services = [loom(1), loom(2)]
        editor.step(editor.again(source), "take-in")
        assert editor.post(f"{keep}/close").status_code == 409


@pytest.mark.parametrize(
    ("kind", "name", "data", "words"),
    [
        ("open-referral", "x.json", b"{", "not JSON"),
        ("open-referral", "x.json", b"[" * 100_000, "not JSON"),
        ("open-referral", "x.json", b"{}", "holds no services"),
        ("open-referral", "x.zip", b"PK\x03\x04nonsense", "not a zip file"),
        ("table", "x.xlsx", b"PK\x03\x04nonsense", "cannot be opened"),
        ("calendar", "x.ics", b"hello", "not a calendar file"),
    ],
)
def test_a_wrong_file_is_one_sentence(editor: Editor, kind: str, name: str, data: bytes, words: str) -> None:
    page = editor.upload(editor.source(kind), data, name)
    assert words in editor.reads(page)


def test_what_is_no_file_of_the_kind_is_refused_at_the_form(editor: Editor, session: Session) -> None:
    source = editor.source("table")
    form = {"idempotency_key": "8b0cbd6c-94c2-4bbf-a60c-25c0d7d8ba6d"}
    none = editor.post(f"{source}/start", data=form)
    assert "Choose the file to take in." in none.text
    assert counted(session, ImportRun) == 0


def test_an_import_is_decided_once(editor: Editor, session: Session) -> None:
    page = editor.upload(editor.source("open-referral"), json.dumps([loom(1)]).encode(), "looms.json")
    editor.step(page, "take-in")
    assert editor.post(f"{page}/drop").status_code == 409
    assert editor.post(f"{page}/explode").status_code == 404
    run = session.get_one(ImportRun, UUID(page.rpartition("/")[2]))
    assert run.state is RunState.DONE


def test_days_count_from_the_end_of_an_import_not_from_when_it_was_read(
    app: Flask, editor: Editor, session: Session
) -> None:
    page = editor.upload(editor.source("open-referral"), json.dumps([loom(1)]).encode(), "looms.json")
    folder = runs.folder_of(UUID(page.rpartition("/")[2]))
    editor.step(page, "take-in")
    long_ago = build.days_ago(60).timestamp()
    os.utime(folder, (long_ago, long_ago))
    runs.forget_files(session)
    assert folder.is_dir()
    with clock.at(build.days_ahead(31)):
        runs.forget_files(session)
    assert not folder.exists()


def test_what_an_import_read_is_taken_away_in_the_end(app: Flask, editor: Editor, session: Session) -> None:
    page = editor.upload(editor.source("open-referral"), json.dumps([loom(1)]).encode(), "looms.json")
    folder = runs.folder_of(UUID(page.rpartition("/")[2]))
    editor.step(page, "drop")
    runs.forget_files(session)
    assert folder.is_dir()
    with clock.at(build.days_ahead(2)):
        runs.forget_files(session)
    assert not folder.exists()
