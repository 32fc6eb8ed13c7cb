"""Which keys there are, and whose a key is."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Permission
from core.errors import NotFound
from directory.openreferral.models import ApiKey

PREFIX = "gt_"

# The page of keys shows no more than this.
MOST_KEYS = 200


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that is in force, and how often it may ask in a minute."""

    id: UUID
    per_minute: int


def digest_of(key: str) -> str:
    """What is kept of a key. It is random and long, so that a plain digest gives nothing away."""
    return sha256(key.encode()).hexdigest()


def known(session: Session, key: str) -> KnownKey | None:
    """The key that was sent; None for none, an unknown or a revoked one."""
    if not key.startswith(PREFIX):
        return None
    row = session.execute(
        select(ApiKey.id, ApiKey.per_minute).where(
            ApiKey.digest == digest_of(key), ApiKey.revoked_at.is_(None)
        )
    ).one_or_none()
    return KnownKey(row.id, row.per_minute) if row else None


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key on the page of keys."""

    id: UUID
    name: str
    ending: str
    per_minute: int
    revoked: bool


def lines(session: Session, actor: Actor) -> tuple[KeyLine, ...]:
    """Every key, those in force first, the latest first. Raises `NotFound` for whoever may not see them."""
    actor.must(Permission.MANAGE_API_KEYS)
    newest = select(ApiKey).order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc())
    rows = session.scalars(newest.limit(MOST_KEYS))
    return tuple(
        KeyLine(row.id, row.name, row.ending, row.per_minute, revoked=row.revoked_at is not None)
        for row in rows
    )


def key_for_update(session: Session, actor: Actor, key_id: UUID) -> ApiKey:
    """The row, for services. Raises `NotFound`."""
    row = session.get(ApiKey, key_id) if actor.can(Permission.MANAGE_API_KEYS) else None
    if row is None:
        raise NotFound
    return row
