"""Coming in by a link and a code: for residents and groups, never for staff, and each link once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.accounts import entering
from core.accounts.rules import RESET_LIFE
from core.db import blind_index
from tests import build
from tests.html import HtmlClient
from tests.integration.core.door import give_code, last_code, messages, send


def token_of(session: Session, email: str) -> str:
    """The token in the link that the worker would send, empty where it sends none."""
    before = len(messages(session))
    entering.send_sign_in(session, blind_index("account-email", email))
    session.commit()
    sent = messages(session)[before:]
    return sent[-1].partition("/sign-in/link/")[2].split()[0] if sent else ""


def test_a_resident_comes_in_by_a_link_and_a_code(session: Session, client: HtmlClient) -> None:
    build.account(session, Role.RESIDENT, email="sam@example.org", mobile="07700 900123")
    for email in ("sam@example.org", "nobody@example.org"):
        answer = send(client, "/sign-in/link", to=email)
        assert "If you have an account" in answer.get_data(as_text=True)
    token = token_of(session, "sam@example.org")
    path = f"/sign-in/link/{token}"
    assert client.get(path).status_code == 200
    assert client.get("/account").status_code == 303, "the link alone opens nothing"
    assert client.get(f"/set-password/{token}").status_code == 404, "it chooses no password"
    assert send(client, path).location == "/sign-in/code"
    assert client.get("/account").status_code == 303, "nor does the button"
    assert client.get(path).status_code == 404, "it works once"
    give_code(client, last_code(session))
    assert client.get("/account").status_code == 200


def test_links_run_out_and_are_not_for_staff(session: Session, client: HtmlClient) -> None:
    build.account(session, Role.RESIDENT, email="sam@example.org")
    build.account(session, Role.LINK_WORKER, email="asha@example.org", mobile="07700 900123")
    assert token_of(session, "asha@example.org") == ""
    assert token_of(session, "nobody@example.org") == ""
    path = f"/sign-in/link/{token_of(session, 'sam@example.org')}"
    with clock.at(clock.now() + RESET_LIFE):
        assert client.get(path).status_code == 404
