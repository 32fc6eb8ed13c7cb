"""Reading how somebody is doing, within the actor's teams; and, for the rest of the product, the change in words."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from core.access.rules import Actor
from core.calendar.rules import london_day
from prescribing.episodes import queries as episodes
from prescribing.episodes.models import Action, Episode, Goal
from prescribing.episodes.queries import EpisodeBrief
from prescribing.episodes.scope import of_team
from prescribing.measures.instruments import ASKED, INSTRUMENTS
from prescribing.measures.models import Measurement
from prescribing.measures.rules import (
    COMPLETED_BY_WORDS,
    MODE_WORDS,
    NOT_TODAY_WORDS,
    POINT_WORDS,
    Change,
    Instrument,
    NotToday,
    Point,
    Taken,
    changes,
    completeness,
    next_point,
    open_points,
    pair,
    say_value,
    total_change,
)


@dataclass(frozen=True)
class AnswerSet:
    """One time that it was asked. `values` are question labels with answers in words; `not_today` is why it was not
    answered, empty where it was."""

    id: UUID
    day: date
    point: Point
    said: str
    how: str
    completeness: str
    whole: bool
    values: tuple[tuple[str, str], ...]
    not_today: str


@dataclass(frozen=True)
class History:
    """One measure of one episode, oldest first, with the change from the start to the latest that is compared.

    `first` and `last` are the two times compared, None where there are not two.
    """

    key: str
    name: str
    sets: tuple[AnswerSet, ...]
    changes: tuple[Change, ...]
    total: Change | None
    first: AnswerSet | None
    last: AnswerSet | None

    @property
    def answered(self) -> bool:
        """Whether it was ever answered, in whole or in part."""
        return any(not each.not_today for each in self.sets)


@dataclass(frozen=True)
class MeasuresPage:
    """All measures of one episode. `points` are those at which ONS4 may be asked now, likeliest first."""

    episode: EpisodeBrief
    histories: tuple[History, ...]
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Asking:
    """What a page needs to ask one measure: the points that it may be asked at, and which is the likeliest."""

    episode: EpisodeBrief
    instrument: Instrument
    points: tuple[Point, ...]
    likeliest: Point | None


@dataclass(frozen=True)
class Brief:
    """The four questions of an episode in a line each, for a page of another feature. `ask_start` and `ask_end` say
    that they can be asked now and were not yet."""

    episode_id: UUID
    instrument: str
    lines: tuple[Change, ...]
    asked: bool
    ask_start: bool
    ask_end: bool


def measures_page(session: Session, actor: Actor, episode_id: UUID) -> MeasuresPage:
    """All measures of an episode of the actor's team. Raises `NotFound` outside. Whoever shows it audits the look."""
    episode = episodes.brief(session, actor, episode_id)
    rows = _rows(session, [episode_id])
    histories = [history(instrument, rows) for instrument in INSTRUMENTS.values()]
    main = next(iter(ASKED.values()))
    points = open_points(episode.state, taken(main.key, rows), planned=has_plan(session, episode_id))
    return MeasuresPage(episode, tuple(each for each in histories if each.sets), points)


def asking(
    session: Session, actor: Actor, episode_id: UUID, instrument: Instrument, *, closing: bool
) -> Asking:
    """What may be asked of an episode of the actor's team now. Raises `NotFound` outside."""
    episode = episodes.brief(session, actor, episode_id)
    earlier = taken(instrument.key, _rows(session, [episode_id]))
    points = open_points(episode.state, earlier, planned=has_plan(session, episode_id))
    likeliest = next_point(earlier, closing=closing, closed=not episode.is_open)
    if likeliest not in points:
        likeliest = points[0] if points else likeliest
    return Asking(episode, instrument, points, likeliest if points else None)


def in_brief(session: Session, actor: Actor, episode_id: UUID) -> Brief | None:
    """How ONS4 stands in an episode of the actor's team; None outside."""
    state = session.scalar(select(Episode.state).where(Episode.id == episode_id, of_team(actor)))
    if state is None:
        return None
    rows = _rows(session, [episode_id])
    main = next(iter(ASKED.values()))
    told = history(main, rows)
    points = open_points(state, taken(main.key, rows), planned=has_plan(session, episode_id))
    return Brief(
        episode_id=episode_id,
        instrument=main.key,
        lines=told.changes,
        asked=told.answered,
        ask_start=Point.BASELINE in points,
        # Somebody who said "not today" at the end was asked.
        ask_end=Point.EXIT in points and all(each.point is not Point.EXIT for each in told.sets),
    )


