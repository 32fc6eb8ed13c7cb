"""The data protection officer's desk: what waits, by when, and how one request or record stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, not_, or_, select
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.access.rules import Actor, Permission, Role
from core.accounts import queries as accounts
from core.errors import NotFound
from prescribing.people.models import Person
from prescribing.rights import certificates, consents, copies, retention
from prescribing.rights.authors import names_behind
from prescribing.rights.models import DeletionNotice, EmergencyLook, Hold, RightsRequest
from prescribing.rights.retention import Standing
from prescribing.rights.rules import (
    KIND_WORDS,
    WAY_WORDS,
    HoldKind,
    RequestKind,
    RequestState,
    SentBy,
    Why,
    due_on,
)

SHOWN = 50


@dataclass(frozen=True)
class RequestLine:
    """A request on a list. `due` is the last day to answer; `answered_at` is None while it is open."""

    id: UUID
    reference: str
    person_id: UUID
    kind: RequestKind
    said: str
    received_on: date
    due: date
    state: RequestState
    answered_at: datetime | None
    answer: str
    sent_by: SentBy | None


@dataclass(frozen=True)
class RequestView:
    """A request with everything that answering it needs."""

    line: RequestLine
    person_reference: str
    called: str
    words: str
    way: str
    proof: str
    proof_seen_at: datetime | None
    months_more: int
    longer_because: str
    can_take_longer: bool
    passages: int
    unread: int
    concerns: int
    with_concerns: bool | None
    standing: Standing
    flagged_for_safety: bool
    can_sign_in: bool

    @property
    def is_open(self) -> bool:
        return self.line.state is RequestState.OPEN


@dataclass(frozen=True)
class HoldView:
    """A hold. `kind` says whether the law wants it or we do; `lifted_by` is empty where its day came or it stands."""

    id: UUID
    person_id: UUID
    person_reference: str
    kind: HoldKind
    reason: str
    until: date | None
    placed_at: datetime
    placed_by: str
    lifted_at: datetime | None
    lifted_by: str


@dataclass(frozen=True)
class EmergencyView:
    """A record that was opened in an emergency: by whom, why, when, and whether anybody looked into it."""

    id: UUID
    person_id: UUID
    person_reference: str
    who: str
    reason: str
    started_at: datetime
    ended_at: datetime | None
    review: str
    reviewed_at: datetime | None


@dataclass(frozen=True)
class Desk:
    """Everything that waits for the data protection officer, and what was done last."""

    requests: tuple[RequestLine, ...]
    emergencies: tuple[EmergencyView, ...]
    holds: tuple[HoldView, ...]
    notices: tuple[consents.NoticeView, ...]
    certificates: tuple[certificates.Certificate, ...]
    due_to_go: int
    more_to_go: bool


@dataclass(frozen=True)
class RecordView:
    """One record as the data protection officer works on it: no more of it than who it is. `ended` are the holds that
    were in force once."""

    person_id: UUID
    reference: str
    called: str
    standing: Standing
    requests: tuple[RequestLine, ...]
    holds: tuple[HoldView, ...]
    ended: tuple[HoldView, ...]
    notices: tuple[consents.NoticeView, ...]
    emergencies: tuple[EmergencyView, ...]


def desk(session: Session, actor: Actor) -> Desk:
    """What waits, most pressing first. Raises `NotFound` for anybody but the data protection officer."""
    actor.must(Permission.PROTECT_DATA)
    due, more = retention.due(session)
    return Desk(
        requests=_requests(session, RightsRequest.state == RequestState.OPEN),
        emergencies=_emergencies(session, EmergencyLook.reviewed_at.is_(None)),
        holds=_holds(session, _in_force()),
        notices=consents.notices(session, DeletionNotice.confirmed_at.is_(None)),
        certificates=certificates.latest(session),
        due_to_go=len([one for one in due if not one.stops]),
        more_to_go=more,
    )


def request(session: Session, actor: Actor, request_id: UUID) -> RequestView:
    """One request. Raises `NotFound`. Whoever shows it audits the look."""
    row = _asked(session, actor, request_id)
    person = row.person
    found = copies.passages(session, person.id, row.id) if row.kind is RequestKind.ACCESS else []
    left = copies.unread(session, person.id, row.id) if found else []
    return RequestView(
        line=_line(row),
        person_reference=person.reference,
        called=person.preferred_name or person.name or "Name not known yet",
        words=row.words or "",
        way=WAY_WORDS[row.way],
        proof=row.proof or "",
        proof_seen_at=row.proof_seen_at,
        months_more=row.months_more,
        longer_because=row.longer_because or "",
        can_take_longer=not row.months_more and clock.today() <= due_on(row.received_on),
        passages=len(found),
        unread=len(left),
        concerns=copies.concerns(session, person.id) if row.kind is RequestKind.ACCESS else 0,
        with_concerns=row.with_concerns,
        standing=retention.standing(session, person, Why.ASKED, answers_request=row.id),
        flagged_for_safety=person.flagged_for_safety,
        can_sign_in=accounts.account_of_person(session, person.id) is not None,
    )


def whose(session: Session, actor: Actor, request_id: UUID) -> UUID:
    """The id of the person who asked. Raises `NotFound`."""
    return _asked(session, actor, request_id).person_id


def _asked(session: Session, actor: Actor, request_id: UUID) -> RightsRequest:
    actor.must(Permission.PROTECT_DATA)
    row = session.get(RightsRequest, request_id, options=[joinedload(RightsRequest.person)])
    if row is None:
        raise NotFound
    return row


def record_of(session: Session, actor: Actor, person_id: UUID) -> RecordView:
    """One record. Raises `NotFound`. Whoever shows it audits the look."""
    actor.must(Permission.PROTECT_DATA)
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    return RecordView(
        person_id=person.id,
        reference=person.reference,
        called=person.preferred_name or person.name or "Name not known yet",
        standing=retention.standing(session, person, Why.TIME_IS_UP),
        requests=_requests(session, RightsRequest.person_id == person_id),
        holds=_holds(session, _in_force(), Hold.person_id == person_id),
        ended=_holds(session, not_(_in_force()), Hold.person_id == person_id),
        notices=consents.notices(session, DeletionNotice.person_id == person_id),
        emergencies=_emergencies(session, EmergencyLook.person_id == person_id),
    )


def own_requests(session: Session, actor: Actor, person_id: UUID) -> tuple[RequestLine, ...]:
    """What somebody asked about their own record, the latest first. Raises `NotFound` for anybody else's."""
    if person_id not in actor.person_ids(Role.RESIDENT):
        raise NotFound
    return tuple(reversed(_requests(session, RightsRequest.person_id == person_id)))


