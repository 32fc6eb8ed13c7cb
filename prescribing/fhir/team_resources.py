"""Resources of FHIR R4 for a team's own program, built from the link worker's tier. Map: the referral contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from prescribing.episodes.moves import FhirStatus
from prescribing.fhir.resources import (
    ACT_CODE,
    CONSENT_SCOPE,
    Json,
    address,
    instant,
    meta,
    needs_system,
    nhs_number,
    ours,
    telecom,
    without_nothing,
)
from prescribing.measures.rules import CompletedBy, Instrument, Item, Point, score
from prescribing.people.consent import PURPOSE_WORDS, ConsentPurpose

_ACHIEVEMENT = "http://terminology.hl7.org/CodeSystem/goal-achievement"

# What FHIR calls something that was a mistake; the same in an Observation and a QuestionnaireResponse.
_ERROR = "entered-in-error"


@dataclass(frozen=True)
class KnownPerson:
    """A person as their team knows them. Empty texts are not known yet."""

    id: UUID
    changed_at: datetime
    reference: str
    name: str
    preferred_name: str
    born: date | None
    died_at: datetime | None
    nhs_number: str
    phone: str
    mobile: str
    email: str
    address: str
    postcode: str
    gp_practice: str
    said: Mapping[str, str]


@dataclass(frozen=True)
class Onward:
    """A need that was sent to a service."""

    id: UUID
    person_id: UUID
    episode_id: UUID
    request_id: UUID
    reference: str
    changed_at: datetime
    status: FhirStatus
    requested_at: datetime
    reply_by: date | None
    scheduled_for: date | None
    need_slug: str
    need_name: str
    service: str
    goal_words: str


@dataclass(frozen=True)
class Agreed:
    """Something that a person agreed to."""

    id: UUID
    person_id: UUID
    changed_at: datetime
    purpose: ConsentPurpose
    recipient: str
    given_at: datetime
    until: datetime | None
    withdrawn_at: datetime | None
    active: bool
    how: str


@dataclass(frozen=True)
class Wish:
    """What a person wants. Importance, confidence and progress run from 1 to 10."""

    id: UUID
    person_id: UUID
    request_id: UUID
    changed_at: datetime
    words: str
    since: date
    met_on: date | None
    figures: Mapping[str, int]


@dataclass(frozen=True)
class Answered:
    """One answer set of one measure; `worded` says that its questions may be shown, `mistake` that it does not count
    and has no answers."""

    id: UUID
    person_id: UUID
    request_id: UUID
    instrument: Instrument
    point: Point
    completed_by: CompletedBy
    at: datetime
    kept_at: datetime
    complete: bool
    answers: Mapping[str, float]
    worded: bool
    mistake: bool = False


def patient(person: KnownPerson, base_url: str) -> Json:
    """Who somebody is, how to reach them safely, and what they need to take part."""
    names = [{"use": "official", "text": person.name}] if person.name else []
    if person.preferred_name:
        names.append({"use": "usual", "text": person.preferred_name})
    return without_nothing(
        {
            "resourceType": "Patient",
            "id": str(person.id),
            "meta": meta(person.changed_at),
            "extension": _said(base_url, person.said),
            "identifier": [
                {"system": f"{base_url}/fhir/person", "value": person.reference},
                *nhs_number(person.nhs_number),
            ],
            "name": names,
            "telecom": telecom(person.phone, person.mobile, person.email),
            "birthDate": person.born.isoformat() if person.born else None,
            "deceasedDateTime": instant(person.died_at) if person.died_at else None,
            "address": address(person.address, person.postcode),
            "generalPractitioner": [{"display": person.gp_practice}] if person.gp_practice else [],
        }
    )


def service_request(sent: Onward, base_url: str) -> Json:
    """A need sent to a service."""
    coding = {"system": needs_system(base_url), "code": sent.need_slug, "display": sent.need_name}
    return without_nothing(
        {
            "resourceType": "ServiceRequest",
            "id": str(sent.id),
            "meta": meta(sent.changed_at),
            "identifier": [{"system": f"{base_url}/fhir/reference", "value": sent.reference}],
            "basedOn": [{"reference": f"ServiceRequest/{sent.request_id}"}],
            "status": sent.status.service_request,
            "intent": "order",
            "code": {"text": sent.service or "A service that is no longer listed"},
            "subject": {"reference": f"Patient/{sent.person_id}"},
            "authoredOn": instant(sent.requested_at),
            "reasonCode": [{"coding": [coding]}],
            "note": [{"text": sent.goal_words}] if sent.goal_words else [],
        }
    )


def task(sent: Onward, _base_url: str) -> Json:
    """What a group does about it."""
    return without_nothing(
        {
            "resourceType": "Task",
            "id": str(sent.id),
            "meta": meta(sent.changed_at),
            "identifier": [{"value": sent.reference}],
            "partOf": [{"reference": f"Task/{sent.episode_id}"}],
            "status": sent.status.task,
            "businessStatus": {"text": sent.status.business} if sent.status.business else None,
            "intent": "order",
            "focus": {"reference": f"ServiceRequest/{sent.id}"},
            "for": {"reference": f"Patient/{sent.person_id}"},
            "executionPeriod": {"start": sent.scheduled_for.isoformat()} if sent.scheduled_for else None,
            "authoredOn": instant(sent.requested_at),
            "lastModified": sent.changed_at.isoformat(timespec="milliseconds"),
            "restriction": {"period": {"end": sent.reply_by.isoformat()}} if sent.reply_by else None,
        }
    )


def consent(given: Agreed, base_url: str) -> Json:
    """What they agreed to, with whom, until when."""
    end = min((each for each in (given.until, given.withdrawn_at) if each is not None), default=None)
    how = ours(base_url, "consent-given", "valueString", given.how)
    return without_nothing(
        {
            "resourceType": "Consent",
            "id": str(given.id),
            "meta": meta(given.changed_at),
            "extension": [how] if how else [],
            "status": "active" if given.active else "inactive",
            "scope": {"coding": [{"system": CONSENT_SCOPE, "code": "patient-privacy"}]},
            "category": [{"coding": [{"system": ACT_CODE, "code": "INFA"}]}],
            "patient": {"reference": f"Patient/{given.person_id}"},
            "dateTime": instant(given.given_at),
            "policyRule": {"text": f"{PURPOSE_WORDS[given.purpose]} {given.recipient}"},
            "provision": without_nothing(
                {
                    "type": "permit",
                    "period": without_nothing(
                        {"start": instant(given.given_at), "end": instant(end) if end else None}
                    ),
                }
            ),
        }
    )


def goal(wish: Wish, base_url: str) -> Json:
    """What they want, in their own words."""
    code = "achieved" if wish.met_on else "in-progress"
    return without_nothing(
        {
            "resourceType": "Goal",
            "id": str(wish.id),
            "meta": meta(wish.changed_at),
            "extension": [
                {"url": f"{base_url}/fhir/StructureDefinition/{name}", "valueInteger": figure}
                for name, figure in wish.figures.items()
            ],
            "lifecycleStatus": "completed" if wish.met_on else "active",
            "achievementStatus": {"coding": [{"system": _ACHIEVEMENT, "code": code}]},
            "description": {"text": wish.words or "Not written down yet"},
            "subject": {"reference": f"Patient/{wish.person_id}"},
            "startDate": wish.since.isoformat(),
            "statusDate": wish.met_on.isoformat() if wish.met_on else None,
            "addresses": [{"reference": f"ServiceRequest/{wish.request_id}"}],
        }
    )


def observation(given: Answered, base_url: str) -> Json:
    """An answer set with its total; a part-set has none, and is never scored as a whole."""
    total = score(given.instrument, given.answers) if given.complete and not given.mistake else None
    labels = [item for item in given.instrument.items if item.key in given.answers]
    return without_nothing(
        {
            "resourceType": "Observation",
            "id": str(given.id),
            "meta": meta(given.kept_at),
            "extension": [_point(given, base_url)],
            "basedOn": [{"reference": f"ServiceRequest/{given.request_id}"}],
            "status": _ERROR if given.mistake else "final",
            "code": _measure(given, base_url),
            "subject": {"reference": f"Patient/{given.person_id}"},
            "effectiveDateTime": instant(given.at),
            "issued": instant(given.kept_at),
            "valueQuantity": {"value": total} if total is not None else None,
            "derivedFrom": [{"reference": f"QuestionnaireResponse/{given.id}"}] if given.worded else [],
            "component": [
                {"code": {"text": item.label}, "valueQuantity": {"value": given.answers[item.key]}}
                for item in labels
            ],
        }
    )


def questionnaire_response(given: Answered, base_url: str) -> Json:
    """The questions as they were asked, and the answers."""
    own = given.completed_by is CompletedBy.PERSON
    return without_nothing(
        {
            "resourceType": "QuestionnaireResponse",
            "id": str(given.id),
            "meta": meta(given.kept_at),
            "extension": [_point(given, base_url)],
            "basedOn": [{"reference": f"ServiceRequest/{given.request_id}"}],
            "questionnaire": f"{base_url}/fhir/Questionnaire/{given.instrument.key}",
            "status": _ERROR if given.mistake else "completed" if given.complete else "stopped",
            "subject": {"reference": f"Patient/{given.person_id}"},
            "authored": instant(given.at),
            "source": {"reference": f"Patient/{given.person_id}"} if own else None,
            "item": [
                {
                    "linkId": item.key,
                    "text": item.question,
                    "answer": [_answer(item, given.answers[item.key])],
                }
                for item in given.instrument.items
                if item.key in given.answers
            ],
        }
    )


def _answer(item: Item, value: float) -> Json:
    words = next((option.words for option in item.options if option.value == value), None)
    if words is not None:
        return {"valueCoding": {"code": f"{value:g}", "display": words}}
    return {"valueInteger": int(value)} if value == int(value) else {"valueDecimal": value}


def _measure(given: Answered, base_url: str) -> Json:
    coding = {"system": f"{base_url}/fhir/CodeSystem/measures", "code": given.instrument.key}
    return {"coding": [coding], "text": given.instrument.name}


def _point(given: Answered, base_url: str) -> Json:
    return {"url": f"{base_url}/fhir/StructureDefinition/point", "valueCode": given.point.value}


def _said(base_url: str, texts: Mapping[str, str]) -> list[Any]:
    found = (ours(base_url, name, "valueString", text) for name, text in texts.items())
    return [each for each in found if each]
