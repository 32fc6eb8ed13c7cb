"""Dates and times on pages, in words, as seen from today."""

from __future__ import annotations

from datetime import date, datetime

from core import clock
from core.calendar import rules


def say_day(day: date) -> str:
    """Such as "Tuesday 3 March", with the year when it is not this one."""
    return rules.say_day(day, clock.today())


def say_session(start: datetime, end: datetime | None = None) -> str:
    """Such as "Tuesday 3 March, 10am to 12pm"."""
    return rules.say_session(start, end, clock.today())


def say_moment(moment: datetime) -> str:
    """Such as "Tuesday 3 March at 10:30am"."""
    return rules.say_moment(moment, clock.today())


def say_ago(moment: datetime) -> str:
    """Such as "2 hours ago", "3 days ago"."""
    return rules.say_ago(moment, clock.now())


def say_due(due: date) -> str:
    """Such as "due today", "2 working days late"."""
    return rules.say_due(due, clock.today())
