"""Everything about one person on one page, for their team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.errors import NotFound, Refused
from directory import published
from prescribing.episodes import moves, queries
from prescribing.episodes.added import ADDED, Added, added_to, differences
from prescribing.episodes.boards import SOURCE_WORDS, standing_of
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.clocks import Due
from prescribing.episodes.content import RequestContent, from_text
from prescribing.episodes.contributions import News
from prescribing.episodes.episode_rows import EpisodeRow, rows_of_person
from prescribing.episodes.goals import ActionView, GoalView, plan_of
from prescribing.episodes.histories import as_event
from prescribing.episodes.models import Episode, EpisodeEvent, Goal
from prescribing.episodes.queries import NeedView
from prescribing.episodes.rules import (
    EPISODE_CLOSED,
    EPISODE_WORDS,
    EpisodeState,
    Priority,
    moves_from,
)
from prescribing.episodes.scope import is_of_team, movers_towards, of_team
from prescribing.episodes.situations import due_in_words
from prescribing.episodes.timeline import Step, everything
from prescribing.people import queries as people
from prescribing.people.consent import consents_now
from prescribing.people.queries import ConsentView, PersonRecord
from prescribing.people.rules import not_known_yet
from prescribing.people.services import author_of


@dataclass(frozen=True)
class EpisodeLine:
    """An episode of the same person, in a line."""

    id: UUID
    reference: str
    said: str
    submitted_at: datetime | None
    closed_at: datetime | None
    is_open: bool
    link_worker_id: UUID | None


@dataclass(frozen=True)
class EpisodeDetail:
    """One episode, whole. `choices` are the states that the actor may move it to; `added` are the requests that were
    added to it; `joined_to_id` is the support to which it was itself added."""

    id: UUID
    version: int
    reference: str
    state: EpisodeState
    said: str
    priority: Priority
    source: str
    submitted_at: datetime | None
    closed_at: datetime | None
    link_worker: str
    request: RequestContent
    asked_needs: tuple[str, ...]
    due: Due | None
    due_words: str
    late: int
    news: tuple[News, ...]
    needs: tuple[NeedView, ...]
    goals: tuple[GoalView, ...]
    actions: tuple[ActionView, ...]
    thread: tuple[Step, ...]
    choices: tuple[EpisodeState, ...]
    can_undo: bool
    wants_feedback: bool
    feedback_sent_at: datetime | None
    summary: str
    question: str
    added: tuple[Added, ...]
    joined_to_id: UUID | None
    differs: tuple[tuple[str, str], ...]

    @property
    def is_open(self) -> bool:
        return self.state not in EPISODE_CLOSED


@dataclass(frozen=True)
class PersonPage:
    """A person, the episode that matters now, their other episodes, consents, and what is not known yet."""

    person: PersonRecord
    episode: EpisodeDetail | None
    others: tuple[EpisodeLine, ...]
    consents: tuple[ConsentView, ...]
    missing: tuple[str, ...]

    @property
    def stopped(self) -> bool:
        """Whether they took their support back and have no other, as `EpisodeBrief.stopped`."""
        said_no = self.episode is not None and self.episode.state is EpisodeState.PERSON_DECLINED
        return said_no and not any(one.is_open for one in self.others)

    @property
    def agreed(self) -> tuple[ConsentView, ...]:
        """The consents in force now."""
        return tuple(one for one in self.consents if one.holds_at(clock.now()))

    @property
    def ended(self) -> tuple[ConsentView, ...]:
        """Those that were taken back or ran out."""
        return tuple(one for one in self.consents if not one.holds_at(clock.now()))

    @property
    def again(self) -> frozenset[UUID]:
        """Which of those can be agreed to again."""
        return consents_now(self.consents, clock.now())[1]


def person_page(
    session: Session, actor: Actor, person_id: UUID, episode_id: UUID | None = None
) -> PersonPage:
    """A person of the actor's team with `episode_id`, or else the latest open episode, or the latest.

    Raises `NotFound` outside. Whoever shows it audits the look.
    """
    person = people.person(session, actor, person_id)
    rows = [row for row in rows_of_person(session, person_id) if is_of_team(actor, row)]
    chosen = _choose(rows, episode_id)
    consents = people.consents(session, actor, person_id)
    detail = _detail(session, actor, chosen, person, consents, rows) if chosen is not None else None
    return PersonPage(
        person=person,
        episode=detail,
        others=tuple(
            _line(row)
            for row in rows
            # What was added to a support is shown with it.
            if chosen is None or (row.id != chosen.id and row.joined_to_id is None)
        ),
        consents=consents,
        missing=_missing(person, detail),
    )


def episode_detail(session: Session, actor: Actor, episode_id: UUID) -> PersonPage:
    """As `person_page`, by episode. Raises `NotFound` outside."""
    found = queries.brief(session, actor, episode_id)
    return person_page(session, actor, found.person.id, episode_id)


def episode_of_goal(session: Session, actor: Actor, goal_id: UUID) -> UUID:
    """The episode that a goal of the actor's team belongs to. Raises `NotFound` outside."""
    found = session.scalar(
        select(Goal.episode_id)
        .join(Episode, Episode.id == Goal.episode_id)
        .where(Goal.id == goal_id, of_team(actor))
    )
    if found is None:
        raise NotFound
    return found


