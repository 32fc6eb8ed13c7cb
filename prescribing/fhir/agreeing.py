"""What people agreed to, as conditions of a search: for one recipient and purpose, as `people.consent` says it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from prescribing.people.consent import ConsentFacts, ConsentPurpose
from prescribing.people.models import Consent


def agrees(
    person_id: InstrumentedAttribute[UUID], recipient_id: UUID, purpose: ConsentPurpose, now: datetime
) -> ColumnElement[bool]:
    """That a person's consent for this recipient and purpose holds now: what `consent_covers` says."""
    # A name of its own, so that it may stand in a search of consents, too.
    given = aliased(Consent)
    return exists().where(
        given.person_id == person_id,
        given.recipient_id == recipient_id,
        given.purpose == purpose,
        given.given_at <= now,
        or_(given.withdrawn_at.is_(None), given.withdrawn_at > now),
        or_(given.until.is_(None), given.until > now),
    )


def facts_of(row: Consent) -> ConsentFacts:
    """A stored consent as the rules know it."""
    return ConsentFacts(row.recipient_id, row.purpose, row.given_at, row.until, row.withdrawn_at)


def turned(given: ConsentFacts, now: datetime) -> Iterator[datetime]:
    """When a consent began to hold and when it stopped, up to now."""
    yield given.given_at
    if given.withdrawn_at is not None:
        yield given.withdrawn_at
    if given.until is not None and given.until <= now:
        yield given.until


def turned_since(since: datetime, now: datetime) -> ColumnElement[bool]:
    """That a consent began to hold or stopped at that moment or later: what `turned` says."""
    return or_(
        Consent.given_at >= since,
        # Said of what is there, so that "not since" holds for what has no such moment.
        and_(Consent.withdrawn_at.is_not(None), Consent.withdrawn_at >= since),
        and_(Consent.until.is_not(None), Consent.until >= since, Consent.until <= now),
    )
