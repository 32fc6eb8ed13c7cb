"""Taking letters in, one at a time."""

from __future__ import annotations

import logging
from enum import StrEnum

from sqlalchemy.orm import Session

from core import events
from core.inbound import rules
from core.inbound.events import LetterCame, LetterFailed
from core.settings import current_settings

log = logging.getLogger(__name__)


class Taken(StrEnum):
    """What became of a letter. One that a machine wrote is dropped: nobody waits for an answer to it."""

    KEPT = "kept"
    AUTOMATIC = "automatic"
    NOT_OURS = "not-ours"


def take(session: Session, raw: bytes) -> Taken:
    """Take one letter in, as it travels (RFC 5322). Whoever gave its token out is told.

    The log says what became of it, and nothing of what it holds or who sent it.
    """
    settings = current_settings()
    letter = rules.read_letter(raw, settings.inbound_address) if settings.inbound_address else None
    if letter is None:
        taken = Taken.NOT_OURS
    elif letter.is_automatic:
        taken = Taken.AUTOMATIC
    else:
        taken = Taken.KEPT
        events.publish(session, LetterCame(letter))
    log.info("letter came in", extra={"became": taken.value})
    return taken


def give_up(session: Session) -> None:
    """Say that a letter can never be taken in. Whoever sent it gets it back from the mail server."""
    events.publish(session, LetterFailed())
    log.info("letter came in", extra={"became": "given back"})
