"""Steps through the door, shared by the tests of it."""

from __future__ import annotations

import pyotp
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core import clock
from core.accounts.models import Account
from core.notify.models import Message, MessageState
from tests import build


def send(client: FlaskClient, path: str, page: str | None = None, **fields: str) -> TestResponse:
    """Send the form of `page` (the same path, unless told) to `path`, with its CSRF token."""
    token = csrf(client, page or path)
    return client.post(path, data={"csrf_token": token, **fields})


def csrf(client: FlaskClient, path: str = "/sign-in") -> str:
    """The CSRF token of the page at `path`."""
    page = client.get(path).get_data(as_text=True)
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def give_password(client: FlaskClient, email: str, password: str = build.PASSWORD, onward: str = "") -> str:
    """Send the first form; gives the address that it leads to, or the status where it leads nowhere."""
    answer = send(client, "/sign-in", email=email, password=password, next=onward)
    return answer.location or str(answer.status_code)


def give_code(client: FlaskClient, code: str, onward: str = "") -> str:
    """Send the second form; gives the address that it leads to, or the status where it leads nowhere."""
    answer = send(client, "/sign-in/code", code=code, next=onward)
    return answer.location or str(answer.status_code)


def with_app(session: Session, account: Account) -> pyotp.TOTP:
    """Give the account an authenticator app, as if it had been set up long ago."""
    secret = pyotp.random_base32()
    account.totp_secret, account.totp_confirmed_at = secret, clock.now()
    session.commit()
    return pyotp.TOTP(secret)


def present(app: pyotp.TOTP) -> str:
    """What the app shows now."""
    return app.at(clock.now())


def messages(session: Session) -> list[str]:
    """What waits to be sent, the latest last."""
    rows = session.scalars(
        select(Message).where(Message.state == MessageState.QUEUED).order_by(Message.created_at, Message.id)
    )
    return [row.body or "" for row in rows]


def last_code(session: Session) -> str:
    """The code in the latest text."""
    return messages(session)[-1].split(" ")[0]


def last_link(session: Session) -> str:
    """The path of the link in the latest email."""
    line = next(line for line in messages(session)[-1].splitlines() if "/set-password/" in line)
    return line.strip().removeprefix("http://localhost")
