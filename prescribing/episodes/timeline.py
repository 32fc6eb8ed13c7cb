"""Everything that happened with one person in one support, in one line of time. Features above tell their own part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from core.calendar.rules import london_day, say_date
from core.db import read
from core.paging import within
from prescribing.episodes import queries
from prescribing.episodes.contacts import OUTCOME_WORDS, Direction, Outcome
from prescribing.episodes.contributions import Press
from prescribing.episodes.goals import Plan, plan_of
from prescribing.episodes.models import ContactAttempt, EpisodeEvent
from prescribing.episodes.moves import MOVER_WORDS, MoveKind, Mover
from prescribing.episodes.needs import NEED_CLOSED, NEED_WORDS, NeedState
from prescribing.episodes.rules import EPISODE_CLOSED, EPISODE_WORDS, REASON_WORDS, CloseReason, EpisodeState
from prescribing.people.consent import PURPOSE_WORDS
from prescribing.people.queries import ConsentView
from prescribing.people.safe_contact import CHANNEL_WORDS, Channel

PAGE = 10
_TOLD_OF_NEEDS = NEED_CLOSED | {NeedState.RAISED}


class Kind(StrEnum):
    """What a step is about, to see only that."""

    CONTACTS = "contacts"
    PLAN = "plan"
    GROUPS = "groups"
    ANSWERS = "answers"
    SHARING = "sharing"
    SUPPORT = "support"


KIND_WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.CONTACTS: "Contacts",
        Kind.PLAN: "Needs and plan",
        Kind.GROUPS: "Groups",
        Kind.ANSWERS: "How they are doing",
        Kind.SHARING: "What they agreed to",
        Kind.SUPPORT: "The support",
    }
)


class Mendable(NamedTuple):
    """Where what a step tells of is marked as a mistake, while it may be: its author may, or a coordinator."""

    endpoint: str
    values: Mapping[str, UUID]
    author_id: UUID | None


class Step(NamedTuple):
    """One thing that happened. `at` is aware; `by` names whoever did it or wrote it down, empty where nobody did;
    `link` leads to where more of it stands; `mistake` says that it was one and does not count."""

    at: datetime
    title: str
    text: str
    by: str
    kind: Kind = Kind.SUPPORT
    mendable: Mendable | None = None
    link: Press | None = None
    mistake: bool = False


@dataclass(frozen=True)
class Timeline:
    """One page of what happened, newest first. `counts` are of all pages, for each kind of which there is any."""

    steps: tuple[Step, ...]
    shown: Kind | None
    counts: tuple[tuple[Kind, int], ...]
    page: int
    pages: int

    @property
    def total(self) -> int:
        return sum(number for _kind, number in self.counts)


Provider = Callable[[Session, UUID], Iterable[Step]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Ask `provider(session, episode_id)` for its steps whenever a person's page is shown. Saying it twice changes
    nothing."""
    if provider not in _providers:
        _providers.append(provider)


class _Moved(NamedTuple):
    """A row of `_events`."""

    id: UUID
    at: datetime
    kind: MoveKind
    source: EpisodeState | None
    target: EpisodeState
    said_by: Mover | None
    author_name_sealed: bytes | None
    reason_sealed: bytes | None


class _Tried(NamedTuple):
    """A row of `_attempts`."""

    id: UUID
    at: datetime
    channel: Channel
    outcome: Outcome
    direction: Direction
    author_id: UUID
    author_name: str
    recorded_at: datetime
    mistake_at: datetime | None
    note_sealed: bytes | None
    mistake_reason_sealed: bytes | None


# Statements that every person's page sends are made once and kept: to make one costs more than to send it.


@cache
def _events() -> Select[*tuple[Any, ...]]:
    return (
        select(
            EpisodeEvent.id,
            EpisodeEvent.at,
            EpisodeEvent.kind,
            EpisodeEvent.source,
            EpisodeEvent.target,
            EpisodeEvent.said_by,
            EpisodeEvent.author_name_sealed,
            EpisodeEvent.reason_sealed,
        )
        .where(EpisodeEvent.episode_id == bindparam("episode_id"), EpisodeEvent.target != EpisodeState.DRAFT)
        .order_by(EpisodeEvent.id.desc())
    )


@cache
def _attempts() -> Select[*tuple[Any, ...]]:
    return (
        select(
            ContactAttempt.id,
            ContactAttempt.at,
            ContactAttempt.channel,
            ContactAttempt.outcome,
            ContactAttempt.direction,
            ContactAttempt.author_id,
            ContactAttempt.author_name,
            ContactAttempt.recorded_at,
            ContactAttempt.mistake_at,
            ContactAttempt.note_sealed,
            ContactAttempt.mistake_reason_sealed,
        )
        .where(ContactAttempt.episode_id == bindparam("episode_id"))
        .order_by(ContactAttempt.id.desc())
    )


