"""Reading what is somebody's own: what is coming, where they go, what was written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, exists, func, select
from sqlalchemy.orm import Session, selectinload

from core import clock
from core.access.rules import Actor
from core.calendar.rules import london_day
from core.db import among, one_of, read
from core.errors import NotFound
from directory import published
from prescribing.episodes.contributions import Contribution, News, Press
from prescribing.episodes.models import ContactAttempt, Episode
from prescribing.episodes.rules import EPISODE_OPEN
from prescribing.episodes.scope import furthest_first
from prescribing.failures import heard
from prescribing.people.models import Person
from prescribing.people.queries import check_of_teams, of_teams
from prescribing.proxies.queries import acts_for
from prescribing.referrals.expected import expected_sessions
from prescribing.referrals.models import Presence, Referral
from prescribing.referrals.queries import service_names
from prescribing.referrals.rules import AGREED, GOES_THERE, OWN_WORDS, REFERRAL_CLOSED, ReferralState
from prescribing.referrals.visits import present_rows
from prescribing.residents.models import OfferOfHelp, PersonMessage, ReferralWord
from prescribing.residents.offers import OfferLine, offers_of
from prescribing.residents.rules import Verdict, Voice
from prescribing.residents.scope import is_own

MOST_COMING = 12
MOST_MESSAGES = 50


@dataclass(frozen=True)
class Coming:
    """Something that is coming: a session of an activity, or a call that was agreed. `end` and `service_id` are None
    for a call, and `start` then means the day. `place` is where to go, empty where that is not known."""

    what: str
    start: datetime
    end: datetime | None
    service_id: UUID | None
    is_off: bool = False
    place: str = ""


@dataclass(frozen=True)
class OwnReferral:
    """Where somebody was referred, said to themself."""

    id: UUID
    service: str
    service_id: UUID
    is_listed: bool
    said: str
    state: ReferralState
    visits: int
    verdict: Verdict | None
    said_by_proxy: bool = False

    @property
    def is_open(self) -> bool:
        return self.state not in REFERRAL_CLOSED

    @property
    def has_been(self) -> bool:
        """Whether they went, and may say that it helps."""
        return self.state in GOES_THERE

    @property
    def may_go(self) -> bool:
        """Whether they were let, so that they can say that they went."""
        return self.state in AGREED


@dataclass(frozen=True)
class MessageLine:
    """One message, as either side reads it."""

    id: UUID
    at: datetime
    voice: Voice
    by: str
    words: str
    is_read: bool


@dataclass(frozen=True)
class Thread:
    """The messages with one person, for their team. `account` says whether they can come in online."""

    person_id: UUID
    called: str
    lines: tuple[MessageLine, ...]
    offers: tuple[OfferLine, ...]

    @property
    def unread(self) -> int:
        return sum(1 for line in self.lines if line.voice is not Voice.TEAM and not line.is_read)


@dataclass(frozen=True)
class Brief:
    """How many messages of a person nobody of their team has read, and whether they offer anything to others."""

    person_id: UUID
    unread: int
    offers: bool


def coming(session: Session, actor: Actor) -> tuple[Coming, ...]:
    """What is coming for the actor themself in the four weeks ahead, soonest first, cancelled sessions marked."""
    return _coming(session, is_own(actor), "Your link worker gets in touch with you")


def coming_for(session: Session, actor: Actor, person_id: UUID) -> tuple[Coming, ...]:
    """As `coming`, for somebody for whom the actor acts. Raises `NotFound` for others."""
    acts = acts_for(session, actor, person_id)
    return _coming(session, Person.id == person_id, f"The link worker gets in touch with {acts.called}")


def _coming(session: Session, whose: ColumnElement[bool], call: str) -> tuple[Coming, ...]:
    today = clock.today()
    sessions = expected_sessions(session, _referrals(session, whose, AGREED))
    offers = published.offers(session, {row.service_id for row, _one in sessions}) if sessions else {}
    found = [
        Coming(offer.name, one.start, one.end, row.service_id, one.cancelled, offer.place)
        for row, one in sessions
        if (offer := offers.get(row.service_id)) is not None
    ]
    found += [
        Coming(
            call,
            datetime.combine(day, time(12), clock.LONDON),
            None,
            None,
        )
        for day in _calls(session, whose, today)
    ]
    return tuple(sorted(found, key=lambda one: one.start)[:MOST_COMING])


def referrals(session: Session, actor: Actor) -> tuple[OwnReferral, ...]:
    """Where the actor themself was referred, those that go on first, each with what they said of it."""
    return _lines_of_referrals(session, _referrals(session, is_own(actor)))


def referrals_for(session: Session, actor: Actor, person_id: UUID) -> tuple[OwnReferral, ...]:
    """Where somebody goes for whom the actor acts and may say what helps, from their first visit on. Raises `NotFound`
    for others."""
    if not acts_for(session, actor, person_id).may_say:
        raise NotFound
    return _lines_of_referrals(session, _referrals(session, Person.id == person_id, GOES_THERE))


def _lines_of_referrals(session: Session, rows: Sequence[Referral]) -> tuple[OwnReferral, ...]:
    names = service_names(session, rows)
    verdicts = _verdicts(session, [row.id for row in rows])
    found = [
        OwnReferral(
            id=row.id,
            service=names.get(row.service_id, "An activity that is no longer listed"),
            service_id=row.service_id,
            is_listed=row.service_id in names,
            said=OWN_WORDS[row.state],
            state=row.state,
            visits=sum(1 for one in present_rows(row).values() if one.presence is Presence.CAME),
            verdict=verdicts[row.id].verdict if row.id in verdicts else None,
            said_by_proxy=row.id in verdicts and verdicts[row.id].by_proxy,
        )
        for row in rows
        if row.state is not ReferralState.ENTERED_IN_ERROR
    ]
    return tuple(sorted(found, key=lambda one: not one.is_open))


def own_messages(session: Session, actor: Actor) -> tuple[MessageLine, ...]:
    """The latest messages between the actor themself and their team, newest first."""
    return _lines(session, select(Person.id).where(is_own(actor)))


def messages_for(session: Session, actor: Actor, person_id: UUID) -> tuple[MessageLine, ...]:
    """The messages with the team of somebody for whom the actor acts and may answer: what the team wrote and what those
    who act wrote, from the moment at which it was given. The person's own words stay theirs. Raises `NotFound`."""
    acts = acts_for(session, actor, person_id)
    if not acts.may_message:
        raise NotFound
    return _lines(
        session,
        select(Person.id).where(Person.id == person_id),
        PersonMessage.voice.in_((Voice.TEAM, Voice.PROXY)),
        PersonMessage.at >= acts.since,
    )


