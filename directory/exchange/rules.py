"""Repairs of published data: each has a name, changes one text, and is reported wherever it changed something."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from core.errors import Invalid
from core.geography.rules import normalise_postcode
from directory.listings.checks import clean_email, clean_url, read_phone


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEEDS = _words(
    "money-and-debt food fuel housing homelessness work learning transport digital loneliness caring bereavement"
    " mental-wellbeing being-active long-term-condition safety legal-and-immigration language purpose"
)
AUDIENCES = _words(
    "everyone families children young-people adults older-people men women carers parents veterans lgbt"
    " disabled-people refugees-and-migrants faith-community"
)
ACCESS = _words(
    "step-free accessible-toilet hearing-loop quiet-space bsl parking blue-badge-parking carers-welcome"
    " assistance-dogs baby-changing"
)
KINDS = frozenset({"charity", "cic", "club", "faith", "public", "informal"})

LONGEST_SUMMARY = 160

_NOTHING = frozenset(
    {"na", "n/a", "none", "null", "not known", "unknown", "not applicable", "-", "--", "?", "tbc"}
)
_ODD_CHARACTERS = str.maketrans(
    {
        "`": "'",
        "´": "'",
        "\x91": "‘",
        "\x92": "’",
        "\x93": "“",
        "\x94": "”",
        "\x96": "–",
        "\x97": "—",
        "\x99": "™",
        "\xad": "",
        "\ufeff": "",
        "\u200b": "",
    }
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_EMAIL_IN_TEXT = re.compile(r"[\w.+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_PHONE_IN_TEXT = re.compile(r"(?<!\w)(?:\+44|[0Oo]|7(?=\d{9}))[\d()  \xa0\n-]{7,16}\d")
_LINK_IN_TEXT = re.compile(r"(?:https?[:.]//|www\.)\S+", re.IGNORECASE)

SMALL_WORDS = _words("a an and at by de for from in la le of on or the to upon with y")
ACRONYMS = _words(
    "ABC AFC AIDS AOG BAME BBC BME BSL CAB CE CIC CIO COPD ESOL EU FA FC GP HIV IT LCI LGBT LGBTQ LGBTQ+ ME MS NCT"
    " NHS NI PTA PTFA RAF RC RFC RUFC RNLI RSPB RSPCA SCIO SEN SEND TA TS U3A UCAN UK USA WI YFC YMCA YWCA"
    " II III IV VI VII VIII IX XI XII"
)
_SPELLED_OUT = {
    "LTD": "Ltd",
    "ST": "St",
    "MR": "Mr",
    "MRS": "Mrs",
    "DR": "Dr",
    "NR": "Nr",
    "SQN": "Sqn",
    "SVCS": "Svcs",
}
_PROPER = (
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February April June July August September"
    " October November December England English Wales Welsh Scotland Scottish Ireland Irish Britain British Europe"
    " European London Manchester Bury Africa African Asia Asian India Indian Pakistan Pakistani Bangladesh China"
    " Chinese Polish Christian Christians Christianity Christ Jesus God Bible Gospel Church Islam Islamic Muslim"
    " Muslims Jewish Judaism Hindu Sikh Buddhist Catholic Anglican Methodist Christmas Easter"
)
_PROPER_NOUNS: Mapping[str, str] = {word.lower(): word for word in _PROPER.split()} | {"church": "church"}


def one_line(text: str) -> str:
    """Blanks of every kind as single spaces, none at the ends, no control characters."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def tidy_lines(text: str) -> str:
    """The same, but lines stay lines."""
    return "\n".join(filter(None, map(one_line, text.splitlines())))


def na_to_empty(text: str) -> str:
    """ "NA", "Not known" and the like say nothing."""
    return "" if text.strip().casefold() in _NOTHING else text


def odd_characters(text: str) -> str:
    """Backticks as apostrophes, and the quotes and dashes of Windows in the place of control characters."""
    return text.translate(_ODD_CHARACTERS)


def phone_leading_zero(text: str) -> str:
    """A number that a spreadsheet took for an amount gets its 0 back; a letter O in that place becomes 0."""
    number = re.sub(r"^[Oo](?=[\d ]{9})", "0", text.strip())
    return f"0{number}" if re.fullmatch(r"[1-37-9]\d{8,9}", number.replace(" ", "")) else number


def email_in_text(text: str) -> str:
    """The first email address in a text that holds several things."""
    found = _EMAIL_IN_TEXT.search(text)
    return found[0].strip(".'") if found else ""


def phone_in_text(text: str) -> str:
    """The first telephone number in a text that holds several things."""
    for found in _PHONE_IN_TEXT.finditer(text):
        number = phone_leading_zero(one_line(found[0]))
        try:
            return read_phone(number).printed
        except Invalid:
            continue
    return ""


def link_in_text(text: str) -> str:
    """The first web address in a text that holds several."""
    found = _LINK_IN_TEXT.search(text)
    return found[0].rstrip(".,;)") if found else text


def mend_link(text: str) -> str:
    """Schemes that were typed twice or misspelt ("http://HTTP://", "http.//", "www,")."""
    link = re.sub(r"^https?[.:;]?/+(?=https?:)", "", text.strip().rstrip(".,;"), flags=re.IGNORECASE)
    link = re.sub(r"^(https?)[.;]//", r"\1://", link, flags=re.IGNORECASE)
    link = re.sub(r"^(https?://)\.+", r"\1", link, flags=re.IGNORECASE)
    return re.sub(r"^((?:https?://)?www)[,:;]", r"\1.", link, flags=re.IGNORECASE)


