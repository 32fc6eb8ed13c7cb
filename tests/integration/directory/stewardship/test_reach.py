"""Visiting websites politely, and hearing from the mail which addresses nobody reads."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.jobs.models import Job
from core.jobs.services import work_once
from core.notify import services as notify
from core.notify import transport
from core.notify.events import AddressRefused
from core.notify.models import Message, MessageState
from directory.listings.models import Organization, Service, Source
from directory.stewardship.reach import rules, services
from directory.stewardship.reach.models import WebsiteCheck, WebsiteHost
from directory.stewardship.reach.queries import trust
from directory.stewardship.reports.models import Report
from directory.stewardship.reports.rules import ReportKind, ReportState
from tests import build, build_directory, build_keeping
from tests.html import HtmlClient

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Site(BaseHTTPRequestHandler):
    """A group's website; what it answers is set by each test."""

    status: ClassVar[int] = 200
    robots: ClassVar[str] = ""
    seen: ClassVar[list[tuple[str, str, str | None]]] = []

    def do_GET(self) -> None:
        Site.seen.append((self.path, self.headers["User-Agent"], self.headers["If-None-Match"]))
        is_robots = self.path == "/robots.txt"
        body = Site.robots.encode() if is_robots else b"<h1>Us</h1>"
        self.send_response((200 if Site.robots else 404) if is_robots else Site.status)
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def settings_changes() -> dict[str, Any]:
    return {"outbound_loopback": True}


@pytest.fixture
def site() -> Iterator[str]:
    Site.status, Site.robots, Site.seen = 200, "", []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}/us"
    server.shutdown()
    server.server_close()
    serving.join()


@pytest.fixture
def listing(session: Session, site: str) -> UUID:
    with clock.at(NOW):
        made = build_directory.listing(session)
        session.get_one(Service, made).url = site
        session.commit()
        return made


def work(session: Session, at: datetime) -> None:
    """A worker's hour: plan, then everything that is due."""
    with clock.at(at):
        services.plan(session)
        session.commit()
    for seconds in range(0, 60, 10):
        with clock.at(at + timedelta(seconds=seconds)):
            while work_once(session):
                pass


def check(session: Session) -> WebsiteCheck:
    session.expire_all()
    return session.scalars(select(WebsiteCheck)).one()


def paths() -> list[str]:
    return [path for path, _, _ in Site.seen]


def test_robots_are_asked_first_and_the_page_ten_seconds_later(session: Session, listing: UUID) -> None:
    with clock.at(NOW):
        assert services.plan(session) == 1
        session.commit()
        while work_once(session):
            pass
        assert paths() == ["/robots.txt"]
    with clock.at(NOW + timedelta(seconds=9)):
        while work_once(session):
            pass
        assert paths() == ["/robots.txt"]
    with clock.at(NOW + timedelta(seconds=10)):
        while work_once(session):
            pass
    assert paths() == ["/robots.txt", "/us"]
    assert all(agent.startswith("GoldenThread/") for _, agent, _ in Site.seen)
    found = check(session)
    assert (found.status, found.failing_since, found.etag) == (200, None, '"one"')
    with clock.at(NOW + timedelta(days=1)):
        assert trust(session, listing).lines == ("Its website answered on Monday 23 November.",)


def test_a_site_that_answers_is_asked_again_in_a_fortnight_and_only_for_news(
    session: Session, listing: UUID
) -> None:
    work(session, NOW)
    work(session, NOW + timedelta(days=13))
    assert paths() == ["/robots.txt", "/us"]
    Site.status = 304
    work(session, NOW + timedelta(days=15))
    assert Site.seen[-1][2] == '"one"'
    assert check(session).failing_since is None


def test_robots_that_say_no_are_obeyed(session: Session, listing: UUID) -> None:
    Site.robots = "User-agent: GoldenThread\nDisallow: /us\n"
    work(session, NOW)
    assert paths() == ["/robots.txt"]
    assert check(session).forbidden
    assert trust(session, listing).lines == ()


