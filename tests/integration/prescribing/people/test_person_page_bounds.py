"""The person's page asks the database no more for a long story than for a short one."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.orm import Session

from core import clock
from prescribing.episodes import contact_log, plan
from prescribing.episodes.contacts import Direction, Outcome
from prescribing.episodes.models import ActionOwner
from prescribing.measures.rules import CompletedBy, Mode, Point
from prescribing.measures.services import record_measurement
from prescribing.people.safe_contact import Channel
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.measures.test_measures import START, MakeClient, signed_in


def test_a_long_story_takes_as_many_statements_as_a_short_one(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    path, client = f"/people/{episode.person_id}", signed_in(session, make_client, team.worker)
    counts: list[int] = []

    def more(*_arguments: object) -> None:
        counts[-1] += 1

    def live(times: int) -> None:
        for number in range(times):
            talk = contact_log.ContactNote(
                Channel.PHONE, Outcome.TALKED, Direction.INBOUND if number % 2 else Direction.OUTBOUND
            )
            contact_log.record_contact(session, team.worker, episode.id, talk)
            goal = plan.add_goal(session, team.worker, episode.id, plan.GoalText(f"goal {number}"))
            text = plan.ActionText("Ring the choir", ActionOwner.LINK_WORKER, goal.id, clock.today())
            plan.add_action(session, team.worker, episode.id, text)
            for instrument in ("ons4", "ucla3"):
                record_measurement(
                    session,
                    team.worker,
                    episode.id,
                    instrument,
                    point=Point.REVIEW if counts or number else Point.BASELINE,
                    mode=Mode.PHONE,
                    completed_by=CompletedBy.WITH_LINK_WORKER,
                    answers=START if instrument == "ons4" else {"isolated": 2},
                )
        session.commit()

    def look() -> None:
        counts.append(0)
        event.listen(session.get_bind(), "before_cursor_execute", more)
        assert client.get(path).status_code == 200
        event.remove(session.get_bind(), "before_cursor_execute", more)

    for times in (2, 12):
        live(times)
        # Where they stand is worked out at the first look after something was written, and kept for the second.
        look()
        look()
    assert counts[:2] == counts[2:]
    first, later = counts[:2]
    assert first <= 32
    assert later <= 24
