"""References that are drawn twice: the second is drawn again, and nobody sees a fault."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.references import rules
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
