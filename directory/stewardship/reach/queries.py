"""Reading whether groups can be reached: the lines that say whether to trust a listing, and what to visit next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.accounts.rules import same_email
from core.calendar.rules import london_day, say_day
from core.db import blind_index
from core.errors import NotFound
from directory.listings import summaries
from directory.listings.models import Organization, Service, Source
from directory.listings.rules import HAS_PUBLIC_PAGE, IN_SEARCH
from directory.stewardship.reach import rules
from directory.stewardship.reach.models import AnsweringAddress, RefusedAddress, WebsiteCheck

REFUSED_COUNTS_FOR = timedelta(days=180)
ANSWER_COUNTS_FOR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether to trust a listing, in lines: who checked it and when, then where it is from and what answers."""

    checked: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """A web address to ask. `headers` make the question conditional."""

    check_id: UUID
    url: str
    host: str
    headers: dict[str, str]
    robots: str | None


def trust(session: Session, service_id: UUID) -> Trust:
    """What the public page says of a listing's freshness. Raises `NotFound`."""
    found = session.execute(
        select(Service, Organization, Source)
        .join(Organization, Organization.id == Service.organization_id)
        .outerjoin(Source, Source.id == Service.source_id)
        .where(Service.id == service_id, Service.status.in_(HAS_PUBLIC_PAGE))
    ).one_or_none()
    if found is None:
        raise NotFound
    service, group, source = found
    today = clock.today()
    lines = []
    if source is not None:
        taken = (
            f", taken over on {say_day(london_day(source.imported_at), today)}" if source.imported_at else ""
        )
        lines.append(f"From {source.name}{taken}.")
    url, email = service.url or group.website, service.email or group.email
    check = session.scalar(select(WebsiteCheck).where(WebsiteCheck.url == url)) if url else None
    if check is not None and check.checked_at is not None:
        lines += _website(check, clock.now())
    if email:
        lines += _email(session, email, clock.now())
    return Trust(
        checked=summaries.confirmed_in_words(service.confirmed_at, service.confirmed_by, today),
        lines=tuple(lines),
    )


def is_refused(session: Session, email: str) -> bool:
    """Whether the server of this address said lately that nobody reads it."""
    found = session.scalar(
        select(RefusedAddress.at).where(RefusedAddress.address_index == refused_index(email))
    )
    return found is not None and found > clock.now() - REFUSED_COUNTS_FOR


def refused_index(email: str) -> str:
    """The blind index by which an address that comes back is found."""
    return blind_index("refused-address", same_email(email))


def answering_index(email: str) -> str:
    """The blind index by which an address that is read is found."""
    return blind_index("answering-address", same_email(email))


def websites(session: Session) -> Iterator[str]:
    """Every web address that a public listing or its group gives; made-up examples are left out."""
    public = Service.status.in_(IN_SEARCH), Service.is_example.is_(False)
    own = select(Service.url).where(*public, Service.url.is_not(None))
    groups = (
        select(Organization.website)
        .join(Service, Service.organization_id == Organization.id)
        .where(*public, Organization.website.is_not(None))
    )
    found = {*session.scalars(own), *session.scalars(groups)}
    yield from sorted(url for url in found if url)


def users_of(session: Session, url: str) -> Sequence[tuple[UUID | None, UUID]]:
    """Who gives this web address: (listing, its group), or (None, group) where the group itself does."""
    listings = session.execute(
        select(Service.id, Service.organization_id).where(Service.url == url, Service.status.in_(IN_SEARCH))
    ).all()
    groups = session.scalars(select(Organization.id).where(Organization.website == url)).all()
    return [*((one.id, one.organization_id) for one in listings), *((None, one) for one in groups)]


def due(session: Session, now: datetime, most: int) -> list[WebsiteCheck]:
    """Addresses to ask now, the longest waiting first."""
    return list(
        session.scalars(
            select(WebsiteCheck)
            .where(WebsiteCheck.next_at <= now)
            .order_by(WebsiteCheck.next_at, WebsiteCheck.id)
            .limit(most)
        )
    )


def _email(session: Session, email: str, now: datetime) -> list[str]:
    if is_refused(session, email):
        return ["Emails to the address here come back. Ring instead, if there is a number."]
    at = session.scalar(
        select(AnsweringAddress.at).where(AnsweringAddress.address_index == answering_index(email))
    )
    if at is None or at <= now - ANSWER_COUNTS_FOR:
        return []
    return [f"An email to the address here was answered on {say_day(london_day(at), london_day(now))}."]


def _website(check: WebsiteCheck, now: datetime) -> list[str]:
    day = say_day(london_day(check.checked_at or now), london_day(now))
    if check.forbidden:
        return []
    if check.failing_since is None:
        return [f"Its website answered on {day}."]
    if rules.is_dead(check.failing_since, check.failures, now):
        return [f"Its website did not answer on {day}."]
    return []
