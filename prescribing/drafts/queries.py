"""What the actor has begun to type: nobody reads another's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Actor
from prescribing.drafts.models import Draft
from prescribing.drafts.rules import About, Fields, from_text


@dataclass(frozen=True)
class Kept:
    """The answers that were kept, by the names of their boxes, and when (aware)."""

    saved_at: datetime
    fields: Fields


def kept(session: Session, actor: Actor, episode_id: UUID, form: str) -> Kept | None:
    """What the actor began in this form about this episode. The caller has made sure that the episode is theirs."""
    row = own_draft(session, actor, episode_id, form)
    if row is None or not row.content:
        return None
    return Kept(row.saved_at, from_text(row.content))


@dataclass(frozen=True)
class Begun:
    """A form that is not about one episode, as it was left: when (aware), and the answers with whom they are about."""

    saved_at: datetime
    parts: tuple[tuple[About, Fields], ...]

    @property
    def fields(self) -> Fields:
        """All the answers together, each once."""
        return tuple(dict.fromkeys(pair for _about, fields in self.parts for pair in fields))


def begun(session: Session, actor: Actor, place: str) -> Begun | None:
    """What the actor began at this place (`rules.place`). The caller leaves out whomever the actor may not see now."""
    rows = session.scalars(
        select(Draft).where(Draft.account_id == actor.account_id, Draft.form == place).order_by(Draft.id)
    ).all()
    if not rows:
        return None
    parts = tuple((About(row.episode_id, row.person_id), from_text(row.content or "[]")) for row in rows)
    return Begun(max(row.saved_at for row in rows), parts)


def own_draft(session: Session, actor: Actor, episode_id: UUID, form: str) -> Draft | None:
    """The row of the actor's own draft."""
    found = select(Draft).where(
        Draft.account_id == actor.account_id, Draft.episode_id == episode_id, Draft.form == form
    )
    return session.scalars(found).one_or_none()
