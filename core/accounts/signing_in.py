"""The first step of signing in: an email address and a password.

It has three parts, so that no lock is held while the password is checked and no guess goes uncounted however many
come at once: `knock` counts the try and is committed, `Entry.opens` does the slow work, `begin` or `refuse` ends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pyotp
from sqlalchemy.orm import Session

from core.access.rules import PUBLIC
from core.accounts import passwords, queries, rules, second_factor, sessions, throttle
from core.accounts.models import Account
from core.accounts.rules import FirstStep, Guess, SecondFactor
from core.audit import services as audit


@dataclass(frozen=True)
class Entry:
    """One counted try to come in. `password_hash` is none where the account is unknown or may not come in."""

    email: str
    account_id: UUID | None
    password_hash: str | None
    address_attempt: UUID

    def opens(self, password: str) -> bool:
        """Whether the password is right. Slow on purpose, and as slow for an account that is not there."""
        return passwords.matches(self.password_hash, password)

    def better_hash(self, password: str) -> str | None:
        """A new hash of the right password where the kept one was made with old parameters."""
        if self.password_hash is None or not passwords.is_outdated(self.password_hash):
            return None
        return passwords.hash_password(password)


def knock(session: Session, email: str, address: str) -> Entry:
    """Count a try by account and by network address. Raises `Throttled` where there were too many of either."""
    throttle.count(session, Guess.ACCOUNT, rules.same_email(email))
    address_attempt = throttle.count(session, Guess.ADDRESS, address)
    account = queries.account_by_email_for_update(session, email)
    welcome = account is not None and account.disabled_at is None and bool(queries.live_memberships(account))
    return Entry(
        email=email,
        account_id=account.id if account else None,
        password_hash=account.password_hash if account and welcome else None,
        address_attempt=address_attempt,
    )


def begin(session: Session, entry: Entry, better_hash: str | None = None) -> str:
    """After the right password: the token of a session that opens only the pages for the second step.

    Staff without an authenticator app get a secret to set one up; groups and residents are sent a code.
    """
    if entry.account_id is None:
        raise ValueError("only an account's password can be right")
    account = queries.account_for_update(session, entry.account_id)
    throttle.forgive_all(session, Guess.ACCOUNT, rules.same_email(entry.email))
    throttle.forgive(session, entry.address_attempt)
    if better_hash:
        account.password_hash = better_hash
    token = sessions.open_session(session, account.id, pending=True)
    if factor_of(account) is SecondFactor.APP:
        if account.totp_confirmed_at is None:
            account.totp_secret = pyotp.random_base32()
    else:
        second_factor.send_code(session, account, FirstStep.TYPED)
    return token


def refuse(session: Session, entry: Entry) -> None:
    """After a wrong password: the try stays counted, and goes into the audit trail."""
    audit.record(session, PUBLIC, "account.sign-in-refused", "account", entry.account_id)


def enter_persona(session: Session, persona: str) -> str | None:
    """The token of a whole session for one of the demo's example accounts; none where there is no such persona."""
    account = queries.persona_for_update(session, persona)
    if account is None:
        return None
    token = sessions.open_session(session, account.id, pending=False)
    audit.record(
        session, second_factor.actor_of(account), "account.sign-in", "account", account.id, demo=True
    )
    return token


def factor_of(account: Account) -> SecondFactor:
    """What this account must show after its password."""
    return rules.second_factor_of(m.role for m in queries.live_memberships(account))
