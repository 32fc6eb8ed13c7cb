"""Fields that WTForms lacks: a date in three boxes, and times as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any

import wtforms
from markupsafe import Markup
from wtforms import Field, StringField
from wtforms.utils import unset_value

PARTS = ("day", "month", "year")

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.IGNORECASE)


# The published types of WTForms do not know this class yet.
_select_choice: Any = vars(wtforms)["SelectChoice"]


def choices(pairs: Iterable[tuple[str, str | Markup]], *, first: str | None = None) -> list[Any]:
    """What a radio, select or tick-box field offers, from pairs of value and words. `first` is the line of a select
    that stands for nothing chosen yet, such as "Choose a ward"."""
    lead = [] if first is None else [("", first)]
    return [_select_choice(value, words) for value, words in (*lead, *pairs)]


class DateField(Field):
    """A date typed as day, month and year in three boxes named `<name>-day`, `<name>-month`, `<name>-year`.

    `data` is a `date` or None; `typed` keeps what was typed, for showing it again; `wrong_parts` names the boxes
    that the error is about. A month may be a word.
    """

    def __init__(
        self, label: str | None = None, validators: Sequence[Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(label, list(validators or ()), **kwargs)
        self.typed: dict[str, str] = dict.fromkeys(PARTS, "")
        self.wrong_parts: tuple[str, ...] = ()

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Read the three boxes; fall back to `data` or the default where nothing was sent."""
        self.process_errors = []
        if data is unset_value:
            data = self.default() if callable(self.default) else self.default
        self.object_data = data
        self.data: date | None = data
        if data is not None:
            self.typed = {"day": str(data.day), "month": str(data.month), "year": str(data.year)}
        if formdata is None or not any(f"{self.name}-{part}" in formdata for part in PARTS):
            return
        self.typed = {part: str(formdata.get(f"{self.name}-{part}", "")).strip()[:20] for part in PARTS}
        self.raw_data = [self.typed[part] for part in PARTS if self.typed[part]]
        try:
            self.data = self._read()
        except ValueError as error:
            self.data = None
            self.process_errors.append(str(error))

    def _read(self) -> date | None:
        missing = tuple(part for part in PARTS if not self.typed[part])
        if len(missing) == len(PARTS):
            return None
        if missing:
            self.wrong_parts = missing
            raise ValueError(f"{self.label.text} must include a {' and a '.join(missing)}")
        day, month, year = (self.typed[part] for part in PARTS)
        if len(year) != 4 or not year.isdecimal():
            self.wrong_parts = ("year",)
            raise ValueError(f"{self.label.text} must have a year of four numbers, like 1958")
        try:
            return date(int(year), _month(month), int(day))
        except (ValueError, OverflowError):
            self.wrong_parts = PARTS
            raise ValueError(f"{self.label.text} must be a real date, like 27 3 1958") from None


def _month(text: str) -> int:
    if text.isdecimal():
        return int(text)
    found = [
        number for number, word in enumerate(_MONTHS, 1) if len(text) >= 3 and word.startswith(text.lower())
    ]
    if len(found) != 1:
        raise ValueError(text)
    return found[0]


class TimeField(StringField):
    """A time of day as people write it: "10am", "2:30pm", "14:00", "midday". `data` is a `time` or None."""

    data: time | None  # type: ignore[assignment]

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return say(self.data) if self.data is not None else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; raises `ValueError` with the right form to type."""
        text = valuelist[0].strip() if valuelist else ""
        self.data = read_time(text, str(self.label.text)) if text else None


def read_time(text: str, label: str) -> time:
    """A time of day out of words; raises `ValueError` that names `label` and shows the right form."""
    words: Mapping[str, time] = {"midday": time(12), "noon": time(12), "midnight": time(0)}
    if text.lower() in words:
        return words[text.lower()]
    wrong = ValueError(f"{label} must be a time, like 10am, 2:30pm or 14:00")
    match = _TIME.fullmatch(text)
    if match is None:
        raise wrong
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    if half and not 1 <= hour <= 12:
        raise wrong
    if not half and match[2] is None:
        raise ValueError(f"{label} needs am or pm, like {text}am or {text}pm")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        raise wrong from None


def say(value: time) -> str:
    """A time as a person would type it: "10am", "2:30pm"."""
    hour = value.hour % 12 or 12
    minutes = f":{value.minute:02}" if value.minute else ""
    return f"{hour}{minutes}{'am' if value.hour < 12 else 'pm'}"
