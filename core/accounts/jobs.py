"""What the worker does for accounts."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core import clock
from core.accounts import entering, links, throttle
from core.accounts.models import EmailedLink, OneTimeCode, SignInSession
from core.db import JsonDict
from core.idempotency import services as idempotency
from core.jobs.registry import handler, scheduled

_KEPT = timedelta(days=30)


@handler("accounts.send-reset")
def send_reset(session: Session, payload: JsonDict) -> None:
    """Email a reset link to whoever has the address, if anybody has."""
    links.send_reset(session, str(payload["email_index"]))


@handler("accounts.send-sign-in")
def send_sign_in(session: Session, payload: JsonDict) -> None:
    """Send a link to sign in to whoever has the address or number, if anybody has who comes in by one."""
    if "email_index" in payload:
        entering.send_sign_in(session, str(payload["email_index"]))
    else:
        entering.text_sign_in(session, str(payload["mobile_index"]))


@scheduled("accounts.tidy", every=timedelta(days=1))
def tidy(session: Session) -> None:
    """Drop what can't let anybody in any more: the audit trail keeps what happened."""
    before = clock.now() - _KEPT
    throttle.forget_old(session)
    idempotency.forget_old(session)
    session.execute(delete(SignInSession).where(SignInSession.expires_at < before))
    session.execute(delete(OneTimeCode).where(OneTimeCode.expires_at < before))
    session.execute(delete(EmailedLink).where(EmailedLink.expires_at < before))
