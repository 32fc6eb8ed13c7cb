"""Reading how somebody is doing, within the actor's teams; and, for the rest of the product, the change in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.calendar.rules import london_day
from core.db import among, read
from core.errors import NotFound
from prescribing.episodes import queries as episodes
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.goals import plan_of
from prescribing.episodes.models import Episode, Goal
from prescribing.episodes.queries import EpisodeBrief
from prescribing.episodes.rules import EpisodeState
from prescribing.episodes.scope import episode_in_scope
from prescribing.measures.answer_rows import AnswerRow, rows_by_episode, rows_of
from prescribing.measures.due_rules import Asked, Due, Sitting, next_due
from prescribing.measures.histories import History, Later, histories, histories_of, history, taken
from prescribing.measures.instruments import ASKED, GOAL, INSTRUMENTS, LICENSED, with_wording
from prescribing.measures.models import MeasureLicence, Measurement
from prescribing.measures.rules import (
    Change,
    Instrument,
    Point,
    Taken,
    next_point,
    open_points,
)
from prescribing.measures.wordings import wordings
from prescribing.people.models import Person


@dataclass(frozen=True)
class Askable:
    """One measure, or one goal in the person's own words, that can be asked about. `due` is when to ask next: for a
    measure once it was begun, for a goal from the day on which it is written down."""

    key: str
    name: str
    goal_id: UUID | None
    due: Due | None


@dataclass(frozen=True)
class MeasuresPage:
    """All measures of one episode. `points` are those at which ONS4 may be asked now, likeliest first; `due` is when it
    is to be asked next; `others` and `goals` are what else can be asked."""

    episode: EpisodeBrief
    histories: tuple[History, ...]
    points: tuple[Point, ...]
    due: Due | None
    others: tuple[Askable, ...]
    goals: tuple[Askable, ...]


@dataclass(frozen=True)
class Asking:
    """What a page needs to ask one measure: the points that it may be asked at, and which is the likeliest. `goal` is
    the goal that it asks about, in the person's words; `sitting` is how the actor asked them something else today."""

    episode: EpisodeBrief
    instrument: Instrument
    points: tuple[Point, ...]
    likeliest: Point | None
    goal_id: UUID | None = None
    goal: str = ""
    sitting: Sitting | None = None


@dataclass(frozen=True)
class Brief:
    """The four questions of an episode in a line each, for a page of another feature. `ask_start` and `ask_end` say
    that they can be asked now and were not yet; `due` is when to ask next, `also_due` names other measures that were
    begun and for which it is time. `lasted` is the change until the latest follow-up, `totals` are the changes of other
    measures, `firsts` totals with nothing yet to compare them with, `importance` says how big a change of the four
    matters."""

    episode_id: UUID
    instrument: str
    lines: tuple[Change, ...]
    asked: bool
    ask_start: bool
    ask_end: bool
    due: Due | None
    also_due: tuple[str, ...] = ()
    lasted: Later | None = None
    totals: tuple[Change, ...] = ()
    firsts: tuple[str, ...] = ()
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
    rows = rows_of(session, episode_id)
    goals = session.scalars(select(Goal).where(Goal.episode_id == episode_id).order_by(Goal.id)).all()
    named = {goal.id: goal.words or "" for goal in goals}
    main = next(iter(ASKED.values()))
    planned = bool(goals) or has_plan(session, episode_id)
    begun = {row.instrument for row in rows}

    def due(key: str, of: Sequence[AnswerRow]) -> Due | None:
        return _due(episode.state, episode.closed_at, key, of, planned=planned)

    return MeasuresPage(
        episode=episode,
        histories=histories(rows, named, wordings(session, rows)),
        points=open_points(episode.state, taken(main.key, rows), planned=planned),
        due=due(main.key, rows),
        others=tuple(
            Askable(key, each.name, None, due(key, rows) if key in begun else None)
            for key, each in asked(session).items()
            if key not in {main.key, GOAL.key}
        ),
        goals=tuple(
            Askable(
                GOAL.key,
                named[goal.id],
                goal.id,
                due(GOAL.key, [row for row in rows if row.goal_id == goal.id]),
            )
            for goal in goals
            if goal.met_at is None
        ),
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
    rows = rows_of(session, episode_id)
    return histories(rows, {goal.id: goal.words or "" for goal in goals}, wordings(session, rows))


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
    rows = rows_of(session, episode_id)
    earlier = taken(instrument, [row for row in rows if row.goal_id == goal_id])
    points = open_points(episode.state, earlier, planned=has_plan(session, episode_id))
    likeliest = next_point(earlier, closing=closing, closed=not episode.is_open)
    if likeliest not in points:
        likeliest = points[0] if points else likeliest
    return Asking(
        episode,
        found,
        points,
        likeliest if points else None,
        goal_id,
        goal,
        _sitting(actor, rows, clock.today()),
    )


def in_brief(session: Session, actor: Actor, episode_id: UUID) -> Brief | None:
    """How ONS4 stands in an episode of the actor's team; None outside."""
    found = episode_in_scope(session, actor, episode_id)
    if found is None:
        return None
    state, closed_at = found.state, found.closed_at
    rows = rows_of(session, episode_id)
    held = {row.instrument for row in rows}
    main = next(iter(ASKED.values()))
    every = histories_of(session, episode_id)
    told = next((each for each in every if each.key == main.key), None) or history(main, rows)
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
        also_due=tuple(
            each.name
            for key, each in INSTRUMENTS.items()
            if key in held - {main.key, GOAL.key}
            and (next_time := _due(state, closed_at, key, rows, planned=planned)) is not None
            and next_time.now(clock.today())
        ),
        lasted=told.later,
        totals=tuple(each.total for each in every if each.total is not None),
        firsts=tuple(each.only_total for each in every if each.only_total),
        importance=told.importance,
    )


