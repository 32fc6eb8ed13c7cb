"""What the person's own side decides: how long an unfinished request is kept, who may come in online. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from core.errors import Conflict, Invalid
from prescribing.episodes.rules import IN_TOUCH, EpisodeState
from prescribing.people.consent import SHUT_WORDS, ConsentPurpose
from prescribing.people.rules import is_child, is_under_18, suits_age
from prescribing.referrals.rules import REFERRAL_OPEN, DeclineReason, ReferralState

# Long enough to find a quiet hour, short enough that nobody's troubles lie about.
DRAFT_LIFE = timedelta(days=14)
# For how long a browser goes on with a form that was opened again: it may be a library's.
GOING_ON = timedelta(hours=1)
# For how long the page with the code can be looked at again in the same browser.
CODE_SHOWN = timedelta(minutes=10)


def is_kept(expires_at: datetime, now: datetime) -> bool:
    """Whether an unfinished request can still be opened."""
    return now < expires_at


def is_recent(at: str, within: timedelta, now: datetime) -> bool:
    """Whether the moment that a cookie names, as ISO text, is no longer ago than `within`; a broken one is not."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return False
    return moment.tzinfo is not None and now - moment <= within


def is_worth_keeping(values: Mapping[str, object]) -> bool:
    """Whether anything was typed or ticked; who it is for is chosen from the start."""
    return any(value for name, value in values.items() if name != "who")


def as_text(values: Mapping[str, object]) -> str:
    """What was typed, as JSON text."""
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True)


def as_values(text: str, known: frozenset[str]) -> dict[str, Any]:
    """Undo `as_text`, leaving out boxes that the form does not have any more."""
    held: dict[str, Any] = json.loads(text)
    return {name: value for name, value in held.items() if name in known}


class Voice(StrEnum):
    """Who speaks in a message."""

    PERSON = "person"
    TEAM = "team"
    # Whoever acts for the person.
    PROXY = "proxy"
    # What the person changed by themself, told to their team.
    CHANGE = "change"


class Verdict(StrEnum):
    """What the person says of something that they were referred to."""

    HELPS = "helps"
    NOT_FOR_ME = "not-for-me"


class HelpKind(StrEnum):
    """How somebody who was helped helps others."""

    SKILL = "skill"
    BUDDY = "buddy"
    VOLUNTEER = "volunteer"


HELP_WORDS: Mapping[HelpKind, str] = MappingProxyType(
    {
        HelpKind.SKILL: "Share something I am good at",
        HelpKind.BUDDY: "Go along with somebody on their first visit",
        HelpKind.VOLUNTEER: "Help out at a group",
    }
)

# What has happened once they took it back, said to themself.
TAKEN_BACK_WORDS: Mapping[ConsentPurpose, str] = MappingProxyType(
    {
        ConsentPurpose.SUPPORT: "Your support has stopped. You can ask again at any time.",
        ConsentPurpose.SHARE_OFFER: SHUT_WORDS,
        ConsentPurpose.SHARE_ACCEPTED: SHUT_WORDS,
        ConsentPurpose.FEEDBACK_TO_REFERRER: "Taken back. They hear nothing more about you.",
        ConsentPurpose.HELP_GROUP: "Taken back. You are off their list of helpers.",
    }
)
# The same, said to a group.
FOR_GROUP_WORDS: Mapping[HelpKind, str] = MappingProxyType(
    {
        HelpKind.SKILL: "Would share something they are good at",
        HelpKind.BUDDY: "Would go along with somebody on their first visit",
        HelpKind.VOLUNTEER: "Would help out",
    }
)


class HelpNo(StrEnum):
    """Why a group does not take somebody in who would like to help."""

    ENOUGH = "enough-helpers"
    NOT_NEEDED = "not-needed"
    NOT_READY = "not-ready"
    NOT_RUNNING = "not-running"


HELP_NO_WORDS: Mapping[HelpNo, str] = MappingProxyType(
    {
        HelpNo.ENOUGH: "we have enough helpers just now",
        HelpNo.NOT_NEEDED: "it is not what we need",
        HelpNo.NOT_READY: "we cannot take on helpers yet",
        HelpNo.NOT_RUNNING: "we do not run this any more",
    }
)
# What a group hears of its own answer.
HELP_ANSWER_SAID: Mapping[bool, str] = MappingProxyType(
    {
        True: "Thank you. You said yes.",
        False: "Thank you for telling us. Their link worker lets them know.",
    }
)


def check_help_answer(said_yes: bool | None, *, yes: bool, why: HelpNo | None) -> None:
    """Whether a group may answer so, which said `said_yes` before: a first no says why; one that ends what was agreed
    need not. Raises `Invalid`, and `Conflict` where somebody else of the group took them in meanwhile."""
    if yes:
        return
    if said_yes is None and why is None:
        raise Invalid("Open the page again, then press why not.", "why")
    if said_yes and why is not None:
        raise Conflict("Somebody else has answered this while you had it open. The answer was yes.", {}, {})


