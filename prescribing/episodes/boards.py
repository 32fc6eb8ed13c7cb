"""The two working lists: triage for a coordinator, Today for a link worker. Names only within the actor's team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.access.rules import Actor, Role
from core.calendar.rules import add_working_days, london_day, say_day, say_days_ago
from core.db import among
from core.paging import within
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.clocks import Due, DueKind, today_order
from prescribing.episodes.contributions import News, Press, covered_by, lately, unfinished
from prescribing.episodes.kept import Lasting, Memory
from prescribing.episodes.marks import Marked, marked
from prescribing.episodes.models import Episode, RequestSource, SupportRequest
from prescribing.episodes.queries import WorkerLoad, account_names, every_need_name, workers
from prescribing.episodes.rules import (
    AWAITING_TRIAGE,
    CASELOAD,
    EPISODE_CLOSED,
    EPISODE_WORDS,
    EpisodeState,
    Priority,
    triage_order,
)
from prescribing.episodes.scope import of_team, was_referred
from prescribing.episodes.situations import Case, Standing, case_of, cases, heard, settled, standings, worded
from prescribing.episodes.today_rules import FOLLOWED_FOR, SOON, Group, group_of, put_off_still, quiet_since
from prescribing.people.queries import PersonLine, as_line, lines

# No month is shorter, and what is near is nearer than this: whoever is closed for less asks for nothing yet.
_MONTH, _NEAR = timedelta(days=28), timedelta(days=14)
# How many people Today shows of each part at first, of those that can wait, and a page of one part alone.
A_PART = 10
A_LATER_PART = 5
_CAN_WAIT = frozenset({Group.QUIET, Group.SOON, Group.WAITING, Group.REST})
ONE_PART = 50

SOURCE_WORDS = {
    RequestSource.SELF: "Asked for themself",
    RequestSource.SOMEONE_ELSE: "Somebody asked for them",
    RequestSource.PARTNER: "Referred",
    RequestSource.PHONE: "Rang us",
}


@dataclass(frozen=True)
class TriageRow:
    """One request that waits for a decision. `has_risk` None: nobody said either way."""

    episode_id: UUID
    version: int
    reference: str
    person: PersonLine
    submitted_at: datetime
    waited: str
    source: str
    needs: tuple[str, ...]
    reason: str
    has_risk: bool | None
    priority: Priority
    state: EpisodeState
    due: Due | None
    late: int

    @property
    def on_hold(self) -> bool:
        return self.state is EpisodeState.NEEDS_INFO


@dataclass(frozen=True)
class TriageBoard:
    """Who waits, first whoever must be seen to first, and who has room."""

    waiting: tuple[TriageRow, ...]
    on_hold: tuple[TriageRow, ...]
    workers: tuple[WorkerLoad, ...]


@dataclass(frozen=True)
class TodayRow:
    """One person of the caseload: why now, by when, and the one thing to press.

    `press` is that thing; with `task_id` it ticks that task off instead of leading anywhere. `urgent` says that it
    comes before everything else.
    """

    episode_id: UUID
    person: PersonLine
    state_words: str
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


@dataclass(frozen=True)
class TodayBoard:
    """A caseload, each person in one part of the day, whoever is longest overdue first in each.

    `parts` holds the rows that the page shows, `counts` how many stand in each part, `late` how many are overdue;
    `covering` of the `people` are those of a colleague who is away.
    """

    parts: Mapping[Group, tuple[TodayRow, ...]]
    counts: Mapping[Group, int]
    people: int
    late: int = 0
    covering: int = 0
    page: int = 1
    pages: int = 1

    @property
    def first(self) -> tuple[TodayRow, ...]:
        """Whom today: overdue or due."""
        return self.parts[Group.FIRST]

    @property
    def soon(self) -> tuple[TodayRow, ...]:
        return self.parts[Group.SOON]

    @property
    def rest(self) -> tuple[TodayRow, ...]:
        return self.parts[Group.REST]


@dataclass(frozen=True)
class _Placed:
    """One person of a caseload in their part of the day, before anything sealed is read."""

    case: Case
    standing: Standing
    group: Group
    quiet: date | None
    put_off: date | None


_ACTIONS: dict[DueKind, tuple[str, str]] = {
    DueKind.FIRST_ATTEMPT: ("Get in touch", "episodes.new_contact"),
    DueKind.NEXT_ATTEMPT: ("Try again", "episodes.new_contact"),
    DueKind.DECIDE_NO_CONTACT: ("Try once more or close", "episodes.new_contact"),
    DueKind.AGREE_PLAN: ("Agree the plan", "episodes.new_contact"),
    DueKind.ON_HOLD: ("Look at it again", "episodes.show"),
    DueKind.FOLLOW_UP: ("Ask how things are", "measures.show"),
    DueKind.FEEDBACK: ("Tell whoever referred them", "episodes.feedback"),
}


# Nothing to do now: what is with somebody else is more use.
_LATER = frozenset({DueKind.WAITING, DueKind.FOLLOW_UP})
_OPEN = ("Open", "episodes.show")


def triage_board(session: Session, actor: Actor) -> TriageBoard:
    """The requests that wait in the coordinator's teams, and their link workers with most room first."""
    rows = session.scalars(
        select(Episode)
        .where(Episode.team_id.in_(actor.team_ids(Role.COORDINATOR)), Episode.state.in_(AWAITING_TRIAGE))
        .options(
            joinedload(Episode.person),
            joinedload(Episode.support_request).joinedload(SupportRequest.partner),
        )
    ).all()
    stands = standings(session, [case_of(row) for row in rows])
    names = every_need_name(session)
    made = [_triage_row(row, stands[row.id], names) for row in rows]
    made.sort(key=lambda row: triage_order(row.priority, row.submitted_at, risk=bool(row.has_risk)))
    return TriageBoard(
        waiting=tuple(row for row in made if not row.on_hold),
        on_hold=tuple(row for row in made if row.on_hold),
        workers=workers(session, actor),
    )