def own_unread(session: Session, actor: Actor) -> int:
    """How many messages of their team the actor has not read yet."""
    return (
        session.scalar(
            select(func.count())
            .select_from(PersonMessage)
            .where(
                PersonMessage.person_id.in_(select(Person.id).where(is_own(actor))),
                PersonMessage.voice == Voice.TEAM,
                PersonMessage.read_at.is_(None),
            )
        )
        or 0
    )


def thread(session: Session, actor: Actor, person_id: UUID) -> Thread:
    """The messages with a person of the actor's team, and what they offer. Raises `NotFound` outside. Whoever shows it
    audits the look."""
    row = session.scalars(select(Person).where(Person.id == person_id, of_teams(actor))).one_or_none()
    if row is None:
        raise NotFound
    only = select(Person.id).where(Person.id == person_id)
    return Thread(
        person_id=person_id,
        called=row.preferred_name or row.name or "Name not known yet",
        lines=_lines(session, only),
        offers=offers_of(session, only),
    )


def in_brief(session: Session, actor: Actor, person_id: UUID) -> Brief:
    """What a person's own page says of the messages with them. Raises `NotFound` outside of the actor's teams."""
    check_of_teams(session, actor, person_id)
    (row,) = read(session, _brief(), person_id=person_id)
    return Brief(person_id, row.unread, offers=row.offers)


