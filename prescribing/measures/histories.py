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
from prescribing.measures.lasting_rules import pair_later, say_importance, say_total
from prescribing.measures.own_words import OWN_COMPLETED_BY, OWN_NOT_TODAY
from prescribing.measures.rules import (
    COMPLETED_BY_WORDS,
    MODE_WORDS,
    NOT_TODAY_WORDS,
    POINT_WORDS,
    Answers,
    Change,
    CompletedBy,
    Instrument,
    Mode,
    NotToday,
    Point,
    Taken,
    changes,
    completeness,
    pair,
    say_value,
    score,
    total_change,
)
from prescribing.measures.wordings import UNWORDED, Wordings, wordings


@dataclass(frozen=True)
class AnswerSet:
    """One time that it was asked. `values` are question labels with answers in words, licensed ones with the question
    as it was asked; `total` such as "Loneliness 6 (lonely)", empty without one; `reason` is why it was not answered,
    None where it was."""

    id: UUID
    day: date
    point: Point
    said: str
    mode: Mode
    completed_by: CompletedBy
    completeness: str
    whole: bool
    values: tuple[tuple[str, str], ...]
    total: str
    reason: NotToday | None

    @property
    def how(self) -> str:
        """How it was asked, and who answered, for the team."""
        return f"{MODE_WORDS[self.mode]}, {COMPLETED_BY_WORDS[self.completed_by]}"

    @property
    def own_how(self) -> str:
        """The same for the person."""
        return f"{MODE_WORDS[self.mode]}, {OWN_COMPLETED_BY[self.completed_by]}"

    @property
    def not_today(self) -> str:
        """Why it was not answered, for the team; empty where it was."""
        return NOT_TODAY_WORDS[self.reason] if self.reason else ""

    @property
    def own_not_today(self) -> str:
        """The same for the person."""
        return OWN_NOT_TODAY[self.reason] if self.reason else ""

    @property
    def told(self) -> str:
        """Its total, and how much of it was answered."""
        return f"{self.total}. {self.completeness}" if self.total else self.completeness


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
    `importance` says what is known of how big a change matters, `meaning` what a total can mean, where there is one;
    `numbers` why some answers stand without the words of their questions, where they do.
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
    meaning: str
    numbers: str

    @property
    def answered(self) -> bool:
        """Whether it was ever answered, in whole or in part."""
        return any(not each.not_today for each in self.sets)

    @property
    def only_total(self) -> str:
        """The latest total, where there is none to compare it with, such as "Loneliness 6 (lonely), at the start"."""
        if self.total is not None or self.later is not None:
            return ""
        return next((f"{each.total}, {each.said}" for each in reversed(self.sets) if each.total), "")


def histories(rows: Sequence[AnswerRow], goals: Mapping[UUID, str], asked: Wordings) -> tuple[History, ...]:
    """What was asked in one episode, measure by measure, a goal's own questions goal by goal."""
    held = {row.instrument for row in rows}
    found = [
        history(each, rows, asked) for key, each in INSTRUMENTS.items() if key in held and key != GOAL.key
    ]
    for goal_id, words in goals.items():
        mine = [row for row in rows if row.goal_id == goal_id]
        found.append(history(GOAL, mine, asked, goal_id, words))
    return tuple(each for each in found if each.sets)


def histories_of(session: Session, episode_id: UUID) -> tuple[History, ...]:
    """What was asked in one episode that the caller has in scope, goals without their words; made once for all parts of
    a page."""
    return once(session, ("histories", episode_id), lambda: _histories_of(session, episode_id))


def _histories_of(session: Session, episode_id: UUID) -> tuple[History, ...]:
    rows = rows_of(session, episode_id)
    return histories(rows, {row.goal_id: "" for row in rows if row.goal_id}, wordings(session, rows))


def taken(instrument: str, rows: Sequence[AnswerRow]) -> tuple[Taken, ...]:
    """The rows of one instrument that hold answers, as the rules know them."""
    return tuple(
        Taken(row.point, row.at, row.answers)
        for row in rows
        if row.instrument == instrument and row.not_today_reason is None
    )


def history(
    instrument: Instrument,
    rows: Sequence[AnswerRow],
    asked: Wordings = UNWORDED,
    goal_id: UUID | None = None,
    goal: str = "",
) -> History:
    """One instrument's history from the rows of one episode, or of one goal in it."""
    mine = [row for row in rows if row.instrument == instrument.key]
    sets = {row.id: _answer_set(asked.asked(row), row) for row in mine}
    answered = {row.at: row for row in mine if row.not_today_reason is None}
    every = taken(instrument.key, mine)
    two, later = pair(every), pair_later(every)
    first, last = (answered[each.at] for each in two) if two else (None, None)
    totalled = any(each.total for each in sets.values())
    return History(
        id=f"{instrument.key}-{goal_id}" if goal_id is not None else instrument.key,
        key=instrument.key,
        name=instrument.name,
        goal=goal,
        sets=tuple(sets.values()),
        changes=_changes(asked, first, last) if first and last else (),
        total=total_change(instrument, first.answers, last.answers) if first and last else None,
        first=sets[first.id] if first else None,
        last=sets[last.id] if last else None,
        later=_later(asked, sets, answered[later[0].at], answered[later[1].at]) if later else None,
        importance=say_importance(instrument),
        meaning=say_total(instrument) if totalled else "",
        numbers=asked.why_numbers(mine),
    )


def _later(asked: Wordings, sets: Mapping[UUID, AnswerSet], first: AnswerRow, last: AnswerRow) -> Later:
    total = total_change(INSTRUMENTS[last.instrument], first.answers, last.answers)
    told = (total,) if total is not None else _changes(asked, first, last)
    return Later(sets[first.id], sets[last.id], told)


def _changes(asked: Wordings, first: AnswerRow, last: AnswerRow) -> tuple[Change, ...]:
    """In the words of the questions where both were asked in the same."""
    instrument = asked.asked(last)
    if asked.asked(first) != instrument:
        instrument = INSTRUMENTS[last.instrument]
    return changes(instrument, first.answers, last.answers)


def _answer_set(instrument: Instrument, row: AnswerRow) -> AnswerSet:
    answers = row.answers
    reason = NotToday(row.not_today_reason) if row.not_today_reason else None
    return AnswerSet(
        id=row.id,
        day=london_day(row.at),
        point=row.point,
        said=POINT_WORDS[row.point],
        mode=row.mode,
        completed_by=row.completed_by,
        completeness="" if reason else completeness(instrument, answers).say(),
        whole=row.complete,
        values=tuple(
            (item.label, say_value(answers[item.key], item.bands, item.options))
            for item in instrument.items
            if item.key in answers
        ),
        total=_say_score(instrument, answers),
        reason=reason,
    )


def _say_score(instrument: Instrument, answers: Answers) -> str:
    total, value = instrument.total, score(instrument, answers)
    return f"{total.label} {say_value(value, total.bands)}" if total and value is not None else ""
