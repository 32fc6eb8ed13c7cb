"""Reading what is published about failures, and about what is missing in which ward."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Actor
from core.geography.queries import ward_facts
from core.small_numbers import SUPPRESSED, Shown, share
from prescribing.episodes.causes import CAUSE_WORDS
from prescribing.evidence import queries
from prescribing.evidence.cube import HELPING_KEY, NOT_KNOWN, Breakdown, group_key, stage_key
from prescribing.evidence.failings import CAUSES, FAILED_KEY, TIMED_KEY, cause_key, kind_key
from prescribing.evidence.lacking import LACK_WORDS, Lack, lack_key
from prescribing.evidence.models import Publication
from prescribing.evidence.queries import KIND, Line
from prescribing.evidence.rules import Interval, Period, PeriodKind, Stage, slug_of, wilson
from prescribing.evidence.variation_rules import PChart, Signal, p_chart
from prescribing.failures.rules import KIND_WORDS, Kind

MOST_MONTHS = 24


@dataclass(frozen=True)
class Month:
    """One month of the chart, fractions as whole per cent; `share` and limits are None where it may not be drawn."""

    said: str
    slug: str
    asked: Shown
    failed: Shown
    share: int | None = None
    lower: int | None = None
    upper: int | None = None
    signal: Signal | None = None


@dataclass(frozen=True)
class Variation:
    """Months in order, oldest first. `centre` is whole per cent, None where no month may be drawn; `steady` tells
    whether there are months enough for the limits to stay where they are."""

    months: tuple[Month, ...]
    centre: int | None
    steady: bool


@dataclass(frozen=True)
class FailuresView:
    """Of the people who asked in a period, how many met a failure, how it showed, why, and what it cost.

    `lower` and `upper` are whole per cent between which the share most likely lies; `causes` come with the most first;
    `minutes` are those of the `timed` people for whom it was written down.
    """

    period: Period
    slug: str
    said: str
    asked: Shown
    failed: Shown
    share: Shown | None
    lower: int | None
    upper: int | None
    causes: tuple[Line, ...]
    kinds: tuple[Line, ...]
    minutes: Shown
    timed: Shown
    variation: Variation


@dataclass(frozen=True)
class WardLine:
    """One ward: its deprivation (1 most deprived, None not known), its people, who asked, and what was missing."""

    code: str
    name: str
    quintile: int | None
    population: int | None
    asked: Shown
    lacks: tuple[Shown, ...]
    searches: Shown | None


@dataclass(frozen=True)
class LackingView:
    """What was missing in a period: of everybody, and by ward (none for a month, which holds too few)."""

    period: Period
    slug: str
    said: str
    asked: Shown
    totals: tuple[Line, ...]
    wards: tuple[WardLine, ...]


def helping(session: Session, actor: Actor, period: Period) -> Shown | None:
    """People who were helped, began to help others in the period and agreed to be counted; None where not counted."""
    figures: dict[str, Shown] = _figures(session, actor, period)["figures"]
    return figures.get(HELPING_KEY)


def failures(session: Session, actor: Actor, period: Period) -> FailuresView | None:
    """What is published about failures; None for a period that was published before they were counted.

    Raises `NotFound` where nothing is published, and for whoever may not see it.
    """
    cube = _figures(session, actor, period)
    figures: dict[str, Shown] = cube["figures"]
    if FAILED_KEY not in figures:
        return None
    asked, failed = figures[stage_key(Stage.REQUESTS)], figures[FAILED_KEY]
    likely = _likely(failed, asked)

    def line(words: str, key: str) -> Line:
        return Line(words, figures[key], share(figures[key], failed))

    causes = [line(CAUSE_WORDS[each] if each else "nobody said why", cause_key(each)) for each in CAUSES]
    kinds = [line(KIND_WORDS[each], kind_key(each)) for each in Kind]
    return FailuresView(
        period=period,
        slug=slug_of(period),
        said=period.say(),
        asked=asked,
        failed=failed,
        share=share(failed, asked),
        lower=round(100 * likely.lower) if likely else None,
        upper=round(100 * likely.upper) if likely else None,
        causes=_most_first(causes),
        kinds=_most_first(kinds),
        minutes=cube["minutes"],
        timed=figures[TIMED_KEY],
        variation=_variation(session, period),
    )


def lacking(session: Session, actor: Actor, period: Period) -> LackingView | None:
    """What is published about what is missing; None for a period that was published before it was counted."""
    cube = _figures(session, actor, period)
    figures: dict[str, Shown] = cube["figures"]
    if lack_key(Lack.WAITING) not in figures:
        return None
    asked = figures[stage_key(Stage.REQUESTS)]
    facts = {ward.code: ward for ward in ward_facts(session)}
    wards: list[WardLine] = []
    for code in cube["groups"].get(Breakdown.WARD.value, ()):
        ward = facts.get(code)
        wards.append(
            WardLine(
                code=code,
                name="Not known" if code == NOT_KNOWN else cube["names"].get(code, code),
                quintile=ward.deprivation_quintile if ward else None,
                population=ward.population if ward else None,
                asked=figures[group_key(Breakdown.WARD, code, Stage.REQUESTS)],
                lacks=tuple(figures[lack_key(lack, code)] for lack in Lack),
                searches=cube["searches"].get(code),
            )
        )
    return LackingView(
        period=period,
        slug=slug_of(period),
        said=period.say(),
        asked=asked,
        totals=tuple(
            Line(words, figures[lack_key(lack)], share(figures[lack_key(lack)], asked))
            for lack, words in LACK_WORDS.items()
        ),
        wards=tuple(wards),
    )


def _figures(session: Session, actor: Actor, period: Period) -> dict[str, Any]:
    queries.publication(session, actor, period)
    row = queries.row_of(session, period)
    return row.cube if row is not None else {}


def _most_first(lines: list[Line]) -> tuple[Line, ...]:
    """The most first, then the hidden, then nought."""
    return tuple(sorted(lines, key=lambda line: -(1 if line.people == SUPPRESSED else int(line.people))))


def _likely(part: Shown, whole: Shown) -> Interval | None:
    """Wilson's interval from figures as they are shown, so that it gives away no more."""
    if isinstance(part, str) or isinstance(whole, str):
        return None
    return wilson(min(part, whole), whole)


