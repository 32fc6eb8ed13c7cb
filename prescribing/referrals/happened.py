"""What referrals add to a timeline: where somebody was sent, what was answered, visits, what they were told of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from core.clock import LONDON
from core.db import read
from prescribing.episodes import queries as episodes
from prescribing.episodes.moves import Mover
from prescribing.episodes.timeline import Kind, Step
from prescribing.referrals.models import Gap, Presence
from prescribing.referrals.queries import MoveRow, steps_of
from prescribing.referrals.rules import JoinMode
from prescribing.referrals.sent import SentTo, sent_in


def happened(session: Session, episode_id: UUID) -> list[Step]:
    """The steps of one episode's referrals, in a bounded number of queries."""
    sent = sent_in(session, episode_id)
    steps = [step for one in sent.referrals for step in _of(one)]
    steps += [
        Step(one.at, f"Told about {one.service}", "Nothing was sent.", "", Kind.GROUPS) for one in sent.told
    ]
    return steps + _gaps(session, episode_id)


def _of(sent: SentTo) -> Iterable[Step]:
    name = sent.service
    for said in steps_of([event for event in sent.events if not _by_clock(event)]):
        yield Step(
            said.at, f"{name}: {said.title[:1].lower()}{said.title[1:]}", said.text, said.by, Kind.GROUPS
        )
    for on, one in sent.visits.items():
        if one.presence is not Presence.NOT_SURE:
            came = "came" if one.presence is Presence.CAME else "did not come"
            # A visit is known by its day alone: it stands after whatever else that day brought.
            at = datetime.combine(on, time(23, 59), LONDON)
            yield Step(min(at, one.recorded_at), f"{name}: {came}", "", "", Kind.GROUPS)


def _by_clock(event: MoveRow) -> bool:
    return event.said_by is Mover.RULE and event.reason != JoinMode.TURN_UP.value


def _gaps(session: Session, episode_id: UUID) -> list[Step]:
    gaps = read(session, _written_gaps(), episode_id=episode_id)
    names = episodes.every_need_name(session) if gaps else {}
    return [
        Step(at, f"{names.get(slug, slug)}: nothing fitted", "The gap was written down.", "", Kind.GROUPS)
        for at, slug in gaps
    ]


@cache
def _written_gaps() -> Select[*tuple[Any, ...]]:
    return select(Gap.at, Gap.need_slug).where(Gap.episode_id == bindparam("episode_id"))
