"""Keeping what is typed before it is sent, so that a dropped connection loses nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from sqlalchemy import and_, delete, not_, or_
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.db import hold
from core.errors import NotFound
from prescribing.drafts.models import Draft
from prescribing.drafts.queries import own_draft
from prescribing.drafts.rules import (
    FAMILIES,
    FORMS,
    KEPT_FOR,
    OTHERS_KEPT_FOR,
    About,
    is_kept,
    to_keep,
    to_text,
)


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
    row = own_draft(session, actor, episode_id, form)
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


def keep(
    session: Session,
    actor: Actor,
    place: str,
    parts: Mapping[About, Iterable[tuple[str, str]]],
    *,
    also: Collection[str] = (),
) -> None:
    """Keep the answers of one form that is not about one episode, instead of what was kept of it before: under each
    record, which the caller knows to be one that the actor may see, what is about it. `also` as in `to_keep`.

    Raises `Invalid` for too much text.
    """
    kept = {about: to_keep(pairs, also) for about, pairs in parts.items()}
    # Two sendings of the same page would each put their rows beside the other's.
    hold(session, f"draft {actor.account_id} {place}")
    drop(session, actor, place)
    for about, fields in kept.items():
        if any(name not in also for name, _text in fields):
            row = Draft(account_id=actor.account_id, form=place, saved_at=clock.now())
            row.episode_id, row.person_id, row.content = about.episode_id, about.person_id, to_text(fields)
            session.add(row)
    session.flush()


def drop(session: Session, actor: Actor, place: str) -> None:
    """Drop what the actor began at this place: it was sent, emptied or thrown away."""
    session.execute(delete(Draft).where(Draft.account_id == actor.account_id, Draft.form == place))


def forget_old(session: Session) -> None:
    """Drop what nobody came back to."""
    now = clock.now()
    beginnings = (Draft.form.startswith(each) for each in FAMILIES)
    about_one_episode = or_(Draft.form.in_(FORMS), *beginnings)
    old = and_(not_(about_one_episode), Draft.saved_at < now - OTHERS_KEPT_FOR)
    session.execute(delete(Draft).where(or_(old, Draft.saved_at < now - KEPT_FOR)))
