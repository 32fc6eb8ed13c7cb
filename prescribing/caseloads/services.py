"""Balancing a team: handing people over, and arranging who stands in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Invalid, NotFound
from prescribing.caseloads.models import Cover, Handover
from prescribing.caseloads.queries import cover_for_update, teams_led
from prescribing.caseloads.rules import check_cover
from prescribing.episodes import triage
from prescribing.episodes.rules import CASELOAD
from prescribing.episodes.scope import episode_for_update


def hand_over(
    session: Session, actor: Actor, episode_ids: Collection[UUID], to_id: UUID, note: str
) -> tuple[Handover, ...]:
    """Give people of the coordinator's team to one link worker, all or none, each with the same note.

    Raises `Invalid` without people or a note, `NotFound` outside, `Refused` for whoever is no coordinator.
    """
    if not episode_ids:
        raise Invalid("Choose at least one person to hand over.", "people")
    if not note.strip():
        raise Invalid("Write what your colleague needs to know.", "note")
    made = []
    for episode_id in sorted(set(episode_ids)):
        episode = episode_for_update(session, actor, episode_id)
        if episode.state not in CASELOAD:
            raise NotFound
        giver_id = episode.link_worker_id
        triage.allocate(session, actor, episode_id, to_id)
        handover = Handover(
            episode_id=episode_id,
            at=clock.now(),
            from_id=giver_id,
            to_id=to_id,
            author_id=actor.account_id,
            author_name=actor.name[:120],
            note=note.strip(),
        )
        session.add(handover)
        made.append(handover)
    session.flush()
    return tuple(made)


def arrange_cover(
    session: Session, actor: Actor, away_id: UUID, stand_in_id: UUID, first_day: date, last_day: date
) -> Cover:
    """Have a colleague look after somebody's people on these days, both included.

    Raises `NotFound` for whoever is no link worker of the coordinator's teams, `Invalid` naming the field.
    """
    teams = teams_led(session, actor, away_id)
    if not teams:
        raise NotFound
    shared = teams & teams_led(session, actor, stand_in_id)
    if not shared:
        raise Invalid("Choose a link worker of this team.", "stand_in_id")
    check_cover(first_day, last_day, clock.today(), away_id=away_id, stand_in_id=stand_in_id)
    cover = Cover(
        team_id=min(shared),
        away_id=away_id,
        stand_in_id=stand_in_id,
        first_day=first_day,
        last_day=last_day,
        arranged_by_id=actor.account_id,
    )
    session.add(cover)
    session.flush()
    audit.record(session, actor, "cover.arrange", "account", away_id, stand_in=str(stand_in_id))
    return cover


def end_cover(session: Session, actor: Actor, cover_id: UUID) -> Cover:
    """Somebody is back early, or never went."""
    cover = cover_for_update(session, actor, cover_id)
    cover.ended_at = cover.ended_at or clock.now()
    session.flush()
    audit.record(session, actor, "cover.end", "account", cover.away_id)
    return cover
