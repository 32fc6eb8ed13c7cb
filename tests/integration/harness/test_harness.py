"""The ground that the other tests stand on: each test finds its database as the migrations left it."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.jobs.models import JobSchedule


@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_one_test_commits_is_gone_for_the_next(session: Session, turn: str) -> None:
    assert (
        session.scalar(select(func.count()).where(JobSchedule.name == "left-over").select_from(JobSchedule))
        == 0
    )
    session.add(JobSchedule(name="left-over", next_run_at=clock.now()))
    session.commit()


def test_the_database_that_was_asked_for_is_the_one_in_use(session: Session, database_kind: str) -> None:
    assert session.get_bind().dialect.name == database_kind


def test_commands_run_against_the_tests_own_database(app: Flask, run_command: Callable[..., str]) -> None:
    assert "shape" in run_command("migrate", "upgrade")
