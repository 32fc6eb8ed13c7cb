"""Programs that are told of changes: signed, once, tried again while they do not answer, and given up in the end."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.jobs.services import work_once
from directory.exchange.feed_rules import DeliveryState
from directory.exchange.models import Webhook, WebhookDelivery
from directory.listings import services
from directory.listings.models import Service
from directory.listings.rules import ListingStatus
from tests import build, build_directory
from tests.html import HtmlClient
from tests.integration.directory.exchange.conftest import counted
from tests.integration.directory.exchange.feeds import Editor, served


class Receiver(BaseHTTPRequestHandler):
    """Takes notices; answers with `status`."""

    status = 204
    got: ClassVar[list[tuple[dict[str, str], bytes]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def receiver(status: int = 204) -> type[Receiver]:
    """A receiver of its own."""

    class Library(Receiver):
        got: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    Library.status = status
    return Library


@pytest.fixture
def settings_changes() -> dict[str, Any]:
    return {"outbound_loopback": True}


@pytest.fixture
def editor(client: HtmlClient, session: Session, before_others: Callable[[], None]) -> Editor:
    build.sign_in(session, client, build.account(session, Role.EDITOR))
    return Editor(client, session, before_others)


def add(editor: Editor, address: str) -> str:
    """Have this address told; the secret that the page shows."""
    form = {
        "name": "Library website",
        "address": address,
        "idempotency_key": "5c1a8cbe-7a53-4f9e-8a93-3f2f1c5a0b11",
    }
    found = re.search(r"whs_[\w-]+", editor.post("/open-data/notices", form).text)
    assert found is not None
    return found[0]


def change(session: Session, service_id: Any, phone: str) -> None:
    actor = build.actor(session, Role.EDITOR)
    version = session.get_one(Service, service_id).version
    services.submit_change(session, actor, service_id, {"phone": phone}, version)
    session.commit()


def test_a_change_is_told_once_and_signed(editor: Editor, session: Session) -> None:
    kind = receiver()
    with served(kind) as base:
        secret = add(editor, f"{base}/hook")
        assert secret not in editor.client.get("/open-data/notices").text
        assert secret.encode() not in (session.scalars(select(Webhook)).one().secret_sealed or b"")
        listing = build_directory.listing(session)
        session.commit()
        change(session, listing, "0161 496 0202")
        change(session, listing, "0161 496 0203")
        editor.work()
    (headers, body), *rest = kind.got
    assert rest == []
    signed = hmac.new(secret.encode(), headers["webhook-timestamp"].encode() + b"." + body, hashlib.sha256)
    assert headers["webhook-signature"] == f"v1={signed.hexdigest()}"
    said = json.loads(body)
    assert (said["event"], said["service_id"], said["id"]) == (
        "listing.changed",
        str(listing),
        headers["webhook-id"],
    )
    assert set(said) == {"id", "event", "at", "service_id", "service"}
    assert "delivered" in editor.reads("/open-data/notices")


def test_a_listing_that_closes_is_told(editor: Editor, session: Session) -> None:
    kind = receiver()
    with served(kind) as base:
        add(editor, base)
        listing = build_directory.listing(session)
        session.commit()
        services.move_status(
            session, build.actor(session, Role.EDITOR), listing, ListingStatus.CLOSED, "Nobody left"
        )
        session.commit()
        editor.work()
    assert "listing.closed" in {json.loads(body)["event"] for _, body in kind.got}


def test_an_address_that_fails_is_tried_again_then_given_up(editor: Editor, session: Session) -> None:
    kind = receiver(500)
    with served(kind) as base:
        add(editor, base)
        listing = build_directory.listing(session)
        session.commit()
        change(session, listing, "0161 496 0202")
        begun = clock.now()
        for hours in range(0, 24 * 8, 12):
            with clock.at(begun + timedelta(hours=hours)):
                editor.end()
                while work_once(session):
                    pass
        notice = session.scalars(select(WebhookDelivery)).one()
        assert (notice.state, notice.attempts) == (DeliveryState.GIVEN_UP, 8)
        assert len({headers["webhook-id"] for headers, _ in kind.got}) == 1
        assert len(kind.got) == 8
        assert "Some could not be sent" in editor.reads("/open-data/notices")
        kind.status = 200
        notice_id = notice.id
        session.rollback()
        assert editor.post(f"/open-data/notices/again/{notice_id}").status_code == 303
        editor.work()
        assert session.get_one(WebhookDelivery, notice_id).state is DeliveryState.DELIVERED
        session.rollback()
        assert editor.post(f"/open-data/notices/again/{notice_id}").status_code == 409


def test_a_stopped_address_is_told_no_more(editor: Editor, session: Session) -> None:
    kind = receiver()
    with served(kind) as base:
        add(editor, base)
        listing = build_directory.listing(session)
        session.commit()
        change(session, listing, "0161 496 0202")
        hook = session.scalars(select(Webhook)).one()
        session.rollback()
        editor.post(f"/open-data/notices/{hook.id}/stop")
        editor.work()
        change(session, listing, "0161 496 0203")
        editor.work()
    assert kind.got == []
    assert session.scalars(select(Webhook)).one().secret_sealed is None


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/hook", "file:///etc/passwd", "http://user:pw@example.org/"]
)
def test_an_address_of_our_own_is_refused(editor: Editor, session: Session, address: str) -> None:
    form = {"name": "Library", "address": address, "idempotency_key": "5c1a8cbe-7a53-4f9e-8a93-3f2f1c5a0b12"}
    assert "There is a problem" in editor.post("/open-data/notices", form).text
    assert counted(session, Webhook) == 0
