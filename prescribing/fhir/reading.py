"""What a program of a partner may read: the requests that the partner sent, and what it may hear of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

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
from prescribing.episodes.moves import FhirStatus, standing
from prescribing.episodes.queries import every_need_name
from prescribing.episodes.rules import EPISODE_CLOSED, EpisodeState, fhir_status
from prescribing.episodes.scope import sent_by
from prescribing.fhir import resources
from prescribing.fhir.agreeing import agrees, facts_of, turned, turned_since
from prescribing.fhir.asking import NOTHING, Asked, Found
from prescribing.fhir.resources import Json, OwnConsent, OwnRecord
from prescribing.fhir.tokens import Holder
from prescribing.people.consent import ConsentFacts, ConsentPurpose, consent_covers
from prescribing.people.models import Consent, Partner


def search(session: Session, holder: Holder, kind: str, asked: Asked, base_url: str) -> Found:
    """A page of what the partner may read of a kind. Whoever shows it writes down the looks."""
    if asked.nothing or kind not in {*_FROM_RECORD, "Consent", "Observation"}:
        # What somebody wants and answers is between them and their link worker.
        return NOTHING
    if kind == "Consent":
        given, total = consents(session, holder, asked)
        found = [resources.consent(each, base_url) for each in given]
        looks = tuple(("support_request", each.request_id) for each in given)
        return Found(found, total, asked.offset + asked.count < total, looks)
    asked = _by_resource(kind, asked)
    kept, total = records(session, holder, asked)
    more = asked.offset + asked.count < total
    if kind == "Observation":
        scores = [each for one in kept for each in resources.observations(one, base_url)]
        looks = tuple(("episode", one.episode_id) for one in kept if one.feedback is not None)
        # A request has none or many, so that only the one page that holds all of them counts them.
        return Found(scores, None if more or asked.offset else len(scores), more, looks)
    looks = tuple(
        ("episode", one.episode_id) if kind == "Task" else ("support_request", one.request_id) for one in kept
    )
    return Found([_FROM_RECORD[kind](one, base_url) for one in kept], total, more, looks)


def records(session: Session, holder: Holder, asked: Asked) -> tuple[list[OwnRecord], int]:
    """A page of what the partner sent, the newest first, and how many there are. `one` is the episode, `patient` or
    `focus` the request. Whoever shows it audits the look."""
    if asked.nothing:
        return [], 0
    wanted = [
        condition
        for condition in (
            Episode.id == asked.one if asked.one else None,
            SupportRequest.id == asked.patient if asked.patient else None,
            SupportRequest.id == asked.focus if asked.focus else None,
            Episode.reference == asked.reference if asked.reference else None,
            _changed_since(holder, asked.span.start) if asked.span.start else None,
            not_(_changed_since(holder, asked.span.end)) if asked.span.end else None,
        )
        if condition is not None
    ]
    total = session.scalar(_own(holder, *wanted).with_only_columns(func.count()).order_by(None)) or 0
    rows = session.scalars(
        _own(holder, *wanted)
        .options(joinedload(Episode.support_request), joinedload(Episode.team), joinedload(Episode.joined_to))
        .limit(asked.count)
        .offset(asked.offset)
    ).all()
    return _as_records(session, holder, rows), total


def record(
    session: Session, holder: Holder, *, request_id: UUID | None = None, episode_id: UUID | None = None
) -> OwnRecord:
    """One request that the partner sent. Raises `NotFound` outside. Whoever shows it audits the look."""
    found, _total = records(session, holder, Asked(one=episode_id, patient=request_id))
    if len(found) != 1 or (request_id is None and episode_id is None):
        raise NotFound
    return found[0]


def consents(session: Session, holder: Holder, asked: Asked) -> tuple[list[OwnConsent], int]:
    """A page of what people agreed to with this partner, the newest first, and how many there are."""
    sent = (
        select(Episode.person_id, SupportRequest.id)
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .where(sent_by(holder.actor), Episode.state != EpisodeState.DRAFT)
        .order_by(Episode.created_at.desc())
    )
    if asked.patient is not None:
        sent = sent.where(SupportRequest.id == asked.patient)
    given = select(Consent).where(
        Consent.recipient_id == holder.place_id,
        Consent.person_id.in_(sent.with_only_columns(Episode.person_id).order_by(None)),
    )
    if asked.one is not None:
        given = given.where(Consent.id == asked.one)
    now = clock.now()
    if asked.span.start is not None:
        given = given.where(turned_since(asked.span.start, now))
    if asked.span.end is not None:
        given = given.where(not_(turned_since(asked.span.end, now)))
    total = session.scalar(given.with_only_columns(func.count())) or 0
    rows = session.scalars(
        given.order_by(Consent.given_at.desc(), Consent.id.desc()).limit(asked.count).offset(asked.offset)
    ).all()
    about = {
        row[0]: row[1]
        for row in session.execute(sent.where(Episode.person_id.in_({each.person_id for each in rows})))
    }
    return [
        OwnConsent(
            id=row.id,
            request_id=about[row.person_id],
            changed_at=max(turned(facts_of(row), now)),
            given_at=row.given_at,
            until=row.until,
            active=row.withdrawn_at is None and (row.until is None or now < row.until),
            how=row.how,
        )
        for row in rows
    ], total


def _own(holder: Holder, *wanted: ColumnElement[bool]) -> Select[Episode]:
    return (
        select(Episode)
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .where(sent_by(holder.actor), *wanted)
        .order_by(Episode.created_at.desc(), Episode.id.desc())
    )


def _as_records(session: Session, holder: Holder, rows: Sequence[Episode]) -> list[OwnRecord]:
    names = every_need_name(session)
    partner = session.get_one(Partner, holder.place_id).name
    ids = [row.id for row in rows]
    stand = {row.id: row.standing for row in rows}
    told = {
        each.episode_id: each
        for each in session.scalars(select(FeedbackToReferrer).where(FeedbackToReferrer.episode_id.in_(ids)))
    }
    given = _given(session, holder, {row.person_id for row in rows})
    now = clock.now()
    hears = {person_id for person_id, each in given.items() if _may_hear(holder, each, now)}
    tried = tried_to_reach(session, [stand[row.id] for row in rows if row.person_id in hears])
    states = states_of(session, [row.id for row in stand.values()])

    def made(row: Episode) -> OwnRecord:
        at, agreed = stand[row.id], row.person_id in hears
        feedback = told.get(row.id) if agreed else None
        tries_made, tried_at = tried.get(at.id, (0, None))
        agreed_at = [moment for each in given.get(row.person_id, ()) for moment in turned(each, now)]
        told_at = [feedback.made_at] if feedback else []
        return OwnRecord(
            request_id=row.support_request_id,
            subject_id=row.support_request_id,
            episode_id=row.id,
            version=row.version,
            reference=row.reference,
            status=_status(at, tries_made, agreed=agreed),
            made_at=row.created_at,
            changed_at=max(
                [row.updated_at, at.updated_at, *agreed_at, *told_at, *([tried_at] if tried_at else [])]
            ),
            content=from_text(row.support_request.content or '{"name": ""}'),
            needs={slug: names.get(slug, slug) for slug in row.support_request.need_slugs},
            team_name=row.team.name,
            partner_name=partner,
            feedback=read_feedback(feedback.content) if feedback and feedback.content else None,
            feedback_at=feedback.made_at if feedback else None,
            codes=codes_for(states.get(at.id, ())) if agreed else (),
        )

    return [made(row) for row in rows]


def _status(row: Episode, made: int, *, agreed: bool) -> FhirStatus:
    """Where it stands, for whoever referred; how often we tried, and why it ended, only by the person's consent."""
    status = fhir_status(row.state, row.close_reason, made)
    told = agreed or row.state not in {*EPISODE_CLOSED, EpisodeState.CONTACTING}
    return status if told else replace(status, business=None)