def everything(
    session: Session,
    episode_id: UUID,
    consents: Iterable[ConsentView] = (),
    names: Mapping[str, str] | None = None,
    plan: Plan | None = None,
) -> list[Step]:
    """What happened in an episode that the caller has in scope, newest first, in a bounded number of queries.

    `names` are the needs' by slug, `plan` is what was agreed, where the caller has fetched them.
    """
    called = queries.every_need_name(session) if names is None else names
    steps = [
        *_moves(session, episode_id),
        *_contacts(session, episode_id),
        *_needs(session, episode_id, called),
        *_plan(plan_of(session, episode_id) if plan is None else plan),
    ]
    steps += _sharing(consents)
    for provider in _providers:
        steps += provider(session, episode_id)
    return sorted(steps, key=lambda step: step.at, reverse=True)


def timeline(steps: Sequence[Step], *, show: str = "", page: int = 1) -> Timeline:
    """One page of the steps of the kind that `show` names; of all where it names none."""
    shown = Kind(show) if show in set(Kind) else None
    counts = tuple(
        (kind, number) for kind in Kind if (number := sum(1 for step in steps if step.kind is kind))
    )
    chosen = [step for step in steps if shown is None or step.kind is shown]
    page, pages = within(page, len(chosen), PAGE)
    return Timeline(tuple(chosen[(page - 1) * PAGE : page * PAGE]), shown, counts, page, pages)


def _moves(session: Session, episode_id: UUID) -> list[Step]:
    return [_move(_Moved(*row)) for row in read(session, _events(), episode_id=episode_id)]


def _move(event: _Moved) -> Step:
    title = EPISODE_WORDS[event.target].capitalize()
    text = EpisodeEvent.reason.read(EpisodeEvent, event.id, event.reason_sealed) or ""
    if event.kind is MoveKind.UNDO_CLOSE:
        again = "Opened again" if event.source in EPISODE_CLOSED else "Taken back"
        title, text = f"{again}: {EPISODE_WORDS[event.target]}", ""
    elif text in set(CloseReason):
        text = REASON_WORDS[CloseReason(text)].capitalize()
    by = EpisodeEvent.author_name.read(EpisodeEvent, event.id, event.author_name_sealed) or ""
    if event.said_by is not None:
        by = f"{by}, for {MOVER_WORDS[event.said_by]}"
    return Step(event.at, title, text, by)


def _contacts(session: Session, episode_id: UUID) -> list[Step]:
    return [_contact(_Tried(*row)) for row in read(session, _attempts(), episode_id=episode_id)]


def _contact(attempt: _Tried) -> Step:
    way = CHANNEL_WORDS[attempt.channel].capitalize()
    if attempt.direction is Direction.INBOUND:
        way = f"{way} from them"
    title = f"{way}: {OUTCOME_WORDS[attempt.outcome]}"
    if attempt.mistake_at is not None:
        # Its words may be about somebody else.
        reason = ContactAttempt.mistake_reason.read(ContactAttempt, attempt.id, attempt.mistake_reason_sealed)
        why = f"This was a mistake and does not count. {reason or ''}".strip()
        return Step(attempt.at, title, why, attempt.author_name, Kind.CONTACTS, mistake=True)
    by, day = attempt.author_name, london_day(attempt.recorded_at)
    if day != london_day(attempt.at):
        by = f"{by}, written down on {say_date(day)}"
    which = Mendable("contacts.ask", {"contact_id": attempt.id}, attempt.author_id)
    note = ContactAttempt.note.read(ContactAttempt, attempt.id, attempt.note_sealed) or ""
    return Step(attempt.at, title, note, by, Kind.CONTACTS, which)


def _needs(session: Session, episode_id: UUID, names: Mapping[str, str]) -> list[Step]:
    return [
        Step(row.at, f"{names.get(row.slug, row.slug)}: {NEED_WORDS[row.target]}", "", "", Kind.PLAN)
        for row in queries.needs_moved(session, episode_id)
        if row.at and row.target and row.target in _TOLD_OF_NEEDS
    ]


def _plan(plan: Plan) -> list[Step]:
    steps: list[Step] = []
    for goal in plan.goals:
        steps.append(Step(goal.created_at, "A goal", goal.words, "", Kind.PLAN))
        if goal.met_at is not None:
            steps.append(Step(goal.met_at, "A goal is met", goal.words, "", Kind.PLAN))
    steps += [
        Step(action.done_at, "Done", action.words, "", Kind.PLAN)
        for action in plan.actions
        if action.done_at is not None
    ]
    return steps


def _sharing(consents: Iterable[ConsentView]) -> list[Step]:
    steps: list[Step] = []
    for one in consents:
        words = f"{PURPOSE_WORDS[one.purpose]} {one.recipient_name}"
        steps.append(Step(one.given_at, "They agreed", f"{words} ({one.how})", "", Kind.SHARING))
        if one.withdrawn_at is not None:
            steps.append(Step(one.withdrawn_at, "They took it back", words, "", Kind.SHARING))
    return steps
