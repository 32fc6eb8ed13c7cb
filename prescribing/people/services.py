"""Writing people down: who they are, how to reach them safely, and what they agree to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.accounts.queries import account_of_person
from core.audit import services as audit
from core.db import blind_index
from core.errors import Conflict, Invalid, Refused
from core.events import publish
from core.geography import queries as geography
from core.notify.services import cancel_about
from core.references.drawing import free_reference
from prescribing.people import queries
from prescribing.people.consent import ConsentPurpose, falls_with
from prescribing.people.events import ConsentWithdrawn, FlaggedForSafety, SafetyFlagLifted, TakenBack
from prescribing.people.models import Consent, Person, RecipientKind
from prescribing.people.records import birth_date_of, safe_contact_of, safety_text
from prescribing.people.rules import (
    age_band_of,
    check_birth_date,
    normalise_nhs_number,
    surname_and_birth,
)
from prescribing.people.safe_contact import SafeContact

# The version of the words in which consent is asked for; a new wording gets a new one.
WORDING = "2026-1"

FIELD_WORDS: Mapping[str, str] = {
    "name": "Name",
    "preferred_name": "What they like to be called",
    "pronouns": "Pronouns",
    "address": "Address",
    "postcode": "Postcode",
    "phone": "Phone",
    "mobile": "Mobile",
    "email": "Email",
    "contact_notes": "About getting in touch",
    "what_matters": "What matters to them",
    "strengths": "What they are good at",
    "access_needs": "Access needs",
    "communication_needs": "Communication needs",
    "interpreter": "Interpreter",
    "carer": "Carer",
    "household": "Who they live with",
    "needs_met": "What we do about what they need",
    "safeguarding": "Safeguarding",
    "safeguarding_told": "Who was told of the safeguarding concern",
    "risks": "Risks",
    "risk_summary": "What a group may be told about risks",
    "ethnicity": "Ethnicity",
    "gender": "Gender",
    "gp_practice": "GP practice",
    "nhs_number": "NHS number",
}


# What the Accessible Information Standard is about.
NEEDS = frozenset({"access_needs", "communication_needs", "interpreter"})


@dataclass(frozen=True)
class PersonChange:
    """What to change of a person; None leaves a thing as it is.

    `texts` maps names of `FIELD_WORDS` to new texts, empty for none. `contact` changes only what is not a number or
    an address: voicemail, texts, letters, who may answer, times. Whoever changes access or communication needs has
    asked about them; `share_needs` and `needs_review_on` go with them.
    """

    texts: Mapping[str, str] | None = None
    born: date | None = None
    contact: SafeContact | None = None
    no_known_risks: bool | None = None
    flagged_for_safety: bool | None = None
    share_needs: bool | None = None
    needs_review_on: date | None = None


def make_person(
    session: Session, actor: Actor, team_id: UUID, change: PersonChange, *, unsent: bool = False
) -> Person:
    """A new person of a team, with what is known so far; `unsent` where only a draft names them."""
    person = Person(
        team_id=team_id,
        reference=free_reference(session, Person.reference),
        no_known_risks=False,
        flagged_for_safety=False,
        unsent=unsent,
    )
    _apply(session, person, change)
    session.add(person)
    session.flush()
    audit.record(session, actor, "person.make", "person", person.id)
    return person


def update_person(
    session: Session, actor: Actor, person_id: UUID, change: PersonChange, *, expected_version: int
) -> None:
    """Change what is known of a person of the actor's team.

    Raises `Conflict` with both texts when somebody else changed the record since `expected_version`.
    """
    person = queries.person_for_update(session, actor, person_id)
    update_held(session, actor, person, change, expected_version=expected_version)


def update_held(
    session: Session, actor: Actor, person: Person, change: PersonChange, *, expected_version: int
) -> None:
    """As `update_person`, for a row that the caller holds and may change."""
    if person.version != expected_version:
        raise _conflict(person, change)
    was_flagged = person.flagged_for_safety
    _apply(session, person, change)
    if person.flagged_for_safety and not was_flagged:
        silence(session, person)
    elif was_flagged and not person.flagged_for_safety:
        publish(session, SafetyFlagLifted(person.id))
    changed = sorted(change.texts or ())
    session.flush()
    audit.record(session, actor, "person.update", "person", person.id, fields=", ".join(changed) or "safety")


def flag_for_safety(session: Session, actor: Actor, person: Person) -> None:
    """Keep a record off every screen but the team's, because whoever asked for support says so; the caller holds the
    request. Only the team takes a flag away."""
    if person.flagged_for_safety:
        return
    person.flagged_for_safety = True
    session.flush()
    silence(session, person)
    audit.record(session, actor, "person.flag", "person", person.id)


def silence(session: Session, person: Person) -> None:
    """Take back whatever waits to be sent to a person, whatever it is about: anybody at home may read it."""
    taken_back = cancel_about(session, person.id)
    account_id = account_of_person(session, person.id)
    if account_id is not None:
        taken_back += cancel_about(session, account_id)
    if taken_back:
        publish(session, TakenBack(person.id))
    publish(session, FlaggedForSafety(person.id))


def change_unsent(session: Session, person: Person, change: PersonChange) -> None:
    """Change a person whom nobody but the sender of a draft knows yet; the caller holds the draft and audits."""
    _apply(session, person, change)


def record_consent(
    session: Session,
    actor: Actor,
    person: Person,
    *,
    recipient_kind: RecipientKind,
    recipient_id: UUID,
    purpose: ConsentPurpose,
    fields: Iterable[str],
    how: str,
    until: datetime | None = None,
) -> UUID:
    """Write down what the person agreed to; the caller has `person` in scope. `how` is in words: "by phone"."""
    consent = Consent(
        person_id=person.id,
        purpose=purpose,
        recipient_kind=recipient_kind,
        recipient_id=recipient_id,
        fields=sorted(fields),
        wording_version=WORDING,
        how=how[:40],
        given_at=clock.now(),
        recorded_by=author_of(actor),
        until=until,
    )
    session.add(consent)
    session.flush()
    audit.record(session, actor, "consent.give", "consent", consent.id, purpose=purpose)
    return consent.id


def give_consent(
    session: Session,
    actor: Actor,
    person_id: UUID,
    *,
    recipient_kind: RecipientKind,
    recipient_id: UUID,
    purpose: ConsentPurpose,
    fields: Iterable[str],
    how: str,
    until: datetime | None = None,
) -> UUID:
    """Record a consent that somebody of the actor's team gave. Gives the consent's id.

    Raises `NotFound` out of scope, `Invalid` when nobody says how it was given.
    """
    if not how.strip():
        raise Invalid("Say how they agreed: face to face, by phone or in writing.", "how")
    person = queries.person_for_update(session, actor, person_id)
    return record_consent(
        session,
        actor,
        person,
        recipient_kind=recipient_kind,
        recipient_id=recipient_id,
        purpose=purpose,
        fields=fields,
        how=how.strip(),
        until=until,
    )


def withdraw_consent(session: Session, actor: Actor, consent_id: UUID) -> UUID:
    """Record that the person took a consent back; what it opened shuts in the same transaction.

    Consent is per recipient and purpose: every row of the same kind goes with it, however often it was given, and
    so does what rests on it. Gives the person's id. Raises `Refused` when it was taken back before.
    """
    consent = queries.consent_for_update(session, actor, consent_id)
    if consent.withdrawn_at is not None:
        raise Refused("This consent was taken back already.")
    for each in queries.like_consents_for_update(session, consent, falls_with(consent.purpose)):
        each.withdrawn_at, each.withdrawn_recorded_by = clock.now(), author_of(actor)
        session.flush()
        audit.record(session, actor, "consent.withdraw", "consent", each.id, purpose=each.purpose)
    publish(
        session,
        ConsentWithdrawn(
            actor=actor,
            person_id=consent.person_id,
            consent_id=consent.id,
            purpose=consent.purpose,
            recipient_kind=consent.recipient_kind,
            recipient_id=consent.recipient_id,
        ),
    )
    return consent.person_id


def give_again(session: Session, actor: Actor, consent_id: UUID, how: str) -> UUID:
    """Record that the person agrees again to what was taken back, or whose time is over: the same recipient, purpose
    and things. Gives the person's id. What was shut stays shut. Raises `Refused` while they agree, `Invalid` when
    nobody says how."""
    if not how.strip():
        raise Invalid("Choose how they agreed.", "how")
    consent = queries.consent_for_update(session, actor, consent_id)
    now = clock.now()
    like = queries.like_consents_for_update(session, consent, {consent.purpose})
    if any(one.until is None or one.until > now for one in like):
        raise Refused("This is agreed to already.")
    record_consent(
        session,
        actor,
        session.get_one(Person, consent.person_id),
        recipient_kind=consent.recipient_kind,
        recipient_id=consent.recipient_id,
        purpose=consent.purpose,
        fields=consent.fields,
        how=how.strip(),
    )
    return consent.person_id


def author_of(actor: Actor) -> str:
    """How events and consents name whoever wrote them down: an account's id, "public", "link", "own-link" or
    "system"."""
    return str(actor.account_id) if actor.account_id is not None else actor.kind


def _apply(session: Session, person: Person, change: PersonChange) -> None:
    for field, text in (change.texts or {}).items():
        if field not in FIELD_WORDS:
            raise ValueError(f"a person has no text {field!r}")
        _set_text(session, person, field, text.strip())
    if change.born is not None:
        person.date_of_birth = check_birth_date(change.born, clock.today()).isoformat()
        person.age_band = age_band_of(change.born, clock.today())
    if change.flagged_for_safety is not None:
        person.flagged_for_safety = change.flagged_for_safety
    if change.contact is not None:
        person.safe_contact = safety_text(change.contact)
    if NEEDS & (change.texts or {}).keys():
        person.needs_asked_on = clock.today()
        person.share_needs, person.needs_review_on = change.share_needs, change.needs_review_on
    if change.no_known_risks is not None:
        person.no_known_risks = change.no_known_risks
    if person.risks and person.no_known_risks:
        raise Invalid("Write down the risks, or say that none are known: it cannot be both.", "risks")
    born, surname = birth_date_of(person), (person.name or "").split()[-1:]
    if born is not None and surname:
        person.name_birth_index = blind_index("name-birth", surname_and_birth(surname[0], born))


def _set_text(session: Session, person: Person, field: str, text: str) -> None:
    if field == "nhs_number":
        number = normalise_nhs_number(text) if text else ""
        person.nhs_number_index = blind_index("nhs-number", number) if number else None
        text = number
    if field == "gp_practice":
        person.gp_practice = text or None
        return
    setattr(person, field, text or None)
    if field == "postcode":
        place = geography.locate(session, text) if text else None
        person.ward_code = place.ward_code if isinstance(place, geography.Place) else None


def _conflict(person: Person, change: PersonChange) -> Conflict:
    texts = change.texts or {}
    theirs = {FIELD_WORDS[field]: getattr(person, field) or "" for field in texts}
    yours = {FIELD_WORDS[field]: text for field, text in texts.items()}
    if change.contact is not None:
        contact = safe_contact_of(person)
        yours["Best times"], theirs["Best times"] = change.contact.times, contact.times
    return Conflict("Somebody else changed this record while you had it open.", yours, theirs)
