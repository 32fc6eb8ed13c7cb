"""Searches that wait to be counted together: a request that searches writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from core import buffering
from directory.insight.rules import Outcome, Trace


@dataclass(frozen=True, slots=True)
class Noted:
    """One search. `asker` tells one browser from another for as long as this waits, and is never written down."""

    day: date
    asker: str = field(repr=False)
    words: str
    needs: tuple[str, ...]
    ward_code: str
    outcome: Outcome
    after: Trace | None = None


Buffer = buffering.Buffer[Noted]
