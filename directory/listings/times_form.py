"""The form of one line of a timetable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any

from wtforms import BooleanField, SelectField, SelectMultipleField

from core.errors import Invalid
from core.web.fields import DateField, TimeField, choices
from core.web.validators import Required
from directory.listings.recurrence import (
    WEEK,
    Frequency,
    ScheduleRule,
    Weekday,
    rule_as_json,
    rule_from_json,
)
from directory.listings.section_form import SectionForm, Values
from directory.listings.wording import NTH_WORDS


def _often() -> list[tuple[str, str]]:
    monthly = [(f"monthly-{nth}", f"{word} week of the month") for nth, word in NTH_WORDS.items()]
    return [
        ("weekly", "Every week"),
        ("fortnightly", "Every other week"),
        *monthly,
        ("once", "On one day only"),
    ]


class TimeForm(SectionForm):
    """One line of a timetable."""

    often = SelectField("How often?", choices=choices(_often()))
    days = SelectMultipleField(
        "Which days?",
        choices=choices([(day.value, day.label) for day in WEEK]),
        description="Leave empty for a single day.",
    )
    opens_at = TimeField("Starts at", validators=[Required()], description="For example: 10am.")
    closes_at = TimeField("Ends at", description="For example: 12pm. Leave empty if it varies.")
    first = DateField(
        "From which date?",
        description="Only for every other week, or a single day. Leave it empty for every week.",
    )
    term_time = BooleanField("In school term time only")

    @classmethod
    def data_of(cls, content: Mapping[str, Any]) -> Values:
        """`content` is one rule as JSON, or empty for a new line."""
        if not content:
            return {"often": "weekly"}
        rule = rule_from_json(content)
        return {
            "often": _often_of(rule),
            "days": [day.value for day in rule.byday],
            "opens_at": rule.opens_at,
            "closes_at": rule.closes_at,
            "first": rule.dtstart if rule.interval > 1 or rule.freq is Frequency.ONCE else None,
            "term_time": rule.term_time,
        }

    def as_json(self, today: date, before: Mapping[str, Any]) -> Values:
        """The line as the listing's content keeps it. What the form does not ask stays as it was `before`.

        Raises `Invalid` for parts that do not fit together.
        """
        often = str(self.often.data)
        once = often == "once"
        nth = int(often.removeprefix("monthly-")) if often.startswith("monthly-") else None
        if self.first.data is None and often in {"once", "fortnightly"}:
            raise Invalid("Enter the date, so that we know which week or day you mean.", "first")
        rule = ScheduleRule(
            freq=Frequency.ONCE if once else (Frequency.WEEKLY if nth is None else Frequency.MONTHLY),
            dtstart=self.first.data or today,
            opens_at=self.opens_at.data or time(),
            closes_at=self.closes_at.data,
            byday=() if once else tuple(Weekday(day) for day in self.days.data or ()),
            interval=2 if often == "fortnightly" else 1,
            nth=nth,
            term_time=bool(self.term_time.data),
        )
        return dict(rule_as_json(_keeping(rule, rule_from_json(before)) if before else rule))


def _keeping(rule: ScheduleRule, before: ScheduleRule) -> ScheduleRule:
    same_rhythm = _often_of(rule) == _often_of(before)
    return replace(
        rule,
        interval=before.interval if same_rhythm else rule.interval,
        dtstart=before.dtstart if same_rhythm and rule.interval == 1 and rule.byday else rule.dtstart,
        valid_from=before.valid_from,
        valid_to=before.valid_to,
    )


def _often_of(rule: ScheduleRule) -> str:
    if rule.freq is Frequency.ONCE:
        return "once"
    if rule.freq is Frequency.MONTHLY:
        return f"monthly-{rule.nth}"
    return "fortnightly" if rule.interval == 2 else "weekly"
