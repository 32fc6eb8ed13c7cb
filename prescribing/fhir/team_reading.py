"""What a program of a team may read: those whom the team supports by their consent, as the link worker's tier has it.

Nobody whose record is flagged for safety: that is opened on its page, by somebody, and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from core import clock
from core.calendar.rules import london_day
from prescribing.episodes.content import from_text
from prescribing.episodes.feedback import codes_for
from prescribing.episodes.models import ContactAttempt, Episode, Goal, SupportRequest
from prescribing.episodes.queries import every_need_name
from prescribing.episodes.rules import EpisodeState, fhir_status
from prescribing.episodes.scope import of_team
from prescribing.fhir import resources, team_resources
from prescribing.fhir.agreeing import facts_of, turned, turned_since
from prescribing.fhir.asking import NOTHING, Asked, Found
from prescribing.fhir.reading import states_of, tried_to_reach
from prescribing.fhir.resources import Json, OwnRecord
from prescribing.fhir.team_resources import Agreed, Answered, KnownPerson, Onward, Wish
from prescribing.fhir.team_scope import by_ids, focused, found_of, moved, of_episodes, open_to, page_of
from prescribing.fhir.tokens import Holder
from prescribing.measures.instruments import INSTRUMENTS
from prescribing.measures.models import Measurement, MeasurementMistake
from prescribing.measures.queries import asked as may_be_asked
from prescribing.people.models import Consent, Person
from prescribing.people.queries import of_teams, recipient_names
from prescribing.people.records import birth_date_of, safe_contact_of
from prescribing.people.safe_contact import say_safe_contact
from prescribing.referrals.models import Referral
from prescribing.referrals.queries import service_names
from prescribing.referrals.rules import fhir_status as referral_status

_EPISODE, _REFERRAL = "episode", "referral"


def search(session: Session, holder: Holder, kind: str, asked: Asked, base_url: str) -> Found:
    """A page of what the team's program may read of a kind. Whoever shows it writes down the looks."""
    return NOTHING if asked.nothing else _SEARCHES[kind](session, holder, asked, base_url)


def _patients(session: Session, holder: Holder, asked: Asked, base_url: str) -> Found:
    wanted = select(Person).where(
        of_teams(holder.actor), open_to(holder), by_ids(asked, Person.id, Person.id)
    )
    if asked.reference:
        wanted = wanted.where(Person.reference == asked.reference)
    rows, total = page_of(session, wanted, asked, Person.updated_at, Person.id)
    return found_of(
        [team_resources.patient(_person(row), base_url) for row in rows], rows, total, asked, "person"
    )


def _consents(session: Session, holder: Holder, asked: Asked, base_url: str) -> Found:
    now = clock.now()
    wanted = (
        select(Consent)
        .join(Person, Person.id == Consent.person_id)
        .where(of_teams(holder.actor), open_to(holder), by_ids(asked, Consent.id, Consent.person_id))
    )
    wanted = wanted.where(*moved(asked, lambda since: turned_since(since, now)))
    rows, total = page_of(session, wanted, asked, None, Consent.id)
    names = recipient_names(session, rows)
    found = [
        team_resources.consent(
            Agreed(
                id=row.id,
                person_id=row.person_id,
                changed_at=max(turned(facts_of(row), now)),
                purpose=row.purpose,
                recipient=names.get(row.recipient_id, "somebody who is no longer listed"),
                given_at=row.given_at,
                until=row.until,
                withdrawn_at=row.withdrawn_at,
                active=row.withdrawn_at is None and (row.until is None or now < row.until),
                how=row.how,
            ),
            base_url,
        )
        for row in rows
    ]
    return found_of(found, rows, total, asked, "consent")


def _goals(session: Session, holder: Holder, asked: Asked, base_url: str) -> Found:
    wanted = of_episodes(holder, select(Goal, Episode), Goal.episode_id).where(
        by_ids(asked, Goal.id, Episode.person_id)
    )
    rows, total = page_of(session, wanted, asked, Goal.updated_at, Goal.id, whole=True)
    found = [team_resources.goal(_wish(row, episode), base_url) for row, episode in rows]
    return found_of(found, [row for row, _episode in rows], total, asked, "goal")


def _observations(session: Session, holder: Holder, asked: Asked, base_url: str) -> Found:
    return _answers(session, holder, asked, lambda given: team_resources.observation(given, base_url), true())


