"""Coming in without a password: a link by email or text is the first step, something that does not come the same way
the second.

Only for those whose second step is a code: residents, whoever acts for them, and groups. Staff keep their password and
their app.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts import links, queries, reach, rules, second_factor, sessions, throttle
from core.accounts.models import Account, LinkPurpose
from core.accounts.rules import FirstStep, Guess, SecondFactor
from core.accounts.signing_in import factor_of
from core.audit import services as audit
from core.db import blind_index
from core.jobs.services import enqueue


def ask_for_link(session: Session, typed: str, address: str) -> None:
    """Promise a link to whoever has this email address or mobile number, if anybody has: the work and the answer are
    the same. `typed` has the shape of one of them.

    Raises `Throttled` when it is asked too often.
    """
    kind = "email" if rules.is_email(typed) else "mobile"
    known_by = rules.same_email(typed) if kind == "email" else rules.same_mobile(typed) or ""
    throttle.count(session, Guess.SENDING, known_by)
    throttle.count(session, Guess.ADDRESS, address)
    enqueue(session, "accounts.send-sign-in", {f"{kind}_index": blind_index(f"account-{kind}", known_by)})


def send_sign_in(session: Session, email_index: str) -> None:
    """Email a link to the account of this blind index, if there is one that may come in by one."""
    account = session.scalar(select(Account).where(Account.email_index == email_index))
    if account is not None and _comes_by_link(account) and reach.may_email(session, account):
        links.send_link(session, account, LinkPurpose.SIGN_IN)


def text_sign_in(session: Session, mobile_index: str) -> None:
    """Text a link to the account of this blind index, if there is one that may come in by one. Where several share the
    number, only to the one that has no other way: nobody shall come in as somebody else."""
    found = [
        account
        for account in queries.by_mobile_index(session, mobile_index)
        if _comes_by_link(account) and reach.may_text(session, account)
    ]
    account = _only(found) or _only([one for one in found if one.email_sealed is None])
    if account is not None:
        links.send_link(session, account, LinkPurpose.SIGN_IN_BY_TEXT)


def enter(session: Session, token: str) -> str:
    """Use the link up: the token of a session that opens only the page for the second step. A code is on its way,
    where there is a way for it that the link did not take. Raises `NotFound` for a link that is used, old or invented.
    """
    account, purpose = links.use(session, token, *links.FOR_SIGNING_IN)
    texted = purpose is LinkPurpose.SIGN_IN_BY_TEXT
    first = FirstStep.TEXTED_LINK if texted else FirstStep.EMAILED_LINK
    pending = sessions.open_session(session, account.id, pending=True, came_by=first)
    second_factor.send_code(session, account, first)
    audit.record(session, second_factor.actor_of(account), "account.link-used", "account", account.id)
    return pending


def _comes_by_link(account: Account) -> bool:
    return factor_of(account) is SecondFactor.CODE


def _only(found: Sequence[Account]) -> Account | None:
    return found[0] if len(found) == 1 else None
