"""Measures and published figures, for the access matrix."""

from __future__ import annotations

from uuid import UUID

from core import clock
from core.access.rules import Role
from core.accounts.sessions import digest_of
from prescribing.episodes import plan
from prescribing.episodes.models import Episode
from prescribing.evidence import queries, services
from prescribing.evidence.rules import read_period
from prescribing.failures import services as failures
from prescribing.failures.rules import about_request
from prescribing.measures import licences
from prescribing.measures.models import MeasureLink
from prescribing.measures.rules import CompletedBy, Mode, Point
from prescribing.measures.services import record_measurement
from tests import build
from tests.contract.subjects import Cell, Relation, Subject, subject
from tests.contract.subjects_episodes import active, created

PERIOD = "2026-Q1"


@subject("measures.show")
def _measures(cell: Cell) -> Subject:
    return Subject({"episode_id": _planned(cell)})


@subject("measures.send")
def _sending(cell: Cell) -> Subject:
    episode = _planned_episode(cell)
    episode.person.email = "sam@example.com"
    return Subject({"episode_id": episode.id, "instrument": "ons4"}, form=created(point="baseline"))


@subject("own_measures.show", "own_measures.answer", "own_measures.not_today")
def _by_link(cell: Cell) -> Subject:
    token = f"token{build.number()}"
    cell.session.add(
        MeasureLink(
            episode_id=_planned(cell),
            instrument="ons4",
            point=Point.BASELINE,
            token_digest=digest_of(token),
            created_at=clock.now(),
            expires_at=build.days_ahead(1),
        )
    )
    return Subject({"token": token}, form=created(reason="no-time", **{"answer-anxiety": "3"}))


@subject("own_measures.mine")
def _own(cell: Cell) -> Subject:
    episode = _planned_episode(cell)
    if cell.reach is not None and cell.reach.person_id is not None:
        episode.person_id = cell.reach.person_id
        cell.session.flush()
        cell.session.refresh(episode)
    return Subject({"person_id": episode.person_id})


@subject("licences.attest")
def _licence(cell: Cell) -> Subject:
    return Subject(form={"instrument": "pam", "holder": "A trust", "number": "1", "agreed": "y"})


@subject("licences.end")
def _held(cell: Cell) -> Subject:
    operator = build.actor(cell.session, Role.ADMINISTRATOR)
    held = licences.attest(cell.session, operator, "pam", holder="A trust", number="1", wording=[])
    return Subject({"licence_id": held.id})


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


@subject("wrong_answers.ask", "wrong_answers.mark")
def _wrong(cell: Cell) -> Subject:
    episode = _planned_episode(cell)
    mine = cell.relation is Relation.OWN and cell.account is not None
    who = (
        build.actor_of(cell.account)
        if mine and cell.account
        else build.actor(cell.session, Role.LINK_WORKER, place_id=episode.team_id)
    )
    row = record_measurement(
        cell.session,
        who,
        episode.id,
        "ons4",
        point=Point.BASELINE,
        mode=Mode.PAPER,
        completed_by=CompletedBy.PERSON,
        answers={"anxiety": 3},
    )
    return Subject({"measurement_id": row.id}, form={"reason": "It was somebody else"})


def _planned_episode(cell: Cell) -> Episode:
    episode = active(cell)
    worker = build.actor(cell.session, Role.LINK_WORKER, place_id=episode.team_id)
    plan.add_goal(cell.session, worker, episode.id, plan.GoalText("some company"))
    return episode


def _planned(cell: Cell) -> UUID:
    return _planned_episode(cell).id


@subject("failures.show", "failures.decide")
def _failures(cell: Cell) -> Subject:
    episode = active(cell)
    form = {"about": about_request(episode.id), "confirmed": "yes"}
    return Subject({"episode_id": episode.id}, form=form)


@subject("failures.more", "failures.say_more", "failures.take_back")
def _mark(cell: Cell) -> Subject:
    episode = active(cell)
    worker = build.actor(cell.session, Role.LINK_WORKER, place_id=episode.team_id)
    made = failures.decide(cell.session, worker, episode.id, about_request(episode.id), confirmed=True)
    return Subject({"mark_id": made.id}, form={"kind": "chase", "cause": "late"})


@subject("evidence.show", "evidence.failures", "evidence.missing", "evidence.download")
def _published(cell: Cell) -> Subject:
    period = read_period(PERIOD)
    if queries.row_of(cell.session, period) is None:
        services.publish(cell.session, period)
    return Subject(query={"period": PERIOD})
