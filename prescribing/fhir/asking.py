"""What a program asks for: the parameters of a search, or the id of one resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode
from uuid import UUID

from core.errors import Invalid
from prescribing.fhir.resources import NHS_NUMBER, Json
from prescribing.fhir.rules import Span, span_asked

PAGE = 50
# Beside what a resource is searched by.
_PAGING = frozenset({"_format", "_offset", "_count"})


@dataclass(frozen=True)
class Asked:
    """What a search asks for: one row, those of one patient or request, a reference, what changed in `span`; and the
    page: `count` from `offset`. What is None or empty asks for nothing in particular; `nothing` cannot be found."""

    one: UUID | None = None
    patient: UUID | None = None
    focus: UUID | None = None
    reference: str = ""
    span: Span = field(default_factory=Span)
    offset: int = 0
    count: int = PAGE
    nothing: bool = False


@dataclass(frozen=True)
class Found:
    """A page of what was found. `total` counts all pages, None where nobody counted; `looks` says of what a look is to
    be written down: the kind of row and its id."""

    resources: Sequence[Json]
    total: int | None
    more: bool
    looks: tuple[tuple[str, UUID], ...] = ()


NOTHING = Found((), 0, more=False)


def searched(kind: str, by: Mapping[str, str], sent: Sequence[tuple[str, str]]) -> Asked:
    """The search that an address asks for; `by` are the parameters of this kind, with their types.

    Raises `Invalid` for a parameter that we do not know, twice the same, and a value that cannot be.
    """
    asked, seen = Asked(), set()
    for name, value in sent:
        if name not in {*by, *_PAGING}:
            raise Invalid(f"{kind} is not searched by that. It is by: {', '.join(sorted(by))}.")
        if name in seen and name != "_lastUpdated":
            raise Invalid(f"Ask for one {name} at a time.")
        seen.add(name)
        asked = _narrowed(kind, asked, name, value)
    return asked


def by_id(kind: str, name: str) -> Asked:
    """What the id of a resource of this kind points at."""
    # A score's id goes on with its number.
    found = as_uuid(name[:36] if kind == "Observation" else name)
    return Asked(one=found, nothing=found is None)


def next_page(asked: Asked, sent: Sequence[tuple[str, str]]) -> str:
    """The parameters of the page that follows."""
    kept = [(name, value) for name, value in sent if name != "_offset"]
    return as_sent([*kept, ("_offset", str(asked.offset + asked.count))])


def as_sent(sent: Sequence[tuple[str, str]]) -> str:
    """Parameters as they stand in an address."""
    return urlencode(sent)


def as_uuid(text: str) -> UUID | None:
    """The id that a text is, None for any other text."""
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def _narrowed(kind: str, asked: Asked, name: str, value: str) -> Asked:
    if name == "_offset":
        return replace(asked, offset=_number(name, value))
    if name == "_count":
        return replace(asked, count=max(1, min(PAGE, _number(name, value))))
    if name == "_format":
        return asked
    if name == "_id":
        wanted = by_id(kind, value)
        return replace(asked, one=wanted.one, nothing=asked.nothing or wanted.nothing)
    if name == "identifier":
        if value.startswith(NHS_NUMBER):
            raise Invalid("An NHS number does not belong in an address. Search by our own reference.")
        return replace(asked, reference=value.rpartition("|")[2][:40] or "none")
    if name == "_lastUpdated":
        return replace(asked, span=asked.span.within(span_asked(value)))
    found = as_uuid(value.rpartition("/")[2])
    asked = replace(asked, nothing=asked.nothing or found is None)
    return replace(asked, focus=found) if name == "focus" else replace(asked, patient=found)


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 8):
        raise Invalid(f"{name} must be a whole number.")
    return int(text)
