"""Reading how somebody is doing, within the actor's teams; and, for the rest of the product, the change in words."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, exists, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.calendar.rules import london_day
from core.db import among
from core.errors import NotFound
from core.once import once
from prescribing.episodes import queries as episodes
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.models import Action, Episode, Goal
from prescribing.episodes.queries import EpisodeBrief
from prescribing.episodes.rules import EpisodeState
from prescribing.episodes.scope import episode_in_scope
from prescribing.measures.due_rules import Asked, Due, next_due
from prescribing.measures.instruments import ASKED, GOAL, INSTRUMENTS, LICENSED, with_wording
from prescribing.measures.lasting_rules import pair_later, say_importance
from prescribing.measures.models import MeasureLicence, Measurement
from prescribing.measures.rules import (
    COMPLETED_BY_WORDS,
    MODE_WORDS,
    NOT_TODAY_WORDS,
    POINT_WORDS,
    Answers,
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
from prescribing.people.models import Person


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
class Later:
    """Whether it lasted: the change from one time (the end, mostly) to the latest follow-up; the total's where both are
    whole and there is one, else question by question."""

    first: AnswerSet
    last: AnswerSet
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class History:
    """One measure of one episode, oldest first, with the change from the start to the latest that is compared.

    `first` and `last` are the two times compared, None where there are not two; `later` is what changed from then until
    the latest follow-up. `goal` is what the person wants, for a goal's own questions. `id` names it on a page.
    `importance` says what is known of how big a change matters.
    """

    id: str
    key: str
    name: str
    goal: str
    sets: tuple[AnswerSet, ...]
    changes: tuple[Change, ...]
    total: Change | None
    first: AnswerSet | None
    last: AnswerSet | None
    later: Later | None
    importance: str

    @property
    def answered(self) -> bool:
        """Whether it was ever answered, in whole or in part."""
        return any(not each.not_today for each in self.sets)


@dataclass(frozen=True)
class MeasuresPage:
    """All measures of one episode. `points` are those at which ONS4 may be asked now, likeliest first; `due` is when it
    is to be asked next; `others` and `goals` are what else can be asked, by key or id with its name."""

    episode: EpisodeBrief
    histories: tuple[History, ...]
    points: tuple[Point, ...]
    due: Due | None
    others: tuple[tuple[str, str], ...]
    goals: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True)
class Asking:
    """What a page needs to ask one measure: the points that it may be asked at, and which is the likeliest. `goal` is
    the goal that it asks about, in the person's words."""

    episode: EpisodeBrief
    instrument: Instrument
    points: tuple[Point, ...]
    likeliest: Point | None
    goal_id: UUID | None = None
    goal: str = ""


@dataclass(frozen=True)
class Brief:
    """The four questions of an episode in a line each, for a page of another feature. `ask_start` and `ask_end` say
    that they can be asked now and were not yet; `due` is when to ask next. `lasted` is the change until the latest
    follow-up, `totals` are the changes of other measures, `importance` says how big a change of the four matters."""

    episode_id: UUID
    instrument: str
    lines: tuple[Change, ...]
    asked: bool
    ask_start: bool
    ask_end: bool
    due: Due | None
    lasted: Later | None = None
    totals: tuple[Change, ...] = ()
    importance: str = ""

    @property
    def due_now(self) -> bool:
        """Whether it is time to ask again."""
        return self.due is not None and self.due.now(clock.today())


def asked(session: Session) -> dict[str, Instrument]:
    """What may be asked here: what we ship, and what an operator holds a licence for, in their wording."""
    found = {**ASKED, GOAL.key: GOAL}
    rows = session.scalars(select(MeasureLicence).where(MeasureLicence.ended_at.is_(None)))
    held = {row.instrument: row.wording for row in rows}
    for key, instrument in LICENSED.items():
        if key in held:
            found[key] = with_wording(instrument, held[key])
    return found


def goal_of(session: Session, episode_id: UUID, goal_id: UUID) -> Goal:
    """A goal of that episode. Raises `NotFound`."""
    goal = session.get(Goal, goal_id)
    if goal is None or goal.episode_id != episode_id:
        raise NotFound
    return goal


