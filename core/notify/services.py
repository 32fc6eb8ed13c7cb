"""Writing to people: rendered at once in the manner of whoever reads it, kept encrypted, sent by the worker, cancelled
when it must not arrive."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import phonenumbers
from flask import render_template
from jinja2 import TemplateNotFound
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from core import clock
from core.errors import Invalid
from core.jobs.models import Job
from core.jobs.services import enqueue
from core.notify import translations
from core.notify.models import Channel, Message, MessageState
from core.notify.rules import PLAIN, Format, Manner, laid_out, pieces
from core.notify.tongue_rules import Tongue
from core.notify.wording_rules import MESSAGE_NAMES, Part, put_in, said_to
from core.settings import current_settings

_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\"]+")


@dataclass(frozen=True)
class _Said:
    """One part of a message. `tongue` is the language of a translator's words, none for ours."""

    words: str
    tongue: Tongue | None = None


def send_email(
    session: Session,
    *,
    to: str,
    template: str,
    context: Mapping[str, Any],
    about_id: UUID | None = None,
    part_of_id: UUID | None = None,
    manner: Manner = PLAIN,
    reply_to: str | None = None,
) -> None:
    """Promise an email. `template` names templates/email/<template>.txt, whose first line is the subject; where there
    is one in templates/email/easy, whoever reads easily gets that, and whoever reads another language what a translator
    gave for it. `reply_to` is where we read an answer.

    The words must hold nothing personal: a link leads behind the door. Raises `Invalid` for an unusable address.
    """
    address = to.strip()
    if not _ADDRESS.fullmatch(address) or len(address) > 254:
        raise Invalid("Enter an email address like name@example.com.", "email")
    ours, _, body = _render("email", template, context, manner).partition("\n")
    subject = _translated(session, template, Part.SUBJECT, context, manner) or _Said(ours.strip())
    said = _translated(session, template, Part.WORDS, context, manner)
    if said is not None:
        said = replace(said, words=f"{said.words}\n\n{current_settings().organisation_name}")
    else:
        said = _Said(body)
    parts = laid_out(said.words, manner.form)
    _promise(
        session,
        Channel.EMAIL,
        template,
        to=address,
        subject=subject.words,
        body="\n\n".join(["\n".join(part) for part in parts] + _offered(manner)) + "\n",
        html=_as_page(subject, said.tongue, parts, manner) if manner.form is not Format.PLAIN else None,
        about_id=about_id,
        part_of_id=part_of_id,
        reply_to=reply_to,
    )


def send_text(
    session: Session,
    *,
    to: str,
    template: str,
    context: Mapping[str, Any],
    about_id: UUID | None = None,
    part_of_id: UUID | None = None,
    manner: Manner = PLAIN,
) -> None:
    """Promise a text message from templates/text/<template>.txt, from templates/text/easy where there is one and they
    read easily, or from what a translator gave for it. Raises `Invalid` for an unusable number."""
    try:
        number = phonenumbers.parse(to, "GB")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Invalid("Enter a mobile number like 07700 900123.", "mobile")
    address = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    said = _translated(session, template, Part.WORDS, context, manner)
    words = said.words if said is not None else _render("text", template, context, manner).strip()
    _promise(
        session,
        Channel.TEXT,
        template,
        to=address,
        subject="",
        body="\n".join([words, *_offered(manner)]),
        html=None,
        about_id=about_id,
        part_of_id=part_of_id,
    )


def in_names(template: str, part: Part) -> str:
    """The English of a message as a translator is given it: what is put in for each reader stands as a name in curly
    brackets. A text and an email say the same: the shorter is given."""
    settings = current_settings()
    values: dict[str, Any] = {name: f"{{{name}}}" for name in MESSAGE_NAMES}
    values["settings"] = replace(settings, phone="{phone}")
    if part is Part.WORDS:
        try:
            return render_template(f"text/{template}.txt", **values).strip()
        except TemplateNotFound:
            pass
    subject, _, body = render_template(f"email/{template}.txt", **values).partition("\n")
    ended = body.strip().removesuffix(settings.organisation_name).strip()
    return subject.strip() if part is Part.SUBJECT else ended


def cancel_about(session: Session, about_id: UUID) -> int:
    """Cancel every message about `about_id` that has not left. Gives how many."""
    return _cancel(session, Message.about_id == about_id)