def _requests(session: Session, *which: ColumnElement[bool]) -> tuple[RequestLine, ...]:
    rows = session.scalars(select(RightsRequest).where(*which).limit(SHOWN))
    return tuple(
        sorted(map(_line, rows), key=lambda one: (one.answered_at is not None, one.due, one.reference))
    )


def _line(row: RightsRequest) -> RequestLine:
    return RequestLine(
        id=row.id,
        reference=row.reference,
        person_id=row.person_id,
        kind=row.kind,
        said=KIND_WORDS[row.kind],
        received_on=row.received_on,
        due=due_on(row.received_on, row.months_more),
        state=row.state,
        answered_at=row.answered_at,
        answer=row.answer or "",
        sent_by=row.sent_by,
    )


def _in_force() -> ColumnElement[bool]:
    return and_(Hold.lifted_at.is_(None), or_(Hold.until.is_(None), Hold.until >= clock.today()))


def _holds(session: Session, *which: ColumnElement[bool]) -> tuple[HoldView, ...]:
    rows = session.scalars(
        select(Hold).where(*which).options(joinedload(Hold.person)).order_by(Hold.placed_at).limit(SHOWN)
    ).all()
    names = names_behind(session, {by for row in rows for by in (row.placed_by, row.lifted_by) if by})
    return tuple(
        HoldView(
            row.id,
            row.person_id,
            row.person.reference,
            row.kind,
            row.reason or "",
            row.until,
            row.placed_at,
            names[row.placed_by],
            row.lifted_at,
            names[row.lifted_by] if row.lifted_by else "",
        )
        for row in rows
    )


def _emergencies(session: Session, *which: ColumnElement[bool]) -> tuple[EmergencyView, ...]:
    rows = session.scalars(
        select(EmergencyLook)
        .where(*which)
        .options(joinedload(EmergencyLook.person))
        .order_by(EmergencyLook.started_at.desc())
        .limit(SHOWN)
    ).all()
    names = accounts.names(session, {row.account_id for row in rows})
    return tuple(
        EmergencyView(
            row.id,
            row.person_id,
            row.person.reference,
            names.get(row.account_id, "Somebody who has left"),
            row.reason or "",
            row.started_at,
            row.ended_at,
            row.review or "",
            row.reviewed_at,
        )
        for row in rows
    )
