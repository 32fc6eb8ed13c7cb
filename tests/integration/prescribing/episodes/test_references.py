"""References that are drawn twice: the second is drawn again, and nobody sees a fault."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError, local

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db import db
from core.references import rules
from core.references.drawing import free_reference
from prescribing.episodes.models import SupportRequest
from prescribing.people.models import Person
from tests.integration.prescribing.episodes import walk


def test_the_same_lot_for_two_people_is_drawn_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = rules.new_reference(), rules.new_reference()
    # For a person and a request each: both get the first, then both meet it again.
    lots = iter([first, first, first, second, first, second])
    monkeypatch.setattr("core.references.drawing.new_reference", lambda: next(lots))
    team = walk.team(session)
    walk.asked(session, team, name="Margaret Example")
    walk.asked(session, team, name="Somebody Else", mobile="07700 900456", phone="")
    session.commit()
    for table in (Person, SupportRequest):
        assert set(session.scalars(select(table.reference))) == {first, second}


def test_the_same_lot_for_two_at_once_is_drawn_again(
    app: Flask, session: Session, before_others: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    team_id = walk.team(session).id
    before_others()
    alike, drawn, meet = rules.new_reference(), local(), Barrier(2)

    def draw() -> str:
        """The same for both, and drawn by both before either looks; then whatever comes."""
        if getattr(drawn, "once", False):
            return rules.new_reference()
        drawn.once = True
        with suppress(BrokenBarrierError):
            # Where a database lets one write at a time, the other is not here yet.
            meet.wait(timeout=2)
        return alike

    monkeypatch.setattr("core.references.drawing.new_reference", draw)

    def write(name: str) -> str:
        with app.app_context():
            try:
                reference = free_reference(db.session(), Person.reference)
                db.session.add(Person(team_id=team_id, reference=reference, name=name))
                db.session.commit()
            finally:
                db.session.remove()
        return reference

    with ThreadPoolExecutor(2) as pool:
        references = list(pool.map(write, ("Margaret Example", "Somebody Else")))
    assert alike in references
    assert len(set(references)) == 2
    assert set(session.scalars(select(Person.reference))) == set(references)
