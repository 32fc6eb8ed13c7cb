"""Who must prove what to come in, how guessing is slowed down, and which passwords will do."""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import phonenumbers
import pyotp
from zxcvbn import zxcvbn

from core.access.rules import STAFF, Role

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 128
# How many words somebody chooses who signs in by a link and has no second way for a code.
OWN_WORDS = 3
# What zxcvbn calls "safely unguessable" when the guesser has our database.
LEAST_STRENGTH = 3
# zxcvbn's time grows with the square of the length; what comes after is only better.
_STRENGTH_OF = 60

TOTP_SECONDS = 30
CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
RECOVERY_CODES = 10

PENDING_LIFE = timedelta(minutes=15)
INVITATION_LIFE = timedelta(days=7)
RESET_LIFE = timedelta(hours=1)


class SecondFactor(StrEnum):
    """What proves, after the password, that it is you."""

    APP = "app"
    CODE = "code"


def second_factor_of(roles: Iterable[Role]) -> SecondFactor:
    """Staff use an authenticator app; groups and residents a code in a text, or one that is read out to them."""
    return SecondFactor.CODE if STAFF.isdisjoint(roles) else SecondFactor.APP


class FirstStep(StrEnum):
    """What somebody showed first: a password that they typed, or a link. The second step must not come the same way."""

    TYPED = "typed"
    EMAILED_LINK = "emailed-link"
    TEXTED_LINK = "texted-link"


class CodeWay(StrEnum):
    """How a code for the second step reaches them by itself; otherwise somebody reads one out."""

    TEXT = "text"
    EMAIL = "email"


def code_way(first: FirstStep, *, mobile: bool, email: bool) -> CodeWay | None:
    """How the code goes to whoever has these: by email after a texted link, else by text. None where that is missing,
    since a code that comes the way the link came proves nothing more."""
    if first is FirstStep.TEXTED_LINK:
        return CodeWay.EMAIL if email else None
    return CodeWay.TEXT if mobile else None


def takes_own_words(first: FirstStep) -> bool:
    """Whether words that only they know may stand for the code: after a link, which shows what they have. A password
    is something that they know already."""
    return first is not FirstStep.TYPED


# --- guessing -----------------------------------------------------------------------------------------------


class Guess(StrEnum):
    """What somebody may be trying too often, each counted on its own."""

    ACCOUNT = "account"
    ADDRESS = "address"
    CODE = "code"
    SENDING = "sending"
    REPORTING = "reporting"
    TELLING = "telling"


@dataclass(frozen=True)
class Limit:
    """`free` tries, then a wait that starts at `first` and doubles up to `longest`; tries older than `window` are
    forgotten. `exact` lets no two at once count as one: needed where somebody guesses."""

    free: int
    first: timedelta
    longest: timedelta
    window: timedelta
    exact: bool = True


LIMITS: dict[Guess, Limit] = {
    Guess.ACCOUNT: Limit(5, timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24)),
    # An office or a library shares one address, so it has more tries before it waits.
    Guess.ADDRESS: Limit(30, timedelta(minutes=1), timedelta(hours=1), timedelta(hours=6)),
    Guess.CODE: Limit(5, timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24)),
    Guess.SENDING: Limit(3, timedelta(minutes=2), timedelta(hours=1), timedelta(hours=6)),
    # What we write ourselves to one number or address: more than anybody needs in a day is a mistake. Nobody guesses by
    # it, and two sessions that are off tell many people at once: exact, each would wait for the other.
    Guess.TELLING: Limit(10, timedelta(minutes=10), timedelta(hours=1), timedelta(hours=24), exact=False),
    # Strangers who tell us something; a library's readers share one address.
    Guess.REPORTING: Limit(10, timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6)),
}


def wait_before(guess: Guess, tries: int, last: datetime | None, now: datetime) -> timedelta:
    """How long to wait before the next try, after `tries` inside the limit's window, the last at `last`; none is 0."""
    limit = LIMITS[guess]
    if last is None or tries < limit.free:
        return timedelta(0)
    # Sixteen doublings are past every limit; more would overflow.
    doubled: timedelta = limit.first * 2 ** min(tries - limit.free, 16)
    wait = min(doubled, limit.longest)
    return max(last + wait - now, timedelta(0))


def say_wait(wait: timedelta) -> str:
    """A wait in words, rounded up: "1 minute", "25 minutes"."""
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


# --- passwords ----------------------------------------------------------------------------------------------


def same_letters(password: str) -> str:
    """The password with its characters in one form, whichever keyboard typed them."""
    return unicodedata.normalize("NFKC", password)


def same_words(typed: str) -> str:
    """Somebody's own words in one form: phones put capitals and spaces where nobody meant them."""
    return " ".join(same_letters(typed).casefold().split())


def problem_with_words(typed: str, name: str) -> str | None:
    """Why these will not do as somebody's own words for the second step, with the remedy, or none."""
    words = same_words(typed)
    if len(words.split()) < OWN_WORDS:
        return "Enter three words or more, with a space between them"
    if problem_with_password(words, (name,)):
        return (
            "Those words are easy to guess, or very short or long. Choose three others, like things you see"
        )
    return None


def problem_with_password(password: str, own_words: Sequence[str]) -> str | None:
    """Why `password` will not do, with the remedy, or none. `own_words` are the account's name and email address."""
    password = same_letters(password)
    if len(password) < SHORTEST_PASSWORD:
        return f"Your password must have {SHORTEST_PASSWORD} characters or more. Three random words work well"
    if len(password) > LONGEST_PASSWORD:
        return f"Your password must have {LONGEST_PASSWORD} characters or fewer"
    words = [part for text in own_words for part in (text, *re.split(r"[\s@.]+", text)) if len(part) > 2]
    if zxcvbn(password[:_STRENGTH_OF], user_inputs=words)["score"] < LEAST_STRENGTH:
        return "That password is easy to guess. Choose three random words, like the things you see around you"
    return None


# --- codes --------------------------------------------------------------------------------------------------


def digits_of(typed: str) -> str:
    """A code as it was meant: without the spaces and dashes that people type."""
    return re.sub(r"[\s-]", "", typed).upper()


def totp_step(secret: str, typed: str, now: datetime, last_step: int | None) -> int | None:
    """The time step (30 seconds) whose code was typed, one step early or late allowed; none where it is wrong.

    A step up to `last_step` was used already, and is wrong for ever.
    """
    code = digits_of(typed)
    totp = pyotp.TOTP(secret, interval=TOTP_SECONDS)
    present = int(now.timestamp()) // TOTP_SECONDS
    for step in (present, present - 1, present + 1):
        fresh = last_step is None or step > last_step
        if fresh and code.isascii() and hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def is_over(expires_at: datetime, seen_at: datetime, idle: timedelta | None, now: datetime) -> bool:
    """Whether a session has run out, or has been left alone for longer than `idle`."""
    return now >= expires_at or (idle is not None and now - seen_at >= idle)


def hide_number(number: str) -> str:
    """A phone number by its last three digits, enough to know one's own."""
    return f"the number ending {number[-3:]}"


def same_email(typed: str) -> str:
    """An email address in the form by which accounts are found."""
    return typed.strip().casefold()


def same_mobile(typed: str) -> str | None:
    """A number in the form by which accounts are found, such as +447700900123; none where it can't be one."""
    try:
        number = phonenumbers.parse(typed, "GB")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_email(typed: str) -> bool:
    """Whether what was typed is meant as an email address, not as a number."""
    return "@" in typed
