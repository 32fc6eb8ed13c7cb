"""What a flyer or a letter says of an activity, read into the listing's fields; each with how sure we are, and from
which words. What cannot be read is told, never guessed away.

A field's value is also kept as a short text in the way that people write it, so that whoever confirms it can mend it;
`read_said` reads that text again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import phonenumbers

from core.errors import Invalid
from core.geography.rules import normalise_postcode
from core.inbound.quoting_rules import without_quotes
from directory.listings.checks import OLDEST, clean_email, clean_url, read_phone
from directory.listings.opening_times import read_opening_times
from directory.listings.recurrence import ScheduleRule
from directory.listings.schedule_json import rule_as_json
from directory.listings.suggesting import likely_needs
from directory.listings.wording import cost_in_words, timetable_in_words

LONGEST = 6000


class Confidence(StrEnum):
    """How sure we are. What is only a guess is not ticked."""

    SURE = "sure"
    LIKELY = "likely"
    GUESS = "guess"

    @property
    def label(self) -> str:
        return {"sure": "We are sure", "likely": "Likely", "guess": "A guess: please check"}[self.value]


@dataclass(frozen=True, slots=True)
class Read:
    """One field: its value, the same as people write it, how sure we are, and the words that it came from."""

    name: str
    value: Any
    said: str
    confidence: Confidence
    words: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, in the order of the listing's form, and the lines that nothing was read from."""

    found: tuple[Read, ...]
    unread: tuple[str, ...]


READ_FIELDS = ("schedules", "venue", "address", "costs", "phone", "email", "url", "ages", "needs")

_DAY = (
    r"(?:mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun)(?:day)?s?|week-?days?|week-?ends?|daily|every ?day"
)
_TIME = r"\d{1,2}(?:[:.]\d{2})?\s*(?:a\.?m\.?|p\.?m\.?|noon|midday)|\d{1,2}[:.]\d{2}|noon|midday"
_TIMED = re.compile(
    rf"(?:\b(?:every|each|on|(?:1st|2nd|3rd|4th|first|second|third|fourth|last)(?: and (?:\w+))?)\s+)?\b(?:{_DAY})\b"
    rf".{{0,60}}?(?:{_TIME})(?:\s*(?:-|–|—|to|until|till)\s*(?:{_TIME}))?(?:[^\n.]{{0,40}}?term[- ]time(?: only)?)?",
    re.IGNORECASE,
)
_HAS_DAY = re.compile(rf"\b(?:{_DAY})\b", re.IGNORECASE)
_HAS_TIME = re.compile(rf"(?<![\d£]){_TIME}", re.IGNORECASE)
_DOUBTS = re.compile(
    r"\b(?:except|not|no|clos(?:ed|ing)|cancel\w*|from (?:the )?\d|until|starting|only|fortnight\w*|alternate"
    r"|every other|holidays?|january|february|march|april|may|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.%+'-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"']+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:org\.uk|co\.uk|org|uk|com|net|example)\b(?:/[^\s<>\"']*)?",
    re.IGNORECASE,
)
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b", re.IGNORECASE)
_PRICE = re.compile(
    r"£\s?(\d{1,3}(?:\.\d{2})?)(?:\s*(?:per|a|an|each|for|/)?\s*([a-z][a-z ]{2,24}?))?(?=[\s.,;)]|$)",
    re.IGNORECASE,
)
_PENCE = re.compile(r"\b(\d{1,2})p\b")
_FREE = re.compile(
    r"\b(?:free of charge|free entry|free to (?:all|attend|join)|it(?:'s| is) free|cost:?\s*free|no charge|free)\b",
    re.IGNORECASE,
)
_FREE_OTHER = re.compile(
    r"\bfree (?:tea|coffee|parking|refreshments|lunch|food|transport|drinks?)|\bfeel free",
    re.IGNORECASE,
)
_AGES = (
    (
        re.compile(r"\b(?:aged?s?|for)\s+(\d{1,3})\s*(?:-|–|to|and)\s*(\d{1,3})\b", re.IGNORECASE),
        ("minimum_age", "maximum_age"),
    ),
    (
        re.compile(r"\b(\d{1,3})\s*(?:-|–|to)\s*(\d{1,3})\s*(?:years?|yrs?|year olds)\b", re.IGNORECASE),
        ("minimum_age", "maximum_age"),
    ),
    (re.compile(r"\bover[- ](\d{2,3})s?\b", re.IGNORECASE), ("minimum_age",)),
    (
        re.compile(r"\b(\d{1,3})\s*(?:\+|(?:years? )?and (?:over|older|above))", re.IGNORECASE),
        ("minimum_age",),
    ),
    (re.compile(r"\bunder[- ](\d{1,3})s?\b", re.IGNORECASE), ("maximum_age",)),
    (
        re.compile(
            r"\b(?:up to age|up to) (\d{1,2})(?: years)?\b(?! (?:people|places|minutes|hours))", re.IGNORECASE
        ),
        ("maximum_age",),
    ),
)


