"""What the clocks look at of an episode itself: read for a whole caseload at once, and nothing that is sealed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from core.db import among, read
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people.models import Person


class Case(NamedTuple):
    """What an episode's clocks and a list's order look at."""

    id: UUID
    person_id: UUID
    link_worker_id: UUID | None
    state: EpisodeState
    close_reason: CloseReason | None
    snoozed_until: date | None
    snoozed_at: datetime | None
    feedback_sent: bool
    has_risk: bool
    died: bool


def cases(session: Session, ids: Collection[UUID]) -> tuple[Case, ...]:
    """Those of these episodes that there are, in one query."""
    return tuple(map(Case._make, read(session, _cases(), ids=ids)))


@cache
def _cases() -> Select[*tuple[Any, ...]]:
    """The columns in the order of `Case`."""
    return (
        select(
            Episode.id,
            Episode.person_id,
            Episode.link_worker_id,
            Episode.state,
            Episode.close_reason,
            Episode.snoozed_until,
            Episode.snoozed_at,
            Episode.feedback_sent_at.is_not(None),
            or_(Person.risks_sealed.is_not(None), Person.flagged_for_safety),
            Person.died_at.is_not(None),
        )
        .join(Person, Person.id == Episode.person_id)
        .where(among(Episode.id, "ids"))
    )


def case_of(row: Episode) -> Case:
    """The same of a row. Its `person` should be loaded with it."""
    return Case(
        id=row.id,
        person_id=row.person_id,
        link_worker_id=row.link_worker_id,
        state=row.state,
        close_reason=row.close_reason,
        snoozed_until=row.snoozed_until,
        snoozed_at=row.snoozed_at,
        feedback_sent=row.feedback_sent_at is not None,
        has_risk=row.person.risks_sealed is not None or row.person.flagged_for_safety,
        died=row.person.died_at is not None,
    )
