"""Keeping what people said of pages, and letting go of it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.accounts import throttle
from core.accounts.rules import Guess
from core.audit import services as audit
from core.errors import Invalid, NotFound
from core.page_feedback.models import PageFeedback
from core.page_feedback.rules import Ease
from core.web.stranger_rules import too_many_links

KEPT_FOR = timedelta(days=365)


def tell(session: Session, address: str, route: str, ease: Ease, words: str) -> PageFeedback:
    """Keep what somebody said of the page at `route`; `address` is counted against floods and not kept.

    Raises `Throttled`, and `Invalid` for advertising.
    """
    if too_many_links(words):
        raise Invalid("Leave out the web addresses, then send it again.", "words")
    throttle.count(session, Guess.REPORTING, address)
    made = PageFeedback(at=clock.now(), route=route, ease=ease, words=words.strip() or None)
    session.add(made)
    session.flush()
    return made


def finish(session: Session, actor: Actor, feedback_id: UUID) -> None:
    """Say that somebody has dealt with it. Raises `NotFound`."""
    actor.must(Permission.READ_FEEDBACK)
    row = session.get(PageFeedback, feedback_id)
    if row is None:
        raise NotFound
    row.done_at = row.done_at or clock.now()
    session.flush()
    audit.record(session, actor, "page-feedback.finish", "page-feedback", row.id)


def forget_old(session: Session) -> None:
    """Drop what is a year old."""
    session.execute(delete(PageFeedback).where(PageFeedback.at < clock.now() - KEPT_FOR))
