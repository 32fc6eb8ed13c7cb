"""Promised work is done, once, whatever happens to the worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Event

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.db import JsonDict, db, new_id
from core.jobs import queries, registry, rules, services
from core.jobs.models import Job, JobSchedule, JobState, Worker
from tests import build
from tests.html import HtmlClient
from tests.integration.core.door import send

Handle = Callable[[registry.Handler], None]


@pytest.fixture
def handle(monkeypatch: pytest.MonkeyPatch) -> Handle:
    """Says what jobs of the kind "test" do, for this test."""

    def say(function: registry.Handler) -> None:
        monkeypatch.setitem(registry.HANDLERS, "test", function)

    say(lambda _session, _payload: None)
    return say


@pytest.fixture(autouse=True)
def _no_recurring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "RECURRING", {})


def only(session: Session) -> Job:
    session.expire_all()
    return session.scalars(select(Job)).one()


def mark(session: Session) -> None:
    """Leave a row behind, as a handler's effect."""
    session.add(Worker(id=new_id(), started_at=clock.now(), seen_at=clock.now()))


def marks(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Worker)) or 0


def test_a_job_is_done_with_its_effect_in_one_transaction(session: Session, handle: Handle) -> None:
    seen: list[JsonDict] = []

    def do(inside: Session, payload: JsonDict) -> None:
        seen.append(payload)
        mark(inside)

    handle(do)
    services.enqueue(session, "test", {"id": "1"})
    assert services.work_once(session)
    assert not services.work_once(session)
    assert seen == [{"id": "1"}]
    assert (only(session).state, marks(session)) == (JobState.DONE, 1)


def test_a_change_that_is_taken_back_promised_nothing(session: Session, handle: Handle) -> None:
    services.enqueue(session, "test", {})
    session.rollback()
    assert not services.work_once(session)


def test_a_job_of_a_kind_that_nobody_handles_is_not_promised(session: Session) -> None:
    with pytest.raises(ValueError, match="no handler"):
        services.enqueue(session, "no-such-kind", {})


def test_a_failure_leaves_no_effect_and_is_tried_again_later_and_later_until_given_up(
    session: Session, handle: Handle
) -> None:
    def fail(inside: Session, _payload: JsonDict) -> None:
        mark(inside)
        inside.flush()
        raise OSError("the words of an error may hold a name, so they are not kept")

    handle(fail)
    services.enqueue(session, "test", {})
    session.commit()
    moment, waits = clock.now(), []
    for _ in range(rules.MOST_ATTEMPTS):
        with clock.at(moment):
            assert services.work_once(session)
            assert not services.work_once(session)
            job = only(session)
            waits.append(job.run_at - moment)
            assert job.last_error == "OSError"
            moment = job.run_at
    assert only(session).state is JobState.DEAD
    assert waits[:-1] == sorted(waits[:-1])
    assert [w.total_seconds() for w in waits[:4]] == [10, 20, 40, 80]
    assert marks(session) == 0
    with clock.at(moment + timedelta(days=9)):
        assert not services.work_once(session)


def test_a_job_whose_worker_died_is_claimed_again(session: Session, handle: Handle) -> None:
    class Killed(BaseException):
        """As good as kill -9: nothing after it runs."""

    def die(inside: Session, _payload: JsonDict) -> None:
        mark(inside)
        inside.flush()
        raise Killed

    handle(die)
    services.enqueue(session, "test", {})
    with pytest.raises(Killed):
        services.work_once(session)
    session.rollback()
    assert only(session).state is JobState.RUNNING
    assert not services.work_once(session)
    handle(lambda inside, _payload: mark(inside))
    with clock.at(clock.now() + rules.HOLD + timedelta(seconds=1)):
        assert services.work_once(session)
    assert (only(session).state, only(session).attempts, marks(session)) == (JobState.DONE, 2, 1)


def test_a_job_that_kills_every_worker_is_given_up(session: Session, handle: Handle) -> None:
    services.enqueue(session, "test", {})
    session.commit()
    job = only(session)
    job.state, job.attempts, job.held_until = JobState.RUNNING, rules.MOST_ATTEMPTS, clock.now()
    session.commit()
    with clock.at(clock.now() + timedelta(seconds=1)):
        assert services.work_once(session)
    assert (only(session).state, only(session).last_error) == (JobState.DEAD, "WorkerDied")


