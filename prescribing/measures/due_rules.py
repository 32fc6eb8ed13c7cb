"""When a measure is due next, and who may fill it in. Pure. Nothing is ever due at a first contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import Invalid
from prescribing.episodes.clocks import follow_up_on, next_follow_up
from prescribing.episodes.rules import EpisodeState
from prescribing.measures.rules import CompletedBy, Instrument, Mode, Point

# Reviews come no closer than this: often enough to see a change, seldom enough not to weary anybody.
REVIEW_AFTER = timedelta(weeks=12)
# Whoever said "not today" is not asked again the next morning.
LEAVE_ALONE = timedelta(weeks=2)


@dataclass(frozen=True)
class Asked:
    """One time that a measure was asked, in London's days; `answered` is false for "not today"."""

    point: Point
    on: date
    answered: bool


@dataclass(frozen=True)
class Due:
    """The next time that a measure is to be asked, at the earliest."""

    point: Point
    on: date

    def now(self, today: date) -> bool:
        return self.on <= today


def next_due(
    state: EpisodeState,
    asked: Sequence[Asked],
    *,
    planned: bool,
    closed_on: date | None,
    follow_up_months: Sequence[int],
    today: date,
) -> Due | None:
    """When to ask next, None where nothing is due: before there is a plan, on hold, or when all is done.

    The start is due with the plan, a review `REVIEW_AFTER` after the last time that it was asked; `follow_up_months`
    after support was completed, one by one. The end is asked when support closes, which has no day yet.
    """
    if state is EpisodeState.COMPLETED and closed_on is not None:
        followed = max((each.on for each in asked if each.point is Point.FOLLOW_UP), default=None)
        months = next_follow_up(closed_on, follow_up_months, followed)
        return None if months is None else Due(Point.FOLLOW_UP, follow_up_on(closed_on, months))
    if state is not EpisodeState.ACTIVE:
        return None
    last = max(asked, key=lambda each: each.on, default=None)
    if any(each.point is Point.BASELINE and each.answered for each in asked) and last is not None:
        return Due(Point.REVIEW, last.on + (REVIEW_AFTER if last.answered else LEAVE_ALONE))
    if not planned:
        return None
    return Due(Point.BASELINE, today if last is None else last.on + LEAVE_ALONE)


@dataclass(frozen=True)
class Sitting:
    """How something was asked, and who answered."""

    mode: Mode
    completed_by: CompletedBy


def who_may(instrument: Instrument, mode: Mode) -> tuple[CompletedBy, ...]:
    """Who may fill a measure in that was asked in this way.

    How somebody feels only they can say, so that most measures may not be answered by another (the Office for National
    Statistics takes no answer by proxy either). Online nobody sits beside them.
    """
    able = [CompletedBy.PERSON]
    if mode is not Mode.ONLINE:
        able.append(CompletedBy.WITH_LINK_WORKER)
    if instrument.by_proxy:
        able.append(CompletedBy.PROXY)
    return tuple(able)


def check_who(instrument: Instrument, mode: Mode, who: CompletedBy) -> None:
    """Raise Invalid unless `who` may fill it in."""
    if who in who_may(instrument, mode):
        return
    if who is CompletedBy.PROXY:
        raise Invalid(
            "Only the person can answer these questions. If they cannot, choose “Not today”.", "completed_by"
        )
    raise Invalid("Online, the person answers by themselves.", "completed_by")


def check_day(on: date, asked_for: date, today: date) -> None:
    """Raise Invalid unless paper can have been filled in on that day: since they asked for support, and not later
    than today."""
    if on > today:
        raise Invalid("The day on the paper cannot be in the future.", "on")
    if on < asked_for:
        raise Invalid("The day on the paper cannot be before they asked for support.", "on")
