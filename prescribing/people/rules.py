"""A person's facts: checks, ages, what is still missing, and forms for blind look-up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

import phonenumbers

from core.calendar.rules import say_day
from core.errors import Invalid
from prescribing.people.safe_contact import Channel

ADULT = 18
MAY_ASK_ALONE = 16
OLDEST = 120
_NO_RISKS = frozenset({"none", "no", "no known risks", "none known", "nil"})


def in_one_line(*texts: str) -> str:
    """What several boxes say, as one line: "Large print; no stairs". Empty ones, and a full stop in the middle, go."""
    said = [text.strip() for text in texts if text.strip()]
    return "; ".join([*(text.rstrip(".") for text in said[:-1]), *said[-1:]])


def says_no_risks(text: str) -> bool:
    """Whether what stands written about risks says that none is known; nothing written says nothing."""
    return text.strip().casefold().rstrip(".") in _NO_RISKS


def say_needs(communication: str, access: str, interpreter: str) -> str:
    """What somebody needs to take part and to be informed, in one line; empty where nothing is known."""
    tongue = interpreter.strip()
    return in_one_line(communication, access, f"needs an interpreter ({tongue})" if tongue else "")


def normalise_nhs_number(text: str) -> str:
    """Ten digits without spaces or dashes. Raises Invalid with a remedy when the check digit disagrees.

    Source: NHS Data Dictionary, NHS NUMBER (modulus 11).
    """
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{10}", digits):
        raise Invalid(
            "An NHS number has 10 digits, like 943 476 5919. Check it, or leave it empty.", "nhs_number"
        )
    if not _check_digit_agrees(digits):
        raise Invalid(
            "That is not an NHS number: a digit is wrong. Check it, or leave it empty.",
            "nhs_number",
        )
    return digits


def _check_digit_agrees(digits: str) -> bool:
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    # A sum that asks for check digit 10 cannot match one digit, so such numbers are never issued.
    return (11 - weighted % 11) % 11 == int(digits[9])


def is_nhs_number(text: str) -> bool:
    """Whether `normalise_nhs_number` would take it."""
    try:
        normalise_nhs_number(text)
    except Invalid:
        return False
    return True


def say_nhs_number(digits: str) -> str:
    """Ten digits in groups of 3, 3 and 4, as letters print them."""
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}"


class AgeBand(StrEnum):
    UNDER_16 = "under 16"
    FROM_16 = "16 to 17"
    FROM_18 = "18 to 24"
    FROM_25 = "25 to 34"
    FROM_35 = "35 to 44"
    FROM_45 = "45 to 54"
    FROM_55 = "55 to 64"
    FROM_65 = "65 to 74"
    FROM_75 = "75 to 84"
    FROM_85 = "85 or over"
    UNKNOWN = "not known"


_BAND_STARTS: tuple[tuple[int, AgeBand], ...] = (
    (85, AgeBand.FROM_85),
    (75, AgeBand.FROM_75),
    (65, AgeBand.FROM_65),
    (55, AgeBand.FROM_55),
    (45, AgeBand.FROM_45),
    (35, AgeBand.FROM_35),
    (25, AgeBand.FROM_25),
    (18, AgeBand.FROM_18),
    (16, AgeBand.FROM_16),
    (0, AgeBand.UNDER_16),
)


def age(born: date, on: date) -> int:
    """Whole years on that day; somebody born on 29 February turns a year older on 1 March in common years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def check_birth_date(born: date, today: date) -> date:
    """The date itself. Raises Invalid when it lies ahead or too far back to be true."""
    if born > today:
        raise Invalid("A date of birth cannot be in the future. Check the year.", "date_of_birth")
    if age(born, today) > OLDEST:
        raise Invalid(f"That is more than {OLDEST} years ago. Check the year.", "date_of_birth")
    return born


def age_band(years: int | None) -> AgeBand:
    """The band that evidence and offers show instead of an age; raises ValueError when negative."""
    if years is None:
        return AgeBand.UNKNOWN
    for start, band in _BAND_STARTS:
        if years >= start:
            return band
    raise ValueError("An age cannot be less than nothing.")


def age_band_of(born: date | None, on: date) -> AgeBand:
    """As `age_band`, from a date of birth that may not be known."""
    return age_band(None if born is None else age(born, on))


def is_child(years: int) -> bool:
    """Under 16: a parent or carer must ask with them."""
    return years < MAY_ASK_ALONE


def is_under_18(years: int) -> bool:
    """A child in law: only services that take under-18s may be offered."""
    return years < ADULT


def may_ask_alone(years: int | None) -> bool:
    """Whether a person may ask for themself. An age that is not known does not stand in the way of asking."""
    return years is None or years >= MAY_ASK_ALONE


def suits_age(years: int | None, minimum: int | None, maximum: int | None) -> bool:
    """Whether somebody fits a service's ages (both ends included, None is no limit).

    Where the age is not known we do not turn them away: the link worker asks.
    """
    if years is None:
        return True
    return (minimum is None or years >= minimum) and (maximum is None or years <= maximum)


# How long what somebody needs is taken as true, where no other day was agreed.
REVIEW_NEEDS_AFTER = timedelta(days=365)


def next_needs_review(asked_on: date | None, review_on: date | None) -> date | None:
    """When to ask again what somebody needs: the day that was agreed, or a year after they were asked."""
    if review_on is not None:
        return review_on
    return asked_on + REVIEW_NEEDS_AFTER if asked_on is not None else None


