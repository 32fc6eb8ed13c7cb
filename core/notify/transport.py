"""Where messages leave: a folder of files in the demo; by settings an SMTP server, and GOV.UK Notify for texts."""

from __future__ import annotations

import json
import smtplib
import ssl
import time
from email.message import EmailMessage
from email.utils import formatdate
from urllib.request import Request, urlopen
from uuid import UUID

import jwt

from core.errors import Unavailable
from core.notify.models import Channel, Message
from core.settings import Settings


def deliver(settings: Settings, message: Message) -> None:
    """Hand one message over.

    Raises `OSError` or `smtplib.SMTPException` when that fails, to be tried again.
    """
    if message.channel is Channel.EMAIL and settings.smtp_host:
        _by_smtp(settings, _as_email(settings, message))
    elif message.channel is Channel.TEXT and settings.notify_api_key:
        _by_notify(settings, message)
    elif settings.demo or settings.testing:
        _as_file(settings, message)
    else:
        raise Unavailable("No way to send this kind of message is set up.")


def is_for_good(error: smtplib.SMTPRecipientsRefused) -> bool:
    """Whether every recipient was refused by a permanent answer (5xx), so that trying again is of no use."""
    return bool(error.recipients) and all(500 <= code < 600 for code, _ in error.recipients.values())


def _as_email(settings: Settings, message: Message) -> EmailMessage:
    email = EmailMessage()
    email["From"] = settings.mail_from
    email["To"] = message.to
    email["Subject"] = message.subject
    email["Date"] = formatdate()
    # The same message tried twice carries the same id, so that a mailbox can drop the second.
    email["Message-ID"] = f"<{message.id}@{settings.mail_from.rpartition('@')[2]}>"
    if message.reply_to:
        email["Reply-To"] = message.reply_to
    email["Auto-Submitted"] = "auto-generated"
    email.set_content(message.body or "")
    if message.html:
        email.add_alternative(message.html, subtype="html")
    return email


def _by_smtp(settings: Settings, email: EmailMessage) -> None:
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=20) as server:
        if settings.smtp_starttls:
            server.starttls(context=ssl.create_default_context())
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        server.send_message(email)


def _by_notify(settings: Settings, message: Message) -> None:
    """GOV.UK Notify's REST interface: a key is "name-service id-secret", both ids being UUIDs."""
    service, secret = settings.notify_api_key[-73:-37], settings.notify_api_key[-36:]
    token = jwt.encode({"iss": service, "iat": int(time.time())}, secret, algorithm="HS256")
    body = {
        "phone_number": message.to,
        "template_id": settings.notify_text_template,
        "personalisation": {"words": message.body},
        # The same message tried twice carries the same reference, by which a second can be told.
        "reference": str(message.id),
    }
    request = Request(  # noqa: S310 - the operator's own setting, https outside tests
        f"{settings.notify_base_url}/v2/notifications/sms",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=20):  # noqa: S310
        pass


def _as_file(settings: Settings, message: Message) -> None:
    settings.mail_folder.mkdir(parents=True, exist_ok=True)
    identity: UUID = message.id
    suffix = "eml" if message.channel is Channel.EMAIL else "txt"
    text = (
        _as_email(settings, message).as_string()
        if message.channel is Channel.EMAIL
        else f"To: {message.to}\n\n{message.body}\n"
    )
    (settings.mail_folder / f"{identity}.{suffix}").write_text(text, encoding="utf-8")
