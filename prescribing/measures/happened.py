"""What measures add to a person's timeline: each time that somebody was asked how they are, and what had changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from core.accounts import queries as accounts
from core.errors import NotFound
from prescribing.episodes import timeline
from prescribing.episodes.episode_rows import episode_row
from prescribing.episodes.timeline import Kind, Mendable, Step
from prescribing.measures import mistakes
from prescribing.measures.answer_rows import AnswerRow, mistakes_of, rows_of
from prescribing.measures.histories import AnswerSet, History, histories_of
from prescribing.measures.instruments import GOAL


def happened(session: Session, episode_id: UUID) -> Iterable[Step]:
    """The steps of one episode's measures, in a bounded number of queries."""
    rows, wrong = rows_of(session, episode_id), mistakes_of(session, episode_id)
    if not rows and not wrong:
        return []
    episode = episode_row(session, episode_id)
    if episode is None:
        raise NotFound
    by_id = {row.id: row for row in rows}
    names = accounts.names(session, {row.author_id for row in (*rows, *wrong) if row.author_id})
    steps: list[Step] = []
    for told in histories_of(session, episode_id):
        for each in told.sets:
            row = by_id[each.id]
            by = names.get(row.author_id, "") if row.author_id else ""
            name = "Their own goal" if told.key == GOAL.key else told.name
            title = f"{name}, {each.said}"
            mend = Mendable("wrong_answers.ask", {"measurement_id": row.id}, mistakes.author_of(row, episode))
            steps.append(Step(row.at, title, _text(told, each), by, Kind.ANSWERS, mend))
    return [*steps, *(_mistake(row, names) for row in wrong)]


def _mistake(row: AnswerRow, names: Mapping[UUID, str]) -> Step:
    """That something was answered which was a mistake: not what, since it may be somebody else's."""
    why = f"{row.mistake_author} marked this as a mistake. It does not count. {row.mistake_reason}"
    by = names.get(row.author_id, "") if row.author_id else ""
    return Step(row.at, mistakes.say(row), why, by, Kind.ANSWERS, mistake=True)


def _text(told: History, each: AnswerSet) -> str:
    if each.not_today:
        return f"Not today: {each.not_today}."
    changes = (told.total,) if told.total is not None else told.changes
    if told.later is not None and each.id == told.later.last.id:
        changes = told.later.changes
    elif told.last is None or each.id != told.last.id:
        return each.told
    return " ".join(f"{change.words}." for change in changes) or each.told


timeline.register(happened)