def say_needs_review(asked_on: date | None, review_on: date | None, today: date, *, known: bool) -> str:
    """Whether to ask what somebody needs, in words; `known` says that something is written down.

    Source: Accessible Information Standard (DAPB1605), whose last step is to review.
    """
    due = next_needs_review(asked_on, review_on)
    if due is None:
        return "Nobody has written down when they were asked: ask again." if known else "Ask what they need."
    if due <= today:
        return f"Ask again: this was to be looked at by {say_day(due, today)}."
    asked = f"Asked {say_day(asked_on, today)}. " if asked_on is not None else ""
    return f"{asked}Ask again by {say_day(due, today)}."


@dataclass(frozen=True)
class Problem:
    """Something to mend: the field it belongs to and how."""

    field: str
    message: str


# Whom to ring first about somebody else.
THE_PERSON, WHOEVER_ASKED = "the person", "whoever asked"


@dataclass(frozen=True)
class Ask:
    """The least that a request holds: who it is for and one safe way to reach them; `asker_phone` is that of whoever
    asks for somebody else."""

    name: str
    ways: Mapping[Channel, str]
    for_someone_else: bool = False
    knows_and_agrees: bool | None = None
    whom_to_ring: str = ""
    asker_phone: str = ""
    born: date | None = None
    says_under_16: bool = False


REACHABLE = (Channel.PHONE, Channel.TEXT, Channel.EMAIL, Channel.LETTER)


def problems_with(ask: Ask, today: date) -> tuple[Problem, ...]:
    """What must be mended before a request can be sent; empty when it can. Nothing else is ever required."""
    found: list[Problem] = []
    if not ask.name.strip():
        found.append(Problem("name", "Enter a name. A first name is enough."))
    if not any(ask.ways.get(way, "").strip() for way in REACHABLE):
        found.append(
            Problem(
                "ways", "Give one safe way to get in touch: a phone number, an email or a postal address."
            )
        )
    if ask.for_someone_else:
        if ask.knows_and_agrees is not True:
            found.append(
                Problem("knows_and_agrees", "Ask the person first. We can only help if they know and agree.")
            )
        if not ask.whom_to_ring.strip():
            found.append(Problem("whom_to_ring", "Say whom we should ring first: you or the person."))
        elif ask.says_under_16 and ask.whom_to_ring == THE_PERSON:
            found.append(Problem("whom_to_ring", "We ring a grown-up first where somebody is under 16."))
        elif ask.whom_to_ring == WHOEVER_ASKED and not ask.asker_phone.strip():
            found.append(
                Problem("asker_phone", "Give your own phone number, because you want us to ring you first.")
            )
    elif ask.says_under_16 or (ask.born is not None and not may_ask_alone(age(ask.born, today))):
        found.append(
            Problem(
                "age_group" if ask.says_under_16 else "born",
                "You are under 16, so ask a parent or somebody who looks after you to fill this in with you. "
                "If that is not safe, do not: ring us or Childline. The numbers are beside your age.",
            )
        )
    return tuple(found)


MUST_KNOW: tuple[tuple[str, str], ...] = (
    ("name", "name"),
    ("date_of_birth", "date of birth"),
    ("address", "address"),
    ("practice", "GP practice"),
    ("referrer_name", "name of whoever asked"),
    ("referrer_service", "service of whoever asked"),
    ("referrer_organization", "organisation of whoever asked"),
    ("referrer_contact", "how to reach whoever asked"),
    ("risks", "risks, or “no known risks”"),
)


def not_known_yet(known: Collection[str]) -> tuple[tuple[str, str], ...]:
    """What the PRSB standard says must be known and is not: (field, words), in the standard's order.

    `known` names the fields that hold an answer; "no known risks" is an answer.
    """
    return tuple((field, words) for field, words in MUST_KNOW if field not in known)


def normalise_name(text: str) -> str:
    """Letters only, lower case, without accents: "O'Brien-Núñez" and "obrien nunez" are one."""
    plain = text
    # Twice, because taking a letter apart can bring up a capital, and folding one can bring up an accent.
    for _ in range(2):
        plain = unicodedata.normalize("NFKD", plain).casefold()
    return "".join(letter for letter in unicodedata.normalize("NFKD", plain) if letter.isalpha())


# So many letters and digits of a reference hardly stand in another by chance.
_TELLING = 4


def _bare(reference: str) -> str:
    return "".join(letter for letter in reference if letter.isalnum()).casefold()


def is_called(words: str, name: str, references: Collection[str]) -> bool:
    """Whether every one of the words is in the name, or all of them are a good part of one of the references."""
    typed = _bare(words)
    if len(typed) >= _TELLING and any(typed in _bare(reference) for reference in references):
        return True
    held = normalise_name(name)
    wanted = [normalise_name(word) for word in words.split()]
    return any(wanted) and all(word in held for word in wanted)


def told_apart(details: Mapping[UUID, Sequence[str]]) -> dict[UUID, str]:
    """What tells people of one name apart, by whose it is: of the `details` of each, the first kind that everybody has
    and no two share. The last kind must be such a one."""
    for kind in zip(*details.values(), strict=True):
        if all(kind) and len({each.casefold() for each in kind}) == len(kind):
            return dict(zip(details, kind, strict=True))
    raise ValueError("The last detail of each is theirs alone.")


def surname_and_birth(surname: str, born: date) -> str:
    """The value behind the blind index of surname with date of birth."""
    return f"{normalise_name(surname)}|{born.isoformat()}"


def normalise_email(text: str) -> str:
    """Trimmed and in lower case."""
    return text.strip().casefold()


def normalise_phone(text: str) -> str:
    """A number in international form, such as +441614960000. Raises Invalid when it cannot be one."""
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Invalid("Enter a phone number, like 0161 496 0000.", "phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
