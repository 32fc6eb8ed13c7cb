"""Reading accounts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Membership, Permission, Role
from core.accounts import places, rules
from core.accounts.models import Account, MembershipRow, RecoveryCode, SignInSession
from core.accounts.rules import FirstStep
from core.db import among, blind_index, read
from core.errors import NotFound
from core.once import once


@dataclass(frozen=True)
class Visit:
    """What a sign-in session's row says, with what its account belongs to now."""

    session_id: UUID
    account_id: UUID
    name: str
    memberships: tuple[Membership, ...]
    seen_at: datetime
    expires_at: datetime
    second_factor_at: datetime | None
    came_by: FirstStep


@dataclass(frozen=True)
class Held:
    """One live membership: its row, the role, and the name of the place that it is held in (may be empty)."""

    id: UUID
    role: Role
    place: str


@dataclass(frozen=True)
class AccountView:
    """An account as an administrator sees it."""

    id: UUID
    name: str
    email: str
    has_mobile: bool
    has_password: bool
    has_words: bool
    may_have_words: bool
    has_app: bool
    disabled: bool
    held: tuple[Held, ...]
    codes_left: int


@dataclass(frozen=True)
class Persona:
    """An example account that the demo lets anyone sign in to; `held` is each of its roles, with the name of the group,
    team or partner that it is held in (may be empty)."""

    persona: str
    name: str
    held: tuple[tuple[Role, str], ...]


def live_memberships(account: Account) -> tuple[Membership, ...]:
    """What an account belongs to now."""
    return tuple(_membership(row) for row in account.memberships if row.ended_at is None)


def visit(session: Session, token_digest: str) -> Visit | None:
    """The session whose token has this digest, if neither it nor its account was ended. Its time may be over."""
    rows = read(session, _visit(), token_digest=token_digest)
    if not rows:
        return None
    first = rows[0]
    # Whoever asks is often named on the page.
    name = _named(session)[first.account_id] = name_of(first.account_id, first.name_sealed)
    return Visit(
        session_id=first.id,
        account_id=first.account_id,
        name=name,
        memberships=tuple(_membership(row) for row in rows if row.role is not None),
        seen_at=first.seen_at,
        expires_at=first.expires_at,
        second_factor_at=first.second_factor_at,
        came_by=first.came_by or FirstStep.TYPED,
    )


