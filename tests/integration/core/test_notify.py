"""Messages leave by a real SMTP server, or as files in the demo; what must not arrive is cancelled."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import jwt
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.db import db, new_id
from core.errors import Invalid
from core.jobs.models import Job, JobState, Worker
from core.jobs.services import work_once
from core.notify import services, transport
from core.notify.models import Message, MessageState
from core.notify.rules import Format, Manner, language_of

NOTIFY_SERVICE = "26785a09-ab16-4eb0-8407-a37497a57506"
NOTIFY_SECRET = "3d844edf-8d35-48ac-975b-e847b4f122b0"


class Mailbox:
    """What a mail server was given; it refuses the first `refuse` messages."""

    def __init__(self, refuse: int = 0) -> None:
        self.received: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refuse = refuse

    async def handle_DATA(self, _server: SMTP, _session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        """Take a message in, or say that it should be sent again."""
        if self.refuse:
            self.refuse -= 1
            return "451 Try again later"
        content = envelope.content
        assert isinstance(content, bytes)
        parsed = message_from_bytes(content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.received.append(parsed)
        self.recipients += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    """A real SMTP server on loopback, to which the app's settings point."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, smtp_host="127.0.0.1", smtp_port=port, smtp_starttls=False)
    yield box
    server.stop()


def promise(session: Session, **changes: Any) -> Message:
    values = {
        "to": "asha@example.org",
        "template": "invitation",
        "context": {"link": "http://localhost/set-password/abc"},
    }
    services.send_email(session, **(values | changes))
    session.commit()
    return session.scalars(select(Message).order_by(Message.id.desc())).first()  # type: ignore[return-value]


def test_an_email_leaves_by_smtp_and_its_words_are_kept_no_longer(session: Session, mailbox: Mailbox) -> None:
    message = promise(session)
    assert message.to_sealed is not None
    assert b"asha" not in message.to_sealed
    assert work_once(session)
    (email,) = mailbox.received
    assert mailbox.recipients == ["asha@example.org"]
    assert email["Subject"] == "Your account for Find local support in Bury"
    assert email["Auto-Submitted"] == "auto-generated"
    assert str(message.id) in email["Message-ID"]
    assert "http://localhost/set-password/abc" in email.get_content()
    kept = session.get_one(Message, message.id)
    assert (kept.state, kept.to, kept.subject, kept.body) == (MessageState.SENT, None, None, None)


def test_large_print_travels_as_a_page_beside_the_same_words(session: Session, mailbox: Mailbox) -> None:
    services.send_email(
        session,
        to="asha@example.org",
        template="message-waiting",
        context={"link": "https://example.org/me"},
        manner=Manner(Format.LARGE, language_of("Polish")),
    )
    session.commit()
    assert work_once(session)
    (email,) = mailbox.received
    words, page = email.iter_parts()
    assert [words.get_content_type(), page.get_content_type()] == ["text/plain", "text/html"]
    for part in (words, page):
        assert isinstance(part, EmailMessage)
        assert "https://example.org/me" in part.get_content()
        assert "poprosić o tłumacza" in part.get_content()
    assert session.scalars(select(Message.html_sealed)).all() == [None]


def test_a_server_that_is_busy_is_tried_again_with_the_same_message_id(
    session: Session, mailbox: Mailbox
) -> None:
    mailbox.refuse = 1
    message = promise(session)
    assert work_once(session)
    assert mailbox.received == []
    with clock.at(clock.now() + timedelta(seconds=11)):
        assert work_once(session)
    assert [str(message.id) in email["Message-ID"] for email in mailbox.received] == [True]


