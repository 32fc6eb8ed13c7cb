"""Counting one period, and making the counts fit to be published. Pure: what is counted comes in as plain values.

A figure's key says what it counts: "stage/started", "ward/E05000681/started", "ending/finished",
"setback/no-capacity", "outcome/anxiety/better", "failure/any", "failure/cause/late", "helping/started".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Any

from core.small_numbers import SUPPRESSED, Shown, suppress
from prescribing.evidence.disclosure import Sum, Table, protect
from prescribing.evidence.endings import Ending, Setback
from prescribing.evidence.failings import Failed, cost, count_failures, falling_failures
from prescribing.evidence.lacking import Lack, lack_key
from prescribing.evidence.rules import (
    Period,
    PeriodKind,
    Stage,
    flow,
    mean_with_interval,
    parts_of,
    period_of,
    slug_of,
    working_days_in_stages,
)
from prescribing.measures.rules import Change, Instrument, Turn
from prescribing.people.rules import AgeBand

NOT_KNOWN = "not-known"


class Breakdown(StrEnum):
    """By what the flow is shown; months are too short for any of them."""

    SOURCE = "source"
    QUINTILE = "quintile"
    AGE = "age"
    WARD = "ward"


class Source(StrEnum):
    """Who asked, as far as a count needs to know."""

    THEMSELVES = "themselves"
    SOMEONE_CLOSE = "someone-close"
    GP_PRACTICE = "gp-practice"
    OTHER_SERVICE = "other-service"
    PHONE = "phone"


class Age(StrEnum):
    """Bands wide enough to hold people enough."""

    UNDER_18 = "under-18"
    FROM_18 = "18-to-34"
    FROM_35 = "35-to-54"
    FROM_55 = "55-to-74"
    FROM_75 = "75-and-over"


_AGES: Mapping[str, Age] = {
    AgeBand.UNDER_16: Age.UNDER_18,
    AgeBand.FROM_16: Age.UNDER_18,
    AgeBand.FROM_18: Age.FROM_18,
    AgeBand.FROM_25: Age.FROM_18,
    AgeBand.FROM_35: Age.FROM_35,
    AgeBand.FROM_45: Age.FROM_35,
    AgeBand.FROM_55: Age.FROM_55,
    AgeBand.FROM_65: Age.FROM_55,
    AgeBand.FROM_75: Age.FROM_75,
    AgeBand.FROM_85: Age.FROM_75,
}


def age_group(band: str | None) -> str:
    """The wider band of a person's own, or not known."""
    found = _AGES.get(band or "")
    return found.value if found is not None else NOT_KNOWN


