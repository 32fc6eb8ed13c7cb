"""One click makes one thing, however often the browser sends it.

A view that makes something asks before it does (`core.web.sending.only_once` answers a second sending by `earlier`),
and tells `remember` before it commits:

    only_once(form)
    made = services.make(db.session(), ...)
    idempotency.remember(db.session(), form.key, url_for(...))
    db.session.commit()
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core import clock
from core.idempotency.models import IdempotencyKey

KEPT_FOR = timedelta(days=7)


def earlier(session: Session, key: UUID) -> str | None:
    """Where the first sending of the form with `key` led; None for the first itself, which now holds the key.

    A second sending that comes while the first is under way waits for it. Where the first comes to nothing, the
    key is free again.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    taken = session.scalar(
        insert(IdempotencyKey)
        .values(key=str(key), created_at=clock.now())
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if taken is not None:
        return None
    first = session.get(IdempotencyKey, str(key), populate_existing=True)
    return first.location if first is not None else None


def remember(session: Session, key: UUID, location: str) -> None:
    """Keep that the form with `key` led to `location`, a path of this site."""
    session.execute(
        update(IdempotencyKey).where(IdempotencyKey.key == str(key)).values(location=location[:300])
    )


def forget_old(session: Session) -> None:
    """Drop keys of forms that nobody will send again."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < clock.now() - KEPT_FOR))
