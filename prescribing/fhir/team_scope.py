"""Whom and what a team's program may read at all, and a page of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, not_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import clock
from prescribing.episodes.models import Episode
from prescribing.episodes.scope import of_team
from prescribing.fhir.agreeing import agrees
from prescribing.fhir.asking import Asked, Found
from prescribing.fhir.resources import Json
from prescribing.fhir.tokens import Holder
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Person


def open_to(holder: Holder) -> ColumnElement[bool]:
    """That the program may read of a person: they agree to the team's support now, and are not flagged for safety."""
    return and_(
        Person.flagged_for_safety.is_(False),
        agrees(Person.id, holder.place_id, ConsentPurpose.SUPPORT, clock.now()),
    )


def of_episodes(
    holder: Holder, wanted: Select[*tuple[Any, ...]], episode_id: InstrumentedAttribute[UUID]
) -> Select[*tuple[Any, ...]]:
    """`wanted` of the team's own episodes only, and of whom the program may read; `episode_id` leads there."""
    return (
        wanted.join(Episode, Episode.id == episode_id)
        .join(Person, Person.id == Episode.person_id)
        .where(of_team(holder.actor), open_to(holder))
    )


def by_ids(
    asked: Asked, own: InstrumentedAttribute[UUID], person_id: InstrumentedAttribute[UUID]
) -> ColumnElement[bool]:
    """That it is the one that was asked for, and about the person who was; true where neither was."""
    parts = [own == asked.one if asked.one else None, person_id == asked.patient if asked.patient else None]
    return and_(true(), *(each for each in parts if each is not None))


def focused(
    asked: Asked, focus: InstrumentedAttribute[UUID], reference: InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    """That it is about the request that was asked for, and has that reference; true where neither was."""
    parts = [
        focus == asked.focus if asked.focus else None,
        reference == asked.reference if asked.reference else None,
    ]
    return and_(true(), *(each for each in parts if each is not None))


def moved(asked: Asked, since: Callable[[datetime], ColumnElement[bool]]) -> list[ColumnElement[bool]]:
    """What changed last in the span that was asked for; `since` says what changed at a moment or later."""
    found = [since(asked.span.start)] if asked.span.start else []
    return [*found, *([not_(since(asked.span.end))] if asked.span.end else [])]


def page_of(
    session: Session,
    wanted: Select[*tuple[Any, ...]],
    asked: Asked,
    changed_at: Any,
    key: InstrumentedAttribute[UUID],
    *,
    whole: bool = False,
) -> tuple[Sequence[Any], int]:
    """The rows of a page, the newest first, and how many there are in all. `changed_at` is the column that the span is
    about, None where it is seen to already; `whole` gives rows of several tables."""
    if changed_at is not None:
        wanted = wanted.where(*moved(asked, lambda since: changed_at >= since))
    counted = wanted.with_only_columns(key).order_by(None).subquery()
    total = session.scalar(select(func.count()).select_from(counted)) or 0
    page = wanted.order_by(key.desc()).limit(asked.count).offset(asked.offset)
    return (session.execute(page).all() if whole else session.scalars(page).all()), total


def found_of(
    built: Sequence[Json], rows: Sequence[Any], total: int, asked: Asked, subject_type: str
) -> Found:
    """What is shown of a page of rows: the resources, and of which rows a look is to be written down."""
    looks = tuple((subject_type, row.id) for row in rows)
    return Found(built, total, asked.offset + asked.count < total, looks)