@cache
def _brief() -> Select[*tuple[Any, ...]]:
    person_id = bindparam("person_id", type_=Uuid())
    unread = (
        select(func.count())
        .select_from(PersonMessage)
        .where(PersonMessage.person_id == person_id, PersonMessage.voice != Voice.TEAM)
        .where(PersonMessage.read_at.is_(None))
        .scalar_subquery()
    )
    offers = exists().where(OfferOfHelp.person_id == person_id, OfferOfHelp.ended_at.is_(None))
    return select(unread.label("unread"), offers.label("offers"))


def news(session: Session, episode_ids: Collection[UUID]) -> Mapping[UUID, Contribution]:
    """What people wrote that nobody of their team has read yet, by episode that is open: of somebody who has two by
    the one that goes on furthest."""
    rows = {
        # The furthest comes last, and stays.
        person_id: (episode_id, person_id, at)
        for episode_id, person_id, at in read(session, _unread(), ids=episode_ids)
    }.values()
    return {
        episode_id: Contribution(
            news=(
                News(
                    "They wrote to you",
                    "own_side.thread",
                    link := {"person_id": person_id},
                    at,
                    press=Press("Answer them", "own_side.thread", link),
                ),
            )
        )
        for episode_id, person_id, at in rows
    }


def written(
    session: Session, person_id: UUID, since: datetime, until: datetime | None
) -> list[heard.Message]:
    """What a person, or whoever acts for them, wrote to the team in that time, the oldest first."""
    found = (
        select(PersonMessage.id, PersonMessage.at)
        .where(
            PersonMessage.person_id == person_id,
            PersonMessage.voice.in_([Voice.PERSON, Voice.PROXY]),
            PersonMessage.at >= since,
        )
        .order_by(PersonMessage.at, PersonMessage.id)
    )
    if until is not None:
        found = found.where(PersonMessage.at <= until)
    return [heard.Message(one, london_day(at)) for one, at in session.execute(found)]


@cache
def _unread() -> Select[*tuple[Any, ...]]:
    return (
        select(Episode.id, Episode.person_id, func.max(PersonMessage.at))
        .join(PersonMessage, PersonMessage.person_id == Episode.person_id)
        .where(
            among(Episode.id, "ids"),
            one_of(Episode.state, EPISODE_OPEN),
            PersonMessage.voice != Voice.TEAM,
            PersonMessage.read_at.is_(None),
        )
        .group_by(Episode.id, Episode.person_id, Episode.state, Episode.created_at)
        .order_by(furthest_first().desc(), Episode.created_at)
    )


def _referrals(
    session: Session, whose: ColumnElement[bool], states: Collection[ReferralState] = tuple(ReferralState)
) -> Sequence[Referral]:
    return session.scalars(
        select(Referral)
        .join(Person, Person.id == Referral.person_id)
        .where(whose, Referral.state.in_(states))
        .options(selectinload(Referral.attendances))
        .order_by(Referral.requested_at.desc(), Referral.id)
    ).all()


def _calls(session: Session, whose: ColumnElement[bool], today: date) -> Sequence[date]:
    days = session.scalars(
        select(ContactAttempt.booked_on)
        .join(Episode, Episode.id == ContactAttempt.episode_id)
        .join(Person, Person.id == Episode.person_id)
        .where(whose, ContactAttempt.booked_on >= today, ContactAttempt.mistake_at.is_(None))
        .where(Episode.state.in_(EPISODE_OPEN))
        .distinct()
    )
    return [day for day in days if day is not None]


def _verdicts(session: Session, referral_ids: Collection[UUID]) -> dict[UUID, ReferralWord]:
    rows = session.scalars(
        select(ReferralWord)
        .where(ReferralWord.referral_id.in_(referral_ids))
        .order_by(ReferralWord.at, ReferralWord.id)
    )
    return {row.referral_id: row for row in rows}


def _lines(session: Session, persons: Select[Any], *which: ColumnElement[bool]) -> tuple[MessageLine, ...]:
    rows = session.scalars(
        select(PersonMessage)
        .where(PersonMessage.person_id.in_(persons), *which)
        .order_by(PersonMessage.at.desc(), PersonMessage.id.desc())
        .limit(MOST_MESSAGES)
    )
    return tuple(
        MessageLine(
            row.id, row.at, row.voice, row.author_name or "", row.words or "", row.read_at is not None
        )
        for row in rows
    )