def read_words(text: str) -> Reading:
    """Everything that a flyer or a letter says and that a listing can hold. Lines quoted in an email are left out."""
    lines = [line.strip(" \t•*-·") for line in without_quotes(text[:LONGEST]).split("\n")]
    lines = [line for line in lines if line]
    found: dict[str, Read] = {}
    used: set[str] = set()
    timed: set[str] = set()
    for read in _readers(lines):
        (timed if read.name == "schedules" else used).add(read.words)
        found.setdefault(read.name, read)
    whole = " ".join(lines)
    needs = likely_needs(whole)
    if needs:
        slugs = [one.slug for one in needs]
        because = ", ".join(one.because for one in needs)
        sure = Confidence.LIKELY if needs[0].confidence >= 0.8 else Confidence.GUESS
        found["needs"] = Read("needs", slugs, ", ".join(slugs), sure, because)
    unread = tuple(
        line
        for line in lines
        if not any(words in line for words in used | timed)
        # A line may give its price and hide its times: then it is not read yet.
        or (_HAS_DAY.search(line) and re.search(r"\d", line) and not any(words in line for words in timed))
    )
    return Reading(tuple(found[name] for name in READ_FIELDS if name in found), unread)


def _readers(lines: list[str]) -> Iterator[Read]:
    yield from _times(lines)
    for line in lines:
        yield from _contacts(line)
        yield from _place(line)
        yield from _ages(line)
    yield from _costs(lines)


def _times(lines: list[str]) -> Iterator[Read]:
    """All sessions of all lines together; as sure as the least sure of them."""
    rules: list[ScheduleRule] = []
    words: list[str] = []
    sure = Confidence.SURE
    for line in lines:
        if not (_HAS_DAY.search(line) and _HAS_TIME.search(line)):
            continue
        whole = read_opening_times(line)
        if whole.certain:
            rules += whole.rules
            words.append(line)
            continue
        for hit in _TIMED.finditer(line):
            part = read_opening_times(hit.group().strip())
            if part.certain:
                rules += part.rules
                words.append(hit.group().strip())
                around = line.replace(hit.group(), " ")
                doubt = Confidence.GUESS if _DOUBTS.search(around) else Confidence.LIKELY
                sure = doubt if sure is not Confidence.GUESS else sure
    if rules:
        once = list(dict.fromkeys(rules))
        said = "; ".join(timetable_in_words(once))
        for one in words:
            yield Read("schedules", [rule_as_json(rule) for rule in once], said, sure, one)


def _contacts(line: str) -> Iterator[Read]:
    for hit in _EMAIL.finditer(line):
        yield from _kept("email", hit.group().rstrip("."), clean_email, line)
    without = _EMAIL.sub(" ", line)
    for hit in _LINK.finditer(without):
        yield from _kept("url", hit.group().rstrip(".,;)"), clean_url, line)
    for match in phonenumbers.PhoneNumberMatcher(line, "GB", leniency=phonenumbers.Leniency.POSSIBLE):
        yield from _kept("phone", match.raw_string, lambda text: read_phone(text).printed, line)


def _kept(name: str, text: str, clean: Callable[[str], str], line: str) -> Iterator[Read]:
    try:
        value = clean(text)
    except Invalid:
        return
    yield Read(name, value, value, Confidence.SURE, line)


def _place(line: str) -> Iterator[Read]:
    hit = _POSTCODE.search(line)
    if hit is None:
        return
    try:
        postcode = normalise_postcode(hit.group())
    except Invalid:
        return
    before = re.sub(
        r"^(?:where|venue|address|at|held at|we meet (?:at|in))\s*:?\s+",
        "",
        line[: hit.start()],
        flags=re.IGNORECASE,
    )
    parts = [part.strip(" .,:") for part in before.split(",")]
    parts = [part for part in parts if part and len(part) <= 80]
    address = {"postcode": postcode}
    if len(parts) > 1:
        address["town"] = parts[-1]
    if len(parts) > 2:
        address["street"] = parts[-2]
    sure = Confidence.LIKELY if parts else Confidence.SURE
    yield Read("address", address, _say_address(address), sure, line)
    if parts and not re.match(r"\d", parts[0]):
        yield Read("venue", parts[0], parts[0], Confidence.LIKELY, line)


def _say_address(address: Mapping[str, str]) -> str:
    return ", ".join(address[part] for part in ("street", "town", "postcode") if address.get(part))


