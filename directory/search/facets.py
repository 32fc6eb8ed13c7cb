"""What a search may be narrowed by: one table that reading, the form, counts, headings and links are made from.

A listing gives, for each column, a set of atoms (`atoms.atoms_of`). A value of a facet covers some atoms of its
column. Choosing several values of one facet widens: any of them will do. Facets narrow each other. Two facets that
share a column (day and time of day) must be met by one and the same atom: a Wednesday afternoon is not met by a
Wednesday morning and a Thursday afternoon.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from core.errors import Invalid
from directory.listings.recurrence import WEEK

# Facet name to the values chosen, in the order of the address.
Chosen = Mapping[str, tuple[str, ...]]
# Column to what a listing has there.
Atoms = Mapping[str, Collection[str]]
# Start and end of a dated session that is on, in minutes since 1970 (UTC).
Session = tuple[int, int]

MOST_CHOSEN = 40
LONGEST_SHOWN = 40

# Beside facets, what may be given up when nothing is found.
RADIUS = "radius"
WORDS = "words"


class Part(StrEnum):
    """Which part of an atom a value names: all of it, or what stands before or after its dash."""

    WHOLE = "whole"
    BEFORE = "before"
    AFTER = "after"


def _inside(name: str) -> str:
    """A name as it stands inside a sentence: "Step-free" is "step-free", "Blue Badge parking" keeps its capitals."""
    return name if any(letter.isupper() for letter in name[1:]) else name[:1].lower() + name[1:]


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose. `label` stands beside its box, `phrase` in a sentence such as "on a Tuesday"."""

    value: str
    label: str
    phrase: str = ""
    also: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return self.phrase or _inside(self.label)


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to narrow. `name` is its parameter in the address and its key in counts.

    Its values are `options`, or, where there are none, the terms of `vocabulary` ("needs", "audiences", "access",
    "languages"), each of which is an atom. `noun` names one in a message; `said` makes a phrase of what is chosen, such
    as "on a Tuesday"; `instead` stands for it once it is given up.

    A `live` facet has no column: it asks whether a session is on at this minute. The terms
    of a `proper` one keep their capitals in a sentence.
    """

    name: str
    label: str
    noun: str
    column: str
    said: str
    instead: str
    options: tuple[Option, ...] = ()
    vocabulary: str = ""
    part: Part = Part.WHOLE
    live: bool = False
    proper: bool = False

    def covers(self, value: str, atom: str) -> bool:
        """Whether choosing `value` takes in what has `atom`."""
        before, _, after = atom.partition("-") if self.part is not Part.WHOLE else (atom, "", "")
        return value == (after if self.part is Part.AFTER else before)

    def say(self, values: Sequence[str], names: Mapping[str, str]) -> str:
        """The values in a phrase: "on a Tuesday or a Wednesday", "for men". `names` are those of its vocabulary."""
        phrases = {option.value: option.words for option in self.options}
        words = [phrases.get(value) or names.get(value, value) for value in values]
        if not self.proper:
            words = [_inside(word) for word in words]
        return self.said.format(" or ".join(words))

    def values(self, atoms: Collection[str]) -> tuple[str, ...]:
        """The values that there are to count, where `atoms` are all that its column holds."""
        return tuple(option.value for option in self.options) or tuple(sorted(atoms))


DAYS = tuple(Option(day.value, day.label, f"a {day.label}", (day.label.casefold(),)) for day in WEEK)
TIMES = (
    Option("morning", "Morning (before midday)", "the morning"),
    Option("afternoon", "Afternoon", "the afternoon"),
    Option("evening", "Evening (after 5pm)", "the evening"),
)
# Each band's first and last year of age.
AGE_BANDS: tuple[tuple[int, int], ...] = (
    (0, 4),
    (5, 11),
    (12, 17),
    (18, 24),
    (25, 49),
    (50, 64),
    (65, 79),
    (80, 120),
)
# What somebody is ready to pay at most, in pence.
PRICES: tuple[int, ...] = (0, 300, 500, 1000)


def _age(first: int, last: int) -> Option:
    label = "Under 5" if not first else f"{first} and over" if last >= 120 else f"{first} to {last}"
    return Option(f"{first}-{last}", label, f"age {label[:1].lower()}{label[1:]}")


def _price(pence: int) -> Option:
    pounds = pence // 100
    return Option(f"{pounds}" if pence else "free", f"Up to £{pounds}" if pence else "Free")


FACETS: tuple[Facet, ...] = (
    Facet(
        "need",
        "Kind of help",
        "need",
        "need",
        "under “{}”",
        "any kind of help",
        vocabulary="needs",
        proper=True,
    ),
    Facet("day", "Day", "day", "when", "on {}", "any day", DAYS, part=Part.BEFORE),
    Facet("time", "Time of day", "time", "when", "in {}", "any time of day", TIMES, part=Part.AFTER),
    Facet(
        "now",
        "Open now",
        "answer",
        "",
        "{}",
        "other times",
        (Option("yes", "Open now", "open now"),),
        live=True,
    ),
    Facet(
        "cost",
        "Cost",
        "cost",
        "cost",
        "{}",
        "any cost",
        tuple(_price(pence) for pence in PRICES),
    ),
    Facet("for", "Who it is for", "audience", "for", "for {}", "everybody", vocabulary="audiences"),
    Facet("age", "Age", "age", "age", "for {}", "any age", tuple(_age(*band) for band in AGE_BANDS)),
    Facet(
        "how",
        "Where it happens",
        "way",
        "how",
        "{}",
        "any place",
        (
            Option("in-person", "In person", "in person"),
            Option("online", "Online", "online"),
            Option("phone", "By phone", "by phone"),
            Option("borough", "All over the borough", "all over the borough"),
        ),
    ),
    Facet(
        "join",
        "How to join",
        "way to join",
        "join",
        "where {}",
        "any way to join",
        (
            Option("turn-up", "Just turn up", "you just turn up"),
            Option("ring-first", "Ring first", "you ring first"),
            Option("referral", "Someone refers you", "someone refers you"),
        ),
    ),
    Facet("access", "Access", "access feature", "access", "with {}", "any place", vocabulary="access"),
    Facet(
        "language",
        "Language",
        "language",
        "language",
        "in {}",
        "any language",
        vocabulary="languages",
        proper=True,
    ),
)
BY_NAME: Mapping[str, Facet] = MappingProxyType({facet.name: facet for facet in FACETS})
COLUMNS: tuple[str, ...] = tuple(dict.fromkeys(facet.column for facet in FACETS if facet.column))
VOCABULARIES: tuple[str, ...] = tuple(facet.vocabulary for facet in FACETS if facet.vocabulary)

# What is given up first where nothing is found: the smallest loss. What a body needs goes last.
GIVEN_UP: tuple[str, ...] = (
    "now",
    "time",
    "day",
    RADIUS,
    "cost",
    "join",
    "how",
    "need",
    WORDS,
    "for",
    "age",
    "language",
    "access",
)


# --- choosing ---------------------------------------------------------------------------------------------


def chosen_of(**values: str | Sequence[str]) -> Chosen:
    """Choices by facet name, those that choose nothing left out: `chosen_of(need="food", day=("MO", "TU"))`."""
    pairs = {
        name: (given,) if isinstance(given, str) else tuple(given) for name, given in values.items() if given
    }
    return MappingProxyType(pairs)


def without(chosen: Chosen, names: Collection[str]) -> Chosen:
    """The choices but for those of these facets."""
    return MappingProxyType({name: values for name, values in chosen.items() if name not in names})


def minute_of(moment: datetime) -> int:
    """Minutes since 1970 (UTC) of an aware moment, as `Session` counts them."""
    return int(moment.timestamp() // 60)


def is_on(sessions: Collection[Session], minute: int) -> bool:
    """Whether one of the sessions has begun and has not ended."""
    return any(start <= minute < end for start, end in sessions)


def passes(atoms: Atoms, sessions: Collection[Session], chosen: Chosen, minute: int) -> bool:
    """Whether a listing meets every facet that is chosen. Plain and slow: what a fast engine must agree with."""
    wanted: dict[str, list[tuple[Facet, tuple[str, ...]]]] = {}
    for name, values in chosen.items():
        facet = BY_NAME[name]
        if facet.live:
            if not is_on(sessions, minute):
                return False
        else:
            wanted.setdefault(facet.column, []).append((facet, values))
    return all(
        any(
            all(any(facet.covers(value, atom) for value in values) for facet, values in asked)
            for atom in atoms.get(column, ())
        )
        for column, asked in wanted.items()
    )


# --- reading an address -----------------------------------------------------------------------------------


def read(facet: Facet, texts: Sequence[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """Values of a facet, each once, in the order given. Raises `Invalid` for one that there is not.

    `known` maps every slug that there ever was of its vocabulary to the slug in use, which is empty for one that is
    offered no more; not asked where it has options.
    """
    known = _spellings(facet) or known
    wanted = [text.strip().casefold() for text in texts[:MOST_CHOSEN] if text.strip()]
    for text in wanted:
        if text not in known:
            raise Invalid(_unknown(facet, text), facet.name)
        if not known[text]:
            raise Invalid(f"We do not use the {facet.noun} {text} any more, so we left it out.", facet.name)
    return tuple(dict.fromkeys(known[text] for text in wanted))


def _spellings(facet: Facet) -> dict[str, str]:
    """Every way to write each option, in small letters."""
    return {
        spelling.casefold(): option.value
        for option in facet.options
        for spelling in (option.value, *option.also)
    }


def _unknown(facet: Facet, text: str) -> str:
    if facet.options:
        values = [option.value for option in facet.options]
        if len(values) == 1:
            return f"The {facet.noun} can only be {values[0]}."
        return f"The {facet.noun} must be one of {', '.join(values[:-1])} or {values[-1]}."
    seen = "".join(letter if letter.isprintable() else " " for letter in text)
    shown = seen[:LONGEST_SHOWN] + "…" * (len(seen) > LONGEST_SHOWN)
    return f"We do not know the {facet.noun} {shown}. Choose one from the list."
