"""The data protection officer's desk: what waits, by when, and how one request or record stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.access.rules import Actor, Permission, Role
from core.accounts import queries as accounts
from core.errors import NotFound
from prescribing.people import queries as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent, Person
from prescribing.people.queries import TEAM_ROLES
from prescribing.rights import copies, retention
from prescribing.rights.models import DeletionNotice, Disposal, EmergencyLook, Hold, RightsRequest
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

PURPOSE_WORDS = {
    ConsentPurpose.SUPPORT: "Support from",
    ConsentPurpose.SHARE_OFFER: "Ask, without a name:",
    ConsentPurpose.SHARE_ACCEPTED: "Share name and contact with",
    ConsentPurpose.FEEDBACK_TO_REFERRER: "Say what came of it to",
}


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
    standing: Standing
    flagged_for_safety: bool
    can_sign_in: bool

    @property
    def is_open(self) -> bool:
        return self.line.state is RequestState.OPEN


@dataclass(frozen=True)
class HoldView:
    """A hold in force. `kind` says whether the law wants it or we do."""

    id: UUID
    person_id: UUID
    person_reference: str
    kind: HoldKind
    reason: str
    until: date | None
    placed_at: datetime
    placed_by: str


@dataclass(frozen=True)
class NoticeView:
    """Somebody was told to delete what they had: of whom, about what, since when, and whether they said they did."""

    id: UUID
    person_id: UUID
    person_reference: str
    recipient: str
    told_at: datetime
    confirmed_at: datetime | None


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
class Certificate:
    """That a record was deleted."""

    id: UUID
    reference: str
    at: datetime
    why: Why
    rule: str
    request_reference: str
    decided_by: str
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Desk:
    """Everything that waits for the data protection officer, and what was done last."""

    requests: tuple[RequestLine, ...]
    emergencies: tuple[EmergencyView, ...]
    holds: tuple[HoldView, ...]
    notices: tuple[NoticeView, ...]
    certificates: tuple[Certificate, ...]
    due_to_go: int
    more_to_go: bool


@dataclass(frozen=True)
class RecordView:
    """One record as the data protection officer works on it: no more of it than who it is."""

    person_id: UUID
    reference: str
    called: str
    standing: Standing
    requests: tuple[RequestLine, ...]
    holds: tuple[HoldView, ...]
    notices: tuple[NoticeView, ...]
    emergencies: tuple[EmergencyView, ...]


@dataclass(frozen=True)
class ConsentLine:
    """One thing that a person agreed to, as their team reads it. `state` is "now", "ended" or "taken back"."""

    id: UUID
    said: str
    fields: tuple[str, ...]
    wording_version: str
    how: str
    recorded_by: str
    given_at: datetime
    until: datetime | None
    withdrawn_at: datetime | None
    state: str
    notice: NoticeView | None


def desk(session: Session, actor: Actor) -> Desk:
    """What waits, most pressing first. Raises `NotFound` for anybody but the data protection officer."""
    _only_officer(actor)
    due, more = retention.due(session)
    return Desk(
        requests=_requests(session, RightsRequest.state == RequestState.OPEN),
        emergencies=_emergencies(session, EmergencyLook.reviewed_at.is_(None)),
        holds=_holds(session),
        notices=_notices(session, DeletionNotice.confirmed_at.is_(None)),
        certificates=certificates(session, actor),
        due_to_go=len([one for one in due if not one.stops]),
        more_to_go=more,
    )


def waiting(session: Session) -> int:
    """How many open requests there are: for the menu's other pages."""
    return (
        session.scalar(
            select(func.count()).select_from(RightsRequest).where(RightsRequest.state == RequestState.OPEN)
        )
        or 0
    )


def request(session: Session, actor: Actor, request_id: UUID) -> RequestView:
    """One request. Raises `NotFound`. Whoever shows it audits the look."""
    _only_officer(actor)
    row = session.get(RightsRequest, request_id, options=[joinedload(RightsRequest.person)])
    if row is None:
        raise NotFound
    person = row.person
    found = copies.passages(session, person.id) if row.kind is RequestKind.ACCESS else []
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
        standing=retention.standing(session, person, Why.ASKED, answers_request=row.id),
        flagged_for_safety=person.flagged_for_safety,
        can_sign_in=accounts.account_of_person(session, person.id) is not None,
    )


def record_of(session: Session, actor: Actor, person_id: UUID) -> RecordView:
    """One record. Raises `NotFound`. Whoever shows it audits the look."""
    _only_officer(actor)
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    return RecordView(
        person_id=person.id,
        reference=person.reference,
        called=person.preferred_name or person.name or "Name not known yet",
        standing=retention.standing(session, person, Why.TIME_IS_UP),
        requests=_requests(session, RightsRequest.person_id == person_id),
        holds=_holds(session, Hold.person_id == person_id),
        notices=_notices(session, DeletionNotice.person_id == person_id),
        emergencies=_emergencies(session, EmergencyLook.person_id == person_id),
    )


