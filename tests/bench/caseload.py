"""`python3 dev.py bench caseload [--size N]`: a link worker's day in a borough with a long history.

Two hundred people on one caseload, 100,000 episodes in the database: Today and the person's page, beside the smallest
page of the same product that somebody who is signed in can ask for. Asked in one process, by its processor time, which
other work on the machine hardly changes; with how many statements each page sends to the database.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.accounts.models import Account
from core.db import Base, db, new_id
from core.references.rules import new_reference
from devtools import serve
from devtools.steps import ROOT
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import (
    Action,
    ActionOwner,
    ContactAttempt,
    Episode,
    EpisodeEvent,
    Goal,
    Need,
    RequestSource,
    SupportRequest,
)
from prescribing.episodes.needs import NeedState
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people.models import Person, Team
from prescribing.people.safe_contact import Channel
from tests import build
from tests.bench.tables import by_processor, show, timed

SIZE = 100_000
CASELOAD = 200
TEAMS = 40
WORKERS = 10
PAGES = 60
SMALLEST = "/contact"
_BATCH = 2_000
_NUMBERS = count()
_NOTE = "We talked about the choir and how to get there. "


def main() -> None:
    """Measure at the size that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE, help="episodes (100,000)")
    parser.add_argument("--pages", type=int, default=PAGES, help="pages of each kind (60)")
    given = parser.parse_args()
    by_processor()
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory(prefix="gt-bench-") as name:
        app = _app(Path(name))
        with app.app_context():
            worker_id, people = _fill(db.session(), given.size)
            client = app.test_client()
            build.sign_in(db.session(), client, db.session().get_one(Account, worker_id))
            db.session.remove()
        _measure(app, client, people, given.pages)
        with app.app_context():
            db.engine.dispose()


def _app(folder: Path) -> Flask:
    instance = folder / "instance"
    instance.mkdir()
    serve.write_secrets(instance)
    env = serve.environment(os.environ, 8000) | {"GT_INSTANCE": str(instance)}
    os.environ.update({name: env[name] for name in ("GT_INSTANCE", "GT_DEMO", "GT_HTTPS", "GT_BASE_URL")})
    command = [str(part) for part in serve.flask("migrate", "upgrade")]
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
    from wsgi import create_app

    return create_app()


# --- the borough --------------------------------------------------------------------------------------------


def _fill(session: Session, size: int) -> tuple[UUID, list[UUID]]:
    """Teams, workers and episodes; gives the account of the worker with the caseload, and who is on it."""
    teams = [Team(name=f"Team {number}", ward_codes=[]) for number in range(TEAMS)]
    session.add_all(teams)
    session.commit()
    workers = [
        build.account(session, Role.LINK_WORKER, place_id=teams[0].id, name=f"Worker {number}")
        for number in range(WORKERS)
    ]
    me = workers[0].id
    people: list[UUID] = []
    supported: list[Base] = []
    for number in range(CASELOAD):
        rows, person_id = _supported(teams[0].id, me, number)
        supported += rows
        people.append(person_id)
    for model in (Person, SupportRequest, Episode, Need, Goal, Action, EpisodeEvent, ContactAttempt):
        session.add_all(row for row in supported if isinstance(row, model))
        session.flush()
    session.commit()
    by_team = {team.id: [one.id for one in workers] if team is teams[0] else [None] for team in teams}
    lots = random.Random(7)
    left = max(0, size - CASELOAD)
    for start in range(0, left, _BATCH):
        batch: dict[type[Base], list[dict[str, object]]] = {}
        for _number in range(min(_BATCH, left - start)):
            team_id = lots.choice(list(by_team))
            for table, values in _earlier(team_id, lots.choice(by_team[team_id]), lots):
                batch.setdefault(table, []).append(values)
        for table, found in batch.items():
            session.execute(insert(table), found)
        session.commit()
    return me, people


