"""How measures are answered, scored and compared. The instruments themselves are in `instruments`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from core.errors import Invalid, Refused
from prescribing.episodes.rules import EPISODE_CLOSED, EpisodeState


class Point(StrEnum):
    BASELINE = "baseline"
    REVIEW = "review"
    EXIT = "exit"
    FOLLOW_UP = "follow-up"


class Mode(StrEnum):
    """How it was asked."""

    IN_PERSON = "in-person"
    PHONE = "phone"
    VIDEO = "video"
    ONLINE = "online"
    PAPER = "paper"


class CompletedBy(StrEnum):
    """Who gave the answers or wrote them down."""

    PERSON = "person"
    WITH_LINK_WORKER = "with-link-worker"
    PROXY = "proxy"


class Direction(StrEnum):
    HIGHER_BETTER = "higher-better"
    LOWER_BETTER = "lower-better"
    NEITHER = "neither"


class Turn(StrEnum):
    """How a change turned out for the person."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    OTHER = "other"


POINT_WORDS: Mapping[Point, str] = MappingProxyType(
    {
        Point.BASELINE: "at the start",
        Point.REVIEW: "part way",
        Point.EXIT: "at the end",
        Point.FOLLOW_UP: "some months later",
    }
)


MODE_WORDS: Mapping[Mode, str] = MappingProxyType(
    {
        Mode.IN_PERSON: "face to face",
        Mode.PHONE: "by phone",
        Mode.VIDEO: "by video",
        Mode.ONLINE: "online",
        Mode.PAPER: "on paper",
    }
)
COMPLETED_BY_WORDS: Mapping[CompletedBy, str] = MappingProxyType(
    {
        CompletedBy.PERSON: "they filled it in themselves",
        CompletedBy.WITH_LINK_WORKER: "we filled it in together",
        CompletedBy.PROXY: "somebody answered for them",
    }
)


class NotToday(StrEnum):
    """Why it was not asked this time. Always a good answer."""

    DID_NOT_WANT = "did-not-want"
    UPSET = "upset"
    NO_TIME = "no-time"
    NOT_ABLE = "not-able"
    OTHER = "other"


NOT_TODAY_WORDS: Mapping[NotToday, str] = MappingProxyType(
    {
        NotToday.DID_NOT_WANT: "they did not want to",
        NotToday.UPSET: "it was a hard day",
        NotToday.NO_TIME: "there was no time",
        NotToday.NOT_ABLE: "the questions did not work for them",
        NotToday.OTHER: "another reason",
    }
)


