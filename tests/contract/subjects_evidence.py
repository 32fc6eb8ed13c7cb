"""Measures and published figures, for the access matrix."""

from __future__ import annotations

from core.access.rules import Role
from prescribing.episodes import plan
from prescribing.evidence import queries, services
from prescribing.evidence.rules import read_period
from tests import build
from tests.contract.subjects import Cell, Subject, subject
from tests.contract.subjects_episodes import active, created

PERIOD = "2026-Q1"


@subject("measures.show")
def _measures(cell: Cell) -> Subject:
    return Subject({"episode_id": _planned(cell)})


@subject("measures.ask", "measures.record", "measures.not_today")
def _asking(cell: Cell) -> Subject:
    form = created(
        point="baseline",
        mode="phone",
        completed_by="person",
        reason="no-time",
        **{f"answer-{key}": "skip" for key in ("satisfaction", "worthwhile", "happiness")},
        **{"answer-anxiety": "3"},
    )
    return Subject({"episode_id": _planned(cell), "instrument": "ons4"}, form=form)


def _planned(cell: Cell) -> object:
    episode = active(cell)
    worker = build.actor(cell.session, Role.LINK_WORKER, place_id=episode.team_id)
    plan.add_goal(cell.session, worker, episode.id, plan.GoalText("some company"))
    return episode.id


@subject("evidence.show", "evidence.download")
def _published(cell: Cell) -> Subject:
    period = read_period(PERIOD)
    if queries.row_of(cell.session, period) is None:
        services.publish(cell.session, period)
    return Subject(query={"period": PERIOD})
