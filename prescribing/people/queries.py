"""Reading people, within the actor's teams; a resident reads their own record unless it is flagged for safety."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, true
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.db import Sealed, among, read
from core.errors import NotFound
from core.geography import queries as geography
from core.holding import held
from core.once import once
from directory import published
from prescribing.people.consent import PURPOSE_WORDS, ConsentFacts, ConsentPurpose, consent_covers
from prescribing.people.models import Consent, Partner, PartnerKind, Person, RecipientKind, Team
from prescribing.people.records import birth_date_from, safe_contact_from
from prescribing.people.rules import age, age_band_of, say_needs, say_needs_review, say_nhs_number
from prescribing.people.safe_contact import SafeContact, say_safe_contact

TEAM_ROLES = (Role.LINK_WORKER, Role.COORDINATOR)
# The sealed texts that a list opens: what somebody is called, then what they need.
_ON_A_LINE: tuple[Sealed, ...] = (
    *(Person.preferred_name, Person.name),
    *(Person.communication_needs, Person.access_needs, Person.interpreter),
)
# And those that the whole record opens.
_SEALED_ON_RECORD: Mapping[str, Sealed] = {
    name: sealed for name, sealed in vars(Person).items() if isinstance(sealed, Sealed)
}


@dataclass(frozen=True)
class PersonRecord:
    """Everything of one person, for their team. Empty texts are "not known yet"; `age` is in whole years."""

    id: UUID
    version: int
    reference: str
    team_id: UUID
    name: str
    preferred_name: str
    pronouns: str
    born: date | None
    age: int | None
    age_band: str
    address: str
    postcode: str
    ward_code: str | None
    ward_name: str
    phone: str
    mobile: str
    email: str
    contact: SafeContact
    contact_words: tuple[str, ...]
    contact_notes: str
    what_matters: str
    strengths: str
    access_needs: str
    communication_needs: str
    interpreter: str
    carer: str
    household: str
    needs_met: str
    safeguarding: str
    safeguarding_told: str
    needs_asked_on: date | None
    share_needs: bool | None
    needs_review_on: date | None
    risks: str
    risk_summary: str
    no_known_risks: bool
    nhs_number: str
    gp_practice: str
    ethnicity: str
    gender: str
    flagged_for_safety: bool
    died_at: datetime | None

    @property
    def called(self) -> str:
        """What they like to be called."""
        return self.preferred_name or self.name

    @property
    def has_risk(self) -> bool:
        """Whether a risk or a safeguarding concern is known; asked and none is not one."""
        return bool(self.risks.strip() or self.safeguarding.strip()) or self.flagged_for_safety

    @property
    def said_needs(self) -> str:
        """What they need to take part and to be informed, in one line; empty where nothing is known."""
        return say_needs(self.communication_needs, self.access_needs, self.interpreter)

    @property
    def needs_words(self) -> str:
        """What stands on every page about access and communication, never empty."""
        if self.said_needs:
            return self.said_needs
        return "asked, nothing needed" if self.needs_asked_on else "nobody has asked yet"

    @property
    def needs_review(self) -> str:
        """When they were asked what they need, and when to ask again, in words."""
        return say_needs_review(
            self.needs_asked_on, self.needs_review_on, clock.today(), known=bool(self.said_needs)
        )


class PersonLine(NamedTuple):
    """A person on a list: what they are called, and what must be in sight."""

    id: UUID
    called: str
    has_risk: bool
    flagged_for_safety: bool
    access: str


@dataclass(frozen=True)
class ConsentView:
    """One consent, as a page shows it. `recorded_by` is an account's id, "public" or "system"."""

    id: UUID
    purpose: ConsentPurpose
    recipient_kind: RecipientKind
    recipient_id: UUID
    recipient_name: str
    fields: tuple[str, ...]
    how: str
    given_at: datetime
    until: datetime | None
    withdrawn_at: datetime | None

    def holds_at(self, at: datetime) -> bool:
        """Whether it lets us share at that moment."""
        facts = ConsentFacts(self.recipient_id, self.purpose, self.given_at, self.until, self.withdrawn_at)
        return consent_covers([facts], self.recipient_id, self.purpose, at)

    @property
    def purpose_words(self) -> str:
        return PURPOSE_WORDS[self.purpose]