def _variation(session: Session, period: Period) -> Variation:
    rows = session.scalars(
        select(Publication)
        .where(
            Publication.kind == KIND,
            Publication.period_kind == PeriodKind.MONTH,
            Publication.period_start <= period.end,
        )
        .order_by(Publication.period_start.desc())
        .limit(MOST_MONTHS)
    )
    months: list[Month] = []
    drawn: list[tuple[int, int]] = []
    for row in reversed([row for row in rows if FAILED_KEY in row.cube["figures"]]):
        month = Period(PeriodKind.MONTH, row.period_start)
        asked: Shown = row.cube["figures"][stage_key(Stage.REQUESTS)]
        failed: Shown = row.cube["figures"][FAILED_KEY]
        if isinstance(asked, int) and isinstance(failed, int) and asked:
            drawn.append((min(failed, asked), asked))
        months.append(Month(month.say(), slug_of(month), asked, failed))
    chart = p_chart(drawn)
    if chart is None:
        return Variation(tuple(months), None, steady=False)
    return Variation(_with_limits(months, chart), round(100 * chart.centre), steady=chart.steady)


def _with_limits(months: list[Month], chart: PChart) -> tuple[Month, ...]:
    points = iter(chart.points)
    found: list[Month] = []
    for month in months:
        if isinstance(month.asked, str) or isinstance(month.failed, str) or not month.asked:
            found.append(month)
            continue
        point = next(points)
        found.append(
            replace(
                month,
                share=round(100 * point.share),
                lower=round(100 * point.lower),
                upper=round(100 * point.upper),
                signal=point.signal,
            )
        )
    return tuple(found)