def test_a_worker_that_was_overtaken_takes_its_effect_back(
    app: Flask, session: Session, handle: Handle
) -> None:
    """The first worker is so slow that the job is claimed by a second: only one effect stays."""

    def slow(inside: Session, _payload: JsonDict) -> None:
        inside.rollback()
        handle(lambda other, _payload: mark(other))
        with clock.at(clock.now() + rules.HOLD + timedelta(seconds=1)), app.app_context():
            assert services.work_once(db.session())
        mark(inside)

    handle(slow)
    services.enqueue(session, "test", {})
    assert services.work_once(session)
    assert (only(session).state, only(session).attempts, marks(session)) == (JobState.DONE, 2, 1)


def test_jobs_under_one_key_wait_as_one_and_run_at_the_earlier_time(session: Session, handle: Handle) -> None:
    later = clock.now() + timedelta(hours=1)
    services.enqueue(session, "test", {"n": 1}, key="same", run_at=later)
    session.commit()
    for n in range(5):
        services.enqueue(session, "test", {"n": n}, key="same")
    services.enqueue(session, "test", {}, key="other")
    session.commit()
    assert session.scalar(select(func.count()).select_from(Job)) == 2
    assert services.work_once(session)
    services.enqueue(session, "test", {}, key="same")
    session.commit()
    assert session.scalar(select(func.count()).select_from(Job)) in {2, 3}


def test_no_change_is_missed_between_a_waiting_job_and_its_worker(
    app: Flask, session: Session, handle: Handle
) -> None:
    """A change that counts on a job already waiting is visible when that job runs, or has a job of its own."""
    seen: list[int] = []
    handle(lambda inside, _payload: seen.append(marks(inside)))
    services.enqueue(session, "test", {}, key="same")
    session.commit()
    counted, go = Event(), Event()

    def change() -> None:
        with app.app_context():
            mark(db.session())
            services.enqueue(db.session(), "test", {}, key="same")
            db.session.flush()
            counted.set()
            go.wait(10)
            db.session.commit()

    with ThreadPoolExecutor(2) as pool:
        changing = pool.submit(change)
        counted.wait(10)
        working = pool.submit(work_all, app)
        time.sleep(0.3)
        go.set()
        changing.result()
        working.result()
    work_all(app)
    assert seen[-1] == 1


def work_all(app: Flask) -> int:
    with app.app_context():
        done = 0
        while services.work_once(db.session()):
            done += 1
        return done


def test_two_workers_never_do_one_job_twice(app: Flask, session: Session, handle: Handle) -> None:
    handle(lambda inside, _payload: mark(inside))
    for _ in range(40):
        services.enqueue(session, "test", {})
    session.commit()
    start = Barrier(2)

    def work(_number: int) -> int:
        start.wait(10)
        return work_all(app)

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(work, range(2)))
    session.rollback()
    assert marks(session) == 40
    assert sum(done) == 40
    assert set(session.scalars(select(Job.attempts))) == {1}


