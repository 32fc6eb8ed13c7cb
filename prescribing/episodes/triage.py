"""What a coordinator decides about a request: look at it, ask for more, give it to somebody, or turn it away."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.accounts.models import Account, MembershipRow
from core.audit import services as audit
from core.errors import Invalid, Refused
from core.notify import services as notify
from prescribing.episodes import known
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import CASELOAD, CloseReason, EpisodeState, Priority
from prescribing.episodes.scope import episode_for_update
from prescribing.episodes.services import shift
from prescribing.people.models import Partner
from prescribing.people.queries import TEAM_ROLES


def start_triage(
    session: Session, actor: Actor, episode_id: UUID, *, expected_version: int | None = None
) -> Episode:
    """Begin to look at a request that came in."""
    episode = episode_for_update(session, actor, episode_id, expected_version)
    shift(session, actor, episode, EpisodeState.TRIAGE)
    return episode


def ask_for_info(
    session: Session, actor: Actor, episode_id: UUID, question: str, *, expected_version: int | None = None
) -> Episode:
    """Put a request on hold until somebody answers `question`. A partner gets an email with a link, and no more."""
    if not question.strip():
        raise Invalid("Write down what you need to know.", "note")
    episode = _looked_at(session, actor, episode_id, expected_version)
    shift(session, actor, episode, EpisodeState.NEEDS_INFO, note=question.strip())
    partner = episode.support_request.partner
    if partner is not None and partner.email:
        _tell_partner(session, partner, episode)
    return episode


def allocate(
    session: Session,
    actor: Actor,
    episode_id: UUID,
    link_worker_id: UUID,
    *,
    is_person: UUID | None = None,
    expected_version: int | None = None,
) -> Episode:
    """Give a request to a link worker of the same team; or, once it is with somebody, to somebody else.

    `is_person` says that it is about somebody whom the team knows: it goes to their record first, as `known.join`.
    """
    _check_member(session, episode_for_update(session, actor, episode_id).team_id, link_worker_id)
    if is_person is not None:
        known.join(session, actor, episode_id, is_person, expected_version=expected_version)
        expected_version = None
    episode = _looked_at(session, actor, episode_id, expected_version)
    if episode.state in CASELOAD:
        if episode.team_id not in actor.team_ids(Role.COORDINATOR):
            raise Refused("This is for a coordinator to decide.")
        episode.link_worker_id = link_worker_id
        session.flush()
        audit.record(session, actor, "episode.hand-over", "episode", episode.id, to=str(link_worker_id))
        return episode
    episode.link_worker_id = link_worker_id
    shift(session, actor, episode, EpisodeState.ALLOCATED)
    audit.record(session, actor, "episode.allocate", "episode", episode.id, to=str(link_worker_id))
    return episode


def redirect_request(
    session: Session, actor: Actor, episode_id: UUID, words: str, *, expected_version: int | None = None
) -> Episode:
    """Say that this service is not right for a request; `words` tell where they were sent instead."""
    if not words.strip():
        raise Invalid("Say why, and where you sent them instead.", "words")
    episode = _looked_at(session, actor, episode_id, expected_version)
    shift(session, actor, episode, EpisodeState.NOT_APPROPRIATE, reason=CloseReason.REDIRECTED)
    episode.summary = words.strip()
    session.flush()
    return episode


def set_priority(session: Session, actor: Actor, episode_id: UUID, priority: Priority) -> Episode:
    """Say how urgent a request is."""
    episode = episode_for_update(session, actor, episode_id)
    # What somebody says stands, whatever is taken out again.
    episode.priority, episode.own_priority = priority, None
    session.flush()
    audit.record(session, actor, "episode.priority", "episode", episode.id, priority=priority)
    return episode


def _looked_at(session: Session, actor: Actor, episode_id: UUID, expected_version: int | None) -> Episode:
    """The episode in triage: deciding about a request is looking at it, so that one press is enough."""
    episode = episode_for_update(session, actor, episode_id, expected_version)
    if episode.state in {EpisodeState.SUBMITTED, EpisodeState.NEEDS_INFO}:
        shift(session, actor, episode, EpisodeState.TRIAGE)
    return episode


def _check_member(session: Session, team_id: UUID, account_id: UUID) -> None:
    member = session.scalar(
        select(MembershipRow.id)
        .join(Account, Account.id == MembershipRow.account_id)
        .where(
            MembershipRow.account_id == account_id,
            MembershipRow.team_id == team_id,
            MembershipRow.role.in_(TEAM_ROLES),
            MembershipRow.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
        .limit(1)
    )
    if member is None:
        raise Invalid("Choose a link worker of this team.", "link_worker_id")


def _tell_partner(session: Session, partner: Partner, episode: Episode) -> None:
    if partner.email:
        notify.send_email(
            session,
            to=partner.email,
            template="request-question",
            context={"path": f"/requests/{episode.support_request_id}", "asked_on": clock.today()},
            about_id=episode.id,
        )
