"""The two working lists: triage for a coordinator, Today for a link worker. Names only within the actor's team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.access.rules import Actor, Role
from core.calendar.rules import add_working_days, london_day, say_days_ago
from prescribing.episodes.clocks import Due, DueKind, today_order
from prescribing.episodes.contributions import News
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
from prescribing.episodes.scope import of_team
from prescribing.episodes.situations import Standing, standings
from prescribing.people.queries import PersonLine, as_line

# How far ahead, in working days, Today looks before something is "the rest".
SOON = 3
# A closed episode still asks for something until its last follow-up, and a little longer.
FOLLOWED_FOR = timedelta(days=400)

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
    """One person of the caseload: why now, by when, and the one thing to press."""

    episode_id: UUID
    person: PersonLine
    state_words: str
    due: Due | None
    when: str
    late: int
    soon: bool
    action: str
    endpoint: str
    news: tuple[News, ...]
    link_worker: str


@dataclass(frozen=True)
class TodayBoard:
    """Whom first; who else soon; and everybody else."""

    first: tuple[TodayRow, ...]
    soon: tuple[TodayRow, ...]
    rest: tuple[TodayRow, ...]
    news: tuple[tuple[TodayRow, News], ...]
    people: int


_ACTIONS: dict[DueKind, tuple[str, str]] = {
    DueKind.FIRST_ATTEMPT: ("Get in touch", "episodes.new_contact"),
    DueKind.NEXT_ATTEMPT: ("Try again", "episodes.new_contact"),
    DueKind.DECIDE_NO_CONTACT: ("Try once more or close", "episodes.new_contact"),
    DueKind.AGREE_PLAN: ("Agree the plan", "episodes.new_contact"),
    DueKind.NEXT_STEP: ("Open", "episodes.show"),
    DueKind.FOLLOW_UP: ("Ask how things are", "measures.show"),
    DueKind.FEEDBACK: ("Tell whoever referred them", "episodes.feedback"),
}


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
    stands, names = standings(session, rows), every_need_name(session)
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


def today_board(session: Session, actor: Actor, *, whole_team: bool = False) -> TodayBoard:
    """The actor's own caseload, or the whole team's: overdue first, each with its reason."""
    since = clock.now() - FOLLOWED_FOR
    wanted = or_(
        Episode.state.in_(CASELOAD),
        and_(
            Episode.state.in_(EPISODE_CLOSED), Episode.closed_at >= since, Episode.link_worker_id.is_not(None)
        ),
    )
    found = select(Episode).where(of_team(actor), wanted)
    if not whole_team:
        found = found.where(Episode.link_worker_id == actor.account_id)
    rows = session.scalars(
        found.options(joinedload(Episode.person), joinedload(Episode.support_request)).order_by(
            Episode.created_at
        )
    ).all()
    stands = standings(session, rows)
    names = (
        account_names(session, {row.link_worker_id for row in rows if row.link_worker_id})
        if whole_team
        else {}
    )
    ordered = sorted(
        (row for row in rows if _asks(row, stands[row.id])),
        key=lambda row: today_order(
            stands[row.id].due, risk=bool(row.person.risks) or row.person.flagged_for_safety
        ),
    )
    made = [_today_row(row, stands[row.id], names) for row in ordered]
    today = clock.today()
    first = tuple(row for row in made if row.due and row.due.on is not None and row.due.on <= today)
    return TodayBoard(
        first=first,
        soon=tuple(row for row in made if row.soon and row not in first),
        rest=tuple(row for row in made if not row.soon and row not in first),
        news=_news(made),
        people=sum(1 for row in rows if row.state in CASELOAD),
    )


def _asks(row: Episode, standing: Standing) -> bool:
    """Whether a row belongs on Today: all of the caseload, and closed ones that are about to ask for something."""
    if row.state in CASELOAD:
        return True
    due = standing.due
    return due is not None and due.on is not None and due.on <= add_working_days(clock.today(), SOON)


def _today_row(row: Episode, standing: Standing, names: dict[UUID, str]) -> TodayRow:
    today, due = clock.today(), standing.due
    action, endpoint = _ACTIONS.get(due.kind, ("Open", "")) if due else ("Open", "")
    return TodayRow(
        episode_id=row.id,
        person=as_line(row.person),
        state_words=EPISODE_WORDS[row.state],
        due=due,
        when=due.say(today) if due else "",
        late=due.late(today) if due else 0,
        soon=_is_soon(due, today),
        action=action,
        endpoint=endpoint,
        news=standing.known.news,
        link_worker=names.get(row.link_worker_id, "") if row.link_worker_id else "",
    )


def _is_soon(due: Due | None, today: date) -> bool:
    return due is not None and due.on is not None and due.on <= add_working_days(today, SOON)


def _news(rows: Sequence[TodayRow]) -> tuple[tuple[TodayRow, News], ...]:
    found = [(row, news) for row in rows for news in row.news]
    return tuple(sorted(found, key=lambda pair: pair[1].at, reverse=True))
