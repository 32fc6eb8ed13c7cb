"""Giving out keys, and taking them back."""

from __future__ import annotations

import secrets
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.audit import services as audit
from directory.openreferral.keys import PREFIX, digest_of, key_for_update
from directory.openreferral.models import ApiKey


def issue_key(session: Session, actor: Actor, name: str, per_minute: int) -> str:
    """A new key for `name`. It is shown this once: afterwards only its digest is there."""
    actor.must(Permission.MANAGE_API_KEYS)
    key = f"{PREFIX}{secrets.token_hex(24)}"
    row = ApiKey(
        name=name,
        digest=digest_of(key),
        ending=key[-4:],
        per_minute=per_minute,
        created_by_id=actor.account_id,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "api-key.issue", "api-key", row.id, per_minute=per_minute)
    return key


def revoke_key(session: Session, actor: Actor, key_id: UUID) -> None:
    """Put a key out of force. Doing it twice changes nothing."""
    row = key_for_update(session, actor, key_id)
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        audit.record(session, actor, "api-key.revoke", "api-key", row.id)