def _ages(line: str) -> Iterator[Read]:
    for pattern, names in _AGES:
        hit = pattern.search(line)
        if hit is None:
            continue
        ages = dict(zip(names, (int(text) for text in hit.groups()), strict=True))
        if "maximum_age" in names and len(names) == 1 and hit.group().casefold().startswith("under"):
            ages["maximum_age"] -= 1
        if all(0 <= age <= OLDEST for age in ages.values()) and ages.get("minimum_age", 0) <= ages.get(
            "maximum_age", OLDEST
        ):
            value = {"minimum_age": ages.get("minimum_age"), "maximum_age": ages.get("maximum_age")}
            yield Read("ages", value, _say_ages(value), Confidence.LIKELY, line)
            return


def _say_ages(value: Mapping[str, int | None]) -> str:
    youngest, oldest = value["minimum_age"], value["maximum_age"]
    if youngest is not None and oldest is not None:
        return f"{youngest} to {oldest}"
    return f"{youngest} and over" if youngest is not None else f"up to {oldest}"


def _costs(lines: list[str]) -> Iterator[Read]:
    costs: list[dict[str, Any]] = []
    words: list[str] = []
    free = ""
    for line in lines:
        priced = list(_prices(line))
        if priced:
            costs += priced
            words.append(line)
        elif _FREE.search(_FREE_OTHER.sub(" ", line)):
            free = free or line
    if costs:
        sure = Confidence.GUESS if free or len(costs) > 4 else Confidence.LIKELY
        for line in words:
            yield Read("costs", costs[:4], _say_costs(costs[:4]), sure, line)
    elif free:
        yield Read("costs", [{"label": "Free", "pence": 0}], "Free", Confidence.LIKELY, free)


def _prices(line: str) -> Iterator[dict[str, Any]]:
    for hit in _PRICE.finditer(line):
        yield {"label": _label(hit[2] or ""), "pence": round(float(hit[1]) * 100)}
    for hit in _PENCE.finditer(line):
        yield {"label": "", "pence": int(hit[1])}


def _label(words: str) -> str:
    plain = words.strip().casefold()
    if plain in {"session", "class", "visit", "week", "time", "person", "child", "adult", "family"}:
        return f"Each {plain}"
    return ""


def _say_costs(costs: list[dict[str, Any]]) -> str:
    return "; ".join(cost_in_words(cost["pence"], cost["label"]) for cost in costs)


def read_said(name: str, text: str) -> dict[str, Any]:
    """The listing's fields for what somebody confirmed or mended in the box of `name`. Raises `Invalid`, its field
    `name`, where it cannot be read."""
    said = " ".join(text.split())
    if not said:
        raise Invalid("Write something, or take the tick away.", name)
    try:
        return _SAID[name](said)
    except Invalid as fault:
        raise Invalid(fault.message, name) from None


def _said_times(text: str) -> dict[str, Any]:
    rules: list[ScheduleRule] = []
    for part in text.split(";"):
        reading = read_opening_times(part.strip())
        if not reading.certain:
            raise Invalid("Write days and times like: Every Tuesday, 10am to 12pm.", "schedules")
        rules += reading.rules
    return {"schedules": [rule_as_json(rule) for rule in rules]}


def _said_address(text: str) -> dict[str, Any]:
    found = list(_place(f"Hall, {text}")) if text.count(",") < 2 else list(_place(text))
    parts = [part.strip() for part in text.split(",")]
    if not found:
        raise Invalid("Write street, town and postcode, like: Loom Street, Radcliffe, M26 1AA.", "address")
    address = {"postcode": found[0].value["postcode"]}
    for which, part in zip(("town", "street"), reversed(parts[:-1]), strict=False):
        address[which] = part
    return {"address": address}


def _said_costs(text: str) -> dict[str, Any]:
    costs: list[dict[str, Any]] = []
    for part in text.split(";"):
        price, _, label = part.strip().partition("(")
        found = list(_prices(price.strip()))
        if price.strip().casefold() == "free":
            found = [{"label": "Free", "pence": 0}]
        if len(found) != 1:
            raise Invalid("Write prices like: £3 (Each session); Free (Carers).", "costs")
        costs.append(found[0] | ({"label": label.rstrip(") ")} if label else {}))
    return {"costs": costs}


def _said_ages(text: str) -> dict[str, Any]:
    for read in _ages(
        text if re.match(r"up to|under|over|age|\d+ ?\+|\d+ and", text, re.IGNORECASE) else f"aged {text}"
    ):
        return dict(read.value)
    raise Invalid("Write ages like: 18 and over, 11 to 16, or up to 4.", "ages")


def _said_needs(text: str) -> dict[str, Any]:
    return {"needs": [part.strip() for part in text.split(",") if part.strip()]}


_SAID: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "schedules": _said_times,
    "venue": lambda text: {"venue": text[:200]},
    "address": _said_address,
    "costs": _said_costs,
    "phone": lambda text: {"phone": read_phone(text).printed},
    "email": lambda text: {"email": clean_email(text)},
    "url": lambda text: {"url": clean_url(text)},
    "ages": _said_ages,
    "needs": _said_needs,
}