def _triage_row(row: Episode, standing: Standing, names: dict[str, str]) -> TriageRow:
    today, request = clock.today(), row.support_request
    submitted = row.submitted_at or row.created_at
    source = SOURCE_WORDS[request.source]
    if request.partner is not None:
        source = f"{source} by {request.partner.name}"
    return TriageRow(
        episode_id=row.id,
        version=row.version,
        reference=row.reference,
        person=as_line(row.person),
        submitted_at=submitted,
        waited=say_days_ago(london_day(submitted), today),
        source=source,
        needs=tuple(names.get(slug, slug) for slug in request.need_slugs),
        reason="",
        # A risk that the team knows of stands whatever this request says.
        has_risk=True if row.person.risks or row.person.flagged_for_safety else request.has_risk,
        priority=row.priority,
        state=row.state,
        due=standing.due,
        late=standing.due.late(today) if standing.due else 0,
    )


def today_board(
    session: Session, actor: Actor, *, whole_team: bool = False, only: Group | None = None, page: int = 1
) -> TodayBoard:
    """The actor's own caseload, or the whole team's: overdue first, each with its reason.

    The first of each part, or one page of the part that is asked for alone; a page past the last one is the last.
    """
    today, covering = clock.today(), covered_by(session, actor)
    everybody = _everybody(
        session, _on_board(session, actor, None if whole_team else [actor.account_id, *covering])
    )
    soon = add_working_days(today, SOON)
    placed = [one for one in everybody if _asks(one, soon)]
    placed.sort(key=_order)
    parts = {group: [one for one in placed if one.group is group] for group in Group}
    # An answer is news for as long as it is fresh: the newest first, not by what is due in the end.
    parts[Group.ANSWERS].sort(key=lambda one: one.standing.known.news[0].at, reverse=True)
    page, pages = within(page, len(parts[only]) if only else 0, ONE_PART)
    if only is None:
        shown = {
            group: made[: A_LATER_PART if group in _CAN_WAIT else A_PART] for group, made in parts.items()
        }
    else:
        shown = {only: parts[only][(page - 1) * ONE_PART : page * ONE_PART]}
    drawn = _rows(session, actor, [one for made in shown.values() for one in made], covering)
    return TodayBoard(
        parts={group: tuple(drawn[one.case.id] for one in shown.get(group, ())) for group in Group},
        counts={group: len(made) for group, made in parts.items()},
        people=sum(1 for one in everybody if one.case.state in CASELOAD),
        late=sum(1 for one in parts[Group.FIRST] if _is_late(one, today)),
        covering=sum(1 for one in everybody if one.case.link_worker_id in covering),
        page=page,
        pages=pages,
    )


def overdue(session: Session, actor: Actor) -> Counter[UUID]:
    """How many people are overdue on the Today of each link worker of the actor's teams."""
    today = clock.today()
    return Counter(
        one.case.link_worker_id
        for one in _everybody(session, _on_board(session, actor, None))
        if one.group is Group.FIRST and one.case.link_worker_id is not None and _is_late(one, today)
    )


def _is_late(one: _Placed, today: date) -> bool:
    return one.standing.due is not None and one.standing.due.late(today) > 0


def _order(one: _Placed) -> tuple[bool, bool, date, bool]:
    """Whatever is urgent first, then the longest overdue."""
    return (one.standing.known.urgent is None, *today_order(one.standing.due, risk=one.case.has_risk))


