"""Whose account reads in which manner: asked by whoever writes to an account, answered by the area that knows."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from core.notify.rules import PLAIN, Manner

_known: list[Callable[[Session, UUID], Manner | None]] = []


def register(of_account: Callable[[Session, UUID], Manner | None]) -> None:
    """Ask `of_account(session, account_id)` from now on; once however often asked. It gives none for strangers."""
    if of_account not in _known:
        _known.append(of_account)


def of_account(session: Session, account_id: UUID) -> Manner:
    """How the holder of this account takes what is written to them; plainly where nobody knows."""
    return next((manner for ask in _known if (manner := ask(session, account_id)) is not None), PLAIN)
