"""Reading a referral that came as an email: what its lines say, as far as they can be told. Pure.

Everything that is found stands in the text. Nothing is guessed: what is not found is left for a person to type.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from core.errors import Invalid
from core.notify.tongue_rules import needs_none, tongues_of
from prescribing.people.rules import check_birth_date, is_nhs_number, normalise_nhs_number, say_nhs_number

LONGEST = 20_000

# What the lines of an email are called, by what they hold. Longer names come first where one begins another.
_LABELS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("patient name", "full name", "client name", "resident name", "name", "patient"), "name"
        ),
        **dict.fromkeys(("date of birth", "birth date", "d.o.b.", "d.o.b", "dob", "born"), "born"),
        **dict.fromkeys(("nhs number", "nhs no.", "nhs no", "nhs"), "nhs_number"),
        **dict.fromkeys(
            (
                "phone number",
                "telephone number",
                "contact number",
                "mobile number",
                "telephone",
                "phone",
                "mobile",
            ),
            "phone",
        ),
        **dict.fromkeys(("tel no.", "tel no", "tel.", "tel", "mob.", "mob"), "phone"),
        **dict.fromkeys(("email address", "e-mail", "email"), "email"),
        **dict.fromkeys(("home address", "address"), "address"),
        **dict.fromkeys(("post code", "postcode"), "postcode"),
        **dict.fromkeys(("gp practice", "gp surgery", "surgery", "practice", "gp"), "gp_practice"),
        **dict.fromkeys(
            ("reason for referral", "referral reason", "reason", "details", "notes", "presenting problem"),
            "reason",
        ),
        **dict.fromkeys(("known risks", "risks", "risk"), "risks"),
        **dict.fromkeys(("communication needs", "communication"), "communication_needs"),
        **dict.fromkeys(
            ("communication and access needs", "access needs", "accessibility", "mobility"), "access_needs"
        ),
        **dict.fromkeys(
            ("interpreter needed", "interpreter required", "needs interpreter", "interpreter"), "interpreter"
        ),
        **dict.fromkeys(
            ("first language", "main language", "preferred language", "spoken language", "language"),
            "language",
        ),
        **dict.fromkeys(("referred by", "referrer name", "referrer", "from"), "referrer_name"),
        **dict.fromkeys(("to", "sent", "date", "cc", "subject"), ""),
    }
)
_LABEL = re.compile(
    rf"\s*[*>\-]*\s*({'|'.join(re.escape(name) for name in sorted(_LABELS, key=len, reverse=True))})[ *]*[:=\t]\s*(.*)",
    re.IGNORECASE,
)
_MANY_LINES = frozenset({"address", "reason"})
_NUMBER = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b", re.IGNORECASE)
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ /.-]+(\d{1,2}|[A-Za-z]{3,9})[ /.,-]+(\d{4})(?!\d)", re.ASCII)
# What a letter that has no lines says: a title or "referral" before a name, a word before a birth date, a street.
_WORD = r"[A-Z][a-z’'-]+(?:[A-Z][a-z]+)?"
_NAMED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Master)\b\.? +({_WORD}(?: {_WORD}){{1,2}})")
_ABOUT = re.compile(
    rf"^\s*(?i:(?:subject *: *)?(?:re|ref|(?:new )?referral)\b(?: for)?) *[:–-]* *({_WORD}(?: {_WORD}){{1,2}})",
    re.MULTILINE,
)
# What stands there instead of a name, with capitals as if it were one.
_NO_NAME = frozenset(
    re.findall(
        r"\w+",
        """accepted adult application attached centre care community completed confidential enclosed form forms from
        further health hospital housing information letter link medical new our patient please practice prescriber
        prescribing query referral referrals request service services social support surgery team the this urgent
        wellbeing worker your""",
    )
)
_BORN = re.compile(r"\b(?:d\.?o\.?b\b\.?|date of birth|born)(?: on)?[ :(–-]*(?=\d)", re.IGNORECASE)
_STREET = re.compile(rf"(?<![\d/])\d{{1,4}}[a-z]?,? {_WORD}[^\n\d]{{2,80}}?[, ]+(?={_POSTCODE.pattern})")
_GOODBYE = re.compile(
    r"^\s*(?:(?:kind|best|warm|many)\s+)?(?:regards|wishes|thanks|yours\b.*|thank you)\s*[,.!]?\s*$",
    re.MULTILINE | re.IGNORECASE,
)
_PHONE = re.compile(r"(?<!\d)(?:\+44 ?|0)(?:\d[ -]?){9,10}(?!\d)", re.ASCII)
_SENDER = re.compile(r"\"?([^<\"]+?)\"?\s*<[^>]*>?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Found:
    """What an email says of somebody. Empty texts and None are "not found". `reason` is in the email's own words."""

    name: str = ""
    born: date | None = None
    nhs_number: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    postcode: str = ""
    gp_practice: str = ""
    communication_needs: str = ""
    interpreter: str = ""
    access_needs: str = ""
    risks: str = ""
    reason: str = ""
    referrer_name: str = ""


