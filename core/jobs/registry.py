"""Which function does which kind of job, and what recurs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from core.db import JsonDict

Handler = Callable[[Session, JsonDict], None]

HANDLERS: dict[str, Handler] = {}


@dataclass(frozen=True)
class Recurring:
    """Work that the worker starts by itself, at most once every `every`."""

    name: str
    every: timedelta
    run: Callable[[Session], None]


RECURRING: dict[str, Recurring] = {}


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does jobs of `kind`. It changes rows in the session it is given, never commits."""

    def register(function: Handler) -> Handler:
        if HANDLERS.setdefault(kind, function) is not function:
            raise ValueError(f"two handlers for {kind}")
        return function

    return register


def scheduled(
    name: str, *, every: timedelta
) -> Callable[[Callable[[Session], None]], Callable[[Session], None]]:
    """Register recurring work under `name`."""

    def register(function: Callable[[Session], None]) -> Callable[[Session], None]:
        if name in RECURRING:
            raise ValueError(f"two schedules named {name}")
        RECURRING[name] = Recurring(name, every, function)
        return function

    return register
