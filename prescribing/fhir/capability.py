"""What this interface can do, as FHIR wants to be told (CapabilityStatement)."""

from __future__ import annotations

from prescribing.fhir.resources import Json
from prescribing.fhir.rules import Scope

VERSION = "4.0.1"
_ID, _PATIENT, _CHANGED = ("_id", "token"), ("patient", "reference"), ("_lastUpdated", "date")
_REFERENCE = ("identifier", "token")
# By resource: what can be done, and what can be searched by.
ABLE: dict[str, tuple[tuple[str, ...], tuple[tuple[str, str], ...]]] = {
    "ServiceRequest": (("read", "search-type", "create"), (_ID, _REFERENCE, _PATIENT, _CHANGED)),
    "Task": (
        ("read", "search-type", "update"),
        (_ID, _REFERENCE, _PATIENT, ("focus", "reference"), _CHANGED),
    ),
    "Patient": (("read", "search-type"), (_ID, _REFERENCE, _CHANGED)),
    "Consent": (("read", "search-type"), (_ID, _PATIENT, _CHANGED)),
    "Observation": (("read", "search-type"), (_ID, _PATIENT, _CHANGED)),
    "Goal": (("read", "search-type"), (_ID, _PATIENT, _CHANGED)),
    "QuestionnaireResponse": (("read", "search-type"), (_ID, _PATIENT, _CHANGED)),
}
_DOCUMENTATION = (
    "What a program sees is what its owner sees, and no more; by its scopes it may see less.\n"
    "A partner's program: the partner's own requests and, by the person's consent, what came of them. It creates"
    " ServiceRequests and sends drafts (Task.status requested).\n"
    "A team's program: those whom the team supports by their consent, unless their record is flagged for safety: all"
    " seven resources, read only. A QuestionnaireResponse is there for measures whose words may be shown.\n"
    "A group's program: ServiceRequest and Task of what was sent to the group, at the tier of the offer. It answers by"
    " Task.status: accepted, on-hold (waiting list), rejected (with statusReason), failed, cancelled; in-progress and"
    " completed by the days on which somebody came (Task.output of the type visit, with valueDate). What is not active"
    " is not cancelled.\n"
    "An empty search is an answer. Of a resource that is not in a program's tier there is none to be read."
)


def statement(base_url: str, name: str, on: str) -> Json:
    """The statement; `on` is a date, `name` that of the site."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": on,
        "kind": "instance",
        "implementation": {"description": name, "url": f"{base_url}/fhir/R4"},
        "fhirVersion": VERSION,
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "documentation": _DOCUMENTATION,
                "security": {
                    "description": "OAuth 2.0 client credentials at "
                    f"{base_url}/fhir/token; scopes: {', '.join(scope.value for scope in Scope)}",
                },
                "resource": [
                    {
                        "type": kind,
                        "interaction": [{"code": code} for code in able],
                        "versioning": "versioned-update" if "update" in able else "versioned",
                        "searchParam": [{"name": each, "type": of} for each, of in params],
                    }
                    for kind, (able, params) in ABLE.items()
                ],
            }
        ],
    }
