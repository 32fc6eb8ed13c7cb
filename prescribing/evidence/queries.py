"""Reading what is published: figures that were made fit to be shown before they were stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Permission
from core.errors import NotFound
from core.small_numbers import Shown, share
from prescribing.evidence.cube import (
    CLOSED_KEY,
    NOT_KNOWN,
    PAIRED,
    Age,
    Breakdown,
    Shift,
    Source,
    ending_key,
    group_key,
    outcome_key,
    setback_key,
    stage_key,
)
from prescribing.evidence.endings import ENDING_WORDS, SETBACK_WORDS
from prescribing.evidence.models import Publication
from prescribing.evidence.rules import STAGE_WORDS, Period, PeriodKind, Stage, slug_of
from prescribing.measures.instruments import ONS4

KIND = "thread"

BREAKDOWN_WORDS = {
    Breakdown.SOURCE: "Who asked",
    Breakdown.QUINTILE: "How deprived the ward is",
    Breakdown.AGE: "Age",
    Breakdown.WARD: "Ward",
}
_GROUP_WORDS = {
    Source.THEMSELVES: "asked for themselves",
    Source.SOMEONE_CLOSE: "somebody close to them asked",
    Source.GP_PRACTICE: "GP practice",
    Source.OTHER_SERVICE: "another service",
    Source.PHONE: "rang us",
    Age.UNDER_18: "under 18",
    Age.FROM_18: "18 to 34",
    Age.FROM_35: "35 to 54",
    Age.FROM_55: "55 to 74",
    Age.FROM_75: "75 and over",
    "1": "1, the most deprived fifth of England",
    "2": "2",
    "3": "3",
    "4": "4",
    "5": "5, the least deprived fifth",
    NOT_KNOWN: "not known",
}


@dataclass(frozen=True)
class FlowLine:
    """How many got so far, of how many who asked. `share` is whole per cent; `days` is the median of working days to
    the next stage, None for the last and where nobody got there."""

    stage: Stage
    label: str
    people: Shown
    share: Shown | None
    days: Shown | None


@dataclass(frozen=True)
class Line:
    """One figure with its denominator."""

    label: str
    people: Shown
    share: Shown | None


@dataclass(frozen=True)
class GroupLine:
    """One group of a breakdown, and how many of it got so far."""

    label: str
    people: tuple[Shown, ...]


@dataclass(frozen=True)
class BreakdownView:
    """The flow by one thing. `known` is how many of those who asked we know it for, whole per cent, None of nobody."""

    by: Breakdown
    label: str
    stages: tuple[Stage, ...]
    groups: tuple[GroupLine, ...]
    known: Shown | None


@dataclass(frozen=True)
class OutcomeView:
    """The change of one question of ONS4. `of` were supported and finished; `paired` of them answered twice.

    `mean`, `lower` and `upper` are points on the scale, None where they may not be shown; shares are whole per cent of
    those who answered twice. `at_least` and `at_most` is the share of all who finished that did better, whatever those
    who did not answer would have said.
    """

    label: str
    lower_is_better: bool
    of: Shown
    paired: Shown
    better: Shown
    same: Shown
    worse: Shown
    better_share: Shown | None
    mean: float | None
    lower: float | None
    upper: float | None
    at_least: int | None
    at_most: int | None


@dataclass(frozen=True)
class PublicationView:
    """All that is published about one period."""

    period: Period
    slug: str
    said: str
    as_at: date
    asked: Shown
    flow: tuple[FlowLine, ...]
    endings: tuple[Line, ...]
    setbacks: tuple[Line, ...]
    breakdowns: tuple[BreakdownView, ...]
    finished: Shown
    outcomes: tuple[OutcomeView, ...]


@dataclass(frozen=True)
class PeriodChoice:
    """A period that can be looked at."""

    slug: str
    said: str
    kind: PeriodKind


def periods(session: Session, actor: Actor) -> tuple[PeriodChoice, ...]:
    """The periods that are published, latest first, quarters before years before months."""
    _check(actor)
    rows = session.execute(
        select(Publication.period_kind, Publication.period_start)
        .where(Publication.kind == KIND)
        .order_by(Publication.period_start.desc())
    )
    found = [Period(row.period_kind, row.period_start) for row in rows]
    order = (PeriodKind.QUARTER, PeriodKind.YEAR, PeriodKind.MONTH)
    return tuple(
        PeriodChoice(slug_of(period), period.say(), period.kind)
        for kind in order
        for period in found
        if period.kind is kind
    )


def publication(session: Session, actor: Actor, period: Period) -> PublicationView:
    """What is published about a period. Raises `NotFound` where nothing is."""
    _check(actor)
    row = row_of(session, period)
    if row is None:
        raise NotFound
    return _view(period, row.cube)


def row_of(session: Session, period: Period) -> Publication | None:
    """The publication of a period, if there is one."""
    return session.scalar(
        select(Publication).where(
            Publication.kind == KIND,
            Publication.period_kind == period.kind,
            Publication.period_start == period.start,
        )
    )


def published_figures(session: Session, wanted: tuple[Period, ...]) -> dict[Period, dict[str, Shown]]:
    """The figures of those of the wanted periods that are published."""
    rows = session.scalars(
        select(Publication).where(
            Publication.kind == KIND, Publication.period_start.in_({period.start for period in wanted})
        )
    )
    cubes = {Period(row.period_kind, row.period_start): row.cube["figures"] for row in rows}
    return {period: cubes[period] for period in wanted if period in cubes}


def _check(actor: Actor) -> None:
    if actor.kind != "system" and not actor.can(Permission.SEE_EVIDENCE):
        raise NotFound


def _view(period: Period, cube: dict[str, Any]) -> PublicationView:
    figures: dict[str, Shown] = cube["figures"]
    asked = figures[stage_key(Stage.REQUESTS)]
    return PublicationView(
        period=period,
        slug=slug_of(period),
        said=period.say(),
        as_at=date.fromisoformat(cube["as_at"]),
        asked=asked,
        flow=tuple(
            FlowLine(
                stage=stage,
                label=STAGE_WORDS[stage],
                people=figures[stage_key(stage)],
                share=share(figures[stage_key(stage)], asked),
                days=cube["days"].get(stage.value),
            )
            for stage in Stage
        ),
        endings=tuple(
            Line(words, figures[ending_key(each)], share(figures[ending_key(each)], asked))
            for each, words in ENDING_WORDS.items()
        ),
        setbacks=tuple(
            Line(words, figures[setback_key(each)], share(figures[setback_key(each)], asked))
            for each, words in SETBACK_WORDS.items()
        ),
        breakdowns=tuple(_breakdown(cube, Breakdown(by)) for by in cube["groups"]),
        finished=figures[CLOSED_KEY],
        outcomes=_outcomes(cube),
    )


def _breakdown(cube: dict[str, Any], by: Breakdown) -> BreakdownView:
    figures: dict[str, Shown] = cube["figures"]
    stages = tuple(Stage)

    def line(group: str) -> tuple[Shown, ...]:
        return tuple(figures[group_key(by, group, stage)] for stage in stages)

    unknown = figures.get(group_key(by, NOT_KNOWN, Stage.REQUESTS), 0)
    asked = figures[stage_key(Stage.REQUESTS)]
    missing = share(unknown, asked)
    return BreakdownView(
        by=by,
        label=BREAKDOWN_WORDS[by],
        stages=stages,
        groups=tuple(
            GroupLine(cube["names"].get(group) or _GROUP_WORDS[group], line(group))
            for group in cube["groups"][by.value]
            if by is not Breakdown.WARD or group != NOT_KNOWN or any(line(group))
        ),
        known=missing if missing is None or isinstance(missing, str) else 100 - missing,
    )


def _outcomes(cube: dict[str, Any]) -> tuple[OutcomeView, ...]:
    figures: dict[str, Shown] = cube["figures"]
    finished = figures[CLOSED_KEY]
    found: list[OutcomeView] = []
    for item in ONS4.items:
        paired = figures[outcome_key(item.key, PAIRED)]
        better, same, worse = (figures[outcome_key(item.key, shift)] for shift in Shift)
        mean = cube["means"][item.key]
        numbers = mean if isinstance(mean, list) else (None, None, None)
        least = share(better, finished)
        whole = isinstance(paired, int) and isinstance(finished, int) and isinstance(least, int)
        missing = max(0, int(finished) - int(paired)) if whole else 0
        found.append(
            OutcomeView(
                label=item.label,
                lower_is_better=item.direction.value == "lower-better",
                of=finished,
                paired=paired,
                better=better,
                same=same,
                worse=worse,
                better_share=share(better, paired),
                mean=numbers[0],
                lower=numbers[1],
                upper=numbers[2],
                at_least=int(least) if whole and least is not None else None,
                at_most=min(100, int(100 * (int(better) + missing) / int(finished) + 0.5)) if whole else None,
            )
        )
    return tuple(found)
