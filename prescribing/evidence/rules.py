"""What may be published: fixed periods, suppressed figures, the flow from request to sustained, intervals."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import NormalDist, fmean, stdev
from typing import Literal

from core.calendar.rules import MONTHS, add_months, london_day, working_days_between
from core.errors import Invalid
from prescribing.episodes.moves import Event, standing
from prescribing.episodes.rules import EpisodeState
from prescribing.referrals.rules import ReferralState

APRIL = 4
ShownMean = float | Literal["*"] | None


# People need time to get somewhere: each period is looked at so many days after it ended, so that periods compare.
SETTLE_DAYS = 28


class PeriodKind(StrEnum):
    """A month, a quarter, or a year from April to March."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS_IN: Mapping[PeriodKind, int] = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.YEAR: 12}


@dataclass(frozen=True)
class Period:
    """One fixed period, both days included. Free ranges are never published: they defeat suppression."""

    kind: PeriodKind
    start: date

    def __post_init__(self) -> None:
        if self.start != _start_of(self.kind, self.start):
            raise ValueError(f"No {self.kind} starts on {self.start.isoformat()}.")

    @property
    def end(self) -> date:
        return add_months(self.start, _MONTHS_IN[self.kind]) - timedelta(days=1)

    @property
    def previous(self) -> Period:
        return Period(self.kind, add_months(self.start, -_MONTHS_IN[self.kind]))

    def covers(self, day: date) -> bool:
        return self.start <= day <= self.end

    def complete(self, today: date) -> bool:
        """Only a period that is over may be published."""
        return self.end < today

    def say(self) -> str:
        """Words such as "March 2026", "January to March 2026", "April 2025 to March 2026"."""
        first, last = self.start, self.end
        end = f"{MONTHS[last.month - 1]} {last.year}"
        if self.kind is PeriodKind.MONTH:
            return end
        begin = (
            MONTHS[first.month - 1] if first.year == last.year else f"{MONTHS[first.month - 1]} {first.year}"
        )
        return f"{begin} to {end}"


def slug_of(period: Period) -> str:
    """Its name in an address or a command: "2026-03", "2026-Q1", "2025-to-2026"."""
    first = period.start
    if period.kind is PeriodKind.MONTH:
        return f"{first.year}-{first.month:02}"
    if period.kind is PeriodKind.QUARTER:
        return f"{first.year}-Q{(first.month + 2) // 3}"
    return f"{first.year}-to-{first.year + 1}"


_SLUG = re.compile(r"(20\d\d)-(?:(0[1-9]|1[0-2])|Q([1-4])|to-(20\d\d))")


def read_period(text: str) -> Period:
    """The period of that name. Raises Invalid, with the forms that there are, for anything else."""
    found = _SLUG.fullmatch(text.strip())
    if found is not None:
        year, month, quarter, until = found.groups()
        if month:
            return Period(PeriodKind.MONTH, date(int(year), int(month), 1))
        if quarter:
            return Period(PeriodKind.QUARTER, date(int(year), 3 * int(quarter) - 2, 1))
        if int(until) == int(year) + 1:
            return Period(PeriodKind.YEAR, date(int(year), APRIL, 1))
    raise Invalid("Write a period like 2026-03, 2026-Q1 or 2025-to-2026 (April to March).", "period")


def parts_of(period: Period, kind: PeriodKind) -> tuple[Period, ...]:
    """The shorter periods of `kind` that make up a longer one, in order."""
    starts = range(0, _MONTHS_IN[period.kind], _MONTHS_IN[kind])
    return tuple(Period(kind, add_months(period.start, months)) for months in starts)


def _start_of(kind: PeriodKind, day: date) -> date:
    # Quarters of the calendar and of the financial year are the same months; the year runs from April.
    months = (day.month - APRIL) % _MONTHS_IN[kind]
    return add_months(day.replace(day=1), -months)


def period_of(kind: PeriodKind, day: date) -> Period:
    """The period that the day falls in."""
    return Period(kind, _start_of(kind, day))


def latest_complete(kind: PeriodKind, today: date) -> Period:
    """The latest period that is over."""
    return period_of(kind, today).previous


def complete_periods(kind: PeriodKind, since: date, today: date) -> tuple[Period, ...]:
    """The periods that are over, latest first, back to the one that holds `since`."""
    found: list[Period] = []
    period = latest_complete(kind, today)
    while period.end >= since:
        found.append(period)
        period = period.previous
    return tuple(found)


