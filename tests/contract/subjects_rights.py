"""People's rights, for the access matrix."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from core import clock
from core.access.rules import Actor, Place, Role
from core.db import new_id
from core.references.rules import new_reference
from prescribing.episodes.models import Episode
from prescribing.people import services as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Person, RecipientKind
from prescribing.rights import copies, services, unknown
from prescribing.rights.models import DeletionNotice, Disposal, EmergencyLook
from prescribing.rights.rules import Asked, HoldKind, RequestKind, Way, Why
from tests import build
from tests.contract.subjects import Cell, Relation, Subject, subject
from tests.contract.subjects_episodes import active, created


def officer(cell: Cell) -> Actor:
    return build.actor(cell.session, Role.DATA_PROTECTION_OFFICER)


def record_of(cell: Cell) -> Episode:
    """Somebody's record, with words in it that others wrote."""
    return active(cell)


def asked(cell: Cell, kind: RequestKind = RequestKind.ACCESS) -> tuple[Episode, UUID]:
    episode = record_of(cell)
    request = Asked(kind, "My address is wrong", Way.LETTER, clock.today())
    return episode, services.take_request(cell.session, officer(cell), episode.person_id, request)


@subject("rights.find")
def _find(cell: Cell) -> Subject:
    return Subject(form={"text": cell.session.get_one(Person, record_of(cell).person_id).reference})


@subject("rights.record", "rights.take", "rights.hold", "rights.who_looked")
def _record(cell: Cell) -> Subject:
    day = clock.today()
    return Subject(
        {"person_id": record_of(cell).person_id},
        form=created(
            **{
                "kind": "access",
                "way": "letter",
                "received_on-day": str(day.day),
                "received_on-month": str(day.month),
                "received_on-year": str(day.year),
                "hold_kind": "legal",
                "reason": "The coroner asks",
            }
        ),
    )


@subject("unknown.take")
def _stranger_asks(cell: Cell) -> Subject:
    day = clock.today()
    return Subject(
        form=created(
            **{
                "kind": "access",
                "way": "letter",
                "received_on-day": str(day.day),
                "received_on-month": str(day.month),
                "received_on-year": str(day.year),
                "name": "Somebody Example",
                "reach": "0161 496 0001",
            }
        )
    )


@subject("unknown.show", "unknown.work")
def _stranger(cell: Cell) -> Subject:
    asked = Asked(RequestKind.ACCESS, "", Way.LETTER, clock.today())
    made = unknown.take(cell.session, officer(cell), asked, "Somebody Example", "0161 496 0001")
    return Subject(
        {"request_id": made}, form={"step": "answer", "outcome": "done", "answer": "We hold nothing."}
    )


@subject("rights.lift")
def _hold(cell: Cell) -> Subject:
    person_id = record_of(cell).person_id
    hold_id = services.hold(cell.session, officer(cell), person_id, HoldKind.LEGAL, "The coroner asks", None)
    return Subject({"hold_id": hold_id})


@subject("rights.confirm", "emergency.confirm_deleted")
def _notice(cell: Cell) -> Subject:
    episode = record_of(cell)
    worker = build.actor(cell.session, Role.LINK_WORKER, place_id=episode.team_id)
    consent_id = people.give_consent(
        cell.session,
        worker,
        episode.person_id,
        recipient_kind=RecipientKind.PARTNER,
        recipient_id=build.place(cell.session, Place.PARTNER),
        purpose=ConsentPurpose.FEEDBACK_TO_REFERRER,
        fields=[],
        how="by phone",
    )
    people.withdraw_consent(cell.session, worker, consent_id)
    notice = cell.session.scalars(select(DeletionNotice).where(DeletionNotice.consent_id == consent_id)).one()
    return Subject({"notice_id": notice.id})


@subject("rights.request_page", "rights.work", "rights.copy")
def _request(cell: Cell) -> Subject:
    return Subject({"request_id": asked(cell)[1]}, form={"step": "proof", "proof": "Passport"})


@subject("rights.passages", "rights.read_passage")
def _passage(cell: Cell) -> Subject:
    episode, request_id = asked(cell)
    one = copies.unread(cell.session, episode.person_id, request_id)[0]
    return Subject({"request_id": request_id}, form={"passage": one.id, "marked": one.text})


@subject("rights.certificate")
def _certificate(cell: Cell) -> Subject:
    made = Disposal(
        reference=new_reference(),
        person_id=new_id(),
        why=Why.TIME_IS_UP,
        rule="adult",
        at=clock.now(),
        decided_by="system",
        counts={"persons": 1},
    )
    cell.session.add(made)
    cell.session.flush()
    return Subject({"disposal_id": made.id})


@subject("emergency.show", "emergency.close", "rights.review_emergency")
def _look(cell: Cell) -> Subject:
    own = cell.account if cell.relation is Relation.OWN else None
    account = own or build.account(cell.session, Role.LINK_WORKER)
    look = EmergencyLook(
        person_id=active(Cell(cell.session, None, cell.relation, None, None)).person_id,
        account_id=account.id,
        reason="The police ask about risks",
        started_at=clock.now(),
    )
    cell.session.add(look)
    cell.session.flush()
    return Subject({"look_id": look.id}, form={"words": "It was right"})


@subject("emergency.consents")
def _consents(cell: Cell) -> Subject:
    return Subject({"person_id": record_of(cell).person_id})