def measures_page(session: Session, actor: Actor, episode_id: UUID) -> MeasuresPage:
    """All measures of an episode of the actor's team. Raises `NotFound` outside. Whoever shows it audits the look."""
    episode = episodes.brief(session, actor, episode_id)
    rows = _rows(session, [episode_id])
    goals = session.scalars(select(Goal).where(Goal.episode_id == episode_id).order_by(Goal.id)).all()
    named = {goal.id: goal.words or "" for goal in goals}
    main = next(iter(ASKED.values()))
    planned = bool(goals) or has_plan(session, episode_id)
    return MeasuresPage(
        episode=episode,
        histories=histories(rows, named),
        points=open_points(episode.state, taken(main.key, rows), planned=planned),
        due=_due(episode.state, episode.closed_at, main.key, rows, planned=planned),
        others=tuple(
            (key, each.name) for key, each in asked(session).items() if key not in {main.key, GOAL.key}
        ),
        goals=tuple((goal.id, goal.words or "") for goal in goals if goal.met_at is None),
    )


def own_histories(session: Session, actor: Actor, person_id: UUID) -> tuple[History, ...]:
    """What a resident answered in their latest support, for themselves alone; nothing of a record flagged for safety.

    Whoever shows it audits the look.
    """
    if person_id not in actor.person_ids(Role.RESIDENT):
        raise NotFound
    episode_id = session.scalar(
        select(Episode.id)
        .join(Person, Person.id == Episode.person_id)
        .where(Episode.person_id == person_id, Person.flagged_for_safety.is_(False))
        .order_by(Episode.submitted_at.desc(), Episode.id.desc())
        .limit(1)
    )
    if episode_id is None:
        return ()
    goals = session.execute(select(Goal).where(Goal.episode_id == episode_id).order_by(Goal.id)).scalars()
    return histories(_rows(session, [episode_id]), {goal.id: goal.words or "" for goal in goals})


def histories(rows: Sequence[Measurement], goals: Mapping[UUID, str]) -> tuple[History, ...]:
    """What was asked in one episode, measure by measure, a goal's own questions goal by goal."""
    held = {row.instrument for row in rows}
    found = [history(each, rows) for key, each in INSTRUMENTS.items() if key in held and key != GOAL.key]
    for goal_id, words in goals.items():
        found.append(history(GOAL, [row for row in rows if row.goal_id == goal_id], goal_id, words))
    return tuple(each for each in found if each.sets)


def asking(
    session: Session,
    actor: Actor,
    episode_id: UUID,
    instrument: str,
    *,
    closing: bool,
    goal_id: UUID | None = None,
) -> Asking:
    """What may be asked of an episode of the actor's team now. Raises `NotFound` outside, for a measure that is not
    asked here, and for a goal's questions without a goal of the episode."""
    found = asked(session).get(instrument)
    if found is None or (goal_id is None) != (instrument != GOAL.key):
        raise NotFound
    episode = episodes.brief(session, actor, episode_id)
    goal = goal_of(session, episode_id, goal_id).words or "" if goal_id is not None else ""
    earlier = taken_in(session, episode_id, instrument, goal_id)
    points = open_points(episode.state, earlier, planned=has_plan(session, episode_id))
    likeliest = next_point(earlier, closing=closing, closed=not episode.is_open)
    if likeliest not in points:
        likeliest = points[0] if points else likeliest
    return Asking(episode, found, points, likeliest if points else None, goal_id, goal)