def _supported(team_id: UUID, worker_id: UUID, number: int) -> tuple[list[Base], UUID]:
    """Somebody with a plan, something due, and a dozen contacts."""
    began = clock.now() - timedelta(days=10 + number % 80)
    reference = new_reference()
    person = Person(
        team_id=team_id,
        reference=reference,
        name=f"Sam Example {number}",
        mobile="07700 900123",
        what_matters="Company, and the garden",
        no_known_risks=True,
    )
    request = SupportRequest(
        reference=reference, source=RequestSource.SELF, team_id=team_id, need_slugs=["loneliness"]
    )
    episode = Episode(
        reference=reference,
        support_request_id=request.id,
        person_id=person.id,
        team_id=team_id,
        link_worker_id=worker_id,
        state=EpisodeState.ACTIVE,
        submitted_at=began,
    )
    need = Need(
        episode_id=episode.id, person_id=person.id, slug="loneliness", state=NeedState.BEING_ADDRESSED
    )
    goal = Goal(episode_id=episode.id, need_id=need.id, words="Sing again", confidence=4)
    action = Action(
        episode_id=episode.id,
        goal_id=goal.id,
        owner=ActionOwner.LINK_WORKER,
        words="Ring the choir",
        due_on=clock.today() + timedelta(days=number % 30 - 10),
    )
    states = (EpisodeState.SUBMITTED, EpisodeState.ALLOCATED, EpisodeState.CONTACTING, EpisodeState.ACTIVE)
    moves = [
        EpisodeEvent(
            episode_id=episode.id,
            at=began + timedelta(days=at),
            author=str(worker_id),
            author_name="Asha Example",
            target=state,
        )
        for at, state in enumerate(states)
    ]
    contacts = [
        ContactAttempt(
            episode_id=episode.id,
            at=began + timedelta(days=3, hours=12 * at),
            channel=Channel.PHONE,
            outcome=Outcome.TALKED,
            author_id=worker_id,
            author_name="Asha Example",
            note=_NOTE * 3,
            recorded_at=began + timedelta(days=3, hours=12 * at),
        )
        for at in range(12)
    ]
    return [person, request, episode, need, goal, action, *moves, *contacts], person.id


def _earlier(
    team_id: UUID, worker_id: UUID | None, lots: random.Random
) -> Iterator[tuple[type[Base], dict[str, object]]]:
    """Somebody whose support has ended, as rows to be written in bulk. Nothing of theirs is decrypted here."""
    closed = clock.now() - timedelta(days=lots.randrange(5, 1_500))
    began = closed - timedelta(days=lots.randrange(20, 200))
    person_id, request_id, episode_id = new_id(), new_id(), new_id()
    # Drawn by lot, two of so many would be alike.
    reference = f"BENCH{next(_NUMBERS):07}"
    yield (
        Person,
        {
            "id": person_id,
            "team_id": team_id,
            "reference": reference,
            "version": 1,
            "name_sealed": b"x" * 60,
            "no_known_risks": True,
            "flagged_for_safety": False,
        },
    )
    yield (
        SupportRequest,
        {
            "id": request_id,
            "reference": reference,
            "source": RequestSource.SELF,
            "team_id": team_id,
            "need_slugs": ["food"],
            "content_sealed": b"x" * 400,
        },
    )
    yield (
        Episode,
        {
            "id": episode_id,
            "reference": reference,
            "version": 1,
            "support_request_id": request_id,
            "person_id": person_id,
            "team_id": team_id,
            "link_worker_id": worker_id,
            "state": EpisodeState.WITHDRAWN,
            "close_reason": CloseReason.WITHDRAWN,
            "submitted_at": began,
            "closed_at": closed,
        },
    )
    for at, state in ((began, EpisodeState.SUBMITTED), (closed, EpisodeState.WITHDRAWN)):
        yield (
            EpisodeEvent,
            {
                "id": new_id(),
                "episode_id": episode_id,
                "at": at,
                "author": "system",
                "author_name": "The system",
                "target": state,
            },
        )


# --- measuring ----------------------------------------------------------------------------------------------


def _measure(app: Flask, client: FlaskClient, people: list[UUID], pages: int) -> None:
    warm_up = max(5, pages // 6)
    wanted = {
        f"the smallest page ({SMALLEST})": [SMALLEST],
        f"Today, {CASELOAD} people": ["/today"],
        "the person's page": [f"/people/{person_id}" for person_id in people],
    }
    rows, halves = [], []
    for label, paths in wanted.items():
        asked = [paths[number % len(paths)] for number in range(pages + warm_up)]
        half, most = timed(lambda path: _ask(client, path), asked, warm_up)
        halves.append(half)
        statements, size = _statements(app, client, paths[0])
        times = f"{half / halves[0]:.1f}"
        rows.append([label, f"{half:.1f}", f"{most:.1f}", times, str(statements), f"{size / 1024:.0f}"])
    show(
        "Processor time of a page",
        ["", "p50 (ms)", "p95 (ms)", "times the smallest", "statements", "KB"],
        rows,
    )


def _ask(client: FlaskClient, path: str) -> int:
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} was answered by {answer.status_code}")
    return len(answer.get_data())


def _statements(app: Flask, client: FlaskClient, path: str) -> tuple[int, int]:
    """How many statements a page sends to the database, and its size in bytes."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    size = _ask(client, path)
    event.remove(engine, "before_cursor_execute", note)
    return len(sent), size


if __name__ == "__main__":
    main()
