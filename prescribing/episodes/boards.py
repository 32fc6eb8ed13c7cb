"""The two working lists: triage for a coordinator, Today for a link worker. Names only within the actor's team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.access.rules import Actor, Role
from core.calendar.rules import add_working_days, london_day, say_days_ago
from core.db import Ids, among, one_of
from core.errors import NotFound
from core.paging import within
from prescribing.episodes.cases import case_of, cases
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.clocks import Due
from prescribing.episodes.contributions import covered_by, in_sight, unfinished
from prescribing.episodes.kept import Lasting, Memory
from prescribing.episodes.known import at_risk
from prescribing.episodes.marks import Marked, id_in, marked, select_marked
from prescribing.episodes.models import Episode, RequestSource, SupportRequest
from prescribing.episodes.queries import WorkerLoad, account_names, every_need_name, workers
from prescribing.episodes.rules import (
    AWAITING_TRIAGE,
    CASELOAD,
    EPISODE_CLOSED,
    EpisodeState,
    Priority,
    triage_order,
)
from prescribing.episodes.scope import in_teams, was_referred
from prescribing.episodes.situations import Standing, standings
from prescribing.episodes.today_rows import Placed, TodayRow, placed, rows_of
from prescribing.episodes.today_rules import FOLLOWED_FOR, SOON, Group
from prescribing.people.queries import TEAM_ROLES, PersonLine, as_line

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
class TodayBoard:
    """A caseload, each person in one part of the day, whoever is longest overdue first in each.

    `parts` holds the rows that the page shows, `counts` how many stand in each part, `late` how many are overdue;
    `covering` of the `people` are those of colleagues who are away, and `away` says who these are, and until when.
    """

    parts: Mapping[Group, tuple[TodayRow, ...]]
    counts: Mapping[Group, int]
    people: int
    late: int = 0
    covering: int = 0
    away: tuple[str, ...] = ()
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
    risky = at_risk(session, {row.person_id for row in rows})
    made = [_triage_row(row, stands[row.id], names, may_be_at_risk=row.person_id in risky) for row in rows]
    made.sort(key=lambda row: triage_order(row.priority, row.submitted_at, risk=bool(row.has_risk)))
    return TriageBoard(
        waiting=tuple(row for row in made if not row.on_hold),
        on_hold=tuple(row for row in made if row.on_hold),
        workers=workers(session, actor),
    )


def _triage_row(
    row: Episode, standing: Standing, names: dict[str, str], *, may_be_at_risk: bool
) -> TriageRow:
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
        has_risk=may_be_at_risk
        or bool(row.person.risks or row.person.flagged_for_safety)
        or request.has_risk,
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
    covering = covered_by(session, actor)
    everybody = _everybody(
        session, _on_board(session, actor, None if whole_team else [actor.account_id, *covering])
    )
    parts: dict[Group, list[Placed]] = {group: [] for group in Group}
    for one in sorted((one for one in everybody if one.asks), key=attrgetter("order")):
        parts[one.group].append(one)
    # An answer is news for as long as it is fresh: the newest first, not by what is due in the end.
    parts[Group.ANSWERS].sort(key=lambda one: one.standing.known.news[0].at, reverse=True)
    # Whoever has heard nothing for longest first.
    parts[Group.QUIET].sort(key=lambda one: one.quiet or one.today)
    page, pages = within(page, len(parts[only]) if only else 0, ONE_PART)
    if only is None:
        shown = {
            group: made[: A_LATER_PART if group in _CAN_WAIT else A_PART] for group, made in parts.items()
        }
    else:
        shown = {only: parts[only][(page - 1) * ONE_PART : page * ONE_PART]}
    drawn = rows_of(session, actor, [one for made in shown.values() for one in made], covering)
    return TodayBoard(
        parts={group: tuple(drawn[one.case.id] for one in shown.get(group, ())) for group in Group},
        counts={group: len(made) for group, made in parts.items()},
        people=sum(1 for one in everybody if one.case.state in CASELOAD),
        late=sum(1 for one in parts[Group.FIRST] if one.late),
        covering=sum(1 for one in everybody if one.case.link_worker_id in covering) if covering else 0,
        away=_away(session, covering),
        page=page,
        pages=pages,
    )


def _away(session: Session, covering: Mapping[UUID, str]) -> tuple[str, ...]:
    """Whom the actor stands in for, each with until when."""
    names = account_names(session, set(covering)) if covering else {}
    return tuple(sorted(f"{name}, {covering[key]}" for key, name in names.items()))


def overdue(session: Session, actor: Actor) -> Counter[UUID]:
    """How many people are overdue on the Today of each link worker of the actor's teams."""
    return Counter(
        one.case.link_worker_id
        for one in _everybody(session, _on_board(session, actor, None))
        if one.group is Group.FIRST and one.case.link_worker_id is not None and one.late
    )


