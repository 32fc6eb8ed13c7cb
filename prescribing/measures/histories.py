"""What somebody answered over time, in words: from the rows of one episode, whoever fetched them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from core.calendar.rules import london_day
from core.once import once
from prescribing.measures.answer_rows import AnswerRow, rows_of
from prescribing.measures.instruments import GOAL, INSTRUMENTS
from prescribing.measures.lasting_rules import pair_later, say_importance
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


def histories(rows: Sequence[AnswerRow], goals: Mapping[UUID, str]) -> tuple[History, ...]:
    """What was asked in one episode, measure by measure, a goal's own questions goal by goal."""
    held = {row.instrument for row in rows}
    found = [history(each, rows) for key, each in INSTRUMENTS.items() if key in held and key != GOAL.key]
    for goal_id, words in goals.items():
        found.append(history(GOAL, [row for row in rows if row.goal_id == goal_id], goal_id, words))
    return tuple(each for each in found if each.sets)


def histories_of(session: Session, episode_id: UUID) -> tuple[History, ...]:
    """What was asked in one episode that the caller has in scope, goals without their words; made once for all parts of
    a page."""
    return once(session, ("histories", episode_id), lambda: _histories_of(rows_of(session, episode_id)))


def _histories_of(rows: Sequence[AnswerRow]) -> tuple[History, ...]:
    return histories(rows, {row.goal_id: "" for row in rows if row.goal_id})


def taken(instrument: str, rows: Sequence[AnswerRow]) -> tuple[Taken, ...]:
    """The rows of one instrument that hold answers, as the rules know them."""
    return tuple(
        Taken(row.point, row.at, row.answers)
        for row in rows
        if row.instrument == instrument and row.not_today_reason is None
    )


def history(
    instrument: Instrument, rows: Sequence[AnswerRow], goal_id: UUID | None = None, goal: str = ""
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


def _answer_set(instrument: Instrument, row: AnswerRow) -> AnswerSet:
    answers = row.answers
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
