"""Requests, episodes, plans and people, for the access matrix."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import PUBLIC, SYSTEM, Actor, Place, Role
from prescribing.episodes import closing, contact_log, intake, plan, services, triage
from prescribing.episodes.contact_log import ContactNote
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.content import RequestContent
from prescribing.episodes.models import ActionOwner, Episode, RequestSource
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people.models import Consent, Person
from prescribing.people.safe_contact import Channel
from tests import build
from tests.contract.subjects import Cell, Relation, Subject, subject

CONTENT = RequestContent(name="Sam Example", phone="0161 496 0001")
REFERRED = replace(CONTENT, no_known_risks=True, consent_how="by phone", share_feedback=True)
TALKED = contact_log.ContactNote(Channel.PHONE, Outcome.TALKED, starts_support=True)


def team_of(cell: Cell) -> UUID:
    found = cell.reach.team_id if cell.reach else None
    return found or build.place(cell.session, Place.TEAM)


def coordinator(session: Session, team_id: UUID) -> Actor:
    return build.actor(session, Role.COORDINATOR, place_id=team_id)


def submitted(cell: Cell) -> Episode:
    return intake.submit_request(cell.session, PUBLIC, CONTENT, RequestSource.SELF, team_id=team_of(cell))[1]


def active(cell: Cell, content: RequestContent | None = None) -> Episode:
    """An episode that is being supported; sent in by a partner where its content is given."""
    team_id = team_of(cell)
    partner_id = build.place(cell.session, Place.PARTNER) if content else None
    source = RequestSource.PARTNER if content else RequestSource.SELF
    _request, episode = intake.submit_request(
        cell.session, SYSTEM, content or CONTENT, source, partner_id=partner_id, team_id=team_id
    )
    who = coordinator(cell.session, team_id)
    worker = build.actor(cell.session, Role.LINK_WORKER, place_id=team_id)
    assert worker.account_id is not None
    triage.allocate(cell.session, who, episode.id, worker.account_id)
    contact_log.record_contact(cell.session, worker, episode.id, TALKED)
    return episode


def referred(cell: Cell, *, draft: bool = False) -> Episode:
    """A request of the partner through which it is to be reached."""
    partner_id = cell.reach.partner_id if cell.reach else None
    return intake.submit_request(
        cell.session,
        SYSTEM,
        REFERRED,
        RequestSource.PARTNER,
        partner_id=partner_id or build.place(cell.session, Place.PARTNER),
        team_id=build.place(cell.session, Place.TEAM),
        draft=draft,
    )[1]


def by_episode(episode: Episode, **form: object) -> Subject:
    return Subject({"episode_id": episode.id}, form={"version": str(episode.version), **form})


def created(**form: object) -> dict[str, object]:
    return {"idempotency_key": str(uuid4()), **form}


@subject("asking.send_request")
def _refer(cell: Cell) -> Subject:
    build.place(cell.session, Place.TEAM)
    partner_id = cell.reach.partner_id if cell.reach else None
    return Subject(
        form=created(
            partner_id=str(partner_id),
            name="Sam Example",
            phone="0161 496 0001",
            risk="none",
            consent="by phone",
        )
    )


@subject("asking.request_page")
def _request(cell: Cell) -> Subject:
    return Subject({"request_id": referred(cell).support_request_id})


@subject("asking.draft", "asking.change_draft")
def _draft(cell: Cell) -> Subject:
    episode = referred(cell, draft=True)
    form = {"name": "Sam Example", "phone": "0161 496 0001", "risk": "none", "consent": "by phone"}
    partner_id = str(episode.support_request.partner_id)
    return Subject(
        {"request_id": episode.support_request_id},
        form=created(version=str(episode.version), partner_id=partner_id, **form),
    )


@subject("asking.add_more")
def _asked_for_more(cell: Cell) -> Subject:
    episode = referred(cell)
    triage.ask_for_info(cell.session, coordinator(cell.session, episode.team_id), episode.id, "Which street?")
    return Subject({"request_id": episode.support_request_id}, form={"words": "Bolton Street"})


@subject("triage.one", "triage.ask_for_info", "triage.redirect_request",
         "triage.set_priority", "episodes.mistake", "episodes.mark_mistake")  # fmt: skip
def _waiting(cell: Cell) -> Subject:
    form = {"note": "Which street?", "words": "Sent elsewhere", "priority": "soon", "reason": "Sent twice"}
    return by_episode(submitted(cell), **form)


@subject("triage.allocate")
def _to_allocate(cell: Cell) -> Subject:
    episode = submitted(cell)
    worker = build.actor(cell.session, Role.LINK_WORKER, place_id=episode.team_id)
    return by_episode(episode, link_worker_id=str(worker.account_id))


@subject("episodes.person")
def _person(cell: Cell) -> Subject:
    return Subject({"person_id": active(cell).person_id})


@subject("people.edit", "people.change")
def _part(cell: Cell) -> Subject:
    episode = active(cell)
    version = cell.session.get_one(Person, episode.person_id).version
    return Subject({"person_id": episode.person_id, "part": "matters"}, form={"version": str(version)})


@subject("people.ask_withdraw", "people.withdraw")
def _consent(cell: Cell) -> Subject:
    episode = active(cell)
    found = cell.session.scalars(select(Consent.id).where(Consent.person_id == episode.person_id)).first()
    return Subject({"consent_id": found})


@subject("people.ask_again", "people.agree_again")
def _taken_back(cell: Cell) -> Subject:
    person_id = active(cell).person_id
    consent = cell.session.scalars(select(Consent).where(Consent.person_id == person_id)).one()
    consent.withdrawn_at = clock.now()
    cell.session.flush()
    return Subject({"consent_id": consent.id}, form={"how": "by phone"})


@subject("episodes.show", "episodes.new_contact", "episodes.record_contact", "episodes.pause", "episodes.do_pause",
         "episodes.close", "episodes.do_close", "plan.new_need", "plan.add_need", "plan.new_goal", "plan.add_goal",
         "plan.new_action", "plan.add_action")  # fmt: skip
def _supported(cell: Cell) -> Subject:
    return by_episode(
        active(cell),
        **created(channel="phone", outcome="no-answer", note="In hospital", ending="completed|goals-met"),
        **{"look_again_on-day": "1", "look_again_on-month": "3", "look_again_on-year": "2099"},
        slug="food",
        words="Sing again",
        owner="person",
    )


@subject("episodes.resume")
def _paused(cell: Cell) -> Subject:
    episode = active(cell)
    who = coordinator(cell.session, episode.team_id)
    services.move(cell.session, who, episode.id, EpisodeState.PAUSED, note="In hospital")
    return by_episode(episode)


@subject("episodes.undo_close", "episodes.again", "episodes.start_again")
def _closed(cell: Cell) -> Subject:
    episode = active(cell)
    mine = (
        cell.relation is Relation.OWN
        and cell.account is not None
        and cell.role in {Role.LINK_WORKER, Role.COORDINATOR}
    )
    who = (
        build.actor_of(cell.account) if mine and cell.account else coordinator(cell.session, episode.team_id)
    )
    closing.close(cell.session, who, episode.id, EpisodeState.COMPLETED, reason=CloseReason.GOALS_MET)
    return by_episode(episode, **created(reason="relapse", words="I feel low again"))


@subject("episodes.feedback", "episodes.send_feedback")
def _to_tell(cell: Cell) -> Subject:
    episode = active(cell, REFERRED)
    who = coordinator(cell.session, episode.team_id)
    closing.close(cell.session, who, episode.id, EpisodeState.COMPLETED, reason=CloseReason.GOALS_MET)
    return by_episode(episode, words="She is well")


@subject("plan.need_met", "plan.need_dropped")
def _need(cell: Cell) -> Subject:
    episode = active(cell)
    need = plan.add_need(cell.session, coordinator(cell.session, episode.team_id), episode.id, "food")
    return Subject({"need_id": need.id})


@subject("plan.goal", "plan.change_goal")
def _goal(cell: Cell) -> Subject:
    episode = active(cell)
    text = plan.GoalText("Sing again")
    goal = plan.add_goal(cell.session, coordinator(cell.session, episode.team_id), episode.id, text)
    return Subject({"goal_id": goal.id}, form=created(version=str(goal.version), words="Sing every week"))


@subject("contacts.undo", "contacts.ask", "contacts.mark")
def _written(cell: Cell) -> Subject:
    episode = active(cell)
    mine = cell.relation is Relation.OWN and cell.account is not None
    who = (
        build.actor_of(cell.account) if mine and cell.account else coordinator(cell.session, episode.team_id)
    )
    missed = ContactNote(Channel.PHONE, Outcome.NO_ANSWER)
    row = contact_log.record_contact(cell.session, who, episode.id, missed)
    return Subject({"contact_id": row.id}, form={"reason": "It was somebody else"})


@subject("plan.action_done", "plan.action_not_done")
def _action(cell: Cell) -> Subject:
    episode = active(cell)
    text = plan.ActionText("Ring the choir", ActionOwner.LINK_WORKER)
    action = plan.add_action(cell.session, coordinator(cell.session, episode.team_id), episode.id, text)
    return Subject({"action_id": action.id})