def test_a_site_that_is_dead_twice_over_days_is_flagged_once_and_taken_back_when_it_answers(
    session: Session, listing: UUID
) -> None:
    Site.status = 404
    work(session, NOW)
    assert session.scalar(select(func.count(Report.id))) == 0
    for days in (1, 2, 3, 5, 9, 10, 17):
        work(session, NOW + timedelta(days=days, minutes=5 * days))
    report = session.scalars(select(Report)).one()
    assert (report.kind, report.service_id, report.times) == (ReportKind.WEBSITE, listing, 1)
    with clock.at(NOW + timedelta(days=18)):
        assert any("did not answer" in line for line in trust(session, listing).lines)
    Site.status = 200
    work(session, NOW + timedelta(days=40))
    session.expire_all()
    assert session.scalars(select(Report.state)).one() is ReportState.NOT_SO


def test_a_groups_own_website_that_answers_again_closes_its_report_and_the_history_says_so(
    session: Session, client: HtmlClient, listing: UUID
) -> None:
    service = session.get_one(Service, listing)
    group = session.get_one(Organization, service.organization_id)
    service.url, group.website = None, service.url
    session.commit()
    editor = build.account(session, Role.EDITOR)
    Site.status = 404
    for days in (0, 2, 5):
        work(session, NOW + timedelta(days=days))
    report = session.scalars(select(Report)).one()
    assert (report.service_id, report.organization_id, report.state) == (None, group.id, ReportState.OPEN)
    build.sign_in(session, client, editor)
    page = client.get(f"/moderation/reports/{report.id}").get_data(as_text=True)
    assert f'href="{group.website}"' in page
    assert "In their words" not in page
    with clock.at(NOW + timedelta(days=6)):
        build.sign_in(session, client, editor)
        page = client.get(f"/activities/{listing}/history").get_data(as_text=True)
    assert "Website does not answer" in page
    assert "It answers again" not in page

    Site.status = 200
    work(session, NOW + timedelta(days=40))
    session.expire_all()
    assert session.scalars(select(Report.state)).one() is ReportState.NOT_SO
    with clock.at(NOW + timedelta(days=41)):
        build.sign_in(session, client, editor)
        page = client.get(f"/activities/{listing}/history").get_data(as_text=True)
    assert "It answers again, yesterday." in page


def test_a_report_of_an_address_that_was_mended_is_closed_when_the_new_one_answers(
    session: Session, listing: UUID
) -> None:
    Site.status = 404
    for days in (0, 2, 5):
        work(session, NOW + timedelta(days=days))
    assert session.scalars(select(Report.state)).one() is ReportState.OPEN
    service = session.get_one(Service, listing)
    first = service.url
    service.url = f"{first}new"
    session.commit()
    for days in (6, 8, 11):
        work(session, NOW + timedelta(days=days))
    session.expire_all()
    assert session.scalars(select(Report)).one().words == f"{first}\n\n{first}new"
    Site.status = 200
    work(session, NOW + timedelta(days=40))
    session.expire_all()
    assert session.scalars(select(Report.state)).one() is ReportState.NOT_SO


def test_one_failure_is_no_flag(session: Session, listing: UUID) -> None:
    Site.status = 500
    work(session, NOW)
    Site.status = 200
    work(session, NOW + timedelta(days=1, minutes=5))
    assert session.scalar(select(func.count(Report.id))) == 0
    assert check(session).failures == 0


