"""Who is kept, how they are reached, what they agreed to; always within the team."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import PUBLIC, SYSTEM, Actor, Place, Role
from core.audit.models import AuditEntry
from core.errors import Conflict, Invalid, NotFound, Refused
from core.events import subscribe
from core.notify.models import Message, MessageState
from core.notify.services import send_email
from prescribing.people import queries, services
from prescribing.people.consent import ConsentPurpose, consent_covers
from prescribing.people.events import ConsentWithdrawn
from prescribing.people.models import Person, RecipientKind
from prescribing.people.safe_contact import MayAnswer, SafeContact
from prescribing.people.services import PersonChange
from tests import build

KNOWN = PersonChange(
    texts={
        "name": "Margaret Example",
        "mobile": "07700 900123",
        "address": "1 Example Street",
        "nhs_number": "943 476 5919",
        "gp_practice": "Peel Street Surgery",
    },
    born=date(1948, 3, 27),
    contact=SafeContact(texts=True, may_answer=MayAnswer.NAMED_PEOPLE, named=("Anne",), times="mornings"),
)


def make(session: Session, change: PersonChange = KNOWN) -> Person:
    team_id = build.place(session, Place.TEAM)
    return services.make_person(session, PUBLIC, team_id, change)


def test_what_was_said_comes_back_and_what_was_not_asked_is_not_safe(session: Session) -> None:
    person = make(session)
    worker = build.actor(session, Role.LINK_WORKER, place_id=person.team_id)
    with clock.at(datetime(2026, 3, 28, 12, tzinfo=UTC)):
        found = queries.person(session, worker, person.id)
    assert (found.called, found.age, found.nhs_number) == ("Margaret Example", 78, "943 476 5919")
    assert found.contact.texts
    assert not found.contact.voicemail
    assert not found.contact.letters
    assert "You may also speak to Anne." in found.contact_words
    assert not found.no_known_risks
    assert not found.has_risk


def test_nothing_personal_is_stored_in_the_clear(session: Session) -> None:
    person = make(session)
    session.commit()
    row = session.execute(text("SELECT * FROM persons")).mappings().one()
    shown = " ".join(str(value) for value in row.values())
    for secret in ("Margaret", "07700", "Example Street", "9434765919", "1948", "Anne"):
        assert secret not in shown
    details = session.scalars(select(AuditEntry.detail).where(AuditEntry.subject_id == person.id))
    assert "Margaret" not in str(list(details))


def test_only_their_own_team_finds_a_person(session: Session) -> None:
    person = make(session)
    own = build.actor(session, Role.COORDINATOR, place_id=person.team_id)
    assert set(queries.people(session, own, [person.id])) == {person.id}
    for role in Role:
        stranger = build.actor(session, role)
        with pytest.raises(NotFound):
            queries.person(session, stranger, person.id)
        assert not queries.people(session, stranger, [person.id])
        assert not queries.consents(session, stranger, person.id)
        with pytest.raises(NotFound):
            services.update_person(session, stranger, person.id, PersonChange(), expected_version=1)


def test_a_resident_reads_their_own_record_unless_it_is_flagged(session: Session) -> None:
    person = make(session)
    resident = build.actor(session, Role.RESIDENT, place_id=person.id)
    assert queries.person(session, resident, person.id).id == person.id
    with pytest.raises(NotFound):
        services.update_person(session, resident, person.id, PersonChange(), expected_version=person.version)
    services.update_person(
        session, SYSTEM, person.id, PersonChange(flagged_for_safety=True), expected_version=person.version
    )
    with pytest.raises(NotFound):
        queries.person(session, resident, person.id)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (PersonChange(texts={"nhs_number": "943 476 5918"}), "nhs_number"),
        (PersonChange(born=date(2999, 1, 1)), "date_of_birth"),
        (PersonChange(texts={"risks": "A dog"}, no_known_risks=True), "risks"),
    ],
)
def test_what_cannot_be_true_is_refused(session: Session, change: PersonChange, field: str) -> None:
    person = make(session)
    with pytest.raises(Invalid) as caught:
        services.update_person(session, SYSTEM, person.id, change, expected_version=person.version)
    assert caught.value.field == field


def test_a_field_that_a_person_has_not_is_our_own_mistake(session: Session) -> None:
    with pytest.raises(ValueError, match="shoe_size"):
        make(session, PersonChange(texts={"shoe_size": "6"}))


def test_texts_are_emptied_and_the_index_goes_with_them(session: Session) -> None:
    person = make(session)
    change = PersonChange(texts={"nhs_number": "", "gp_practice": "", "postcode": ""})
    services.update_person(session, SYSTEM, person.id, change, expected_version=person.version)
    assert person.nhs_number is None
    assert person.nhs_number_index is None
    assert person.gp_practice is None
    assert person.ward_code is None


def test_the_second_writer_sees_both_texts(session: Session) -> None:
    person = make(session)
    seen = person.version
    first = PersonChange(texts={"what_matters": "My choir"})
    services.update_person(session, SYSTEM, person.id, first, expected_version=seen)
    second = PersonChange(texts={"what_matters": "My garden"}, contact=SafeContact(times="evenings"))
    with pytest.raises(Conflict) as caught:
        services.update_person(session, SYSTEM, person.id, second, expected_version=seen)
    assert caught.value.yours == {"What matters to them": "My garden", "Best times": "evenings"}
    assert caught.value.theirs == {"What matters to them": "My choir", "Best times": "mornings"}


def test_consent_holds_until_it_ends_or_is_taken_back(session: Session) -> None:
    person = make(session)
    worker = build.actor(session, Role.LINK_WORKER, place_id=person.team_id)
    partner_id = build.place(session, Place.PARTNER)
    heard: list[ConsentWithdrawn] = []

    def hear(_session: Session, event: ConsentWithdrawn) -> None:
        heard.append(event)

    subscribe(ConsentWithdrawn, hear)
    until = build.days_ahead(1)
    purpose = ConsentPurpose.FEEDBACK_TO_REFERRER
    consent_id = services.give_consent(
        session,
        worker,
        person.id,
        recipient_kind=RecipientKind.PARTNER,
        recipient_id=partner_id,
        purpose=purpose,
        fields=("outcome",),
        how="by phone",
        until=until,
    )
    facts = queries.consent_facts(session, person.id)
    assert consent_covers(facts, partner_id, purpose, clock.now())
    assert not consent_covers(facts, partner_id, purpose, until)
    assert queries.consents(session, worker, person.id)[0].recipient_name.startswith("Practice")
    services.withdraw_consent(session, worker, consent_id)
    assert not consent_covers(queries.consent_facts(session, person.id), partner_id, purpose, clock.now())
    assert [event.consent_id for event in heard] == [consent_id]
    with pytest.raises(Refused):
        services.withdraw_consent(session, worker, consent_id)


def test_consent_says_how_it_was_given_and_stays_in_the_team(session: Session) -> None:
    person = make(session)
    worker, stranger = (
        build.actor(session, Role.LINK_WORKER, place_id=person.team_id),
        build.actor(session, Role.LINK_WORKER),
    )
    team_id = person.team_id

    def give(who: Actor, how: str) -> None:
        services.give_consent(
            session,
            who,
            person.id,
            recipient_kind=RecipientKind.TEAM,
            recipient_id=team_id,
            purpose=ConsentPurpose.SUPPORT,
            fields=("request",),
            how=how,
        )

    with pytest.raises(Invalid):
        give(worker, " ")
    with pytest.raises(NotFound):
        give(stranger, "by phone")
    give(worker, "by phone")
    consent = queries.consents(session, worker, person.id)[0]
    assert consent.recipient_name.startswith("Team")
    with pytest.raises(NotFound):
        services.withdraw_consent(session, stranger, consent.id)


def test_a_flag_for_safety_stops_what_is_on_its_way(session: Session) -> None:
    flagged, asked, other = make(session), make(session), make(session)
    for person in (flagged, asked, other):
        send_email(
            session,
            to="home@post.example",
            template="message-waiting",
            context={"link": "/me"},
            about_id=person.id,
        )
    change = PersonChange(flagged_for_safety=True)
    services.update_person(session, SYSTEM, flagged.id, change, expected_version=flagged.version)
    services.flag_for_safety(session, SYSTEM, asked)
    session.expire_all()
    states = {one.about_id: one.state for one in session.scalars(select(Message))}
    assert states == {
        flagged.id: MessageState.CANCELLED,
        asked.id: MessageState.CANCELLED,
        other.id: MessageState.QUEUED,
    }
