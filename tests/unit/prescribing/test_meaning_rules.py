"""What changes the meaning of a resource is refused, and never passed over."""

from __future__ import annotations

from typing import Any

import pytest

from prescribing.fhir.meaning_rules import in_use, not_understood

OURS = "http://localhost/fhir/StructureDefinition/"
FLAG = {"url": f"{OURS}flagged-for-safety", "valueBoolean": True}
PERSON: dict[str, Any] = {"resourceType": "Patient", "id": "p"}
GOOD: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "doNotPerform": False,
    "priority": "routine",
    "extension": [FLAG, {"url": "urn:other", "valueString": "theirs"}],
    "contained": [
        {**PERSON, "active": True, "deceasedBoolean": False, "link": [{"type": "seealso"}]},
        {"resourceType": "Organization", "active": False, "extension": [FLAG]},
    ],
}


def found(**changed: Any) -> list[tuple[str, str]]:
    return list(not_understood({**GOOD, **changed}, OURS))


def test_what_means_what_it_says_is_taken() -> None:
    assert found() == []
    assert list(not_understood({"resourceType": "Task"}, OURS)) == []


@pytest.mark.parametrize(
    ("changed", "at", "why"),
    [
        ({"doNotPerform": True}, "ServiceRequest.doNotPerform", "should not be"),
        ({"priority": "stat"}, "ServiceRequest.priority", "ring us"),
        ({"implicitRules": "urn:x"}, "ServiceRequest.implicitRules", "what this changes"),
        (
            {"note": [{"text": "a", "modifierExtension": [{"url": "urn:x"}]}]},
            "ServiceRequest.note.modifierExtension",
            "what this changes",
        ),
        ({"extension": [FLAG, FLAG]}, "ServiceRequest.extension", "once"),
        (
            {"extension": [{"url": f"{OURS}flagged-for-safty", "valueBoolean": True}]},
            "ServiceRequest.extension",
            "We know: consent-given",
        ),
        (
            {"extension": [{"url": FLAG["url"], "valueString": "yes"}]},
            "ServiceRequest.extension",
            "valueBoolean",
        ),
        ({"contained": [{**PERSON, "active": False}]}, "ServiceRequest.contained.active", "not in use"),
        (
            {"contained": [{**PERSON, "link": [{"type": "replaced-by"}]}]},
            "ServiceRequest.contained.active",
            "not in use",
        ),
        ({"contained": [{**PERSON, "deceasedBoolean": True}]}, "ServiceRequest.contained.deceased", "died"),
        (
            {"contained": [{**PERSON, "deceasedDateTime": "2026-01-01"}]},
            "ServiceRequest.contained.deceased",
            "died",
        ),
        (
            {"contained": [{**PERSON, "extension": [FLAG]}]},
            "ServiceRequest.contained.extension",
            "interpreter",
        ),
    ],
)
def test_what_would_change_the_meaning_is_told(changed: dict[str, Any], at: str, why: str) -> None:
    ((where, words),) = found(**changed)
    assert where == at
    assert why in words


def test_a_kind_without_extensions_of_ours_says_so() -> None:
    ((_at, words),) = not_understood({"resourceType": "Task", "extension": [FLAG]}, OURS)
    assert "We know: none." in words


def test_what_is_marked_as_old_is_not_used() -> None:
    assert in_use([{"use": "old", "value": "1"}, {"value": "2"}]) == [{"value": "2"}]
