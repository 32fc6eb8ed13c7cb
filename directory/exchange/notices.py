"""Telling others' programs that a listing changed: signed, tried again while they do not answer, given up in the end.

A notice holds ids only: whoever gets it asks the open API what the listing says now.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock, events, outbound
from core.access.rules import Actor, Permission
from core.audit import services as audit
from core.db import read_only
from core.errors import Invalid, NotFound, Refused
from core.jobs.services import enqueue
from core.outbound import OutboundFailed
from core.settings import current_settings
from directory.exchange.feed_rules import DeliveryState, next_try, signature
from directory.exchange.models import Webhook, WebhookDelivery
from directory.listings.events import ListingChanged, ListingClosed

NOTIFY = "exchange.notify"
CHANGED, CLOSED = "listing.changed", "listing.closed"
MOST = 50
SHOWN = 20
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """One notice, as whoever keeps the addresses sees it."""

    id: UUID
    event: str
    state: DeliveryState
    attempts: int
    answer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class WebhookLine:
    """An address that is told, with its last notices; `waiting` and `given_up` count all of them."""

    id: UUID
    name: str
    address: str
    stopped: bool
    waiting: int
    given_up: int
    last: tuple[NoticeLine, ...]


def listen() -> None:
    """Hear of changes."""
    events.subscribe(ListingChanged, _changed)
    events.subscribe(ListingClosed, _closed)


def subscribe(session: Session, actor: Actor, name: str, address: str) -> str:
    """A new address to tell; gives the secret that signs what is sent, which is shown this once. Raises `Invalid`."""
    actor.must(Permission.MANAGE_API_KEYS)
    try:
        outbound.check_url(address)
    except OutboundFailed as error:
        raise Invalid(error.message, "address") from None
    if (session.scalar(select(func.count()).where(Webhook.stopped_at.is_(None))) or 0) >= MOST:
        raise Invalid(f"There are {MOST} addresses already. Stop one that nobody needs.", "address")
    row = Webhook(name=name, address=address, created_by_id=actor.account_id)
    secret = f"whs_{secrets.token_urlsafe(32)}"
    row.secret = secret
    session.add(row)
    session.flush()
    audit.record(session, actor, "webhook.add", "webhook", row.id)
    return secret


def stop(session: Session, actor: Actor, webhook_id: UUID) -> None:
    """Tell an address no more, and forget its secret. Doing it twice changes nothing. Raises `NotFound`."""
    actor.must(Permission.MANAGE_API_KEYS)
    row = session.get(Webhook, webhook_id)
    if row is None:
        raise NotFound
    if row.stopped_at is None:
        row.stopped_at, row.secret = clock.now(), None
        audit.record(session, actor, "webhook.stop", "webhook", row.id)


def again(session: Session, actor: Actor, delivery_id: UUID) -> None:
    """Try a notice again that was given up. Raises `NotFound`, and `Refused` for any other."""
    actor.must(Permission.MANAGE_API_KEYS)
    row = session.get(WebhookDelivery, delivery_id)
    if row is None:
        raise NotFound
    if row.state is not DeliveryState.GIVEN_UP:
        raise Refused("Only a notice that was given up can be tried again.")
    row.state, row.attempts, row.finished_at = DeliveryState.WAITING, 0, None
    _enqueue(session, row.id, clock.now())


def lines(session: Session, actor: Actor) -> list[WebhookLine]:
    """Every address, those in use first, with its last notices."""
    actor.must(Permission.MANAGE_API_KEYS)
    rows = session.scalars(
        select(Webhook).order_by(Webhook.stopped_at.is_not(None), Webhook.created_at.desc()).limit(2 * MOST)
    ).all()
    ids = [row.id for row in rows]
    counted = session.execute(
        select(WebhookDelivery.webhook_id, WebhookDelivery.state, func.count())
        .where(WebhookDelivery.webhook_id.in_(ids))
        .group_by(WebhookDelivery.webhook_id, WebhookDelivery.state)
    )
    counts = {(one, state): count for one, state, count in counted}
    place = func.row_number().over(
        partition_by=WebhookDelivery.webhook_id,
        order_by=(WebhookDelivery.created_at.desc(), WebhookDelivery.id.desc()),
    )
    newest = (
        select(WebhookDelivery.id, place.label("place")).where(WebhookDelivery.webhook_id.in_(ids)).subquery()
    )
    shown = session.scalars(
        select(WebhookDelivery)
        .join(newest, newest.c.id == WebhookDelivery.id)
        .where(newest.c.place <= SHOWN)
        .order_by(WebhookDelivery.created_at.desc(), WebhookDelivery.id.desc())
    ).all()
    return [
        WebhookLine(
            id=row.id,
            name=row.name,
            address=row.address,
            stopped=row.stopped_at is not None,
            waiting=counts.get((row.id, DeliveryState.WAITING), 0),
            given_up=counts.get((row.id, DeliveryState.GIVEN_UP), 0),
            last=tuple(_line(one) for one in shown if one.webhook_id == row.id),
        )
        for row in rows
    ]


def deliver(session: Session, delivery_id: UUID) -> None:
    """Send one notice. The address is asked while no transaction is open."""
    with read_only():
        row = session.get(WebhookDelivery, delivery_id)
        hook = session.get(Webhook, row.webhook_id) if row is not None else None
        ready = row is not None and hook is not None and row.state is DeliveryState.WAITING
        told = _Told.of(row, hook) if ready and row is not None and hook is not None else None
        session.rollback()
    if told is None:
        return
    ok, answer = told.send()
    row = session.get_one(WebhookDelivery, delivery_id)
    row.attempts += 1
    row.last_answer = answer[:200]
    later = None if ok else next_try(row.attempts, clock.now())
    if ok:
        row.state, row.finished_at = DeliveryState.DELIVERED, clock.now()
    elif later is None or told.secret is None:
        row.state, row.finished_at = DeliveryState.GIVEN_UP, clock.now()
    else:
        _enqueue(session, row.id, later)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is sent, to where."""

    id: UUID
    address: str
    secret: str | None
    body: bytes

    @classmethod
    def of(cls, row: WebhookDelivery, hook: Webhook) -> _Told:
        settings = current_settings()
        body = {
            "id": str(row.id),
            "event": row.event,
            "at": row.created_at.astimezone(UTC).isoformat(timespec="seconds"),
            "service_id": str(row.service_id),
            "service": f"{settings.base_url}/api/hsds/v3/services/{row.service_id}",
        }
        return cls(row.id, hook.address, hook.secret, json.dumps(body, sort_keys=True).encode())

    def send(self) -> tuple[bool, str]:
        """Whether it arrived, and what was answered."""
        if self.secret is None:
            return False, "The address is told no more."
        stamp = int(clock.now().timestamp())
        headers = {
            "Webhook-Id": str(self.id),
            "Webhook-Timestamp": str(stamp),
            "Webhook-Signature": f"v1={signature(self.secret, stamp, self.body)}",
        }
        try:
            answer = outbound.post(
                self.address, self.body, content_type="application/json", headers=headers, timeout=_SECONDS
            )
        except OutboundFailed as error:
            return False, error.message
        return answer.ok, f"Answered {answer.status}."


