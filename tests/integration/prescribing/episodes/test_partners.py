"""Partners: what they keep to themselves, what they hear, and what happens when somebody is known already."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.access.rules import Role
from core.audit.models import AuditEntry
from core.errors import Refused
from core.notify import services as notify
from core.notify.models import Message, MessageState
from prescribing.episodes import boards, intake, known, triage
from prescribing.episodes.models import Episode, Need, RequestSource
from prescribing.people.models import Consent, Partner, PartnerKind, Person
from tests import build
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import REFERRED, MakeClient, send, signed_in, words
from tests.integration.prescribing.episodes.test_thread import PARTNER_CONTENT, refer, referrer


def test_a_draft_of_a_partner_is_its_own_until_it_is_sent(session: Session, make_client: MakeClient) -> None:
    team, who = walk.team(session), referrer(session)
    _request, draft = intake.submit_request(
        session,
        who,
        replace(PARTNER_CONTENT, name="Zebedee Example"),
        RequestSource.PARTNER,
        partner_id=next(iter(who.partner_ids())),
        team_id=team.id,
        draft=True,
    )
    episode_id, person_id, version = draft.id, draft.person_id, draft.version
    client = signed_in(session, make_client, team.coordinator)
    for path in (
        f"/episodes/{episode_id}",
        f"/episodes/{episode_id}/contacts/new",
        f"/triage/{episode_id}",
        f"/people/{person_id}",
        f"/people/{person_id}/about/edit",
    ):
        assert client.get(path).status_code == 404, path
    assert not boards.triage_board(session, team.coordinator).waiting
    intake.change_draft(session, who, episode_id, PARTNER_CONTENT, expected_version=version, send=True)
    assert client.get(f"/triage/{episode_id}").status_code == 200
    assert client.get(f"/people/{session.get_one(Episode, episode_id).person_id}").status_code == 200
    assert not session.get_one(Person, person_id).unsent


def test_everybody_who_plays_a_part_can_be_a_partner(session: Session) -> None:
    for kind in PartnerKind:
        session.add(Partner(name=f"A {kind.value}", kind=kind))
    session.commit()
    assert set(session.scalars(select(Partner.kind))) == set(PartnerKind)


def test_a_partner_says_what_somebody_needs_and_sees_where_to_mend(
    session: Session, make_client: MakeClient
) -> None:
    walk.team(session)
    client = signed_in(session, make_client, referrer(session))
    # Folded away, a wrong box could not be reached from the list of what to mend.
    folded = send(client, "/requests/new", **{**REFERRED, "email": "margaret@"})
    assert [part.split(">")[0] for part in folded.text.split("<details")[1:]].count(
        ' class="nhsuk-details" open'
    ) == 1
    unasked = send(client, "/requests/new", **{**REFERRED, "consent": "not asked"})
    assert 'href="#consent_why_not"' in unasked.text
    needs = {"communication_needs": "Large print", "interpreter": "Urdu", "access_needs": "No stairs"}
    there = send(client, "/requests/new", **REFERRED, **needs).location
    assert "Interpreter Urdu" in words(client.get(there))
    person = session.scalars(select(Person)).one()
    assert {name: getattr(person, name) for name in needs} == needs
    said = {**REFERRED, "name": "Sam Example", "phone": "0161 496 0009"}
    asked = {"access_needs": "Speaks Polish, needs an interpreter"}
    assert send(client, "/requests/new", **said, **asked).status_code == 303
    other = session.scalars(select(Person).where(Person.id != person.id)).one()
    assert (other.access_needs, other.interpreter) == (asked["access_needs"], "Polish")


BORN = {"born-day": "27", "born-month": "3", "born-year": "1948"}
MARGARET = {**REFERRED, "name": "Margaret Hall", **BORN}


def test_a_partner_is_asked_before_it_sends_somebody_twice(session: Session, make_client: MakeClient) -> None:
    walk.team(session)
    who, other = referrer(session), referrer(session)
    practice, police = signed_in(session, make_client, who), signed_in(session, make_client, other)
    key = str(uuid4())
    for _ in range(2):
        first = send(practice, "/requests/new", **MARGARET, idempotency_key=key)
        assert first.status_code == 303
    earlier = session.scalars(select(Episode)).one()
    request_id = str(earlier.support_request_id)

    asked = send(practice, "/requests/new", **{**MARGARET, "name": "Maggie Hall"})
    assert asked.status_code == 200
    page = words(asked)
    assert "You may have sent them already" in page
    assert earlier.reference in page
    assert "Say whether this is the same person" in page
    assert "Often alone" in page
    looks = select(func.count()).where(
        AuditEntry.action == "request.read", AuditEntry.subject_id == earlier.support_request_id
    )
    assert session.scalar(looks) == 1
    assert "Say whether" in words(send(practice, "/requests/new", **MARGARET, same="rubbish"))
    assert "Say whether" in words(send(practice, "/requests/new", **MARGARET, same=str(uuid4())))
    assert session.scalar(select(func.count()).select_from(Episode)) == 1

    assert send(practice, "/requests/new", **MARGARET, same=request_id).status_code == 303
    assert send(practice, "/requests/new", **MARGARET, same="other").status_code == 303
    # Another body is not told whom the team knows.
    assert send(police, "/requests/new", **MARGARET).status_code == 303
    session.expire_all()
    people = [row.person_id for row in session.scalars(select(Episode).order_by(Episode.id))]
    assert people[0] == people[1]
    assert len(set(people)) == 3


def test_a_draft_about_somebody_who_was_sent_asks_when_it_is_sent(
    session: Session, make_client: MakeClient
) -> None:
    walk.team(session)
    practice = signed_in(session, make_client, referrer(session))
    draft = str(send(practice, "/requests/new", **{**MARGARET, "then": "draft"}).location)
    asked = send(practice, "/requests/new", **MARGARET)
    assert "a draft that is not sent yet" in words(asked)
    first = str(send(practice, "/requests/new", **MARGARET, same="other").location)
    asked = send(practice, f"{draft}/draft", **MARGARET)
    assert "You may have sent them already" in words(asked)
    answer = send(practice, f"{draft}/draft", **MARGARET, same=first.rsplit("/", 1)[1])
    assert answer.status_code == 303
    session.expire_all()
    rows = session.scalars(select(Episode)).all()
    assert len(rows) == 2
    assert len({row.person_id for row in rows}) == 1
    assert session.scalar(select(func.count()).select_from(Person)) == 1


def test_a_coordinator_joins_and_takes_apart_and_nothing_is_merged_unasked(
    session: Session, make_client: MakeClient
) -> None:
    team, who, other = walk.team(session), referrer(session), referrer(session)
    born = date(1948, 3, 27)
    first = refer(session, team, who, name="Margaret Hall", born=born)
    second = refer(session, team, other, name="Peggy Hall", born=born, need_slugs=("food",))
    first_id, known_id, second_id, own_id = first.id, first.person_id, second.id, second.person_id
    assert known_id != own_id
    client = signed_in(session, make_client, team.coordinator)
    path = f"/triage/{second_id}"
    page = words(client.get(path))
    assert "You may know this person" in page
    assert first.reference in page
    assert send(client, f"{path}/join/{known_id}", page=path).status_code == 303
    session.expire_all()
    assert session.get_one(Episode, second_id).person_id == known_id
    assert session.get(Person, own_id) is None
    assert {row.person_id for row in session.scalars(select(Need))} == {known_id}
    assert {row.person_id for row in session.scalars(select(Consent))} == {known_id}
    given = session.scalar(select(func.count()).select_from(Consent))
    assert session.get_one(Person, known_id).name == "Margaret Hall"
    assert "This is with the record of Margaret Hall" in words(client.get(path))

    assert send(client, f"{path}/apart", page=path).status_code == 303
    session.expire_all()
    apart = session.get_one(Episode, second_id)
    assert apart.person_id != known_id
    assert apart.person.name == "Peggy Hall"
    assert session.get_one(Episode, first_id).person_id == known_id
    needs = select(Need.episode_id, Need.person_id)
    assert {tuple(row) for row in session.execute(needs)} == {
        (first_id, known_id),
        (second_id, apart.person_id),
    }
    assert session.scalar(select(func.count()).select_from(Consent)) == given
    of_apart = select(Consent.recipient_id).where(Consent.person_id == apart.person_id)
    assert next(iter(other.partner_ids())) in set(session.scalars(of_apart))
    assert next(iter(who.partner_ids())) not in set(session.scalars(of_apart))
    # Nobody can be joined who is not offered, and nothing once it was decided.
    stranger = refer(session, team, who, name="Somebody Else")
    version = {"version": str(apart.version)}
    assert client.post(f"{path}/join/{stranger.person_id}", data=version).status_code in {400, 404}
    assert team.worker.account_id is not None
    triage.allocate(session, team.coordinator, second_id, team.worker.account_id)
    with pytest.raises(Refused):
        known.join(session, team.coordinator, second_id, known_id)
    assert "You may know" not in words(client.get(path))


def test_a_flag_that_comes_by_joining_takes_back_what_waits_for_either(session: Session) -> None:
    team, who = walk.team(session), referrer(session)
    first = refer(session, team, who, name="Margaret Hall", born=date(1948, 3, 27), phone="0161 496 0001")
    later = refer(
        session,
        team,
        referrer(session),
        name="Peggy Hall",
        born=date(1948, 3, 27),
        phone="0161 496 0001",
        flagged_for_safety=True,
    )
    assert later.person_id != first.person_id
    known_id = first.person_id
    for person_id in (known_id, later.person_id):
        notify.send_email(
            session,
            to="hall@example.org",
            template="message-waiting",
            context={"link": "x"},
            about_id=person_id,
        )
    known.join(session, team.coordinator, later.id, known_id)
    assert session.get_one(Person, known_id).flagged_for_safety
    found = select(Message.state).where(Message.template == "message-waiting")
    assert set(session.scalars(found)) == {MessageState.CANCELLED}


def test_moving_a_request_to_somebody_flagged_silences_nobody_whom_it_was_with_by_mistake(
    session: Session,
) -> None:
    team, who = walk.team(session), referrer(session)
    born = date(1948, 3, 27)
    wrong = refer(session, team, who, name="Margaret Hall", born=born)
    right = refer(session, team, who, name="Peggy Hall", born=born, flagged_for_safety=True)
    later = refer(session, team, referrer(session), name="Maggie Hall", born=born)
    wrong_id, right_id = wrong.person_id, right.person_id
    later.person = wrong.person
    session.flush()
    notify.send_email(
        session, to="hall@example.org", template="message-waiting", context={"link": "x"}, about_id=wrong_id
    )
    known.join(session, team.coordinator, later.id, right_id)
    assert session.get_one(Episode, later.id).person_id == right_id
    found = select(Message.state).where(Message.template == "message-waiting")
    assert set(session.scalars(found)) == {MessageState.QUEUED}


def test_a_partner_sees_what_its_people_sent_a_page_at_a_time(
    session: Session, make_client: MakeClient
) -> None:
    team, who = walk.team(session), referrer(session)
    partner_id = next(iter(who.partner_ids()))
    colleague = build.actor(session, Role.REFERRER, place_id=partner_id)
    waits = refer(session, team, who, name="Zoë Marsh")
    for number in range(26):
        refer(session, team, colleague, name=f"Person {number}")
    refer(session, team, referrer(session), name="Not Ours")
    triage.ask_for_info(session, team.coordinator, waits.id, "Which street?")
    client = signed_in(session, make_client, who)
    page = words(client.get("/requests"))
    assert "All 27" in page
    assert "Wait for you 1" in page
    assert page.index("Zoë Marsh") < page.index("Person 25")
    assert "Person 0" not in page
    assert "Not Ours" not in page
    assert "Person 0" in words(client.get("/requests?page=2"))
    assert "Person 0" in words(client.get("/requests?page=99999"))
    assert "Person 7" in words(send(client, "/requests/find", page="/requests", words="person 7"))
    assert "Zoë Marsh" in words(send(client, "/requests/find", page="/requests", words="zoe"))
    assert "Zoë Marsh" in words(send(client, "/requests/find", page="/requests", words=waits.reference))
    assert "The first 25 of 26" in words(send(client, "/requests/find", page="/requests", words="person"))
    assert "Type a name or a reference" in words(send(client, "/requests/find", page="/requests", words=" "))
    assert "Nothing here" in words(send(client, "/requests/find", page="/requests", words="Not Ours"))
    mine = words(client.get("/requests?mine=y"))
    assert "All 1" in mine
    assert "Person" not in mine
    assert "Zoë Marsh" in words(client.get("/requests?which=waiting"))
    assert "Nothing here" in words(client.get("/requests?which=closed&page=%00%ED"))