def _responses(session: Session, holder: Holder, asked: Asked, base_url: str) -> Found:
    """Only of measures whose words may be shown: ours, and those for which somebody holds a licence with its words."""
    keys = _worded(session)
    return _answers(
        session,
        holder,
        asked,
        lambda given: team_resources.questionnaire_response(given, base_url),
        Measurement.instrument.in_(keys),
    )


def _answers(
    session: Session,
    holder: Holder,
    asked: Asked,
    build: Callable[[Answered], Json],
    which: ColumnElement[bool],
) -> Found:
    # What was marked as a mistake is told anew, so that whoever has it hears of that.
    kept_at = func.coalesce(MeasurementMistake.at, Measurement.typed_in_at, Measurement.at)
    every = select(Measurement, Episode, MeasurementMistake.at).outerjoin(Measurement.mistake)
    wanted = of_episodes(holder, every, Measurement.episode_id).where(
        by_ids(asked, Measurement.id, Episode.person_id),
        # Whoever said "not today" answered nothing.
        Measurement.not_today_reason.is_(None),
        Measurement.instrument.in_(INSTRUMENTS),
        which,
    )
    rows, total = page_of(session, wanted, asked, kept_at, Measurement.id, whole=True)
    shown, worded = may_be_asked(session), _worded(session)
    found = [
        build(
            Answered(
                id=row.id,
                person_id=episode.person_id,
                request_id=episode.support_request_id,
                instrument=shown.get(row.instrument, INSTRUMENTS[row.instrument]),
                point=row.point,
                completed_by=row.completed_by,
                at=row.at,
                kept_at=mistake_at or row.typed_in_at or row.at,
                complete=row.complete,
                # Whose they are is not known, so nothing of them is passed on.
                answers={} if mistake_at else json.loads(row.answers or "{}"),
                worded=row.instrument in worded,
                mistake=mistake_at is not None,
            )
        )
        for row, episode, mistake_at in rows
    ]
    return found_of(found, [row for row, _episode, _at in rows], total, asked, "measurement")


def _requests(session: Session, holder: Holder, asked: Asked, base_url: str) -> Found:
    """Requests for support, and the needs sent onward from them."""
    return _both(
        session,
        holder,
        asked,
        SupportRequest.id,
        lambda record: resources.service_request(record, base_url),
        lambda sent: team_resources.service_request(sent, base_url),
    )


def _tasks(session: Session, holder: Holder, asked: Asked, base_url: str) -> Found:
    """What is done about both."""
    return _both(
        session,
        holder,
        asked,
        Episode.id,
        lambda record: resources.task(record, base_url),
        lambda sent: team_resources.task(sent, base_url),
    )


def _both(
    session: Session,
    holder: Holder,
    asked: Asked,
    episode_key: InstrumentedAttribute[UUID],
    of_episode: Callable[[OwnRecord], Json],
    of_referral: Callable[[Onward], Json],
) -> Found:
    """A page of requests and referrals together, the newest first. `episode_key` is what a request's resource is known
    by; a referral's is known by its own id."""
    episodes = (
        select(literal(_EPISODE).label("what"), Episode.id.label("id"), Episode.created_at.label("made_at"))
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .join(Person, Person.id == Episode.person_id)
        .where(
            of_team(holder.actor),
            open_to(holder),
            by_ids(asked, episode_key, Episode.person_id),
            focused(asked, SupportRequest.id, Episode.reference),
            *moved(asked, _episode_changed),
        )
    )
    referrals = (
        select(literal(_REFERRAL), Referral.id, Referral.requested_at)
        .join(Episode, Episode.id == Referral.episode_id)
        .join(Person, Person.id == Referral.person_id)
        .where(
            of_team(holder.actor),
            open_to(holder),
            by_ids(asked, Referral.id, Referral.person_id),
            focused(asked, Referral.id, Referral.reference),
            *moved(asked, lambda since: Referral.updated_at >= since),
        )
    )
    both = union_all(episodes, referrals).subquery()
    total = session.scalar(select(func.count()).select_from(both)) or 0
    page = session.execute(
        select(both.c.what, both.c.id)
        .order_by(both.c.made_at.desc(), both.c.id.desc())
        .limit(asked.count)
        .offset(asked.offset)
    ).all()
    built: dict[UUID, Json] = {
        key: of_episode(record)
        for key, record in _records(session, [row.id for row in page if row.what == _EPISODE]).items()
    }
    built |= {
        key: of_referral(sent)
        for key, sent in _onward(session, [row.id for row in page if row.what == _REFERRAL]).items()
    }
    # One may have gone since the page was counted: a record that was just deleted.
    there = [row for row in page if row.id in built]
    return Found(
        [built[row.id] for row in there],
        total,
        asked.offset + asked.count < total,
        tuple((row.what, row.id) for row in there),
    )


