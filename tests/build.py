"""Makes what tests stand on: accounts with a role and a place, and clients that are signed in.

Places are areas' own things, so each area registers how a test makes one, in the module `tests/build_<area>.py`;
subjects of the access matrix are registered in `tests/contract/subjects.py` likewise.
"""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import PLACE_OF, SYSTEM, Actor, Membership, Place, Role, membership_in
from core.accounts import queries, services, sessions
from core.accounts.models import Account
from core.accounts.passwords import hash_password
from core.calendar.rules import add_working_days, london

PASSWORD = "kettle orange ladder"

_numbers = itertools.count(1)
_makers: dict[Place, Callable[[Session], UUID]] = {}


def number() -> int:
    """A number that no other call of this run was given."""
    return next(_numbers)


def days_ahead(days: int) -> datetime:
    """This time of day in London so many days from today, in UTC.

    `clock.now()` and so many times 24 hours is another day for an hour of the evening if clocks change in between.
    """
    return (london(clock.now()) + timedelta(days=days)).astimezone(UTC)


def days_ago(days: int) -> datetime:
    """This time of day in London so many days before today, in UTC."""
    return days_ahead(-days)


def working_days_ahead(days: int) -> datetime:
    """Nine in the morning in London on the nth working day after today."""
    return datetime.combine(add_working_days(clock.today(), days), time(9), clock.LONDON)


def makes(place: Place) -> Callable[[Callable[[Session], UUID]], Callable[[Session], UUID]]:
    """Register how a test makes a place of this kind, flushed, and gives its id."""

    def register(maker: Callable[[Session], UUID]) -> Callable[[Session], UUID]:
        _makers[place] = maker
        return maker

    return register


def place(session: Session, kind: Place) -> UUID:
    """A new team, group, partner or person."""
    for area in ("directory", "prescribing"):
        importlib.import_module(f"tests.build_{area}")
    return _makers[kind](session)


def membership(session: Session, role: Role, place_id: UUID | None = None) -> Membership:
    """A membership of `role`: in the place that is given, or in a new one where the role needs one."""
    kind = PLACE_OF[role]
    if kind is not None and place_id is None:
        place_id = place(session, kind)
    return membership_in(role, place_id)


def account(
    session: Session,
    *roles: Role,
    place_id: UUID | None = None,
    name: str = "Asha Example",
    email: str | None = None,
    mobile: str | None = None,
    persona: str | None = None,
) -> Account:
    """An account with these roles, its password `PASSWORD`, committed."""
    email = email or f"account{number()}@example.org"
    account_id = services.create_account(
        session,
        SYSTEM,
        name,
        email,
        [membership(session, role, place_id) for role in roles],
        mobile=mobile,
        persona=persona,
    )
    made = session.get_one(Account, account_id)
    made.password_hash = _password_hash()
    session.commit()
    return made


def actor(session: Session, *roles: Role, place_id: UUID | None = None) -> Actor:
    """Whoever acts with these roles, with a committed account behind them."""
    return actor_of(account(session, *roles, place_id=place_id))


def actor_of(who: Account) -> Actor:
    """The account as whoever acts."""
    return Actor(who.id, who.name or "", queries.live_memberships(who))


def sign_in(session: Session, client: FlaskClient, who: Account) -> str:
    """Sign the client in by a real session's row, every proof given. Gives the token that its cookie holds."""
    token = sessions.open_session(session, who.id, pending=False)
    session.commit()
    adopt(client, token)
    return token


def adopt(client: FlaskClient, token: str) -> None:
    """Give the client the cookie of a session whose token is known."""
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["_user_id"] = token
        cookie["_fresh"] = True


def _password_hash() -> str:
    global _kept_hash  # noqa: PLW0603 - one slow hash for a whole run
    if not _kept_hash:
        _kept_hash = hash_password(PASSWORD)
    return _kept_hash


_kept_hash = ""