def area_code(text: str) -> str:
    """A borough's code that lost one of its noughts: "E0800006" is E08000006."""
    found = re.fullmatch(r"E08(\d{5})", text.strip())
    return f"E080{found[1]}" if found else text


def colon_between_hours(text: str) -> str:
    """ "09:00-13:00:14:00-18:00" is two sessions with a colon typed for the comma."""
    return re.sub(r"(\d\d:\d\d-\d\d:\d\d):(?=\d\d:\d\d-)", r"\1,", text)


def first_sentence(text: str) -> str:
    """The first sentence, or its first words with an ellipsis, at most 160 letters."""
    line = one_line(text)
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z0-9‘“'\"(])", line, maxsplit=1)[0]
    if len(sentence) <= LONGEST_SUMMARY:
        return sentence
    return f"{sentence[: LONGEST_SUMMARY - 1].rsplit(' ', 1)[0].rstrip(',;:-')}…"


def title_case(text: str) -> str:
    """A name that is all in capitals, as it would be written; any other as it is.

    Acronyms, roman numerals, initials and postcodes keep their capitals; "of" and "the" lose them inside.
    """
    if not text.isupper():
        return text
    words = text.split(" ")
    return " ".join(_name_word(word, place, words) for place, word in enumerate(words))


def sentence_case(text: str) -> str:
    """A text that is all in capitals, in sentences; any other as it is. Names unknown to us lose their capital."""
    if not text.isupper() or " " not in text.strip():
        return text.capitalize() if text.isupper() and text not in ACRONYMS else text
    lowered = re.sub(r"[A-Z0-9][A-Z0-9+]*(?:[’'][A-Z]+)?", lambda found: _text_word(found[0]), text)
    capital = re.sub(
        r"(?:^|(?<=[.!?]\s)|(?<=[.!?]\s\s))[\s\W\d]*[a-z]", lambda found: found[0].upper(), lowered
    )
    return re.sub(r"\bi\b", "I", capital)


def _text_word(word: str) -> str:
    if word in ACRONYMS - {"IT", "ME"} or re.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]?", word):
        return word
    return _PROPER_NOUNS.get(word.lower(), word.lower())


def _name_word(word: str, place: int, words: list[str]) -> str:
    if word in {"A", "Y"} and (place == 0 or _is_initial(words, place - 1) or _is_initial(words, place + 1)):
        return word
    if place and word.lower() in SMALL_WORDS:
        return word.lower()
    parts = re.split(r"([^\w’'+]+)", word)
    return "".join(_name_part(part, at > 1 and parts[at - 1] == "-") for at, part in enumerate(parts))


def _is_initial(words: list[str], place: int) -> bool:
    return 0 <= place < len(words) and len(words[place].strip(".,()")) == 1 and words[place].isalpha()


def _name_part(part: str, inside: bool) -> str:
    if part in _SPELLED_OUT:
        return _SPELLED_OUT[part]
    if part in ACRONYMS or re.fullmatch(r"[A-Z]{1,2}\d{1,2}[A-Z]?|\d+[A-Z]", part):
        return part
    if re.fullmatch(r"[B-DF-HJ-NP-TV-XZ]{2,5}", part):
        return part
    if re.match(r"\d", part):
        return part.lower()
    if inside and part.lower() in SMALL_WORDS - {"a", "y"}:
        return part.lower()
    return _capitalised(part)


def _capitalised(part: str) -> str:
    head, *rest = re.split(r"([’'])", part, maxsplit=1)
    mark, tail = rest or ("", "")
    start = head[:1] + head[1:].lower()
    if re.fullmatch(r"MC[A-Z]{4,}", head):
        start = f"Mc{head[2]}{head[3:].lower()}"
    end = tail.capitalize() if len(head) == 1 and len(tail) > 1 else tail.lower()
    return f"{start}{mark}{end}"


Repair = Callable[[str], str]
REPAIRS: Mapping[str, Repair] = {
    "one-line": one_line,
    "tidy-lines": tidy_lines,
    "na-to-empty": na_to_empty,
    "odd-characters": odd_characters,
    "phone-leading-zero": phone_leading_zero,
    "email-in-text": email_in_text,
    "phone-in-text": phone_in_text,
    "link-in-text": link_in_text,
    "mend-link": mend_link,
    "fix-area-code": area_code,
    "colon-between-hours": colon_between_hours,
    "first-sentence": first_sentence,
    "title-case-capitals": title_case,
    "sentence-case-capitals": sentence_case,
}
# Blanks and a derived sentence are no mending worth a line in a report.
SILENT_REPAIRS = frozenset(
    {
        "one-line",
        "tidy-lines",
        "na-to-empty",
        "email-in-text",
        "phone-in-text",
        "link-in-text",
        "first-sentence",
    }
)
# The last look at a field: its normal form, or Invalid, and then the value is left out and said to be.
CHECKS: Mapping[str, Repair] = {
    "postcode": normalise_postcode,
    "phone": lambda text: read_phone(text).printed,
    "email": clean_email,
    "url": clean_url,
}
