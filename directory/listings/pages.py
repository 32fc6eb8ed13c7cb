"""What the public pages of an activity and of a group say, ready to show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import clock
from core.calendar.rules import london_day, say_day, say_session
from core.db import among
from core.errors import NotFound
from directory.listings import summaries
from directory.listings.cards import ACCESS, AUDIENCES, NEEDS, Card, Term, cards, terms_of
from directory.listings.content import printed_phone
from directory.listings.models import (
    Attribute,
    Location,
    Organization,
    Service,
    ServiceAtLocation,
    TaxonomyTerm,
)
from directory.listings.recurrence import (
    Occurrence,
    ScheduleException,
    ScheduleRule,
    occurrences,
    occurrences_between,
)
from directory.listings.room import room_in_words
from directory.listings.rules import (
    HAS_PUBLIC_PAGE,
    IN_SEARCH,
    SAFETY_NEED,
    SESSION_KEY,
    DeliveryMode,
    JoinMode,
    ListingStatus,
)
from directory.listings.wording import timetable_in_words

DATES_SHOWN = 5

FIRST_VISIT: tuple[tuple[str, str], ...] = (
    ("who_meets_you", "Who will meet me?"),
    ("must_i_talk", "Do I have to talk?"),
    ("bring_someone", "Can I bring someone?"),
    ("religious", "Is it religious?"),
    ("what_to_bring", "What should I bring?"),
)
JOIN_WORDS: dict[JoinMode, str] = {
    JoinMode.TURN_UP: "You do not need to book or be sent by anyone.",
    JoinMode.RING_FIRST: "Please ring first, so that they expect you.",
    JoinMode.REFERRAL: "Someone who supports you asks for a place: a link worker, nurse, doctor or adviser.",
}


@dataclass(frozen=True, slots=True)
class Dated:
    """One coming session in words; a cancelled one says why, a moved one where it went or came from. `session` is its
    start as addresses say it (2026-11-24T10:00)."""

    words: str
    cancelled: bool
    note: str
    moved: str
    session: str


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place: its name, its address in lines, how to get there, what makes it easier to use."""

    name: str
    lines: tuple[str, ...]
    town: str
    postcode: str
    getting_there: str
    access_words: tuple[str, ...]
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One activity, all that its public page says. Empty texts and tuples mean that nothing is known."""

    id: UUID
    status: ListingStatus
    name: str
    summary: str
    paragraphs: tuple[str, ...]
    notice: str
    group_id: UUID
    group: str
    group_summary: str
    first_visit: tuple[tuple[str, str], ...]
    how_to_join: str
    join_words: str
    join_mode: JoinMode
    delivery: DeliveryMode
    who_for: str
    eligibility: str
    minimum_age: int | None
    maximum_age: int | None
    languages: tuple[str, ...]
    cost: str
    costs: tuple[summaries.Cost, ...]
    timetable: tuple[str, ...]
    times_text: str
    next_words: str
    dates: tuple[Dated, ...]
    places: tuple[PlaceView, ...]
    access: tuple[Term, ...]
    needs: tuple[Term, ...]
    contact: str
    contact_role: str
    phone: str
    email: str
    website: str
    confirmed: str
    is_example: bool
    version: int
    updated_at: datetime
    rules: tuple[ScheduleRule, ...]
    exceptions: tuple[ScheduleException, ...]
    sessions: tuple[Occurrence, ...]
    is_private: bool = False

    @property
    def closed(self) -> bool:
        return self.status is ListingStatus.CLOSED

    @property
    def paused(self) -> bool:
        return self.status is ListingStatus.PAUSED

    @property
    def is_watched(self) -> bool:
        """Whether its readers may have to leave the page before somebody sees it."""
        return self.is_private or any(need.slug == SAFETY_NEED for need in self.needs)

    @property
    def path(self) -> str:
        return f"/activities/{self.id}"

    @property
    def where(self) -> str:
        """The first place in a few words, or how it happens where it has none."""
        if self.is_private:
            return summaries.PRIVATE_PLACE
        if not self.places:
            return self.delivery.label
        return summaries.place_in_words(
            self.places[0].name or "".join(self.places[0].lines[:1]), self.places[0].town
        )


@dataclass(frozen=True, slots=True)
class GroupPage:
    """One group and what it offers."""

    id: UUID
    name: str
    kind: str
    summary: str
    paragraphs: tuple[str, ...]
    phone: str
    email: str
    website: str
    contact: str
    contact_role: str
    charity_number: str
    company_number: str
    is_example: bool
    activities: tuple[Card, ...]


_WHOLE = (
    joinedload(Service.organization).options(
        selectinload(Organization.phones), selectinload(Organization.contacts)
    ),
    selectinload(Service.places)
    .joinedload(ServiceAtLocation.location)
    .options(
        selectinload(Location.accessibility),
        selectinload(Location.attributes).joinedload(Attribute.term).joinedload(TaxonomyTerm.taxonomy),
    ),
    joinedload(Service.room),
    selectinload(Service.schedules),
    selectinload(Service.exceptions),
    selectinload(Service.cost_options),
    selectinload(Service.eligibilities),
    selectinload(Service.languages),
    selectinload(Service.phones),
    selectinload(Service.contacts),
    selectinload(Service.attributes).joinedload(Attribute.term).joinedload(TaxonomyTerm.taxonomy),
)
KIND_LABELS: dict[str, str] = {
    "charity": "Charity",
    "cic": "Community interest company",
    "club": "Club",
    "faith": "Faith group",
    "public": "Public service",
    "informal": "Neighbours and friends",
}


def listing_page(session: Session, service_id: UUID) -> ListingPage:
    """The public page of an activity, also of a closed one. Raises `NotFound` where it has none."""
    rows = _rows(session, [service_id], HAS_PUBLIC_PAGE)
    if not rows:
        raise NotFound
    return page_of(rows[0], clock.today())


def listing_pages(session: Session, ids: Sequence[UUID]) -> list[ListingPage]:
    """The pages of those of these activities that the public may find, in their order; a bounded number of queries."""
    rows = {row.id: row for row in _rows(session, ids, IN_SEARCH)}
    return [page_of(rows[one], clock.today()) for one in dict.fromkeys(ids) if one in rows]


def last_changed(session: Session, ids: Sequence[UUID], most: int) -> Sequence[UUID]:
    """Those `most` of these activities that changed last, the newest first."""
    query = select(Service.id).where(among(Service.id, ids))
    return session.scalars(query.order_by(Service.updated_at.desc(), Service.id).limit(most)).all()


def session_at(page: ListingPage, at: datetime) -> list[tuple[ListingPage, Occurrence]]:
    """The activity's sessions that start at that moment, cancelled ones too. Raises `NotFound` where there is none."""
    day = london_day(at)
    found = occurrences_between(page.rules, page.exceptions, day, day)
    there = [(page, one) for one in found if one.start == at]
    if not there:
        raise NotFound
    return there


