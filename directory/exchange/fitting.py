"""Values as others publish them, made into values that a listing can keep; whatever had to be mended is noted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any

from core.errors import Invalid
from directory.exchange.mapping import EAST, LONGEST_TIMES, NORTH, MappedRow, RepairDone
from directory.exchange.rules import (
    CHECKS,
    LONGEST_SUMMARY,
    first_sentence,
    odd_characters,
    one_line,
    tidy_lines,
)
from directory.listings import checks
from directory.listings.recurrence import MIDNIGHT, Frequency, ScheduleRule, Weekday

LONGEST_NAME = 200
MOST_LISTED = 50
_UNREADABLE = re.compile("[\0\ud800-\udfff]")
_NTH_DAY = re.compile(r"([+-]?\d)?(MO|TU|WE|TH|FR|SA|SU)")
_ALL_DAY = re.compile(r"\ball[ -]day\b", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,20})?")


@dataclass
class Fitter:
    """Reads values of one record; `repairs` is what it did to them."""

    repairs: list[RepairDone] = field(default_factory=list)

    def note(self, name: str, repair: str, before: object, after: str = "") -> None:
        self.repairs.append(RepairDone(name, repair, str(before)[:200], after))

    def line(self, name: str, value: object, longest: int) -> str:
        """A text on one line, cut at a word's end where it is too long."""
        return self._cut(name, one_line(odd_characters(self._text(name, value))), longest)

    def lines(self, name: str, value: object, longest: int) -> str:
        """A text whose lines stay lines."""
        return self._cut(name, tidy_lines(odd_characters(self._text(name, value))), longest)

    def checked(self, name: str, value: object) -> str:
        """A postcode, phone number, email or web address in its normal form; empty where it is of no use."""
        text = one_line(self._text(name, value)).strip('"')
        if not text:
            return ""
        try:
            clean = CHECKS[name](text)
        except Invalid:
            self.note(name, "left-out", text)
            return ""
        if name == "postcode" and clean != text:
            self.note(name, "normalise-postcode", text, clean)
        return clean

    def whole(self, name: str, value: object, least: int, most: int) -> int | None:
        """A whole number within bounds."""
        number = self._number(value)
        if number is not None and number == int(number) and least <= number <= most:
            return int(number)
        if value not in (None, ""):
            self.note(name, "left-out", value)
        return None

    def degrees(self, latitude: object, longitude: object) -> tuple[float | None, float | None]:
        """A point in or near Britain, or none: half of one is none."""
        lat, lon = self._number(latitude), self._number(longitude)
        if lat is not None and lon is not None and NORTH[0] <= lat <= NORTH[1] and EAST[0] <= lon <= EAST[1]:
            return lat, lon
        for name, value in (("latitude", latitude), ("longitude", longitude)):
            if value not in (None, ""):
                self.note(name, "left-out", value)
        return None, None

    def cost(self, label: object, amount: object, words: object) -> dict[str, Any] | None:
        """A price in pounds as one in pence, with what it is for."""
        pounds = self._number(amount)
        said = self.line("costs", label or words or "", 100)
        pence = None if pounds is None else round(pounds * 100)
        if pence is None or not 0 <= pence <= checks.MOST_PENCE:
            if said or amount not in (None, ""):
                self.note("costs", "left-out", f"{said} {amount if amount is not None else ''}".strip())
            return None
        return {"label": said, "pence": pence}

    def schedule(self, data: Mapping[str, Any]) -> ScheduleRule | None:
        """One HSDS `schedule` as a rule; None where it says less, or other, than a rule can hold."""
        try:
            start = _date(data.get("valid_from")) or _date(data.get("dtstart"))
            anchor = _date(data.get("dtstart")) or start
            opens = _time(data.get("opens_at"))
            closes = _time(data.get("closes_at"))
            if opens is None and closes is None and _ALL_DAY.search(str(data.get("description") or "")):
                opens = closes = MIDNIGHT
            if anchor is None or start is None or opens is None:
                return None
            until = _date(data.get("valid_to")) or _date(data.get("until"))
            days = [
                _NTH_DAY.fullmatch(part.strip().upper()) for part in str(data.get("byday") or "").split(",")
            ]
            if not all(days):
                return None
            found = [(one[1], Weekday(one[2])) for one in days if one]
            freq = str(data.get("freq") or "").upper()
            interval = int(self._number(data.get("interval")) or 1)
            if freq == "WEEKLY" and until == anchor == start and not any(nth for nth, _ in found):
                return ScheduleRule(Frequency.ONCE, anchor, opens, closes)
            nths = {nth for nth, _ in found}
            if freq == "MONTHLY" and (len(nths) != 1 or None in nths):
                return None
            if freq == "WEEKLY" and nths != {None}:
                return None
            return ScheduleRule(
                Frequency(freq),
                anchor,
                opens,
                closes,
                byday=tuple(dict.fromkeys(day for _, day in found)),
                interval=interval,
                nth=int(next(iter(nths)) or 0) if freq == "MONTHLY" else None,
                valid_from=start if start != anchor else None,
                valid_to=until,
            )
        except (Invalid, ValueError, OverflowError):
            return None

    def _text(self, name: str, value: object) -> str:
        if value is None or isinstance(value, dict | list | bool):
            if value:
                self.note(name, "left-out", value)
            return ""
        text = str(value)
        clean = _UNREADABLE.sub("", text)
        if clean != text:
            self.note(name, "unreadable-characters", clean, clean[:200])
        return clean

    def _cut(self, name: str, text: str, longest: int) -> str:
        if len(text) <= longest:
            return text
        short = f"{text[: longest - 1].rsplit(' ', 1)[0].rstrip(',;:-')}…"
        self.note(name, "shortened", text, short[:200])
        return short

    @staticmethod
    def _number(value: object) -> float | None:
        if isinstance(value, bool) or value is None:
            return None
        text = str(value).strip()
        return float(text) if _NUMBER.fullmatch(text) else None


def _date(value: object) -> date | None:
    return date.fromisoformat(str(value).strip()[:10]) if value else None


def _time(value: object) -> time | None:
    """A wall clock's time; a zone that feeds put behind it is London's, as all of a borough's are."""
    text = re.sub(r"(?:Z|[+-]\d\d:?\d\d)$", "", str(value).strip()) if value else ""
    return time.fromisoformat(text).replace(second=0, microsecond=0) if text else None


def summarised(description: str) -> tuple[str, str]:
    """A description as a summary and what is left to say: nothing, where the summary says it all."""
    summary = first_sentence(description)
    whole = one_line(description)
    return summary, "" if len(whole) <= LONGEST_SUMMARY and whole == summary else description


def one_of_each(rows: Iterable[MappedRow]) -> tuple[MappedRow, ...]:
    """The rows, of which only the first with a key is taken."""
    first: dict[str, int] = {}
    done = []
    for row in rows:
        if row.listing is not None and first.setdefault(row.key, row.row) != row.row:
            said = f"The same record stands in row {first[row.key]}."
            done.append(replace(row, listing=None, rejected=said))
        else:
            done.append(row)
    return tuple(done)


def times_in_words(texts: Iterable[str]) -> str:
    """Times that no rule holds, each said once, as one text."""
    return "; ".join(dict.fromkeys(filter(None, map(one_line, texts))))[:LONGEST_TIMES]
