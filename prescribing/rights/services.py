"""Taking what people ask about their record, and answering it: the data protection officer's work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission, Role
from core.accounts import queries as accounts
from core.audit import services as audit
from core.errors import Invalid, NotFound, Refused
from core.notify.services import send_email
from core.references.drawing import free_reference
from prescribing.people import queries as people
from prescribing.people.models import Person
from prescribing.people.services import author_of
from prescribing.rights import copies, erasing
from prescribing.rights.models import Disposal, Hold, PassageReview, RightsRequest
from prescribing.rights.rules import (
    Asked,
    HoldKind,
    RequestKind,
    RequestState,
    SentBy,
    Way,
    Why,
    check_extension,
    check_marks,
    check_received,
)


def ask(session: Session, actor: Actor, person_id: UUID, kind: RequestKind, words: str) -> UUID:
    """What somebody asks about their own record, signed in: they proved who they are. Gives the request's id.

    Raises `NotFound` for anybody else's record, `Invalid` where words are needed, `Refused` where the same waits.
    """
    if person_id not in actor.person_ids(Role.RESIDENT):
        raise NotFound
    made = _take(session, actor, person_id, Asked(kind, words, Way.ONLINE, clock.today()))
    made.proof, made.proof_seen_at = "Signed in with a second step", clock.now()
    session.flush()
    tell_officers(session, "rights-asked", f"/data-protection/requests/{made.id}", made.id)
    return made.id


def own_copy(session: Session, actor: Actor, person_id: UUID) -> copies.Copy:
    """Somebody's own copy, signed in: as it was checked for them last, else without what may be about others too; never
    with concerns.

    Raises `NotFound` for anybody else's record, and for one that is flagged for safety.
    """
    if person_id not in actor.person_ids(Role.RESIDENT):
        raise NotFound
    people.person(session, actor, person_id)
    checked = session.scalar(
        select(RightsRequest.id)
        .where(
            RightsRequest.person_id == person_id,
            RightsRequest.kind == RequestKind.ACCESS,
            RightsRequest.sent_by == SentBy.SIGNED_IN,
        )
        .order_by(RightsRequest.answered_at.desc())
        .limit(1)
    )
    audit.record(session, actor, "person.copy", "person", person_id)
    return copies.copy_for(session, person_id, checked, online=True)


def take_request(
    session: Session, actor: Actor, person_id: UUID, asked: Asked, *, reference: str | None = None
) -> UUID:
    """Write down a request that came by letter, phone, email or face to face; `reference` is what they were told
    already, and is kept unless another request has it. Gives its id. Raises as `ask`."""
    actor.must(Permission.PROTECT_DATA)
    check_received(asked.received_on, clock.today())
    return _take(session, actor, person_id, asked, reference).id


def _take(
    session: Session, actor: Actor, person_id: UUID, asked: Asked, reference: str | None = None
) -> RightsRequest:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound
    words = asked.words.strip()
    if not words and asked.kind not in {RequestKind.ACCESS, RequestKind.ERASURE}:
        raise Invalid("Say what should be put right, stopped or looked into.", "words")
    waiting = session.scalar(
        select(RightsRequest.id).where(
            RightsRequest.person_id == person_id,
            RightsRequest.kind == asked.kind,
            RightsRequest.state == RequestState.OPEN,
        )
    )
    if waiting is not None and asked.kind in {RequestKind.ACCESS, RequestKind.ERASURE}:
        raise Refused("The same was asked before and is being worked on.")
    made = RightsRequest(
        reference=free_reference(session, RightsRequest.reference, wanted=reference),
        person_id=person_id,
        kind=asked.kind,
        way=asked.way,
        received_on=asked.received_on,
        state=RequestState.OPEN,
        made_by=author_of(actor),
        words=words,
        months_more=0,
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "rights.ask", "person", person_id, kind=asked.kind, reference=made.reference)
    return made


def see_proof(session: Session, actor: Actor, request_id: UUID, proof: str) -> None:
    """Note how somebody showed who they are. Raises `Invalid` for no words."""
    row = _open(session, actor, request_id)
    if not proof.strip():
        raise Invalid(
            "Say what you saw, such as a passport or a call back to the number that we know.", "proof"
        )
    row.proof, row.proof_seen_at = proof.strip(), clock.now()
    _note(session, actor, row, "rights.proof")


def take_longer(session: Session, actor: Actor, request_id: UUID, months: int, reason: str) -> None:
    """Make the time longer for a hard case. Raises `Invalid`; `Refused` for a second time."""
    row = _open(session, actor, request_id)
    if row.months_more:
        raise Refused("The time was made longer once already.")
    check_extension(row.received_on, months, reason, clock.today())
    row.months_more, row.longer_because, row.told_longer_at = months, reason.strip(), clock.now()
    _note(session, actor, row, "rights.take-longer", months=months)


def review(session: Session, actor: Actor, request_id: UUID, passage: str, marked: str) -> None:
    """Keep what may go out of one passage. Raises `Invalid` unless only marks were set, which also refuses a text that
    has changed meanwhile; `NotFound` for a passage of another record."""
    row = _open(session, actor, request_id)
    one = next((one for one in copies.passages(session, row.person_id, row.id) if one.id == passage), None)
    if one is None:
        raise NotFound
    check_marks(one.text, marked)
    known = session.scalar(
        select(PassageReview).where(PassageReview.request_id == request_id, PassageReview.passage == passage)
    )
    if known is None:
        known = PassageReview(request_id=request_id, passage=passage)
        session.add(known)
    known.digest, known.marked = sha256(one.text.encode()).hexdigest(), marked.replace("\r\n", "\n")
    known.decided_at, known.decided_by = clock.now(), author_of(actor)
    session.flush()
    audit.record(session, actor, "rights.review", "person", row.person_id, reference=row.reference)


def decide_concerns(session: Session, actor: Actor, request_id: UUID, *, go_in: bool) -> None:
    """Say whether worries about the person go into the copy that answers this request. It can be changed until the copy
    is sent. Raises `NotFound` where there are none."""
    row = _open(session, actor, request_id, RequestKind.ACCESS)
    if not copies.concerns(session, row.person_id):
        raise NotFound
    row.with_concerns = go_in
    session.flush()
    # Named as the concerns' own acts are, which the person's list of who looked leaves out.
    audit.record(
        session, actor, "concern.copy", "person", row.person_id, reference=row.reference, goes_in=go_in
    )


def send_copy(session: Session, actor: Actor, request_id: UUID, sent_by: SentBy) -> None:
    """Answer a request for a copy. Raises `Refused` until the person showed who they are, every passage was read and it
    was decided whether worries about them go in, and for a copy online of a record that never shows there."""
    row = _open(session, actor, request_id, RequestKind.ACCESS)
    _want_proof(row)
    if sent_by is not SentBy.SIGNED_IN and _undecided(session, row):
        raise Refused("There is a worry about them in this record. First say whether it goes into the copy.")
    left = copies.unread(session, row.person_id, request_id)
    if left:
        raise Refused(f"{len(left)} passages have not been read yet. Somebody else may be named in them.")
    if sent_by is SentBy.SIGNED_IN:
        if row.person.flagged_for_safety:
            raise Refused("This record is flagged for safety: it never shows online. Hand the copy over.")
        if accounts.account_of_person(session, row.person_id) is None:
            raise Refused("They cannot sign in. Hand the copy over, or send it by tracked post.")
    row.sent_by = sent_by
    _close(session, actor, row, RequestState.ANSWERED, "")


def answer(session: Session, actor: Actor, request_id: UUID, words: str, *, refuse: bool) -> None:
    """Answer anything but a copy or a deletion in words, or refuse with the reason and where to complain.

    Raises `Invalid` for no words.
    """
    row = _open(session, actor, request_id)
    if not words.strip():
        raise Invalid("Say what was done, or why not, in words that the person can read.", "answer")
    if not refuse and row.kind in {RequestKind.ACCESS, RequestKind.ERASURE}:
        raise Refused("Send the copy, or delete the record: words alone do not answer this.")
    _want_proof(row)
    _close(session, actor, row, RequestState.REFUSED if refuse else RequestState.ANSWERED, words.strip())


def delete_as_asked(session: Session, actor: Actor, request_id: UUID) -> Disposal:
    """Delete the record because the person asked, and give the certificate. Raises `Refused` with what stands in the
    way: a legal hold above all."""
    row = _open(session, actor, request_id, RequestKind.ERASURE)
    _want_proof(row)
    return erasing.erase(
        session, actor, row.person_id, Why.ASKED, answers_request=row.id, request_reference=row.reference
    )


def delete_when_due(session: Session, actor: Actor, person_ids: Iterable[UUID]) -> list[Disposal]:
    """Delete records whose time is over, each with its certificate. Raises `Refused` where one may not go: none goes
    then."""
    actor.must(Permission.PROTECT_DATA)
    return [erasing.erase(session, actor, each, Why.TIME_IS_UP) for each in sorted(set(person_ids))]


def hold(
    session: Session, actor: Actor, person_id: UUID, kind: HoldKind, reason: str, until: date | None
) -> UUID:
    """Keep a record that would go. Raises `Invalid` without a reason, or a day that is over; one that is only kept
    longer needs its day."""
    actor.must(Permission.PROTECT_DATA)
    if session.get(Person, person_id, with_for_update=True) is None:
        raise NotFound
    if not reason.strip():
        raise Invalid("Say why this record must stay.", "reason")
    if until is not None and until <= clock.today():
        raise Invalid("The day must be ahead of today.", "until")
    if kind is HoldKind.KEEP_LONGER and until is None:
        raise Invalid("Say until when it is kept longer.", "until")
    made = Hold(
        person_id=person_id,
        kind=kind,
        reason=reason.strip(),
        until=until,
        placed_at=clock.now(),
        placed_by=author_of(actor),
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "rights.hold", "person", person_id, kind=kind)
    return made.id


def lift(session: Session, actor: Actor, hold_id: UUID) -> UUID:
    """End a hold; gives the person's id. Raises `Refused` where it was lifted before."""
    actor.must(Permission.PROTECT_DATA)
    row = session.get(Hold, hold_id, with_for_update=True)
    if row is None:
        raise NotFound
    if row.lifted_at is not None:
        raise Refused("This hold was lifted already.")
    row.lifted_at, row.lifted_by = clock.now(), author_of(actor)
    session.flush()
    audit.record(session, actor, "rights.lift", "person", row.person_id, kind=row.kind)
    return row.person_id


