"""What may be sent to an account: asked by whoever writes to one, answered by the area that knows its holder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from core.accounts.models import Account
from core.accounts.queries import live_memberships
from core.accounts.rules import CodeWay, FirstStep, code_way


@dataclass(frozen=True)
class Wishes:
    """What is known of the holder. `silent`: nothing at all may reach them. `texts`: whether a text that nobody but
    they asked for is safe."""

    silent: bool = False
    texts: bool = True


_known: list[Callable[[Session, UUID], Wishes | None]] = []


def register(of_account: Callable[[Session, UUID], Wishes | None]) -> None:
    """Ask `of_account(session, account_id)` from now on; once however often asked. It gives none for strangers."""
    if of_account not in _known:
        _known.append(of_account)


def may_email(session: Session, account: Account) -> bool:
    """Whether an email may go to this account: it may come in, and its holder's record keeps nobody silent."""
    return account.email_sealed is not None and _is_open(account) and not _wishes(session, account).silent


def may_text(session: Session, account: Account) -> bool:
    """Whether a link may be texted to this account: anybody can type a number, so its holder called texts safe."""
    wishes = _wishes(session, account)
    return account.mobile_sealed is not None and _is_open(account) and wishes.texts and not wishes.silent


def way_of_code(session: Session, account: Account, first: FirstStep) -> CodeWay | None:
    """How a code goes to this account after that first step; none where somebody must read one out."""
    if _wishes(session, account).silent:
        return None
    mobile, email = account.mobile_sealed is not None, account.email_sealed is not None
    return code_way(first, mobile=mobile, email=email)


def _is_open(account: Account) -> bool:
    return account.disabled_at is None and bool(live_memberships(account))


def _wishes(session: Session, account: Account) -> Wishes:
    return next((found for ask in _known if (found := ask(session, account.id)) is not None), Wishes())