class Shift(StrEnum):
    """Whether somebody moved to another band of the scale."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


@dataclass(frozen=True)
class Case:
    """One request of the period: how far it got by the day on which it is looked at, and about whom it is."""

    stages: Mapping[Stage, date]
    source: Source
    ward: str
    quintile: str
    age: str
    ending: Ending
    setbacks: frozenset[Setback] = frozenset()
    failures: tuple[Failed, ...] = ()
    lacks: frozenset[Lack] = frozenset()

    def group(self, by: Breakdown) -> str:
        """Where it belongs in a breakdown."""
        groups = {
            Breakdown.SOURCE: self.source.value,
            Breakdown.QUINTILE: self.quintile,
            Breakdown.AGE: self.age,
            Breakdown.WARD: self.ward,
        }
        return groups[by]


@dataclass(frozen=True)
class Counted:
    """A period before suppression: never stored, never shown. `finished` are the changes of each person who was
    supported and whose support ended in the period, by question; empty where not measured twice. `began_to_help` counts
    the people of any team who first took an active role in it and agreed to be counted. `searches` are those in vain by
    ward, as the directory tells them: of several people each.
    """

    period: Period
    as_at: date
    cases: Sequence[Case]
    finished: Sequence[Mapping[str, Change]]
    instrument: Instrument
    groups: Mapping[Breakdown, Sequence[str]]
    ward_quintiles: Mapping[str, str]
    names: Mapping[str, str]
    began_to_help: int = 0
    searches: Mapping[str, int] = field(default_factory=dict)


def groups_with(wards: Iterable[str]) -> dict[Breakdown, tuple[str, ...]]:
    """The groups of each breakdown: the same in every publication, so that an absent one gives nothing away."""
    return {
        Breakdown.SOURCE: tuple(Source),
        Breakdown.QUINTILE: (*"12345", NOT_KNOWN),
        Breakdown.AGE: (*Age, NOT_KNOWN),
        Breakdown.WARD: (*wards, NOT_KNOWN),
    }


def breakdowns_of(kind: PeriodKind) -> tuple[Breakdown, ...]:
    """What a period of that length may be broken down by."""
    return () if kind is PeriodKind.MONTH else tuple(Breakdown)


def stage_key(stage: Stage) -> str:
    return f"stage/{stage.value}"


def group_key(by: Breakdown, group: str, stage: Stage) -> str:
    return f"{by.value}/{group}/{stage.value}"


def outcome_key(question: str, what: str) -> str:
    return f"outcome/{question}/{what}"


def ending_key(ending: Ending) -> str:
    return f"ending/{ending.value}"


def setback_key(setback: Setback) -> str:
    return f"setback/{setback.value}"


CLOSED_KEY = "outcome/closed"
PAIRED = "paired"
HELPING_KEY = "helping/started"


def public_key(period: Period, key: str) -> str:
    """A figure of another publication, told apart from our own."""
    return f"{slug_of(period)}:{key}"


def count(counted: Counted) -> dict[str, int]:
    """Every figure of the period as it is. Not fit to be shown."""
    counts = {stage_key(stage): number for stage, number in flow(c.stages for c in counted.cases).items()}
    for by in breakdowns_of(counted.period.kind):
        for group in counted.groups[by]:
            inside = [case.stages for case in counted.cases if case.group(by) == group]
            counts |= {group_key(by, group, stage): number for stage, number in flow(inside).items()}
    for each in Ending:
        counts[ending_key(each)] = sum(1 for case in counted.cases if case.ending is each)
    for setback in Setback:
        counts[setback_key(setback)] = sum(1 for case in counted.cases if setback in case.setbacks)
    counts |= count_failures([case.failures for case in counted.cases])
    counts |= _lacks(counted)
    counts[HELPING_KEY] = counted.began_to_help
    counts[CLOSED_KEY] = len(counted.finished)
    for item in counted.instrument.items:
        changes = [found[item.key] for found in counted.finished if item.key in found]
        counts[outcome_key(item.key, PAIRED)] = len(changes)
        for shift in Shift:
            counts[outcome_key(item.key, shift)] = sum(1 for each in changes if shift_of(each) is shift)
    return counts


def _lacks(counted: Counted) -> dict[str, int]:
    """People who met each lack, altogether and, where the period is long enough, by ward."""
    counts: dict[str, int] = {}
    for lack in Lack:
        met = [case for case in counted.cases if lack in case.lacks]
        counts[lack_key(lack)] = len(met)
        for ward in _wards(counted):
            counts[lack_key(lack, ward)] = sum(1 for case in met if case.ward == ward)
    return counts


def _wards(counted: Counted) -> Sequence[str]:
    return counted.groups[Breakdown.WARD] if breakdowns_of(counted.period.kind) else ()


def shift_of(change: Change) -> Shift:
    """Whether a change crosses into another band, and which way is better."""
    if not change.moved_band:
        return Shift.SAME
    return Shift.BETTER if change.turn is Turn.BETTER else Shift.WORSE


def publish(counted: Counted, public: Mapping[Period, Mapping[str, Shown]]) -> dict[str, Any]:
    """The cube of a period, fit to be stored and shown. `public` holds the figures of what is published already."""
    figures = protect(count(counted), table_of(counted, public))
    return {
        "as_at": counted.as_at.isoformat(),
        "figures": figures,
        "days": _days(counted, figures),
        "means": _means(counted, figures),
        "minutes": cost([case.failures for case in counted.cases], figures),
        "groups": {by.value: list(counted.groups[by]) for by in breakdowns_of(counted.period.kind)},
        "names": dict(counted.names),
        "searches": {
            ward: suppress(counted.searches.get(ward, 0)) for ward in _wards(counted) if ward != NOT_KNOWN
        },
    }


def table_of(counted: Counted, public: Mapping[Period, Mapping[str, Shown]]) -> Table:
    """What a reader knows of the figures of a period: how they add up inside it and with its neighbours in time."""
    keys = list(count(counted))
    return Table(
        sums=(*_inside(counted), *_across(counted.period, keys)),
        falling=tuple(_falling(counted)),
        public={
            public_key(period, key): shown for period, cube in public.items() for key, shown in cube.items()
        },
    )


def neighbours(period: Period) -> tuple[Period, ...]:
    """Every other fixed period whose figures add up with this one's: its parts, and what it is part of with theirs."""
    found: list[Period] = []
    for kind in PeriodKind:
        whole = period_of(kind, period.start)
        if kind is period.kind or whole.end < period.end:
            continue
        found.append(whole)
        for each in _shorter(kind):
            found.extend(parts_of(whole, each))
    for each in _shorter(period.kind):
        found.extend(parts_of(period, each))
    return tuple(each for each in dict.fromkeys(found) if each != period)


