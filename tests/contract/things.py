"""One app for many questions: each thing is made once, and what a question changes is put back after it."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

import hypothesis
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core.access.rules import PLACE_OF, Role
from core.accounts.models import Account
from core.accounts.queries import live_memberships
from core.db import db
from tests import build
from tests.conftest import hurry, make_settings
from tests.contract.subjects import SUBJECTS, Cell, Maker, Relation, Subject

NOTHING = Subject()


def in_a_hurry() -> bool:
    """Whether counterexamples are looked for in a hurry, as `dev.py check` does: some of what `dev.py test` asks."""
    return hypothesis.settings().max_examples < 100


class Things:
    """An app with the demo's routes, somebody of each role who is signed in, and the things that they ask for.

    The things of one maker serve all its routes: whoever asks a question that may change something calls `put_back`
    afterwards.
    """

    def __init__(self, template: Path, folder: Path, run_folder: Path) -> None:
        """`template` is an SQLite file as the migrations leave it; everything is kept in `folder`, but for what all
        workers share in `run_folder`."""
        from wsgi import create_app

        self._database = folder / "goldenthread.db"
        self._log = folder / "goldenthread.db-wal"
        shutil.copyfile(template, self._database)
        self.app: Flask = create_app(make_settings(f"sqlite:///{self._database}", folder, demo=True))
        hurry(self.app, run_folder)
        # Who may come in and what breaks is asked here; that forms carry their token is another test's question.
        self.app.config["WTF_CSRF_ENABLED"] = False
        self._made: dict[tuple[Maker, Role | None, Relation], Subject] = {}
        self._accounts: dict[Role, UUID] = {}
        self._cookies: dict[Role, str] = {}
        with self.app.app_context():
            session = db.session()
            for role in Role:
                account = build.account(session, role)
                self._accounts[role] = account.id
                client = self.app.test_client()
                build.sign_in(session, client, account)
                cookie = client.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
                assert cookie is not None
                self._cookies[role] = cookie.value
        self._keep()

    def close(self) -> None:
        """Let go of the database."""
        with self.app.app_context():
            db.engine.dispose()

    def client(self, role: Role | None) -> FlaskClient:
        """The browser of somebody with this role; of nobody in particular for None."""
        client = self.app.test_client()
        if role is not None:
            client.set_cookie(self.app.config["SESSION_COOKIE_NAME"], self._cookies[role])
        return client

    def address(self, endpoint: str, subject: Subject) -> str:
        """Where the thing is asked for."""
        with self.app.test_request_context():
            return url_for(endpoint, **subject.values)

    def get(self, endpoint: str, role: Role | None, relation: Relation) -> Subject:
        """The thing behind a route, standing to the asker as the relation says.

        A role that is held in no place stands to all things alike: for it, as for whoever is not signed in, every
        relation gives the one thing that is nobody's.
        """
        maker = SUBJECTS.get(endpoint)
        if maker is None:
            return NOTHING
        if role is None or PLACE_OF[role] is None or relation is Relation.UNRELATED:
            role, relation = None, Relation.UNRELATED
        key = (maker, role, relation)
        if key not in self._made:
            with self.app.app_context():
                session = db.session()
                self._made[key] = maker(self._cell(session, role, relation))
                session.commit()
            self._keep()
        return self._made[key]

    def put_back(self) -> None:
        """Undo what was done since the last thing was made."""
        # What was written since stands in the log; where nothing was, the log is empty or missing.
        if not self._log.exists() or not self._log.stat().st_size:
            return
        self.close()
        with self._database.open("r+b") as file:
            file.write(self._kept)
            file.truncate()

    def _keep(self) -> None:
        with self.app.app_context(), db.engine.connect() as connection:
            cursor = connection.connection.cursor()
            # All that stands in the log goes into the file.
            busy, *_pages = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            assert not busy
        self._kept = self._database.read_bytes()

    def _cell(self, session: Session, role: Role | None, relation: Relation) -> Cell:
        if role is None:
            return Cell(session, role, relation, None, None)
        account = session.get_one(Account, self._accounts[role])
        own = relation is Relation.OWN
        reach = live_memberships(account)[0] if own else build.membership(session, role)
        return Cell(session, role, relation, reach, account)