def _records(session: Session, episode_ids: Collection[UUID]) -> dict[UUID, OwnRecord]:
    rows = session.scalars(
        select(Episode)
        .where(Episode.id.in_(episode_ids))
        .options(
            joinedload(Episode.team),
            joinedload(Episode.support_request).joinedload(SupportRequest.partner),
        )
    ).all()
    names, tried, states = (
        every_need_name(session),
        tried_to_reach(session, rows),
        states_of(session, episode_ids),
    )
    found = {}
    for row in rows:
        tries_made, tried_at = tried.get(row.id, (0, row.updated_at))
        request = row.support_request
        found[row.id] = OwnRecord(
            request_id=request.id,
            subject_id=row.person_id,
            episode_id=row.id,
            version=row.version,
            reference=row.reference,
            status=fhir_status(row.state, row.close_reason, tries_made),
            made_at=row.created_at,
            changed_at=max(row.updated_at, tried_at),
            content=from_text(request.content or '{"name": ""}'),
            needs={slug: names.get(slug, slug) for slug in request.need_slugs},
            team_name=row.team.name,
            partner_name=request.partner.name if request.partner is not None else "",
            feedback=None,
            feedback_at=None,
            codes=codes_for(states.get(row.id, ())),
        )
    return found


def _onward(session: Session, referral_ids: Collection[UUID]) -> dict[UUID, Onward]:
    rows = session.scalars(
        select(Referral)
        .where(Referral.id.in_(referral_ids))
        .options(joinedload(Referral.need), joinedload(Referral.episode))
    ).all()
    services, needs = service_names(session, rows), every_need_name(session)
    return {
        row.id: Onward(
            id=row.id,
            person_id=row.person_id,
            episode_id=row.episode_id,
            request_id=row.episode.support_request_id,
            reference=row.reference,
            changed_at=row.updated_at,
            status=referral_status(row.state, row.decline_reason),
            requested_at=row.requested_at,
            reply_by=row.reply_by,
            scheduled_for=row.scheduled_for,
            need_slug=row.need.slug,
            need_name=needs.get(row.need.slug, row.need.slug),
            service=services.get(row.service_id, ""),
            goal_words=row.goal_words or "",
        )
        for row in rows
    }


def _person(row: Person) -> KnownPerson:
    texts = {
        name: getattr(row, name) or ""
        for name in (
            *("name", "preferred_name", "nhs_number", "phone", "mobile", "email"),
            *("address", "postcode", "gp_practice"),
        )
    }
    said = {
        "safe-contact": " ".join(say_safe_contact(safe_contact_of(row))),
        "communication-needs": row.communication_needs or "",
        "access-needs": row.access_needs or "",
        "interpreter": row.interpreter or "",
        "risks": row.risks or ("No known risks." if row.no_known_risks else ""),
    }
    return KnownPerson(
        id=row.id,
        changed_at=row.updated_at,
        reference=row.reference,
        born=birth_date_of(row),
        died_at=row.died_at,
        said=said,
        **texts,
    )


def _wish(row: Goal, episode: Episode) -> Wish:
    figures = {"importance": row.importance, "confidence": row.confidence, "progress": row.progress}
    return Wish(
        id=row.id,
        person_id=episode.person_id,
        request_id=episode.support_request_id,
        changed_at=row.updated_at,
        words=row.words or "",
        since=london_day(row.created_at),
        met_on=london_day(row.met_at) if row.met_at else None,
        figures={name: figure for name, figure in figures.items() if figure is not None},
    )


def _worded(session: Session) -> list[str]:
    """The measures whose every question may be shown here."""
    shown = may_be_asked(session)
    return [key for key, each in shown.items() if all(item.question for item in each.items)]


def _episode_changed(since: datetime) -> ColumnElement[bool]:
    tried = exists().where(
        ContactAttempt.episode_id == Episode.id,
        or_(ContactAttempt.recorded_at >= since, ContactAttempt.mistake_at >= since),
    )
    return or_(Episode.updated_at >= since, and_(Episode.state == EpisodeState.CONTACTING, tried))


_SEARCHES: Mapping[str, Callable[[Session, Holder, Asked, str], Found]] = MappingProxyType(
    {
        "Patient": _patients,
        "ServiceRequest": _requests,
        "Task": _tasks,
        "Consent": _consents,
        "Goal": _goals,
        "Observation": _observations,
        "QuestionnaireResponse": _responses,
    }
)
