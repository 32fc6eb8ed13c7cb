"""What a program says that would change the meaning of all else: it is refused, never passed over (FHIR R4, 2.1.0.4:
modifier elements; our own extensions, where a slip would lose that somebody at home must not know). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

Json = dict[str, Any]

_TEXT, _TICK = "valueString", "valueBoolean"
# Our extensions that a program may send, by the resource on which they stand: the element that holds their value.
OURS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "ServiceRequest": {
            "no-known-risks": _TICK,
            "risks": _TEXT,
            "consent-given": _TEXT,
            "consent-not-asked": _TEXT,
            "share-feedback": _TICK,
            "in-their-own-words": _TEXT,
            "voicemail": _TICK,
            "texts": _TICK,
            "flagged-for-safety": _TICK,
            "somebody-else": _TICK,
        },
        "Patient": {"communication-needs": _TEXT, "access-needs": _TEXT, "interpreter": _TEXT},
    }
)
_UNKNOWN = ("modifierExtension", "implicitRules")


def not_understood(body: Json, ours: str) -> Iterator[tuple[str, str]]:
    """Where a resource says what we may not pass over, and why it is refused; nothing where all is well. `ours` is how
    the addresses of our extensions begin."""
    kind = str(body["resourceType"])
    for at in _unknown(body, kind):
        yield (
            at,
            "We do not know what this changes, so we do not take the resource. Leave it out if it changes nothing.",
        )
    if body.get("doNotPerform") is True:
        yield (
            f"{kind}.doNotPerform",
            "Send what should be done: we take no request that something should not be.",
        )
    if kind == "ServiceRequest" and body.get("priority", "routine") != "routine":
        words = "Every request is read in turn, in working days. If it cannot wait, ring us, then send it as routine."
        yield f"{kind}.priority", words
    yield from _slips(body, kind, kind, ours)
    for patient in body.get("contained", []):
        if patient.get("resourceType") == "Patient":
            yield from _nobody(patient, f"{kind}.contained")
            yield from _slips(patient, "Patient", f"{kind}.contained", ours)


def in_use(items: Sequence[Json]) -> list[Json]:
    """Names, numbers or addresses without those that are marked as no longer right."""
    return [each for each in items if each.get("use") != "old"]


def _unknown(value: object, at: str) -> Iterator[str]:
    """Where something stands that changes what stands around it in a way that only its sender knows."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name in _UNKNOWN:
                yield f"{at}.{name}"
            else:
                yield from _unknown(each, f"{at}.{name}")
    elif isinstance(value, list):
        for each in value:
            yield from _unknown(each, at)


def _nobody(patient: Json, at: str) -> Iterator[tuple[str, str]]:
    """That a record is of nobody whom we could support."""
    if patient.get("active") is False or any(
        each.get("type") == "replaced-by" for each in patient.get("link", [])
    ):
        yield f"{at}.active", "This record of the person is not in use. Send the one that is."
    if patient.get("deceasedBoolean") is True or "deceasedDateTime" in patient:
        yield f"{at}.deceased", "This person has died."


def _slips(resource: Json, kind: str, at: str, ours: str) -> Iterator[tuple[str, str]]:
    """Our extensions that we would not read as they were meant."""
    known = OURS.get(kind, {})
    sent = [each for each in resource.get("extension", []) if str(each.get("url", "")).startswith(ours)]
    names = Counter(str(each["url"]).removeprefix(ours) for each in sent)
    for name, times in names.items():
        if name not in known:
            words = f"We know no extension {name[:80]} here. We know: {', '.join(sorted(known)) or 'none'}."
            yield f"{at}.extension", words
        elif times > 1:
            yield f"{at}.extension", f"Send the extension {name} once."
    for each in sent:
        name = str(each["url"]).removeprefix(ours)
        if name in known and known[name] not in each:
            yield f"{at}.extension", f"The extension {name} holds a {known[name]}."
