"""Which of a group's links this browser opened by a code, and until when: kept in its signed cookie alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask import session as cookie

from core import clock

CODE_SENT = "We have sent you a code. It works for 10 minutes."
_OPEN_FOR = timedelta(minutes=30)
_COOKIE = "answer_links"
_MOST_OPEN = 5


def unlocked() -> dict[str, datetime]:
    """Until when (aware) which links are open, by their ids."""
    kept = cookie.get(_COOKIE)
    if not isinstance(kept, dict):
        return {}
    return {str(key): datetime.fromisoformat(str(until)) for key, until in kept.items()}


def unlock(link_id: UUID) -> None:
    """Open a link here for half an hour: whoever asks gave its code."""
    opened = {key: until for key, until in unlocked().items() if until > clock.now()}
    opened[str(link_id)] = clock.now() + _OPEN_FOR
    cookie[_COOKIE] = {key: until.isoformat() for key, until in list(opened.items())[-_MOST_OPEN:]}