@dataclass(frozen=True)
class PartnerView:
    """A body that refers."""

    id: UUID
    name: str
    kind: PartnerKind


def in_scope(actor: Actor) -> ColumnElement[bool]:
    """The people whom this actor may read: their teams', and their own record if it may show online."""
    if actor.kind == "system":
        return true()
    own = and_(Person.id.in_(actor.person_ids(Role.RESIDENT)), Person.flagged_for_safety.is_(False))
    return or_(of_teams(actor), own)


def of_teams(actor: Actor) -> ColumnElement[bool]:
    """The people of the actor's teams; not those whom only a draft names that nobody sent yet."""
    return and_(Person.team_id.in_(actor.team_ids(*TEAM_ROLES)), Person.unsent.is_(False))


def person_for_update(session: Session, actor: Actor, person_id: UUID) -> Person:
    """The row of a person of the actor's team, held until the transaction ends. Raises `NotFound` outside."""
    found = select(Person).where(Person.id == person_id)
    rows = held(session, found if actor.kind == "system" else found.where(of_teams(actor)))
    if not rows:
        raise NotFound
    return rows[0]


def person(session: Session, actor: Actor, person_id: UUID) -> PersonRecord:
    """One person's whole record. Raises `NotFound` out of scope. Whoever shows it audits the look."""
    row = _row(session, person_id)
    if row is None or not _is_in_scope(actor, row):
        raise NotFound
    return as_record(session, row)


@cache
def _by_id() -> Select[*tuple[Any, ...]]:
    return select(*Person.__table__.columns).where(Person.id == bindparam("person_id"))


def _row(session: Session, person_id: UUID) -> Any:
    """The columns of one person's row, or None; read once for all parts of a page."""

    def found() -> Any:
        return next(iter(read(session, _by_id(), person_id=person_id)), None)

    return once(session, ("person", person_id), found)


def _is_in_scope(actor: Actor, row: Any) -> bool:
    """As `in_scope`, of a row that is there."""
    if actor.kind == "system" or _is_of_teams(actor, row):
        return True
    return row.id in actor.person_ids(Role.RESIDENT) and not row.flagged_for_safety


def _is_of_teams(actor: Actor, row: Any) -> bool:
    """As `of_teams`, of a row that is there."""
    return row.team_id in actor.team_ids(*TEAM_ROLES) and not row.unsent


def check_in_scope(session: Session, actor: Actor, person_id: UUID) -> None:
    """Raises `NotFound` for a person whom the actor may not read."""
    row = _row(session, person_id)
    if row is None or not _is_in_scope(actor, row):
        raise NotFound


def check_of_teams(session: Session, actor: Actor, person_id: UUID) -> None:
    """Raises `NotFound` for a person who is none of the actor's teams."""
    row = _row(session, person_id)
    if row is None or not _is_of_teams(actor, row):
        raise NotFound


def people(session: Session, actor: Actor, person_ids: Collection[UUID]) -> dict[UUID, PersonLine]:
    """Those of the people named who are in scope, for a list; in one query."""
    rows = session.scalars(select(Person).where(Person.id.in_(person_ids), in_scope(actor)))
    return {row.id: as_line(row) for row in rows}


def lines(session: Session, person_ids: Collection[UUID]) -> dict[UUID, PersonLine]:
    """These people as a list shows them. Whoever asks has seen to it that the actor may read them."""
    found = {}
    for person_id, flagged, has_risk, *sealed in read(session, _lines(), ids=person_ids):
        opened = [
            None if value is None else each.read(Person, person_id, value)
            for each, value in zip(_ON_A_LINE, sealed, strict=True)
        ]
        found[person_id] = _line(person_id, opened, flagged=flagged, has_risk=has_risk)
    return found


