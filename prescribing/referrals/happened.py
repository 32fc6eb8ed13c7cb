"""What referrals add to a timeline: where somebody was sent, what was answered, visits, what they were told of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core.clock import LONDON
from directory import published
from prescribing.episodes import queries as episodes
from prescribing.episodes.moves import Mover
from prescribing.episodes.timeline import Kind, Step
from prescribing.referrals.models import Gap, Presence, Referral, ReferralEvent, Signpost
from prescribing.referrals.queries import step_of
from prescribing.referrals.rules import ReferralState
from prescribing.referrals.visits import present_rows

_GONE = "An activity that is no longer listed"


def happened(session: Session, episode_id: UUID) -> list[Step]:
    """The steps of one episode's referrals, in a bounded number of queries."""
    rows = session.scalars(
        select(Referral)
        .where(Referral.episode_id == episode_id, Referral.state != ReferralState.ENTERED_IN_ERROR)
        .options(selectinload(Referral.events), selectinload(Referral.attendances))
    ).all()
    told = session.execute(
        select(Signpost.at, Signpost.service_id).where(Signpost.episode_id == episode_id)
    ).all()
    ids = {row.service_id for row in rows} | {service_id for _at, service_id in told}
    names = {one: brief.name for one, brief in published.briefs(session, ids).items()} if ids else {}
    steps = [step for row in rows for step in _of(row, names.get(row.service_id, _GONE))]
    steps += [
        Step(at, f"Told about {names.get(service_id, _GONE)}", "Nothing was sent.", "", Kind.GROUPS)
        for at, service_id in told
    ]
    return steps + _gaps(session, episode_id)


def _of(row: Referral, name: str) -> Iterable[Step]:
    for event in row.events:
        if not _by_rule(event):
            said = step_of(event)
            yield Step(
                said.at, f"{name}: {said.title[:1].lower()}{said.title[1:]}", said.text, said.by, Kind.GROUPS
            )
    for on, one in present_rows(row).items():
        if one.presence is not Presence.NOT_SURE:
            came = "came" if one.presence is Presence.CAME else "did not come"
            # A visit is known by its day alone: it stands after whatever else that day brought.
            at = datetime.combine(on, time(23, 59), LONDON)
            yield Step(min(at, one.recorded_at), f"{name}: {came}", "", "", Kind.GROUPS)


def _by_rule(event: ReferralEvent) -> bool:
    return event.said_by is Mover.RULE


def _gaps(session: Session, episode_id: UUID) -> list[Step]:
    gaps = session.execute(select(Gap.at, Gap.need_slug).where(Gap.episode_id == episode_id)).all()
    names = episodes.every_need_name(session) if gaps else {}
    return [
        Step(at, f"{names.get(slug, slug)}: nothing fitted", "The gap was written down.", "", Kind.GROUPS)
        for at, slug in gaps
    ]
