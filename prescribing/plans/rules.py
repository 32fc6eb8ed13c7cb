"""A person's own copy of their plan: what stands in it, in words said to them, and in which form they take it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from core.calendar.rules import say_day
from core.calendar.when_rules import When
from core.notify.rules import Format

FORMAT_WORDS = {
    Format.PLAIN: "Plain",
    Format.LARGE: "Large print",
    Format.EASY: "Easy read",
    Format.LISTEN: "To listen to",
}


class Way(StrEnum):
    """How somebody is given their copy."""

    HAND = "hand"
    POST = "post"
    EMAIL = "email"


WAY_WORDS = {Way.HAND: "By hand, on paper", Way.POST: "By post", Way.EMAIL: "By an email with a link"}


@dataclass(frozen=True)
class Step:
    """Who does what by when. `who` is "You" or a name."""

    who: str
    words: str
    due_on: date | None


@dataclass(frozen=True)
class Going:
    """Somewhere they go, or wait to go."""

    name: str
    said: str


@dataclass(frozen=True)
class Coming:
    """One session that they are expected at. `when` is in words for today, `at` for whatever is read later."""

    when: str
    at: When
    name: str
    place: str


@dataclass(frozen=True)
class Copy:
    """All that a copy holds: nothing of risks, of other people's words, or of what the team keeps to itself."""

    called: str
    reference: str
    made_at: datetime
    link_worker: str
    team_phone: str
    matters: str
    strengths: str
    goals: tuple[tuple[str, bool], ...]
    steps: tuple[Step, ...]
    going: tuple[Going, ...]
    coming: tuple[Coming, ...]


@dataclass(frozen=True)
class Line:
    """One idea: who or when first, where that helps, then the words."""

    words: str
    first: str = ""


@dataclass(frozen=True)
class Section:
    """One part of a copy. `icon` names its picture."""

    icon: str
    heading: str
    lines: tuple[Line, ...]


def sections(copy: Copy, today: date) -> tuple[Section, ...]:
    """The parts of a copy that hold something, in the order in which they are read."""
    reach = f"Ring {copy.team_phone}." if copy.team_phone else "Tell your link worker."
    worker = (Line(f"{copy.link_worker} is your link worker."),) if copy.link_worker else ()
    parts = (
        Section("heart", "What matters to you", _said(copy.matters)),
        Section("star", "What you are good at", _said(copy.strengths)),
        Section(
            "flag",
            "What you want",
            tuple(Line(words, "You did it" if met else "") for words, met in copy.goals),
        ),
        Section("list", "Who does what", tuple(_step(step, today) for step in copy.steps)),
        Section("people", "Where you go", tuple(Line(one.said, one.name) for one in copy.going)),
        Section(
            "calendar",
            "What is coming",
            tuple(
                Line(f"{one.name}, {one.place}." if one.place else f"{one.name}.", one.when)
                for one in copy.coming
            ),
        ),
        Section("phone", "If something is wrong or changes", (*worker, Line(reach))),
    )
    return tuple(part for part in parts if part.lines)


def _said(text: str) -> tuple[Line, ...]:
    return tuple(Line(line.strip()) for line in text.splitlines() if line.strip())


def _step(step: Step, today: date) -> Line:
    by = f", by {say_day(step.due_on, today)}" if step.due_on is not None else ""
    return Line(f"{step.words.rstrip('.')}{by}.", step.who)
