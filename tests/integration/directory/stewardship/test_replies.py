"""A group answers the reminder by email: what was read waits for its press, and nothing changes before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events
from core.access.rules import Role
from core.accounts.models import Account
from core.db import Base
from core.inbound import rules as inbound_rules
from core.notify.models import Message
from directory.listings.content import content_of
from directory.listings.models import Service
from directory.stewardship.freshness import services as freshness
from directory.stewardship.reach.queries import trust
from directory.stewardship.replies import services as replies
from directory.stewardship.replies.models import Reply, ReplyState
from directory.stewardship.reports import services as reports
from directory.stewardship.reports.models import Report
from directory.stewardship.reports.rules import ReportState
from tests import build, build_directory, build_keeping
from tests.html import HtmlClient

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=121)


@pytest.fixture
def settings_changes() -> dict[str, Any]:
    return {"inbound_address": "listings@goldenthread.example"}


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def listing(session: Session) -> UUID:
    """A listing whose group was asked by email whether it is still right."""
    made = build_directory.listing(session, build_keeping.group(session))
    build_keeping.last_word(session, made, LONG_AGO)
    freshness.remind(session)
    session.commit()
    return made


def mails(session: Session) -> list[Message]:
    session.expire_all()
    return list(session.scalars(select(Message).order_by(Message.created_at, Message.id)))


def pipe(app: Flask, session: Session, text: str, key: str = "1", to: str = "", extra: str = "") -> int:
    to = to or mails(session)[-1].reply_to or ""
    session.commit()
    raw = f"From: a@b.example\r\nTo: {to}\r\nMessage-ID: <{key}@b.example>\r\n{extra}\r\n{text}"
    code = app.test_cli_runner().invoke(args=["inbound", "receive"], input=raw.encode()).exit_code
    session.expire_all()
    return code


def path_in(message: Message) -> str:
    found = re.search(r"http://localhost(/check/\S+)", message.body or "")
    assert found
    return found[1]


def test_the_reminder_says_that_a_reply_is_read(session: Session, listing: UUID) -> None:
    (asked,) = mails(session)
    assert re.fullmatch(r"listings\+[0-9a-f]{32}@goldenthread\.example", asked.reply_to or "")
    assert "You can also just reply to this email" in (asked.body or "")


def test_what_was_read_waits_for_the_press(
    app: Flask, session: Session, client: HtmlClient, listing: UUID
) -> None:
    text = "Hi,\r\nWe meet every Wednesday 1pm to 3pm now.\r\nBring a cup\r\nThanks\r\nDerek\r\n0161 496 0555"
    assert pipe(app, session, text) == 0
    row = session.get_one(Service, listing)
    assert content_of(row)["schedules"][0]["byday"] == ["TU"]
    (_, back) = mails(session)
    assert (back.to, back.subject) == (
        build_keeping.ADDRESS,
        "We read your email: check it and press Confirm",
    )
    assert "1pm to 3pm" not in (back.body or "")
    there = path_in(back)
    page = client.get(there).text
    assert "Every Wednesday, 1pm to 3pm" in page
    assert "Bring a cup" in page
    assert re.search(r'<input[^>]*name="rest"[^>]*checked', page)
    assert re.search(r'<input[^>]*value="schedules" checked', page)
    assert "0555" not in page
    assert "See what we read" in client.get(there.removesuffix("/reply")).text
    wrong = {"expected_version": str(row.version), "use": "schedules", "said-schedules": "sometimes"}
    refused = client.post(there, data=wrong)
    assert refused.status_code == 400
    assert "sometimes" in refused.text
    right = wrong | {"said-schedules": "Every Wednesday, 1pm to 4pm", "rest": "y"}
    assert client.post(there, data=right).status_code == 303
    session.expire_all()
    row = session.get_one(Service, listing)
    assert content_of(row)["schedules"][0]["byday"] == ["WE"]
    assert row.confirmed_at == NOW
    assert session.scalars(select(Report)).one().words == "Bring a cup"
    assert session.scalars(select(Reply)).one().text is None


def test_all_right_is_still_a_press(app: Flask, session: Session, client: HtmlClient, listing: UUID) -> None:
    pipe(app, session, "Yes all good, thanks")
    assert session.get_one(Service, listing).confirmed_at == LONG_AGO
    page = client.get(path_in(mails(session)[-1])).text
    assert "Yes all good, thanks" in page
    assert "Still right" in page


def test_nonsense_goes_to_an_editor_and_a_letter_counts_once(
    app: Flask, session: Session, listing: UUID
) -> None:
    to = mails(session)[-1].reply_to or ""
    assert [pipe(app, session, "Who is this?", to=to) for _ in range(2)] == [0, 0]
    assert session.scalars(select(Report)).one().words == "Who is this?"
    assert len(mails(session)) == 2
    answered = "An email to the address here was answered on Monday 23 November."
    assert trust(session, listing).lines == (answered,)


def test_machines_and_invented_tokens_are_answered_by_nothing(
    app: Flask, session: Session, listing: UUID
) -> None:
    assert pipe(app, session, "I am away", extra="Auto-Submitted: auto-replied\r\n") == 0
    assert pipe(app, session, "Hi", to=f"listings+{'0' * 32}@goldenthread.example") == 0
    assert pipe(app, session, "Hi", to="listings@goldenthread.example") == 67
    assert len(mails(session)) == 1


def test_nobody_is_reminded_while_a_reply_waits_and_an_editor_reads_it_in_the_end(
    app: Flask, session: Session, listing: UUID
) -> None:
    pipe(app, session, "Every Wednesday 1pm to 3pm")
    with clock.at(NOW + timedelta(days=13)):
        assert freshness.remind(session) == 0
        replies.tidy(session)
        assert session.scalars(select(Reply)).one().state is ReplyState.WAITING
    with clock.at(NOW + timedelta(days=15)):
        replies.tidy(session)
        assert session.scalars(select(Reply)).one().state is ReplyState.EDITOR
        assert session.scalars(select(Report)).one().words == "Every Wednesday 1pm to 3pm"
        assert freshness.remind(session) == 1
    with clock.at(NOW + timedelta(days=100)):
        replies.tidy(session)
        assert session.scalars(select(Reply)).all() == []


def test_an_answer_to_an_old_email_is_told_so_once(app: Flask, session: Session, listing: UUID) -> None:
    to = mails(session)[-1].reply_to or ""
    with clock.at(NOW + timedelta(days=31)):
        for key in "12":
            assert pipe(app, session, "Yes", key=key, to=to) == 0
    assert [one.template for one in mails(session)] == ["listing-check", "reply-late"]


def test_two_machines_do_not_go_on_for_ever(app: Flask, session: Session, listing: UUID) -> None:
    for key in range(14):
        pipe(app, session, f"Hello {key}", key=str(key))
    assert len(mails(session)) == 11


def test_a_mail_server_tries_again_where_we_could_not_take_a_letter(
    app: Flask,
    session: Session,
    listing: UUID,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise OSError("Zqsecret of the letter")

    with monkeypatch.context() as patched:
        patched.setattr(events, "publish", broken)
        assert pipe(app, session, "Zqsecret") == 75
    assert "zqsecret" not in caplog.text.casefold()
    assert session.scalars(select(Reply)).all() == []
    assert pipe(app, session, "Yes") == 0
    assert len(session.scalars(select(Reply)).all()) == 1


def test_a_letter_that_can_never_be_taken_is_given_back_and_the_editors_hear_of_it_once(
    app: Flask,
    session: Session,
    listing: UUID,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    editor = build.actor(session, Role.EDITOR)
    account = session.get_one(Account, editor.account_id)
    account.email = "editor@example.org"
    session.commit()

    def broken(*_: object) -> None:
        raise ValueError("Zqsecret of the letter")

    to = mails(session)[-1].reply_to or ""
    with monkeypatch.context() as patched:
        patched.setattr(inbound_rules, "read_letter", broken)
        assert pipe(app, session, "Zqsecret", to=to) == 70
        assert pipe(app, session, "Zqsecret", to=to, key="2") == 70
    assert "zqsecret" not in caplog.text.casefold()
    (told,) = [one for one in mails(session) if one.template == "reply-failed"]
    assert told.to == "editor@example.org"
    with monkeypatch.context() as patched:
        patched.setattr(inbound_rules, "read_letter", broken)
        patched.setattr(events, "publish", broken)
        assert pipe(app, session, "Zqsecret", to=to) == 75, "nobody was told, so it is not given up"


def test_the_words_stand_nowhere_open_and_go_when_nobody_needs_them(
    app: Flask, session: Session, client: HtmlClient, listing: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    to = mails(session)[-1].reply_to or ""
    pipe(app, session, "Every Wednesday 1pm to 3pm\nZqwaiting", key="Zqkey", to=to)
    pipe(app, session, "Zqeditor", key="2", to=to, extra="Reply-To: Zqsender@b.example\r\n")
    kept = "".join(
        str(row) for table in Base.metadata.sorted_tables for row in session.execute(select(table)).all()
    )
    written = " ".join(f"{one.subject} {one.body}" for one in mails(session))
    for word in ("Zqwaiting", "Zqeditor", "Zqkey", "Zqsender", "a@b.example"):
        assert word.casefold() not in (kept + written + caplog.text).casefold()
    assert "Zqwaiting" not in client.get(f"/activities/{listing}").text
    report = session.scalars(select(Report)).one()
    assert report.words == "Zqeditor"
    reports.decide(session, build.actor(session, Role.EDITOR), report.id, ReportState.MENDED, "")
    assert report.words is None


def test_where_no_address_is_set_nobody_is_told_to_reply(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.extensions["settings"]
    monkeypatch.setitem(app.extensions, "settings", replace(settings, inbound_address=""))
    made = build_directory.listing(session, build_keeping.group(session))
    build_keeping.last_word(session, made, LONG_AGO)
    freshness.remind(session)
    (asked,) = mails(session)
    assert asked.reply_to is None
    assert "reply to this email" not in (asked.body or "")
    assert pipe(app, session, "Yes", to="listings@goldenthread.example") == 75
