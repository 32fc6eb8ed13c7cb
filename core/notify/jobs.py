"""Sending what was promised."""

from __future__ import annotations

from uuid import UUID

from flask import current_app
from sqlalchemy.orm import Session

from core import clock
from core.db import JsonDict
from core.jobs.registry import handler
from core.notify import transport
from core.notify.models import Message, MessageState


@handler("notify.send")
def send(session: Session, payload: JsonDict) -> None:
    """Send one message, unless it was sent or cancelled since."""
    message = session.get(Message, UUID(payload["message_id"]), with_for_update=True)
    if message is None or message.state is not MessageState.QUEUED:
        return
    transport.deliver(current_app.extensions["settings"], message)
    message.state, message.sent_at = MessageState.SENT, clock.now()
    # What was written is needed no longer; that it was sent, and when, is.
    message.body, message.subject, message.to = None, None, None
