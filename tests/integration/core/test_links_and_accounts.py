"""Invitations, forgotten passwords, and what an administrator does with accounts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Membership, Place, Role, membership_in
from core.accounts import places, queries, services
from core.accounts.models import Account, EmailedLink
from core.audit.models import AuditEntry
from core.db import db
from core.errors import Invalid, Refused
from core.jobs.services import work_once
from directory.listings.models import Organization
from tests import build, build_directory
from tests.html import HtmlClient
from tests.integration.core.door import csrf, last_link, messages, send

NEW = "window garden marble"


@pytest.fixture
def administrator(session: Session) -> Account:
    return build.account(session, Role.ADMINISTRATOR, name="Ada Example")


def in_as(client: HtmlClient, session: Session, account: Account) -> HtmlClient:
    build.sign_in(session, client, account)
    return client


def opens(client: HtmlClient, email: str, password: str) -> bool:
    return send(client, "/sign-in", email=email, password=password).status_code == 303


def test_an_administrator_invites_and_the_invited_choose_their_password(
    make_client: Callable[[], HtmlClient], session: Session, administrator: Account
) -> None:
    admin, invited = in_as(make_client(), session, administrator), make_client()
    page = admin.get("/accounts/new?role=editor").get_data(as_text=True)
    key = page.split('name="idempotency_key" value="')[1].split('"')[0]
    fields = {"idempotency_key": key, "name": "Bo Example", "email": "bo@example.org", "place": "everywhere"}
    made = send(admin, "/accounts/new?role=editor", **fields)
    assert made.status_code == 303
    assert send(admin, "/accounts/new?role=editor", **fields).location == made.location
    assert session.scalar(select(func.count()).select_from(Account)) == 2

    email, link = messages(session)[-1], last_link(session)
    assert "Bo Example" not in email
    for _ in range(3):
        assert "Hello Bo Example" in invited.get(link).get_data(as_text=True)
    assert not opens(invited, "bo@example.org", NEW)
    assert send(invited, link, new_password=NEW).location == "/sign-in"
    assert opens(invited, "bo@example.org", NEW)
    assert invited.get(link).status_code == 404
    assert "Authenticator app" in admin.get(made.location or "").get_data(as_text=True)


def test_a_link_runs_out_and_a_newer_one_replaces_it(
    client: HtmlClient, session: Session, administrator: Account
) -> None:
    actor = build.actor_of(administrator)
    account_id = services.invite(session, actor, "Bo", "bo@example.org", [Membership(Role.EDITOR)])
    first = last_link(session)
    services.send_invitation(session, actor, account_id)
    second = last_link(session)
    session.commit()
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    with clock.at(build.days_ahead(8)):
        assert client.get(second).status_code == 404


@pytest.mark.parametrize("token", ["", "short", "x" * 43, "..%2f..", "%00", "’"])
def test_an_invented_link_is_not_found(client: HtmlClient, token: str) -> None:
    assert client.get(f"/set-password/{token}").status_code in {404, 400}


@pytest.mark.parametrize(
    ("password", "remedy"),
    [
        ("short", "12 characters or more"),
        ("password1234", "easy to guess"),
        ("x" * 129, "128 characters or fewer"),
        ("bo@example.org", "easy to guess"),
    ],
)
def test_a_weak_password_is_refused_with_the_remedy(
    client: HtmlClient, session: Session, administrator: Account, password: str, remedy: str
) -> None:
    services.invite(session, build.actor_of(administrator), "Bo", "bo@example.org", [Membership(Role.EDITOR)])
    link = last_link(session)
    answer = send(client, link, new_password=password)
    assert answer.status_code == 200
    assert remedy in answer.get_data(as_text=True)
    assert password not in answer.get_data(as_text=True).replace(link, "") or password == "bo@example.org"


def test_asking_for_a_link_gets_the_same_answer_with_and_without_an_account(
    client: HtmlClient, session: Session
) -> None:
    build.account(session, Role.LINK_WORKER, email="asha@example.org")
    answers = {
        re.sub(r'value="[^"]*"', "", send(client, "/forgotten-password", email=email).get_data(as_text=True))
        for email in ("asha@example.org", "nobody@example.org")
    }
    assert len(answers) == 1
    while work_once(session):
        pass
    assert session.scalar(select(func.count()).select_from(EmailedLink)) == 1


def test_the_reset_link_changes_nothing_until_its_button_is_pressed(
    make_client: Callable[[], HtmlClient], session: Session
) -> None:
    from core.accounts import links
    from core.db import blind_index

    account = build.account(session, Role.LINK_WORKER, email="asha@example.org")
    elsewhere, client = in_as(make_client(), session, account), make_client()
    links.send_reset(session, blind_index("account-email", "asha@example.org"))
    link = last_link(session)
    client.get(link)
    assert elsewhere.get("/account").status_code == 200
    send(client, link, new_password=NEW)
    assert elsewhere.get("/account").status_code == 303
    assert opens(client, "asha@example.org", NEW)
    assert "was changed just now" in messages(session)[-1]


def test_asking_for_links_again_and_again_is_slowed_down(client: HtmlClient, session: Session) -> None:
    statuses = [send(client, "/forgotten-password", email="a@example.org").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


def test_a_disabled_account_gets_no_link(session: Session, administrator: Account) -> None:
    from core.accounts import links
    from core.db import blind_index

    account = build.account(session, Role.EDITOR, email="gone@example.org")
    services.disable(session, build.actor_of(administrator), account.id)
    links.send_reset(session, blind_index("account-email", "gone@example.org"))
    assert messages(session) == []


def test_roles_are_given_and_taken_on_the_accounts_page(
    client: HtmlClient, session: Session, administrator: Account
) -> None:
    account = build.account(session, Role.EDITOR)
    in_as(client, session, administrator)
    page = f"/accounts/{account.id}"
    assert "Commissioner" in client.get(page + "?role=commissioner").get_data(as_text=True)
    added = send(
        client,
        page + "/memberships",
        page=page + "?role=commissioner",
        role="commissioner",
        place="everywhere",
    )
    assert added.location == page
    session.expire_all()
    assert {m.role for m in queries.live_memberships(account)} == {Role.EDITOR, Role.COMMISSIONER}
    for row in account.memberships:
        send(client, f"{page}/memberships/{row.id}/end", page=page)
    session.expire_all()
    assert queries.live_memberships(account) == ()
    assert "cannot sign in" in client.get(page).get_data(as_text=True)
    assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.sequence)).all()[-3:] == [
        "membership.add",
        "membership.end",
        "membership.end",
    ]


def test_a_place_is_chosen_for_a_role_that_is_held_in_one(
    client: HtmlClient, session: Session, administrator: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = build.place(session, Place.TEAM)
    names = {team: "Bury West team"}
    monkeypatch.setattr(places, "_kinds", {})
    places.register(
        Place.TEAM,
        choices=lambda _session, words: [
            (i, n) for i, n in names.items() if words.casefold() in n.casefold()
        ],
        names_of=lambda _session, ids: {one: names[one] for one in ids if one in names},
    )
    in_as(client, session, administrator)
    assert "Bury West team" in client.get("/accounts/new?role=link-worker").get_data(as_text=True)
    assert "Nothing of that name" in client.get("/accounts/new?role=link-worker&words=east").get_data(
        as_text=True
    )
    page = client.get("/accounts/new?role=link-worker").get_data(as_text=True)
    key = page.split('name="idempotency_key" value="')[1].split('"')[0]
    made = send(
        client,
        "/accounts/new?role=link-worker",
        idempotency_key=key,
        name="Bo Example",
        email="bo@example.org",
        place=str(team),
    )
    assert "Link worker: Bury West team" in client.get(made.location or "").get_data(as_text=True)
    refused = send(
        client,
        "/accounts/new?role=link-worker",
        idempotency_key="not a key",
        name="Bo Example",
        email="bo@example.org",
        place="00000000-0000-0000-0000-000000000000",
    )
    assert refused.status_code == 200


def test_the_role_of_resident_is_not_given_from_here(
    client: HtmlClient, session: Session, administrator: Account
) -> None:
    in_as(client, session, administrator)
    assert client.get("/accounts/new?role=resident").status_code == 200
    token = csrf(client, "/accounts/new?role=editor")
    sent = client.post("/accounts/new?role=resident", data={"csrf_token": token, "name": "x"})
    assert sent.status_code == 404


def test_administrators_cannot_shut_themselves_out(session: Session, administrator: Account) -> None:
    actor = build.actor_of(administrator)
    with pytest.raises(Refused):
        services.disable(session, actor, administrator.id)
    with pytest.raises(Refused):
        services.reset_second_factor(session, actor, administrator.id)
    with pytest.raises(Refused):
        services.end_membership(session, actor, administrator.id, administrator.memberships[0].id)


def test_one_email_address_is_one_account(session: Session) -> None:
    services.create_account(session, SYSTEM, "Bo", "bo@example.org", [])
    with pytest.raises(Invalid, match="already"):
        services.create_account(session, SYSTEM, "Bo", " BO@example.org", [])
    with pytest.raises(Invalid, match="07700"):
        services.create_account(session, SYSTEM, "Bo", "other@example.org", [], mobile="not a number")


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_held_where_it_belongs(session: Session, role: Role) -> None:
    membership = build.membership(session, role)
    account_id = services.create_account(session, SYSTEM, "Bo", "bo@example.org", [membership])
    with pytest.raises(Refused):
        services.add_membership(session, SYSTEM, account_id, membership)
    with pytest.raises(ValueError, match="is held in"):
        membership_in(role, None if membership.place_id else account_id)


def test_the_first_administrator_is_made_by_a_command(
    client: HtmlClient, run_command: Callable[..., str]
) -> None:
    arguments = ("accounts", "create-admin", "--name", "Ada", "--email", "ada@example.org", "--password")
    assert "easy to guess" in run_command(*arguments, "password1234", exit_code=1)
    assert "can sign in" in run_command(*arguments, NEW)
    assert opens(client, "ada@example.org", NEW)


class TestDemo:
    """Example people in the demo, and nowhere else."""

    @pytest.fixture
    def settings_changes(self) -> dict[str, object]:
        return {"demo": True}

    def test_anyone_signs_in_as_an_example_person(self, client: HtmlClient, session: Session) -> None:
        build.account(session, Role.LINK_WORKER, persona="asha", name="Asha Khan")
        build.account(session, Role.EDITOR, email="real@example.org")
        page = client.get("/sign-in-as").get_data(as_text=True)
        assert "Sign in as Asha Khan" in page
        assert "Asha Example" not in page
        assert send(client, "/sign-in-as/asha", page="/sign-in-as").location == "/account"
        assert "Asha Khan" in client.get("/account").get_data(as_text=True)
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
        assert entry is not None
        assert (entry.action, entry.detail) == ("account.sign-in", {"demo": True})

    def test_each_example_person_is_shown_with_their_group(
        self, client: HtmlClient, session: Session
    ) -> None:
        organization_id = build_directory.organization(session)
        session.get_one(Organization, organization_id).name = "Larder and lamp"
        build.account(
            session, Role.GROUP_MEMBER, place_id=organization_id, persona="shabana", name="Shabana Malik"
        )
        page = client.get("/sign-in-as").get_data(as_text=True)
        assert "Group member (Larder and lamp):" in " ".join(page.split())

    def test_there_is_no_such_person(self, client: HtmlClient, session: Session) -> None:
        build.account(session, Role.EDITOR)
        assert send(client, "/sign-in-as/None", page="/sign-in").status_code == 404


def test_outside_the_demo_there_is_no_such_page(client: HtmlClient, session: Session) -> None:
    build.account(session, Role.LINK_WORKER, persona="asha")
    assert client.get("/sign-in-as").status_code == 404
    token = csrf(client)
    assert client.post("/sign-in-as/asha", data={"csrf_token": token}).status_code == 404
    assert not any(rule.endpoint.startswith("demo.") for rule in client.application.url_map.iter_rules())


def test_recovery_codes_are_renewed_after_showing_the_app(client: HtmlClient, session: Session) -> None:
    from tests.integration.core.door import present, with_app

    account = build.account(session, Role.EDITOR)
    app = with_app(session, account)
    in_as(client, session, account)
    wrong = "000000" if present(app) != "000000" else "111111"
    refused = send(client, "/account/recovery-codes", page="/account", code=wrong)
    assert "not right" in refused.get_data(as_text=True)
    shown = send(client, "/account/recovery-codes", page="/account", code=present(app))
    assert len(re.findall(r"<code>[0-9A-Z]{5}-", shown.get_data(as_text=True))) == 10
    assert "10 recovery codes left" in client.get("/account").get_data(as_text=True)


def test_ones_own_password_is_changed_by_showing_the_present_one(
    client: HtmlClient, session: Session
) -> None:
    account = build.account(session, Role.EDITOR, email="bo@example.org")
    in_as(client, session, account)
    wrong = send(client, "/account/password", password="not this one at all", new_password=NEW)
    assert "not your present password" in wrong.get_data(as_text=True)
    assert send(client, "/account/password", password=build.PASSWORD, new_password=NEW).location == "/sign-in"
    assert client.get("/account").status_code == 303
    assert opens(client, "bo@example.org", NEW)


@pytest.mark.parametrize("role", [Role.LINK_WORKER, Role.REFERRER, Role.GROUP_MEMBER])
def test_the_borough_s_own_places_are_offered_and_named(
    client: HtmlClient, session: Session, administrator: Account, role: Role
) -> None:
    account = build.account(session, role)
    in_as(client, session, administrator)
    (name,) = places.names_of(session, queries.live_memberships(account)).values()
    assert re.fullmatch(r"(Team|Practice|Group) \d+", name)
    assert name in client.get(f"/accounts/{account.id}").get_data(as_text=True)
    found = client.get("/accounts/new", query_string={"role": role.value, "words": name.upper()})
    assert f">{name}<" in found.get_data(as_text=True)
    nothing = client.get("/accounts/new", query_string={"role": role.value, "words": "%"})
    assert "Nothing of that name" in nothing.get_data(as_text=True)


def test_the_list_of_accounts_asks_as_often_for_many_as_for_few(
    app: Flask, client: HtmlClient, session: Session, administrator: Account
) -> None:
    in_as(client, session, administrator)

    def questions() -> int:
        asked: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            asked.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert client.get("/accounts").status_code == 200
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return sum(one.startswith("SELECT") for one in asked)

    for role in (Role.LINK_WORKER, Role.GROUP_MEMBER, Role.REFERRER):
        build.account(session, role)
    few = questions()
    for role in (Role.LINK_WORKER, Role.GROUP_MEMBER, Role.REFERRER) * 5:
        build.account(session, role)
    assert questions() == few