def _rows(session: Session, ids: Sequence[UUID], statuses: Collection[ListingStatus]) -> Sequence[Service]:
    query = select(Service).where(Service.id.in_(ids), Service.status.in_(statuses))
    return session.scalars(query.options(*_WHOLE)).all()


def page_of(row: Service, today: date) -> ListingPage:
    """A listing's rows as its page; for a preview of one that has none yet, too."""
    rules = tuple(one.rule for one in row.schedules)
    exceptions = tuple(one.exception for one in row.exceptions)
    open_now = row.status in IN_SEARCH and row.status is not ListingStatus.PAUSED
    ahead = occurrences(rules, exceptions, clock.now(), limit=DATES_SHOWN + 2 * len(exceptions))
    coming = tuple(ahead[:DATES_SHOWN]) if open_now else ()
    following = next((one for one in ahead if not one.cancelled), None) if open_now else None
    places = [one.location for one in row.public_places]
    costs = tuple(summaries.Cost(one.label, one.pence) for one in row.cost_options)
    ages = row.eligibilities[0] if row.eligibilities else None
    group = row.organization
    phone = next(iter(row.phones or group.phones), None)
    contact = next(iter(row.contacts or group.contacts), None)
    audiences = [(term.slug, term.name) for term in terms_of(row.attributes, AUDIENCES)]
    attributes = [*row.attributes, *(one for held in row.places for one in held.location.attributes)]
    return ListingPage(
        id=row.id,
        status=row.status,
        name=row.name,
        summary=row.summary,
        paragraphs=paragraphs(row.description),
        notice=row.notice or "",
        group_id=row.organization_id,
        group=group.name,
        group_summary=group.summary,
        first_visit=_first_visit(row),
        how_to_join=row.join_mode.label,
        join_words=f"{JOIN_WORDS[row.join_mode]} {room_in_words(row, today)}".strip(),
        join_mode=row.join_mode,
        delivery=row.delivery,
        who_for=summaries.who_for(
            audiences, ages.minimum_age if ages else None, ages.maximum_age if ages else None
        ),
        eligibility=(ages.description if ages else None) or "",
        minimum_age=ages.minimum_age if ages else None,
        maximum_age=ages.maximum_age if ages else None,
        languages=tuple(one.name for one in row.languages),
        cost=summaries.cost_summary(costs),
        costs=costs,
        timetable=timetable_in_words(rules, today),
        times_text=row.opening_times_text or "",
        next_words=summaries.session_in_words(following, today) if following else "",
        dates=tuple(_dated(one, today) for one in coming),
        places=tuple(_place(place) for place in places),
        access=tuple(dict.fromkeys(terms_of(attributes, ACCESS))),
        needs=terms_of(row.attributes, NEEDS),
        contact=contact.name if contact else "",
        contact_role=(contact.title if contact else None) or "",
        phone=printed_phone(phone.number) if phone else "",
        email=row.email or group.email or "",
        website=row.url or group.website or "",
        confirmed=summaries.confirmed_in_words(row.confirmed_at, row.confirmed_by, today),
        is_example=row.is_example,
        version=row.version,
        updated_at=row.updated_at,
        rules=rules,
        exceptions=exceptions,
        sessions=coming,
        is_private=row.masked_location,
    )


