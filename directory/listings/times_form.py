"""The forms of when: one line of a timetable, a session that moves, days that are closed, school terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import (
    BooleanField,
    DecimalField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms import Form as BaseForm
from wtforms.validators import Optional

from core.calendar.rules import MONTHS
from core.errors import Invalid
from core.web.fields import DateField, TimeField, choices
from core.web.forms import CreateForm, Form
from core.web.validators import Between, MaxLength, Required
from directory.listings.recurrence import (
    MIDNIGHT,
    MOST_PENCE,
    WEEK,
    BankHolidays,
    Frequency,
    ScheduleRule,
    Weekday,
)
from directory.listings.schedule_json import rule_as_json, rule_from_json
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


class _UnlessAllDay(Required):
    """A start is asked for where it is not on all day."""

    def __call__(self, form: BaseForm, field: Field) -> None:
        """Raise `StopValidation` when there is neither."""
        if not form["all_day"].data:
            super().__call__(form, field)


_MONTHS = [(str(number), name) for number, name in enumerate(MONTHS, 1)]


class TimeForm(SectionForm):
    """One line of a timetable."""

    often = SelectField("How often?", choices=choices(_often()))
    days = SelectMultipleField(
        "Which days?",
        choices=choices([(day.value, day.label) for day in WEEK]),
        description="Leave empty for a single day.",
    )
    opens_at = TimeField("Starts at", validators=[_UnlessAllDay()], description="For example: 10am.")
    closes_at = TimeField("Ends at", description="For example: 12pm. Leave empty if it varies.")
    all_day = BooleanField("It is on all day, without a start and an end")
    first = DateField(
        "First date",
        description="For every other week, or one day only. Otherwise leave it empty if you meet already.",
    )
    last = DateField("Last date", description="Leave this empty if it goes on.")
    term_time = BooleanField("In school term time only")
    season_from = SelectField("From", validators=[Optional()], choices=choices(_MONTHS, first="All year"))
    season_to = SelectField(
        "To the end of", validators=[Optional()], choices=choices(_MONTHS, first="All year")
    )
    bank_holidays = RadioField(
        "On bank holidays",
        validators=[Optional()],
        choices=choices(
            [
                (BankHolidays.AS_USUAL.value, "We meet as usual"),
                (BankHolidays.OFF.value, "We do not meet"),
                (BankHolidays.OTHER_TIMES.value, "We meet at other times"),
            ]
        ),
    )
    holiday_opens_at = TimeField("On bank holidays, starts at")
    holiday_closes_at = TimeField("On bank holidays, ends at")
    pounds = DecimalField(
        "Price of this session in pounds",
        validators=[Optional(), Between(0, MOST_PENCE // 100)],
        description="Only if it is not your usual price. 0 is free.",
    )

    @classmethod
    def data_of(cls, content: Mapping[str, Any]) -> Values:
        """`content` is one rule as JSON, or empty for a new line."""
        if not content:
            return {"often": "weekly", "bank_holidays": BankHolidays.AS_USUAL.value}
        rule = rule_from_json(content)
        counted = rule.interval > 1 or rule.freq is Frequency.ONCE
        return {
            "often": _often_of(rule),
            "days": [day.value for day in rule.byday],
            "opens_at": None if rule.all_day else rule.opens_at,
            "closes_at": None if rule.all_day else rule.closes_at,
            "all_day": rule.all_day,
            "first": rule.dtstart if counted else rule.valid_from,
            "last": rule.valid_to,
            "term_time": rule.term_time,
            "season_from": str(rule.season[0]) if rule.season else "",
            "season_to": str(rule.season[1]) if rule.season else "",
            "bank_holidays": rule.bank_holidays.value,
            "holiday_opens_at": rule.holiday_opens_at,
            "holiday_closes_at": rule.holiday_closes_at,
            "pounds": None if rule.pence is None else Decimal(rule.pence) / 100,
        }

    @property
    def says_more(self) -> bool:
        """Whether anything is filled in that most groups leave alone, so that it is not folded away."""
        usual = self.bank_holidays.data in {None, "", BankHolidays.AS_USUAL.value}
        rare = (self.season_from, self.season_to, self.holiday_opens_at, self.holiday_closes_at)
        said = [one.data for one in (*rare, self.term_time)] + [
            self.pounds.raw_data and self.pounds.raw_data[0]
        ]
        return not usual or self.pounds.data is not None or any(said) or any(one.errors for one in rare)

    def as_json(self, today: date, before: Mapping[str, Any]) -> Values:
        """The line as the listing's content keeps it. What the form does not ask stays as it was `before`.

        Raises `Invalid` for parts that do not fit together.
        """
        often = str(self.often.data)
        once = often == "once"
        nth = int(often.removeprefix("monthly-")) if often.startswith("monthly-") else None
        if self.first.data is None and often in {"once", "fortnightly"}:
            raise Invalid("Enter the date, so that we know which week or day you mean.", "first")
        counted = once or often == "fortnightly"
        all_day = bool(self.all_day.data)
        other_times = self.bank_holidays.data == BankHolidays.OTHER_TIMES.value
        rule = ScheduleRule(
            freq=Frequency.ONCE if once else (Frequency.WEEKLY if nth is None else Frequency.MONTHLY),
            dtstart=(self.first.data if counted else None) or today,
            opens_at=MIDNIGHT if all_day else self.opens_at.data or MIDNIGHT,
            closes_at=MIDNIGHT if all_day else self.closes_at.data,
            byday=() if once else tuple(Weekday(day) for day in self.days.data or ()),
            interval=2 if often == "fortnightly" else 1,
            nth=nth,
            valid_from=None if counted else self.first.data,
            valid_to=None if once else self.last.data,
            term_time=bool(self.term_time.data) and not once,
            season=None if once else self._season(),
            bank_holidays=BankHolidays(self.bank_holidays.data or BankHolidays.AS_USUAL),
            holiday_opens_at=self.holiday_opens_at.data if other_times else None,
            holiday_closes_at=self.holiday_closes_at.data if other_times else None,
            pence=None if self.pounds.data is None else int(self.pounds.data * 100),
        )
        return dict(rule_as_json(_keeping(rule, rule_from_json(before)) if before else rule))

    def _season(self) -> tuple[int, int] | None:
        first, last = self.season_from.data, self.season_to.data
        if not first and not last:
            return None
        if not first or not last:
            raise Invalid(
                "Choose both the first and the last month.", "season_to" if first else "season_from"
            )
        return int(first), int(last)


def _keeping(rule: ScheduleRule, before: ScheduleRule) -> ScheduleRule:
    """The rule with the count of `before`, where it meets as often: its interval, and the day that it counts from."""
    if _often_of(rule) != _often_of(before):
        return rule
    counted = before.interval > 1 or rule.freq is Frequency.ONCE
    return replace(
        rule, interval=before.interval, dtstart=rule.dtstart if counted else min(before.dtstart, rule.dtstart)
    )


def _often_of(rule: ScheduleRule) -> str:
    if rule.freq is Frequency.ONCE:
        return "once"
    if rule.freq is Frequency.MONTHLY:
        return f"monthly-{rule.nth}"
    return "fortnightly" if rule.interval == 2 else "weekly"


class MoveSessionForm(Form):
    """One session on another day or at another time."""

    session = HiddenField()
    moved_to = DateField("New date", validators=[Required()])
    opens_at = TimeField("New start", description="Leave this empty if the time stays.")
    closes_at = TimeField("New end", description="Leave this empty if it lasts as long as ever.")
    note = StringField(
        "Why? (you can leave this empty)",
        validators=[MaxLength(200)],
        description="People see it on your page. For example: The hall is used for voting.",
    )


class ClosedForm(Form):
    """Some days on which nothing is on."""

    first = DateField("First day that you are closed", validators=[Required()])
    last = DateField("Last day that you are closed", validators=[Required()])
    note = StringField(
        "Why? (you can leave this empty)",
        validators=[MaxLength(200)],
        description="People see it on your page. For example: Closed for Christmas.",
    )


class SchoolTermForm(CreateForm):
    """One stretch of school."""

    name = StringField(
        "What is it called?",
        validators=[Required("Enter what it is called"), MaxLength(80)],
        description="Such as: Autumn, first half.",
    )
    starts = DateField("First day of school", validators=[Required()])
    ends = DateField("Last day of school", validators=[Required()])
