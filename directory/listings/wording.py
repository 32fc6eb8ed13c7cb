"""The words for times and for changes: a timetable as people say it, and what differs between two versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from core.calendar.rules import MONTHS, say_day, say_times
from directory.listings.recurrence import WEEK, BankHolidays, Frequency, ScheduleRule, Weekday
from directory.listings.rules import FIELDS, Content, Publishes, changed_fields, is_empty, publishes

NTH_WORDS: Mapping[int, str] = {1: "First", 2: "Second", 3: "Third", 4: "Fourth", -1: "Last"}
SHORTEST_RUN = 3


def in_words(rule: ScheduleRule, today: date | None = None) -> str:
    """Words such as "Every Tuesday, 10am to 12pm" or "Second Tuesday of the month, 2pm to 4pm, in term time".

    With `today`, says "from ..." of a rule that has not begun yet.
    """
    return _with_times(rule, say_times(rule.opens_at, rule.closes_at), today)


def timetable_in_words(rules: Iterable[ScheduleRule], today: date | None = None) -> tuple[str, ...]:
    """The whole timetable, a line for each set of days: "Monday to Friday, 8:30am to 1pm and 2pm to 5:30pm".

    Rules that differ in nothing but the day, or nothing but the time, share a line.
    """
    lines: dict[str, tuple[ScheduleRule, list[str]]] = {}
    for rule in sorted(_merged_days(rules, today), key=_order):
        line = lines.setdefault(_with_times(rule, "", today), (rule, []))
        line[1].append(say_times(rule.opens_at, rule.closes_at))
    return tuple(_with_times(rule, join_words(times), today) for rule, times in lines.values())


def _merged_days(rules: Iterable[ScheduleRule], today: date | None) -> list[ScheduleRule]:
    merged: dict[object, ScheduleRule] = {}
    for rule in rules:
        counts_from = rule.dtstart if rule.interval > 1 or rule.freq is Frequency.ONCE else None
        begins = rule.first_day if today is not None and rule.first_day > today else None
        times = (rule.opens_at, rule.closes_at)
        holidays = (rule.bank_holidays, rule.holiday_opens_at, rule.holiday_closes_at)
        kept_to = (rule.valid_to, rule.term_time, rule.season, holidays, rule.pence)
        key = (rule.freq, rule.interval, rule.nth, times, kept_to, counts_from, begins)
        same = merged.get(key)
        merged[key] = replace(rule, byday=same.byday + rule.byday) if same else rule
    return list(merged.values())


def join_words(words: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    parts = list(words)
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _order(rule: ScheduleRule) -> tuple[date, int, int, int, time]:
    """Single dates last, in their order; the rest by their first day of the week."""
    if rule.freq is Frequency.ONCE:
        return (rule.dtstart, 0, 0, 0, rule.opens_at)
    return (date.min, rule.byday[0].number, -len(rule.byday), rule.interval, rule.opens_at)


def _with_times(rule: ScheduleRule, times: str, today: date | None) -> str:
    parts = [
        _days_in_words(rule, today),
        times,
        "in term time" if rule.term_time else "",
        season_in_words(rule.season),
        _holidays_in_words(rule),
        "" if rule.pence is None else cost_in_words(rule.pence).lower(),
    ]
    if today is not None and rule.first_day > today and rule.freq is not Frequency.ONCE:
        parts.append(f"from {say_day(rule.first_day, today)}")
    if rule.valid_to is not None:
        parts.append(f"until {say_day(rule.valid_to, today)}")
    return ", ".join(part for part in parts if part)


def season_in_words(season: tuple[int, int] | None) -> str:
    """Words such as "April to September only", "July only"; empty for all year."""
    if season is None:
        return ""
    first, last = (MONTHS[month - 1] for month in season)
    return f"{first} only" if first == last else f"{first} to {last} only"


def _holidays_in_words(rule: ScheduleRule) -> str:
    if rule.bank_holidays is BankHolidays.OFF:
        return "not on bank holidays"
    if rule.holiday_opens_at is None:
        return ""
    return f"on bank holidays {say_times(rule.holiday_opens_at, rule.holiday_closes_at)}"


def _days_in_words(rule: ScheduleRule, today: date | None) -> str:
    if rule.freq is Frequency.ONCE:
        return say_day(rule.dtstart, today)
    days = _run_of_days(rule.byday)
    if rule.freq is Frequency.WEEKLY:
        return _week_in_words(days, rule)
    which = NTH_WORDS[rule.nth or 1]
    months = {1: "of the month", 2: "of every other month"}.get(rule.interval)
    return f"{which} {days} {months}" if months else f"{which} {days}, every {rule.interval} months"


def _week_in_words(days: str, rule: ScheduleRule) -> str:
    is_run = " to " in days
    if rule.interval == 1:
        every_day = len(rule.byday) == len(WEEK)
        return "Every day" if every_day else (days if is_run else f"Every {days}")
    if rule.interval == 2:
        return f"Every other week, {days}" if is_run else f"Every other {days}"
    return f"Every {rule.interval} weeks, {days}"


def _run_of_days(days: tuple[Weekday, ...]) -> str:
    """ "Monday to Friday" where three or more days follow each other, else the days by name."""
    labels = [day.label for day in days]
    follows = days[-1].number - days[0].number == len(days) - 1
    if follows and len(days) >= SHORTEST_RUN:
        return f"{labels[0]} to {labels[-1]}"
    return join_words(labels)


class Piece(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of words in a comparison of two texts."""

    piece: Piece
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs: both texts in words, and the two woven into one run of segments."""

    name: str
    label: str
    before: str
    after: str
    segments: tuple[Segment, ...]
    waits: bool


def field_differences(
    before: Content, after: Content, say: Callable[[str, Any], str] | None = None
) -> tuple[Difference, ...]:
    """What an editor is shown of a change, in the order of the form.

    `say` turns a field's name and value into words where `value_in_words` is not enough, as for needs kept as
    slugs.
    """
    words = say or (lambda _, value: value_in_words(value))
    differences = []
    for name in changed_fields(before, after):
        old = words(name, before.get(name))
        new = words(name, after[name])
        differences.append(
            Difference(
                name=name,
                label=field_label(name),
                before=old,
                after=new,
                segments=word_difference(old, new),
                waits=publishes(name) is Publishes.AFTER_APPROVAL,
            )
        )
    return tuple(differences)


def field_label(name: str) -> str:
    """The field's words on pages; an unknown name with its underscores taken out."""
    known = FIELDS.get(name)
    return known.label if known else name.replace("_", " ").capitalize()


