"""Coming in without a password: a link by email is the first step, a code the second, as after a password.

Only for those whose second step is a code: residents and groups. Staff keep their password and their app.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts import links, second_factor, sessions, throttle
from core.accounts.models import Account, LinkPurpose
from core.accounts.queries import live_memberships
from core.accounts.rules import Guess, SecondFactor, same_email
from core.accounts.signing_in import factor_of
from core.audit import services as audit
from core.db import blind_index
from core.jobs.services import enqueue


def ask_for_link(session: Session, email: str, address: str) -> None:
    """Promise a link to whoever has this email address, if anybody has: the work and the answer are the same.

    Raises `Throttled` when it is asked too often.
    """
    throttle.count(session, Guess.SENDING, same_email(email))
    throttle.count(session, Guess.ADDRESS, address)
    enqueue(
        session,
        "accounts.send-sign-in",
        {"email_index": blind_index("account-email", same_email(email))},
    )


def send_sign_in(session: Session, email_index: str) -> None:
    """Email a link to the account of this blind index, if there is one that may come in by one."""
    account = session.scalar(select(Account).where(Account.email_index == email_index))
    if account is not None and _may(account):
        links.send_link(session, account, LinkPurpose.SIGN_IN)


def enter(session: Session, token: str) -> str:
    """Use the link up: the token of a session that opens only the page for the second step. A code is on its way to
    the account's mobile, where it has one. Raises `NotFound` for a link that is used, old or invented."""
    account = links.use(session, token, LinkPurpose.SIGN_IN)
    pending = sessions.open_session(session, account.id, pending=True)
    if account.mobile_sealed is not None:
        second_factor.text_code(session, account)
    audit.record(session, second_factor.actor_of(account), "account.link-used", "account", account.id)
    return pending


def _may(account: Account) -> bool:
    return (
        account.disabled_at is None
        and bool(live_memberships(account))
        and factor_of(account) is SecondFactor.CODE
    )
