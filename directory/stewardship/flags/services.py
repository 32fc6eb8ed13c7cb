"""Looks at what groups send, inside the transaction in which they send it, and keeps what stands out."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import events
from directory.listings.content import content_of
from directory.listings.events import ChangeSubmitted, ListingSent
from directory.listings.models import Service
from directory.listings.moderation_models import ListingFlag
from directory.listings.queries import WHOLE
from directory.listings.rules import Content
from directory.stewardship.flags.rules import flags_of
from directory.stewardship.reach.models import WebsiteCheck


def listen() -> None:
    """Look at every change, and at every listing that is sent for approval."""
    events.subscribe(ChangeSubmitted, flag_change)
    events.subscribe(ListingSent, flag_listing)


def flag_change(session: Session, event: ChangeSubmitted) -> None:
    """Keep what stands out in one change."""
    _keep(session, event.service_id, event.change_id, event.before, event.after)


def flag_listing(session: Session, event: ListingSent) -> None:
    """Keep what stands out in a whole new listing, instead of what stood out the last time that it was sent."""
    row = session.scalars(select(Service).where(Service.id == event.service_id).options(*WHOLE)).one()
    session.execute(
        delete(ListingFlag).where(ListingFlag.service_id == row.id, ListingFlag.change_id.is_(None))
    )
    _keep(session, row.id, None, {}, content_of(row))


def _keep(
    session: Session, service_id: UUID, change_id: UUID | None, before: Content, after: Content
) -> None:
    for flag in flags_of(before, after, _dead(session, after)):
        session.add(
            ListingFlag(
                service_id=service_id,
                change_id=change_id,
                code=flag.code.value,
                field=flag.field,
                because=flag.because,
                weight=flag.weight,
            )
        )


def _dead(session: Session, after: Content) -> Collection[str]:
    """Those of the content's links that our visits found dead, twice or more."""
    link = after.get("url")
    if not link:
        return ()
    return session.scalars(
        select(WebsiteCheck.url).where(WebsiteCheck.url == link, WebsiteCheck.failures >= 2)
    ).all()