def cancel_part_of(session: Session, part_of_id: UUID) -> int:
    """Cancel every message that is part of what was written down so, and has not left. Gives how many."""
    return _cancel(session, Message.part_of_id == part_of_id)


def _cancel(session: Session, which: ColumnElement[bool]) -> int:
    waiting = (
        update(Message)
        .where(which, Message.state == MessageState.QUEUED)
        .values(
            state=MessageState.CANCELLED,
            to_sealed=None,
            subject_sealed=None,
            body_sealed=None,
            html_sealed=None,
            reply_to_sealed=None,
        )
        .returning(Message.id)
    )
    return len(session.scalars(waiting).all())


def sent_part_of(session: Session, part_of_id: UUID) -> bool:
    """Whether a message that is part of what was written down so has left."""
    return _is_part_of(session, part_of_id, MessageState.SENT)


def stands_part_of(session: Session, part_of_id: UUID) -> bool:
    """Whether a message that is part of what was written down so has left, or waits to."""
    return _is_part_of(session, part_of_id, MessageState.SENT, MessageState.QUEUED)


def _is_part_of(session: Session, part_of_id: UUID, *states: MessageState) -> bool:
    found = select(Message.id).where(Message.part_of_id == part_of_id, Message.state.in_(states))
    return session.scalar(found.limit(1)) is not None


def count_as_sent(session: Session, *, before: datetime) -> int:
    """Take every message promised before that moment as sent when it was promised, and send none of them: for a
    history that is written down afterwards. Gives how many."""
    old = (
        update(Message)
        .where(Message.created_at < before, Message.state == MessageState.QUEUED)
        .values(
            state=MessageState.SENT,
            sent_at=Message.created_at,
            to_sealed=None,
            subject_sealed=None,
            body_sealed=None,
            html_sealed=None,
            reply_to_sealed=None,
        )
        .returning(Message.id)
    )
    counted = len(session.scalars(old).all())
    session.execute(delete(Job).where(Job.kind == "notify.send", Job.created_at < before))
    return counted


def _render(folder: str, template: str, context: Mapping[str, Any], manner: Manner) -> str:
    """The words; an easy wording comes before the ordinary one for whoever asked for easy read."""
    easy = [f"{folder}/easy/{template}.txt"] if manner.form is Format.EASY else []
    return render_template([*easy, f"{folder}/{template}.txt"], settings=current_settings(), **context)


def _translated(
    session: Session, template: str, part: Part, context: Mapping[str, Any], manner: Manner
) -> _Said | None:
    """What a translator gave for this reader; none where our English goes out, as it does where what they gave asks for
    something that the message does not have any more."""
    tongue = manner.reads
    words = translations.given(session, tongue, template, part) if tongue is not None else None
    if words is None or tongue is None:
        return None
    values = {name: said_to(value, tongue) for name, value in context.items()} | {
        "phone": current_settings().phone
    }
    filled = put_in(words, values, from_right=tongue.from_right)
    return _Said(filled, tongue) if filled is not None else None


def _offered(manner: Manner) -> list[str]:
    """The line that offers an interpreter, in their language."""
    return [manner.language.offer(current_settings().phone)] if manner.language is not None else []


def _as_page(
    subject: _Said, tongue: Tongue | None, parts: tuple[tuple[str, ...], ...], manner: Manner
) -> str:
    """The same words as a page of an email: large, or with links that can be read out. `tongue` is that of the words,
    none for English."""
    return render_template(
        "email/layout.html",
        subject=subject,
        tongue=tongue,
        parts=[[pieces(line) for line in part] for part in parts],
        form=manner.form,
        language=manner.language,
        offered=_offered(manner),
    )


def _promise(
    session: Session,
    channel: Channel,
    template: str,
    *,
    to: str,
    subject: str,
    body: str,
    html: str | None,
    about_id: UUID | None,
    part_of_id: UUID | None,
    reply_to: str | None = None,
) -> None:
    message = Message(
        channel=channel,
        template=template,
        about_id=about_id,
        part_of_id=part_of_id,
        created_at=clock.now(),
        state=MessageState.QUEUED,
        to=to,
        subject=subject,
        body=body,
        html=html,
        reply_to=reply_to,
    )
    session.add(message)
    session.flush()
    enqueue(session, "notify.send", {"message_id": str(message.id)})
