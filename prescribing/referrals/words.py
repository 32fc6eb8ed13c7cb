"""The words that leave with a referral: agreed with the person, and naming nobody before the group says yes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

from core.calendar.rules import say_day, say_time
from core.errors import Invalid
from prescribing.referrals.rules import SESSION_OFF, SESSION_ON, Heard, JoinMode

LONGEST = 600
_LONG_NUMBER = re.compile(r"(?:\d[\s-]?){7,}")
_EMAIL = re.compile(r"\S+@\S+\.\S+")


@dataclass(frozen=True)
class Words:
    """What the group may read, as agreed with the person. `heads_up` is for groups where people just turn up."""

    goal: str = ""
    safe_yes: str = ""
    access: str = ""
    communication: str = ""
    risk_summary: str = ""
    agreed_contact: str = ""
    heads_up: str = ""


@dataclass(frozen=True)
class Agreement:
    """What the person agreed to share: before the group answers, and once it says yes. `how` is in words."""

    how: str
    share_offer: bool
    share_accepted: bool


def name_for_group(name: str, preferred: str) -> str:
    """What an accepting group learns to call somebody: what they like to be called, else their first name."""
    return preferred.strip() or name.strip().partition(" ")[0]


def check_words(words: Words, agreed: Agreement, join_mode: JoinMode, names: Iterable[str]) -> None:
    """Raise `Invalid`, naming the field, when something is missing or says who it is. `names` are the person's."""
    if join_mode is JoinMode.TURN_UP:
        if agreed.share_accepted and not words.heads_up.strip():
            raise Invalid("Write what the group should look out for, in words they agreed.", "heads_up")
        if agreed.share_accepted:
            _check_how(agreed)
        return
    if not agreed.share_offer:
        raise Invalid("Ask them first: we can only send what they agree to.", "share_offer")
    _check_how(agreed)
    if not words.goal.strip():
        raise Invalid("Write what they hope for, in words they agreed.", "goal")
    for text, field in ((words.goal, "goal"), (words.safe_yes, "safe_yes"), (words.access, "access")):
        check_names_nobody(text, names, field)
    check_names_nobody(words.communication, names, "communication")
    if agreed.share_accepted and not words.agreed_contact.strip():
        raise Invalid("Write the one way in which the group may reach them.", "agreed_contact")


def check_names_nobody(text: str, names: Iterable[str], field: str) -> None:
    """Raise `Invalid` when a text holds one of the names, a long number or an email address."""
    said = {word.casefold() for word in re.findall(r"[^\W\d_]+", text)}
    for name in names:
        parts = [part.casefold() for part in re.findall(r"[^\W\d_]+", name) if len(part) > 2]
        if any(part in said for part in parts):
            raise Invalid("Leave their name out: the group sees this before it says yes.", field)
    if _LONG_NUMBER.search(text) or _EMAIL.search(text):
        raise Invalid(
            "Leave numbers and addresses out: the group sees this before it says yes.",
            field,
        )


def _check_how(agreed: Agreement) -> None:
    if not agreed.how.strip():
        raise Invalid("Say how they agreed: face to face, by phone or in writing.", "how")


def say_stands(stands: str, today: date) -> str:
    """When a session is now, in words, by `SessionNotice.stands`: "Tuesday 3 March, 10am"; empty where it has not
    moved."""
    if stands in {SESSION_ON, SESSION_OFF}:
        return ""
    day, _, at = stands.partition("T")
    words = say_day(date.fromisoformat(day), today)
    return f"{words}, {say_time(time.fromisoformat(at))}" if at else words


def say_told(way: Heard | None, stands: str, on: date, today: date, *, to_ring: bool = False) -> str:
    """What somebody was told of the session of the day `on`, for their link worker. `stands` is as in `SessionNotice`;
    `to_ring` says that the call is still to be made."""
    day = say_day(on, today)
    said = {
        SESSION_OFF: f"The session on {day} is off.",
        SESSION_ON: f"The session on {day} is on after all.",
    }.get(stands, f"The session on {day} has moved. It is now {say_stands(stands, today)}.")
    if way is None:
        return f"{said} They have not been told."
    if way is Heard.RING:
        return f"{said} {'Ring them.' if to_ring else 'They were rung.'}"
    return f"{said} They were told by {way}."
