"""What a letter that came in tells the rest of the product, inside the transaction in which it is taken."""

from __future__ import annotations

from dataclasses import dataclass

from core.inbound.rules import Letter


@dataclass(frozen=True, slots=True)
class LetterCame:
    """Somebody answered an email of ours. Whoever gave its token out reads it."""

    letter: Letter


@dataclass(frozen=True, slots=True)
class LetterFailed:
    """A letter cannot be taken in, however often it is tried: it goes back to whoever sent it."""
