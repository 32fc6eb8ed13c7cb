"""One time of day as people write it, and a pair of them: "1 - 3pm", "9:30am - 12noon", "09:00 - 17:30"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time, timedelta

EARLIEST_DEDUCED = time(6)
EVENING = time(17)
LONGEST_NIGHT = timedelta(hours=14)


class Unsure(Exception):
    """The text can be read in more than one way, or says more than a timetable can."""


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """A time as written: "10", "9.30am", "12noon", "16:00"."""

    hour: int
    minute: int
    half: str
    is_padded: bool

    @classmethod
    def read(cls, text: str) -> WrittenTime:
        """Raises Unsure for what is no time, or "12am"."""
        numbers = re.findall(r"\d+", text)
        half = re.sub(r"[^a-z]", "", text.lower()).replace("midday", "noon")
        clock = cls(
            hour=int(numbers[0]) if numbers else 12,
            minute=int(numbers[1]) if len(numbers) > 1 else 0,
            half=half,
            is_padded=len(numbers) > 1 and len(numbers[0]) == 2,
        )
        wrong_noon = half == "noon" and (clock.hour, clock.minute) != (12, 0)
        # People write "12am" for noon as often as for midnight.
        unclear = half == "am" and clock.hour == 12
        if (
            clock.minute > 59
            or clock.hour > 23
            or wrong_noon
            or unclear
            or (half and not 1 <= clock.hour <= 12)
        ):
            raise Unsure
        return clock

    @property
    def is_24_hour(self) -> bool:
        """Written as only the 24-hour clock is: "16:00", "09:30"."""
        return not self.half and self.is_padded and (self.hour > 12 or self.hour < 10)

    def as_half(self, half: str) -> time:
        return time(self.hour % 12 + (0 if half == "am" else 12), self.minute)

    def alone(self) -> time:
        """The time that it says by itself. Raises Unsure if it does not say morning or afternoon."""
        if self.half:
            return self.as_half(self.half)
        if self.is_24_hour:
            return time(self.hour, self.minute)
        raise Unsure


def span(first: WrittenTime, last: WrittenTime) -> tuple[time, time]:
    """Start and end of a session written as two times. Raises Unsure where they do not settle each other."""
    if not first.half and not last.half:
        if not (first.is_padded and last.is_padded and (first.is_24_hour or last.is_24_hour)):
            raise Unsure
        opens, closes = time(first.hour, first.minute), time(last.hour, last.minute)
        if closes <= opens:
            raise Unsure
        return opens, closes
    closes = last.alone()
    if first.half:
        return _in_order(first.alone(), closes)
    return _deduced(first, last), closes


def _deduced(first: WrittenTime, last: WrittenTime) -> time:
    """The start of "1 - 3pm": the half of the day is shared if that gives a session, else it is the morning."""
    closes = last.alone()
    if not 1 <= first.hour <= 12 or (first.hour == 12 and last.half == "am"):
        raise Unsure
    for half in (last.half, "am"):
        opens = first.as_half(half)
        if opens < closes and (half == last.half or opens >= EARLIEST_DEDUCED):
            return opens
    raise Unsure


def _in_order(opens: time, closes: time) -> tuple[time, time]:
    """A session may run into the next day only if it begins in the evening and is no longer than a night."""
    if closes > opens:
        return opens, closes
    length = timedelta(hours=24 + closes.hour - opens.hour, minutes=closes.minute - opens.minute)
    if opens < EVENING or length > LONGEST_NIGHT:
        raise Unsure
    return opens, closes
