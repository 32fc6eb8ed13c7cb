"""Events that were dropped from their source when all their dates had passed: over, so that nobody has to ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.db import among
from directory.exchange import queries
from directory.exchange.fields import STATUS
from directory.exchange.queries import Held
from directory.listings.ending_rules import is_over
from directory.listings.models import Schedule, ScheduleException, Service, rule_of
from directory.listings.recurrence import ScheduleRule
from directory.listings.rules import ListingStatus, Mover
from directory.listings.services import move_status

OPEN = (ListingStatus.PUBLISHED, ListingStatus.PAUSED, ListingStatus.UNCONFIRMED)
_AT_ONCE = 500
REASON = "All its dates are over."


def over(session: Session, gone: Mapping[str, Held]) -> frozenset[str]:
    """Those of the records, by their keys, whose open listing, as it stands, has no date from today on."""
    services = {one.service_id: key for key, one in gone.items()}
    if not services:
        return frozenset()
    # One that says its times in words too has more than its dates.
    timetables = (
        select(Schedule)
        .join(Service, Service.id == Schedule.service_id)
        .where(
            among(Schedule.service_id, services),
            Service.status.in_(OPEN),
            Service.merged_into_id.is_(None),
            func.coalesce(Service.opening_times_text, "") == "",
        )
    )
    rules: defaultdict[UUID, list[ScheduleRule]] = defaultdict(list)
    for row in session.scalars(timetables):
        rules[row.service_id].append(rule_of(row, ()))
    moves = select(ScheduleException.service_id, ScheduleException.moved_to).where(
        among(ScheduleException.service_id, rules)
    )
    moved: defaultdict[UUID, list[date]] = defaultdict(list)
    for service_id, day in session.execute(moves):
        moved[service_id] += [day] if day else []
    today = clock.today()
    return frozenset(services[one] for one, lines in rules.items() if is_over(lines, moved[one], today))


def end_them(session: Session, actor: Actor, held: Sequence[Held]) -> None:
    """Close their listings with their source as the author; given again with new dates, they open again."""
    for start in range(0, len(held), _AT_ONCE):
        chunk = held[start : start + _AT_ONCE]
        rows = queries.records_for_update(session, [one.id for one in chunk])
        services = queries.listings_for_update(session, [one.service_id for one in chunk])
        for one in chunk:
            row, service = rows[one.id], services[one.service_id]
            move_status(session, actor, service.id, ListingStatus.CLOSED, REASON, mover=Mover.SOURCE)
            # As if the source had said so: new dates from it are then news, and open the listing again.
            row.fields = {**row.fields, STATUS: ListingStatus.CLOSED.value}
            row.vanished_at = row.kept_at = clock.now()
    session.flush()
