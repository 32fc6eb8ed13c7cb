"""Anybody says that something is wrong or missing; machines are not heard; editors and groups put it right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.audit.models import AuditEntry
from core.events import publish
from core.web.open_forms import OpenForm
from directory.listings.rules import ListingStatus
from directory.stewardship.reports.models import Report
from directory.stewardship.reports.rules import Fault, ReportKind, ReportState
from prescribing.referrals.events import ListingWasWrong
from tests import build, build_directory, build_keeping
from tests.html import HtmlClient

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
Send = Callable[..., Any]


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def listing(session: Session) -> UUID:
    made = build_directory.listing(session)
    session.commit()
    return made


@pytest.fixture
def send(client: HtmlClient) -> Send:
    """Shows a form, and sends it back after `after` seconds with these answers."""

    def sending(address: str, *, after: float = 20, **answers: str) -> Any:
        page = client.get(address).text
        shown = page.partition('name="shown" value="')[2].partition('"')[0]
        assert shown
        with clock.at(NOW + timedelta(seconds=after)):
            form = {"idempotency_key": str(uuid4()), "shown": shown} | answers
            return client.post(address, data=form)

    return sending


@pytest.fixture
def editor(session: Session, make_client: Callable[[], HtmlClient]) -> HtmlClient:
    made = make_client()
    build.sign_in(session, made, build.account(session, Role.EDITOR))
    return made


def reports(session: Session) -> list[Report]:
    session.expire_all()
    return list(session.scalars(select(Report).order_by(Report.created_at, Report.id)))


def test_a_stranger_reports_a_wrong_number_and_gets_a_reference(
    session: Session, client: HtmlClient, send: Send, listing: UUID
) -> None:
    words = "It rings out. I think it is 0161 496 0102."
    answer = send(f"/activities/{listing}/wrong", fault="phone", words=words, contact="bo@example.org")
    assert answer.status_code == 303
    (report,) = reports(session)
    assert (report.kind, report.fault, report.words) == (ReportKind.WRONG, Fault.PHONE, words)
    assert answer.location == f"/thank-you/{report.reference}"
    assert report.reference in client.get(answer.location).text
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
    assert entry is not None
    assert (entry.action, entry.actor_kind) == ("report.make", "public")
    assert words not in str(entry.detail)


def test_what_was_written_is_encrypted_where_it_lies(session: Session, send: Send, listing: UUID) -> None:
    send(f"/activities/{listing}/wrong", fault="phone", words="It rings out.", contact="bo@example.org")
    (report,) = reports(session)
    assert b"rings" not in (report.words_sealed or b"")
    assert b"example" not in (report.contact_sealed or b"")


def test_nothing_chosen_keeps_what_was_typed(session: Session, send: Send, listing: UUID) -> None:
    answer = send(f"/activities/{listing}/wrong", words="It rings out.")
    assert answer.status_code == 400
    assert "Choose what is wrong" in answer.text
    assert "It rings out." in answer.text
    assert reports(session) == []


def test_a_machine_is_thanked_and_not_heard(session: Session, send: Send, listing: UUID) -> None:
    answer = send(f"/activities/{listing}/wrong", fault="phone", words="Buy", subject_line="Buy now")
    assert answer.status_code == 303
    assert answer.location.startswith("/thank-you/GT-")
    assert reports(session) == []


@pytest.mark.parametrize("after", [0.5, 25 * 3600])
def test_a_form_that_comes_back_too_soon_or_too_late_is_shown_again(
    session: Session, send: Send, listing: UUID, after: float
) -> None:
    answer = send(f"/activities/{listing}/wrong", fault="phone", words="It rings out.", after=after)
    assert answer.status_code == 400
    assert "send it again" in answer.text
    assert "It rings out." in answer.text
    assert reports(session) == []


def test_a_form_that_we_never_showed_is_not_taken(
    session: Session, client: HtmlClient, listing: UUID
) -> None:
    form = {"idempotency_key": str(uuid4()), "shown": "made-up", "fault": "phone"}
    assert client.post(f"/activities/{listing}/wrong", data=form).status_code == 400
    assert reports(session) == []


def test_a_text_full_of_web_addresses_is_sent_back(session: Session, send: Send) -> None:
    links = "http://a.example http://b.example http://c.example"
    answer = send("/suggest-a-group", name="Cheap pills", words=links)
    assert answer.status_code == 400
    assert "Leave out the web addresses" in answer.text
    assert reports(session) == []


def test_one_address_is_heard_ten_times_and_then_waits(session: Session, send: Send, listing: UUID) -> None:
    got = [send(f"/activities/{listing}/wrong", fault="phone").status_code for _ in range(11)]
    assert got == [303] * 10 + [400]
    assert len(reports(session)) == 10


def test_one_sending_is_one_report(session: Session, client: HtmlClient, send: Send, listing: UUID) -> None:
    key = str(uuid4())
    first = send(f"/activities/{listing}/wrong", fault="phone", idempotency_key=key)
    again = send(f"/activities/{listing}/wrong", fault="phone", idempotency_key=key)
    assert first.location == again.location
    assert len(reports(session)) == 1


def test_what_is_not_public_cannot_be_reported(session: Session, client: HtmlClient) -> None:
    draft = build_directory.listing(session, status=ListingStatus.DRAFT)
    assert client.get(f"/activities/{draft}/wrong").status_code == 404
    assert client.get("/thank-you/GT-AAAA-AA").status_code == 404


def test_anybody_suggests_a_group(session: Session, send: Send, editor: HtmlClient) -> None:
    answer = send(
        "/suggest-a-group", name="Radcliffe Ukulele", place="The Crown", website="ukulele.example.org"
    )
    assert answer.status_code == 303
    (report,) = reports(session)
    assert (report.group_name, report.place, report.url) == (
        "Radcliffe Ukulele",
        "The Crown",
        "https://ukulele.example.org",
    )
    assert "Radcliffe Ukulele" in editor.get("/moderation/reports").text
    page = editor.get(f"/moderation/reports/{report.id}").text
    assert "The Crown" in page


def test_a_website_that_is_none_names_its_box(session: Session, send: Send) -> None:
    answer = send("/suggest-a-group", name="Ukulele", website="javascript:alert(1)")
    assert answer.status_code == 400
    assert "A web address starts with https://" in answer.text
    assert reports(session) == []


def test_an_editor_closes_a_report_and_how_to_reach_them_is_dropped(
    session: Session, send: Send, editor: HtmlClient, listing: UUID
) -> None:
    send(f"/activities/{listing}/wrong", fault="phone", contact="bo@example.org")
    (report,) = reports(session)
    there = f"/moderation/reports/{report.id}"
    assert "bo@example.org" in editor.get(there).text
    assert editor.post(there, data={}).status_code == 400
    assert editor.post(there, data={"state": "mended", "note": "Rang them."}).status_code == 303
    (report,) = reports(session)
    assert (report.state, report.contact, report.note) == (ReportState.MENDED, None, "Rang them.")
    second = editor.post(there, data={"state": "not-so", "note": "Nothing wrong here."})
    assert second.status_code == 409
    assert all(words in second.text for words in ("closed this already", "Rang them.", "Nothing wrong here."))
    assert "Nothing is waiting" in editor.get("/moderation/reports").text


def test_two_referrals_declined_are_one_task_for_editor_and_group(
    session: Session, make_client: Callable[[], HtmlClient], editor: HtmlClient
) -> None:
    member = build.account(session, Role.GROUP_MEMBER)
    group = member.memberships[0].organization_id
    assert group is not None
    listing = build_directory.listing(session, group)
    build_keeping.last_word(session, listing, NOW - timedelta(days=30))
    publish(session, ListingWasWrong(listing, group, "We moved to Thursdays"))
    publish(session, ListingWasWrong(listing, group, ""))
    (report,) = reports(session)
    assert (report.kind, report.times, report.words) == (ReportKind.DECLINED, 2, "We moved to Thursdays")
    assert "Said 2 times" in editor.get("/moderation/reports").text
    home = make_client()
    build.sign_in(session, home, member)
    page = home.get("/my-groups").text
    assert "2 referrals were answered with: our listing is wrong." in page
    assert "We moved to Thursdays" in page
    with clock.at(NOW + timedelta(minutes=1)):
        home.post(f"/activities/{listing}/confirm")
        assert "our listing is wrong" not in home.get("/my-groups").text
        assert "Somebody has checked the listing since" in editor.get(f"/moderation/reports/{report.id}").text


def test_a_strangers_words_are_not_shown_to_the_group(
    session: Session, client: HtmlClient, send: Send, make_client: Callable[[], HtmlClient]
) -> None:
    member = build.account(session, Role.GROUP_MEMBER)
    listing = build_directory.listing(session, member.memberships[0].organization_id)
    send(f"/activities/{listing}/wrong", fault="phone", words="Derek has been unwell.")
    home = make_client()
    build.sign_in(session, home, member)
    page = home.get("/my-groups").text
    assert "Somebody says that something here is wrong." in page
    assert "unwell" not in page


def test_the_page_of_an_activity_leads_to_the_form(client: HtmlClient, listing: UUID) -> None:
    page = client.get(f"/activities/{listing}")
    assert f"/activities/{listing}/wrong" in page.text
    assert "public" in page.headers["Cache-Control"]


def test_the_queue_says_what_else_waits(session: Session, editor: HtmlClient, listing: UUID) -> None:
    build_keeping.report(session, listing)
    build_keeping.call(session, listing)
    page = editor.get("/moderation").text
    assert '<a href="/moderation/reports">What people told us</a> <strong>1</strong>' in page
    assert '<a href="/moderation/calls">Groups to ring</a> <strong>1</strong>' in page


def test_lists_are_cut_into_pages(session: Session, editor: HtmlClient) -> None:
    for _ in range(21):
        listing = build_directory.listing(session)
        build_keeping.report(session, listing)
        build_keeping.call(session, listing)
    assert session.scalar(select(func.count(Report.id))) == 21
    for address in ("/moderation/reports", "/moderation/calls"):
        assert editor.get(address).text.count("gt-queue__who") == 20
        assert editor.get(f"{address}?page=2").text.count("gt-queue__who") == 1
        assert editor.get(f"{address}?page=99").text.count("gt-queue__who") == 1


def test_every_open_form_has_the_box_that_nobody_sees() -> None:
    assert {"subject_line", "shown"} <= set(dir(OpenForm))
