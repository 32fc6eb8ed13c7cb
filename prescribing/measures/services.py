"""Writing down how somebody is doing."""

from __future__ import annotations

import json
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Invalid, NotFound, Refused
from prescribing.episodes.scope import episode_for_update
from prescribing.measures import queries
from prescribing.measures.instruments import ASKED
from prescribing.measures.models import Measurement
from prescribing.measures.rules import (
    Answers,
    CompletedBy,
    Mode,
    NotToday,
    Point,
    check_answers,
    check_point,
    completeness,
)


def record_measurement(
    session: Session,
    actor: Actor,
    episode_id: UUID,
    instrument: str,
    *,
    point: Point,
    mode: Mode,
    completed_by: CompletedBy,
    answers: Answers,
    not_today_reason: NotToday | None = None,
) -> Measurement:
    """Keep one answer set, whole or part; or, with `not_today_reason`, that it was not asked this time and why.

    `answers` are by question key, None for one left out. Raises `NotFound` outside the actor's teams and for a measure
    that is not asked here, `Refused` at a point that does not fit, `Invalid` for an answer off its scale and for no
    answer at all.
    """
    asked = ASKED.get(instrument)
    if asked is None:
        raise NotFound
    episode = episode_for_update(session, actor, episode_id)
    if episode.person.died_at is not None:
        raise Refused("This person has died. There is nothing more to ask.")
    earlier = queries.taken_in(session, episode_id, instrument)
    check_point(episode.state, earlier, point, planned=queries.has_plan(session, episode_id))
    kept = check_answers(asked, answers)
    if not_today_reason is not None and kept:
        raise Invalid("You gave answers. Save them, or take them out to say “not today”.")
    if not_today_reason is None and not kept:
        raise Invalid("Answer at least one question. If this is not the time, choose “Not today”.")
    measurement = Measurement(
        episode_id=episode.id,
        person_id=episode.person_id,
        instrument=instrument,
        point=point,
        mode=mode,
        completed_by=completed_by,
        at=clock.now(),
        author_id=actor.account_id,
        complete=not_today_reason is None and completeness(asked, kept).complete,
        not_today_reason=not_today_reason,
        answers=json.dumps(kept) if kept else None,
    )
    session.add(measurement)
    session.flush()
    audit.record(
        session,
        actor,
        "measurement.record",
        "episode",
        episode.id,
        instrument=instrument,
        point=point.value,
        answered=not_today_reason is None,
    )
    return measurement