def help_news(said_yes: bool | None, *, yes: bool, why: HelpNo | None) -> str:
    """What a link worker hears of a group's answer, which said `said_yes` before; empty where nothing is new. `{name}`
    is the activity."""
    if yes:
        return "" if said_yes else "{name} said yes to their offer of help. Tell them that it gets in touch."
    if said_yes:
        return "{name} says that they help there no more. Ask them how it was."
    because = f": “{HELP_NO_WORDS[why]}”" if why else ""
    return f"{{name}} said no to their offer of help{because}. Tell them, and see where else."


# Whoever is younger has no way in of their own. Source: UK GDPR, Article 8 as the Data Protection Act 2018 sets it.
YOUNGEST_ONLINE = 13


def online_problem(years: int | None, *, flagged_for_safety: bool, understands: bool) -> str:
    """Why somebody may not see their own record online, in words for their team; empty where they may.

    `understands` says that the team decided with a young person under 16 that they understand what it means. An age
    that is not known does not stand in the way: the team has met them.
    """
    if flagged_for_safety:
        return "This record is flagged for safety. It never shows online, even to the person."
    if years is not None and years < YOUNGEST_ONLINE:
        return "Under 13s have no way in of their own. Talk with them and whoever looks after them."
    if years is not None and is_child(years) and not understands:
        return "They are under 16. Say that you talked about it and that they understand what it means."
    return ""


class Joining(StrEnum):
    """What comes of somebody's own wish to join an activity."""

    SEND = "send"
    # Their link worker looks at it with them first.
    LOOK_FIRST = "look-first"
    NO_SUPPORT = "no-support"
    NO = "no"


# Groups that somebody asked by themself and that have not answered: who asks more at once is asking for help to choose,
# and nobody can write to every group there is from one account.
MOST_ASKED = 5
LOOK_FIRST_WORDS = "Your link worker looks at this with you first."
# After these no's of a group somebody thinks about it before it is asked again.
_THINK_FIRST = frozenset({DeclineReason.UNSAFE, DeclineReason.INELIGIBLE, DeclineReason.NOT_SUITABLE})


@dataclass(frozen=True)
class Wish:
    """What decides whether somebody may ask to join an activity by themself. `state` is that of their support, None
    where none is open; `years` their age; `ages` the activity's, both ends included; `before` and `said_no` what
    became of it when they were last referred there; `asked` how many groups have not answered what they asked."""

    state: EpisodeState | None
    has_need: bool
    years: int | None
    has_risk: bool
    takes_people: bool
    ages: tuple[int | None, int | None]
    before: ReferralState | None = None
    said_no: DeclineReason | None = None
    asked: int = 0


def joining(wish: Wish) -> tuple[Joining, str]:
    """What comes of a wish, and why in words for the person; no words where it can be sent.

    Whatever a worker must weigh is not named: that a risk is written down stays between them and their team.
    """
    if wish.state is None:
        return Joining.NO_SUPPORT, ""
    if not wish.takes_people:
        return Joining.NO, "They are not taking anybody new just now. Choose something else."
    if wish.before in REFERRAL_OPEN:
        return Joining.NO, "It is on your plan already. You need not ask again."
    if not suits_age(wish.years, *wish.ages):
        return Joining.NO, "It is for people of another age. Choose something else."
    if wish.years is not None and is_under_18(wish.years):
        return Joining.LOOK_FIRST, f"You are under 18. {LOOK_FIRST_WORDS}"
    if wish.state is EpisodeState.PAUSED:
        return Joining.LOOK_FIRST, f"Your support is paused. {LOOK_FIRST_WORDS}"
    if wish.state not in IN_TOUCH:
        return Joining.LOOK_FIRST, f"We have not talked with you yet. {LOOK_FIRST_WORDS}"
    if wish.years is None and wish.ages != (None, None):
        return Joining.LOOK_FIRST, f"It is for some ages only, and we do not know yours. {LOOK_FIRST_WORDS}"
    if wish.asked >= MOST_ASKED:
        return (
            Joining.LOOK_FIRST,
            f"{MOST_ASKED} groups that you asked have not answered yet. {LOOK_FIRST_WORDS}",
        )
    if wish.has_risk or wish.said_no in _THINK_FIRST or not wish.has_need:
        return Joining.LOOK_FIRST, LOOK_FIRST_WORDS
    return Joining.SEND, ""


# Whoever rests for longer is better served by stopping, and asking again.
LONGEST_PAUSE = timedelta(days=183)


def check_pause(until: date, today: date) -> date:
    """The day itself. Raises `Invalid` for a day that is past, or too far off."""
    if until <= today:
        raise Invalid("Choose a day after today.", "until")
    if until > today + LONGEST_PAUSE:
        raise Invalid("Choose a day within the next 6 months. You can take another break then.", "until")
    return until
