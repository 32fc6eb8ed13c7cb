"""What a page reads once is read anew after whatever may have changed it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.once import once
from prescribing.people.models import Team


def _name(session: Session, team: Team) -> str | None:
    found = select(Team.name).where(Team.id == team.id)
    return once(session, ("name", team.id), lambda: session.scalar(found))


def test_it_is_read_once(session: Session) -> None:
    asked: list[int] = []

    def read() -> None:
        asked.append(1)

    for _ in range(3):
        once(session, "nothing", read)
    once(session, "another", read)
    assert len(asked) == 2


def _written(session: Session, team: Team) -> None:
    team.name = "South"
    session.flush()


def _not_written_yet(_session: Session, team: Team) -> None:
    team.name = "South"


def _all_at_once(session: Session, _team: Team) -> None:
    session.execute(update(Team).values(name="South"))


def _committed(session: Session, team: Team) -> None:
    team.name = "South"
    session.commit()


@pytest.mark.parametrize("change", [_written, _not_written_yet, _all_at_once, _committed])
def test_it_is_read_anew_after_a_change(session: Session, change: Callable[[Session, Team], None]) -> None:
    team = Team(name="North", ward_codes=[])
    session.add(team)
    session.commit()
    assert _name(session, team) == "North"
    change(session, team)
    assert _name(session, team) == "South"
    assert _name(session, team) == "South"


def test_it_is_read_anew_after_rows_are_taken_away(session: Session) -> None:
    team = Team(name="North", ward_codes=[])
    session.add(team)
    session.commit()
    assert _name(session, team) == "North"
    session.execute(delete(Team).where(Team.id == team.id))
    assert _name(session, team) is None


def test_what_was_taken_back_is_read_anew(session: Session) -> None:
    team = Team(name="North", ward_codes=[])
    session.add(team)
    session.commit()
    team.name = "South"
    session.flush()
    assert _name(session, team) == "South"
    session.rollback()
    assert _name(session, team) == "North"