def test_planning_twice_promises_once_and_keeps_a_host_apart(
    session: Session, listing: UUID, site: str
) -> None:
    other = build_directory.listing(session)
    session.get_one(Service, other).url = f"{site}/more"
    with clock.at(NOW):
        services.plan(session)
        services.plan(session)
    times = list(session.scalars(select(Job.run_at).where(Job.kind == "reach.visit").order_by(Job.run_at)))
    assert times == [NOW, NOW + rules.BETWEEN_REQUESTS]
    assert session.scalars(select(WebsiteHost.host)).all() == ["127.0.0.1"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://10.0.0.1/x", "http://[::1]/", "file:///etc/passwd"]
)
def test_what_is_not_public_is_never_asked(session: Session, app: Any, url: str) -> None:
    object.__setattr__(app.extensions["settings"], "outbound_loopback", False)
    made = build_directory.listing(session)
    session.get_one(Service, made).url = url
    session.commit()
    work(session, NOW)
    for found in session.scalars(select(WebsiteCheck)):
        assert found.forbidden
        assert found.answered_at is None


def test_examples_are_not_visited(session: Session, listing: UUID) -> None:
    session.get_one(Service, listing).is_example = True
    with clock.at(NOW):
        assert services.plan(session) == 0


def test_an_address_that_its_server_refuses_is_told_to_an_editor(
    session: Session, client: HtmlClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = build_directory.listing(session, email="gone@example.org")
    notify.send_email(session, to="Gone@example.org", template="password-changed", context={})
    session.commit()

    def refuse(_settings: object, message: Message) -> None:
        raise smtplib.SMTPRecipientsRefused({message.to or "": (550, b"No such user")})

    monkeypatch.setattr(transport, "deliver", refuse)
    while work_once(session):
        pass
    assert MessageState.CANCELLED in set(session.scalars(select(Message.state)))
    report = session.scalars(select(Report)).one()
    assert (report.kind, report.service_id) == (ReportKind.EMAIL, made)
    assert "Emails to the address here come back." in client.get(f"/activities/{made}").text


def test_a_listing_says_when_an_email_to_its_address_was_answered(
    session: Session, client: HtmlClient
) -> None:
    """Coming back and being answered take each other back, whichever was heard last."""
    address = "tea@example.org"
    made = build_directory.listing(session, email=address)
    line, back = "An email to the address here was answered on", "Emails to the address here come back."
    assert line not in client.get(f"/activities/{made}").text
    token = build_keeping.check_link(session, made, address=address)
    form = {"listing": str(made), "answer": "right"}
    with clock.at(NOW):
        services.on_address_refused(session, AddressRefused("Tea@example.org"))
        session.commit()
        assert back in client.get(f"/activities/{made}").text
        assert client.post(f"/check/{token}", data=form).status_code == 303
        page = client.get(f"/activities/{made}").text
    assert f"{line} Monday 23 November." in page
    assert back not in page
    session.expire_all()
    assert session.scalars(select(Report.state)).one() is ReportState.NOT_SO
    with clock.at(NOW + timedelta(days=366)):
        assert line not in client.get(f"/activities/{made}").text
    with clock.at(NOW + timedelta(days=1)):
        services.on_address_refused(session, AddressRefused(address))
        session.commit()
        page = client.get(f"/activities/{made}").text
    assert back in page
    assert line not in page


def test_a_busy_mail_server_is_tried_again(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    notify.send_email(session, to="busy@example.org", template="password-changed", context={})
    session.commit()

    def wait(_settings: object, message: Message) -> None:
        raise smtplib.SMTPRecipientsRefused({message.to or "": (451, b"Try later")})

    monkeypatch.setattr(transport, "deliver", wait)
    work_once(session)
    assert session.scalars(select(Message.state)).one() is MessageState.QUEUED
    assert session.scalar(select(func.count(Report.id))) == 0


def test_a_listing_says_where_it_was_taken_from(session: Session, client: HtmlClient) -> None:
    made = build_directory.listing(session)
    source = Source(key="council", name="the council's list", licence="OGL", imported_at=NOW)
    session.add(source)
    session.flush()
    row = session.get_one(Service, made)
    row.source_id = source.id
    session.get_one(Organization, row.organization_id).website = None
    session.flush()
    with clock.at(NOW):
        page = client.get(f"/activities/{made}").text
    assert "From the council&#39;s list, taken over on Monday 23 November." in page
