"""An episode and the request that it is about, read by columns in one statement: what the person's page is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session

from core.db import read
from core.once import once
from prescribing.episodes.marks import Marked, mark_columns, marked_since, may_keep
from prescribing.episodes.models import Episode, EpisodeMark, RequestSource, SupportRequest
from prescribing.episodes.rules import EpisodeState, Priority
from prescribing.people.models import Partner


class EpisodeRow(NamedTuple):
    """As `Episode`, with `SupportRequest` and the name of the partner who sent it; `marked` is how far what is worked
    out of it may be kept."""

    id: UUID
    version: int
    reference: str
    person_id: UUID
    team_id: UUID
    link_worker_id: UUID | None
    state: EpisodeState
    priority: Priority
    submitted_at: datetime | None
    closed_at: datetime | None
    joined_to_id: UUID | None
    feedback_sent_at: datetime | None
    summary_sealed: bytes | None
    request_id: UUID
    source: RequestSource
    need_slugs: list[str]
    content_sealed: bytes | None
    partner_id: UUID | None
    partner_name: str | None
    marked: Marked

    @property
    def summary(self) -> str:
        return Episode.summary.read(Episode, self.id, self.summary_sealed) or ""

    @property
    def content(self) -> str:
        return SupportRequest.content.read(SupportRequest, self.request_id, self.content_sealed) or ""


def episode_row(session: Session, episode_id: UUID) -> EpisodeRow | None:
    """One episode, whosever it is; read once for all parts of a page."""

    def found() -> EpisodeRow | None:
        return next(iter(_rows(session, _one(), episode_id=episode_id)), None)

    return once(session, _key(episode_id), found)


def rows_of_person(session: Session, person_id: UUID) -> Sequence[EpisodeRow]:
    """Every episode of a person, the latest first; none of them is read again for a part of the same page."""
    rows = _rows(session, _of_person(), person_id=person_id)
    for row in rows:
        once(session, _key(row.id), partial(_itself, row))
    return rows


def _itself(row: EpisodeRow) -> EpisodeRow | None:
    return row


def _key(episode_id: UUID) -> tuple[str, UUID]:
    return ("episode", episode_id)


def _rows(session: Session, asked: Select[*tuple[Any, ...]], **values: UUID) -> list[EpisodeRow]:
    rows = read(session, asked, marked_since=marked_since(), **values)
    keeps = may_keep(session)
    return [EpisodeRow._make((*columns, (key, mark if keeps else None))) for *columns, key, mark in rows]


def _select(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Episode.id, Episode.version, Episode.reference, Episode.person_id, Episode.team_id),
            *(Episode.link_worker_id, Episode.state, Episode.priority, Episode.submitted_at),
            *(Episode.closed_at, Episode.joined_to_id, Episode.feedback_sent_at, Episode.summary_sealed),
            *(SupportRequest.id, SupportRequest.source, SupportRequest.need_slugs),
            *(SupportRequest.content_sealed, SupportRequest.partner_id, Partner.name),
            *mark_columns(),
        )
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .outerjoin(Partner, Partner.id == SupportRequest.partner_id)
        .outerjoin(EpisodeMark, EpisodeMark.id == Episode.id)
        .where(which)
        .order_by(Episode.created_at.desc(), Episode.id.desc())
    )


@cache
def _one() -> Select[*tuple[Any, ...]]:
    return _select(Episode.id == bindparam("episode_id"))


@cache
def _of_person() -> Select[*tuple[Any, ...]]:
    return _select(Episode.person_id == bindparam("person_id"))
