"""The answer sets of episodes as they were written down, by columns: those that count, and those that were mistakes."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.db import among, read
from core.once import once
from prescribing.measures.models import Measurement, MeasurementMistake
from prescribing.measures.rules import CompletedBy, Mode, Point


class AnswerRow(NamedTuple):
    """One answer set, as `Measurement`; `answers` are by question. Of a mistake `mistake_id` names the row that says
    so, `mistake_author` whoever wrote that."""

    id: UUID
    answers: Mapping[str, float]
    episode_id: UUID
    goal_id: UUID | None
    instrument: str
    point: Point
    mode: Mode
    completed_by: CompletedBy
    at: datetime
    typed_in_at: datetime | None
    author_id: UUID | None
    complete: bool
    not_today_reason: str | None
    mistake_id: UUID | None
    mistake_author: str | None
    mistake_reason_sealed: bytes | None

    @property
    def written_at(self) -> datetime:
        """When it was written down here: of paper, when it was typed in."""
        return self.typed_in_at or self.at

    @property
    def mistake_reason(self) -> str:
        """Why it was a mistake."""
        if self.mistake_id is None:
            return ""
        sealed = self.mistake_reason_sealed
        return MeasurementMistake.reason.read(MeasurementMistake, self.mistake_id, sealed) or ""


def rows_of(session: Session, episode_id: UUID) -> tuple[AnswerRow, ...]:
    """Every answer set of one episode that the caller has in scope and that was no mistake, oldest first."""
    return tuple(row for row in _every_row(session, episode_id) if row.mistake_id is None)


def mistakes_of(session: Session, episode_id: UUID) -> tuple[AnswerRow, ...]:
    """Those that were mistakes, oldest first."""
    return tuple(row for row in _every_row(session, episode_id) if row.mistake_id is not None)


def rows_by_episode(session: Session, episode_ids: Collection[UUID]) -> dict[UUID, list[AnswerRow]]:
    """As `rows_of`, of many episodes in one query; one of which nobody asked anything is left out."""
    found: dict[UUID, list[AnswerRow]] = {}
    for row in _rows(session, episode_ids):
        if row.mistake_id is None:
            found.setdefault(row.episode_id, []).append(row)
    return found


def _every_row(session: Session, episode_id: UUID) -> tuple[AnswerRow, ...]:
    """Read once for all parts of a page."""
    return once(session, ("measurements", episode_id), lambda: _rows(session, [episode_id]))


def _rows(session: Session, episode_ids: Collection[UUID]) -> tuple[AnswerRow, ...]:
    return tuple(
        AnswerRow(row_id, _answers(row_id, sealed), *facts)
        for row_id, sealed, *facts in read(session, _measurements(), ids=episode_ids)
    )


def _answers(row_id: UUID, sealed: bytes | None) -> Mapping[str, float]:
    answers: dict[str, float] = json.loads(Measurement.answers.read(Measurement, row_id, sealed) or "{}")
    return answers


@cache
def _measurements() -> Select[*tuple[Any, ...]]:
    """In the order of `AnswerRow`, the answers as they are sealed."""
    columns = (
        *(
            Measurement.id,
            Measurement.answers_sealed,
            Measurement.episode_id,
            Measurement.goal_id,
            Measurement.instrument,
        ),
        *(
            Measurement.point,
            Measurement.mode,
            Measurement.completed_by,
            Measurement.at,
            Measurement.typed_in_at,
        ),
        *(Measurement.author_id, Measurement.complete, Measurement.not_today_reason),
        *(MeasurementMistake.id, MeasurementMistake.author_name, MeasurementMistake.reason_sealed),
    )
    return (
        select(*columns)
        .outerjoin(MeasurementMistake, MeasurementMistake.measurement_id == Measurement.id)
        .where(among(Measurement.episode_id, "ids"))
        .order_by(Measurement.at, Measurement.id)
    )
