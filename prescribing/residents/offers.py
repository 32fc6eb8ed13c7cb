"""What people who were helped offer to others, as they and their team see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from core.access.rules import Actor
from directory import published
from prescribing.people.models import Person
from prescribing.residents.models import OfferOfHelp
from prescribing.residents.rules import HELP_NO_WORDS, HELP_WORDS, HelpKind
from prescribing.residents.scope import is_own


@dataclass(frozen=True)
class OfferLine:
    """What somebody offers to others; `asked` is the activity whose group it was put to and knows it by `reference`,
    `said_yes` its answer, `why_not` the words of its no."""

    id: UUID
    said: str
    kind: HelpKind
    words: str
    may_count: bool
    started_at: datetime | None
    asked: str = ""
    said_yes: bool | None = None
    reference: str = ""
    why_not: str = ""

    @property
    def may_be_put(self) -> bool:
        """Whether it can be put to a group now."""
        return not self.asked or self.said_yes is False


def own_offers(session: Session, actor: Actor) -> tuple[OfferLine, ...]:
    """What the actor themself offers to others now."""
    return offers_of(session, select(Person.id).where(is_own(actor)))


def offers_of(session: Session, persons: Select[Any]) -> tuple[OfferLine, ...]:
    """What these people offer to others now, the oldest first. `persons` selects their ids."""
    rows = session.scalars(
        select(OfferOfHelp)
        .where(OfferOfHelp.person_id.in_(persons), OfferOfHelp.ended_at.is_(None))
        .order_by(OfferOfHelp.created_at)
    ).all()
    ids = {row.service_id for row in rows if row.service_id is not None}
    names = published.briefs(session, ids) if ids else {}
    return tuple(
        OfferLine(
            row.id,
            HELP_WORDS[row.kind],
            row.kind,
            row.words or "",
            row.may_count,
            row.started_at,
            (names[row.service_id].name if row.service_id in names else "A group") if row.asked_at else "",
            row.said_yes,
            row.reference or "",
            HELP_NO_WORDS[row.why_not] if row.why_not else "",
        )
        for row in rows
    )