def _changed(session: Session, event: ListingChanged) -> None:
    _note(session, event.service_id, CHANGED)


def _closed(session: Session, event: ListingClosed) -> None:
    _note(session, event.service_id, CLOSED)


def _note(session: Session, service_id: UUID, event: str) -> None:
    """Promise a notice to every address; one that waits already says enough."""
    hooks = session.scalars(select(Webhook.id).where(Webhook.stopped_at.is_(None))).all()
    if not hooks:
        return
    waiting = set(
        session.scalars(
            select(WebhookDelivery.webhook_id).where(
                WebhookDelivery.service_id == service_id,
                WebhookDelivery.event == event,
                WebhookDelivery.state == DeliveryState.WAITING,
                WebhookDelivery.attempts == 0,
            )
        )
    )
    for hook in set(hooks) - waiting:
        row = WebhookDelivery(
            webhook_id=hook, service_id=service_id, event=event, state=DeliveryState.WAITING, attempts=0
        )
        session.add(row)
        _enqueue(session, row.id, clock.now())


def _enqueue(session: Session, delivery_id: UUID, at: datetime) -> None:
    enqueue(session, NOTIFY, {"delivery_id": str(delivery_id)}, run_at=at)


def _line(row: WebhookDelivery) -> NoticeLine:
    return NoticeLine(row.id, row.event, row.state, row.attempts, row.last_answer or "", row.created_at)
