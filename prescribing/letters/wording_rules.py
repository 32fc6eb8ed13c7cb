"""The words of letters, texts and emails: in English as we write them, in other languages as translators give them.

Pure. A template has names in curly brackets where a person's own facts go in. Whatever is given in another language
must have the same ones, so that nothing is lost on the way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType

from core.calendar.when_rules import When
from core.errors import Invalid
from core.notify.tongue_rules import Tongue
from core.notify.wording_rules import NAME, Part, apart, names_in, put_in, said_to
from prescribing.letters.rules import (
    A_DAY,
    A_GROUP,
    A_PLAN,
    GAP,
    KIND_WORDS,
    Facts,
    Kind,
    longest_text,
    text_problem,
)
from prescribing.people.safe_contact import Channel


class Medium(StrEnum):
    """What the words are for: a text and an email say the same."""

    LETTER = "letter"
    MESSAGE = "message"
    SUBJECT = "subject"


MEDIUM_WORDS: Mapping[Medium, str] = MappingProxyType(
    {Medium.LETTER: "letter", Medium.MESSAGE: "text or email", Medium.SUBJECT: "subject of an email"}
)


class Wording(StrEnum):
    """What there are words for: what a link worker writes about, and what goes out by itself, by its template."""

    TRIED = Kind.TRIED.value
    APPOINTMENT = Kind.APPOINTMENT.value
    AGREED = Kind.AGREED.value
    EXPECTED = Kind.EXPECTED.value
    GOODBYE = Kind.GOODBYE.value
    LETTER = "letter"
    REQUEST_RECEIVED = "request-received"
    MESSAGE_WAITING = "message-waiting"
    PLAN_READY = "plan-ready"
    QUESTIONS = "questions"
    SESSION_OFF = "session-off"
    SESSION_MOVED = "session-moved"
    SESSION_ON = "session-on"
    INVITATION = "invitation"
    SIGN_IN_OPEN = "sign-in-open"
    SIGN_IN_LINK = "sign-in-link"
    SIGN_IN_CODE = "sign-in-code"
    PASSWORD_RESET = "password-reset"  # noqa: S105 - a template's name
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a template's name


_NOTICE_WORDS: Mapping[Wording, str] = MappingProxyType(
    {
        Wording.REQUEST_RECEIVED: "We have what they asked for",
        Wording.MESSAGE_WAITING: "A message waits for them",
        Wording.PLAN_READY: "Their plan is there to read",
        Wording.QUESTIONS: "A few short questions",
        Wording.SESSION_OFF: "A session is off",
        Wording.SESSION_MOVED: "A session has moved",
        Wording.SESSION_ON: "A session is on after all",
        Wording.INVITATION: "They may come in online",
        Wording.SIGN_IN_OPEN: "They may come in by their mobile number",
        Wording.SIGN_IN_LINK: "Their link to sign in",
        Wording.SIGN_IN_CODE: "Their code to sign in",
        Wording.PASSWORD_RESET: "Choose a new password",
        Wording.PASSWORD_CHANGED: "Their password was changed",
    }
)
_LETTERS = tuple(Wording(kind.value) for kind in Kind)
_NOTICES = tuple(_NOTICE_WORDS)
WORDING_WORDS: Mapping[Wording, str] = MappingProxyType(
    {Wording(kind.value): words for kind, words in KIND_WORDS.items()}
    | {Wording.LETTER: "What a link worker writes"}
    | dict(_NOTICE_WORDS)
)
# Everything that can be put into other languages, as it is listed.
GROUPS: tuple[tuple[str, Medium, tuple[Wording, ...]], ...] = (
    ("Letters", Medium.LETTER, _LETTERS),
    ("Texts and emails that a link worker sends", Medium.MESSAGE, _LETTERS),
    ("Texts and emails that go out by themselves", Medium.MESSAGE, _NOTICES),
    (
        "Subjects of emails",
        Medium.SUBJECT,
        (Wording.LETTER, *(one for one in _NOTICES if one is not Wording.SIGN_IN_OPEN)),
    ),
)
TEMPLATES: frozenset[tuple[Medium, Wording]] = frozenset(
    (medium, one) for _heading, medium, wordings in GROUPS for one in wordings
)
LONGEST_VERSION = 3_000
LONGEST_SUBJECT = 120
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
        "link": "the web address that they open",
        "reference": "their reference",
        "code": "the code that they type in",
        "now": "where and when it is instead",
        "days": "a number of days",
    }
)
_LISTS = ("goals", "steps")
# Nobody's: what a preview is filled in with.
EXAMPLE = Facts(
    called="Sam",
    writer="Alex Sample",
    phone="0161 496 0000",
    appointment=When(date(2026, 3, 3)),
    goals=("Walk by the canal again",),
    steps=("You: Look out your boots", "Alex: Ring the walking group"),
    group="The canal walkers",
    group_when=When.of_session(datetime(2026, 3, 3, 10, tzinfo=UTC), datetime(2026, 3, 3, 12, tzinfo=UTC)),
)
_EXAMPLES: Mapping[str, object] = MappingProxyType(
    {
        "link": "https://example.org/me/messages",
        "reference": "GT-7K4M-2Q",
        "code": "123456",
        "now": When.of_session(datetime(2026, 3, 4, 10, tzinfo=UTC), datetime(2026, 3, 4, 12, tzinfo=UTC)),
        "days": "14",
    }
)


def medium_of(way: Channel) -> Medium:
    """What the words are for that go by this way."""
    return Medium.LETTER if way is Channel.LETTER else Medium.MESSAGE


def english(kind: Kind, medium: Medium) -> str:
    """The template in English, with names in curly brackets."""
    return _ENGLISH[medium, kind]


def wording_of(template: str, part: Part) -> tuple[Medium, Wording] | None:
    """What the words of this part of a message are kept as; none where they are in no other language."""
    if template not in set(Wording):
        return None
    found = (Medium.SUBJECT if part is Part.SUBJECT else Medium.MESSAGE, Wording(template))
    return found if found in TEMPLATES else None


def of_letter(wording: Wording) -> Kind | None:
    """What a link worker writes about; none for what goes out by itself."""
    return Kind(wording.value) if wording in _LETTERS else None


def fill_in(kind: Kind, way: Channel, facts: Facts) -> str:
    """The English words for one person. A letter to somebody with an interpreter offers another language."""
    filled = fill(english(kind, medium_of(way)), facts)
    if way is not Channel.LETTER or not facts.interpreter:
        return filled
    body, _, writer = filled.rpartition("\n\n")
    return f"{body}\n\nWould you like this in another language? Ring {facts.phone}.\n\n{writer}"


def lists_what_was_agreed(template: str) -> bool:
    """Whether goals or steps go into these words: they stand in every language as they were written."""
    return not set(names_in(template)).isdisjoint(_LISTS)


def fill(template: str, facts: Facts, tongue: Tongue | None = None) -> str:
    """The words for one person, in English or in `tongue`. A paragraph with a list is left out where there is nothing
    to list; where there is nothing at all, a gap stands in its place. Among words from right to left, what is filled in
    stands between marks that keep its parts in order."""
    from_right = tongue is not None and tongue.from_right
    listed = {"goals": facts.goals, "steps": facts.steps}
    wanted = [name for name in names_in(template) if name in _LISTS]
    paragraphs = []
    for paragraph in template.split("\n\n"):
        name = next((one for one in _LISTS if f"{{{one}}}" in paragraph), "")
        if not name or listed[name]:
            paragraphs.append(paragraph)
        elif name == wanted[0] and not any(listed[one] for one in wanted):
            paragraphs.append(A_PLAN)
    known = {
        "called": facts.called,
        "writer": facts.writer,
        "phone": facts.phone,
        "appointment": said_to(facts.appointment or A_DAY, tongue),
        "group": facts.group or A_GROUP,
        "when": said_to(facts.group_when or A_DAY, tongue),
    }
    values = {name: apart(text, from_right=from_right) for name, text in known.items()}
    for name, lines in listed.items():
        values[name] = "\n".join(f"- {apart(line, from_right=from_right)}" for line in lines)
    return NAME.sub(lambda found: values.get(found[1], found[0]), "\n\n".join(paragraphs))


def example(template: str, tongue: Tongue | None = None) -> str:
    """The words as they look for nobody in particular; a name that is unknown stands as it is."""
    filled = fill(template, EXAMPLE, tongue)
    values = {name: said_to(value, tongue) for name, value in _EXAMPLES.items()}
    return put_in(filled, values, from_right=tongue is not None and tongue.from_right) or filled


def check_version(words: str, source: str, medium: Medium) -> str:
    """A template in another language, as it is kept; `source` is the English. Raises `Invalid`, which says how to mend
    it."""
    kept = re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in words.strip().splitlines()))
    if not kept:
        raise Invalid("Paste the words in this language.", "words")
    if kept == source:
        raise Invalid("These are the English words. Paste those of your translator.", "words")
    needed, given = names_in(source), names_in(kept)
    unknown = next((name for name in given if name not in needed), None)
    if unknown is not None:
        usable = ", ".join(f"{{{name}}}" for name in needed)
        raise Invalid(f"Take out {{{unknown}}}: nothing is put there. You can use {usable}.", "words")
    if re.search(r"[{}]", NAME.sub("", kept)):
        raise Invalid("A curly bracket stands by itself. Copy each name with both, like {phone}.", "words")
    missing = next((name for name in needed if name not in given), None)
    if missing is not None:
        raise Invalid(f"Put {{{missing}}} in: {NAMES[missing]} goes there.", "words")
    gap = GAP.search(kept)
    if gap is not None:
        raise Invalid(f"Take out {gap.group()}: nothing is sent with square brackets in it.", "words")
    if re.search(r"https?:|www\.", kept, re.IGNORECASE):
        raise Invalid("Take the web address out. Only ours may stand in it, where {link} is.", "words")
    _check_lists(kept)
    _check_length(kept, source, medium)
    return kept


def _check_length(template: str, source: str, medium: Medium) -> None:
    """Raise `Invalid` where the words are too long for where they go. What is an email in English, and no text, may be
    as long as an email."""
    if medium is Medium.SUBJECT and ("\n" in template or len(example(template)) > LONGEST_SUBJECT):
        raise Invalid(
            f"A subject is one line of at most {LONGEST_SUBJECT} letters. Ask for shorter words.", "words"
        )
    most = longest_text(example(template))
    is_text = medium is Medium.MESSAGE and len(example(source)) <= most
    if is_text and text_problem(example(template)):
        raise Invalid(f"A text like this can be {most} letters long. Ask for shorter words.", "words")


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
