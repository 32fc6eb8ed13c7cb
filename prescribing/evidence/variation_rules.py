"""Whether a share that goes up and down from month to month changes by more than chance. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

# From so many points on the limits of a chart are held to be steady.
STEADY_POINTS = 12
SIGMAS = 3


class Signal(StrEnum):
    """Where a point stands: within what chance does, or above or below it."""

    USUAL = "usual"
    HIGH = "high"
    LOW = "low"


@dataclass(frozen=True)
class ControlPoint:
    """One share with the limits in which chance alone keeps it; all are fractions of 1."""

    share: float
    lower: float
    upper: float

    @property
    def signal(self) -> Signal:
        if self.share > self.upper:
            return Signal.HIGH
        return Signal.LOW if self.share < self.lower else Signal.USUAL


@dataclass(frozen=True)
class PChart:
    """The shares in order, and the share of all of them together."""

    centre: float
    points: tuple[ControlPoint, ...]

    @property
    def steady(self) -> bool:
        return len(self.points) >= STEADY_POINTS


def p_chart(parts: Sequence[tuple[int, int]]) -> PChart | None:
    """Shewhart's chart of proportions from (part, whole), each whole more than nought; None of no points.

    Limits are three standard errors about the share of all, each by its own whole. Raises ValueError for a part that
    is less than nought or more than its whole, and for a whole of nought. Source: NIST/SEMATECH e-Handbook 6.3.3.2.
    """
    if any(whole <= 0 or not 0 <= part <= whole for part, whole in parts):
        raise ValueError("Each part lies between nought and its whole, and no whole is nought.")
    if not parts:
        return None
    centre = sum(part for part, _whole in parts) / sum(whole for _part, whole in parts)
    points: list[ControlPoint] = []
    for part, whole in parts:
        reach = SIGMAS * math.sqrt(centre * (1 - centre) / whole)
        points.append(ControlPoint(part / whole, max(0.0, centre - reach), min(1.0, centre + reach)))
    return PChart(centre, tuple(points))