def own_requests(session: Session, actor: Actor, person_id: UUID) -> tuple[RequestLine, ...]:
    """What somebody asked about their own record, the latest first. Raises `NotFound` for anybody else's."""
    if person_id not in actor.person_ids(Role.RESIDENT):
        raise NotFound
    return tuple(reversed(_requests(session, RightsRequest.person_id == person_id)))


def certificates(session: Session, actor: Actor, *, most: int = 10) -> tuple[Certificate, ...]:
    """What was deleted last."""
    _only_officer(actor)
    rows = session.scalars(
        select(Disposal).order_by(Disposal.at.desc(), Disposal.id.desc()).limit(most)
    ).all()
    return _certificates(session, list(rows))


def certificate(session: Session, actor: Actor, disposal_id: UUID) -> Certificate:
    """One certificate. Raises `NotFound`."""
    _only_officer(actor)
    row = session.get(Disposal, disposal_id)
    if row is None:
        raise NotFound
    return _certificates(session, [row])[0]


def consents(session: Session, actor: Actor, person_id: UUID) -> tuple[ConsentLine, ...]:
    """Everything that a person of the actor's team ever agreed to, newest first, with who was told to delete what they
    had. Raises `NotFound` out of scope. Whoever shows it audits the look."""
    person = people.person(session, actor, person_id)
    if person.team_id not in actor.team_ids(*TEAM_ROLES):
        raise NotFound
    rows = {row.id: row for row in session.scalars(select(Consent).where(Consent.person_id == person_id))}
    notices = {
        notice.consent_id: view
        for notice, view in _notice_pairs(session, DeletionNotice.person_id == person_id)
    }
    names = _names(session, {row.recorded_by for row in rows.values()})
    lines = []
    for view in people.consents(session, actor, person_id):
        row = rows[view.id]
        over = view.until is not None and view.until <= clock.now()
        lines.append(
            ConsentLine(
                id=view.id,
                said=f"{PURPOSE_WORDS[view.purpose]} {view.recipient_name}",
                fields=view.fields,
                wording_version=row.wording_version,
                how=view.how,
                recorded_by=names[row.recorded_by],
                given_at=view.given_at,
                until=view.until,
                withdrawn_at=view.withdrawn_at,
                state="ended" if over else "taken back" if view.withdrawn_at else "now",
                notice=notices.get(view.id),
            )
        )
    return tuple(lines)


def _only_officer(actor: Actor) -> None:
    if not actor.can(Permission.PROTECT_DATA):
        raise NotFound


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


def _holds(session: Session, *which: ColumnElement[bool]) -> tuple[HoldView, ...]:
    rows = session.scalars(
        select(Hold)
        .where(Hold.lifted_at.is_(None), or_(Hold.until.is_(None), Hold.until >= clock.today()), *which)
        .options(joinedload(Hold.person))
        .order_by(Hold.placed_at)
        .limit(SHOWN)
    ).all()
    names = _names(session, {row.placed_by for row in rows})
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
        )
        for row in rows
    )


def _notices(session: Session, *which: ColumnElement[bool]) -> tuple[NoticeView, ...]:
    return tuple(view for _row, view in _notice_pairs(session, *which))


def _notice_pairs(session: Session, *which: ColumnElement[bool]) -> list[tuple[DeletionNotice, NoticeView]]:
    rows = session.scalars(
        select(DeletionNotice)
        .where(*which)
        .options(joinedload(DeletionNotice.consent))
        .order_by(DeletionNotice.told_at)
        .limit(SHOWN)
    ).all()
    names = people.recipient_names(session, [row.consent for row in rows])
    references = dict(
        session.execute(
            select(Person.id, Person.reference).where(Person.id.in_([row.person_id for row in rows]))
        ).all()
    )
    return [
        (
            row,
            NoticeView(
                row.id,
                row.person_id,
                references[row.person_id],
                names.get(row.consent.recipient_id, "somebody who is no longer listed"),
                row.told_at,
                row.confirmed_at,
            ),
        )
        for row in rows
    ]


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


def _certificates(session: Session, rows: list[Disposal]) -> tuple[Certificate, ...]:
    names = _names(session, {row.decided_by for row in rows})
    return tuple(
        Certificate(
            row.id,
            row.reference,
            row.at,
            row.why,
            row.rule or "",
            row.request_reference or "",
            names[row.decided_by],
            tuple((copies.heading_of(name), count) for name, count in sorted(row.counts.items())),
        )
        for row in rows
    )


def _names(session: Session, authors: set[str]) -> dict[str, str]:
    """The names behind what rows keep of an author: an account's id, or a kind."""
    ids = {author: UUID(author) for author in authors if len(author) == 36}
    known = accounts.names(session, set(ids.values()))
    kinds = {"public": "themself", "system": "the system", "link": "the holder of a link"}
    return {
        author: known.get(ids[author], "somebody who has left")
        if author in ids
        else kinds.get(author, author)
        for author in authors
    }
