"""What this interface can do, as FHIR wants to be told (CapabilityStatement)."""

from __future__ import annotations

from prescribing.fhir.resources import Json
from prescribing.fhir.rules import Scope

VERSION = "4.0.1"
# By resource: what can be done, and what can be searched by.
ABLE: dict[str, tuple[tuple[str, ...], tuple[tuple[str, str], ...]]] = {
    "ServiceRequest": (
        ("read", "search-type", "create"),
        (("_id", "token"), ("identifier", "token"), ("patient", "reference"), ("_lastUpdated", "date")),
    ),
    "Task": (
        ("read", "search-type", "update"),
        (
            ("_id", "token"),
            ("identifier", "token"),
            ("patient", "reference"),
            ("focus", "reference"),
            ("_lastUpdated", "date"),
        ),
    ),
    "Patient": (("read", "search-type"), (("_id", "token"),)),
    "Consent": (("read", "search-type"), (("_id", "token"), ("patient", "reference"))),
    "Observation": (("read", "search-type"), (("_id", "token"), ("patient", "reference"))),
    # Not in a partner's tier: a search is answered, and is empty.
    "Goal": (("search-type",), (("patient", "reference"),)),
    "QuestionnaireResponse": (("search-type",), (("patient", "reference"),)),
}
# Which resources say which version they are.
_VERSIONED = frozenset({"ServiceRequest", "Patient"})


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
                "documentation": "A partner's program sees what the partner sees: its own requests and, by the"
                " person's consent, what came of them. Goals and answers to questions stay with the link workers.",
                "security": {
                    "description": "OAuth 2.0 client credentials at "
                    f"{base_url}/fhir/token; scopes: {', '.join(scope.value for scope in Scope)}",
                },
                "resource": [
                    {
                        "type": kind,
                        "interaction": [{"code": code} for code in able],
                        "versioning": "versioned-update"
                        if "update" in able
                        else "versioned"
                        if kind in _VERSIONED
                        else "no-version",
                        "searchParam": [{"name": each, "type": of} for each, of in params],
                    }
                    for kind, (able, params) in ABLE.items()
                ],
            }
        ],
    }
