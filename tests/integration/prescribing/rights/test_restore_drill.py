"""The restore drill: a whole database goes and comes back, and whoever was deleted stays deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select, text

from core import clock
from core.access.rules import Role
from core.accounts.models import SignInSession
from core.audit import heads
from core.audit.models import AuditEntry
from core.backup import archive, databases, services
from core.db import db
from core.jobs.services import run_due_schedules, work_once
from prescribing.people.models import Person
from prescribing.rights import erasing, record
from prescribing.rights.rules import RequestKind
from prescribing.rights.services import delete_as_asked
from tests import build
from tests.conftest import hurry, make_secrets, make_settings
from tests.integration.prescribing.rights import walk

Run = Callable[..., Result]


@pytest.fixture
def own_app(empty_database_url: str, tmp_path: Path, run_folder: Path) -> Iterator[Flask]:
    """An app with a database of its own, which may be thrown away."""
    from wsgi import create_app

    app = create_app(make_settings(empty_database_url, tmp_path))
    hurry(app, run_folder)
    with app.app_context():
        yield app
        app.extensions["search_index"].close()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def run(own_app: Flask) -> Run:
    def run(*arguments: object, fails: bool = False) -> Result:
        db.session.remove()
        result = own_app.test_cli_runner().invoke(args=[str(one) for one in arguments])
        assert (result.exit_code != 0) == fails, result.output
        return result

    return run


def lose_everything() -> None:
    """The machine burned: only the backup, the keys and what was copied elsewhere are left."""
    engine = db.engine
    db.session.remove()
    if engine.dialect.name == "sqlite":
        engine.dispose()
        Path(engine.url.database or "").unlink()
        return
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))


def test_a_database_comes_back_whole_and_the_deleted_stay_deleted(
    own_app: Flask, run: Run, tmp_path: Path
) -> None:
    run("migrate", "upgrade")
    session = db.session()
    gone, stays = walk.scene(session), walk.scene(session)
    walk.end_support(session, gone)
    request_id = walk.proved(session, gone, RequestKind.ERASURE)
    gone_id, stays_id = gone.person.id, stays.person.id
    build.sign_in(session, own_app.test_client(), build.account(session, Role.EDITOR))
    session.commit()
    before = record.rows_of(session, stays_id)
    file = tmp_path / "monday.gtb"
    made = run("backup", "create", file).output
    assert "rows in" in made
    assert "already" in run("backup", "create", file, fails=True).output
    assert run("backup", "check", file).output == made
    assert walk.CANARY.encode() not in file.read_bytes()

    session = db.session()
    delete_as_asked(session, gone.officer, request_id)
    session.get_one(Person, stays_id).name = "Changed since"
    session.commit()
    assert "--replace" in run("backup", "restore", file, fails=True).output
    assert "--without-tombstones" in run("backup", "restore", file, "--replace", fails=True).output
    while work_once(db.session()):
        pass
    assert (
        "1 record that the backup brought back is deleted again"
        in run("backup", "restore", file, "--replace").output
    )
    session = db.session()
    assert session.get(Person, gone_id) is None
    assert session.get_one(Person, stays_id).name == f"{walk.CANARY} name"
    assert record.rows_of(session, stays_id) == before
    assert not session.scalar(
        select(func.count()).select_from(SignInSession).where(SignInSession.ended_at.is_(None))
    )
    assert len(erasing.tombstones(session)) == 1
    assert "holds" in run("audit", "verify").output
    assert "holds what the public may find" in run("search", "check").output
    while work_once(db.session()):
        pass

    lose_everything()
    again = run("backup", "restore", file).output
    assert "1 record that the backup brought back is deleted again" in again
    assert db.session().get(Person, gone_id) is None
    assert "holds" in run("audit", "verify").output
    assert list(tmp_path.glob("audit-heads-before-*.jsonl"))
    assert heads.read(heads.file_of(own_app.extensions["settings"]))


def test_a_file_of_tombstones_that_cannot_be_read_refuses_before_anything_is_replaced(
    own_app: Flask, run: Run, tmp_path: Path
) -> None:
    run("migrate", "upgrade")
    session = db.session()
    gone, stays = walk.scene(session), walk.scene(session)
    walk.end_support(session, gone)
    request_id = walk.proved(session, gone, RequestKind.ERASURE)
    gone_id, stays_id = gone.person.id, stays.person.id
    session.commit()
    file = tmp_path / "monday.gtb"
    run("backup", "create", file)
    session = db.session()
    delete_as_asked(session, gone.officer, request_id)
    session.get_one(Person, stays_id).name = "Changed since"
    session.commit()
    stones = erasing.file_of(own_app.extensions["settings"])
    for broken in (b'{"mac": "a stranger\'s"}\n', b"\xff\xfe\n"):
        stones.write_bytes(broken)
        said = run("backup", "restore", file, "--replace", fails=True)
        assert f"{stones.name}" in said.output
        assert "nothing was put back" in said.output
        assert "Traceback" not in said.output
        session = db.session()
        assert session.get(Person, gone_id) is None
        assert session.get_one(Person, stays_id).name == "Changed since"
    stones.unlink()
    said = run("backup", "restore", file, "--replace", fails=True)
    assert "--without-tombstones" in said.output
    assert db.session().get_one(Person, stays_id).name == "Changed since"
    said = run("backup", "restore", file, "--replace", "--without-tombstones")
    assert "the trail says that you went on without it" in said.output
    entry = db.session().scalars(select(AuditEntry).where(AuditEntry.action == "backup.restore")).one()
    assert entry.detail["without_tombstones"] is True
    assert db.session().get(Person, gone_id) is None
    assert [stone.person_id for stone in erasing.read_back(stones)] == [gone_id]


def test_what_the_old_database_held_is_deleted_again_before_the_file_is_taken(
    own_app: Flask, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("migrate", "upgrade")
    session = db.session()
    gone = walk.scene(session)
    walk.end_support(session, gone)
    request_id = walk.proved(session, gone, RequestKind.ERASURE)
    gone_id = gone.person.id
    session.commit()
    file = tmp_path / "monday.gtb"
    run("backup", "create", file)
    session = db.session()
    erasing.write_down(session, erasing.file_of(own_app.extensions["settings"]))
    delete_as_asked(session, gone.officer, request_id)
    session.commit()

    def disk_is_full(session: object, path: Path) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(erasing, "write_down", disk_is_full)
    run("backup", "restore", file, "--replace", fails=True)
    db.session.remove()
    assert db.session().get(Person, gone_id) is None


def test_a_backup_that_cannot_be_used_says_why_and_changes_nothing(
    own_app: Flask, run: Run, tmp_path: Path
) -> None:
    run("migrate", "upgrade")
    erasing.write_down(db.session(), erasing.file_of(own_app.extensions["settings"]))
    file = tmp_path / "one.gtb"
    run("backup", "create", file)
    manifest = services.check(file)
    key = make_secrets().database_key
    newer = archive.Manifest(**{**vars(manifest), "revision": "9999"})
    archive.write(tmp_path / "newer.gtb", key, newer, [b"x"])
    assert "Update first" in run("backup", "restore", tmp_path / "newer.gtb", "--replace", fails=True).output
    other = archive.Manifest(**{**vars(manifest), "dialect": "oracle"})
    archive.write(tmp_path / "other.gtb", key, other, [b"x"])
    assert "another kind" in run("backup", "restore", tmp_path / "other.gtb", "--replace", fails=True).output
    (tmp_path / "cut.gtb").write_bytes(file.read_bytes()[:-10])
    assert "cut off" in run("backup", "restore", tmp_path / "cut.gtb", "--replace", fails=True).output
    assert "cut off" in run("backup", "check", tmp_path / "cut.gtb", fails=True).output
    assert not databases.is_empty(db.engine)
    if db.engine.dialect.name == "postgresql":
        archive.write(tmp_path / "torn.gtb", key, manifest, [b"no dump at all"])
        assert (
            "pg_restore failed"
            in run("backup", "restore", tmp_path / "torn.gtb", "--replace", fails=True).output
        )
        assert not databases.is_empty(db.engine)
    wrong = archive.Manifest(**{**vars(manifest), "counts": {**manifest.counts, "persons": 5}})
    archive.write(tmp_path / "wrong.gtb", key, wrong, archive.content(file, key))
    assert "persons" in run("backup", "restore", tmp_path / "wrong.gtb", "--replace", fails=True).output


def test_a_new_machine_whose_worker_ran_already_still_misses_the_tombstones(
    own_app: Flask, run: Run, tmp_path: Path
) -> None:
    run("migrate", "upgrade")
    session = db.session()
    gone = walk.scene(session)
    walk.end_support(session, gone)
    request_id = walk.proved(session, gone, RequestKind.ERASURE)
    gone_id = gone.person.id
    session.commit()
    file = tmp_path / "monday.gtb"
    run("backup", "create", file)
    delete_as_asked(db.session(), gone.officer, request_id)
    db.session.commit()
    stones = erasing.file_of(own_app.extensions["settings"])
    lose_everything()
    run("migrate", "upgrade")
    run_due_schedules(db.session())
    assert not stones.exists()
    refused = run("backup", "restore", file, "--replace", fails=True).output
    assert "--without-tombstones" in refused
    assert db.session().get(Person, gone_id) is None

    walk.scene(db.session())
    db.session.commit()
    with clock.at(clock.now() + timedelta(hours=7)):
        run_due_schedules(db.session())
    assert erasing.read_back(stones) == []


def test_one_who_writes_tombstones_waits_for_the_other(own_app: Flask, run: Run, tmp_path: Path) -> None:
    run("migrate", "upgrade")
    path, done = tmp_path / "stones.jsonl", Event()

    def write_too() -> None:
        with own_app.app_context():
            erasing.write_down(db.session(), path)
            db.session.commit()
        done.set()

    erasing.write_down(db.session(), path)
    other = Thread(target=write_too)
    other.start()
    assert not done.wait(0.5)
    db.session.commit()
    assert done.wait(20)
    other.join()
    assert erasing.read_back(path) == []
