"""What other areas carry over a restore, or do after it, without core knowing them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from core.errors import Refused


class TombstonesMissing(Refused):
    """The file that says what was deleted for good is not there: a restore goes on without it only when told to."""


@dataclass(frozen=True)
class Carried:
    """`before(session)` reads from the database that is to be replaced, and raises `Invalid` where nothing may be,
    `TombstonesMissing` where that is for the operator to say; `after(session, held)` acts on the restored one and says
    in words what it did. `held` is None where the old database could not be read, and where what was missing was done
    without."""

    name: str
    before: Callable[[Session], Any]
    after: Callable[[Session, Any], str]


CARRIED: dict[str, Carried] = {}


def carry(name: str, *, before: Callable[[Session], Any], after: Callable[[Session, Any], str]) -> None:
    """Register what is carried over under `name`. Saying it twice changes nothing."""
    CARRIED[name] = Carried(name, before, after)
