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
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, url_for
from sqlalchemy.orm import Session

from core.access.guard import Policy, policy_of
from core.access.rules import ROLES_OF, Permission, Role
from core.accounts.models import Account
from core.accounts.queries import live_memberships
from core.db import db
from tests import build
from tests.conftest import make_settings
from tests.contract.subjects import SUBJECTS, Cell, Relation, Subject

HERE = Path(__file__).parent
UNASKED = {"HEAD", "OPTIONS"}

for _path in sorted(HERE.glob("subjects_*.py")):
    importlib.import_module(f"tests.contract.{_path.stem}")


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


@pytest.fixture(scope="module")
def matrix_app(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One app and database for the whole matrix, with the demo's routes too."""
    from wsgi import create_app

    folder = tmp_path_factory.mktemp("matrix")
    database = folder / "goldenthread.db"
    database.write_bytes(sqlite_template.read_bytes())
    app = create_app(make_settings(f"sqlite:///{database}", folder, demo=True))
    # The matrix asks who may come in; that forms carry their token is another test's question.
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def askers(matrix_app: Flask) -> dict[Role, UUID]:
    """One account for each role, in a place of its own."""
    with matrix_app.app_context():
        return {role: build.account(db.session(), role).id for role in Role}


def test_every_route_is_written_down_and_nothing_else(matrix_app: Flask) -> None:
    there = routes(matrix_app)
    written = expectations()
    assert set(there) - set(written) == set(), "add these routes to tests/contract/access.toml"
    assert set(written) - set(there) == set(), "these routes are gone"
    for key, has_values in there.items():
        wanted = {"own", "other", "unrelated"} if has_values else {"own"}
        assert wanted <= set(written[key]), f"{key} needs {sorted(wanted)}"


def test_what_is_written_is_what_the_views_declare(matrix_app: Flask) -> None:
    for key, line in expectations().items():
        policy = policy_of(matrix_app, key.split()[0])
        assert policy is not None
        declared = policy.permission.value if policy.permission else "public"
        assert line["needs"] == declared, key


@pytest.mark.parametrize("key", sorted(expectations()))
def test_each_cell_gets_what_is_written(key: str, matrix_app: Flask, askers: dict[Role, UUID]) -> None:
    wrong = wrong_cells(key, matrix_app, askers)
    assert not wrong, f"{key}:\n" + "\n".join(wrong)


@pytest.mark.parametrize("weaker", [Policy(Permission.SIGNED_IN), Policy(None, "planted")])
def test_the_matrix_sees_a_guard_that_was_weakened(
    matrix_app: Flask, askers: dict[Role, UUID], monkeypatch: pytest.MonkeyPatch, weaker: Policy
) -> None:
    monkeypatch.setattr(matrix_app.view_functions["administration.jobs"], "policy", weaker)
    wrong = wrong_cells("administration.jobs GET", matrix_app, askers)
    assert "editor, own: 200, not [404]" in wrong
    assert ("nobody, own: 200, not ['door']" in wrong) == (weaker.permission is None)


def wrong_cells(key: str, app: Flask, askers: dict[Role, UUID]) -> list[str]:
    """Every cell of one route and method whose answer is not what is written, in words."""
    line = expectations()[key]
    endpoint, method = key.split()
    wrong: list[str] = []
    # Whoever lacks the permission is turned away before anything is looked up, so these share one thing.
    shared: dict[str, Subject] = {}
    for role in (None, *Role):
        shut = expected(line, role, Relation.OWN) in (["door"], [404]) and line["needs"] != "public"
        for relation in (r for r in Relation if r.value in line):
            got = ask(app, endpoint, method, role, relation, askers, shared=shared if shut else {})
            wanted = expected(line, role, relation)
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


def ask(
    app: Flask,
    endpoint: str,
    method: str,
    role: Role | None,
    relation: Relation,
    askers: dict[Role, UUID],
    *,
    shared: dict[str, Subject],
) -> int | str:
    """What one cell gets: its status, or "door". The thing is taken from `shared`, or made and left there."""
    client = app.test_client()
    with app.app_context():
        session = db.session()
        account = session.get_one(Account, askers[role]) if role else None
        subject = shared.get(endpoint) or make(session, endpoint, role, relation, account)
        shared[endpoint] = subject
        session.commit()
        if account is not None:
            build.sign_in(session, client, account)
        with app.test_request_context():
            address = url_for(endpoint, **subject.values)
        session.commit()
    form = dict(subject.form) if method != "GET" else None
    # The status is the question: an error as JSON is the same answer without a page drawn around it.
    answer = client.open(
        address,
        method=method,
        query_string=dict(subject.query),
        data=form,
        headers={"Accept": "application/json"},
    )
    policy = policy_of(app, endpoint)
    guarded = policy is not None and policy.permission is not None
    if guarded and answer.status_code == 303 and (answer.location or "").startswith("/sign-in"):
        return "door" if role is None else 303
    return answer.status_code


def make(
    session: Session, endpoint: str, role: Role | None, relation: Relation, account: Account | None
) -> Subject:
    """The thing that the cell asks for, standing to the asker as the relation says."""
    maker = SUBJECTS.get(endpoint)
    if maker is None:
        return Subject()
    reach = None
    if role is not None and account is not None and relation is not Relation.UNRELATED:
        reach = live_memberships(account)[0] if relation is Relation.OWN else build.membership(session, role)
    return maker(Cell(session, role, relation, reach, account))
