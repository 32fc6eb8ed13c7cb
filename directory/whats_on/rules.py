"""Which days somebody asks for, and which of the sessions on them they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from core.calendar.rules import SATURDAY, say_day
from core.errors import Invalid
from directory.listings.day_parts import AFTERNOON, EVENING, MORNING, day_parts
from directory.listings.recurrence import Occurrence

TODAY, TOMORROW, WEEKEND = "today", "tomorrow", "weekend"
PARTS = (MORNING, AFTERNOON, EVENING)
FURTHEST = timedelta(days=62)
STRIP_DAYS = 7
PAGE_SIZE = 20
# Offered on the page, in miles; nothing chosen means the first.
RADII_MILES = (2, 1, 5, 10)
ANY_DISTANCE = "any"


@dataclass(frozen=True, slots=True)
class Days:
    """The days asked for, both included. `choice` is how the address says them: a word, or the day itself."""

    choice: str
    first: date
    last: date

    @property
    def is_one(self) -> bool:
        return self.first == self.last


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to show. `place` is what was typed; None in `radius_miles` is any distance; `needs` are slugs."""

    days: Days
    part: str = ""
    needs: tuple[str, ...] = ()
    place: str = ""
    radius_miles: int | None = RADII_MILES[0]
    page: int = 1

    def address(self, **changed: str) -> dict[str, str]:
        """The parameters of an address that asks for this, from its first page, with some changed."""
        radius = ANY_DISTANCE if self.radius_miles is None else str(self.radius_miles)
        said = {
            "day": "" if self.days.choice == TODAY else self.days.choice,
            "part": self.part,
            "need": self.needs[0] if self.needs else "",
            "postcode": self.place,
            "radius": radius if self.place and self.radius_miles != RADII_MILES[0] else "",
        }
        return {name: text for name, text in (said | changed).items() if text}


def read_days(text: str, today: date) -> Days:
    """The days that an address names; today for an empty text. Raises `Invalid`."""
    word = text.strip().lower()
    if word in {"", TODAY}:
        return Days(TODAY, today, today)
    if word == TOMORROW:
        return Days(TOMORROW, today + timedelta(days=1), today + timedelta(days=1))
    if word == WEEKEND:
        saturday = today + timedelta(days=SATURDAY - today.weekday())
        return Days(WEEKEND, max(today, saturday), saturday + timedelta(days=1))
    try:
        day = date.fromisoformat(word)
    except ValueError:
        raise Invalid("Choose a day from the list.", "day") from None
    if not today <= day <= today + FURTHEST:
        raise Invalid("Choose a day in the next two months.", "day")
    return Days(day.isoformat(), day, day)


def read_part(text: str) -> str:
    """Morning, afternoon or evening; empty for all day. Raises `Invalid`."""
    word = text.strip().lower()
    if word and word not in PARTS:
        raise Invalid("Choose morning, afternoon or evening.", "part")
    return word


def read_radius(text: str) -> int | None:
    """Miles; None for any distance. Raises `Invalid`."""
    word = text.strip().lower()
    if not word:
        return RADII_MILES[0]
    if word == ANY_DISTANCE:
        return None
    if word not in {str(miles) for miles in RADII_MILES}:
        raise Invalid("Choose a distance from the list.", "radius")
    return int(word)


def strip(today: date) -> list[tuple[str, str, str]]:
    """The days to press: (in the address, in short, in full), from today on, with the weekend among them."""
    days = [(TODAY, "Today", say_day(today)), (TOMORROW, "Tomorrow", say_day(today + timedelta(days=1)))]
    days.append((WEEKEND, "This weekend", "This weekend"))
    for ahead in range(2, STRIP_DAYS):
        day = today + timedelta(days=ahead)
        days.append((day.isoformat(), f"{say_day(day)[:3]} {day.day}", say_day(day)))
    return days


def say_days(days: Days, part: str) -> str:
    """Words such as "today", "this weekend", "Wednesday 25 November, in the afternoon"."""
    named = {TODAY: "today", TOMORROW: "tomorrow", WEEKEND: "this weekend"}.get(days.choice)
    words = named or say_day(days.first)
    return f"{words}, in the {part}" if part else words


def is_wanted(session: Occurrence, part: str) -> bool:
    """Whether the session is in that part of the day."""
    return not part or any(word.endswith(f"-{part}") for word in day_parts([session]))
