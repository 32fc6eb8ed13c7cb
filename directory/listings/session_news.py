"""Telling whoever expects people at a session that it is off, moved or on again, whoever changed the timetable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from uuid import UUID

from sqlalchemy.orm import Session

from core import events
from directory.listings.events import SessionCancelled, SessionMoved, SessionRestored

_MOVES = ("moved_to", "opens_at")


def tell_of_sessions(
    session: Session,
    service_id: UUID,
    before: Iterable[Mapping[str, str]],
    after: Iterable[Mapping[str, str]],
) -> None:
    """Publish what is different about single sessions. Exceptions are as content keeps them; a note that was put in
    other words says nothing new."""
    was, now = _differing(before), _differing(after)
    for (on, starts), one in now.items():
        if _stands((on, starts), was) == _stands((on, starts), now):
            continue
        note = one.get("note", "")
        if one.get("moved_to"):
            events.publish(
                session,
                SessionMoved(
                    service_id,
                    date.fromisoformat(on),
                    _time_of(starts),
                    date.fromisoformat(one["moved_to"]),
                    _time_of(one.get("opens_at") or starts),
                    note,
                ),
            )
        else:
            events.publish(
                session, SessionCancelled(service_id, date.fromisoformat(on), _time_of(starts), note)
            )
    for on, starts in was.keys() - now.keys():
        events.publish(session, SessionRestored(service_id, date.fromisoformat(on), _time_of(starts)))


_Key = tuple[str, str | None]


def _differing(exceptions: Iterable[Mapping[str, str]]) -> dict[_Key, Mapping[str, str]]:
    return {(one["on"], one.get("session")): one for one in exceptions}


def _stands(key: _Key, exceptions: Mapping[_Key, Mapping[str, str]]) -> tuple[str, ...] | None:
    one = exceptions.get(key)
    return None if one is None else tuple(one.get(name, "") for name in _MOVES)


def _time_of(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None
