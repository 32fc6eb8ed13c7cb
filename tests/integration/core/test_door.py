"""The door: who is led to sign in, who sees nothing there, and what takes the write lock."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask, render_template
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from core.access import guard
from core.access.rules import Permission, Role
from core.accounts.models import SignInSession
from core.audit import services as audit
from core.audit.models import AuditEntry
from core.db import db, hold
from tests import build
from tests.html import HtmlClient
from tests.integration.core.door import csrf


def words(page: str) -> str:
    """A page without what differs from one request to the next."""
    return re.sub(r"[0-9a-f]{16}|value=\"[^\"]*\"", "", page)


def test_out_of_permission_looks_the_same_as_missing(client: HtmlClient, session: Session) -> None:
    build.sign_in(session, client, build.account(session, Role.EDITOR))
    pages = [client.get(path) for path in ("/accounts", "/jobs", "/no-such-page", f"/accounts/{'0' * 8}")]
    assert {page.status_code for page in pages} == {404}
    assert len({words(page.get_data(as_text=True)) for page in pages}) == 1


def test_whoever_is_not_signed_in_is_led_to_the_door_and_back(client: HtmlClient) -> None:
    assert client.get("/account").location == "/sign-in?next=/account"
    token = csrf(client)
    assert client.post("/account/password", data={"csrf_token": token}).location == "/sign-in"
    assert client.options("/account").status_code == 303


def test_a_form_without_its_token_is_refused_before_anything_is_looked_at(
    client: HtmlClient, session: Session
) -> None:
    build.sign_in(session, client, build.account(session, Role.EDITOR))
    for path in ("/sign-in", "/sign-out", "/account/sign-out-everywhere", "/forgotten-password"):
        assert client.post(path, data={"email": "a@example.org"}).status_code == 400
    assert session.scalar(select(func.count()).where(SignInSession.ended_at.is_not(None))) == 0


@pytest.fixture
def begun(app: Flask) -> list[str]:
    """How each transaction of SQLite begins."""
    found: list[str] = []
    with app.app_context():

        @event.listens_for(db.engine, "checkout")
        def listen(connection: Any, *_rest: object) -> None:
            connection.set_trace_callback(
                lambda said: found.append(said) if said.startswith("BEGIN") else None
            )

    return found


@pytest.mark.databases("sqlite")
def test_only_what_changes_or_audits_takes_the_write_lock(
    client: HtmlClient, session: Session, app: Flask, begun: list[str]
) -> None:
    account = build.account(session, Role.EDITOR)
    build.sign_in(session, client, account)
    begun.clear()
    client.get("/account")
    assert set(begun) == {"BEGIN"}
    begun.clear()
    client.post("/account/sign-out-everywhere", data={"csrf_token": csrf(client, "/account")})
    assert "BEGIN IMMEDIATE" in begun


@pytest.mark.databases("sqlite")
def test_what_follows_a_page_in_the_same_thread_takes_the_write_lock(
    client: HtmlClient, session: Session, begun: list[str]
) -> None:
    client.get("/")
    session.rollback()
    begun.clear()
    hold(session, "something")
    assert begun == ["BEGIN IMMEDIATE"]


def test_each_look_at_a_view_that_audits_is_recorded(
    session: Session, app: Flask, client: HtmlClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    @guard.requires(Permission.SIGNED_IN, audits_read=True)
    def look() -> str:
        audit.record(db.session(), guard.current_actor(), "person.read", "person", None)
        db.session.commit()
        return render_template("core/accounts/link_sent.html", may_be_text=False)

    monkeypatch.setitem(app.view_functions, "accounts.own_account", look)
    build.sign_in(session, client, build.account(session, Role.EDITOR))
    for _ in range(3):
        assert client.get("/account").status_code == 200
    looks = select(func.count()).where(AuditEntry.action == "person.read").select_from(AuditEntry)
    assert session.scalar(looks) == 3
