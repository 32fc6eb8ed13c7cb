"""Somebody asks about a record, and we have none: the request has its clock and its answer all the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.audit import services as audit
from core.calendar.rules import add_months, start_of
from core.errors import Invalid, NotFound, Refused
from core.references.drawing import free_reference
from prescribing.people.services import author_of
from prescribing.rights import services
from prescribing.rights.models import UnknownRequest
from prescribing.rights.rules import (
    KIND_WORDS,
    WAY_WORDS,
    Asked,
    RequestKind,
    RequestState,
    check_received,
    due_on,
)

# As long as any request that came to nothing.
MONTHS_KEPT = 24
MOST = 50


@dataclass(frozen=True)
class UnknownView:
    """A request of somebody whom we do not know; `reach` is how the answer gets to them, `due` the last day for it."""

    id: UUID
    reference: str
    name: str
    reach: str
    kind: RequestKind
    said: str
    way: str
    words: str
    received_on: date
    due: date
    state: RequestState
    answered_at: datetime | None
    answer: str

    @property
    def is_open(self) -> bool:
        return self.state is RequestState.OPEN


def take(session: Session, actor: Actor, asked: Asked, name: str, reach: str) -> UUID:
    """Write down what somebody asks of whom we have no record: what they call themselves, and how we reach them. Gives
    its id. Raises `Invalid`."""
    _only_officer(actor)
    check_received(asked.received_on, clock.today())
    if not name.strip():
        raise Invalid("Enter the name that they gave.", "name")
    if not reach.strip():
        raise Invalid("Say how the answer reaches them.", "reach")
    made = UnknownRequest(
        reference=free_reference(session, UnknownRequest.reference),
        kind=asked.kind,
        way=asked.way,
        received_on=asked.received_on,
        state=RequestState.OPEN,
        made_by=author_of(actor),
        name=name.strip(),
        reach=reach.strip(),
        words=asked.words.strip(),
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "unknown-request.take", "unknown_request", made.id, kind=asked.kind)
    return made.id


def one(session: Session, actor: Actor, request_id: UUID) -> UnknownView:
    """One such request. Raises `NotFound`. Whoever shows it audits the look."""
    _only_officer(actor)
    row = session.get(UnknownRequest, request_id)
    if row is None:
        raise NotFound
    return _view(row)


def waiting(session: Session, actor: Actor) -> tuple[UnknownView, ...]:
    """Those that nobody has answered yet, the most pressing first."""
    _only_officer(actor)
    rows = session.scalars(
        select(UnknownRequest)
        .where(UnknownRequest.state == RequestState.OPEN)
        .order_by(UnknownRequest.received_on, UnknownRequest.id)
        .limit(MOST)
    )
    return tuple(map(_view, rows))


def answer(session: Session, actor: Actor, request_id: UUID, words: str, *, refuse: bool) -> None:
    """Tell them that we hold nothing, or why we say no. Raises `Invalid` for no words, `Refused` the second time."""
    row = _open(session, actor, request_id)
    if not words.strip():
        raise Invalid("Say what you told them, in words that they can read.", "answer")
    row.state = RequestState.REFUSED if refuse else RequestState.ANSWERED
    row.answered_at, row.answered_by, row.answer = clock.now(), author_of(actor), words.strip()
    session.flush()
    audit.record(session, actor, "unknown-request.answer", "unknown_request", request_id, outcome=row.state)


def found(session: Session, actor: Actor, request_id: UUID, person_id: UUID) -> UUID:
    """Their record turned up: the request goes on there, with the clock that runs already, the reference that they
    were told, and how the answer reaches them. Gives the id that it has from now on. Raises as
    `services.take_request`."""
    row = _open(session, actor, request_id)
    known_by = (
        f"They asked as {row.name}, reference {row.reference}.\nHow the answer reaches them: {row.reach}"
    )
    asked = Asked(row.kind, f"{row.words or ''}\n\n{known_by}", row.way, row.received_on)
    made = services.take_request(session, actor, person_id, asked, reference=row.reference)
    session.delete(row)
    session.flush()
    audit.record(session, actor, "unknown-request.found", "unknown_request", request_id)
    return made


def forget_old(session: Session) -> None:
    """Those that were answered two years ago go by themselves: nothing else is known of the people."""
    last = add_months(clock.today(), -MONTHS_KEPT)
    over = start_of(last)
    session.execute(delete(UnknownRequest).where(UnknownRequest.answered_at < over))


def _view(row: UnknownRequest) -> UnknownView:
    return UnknownView(
        id=row.id,
        reference=row.reference,
        name=row.name or "",
        reach=row.reach or "",
        kind=row.kind,
        said=KIND_WORDS[row.kind],
        way=WAY_WORDS[row.way],
        words=row.words or "",
        received_on=row.received_on,
        due=due_on(row.received_on),
        state=row.state,
        answered_at=row.answered_at,
        answer=row.answer or "",
    )


def _open(session: Session, actor: Actor, request_id: UUID) -> UnknownRequest:
    _only_officer(actor)
    row = session.get(UnknownRequest, request_id, with_for_update=True)
    if row is None:
        raise NotFound
    if row.state is not RequestState.OPEN:
        raise Refused("This request was answered already.")
    return row


def _only_officer(actor: Actor) -> None:
    if not actor.can(Permission.PROTECT_DATA):
        raise NotFound
