"""Changes of example listings: waiting for an editor, public already and to be looked at, decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from core import clock
from directory.listings.content import content_of
from directory.listings.models import ChangeState, ListingChange, Service
from directory.listings.rules import ListingStatus


@dataclass(frozen=True, slots=True)
class Example:
    """One change: what becomes of it, the new values, and an editor's reason for sending it back."""

    state: ChangeState
    after: dict[str, Any]
    reason: str | None = None


EXAMPLES: tuple[Example, ...] = (
    Example(
        ChangeState.WAITING, {"what_to_bring": "Just yourself. We have spare coats, and the kettle is on."}
    ),
    Example(
        ChangeState.WAITING, {"minimum_age": 16, "eligibility": "Anyone over 16 who lives in the borough."}
    ),
    Example(
        ChangeState.WAITING, {"who_meets_you": "Two of us stand at the door in green scarves and say hello."}
    ),
    Example(
        ChangeState.WAITING,
        {"languages": ["English", "Urdu"], "bring_someone": "Yes. Bring a friend or a carer."},
    ),
    Example(
        ChangeState.WAITING,
        {"getting_there": "Use the side door on the lane. There is a bus stop two minutes away."},
    ),
    Example(ChangeState.PUBLISHED, {"notice": "We start half an hour later this month."}),
    Example(ChangeState.PUBLISHED, {"capacity": 15}),
    Example(ChangeState.PUBLISHED, {"notice": "There is room for three more people."}),
    Example(
        ChangeState.SENT_BACK,
        {"summary": "The best group in the whole borough, guaranteed to cheer you up."},
        "Please say what happens rather than that it is the best. Then we can put it up.",
    ),
    Example(ChangeState.APPROVED, {"must_i_talk": "No. You can sit and listen for as long as you like."}),
    Example(ChangeState.REVIEWED, {"notice": "We have a new kettle, so there is hot chocolate too."}),
)
EDITOR = "An editor"
IS_PUBLIC = frozenset({ChangeState.PUBLISHED, ChangeState.APPROVED, ChangeState.REVIEWED})
IS_DECIDED = frozenset({ChangeState.SENT_BACK, ChangeState.APPROVED, ChangeState.REVIEWED})


def make_changes(session: Session, services: Sequence[Service], lots: Random) -> int:
    """Give some published listings a history of changes; those that are public already stand in the listing too."""
    published = [one for one in services if one.status is ListingStatus.PUBLISHED]
    for service, example in zip(lots.sample(published, len(EXAMPLES)), EXAMPLES, strict=True):
        _make(
            session,
            service,
            example,
            clock.now() - timedelta(days=lots.randrange(1, 9), hours=lots.randrange(8)),
        )
    session.flush()
    return len(EXAMPLES)


def _make(session: Session, service: Service, example: Example, at: datetime) -> None:
    content = content_of(service)
    decided = example.state in IS_DECIDED
    session.add(
        ListingChange(
            service_id=service.id,
            state=example.state,
            base_version=service.version,
            before={name: content[name] for name in example.after},
            after=example.after,
            author_name=service.organization.contacts[0].name,
            created_at=at,
            updated_at=at,
            decided_at=at + timedelta(hours=6) if decided else None,
            reason=example.reason,
        )
    )
    if example.state in IS_PUBLIC:
        for name, value in example.after.items():
            setattr(service, name, value)
