"""`python3 dev.py bench caseload [--size N]`: a link worker's day in a borough with a long history.

Two hundred people on one caseload, 100,000 episodes in the database: Today and the person's page, beside the smallest
page of the same product that somebody who is signed in can ask for. Asked in one process and in turn, as in a
day's work, by its processor time; with how many statements each page sends to the database.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from core.accounts.models import Account
from core.db import db
from devtools import serve
from devtools.steps import ROOT
from prescribing.episodes import boards
from prescribing.episodes.kept import Memory
from tests import build
from tests.bench.caseload_borough import CASELOAD, fill
from tests.bench.tables import by_processor, show, timed_in_turn

SIZE = 100_000
PAGES = 60
SMALLEST = "/contact"
FIRST_LOOK = "Today, nothing of it kept"


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
            worker_id, people = fill(db.session(), given.size)
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


# --- measuring ----------------------------------------------------------------------------------------------


def _measure(app: Flask, client: FlaskClient, people: list[UUID], pages: int) -> None:
    smallest = f"the smallest page ({SMALLEST})"
    asks: dict[str, Callable[[int], int]] = {
        smallest: lambda _number: _ask(client, SMALLEST),
        FIRST_LOOK: lambda _number: _ask_anew(client, "/today"),
        f"Today, {CASELOAD} people": lambda _number: _ask(client, "/today"),
        "the person's page": lambda number: _ask(client, f"/people/{people[number % len(people)]}"),
    }
    taken = timed_in_turn(asks, pages, max(5, pages // 6))
    rows = []
    for label, (half, most) in taken.items():
        statements, size = _statements(app, partial(asks[label], 0))
        times = f"{half / taken[smallest][0]:.1f}"
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


def _ask_anew(client: FlaskClient, path: str) -> int:
    """As a process does for the first time on a day: of nobody is anything kept."""
    boards.SETTLED = Memory()
    return _ask(client, path)


def _statements(app: Flask, ask: Callable[[], int]) -> tuple[int, int]:
    """How many statements a page sends to the database, and its size in bytes."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    size = ask()
    event.remove(engine, "before_cursor_execute", note)
    return len(sent), size


if __name__ == "__main__":
    main()
