"""Links by which a group checks its listings without signing in: one purpose, one mailbox, for a while."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Membership, Role
from core.accounts import throttle
from core.accounts.rules import Guess
from core.accounts.sessions import digest_of
from core.errors import NotFound
from core.inbound.rules import TOKEN_LENGTH, address_with
from core.notify.services import send_email
from core.settings import current_settings
from directory.listings.freshness_rules import Urgency, review_date, urgency
from directory.listings.models import Service
from directory.stewardship.freshness.models import CheckItem, CheckLink
from directory.stewardship.freshness.owners import Owner, listings_of
from directory.stewardship.reach import services as reach

LINK_LIFE = timedelta(days=30)
# After this an old link is not even offered a new one: the mailbox may have changed hands.
KEPT_FOR = timedelta(days=365)
# So long an answer by email keeps us from asking again: it waits to be pressed, or for an editor.
ANSWER_WAITS = timedelta(days=14)
MOST_LISTINGS = 60
TEMPLATE = "listing-check"
HIDDEN_TEMPLATE = "listing-hidden"


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that works: whoever holds it acts for these listings and no others."""

    link_id: UUID
    actor: Actor
    service_ids: tuple[UUID, ...]
    sent_at: datetime


def send_check(
    session: Session,
    owner: Owner,
    rows: Sequence[Service],
    *,
    template: str = TEMPLATE,
    then: str = "",
    **words: str | int | bool,
) -> CheckLink:
    """Email one mailbox one link to all of its listings, or to what stands at `then` below it; gives the link. `words`
    are what the template says besides."""
    settings = current_settings()
    now, token = clock.now(), secrets.token_urlsafe(32)
    # A token of its own: whoever sees where an answer goes to can answer, and open nothing.
    answer = secrets.token_hex(TOKEN_LENGTH // 2) if settings.inbound_address else None
    link = CheckLink(
        token_digest=digest_of(token),
        to_index=owner.index,
        account_id=owner.account_id,
        created_at=now,
        expires_at=now + LINK_LIFE,
        reply_digest=digest_of(answer) if answer else None,
    )
    link.to = owner.address
    link.items = [
        CheckItem(service_id=row.id, position=position, urgency=int(urgency_of(row, now)))
        for position, row in enumerate(rows[:MOST_LISTINGS])
    ]
    session.add(link)
    session.flush()
    worst = max((Urgency(item.urgency) for item in link.items), default=Urgency.FRESH)
    send_email(
        session,
        to=owner.address,
        template=template,
        context={
            "link": f"{settings.base_url}/check/{token}{then}",
            "names": [row.name for row in rows[:10]],
            "more": max(0, len(rows) - 10),
            "overdue": worst >= Urgency.OVERDUE,
            "last": worst >= Urgency.LAST,
            "until": (now + LINK_LIFE).astimezone(clock.LONDON).date(),
            "can_reply": answer is not None,
            **words,
        },
        reply_to=address_with(settings.inbound_address, answer) if answer else None,
    )
    return link


def urgency_of(row: Service, now: datetime) -> Urgency:
    """How far past its review date a listing is."""
    return urgency(review_date(row.confirmed_at, row.created_at, row.organization.kind), now)


def open_link(session: Session, token: str) -> OpenLink:
    """What the holder of the link may act for; looking changes nothing. Raises `NotFound` where it leads nowhere."""
    link = find(session, token)
    if link is None or link.expires_at <= clock.now():
        raise NotFound
    return opened(session, link)


def find(session: Session, token: str) -> CheckLink | None:
    """The link of that token, whether it still works or not; None where there never was one."""
    if not 20 <= len(token) <= 100:
        return None
    return session.scalar(select(CheckLink).where(CheckLink.token_digest == digest_of(token)))


def find_by_reply(session: Session, token: str) -> CheckLink | None:
    """The link whose email an answer with that token answers, its row held; None where there never was one."""
    return session.scalar(
        select(CheckLink).where(CheckLink.reply_digest == digest_of(token)).with_for_update()
    )


def note_answer(session: Session, link: OpenLink) -> None:
    """Whoever reads the mailbox of this link used it: email there is answered."""
    address = session.get_one(CheckLink, link.link_id).to
    if address:
        reach.note_answer(session, address)


def send_again(session: Session, token: str) -> None:
    """Send a new link to the mailbox of an old one. Raises `NotFound` where nothing is left to check, `Throttled`."""
    link = find(session, token)
    if link is None or link.to is None or link.expires_at < clock.now() - KEPT_FOR:
        raise NotFound
    throttle.count(session, Guess.SENDING, str(link.id))
    owner = Owner(link.to, link.account_id)
    rows = listings_of(session, owner)
    if not rows:
        raise NotFound
    send_check(session, owner, rows)


def forget_old(session: Session) -> None:
    """Drop links that are long past any use."""
    old = select(CheckLink.id).where(CheckLink.expires_at < clock.now() - KEPT_FOR)
    session.execute(delete(CheckItem).where(CheckItem.link_id.in_(old)))
    session.execute(delete(CheckLink).where(CheckLink.expires_at < clock.now() - KEPT_FOR))


def opened(session: Session, link: CheckLink) -> OpenLink:
    """What the holder of this link acts for. Who left a group, or whose address it no longer is, holds a link to
    nothing: raises `NotFound`."""
    still = {row.id: row for row in listings_of(session, Owner(link.to or "", link.account_id))}
    rows = [still[item.service_id] for item in link.items if item.service_id in still]
    if not rows:
        raise NotFound
    groups = {row.organization_id: row.organization.name for row in rows}
    return OpenLink(
        link_id=link.id,
        actor=Actor(
            None,
            next(iter(groups.values()))[:120],
            tuple(Membership(Role.GROUP_MEMBER, organization_id=one) for one in groups),
            kind="link",
        ),
        service_ids=tuple(row.id for row in rows),
        sent_at=link.created_at,
    )
