"""Sending what was promised."""

from __future__ import annotations

import smtplib
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock, events
from core.db import JsonDict, read_only
from core.jobs.registry import handler
from core.notify import transport
from core.notify.events import AddressRefused
from core.notify.models import Message, MessageState
from core.settings import current_settings


@handler("notify.send")
def send(session: Session, payload: JsonDict) -> None:
    """Send one message, unless it was sent or cancelled since.

    No transaction is open while the message travels: a slow mail server must not keep others from writing. Whoever
    dies between sending and noting it sends again, with the same id.
    """
    message_id = UUID(payload["message_id"])
    with read_only():
        waiting = session.get(Message, message_id)
        if waiting is None or waiting.state is not MessageState.QUEUED:
            return
        session.expunge(waiting)
        session.rollback()
    refused = None
    try:
        transport.deliver(current_settings(), waiting)
    except smtplib.SMTPRecipientsRefused as error:
        if not transport.is_for_good(error):
            raise
        refused = AddressRefused(waiting.to or "")
    if refused is not None:
        # Trying again would change nothing: whoever keeps the address is told instead. What they hold for it comes
        # before the message, which others take back while they hold the same.
        events.publish(session, refused)
    message = session.get_one(Message, message_id, with_for_update=True)
    if refused is not None:
        message.state = MessageState.CANCELLED
    else:
        message.state, message.sent_at = MessageState.SENT, clock.now()
    # What was written is needed no longer; that it was sent, and when, is.
    message.body, message.html, message.subject, message.to, message.reply_to = (None,) * 5
