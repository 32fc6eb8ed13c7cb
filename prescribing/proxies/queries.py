"""Who acts for whom: nothing of a record that is flagged for safety, of somebody who died, or after the time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.accounts.models import Account
from core.db import at_most, read
from core.errors import NotFound
from prescribing.people import queries as people
from prescribing.people.models import Person
from prescribing.people.records import birth_date_of, safe_contact_of
from prescribing.people.safe_contact import may_show_to_proxy
from prescribing.proxies.models import Proxy
from prescribing.proxies.rules import GROUND_WORDS, Let, still_acts

MOST_SHOWN = 20


@dataclass(frozen=True)
class ActsFor:
    """Somebody for whom the actor acts now, and what they may do. `since` is the moment from which messages show."""

    person_id: UUID
    called: str
    may_message: bool
    may_say: bool
    since: datetime
    last_day: date


@dataclass(frozen=True)
class ProxyLine:
    """One who was let act, as the person and their team see it."""

    id: UUID
    name: str
    said_ground: str
    how: str
    may_message: bool
    may_say: bool
    given_on: date
    last_day: date
    acts_now: bool


def acting_for(session: Session, actor: Actor) -> tuple[ActsFor, ...]:
    """Everybody for whom the actor acts now. Whoever shows it audits the look."""
    return tuple(_acts(row, person) for row, person in _live(session, _of_actor(actor)))


def acts_for(session: Session, actor: Actor, person_id: UUID) -> ActsFor:
    """What the actor may do for this person now. Raises `NotFound` where it is nothing."""
    for row, person in _live(session, _of_actor(actor), Proxy.person_id == person_id):
        return _acts(row, person)
    raise NotFound


def of_person(session: Session, actor: Actor, person_id: UUID) -> tuple[ProxyLine, ...]:
    """Who acts and who acted for a person: for themself and their team. Raises `NotFound` for others."""
    people.check_in_scope(session, actor, person_id)
    rows = read(session, _given(), person_id=person_id)
    now = {row.id for row, _person in _live(session, Proxy.person_id == person_id)} if rows else set()
    return tuple(
        ProxyLine(
            id=row.id,
            name=Proxy.name.read(Proxy, row.id, row.name_sealed) or "",
            said_ground=GROUND_WORDS[row.ground],
            how=row.how,
            may_message=row.may_message,
            may_say=row.may_say,
            given_on=row.given_on,
            last_day=row.last_day,
            acts_now=row.id in now,
        )
        for row in rows
    )


@cache
def _given() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Proxy.id, Proxy.name_sealed, Proxy.ground, Proxy.how, Proxy.may_message, Proxy.may_say),
            *(Proxy.given_on, Proxy.last_day),
        )
        .where(Proxy.person_id == bindparam("person_id"))
        .order_by(Proxy.id.desc())
        .limit(at_most(MOST_SHOWN))
    )


def live_of_person(session: Session, person_id: UUID) -> tuple[Proxy, ...]:
    """The rows that hold now for a person, for services."""
    return tuple(row for row, _person in _live(session, Proxy.person_id == person_id))


def account_acting_for(session: Session, actor: Actor, person_id: UUID, proxy_id: UUID) -> UUID:
    """The account of one who acts now for a person of the actor's. Raises `NotFound` for others."""
    people.person(session, actor, person_id)
    for row in live_of_person(session, person_id):
        if row.id == proxy_id:
            return row.account_id
    raise NotFound


def addresses_for_messages(session: Session, person_id: UUID) -> tuple[str, ...]:
    """The email addresses of those who may read a person's messages now."""
    ids = [row.account_id for row in live_of_person(session, person_id) if row.may_message]
    rows = session.scalars(select(Account).where(Account.id.in_(ids), Account.disabled_at.is_(None)))
    return tuple(one.email for one in rows if one.email)


def over(session: Session, person_id: UUID | None = None) -> tuple[Proxy, ...]:
    """The rows that nobody ended and that hold no longer, of one person or of everybody, for services. A flag for
    safety may be lifted again: what it hides has not ended."""
    rows = session.execute(
        select(Proxy, Person)
        .join(Person, Person.id == Proxy.person_id)
        .where(Proxy.ended_at.is_(None), *(() if person_id is None else (Proxy.person_id == person_id,)))
    )
    return tuple(row for row, person in rows if not _holds(row, person))


def _of_actor(actor: Actor) -> ColumnElement[bool]:
    """What was given to the actor's account, where it still has the role there."""
    return (Proxy.account_id == actor.account_id) & Proxy.person_id.in_(actor.person_ids(Role.PROXY))


def _live(session: Session, *which: ColumnElement[bool]) -> Iterator[tuple[Proxy, Person]]:
    rows = session.execute(
        select(Proxy, Person)
        .join(Person, Person.id == Proxy.person_id)
        .where(*which, Proxy.ended_at.is_(None), Proxy.last_day >= clock.today())
        .order_by(Proxy.id)
    )
    for row, person in rows:
        if may_show_to_proxy(safe_contact_of(person), agreed=_holds(row, person)):
            yield row, person


def _holds(row: Proxy, person: Person) -> bool:
    let = Let(row.given_on, row.last_day, row.ended_at is not None)
    return person.died_at is None and still_acts(let, birth_date_of(person), clock.today())


def _acts(row: Proxy, person: Person) -> ActsFor:
    return ActsFor(
        person_id=row.person_id,
        called=person.preferred_name or person.name or "Name not known yet",
        may_message=row.may_message,
        may_say=row.may_say,
        since=row.created_at,
        last_day=row.last_day,
    )