def _shorter(kind: PeriodKind) -> tuple[PeriodKind, ...]:
    kinds = list(PeriodKind)
    return tuple(kinds[: kinds.index(kind)])


def _inside(counted: Counted) -> Iterator[Sum]:
    for by in breakdowns_of(counted.period.kind):
        for stage in Stage:
            yield Sum(stage_key(stage), tuple(group_key(by, group, stage) for group in counted.groups[by]))
    if breakdowns_of(counted.period.kind):
        for quintile in counted.groups[Breakdown.QUINTILE]:
            wards = [ward for ward, fifth in counted.ward_quintiles.items() if fifth == quintile]
            if quintile == NOT_KNOWN:
                wards.append(NOT_KNOWN)
            for stage in Stage:
                yield Sum(
                    group_key(Breakdown.QUINTILE, quintile, stage),
                    tuple(group_key(Breakdown.WARD, ward, stage) for ward in wards),
                )
    yield Sum(stage_key(Stage.REQUESTS), tuple(ending_key(each) for each in Ending))
    yield Sum(setback_key(Setback.NOTHING_FITS), (lack_key(Lack.NOTHING_FITS),))
    if _wards(counted):
        for lack in Lack:
            yield Sum(lack_key(lack), tuple(lack_key(lack, ward) for ward in _wards(counted)))
    for item in counted.instrument.items:
        yield Sum(outcome_key(item.key, PAIRED), tuple(outcome_key(item.key, shift) for shift in Shift))


def _across(period: Period, keys: Sequence[str]) -> Iterator[Sum]:
    for whole in (period, *neighbours(period)):
        for kind in _shorter(whole.kind):
            parts = parts_of(whole, kind)
            if whole != period and period not in parts:
                continue
            for key in keys:
                yield Sum(_named(whole, period, key), tuple(_named(part, period, key) for part in parts))


def _named(which: Period, own: Period, key: str) -> str:
    return key if which == own else public_key(which, key)


def _falling(counted: Counted) -> Iterator[tuple[str, ...]]:
    yield tuple(stage_key(stage) for stage in Stage)
    for by in breakdowns_of(counted.period.kind):
        for group in counted.groups[by]:
            yield tuple(group_key(by, group, stage) for stage in Stage)
    for item in counted.instrument.items:
        yield (CLOSED_KEY, outcome_key(item.key, PAIRED))
    for setback in Setback:
        yield (stage_key(Stage.REQUESTS), setback_key(setback))
    for chain in falling_failures():
        yield (stage_key(Stage.REQUESTS), *chain)
    for lack in Lack:
        yield (stage_key(Stage.REQUESTS), lack_key(lack))
        for ward in _wards(counted):
            yield (group_key(Breakdown.WARD, ward, Stage.REQUESTS), lack_key(lack, ward))


def _days(counted: Counted, figures: Mapping[str, Shown]) -> dict[str, Any]:
    """Median working days from a stage to the next, for those who got to the next; hidden where so few did."""
    spent = [working_days_in_stages(case.stages) for case in counted.cases]
    days: dict[str, Any] = {}
    for here, there in pairwise(Stage):
        values = [each[here] for each in spent if here in each]
        shown = figures[stage_key(there)]
        days[here.value] = SUPPRESSED if shown == SUPPRESSED else round(median(values)) if values else None
    return days


def _means(counted: Counted, figures: Mapping[str, Shown]) -> dict[str, Any]:
    """Mean change with its interval, by question; hidden over few people."""
    means: dict[str, Any] = {}
    for item in counted.instrument.items:
        changes = [found[item.key] for found in counted.finished if item.key in found]
        mean = mean_with_interval([change.after - change.before for change in changes])
        if figures[outcome_key(item.key, PAIRED)] == SUPPRESSED:
            means[item.key] = SUPPRESSED
        elif mean is None or mean.interval is None:
            means[item.key] = None
        else:
            values = (mean.value, mean.interval.lower, mean.interval.upper)
            means[item.key] = [round(value, 1) + 0.0 for value in values]  # never minus nought
    return means