@cache
def _visit() -> Select[*tuple[Any, ...]]:
    """A row for each live membership; one for an account that has none."""
    live = and_(MembershipRow.account_id == Account.id, MembershipRow.ended_at.is_(None))
    return (
        select(
            SignInSession.id,
            SignInSession.account_id,
            SignInSession.seen_at,
            SignInSession.expires_at,
            SignInSession.second_factor_at,
            SignInSession.came_by,
            Account.name_sealed,
            MembershipRow.role,
            MembershipRow.team_id,
            MembershipRow.organization_id,
            MembershipRow.partner_id,
            MembershipRow.person_id,
        )
        .join(Account, Account.id == SignInSession.account_id)
        .outerjoin(MembershipRow, live)
        .where(
            SignInSession.token_digest == bindparam("token_digest"),
            SignInSession.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
        .order_by(MembershipRow.id)
    )


def account_by_email_for_update(session: Session, email: str) -> Account | None:
    """The account with this email address, whatever its state."""
    index = blind_index("account-email", rules.same_email(email))
    return session.scalar(select(Account).where(Account.email_index == index))


def accounts_by_mobile_for_update(session: Session, mobile: str) -> list[Account]:
    """Every account with this mobile number, whatever its state: a family may share one."""
    number = rules.same_mobile(mobile)
    if number is None:
        return []
    return by_mobile_index(session, blind_index("account-mobile", number))


def by_mobile_index(session: Session, mobile_index: str) -> list[Account]:
    """Every account whose mobile has this blind index."""
    return list(
        session.scalars(select(Account).where(Account.mobile_index == mobile_index).order_by(Account.id))
    )


def account_for_update(session: Session, account_id: UUID) -> Account:
    """The account as it is now, its row held until the transaction ends. Raises `NotFound`."""
    # Read anew: a request has its own account already, and a code may have been used up since.
    account = session.get(Account, account_id, with_for_update=True, populate_existing=True)
    if account is None:
        raise NotFound
    return account


def persona_for_update(session: Session, persona: str) -> Account | None:
    """The demo's example account of that name, if it may come in."""
    return session.scalar(select(Account).where(Account.persona == persona, Account.disabled_at.is_(None)))


def own_account(session: Session, actor: Actor) -> AccountView:
    """The actor's own account. Raises `NotFound` for an actor without one."""
    account = session.get(Account, actor.account_id) if actor.account_id else None
    if account is None:
        raise NotFound
    return _views(session, [account])[0]


def account_of(session: Session, actor: Actor, account_id: UUID) -> AccountView:
    """One account, for an administrator. Raises `NotFound`."""
    account = session.get(Account, account_id)
    if account is None or not actor.can(Permission.MANAGE_ACCOUNTS):
        raise NotFound
    return _views(session, [account])[0]


def accounts(session: Session, actor: Actor) -> list[AccountView]:
    """Every account by name, for an administrator; nobody else has any."""
    if not actor.can(Permission.MANAGE_ACCOUNTS):
        return []
    found = _views(session, session.scalars(select(Account)).all())
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def names(session: Session, account_ids: Collection[UUID]) -> dict[UUID, str]:
    """The names of accounts, for saying who did something: several parts of a page name the same few."""
    known = _named(session)
    missing = [one for one in account_ids if one not in known]
    if missing:
        found = read(session, _names(), ids=missing)
        known.update((row.id, name_of(row.id, row.name_sealed)) for row in found)
    return {one: known[one] for one in account_ids if one in known}


def _named(session: Session) -> dict[UUID, str]:
    """The names that are known already in this transaction."""
    return once(session, "names of accounts", dict)


@cache
def _names() -> Select[*tuple[Any, ...]]:
    return select(Account.id, Account.name_sealed).where(among(Account.id, "ids"))


def name_of(account_id: UUID, sealed: bytes | None) -> str:
    """An account's name, from its column alone."""
    return Account.name.read(Account, account_id, sealed) or ""


def account_of_person(session: Session, person_id: UUID) -> UUID | None:
    """The account by which a resident sees their own record, if they have one."""
    return session.scalar(
        select(MembershipRow.account_id)
        .where(
            MembershipRow.person_id == person_id,
            MembershipRow.role == Role.RESIDENT,
            MembershipRow.ended_at.is_(None),
        )
        .limit(1)
    )


def addresses_of_role(session: Session, role: Role) -> list[str]:
    """The email addresses of everybody who holds this role now."""
    rows = session.scalars(
        select(Account)
        .join(MembershipRow, MembershipRow.account_id == Account.id)
        .where(MembershipRow.role == role, MembershipRow.ended_at.is_(None), Account.disabled_at.is_(None))
        .order_by(Account.id)
    )
    return list(dict.fromkeys(one.email for one in rows.unique() if one.email))


def members_of(session: Session, organization_id: UUID) -> list[UUID]:
    """The accounts that act for a group now."""
    rows = session.scalars(
        select(MembershipRow.account_id)
        .where(MembershipRow.organization_id == organization_id, MembershipRow.ended_at.is_(None))
        .order_by(MembershipRow.created_at)
    )
    return list(dict.fromkeys(rows))


def personas(session: Session) -> list[Persona]:
    """The demo's example accounts, in the order in which they were made."""
    rows = session.scalars(select(Account).where(Account.persona.is_not(None)).order_by(Account.id))
    live = {account: live_memberships(account) for account in rows.unique()}
    names = places.names_of(session, (one for held in live.values() for one in held if not one.person_id))
    return [
        Persona(account.persona, account.name or "", tuple((one.role, names.get(one, "")) for one in held))
        for account, held in live.items()
        if account.persona
    ]


def _membership(row: MembershipRow | Row[*tuple[Any, ...]]) -> Membership:
    return Membership(row.role, row.team_id, row.organization_id, row.partner_id, row.person_id)


def _views(session: Session, accounts: Sequence[Account]) -> list[AccountView]:
    """These accounts as views, in the same order, by a bounded number of questions."""
    live = [row for account in accounts for row in account.memberships if row.ended_at is None]
    names = places.names_of(session, map(_membership, live))
    left = session.execute(
        select(RecoveryCode.account_id, func.count())
        .where(
            RecoveryCode.account_id.in_([account.id for account in accounts]), RecoveryCode.used_at.is_(None)
        )
        .group_by(RecoveryCode.account_id)
    )
    codes_left: dict[UUID, int] = dict(left.all())
    return [
        AccountView(
            id=account.id,
            name=account.name or "",
            email=account.email or "",
            has_mobile=account.mobile_sealed is not None,
            has_password=account.password_hash is not None,
            has_words=account.words_hash is not None,
            may_have_words=rules.second_factor_of(m.role for m in live_memberships(account))
            is rules.SecondFactor.CODE,
            has_app=account.totp_confirmed_at is not None,
            disabled=account.disabled_at is not None,
            held=tuple(
                Held(row.id, row.role, names[_membership(row)])
                for row in account.memberships
                if row.ended_at is None
            ),
            codes_left=codes_left.get(account.id, 0),
        )
        for account in accounts
    ]
