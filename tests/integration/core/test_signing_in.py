"""Coming in: password, second factor, and everything that must not open the door."""

from __future__ import annotations

import pyotp
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.accounts.models import Account
from core.audit.models import AuditEntry
from tests import build
from tests.html import HtmlClient


def csrf(client: FlaskClient, path: str = "/sign-in") -> str:
    """The CSRF token of the page at `path`."""
    page = client.get(path).get_data(as_text=True)
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def give_password(client: FlaskClient, email: str, password: str = build.PASSWORD, next: str = "") -> str:
    """Send the first form; gives the address that it leads to, or the status where it leads nowhere."""
    answer = client.post(
        "/sign-in",
        data={"csrf_token": csrf(client), "email": email, "password": password, "next": next},
    )
    return answer.location or str(answer.status_code)


def give_code(client: FlaskClient, code: str, next: str = "") -> str:
    answer = client.post(
        "/sign-in/code", data={"csrf_token": csrf(client, "/sign-in/code"), "code": code, "next": next}
    )
    return answer.location or str(answer.status_code)


def with_app(session: Session, account: Account) -> pyotp.TOTP:
    """Give the account an authenticator app, as if it had been set up long ago."""
    secret = pyotp.random_base32()
    account.totp_secret, account.totp_confirmed_at = secret, clock.now()
    session.commit()
    return pyotp.TOTP(secret)


def present(app: pyotp.TOTP) -> str:
    return app.at(clock.now())


def test_a_link_worker_comes_in_by_password_and_app(client: HtmlClient, session: Session) -> None:
    account = build.account(session, Role.LINK_WORKER, email="asha@example.org")
    app = with_app(session, account)
    assert give_password(client, " Asha@Example.org ") == "/sign-in/code"
    assert client.get("/account").status_code == 302
    assert give_code(client, present(app)) == "/account"
    assert "Asha Example" in client.get("/account").get_data(as_text=True)
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)).all()
    assert actions[-1] == "account.sign-in"
