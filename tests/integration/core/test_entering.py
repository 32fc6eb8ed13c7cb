"""Coming in by a link and a code: for residents and groups, never for staff, and each link once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Role
from core.accounts import entering, second_factor, services
from core.accounts.models import Account, EmailedLink
from core.accounts.passwords import hash_password
from core.accounts.rules import RESET_LIFE
from core.accounts.sessions import digest_of
from core.db import blind_index
from core.errors import Invalid, Refused
from tests import build
from tests.html import HtmlClient
from tests.integration.core.door import give_code, give_password, last_code, messages, send


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


def texted_token(session: Session, mobile: str) -> str:
    """The token in the link that the worker would text, empty where it sends none."""
    before = len(messages(session))
    entering.text_sign_in(session, blind_index("account-mobile", mobile))
    session.commit()
    sent = messages(session)[before:]
    return sent[-1].partition("/sign-in/link/")[2].split()[0] if sent else ""


def only_mobile(session: Session, mobile: str = "07700 900123", role: Role = Role.PROXY) -> Account:
    """An account without an email address, committed."""
    held = [build.membership(session, role)]
    account_id = services.create_account(session, SYSTEM, "Sam Example", "", held, mobile=mobile)
    session.commit()
    return session.get_one(Account, account_id)


def code_in_email(session: Session) -> str:
    """The code in the latest message that goes by email."""
    found = re.search(r"^(\d{6}) is your code", messages(session)[-1], re.MULTILINE)
    assert found, messages(session)[-1]
    return found.group(1)


def test_after_a_texted_link_the_code_comes_by_email(session: Session, client: HtmlClient) -> None:
    build.account(session, Role.PROXY, email="sam@example.org", mobile="07700 900123")
    for number in ("07700 900123", "+44 7700 900 999"):
        answer = send(client, "/sign-in/link", to=number)
        assert "If you have an account" in answer.get_data(as_text=True)
    assert texted_token(session, "+447700900999") == ""
    path = f"/sign-in/link/{texted_token(session, '+447700900123')}"
    assert "plan" not in messages(session)[-1].casefold(), "a text names no reason"
    for _twice in range(2):
        assert client.get(path).status_code == 200, "looking uses nothing up"
    assert send(client, path).location == "/sign-in/code"
    assert client.get(path).status_code == 404, "it works once"
    assert client.get("/account").status_code == 303, "the link alone opens nothing"
    page = client.get("/sign-in/code").get_data(as_text=True)
    assert "an email to the address" in page
    assert "sam@example.org" not in page
    give_code(client, code_in_email(session))
    assert client.get("/account").status_code == 200


def test_a_code_that_came_to_the_same_phone_does_not_go_with_a_texted_link(
    session: Session, make_client: Callable[[], HtmlClient]
) -> None:
    client, other_client = make_client(), make_client()
    build.account(session, Role.PROXY, email="sam@example.org", mobile="07700 900123")
    give_password(other_client, "sam@example.org")
    texted = last_code(session)
    send(client, f"/sign-in/link/{texted_token(session, '+447700900123')}")
    assert give_code(client, texted) == "200"
    assert client.get("/account").status_code == 303


def test_whoever_has_only_a_mobile_rings_once_and_then_has_words_of_their_own(
    session: Session, client: HtmlClient
) -> None:
    account = only_mobile(session)
    before = len(messages(session))
    send(client, f"/sign-in/link/{texted_token(session, '+447700900123')}")
    assert len(messages(session)) == before + 1, "no code is sent to that phone"
    assert "They will read you" in client.get("/sign-in/code").get_data(as_text=True)
    send(client, "/sign-in/code/again", page="/sign-in/code")
    assert len(messages(session)) == before + 1
    worker = build.actor(session, Role.LINK_WORKER)
    give_code(client, second_factor.issue_code_to_read_out(session, worker, account.id))
    assert "Choose three words" in client.get("/account").get_data(as_text=True)
    weak = send(client, "/account/words", words="one two").get_data(as_text=True)
    assert "three words or more" in weak
    assert "one two" in weak
    assert send(client, "/account/words", words="Kettle Orange ladder").location == "/account"
    session.commit()
    send(client, "/sign-out", page="/account")
    send(client, f"/sign-in/link/{texted_token(session, '+447700900123')}")
    assert give_code(client, "kettle orange letter") == "200"
    assert client.get("/account").status_code == 303
    give_code(client, "kettle ORANGE ladder ")
    assert client.get("/account").status_code == 200


def test_own_words_do_not_stand_for_the_code_after_a_password(session: Session, client: HtmlClient) -> None:
    account = build.account(session, Role.PROXY, email="sam@example.org")
    account.words_hash = hash_password("kettle orange ladder")
    session.commit()
    give_password(client, "sam@example.org")
    assert give_code(client, "kettle orange ladder") == "200"
    assert client.get("/account").status_code == 303


def test_staff_choose_no_words_and_get_no_link_by_text(session: Session) -> None:
    staff = build.account(session, Role.LINK_WORKER, mobile="07700 900123")
    assert texted_token(session, "+447700900123") == ""
    with pytest.raises(Refused):
        services.choose_own_words(session, second_factor.actor_of(staff), "kettle orange ladder")


def test_a_shared_number_lets_nobody_in_as_somebody_else(session: Session) -> None:
    build.account(session, Role.PROXY, email="sam@example.org", mobile="07700 900123")
    build.account(session, Role.PROXY, email="jo@example.org", mobile="07700 900123")
    assert texted_token(session, "+447700900123") == ""
    alone = only_mobile(session)
    token = texted_token(session, "+447700900123")
    link = session.scalars(select(EmailedLink).where(EmailedLink.token_digest == digest_of(token))).one()
    assert link.account_id == alone.id, "whoever has no other way"


def test_links_by_text_are_asked_for_a_few_times_and_no_more(session: Session, client: HtmlClient) -> None:
    answers = [send(client, "/sign-in/link", to="07700 900123").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


def test_what_is_neither_an_address_nor_a_number_is_asked_for_again(client: HtmlClient) -> None:
    for typed in ("", "sam", "123", "sam@"):
        page = send(client, "/sign-in/link", to=typed).get_data(as_text=True)
        assert "There is a problem" in page, typed


def test_an_account_needs_one_way_to_it(session: Session) -> None:
    with pytest.raises(Invalid, match="email address or a mobile"):
        services.create_account(session, SYSTEM, "Sam Example", " ", [])


def test_whoever_loses_every_role_loses_their_words(session: Session) -> None:
    account = only_mobile(session)
    account.words_hash = hash_password("kettle orange ladder")
    session.flush()
    services.end_membership(session, SYSTEM, account.id, account.memberships[0].id)
    assert account.words_hash is None
