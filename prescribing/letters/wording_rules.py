"""The words of letters, texts and emails: in English as we write them, in other languages as translators give them.

Pure. A template has names in curly brackets where a person's own facts go in. Whatever is given in another language
must have the same ones, so that nothing is lost on the way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from core.errors import Invalid
from prescribing.letters.rules import A_DAY, A_GROUP, A_PLAN, GAP, LONGEST_TEXT, Facts, Kind
from prescribing.people.safe_contact import Channel


class Medium(StrEnum):
    """What the words are for: a text and an email say the same."""

    LETTER = "letter"
    MESSAGE = "message"


MEDIUM_WORDS: Mapping[Medium, str] = MappingProxyType(
    {Medium.LETTER: "letter", Medium.MESSAGE: "text or email"}
)
LONGEST_VERSION = 3_000
_ENGLISH: Mapping[tuple[Medium, Kind], str] = MappingProxyType(
    {
        (Medium.MESSAGE, Kind.TRIED): (
            "Hello. We have tried to reach you. When it suits you, please ring {writer} on {phone}."
        ),
        (Medium.MESSAGE, Kind.APPOINTMENT): (
            "Hello. We talk on {appointment}. If that does not suit you, please ring {writer} on {phone}."
        ),
        (Medium.MESSAGE, Kind.AGREED): (
            "Hello. What we agreed is written down for you. "
            "To hear it or to get a copy, please ring {writer} on {phone}."
        ),
        (Medium.MESSAGE, Kind.EXPECTED): (
            "Hello. You can go on {when}. If you are not sure about it, please ring {writer} on {phone}."
        ),
        (Medium.MESSAGE, Kind.GOODBYE): (
            "Hello. We finish now, as we said. You can come back at any time: ring {writer} on {phone}."
        ),
        (Medium.LETTER, Kind.TRIED): (
            "Dear {called},\n\n"
            "I have tried to reach you, and we have not talked yet.\n\n"
            "I would like to hear what matters to you. You do not need to get anything ready.\n\n"
            "Please ring me on {phone}. You can also ask me to ring you, and say when.\n\n"
            "If you would rather not, that is fine. Tell me, and I will stop.\n\n"
            "{writer}"
        ),
        (Medium.LETTER, Kind.APPOINTMENT): (
            "Dear {called},\n\n"
            "We talk on {appointment}.\n\n"
            "You can have somebody with you. You do not need to get anything ready.\n\n"
            "If that does not suit you, ring me on {phone}. We will find another time.\n\n"
            "{writer}"
        ),
        (Medium.LETTER, Kind.AGREED): (
            "Dear {called},\n\n"
            "Thank you for talking with me. This is what we agreed.\n\n"
            "What you want:\n{goals}\n\n"
            "Who does what:\n{steps}\n\n"
            "If something is wrong or changes, ring me on {phone}.\n\n"
            "{writer}"
        ),
        (Medium.LETTER, Kind.EXPECTED): (
            "Dear {called},\n\n"
            "You can go to {group} on {when}.\n\n"
            "If you are not sure, or would like somebody to come with you, ring me on {phone}.\n\n"
            "{writer}"
        ),
        (Medium.LETTER, Kind.GOODBYE): (
            "Dear {called},\n\n"
            "Our time together ends now, as we said. Thank you for letting me come along with you.\n\n"
            "What you have started is yours. Go on with it for as long as you like.\n\n"
            "You can come back at any time. Ring {phone}.\n\n"
            "{writer}"
        ),
    }
)
# What each name in curly brackets stands for, as a translator is told.
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "called": "what they like to be called",
        "writer": "the name of whoever writes",
        "phone": "the number to ring",
        "appointment": "the day on which we talk",
        "group": "the name of the group",
        "when": "the day and the time",
        "goals": "a list of what they want",
        "steps": "a list of who does what",
    }
)
_LISTS = ("goals", "steps")
# What goes in as the team wrote it, in whatever language the rest is.
STAYS_ENGLISH = frozenset({"appointment", "when", *_LISTS})
_NAME = re.compile(r"\{([a-z]+)\}")
# Nobody's: what a preview is filled in with.
EXAMPLE = Facts(
    called="Sam",
    writer="Alex Sample",
    phone="0161 496 0000",
    appointment="Tuesday 3 March",
    goals=("Walk by the canal again",),
    steps=("You: Look out your boots", "Alex: Ring the walking group"),
    group="The canal walkers",
    group_when="Tuesday 3 March, 10am to 12pm",
)


def medium_of(way: Channel) -> Medium:
    """What the words are for that go by this way."""
    return Medium.LETTER if way is Channel.LETTER else Medium.MESSAGE


def english(kind: Kind, medium: Medium) -> str:
    """The template in English, with names in curly brackets."""
    return _ENGLISH[medium, kind]


def names_in(template: str) -> tuple[str, ...]:
    """The names in curly brackets, each once, in their order."""
    return tuple(dict.fromkeys(_NAME.findall(template)))


def fill_in(kind: Kind, way: Channel, facts: Facts) -> str:
    """The English words for one person. A letter to somebody with an interpreter offers another language."""
    filled = fill(english(kind, medium_of(way)), facts)
    if way is not Channel.LETTER or not facts.interpreter:
        return filled
    body, _, writer = filled.rpartition("\n\n")
    return f"{body}\n\nWould you like this in another language? Ring {facts.phone}.\n\n{writer}"


def fill(template: str, facts: Facts, *, from_right: bool = False) -> str:
    """The words for one person. A paragraph with a list is left out where there is nothing to list; where there is
    nothing at all, a gap stands in its place. Among words from right to left, what is filled in stands between marks
    that keep its parts in order."""
    listed = {"goals": facts.goals, "steps": facts.steps}
    wanted = [name for name in names_in(template) if name in _LISTS]
    paragraphs = []
    for paragraph in template.split("\n\n"):
        name = next((one for one in _LISTS if f"{{{one}}}" in paragraph), "")
        if not name or listed[name]:
            paragraphs.append(paragraph)
        elif name == wanted[0] and not any(listed[one] for one in wanted):
            paragraphs.append(A_PLAN)
    before, after = ("\u2068", "\u2069") if from_right else ("", "")
    known = {
        "called": facts.called,
        "writer": facts.writer,
        "phone": facts.phone,
        "appointment": facts.appointment or A_DAY,
        "group": facts.group or A_GROUP,
        "when": facts.group_when or A_DAY,
    }
    values = {name: f"{before}{text}{after}" for name, text in known.items()}
    for name, lines in listed.items():
        values[name] = "\n".join(f"- {before}{line}{after}" for line in lines)
    return _NAME.sub(lambda found: values.get(found[1], found[0]), "\n\n".join(paragraphs))


def check_version(words: str, kind: Kind, medium: Medium) -> str:
    """A template in another language, as it is kept. Raises `Invalid`, which says how to mend it."""
    kept = re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in words.strip().splitlines()))
    if not kept:
        raise Invalid("Paste the words in this language.", "words")
    source = english(kind, medium)
    if kept == source:
        raise Invalid("These are the English words. Paste those of your translator.", "words")
    needed, given = names_in(source), names_in(kept)
    unknown = next((name for name in given if name not in needed), None)
    if unknown is not None:
        usable = ", ".join(f"{{{name}}}" for name in needed)
        raise Invalid(f"Take out {{{unknown}}}: nothing is put there. You can use {usable}.", "words")
    if re.search(r"[{}]", _NAME.sub("", kept)):
        raise Invalid("A curly bracket stands by itself. Copy each name with both, like {phone}.", "words")
    missing = next((name for name in needed if name not in given), None)
    if missing is not None:
        raise Invalid(f"Put {{{missing}}} in: {NAMES[missing]} goes there.", "words")
    gap = GAP.search(kept)
    if gap is not None:
        raise Invalid(f"Take out {gap.group()}: nothing is sent with square brackets in it.", "words")
    _check_lists(kept)
    if medium is Medium.MESSAGE and len(fill(kept, EXAMPLE)) > LONGEST_TEXT:
        raise Invalid(f"A text can be {LONGEST_TEXT} letters long. Ask for shorter words.", "words")
    return kept


def _check_lists(template: str) -> None:
    """Raise `Invalid` where a list shares its paragraph with more than its heading: it may be left out."""
    for paragraph in template.split("\n\n"):
        lines = paragraph.split("\n")
        for name in (f"{{{one}}}" for one in _LISTS):
            if name in paragraph and (len(lines) > 2 or lines[-1] != name):
                raise Invalid(
                    f"Put {name} on a line of its own below its heading, with an empty line before and after.",
                    "words",
                )
