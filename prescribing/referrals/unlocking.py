"""Which of a group's links this browser opened by a code, and until when: kept in its signed cookie alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from flask import session as cookie

from core import clock
from core.db import db
from prescribing.referrals.forms import CodeForm

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


def by_code(form: CodeForm, check: Callable[[str], UUID | None]) -> bool:
    """Whether what was typed opens a link here for half an hour; else the form says what is wrong. `check` gives the
    link's id where the code is right, and counts the try, which is kept either way."""
    if not form.validate():
        return False
    link_id = check(form.code.data or "")
    db.session.commit()
    if link_id is None:
        form.add_error("code", "That code is not right, or is too old. Check it, or ask for another")
        return False
    _unlock(link_id)
    return True


def _unlock(link_id: UUID) -> None:
    opened = {key: until for key, until in unlocked().items() if until > clock.now()}
    opened[str(link_id)] = clock.now() + _OPEN_FOR
    cookie[_COOKIE] = {key: until.isoformat() for key, until in list(opened.items())[-_MOST_OPEN:]}
