"""Who would like to help at a group, as the group sees them: what they offer until it says yes, then who it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.audit import services as audit
from core.errors import NotFound
from directory import published
from prescribing.people.consent import ConsentFacts, ConsentPurpose, consent_covers
from prescribing.people.models import Person
from prescribing.people.queries import consent_facts, consent_facts_of
from prescribing.people.records import safe_contact_of
from prescribing.referrals.finding import safe_way
from prescribing.referrals.scope import is_theirs
from prescribing.referrals.tiers import Tier
from prescribing.referrals.words import name_for_group, names_nobody
from prescribing.residents.models import OfferOfHelp
from prescribing.residents.rules import FOR_GROUP_WORDS


@dataclass(frozen=True)
class Helper:
    """Somebody who would like to help, at the tier of their group: before its yes there is neither what to call them
    (`called`) nor how to reach them (`reach`), and `words` are empty where they tell. `said_yes` is None until it
    answers; whose record it is is for the trail."""

    id: UUID
    person_id: UUID
    reference: str
    said: str
    words: str
    called: str
    reach: str
    said_yes: bool | None

    @property
    def tier(self) -> Tier:
        """How much of them shows."""
        return Tier.ACCEPTED if self.said_yes else Tier.OFFER


def helpers(session: Session, actor: Actor, organization_id: UUID) -> tuple[Helper, ...]:
    """Who would like to help at a group of the actor's, or does, those to be answered first. Nobody whose consent does
    not hold. Raises `NotFound` for another's. Whoever shows it audits the looks."""
    if not is_theirs(session, actor, organization_id):
        raise NotFound
    found = [
        as_seen(row, person)
        for row, person in _known_to(session, published.known_group_ids(session, organization_id))
    ]
    return tuple(sorted(found, key=lambda one: one.said_yes is not None))


def waiting(session: Session, organization_id: UUID) -> tuple[UUID, ...]:
    """The activities of a group for which an offer waits to be answered."""
    rows = _known_to(session, published.known_group_ids(session, organization_id))
    ids = (row.service_id for row, _person in rows if row.said_yes is None)
    return tuple(dict.fromkeys(one for one in ids if one is not None))


def record_looks(session: Session, actor: Actor, shown: Iterable[Helper]) -> None:
    """A group was shown these helpers: it stands in the trail of each."""
    for one in shown:
        audit.record(session, actor, "help.read", "person", one.person_id, tier=one.tier)


def as_seen(row: OfferOfHelp, person: Person) -> Helper:
    """An offer as its group sees it now, where it may know of it at all."""
    words, known = row.words or "", bool(row.said_yes)
    names = (person.name or "", person.preferred_name or "")
    return Helper(
        id=row.id,
        person_id=row.person_id,
        reference=row.reference or "",
        said=FOR_GROUP_WORDS[row.kind],
        words=words if known or names_nobody(words, names) else "",
        called=name_for_group(*names) if known else "",
        reach=safe_way(safe_contact_of(person), person.mobile or "") if known else "",
        said_yes=row.said_yes,
    )


def may_be_known(session: Session, row: OfferOfHelp) -> bool:
    """Whether the group that an offer was put to may know of it."""
    person = session.get_one(Person, row.person_id)
    return _covered(row, person, consent_facts(session, row.person_id))


def _known_to(session: Session, organization_ids: Iterable[UUID]) -> list[tuple[OfferOfHelp, Person]]:
    """What was put to these groups and stands, with whose it is, where the group may know them: in two statements."""
    rows = session.execute(
        select(OfferOfHelp, Person)
        .join(Person, Person.id == OfferOfHelp.person_id)
        .where(
            OfferOfHelp.organization_id.in_(organization_ids),
            OfferOfHelp.ended_at.is_(None),
            OfferOfHelp.said_yes.is_not(False),
        )
        .order_by(OfferOfHelp.asked_at)
    ).all()
    facts = consent_facts_of(session, {person.id for _row, person in rows})
    return [(row, person) for row, person in rows if _covered(row, person, facts.get(person.id, ()))]


def _covered(row: OfferOfHelp, person: Person, facts: Iterable[ConsentFacts]) -> bool:
    if person.flagged_for_safety or person.died_at is not None or row.organization_id is None:
        return False
    return consent_covers(facts, row.organization_id, ConsentPurpose.HELP_GROUP, clock.now())