def taken_by_episode(
    session: Session, episode_ids: Collection[UUID], instrument: str
) -> dict[UUID, tuple[Taken, ...]]:
    """Every answer set of one instrument by episode, oldest first, for counting; of no use to a page."""
    found = rows_by_episode(session, episode_ids)
    return {episode_id: taken(instrument, rows) for episode_id, rows in found.items()}


def changes_by_episode(session: Session, episode_ids: Collection[UUID]) -> dict[UUID, tuple[Change, ...]]:
    """The change of every measure by episode, totals where there are any, else question by question."""
    told: dict[UUID, tuple[Change, ...]] = {}
    for episode_id, rows in rows_by_episode(session, episode_ids).items():
        every = [history(each, rows) for each in INSTRUMENTS.values() if each.key != GOAL.key]
        told[episode_id] = tuple(
            change for each in every for change in ((each.total,) if each.total is not None else each.changes)
        )
    return told


def followed_up_on(session: Session, episode_ids: Collection[UUID]) -> dict[UUID, date]:
    """The last day on which a follow-up was asked after closing, by episode; those without one are left out."""
    days: dict[UUID, date] = {}
    for episode_id, at in read(session, _follow_ups(), ids=episode_ids):
        days[episode_id] = max(london_day(at), days.get(episode_id, date.min))
    return days


@cache
def _follow_ups() -> Select[*tuple[Any, ...]]:
    return select(Measurement.episode_id, Measurement.at).where(
        among(Measurement.episode_id, "ids"), Measurement.point == Point.FOLLOW_UP, ~Measurement.mistake.has()
    )


def has_plan(session: Session, episode_id: UUID) -> bool:
    """Whether a goal or a step towards one is written down. Needs alone may come from the request."""
    plan = plan_of(session, episode_id)
    return bool(plan.goals or plan.actions)


def taken_in(
    session: Session, episode_id: UUID, instrument: str, goal_id: UUID | None = None
) -> tuple[Taken, ...]:
    """The answer sets of one episode (and of one goal), oldest first, for deciding what may be asked."""
    rows = rows_of(session, episode_id)
    return taken(instrument, [row for row in rows if row.goal_id == goal_id])


def _sitting(actor: Actor, rows: Sequence[AnswerRow], today: date) -> Sitting | None:
    """How the actor asked the latest measure, where that was today."""
    own = [row for row in rows if row.author_id == actor.account_id and row.not_today_reason is None]
    if not own or london_day(own[-1].at) != today:
        return None
    return Sitting(own[-1].mode, own[-1].completed_by)


def _due(
    state: EpisodeState,
    closed_at: datetime | None,
    instrument: str,
    rows: Sequence[AnswerRow],
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
