"""Reading claims, and the people of a group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission, Role
from core.accounts.models import Account, MembershipRow
from core.calendar.rules import say_ago
from core.errors import NotFound
from core.paging import within
from directory.listings.content import printed_phone
from directory.listings.merged import current, known_as
from directory.listings.models import Location, Organization, Service, ServiceAtLocation
from directory.listings.queries import may_edit
from directory.listings.rules import IN_SEARCH
from directory.stewardship.claims.models import Claim, GroupPart
from directory.stewardship.claims.rules import ClaimState, Part, Proof, can_be_proved

CLAIMS_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Claimable:
    """A group that somebody may claim, and by which proofs. `has_people` says that it has some already; `address` is
    where a letter would go, in lines."""

    id: UUID
    name: str
    proofs: tuple[Proof, ...]
    address: tuple[str, ...]
    has_people: bool


@dataclass(frozen=True, slots=True)
class OwnClaim:
    """A claim as whoever made it sees it: nothing of who they are."""

    id: UUID
    group_id: UUID
    group: str
    proof: Proof
    state: ClaimState
    letter_sent: bool


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim as an editor sees it."""

    id: UUID
    group_id: UUID
    group: str
    group_phone: str
    group_email: str
    charity_number: str
    address: tuple[str, ...]
    proof: Proof
    state: ClaimState
    name: str
    email: str
    words: str
    when: str
    letter_sent: bool
    has_people: bool


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """A page of the claims that wait, oldest first."""

    claims: tuple[ClaimView, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class GroupPerson:
    """Somebody who keeps a group. `waiting` says that they have not chosen a password yet."""

    membership_id: UUID
    account_id: UUID
    name: str
    part: Part
    is_me: bool
    waiting: bool


@dataclass(frozen=True, slots=True)
class GroupPeople:
    """The people of a group as the actor sees them. `may_manage` is for its owners and for editors."""

    id: UUID
    name: str
    people: tuple[GroupPerson, ...]
    may_manage: bool

    @property
    def owners(self) -> int:
        return sum(one.part is Part.OWNER for one in self.people)

    @property
    def me(self) -> GroupPerson | None:
        return next((one for one in self.people if one.is_me), None)


def claimable(session: Session, organization_id: UUID) -> Claimable:
    """The group, for its claim page. Raises `NotFound`."""
    row = session.get(Organization, organization_id)
    if row is None:
        raise NotFound
    address = published_addresses(session, [row.id]).get(row.id, ())
    return Claimable(
        id=row.id,
        name=row.name,
        proofs=can_be_proved(
            has_email=bool(row.email or row.website),
            has_charity_number=bool(row.charity_number),
            has_address=bool(address),
        ),
        address=address,
        has_people=count_people(session, organization_id) > 0,
    )


def published_addresses(session: Session, group_ids: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Where each of these groups can be written to, in lines: the place that most of its public pages name. Whoever
    claims a group has no say in it, and a place that is kept private is none."""
    rows = session.execute(
        select(Service.organization_id, Location)
        .join(ServiceAtLocation, ServiceAtLocation.service_id == Service.id)
        .join(Location, Location.id == ServiceAtLocation.location_id)
        .where(
            Service.organization_id.in_(list(group_ids)),
            Service.status.in_(IN_SEARCH),
            Service.masked_location.is_(False),
            Location.address_1 != "",
        )
        .order_by(Location.address_1, Location.id)
    )
    named: dict[UUID, Counter[tuple[str, ...]]] = {}
    for group_id, place in rows:
        lines = (place.name, place.address_1, place.address_2 or "", place.city, place.postal_code)
        named.setdefault(group_id, Counter())[tuple(line for line in lines if line)] += 1
    return {group_id: places.most_common(1)[0][0] for group_id, places in named.items()}


def own_claim(session: Session, claim_id: UUID) -> OwnClaim:
    """A claim for the page behind its address. Raises `NotFound`."""
    row = session.get(Claim, claim_id)
    if row is None:
        raise NotFound
    group = session.get_one(Organization, row.organization_id)
    return OwnClaim(row.id, group.id, group.name, row.proof, row.state, row.letter_at is not None)


def claim_for_update(session: Session, claim_id: UUID) -> Claim:
    """The row, held. Raises `NotFound`."""
    row = session.get(Claim, claim_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def count_open(session: Session) -> int:
    """How many claims wait for an editor: those that a code by email does not prove."""
    return session.scalar(select(func.count(Claim.id)).where(*_waiting())) or 0


def claims(session: Session, actor: Actor, page: int) -> ClaimPage:
    """The claims that wait for an editor. Raises `NotFound` for anybody else."""
    actor.must(Permission.MODERATE)
    total = count_open(session)
    page, pages = within(page, total, CLAIMS_A_PAGE)
    rows = session.execute(
        select(Claim, Organization)
        .join(Organization, Organization.id == Claim.organization_id)
        .where(*_waiting())
        .order_by(Claim.created_at, Claim.id)
        .limit(CLAIMS_A_PAGE)
        .offset((page - 1) * CLAIMS_A_PAGE)
    ).all()
    addresses = published_addresses(session, {group.id for _, group in rows})
    found = tuple(_view(session, claim, group, addresses.get(group.id, ())) for claim, group in rows)
    return ClaimPage(found, total, page, pages)


def claim(session: Session, actor: Actor, claim_id: UUID) -> ClaimView:
    """One claim for an editor. Raises `NotFound`."""
    row = session.get(Claim, claim_id)
    if row is None or not actor.can(Permission.MODERATE):
        raise NotFound
    address = published_addresses(session, [row.organization_id]).get(row.organization_id, ())
    return _view(session, row, session.get_one(Organization, row.organization_id), address)


def count_people(session: Session, organization_id: UUID) -> int:
    """How many people keep the group now."""
    wanted = select(func.count(MembershipRow.id)).where(
        MembershipRow.organization_id.in_(_names_of(session, organization_id)),
        MembershipRow.ended_at.is_(None),
    )
    return session.scalar(wanted) or 0


def _names_of(session: Session, organization_id: UUID) -> frozenset[UUID]:
    """The group and all that were merged into it, whose people are its people now."""
    return known_as(session, [organization_id], Organization)[organization_id]


def people(session: Session, actor: Actor, organization_id: UUID) -> GroupPeople:
    """Who keeps the group. Raises `NotFound` where it is not the actor's to keep."""
    group = session.get(Organization, organization_id)
    if group is None or not may_edit(session, actor, organization_id):
        raise NotFound
    rows = session.execute(
        select(MembershipRow, Account, GroupPart.part)
        .join(Account, Account.id == MembershipRow.account_id)
        .outerjoin(GroupPart, GroupPart.membership_id == MembershipRow.id)
        .where(
            MembershipRow.organization_id.in_(_names_of(session, organization_id)),
            MembershipRow.role == Role.GROUP_MEMBER,
            MembershipRow.ended_at.is_(None),
        )
        .order_by(MembershipRow.created_at, MembershipRow.id)
    )
    found = tuple(
        GroupPerson(
            membership_id=row.id,
            account_id=account.id,
            name=account.name or "",
            part=part or Part.OWNER,
            is_me=account.id == actor.account_id,
            waiting=account.password_hash is None and account.persona is None,
        )
        for row, account, part in rows
    )
    mine = next((one for one in found if one.is_me), None)
    may_manage = mine.part is Part.OWNER if mine is not None else actor.has(Role.EDITOR)
    return GroupPeople(group.id, group.name, found, may_manage)


def owned_groups(session: Session, actor: Actor) -> list[tuple[UUID, str]]:
    """The groups whose people the actor looks after, by name: those that they own, not those that they only help. One
    that was merged is the one that took it in."""
    owned = session.scalars(
        select(MembershipRow.organization_id)
        .outerjoin(GroupPart, GroupPart.membership_id == MembershipRow.id)
        .where(
            MembershipRow.account_id == actor.account_id,
            MembershipRow.role == Role.GROUP_MEMBER,
            MembershipRow.ended_at.is_(None),
            or_(GroupPart.part.is_(None), GroupPart.part == Part.OWNER),
        )
    )
    here = set(current(session, [one for one in owned if one is not None], Organization).values())
    rows = session.execute(
        select(Organization.id, Organization.name)
        .where(Organization.id.in_(here))
        .order_by(Organization.name, Organization.id)
    )
    return [(row.id, row.name) for row in rows]


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return Claim.state == ClaimState.OPEN, Claim.proof != Proof.EMAIL


def _view(session: Session, row: Claim, group: Organization, address: tuple[str, ...]) -> ClaimView:
    return ClaimView(
        id=row.id,
        group_id=group.id,
        group=group.name,
        group_phone=printed_phone(group.phones[0].number) if group.phones else "",
        group_email=group.email or "",
        charity_number=group.charity_number or "",
        address=address,
        proof=row.proof,
        state=row.state,
        name=row.name or "",
        email=row.email or "",
        words=row.words or "",
        when=say_ago(row.created_at, clock.now()),
        letter_sent=row.letter_at is not None,
        has_people=count_people(session, group.id) > 0,
    )