def in_brief(session: Session, actor: Actor, episode_id: UUID) -> Brief | None:
    """How ONS4 stands in an episode of the actor's team; None outside."""
    found = episode_in_scope(session, actor, episode_id)
    if found is None:
        return None
    state, closed_at = found.state, found.closed_at
    rows = rows_of(session, episode_id)
    held = {row.instrument for row in rows}
    main = next(iter(ASKED.values()))
    told = history(main, rows)
    planned = has_plan(session, episode_id)
    points = open_points(state, taken(main.key, rows), planned=planned)
    return Brief(
        episode_id=episode_id,
        instrument=main.key,
        lines=told.changes,
        asked=told.answered,
        ask_start=Point.BASELINE in points,
        # Somebody who said "not today" at the end was asked.
        ask_end=Point.EXIT in points and all(each.point is not Point.EXIT for each in told.sets),
        due=_due(state, closed_at, main.key, rows, planned=planned),
        lasted=told.later,
        totals=tuple(
            change
            for key, each in INSTRUMENTS.items()
            if key in held and (change := history(each, rows).total) is not None
        ),
        importance=told.importance,
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
        every = [history(each, rows) for each in INSTRUMENTS.values() if each.key != GOAL.key]
        told[episode_id] = tuple(
            change for each in every for change in ((each.total,) if each.total is not None else each.changes)
        )
    return told


def follow_ups_by_episode(session: Session, episode_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many follow-ups were asked after closing, by episode; one day counts once."""
    rows = session.execute(_follow_ups(), {"ids": episode_ids})
    days = {(episode_id, london_day(at)) for episode_id, at in rows}
    counts: dict[UUID, int] = {}
    for episode_id, _day in days:
        counts[episode_id] = counts.get(episode_id, 0) + 1
    return counts


@cache
def _follow_ups() -> Select[*tuple[Any, ...]]:
    return select(Measurement.episode_id, Measurement.at).where(
        among(Measurement.episode_id, "ids"), Measurement.point == Point.FOLLOW_UP
    )


def has_plan(session: Session, episode_id: UUID) -> bool:
    """Whether a goal or a step towards one is written down. Needs alone may come from the request."""
    return bool(session.scalar(_has_plan(), {"episode_id": episode_id}))


@cache
def _has_plan() -> Select[*tuple[Any, ...]]:
    episode_id = bindparam("episode_id", type_=Uuid())
    planned = exists().where(Action.episode_id == episode_id) | exists().where(Goal.episode_id == episode_id)
    return select(planned)


def taken_in(
    session: Session, episode_id: UUID, instrument: str, goal_id: UUID | None = None
) -> tuple[Taken, ...]:
    """The answer sets of one episode (and of one goal), oldest first, for deciding what may be asked."""
    rows = _rows(session, [episode_id])
    return taken(instrument, [row for row in rows if row.goal_id == goal_id])


def taken(instrument: str, rows: Sequence[Measurement]) -> tuple[Taken, ...]:
    """The rows of one instrument that hold answers, as the rules know them."""
    return tuple(
        Taken(row.point, row.at, json.loads(row.answers or "{}"))
        for row in rows
        if row.instrument == instrument and row.not_today_reason is None
    )


def history(
    instrument: Instrument, rows: Sequence[Measurement], goal_id: UUID | None = None, goal: str = ""
) -> History:
    """One instrument's history from the rows of one episode, or of one goal in it."""
    mine = [row for row in rows if row.instrument == instrument.key]
    sets = {row.id: _answer_set(instrument, row) for row in mine}
    answered = {row.at: row for row in mine if row.not_today_reason is None}
    every = taken(instrument.key, mine)
    two, later = pair(every), pair_later(every)
    return History(
        id=f"{instrument.key}-{goal_id}" if goal_id is not None else instrument.key,
        key=instrument.key,
        name=instrument.name,
        goal=goal,
        sets=tuple(sets.values()),
        changes=changes(instrument, two[0].answers, two[1].answers) if two else (),
        total=total_change(instrument, two[0].answers, two[1].answers) if two else None,
        first=sets[answered[two[0].at].id] if two else None,
        last=sets[answered[two[1].at].id] if two else None,
        later=Later(
            sets[answered[later[0].at].id],
            sets[answered[later[1].at].id],
            _told(instrument, later[0].answers, later[1].answers),
        )
        if later
        else None,
        importance=say_importance(instrument),
    )


def _told(instrument: Instrument, before: Answers, after: Answers) -> tuple[Change, ...]:
    total = total_change(instrument, before, after)
    return (total,) if total is not None else changes(instrument, before, after)


def _answer_set(instrument: Instrument, row: Measurement) -> AnswerSet:
    answers: dict[str, float] = json.loads(row.answers or "{}")
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


def _due(
    state: EpisodeState,
    closed_at: datetime | None,
    instrument: str,
    rows: Sequence[Measurement],
    *,
    planned: bool,
) -> Due | None:
    return next_due(
        state,
        [
            Asked(row.point, london_day(row.at), row.not_today_reason is None)
            for row in rows
            if row.instrument == instrument
        ],
        planned=planned,
        closed_on=None if closed_at is None else london_day(closed_at),
        follow_up_months=clocks().follow_up_months,
        today=clock.today(),
    )


def rows_of(session: Session, episode_id: UUID) -> Sequence[Measurement]:
    """Every row of one episode that the caller has in scope, oldest first; read once for all parts of a page."""
    return once(session, ("measurements", episode_id), lambda: _rows(session, [episode_id]))


def _rows(session: Session, episode_ids: Collection[UUID]) -> Sequence[Measurement]:
    return session.scalars(_measurements(), {"ids": episode_ids}).all()


@cache
def _measurements() -> Select[Measurement]:
    return (
        select(Measurement)
        .where(among(Measurement.episode_id, "ids"))
        .order_by(Measurement.at, Measurement.id)
    )
