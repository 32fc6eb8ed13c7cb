"""Reading what people said of pages, for those who can mend them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Permission
from core.page_feedback.models import PageFeedback
from core.page_feedback.rules import EASE_WORDS
from core.paging import within

PAGE = 20


@dataclass(frozen=True)
class Said:
    """What somebody said: of which page (its route's name), how it went in words, and their own words."""

    id: UUID
    at: datetime
    route: str
    ease: str
    words: str


@dataclass(frozen=True)
class SaidPage:
    """One page of what waits to be dealt with, the latest first."""

    lines: tuple[Said, ...]
    total: int
    page: int
    pages: int


def waiting(session: Session, actor: Actor, page: int) -> SaidPage:
    """What nobody has dealt with yet. Raises `NotFound` for whoever may not read it."""
    actor.must(Permission.READ_FEEDBACK)
    total = (
        session.scalar(select(func.count()).select_from(PageFeedback).where(PageFeedback.done_at.is_(None)))
        or 0
    )
    page, pages = within(page, total, PAGE)
    rows = session.scalars(
        select(PageFeedback)
        .where(PageFeedback.done_at.is_(None))
        .order_by(PageFeedback.at.desc(), PageFeedback.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    lines = tuple(Said(row.id, row.at, row.route, EASE_WORDS[row.ease], row.words or "") for row in rows)
    return SaidPage(lines, total, page, pages)
