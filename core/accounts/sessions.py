"""Who stands behind a cookie. The cookie holds a random token; the truth is the row that the token names."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import flask_login
from flask import Flask, g
from flask import session as cookie
from sqlalchemy import update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import PUBLIC, Actor
from core.accounts import queries, rules
from core.accounts.models import SignInSession
from core.accounts.rules import FirstStep, SecondFactor
from core.db import db, is_reading, set_reading
from core.settings import current_settings

_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Visitor:
    """Whoever a sign-in cookie names, as Flask-Login carries them. `pending` until the second factor was shown."""

    token: str
    session_id: UUID
    actor: Actor
    factor: SecondFactor
    pending: bool
    came_by: FirstStep

    is_active = True
    is_anonymous = False

    @property
    def account_id(self) -> UUID:
        """The account that was signed in to."""
        if self.actor.account_id is None:
            raise ValueError("a visitor's actor has an account")
        return self.actor.account_id

    @property
    def is_authenticated(self) -> bool:
        """Whether every proof was given."""
        return not self.pending

    def get_id(self) -> str:
        """What the cookie holds."""
        return self.token


def init_app(app: Flask) -> None:
    """Have Flask-Login carry the token in the signed cookie, and ask the database who it is."""
    manager = flask_login.LoginManager(app)
    # The row says what a session may do; a change of address or browser does not end it, since phones roam.
    manager.session_protection = None
    manager.user_loader(visitor_of)


def digest_of(token: str) -> str:
    """What is kept of a token (64 hex digits): enough to know it again, not to use it."""
    return sha256(token.encode()).hexdigest()


def open_session(
    session: Session, account_id: UUID, *, pending: bool, came_by: FirstStep = FirstStep.TYPED
) -> str:
    """Start a session and give its token. A pending one opens nothing but the pages that ask for a code; `came_by` is
    what was shown first."""
    now = clock.now()
    settings = current_settings()
    token = secrets.token_urlsafe(32)
    session.add(
        SignInSession(
            token_digest=digest_of(token),
            account_id=account_id,
            created_at=now,
            seen_at=now,
            expires_at=now + (rules.PENDING_LIFE if pending else timedelta(hours=settings.session_hours)),
            second_factor_at=None if pending else now,
            came_by=came_by,
        )
    )
    session.flush()
    return token


def end(session: Session, session_id: UUID, because: str) -> None:
    """End one session, now and for good."""
    _end(session, because, SignInSession.id == session_id)


def end_all(session: Session, account_id: UUID, because: str, *, but: UUID | None = None) -> None:
    """End every session of an account (except `but`)."""
    kept = [] if but is None else [SignInSession.id != but]
    _end(session, because, SignInSession.account_id == account_id, *kept)


def end_everybodys(session: Session, because: str) -> None:
    """End every session there is."""
    _end(session, because)


def _end(session: Session, because: str, *which: object) -> None:
    session.execute(
        update(SignInSession)
        .where(SignInSession.ended_at.is_(None), *which)  # type: ignore[arg-type]
        .values(ended_at=clock.now(), ended_because=because)
    )


def visitor_of(token: str) -> Visitor | None:
    """Whoever the token names, if the session lives and the account may still come in."""
    now = clock.now()
    visit = queries.visit(db.session(), digest_of(token))
    if visit is None or not visit.memberships:
        return None
    factor = rules.second_factor_of(m.role for m in visit.memberships)
    if rules.is_over(visit.expires_at, visit.seen_at, _idle(factor), now):
        return None
    actor = Actor(visit.account_id, visit.name, visit.memberships, session_id=visit.session_id)
    if now - visit.seen_at >= _SEEN_EVERY:
        _note_seen(visit.session_id)
    pending = visit.second_factor_at is None
    return Visitor(token, visit.session_id, actor, factor, pending, visit.came_by)


def _idle(factor: SecondFactor) -> timedelta | None:
    """How long a session may be left alone: people sign in on shared and borrowed phones."""
    settings = current_settings()
    return timedelta(minutes=settings.resident_session_minutes) if factor is SecondFactor.CODE else None


def _note_seen(session_id: UUID) -> None:
    """Write down that the session was used, in a transaction of its own before the request's begins."""
    reading = is_reading()
    db.session.rollback()
    set_reading(False)
    db.session.execute(
        update(SignInSession).where(SignInSession.id == session_id).values(seen_at=clock.now())
    )
    db.session.commit()
    set_reading(reading)


def load_actor() -> Actor:
    """Whoever makes this request, for the guard: `PUBLIC` unless a whole sign-in stands behind the cookie."""
    found = visitor()
    return PUBLIC if found is None or found.pending else found.actor


def visitor() -> Visitor | None:
    """Whoever the request's cookie names, also halfway through signing in."""
    found = flask_login.current_user._get_current_object()  # noqa: SLF001 - the proxy's own way to what it holds
    return found if isinstance(found, Visitor) else None


def enter(token: str) -> None:
    """Put a new token into the cookie, and nothing of what was there before."""
    cookie.clear()
    found = visitor_of(token)
    if found is not None:
        flask_login.login_user(found, force=True)


def end_present(session: Session, because: str) -> None:
    """End whatever session the request's cookie names: whoever signs in anew leaves none behind."""
    found = visitor()
    if found is not None:
        end(session, found.session_id, because)


def leave() -> None:
    """Empty the cookie."""
    cookie.clear()
    g.pop("_login_user", None)