def taken_by_episode(
    session: Session, episode_ids: Collection[UUID], instrument: str
) -> dict[UUID, tuple[Taken, ...]]:
    """Every answer set of one instrument by episode, oldest first, for counting; of no use to a page."""
    found: dict[UUID, list[Measurement]] = {}
    for row in _rows(session, episode_ids):
        found.setdefault(row.episode_id, []).append(row)
    return {episode_id: taken(instrument, rows) for episode_id, rows in found.items()}


def changes_by_episode(session: Session, episode_ids: Collection[UUID]) -> dict[UUID, tuple[Change, ...]]:
    """The change of every measure by episode, totals where there are any, else question by question."""
    found: dict[UUID, list[Measurement]] = {}
    for row in _rows(session, episode_ids):
        found.setdefault(row.episode_id, []).append(row)
    told: dict[UUID, tuple[Change, ...]] = {}
    for episode_id, rows in found.items():
        every = [history(instrument, rows) for instrument in INSTRUMENTS.values()]
        told[episode_id] = tuple(
            change for each in every for change in ((each.total,) if each.total is not None else each.changes)
        )
    return told


def follow_ups_by_episode(session: Session, episode_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many follow-ups were asked after closing, by episode; one day counts once."""
    days = {
        (row.episode_id, london_day(row.at))
        for row in _rows(session, episode_ids)
        if row.point is Point.FOLLOW_UP
    }
    counts: dict[UUID, int] = {}
    for episode_id, _day in days:
        counts[episode_id] = counts.get(episode_id, 0) + 1
    return counts


def has_plan(session: Session, episode_id: UUID) -> bool:
    """Whether a goal or a step towards one is written down. Needs alone may come from the request."""
    planned = (
        exists().where(Action.episode_id == episode_id),
        exists().where(Goal.episode_id == episode_id),
    )
    return bool(session.scalar(select(planned[0] | planned[1])))


def taken_in(session: Session, episode_id: UUID, instrument: str) -> tuple[Taken, ...]:
    """The answer sets of one episode, oldest first, for deciding what may be asked."""
    return taken(instrument, _rows(session, [episode_id]))


def taken(instrument: str, rows: Sequence[Measurement]) -> tuple[Taken, ...]:
    """The rows of one instrument that hold answers, as the rules know them."""
    return tuple(
        Taken(row.point, row.at, json.loads(row.answers or "{}"))
        for row in rows
        if row.instrument == instrument and row.not_today_reason is None
    )


def history(instrument: Instrument, rows: Sequence[Measurement]) -> History:
    """One instrument's history from the rows of one episode."""
    mine = [row for row in rows if row.instrument == instrument.key]
    sets = {row.id: _answer_set(instrument, row) for row in mine}
    answered = {row.at: row for row in mine if row.not_today_reason is None}
    two = pair(taken(instrument.key, mine))
    return History(
        key=instrument.key,
        name=instrument.name,
        sets=tuple(sets.values()),
        changes=changes(instrument, two[0].answers, two[1].answers) if two else (),
        total=total_change(instrument, two[0].answers, two[1].answers) if two else None,
        first=sets[answered[two[0].at].id] if two else None,
        last=sets[answered[two[1].at].id] if two else None,
    )


def _answer_set(instrument: Instrument, row: Measurement) -> AnswerSet:
    answers: dict[str, int] = json.loads(row.answers or "{}")
    reason = NOT_TODAY_WORDS[NotToday(row.not_today_reason)] if row.not_today_reason else ""
    return AnswerSet(
        id=row.id,
        day=london_day(row.at),
        point=row.point,
        said=POINT_WORDS[row.point],
        how=f"{MODE_WORDS[row.mode]}, {COMPLETED_BY_WORDS[row.completed_by]}",
        completeness="" if reason else completeness(instrument, answers).say(),
        whole=row.complete,
        values=tuple(
            (item.label, say_value(answers[item.key], item.bands, item.options))
            for item in instrument.items
            if item.key in answers
        ),
        not_today=reason,
    )


def _rows(session: Session, episode_ids: Collection[UUID]) -> Sequence[Measurement]:
    return session.scalars(
        select(Measurement)
        .where(Measurement.episode_id.in_(episode_ids))
        .order_by(Measurement.at, Measurement.id)
    ).all()