@dataclass(frozen=True)
class Band:
    """A named part of a scale, both ends included."""

    low: float
    high: float
    words: str


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen, where a scale has words for each."""

    value: int
    words: str


@dataclass(frozen=True)
class Item:
    """One question. `label` is its short name; `question` is empty where the wording is licensed.

    An answer is a whole number, but where `decimals` allows for more.
    """

    key: str
    label: str
    question: str
    low: float
    high: float
    direction: Direction
    low_words: str = ""
    high_words: str = ""
    bands: tuple[Band, ...] = ()
    options: tuple[Option, ...] = ()
    decimals: int = 0

    def holds(self, value: float) -> bool:
        """Whether a number can be an answer."""
        return (
            not isinstance(value, bool)
            and self.low <= value <= self.high
            and round(value, self.decimals) == value
        )


@dataclass(frozen=True)
class Total:
    """How a whole set of answers makes one score: the sum, or the sum looked up in `table`.

    `matters_from` and `matters_to`: a change below the first says nothing, one of the second surely matters.
    """

    label: str
    direction: Direction
    bands: tuple[Band, ...] = ()
    table: Mapping[int, float] | None = None
    matters_from: float = 0.0
    matters_to: float = 0.0


@dataclass(frozen=True)
class Instrument:
    """A measure. Without a `total` its items are never summed. `licensed` means that we ship no wording; `by_proxy`
    that somebody else may answer for the person."""

    key: str
    name: str
    items: tuple[Item, ...]
    total: Total | None = None
    licensed: bool = False
    by_proxy: bool = False

    def item(self, key: str) -> Item:
        """The item of that key; raises Invalid when there is none."""
        for each in self.items:
            if each.key == key:
                return each
        raise Invalid(f"{self.name} has no question “{key}”.", key)


Answers = Mapping[str, float | None]


def check_answers(instrument: Instrument, answers: Answers) -> dict[str, float]:
    """The answers given, without the empty ones. Raises Invalid when one is off its scale or has no question."""
    kept: dict[str, float] = {}
    for key, value in answers.items():
        item = instrument.item(key)
        if value is None:
            continue
        if not item.holds(value):
            raise Invalid(f"{item.label}: choose a number from {item.low} to {item.high}.", key)
        kept[key] = value
    return kept


@dataclass(frozen=True)
class Completeness:
    """How much of a set was answered."""

    answered: int
    asked: int

    @property
    def complete(self) -> bool:
        return self.answered == self.asked

    def say(self) -> str:
        if self.complete:
            return "All questions answered."
        return f"{self.answered} of {self.asked} questions answered. The rest is not guessed."


def completeness(instrument: Instrument, answers: Answers) -> Completeness:
    """A part-answered set is kept and marked."""
    return Completeness(len(check_answers(instrument, answers)), len(instrument.items))


def score(instrument: Instrument, answers: Answers) -> float | None:
    """The total of a whole set; None for a part-set and for an instrument that is never summed."""
    kept = check_answers(instrument, answers)
    if instrument.total is None or len(kept) < len(instrument.items):
        return None
    raw = sum(kept.values())
    return float(raw) if instrument.total.table is None else instrument.total.table[round(raw)]


def band_of(bands: Sequence[Band], value: float) -> str | None:
    """The words of the band that holds a value; None where a scale has no bands."""
    return next((band.words for band in bands if band.low <= value <= band.high), None)


def say_value(value: float, bands: Sequence[Band] = (), options: Sequence[Option] = ()) -> str:
    """Words such as "4 (low)", "7", "21.54"; where each answer has words, those: "often"."""
    words = next((option.words for option in options if option.value == value), None)
    if words is not None:
        return f"“{words}”"
    number = f"{value:.3f}".rstrip("0").rstrip(".")
    band = band_of(bands, value)
    return number if band is None else f"{number} ({band})"


def turn(direction: Direction, before: float, after: float) -> Turn:
    """Whether a change is for the better."""
    if before == after:
        return Turn.SAME
    if direction is Direction.NEITHER:
        return Turn.OTHER
    return Turn.BETTER if (after > before) is (direction is Direction.HIGHER_BETTER) else Turn.WORSE


@dataclass(frozen=True)
class Change:
    """One answer or total, then and later, with words such as
    "Life satisfaction went up by 3, from 4 (low) to 7 (high)"."""

    key: str
    label: str
    before: float
    after: float
    turn: Turn
    before_band: str | None
    after_band: str | None
    words: str

    @property
    def difference(self) -> float:
        return round(self.after - self.before, 3)

    @property
    def moved_band(self) -> bool:
        return self.before_band != self.after_band


def _say_change(label: str, before: float, after: float, first: str, last: str, in_words: bool) -> str:
    if before == after:
        return f"{label} stayed at {last}"
    if in_words:
        return f"{label} changed from {first} to {last}"
    way = "up" if after > before else "down"
    return f"{label} went {way} by {say_value(round(abs(after - before), 3))}, from {first} to {last}"


def item_change(item: Item, before: float, after: float) -> Change:
    """The change of one item between two answers."""
    first, last = (say_value(value, item.bands, item.options) for value in (before, after))
    return Change(
        key=item.key,
        label=item.label,
        before=before,
        after=after,
        turn=turn(item.direction, before, after),
        before_band=band_of(item.bands, before),
        after_band=band_of(item.bands, after),
        words=_say_change(item.label, before, after, first, last, bool(item.options)),
    )


def changes(instrument: Instrument, before: Answers, after: Answers) -> tuple[Change, ...]:
    """The change of each item that was answered both times, in the instrument's order."""
    first, last = check_answers(instrument, before), check_answers(instrument, after)
    return tuple(
        item_change(item, first[item.key], last[item.key])
        for item in instrument.items
        if item.key in first and item.key in last
    )


