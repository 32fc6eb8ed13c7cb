"""The words that leave with a referral: agreed with the person, and naming nobody before the group says yes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from types import MappingProxyType

from core.calendar.rules import say_day
from core.calendar.when_rules import When
from core.errors import Invalid
from prescribing.referrals.rules import SESSION_OFF, SESSION_ON, Heard, JoinMode, ReferralState

LONGEST = 600
_LONG_NUMBER = re.compile(r"(?:\d[\s-]?){7,}")
_EMAIL = re.compile(r"\S+@\S+\.\S+")

S = ReferralState
# What a group or a clock did, told to the link worker.
NEWS: Mapping[ReferralState, str] = MappingProxyType(
    {
        S.ACCEPTED: "{name} said yes.",
        S.WAITLISTED: "{name} put them on the waiting list.",
        S.DECLINED: "{name} said no. Look for something else.",
        S.SCHEDULED: "{name} agreed a first visit.",
        S.STARTED: "The first visit to {name} happened.",
        S.COMPLETED: "They have settled in at {name}.",
        S.EXPIRED: "{name} never answered. Look for something else, or ring them.",
        S.NEVER_STARTED: "{name} says they never came.",
        S.STOPPED: "{name} says they stopped coming.",
    }
)
# What somebody asked for by themself, until a group or a clock answers.
OWN_NEWS: Mapping[ReferralState, str] = MappingProxyType(
    {
        S.REQUESTED: "They asked to join {name} themselves.",
        S.ACCEPTED: "They chose to go to {name} themselves. People just turn up there.",
    }
)
# What came of it, told to whoever asked for the support.
DONE: Mapping[ReferralState, str] = MappingProxyType(
    {
        S.REQUESTED: "Asked {name}, waiting for its answer",
        S.ACCEPTED: "Referred to {name}, which said yes",
        S.WAITLISTED: "On the waiting list of {name}",
        S.SCHEDULED: "Referred to {name}, first visit agreed",
        S.STARTED: "Goes to {name}",
        S.COMPLETED: "Settled in at {name}",
    }
)
IN_VAIN: Mapping[ReferralState, str] = MappingProxyType(
    {
        S.DECLINED: "{name} could not help",
        S.EXPIRED: "{name} did not answer",
        S.NEVER_STARTED: "{name}: did not start",
        S.STOPPED: "{name}: stopped going",
        S.WITHDRAWN: "{name}: taken back before it started",
    }
)


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


@dataclass(frozen=True)
class Saying:
    """How whoever sends a referral is told what is missing, and why it cannot be sent. `{name}` is the activity."""

    share_offer: str
    how: str
    goal: str
    heads_up: str
    agreed_contact: str
    no_name: str
    sent_already: str
    need_closed: str
    full: str


TO_TEAM = Saying(
    share_offer="Ask them first: we can only send what they agree to.",
    how="Say how they agreed: face to face, by phone or in writing.",
    goal="Write what they hope for, in words they agreed.",
    heads_up="Write what the group should look out for, in words they agreed.",
    agreed_contact="Write the one way in which the group may reach them.",
    no_name="Leave their name out: the group sees this before it says yes.",
    sent_already="They have been referred to {name} already.",
    need_closed="This need is closed. Add it again if it has come back.",
    full="{name} is full. Tick the box if they want to go on the waiting list.",
)
# The same, to somebody who asks for themself.
TO_PERSON = Saying(
    share_offer="Tick the box if you agree: we can only send what you agree to.",
    how="Say how you agreed.",
    goal="Write what you hope for.",
    heads_up="Write what they should look out for.",
    agreed_contact="Write one way in which they may reach you.",
    no_name="Leave your name out: the group sees this before it says yes.",
    sent_already="You have asked {name} already.",
    need_closed="Choose what it is for.",
    full="{name} is full. Tick the box if you want to go on the waiting list.",
)


def name_for_group(name: str, preferred: str) -> str:
    """What an accepting group learns to call somebody: what they like to be called, else their first name."""
    return preferred.strip() or name.strip().partition(" ")[0]


def check_words(
    words: Words, agreed: Agreement, join_mode: JoinMode, names: Iterable[str], say: Saying = TO_TEAM
) -> None:
    """Raise `Invalid`, naming the field, when something is missing or says who it is. `names` are the person's."""
    if join_mode is JoinMode.TURN_UP:
        if agreed.share_accepted and not words.heads_up.strip():
            raise Invalid(say.heads_up, "heads_up")
        if agreed.share_accepted:
            _check_how(agreed, say)
        return
    if not agreed.share_offer:
        raise Invalid(say.share_offer, "share_offer")
    _check_how(agreed, say)
    if not words.goal.strip():
        raise Invalid(say.goal, "goal")
    for text, field in ((words.goal, "goal"), (words.safe_yes, "safe_yes"), (words.access, "access")):
        check_names_nobody(text, names, field, say)
    check_names_nobody(words.communication, names, "communication", say)
    if agreed.share_accepted and not words.agreed_contact.strip():
        raise Invalid(say.agreed_contact, "agreed_contact")


def check_names_nobody(text: str, names: Iterable[str], field: str, say: Saying = TO_TEAM) -> None:
    """Raise `Invalid` when a text holds one of the names, a long number or an email address."""
    said = {word.casefold() for word in re.findall(r"[^\W\d_]+", text)}
    for name in names:
        parts = [part.casefold() for part in re.findall(r"[^\W\d_]+", name) if len(part) > 2]
        if any(part in said for part in parts):
            raise Invalid(say.no_name, field)
    if _LONG_NUMBER.search(text) or _EMAIL.search(text):
        raise Invalid(
            "Leave numbers and addresses out: the group sees this before it says yes.",
            field,
        )


def names_nobody(text: str, names: Iterable[str]) -> bool:
    """Whether a text holds none of these names, no long number and no email address."""
    try:
        check_names_nobody(text, names, "")
    except Invalid:
        return False
    return True


def _check_how(agreed: Agreement, say: Saying) -> None:
    if not agreed.how.strip():
        raise Invalid(say.how, "how")


def say_stands(stands: str, today: date) -> str:
    """When a session is now, in words, by `SessionNotice.stands`: "Tuesday 3 March, 10am"; empty where it has not
    moved."""
    return str(when_stands(stands, today) or "")


def when_stands(stands: str, today: date) -> When | None:
    """The same, for whoever reads it in another language."""
    if stands in {SESSION_ON, SESSION_OFF}:
        return None
    day, _, at = stands.partition("T")
    return When(date.fromisoformat(day), time.fromisoformat(at) if at else None, today=today)


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
