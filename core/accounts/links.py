"""Links that lead to a page, and only the button on it does anything: invitations and forgotten passwords by email,
and links to sign in by email or text."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import PUBLIC, Actor
from core.accounts import passwords, reach, rules, sessions, throttle
from core.accounts.models import Account, EmailedLink, LinkPurpose
from core.accounts.rules import Guess
from core.audit import services as audit
from core.db import blind_index
from core.errors import Invalid, NotFound
from core.jobs.services import enqueue
from core.notify import manners
from core.notify.services import send_email, send_text
from core.settings import current_settings

_LIFE: dict[LinkPurpose, timedelta] = {
    LinkPurpose.INVITATION: rules.INVITATION_LIFE,
    LinkPurpose.RESET: rules.RESET_LIFE,
    LinkPurpose.SIGN_IN: rules.RESET_LIFE,
    LinkPurpose.SIGN_IN_BY_TEXT: rules.RESET_LIFE,
}
_TEMPLATES = {
    LinkPurpose.INVITATION: "invitation",
    LinkPurpose.RESET: "password-reset",
    LinkPurpose.SIGN_IN: "sign-in-link",
    LinkPurpose.SIGN_IN_BY_TEXT: "sign-in-link",
}
FOR_SIGNING_IN = (LinkPurpose.SIGN_IN, LinkPurpose.SIGN_IN_BY_TEXT)
_FOR_PASSWORDS = (LinkPurpose.INVITATION, LinkPurpose.RESET)


@dataclass(frozen=True)
class OpenedLink:
    """What a link is for, and whose name it bears."""

    purpose: LinkPurpose
    name: str


def send_link(session: Session, account: Account, purpose: LinkPurpose) -> None:
    """Email or text a new link; links sent before for the same purpose stop working."""
    settings = current_settings()
    now = clock.now()
    _use_up(session, account, purpose)
    token = secrets.token_urlsafe(32)
    session.add(
        EmailedLink(
            purpose=purpose,
            token_digest=sessions.digest_of(token),
            account_id=account.id,
            created_at=now,
            expires_at=now + _LIFE[purpose],
        )
    )
    by_text = purpose is LinkPurpose.SIGN_IN_BY_TEXT
    send = send_text if by_text else send_email
    send(
        session,
        to=(account.mobile if by_text else account.email) or "",
        template=_TEMPLATES[purpose],
        context={"link": f"{settings.base_url}{_page_of(purpose)}/{token}"},
        about_id=account.id,
        manner=manners.of_account(session, account.id),
    )


def _page_of(purpose: LinkPurpose) -> str:
    return "/sign-in/link" if purpose in FOR_SIGNING_IN else "/set-password"


def ask_for_reset(session: Session, email: str, address: str) -> None:
    """Promise a reset link to whoever has this email address, if anybody has: the work and the answer are the same.

    Raises `Throttled` when it is asked too often.
    """
    throttle.count(session, Guess.SENDING, rules.same_email(email))
    throttle.count(session, Guess.ADDRESS, address)
    enqueue(
        session,
        "accounts.send-reset",
        {"email_index": blind_index("account-email", rules.same_email(email))},
    )


def send_reset(session: Session, email_index: str) -> None:
    """Email a reset link to the account of this blind index, if there is one and it may come in."""
    account = session.scalar(select(Account).where(Account.email_index == email_index))
    if account is not None and reach.may_email(session, account):
        send_link(session, account, LinkPurpose.RESET)


def opened(session: Session, token: str, *purposes: LinkPurpose) -> OpenedLink:
    """What the link is for, of these purposes (to choose a password where none is named); looking uses nothing up.
    Raises `NotFound` for one that is used, old or invented."""
    link, account = _find(session, token, *purposes)
    return OpenedLink(link.purpose, account.name or "")


def use(session: Session, token: str, *purposes: LinkPurpose) -> tuple[Account, LinkPurpose]:
    """Use the link up, and every other of these kinds. Gives its account, and what it is. Raises as `opened`."""
    link, account = _find(session, token, *purposes, for_update=True)
    for purpose in purposes:
        _use_up(session, account, purpose)
    return account, link.purpose


def set_password(session: Session, token: str, password: str) -> None:
    """Use the link up: the account has this password, and every session that it had is ended.

    Raises `NotFound` as `opened` does, and `Invalid` for a password that will not do.
    """
    link, account = _find(session, token, for_update=True)
    change_password(session, PUBLIC, account, password, because=f"password set by {link.purpose.value} link")
    throttle.forgive_all(session, Guess.ACCOUNT, rules.same_email(account.email or ""))


def change_password(session: Session, actor: Actor, account: Account, password: str, *, because: str) -> None:
    """Give the account a new password: its links stop working and all its sessions end.

    Raises `Invalid` for a password that will not do.
    """
    problem = rules.problem_with_password(password, (account.name or "", account.email or ""))
    if problem:
        raise Invalid(problem, "new_password")
    is_first = account.password_hash is None
    account.password_hash = passwords.hash_password(password)
    use_up_all(session, account)
    sessions.end_all(session, account.id, because)
    audit.record(session, actor, "account.set-password", "account", account.id)
    if not is_first and account.email_sealed is not None:
        send_email(
            session,
            to=account.email or "",
            template="password-changed",
            context={},
            about_id=account.id,
            manner=manners.of_account(session, account.id),
        )


def use_up_all(session: Session, account: Account) -> None:
    """No link that was sent to this account before works any more."""
    for purpose in LinkPurpose:
        _use_up(session, account, purpose)


def _use_up(session: Session, account: Account, purpose: LinkPurpose) -> None:
    session.execute(
        update(EmailedLink)
        .where(
            EmailedLink.account_id == account.id,
            EmailedLink.purpose == purpose,
            EmailedLink.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )


def _find(
    session: Session, token: str, *purposes: LinkPurpose, for_update: bool = False
) -> tuple[EmailedLink, Account]:
    wanted = select(EmailedLink).where(
        EmailedLink.purpose.in_(purposes or _FOR_PASSWORDS),
        EmailedLink.token_digest == sessions.digest_of(token),
        EmailedLink.used_at.is_(None),
        EmailedLink.expires_at > clock.now(),
    )
    link = session.scalar(wanted.with_for_update() if for_update else wanted)
    account = session.get(Account, link.account_id) if link else None
    if link is None or account is None or account.disabled_at is not None:
        raise NotFound
    return link, account
