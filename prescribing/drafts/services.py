"""Keeping what is typed before it is sent, so that a dropped connection loses nothing."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.db import hold
from core.errors import NotFound
from prescribing.drafts.models import Draft
from prescribing.drafts.queries import draft_for_update
from prescribing.drafts.rules import KEPT_FOR, is_kept, to_keep, to_text


def save(
    session: Session, actor: Actor, episode_id: UUID, form: str, pairs: Iterable[tuple[str, str]]
) -> None:
    """Keep the answers of one form about an episode that the caller knows to be the actor's.

    An empty form keeps nothing. Raises `NotFound` for another form, `Invalid` for too much text.
    """
    if not is_kept(form):
        raise NotFound
    fields = to_keep(pairs)
    if not fields:
        forget(session, actor, episode_id, form)
        return
    hold(session, f"draft {actor.account_id} {episode_id} {form}")
    row = draft_for_update(session, actor, episode_id, form)
    if row is None:
        row = Draft(account_id=actor.account_id, episode_id=episode_id, form=form)
        session.add(row)
    row.saved_at, row.content = clock.now(), to_text(fields)
    session.flush()


def forget(session: Session, actor: Actor, episode_id: UUID, form: str) -> None:
    """Drop a draft: it was sent, or emptied."""
    session.execute(
        delete(Draft).where(
            Draft.account_id == actor.account_id, Draft.episode_id == episode_id, Draft.form == form
        )
    )


def forget_old(session: Session) -> None:
    """Drop what nobody came back to."""
    session.execute(delete(Draft).where(Draft.saved_at < clock.now() - KEPT_FOR))
