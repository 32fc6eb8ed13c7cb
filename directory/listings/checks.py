"""What may be typed into a listing: telephone numbers, links, emails, lengths. Each fault says how to mend it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import phonenumbers
from phonenumbers import shortnumberinfo

from core.errors import Invalid
from directory.listings.rules import Content, is_empty

LONGEST: Mapping[str, int] = {
    "name": 150,
    "summary": 160,
    "description": 4000,
    "getting_there": 500,
    "eligibility": 300,
    "notice": 200,
    "who_meets_you": 500,
    "must_i_talk": 500,
    "religious": 500,
    "bring_someone": 500,
    "what_to_bring": 500,
    "opening_times_text": 1000,
    "contact_name": 120,
    "contact_role": 120,
}
LONGEST_LINK = 500
LONGEST_EMAIL = 254
OLDEST = 120
MOST_PENCE = 100_000

# Numbers that Ofcom keeps for drama reach nobody and are not in the library's plan; examples are made of them.
_DRAMA = re.compile(r"1632960\d{3}|7700900\d{3}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.IGNORECASE)
_LINK_IN_TEXT = re.compile(r"https?:|www\.|\b[a-z0-9-]+\.(?:com|org|net|uk|co|info|io)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number to dial and the same number to read: "+441614960101" and "0161 496 0101".

    Short numbers such as 111 are the same in both.
    """

    dial: str
    printed: str


def read_phone(text: str) -> PhoneNumber:
    """A telephone number that can be rung in the United Kingdom. Raises Invalid if it is none."""
    mend = Invalid("Enter a UK phone number with its area code, like 0161 496 0101.", "phone")
    try:
        number = phonenumbers.parse(text.strip(), "GB")
    except phonenumbers.NumberParseException:
        raise mend from None
    national = str(number.national_number)
    if shortnumberinfo.is_valid_short_number_for_region(number, "GB"):
        return PhoneNumber(national, "116 123" if national == "116123" else national)
    if not phonenumbers.is_valid_number(number) and not _DRAMA.fullmatch(national):
        raise mend
    at_home = number.country_code == phonenumbers.country_code_for_region("GB")
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    printed = phonenumbers.format_number(number, style)
    return PhoneNumber(
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        printed.replace(" x", " extension "),
    )


def clean_url(text: str) -> str:
    """A link that is safe to show: http or https, a real host, no name or password in it.

    An address without a scheme gets https. Raises Invalid for anything else.
    """
    link = text.strip()
    scheme = _SCHEME.match(link)
    if scheme and scheme[1].lower() not in ("http", "https"):
        raise Invalid("A web address starts with https:// or http://.", "url")
    if not scheme:
        link = f"https://{link.lstrip('/')}"
    mend = Invalid("Enter a web address like https://www.example.org.", "url")
    if len(link) > LONGEST_LINK or re.search(r"[\s<>\"\\^`{|}\x00-\x1f\x7f]", link):
        raise mend
    try:
        parts = urlsplit(link)
        usable = bool(_HOST.fullmatch(parts.hostname or "")) and parts.username is None
        usable = usable and (parts.port is None or parts.port > 0)
    except ValueError:
        raise mend from None
    if not usable:
        raise mend
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{link.partition('://')[2][len(parts.netloc) :]}"


def clean_email(text: str) -> str:
    """An email address, its domain in small letters. Raises Invalid if it cannot be one."""
    address = text.strip()
    if len(address) > LONGEST_EMAIL or ".." in address or not _EMAIL.fullmatch(address):
        raise Invalid("Enter an email address like name@example.org.", "email")
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def clean_note(text: str) -> str:
    """A short note that is public at once, on one line and without links. Raises Invalid."""
    note = " ".join(text.split())
    if len(note) > LONGEST["notice"]:
        raise Invalid(f"Keep the note to {LONGEST['notice']} letters.", "notice")
    if _LINK_IN_TEXT.search(note):
        raise Invalid("Leave web addresses out of the note. Put them in the website field.", "notice")
    return note


_CLEANERS: Mapping[str, Callable[[str], object]] = {
    "phone": read_phone,
    "email": clean_email,
    "url": clean_url,
    "notice": clean_note,
}


def problems(content: Content) -> dict[str, str]:
    """What must be mended before the listing can be saved: field names and messages; empty when all is well.

    Only the fields that `content` names are looked at.
    """
    found: dict[str, str] = {}
    if "name" in content and is_empty(content["name"]):
        found["name"] = "Enter the name of the activity."
    for name, longest in LONGEST.items():
        if len(str(content.get(name) or "")) > longest:
            found[name] = f"Keep this to {longest:,} letters or fewer."
    for name, clean in _CLEANERS.items():
        if not is_empty(content.get(name)):
            try:
                clean(str(content[name]))
            except Invalid as fault:
                found[name] = fault.message
    return found | _age_problems(content) | _cost_problems(content)


def _age_problems(content: Content) -> dict[str, str]:
    youngest, oldest = content.get("minimum_age"), content.get("maximum_age")
    found = {
        name: f"Enter an age in whole years, 0 to {OLDEST}."
        for name, age in (("minimum_age", youngest), ("maximum_age", oldest))
        if age is not None and not (_is_whole(age) and 0 <= age <= OLDEST)
    }
    if not found and youngest is not None and oldest is not None and oldest < youngest:
        found["maximum_age"] = "The oldest age must not be below the youngest."
    return found


def _cost_problems(content: Content) -> dict[str, str]:
    for cost in content.get("costs") or []:
        pence = cost.get("pence")
        if not _is_whole(pence) or not 0 <= pence <= MOST_PENCE:
            return {"costs": f"Enter a price from £0 to £{MOST_PENCE // 100:,}."}
    return {}


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