def read_referral(text: str, today: date, practices: Collection[str] = ()) -> Found:
    """What can be told from the text of an email: by its lines, and where these do not say, by what stands in its
    sentences just once. `practices` are the names of those that are known. Every line that was not understood stands
    with the reason, so that nothing is lost which nobody has seen. Raises Invalid for a text that is too long to be
    one referral."""
    if len(text) > LONGEST:
        raise Invalid("That is too long for one referral. Paste one email at a time.", "text")
    held, rest = _parts(text)
    said = {name: "\n".join(lines).strip() for name, lines in held.items()}
    postcode = _postcode(said.get("postcode", "")) or _postcode(said.get("address", ""))
    # Whoever signs gives their own number and address.
    body = _GOODBYE.split(text, maxsplit=1)[0]
    return Found(
        name=said.get("name", "") or _name(body),
        born=read_day(said.get("born", ""), today) or _born(body, today),
        nhs_number=_nhs_number(said.get("nhs_number", "")) or _nhs_number(text),
        phone=said.get("phone", "") or _phone(body),
        email=said.get("email", ""),
        address=said.get("address", "")
        or _once(found.group().strip(" ,") for found in _STREET.finditer(body)),
        postcode=postcode or _once(found.group().upper() for found in _POSTCODE.finditer(body)),
        gp_practice=said.get("gp_practice", "")
        or _once(name for name in practices if name.casefold() in text.casefold()),
        communication_needs=said.get("communication_needs", ""),
        interpreter=_interpreter(said.get("interpreter", ""), said.get("language", "")),
        access_needs=said.get("access_needs", ""),
        risks=said.get("risks", ""),
        reason="\n\n".join(filter(None, (said.get("reason", ""), "\n".join(rest).strip()))),
        referrer_name=_SENDER.sub(r"\1", said.get("referrer_name", "")).strip(),
    )


def _interpreter(said: str, language: str) -> str:
    """What stands written about an interpreter; where that names no language, the one that they speak."""
    if tongues_of(said) or (said and needs_none(said)):
        return said
    return language if tongues_of(language) else said


def _once(found: Iterable[str]) -> str:
    """What is the only one of its kind; nothing where there are several, since nobody guesses which is meant."""
    different = set(found)
    return different.pop() if len(different) == 1 else ""


def _name(text: str) -> str:
    titled = {found.group(1) for found in _NAMED.finditer(text)}
    about = (found.group(1) for found in _ABOUT.finditer(text))
    return _once(titled or (name for name in about if _NO_NAME.isdisjoint(name.casefold().split())))


def _born(text: str, today: date) -> date | None:
    days = {read_day(text[found.end() : found.end() + 30], today) for found in _BORN.finditer(text)} - {None}
    return days.pop() if len(days) == 1 else None


def _phone(text: str) -> str:
    return _once(found.group().strip(" -") for found in _PHONE.finditer(text))


def read_day(text: str, today: date) -> date | None:
    """A date of birth as people write it, the day first; None where there is none, or it cannot be true."""
    found = _DAY.search(text)
    if found is None:
        return None
    day, month, year = found.groups()
    number = int(month) if month.isdigit() else _month(month)
    try:
        return check_birth_date(date(int(year), number, int(day)), today)
    except (ValueError, Invalid):
        return None


def _month(name: str) -> int:
    short = name[:3].casefold()
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


def _parts(text: str) -> tuple[dict[str, list[str]], list[str]]:
    """The lines under each label, and those under none; where a label comes again, its line is under none."""
    held: dict[str, list[str]] = {}
    rest: list[str] = []
    into = rest
    for line in text.splitlines():
        label = _LABEL.fullmatch(line)
        if label is None:
            into.append(line.strip())
            # An address ends at an empty line; a reason may have several paragraphs.
            into = rest if into is held.get("address") and not line.strip() else into
            continue
        name, value = _LABELS[label.group(1).casefold()], label.group(2).strip()
        into = rest
        if name in held:
            # Nothing that was pasted is lost, even where it is said twice.
            rest.append(line.strip())
        elif name and (value or name in _MANY_LINES):
            held[name] = [value]
            into = held[name] if name in _MANY_LINES else rest
    return held, rest


def _nhs_number(text: str) -> str:
    numbers = (found.group() for found in _NUMBER.finditer(text) if found.group().isascii())
    return next((say_nhs_number(normalise_nhs_number(each)) for each in numbers if is_nhs_number(each)), "")


def _postcode(text: str) -> str:
    found = _POSTCODE.search(text)
    return found.group().upper() if found is not None else ""
