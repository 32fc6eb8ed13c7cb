"""Makes the directory's part of the example borough. The same every time, but for dates, which hang on today.

Everything says that it is an example. Ids come from the content's own keys, so that an example's address lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Membership, Role
from core.accounts.services import create_account
from core.geography.models import Sector, Ward
from core.geography.rules import place_key
from directory.demo.borough import Activity, Borough, Group, Venue, read_borough
from directory.demo.history import make_changes
from directory.listings import checks
from directory.listings.cards import ACCESS
from directory.listings.content import apply_content, vocabulary
from directory.listings.models import (
    Attribute,
    Contact,
    Location,
    Organization,
    Phone,
    ScheduleException,
    Service,
    ServiceAtLocation,
    StatusEvent,
    TaxonomyTerm,
)
from directory.listings.recurrence import next_occurrence
from directory.listings.rules import ListingStatus
from directory.listings.schedule_json import rule_as_json

SEED = 1986
# How far a venue stands from the middle of its sector, in degrees: some 250 metres.
SPREAD = 0.0022
# How long ago, in days, timetables began: before anybody in the example borough was referred.
BEGAN = 420

# The group whose member can be signed in as; it stays in good order.
SHOWN_GROUP = "c-open-larder"

# How many listings are in each state that the public does not, or hardly, see; the rest are published.
REST: Mapping[ListingStatus, int] = {
    ListingStatus.DRAFT: 3,
    ListingStatus.WAITING: 4,
    ListingStatus.SENT_BACK: 2,
    ListingStatus.WITHDRAWN: 2,
    ListingStatus.REJECTED: 1,
    ListingStatus.PAUSED: 4,
    ListingStatus.UNCONFIRMED: 4,
    ListingStatus.CLOSED: 3,
}
WALKS: Mapping[ListingStatus, tuple[ListingStatus, ...]] = {
    ListingStatus.DRAFT: (),
    ListingStatus.WAITING: (ListingStatus.WAITING,),
    ListingStatus.SENT_BACK: (ListingStatus.WAITING, ListingStatus.SENT_BACK),
    ListingStatus.WITHDRAWN: (ListingStatus.WITHDRAWN,),
    ListingStatus.REJECTED: (ListingStatus.WAITING, ListingStatus.REJECTED),
    ListingStatus.PUBLISHED: (ListingStatus.WAITING, ListingStatus.PUBLISHED),
    ListingStatus.PAUSED: (ListingStatus.WAITING, ListingStatus.PUBLISHED, ListingStatus.PAUSED),
    ListingStatus.UNCONFIRMED: (ListingStatus.WAITING, ListingStatus.PUBLISHED, ListingStatus.UNCONFIRMED),
    ListingStatus.CLOSED: (ListingStatus.WAITING, ListingStatus.PUBLISHED, ListingStatus.CLOSED),
}
REASONS: Mapping[ListingStatus, str] = {
    ListingStatus.SENT_BACK: "Please say who can come, and give a number to ring.",
    ListingStatus.REJECTED: "This is a shop's offer. We list groups and help, not things for sale.",
    ListingStatus.PAUSED: "The hall is being mended. Back when it is dry.",
    ListingStatus.UNCONFIRMED: "Nobody confirmed it for more than a year.",
    ListingStatus.CLOSED: "The volunteers who ran it have moved on.",
}
CANCELLED = (
    "The hall is booked for a vote count.",
    "Our leader is on holiday.",
    "The heating is being mended.",
    "We are all at the summer fair.",
)
EDITOR_NAME = "An editor"


def lots_of_the_borough() -> Random:
    """Chance that falls the same way every time."""
    return Random(SEED)  # noqa: S311 - an example borough must be the same everywhere; nothing secret hangs on it


def example_id(kind: str, key: str) -> UUID:
    """The id of an example by its key in the content files; `kind` is group, activity or venue."""
    return uuid5(NAMESPACE_URL, f"golden-thread/example/{kind}/{key}")


def is_loaded(session: Session) -> bool:
    """Whether the directory holds anything."""
    return session.scalar(select(Organization.id).limit(1)) is not None


def load(session: Session, say: Callable[[str], None]) -> None:
    """Make groups, activities, their places, times, histories and waiting changes."""
    borough = read_borough()
    made = _Maker(session, borough).make()
    session.flush()
    changes = make_changes(session, list(made.values()), lots_of_the_borough())
    _make_people(session)
    say(
        f"Directory: {len(borough.groups)} example groups with {len(made)} activities"
        f" at {len(borough.venues)} venues, and {changes} changes of listings."
    )


def _make_people(session: Session) -> None:
    """Whoever keeps the directory: a member of one group, and an editor."""
    member = Membership(Role.GROUP_MEMBER, organization_id=example_id("group", SHOWN_GROUP))
    for name, email, membership, persona in (
        ("Shabana Malik", "shabana@openlarderbury.example", member, "group"),
        ("Ruth Entwistle", "ruth@goldenthread.example", Membership(Role.EDITOR), "editor"),
    ):
        create_account(session, SYSTEM, name, email, [membership], persona=persona)


@dataclass
class _Maker:
    """Makes rows out of the content, in the content's order, so that every load draws the same lots."""

    session: Session
    borough: Borough

    def __post_init__(self) -> None:
        self.lots = lots_of_the_borough()
        self.today = clock.today()
        self.events: list[StatusEvent] = []
        self.access = vocabulary(self.session, ACCESS)
        self.wards = {
            place_key(name): code for name, code in self.session.execute(select(Ward.name, Ward.code))
        }
        self.middles = {
            code: (lat, lon)
            for code, lat, lon in self.session.execute(select(Sector.code, Sector.lat, Sector.lon))
        }

    def make(self) -> dict[str, Service]:
        venues = {venue.key: self._venue(venue) for venue in self.borough.venues}
        statuses = self._statuses()
        made: dict[str, Service] = {}
        with self.session.no_autoflush:
            for group in self.borough.groups:
                organization = self._group(group)
                for activity in group.activities:
                    service = self._activity(organization, activity, venues, statuses[activity.key])
                    made[activity.key] = service
        self.session.flush()
        self.session.add_all(self.events)
        self._cancel_some([made[key] for key in made if statuses[key] is ListingStatus.PUBLISHED])
        return made

    def _statuses(self) -> dict[str, ListingStatus]:
        """Which listing is in which state. The shown group's are all published."""
        keys = [one.key for group in self.borough.groups for one in group.activities]
        shown = {
            one.key for group in self.borough.groups if group.key == SHOWN_GROUP for one in group.activities
        }
        drawn = self.lots.sample([key for key in keys if key not in shown], sum(REST.values()))
        rest = [status for status, count in REST.items() for _ in range(count)]
        return dict.fromkeys(keys, ListingStatus.PUBLISHED) | dict(zip(drawn, rest, strict=True))

    def _venue(self, venue: Venue) -> Location:
        lat, lon = self.middles[venue.sector]
        place = Location(
            id=example_id("venue", venue.key),
            name=venue.name,
            address_1=venue.address_1,
            city=venue.town,
            postal_code=venue.sector,
            latitude=round(lat + self.lots.uniform(-SPREAD, SPREAD), 5),
            longitude=round(lon + self.lots.uniform(-SPREAD, SPREAD) * 1.6, 5),
            ward_code=self.wards[place_key(venue.ward)],
            getting_there=venue.getting_there,
            attributes=self._attributes(venue.access),
        )
        self.session.add(place)
        return place

    def _attributes(self, slugs: tuple[str, ...]) -> list[Attribute]:
        terms: list[TaxonomyTerm] = [self.access[slug] for slug in slugs]
        return [Attribute(term=term) for term in terms]

    def _group(self, group: Group) -> Organization:
        organization = Organization(
            id=example_id("group", group.key),
            name=group.name,
            kind=group.kind,
            summary=group.summary,
            description=group.description,
            email=group.email,
            website=group.website,
            ward_code=self.wards[place_key(group.ward)],
            is_example=True,
            contacts=[Contact(name=group.contact_name, title=group.contact_role)],
            phones=[Phone(number=checks.read_phone(group.phone).dial)],
        )
        self.session.add(organization)
        return organization

    def _activity(
        self,
        organization: Organization,
        activity: Activity,
        venues: Mapping[str, Location],
        status: ListingStatus,
    ) -> Service:
        service = Service(
            id=example_id("activity", activity.key),
            organization=organization,
            status=status,
            name=activity.name,
            join_mode=activity.join,
            delivery=activity.mode,
            capacity=activity.capacity,
            accepting_referrals=self.lots.random() < 0.93 or activity.capacity is not None,
            is_example=True,
        )
        self.session.add(service)
        place = venues[activity.venue] if activity.venue else None
        if place is not None:
            service.places = [ServiceAtLocation(location=place)]
        began = self.today - timedelta(days=BEGAN + self.lots.randrange(14))
        at_place = tuple(one.term.slug for one in place.attributes) if place else ()
        apply_content(
            self.session,
            service,
            {
                "summary": activity.summary,
                "description": activity.description.strip(),
                "needs": activity.needs,
                "audience": activity.audience,
                "access": (*at_place, *activity.access),
                "languages": activity.languages,
                "minimum_age": activity.minimum_age,
                "maximum_age": activity.maximum_age,
                "costs": [{"label": label, "pence": pence} for label, pence in activity.costs],
                "schedules": [rule_as_json(timing.rule(began)) for timing in activity.timings],
                "notice": activity.notice,
                **activity.first_visit,
            },
        )
        self._history(service, organization)
        return service

    def _history(self, service: Service, organization: Organization) -> None:
        """How the listing came to its state, and when its group last said that it is right."""
        lots, status = self.lots, service.status
        member = organization.contacts[0].name
        earlier: ListingStatus | None = None
        old = status in {
            ListingStatus.PUBLISHED,
            ListingStatus.PAUSED,
            ListingStatus.UNCONFIRMED,
            ListingStatus.CLOSED,
        }
        at = self._moment(lots.randrange(370, 400) if old else lots.randrange(3, 30))
        service.created_at = at
        for later in (ListingStatus.DRAFT, *WALKS[status]):
            if later is ListingStatus.UNCONFIRMED:
                at = self._moment(lots.randrange(1, 4))
            elif later in {ListingStatus.PAUSED, ListingStatus.CLOSED}:
                at = self._moment(lots.randrange(5, 40))
            reason = REASONS.get(later)
            self.events.append(
                StatusEvent(service_id=service.id, at=at, from_status=earlier, to_status=later, reason=reason)
            )
            earlier = later
            at += timedelta(hours=lots.randrange(5, 30))
        if status is ListingStatus.UNCONFIRMED:
            service.confirmed_at = self._moment(lots.randrange(366, 372))
        elif old:
            # Most groups look at their listing every few months; some let it wait for nearly a year.
            days = lots.randrange(2, 120) if lots.random() < 0.7 else lots.randrange(120, 360)
            service.confirmed_at = self._moment(days)
        if service.confirmed_at:
            service.confirmed_by = f"{member} at {organization.name}"

    def _cancel_some(self, published: list[Service]) -> None:
        """A few sessions of the coming weeks are off, with a reason."""
        for number, service in enumerate(self.lots.sample(published, 9)):
            rules = [one.rule for one in service.schedules]
            coming = next_occurrence(rules, [], clock.now())
            if coming is not None:
                note = CANCELLED[number % len(CANCELLED)]
                service.exceptions = [ScheduleException(on=coming.start.date(), note=note)]

    def _moment(self, days_ago: int) -> datetime:
        day: date = self.today - timedelta(days=days_ago)
        return datetime.combine(day, time(9 + self.lots.randrange(8), self.lots.randrange(60)), clock.LONDON)