def _on_board(session: Session, actor: Actor, worker_ids: Collection[UUID | None] | None) -> Sequence[Marked]:
    """Everybody with these link workers, or with anybody of the actor's teams, and who finished not too long ago."""
    now = clock.now()
    teams: dict[str, object] = {}
    if actor.kind != "system":
        teams["team_ids"] = actor.team_ids(*TEAM_ROLES)
    values: dict[str, object] = {
        "followed_since": now - FOLLOWED_FOR,
        "asked_from": now - clocks().follow_up_months[0] * _MONTH + _NEAR,
        **teams,
    }
    if worker_ids is not None:
        values["worker_ids"] = [one for one in worker_ids if one is not None]
    found = marked(session, _board(frozenset(values)), **values)
    more = in_sight(session, worker_ids) - set(map(id_in, found))
    if not more:
        return found
    return [*found, *marked(session, _named(of_teams=bool(teams)), ids=more, **teams)]


@cache
def _board(given: frozenset[str]) -> Select[*tuple[Any, ...]]:
    """Made once for each set of names that values are given by."""
    unanswered = and_(Episode.feedback_sent_at.is_(None), was_referred())
    asked_again = and_(Episode.state == EpisodeState.COMPLETED, Episode.closed_at <= bindparam("asked_from"))
    followed = and_(
        Episode.closed_at >= bindparam("followed_since"),
        one_of(Episode.state, EPISODE_CLOSED),
        Episode.link_worker_id.is_not(None),
        # What can be told by the row itself first: SQLite asks in this order, and no further than it must.
        or_(asked_again, and_(Episode.state == EpisodeState.COMPLETED, unfinished()), unanswered),
    )
    which: list[ColumnElement[bool]] = [or_(one_of(Episode.state, CASELOAD), followed)]
    if "team_ids" in given:
        which.append(in_teams("team_ids", narrows="worker_ids" not in given))
    if "worker_ids" in given:
        which.append(among(Episode.link_worker_id, "worker_ids"))
    return select_marked(*which, all_followed=True)


@cache
def _named(*, of_teams: bool) -> Select[*tuple[Any, ...]]:
    of_theirs = (in_teams("team_ids", narrows=False),) if of_teams else ()
    return select_marked(among(Episode.id, "ids"), *of_theirs)


# Everybody's part of the day, as far as it may be kept.
SETTLED: Memory[Placed] = Memory()


def _everybody(session: Session, episodes: Sequence[Marked]) -> list[Placed]:
    """These episodes in their parts of the day."""
    today = clock.today()
    return SETTLED.of(episodes, clock.now(), lambda ids: _settle(session, ids, today))


def standing_of(session: Session, episode: Marked) -> Standing:
    """Where one episode stands, as far as it may be kept without working it out again. Raises `NotFound` once it is
    deleted."""
    found = _everybody(session, [episode])
    if not found:
        raise NotFound
    return found[0].standing


def _settle(session: Session, ids: Ids, today: date) -> dict[UUID, Lasting[Placed]]:
    rows = cases(session, ids)
    stands, soon = standings(session, rows), add_working_days(today, SOON)
    return {row.id: Lasting(placed(row, stands[row.id], today, soon), stands[row.id].until) for row in rows}
