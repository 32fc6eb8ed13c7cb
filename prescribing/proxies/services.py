"""Letting somebody act for a person, and ending it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Actor, Membership, Role
from core.accounts import links
from core.accounts import queries as accounts
from core.accounts import services as account_services
from core.audit import services as audit
from core.errors import NotFound, Refused
from core.notify import services as notify
from core.settings import current_settings
from prescribing.people import queries as people
from prescribing.people.models import Person
from prescribing.people.records import birth_date_of
from prescribing.people.rules import age, normalise_phone
from prescribing.proxies import queries
from prescribing.proxies.models import Proxy
from prescribing.proxies.rules import MOST, Ground, last_day_of, problem_alone, problem_with_ground

BY_THEMSELF = "online, by themself"


@dataclass(frozen=True)
class Letting:
    """Whom to let act, for how many months, and what they may do beyond seeing what is coming. Of `email` and `mobile`
    one may be empty."""

    name: str
    email: str
    mobile: str
    months: int
    may_message: bool
    may_say: bool
    ground: Ground = Ground.OWN_WORD
    understands: bool = False
    how: str = BY_THEMSELF


def let_act(session: Session, actor: Actor, person_id: UUID, letting: Letting) -> UUID:
    """Let somebody act for a person: by themself, or by their team with their recorded word. Whoever is new is sent a
    link to choose a password; others are told to sign in. Raises `Refused` with what stands in the way, `NotFound`
    outside, and `Invalid` for an unusable address or number."""
    if actor.account_id is None:
        raise NotFound
    person = _held(session, actor, person_id)
    _refuse_by_age(actor, person, letting)
    if person.flagged_for_safety:
        raise Refused("This record is flagged for safety. Nobody but its team may see it.")
    # What is over takes its role along when it ends, so it ends before the role is given anew.
    _end_over(session, person_id)
    live = queries.live_of_person(session, person_id)
    if len(live) >= MOST:
        raise Refused("So many act for them already. End one first.")
    account_id = _account(session, actor, person, letting)
    if any(row.account_id == account_id for row in live):
        raise Refused("They may act already. End that first to change what they may do.")
    row = Proxy(
        person_id=person_id,
        account_id=account_id,
        ground=letting.ground,
        understands=letting.understands,
        how=letting.how,
        may_message=letting.may_message,
        may_say=letting.may_say,
        given_on=clock.today(),
        given_by=actor.account_id,
        last_day=last_day_of(clock.today(), letting.months),
    )
    row.name = letting.name.strip()
    session.add(row)
    session.flush()
    audit.record(session, actor, "proxy.give", "proxy", row.id, ground=letting.ground, months=letting.months)
    return row.id


def end(session: Session, actor: Actor, person_id: UUID, proxy_id: UUID) -> None:
    """End it at once: whoever is signed in by it is signed out. Ending what has ended changes nothing. Raises
    `NotFound` outside."""
    _held(session, actor, person_id)
    row = session.scalars(
        select(Proxy).where(Proxy.id == proxy_id, Proxy.person_id == person_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound
    if row.ended_at is None:
        _end(session, actor, row)


def step_down(session: Session, actor: Actor, person_id: UUID) -> None:
    """End by one's own word that one acts for a person; whoever does is signed out. Raises `NotFound` where they do not
    act."""
    queries.acts_for(session, actor, person_id)
    for row in queries.live_of_person(session, person_id):
        if row.account_id == actor.account_id:
            _end(session, actor, row)


def stop_for(session: Session, person_id: UUID, _episode_ids: Collection[UUID]) -> None:
    """After a death nobody acts any more. Whoever has an account for nothing else hears nothing of it either: what
    waits for them is taken back, and their links open nothing."""
    rows = session.scalars(select(Proxy).where(Proxy.person_id == person_id, Proxy.ended_at.is_(None))).all()
    for row in rows:
        _end(session, SYSTEM, row)
        account = accounts.account_for_update(session, row.account_id)
        if not accounts.live_memberships(account):
            notify.cancel_about(session, account.id)
            links.use_up_all(session, account)


def end_what_is_over(session: Session) -> int:
    """End everything whose time is over, and all that began before a sixteenth birthday. Gives how many."""
    return _end_over(session)


def _end_over(session: Session, person_id: UUID | None = None) -> int:
    found = queries.over(session, person_id)
    for row in found:
        _end(session, SYSTEM, row)
    return len(found)


def _end(session: Session, actor: Actor, row: Proxy) -> None:
    row.ended_at = clock.now()
    account = accounts.account_for_update(session, row.account_id)
    for held in account.memberships:
        if held.role is Role.PROXY and held.person_id == row.person_id and held.ended_at is None:
            account_services.end_membership(session, actor, account.id, held.id)
    audit.record(session, actor, "proxy.end", "proxy", row.id)


def _held(session: Session, actor: Actor, person_id: UUID) -> Person:
    """The row of a person who is the actor themself or of their team, held."""
    person = session.scalars(
        select(Person).where(Person.id == person_id, people.in_scope(actor)).with_for_update()
    ).one_or_none()
    if person is None or person.died_at is not None:
        raise NotFound
    return person


def _refuse_by_age(actor: Actor, person: Person, letting: Letting) -> None:
    born = birth_date_of(person)
    years = age(born, clock.today()) if born else None
    problem = problem_with_ground(letting.ground, years, understands=letting.understands)
    if person.id in actor.person_ids(Role.RESIDENT):
        problem = problem_alone(years)
    if problem:
        raise Refused(problem)


def _account(session: Session, actor: Actor, person: Person, letting: Letting) -> UUID:
    """The account of whoever is let act, with the role: made and invited where there is none."""
    membership = Membership(Role.PROXY, person_id=person.id)
    if not letting.email and normalise_phone(letting.mobile) in _numbers(person):
        raise Refused("That is the person's own number. Give theirs, or their email address.")
    known = account_services.known_for_update(session, letting.email, letting.mobile)
    if known is None:
        return account_services.invite(
            session, actor, letting.name, letting.email, [membership], mobile=letting.mobile or None
        )
    if known.id in (actor.account_id, accounts.account_of_person(session, person.id)):
        raise Refused("That is your own email address or number, or the person's. Give theirs.")
    if membership not in accounts.live_memberships(known):
        account_services.add_membership(session, actor, known.id, membership)
    if known.email is None:
        account_services.send_invitation(session, actor, known.id)
        return known.id
    settings = current_settings()
    notify.send_email(
        session,
        to=known.email,
        template="proxy-given",
        context={"link": f"{settings.base_url}/for"},
        about_id=person.id,
    )
    return known.id


def _numbers(person: Person) -> set[str]:
    return {normalise_phone(number) for number in (person.mobile, person.phone) if number}