def _first_visit(row: Service) -> tuple[tuple[str, str], ...]:
    return tuple((question, answer) for name, question in FIRST_VISIT if (answer := getattr(row, name) or ""))


def group_page(session: Session, organization_id: UUID) -> GroupPage:
    """A group with the activities that the public may find. Raises `NotFound`."""
    row = session.get(
        Organization,
        organization_id,
        options=[selectinload(Organization.phones), selectinload(Organization.contacts)],
    )
    if row is None or row.merged_into_id is not None:
        raise NotFound
    known = session.execute(
        select(Service.id, Service.status)
        .where(Service.organization_id == organization_id, Service.merged_into_id.is_(None))
        .order_by(Service.name)
    )
    statuses: dict[UUID, ListingStatus] = {one.id: one.status for one in known}
    if statuses and not any(status in HAS_PUBLIC_PAGE for status in statuses.values()):
        raise NotFound
    return GroupPage(
        id=row.id,
        name=row.name,
        kind=KIND_LABELS.get(row.kind, ""),
        summary=row.summary,
        paragraphs=paragraphs(row.description),
        phone=printed_phone(row.phones[0].number) if row.phones else "",
        email=row.email or "",
        website=row.website or "",
        contact=row.contacts[0].name if row.contacts else "",
        contact_role=(row.contacts[0].title if row.contacts else None) or "",
        charity_number=row.charity_number or "",
        company_number=row.company_number or "",
        is_example=row.is_example,
        activities=tuple(cards(session, list(statuses), today=clock.today())),
    )


def paragraphs(text: str) -> tuple[str, ...]:
    """The text cut at its empty lines."""
    return tuple(part.strip() for part in text.replace("\r", "").split("\n\n") if part.strip())


def _dated(one: Occurrence, today: date) -> Dated:
    moved = ""
    if one.moved_to is not None:
        moved = f"Moved to {say_day(one.moved_to, today)}"
    elif one.moved_from is not None:
        moved = f"Moved from {say_day(one.moved_from, today)}"
    words, session = say_session(one.start, one.end, today), one.start.strftime(SESSION_KEY)
    return Dated(words, one.cancelled, one.note, moved, session)


def _place(place: Location) -> PlaceView:
    lines = (place.address_1, place.address_2 or "", place.city, place.postal_code)
    return PlaceView(
        name=place.name,
        lines=tuple(line for line in lines if line),
        town=place.city,
        postcode=place.postal_code,
        getting_there=place.getting_there or "",
        access_words=tuple(one.description for one in place.accessibility),
        latitude=place.latitude,
        longitude=place.longitude,
    )
