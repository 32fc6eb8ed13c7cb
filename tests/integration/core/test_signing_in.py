"""Coming in: password, second factor, and everything that must not open the door."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.accounts import second_factor, services
from core.accounts.models import Account, Attempt, RecoveryCode, SignInSession
from core.audit.models import AuditEntry
from core.errors import NotFound
from tests import build
from tests.html import HtmlClient
from tests.integration.core.door import give_code, give_password, last_code, messages, present, send, with_app


@pytest.fixture
def link_worker(session: Session) -> Account:
    return build.account(session, Role.LINK_WORKER, email="asha@example.org")


@pytest.fixture
def group_member(session: Session) -> Account:
    return build.account(session, Role.GROUP_MEMBER, email="group@example.org", mobile="07700 900123")


def is_in(client: HtmlClient) -> bool:
    return client.get("/account").status_code == 200


def actions(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)))


def test_a_link_worker_comes_in_by_password_and_app(
    client: HtmlClient, session: Session, link_worker: Account
) -> None:
    app = with_app(session, link_worker)
    assert give_password(client, " Asha@Example.org ") == "/sign-in/code"
    assert not is_in(client)
    assert give_code(client, present(app)) == "/account"
    assert "Asha Example" in client.get("/account").get_data(as_text=True)
    assert actions(session)[-1] == "account.sign-in"


def test_the_page_that_was_wanted_is_where_one_lands(
    client: HtmlClient, session: Session, link_worker: Account
) -> None:
    app = with_app(session, link_worker)
    assert client.get("/account/password?x=1").location == "/sign-in?next=/account/password?x%3D1"
    assert give_password(client, "asha@example.org", onward="/account/password") == (
        "/sign-in/code?next=/account/password"
    )
    assert give_code(client, present(app), onward="/account/password") == "/account/password"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\t//evil.example"],
)
def test_nobody_is_sent_to_another_site(
    client: HtmlClient, session: Session, link_worker: Account, elsewhere: str
) -> None:
    app = with_app(session, link_worker)
    assert give_password(client, "asha@example.org", onward=elsewhere) == "/sign-in/code"
    assert give_code(client, present(app), onward=elsewhere) == "/account"
    assert client.get("/sign-in", query_string={"next": elsewhere}).location == "/account"


def test_wrong_and_unknown_get_the_same_answer(
    client: HtmlClient, session: Session, link_worker: Account
) -> None:
    disabled = build.account(session, Role.EDITOR, email="gone@example.org")
    services.disable(session, build.actor(session, Role.ADMINISTRATOR), disabled.id)
    build.account(session, email="roleless@example.org")
    pages = set()
    for email, password in [
        ("asha@example.org", "wrong password here"),
        ("nobody@example.org", build.PASSWORD),
        ("gone@example.org", build.PASSWORD),
        ("roleless@example.org", build.PASSWORD),
    ]:
        answer = send(client, "/sign-in", email=email, password=password)
        assert answer.status_code == 200
        text = answer.get_data(as_text=True).replace(email, "EMAIL")
        pages.add(re.sub(r'name="csrf_token" value="[^"]*"', "", text))
    assert len(pages) == 1
    assert actions(session).count("account.sign-in-refused") == 4


def test_an_app_is_set_up_at_the_first_sign_in_and_recovery_codes_are_shown_once(
    client: HtmlClient, session: Session, link_worker: Account
) -> None:
    assert give_password(client, "asha@example.org") == "/sign-in/code"
    page = client.get("/sign-in/code").get_data(as_text=True)
    assert "<svg" in page
    assert "style=" not in page
    secret = page.split('<code id="key">')[1].split("<")[0].replace(" ", "")
    app = pyotp.TOTP(secret)
    assert give_code(client, "000000") == "200"
    assert not is_in(client)
    answer = send(client, "/sign-in/code", code=present(app))
    codes = re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", answer.get_data(as_text=True))
    assert len(set(codes)) == 10
    assert answer.headers["Cache-Control"] == "no-store"
    assert is_in(client)
    kept = session.scalars(select(RecoveryCode.code_hash)).all()
    assert not any(code in held or code.replace("-", "") in held for code in codes for held in kept)


def test_a_used_app_code_is_refused_for_ever(
    make_client: Callable[[], HtmlClient], session: Session, link_worker: Account
) -> None:
    app = with_app(session, link_worker)
    moment = clock.now()
    with clock.at(moment):
        first = make_client()
        give_password(first, "asha@example.org")
        code = present(app)
        assert give_code(first, code) == "/account"
        second = make_client()
        give_password(second, "asha@example.org")
        assert give_code(second, code) == "200"
        assert not is_in(second)
    with clock.at(moment + timedelta(seconds=30)):
        assert give_code(second, code) == "200"
        assert give_code(second, present(app)) == "/account"


def test_a_recovery_code_opens_once(
    make_client: Callable[[], HtmlClient], session: Session, link_worker: Account
) -> None:
    with_app(session, link_worker)
    code = second_factor.renew_recovery_codes(session, link_worker.id)[0]
    session.commit()
    first, second = make_client(), make_client()
    for client in (first, second):
        give_password(client, "asha@example.org")
    assert give_code(first, code.lower().replace("-", " ")) == "/account"
    assert give_code(second, code) == "200"
    assert not is_in(second)


def test_a_group_member_comes_in_by_a_code_in_a_text(
    client: HtmlClient, session: Session, group_member: Account
) -> None:
    give_password(client, "group@example.org")
    code = last_code(session)
    assert re.fullmatch(r"[0-9]{6}", code)
    page = client.get("/sign-in/code").get_data(as_text=True)
    assert "ending 123" in page
    assert "900123" not in page
    assert give_code(client, code[:3] + " " + code[3:]) == "/account"
    assert is_in(client)


def test_a_code_works_once_for_ten_minutes_and_five_tries(
    make_client: Callable[[], HtmlClient], session: Session, group_member: Account
) -> None:
    moment = clock.now()
    client = make_client()
    with clock.at(moment):
        give_password(client, "group@example.org")
        old = last_code(session)
        send(client, "/sign-in/code/again", page="/sign-in/code")
        code = last_code(session)
        assert code != old or len(messages(session)) == 2
    with clock.at(moment + timedelta(minutes=10)):
        assert give_code(client, code) == "200"
    with clock.at(moment + timedelta(minutes=5)):
        assert give_code(client, code) == "/account"
    other = make_client()
    with clock.at(moment + timedelta(minutes=6)):
        give_password(other, "group@example.org")
        fresh = last_code(session)
        assert give_code(other, code) == "200"
        wrong = "000000" if fresh != "000000" else "111111"
        for _ in range(4):
            assert give_code(other, wrong) == "200"
    with clock.at(moment + timedelta(minutes=10)):
        assert give_code(other, fresh) == "200"
        assert not is_in(other)


def test_a_link_worker_reads_a_code_out_to_a_resident_without_a_mobile(
    client: HtmlClient, session: Session
) -> None:
    resident = build.account(session, Role.RESIDENT, email="sam@example.org")
    give_password(client, "sam@example.org")
    assert "They will read you" in client.get("/sign-in/code").get_data(as_text=True)
    code = second_factor.issue_code_to_read_out(session, build.actor(session, Role.LINK_WORKER), resident.id)
    session.commit()
    assert give_code(client, code) == "/account"
    assert "account.code-read-out" in actions(session)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.GROUP_MEMBER, Role.ADMINISTRATOR])
def test_only_link_workers_read_codes_out(session: Session, role: Role) -> None:
    resident = build.account(session, Role.RESIDENT)
    with pytest.raises(NotFound):
        second_factor.issue_code_to_read_out(session, build.actor(session, role), resident.id)


def test_no_code_is_read_out_for_staff(session: Session, link_worker: Account) -> None:
    with pytest.raises(NotFound):
        second_factor.issue_code_to_read_out(session, build.actor(session, Role.COORDINATOR), link_worker.id)


def test_a_pending_session_opens_nothing_but_the_code_pages(
    client: HtmlClient, session: Session, link_worker: Account
) -> None:
    with_app(session, link_worker)
    give_password(client, "asha@example.org")
    for path in ("/account", "/account/password", "/accounts", "/jobs"):
        assert client.get(path).status_code == 303
    assert client.get("/sign-in/code").status_code == 200
    with clock.at(clock.now() + timedelta(minutes=16)):
        assert client.get("/sign-in/code").location == "/sign-in"


def test_the_session_changes_its_token_at_each_step(
    client: HtmlClient, session: Session, link_worker: Account
) -> None:
    app = with_app(session, link_worker)
    tokens = []

    def token() -> Any:
        with client.session_transaction() as cookie:
            return dict(cookie)

    tokens.append(token())
    give_password(client, "asha@example.org")
    tokens.append(token())
    give_code(client, present(app))
    tokens.append(token())
    assert "_user_id" not in tokens[0]
    assert tokens[1]["_user_id"] != tokens[2]["_user_id"]
    assert set(tokens[2]) <= {"_user_id", "_fresh", "_id", "csrf_token"}
    digests = session.scalars(select(SignInSession.token_digest)).all()
    assert tokens[1]["_user_id"] not in digests


def test_a_cookie_that_was_copied_before_signing_out_opens_nothing(
    make_client: Callable[[], HtmlClient], session: Session, link_worker: Account
) -> None:
    mine, thief = make_client(), make_client()
    build.sign_in(session, mine, link_worker)
    with mine.session_transaction() as cookie:
        copied = dict(cookie)
    assert send(mine, "/sign-out", page="/account").location == "/sign-in"
    with thief.session_transaction() as cookie:
        cookie.update(copied)
    assert not is_in(thief)
    assert actions(session)[-1] == "account.sign-out"


def test_signing_in_anew_ends_the_session_before(
    make_client: Callable[[], HtmlClient], session: Session, link_worker: Account
) -> None:
    mine, thief = make_client(), make_client()
    app = with_app(session, link_worker)
    token = build.sign_in(session, mine, link_worker)
    build.adopt(thief, token)
    assert is_in(thief)
    sent = send(mine, "/sign-in", page="/account", email="asha@example.org", password=build.PASSWORD)
    assert sent.location == "/sign-in/code"
    assert not is_in(thief)
    assert give_code(mine, present(app)) == "/account"


def test_a_session_runs_out_after_a_working_day(
    client: HtmlClient, session: Session, link_worker: Account
) -> None:
    build.sign_in(session, client, link_worker)
    with clock.at(clock.now() + timedelta(hours=7, minutes=59)):
        assert is_in(client)
    with clock.at(clock.now() + timedelta(hours=8, minutes=1)):
        assert not is_in(client)


def test_a_groups_session_runs_out_when_it_is_left_alone(
    client: HtmlClient, session: Session, group_member: Account
) -> None:
    build.sign_in(session, client, group_member)
    moment = clock.now()
    for minutes in (20, 45, 70):
        with clock.at(moment + timedelta(minutes=minutes)):
            assert is_in(client)
    with clock.at(moment + timedelta(minutes=101)):
        assert not is_in(client)


@pytest.mark.parametrize("change", ["password", "membership", "disabled", "app", "everywhere"])
def test_what_ends_every_session(
    client: HtmlClient, session: Session, link_worker: Account, change: str
) -> None:
    administrator = build.actor(session, Role.ADMINISTRATOR)
    build.sign_in(session, client, link_worker)
    assert is_in(client)
    own = build.actor_of(link_worker)
    if change == "password":
        services.change_own_password(session, own, build.PASSWORD, "window garden marble")
    elif change == "membership":
        services.end_membership(session, administrator, link_worker.id, link_worker.memberships[0].id)
    elif change == "disabled":
        services.disable(session, administrator, link_worker.id)
    elif change == "app":
        services.reset_second_factor(session, administrator, link_worker.id)
    else:
        services.sign_out_everywhere(session, own)
    session.commit()
    assert not is_in(client)


def test_guesses_by_the_thousand_are_bounded(
    client: HtmlClient, session: Session, link_worker: Account
) -> None:
    """Ten thousand guesses, one every eight seconds, for a day: a few dozen are looked at."""
    moment, looked_at = clock.now(), 0
    page = client.get("/sign-in").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    second = 0
    while second < 86_400:
        with clock.at(moment + timedelta(seconds=second)):
            answer = client.post(
                "/sign-in",
                data={"csrf_token": token, "email": "asha@example.org", "password": "a wrong guess here"},
            )
        if answer.status_code == 200:
            looked_at += 1
            second += 8
            continue
        assert answer.status_code == 429
        wait = int(answer.headers["Retry-After"])
        assert "too many tries" in answer.get_data(as_text=True)
        # Every guess until then is refused alike; go to the last of them.
        second += max(8, wait // 8 * 8)
    assert looked_at <= 40
    assert session.scalar(select(func.count()).select_from(Attempt)) == looked_at * 2


def test_one_address_cannot_try_many_accounts(client: HtmlClient, session: Session) -> None:
    statuses = [
        send(client, "/sign-in", email=f"someone{n}@example.org", password="kettle orange").status_code
        for n in range(32)
    ]
    assert statuses == [200] * 30 + [429] * 2


def test_a_right_password_clears_the_count(
    client: HtmlClient, session: Session, link_worker: Account
) -> None:
    for _ in range(2):
        for _ in range(4):
            assert give_password(client, "asha@example.org", "a wrong guess here") == "200"
        assert give_password(client, "asha@example.org") == "/sign-in/code"


def test_app_codes_cannot_be_guessed(client: HtmlClient, session: Session, link_worker: Account) -> None:
    app = with_app(session, link_worker)
    give_password(client, "asha@example.org")
    wrong = "000000" if present(app) != "000000" else "111111"
    assert [give_code(client, wrong) for _ in range(6)] == ["200"] * 5 + ["429"]
    assert give_code(client, present(app)) == "429"
    assert actions(session).count("account.code-refused") == 5


def test_a_password_with_old_parameters_is_hashed_anew(
    client: HtmlClient, session: Session, link_worker: Account
) -> None:
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(build.PASSWORD)
    link_worker.password_hash = old
    session.commit()
    assert give_password(client, "asha@example.org") == "/sign-in/code"
    session.expire_all()
    assert link_worker.password_hash != old
    assert give_password(client, "asha@example.org") == "/sign-in/code"


def test_no_remember_me_cookie_is_ever_set(
    client: HtmlClient, session: Session, link_worker: Account
) -> None:
    app = with_app(session, link_worker)
    give_password(client, "asha@example.org")
    give_code(client, present(app))
    assert client.get_cookie("remember_token") is None
    cookie = client.get_cookie("gt")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.expires is None
