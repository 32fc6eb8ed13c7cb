"""Publishing: once for each period, suppressed before it is stored, and never changed."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM
from core.audit import services as audit
from core.db import hold
from core.errors import Refused
from prescribing.evidence import cube, gathering, queries
from prescribing.evidence.models import Publication
from prescribing.evidence.rules import SETTLE_DAYS, Period, PeriodKind, complete_periods, slug_of


def publish(session: Session, period: Period) -> Publication:
    """Publish one period. Raises `Refused` before it is settled, and a second time."""
    hold(session, "evidence")
    if not period.complete(_settled()):
        ready = period.end + timedelta(days=SETTLE_DAYS + 1)
        raise Refused(
            f"{period.say()} cannot be published before {ready:%d %B %Y}. "
            f"People need {SETTLE_DAYS} days after its end to get somewhere."
        )
    if queries.row_of(session, period) is not None:
        raise Refused(f"{period.say()} is published already. What is published never changes.")
    counted = gathering.count_period(session, SYSTEM, period)
    public = queries.published_figures(session, cube.neighbours(period))
    made = Publication(
        kind=queries.KIND,
        period_kind=period.kind,
        period_start=period.start,
        period_end=period.end,
        made_at=clock.now(),
        cube=cube.publish(counted, public),
    )
    session.add(made)
    session.flush()
    audit.record(session, SYSTEM, "evidence.publish", "publication", made.id, period=slug_of(period))
    return made


def publish_due(session: Session) -> tuple[Period, ...]:
    """Publish every settled period since the first request that is not published yet, oldest and shortest first."""
    first = gathering.first_request(session)
    if first is None:
        return ()
    due = [
        period
        for kind in PeriodKind
        for period in reversed(complete_periods(kind, first, _settled()))
        if queries.row_of(session, period) is None
    ]
    for period in due:
        publish(session, period)
    return tuple(due)


def _settled() -> date:
    return clock.today() - timedelta(days=SETTLE_DAYS)