@cache
def _lines() -> Select[*tuple[Any, ...]]:
    columns = (getattr(Person, each.column) for each in _ON_A_LINE)
    # That something is written there is told without opening it: what is empty is not sealed.
    has_risk = or_(Person.risks_sealed.is_not(None), Person.safeguarding_sealed.is_not(None))
    return select(Person.id, Person.flagged_for_safety, has_risk, *columns).where(among(Person.id, "ids"))


def as_line(row: Person) -> PersonLine:
    """The row as a list shows it."""
    has_risk = row.risks_sealed is not None or row.safeguarding_sealed is not None
    opened = [each.__get__(row, Person) for each in _ON_A_LINE]
    return _line(row.id, opened, flagged=row.flagged_for_safety, has_risk=has_risk)


def _line(person_id: UUID, opened: Sequence[str | None], *, flagged: bool, has_risk: bool) -> PersonLine:
    """`opened` in the order of `_ON_A_LINE`."""
    preferred_name, name, *needs = opened
    return PersonLine(
        id=person_id,
        called=preferred_name or name or "Name not known yet",
        has_risk=has_risk or flagged,
        flagged_for_safety=flagged,
        access=say_needs(*(text or "" for text in needs)) if any(needs) else "",
    )


def as_record(session: Session, row: Any) -> PersonRecord:
    """A `Person`, or the columns of one, decrypted."""
    texts = {
        name: sealed.read(Person, row.id, getattr(row, sealed.column)) or ""
        for name, sealed in _SEALED_ON_RECORD.items()
    }
    contact = safe_contact_from(texts, flagged=row.flagged_for_safety)
    born, nhs_number = birth_date_from(texts.pop("date_of_birth")), texts.pop("nhs_number")
    del texts["safe_contact"]
    wards = geography.ward_names(session, [row.ward_code]) if row.ward_code else {}
    return PersonRecord(
        id=row.id,
        version=row.version,
        reference=row.reference,
        team_id=row.team_id,
        born=born,
        age=age(born, clock.today()) if born else None,
        age_band=age_band_of(born, clock.today()),
        ward_code=row.ward_code,
        ward_name=wards.get(row.ward_code or "", ""),
        contact=contact,
        contact_words=say_safe_contact(contact),
        needs_asked_on=row.needs_asked_on,
        share_needs=row.share_needs,
        needs_review_on=row.needs_review_on,
        no_known_risks=row.no_known_risks,
        nhs_number=say_nhs_number(nhs_number) if nhs_number else "",
        gp_practice=row.gp_practice or "",
        flagged_for_safety=row.flagged_for_safety,
        died_at=row.died_at,
        **texts,
    )


def consents(session: Session, actor: Actor, person_id: UUID) -> tuple[ConsentView, ...]:
    """Every consent of a person in scope, newest first, also those that ended."""
    row = _row(session, person_id)
    if row is None or not _is_in_scope(actor, row):
        return ()
    rows = read(session, _consents(), person_id=person_id)
    names = recipient_names(session, rows)
    return tuple(_consent_view(row, names) for row in rows)


class ToRecipient(Protocol):
    """A row that names whom a consent lets see something."""

    @property
    def recipient_kind(self) -> RecipientKind: ...
    @property
    def recipient_id(self) -> UUID: ...


class _ConsentRow(ToRecipient, Protocol):
    """A `Consent`, or a row of `_consents`."""

    @property
    def id(self) -> UUID: ...
    @property
    def purpose(self) -> ConsentPurpose: ...
    @property
    def fields(self) -> Sequence[str]: ...
    @property
    def how(self) -> str: ...
    @property
    def given_at(self) -> datetime: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def withdrawn_at(self) -> datetime | None: ...


def consent(session: Session, actor: Actor, consent_id: UUID) -> tuple[UUID, ConsentView]:
    """A consent of somebody in scope, with whose it is. Raises `NotFound` outside."""
    found = select(Consent).join(Person, Person.id == Consent.person_id)
    row = session.scalars(found.where(Consent.id == consent_id, in_scope(actor))).one_or_none()
    if row is None:
        raise NotFound
    return row.person_id, _consent_view(row, recipient_names(session, [row]))