def states_of(session: Session, episode_ids: Collection[UUID]) -> dict[UUID, tuple[EpisodeState, ...]]:
    """By episode, the states that it went through, in order, without what was undone."""
    events: dict[UUID, list[EpisodeEvent]] = {}
    for event in session.scalars(
        select(EpisodeEvent)
        .where(EpisodeEvent.episode_id.in_(episode_ids))
        .order_by(EpisodeEvent.at, EpisodeEvent.id)
    ):
        events.setdefault(event.episode_id, []).append(event)
    return {
        episode_id: tuple(event.target for event in standing(found)) for episode_id, found in events.items()
    }


def tried_to_reach(session: Session, rows: Collection[Episode]) -> dict[UUID, tuple[int, datetime]]:
    """By episode in which we try to reach somebody: how often since we were last in touch, and when a contact was
    written down last."""
    ids = [row.id for row in rows if row.state is EpisodeState.CONTACTING]
    found: dict[UUID, list[ContactAttempt]] = {}
    for row in session.scalars(select(ContactAttempt).where(ContactAttempt.episode_id.in_(ids))):
        found.setdefault(row.episode_id, []).append(row)
    return {
        each: (
            len(tries([as_attempt(row) for row in made if row.mistake_at is None])),
            max(row.mistake_at or row.recorded_at for row in made),
        )
        for each, made in found.items()
    }


