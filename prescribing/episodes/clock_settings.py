"""The lengths of the clocks, as whoever runs the service set them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from core.errors import UnsafeSettings
from prescribing.episodes.clocks import Clocks

# Each clock's own variable: GT_CLOCK_TRIAGE=2 and so on; in working days but for the two counts of attempts.
NAMES = (
    "triage",
    "first_attempt",
    "attempts",
    "attempt_channels",
    "attempts_within",
    "answer",
    "start",
    "feedback",
    "quiet",
)
# Those of several numbers, such as GT_CLOCK_NUDGES=6,9, and the largest: working days, and months for follow-ups.
LISTS: Mapping[str, int] = {"nudges": 250, "follow_up_months": 60}


@lru_cache(maxsize=1)
def clocks() -> Clocks:
    """The clocks in force, from the environment; the referral contract's own where nothing is set."""
    return read_clocks(os.environ)


def read_clocks(environment: Mapping[str, str]) -> Clocks:
    """Clocks from variables named GT_CLOCK_... Raises `UnsafeSettings`, with the remedy, for what is no number, and
    for a reminder that a group would get after its last day."""
    chosen: dict[str, Any] = {}
    for name in (*NAMES, *LISTS):
        variable = f"GT_CLOCK_{name.upper()}"
        text = environment.get(variable, "").strip()
        if text:
            chosen[name] = _days(variable, text, LISTS[name]) if name in LISTS else _number(variable, text)
    found = Clocks(**chosen)
    if max(found.nudges) >= found.answer:
        raise UnsafeSettings(
            f"GT_CLOCK_NUDGES ({_said(found.nudges)}) must all come before the last day for an answer,"
            f" GT_CLOCK_ANSWER ({found.answer}): a group is reminded, and its link worker asked, while it can still"
            f" answer. Set both, such as GT_CLOCK_NUDGES=6,9 with GT_CLOCK_ANSWER=10."
        )
    return found


def _number(variable: str, text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 250:
        raise UnsafeSettings(
            f"{variable} must be a whole number of working days from 1 to 250, not {text!r}."
        )
    return int(text)


def _days(variable: str, text: str, most: int) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    days = tuple(int(part) for part in parts if part.isdecimal())
    if len(days) != len(parts) or list(days) != sorted(set(days)) or not 1 <= days[0] <= days[-1] <= most:
        raise UnsafeSettings(
            f"{variable} must be whole numbers from 1 to {most} with commas between them, each larger than the one"
            f" before, not {text!r}."
        )
    return days


def _said(days: tuple[int, ...]) -> str:
    return ",".join(str(day) for day in days)
