"""Whether a change lasted: on the person's page, among all answers, and in their timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from core import clock
from prescribing.episodes import closing
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.episodes.timeline import Kind, everything
from prescribing.measures import queries
from prescribing.measures.rules import CompletedBy, Mode, NotToday, Point
from prescribing.measures.services import record_measurement
from tests.html import parse
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.walk import Team
from tests.integration.prescribing.measures.test_measures import (
    END,
    START,
    MakeClient,
    measured,
    planned,
    signed_in,
)

BEGAN = datetime(2026, 1, 5, 10, tzinfo=UTC)
HELD = {"satisfaction": 8, "worthwhile": 5, "happiness": 6, "anxiety": 5}


def followed(session: Session, team: Team) -> Episode:
    """Asked at the start and at the end, and again half a year later."""
    with clock.at(BEGAN):
        episode = planned(session, team)
        measured(session, team.worker, episode, START)
    with clock.at(BEGAN + timedelta(days=60)):
        measured(session, team.worker, episode, END, Point.EXIT)
        closing.close(session, team.worker, episode.id, EpisodeState.COMPLETED, reason=CloseReason.PARTLY_MET)
    with clock.at(BEGAN + timedelta(days=240)):
        measured(session, team.worker, episode, HELD, Point.FOLLOW_UP)
    session.commit()
    return episode


def test_the_latest_follow_up_is_compared_with_the_end(session: Session) -> None:
    team = walk.team(session)
    episode = followed(session, team)
    (told,) = queries.measures_page(session, team.worker, episode.id).histories
    assert told.later is not None
    assert (told.later.first.point, told.later.last.point) == (Point.EXIT, Point.FOLLOW_UP)
    assert [change.words for change in told.later.changes] == [
        "Life satisfaction went up by 1, from 7 (high) to 8 (high)",
        "Feeling worthwhile stayed at 5 (medium)",
        "Happiness stayed at 6 (medium)",
        "Anxiety went up by 3, from 2 (low) to 5 (medium)",
    ]
    brief = queries.in_brief(session, team.worker, episode.id)
    assert brief is not None
    assert brief.lasted == told.later


def test_the_pages_say_whether_it_lasted_and_what_is_known_of_size(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = followed(session, team)
    client = signed_in(session, make_client, team.worker)
    for path in (f"/people/{episode.person_id}", f"/episodes/{episode.id}/measures"):
        page = parse(client.get(path).get_data(as_text=True))
        words = " ".join("".join(page.itertext()).split())
        assert "Did it last?" in words
        assert "Anxiety went up by 3, from 2 (low) to 5 (medium). Worse." in words
        assert "It is not known how big a change matters to one person." in words


def test_measures_stand_in_the_timeline(session: Session) -> None:
    team = walk.team(session)
    episode = followed(session, team)
    steps = [step for step in everything(session, episode.id) if step.kind is Kind.ANSWERS]
    assert [step.title for step in steps] == [
        "Personal wellbeing (ONS4), some months later",
        "Personal wellbeing (ONS4), at the end",
        "Personal wellbeing (ONS4), at the start",
    ]
    later, end, start = (step.text for step in steps)
    assert later.startswith("Life satisfaction went up by 1, from 7 (high) to 8 (high).")
    assert end.startswith("Life satisfaction went up by 3, from 4 (low) to 7 (high).")
    assert start == "All questions answered."
    assert all(step.by for step in steps)


def test_not_today_stands_there_with_its_reason(session: Session) -> None:
    team = walk.team(session)
    episode = planned(session, team)
    assert not [step for step in everything(session, episode.id) if step.kind is Kind.ANSWERS]
    record_measurement(
        session,
        team.worker,
        episode.id,
        "ons4",
        point=Point.BASELINE,
        mode=Mode.PHONE,
        completed_by=CompletedBy.WITH_LINK_WORKER,
        answers={},
        not_today_reason=NotToday.NO_TIME,
    )
    (step,) = (step for step in everything(session, episode.id) if step.kind is Kind.ANSWERS)
    assert step.text == "Not today: there was no time."
