"""Letters, texts and emails to the people of a caseload: the templates, what they may say, and how they are laid out.

Pure. A letter is addressed to one person and may say what it is about. A text or an email is read over shoulders, so it
names neither the person nor a reason.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from core.calendar.when_rules import When
from core.errors import Invalid
from core.notify.rules import Format
from prescribing.people.safe_contact import Channel, SafeContact, may_email, may_text, may_write_letter


class Kind(StrEnum):
    """What is written about."""

    TRIED = "tried"
    APPOINTMENT = "appointment"
    AGREED = "agreed"
    EXPECTED = "expected"
    GOODBYE = "goodbye"


KIND_WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.TRIED: "We tried to reach you",
        Kind.APPOINTMENT: "Your appointment",
        Kind.AGREED: "What we agreed",
        Kind.EXPECTED: "When you can go",
        Kind.GOODBYE: "Goodbye for now",
    }
)
# The ways in which something is written, as they are offered.
WAYS: tuple[Channel, ...] = (Channel.LETTER, Channel.TEXT, Channel.EMAIL)
# Three parts of a text message. Source: 3GPP TS 23.040, 153 letters of its own alphabet in each part of a long message,
# and 67 where any other letter stands in it.
LONGEST_TEXT = 459
LONGEST_IN_OTHER_LETTERS = 201
# That alphabet, and what takes the room of two letters. Source: 3GPP TS 23.038, 6.2.1.
_TEXT_LETTERS = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ROOM_OF_TWO = frozenset("^{}\\[~]|€\f")
# What phones and word processors make of what was typed, back as it was: one such mark would more than halve a text.
_AS_TYPED = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\xa0": " "}
)

# Stands where the record does not say it yet; nothing is sent while one is left.
A_DAY = "[the day and the time]"
A_GROUP = "[the name of the group]"
A_PLAN = "[what you agreed]"
GAP = re.compile(r"\[[^\[\]]*\]")
# Words in the names of needs that give nothing away by themselves.
_HARMLESS = frozenset(
    re.findall(
        r"\w+",
        """
    about after around being doing feeling finding from getting going have having help helping hear life living
    local making meeting more other people place places ring some someone something suit support talk that their
    there thing things this time times trying using what when where with without words working your
        """,
    )
)
_DATES = frozenset(word.casefold() for word in (*calendar.month_name, *calendar.day_name) if word)


@dataclass(frozen=True)
class Facts:
    """What a template is filled from. Empty texts, and no day, are "not known". `goals` and `steps` are whole sentences
    or lines."""

    called: str
    writer: str
    phone: str
    appointment: When | None = None
    goals: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    group: str = ""
    group_when: When | None = None
    interpreter: bool = False


@dataclass(frozen=True)
class Private:
    """What a text or an email may not say: whole `names` of people, groups and needs, and single `words` of needs."""

    names: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()


def ways_for(contact: SafeContact, *, mobile: bool) -> tuple[Channel, ...]:
    """The ways in which this person may be written to; `mobile` says whether a number takes texts.

    None on a record flagged for safety: anybody at home may read what arrives.
    """
    if contact.safety_flag:
        return ()
    safe = {
        Channel.LETTER: may_write_letter(contact),
        Channel.TEXT: mobile and may_text(contact),
        Channel.EMAIL: may_email(contact),
    }
    return tuple(way for way in WAYS if safe[way])


def private_words(people: Iterable[str], needs: Iterable[str], groups: Iterable[str]) -> Private:
    """What may not be said, from the names of the person, of their needs and of the groups that they go to."""
    persons = {word for name in people for word in re.findall(r"\w{3,}", name)}
    called = tuple(needs)
    single = {word for name in called for word in re.findall(r"\w{4,}", name.casefold())}
    names = (*(word for word in sorted(persons) if word.casefold() not in _DATES), *groups, *called)
    return Private(tuple(name for name in names if name.strip()), frozenset(single - _HARMLESS - _DATES))


def gives_away(words: str, private: Private) -> str:
    """The first thing in `words` that tells more than a text or an email may; empty where there is none."""
    for name in private.names:
        # A person's name as it is written, so that "will" is not taken for Will.
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words, 0 if " " not in name else re.IGNORECASE):
            return name
    return next((word for word in re.findall(r"\w+", words) if word.casefold() in private.words), "")


def check_words(words: str, way: Channel, private: Private) -> str:
    """The words as they are sent. Raises Invalid, which says how to mend them."""
    kept = words.replace("\r\n", "\n").strip()
    if not kept:
        raise Invalid("Write what you want to say.", "words")
    gap = GAP.search(kept)
    if gap is not None:
        raise Invalid(f"Put your own words in place of {gap.group()}.", "words")
    if way is Channel.LETTER:
        return kept
    told = gives_away(kept, private)
    if told:
        raise Invalid(
            f"Take out “{told}”. Others may read a text or an email, so it says nothing about the person or why.",
            "words",
        )
    if way is Channel.TEXT and (problem := text_problem(kept)):
        raise Invalid(problem, "words")
    return as_text(kept) if way is Channel.TEXT else kept


def as_text(words: str) -> str:
    """The words as a text carries them: curly marks as they were typed, lines by one sign."""
    return words.replace("\r\n", "\n").strip().translate(_AS_TYPED)


def longest_text(words: str) -> int:
    """How many letters a text may have that is written in the letters of these words."""
    return LONGEST_TEXT if _in_its_own(as_text(words)) else LONGEST_IN_OTHER_LETTERS


def text_counting() -> Mapping[str, object]:
    """What a page needs to count a text while it is typed, as `text_problem` does."""
    return {
        "own": "".join(sorted(_TEXT_LETTERS)),
        "double": "".join(sorted(_ROOM_OF_TWO)),
        "typed": {chr(curly): plain for curly, plain in _AS_TYPED.items()},
        "most": LONGEST_TEXT,
        "mostInOthers": LONGEST_IN_OTHER_LETTERS,
    }


def text_problem(words: str) -> str:
    """Why these words are too long for a text, and how to mend that; empty where they are not."""
    sent = as_text(words)
    most = longest_text(sent)
    # What it takes of the room, in the letters that it is sent in.
    if _in_its_own(sent):
        long = len(sent) + sum(letter in _ROOM_OF_TWO for letter in sent)
    else:
        long = len(sent.encode("utf-16-le")) // 2
    if long <= most:
        return ""
    other = next((letter for letter in sent if not _in_its_own(letter)), "")
    which = f"A text with “{other}” in it" if other else "A text"
    return f"{which} can be {most} letters long. This is {long}. Make it shorter."


def _in_its_own(words: str) -> bool:
    return _TEXT_LETTERS.union(_ROOM_OF_TWO).issuperset(words)


def on_paper(form: Format) -> Format:
    """In which form a letter is laid out for whoever needs `form`."""
    return Format.PLAIN if form is Format.LISTEN else form


def send_problem(*, form: Format, interpreter: str, phone: str) -> tuple[str, ...]:
    """What whoever writes should know first, where written words may not reach the person; empty where they do."""
    said = []
    if interpreter.strip():
        said.append(
            f"They need an interpreter: {interpreter.strip()}. Ring them with one. "
            f"If you write as well, the number that they can ring is {phone}."
        )
    if form is Format.LISTEN:
        said.append("They need to hear this. Ring them and read it out.")
    return tuple(said)
