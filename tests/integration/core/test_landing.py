"""Where people find themselves after signing in."""

from __future__ import annotations

from uuid import uuid4

import pytest
from flask import Flask

from core.access.rules import Actor, Membership, Role
from core.accounts import landing
from core.accounts.landing import page_of

pytestmark = pytest.mark.databases("sqlite")


def who(*roles: Role) -> Actor:
    return Actor(uuid4(), "Asha", tuple(Membership(role) for role in roles))


def test_everybody_starts_where_their_work_is(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "_pages", {})
    landing.register_landing(Role.ADMINISTRATOR, "administration.accounts")
    landing.register_landing(Role.EDITOR, "no.such_page")
    landing.register_landing(Role.LINK_WORKER, "accounts.ask_new_password")
    with app.test_request_context():
        assert page_of(who(Role.ADMINISTRATOR)) == "/accounts"
        assert page_of(who(Role.ADMINISTRATOR, Role.LINK_WORKER)) == "/account/password"
        assert page_of(who(Role.EDITOR)) == "/account"


@pytest.mark.parametrize("role", list(Role))
def test_each_role_starts_at_a_page_that_it_may_see(app: Flask, role: Role) -> None:
    from core.access.guard import policy_of

    with app.test_request_context():
        page = page_of(who(role))
        endpoint, _values = app.url_map.bind("localhost").match(page)
    policy = policy_of(app, endpoint)
    assert policy is not None
    assert policy.permission is not None
    assert who(role).can(policy.permission)
