"""What may be remembered of a search, and from how many people on it may be told."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from directory.search.safety_rules import dangers_in
from directory.search.thesaurus.rules import Thesaurus
from directory.search.understanding_rules import understand
from directory.search.words import is_need, need_token, stem_of, telling_words

# What fewer people asked is not told, of the borough or of one ward.
FEWEST_PEOPLE = 5
# As many answers as this are few.
FEW = 3
MOST_WORDS = 6
MOST_STEPS = 20
KEEP_WEEKS = 53
PERIODS = {"4": "Last 4 weeks", "13": "Last 3 months", "52": "Last year"}
USUAL_PERIOD = "13"

_NAME = re.compile(r"\b(mr|mrs|ms|miss|mx|dr|prof|rev|called|named|name is)\b[ .]+[a-z]", re.IGNORECASE)
_POSTCODE = re.compile(r"\b[a-z]{1,2}[0-9][a-z0-9]? ?[0-9][a-z]{2}\b", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9](?:[ ()./+-]*[0-9]){4}")
_STREET = re.compile(
    r"\b[0-9]+[a-z]? [a-z]+(?: [a-z]+)? (?:street|st|road|rd|avenue|ave|lane|close|drive|way)\b",
    re.IGNORECASE,
)
_MACHINE = re.compile(r"bot\b|bot/|crawl|spider|slurp|preview|monitor|curl/|wget/|python-|^$", re.IGNORECASE)
_TRACE = re.compile(r"(?P<key>[0-9a-f]{32})\.(?P<step>[0-9]{1,2})\.(?P<short>[01])")


class Kind(StrEnum):
    """What is counted: words that were typed, a need that was chosen or meant, a gap that a link worker wrote down."""

    WORDS = "words"
    NEED = "need"
    GAP = "gap"


class Outcome(StrEnum):
    """What a search gave. Where something had to be given up to find anything, what was asked gave nothing."""

    NOTHING = "nothing"
    FEW = "few"
    ENOUGH = "enough"


@dataclass(frozen=True, slots=True)
class Trace:
    """The search from which somebody searched again: what its words are known by, how many came before it, and
    whether it gave nothing or little."""

    key: str
    step: int
    short: bool

    def __str__(self) -> str:
        return f"{self.key}.{self.step}.{int(self.short)}"


def read_trace(text: str) -> Trace | None:
    """What a form carried, or None for what no form of ours carries."""
    match = _TRACE.fullmatch(text)
    if match is None or int(match["step"]) > MOST_STEPS:
        return None
    return Trace(match["key"], int(match["step"]), match["short"] == "1")


def words_to_keep(q: str) -> str:
    """The telling words of a search in small letters, each once; empty where they may be about one person: an address,
    a number, a name that is said to be one, many words, or danger."""
    if (
        "@" in q
        or any(pattern.search(q) for pattern in (_POSTCODE, _DIGITS, _NAME, _STREET))
        or dangers_in(q)
    ):
        return ""
    words = list(dict.fromkeys(telling_words(q)))
    return " ".join(words) if len(words) <= MOST_WORDS else ""


def alike(words: str) -> str:
    """What is the same for words that ask for the same thing in another order or form."""
    return " ".join(sorted({stem_of(word) for word in words.split()}))


def needs_meant(words: str, known: Thesaurus) -> tuple[str, ...]:
    """The needs that words are known to mean, by slug."""
    tokens = (token for asked in understand(words, known).asked for token in asked.tokens)
    return tuple(dict.fromkeys(token.removeprefix(need_token("")) for token in tokens if is_need(token)))


def outcome(total: int, *, relaxed: bool) -> Outcome:
    """What so many answers are worth."""
    if relaxed or not total:
        return Outcome.NOTHING
    return Outcome.FEW if total <= FEW else Outcome.ENOUGH


def is_machine(agent: str) -> bool:
    """Whether a program, not a person, seems to ask."""
    return bool(_MACHINE.search(agent))


def mark(salt: str, asker: str, *cell: str) -> str:
    """What one asker leaves on one thing that is counted, on the day whose salt this is: 32 hex digits that tell
    nothing once the salt is gone, and do not show what else the same asker looked for."""
    return hmac.new(salt.encode(), "\n".join((asker, *cell)).encode(), hashlib.sha256).hexdigest()[:32]


def week_of(day: date) -> date:
    """The Monday of a day's week: counts are no finer."""
    return day - timedelta(days=day.weekday())


def since(period: str, today: date) -> date:
    """The first week of a period out of `PERIODS`; the usual one for anything else."""
    weeks = int(period if period in PERIODS else USUAL_PERIOD)
    return week_of(today) - timedelta(weeks=weeks)
