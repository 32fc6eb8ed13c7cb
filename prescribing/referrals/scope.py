"""Whose a referral is: the team's, and the group's that it was sent to. Rows for services, held for update."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Membership, Role
from core.accounts.sessions import digest_of
from core.errors import Conflict, NotFound
from core.holding import held
from directory import published
from prescribing.episodes.clocks import Hold, holds_in
from prescribing.episodes.histories import as_event
from prescribing.episodes.models import Episode
from prescribing.episodes.moves import Event, Mover, movers_of
from prescribing.episodes.scope import episodes_for_update, of_team
from prescribing.people.queries import TEAM_ROLES, consent_facts
from prescribing.referrals.models import GroupLink, Referral, ReferralEvent
from prescribing.referrals.rules import REFERRAL_WORDS
from prescribing.referrals.tiers import Tier, group_tier

L = TypeVar("L", bound=GroupLink)


def of_group(actor: Actor) -> ColumnElement[bool]:
    """Referrals to the actor's groups, whichever entry of a group that was there twice they were sent to."""
    if actor.kind == "system":
        return true()
    return Referral.organization_id.in_(published.groups_known(actor.organization_ids(Role.GROUP_MEMBER)))


def is_theirs(session: Session, actor: Actor, organization_id: UUID) -> bool:
    """Whether a group is the actor's, by any of the entries that became one."""
    mine = actor.organization_ids(Role.GROUP_MEMBER)
    if not mine or organization_id in mine:
        return bool(mine)
    return not mine.isdisjoint(published.known_group_ids(session, organization_id))


def link_actor(organization_id: UUID) -> Actor:
    """Whoever holds a group's signed link: they may answer for that group, and nothing else."""
    return Actor(
        None,
        "The group, by its link",
        (Membership(Role.GROUP_MEMBER, organization_id=organization_id),),
        kind="link",
    )


def movers_towards(session: Session, actor: Actor, referral: Referral, episode: Episode) -> frozenset[Mover]:
    """Who this actor is to this referral, for the rules."""
    if actor.kind == "system":
        return frozenset({Mover.CLOCK, Mover.RULE})
    roles: set[Role] = {
        member.role
        for member in actor.memberships
        if (member.role in TEAM_ROLES and member.team_id == episode.team_id)
        or (member.role is Role.RESIDENT and member.person_id == referral.person_id)
    }
    if is_theirs(session, actor, referral.organization_id):
        roles.add(Role.GROUP_MEMBER)
    return movers_of(roles)


def referrals_for_update(session: Session, *which: ColumnElement[bool]) -> Sequence[Referral]:
    """The rows of referrals, by id, held as they stand now; their episodes are held first."""
    episodes_for_update(session, Episode.id.in_(select(Referral.episode_id).where(*which)))
    return held(session, select(Referral).where(*which).order_by(Referral.id))


def referral_for_update(
    session: Session, actor: Actor, referral_id: UUID, expected_version: int | None = None
) -> Referral:
    """The row of a referral of the actor's team. Raises `NotFound` outside, `Conflict` when it has moved on."""
    rows = referrals_for_update(session, Referral.id == referral_id, Referral.episode.has(of_team(actor)))
    return _current(rows, expected_version)


def group_referral_for_update(
    session: Session, actor: Actor, referral_id: UUID, expected_version: int | None = None
) -> Referral:
    """The row of a referral to the actor's group of which the group may see something now. Raises as
    `referral_for_update`."""
    rows = referrals_for_update(session, Referral.id == referral_id, of_group(actor))
    referral = _current(rows, expected_version)
    if tier_for_group(session, referral) is None:
        raise NotFound
    return referral


def any_referral_for_update(
    session: Session, actor: Actor, referral_id: UUID, expected_version: int | None = None
) -> Referral:
    """The row, for whoever may write down what the group decided: the group itself, or the team."""
    to_group = select(Referral.id).where(Referral.id == referral_id, of_group(actor))
    if session.scalar(to_group) is not None:
        return group_referral_for_update(session, actor, referral_id, expected_version)
    return referral_for_update(session, actor, referral_id, expected_version)


def tier_for_group(session: Session, referral: Referral) -> Tier | None:
    """What the group may see of it now; None is nothing at all."""
    facts = consent_facts(session, referral.person_id)
    return group_tier(
        referral.state,
        facts,
        referral.organization_id,
        clock.now(),
        asked_at=referral.requested_at,
        flagged_for_safety=referral.person.flagged_for_safety,
    )


def live_link(session: Session, token: str, kind: type[L]) -> L | None:
    """The link of that token to such a thing, if there ever was one; whether it still works is for `link_works`."""
    if not 20 <= len(token) <= 100:
        return None
    return session.scalar(select(kind).where(kind.token_digest == digest_of(token)))


def link_works(link: GroupLink) -> bool:
    """Whether a link still leads anywhere."""
    return link.revoked_at is None and link.expires_at > clock.now()


def holds_of(episode: Episode) -> tuple[Hold, ...]:
    """When the case was on hold: its clocks stand still then."""
    return holds_in([as_event(row) for row in episode.events])


def as_referral_event(row: ReferralEvent) -> Event:
    """A row of the history as the rules know it."""
    return Event(
        at=row.at,
        author=row.author,
        source=row.source,
        target=row.target,
        reason=row.reason,
        said_by=row.said_by,
        kind=row.kind,
    )


def _current(rows: Sequence[Referral], expected_version: int | None) -> Referral:
    if not rows:
        raise NotFound
    referral = rows[0]
    if expected_version is not None and referral.version != expected_version:
        raise Conflict(
            f"Somebody else has moved this on while you had it open. It is now “{REFERRAL_WORDS[referral.state]}”.",
            {},
            {},
        )
    return referral