def _on_board(session: Session, actor: Actor, worker_ids: Collection[UUID | None] | None) -> list[Marked]:
    """Everybody with these link workers, or with anybody of the actor's teams, and who finished not too long ago."""
    now = clock.now()
    unanswered = and_(was_referred(), Episode.feedback_sent_at.is_(None))
    asked_again = and_(
        Episode.state == EpisodeState.COMPLETED,
        Episode.closed_at <= now - clocks().follow_up_months[0] * _MONTH + _NEAR,
    )
    followed = and_(
        Episode.state.in_(EPISODE_CLOSED),
        Episode.closed_at >= now - FOLLOWED_FOR,
        Episode.link_worker_id.is_not(None),
        or_(unanswered, asked_again, and_(Episode.state == EpisodeState.COMPLETED, unfinished())),
    )
    which = [of_team(actor, narrows=worker_ids is None), or_(Episode.state.in_(CASELOAD), followed)]
    if worker_ids is not None:
        which.append(Episode.link_worker_id.in_(worker_ids))
    return marked(session, *which)


# Everybody's part of the day, as far as it may be kept.
SETTLED: Memory[_Placed] = Memory()


def _everybody(session: Session, episodes: Sequence[Marked]) -> list[_Placed]:
    """These episodes in their parts of the day. What may not be kept, such as a worry, is asked anew each time."""
    today, now = clock.today(), clock.now()
    found = SETTLED.of(episodes, now, lambda ids: _settle(session, ids, today))
    for episode_id, more in lately(session, [one.id for one in episodes]).items():
        one = found[episode_id]
        found[episode_id] = _place(one.case, heard(one.standing, more), today)
    return [found[one.id] for one in episodes]


def _settle(session: Session, ids: Collection[UUID], today: date) -> dict[UUID, Lasting[_Placed]]:
    rows = cases(session, among(Episode.id, ids))
    stands = settled(session, rows)
    return {row.id: Lasting(_place(row, stands[row.id], today), stands[row.id].until) for row in rows}


def _asks(one: _Placed, soon: date) -> bool:
    """Whether somebody belongs on Today: all of the caseload, and closed ones that are about to ask for something, or
    whose groups have not all taken them in yet."""
    known = one.standing.known
    if one.case.state in CASELOAD or known.moving or known.news:
        return True
    due = one.standing.due
    return due is not None and due.on is not None and due.on <= soon


def _place(row: Case, standing: Standing, today: date) -> _Placed:
    known = standing.known
    quiet = quiet_since(standing.situation, today, london_day(known.heard_at) if known.heard_at else None)
    put_off = None
    if row.state in CASELOAD and row.state is not EpisodeState.PAUSED and known.urgent is None:
        heard_at = known.news[0].at if known.news else None
        put_off = put_off_still(row.snoozed_until, row.snoozed_at, heard_at, today)
    group = group_of(
        standing.due,
        today,
        answered=bool(known.news),
        quiet=quiet is not None,
        moving=known.moving,
        put_off_until=put_off,
        urgent=known.urgent is not None,
    )
    return _Placed(row, standing, group, quiet, put_off)


def _rows(
    session: Session, actor: Actor, placed: Sequence[_Placed], covering: Mapping[UUID, str]
) -> dict[UUID, TodayRow]:
    """The rows of a page by episode: only for these is anything sealed read."""
    people = lines(session, {one.case.person_id for one in placed})
    stands = worded(session, {one.case.id: one.standing for one in placed})
    others = {one.case.link_worker_id for one in placed if one.case.link_worker_id} - {actor.account_id}
    names = {
        key: f"{name}, {covering[key]}" if key in covering else name
        for key, name in account_names(session, others).items()
    }
    return {
        one.case.id: _today_row(replace(one, standing=stands[one.case.id]), people[one.case.person_id], names)
        for one in placed
    }


def _today_row(one: _Placed, person: PersonLine, names: Mapping[UUID, str]) -> TodayRow:
    today, row, group, due = clock.today(), one.case, one.group, one.standing.due
    why = due.why if due else ""
    if group is Group.QUIET and one.quiet is not None:
        why = f"Nothing has happened since {say_day(one.quiet, today)}. {why}".strip()
    if row.state in EPISODE_CLOSED and group in {Group.ANSWERS, Group.WAITING} and one.standing.known.wait:
        why = f"The support is finished. {one.standing.known.wait.words}"
    if one.put_off is not None:
        why = f"You put this off until {say_day(one.put_off, today)}. {why}".strip()
    press, task_id = _press(one)
    return TodayRow(
        episode_id=row.id,
        person=person,
        state_words=EPISODE_WORDS[row.state],
        group=group,
        due=due,
        when=due.say(today) if due and due.on else "",
        why=why,
        late=due.late(today) if due else 0,
        soon=group in {Group.FIRST, Group.SOON},
        press=press,
        task_id=task_id,
        urgent=one.standing.known.urgent is not None,
        can_put_off=row.state in {EpisodeState.ALLOCATED, EpisodeState.CONTACTING, EpisodeState.ACTIVE}
        and one.standing.known.urgent is None,
        news=one.standing.known.news,
        link_worker=names.get(row.link_worker_id, "") if row.link_worker_id else "",
    )


def _press(one: _Placed) -> tuple[Press, UUID | None]:
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