def _choose(rows: Sequence[EpisodeRow], episode_id: UUID | None) -> EpisodeRow | None:
    for wanted in (
        lambda row: row.id == episode_id,
        lambda row: row.state not in EPISODE_CLOSED,
        lambda row: row.state is not EpisodeState.ENTERED_IN_ERROR,
    ):
        for row in rows:
            if wanted(row):
                return row
    return None


def _line(row: EpisodeRow) -> EpisodeLine:
    return EpisodeLine(
        row.id,
        row.reference,
        EPISODE_WORDS[row.state],
        row.submitted_at,
        row.closed_at,
        row.state not in EPISODE_CLOSED,
        row.link_worker_id,
    )


def _missing(person: PersonRecord, detail: EpisodeDetail | None) -> tuple[str, ...]:
    known = set(detail.request.known()) if detail is not None else set()
    record = {
        "name": person.name,
        "date_of_birth": person.born,
        "address": person.address,
        "practice": person.gp_practice,
        "risks": person.risks or person.no_known_risks,
    }
    known |= {field for field, answer in record.items() if answer}
    if detail is not None and not detail.request.referrer_name and not detail.request.for_someone_else:
        # Whoever asks for themself has no referrer to name.
        known |= {"referrer_name", "referrer_service", "referrer_organization", "referrer_contact"}
    return tuple(words for _field, words in not_known_yet(known))


def _detail(
    session: Session,
    actor: Actor,
    row: EpisodeRow,
    person: PersonRecord,
    consents: Sequence[ConsentView],
    every: Sequence[EpisodeRow],
) -> EpisodeDetail:
    added = [one for one in every if one.joined_to_id == row.id]
    standing, plan = standing_of(session, row.marked), plan_of(session, row.id)
    due = due_in_words(standing, {action.id: action.words for action in plan.actions})
    content, today = from_text(row.content or '{"name": ""}'), clock.today()
    last = _last_move(session, row)
    known = published.every_need(session)
    names = {slug: term.name for slug, term in known.items()}
    source = SOURCE_WORDS[row.source]
    workers = queries.account_names(session, {row.link_worker_id} if row.link_worker_id else set())
    return EpisodeDetail(
        id=row.id,
        version=row.version,
        reference=row.reference,
        state=row.state,
        said=ADDED if row.joined_to_id is not None else EPISODE_WORDS[row.state],
        priority=row.priority,
        source=f"{source} by {row.partner_name}" if row.partner_name is not None else source,
        submitted_at=row.submitted_at,
        closed_at=row.closed_at,
        link_worker=next(iter(workers.values()), ""),
        request=content,
        asked_needs=tuple(names.get(slug, slug) for slug in row.need_slugs),
        due=due,
        due_words=due.say(today) if due else "",
        late=due.late(today) if due else 0,
        news=standing.known.news,
        needs=queries.needs(session, actor, row.id, known),
        goals=plan.goals,
        actions=plan.actions,
        thread=tuple(everything(session, row.id, consents, names, plan)),
        choices=moves_from(row.state, movers_towards(actor, row)),
        can_undo=last is not None and person.died_at is None and _can_undo(actor, row, last),
        wants_feedback=standing.situation.wants_feedback and person.died_at is None,
        feedback_sent_at=row.feedback_sent_at,
        summary=row.summary,
        question=_question(row, last),
        added=added_to(added, person, SOURCE_WORDS),
        joined_to_id=row.joined_to_id,
        differs=differences(content, person),
    )


def _last_move(session: Session, row: EpisodeRow) -> EpisodeEvent | None:
    """The move that may be taken back, or that waits for an answer; None where it is neither."""
    if row.state is not EpisodeState.NEEDS_INFO and row.state not in EPISODE_CLOSED:
        return None
    every = select(EpisodeEvent).where(EpisodeEvent.episode_id == row.id)
    return session.scalars(every.order_by(EpisodeEvent.at.desc(), EpisodeEvent.id.desc()).limit(1)).first()


def _can_undo(actor: Actor, row: EpisodeRow, last: EpisodeEvent) -> bool:
    if row.state not in EPISODE_CLOSED:
        return False
    try:
        moves.undo_close(
            as_event(last),
            author=author_of(actor),
            coordinator=row.team_id in actor.team_ids(Role.COORDINATOR),
            at=clock.now(),
            closed=EPISODE_CLOSED,
            days=clocks().undo_close_days,
        )
    except Refused:
        return False
    return True


def _question(row: EpisodeRow, last: EpisodeEvent | None) -> str:
    """What we asked, while we wait for the answer."""
    if row.state is not EpisodeState.NEEDS_INFO or last is None:
        return ""
    return last.reason or ""
