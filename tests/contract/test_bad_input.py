"""Bad input is a clear error: every route is sent what no form would send, and none answers that it broke."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from wtforms import Form
from wtforms.fields.core import UnboundField

from core.access.guard import policy_of
from core.access.rules import ROLES_OF
from tests.contract.subjects import Relation
from tests.contract.test_access_matrix import KEYS
from tests.contract.things import Things

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
def things(
    sqlite_template: Path, run_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Things]:
    things = Things(sqlite_template, tmp_path_factory.mktemp("bad-input"), run_folder)
    yield things
    things.close()


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("whole", [True, False], ids=["every box", "one box"])
def test_no_route_breaks(key: str, whole: bool, things: Things) -> None:
    endpoint, method = key.split()
    policy = policy_of(things.app, endpoint)
    assert policy is not None
    lots = random.Random(f"{key} {whole}")
    role = lots.choice(sorted(ROLES_OF[policy.permission])) if policy.permission else None
    subject = things.get(endpoint, role, Relation.OWN)
    client, address, form = things.client(role), things.address(endpoint, subject), dict(subject.form)
    if method == "GET":
        sent = {name: lots.choice(UGLY)[:300] for name in lots.sample(boxes(), 25 if whole else 1)}
        answer = client.get(address, query_string=sent)
    else:
        sent = {name: lots.choice(UGLY) for name in boxes() if whole}
        if not whole and form:
            sent = form | {lots.choice(sorted(form)): lots.choice(UGLY)}
        answer = client.open(address, method=method, data=sent)
        things.put_back()
    assert answer.status_code < 500, sent


@pytest.mark.parametrize("ugly", UGLY[:-1])
def test_no_address_breaks(ugly: str, things: Things) -> None:
    client = things.app.test_client()
    asked = 0
    for rule in things.app.url_map.iter_rules():
        if not rule.arguments or "GET" not in (rule.methods or ()):
            continue
        parts = [
            quote(ugly[:300], safe="") if is_dynamic else data
            for is_dynamic, data in getattr(rule, "_trace")[1:]  # noqa: B009
        ]
        assert client.get("".join(parts).replace("|", "")).status_code < 500, rule.rule
        asked += 1
    assert asked > 20
