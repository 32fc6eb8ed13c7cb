"""What must hold about an episode whatever is pressed, and in whatever order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.audit.models import AuditEntry
from core.errors import Refused
from prescribing.episodes import boards, closing, contact_log, intake, plan, services
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import Episode, RequestSource
from prescribing.episodes.moves import BasedOnReason
from prescribing.episodes.plan import GoalText
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.measures.instruments import ONS4
from prescribing.measures.rules import CompletedBy, Mode, Point
from prescribing.measures.services import record_measurement
from prescribing.people.models import Person
from prescribing.people.safe_contact import Channel
from tests import build
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in
from tests.integration.prescribing.episodes.test_thread import PARTNER_CONTENT, refer, referrer

E = EpisodeState


def test_what_was_paused_before_anybody_talked_goes_on_with_getting_in_touch(session: Session) -> None:
    team = walk.team(session)
    episode = walk.allocated(session, team)
    contact_log.record_contact(
        session, team.worker, episode.id, contact_log.ContactNote(Channel.PHONE, Outcome.NO_ANSWER)
    )
    services.move(session, team.worker, episode.id, E.PAUSED, note="In hospital")
    services.resume(session, team.worker, episode.id)
    assert str(episode.state) == E.CONTACTING
    contact_log.record_contact(session, team.worker, episode.id, walk.TALKED)
    services.move(session, team.worker, episode.id, E.PAUSED, note="On holiday")
    services.resume(session, team.worker, episode.id)
    assert str(episode.state) == E.ACTIVE
    assert episode.snoozed_until is None


def finished_and_started_again(session: Session, team: walk.Team) -> tuple[Episode, Episode]:
    """Somebody whose first support has finished, and who has asked again."""
    who = referrer(session)
    old = refer(session, team, who, nhs_number="943 476 5919")
    assert team.worker.account_id is not None
    old.link_worker_id = team.worker.account_id
    services.move(session, team.coordinator, old.id, E.TRIAGE)
    services.move(session, team.coordinator, old.id, E.ALLOCATED)
    contact_log.record_contact(session, team.worker, old.id, walk.TALKED)
    plan.add_goal(session, team.worker, old.id, GoalText("Sing again"))
    closing.close(session, team.worker, old.id, E.COMPLETED, reason=CloseReason.PARTLY_MET)
    new = intake.start_again(session, team.worker, old.id, BasedOnReason.RELAPSE, "I am lonely again")
    return old, new


def test_after_a_death_no_earlier_support_asks_for_anything(session: Session) -> None:
    team = walk.team(session)
    old, new = finished_and_started_again(session, team)
    closing.close(session, team.worker, new.id, E.WITHDRAWN, reason=CloseReason.DIED)
    with clock.at(build.days_ahead(95)):
        board = boards.today_board(session, team.worker)
    assert (board.first, board.soon, board.rest) == ((), (), ())
    with pytest.raises(Refused):
        closing.send_feedback(session, team.worker, old.id)
    with pytest.raises(Refused):
        services.undo_close(session, team.worker, old.id)
    with pytest.raises(Refused):
        record_measurement(
            session,
            team.worker,
            old.id,
            ONS4.key,
            point=Point.FOLLOW_UP,
            mode=Mode.PHONE,
            completed_by=CompletedBy.WITH_LINK_WORKER,
            answers={ONS4.items[0].key: 7},
        )


def test_a_flag_for_safety_reaches_the_record_that_the_team_has_already(session: Session) -> None:
    team = walk.team(session)
    who = referrer(session)
    first = refer(session, team, who, nhs_number="943 476 5919")
    second = refer(session, team, who, nhs_number="943 476 5919", flagged_for_safety=True)
    assert second.person_id != first.person_id, "nobody has said that it is the same person"
    assert second.person.flagged_for_safety
    assert session.get_one(Person, first.person_id).flagged_for_safety
    session.commit()
    changes = select(func.count()).where(
        AuditEntry.action == "person.flag", AuditEntry.subject_id == first.person_id
    )
    assert session.scalar(changes) == 1


def test_a_draft_that_is_sent_flags_the_record_that_the_team_has_already(session: Session) -> None:
    team = walk.team(session)
    who = referrer(session)
    first = refer(session, team, who, nhs_number="943 476 5919")
    content = replace(PARTNER_CONTENT, nhs_number="943 476 5919", flagged_for_safety=True)
    partner_id = next(iter(who.partner_ids()))
    _request, draft = intake.submit_request(
        session, who, content, RequestSource.PARTNER, partner_id=partner_id, team_id=team.id, draft=True
    )
    intake.change_draft(session, who, draft.id, content, expected_version=draft.version, send=True)
    assert draft.person_id != first.person_id
    assert draft.person.flagged_for_safety
    assert session.get_one(Person, first.person_id).flagged_for_safety


def test_a_flag_reaches_nobody_of_whom_the_sender_says_that_it_is_somebody_else(session: Session) -> None:
    team = walk.team(session)
    who = referrer(session)
    first = refer(session, team, who, nhs_number="943 476 5919")
    content = replace(PARTNER_CONTENT, nhs_number="943 476 5919", flagged_for_safety=True)
    partner_id = next(iter(who.partner_ids()))
    intake.submit_request(
        session, who, content, RequestSource.PARTNER, partner_id=partner_id, team_id=team.id, apart=True
    )
    assert not session.get_one(Person, first.person_id).flagged_for_safety


def test_whoever_may_be_somebody_at_risk_is_seen_as_soon(session: Session) -> None:
    team, who = walk.team(session), referrer(session)
    known = refer(session, team, who, nhs_number="943 476 5919")
    known.person.risks = "Falls"
    waits = walk.asked(session, team)
    again = refer(session, team, referrer(session), nhs_number="943 476 5919")
    order = [row.episode_id for row in boards.triage_board(session, team.coordinator).waiting]
    assert order == [known.id, again.id, waits.id]


def test_a_known_risk_is_seen_first_though_the_request_names_none(session: Session) -> None:
    team = walk.team(session)
    waits, risky = walk.asked(session, team), walk.asked(session, team)
    risky.person.risks = "Falls"
    session.flush()
    board = boards.triage_board(session, team.coordinator)
    assert [row.episode_id for row in board.waiting] == [risky.id, waits.id]
    calm, flagged = walk.allocated(session, team), walk.allocated(session, team)
    flagged.person.flagged_for_safety = True
    session.flush()
    today = boards.today_board(session, team.worker)
    rows = [row.episode_id for row in (*today.first, *today.soon, *today.rest)]
    assert rows == [flagged.id, calm.id]


def test_a_form_sent_back_to_be_mended_is_a_look_as_well(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    plan.add_goal(session, team.worker, episode.id, GoalText("Sing again"))
    episode_id, person_id = episode.id, episode.person_id
    client = signed_in(session, make_client, team.coordinator)
    looks = select(func.count()).where(
        AuditEntry.action.in_(("person.read", "measures.ask")),
        AuditEntry.subject_id.in_((person_id, episode_id)),
    )
    forms = {
        f"/episodes/{episode_id}/contacts/new": {"channel": "pigeon"},
        f"/episodes/{episode_id}/pause": {"note": ""},
        f"/episodes/{episode_id}/close": {"ending": "never"},
        f"/episodes/{episode_id}/mistake": {"reason": ""},
        f"/episodes/{episode_id}/needs/new": {"slug": "gold"},
        f"/episodes/{episode_id}/goals/new": {"words": ""},
        f"/episodes/{episode_id}/actions/new": {"words": ""},
        f"/people/{person_id}/about/edit": {"name": ""},
        f"/episodes/{episode_id}/measures/{ONS4.key}": {"mode": "pigeon"},
    }
    seen = session.scalar(looks) or 0
    for path, values in forms.items():
        answer = send(client, path, **values)
        assert answer.status_code == 200, path
        session.expire_all()
        now = session.scalar(looks) or 0
        assert now == seen + 2, path
        seen = now