def _changed_since(holder: Holder, since: datetime) -> ColumnElement[bool]:
    """Whether anything that the partner may see of it changed at that moment or later: what `changed_at` says."""
    now = clock.now()
    of_person = and_(Consent.person_id == Episode.person_id, Consent.recipient_id == holder.place_id)
    hears = agrees(Episode.person_id, holder.place_id, ConsentPurpose.FEEDBACK_TO_REFERRER, now)
    # Where it stands: in the support that it was added to, or in an episode of its own.
    at = aliased(Episode)
    stands = at.id == func.coalesce(Episode.joined_to_id, Episode.id)
    tried = and_(
        at.state == EpisodeState.CONTACTING,
        ContactAttempt.episode_id == at.id,
        or_(ContactAttempt.recorded_at >= since, ContactAttempt.mistake_at >= since),
    )
    return or_(
        Episode.updated_at >= since,
        exists().where(stands, at.updated_at >= since),
        exists().where(of_person, turned_since(since, now)),
        and_(hears, exists().where(stands, tried)),
    )


def _given(session: Session, holder: Holder, person_ids: Collection[UUID]) -> dict[UUID, list[ConsentFacts]]:
    """By person, what they ever agreed to with the partner."""
    facts: dict[UUID, list[ConsentFacts]] = {}
    for row in session.scalars(
        select(Consent).where(Consent.person_id.in_(person_ids), Consent.recipient_id == holder.place_id)
    ):
        facts.setdefault(row.person_id, []).append(facts_of(row))
    return facts


def _may_hear(holder: Holder, given: Collection[ConsentFacts], now: datetime) -> bool:
    """Whether the partner may hear of the outcome now."""
    return consent_covers(given, holder.place_id, ConsentPurpose.FEEDBACK_TO_REFERRER, now)


def _by_resource(kind: str, asked: Asked) -> Asked:
    """A request and a patient are known by the request's id; what is done about it by the episode's."""
    if kind in {"Task", "Observation"} or asked.one is None:
        return asked
    if asked.patient is not None and asked.patient != asked.one:
        return replace(asked, nothing=True)
    return replace(asked, one=None, patient=asked.one)


_FROM_RECORD: Mapping[str, Callable[[OwnRecord, str], Json]] = {
    "ServiceRequest": resources.service_request,
    "Task": resources.task,
    "Patient": resources.patient,
}