class TestSchedules:
    """Recurring work."""

    @pytest.fixture
    def ran(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        ran: list[int] = []
        every_hour = registry.Recurring("hourly", timedelta(hours=1), lambda _session: ran.append(1))
        monkeypatch.setattr(services, "RECURRING", {"hourly": every_hour})
        return ran

    def test_it_runs_at_most_once_each_time(self, session: Session, ran: list[int]) -> None:
        for minutes in (0, 1, 59, 61, 62):
            with clock.at(clock.now() + timedelta(minutes=minutes)):
                services.run_due_schedules(session)
        assert len(ran) == 2

    def test_two_workers_run_it_once(self, app: Flask, session: Session, ran: list[int]) -> None:
        start = Barrier(2)

        def run(_number: int) -> int:
            start.wait(10)
            with app.app_context():
                return services.run_due_schedules(db.session())

        with ThreadPoolExecutor(2) as pool:
            assert sum(pool.map(run, range(2))) == 1
        assert ran == [1]

    def test_one_that_fails_waits_for_its_next_time(
        self, session: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(inside: Session) -> None:
            mark(inside)
            raise OSError

        monkeypatch.setattr(services, "RECURRING", {"f": registry.Recurring("f", timedelta(hours=1), fail)})
        assert services.run_due_schedules(session) == 1
        assert services.run_due_schedules(session) == 0
        assert marks(session) == 0
        assert session.scalars(select(JobSchedule.name)).all() == ["f"]


def test_the_worker_says_that_it_is_alive(session: Session) -> None:
    assert not queries.board(session).worker_alive
    worker_id, moment = new_id(), clock.now()
    for seconds in (0, 5, 20):
        with clock.at(moment + timedelta(seconds=seconds)):
            services.say_alive(session, worker_id)
            assert queries.board(session).worker_alive
    assert session.scalars(select(Worker.seen_at)).all() == [moment + timedelta(seconds=20)]
    with clock.at(moment + timedelta(minutes=3)):
        assert not queries.board(session).worker_alive
    with clock.at(moment + timedelta(days=2)):
        services.say_alive(session, new_id())
    assert marks(session) == 1


def test_done_jobs_are_forgotten_and_dead_ones_stay(session: Session, handle: Handle) -> None:
    for state in (JobState.DONE, JobState.DEAD):
        session.add(Job(kind="test", payload={}, state=state, run_at=clock.now(), finished_at=clock.now()))
    session.commit()
    with clock.at(build.days_ahead(15)):
        services.forget_done(session)
    assert only(session).state is JobState.DEAD


def test_an_administrator_sees_what_was_given_up_and_tries_it_again(
    client: HtmlClient, session: Session, handle: Handle
) -> None:
    session.add(
        Job(
            kind="test",
            payload={"message_id": "secret-thing"},
            state=JobState.DEAD,
            run_at=clock.now(),
            attempts=8,
            last_error="ConnectionRefusedError",
            finished_at=clock.now(),
        )
    )
    session.commit()
    build.sign_in(session, client, build.account(session, Role.ADMINISTRATOR))
    page = client.get("/jobs").get_data(as_text=True)
    assert "Tried 8 times. Last problem: ConnectionRefusedError" in page
    assert "No worker is running" in page
    assert "secret-thing" not in page
    path = f"/jobs/{only(session).id}/retry"
    assert send(client, path, page="/jobs").location == "/jobs"
    assert only(session).state is JobState.QUEUED
    assert send(client, path, page="/jobs").status_code == 409
    assert services.work_once(session)


def test_the_command_does_what_is_due(
    run_command: Callable[..., str], session: Session, handle: Handle
) -> None:
    services.enqueue(session, "test", {})
    assert "1 jobs done" in run_command("jobs", "work", "--once")


@pytest.fixture
def worker(database_url: str, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a real worker process whose jobs leave a file behind, slowly."""
    program = tmp_path / "worker.py"
    program.write_text(
        f"""
import sys, time, pathlib
sys.path.insert(0, {str(Path(__file__).parents[3])!r})
from tests.conftest import make_settings
from wsgi import create_app
from core.jobs.registry import HANDLERS, RECURRING
folder = pathlib.Path({str(tmp_path)!r})
def slowly(session, payload):
    (folder / "started").touch()
    time.sleep(0.5 if (folder / "quick").exists() else 60)
    (folder / "finished").touch()
HANDLERS["slow"] = slowly
app = create_app(make_settings({database_url!r}, folder))
RECURRING.clear()
app.test_cli_runner().invoke(args=["jobs", "work", "--every", "0.1"])
""",
        encoding="utf-8",
    )
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, str(program)], env={**os.environ, "GT_DEMO": "1"})
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait(20)


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 40
    while not path.exists():
        assert time.monotonic() < deadline, f"{path.name} never came"
        time.sleep(0.05)


def test_a_worker_that_is_killed_loses_nothing_and_one_that_is_told_to_stop_finishes_first(
    session: Session,
    worker: Callable[[], subprocess.Popen[bytes]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(registry.HANDLERS, "slow", lambda _session, _payload: None)
    services.enqueue(session, "slow", {})
    session.commit()
    first = worker()
    wait_for(tmp_path / "started")
    first.send_signal(signal.SIGKILL)
    first.wait(20)
    assert only(session).state is JobState.RUNNING
    only(session).held_until = clock.now()
    session.commit()

    (tmp_path / "started").unlink()
    (tmp_path / "quick").touch()
    second = worker()
    wait_for(tmp_path / "started")
    second.send_signal(signal.SIGTERM)
    assert second.wait(40) == 0
    assert (tmp_path / "finished").exists()
    assert (only(session).state, only(session).attempts) == (JobState.DONE, 2)
