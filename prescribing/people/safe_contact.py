"""How a person may safely be reached. Pure: what nobody has asked about counts as not safe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Channel(StrEnum):
    """How a contact is made."""

    PHONE = "phone"
    TEXT = "text"
    EMAIL = "email"
    LETTER = "letter"
    VIDEO = "video"
    VISIT = "visit"
    IN_PERSON = "in-person"


CHANNEL_WORDS: Mapping[Channel, str] = MappingProxyType(
    {
        Channel.PHONE: "phone call",
        Channel.TEXT: "text message",
        Channel.EMAIL: "email",
        Channel.LETTER: "letter",
        Channel.VIDEO: "video call",
        Channel.VISIT: "home visit",
        Channel.IN_PERSON: "in person",
    }
)


class MayAnswer(StrEnum):
    """Who may be told who is calling."""

    ONLY_THE_PERSON = "only-the-person"
    NAMED_PEOPLE = "named-people"
    ANYONE = "anyone"


@dataclass(frozen=True)
class SafeContact:
    """What the person said is safe. What nobody has asked about counts as not safe.

    `times` are the person's own words; `named` the people who may answer, when some may.
    """

    phones: tuple[str, ...] = ()
    email: str = ""
    address: str = ""
    voicemail: bool = False
    texts: bool = False
    letters: bool = False
    may_answer: MayAnswer = MayAnswer.ONLY_THE_PERSON
    named: tuple[str, ...] = ()
    times: str = ""
    safety_flag: bool = False


def may_leave_voicemail(contact: SafeContact) -> bool:
    """Never on a record flagged for safety, since anybody at home may listen."""
    return bool(contact.phones) and contact.voicemail and not contact.safety_flag


def may_text(contact: SafeContact) -> bool:
    """Only when the person said yes to texts."""
    return bool(contact.phones) and contact.texts


def may_email(contact: SafeContact) -> bool:
    """An address that the person gave is a yes."""
    return bool(contact.email.strip())


def may_write_letter(contact: SafeContact) -> bool:
    """Never on a record flagged for safety, since anybody at home may open it."""
    return bool(contact.address.strip()) and contact.letters and not contact.safety_flag


def may_speak_to(contact: SafeContact, answering: str | None) -> bool:
    """Whether we may say who is calling; `answering` is the name given, None for the person themself."""
    if answering is None:
        return True
    if contact.safety_flag or contact.may_answer is MayAnswer.ONLY_THE_PERSON:
        return False
    if contact.may_answer is MayAnswer.ANYONE:
        return True
    return answering.strip().casefold() in {name.strip().casefold() for name in contact.named}


def safe_channels(contact: SafeContact) -> frozenset[Channel]:
    """The ways that are safe to try from a distance."""
    ways = {
        Channel.PHONE: bool(contact.phones),
        Channel.TEXT: may_text(contact),
        Channel.EMAIL: may_email(contact),
        Channel.LETTER: may_write_letter(contact),
    }
    return frozenset(way for way, safe in ways.items() if safe)


def message_way(contact: SafeContact, *, mobile: bool) -> Channel | None:
    """How a short message that names nothing may reach them: a text, else an email; None where somebody must ring.

    `mobile` says whether one of the numbers takes texts. Nothing is ever sent on a record flagged for safety, since
    anybody at home may read it.
    """
    if contact.safety_flag:
        return None
    if mobile and may_text(contact):
        return Channel.TEXT
    return Channel.EMAIL if may_email(contact) else None


def say_safe_contact(contact: SafeContact) -> tuple[str, ...]:
    """What to know before reaching out, in words; the warning first."""
    said = ["Flagged for safety: speak to the person only."] if contact.safety_flag else []
    if contact.phones:
        said.append(
            "You may leave a voicemail." if may_leave_voicemail(contact) else "Do not leave a voicemail."
        )
        said.append("You may send texts." if may_text(contact) else "Do not send texts.")
    said.append("You may send letters." if may_write_letter(contact) else "Do not send letters.")
    if contact.may_answer is MayAnswer.NAMED_PEOPLE and contact.named and not contact.safety_flag:
        said.append(f"You may also speak to {' or '.join(contact.named)}.")
    elif not may_speak_to(contact, ""):
        said.append("Do not tell anyone else who you are.")
    if contact.times.strip():
        said.append(f"Best times: {contact.times.strip()}")
    return tuple(said)


def may_show_online(contact: SafeContact) -> bool:
    """A record flagged for safety never shows online, even to its own person."""
    return not contact.safety_flag


def may_show_to_proxy(contact: SafeContact, *, agreed: bool) -> bool:
    """A proxy sees a record only when the person agreed to it and it carries no safety flag."""
    return agreed and not contact.safety_flag
