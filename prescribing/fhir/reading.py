"""What a program of a partner may read: the requests that the partner sent, and what it may hear of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.errors import NotFound
from prescribing.episodes.contacts import tries
from prescribing.episodes.content import from_text
from prescribing.episodes.feedback import codes_for
from prescribing.episodes.feedback import from_text as read_feedback
from prescribing.episodes.histories import as_attempt
from prescribing.episodes.models import (
    ContactAttempt,
    Episode,
    EpisodeEvent,
    FeedbackToReferrer,
    SupportRequest,
)
from prescribing.episodes.moves import FhirStatus
from prescribing.episodes.queries import every_need_name
from prescribing.episodes.rules import EPISODE_CLOSED, EpisodeState, fhir_status
from prescribing.episodes.scope import sent_by
from prescribing.fhir.clients import Holder
from prescribing.fhir.resources import OwnConsent, OwnRecord
from prescribing.people.consent import ConsentFacts, ConsentPurpose, consent_covers
from prescribing.people.models import Consent, Partner

PAGE = 50


@dataclass(frozen=True)
class Asked:
    """What a search asks for: one request, or what changed since; the page from `offset`.

    `nothing` is for what cannot be found."""

    request_id: UUID | None = None
    episode_id: UUID | None = None
    consent_id: UUID | None = None
    reference: str = ""
    since: datetime | None = None
    offset: int = 0
    nothing: bool = False


def records(session: Session, holder: Holder, asked: Asked) -> tuple[list[OwnRecord], int]:
    """A page of what the partner sent, the newest first, and how many there are. Whoever shows it audits the look."""
    if asked.nothing:
        return [], 0
    wanted = [
        condition
        for condition in (
            SupportRequest.id == asked.request_id if asked.request_id else None,
            Episode.id == asked.episode_id if asked.episode_id else None,
            Episode.reference == asked.reference if asked.reference else None,
            Episode.updated_at >= asked.since if asked.since else None,
        )
        if condition is not None
    ]
    total = session.scalar(_own(holder, *wanted).with_only_columns(func.count()).order_by(None)) or 0
    rows = session.scalars(
        _own(holder, *wanted)
        .options(joinedload(Episode.support_request), joinedload(Episode.team), joinedload(Episode.joined_to))
        .limit(PAGE)
        .offset(asked.offset)
    ).all()
    return _as_records(session, holder, rows), total


def record(
    session: Session, holder: Holder, *, request_id: UUID | None = None, episode_id: UUID | None = None
) -> OwnRecord:
    """One request that the partner sent. Raises `NotFound` outside. Whoever shows it audits the look."""
    found, _total = records(session, holder, Asked(request_id=request_id, episode_id=episode_id))
    if len(found) != 1 or (request_id is None and episode_id is None):
        raise NotFound
    return found[0]


def consents(
    session: Session, holder: Holder, *, request_id: UUID | None = None, consent_id: UUID | None = None
) -> list[OwnConsent]:
    """What people agreed to with this partner, the newest first."""
    sent = (
        select(Episode.person_id, SupportRequest.id)
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .where(sent_by(holder.actor), Episode.state != EpisodeState.DRAFT)
        .order_by(Episode.created_at.desc())
    )
    if request_id is not None:
        sent = sent.where(SupportRequest.id == request_id)
    given = select(Consent).where(Consent.recipient_id == holder.partner_id)
    if consent_id is not None:
        given = given.where(Consent.id == consent_id)
    else:
        given = given.where(Consent.person_id.in_(sent.with_only_columns(Episode.person_id).order_by(None)))
    rows = session.scalars(given.order_by(Consent.given_at.desc(), Consent.id.desc()).limit(PAGE)).all()
    about = {
        row[0]: row[1]
        for row in session.execute(sent.where(Episode.person_id.in_({each.person_id for each in rows})))
    }
    now = clock.now()
    return [
        OwnConsent(
            id=row.id,
            request_id=about[row.person_id],
            given_at=row.given_at,
            until=row.until,
            active=row.withdrawn_at is None and (row.until is None or now < row.until),
            how=row.how,
        )
        for row in rows
        if row.person_id in about
    ]


def _own(holder: Holder, *wanted: ColumnElement[bool]) -> Select[Episode]:
    return (
        select(Episode)
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .where(sent_by(holder.actor), *wanted)
        .order_by(Episode.created_at.desc(), Episode.id.desc())
    )


def _as_records(session: Session, holder: Holder, rows: Sequence[Episode]) -> list[OwnRecord]:
    names = every_need_name(session)
    partner = session.get_one(Partner, holder.partner_id).name
    ids = [row.id for row in rows]
    stand = {row.id: row.standing for row in rows}
    told = {
        each.episode_id: each
        for each in session.scalars(select(FeedbackToReferrer).where(FeedbackToReferrer.episode_id.in_(ids)))
    }
    hears = _may_hear(session, holder, {row.person_id for row in rows})
    made_tries = _tries(session, [row.id for row in stand.values() if row.state is EpisodeState.CONTACTING])
    states: dict[UUID, list[EpisodeState]] = {}
    for episode_id, target in session.execute(
        select(EpisodeEvent.episode_id, EpisodeEvent.target)
        .where(EpisodeEvent.episode_id.in_([row.id for row in stand.values()]))
        .order_by(EpisodeEvent.at, EpisodeEvent.id)
    ):
        states.setdefault(episode_id, []).append(target)

    def made(row: Episode) -> OwnRecord:
        agreed = row.person_id in hears
        feedback = told.get(row.id) if agreed else None
        return OwnRecord(
            request_id=row.support_request_id,
            episode_id=row.id,
            version=row.version,
            reference=row.reference,
            status=_status(stand[row.id], made_tries.get(stand[row.id].id, 0), agreed=agreed),
            made_at=row.created_at,
            changed_at=row.updated_at,
            content=from_text(row.support_request.content or '{"name": ""}'),
            needs={slug: names.get(slug, slug) for slug in row.support_request.need_slugs},
            team_name=row.team.name,
            partner_name=partner,
            feedback=read_feedback(feedback.content) if feedback and feedback.content else None,
            feedback_at=feedback.made_at if feedback else None,
            codes=codes_for(tuple(states.get(stand[row.id].id, ()))) if agreed else (),
        )

    return [made(row) for row in rows]


def _status(row: Episode, made: int, *, agreed: bool) -> FhirStatus:
    """Where it stands, for whoever referred; how often we tried, and why it ended, only by the person's consent."""
    status = fhir_status(row.state, row.close_reason, made)
    told = agreed or row.state not in {*EPISODE_CLOSED, EpisodeState.CONTACTING}
    return status if told else replace(status, business=None)


def _tries(session: Session, episode_ids: Collection[UUID]) -> dict[UUID, int]:
    """How often we tried to reach each person since we were last in touch."""
    found: dict[UUID, list[ContactAttempt]] = {}
    for row in session.scalars(select(ContactAttempt).where(ContactAttempt.episode_id.in_(episode_ids))):
        found.setdefault(row.episode_id, []).append(row)
    return {each: len(tries([as_attempt(row) for row in rows])) for each, rows in found.items()}


def _may_hear(session: Session, holder: Holder, person_ids: Collection[UUID]) -> set[UUID]:
    """Whose outcome the partner may hear now."""
    facts: dict[UUID, list[ConsentFacts]] = {}
    for row in session.scalars(
        select(Consent).where(Consent.person_id.in_(person_ids), Consent.recipient_id == holder.partner_id)
    ):
        facts.setdefault(row.person_id, []).append(
            ConsentFacts(row.recipient_id, row.purpose, row.given_at, row.until, row.withdrawn_at)
        )
    now, purpose = clock.now(), ConsentPurpose.FEEDBACK_TO_REFERRER
    return {
        person_id
        for person_id, given in facts.items()
        if consent_covers(given, holder.partner_id, purpose, now)
    }
