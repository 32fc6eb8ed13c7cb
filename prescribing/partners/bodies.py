"""The bodies that refer: who they are, who may refer for them, and changing both."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Permission, Role
from core.accounts.models import Account, MembershipRow
from core.audit import services as audit
from core.db import hold
from core.errors import Conflict, Invalid, NotFound
from core.paging import within
from prescribing.partners.rules import body_name, ods_code
from prescribing.people.models import Partner, PartnerKind

PAGE = 50

KIND_WORDS: dict[PartnerKind, str] = {
    PartnerKind.GP_PRACTICE: "GP practice",
    PartnerKind.HOUSING: "Housing",
    PartnerKind.COUNCIL: "Council",
    PartnerKind.POLICE: "Police",
    PartnerKind.FIRE: "Fire and rescue",
    PartnerKind.SCHOOL: "School or college",
    PartnerKind.PROBATION: "Probation",
    PartnerKind.EMPLOYER: "Employer",
    PartnerKind.HOSPITAL: "Hospital",
    PartnerKind.PHARMACY: "Pharmacy",
    PartnerKind.JOBCENTRE: "Jobcentre",
    PartnerKind.VOLUNTARY: "Charity or community group",
    PartnerKind.OTHER: "Something else",
}


@dataclass(frozen=True)
class Body:
    """What is kept of a body. `ods_code` is the NHS's code of an organisation, `email` a shared inbox; both may be
    empty."""

    name: str
    kind: PartnerKind
    ods_code: str = ""
    email: str = ""


@dataclass(frozen=True)
class BodyLine:
    """A body on the list: how many people may refer for it now."""

    id: UUID
    name: str
    kind: str
    referrers: int


@dataclass(frozen=True)
class BodyView:
    """A body as it is changed. `referrers` are the names of those who may refer for it now."""

    id: UUID
    version: int
    body: Body
    referrers: tuple[str, ...]


@dataclass(frozen=True)
class BodyPage:
    """A page of the list, numbered from 1."""

    lines: tuple[BodyLine, ...]
    page: int
    pages: int
    total: int


def bodies(session: Session, actor: Actor, *, words: str = "", page: int = 1) -> BodyPage:
    """A page of the bodies by name, those whose name holds `words`. Raises `NotFound` for whoever does not look after
    them."""
    actor.must(Permission.MANAGE_PARTNERS)
    wanted = select(Partner).where(Partner.name.icontains(words.strip(), autoescape=True))
    total = session.scalar(wanted.with_only_columns(func.count())) or 0
    page, pages = within(page, total, PAGE)
    rows = session.scalars(
        wanted.order_by(func.lower(Partner.name), Partner.id).offset((page - 1) * PAGE).limit(PAGE)
    ).all()
    found = _referrers(session, [row.id for row in rows])
    lines = (BodyLine(row.id, row.name, KIND_WORDS[row.kind], len(found[row.id])) for row in rows)
    return BodyPage(tuple(lines), page, pages, total)


def body(session: Session, actor: Actor, partner_id: UUID) -> BodyView:
    """One body. Raises `NotFound`."""
    actor.must(Permission.MANAGE_PARTNERS)
    row = session.get(Partner, partner_id)
    if row is None:
        raise NotFound
    return BodyView(
        row.id,
        row.version,
        _body(row),
        tuple(_referrers(session, [row.id])[row.id]),
    )


def add_body(session: Session, actor: Actor, wanted: Body) -> UUID:
    """A new body that refers; gives its id. Raises `Invalid` for a name that another has."""
    actor.must(Permission.MANAGE_PARTNERS)
    row = Partner()
    _fill(session, row, wanted)
    session.add(row)
    session.flush()
    audit.record(session, actor, "partner.add", "partner", row.id, kind=wanted.kind)
    return row.id


def change_body(
    session: Session, actor: Actor, partner_id: UUID, wanted: Body, *, expected_version: int
) -> None:
    """Change what is kept of a body. Raises `Invalid` as `add_body`, `Conflict` where somebody else was first."""
    actor.must(Permission.MANAGE_PARTNERS)
    row = session.get(Partner, partner_id, with_for_update=True)
    if row is None:
        raise NotFound
    if row.version != expected_version:
        raise Conflict(
            "Somebody else changed this while you had it open.", _words(wanted), _words(_body(row))
        )
    _fill(session, row, wanted)
    session.flush()
    audit.record(session, actor, "partner.change", "partner", row.id, kind=wanted.kind)


def _fill(session: Session, row: Partner, wanted: Body) -> None:
    name = body_name(wanted.name)
    # Two who add it at once come one after the other; and SQLite folds the letters of English only.
    hold(session, f"partner {name.casefold()}")
    with session.no_autoflush:
        same = session.scalar(
            select(Partner.id).where(or_(Partner.name == name, func.lower(Partner.name) == func.lower(name)))
        )
    if same is not None and same != row.id:
        raise Invalid(
            "There is one of this name already. Say what tells them apart, such as the street.", "name"
        )
    row.name, row.kind = name, wanted.kind
    row.ods_code = ods_code(wanted.ods_code) or None
    row.email = wanted.email.strip() or None


def _body(row: Partner) -> Body:
    return Body(row.name, row.kind, row.ods_code or "", row.email or "")


def _words(one: Body) -> dict[str, str]:
    return {
        "Name": one.name,
        "What it is": KIND_WORDS[one.kind],
        "ODS code": one.ods_code,
        "Email": one.email,
    }


def _referrers(session: Session, partner_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """The names of those who may refer, by body and then in order."""
    rows = session.execute(
        select(MembershipRow.partner_id, Account)
        .join(Account, Account.id == MembershipRow.account_id)
        .where(
            MembershipRow.partner_id.in_(partner_ids),
            MembershipRow.role == Role.REFERRER,
            MembershipRow.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
    )
    found: dict[UUID, list[str]] = {each: [] for each in partner_ids}
    for partner_id, account in rows:
        if partner_id is not None:
            found[partner_id].append(account.name or "")
    return {partner_id: sorted(names, key=str.casefold) for partner_id, names in found.items()}
