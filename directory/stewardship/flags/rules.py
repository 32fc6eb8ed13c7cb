"""What makes an editor look twice at a listing's words. A flag blocks nobody: it says why, and orders the list."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from directory.listings.rules import Content, is_empty


class Code(StrEnum):
    """What was seen. The values are kept in the database."""

    NHS_NUMBER = "nhs-number"
    BIRTH_DATE = "birth-date"
    PERSONAL_PHONE = "personal-phone"
    PERSONAL_EMAIL = "personal-email"
    CAPITALS = "capitals"
    DEAD_LINK = "dead-link"
    REPLACED = "replaced"
    RENAMED = "renamed"
    PRICE_JUMP = "price-jump"
    NEW_DOMAIN = "new-domain"


# Somebody's health or identity comes first, then what a bad actor would change, then what only reads badly.
WEIGHTS: Mapping[Code, int] = {
    Code.NHS_NUMBER: 9,
    Code.BIRTH_DATE: 8,
    Code.PERSONAL_PHONE: 6,
    Code.PERSONAL_EMAIL: 6,
    Code.NEW_DOMAIN: 5,
    Code.RENAMED: 5,
    Code.REPLACED: 4,
    Code.PRICE_JUMP: 3,
    Code.DEAD_LINK: 2,
    Code.CAPITALS: 1,
}


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing to look twice at: in which field, and why in plain words, which repeat nothing personal."""

    code: Code
    field: str
    because: str

    @property
    def weight(self) -> int:
        return WEIGHTS[self.code]


FREE_TEXTS = (
    "name",
    "summary",
    "description",
    "eligibility",
    "getting_there",
    "who_meets_you",
    "must_i_talk",
    "religious",
    "bring_someone",
    "what_to_bring",
    "opening_times_text",
    "notice",
    "contact_name",
    "contact_role",
)
PRIVATE_MAIL = frozenset(
    {
        "aol.com",
        "btinternet.com",
        "gmail.com",
        "googlemail.com",
        "hotmail.co.uk",
        "hotmail.com",
        "icloud.com",
        "live.co.uk",
        "live.com",
        "me.com",
        "msn.com",
        "outlook.com",
        "sky.com",
        "talktalk.net",
        "virginmedia.com",
        "yahoo.co.uk",
        "yahoo.com",
    }
)
SHORTEST_SHOUT = 20
LONG_TEXT = 80
OTHER_WORDS = 0.3
OTHER_NAME = 0.4
JUMP_PENCE = 500

_MOBILE = re.compile(r"(?<!\d)(?:\+44\s?7|0044\s?7|07)(?:[\s-]?\d){9}(?!\d)")
_EMAIL = re.compile(r"([\w.%+'-]+)@([\w-]+(?:\.[\w-]+)+)")
_TEN_DIGITS = re.compile(r"(?<![\d+])\d{3}[\s-]?\d{3}[\s-]?\d{4}(?!\d)")
_DAY = r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d{2}|\d{1,2}(?:st|nd|rd|th)?\s+[a-z]{3,9}\s+(?:19|20)\d{2})"
_BORN = re.compile(rf"\b(?:d\.?o\.?b\.?|date of birth|born(?: on)?)\b[\s:,-]*{_DAY}", re.IGNORECASE)
_LONG_AGO = re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:19\d{2}|200\d)\b")


def flags_of(before: Content, after: Content, dead_links: Collection[str] = ()) -> tuple[Flag, ...]:
    """What stands out in the fields of `after`, the weightiest first. `before` is what the public sees of the listing
    now, empty for a new one; `dead_links` are addresses that did not answer lately."""
    found = [*_personal(after), *_shouted(after), *_dead(after, dead_links)]
    if before:
        found += [*_replaced(before, after), *_dearer(before, after), *_elsewhere(before, after)]
    return tuple(sorted(found, key=lambda flag: -flag.weight))


