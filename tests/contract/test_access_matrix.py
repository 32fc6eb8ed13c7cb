"""Nobody sees another's: every route, method, role and relation is asked, and compared with what is written.

What is written stands in `access.toml` (and `access_*.toml`), one line a route and method:

    "episodes.show GET" = { needs = "work-caseload", own = 200, other = 404, unrelated = 404 }

`needs` is a permission or "public". The three figures are what somebody with the permission gets (anybody, where it is
public); a route without anything in its address has only `own`. Whoever lacks the permission must get 404, whoever is
not signed in must be led to the door. `roles = { editor = { other = 200 } }` says where one role gets something else.
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from flask import Flask

from core.access.guard import Policy, policy_of
from core.access.rules import PLACE_OF, ROLES_OF, Permission, Role
from core.accounts.models import Account
from core.db import db
from tests.contract.subjects import SUBJECTS, Relation, Subject
from tests.contract.things import Things, in_a_hurry

HERE = Path(__file__).parent
UNASKED = {"HEAD", "OPTIONS"}

for _path in sorted(HERE.glob("subjects_*.py")):
    importlib.import_module(f"tests.contract.{_path.stem}")


@cache
def expectations() -> dict[str, dict[str, Any]]:
    """Every written line by "endpoint METHOD"."""
    lines: dict[str, dict[str, Any]] = {}
    for path in sorted(HERE.glob("access*.toml")):
        for key, line in tomllib.loads(path.read_text(encoding="utf-8")).items():
            assert key not in lines, f"{key} is written twice"
            lines[key] = line
    return lines


def routes(app: Flask) -> dict[str, bool]:
    """Every "endpoint METHOD" of the app, and whether its address holds a value."""
    return {
        f"{rule.endpoint} {method}": bool(rule.arguments)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - UNASKED
    }


def test_every_route_is_written_down_and_nothing_else(things: Things) -> None:
    there = routes(things.app)
    written = expectations()
    assert set(there) - set(written) == set(), "add these routes to tests/contract/access.toml"
    assert set(written) - set(there) == set(), "these routes are gone"
    for key, has_values in there.items():
        wanted = {"own", "other", "unrelated"} if has_values else {"own"}
        assert wanted <= set(written[key]), f"{key} needs {sorted(wanted)}"


def test_what_is_written_is_what_the_views_declare(things: Things) -> None:
    for key, line in expectations().items():
        policy = policy_of(things.app, key.split()[0])
        assert policy is not None
        declared = policy.permission.value if policy.permission else "public"
        assert line["needs"] == declared, key


def by_maker(key: str) -> tuple[str, str]:
    """Routes that ask for the same thing stand side by side: where tests are shared out, it is made for one of them."""
    maker = SUBJECTS.get(key.split(maxsplit=1)[0])
    return (f"{maker.__module__}.{maker.__qualname__}" if maker else "", key)


KEYS: list[str] = sorted(expectations(), key=by_maker)


@pytest.mark.parametrize("key", KEYS)
def test_each_cell_gets_what_is_written(key: str, things: Things) -> None:
    wrong = wrong_cells(key, things, one_of_each(key) if in_a_hurry() else tuple(Role))
    assert not wrong, f"{key}:\n" + "\n".join(wrong)


def test_in_a_hurry_somebody_of_every_kind_is_asked() -> None:
    """One of those who are turned away, and of those who are let in one for each answer and kind of place."""
    assert {*KEYS} == {*expectations()}
    for key, line in expectations().items():
        asked = one_of_each(key)
        for role in Role:
            kind = kind_of(line, role)
            assert [kind_of(line, other) for other in asked].count(kind) == 1, (key, role)


@pytest.mark.parametrize("weaker", [Policy(Permission.SIGNED_IN), Policy(None, "planted")])
def test_the_matrix_sees_a_guard_that_was_weakened(
    things: Things, monkeypatch: pytest.MonkeyPatch, weaker: Policy
) -> None:
    monkeypatch.setattr(things.app.view_functions["administration.jobs"], "policy", weaker)
    wrong = wrong_cells("administration.jobs GET", things)
    assert "editor, own: 200, not [404]" in wrong
    assert ("nobody, own: 200, not ['door']" in wrong) == (weaker.permission is None)


def test_what_one_cell_did_is_gone_before_the_next(things: Things) -> None:
    invite = ("administration.disable", Role.ADMINISTRATOR, Relation.OWN)
    thing = things.get(*invite)

    def is_disabled() -> bool:
        with things.app.app_context():
            return db.session().get_one(Account, thing.values["account_id"]).disabled_at is not None

    things.client(Role.ADMINISTRATOR).post(things.address("administration.disable", thing))
    assert is_disabled()
    things.put_back()
    assert not is_disabled()
    assert things.get(*invite) is thing


def kind_of(line: dict[str, Any], role: Role) -> tuple[object, ...]:
    """What a role has in common with those for whom the same is written; where a permission lets them in, with those
    in the same kind of place."""
    answers = [expected(line, role, relation) for relation in Relation if relation.value in line]
    let_in = line["needs"] != "public" and role in ROLES_OF[Permission(line["needs"])]
    return (PLACE_OF[role] if let_in else None, str(answers))


def one_of_each(key: str) -> tuple[Role, ...]:
    """One role of each kind. Routes that ask for the same thing ask alike, so that it is made for few."""
    thing = by_maker(key)[0]
    turns = sorted(Role, key=lambda role: crc32(f"{thing} {role.value}".encode()))
    line = expectations()[key]
    kinds: dict[tuple[object, ...], Role] = {}
    for role in turns:
        kinds.setdefault(kind_of(line, role), role)
    return tuple(kinds.values())


def wrong_cells(key: str, things: Things, roles: Iterable[Role] = tuple(Role)) -> list[str]:
    """Every cell of one route and method whose answer is not what is written, in words: of nobody, and of `roles`."""
    line = expectations()[key]
    endpoint, method = key.split()
    wrong: list[str] = []
    for role in (None, *roles):
        # Whoever lacks the permission is turned away before anything is looked up, so these share one thing.
        shut = expected(line, role, Relation.OWN) in (["door"], [404]) and line["needs"] != "public"
        answers: dict[int, int | str] = {}
        for relation in (r for r in Relation if r.value in line):
            subject = things.get(endpoint, None if shut else role, relation)
            wanted = expected(line, role, relation)
            # Where two relations give one thing to ask for, they are one question.
            got = answers.get(id(subject))
            if got is None:
                got = answers[id(subject)] = ask(things, endpoint, method, role, subject)
                if method != "GET" and not (shut and got in wanted):
                    things.put_back()
            if got not in wanted:
                wrong.append(f"{role.value if role else 'nobody'}, {relation.value}: {got}, not {wanted}")
    return wrong


def expected(line: dict[str, Any], role: Role | None, relation: Relation) -> list[int | str]:
    """The answers that are right for one cell: statuses, or "door" for being led to sign in."""
    needs = line["needs"]
    if needs != "public":
        if role is None:
            return ["door"]
        if role not in ROLES_OF[Permission(needs)]:
            return [404]
    figure = line.get("roles", {}).get(role.value if role else "nobody", {}).get(relation.value)
    figure = line[relation.value] if figure is None else figure
    return list(figure) if isinstance(figure, list) else [figure]


def ask(things: Things, endpoint: str, method: str, role: Role | None, subject: Subject) -> int | str:
    """What one cell gets: its status, or "door"."""
    # The status is the question: an error as JSON is the same answer without a page drawn around it.
    answer = things.client(role).open(
        things.address(endpoint, subject),
        method=method,
        query_string=dict(subject.query),
        data=dict(subject.form) if method != "GET" else None,
        headers={"Accept": "application/json"},
    )
    policy = policy_of(things.app, endpoint)
    guarded = policy is not None and policy.permission is not None
    if guarded and answer.status_code == 303 and (answer.location or "").startswith("/sign-in"):
        return "door" if role is None else 303
    return answer.status_code
