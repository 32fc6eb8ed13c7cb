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


@lru_cache(maxsize=1)
def clocks() -> Clocks:
    """The clocks in force, from the environment; the referral contract's own where nothing is set."""
    return read_clocks(os.environ)


def read_clocks(environment: Mapping[str, str]) -> Clocks:
    """Clocks from variables named GT_CLOCK_... Raises `UnsafeSettings`, with the remedy, for what is no number."""
    chosen: dict[str, Any] = {}
    for name in NAMES:
        variable = f"GT_CLOCK_{name.upper()}"
        text = environment.get(variable, "").strip()
        if not text:
            continue
        if not text.isdecimal() or not 1 <= int(text) <= 250:
            raise UnsafeSettings(
                f"{variable} must be a whole number of working days from 1 to 250, not {text!r}."
            )
        chosen[name] = int(text)
    return Clocks(**chosen)