def total_change(instrument: Instrument, before: Answers, after: Answers) -> Change | None:
    """The change of the total, where both sets are whole and the instrument has one.

    A change too small to say anything counts as the same; its words say so.
    """
    first, last = score(instrument, before), score(instrument, after)
    total = instrument.total
    if total is None or first is None or last is None:
        return None
    size = round(abs(last - first), 2)
    words = _say_change(
        total.label, first, last, say_value(first, total.bands), say_value(last, total.bands), in_words=False
    )
    small = 0 < size < total.matters_from
    if small:
        words = f"{words}. That is too small a change to be sure of"
    elif total.matters_from <= size < total.matters_to:
        words = f"{words}. A change of this size may matter"
    elif total.matters_to and size:
        words = f"{words}. A change of this size matters"
    return Change(
        key=instrument.key,
        label=total.label,
        before=first,
        after=last,
        turn=Turn.SAME if small else turn(total.direction, first, last),
        before_band=band_of(total.bands, first),
        after_band=band_of(total.bands, last),
        words=words,
    )


@dataclass(frozen=True)
class Taken:
    """One measurement of one instrument: its point, when (aware), and the answers."""

    point: Point
    at: datetime
    answers: Answers


def pair(taken: Sequence[Taken]) -> tuple[Taken, Taken] | None:
    """The two sets to compare: the first baseline with the latest exit, or with the latest review before one.

    A follow-up is compared by itself, since it is about staying well. None where there are not two.
    """
    in_order = sorted(taken, key=lambda each: each.at)
    first = next((each for each in in_order if each.point is Point.BASELINE), None)
    if first is None:
        return None
    later = [each for each in in_order if each.at > first.at]
    for point in (Point.EXIT, Point.REVIEW):
        found = [each for each in later if each.point is point]
        if found:
            return first, found[-1]
    return None


def next_point(taken: Sequence[Taken], *, closing: bool = False, closed: bool = False) -> Point:
    """The point that the next measurement would be: a baseline first, then reviews, then one at the exit."""
    if closed:
        return Point.FOLLOW_UP
    if not any(each.point is Point.BASELINE for each in taken):
        return Point.BASELINE
    return Point.EXIT if closing else Point.REVIEW


def open_points(state: EpisodeState, taken: Sequence[Taken], *, planned: bool) -> tuple[Point, ...]:
    """The points at which an episode in `state` may be measured now, the likeliest first; empty when at none.

    `planned` says that a goal, or a step towards one, is written down. Nobody is measured at a first contact, nor
    before there is a plan. An instrument has one baseline, whole or not.
    """
    if state in EPISODE_CLOSED - {EpisodeState.ENTERED_IN_ERROR}:
        done = any(each.point is Point.EXIT for each in taken)
        return (Point.FOLLOW_UP,) if done else (Point.FOLLOW_UP, Point.EXIT)
    if state not in {EpisodeState.ACTIVE, EpisodeState.PAUSED}:
        return ()
    if any(each.point is Point.BASELINE for each in taken):
        return (Point.REVIEW, Point.EXIT)
    return (Point.BASELINE, Point.EXIT) if planned else ()


def check_point(state: EpisodeState, taken: Sequence[Taken], point: Point, *, planned: bool) -> None:
    """Raise Refused, in plain words, unless an episode may be measured at `point` now."""
    points = open_points(state, taken, planned=planned)
    if point in points:
        return
    if not points and state in {EpisodeState.ACTIVE, EpisodeState.PAUSED}:
        raise Refused("First write down a goal together. Then ask these questions.")
    if not points:
        raise Refused("Not at a first contact. Listen first, and ask these when you make the plan together.")
    if point is Point.BASELINE and state not in EPISODE_CLOSED:
        raise Refused("These were answered at the start already. Choose another point.")
    words = " or ".join(f"“{POINT_WORDS[each]}”" for each in points)
    raise Refused(f"This cannot be “{POINT_WORDS[point]}” now. Choose {words}.")
