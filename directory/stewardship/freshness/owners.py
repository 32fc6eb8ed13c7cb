"""Who answers for a listing: the people of its group, or whoever reads the address that it gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.accounts.models import Account
from core.accounts.queries import live_memberships
from core.accounts.rules import same_email
from core.db import blind_index
from directory.listings.merged import groups_followed, members_of
from directory.listings.models import Organization, Service
from directory.listings.rules import IN_SEARCH, ListingStatus

KEPT = frozenset({*IN_SEARCH, ListingStatus.UNCONFIRMED})


@dataclass(frozen=True, slots=True)
class Owner:
    """One mailbox. `account_id` is its account's, None where a listing merely gives the address."""

    address: str
    account_id: UUID | None

    @property
    def index(self) -> str:
        """The blind index by which the address is found."""
        return address_index(self.address)


def address_index(address: str) -> str:
    """The blind index of an address that we write to."""
    return blind_index("check-address", same_email(address))


def owners_of(session: Session, rows: Iterable[Service]) -> list[Owner]:
    """Everybody who answers for these listings, each mailbox once. A group with people is answered for by them."""
    found: dict[str, Owner] = {}
    people: dict[UUID, list[Owner]] = {}
    for row in rows:
        group = row.organization
        if group.id not in people:
            people[group.id] = _people(session, group.id)
        address = row.email or group.email
        for owner in people[group.id] or ([Owner(address, None)] if address else []):
            found.setdefault(owner.index, owner)
    return list(found.values())


def listings_of(session: Session, owner: Owner) -> Sequence[Service]:
    """All listings that this mailbox answers for, public or hidden, by name."""
    wanted = (
        select(Service)
        .join(Organization, Organization.id == Service.organization_id)
        .where(Service.status.in_(KEPT))
        .order_by(Service.name, Service.id)
    )
    if owner.account_id is not None:
        account = session.get(Account, owner.account_id)
        if account is None or account.disabled_at is not None:
            return []
        groups = [one.organization_id for one in live_memberships(account) if one.organization_id]
        return session.scalars(wanted.where(Service.organization_id.in_(groups_followed(groups)))).all()
    given = func.lower(func.coalesce(func.nullif(Service.email, ""), Organization.email))
    rows = session.scalars(wanted.where(given == owner.address.strip().lower())).all()
    # A group that has people since is answered for by them.
    return [row for row in rows if not members_of(session, row.organization_id)]


def with_address(session: Session, address: str) -> Sequence[Service]:
    """All kept listings that give this address as theirs or their group's."""
    small = address.strip().lower()
    return session.scalars(
        select(Service)
        .join(Organization, Organization.id == Service.organization_id)
        .where(
            Service.status.in_(KEPT),
            or_(func.lower(Service.email) == small, func.lower(Organization.email) == small),
        )
        .order_by(Service.id)
    ).all()


def _people(session: Session, organization_id: UUID) -> list[Owner]:
    accounts = (session.get(Account, one) for one in members_of(session, organization_id))
    return [
        Owner(account.email, account.id)
        for account in accounts
        if account is not None and account.email and account.disabled_at is None
    ]
