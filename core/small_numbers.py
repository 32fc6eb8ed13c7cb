"""Counts of people that are fit to be shown: small ones could point at somebody."""

from __future__ import annotations

from typing import Final, Literal

SUPPRESSED: Final = "*"
SMALL = 7
BASE = 5
Shown = int | Literal["*"]


def suppress(count: int) -> Shown:
    """0 stays 0, 1 to 7 become "*", others go to the nearest 5 (12 to 10, 13 to 15)."""
    if count < 0:
        raise ValueError("A count cannot be less than nothing.")
    if count == 0:
        return 0
    return SUPPRESSED if count <= SMALL else (count + BASE // 2) // BASE * BASE


def share(part: Shown, whole: Shown) -> Shown | None:
    """Whole per cent of figures as they are shown, so that it gives away no more; None of nobody."""
    if whole == 0:
        return None
    if isinstance(part, str) or isinstance(whole, str):
        return SUPPRESSED
    return min(100, int(100 * part / whole + 0.5))
