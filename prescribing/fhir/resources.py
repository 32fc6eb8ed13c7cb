"""Resources of FHIR R4, built from the partner's own tier and nothing else, so that a new field is hidden until it
is listed here. Map: the referral contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from prescribing.episodes.content import RequestContent
from prescribing.episodes.feedback import CODE_WORDS, Feedback
from prescribing.episodes.moves import FhirStatus
from prescribing.fhir.rules import version_of

Json = dict[str, Any]

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
SNOMED = "http://snomed.info/sct"
CONSENT_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


@dataclass(frozen=True)
class OwnRecord:
    """All that a program may know of one request. Times are aware; a partner's `subject_id` is the request's, never
    the record's, and its `feedback` only where agreed."""

    request_id: UUID
    subject_id: UUID
    episode_id: UUID
    version: int
    reference: str
    status: FhirStatus
    made_at: datetime
    changed_at: datetime
    content: RequestContent
    needs: Mapping[str, str]
    team_name: str
    partner_name: str
    feedback: Feedback | None
    feedback_at: datetime | None
    codes: tuple[str, ...]


@dataclass(frozen=True)
class OwnConsent:
    """What somebody agreed to with this partner."""

    id: UUID
    request_id: UUID
    changed_at: datetime
    given_at: datetime
    until: datetime | None
    active: bool
    how: str


def extension(base_url: str, name: str) -> str:
    """The address of one of our extensions."""
    return f"{base_url}/fhir/StructureDefinition/{name}"


def needs_system(base_url: str) -> str:
    """The address of the vocabulary of needs."""
    return f"{base_url}/fhir/CodeSystem/needs"


def service_request(record: OwnRecord, base_url: str) -> Json:
    """The request as it was sent, with its status now."""
    said = record.content
    sent_by = (said.referrer_name, said.referrer_service, record.partner_name)
    reasons: list[Json] = [
        {"coding": [{"system": needs_system(base_url), "code": slug, "display": name}]}
        for slug, name in record.needs.items()
    ]
    reasons += [{"text": text} for text in (said.reason_referrer,) if text]
    known = [
        ours(base_url, "no-known-risks", "valueBoolean", True if said.no_known_risks else None),
        ours(base_url, "risks", "valueString", said.risks),
        ours(base_url, "consent-given", "valueString", said.consent_how),
        ours(base_url, "consent-not-asked", "valueString", said.consent_why_not),
        ours(base_url, "in-their-own-words", "valueString", said.reason_person),
    ]
    return without_nothing(
        {
            "resourceType": "ServiceRequest",
            "id": str(record.request_id),
            "meta": meta(record.changed_at),
            "extension": [each for each in known if each],
            "identifier": [{"system": f"{base_url}/fhir/reference", "value": record.reference}],
            "status": record.status.service_request,
            "intent": "order",
            "code": without_nothing(
                {
                    "coding": [
                        {"system": SNOMED, "code": code, "display": CODE_WORDS[code]} for code in record.codes
                    ],
                    "text": "Social prescribing",
                }
            ),
            "subject": {"reference": f"Patient/{record.subject_id}"},
            "authoredOn": instant(record.made_at),
            "requester": without_nothing({"display": ", ".join(text for text in sent_by if text)}),
            "performer": [{"display": record.team_name}],
            "reasonCode": reasons,
        }
    )


def task(record: OwnRecord, _base_url: str) -> Json:
    """What is done about the request: it alone carries the state."""
    outputs: list[Json] = []
    if record.feedback is not None:
        told = [("What came of it", (record.feedback.outcome,)), ("What was done", record.feedback.done)]
        told += [
            ("What did not work", record.feedback.did_not_work),
            ("In their words", (record.feedback.words,)),
        ]
        outputs = [
            {"type": {"text": what}, "valueString": text} for what, texts in told for text in texts if text
        ]
        if not record.feedback.done:
            outputs.append({"type": {"text": "What was done"}, "valueString": "none"})
    business = {"businessStatus": {"text": record.status.business}} if record.status.business else {}
    return without_nothing(
        {
            "resourceType": "Task",
            "id": str(record.episode_id),
            "meta": meta(record.changed_at),
            "identifier": [{"value": record.reference}],
            "status": record.status.task,
            **business,
            "intent": "order",
            "focus": {"reference": f"ServiceRequest/{record.request_id}"},
            "for": {"reference": f"Patient/{record.subject_id}"},
            "authoredOn": instant(record.made_at),
            "lastModified": record.changed_at.isoformat(timespec="milliseconds"),
            "owner": {"display": record.team_name},
            "output": outputs,
        }
    )