def tell_officers(session: Session, template: str, path: str, about_id: UUID) -> None:
    """Write to every data protection officer that something waits; the link says where, the words say nothing."""
    for address in accounts.addresses_of_role(session, Role.DATA_PROTECTION_OFFICER):
        send_email(session, to=address, template=template, context={"path": path}, about_id=about_id)


def _open(session: Session, actor: Actor, request_id: UUID, kind: RequestKind | None = None) -> RightsRequest:
    actor.must(Permission.PROTECT_DATA)
    row = session.get(RightsRequest, request_id, with_for_update=True)
    if row is None or (kind is not None and row.kind is not kind):
        raise NotFound
    if row.state is not RequestState.OPEN:
        raise Refused("This request was answered already.")
    return row


def _want_proof(row: RightsRequest) -> None:
    if row.proof_seen_at is None:
        raise Refused("First note how they showed who they are.")


def _undecided(session: Session, row: RightsRequest) -> bool:
    return row.with_concerns is None and copies.concerns(session, row.person_id) > 0


def _close(session: Session, actor: Actor, row: RightsRequest, state: RequestState, words: str) -> None:
    row.state, row.answered_at, row.answered_by, row.answer = state, clock.now(), author_of(actor), words
    _note(session, actor, row, "rights.answer", outcome=state)


def _note(session: Session, actor: Actor, row: RightsRequest, action: str, **detail: str | int) -> None:
    session.flush()
    audit.record(session, actor, action, "person", row.person_id, reference=row.reference, **detail)
