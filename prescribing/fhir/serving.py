"""What a program may read, each by the tier of whoever it belongs to, and writing down that it looked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlalchemy.orm import Session

from core.access.rules import Place
from core.audit import services as audit
from prescribing.fhir import group_reading, reading, team_reading
from prescribing.fhir.asking import Asked, Found
from prescribing.fhir.tokens import Holder

_SEARCHES: Mapping[Place, Callable[[Session, Holder, str, Asked, str], Found]] = MappingProxyType(
    {
        Place.PARTNER: reading.search,
        Place.TEAM: team_reading.search,
        Place.ORGANIZATION: group_reading.search,
    }
)
# How the trail calls a look, so that the person can be told whose program it was.
_LOOKS: Mapping[Place, str] = MappingProxyType(
    {Place.PARTNER: "fhir", Place.TEAM: "fhir-team", Place.ORGANIZATION: "fhir-group"}
)


def search(session: Session, holder: Holder, kind: str, asked: Asked, base_url: str) -> Found:
    """A page of what the program may read of a kind. Whoever shows it writes the looks down."""
    return _SEARCHES[holder.place](session, holder, kind, asked, base_url)


def record_looks(session: Session, holder: Holder, kind: str, found: Found, *, one: bool) -> None:
    """Write down what the program was shown: a line for everybody whom it is about, for them to see; `one` where it
    was read by its id. A search that found nobody is one line too."""
    action = f"{_LOOKS[holder.place]}.{'read' if one else 'search'}-{kind.lower()}"
    for subject_type, subject_id in dict.fromkeys(found.looks):
        audit.record(session, holder.actor, action, subject_type, subject_id, client=str(holder.client_id))
    if not found.looks:
        audit.record(session, holder.actor, action, "fhir-client", holder.client_id, count=0)
