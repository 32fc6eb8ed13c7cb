"""Requests about people who are known already, for the access matrix."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from core.access.rules import SYSTEM, Actor, Place, Role
from prescribing.episodes import added, intake, known
from prescribing.episodes.models import Episode, RequestSource
from prescribing.fhir import clients
from prescribing.fhir.rules import May
from tests import build
from tests.contract.subjects import Cell, Subject, subject
from tests.contract.subjects_episodes import REFERRED, by_episode, created, team_of

BORN = date(1948, 3, 27)


def _sent(cell: Cell, number: str) -> tuple[Episode, Episode]:
    """Two requests of one team, by two partners, about what may be one person."""
    team_id = team_of(cell)
    content = replace(REFERRED, born=BORN, nhs_number=number)
    first, second = (
        intake.submit_request(
            cell.session,
            SYSTEM,
            content,
            RequestSource.PARTNER,
            partner_id=build.place(cell.session, Place.PARTNER),
            team_id=team_id,
        )[1]
        for _ in range(2)
    )
    return first, second


@subject("known.join")
def _alike(cell: Cell) -> Subject:
    first, second = _sent(cell, "")
    subject_of = by_episode(second)
    return Subject({**subject_of.values, "person_id": first.person_id}, form=subject_of.form)


@subject("known.add")
def _open_one(cell: Cell) -> Subject:
    first, second = _sent(cell, "")
    subject_of = by_episode(second)
    return Subject({**subject_of.values, "support_id": first.id}, form=subject_of.form)


@subject("known.take_out")
def _added(cell: Cell) -> Subject:
    first, second = _sent(cell, "")
    coordinator = build.actor(cell.session, Role.COORDINATOR, place_id=first.team_id)
    added.add(cell.session, coordinator, second.id, first.id)
    return by_episode(second)


@subject("known.take_apart")
def _joined(cell: Cell) -> Subject:
    first, second = _sent(cell, "943 476 5919")
    coordinator = build.actor(cell.session, Role.COORDINATOR, place_id=first.team_id)
    known.join(cell.session, coordinator, second.id, first.person_id)
    return by_episode(second)


@subject("fhir.search", "fhir.create")
def _kind(cell: Cell) -> Subject:
    return Subject({"kind": "ServiceRequest"})


@subject("fhir.read", "fhir.update")
def _resource(cell: Cell) -> Subject:
    return Subject({"kind": "Task", "name": str(_sent(cell, "")[0].id)})


def _place_of(cell: Cell) -> tuple[Place, UUID, Actor, May]:
    """Whose program it is, who may let it in, and something that it may do."""
    reach = cell.reach
    if reach is not None and reach.team_id is not None:
        team = build.actor(cell.session, Role.COORDINATOR, place_id=reach.team_id)
        return Place.TEAM, reach.team_id, team, May.GOALS
    if reach is not None and reach.organization_id is not None:
        group = build.actor(cell.session, Role.GROUP_MEMBER, place_id=reach.organization_id)
        return Place.ORGANIZATION, reach.organization_id, group, May.REPLY
    admin = build.actor(cell.session, Role.ADMINISTRATOR)
    return Place.PARTNER, build.place(cell.session, Place.PARTNER), admin, May.SEND


@subject("fhir_clients.issue")
def _program(cell: Cell) -> Subject:
    place, place_id, _who, may = _place_of(cell)
    return Subject(form=created(name="Surgery system", place=f"{place.value}:{place_id}", may=may.value))


@subject("fhir_clients.rotate", "fhir_clients.revoke")
def _let_in(cell: Cell) -> Subject:
    place, place_id, who, may = _place_of(cell)
    return Subject({"client_id": clients.issue(cell.session, who, "System", place, place_id, [may])[0]})


@subject("partner_bodies.add")
def _new_body(cell: Cell) -> Subject:
    return Subject(form=created(name="Elm Street Surgery", kind="gp-practice"))


@subject("partner_bodies.show", "partner_bodies.change")
def _body(cell: Cell) -> Subject:
    partner_id = build.place(cell.session, Place.PARTNER)
    return Subject(
        {"partner_id": partner_id}, form={"name": "Elm Street Surgery", "kind": "gp-practice", "version": "1"}
    )