def word_difference(before: str, after: str) -> tuple[Segment, ...]:
    """The two texts as one run of segments, word by word.

    The SAME and REMOVED segments together are `before`, the SAME and ADDED ones `after`, letter by letter.
    """
    old, new = _words(before), _words(after)
    segments: list[Segment] = []
    gone = come = ""
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        same = tag == "equal"
        left, right = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        if not same or ((gone or come) and left.isspace() and new_to < len(new) and old_to < len(old)):
            gone, come = gone + left, come + right
            continue
        segments += _changed(gone, come)
        segments.append(Segment(Piece.SAME, left))
        gone = come = ""
    return (*segments, *_changed(gone, come))


def _changed(gone: str, come: str) -> list[Segment]:
    """What went and what came, where words lie between two changes only a blank apart as one change."""
    return [Segment(piece, text) for piece, text in ((Piece.REMOVED, gone), (Piece.ADDED, come)) if text]


def _words(text: str) -> list[str]:
    """Words and the blanks between them, so that joining gives the text back."""
    return re.findall(r"\s+|[^\s]+", text)


def value_in_words(value: Any) -> str:
    """A content value as a person reads it; money is a mapping with `pence`, a schedule one with `freq`."""
    if is_empty(value):
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, Mapping):
        return _mapping_in_words(value)
    if isinstance(value, list | tuple):
        joint = "\n" if any(isinstance(part, Mapping) for part in value) else ", "
        return joint.join(value_in_words(part) for part in value)
    return str(value)


def _mapping_in_words(value: Mapping[str, Any]) -> str:
    if "pence" in value:
        return cost_in_words(int(value["pence"]), str(value.get("label", "")))
    return ", ".join(
        f"{str(key).replace('_', ' ')}: {value_in_words(part)}"
        for key, part in value.items()
        if not is_empty(part)
    )


def cost_in_words(pence: int, label: str = "") -> str:
    """Words such as "Free", "50p", "£3", "£3.50 (Each session)", "Free (Carers)"."""
    pounds, rest = divmod(pence, 100)
    if pence == 0:
        amount = "Free"
    elif pounds == 0:
        amount = f"{rest}p"
    else:
        amount = f"£{pounds}.{rest:02}" if rest else f"£{pounds}"
    return amount if not label or label.casefold() == amount.casefold() else f"{amount} ({label})"
