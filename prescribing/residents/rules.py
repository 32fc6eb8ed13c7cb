"""What the person's own side decides: how long an unfinished request is kept. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

# Long enough to find a quiet hour, short enough that nobody's troubles lie about.
DRAFT_LIFE = timedelta(days=14)
# For how long a browser goes on with a form that was opened again: it may be a library's.
GOING_ON = timedelta(hours=1)
# For how long the page with the code can be looked at again in the same browser.
CODE_SHOWN = timedelta(minutes=10)


def is_kept(expires_at: datetime, now: datetime) -> bool:
    """Whether an unfinished request can still be opened."""
    return now < expires_at


def is_recent(at: str, within: timedelta, now: datetime) -> bool:
    """Whether the moment that a cookie names, as ISO text, is no longer ago than `within`; a broken one is not."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return False
    return moment.tzinfo is not None and now - moment <= within


def is_worth_keeping(values: Mapping[str, object]) -> bool:
    """Whether anything was typed or ticked; who it is for is chosen from the start."""
    return any(value for name, value in values.items() if name != "who")


def as_text(values: Mapping[str, object]) -> str:
    """What was typed, as JSON text."""
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True)


def as_values(text: str, known: frozenset[str]) -> dict[str, Any]:
    """Undo `as_text`, leaving out boxes that the form does not have any more."""
    held: dict[str, Any] = json.loads(text)
    return {name: value for name, value in held.items() if name in known}