def _consent_view(row: _ConsentRow, names: Mapping[UUID, str]) -> ConsentView:
    return ConsentView(
        id=row.id,
        purpose=row.purpose,
        recipient_kind=row.recipient_kind,
        recipient_id=row.recipient_id,
        recipient_name=names.get(row.recipient_id, "somebody who is no longer listed"),
        fields=tuple(row.fields),
        how=row.how,
        given_at=row.given_at,
        until=row.until,
        withdrawn_at=row.withdrawn_at,
    )


@cache
def _consents() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Consent.id,
            Consent.purpose,
            Consent.recipient_kind,
            Consent.recipient_id,
            Consent.fields,
            Consent.how,
            Consent.given_at,
            Consent.until,
            Consent.withdrawn_at,
        )
        .where(Consent.person_id == bindparam("person_id"))
        .order_by(Consent.given_at.desc(), Consent.id.desc())
    )


def consent_facts(session: Session, person_id: UUID) -> tuple[ConsentFacts, ...]:
    """What decides what may be shared about a person, for rules; holds nothing personal."""
    return consent_facts_of(session, {person_id}).get(person_id, ())


def consent_facts_of(session: Session, person_ids: Collection[UUID]) -> dict[UUID, tuple[ConsentFacts, ...]]:
    """As `consent_facts`, by person; whoever agreed to nothing is no key."""
    found: dict[UUID, tuple[ConsentFacts, ...]] = {}
    for row in session.scalars(select(Consent).where(Consent.person_id.in_(person_ids))):
        facts = ConsentFacts(row.recipient_id, row.purpose, row.given_at, row.until, row.withdrawn_at)
        found[row.person_id] = (*found.get(row.person_id, ()), facts)
    return found


def consent_for_update(session: Session, actor: Actor, consent_id: UUID) -> Consent:
    """The row of a consent of somebody in the actor's team, or of the actor's own, who is held first. Raises
    `NotFound` outside."""
    person_of_it = select(Consent.person_id).where(Consent.id == consent_id)
    if not held(session, select(Person).where(Person.id.in_(person_of_it), in_scope(actor))):
        raise NotFound
    (consent,) = held(session, select(Consent).where(Consent.id == consent_id))
    return consent


def like_consents_for_update(
    session: Session, consent: Consent, purposes: Collection[ConsentPurpose]
) -> tuple[Consent, ...]:
    """The rows by which the same person still lets the same recipient see things for these purposes. The caller has
    `consent` in scope."""
    like = select(Consent).where(
        Consent.person_id == consent.person_id,
        Consent.recipient_id == consent.recipient_id,
        Consent.purpose.in_(purposes),
        Consent.withdrawn_at.is_(None),
    )
    return tuple(held(session, like.order_by(Consent.id)))


def recipient_names(session: Session, rows: Collection[ToRecipient]) -> dict[UUID, str]:
    """What each recipient of these consents is called, where it is still listed."""
    ids = {kind: {row.recipient_id for row in rows if row.recipient_kind is kind} for kind in RecipientKind}
    names: dict[UUID, str] = {}
    for kind, table in ((RecipientKind.TEAM, Team), (RecipientKind.PARTNER, Partner)):
        if ids[kind]:
            rows_of = session.execute(select(table.id, table.name).where(table.id.in_(ids[kind])))
            names.update((row_id, name) for row_id, name in rows_of)
    if ids[RecipientKind.ORGANIZATION]:
        names |= published.group_names(session, ids[RecipientKind.ORGANIZATION])
    return names


def partners(session: Session, actor: Actor) -> tuple[PartnerView, ...]:
    """The bodies for which this actor refers."""
    rows = session.scalars(
        select(Partner).where(Partner.id.in_(actor.partner_ids(Role.REFERRER))).order_by(Partner.name)
    )
    return tuple(PartnerView(row.id, row.name, row.kind) for row in rows)
