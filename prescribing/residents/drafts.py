"""Keeping a request that is not finished, and opening it again by a code or by a link."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.accounts import throttle
from core.accounts.rules import Guess, digits_of
from core.accounts.sessions import digest_of
from core.audit import services as audit
from core.db import blind_index
from core.errors import Invalid, NotFound, Throttled
from core.notify import services as notify
from core.notify.rules import PLAIN
from core.references.drawing import free_reference
from core.references.rules import parse_reference
from core.settings import current_settings
from prescribing.people import notices
from prescribing.people.notices import Notice
from prescribing.people.safe_contact import Channel, SafeContact, message_way
from prescribing.residents import rules
from prescribing.residents.models import AskDraft

_WRONG = (
    "That reference and code do not open a saved form. Check each letter and number. It may also be too old,"
    " or sent already."
)


@dataclass(frozen=True)
class Kept:
    """An unfinished request, as its owner is told of it this once: how to open it again, and until when.

    `way` is how a link was sent as well, None where none was.
    """

    id: UUID
    reference: str
    code: str
    way: Channel | None
    until: datetime


def keep(
    session: Session,
    actor: Actor,
    values: Mapping[str, object],
    *,
    draft_id: UUID | None = None,
    contact: SafeContact | None = None,
    mobile: str = "",
) -> Kept:
    """Keep what was typed, anew or in place of `draft_id`, under a new code. A link goes to `contact` where a message
    is safe there. Raises `Invalid` where nothing was typed."""
    if not rules.is_worth_keeping(values):
        raise Invalid("There is nothing to save yet. Write something first.")
    draft = _live(session, draft_id) if draft_id is not None else None
    code = f"{secrets.randbelow(1_000_000):06}"
    if draft is None:
        draft = AskDraft(
            reference=free_reference(session, AskDraft.reference), code_digest="", expires_at=clock.now()
        )
        session.add(draft)
    draft.content = rules.as_text(values)
    draft.code_digest = _code_digest(draft.id, code)
    draft.expires_at = clock.now() + rules.DRAFT_LIFE
    way = _send_link(session, draft, contact, mobile) if contact is not None else None
    session.flush()
    audit.record(session, actor, "ask.save", "ask_draft", draft.id, link=way)
    return Kept(draft.id, draft.reference, code, way, draft.expires_at)


def open_by_code(session: Session, reference: str, code: str, address: str) -> UUID:
    """The unfinished request of that reference and code; commit also where it fails, so that tries count.

    Raises `Invalid` where they do not fit, `Throttled` after too many tries.
    """
    throttle.count(session, Guess.ADDRESS, address)
    known = parse_reference(reference)
    throttle.count(session, Guess.CODE, f"ask draft {known}")
    draft = session.scalar(select(AskDraft).where(AskDraft.reference == known))
    given = _code_digest(draft.id, digits_of(code)) if draft is not None else ""
    if (
        draft is None
        or not rules.is_kept(draft.expires_at, clock.now())
        or not secrets.compare_digest(given, draft.code_digest)
    ):
        raise Invalid(_WRONG, "code")
    throttle.forgive_all(session, Guess.CODE, f"ask draft {known}")
    return draft.id


def by_link(session: Session, token: str) -> UUID:
    """The unfinished request that a link leads to. Raises `NotFound` for one that is old, sent or invented."""
    draft = session.scalar(select(AskDraft).where(AskDraft.link_digest == digest_of(token)))
    if draft is None or not rules.is_kept(draft.expires_at, clock.now()):
        raise NotFound
    return draft.id


def values_of(session: Session, draft_id: UUID, known: frozenset[str]) -> dict[str, Any] | None:
    """What was typed into an unfinished request, by the boxes of the form that are `known`; None once it is gone."""
    draft = _live(session, draft_id)
    return rules.as_values(draft.content, known) if draft is not None and draft.content else None


def forget(session: Session, actor: Actor, draft_id: UUID) -> None:
    """Delete an unfinished request: it was sent, or its owner threw it away. One that is gone stays gone."""
    gone = session.scalar(delete(AskDraft).where(AskDraft.id == draft_id).returning(AskDraft.id))
    if gone is not None:
        notify.cancel_about(session, draft_id)
        audit.record(session, actor, "ask.forget", "ask_draft", draft_id)


def forget_old(session: Session) -> None:
    """Delete what nobody came back for."""
    session.execute(delete(AskDraft).where(AskDraft.expires_at <= clock.now()))


def _live(session: Session, draft_id: UUID) -> AskDraft | None:
    draft = session.get(AskDraft, draft_id)
    return draft if draft is not None and rules.is_kept(draft.expires_at, clock.now()) else None


def _send_link(session: Session, draft: AskDraft, contact: SafeContact, mobile: str) -> Channel | None:
    way = message_way(contact, mobile=bool(mobile))
    to = mobile if way is Channel.TEXT else contact.email
    if way is None:
        return None
    settings = current_settings()
    token = secrets.token_urlsafe(24)
    words = {"link": f"{settings.base_url}/ask/return/{token}", "until": draft.expires_at}
    try:
        notices.write(session, way, to, PLAIN, Notice("ask-saved", draft.id, words), guess=Guess.SENDING)
    except (Invalid, Throttled):
        # The code on the page does as well.
        return None
    draft.link_digest = digest_of(token)
    return way


def _code_digest(draft_id: UUID, code: str) -> str:
    return blind_index("ask-draft-code", f"{draft_id}|{code}")
