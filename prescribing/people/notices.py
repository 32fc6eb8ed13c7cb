"""The one place from which a person is written to: by a way that is safe, in the form and language that they need, and
not too often. A message names nobody and no reason.

Where somebody needs an interpreter, a message alone is not enough: their team hears that they must be rung as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import events
from core.access.rules import Role
from core.accounts import reach, throttle
from core.accounts.models import MembershipRow
from core.accounts.reach import Wishes
from core.accounts.rules import Guess
from core.errors import Invalid, Refused, Throttled
from core.notify import manners
from core.notify import services as notify
from core.notify.rules import Manner, manner_for
from prescribing.people.events import ToldInWriting
from prescribing.people.models import Person
from prescribing.people.records import safe_contact_of
from prescribing.people.rules import normalise_email, normalise_phone
from prescribing.people.safe_contact import Channel, may_text, message_way


class Needs(Protocol):
    """What decides how something must be written: in somebody's own words."""

    @property
    def communication_needs(self) -> str | None: ...
    @property
    def interpreter(self) -> str | None: ...


class Reader(Needs, Protocol):
    """Somebody with a record, and where they are written to."""

    @property
    def id(self) -> UUID: ...
    @property
    def mobile(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...


@dataclass(frozen=True)
class Notice:
    """Which words to send. `about_id` is what it concerns, for cancelling it; `contact_id` is the contact
    that it was written down as, if it was. `ring_too` says that whoever needs an interpreter is to be rung as well: not
    where the words are of their own asking."""

    template: str
    about_id: UUID
    context: Mapping[str, Any] = field(default_factory=dict)
    ring_too: bool = True
    contact_id: UUID | None = None


def manner_of(needs: Needs) -> Manner:
    """How somebody takes what is written to them."""
    return manner_for(needs.communication_needs or "", needs.interpreter or "")


def way_to(person: Person) -> Channel | None:
    """How a short message may reach them; none where somebody must ring."""
    return message_way(safe_contact_of(person), mobile=bool(person.mobile))


def tell(session: Session, person: Person, notice: Notice) -> Channel | None:
    """Tell a person by whichever way is safe. Gives how, none where somebody must ring: no way is safe, their number or
    address was written down wrong, or they were written to too often today."""
    way = way_to(person)
    if way is None:
        return None
    with suppress(Invalid, Throttled):
        tell_by(session, person, way, notice)
        return way
    return None


def tell_by(session: Session, person: Reader, way: Channel, notice: Notice) -> None:
    """Tell a person by this way, which is safe. Raises `Invalid` for an unusable number or address, and `Throttled`."""
    to = (person.mobile if way is Channel.TEXT else person.email) or ""
    write(session, way, to, manner_of(person), notice)
    if notice.ring_too and manner_of(person).language is not None:
        events.publish(session, ToldInWriting(person.id, notice.contact_id))


def tell_or_refuse(session: Session, person: Reader, way: Channel, notice: Notice, instead: str) -> None:
    """Tell a person by this way, for somebody who waits to see it leave. Raises `Invalid` for an unusable number or
    address, and `Refused` with what to do `instead` where they were written to too often today."""
    try:
        tell_by(session, person, way, notice)
    except Throttled:
        raise Refused(f"They were written to often today already. {instead}") from None


def write(
    session: Session,
    way: Channel,
    to: str,
    manner: Manner,
    notice: Notice,
    *,
    guess: Guess = Guess.TELLING,
) -> None:
    """Send a text or an email in this manner, counted against where it goes however that was written: whoever types a
    stranger's number must not be able to fill their phone. Raises `Throttled`, and `Invalid` for an unusable one."""
    throttle.count(session, guess, normalise_phone(to) if way is Channel.TEXT else normalise_email(to))
    send = notify.send_text if way is Channel.TEXT else notify.send_email
    send(
        session,
        to=to,
        template=notice.template,
        context=notice.context,
        about_id=notice.about_id,
        part_of_id=notice.contact_id,
        manner=manner,
    )


def _manner_of_account(session: Session, account_id: UUID) -> Manner | None:
    person = _person_of_account(session, account_id)
    return manner_of(person) if person is not None else None


def _person_of_account(session: Session, account_id: UUID) -> Person | None:
    return session.scalars(
        select(Person)
        .join(MembershipRow, MembershipRow.person_id == Person.id)
        .where(
            MembershipRow.account_id == account_id,
            MembershipRow.role == Role.RESIDENT,
            MembershipRow.ended_at.is_(None),
        )
        .limit(1)
    ).one_or_none()


def _wishes_of_account(session: Session, account_id: UUID) -> Wishes | None:
    """Nothing reaches whoever is in danger by it, or has died. A link may be texted where they called texts safe."""
    person = _person_of_account(session, account_id)
    if person is None:
        return None
    silent = person.died_at is not None or person.flagged_for_safety
    return Wishes(silent=silent, texts=may_text(safe_contact_of(person)))


manners.register(_manner_of_account)
reach.register(_wishes_of_account)