def _personal(after: Content) -> Iterator[Flag]:
    for name in FREE_TEXTS:
        text = str(after.get(name) or "")
        if any(is_nhs_number(re.sub(r"\D", "", found)) for found in _TEN_DIGITS.findall(text)):
            yield Flag(Code.NHS_NUMBER, name, "A number in the text is built like an NHS number.")
        if _BORN.search(text) or _LONG_AGO.search(text):
            yield Flag(Code.BIRTH_DATE, name, "A date in the text could be somebody's date of birth.")
        if _MOBILE.search(text):
            yield Flag(Code.PERSONAL_PHONE, name, "A mobile number stands in the text. Is it somebody's own?")
        if any(_is_personal(local, domain) for local, domain in _EMAIL.findall(text)):
            yield Flag(Code.PERSONAL_EMAIL, name, "An email address in the text looks like somebody's own.")


def is_nhs_number(digits: str) -> bool:
    """Whether ten digits carry the check digit of an NHS number (NHS Data Dictionary, modulus 11)."""
    if len(digits) != 10 or not digits.isascii() or not digits.isdecimal() or len(set(digits)) == 1:
        return False
    total = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9]))
    return (11 - total % 11) % 11 == int(digits[9])


def _is_personal(local: str, domain: str) -> bool:
    return (
        domain.casefold() in PRIVATE_MAIL or re.fullmatch(r"[a-z]+[._][a-z'-]+", local.casefold()) is not None
    )


def _shouted(after: Content) -> Iterator[Flag]:
    for name in FREE_TEXTS:
        letters = [letter for letter in str(after.get(name) or "") if letter.isalpha()]
        if len(letters) >= SHORTEST_SHOUT and sum(letter.isupper() for letter in letters) > 0.7 * len(
            letters
        ):
            yield Flag(Code.CAPITALS, name, "It is written in capitals, which are hard to read.")


def _dead(after: Content, dead_links: Collection[str]) -> Iterator[Flag]:
    if after.get("url") in dead_links:
        yield Flag(Code.DEAD_LINK, "url", "The website did not answer when we last looked.")


def _replaced(before: Content, after: Content) -> Iterator[Flag]:
    was, now = str(before.get("name") or ""), str(after.get("name") or "")
    if was and now and _likeness(was, now) < OTHER_NAME:
        yield Flag(
            Code.RENAMED, "name", "The new name shares little with the old one. Is it another activity?"
        )
    was, now = str(before.get("description") or ""), str(after.get("description") or "")
    if "description" in after and len(was) >= LONG_TEXT and _likeness(was, now) < OTHER_WORDS:
        yield Flag(Code.REPLACED, "description", "Nearly every word of the text is new.")


def _likeness(one: str, other: str) -> float:
    """0 for nothing shared to 1 for the same, by words in their order."""
    return SequenceMatcher(None, one.casefold().split(), other.casefold().split(), autojunk=False).ratio()


def _dearer(before: Content, after: Content) -> Iterator[Flag]:
    was, now = _dearest(before), _dearest(after)
    if was is None or now is None:
        return
    if was == 0 and now > 0:
        yield Flag(Code.PRICE_JUMP, "costs", "It was free, and costs money now.")
    elif now >= 2 * was and now - was >= JUMP_PENCE:
        yield Flag(Code.PRICE_JUMP, "costs", "The price has at least doubled.")


def _dearest(content: Content) -> int | None:
    costs = content.get("costs")
    return max(int(cost["pence"]) for cost in costs) if costs else None


def _elsewhere(before: Content, after: Content) -> Iterator[Flag]:
    for name, place in (("url", "website"), ("email", "email address")):
        if name not in after or is_empty(before.get(name)) or is_empty(after[name]):
            continue
        was, now = domain_of(before[name]), domain_of(after[name])
        if was and now and was != now:
            yield Flag(Code.NEW_DOMAIN, name, f"The {place} is at another domain than before ({was}).")


def domain_of(address: Any) -> str:
    """The domain of a link or an email, in small letters and without "www."; empty where it has none."""
    text = str(address).strip().casefold()
    if "@" in text and "/" not in text:
        return text.rpartition("@")[2]
    try:
        host = urlsplit(text if "://" in text else f"https://{text}").hostname
    except ValueError:
        return ""
    return (host or "").removeprefix("www.")
