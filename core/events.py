"""Events between features and areas: a typed registry. Subscribers run inside the publisher's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

E = TypeVar("E")

_subscribers: dict[type[Any], list[Callable[[Session, Any], None]]] = defaultdict(list)


def subscribe(kind: type[E], subscriber: Callable[[Session, E], None]) -> None:
    """Call `subscriber(session, event)` whenever an event of `kind` is published; once however often asked."""
    if subscriber not in _subscribers[kind]:
        _subscribers[kind].append(subscriber)


def publish(session: Session, event: object) -> None:
    """Tell every subscriber of the event's type. What they change commits, or not, with the caller's change."""
    for subscriber in _subscribers[type(event)]:
        subscriber(session, event)
