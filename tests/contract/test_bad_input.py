"""Bad input is a clear error: every route is sent what no form would send, and none answers that it broke."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from wtforms import Form
from wtforms.fields.core import UnboundField

from core.access.guard import policy_of
from core.access.rules import ROLES_OF, Role
from core.accounts.models import Account
from core.db import db
from tests import build
from tests.conftest import make_settings
from tests.contract.subjects import Relation
from tests.contract.test_access_matrix import expectations, make

UGLY = (
    "\x00",
    "a\x00b",
    "%ff%fe",
    "\ufffe\ud83d".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    str(2**63),
    str(-(2**63) - 1),
    "9" * 5000,
    "1e999",
    "nan",
    "-0",
    "٣",
    "²",
    "[]",
    "{'a': 1}",
    "../../etc/passwd",
    "' OR 1=1 --",
    "%",
    "\\",
    "\u202e\u0000",
    "9999-99-99T99:99",
    "0001-01-01T00:00",
    "019a3c1e-7f2b-7a60-9d1c-2f6f0f6f0f6f",
    "=cmd|' /C calc'!A0",
    "x" * 20_000,
    "",
)
# What pages read from their address or form without a form of their own.
ALSO_READ = ("next", "words", "page", "role", "team", "ward", "period", "session", "expected_version", "seen")


def all_forms(base: type[Any] = Form) -> Iterator[type[Any]]:
    """Every form that the product has."""
    for form in base.__subclasses__():
        yield form
        yield from all_forms(form)


@cache
def boxes() -> list[str]:
    """The name of every box of every form, and of what is read without one."""
    found = {
        name
        for form in all_forms()
        for name in dir(form)
        if isinstance(getattr(form, name, None), UnboundField)
    }
    dates = {f"{name}-{part}" for name in found for part in ("day", "month", "year")}
    lists = {f"{name}-0" for name in found}
    return sorted(found | dates | lists | set(ALSO_READ))


@pytest.fixture(scope="module")
def fuzzed_app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    from wsgi import create_app

    folder = tmp_path_factory.mktemp("bad-input")
    database = folder / "goldenthread.db"
    database.write_bytes(sqlite_template.read_bytes())
    app = create_app(make_settings(f"sqlite:///{database}", folder, demo=True))
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def accounts(fuzzed_app: Flask) -> dict[Role, UUID]:
    with fuzzed_app.app_context():
        return {role: build.account(db.session(), role).id for role in Role}


@pytest.mark.parametrize("whole", [True, False], ids=["every box", "one box"])
@pytest.mark.parametrize("key", sorted(expectations()))
def test_no_route_breaks(key: str, whole: bool, fuzzed_app: Flask, accounts: dict[Role, UUID]) -> None:
    endpoint, method = key.split()
    policy = policy_of(fuzzed_app, endpoint)
    assert policy is not None
    lots = random.Random(f"{key} {whole}")
    role = lots.choice(sorted(ROLES_OF[policy.permission])) if policy.permission else None
    client = fuzzed_app.test_client()
    address, form = own_thing(fuzzed_app, client, endpoint, role, accounts)
    if method == "GET":
        sent = {name: lots.choice(UGLY)[:300] for name in lots.sample(boxes(), 25 if whole else 1)}
        answer = client.get(address, query_string=sent)
    else:
        sent = {name: lots.choice(UGLY) for name in boxes() if whole}
        if not whole and form:
            sent = form | {lots.choice(sorted(form)): lots.choice(UGLY)}
        answer = client.open(address, method=method, data=sent)
    assert answer.status_code < 500, sent


def own_thing(
    app: Flask, client: FlaskClient, endpoint: str, role: Role | None, accounts: dict[Role, UUID]
) -> tuple[str, dict[str, Any]]:
    """The address of a thing that the asker may reach, and a form that would be taken there."""
    with app.app_context():
        session = db.session()
        account = session.get_one(Account, accounts[role]) if role else None
        subject = make(session, endpoint, role, Relation.OWN, account)
        session.commit()
        if account is not None:
            build.sign_in(session, client, account)
        with app.test_request_context():
            address = url_for(endpoint, **subject.values)
        session.commit()
    return address, dict(subject.form)


@pytest.mark.parametrize("ugly", UGLY[:-1])
def test_no_address_breaks(ugly: str, fuzzed_app: Flask) -> None:
    client = fuzzed_app.test_client()
    asked = 0
    for rule in fuzzed_app.url_map.iter_rules():
        if not rule.arguments or "GET" not in (rule.methods or ()):
            continue
        parts = [
            quote(ugly[:300], safe="") if is_dynamic else data
            for is_dynamic, data in getattr(rule, "_trace")[1:]  # noqa: B009
        ]
        assert client.get("".join(parts).replace("|", "")).status_code < 500, rule.rule
        asked += 1
    assert asked > 20