class Stage(StrEnum):
    """The flow from request to sustained; each stage holds whoever got at least so far."""

    REQUESTS = "requests"
    CONTACTED = "contacted"
    ACTIVE = "active"
    REFERRED_ONWARD = "referred-onward"
    ACCEPTED = "accepted"
    STARTED = "started"
    SUSTAINED = "sustained"


STAGE_WORDS: Mapping[Stage, str] = {
    Stage.REQUESTS: "asked for support",
    Stage.CONTACTED: "talked with a link worker",
    Stage.ACTIVE: "being supported",
    Stage.REFERRED_ONWARD: "referred to a group",
    Stage.ACCEPTED: "the group said yes",
    Stage.STARTED: "went for the first time",
    Stage.SUSTAINED: "kept going",
}
_EPISODE_STAGE: Mapping[str, Stage] = {
    EpisodeState.SUBMITTED: Stage.REQUESTS,
    EpisodeState.ACTIVE: Stage.ACTIVE,
}
_REFERRAL_STAGE: Mapping[str, Stage] = {
    ReferralState.REQUESTED: Stage.REFERRED_ONWARD,
    ReferralState.ACCEPTED: Stage.ACCEPTED,
    ReferralState.STARTED: Stage.STARTED,
    ReferralState.COMPLETED: Stage.SUSTAINED,
}


def stages_reached(
    episode: Sequence[Event], referrals: Iterable[Sequence[Event]] = (), contacted_on: date | None = None
) -> dict[Stage, date]:
    """The first day on which an episode reached each stage, in the order of the flow.

    `contacted_on` is the day of the first talk. Whoever reached a later stage has passed the earlier ones, if not
    recorded otherwise on the later one's day. Empty for a draft and for what was entered in error.
    """
    first: dict[Stage, date] = {}

    def note(stage: Stage | None, day: date) -> None:
        if stage is not None:
            first[stage] = min(day, first.get(stage, day))

    for event in standing(episode):
        note(_EPISODE_STAGE.get(event.target), london_day(event.at))
    if Stage.REQUESTS not in first:
        return {}
    if contacted_on is not None:
        note(Stage.CONTACTED, contacted_on)
    for history in referrals:
        for event in standing(history):
            note(_REFERRAL_STAGE.get(event.target), london_day(event.at))
    return _fill(first)


def _fill(first: Mapping[Stage, date]) -> dict[Stage, date]:
    filled: dict[Stage, date] = {}
    earliest: date | None = None
    for stage in reversed(Stage):
        day = first.get(stage, earliest)
        if day is not None:
            filled[stage] = day
            earliest = day if earliest is None else min(day, earliest)
    return {stage: filled[stage] for stage in Stage if stage in filled}


def flow(reached: Iterable[Mapping[Stage, date]]) -> dict[Stage, int]:
    """How many episodes got at least so far; not yet fit to be shown."""
    counts = dict.fromkeys(Stage, 0)
    for stages in reached:
        for stage in stages:
            counts[stage] += 1
    return counts


def working_days_in_stages(reached: Mapping[Stage, date]) -> dict[Stage, int]:
    """Working days from each stage reached to the next one reached; nothing for the last."""
    stages = [stage for stage in Stage if stage in reached]
    return {
        here: max(0, working_days_between(reached[here], reached[there])) for here, there in pairwise(stages)
    }


@dataclass(frozen=True)
class Interval:
    lower: float
    upper: float


def wilson(part: int, whole: int, confidence: float = 0.95) -> Interval | None:
    """Wilson's interval for a proportion, as fractions of 1; None of nobody. Source: Wilson 1927, JASA 22:209."""
    if not 0 <= part <= whole:
        raise ValueError("The part cannot be less than nothing or more than the whole.")
    if whole == 0:
        return None
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = part / whole
    middle = share + z * z / (2 * whole)
    spread = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    return Interval(max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale))


@dataclass(frozen=True)
class Mean:
    """A mean with its interval; the interval is None where there are fewer than two values."""

    value: float
    interval: Interval | None


def mean_with_interval(values: Sequence[float], confidence: float = 0.95) -> Mean | None:
    """The mean and Student's t interval; None of no values. Source: Student 1908, Biometrika 6:1."""
    if not values:
        return None
    mean = fmean(values)
    if len(values) == 1:
        return Mean(mean, None)
    # SciPy takes a second to load: only whoever publishes pays for it.
    from scipy.special import stdtrit

    half = float(stdtrit(len(values) - 1, 0.5 + confidence / 2)) * stdev(values) / math.sqrt(len(values))
    return Mean(mean, Interval(mean - half, mean + half))
