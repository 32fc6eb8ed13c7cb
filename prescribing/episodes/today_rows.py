"""Where people stand on Today, and the rows that the page shows: why now, by when, and the one thing to press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.calendar.rules import say_day
from prescribing.episodes.cases import Case
from prescribing.episodes.clocks import Due, DueKind, today_order
from prescribing.episodes.contributions import News, Press
from prescribing.episodes.queries import account_names
from prescribing.episodes.rules import CASELOAD, EPISODE_CLOSED, EpisodeState
from prescribing.episodes.situations import Standing, due_in_words, words_of_tasks
from prescribing.episodes.today_rules import Group, group_of, put_off_still, quiet_since
from prescribing.people.choosing import lines_apart
from prescribing.people.queries import PersonLine


class Placed(NamedTuple):
    """One person of a caseload in their part of the day, before anything sealed is read.

    `late` is in working days, `order` sorts a part, and `asks` says whether they belong on Today.
    """

    case: Case
    standing: Standing
    group: Group
    quiet: date | None
    put_off: date | None
    late: int
    order: tuple[bool, bool, date, bool]
    asks: bool
    today: date

    @property
    def when(self) -> str:
        """The day that something is due, in words that begin with a capital."""
        due = self.standing.due
        words = due.say(self.today) if due and due.on else ""
        return f"{words[:1].upper()}{words[1:]}"


class TodayRow(NamedTuple):
    """One person of the caseload: why now, by when, and the one thing to press.

    `when` begins with a capital. `press` is that thing; with `task_id` it ticks that task off instead of leading
    anywhere. `urgent` says that it comes before everything else.
    """

    episode_id: UUID
    person: PersonLine
    group: Group
    due: Due | None
    when: str
    why: str
    late: int
    soon: bool
    press: Press
    task_id: UUID | None
    urgent: bool
    can_put_off: bool
    news: tuple[News, ...]
    link_worker: str


_ACTIONS: dict[DueKind, tuple[str, str]] = {
    DueKind.FIRST_ATTEMPT: ("Get in touch", "episodes.new_contact"),
    DueKind.NEXT_ATTEMPT: ("Try again", "episodes.new_contact"),
    DueKind.DECIDE_NO_CONTACT: ("Try once more or close", "episodes.new_contact"),
    DueKind.AGREE_PLAN: ("Agree the plan", "episodes.new_contact"),
    DueKind.ON_HOLD: ("Look at it again", "episodes.show"),
    DueKind.FOLLOW_UP: ("Ask how things are", "measures.show"),
    DueKind.FEEDBACK: ("Tell whoever referred them", "episodes.feedback"),
}


_GOES_ON = frozenset({EpisodeState.ALLOCATED, EpisodeState.CONTACTING, EpisodeState.ACTIVE})
# Nothing to do now: what is with somebody else is more use.
_LATER = frozenset({DueKind.WAITING, DueKind.FOLLOW_UP})
_OPEN = ("Open", "episodes.show")


def placed(row: Case, standing: Standing, today: date, soon: date) -> Placed:
    """Where somebody belongs today; `soon` is the last day that is near."""
    known, due = standing.known, standing.due
    quiet = quiet_since(standing.situation, today, known.heard_at)
    put_off = None
    if row.state in CASELOAD and row.state is not EpisodeState.PAUSED and known.urgent is None:
        heard_at = known.news[0].at if known.news else None
        put_off = put_off_still(row.snoozed_until, row.snoozed_at, heard_at, today)
    group = group_of(
        due,
        today,
        answered=bool(known.news),
        quiet=quiet is not None,
        moving=known.moving,
        put_off_until=put_off,
        urgent=known.urgent is not None,
    )
    # All of the caseload, and closed ones that are about to ask for something, or whose groups have not all taken
    # them in yet.
    in_time = due is not None and due.on is not None and due.on <= soon
    return Placed(
        row,
        standing,
        group,
        quiet,
        put_off,
        late=due.late(today) if due is not None else 0,
        # Whatever is urgent first, then the longest overdue.
        order=(known.urgent is None, *today_order(due, risk=row.has_risk)),
        asks=row.state in CASELOAD or known.moving or bool(known.news) or in_time,
        today=today,
    )


def rows_of(
    session: Session, actor: Actor, shown: Sequence[Placed], covering: Mapping[UUID, str]
) -> dict[UUID, TodayRow]:
    """The rows of a page by episode: only for these is anything sealed read."""
    today, people = clock.today(), lines_apart(session, {one.case.person_id for one in shown})
    said = words_of_tasks(session, (one.standing for one in shown))
    others = {one.case.link_worker_id for one in shown if one.case.link_worker_id} - {actor.account_id}
    names = {
        key: f"{name}, {covering[key]}" if key in covering else name
        for key, name in account_names(session, others).items()
    }
    return {
        one.case.id: _today_row(
            one, due_in_words(one.standing, said), people[one.case.person_id], names, today
        )
        for one in shown
    }


def _today_row(
    one: Placed, due: Due | None, person: PersonLine, names: Mapping[UUID, str], today: date
) -> TodayRow:
    """`due` in the words of its task."""
    row, group = one.case, one.group
    why = due.why if due else ""
    if group is Group.QUIET and one.quiet is not None:
        why = f"Nothing has happened since {say_day(one.quiet, today)}. {why}".strip()
    if row.state in EPISODE_CLOSED and group in {Group.ANSWERS, Group.WAITING} and one.standing.known.wait:
        why = f"The support is finished. {one.standing.known.wait.words}"
    elif row.state in EPISODE_CLOSED and one.standing.known.urgent is not None:
        why = f"The support has ended, and nobody sees to this yet. {why}".strip()
    if one.put_off is not None:
        why = f"You put this off until {say_day(one.put_off, today)}. {why}".strip()
    press, task_id = _press(one)
    return TodayRow(
        episode_id=row.id,
        person=person,
        group=group,
        due=due,
        when=one.when,
        why=why,
        late=one.late,
        soon=group is Group.FIRST or group is Group.SOON,
        press=press,
        task_id=task_id,
        urgent=one.standing.known.urgent is not None,
        can_put_off=row.state in _GOES_ON and one.standing.known.urgent is None,
        news=one.standing.known.news,
        link_worker=names.get(row.link_worker_id, "") if row.link_worker_id else "",
    )


def _press(one: Placed) -> tuple[Press, UUID | None]:
    """The one thing to press, and the task that it ticks off, if it does that."""
    due, planned, known = one.standing.due, one.standing.planned, one.standing.known
    here = {"episode_id": one.case.id}
    if known.urgent is not None and known.urgent.press is not None:
        return known.urgent.press, None
    if one.case.state in EPISODE_CLOSED and one.group is Group.ANSWERS:
        newest = known.news[0]
        return Press("See what came of it", newest.url_endpoint, newest.url_values), None
    if one.group is Group.QUIET:
        return Press("Get in touch", "episodes.new_contact", here), None
    asked = next((news.press for news in known.news if news.press is not None), None)
    is_step = due is not None and due.kind is DueKind.NEXT_STEP
    unplanned = is_step and not planned.is_talk and planned.action_id is None
    # What came in is more use than "say what happens next", and than what is not due yet.
    if asked is not None and (unplanned or one.group is Group.ANSWERS):
        return asked, None
    if is_step and planned.is_talk:
        return Press("Write down how it went", "episodes.new_contact", here), None
    if is_step and planned.action_id is not None:
        return Press("Done", "", {}), planned.action_id
    if is_step:
        return Press("Plan what happens next", "plan.new_action", here), None
    if known.wait is not None and one.group is Group.WAITING and (due is None or due.kind in _LATER):
        return known.wait.press, None
    words, endpoint = _ACTIONS.get(due.kind, _OPEN) if due is not None else _OPEN
    return Press(words, endpoint, here), None