def patient(record: OwnRecord, base_url: str) -> Json:
    """Who it is about, as the partner wrote it; never what is known from elsewhere."""
    said = record.content
    needs = [
        ours(base_url, "communication-needs", "valueString", said.communication_needs),
        ours(base_url, "interpreter", "valueString", said.interpreter),
        ours(base_url, "access-needs", "valueString", said.access_needs),
    ]
    return without_nothing(
        {
            "resourceType": "Patient",
            "id": str(record.subject_id),
            "meta": meta(record.changed_at),
            "extension": [each for each in needs if each],
            "identifier": nhs_number(said.nhs_number),
            "name": [{"text": said.name}] if said.name else [],
            "telecom": telecom(said.phone, said.mobile, said.email),
            "birthDate": said.born.isoformat() if said.born else None,
            "address": address(said.address, said.postcode),
        }
    )


def nhs_number(number: str) -> list[Json]:
    """The NHS number as an identifier; none where it is not known."""
    return [{"system": NHS_NUMBER, "value": number.replace(" ", "")}] if number else []


def telecom(phone: str, mobile: str, email: str) -> list[Json]:
    """The ways to reach somebody."""
    ways = [("phone", phone, None), ("phone", mobile, "mobile"), ("email", email, None)]
    return [
        without_nothing({"system": system, "value": value, "use": use})
        for system, value, use in ways
        if value
    ]


def address(text: str, postcode: str) -> list[Json]:
    """Where somebody lives; empty where it is not known."""
    known = without_nothing({"text": text, "postalCode": postcode})
    return [known] if known else []


def consent(given: OwnConsent, base_url: str) -> Json:
    """That the partner hears what came of it."""
    return without_nothing(
        {
            "resourceType": "Consent",
            "id": str(given.id),
            "meta": meta(given.changed_at),
            "extension": [
                each for each in (ours(base_url, "consent-given", "valueString", given.how),) if each
            ],
            "status": "active" if given.active else "inactive",
            "scope": {"coding": [{"system": CONSENT_SCOPE, "code": "patient-privacy"}]},
            "category": [{"coding": [{"system": ACT_CODE, "code": "INFA"}]}],
            "patient": {"reference": f"Patient/{given.request_id}"},
            "dateTime": instant(given.given_at),
            "policyRule": {"text": "Feedback to whoever referred them"},
            "provision": without_nothing(
                {
                    "type": "permit",
                    "period": without_nothing(
                        {
                            "start": instant(given.given_at),
                            "end": instant(given.until) if given.until else None,
                        }
                    ),
                }
            ),
        }
    )


def observations(record: OwnRecord, _base_url: str) -> list[Json]:
    """The scores before and after that the feedback tells, one resource each."""
    if record.feedback is None:
        return []
    return [
        without_nothing(
            {
                "resourceType": "Observation",
                "id": f"{record.episode_id}-{number}-{when}",
                "meta": meta(record.feedback_at or record.changed_at),
                "status": "final",
                "code": {"text": score.label},
                "subject": {"reference": f"Patient/{record.subject_id}"},
                "basedOn": [{"reference": f"ServiceRequest/{record.request_id}"}],
                "issued": instant(record.feedback_at) if record.feedback_at else None,
                "valueString": value,
                "note": [{"text": "Before the support" if when == "before" else "After the support"}],
            }
        )
        for number, score in enumerate(record.feedback.scores, 1)
        for when, value in (("before", score.before), ("after", score.after))
        if value
    ]


def bundle(found: Sequence[Json], total: int | None, links: Mapping[str, str], base: str) -> Json:
    """A page of what was found."""
    return without_nothing(
        {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": total,
            "link": [{"relation": relation, "url": url} for relation, url in links.items()],
            "entry": [
                {
                    "fullUrl": f"{base}/{each['resourceType']}/{each['id']}",
                    "resource": each,
                    "search": {"mode": "match"},
                }
                for each in found
            ],
        }
    )


def outcome(code: str, words: str, expression: Sequence[str] = (), issues: Sequence[Json] = ()) -> Json:
    """Why it did not work, and how to mend it."""
    one = without_nothing(
        {"severity": "error", "code": code, "diagnostics": words, "expression": list(expression)}
    )
    return {"resourceType": "OperationOutcome", "issue": list(issues) or [one]}


def ours(base_url: str, name: str, kind: str, value: object) -> Json | None:
    """One of our extensions; None where there is nothing to say."""
    return {"url": extension(base_url, name), kind: value} if value else None


def meta(changed_at: datetime) -> Json:
    """Which version it is, and since when: whatever changes what can be seen raises both."""
    return {
        "versionId": str(version_of(changed_at)),
        "lastUpdated": changed_at.isoformat(timespec="milliseconds"),
    }


def instant(moment: datetime) -> str:
    """A moment to the second."""
    return moment.isoformat(timespec="seconds")


def without_nothing(values: Mapping[str, Any]) -> Json:
    """FHIR knows no empty lists, empty texts or nulls: what is not known is left out."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}
