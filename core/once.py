"""What several parts of one page ask for, read once: until something is written or held, or the transaction ends."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session

T = TypeVar("T")

_KEPT = "read once"


def once(session: Session, key: Hashable, read: Callable[[], T]) -> T:
    """What `read()` gives, and gave before in this transaction under the same `key`.

    With changes that are not written yet, it is always read anew.
    """
    if session.new or session.dirty or session.deleted:
        return read()
    kept = session.info.get(_KEPT, {})
    if key not in kept:
        found = read()
        # Only now, since what reads may itself write, and have all forgotten.
        session.info.setdefault(_KEPT, {})[key] = found
        return found
    return cast("T", kept[key])


def forget(session: Session, *_more: Any) -> None:
    """Have all read anew."""
    session.info.pop(_KEPT, None)


@event.listens_for(Session, "do_orm_execute")
def _forget_after_writing(state: ORMExecuteState) -> None:
    if not state.is_select:
        forget(state.session)


for _end in ("after_flush", "after_commit", "after_soft_rollback"):
    event.listen(Session, _end, forget)
