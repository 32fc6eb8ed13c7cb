"""Somebody who was signed out meanwhile, and an account that changed while a request waited for it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from core.access.rules import Role
from core.accounts import queries
from core.accounts.models import Account
from core.db import db
from tests import build
from tests.html import HtmlClient


def test_a_form_sent_after_signing_out_leads_to_the_door(client: HtmlClient) -> None:
    for address in ("/account/password", "/accounts/new", "/jobs/019a3c1e-7f2b-7a60-9d1c-2f6f0f6f0f6f/retry"):
        answer = client.post(address, data={"name": "typed before"})
        assert (answer.status_code, answer.location) == (303, "/sign-in"), address


def test_a_form_of_somebody_else_s_work_is_not_there(client: HtmlClient, session: Session) -> None:
    build.sign_in(session, client, build.account(session, Role.REFERRER))
    assert client.post("/accounts/new", data={}).status_code == 404


def test_a_form_without_its_token_is_refused(client: HtmlClient, session: Session) -> None:
    build.sign_in(session, client, build.account(session, Role.REFERRER))
    answer = client.post("/account/sign-out-everywhere", data={})
    assert answer.status_code == 400
    assert "open for too long" in answer.get_data(as_text=True)


@pytest.mark.databases("postgresql")
def test_an_account_is_read_anew_once_it_is_held(app: Flask, session: Session) -> None:
    """A code that another request used up in between must not be taken again."""
    made = build.account(session, Role.EDITOR).id
    session.commit()
    assert session.get_one(Account, made).totp_last_step is None
    with Session(db.engine) as other:
        other.get_one(Account, made).totp_last_step = 7
        other.commit()
    assert queries.account_for_update(session, made).totp_last_step == 7


class TestDemo:
    """The demo answers only on the computer that it runs on."""

    @pytest.fixture
    def settings_changes(self) -> dict[str, object]:
        return {"demo": True}

    @pytest.mark.parametrize(
        "headers",
        [
            {"X-Forwarded-For": "192.0.2.7"},
            {"Forwarded": "for=192.0.2.7"},
            {"Host": "demo.example.org"},
        ],
    )
    def test_strangers_get_nothing(self, client: HtmlClient, headers: dict[str, str]) -> None:
        assert client.get("/sign-in-as").status_code == 200
        answer = client.get("/sign-in-as", headers=headers)
        assert answer.status_code == 409
        assert "only on the computer that it runs on" in answer.get_data(as_text=True)
