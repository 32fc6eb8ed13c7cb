"""The audit trail in the database: whoever touches a row is found by `flask audit verify`."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import PUBLIC, SYSTEM, Actor
from core.audit import queries, rules, services
from core.audit.models import AuditEntry, AuditHead
from core.db import db, new_id
from core.jobs.services import run_due_schedules
from tests import build

LENGTH = 30
Run = Callable[..., str]


@pytest.fixture
def trail(session: Session) -> Session:
    """A trail of some length."""
    for number in range(LENGTH):
        services.record(session, SYSTEM, "person.read", "person", uuid4(), number=number, why="a look")
    session.commit()
    return session


def rows(session: Session) -> list[dict[str, Any]]:
    """Every entry's columns, in order."""
    table = AuditEntry.__table__
    return [dict(row) for row in session.execute(select(table).order_by(table.c.sequence)).mappings()]


def tamper(session: Session, dice: random.Random) -> int:
    """Touch the table once, at random; gives the first entry that must not hold."""
    at = dice.randrange(1, LENGTH + 1)
    which = AuditEntry.sequence == at
    kind = dice.choice(["edit", "delete", "swap", "truncate", "replace"])
    if kind == "edit":
        changes: list[dict[str, Any]] = [
            {"action": "person.forgotten"},
            {"at": build.days_ahead(1)},
            {"actor_kind": "account"},
            {"account_id": new_id()},
            {"subject_id": None},
            {"subject_type": "group"},
            {"detail": {"number": -1}},
            {"mac": "0" * 64},
            {"previous_mac": "1" * 64},
        ]
        session.execute(update(AuditEntry).where(which).values(dice.choice(changes)))
    elif kind == "delete":
        session.execute(delete(AuditEntry).where(which))
    elif kind == "swap":
        other = dice.choice([n for n in range(1, LENGTH + 1) if n != at])
        for old, new in ((at, -1), (other, at), (-1, other)):
            session.execute(update(AuditEntry).where(AuditEntry.sequence == old).values(sequence=new))
        at = min(at, other)
    elif kind == "truncate":
        session.execute(delete(AuditEntry).where(AuditEntry.sequence >= at))
    else:
        row = next(row for row in rows(session) if row["sequence"] == at)
        session.execute(delete(AuditEntry).where(which))
        session.execute(insert(AuditEntry).values({**row, "id": new_id()}))
    return at


def test_a_thousand_touches_in_the_database_are_all_found(trail: Session) -> None:
    dice, found = random.Random(3), 0
    for _ in range(1000):
        first = tamper(trail, dice)
        fault = rules.first_fault(services.audit_key(), queries.chain(trail), queries.head(trail))
        assert fault is not None
        assert fault.sequence == first
        found += 1
        trail.rollback()
    assert found == 1000
    assert rules.first_fault(services.audit_key(), queries.chain(trail), queries.head(trail)) is None


@pytest.mark.parametrize("seed", range(6))
def test_the_command_names_the_first_entry_that_does_not_hold(
    trail: Session, run_command: Run, seed: int
) -> None:
    assert f"holds: {LENGTH} entries" in run_command("audit", "verify")
    first = tamper(trail, random.Random(seed))
    assert f"does not hold at entry {first}:" in run_command("audit", "verify", exit_code=1)


def test_cutting_the_end_off_and_putting_the_head_back_is_found_by_an_exported_end(
    trail: Session, run_command: Run, tmp_path: Path
) -> None:
    heads = tmp_path / "elsewhere" / "heads.jsonl"
    run_command("audit", "export-head", "--to", str(heads))
    trail.execute(delete(AuditEntry).where(AuditEntry.sequence > 10))
    last = trail.scalars(select(AuditEntry).where(AuditEntry.sequence == 10)).one()
    trail.execute(update(AuditHead).values(sequence=10, mac=last.mac))
    assert "holds" in run_command("audit", "verify")
    said = run_command("audit", "verify", "--heads", str(heads), exit_code=1)
    assert f"the chain ends before entry {LENGTH}, which was exported" in said


def test_a_file_that_holds_no_ends_is_said_to_be_one(run_command: Run, tmp_path: Path) -> None:
    heads = tmp_path / "heads.jsonl"
    heads.write_text('{"sequence": 0, "mac": ""}\nnot json\n', encoding="utf-8")
    assert "Line 2 of heads.jsonl" in run_command("audit", "verify", "--heads", str(heads), exit_code=1)


def test_the_worker_writes_the_end_down_every_hour(trail: Session, app: Flask, run_command: Run) -> None:
    for hours in (0, 0.5, 1.1):
        with clock.at(clock.now() + timedelta(hours=hours)):
            run_due_schedules(trail)
    path = app.extensions["settings"].instance / "audit-heads.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["sequence"] for line in lines] == [LENGTH, LENGTH]
    assert "2 exported ends found" in run_command("audit", "verify") or "1 exported" in run_command(
        "audit", "verify"
    )


def test_an_entry_goes_with_its_change_or_not_at_all(session: Session) -> None:
    services.record(session, PUBLIC, "request.submit", "request", new_id())
    session.rollback()
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0
    assert queries.head(session) == (0, rules.START)


def test_what_a_savepoint_takes_back_was_not_said(session: Session) -> None:
    def say(action: str) -> None:
        services.record(session, SYSTEM, action, "person", new_id())

    say("first")
    with session.begin_nested():
        say("kept")
        with suppress(ZeroDivisionError), session.begin_nested():
            say("undone")
            with session.begin_nested():
                say("undone with it")
            1 / 0  # noqa: B018
        say("kept too")
    say("last")
    session.commit()
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).all()
    assert [entry.action for entry in entries] == ["first", "kept", "kept too", "last"]
    assert rules.first_fault(services.audit_key(), queries.chain(session), queries.head(session)) is None


def test_what_was_not_committed_is_not_said_by_the_next(session: Session) -> None:
    services.record(session, SYSTEM, "lost", "person", new_id())
    session.close()
    services.record(session, SYSTEM, "kept", "person", new_id())
    session.commit()
    assert session.scalars(select(AuditEntry.action)).all() == ["kept"]


@pytest.mark.databases("postgresql")
def test_whoever_has_said_something_holds_nobody_else_up(app: Flask, session: Session) -> None:
    services.record(session, SYSTEM, "person.read", "person", new_id())

    def write() -> int:
        with app.app_context():
            services.record(db.session(), SYSTEM, "person.read", "person", new_id())
            db.session.execute(text("SET LOCAL lock_timeout = '2s'"))
            db.session.commit()
            return queries.head(db.session())[0]

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(write).result(10) == 1
    session.commit()
    assert queries.head(session)[0] == 2


def test_nobody_acts_anonymously_behind_the_door(session: Session) -> None:
    with pytest.raises(ValueError, match="needs its account"):
        services.record(session, Actor(None, "Nobody"), "person.read", "person", new_id())


def test_many_writers_at_once_make_one_chain(app: Flask, run_command: Run) -> None:
    def write(_number: int) -> None:
        with app.app_context():
            for _ in range(10):
                services.record(db.session(), SYSTEM, "person.read", "person", new_id())
                db.session.commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert "holds: 80 entries" in run_command("audit", "verify")
