"""Where somebody stands on Today: first, answered, quiet too long, soon, waiting on others, or none of these. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from core.calendar.rules import (
    add_working_days,
    is_working_day,
    london_day,
    next_working_day,
    working_days_between,
)
from core.errors import Invalid
from prescribing.episodes.clocks import Due, DueKind, Situation
from prescribing.episodes.rules import EpisodeState

# How far ahead, in working days, Today looks before something is "the rest".
SOON = 3
# A closed episode still asks for something until its last follow-up, and a little longer.
FOLLOWED_FOR = timedelta(days=400)
# What is put off comes back within this many calendar days; sooner where a risk is known.
LONGEST_SNOOZE = 28
LONGEST_SNOOZE_AT_RISK = 7


class Group(StrEnum):
    """The parts of Today, in the order of the page."""

    FIRST = "first"
    ANSWERS = "answers"
    QUIET = "quiet"
    SOON = "soon"
    WAITING = "waiting"
    REST = "rest"


GROUP_WORDS: Mapping[Group, str] = MappingProxyType(
    {
        Group.FIRST: "Needs you now",
        Group.ANSWERS: "Answers in",
        Group.QUIET: "Quiet too long",
        Group.SOON: "Soon",
        Group.WAITING: "Waiting on others",
        Group.REST: "Everybody else",
    }
)


def quiet_since(case: Situation, today: date, heard_at: datetime | None = None) -> date | None:
    """The day on which anything last happened, where that is too long ago for somebody who is being supported.

    `heard_at` (aware) is when another feature last saw something happen, such as a visit to a group.
    """
    if case.state is not EpisodeState.ACTIVE:
        return None
    moments = [event.at for event in case.events]
    moments += [attempt.at for attempt in case.attempts]
    moments += [heard_at] if heard_at is not None else []
    if not moments:
        return None
    last = london_day(max(moments))
    if last >= today or working_days_between(last, today) < case.clocks.quiet:
        return None
    return last


def put_off_still(
    until: date | None, since: datetime | None, heard_at: datetime | None, today: date
) -> date | None:
    """The day until which somebody is put off: none once it has come, or once something came in (`heard_at`) after
    they were put off (`since`)."""
    if until is None or until <= today:
        return None
    if since is not None and heard_at is not None and heard_at > since:
        return None
    return until


def group_of(
    due: Due | None,
    today: date,
    *,
    answered: bool = False,
    quiet: bool = False,
    moving: bool = False,
    put_off_until: date | None = None,
    urgent: bool = False,
) -> Group:
    """The one part of Today where a person stands. What was put off waits until its day, whatever is due; what is
    urgent waits for nothing."""
    if urgent:
        return Group.FIRST
    if put_off_until is not None and put_off_until > today:
        return Group.WAITING
    if due is not None and due.on is not None and due.on <= today:
        return Group.FIRST
    if answered:
        return Group.ANSWERS
    if quiet:
        return Group.QUIET
    if due is not None and due.on is not None and due.on <= add_working_days(today, SOON):
        return Group.SOON
    if moving or (due is not None and due.kind in {DueKind.ON_HOLD, DueKind.WAITING}):
        return Group.WAITING
    return Group.REST


def longest_snooze(*, risk: bool) -> int:
    """How many days somebody can be put off at most."""
    return LONGEST_SNOOZE_AT_RISK if risk else LONGEST_SNOOZE


def snooze_days(today: date, *, risk: bool) -> tuple[date, ...]:
    """The working days that are meant most: the next one, and one about a week on that is not too far off."""
    week, last = (
        next_working_day(today + timedelta(days=7)),
        today + timedelta(days=longest_snooze(risk=risk)),
    )
    while week > last or not is_working_day(week):
        week -= timedelta(days=1)
    return tuple(dict.fromkeys((add_working_days(today, 1), week)))


def check_snooze(until: date, today: date, *, risk: bool) -> date:
    """The day itself. Raises Invalid for a day that is past, or further off than somebody should wait."""
    if until <= today:
        raise Invalid("Choose a day after today.", "until")
    days = longest_snooze(risk=risk)
    if until > today + timedelta(days=days):
        why = "There is a known risk, so choose a day" if risk else "Choose a day"
        raise Invalid(f"{why} within the next {days} days. To stop for longer, pause the support.", "until")
    return until