def test_a_slow_server_keeps_nobody_from_writing(
    app: Flask, session: Session, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = new_id()
    promise(session)

    def write_meanwhile(_settings: object, _message: object) -> None:
        with app.app_context():
            db.session.add(Worker(id=other, started_at=clock.now(), seen_at=clock.now()))
            db.session.commit()

    monkeypatch.setattr(transport, "deliver", write_meanwhile)
    assert work_once(session)
    assert session.get(Worker, other) is not None
    assert session.scalars(select(Job.state)).one() is JobState.DONE


def test_a_server_that_is_away_leaves_the_message_waiting(app: Flask, session: Session) -> None:
    app.extensions["settings"] = replace(
        app.extensions["settings"], smtp_host="127.0.0.1", smtp_port=1, smtp_starttls=False
    )
    message = promise(session)
    assert work_once(session)
    session.expire_all()
    assert (message.state, message.to) == (MessageState.QUEUED, "asha@example.org")
    assert session.scalars(select(Job.last_error)).one() == "ConnectionRefusedError"


def test_nothing_but_the_message_id_stands_in_the_job(session: Session) -> None:
    message = promise(session)
    assert session.scalars(select(Job.payload)).one() == {"message_id": str(message.id)}


def test_in_the_demo_emails_and_texts_are_files(app: Flask, session: Session) -> None:
    promise(session)
    services.send_text(session, to="07700 900123", template="sign-in-code", context={"code": "123456"})
    session.commit()
    while work_once(session):
        pass
    folder = app.extensions["settings"].mail_folder
    texts = {path.suffix: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert set(texts) == {".eml", ".txt"}
    assert texts[".txt"].startswith("To: +447700900123\n\n123456 is your code")


def test_a_cancelled_message_is_never_sent(session: Session, mailbox: Mailbox) -> None:
    person, other = new_id(), new_id()
    gone = promise(session, about_id=person)
    promise(session, about_id=other)
    assert services.cancel_about(session, person) == 1
    session.commit()
    while work_once(session):
        pass
    assert len(mailbox.received) == 1
    session.expire_all()
    assert (gone.state, gone.body, gone.to) == (MessageState.CANCELLED, None, None)
    assert services.cancel_about(session, other) == 0


def test_where_no_way_to_send_is_set_up_the_message_waits(app: Flask, session: Session) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], testing=False)
    services.send_text(session, to="07700 900123", template="sign-in-code", context={"code": "123456"})
    assert work_once(session)
    assert session.scalars(select(Job.state)).one() is JobState.QUEUED
    assert session.scalars(select(Job.last_error)).one() == "Unavailable"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "asha",
        "a b@example.org",
        "a@b",
        "a@example.org, b@example.org",
        "a@example.org\nBcc: b@example.org",
    ],
)
def test_an_unusable_address_is_refused(session: Session, address: str) -> None:
    with pytest.raises(Invalid, match="name@example"):
        promise(session, to=address)


@pytest.mark.parametrize("number", ["", "abc", "12"])
def test_an_unusable_number_is_refused(session: Session, number: str) -> None:
    with pytest.raises(Invalid, match="07700"):
        services.send_text(session, to=number, template="sign-in-code", context={"code": "1"})


class Notify(BaseHTTPRequestHandler):
    """GOV.UK Notify as far as a text message goes: checks the token and keeps what it was given."""

    received: ClassVar[list[dict[str, Any]]] = []
    refuse: ClassVar[int] = 0

    def do_POST(self) -> None:
        token = self.headers["Authorization"].removeprefix("Bearer ")
        jwt.decode(
            token, NOTIFY_SECRET, algorithms=["HS256"], issuer=NOTIFY_SERVICE, options={"verify_exp": False}
        )
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if Notify.refuse:
            Notify.refuse -= 1
            self.send_response(503)
        else:
            Notify.received.append(body | {"path": self.path})
            self.send_response(201)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""


@pytest.fixture
def notify_url() -> Iterator[str]:
    Notify.received.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Notify) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_text_leaves_by_notify_and_is_tried_again_when_refused(
    app: Flask, session: Session, notify_url: str
) -> None:
    app.extensions["settings"] = replace(
        app.extensions["settings"],
        notify_api_key=f"borough-{NOTIFY_SERVICE}-{NOTIFY_SECRET}",
        notify_text_template="template-1",
        notify_base_url=notify_url,
    )
    services.send_text(session, to="07700 900123", template="sign-in-code", context={"code": "123456"})
    session.commit()
    Notify.refuse = 1
    assert work_once(session)
    assert Notify.received == []
    with clock.at(clock.now() + timedelta(hours=1)):
        assert work_once(session)
    (text,) = Notify.received
    assert text["path"] == "/v2/notifications/sms"
    assert text["phone_number"] == "+447700900123"
    assert "123456" in text["personalisation"]["words"]
    assert session.scalars(select(Message.state)).all() == [MessageState.SENT]
