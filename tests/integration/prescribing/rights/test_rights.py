"""What people ask about their record, and what becomes of it: copies, holds, deletion, and who looked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import LargeBinary, func, select, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Role
from core.accounts.models import Account, MembershipRow
from core.audit import services as audit
from core.db import Base, Sealed
from core.errors import Invalid, NotFound, Refused
from core.jobs.services import work_once
from core.notify.models import Message, MessageState
from core.notify.services import send_email
from prescribing.concerns import services as concerns
from prescribing.episodes import closing, contact_log
from prescribing.episodes.models import ContactAttempt, Episode, EpisodeMark
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.failures import queries as failures
from prescribing.people import services as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent, Person, RecipientKind
from prescribing.people.services import PersonChange
from prescribing.rights import (
    certificates,
    consents,
    copies,
    erasing,
    looks,
    queries,
    reading,
    record,
    retention,
    services,
    unknown,
)
from prescribing.rights.models import DeletionNotice, Disposal, RightsRequest, UnknownRequest
from prescribing.rights.rules import HoldKind, KeptFor, RequestKind, RequestState, SentBy, Stop, Why
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes import walk as episodes
from tests.integration.prescribing.rights import walk
from tests.integration.prescribing.rights.walk import CANARY, send

# Sealed texts that are about no person of ours: accounts, groups and what they write back, and messages (whose words go
# when they are sent).
ELSEWHERE = {
    "accounts",
    "messages",
    "ask_drafts",
    "buddies",
    "check_links",
    "claims",
    "page_feedback",
    "replies",
    "reports",
    "unknown_requests",
    "webhooks",
}


def every_text(session: Session) -> Iterator[tuple[str, str]]:
    """All that is kept, in the clear: (table, text)."""
    for mapper in Base.registry.mappers:
        sealed = [name for name, one in vars(mapper.class_).items() if isinstance(one, Sealed)]
        for row in session.scalars(select(mapper.class_)):
            for column in mapper.local_table.c:
                if not isinstance(column.type, LargeBinary):
                    yield (
                        str(mapper.local_table),
                        str(getattr(row, mapper.get_property_by_column(column).key)),
                    )
            for name in sealed:
                yield str(mapper.local_table), str(getattr(row, name))


def test_every_table_with_sealed_words_belongs_to_a_record_or_is_known_not_to() -> None:
    sealed = {
        table.name
        for table in Base.metadata.tables.values()
        if any(isinstance(column.type, LargeBinary) for column in table.columns)
    }
    assert sealed - record.tables_inside() <= ELSEWHERE, "give these a foreign key to the person's record"


def test_a_copy_goes_out_when_somebody_read_it_and_others_are_left_out(session: Session) -> None:
    at = walk.scene(session)
    request_id = services.ask(session, at.resident, at.person.id, RequestKind.ACCESS, "")
    assert any(one.template == "rights-asked" for one in session.scalars(select(Message)))
    with pytest.raises(Refused, match="have not been read"):
        services.send_copy(session, at.officer, request_id, SentBy.SIGNED_IN)
    unchecked = copies.as_json(services.own_copy(session, at.resident, at.person.id))
    session.commit()
    own = looks.looks_at(session, at.resident, at.person.id).lines
    assert any(line.is_own for line in own)
    assert not all(line.is_own for line in own)
    assert not any(line.is_own for line in looks.looks_at(session, at.officer, at.person.id).lines)
    assert "Dave" not in unchecked
    assert f"{CANARY} what_matters" in unchecked
    for one in copies.unread(session, at.person.id, request_id):
        with pytest.raises(Invalid, match="stay as they are"):
            services.review(session, at.officer, request_id, one.id, one.text + "!")
        services.review(session, at.officer, request_id, one.id, one.text.replace("Dave", "[[Dave]]"))
    services.send_copy(session, at.officer, request_id, SentBy.SIGNED_IN)
    made = services.own_copy(session, at.resident, at.person.id)
    checked = json.loads(copies.as_json(made))
    assert "Dave" not in str(checked)
    assert "She likes to walk." in str(checked["parts"]["contact_attempts"])
    assert {"persons", "episodes", "needs", "referrals", "consents", "contact_attempts"} <= set(
        checked["parts"]
    )
    told = reading.told(session, made)
    assert all(said for part in told for entry in part.entries for _name, said in entry)
    (line,) = queries.own_requests(session, at.resident, at.person.id)
    assert line.state is RequestState.ANSWERED
    stranger = build.actor(session, Role.RESIDENT)
    for refused in (services.own_copy, queries.own_requests, looks.looks_at):
        with pytest.raises(NotFound):
            refused(session, stranger, at.person.id)


def test_a_worry_about_somebody_shows_online_to_the_officer_alone(session: Session) -> None:
    at = walk.scene(session)
    raised = concerns.raise_concern(session, at.worker, at.person.id, "Bruises on both arms")
    coordinator = build.actor(session, Role.COORDINATOR, place_id=at.person.team_id)
    concerns.close(session, coordinator, raised.id, "The council took it on")
    session.commit()
    own = looks.looks_at(session, at.resident, at.person.id, most=3)
    assert len(own.lines) == 3
    assert not any("worr" in line.what for line in looks.looks_at(session, at.resident, at.person.id).lines)
    officers = looks.looks_at(session, at.officer, at.person.id).lines
    assert sum("worr" in line.what for line in officers) == 2
    request_id = walk.proved(session, at, RequestKind.ACCESS)
    for one in copies.unread(session, at.person.id, request_id):
        services.review(session, at.officer, request_id, one.id, one.text)
    undecided = copies.as_json(copies.copy_for(session, at.person.id, request_id))
    assert "Bruises" not in undecided
    with pytest.raises(Refused, match="First say whether it goes into the copy"):
        services.send_copy(session, at.officer, request_id, SentBy.HANDED_OVER)
    for go_in in (False, True):
        services.decide_concerns(session, at.officer, request_id, go_in=go_in)
        made = copies.as_json(copies.copy_for(session, at.person.id, request_id))
        assert ("Bruises" in made) is ("concern" in made) is go_in
    found = queries.request(session, at.officer, request_id)
    assert (found.concerns, found.with_concerns) == (1, True)
    assert not any("worry" in line.what for line in looks.looks_at(session, at.resident, at.person.id).lines)
    with pytest.raises(NotFound):
        services.decide_concerns(session, at.worker, request_id, go_in=True)
    services.send_copy(session, at.officer, request_id, SentBy.HANDED_OVER)
    handed_over = copies.as_json(copies.copy_for(session, at.person.id, request_id))
    assert "Bruises" in handed_over
    session.execute(update(Message).values(state=MessageState.SENT))
    for sent_by in (SentBy.HANDED_OVER, SentBy.SIGNED_IN):
        session.get_one(RightsRequest, request_id).sent_by = sent_by
        online = copies.as_json(services.own_copy(session, at.resident, at.person.id))
        assert "about" in online
        assert "concern" not in online
        assert "Bruises" not in online


def test_a_worry_that_stays_out_need_not_be_read_for_the_copy(session: Session) -> None:
    at = walk.scene(session)
    request_id = walk.proved(session, at, RequestKind.ACCESS)
    with pytest.raises(NotFound):
        services.decide_concerns(session, at.officer, request_id, go_in=False)
    concerns.raise_concern(session, at.worker, at.person.id, "Bruises on both arms")
    before = copies.unread(session, at.person.id, request_id)
    services.decide_concerns(session, at.officer, request_id, go_in=False)
    after = copies.unread(session, at.person.id, request_id)
    assert {one.text for one in before} - {one.text for one in after} == {"Bruises on both arms"}


def test_a_text_that_changed_is_read_again_and_a_flagged_record_never_shows_online(session: Session) -> None:
    at = walk.scene(session)
    request_id = walk.proved(session, at, RequestKind.ACCESS)
    for one in copies.unread(session, at.person.id, request_id):
        services.review(session, at.officer, request_id, one.id, one.text)
    person = session.get_one(Person, at.person.id)
    change = PersonChange(texts={"carer": "Dave again"}, flagged_for_safety=True)
    people.update_person(session, SYSTEM, person.id, change, expected_version=person.version)
    # What waited to be sent was taken back with the flag: the task to ring them is a new text.
    again, ring = sorted(copies.unread(session, at.person.id, request_id), key=lambda one: one.text)
    assert "was taken back" in ring.text
    services.review(session, at.officer, request_id, ring.id, ring.text)
    assert again.text == "Dave again"
    services.review(session, at.officer, request_id, again.id, "[[Dave again]]")
    with pytest.raises(Refused, match="flagged for safety"):
        services.send_copy(session, at.officer, request_id, SentBy.SIGNED_IN)
    services.send_copy(session, at.officer, request_id, SentBy.HANDED_OVER)
    with pytest.raises(NotFound):
        services.own_copy(session, at.resident, at.person.id)
    with pytest.raises(Refused, match="already"):
        services.see_proof(session, at.officer, request_id, "Again")


def test_a_request_has_its_clock_and_is_answered_in_words(session: Session) -> None:
    at = walk.scene(session)
    with pytest.raises(NotFound):
        services.take_request(session, at.worker, at.person.id, walk.by_letter(RequestKind.CORRECTION))
    with pytest.raises(Invalid):
        services.take_request(session, at.officer, at.person.id, walk.by_letter(RequestKind.OBJECTION, " "))
    request_id = services.take_request(
        session, at.officer, at.person.id, walk.by_letter(RequestKind.CORRECTION)
    )
    services.take_longer(session, at.officer, request_id, 2, "Three old folders have to be found first")
    with pytest.raises(Refused, match="once"):
        services.take_longer(session, at.officer, request_id, 1, "Three old folders have to be found first")
    with pytest.raises(Refused, match="who they are"):
        services.answer(session, at.officer, request_id, "Done", refuse=False)
    services.see_proof(session, at.officer, request_id, "Passport")
    found = queries.request(session, at.officer, request_id)
    assert (found.months_more, found.is_open) == (2, True)
    services.answer(session, at.officer, request_id, "Your address is right now.", refuse=False)
    assert not queries.desk(session, at.officer).requests
    erasure = walk.proved(session, at, RequestKind.ERASURE)
    with pytest.raises(Refused, match="same was asked"):
        walk.proved(session, at, RequestKind.ERASURE)
    with pytest.raises(Refused, match="words alone"):
        services.answer(session, at.officer, erasure, "Done", refuse=False)


def test_a_record_is_deleted_whole_when_nothing_stands_in_the_way(session: Session, tmp_path: Path) -> None:
    at = walk.scene(session)
    person_id, account_id = at.person.id, at.resident.account_id
    kept = walk.scene(session)
    request_id = walk.proved(session, at, RequestKind.ERASURE)
    with pytest.raises(Refused, match="still going on"):
        services.delete_as_asked(session, at.officer, request_id)
    walk.end_support(session, at)
    hold_id = services.hold(session, at.officer, person_id, HoldKind.LEGAL, "The coroner asks", None)
    with pytest.raises(Refused, match="legal hold"):
        services.delete_as_asked(session, at.officer, request_id)
    services.lift(session, at.officer, hold_id)
    with pytest.raises(Refused, match="already"):
        services.lift(session, at.officer, hold_id)
    others = record.rows_of(session, kept.person.id)
    for each in every_text(session):
        if CANARY in each[1]:
            break
    else:
        pytest.fail("there was nothing to delete")
    made = services.delete_as_asked(session, at.officer, request_id)
    session.commit()
    stones = erasing.tombstones(session)
    assert (made.why, made.counts["episodes"]) == (Why.ASKED, 1)
    assert record.rows_of(session, person_id) == {}
    assert set(session.scalars(select(EpisodeMark.id))) <= set(session.scalars(select(Episode.id)))
    assert record.rows_of(session, kept.person.id) == others
    services.hold(session, at.officer, kept.person.id, HoldKind.LEGAL, "Kept for the court", None)
    left = [(table, text) for table, text in every_text(session) if CANARY in text]
    assert {table for table, _text in left} <= {"persons", "contact_attempts", "messages"}
    assert session.scalar(select(func.count()).select_from(Person)) == 1
    account = session.get_one(Account, account_id)
    assert account.disabled_at is not None
    assert account.email is None
    assert any(one.template == "referral-delete" for one in session.scalars(select(Message)))
    shown = certificates.certificate(session, at.officer, made.id)
    assert dict(shown.counts)["Your support"] == 1
    # The tombstone outlives the database: a backup that brings the record back loses it again.
    session.commit()
    while work_once(session):
        pass
    path = tmp_path / "stones.jsonl"
    erasing.write_down(session, path)
    erasing.write_down(session, path)
    assert erasing.read_back(path) == stones
    path.write_text(path.read_text().replace(str(person_id), str(kept.person.id)))
    for broken in (path.read_bytes(), b"\xff\xfe\n"):
        path.write_bytes(broken)
        with pytest.raises(erasing.TombstonesBroken, match=r"stones\.jsonl.*nothing was put back"):
            erasing.read_back(path)
        with pytest.raises(erasing.TombstonesBroken, match=r"stones\.jsonl.*Put your last copy in its place"):
            erasing.write_down(session, path)
        assert path.read_bytes() == broken
    again = erasing.Tombstone(**{**vars(stones[0]), "person_id": kept.person.id, "reference": "GT-2222-22"})
    assert erasing.replay(session, [*stones, again]) == 1
    assert erasing.replay(session, [*stones, again]) == 0
    assert session.scalar(select(func.count()).select_from(Person)) == 0
    assert session.scalar(select(func.count()).select_from(Disposal)) == 2


def test_with_a_record_goes_what_waits_about_its_sign_in_and_no_one_elses(session: Session) -> None:
    at = walk.scene(session)
    works_too = build.actor(session, Role.LINK_WORKER)
    assert works_too.account_id is not None
    session.add(MembershipRow(account_id=works_too.account_id, role=Role.RESIDENT, person_id=at.person.id))
    for account_id in (at.resident.account_id, works_too.account_id):
        for _twice in range(2):
            send_email(
                session,
                to=f"{CANARY}@example.org",
                template="password-changed",
                context={},
                about_id=account_id,
            )
    about = select(Message).where(Message.template == "password-changed")
    left_already = session.scalars(about.where(Message.about_id == at.resident.account_id)).first()
    assert left_already is not None
    left_already.state = MessageState.SENT
    walk.end_support(session, at)
    services.delete_as_asked(session, at.officer, walk.proved(session, at, RequestKind.ERASURE))
    session.expire_all()
    found = [(one.about_id == works_too.account_id, one.state, one.to) for one in session.scalars(about)]
    assert sorted(found, key=str) == sorted(
        [
            (False, MessageState.SENT, None),
            (False, MessageState.CANCELLED, None),
            *[(True, MessageState.QUEUED, f"{CANARY}@example.org")] * 2,
        ],
        key=str,
    )


def test_a_support_that_only_a_mistake_began_is_kept_as_one_that_never_began(session: Session) -> None:
    with clock.at(datetime(2023, 3, 1, 12, tzinfo=UTC)):
        team = episodes.team(session)
        helped, mistaken = episodes.allocated(session, team), episodes.allocated(session, team)
        for one in (helped, mistaken):
            contact_log.record_contact(session, team.worker, one.id, episodes.TALKED)
        row = session.scalars(select(ContactAttempt).where(ContactAttempt.episode_id == mistaken.id)).one()
        contact_log.mark_mistake(session, team.worker, row.id, "It was another Margaret")
        assert mistaken.state is EpisodeState.ALLOCATED
        for one in (helped, mistaken):
            closing.close(session, team.worker, one.id, EpisodeState.WITHDRAWN, reason=CloseReason.MOVED)
        assert failures.gather(session, mistaken.id)[0].story.told_on is None
        assert failures.gather(session, helped.id)[0].story.told_on == clock.today()
    with clock.at(datetime(2026, 3, 3, 12, tzinfo=UTC)):
        found, _more = retention.due(session)
        assert [(one.person_id, one.rule) for one in found] == [(mistaken.person_id, KeptFor.NOT_TAKEN_ON)]


def test_a_record_whose_time_is_over_is_offered_and_goes_or_stays(session: Session) -> None:
    with clock.at(datetime(2016, 3, 1, 12, tzinfo=UTC)):
        old, held = walk.scene(session), walk.scene(session)
        for one in (old, held):
            walk.end_support(session, one)
    with clock.at(datetime(2024, 2, 1, 12, tzinfo=UTC)):
        young = walk.scene(session)
        walk.end_support(session, young)
    officer = old.officer
    with clock.at(datetime(2026, 3, 3, 12, tzinfo=UTC)):
        until = clock.today() + timedelta(days=365)
        with pytest.raises(Invalid, match="until when"):
            services.hold(session, officer, held.person.id, HoldKind.KEEP_LONGER, "A family history", None)
        services.hold(session, officer, held.person.id, HoldKind.KEEP_LONGER, "A family history", until)
        found, more = retention.due(session)
        assert [(one.person_id, one.rule, one.stops) for one in sorted(found, key=lambda one: one.stops)] == [
            (old.person.id, KeptFor.ADULT, ()),
            (held.person.id, KeptFor.ADULT, (Stop.KEPT_LONGER,)),
        ]
        assert not more
        assert queries.desk(session, officer).due_to_go == 1
        with pytest.raises(Refused, match="keep this record longer"):
            services.delete_when_due(session, officer, [held.person.id])
        with pytest.raises(Refused, match="not over"):
            services.delete_when_due(session, officer, [young.person.id])
        with pytest.raises(NotFound):
            services.delete_when_due(session, old.worker, [old.person.id])
        (made,) = services.delete_when_due(session, officer, [old.person.id])
        assert (made.why, made.rule) == (Why.TIME_IS_UP, KeptFor.ADULT)
        assert queries.record_of(session, officer, young.person.id).standing.until is not None


def test_consent_that_ends_is_shut_and_whoever_had_something_confirms(session: Session) -> None:
    at = walk.scene(session)
    (notices, organization_id) = (select(DeletionNotice), at.at.organization_id)
    for consent in session.scalars(select(Consent).where(Consent.recipient_id == organization_id)):
        consent.until = build.days_ahead(1)
    session.flush()
    assert consents.end_expired(session) == 0
    with clock.at(build.days_ahead(2)):
        assert consents.end_expired(session) == 2
        assert consents.end_expired(session) == 0
        states = {
            one.said.split()[0]: one.state for one in consents.consents(session, at.worker, at.person.id)
        }
    assert states["Share"] == states["Ask,"] == "ended"
    rows = session.scalars(notices).all()
    assert len(rows) == 2
    assert len(queries.desk(session, at.officer).notices) == 2
    with pytest.raises(NotFound):
        consents.confirm_deleted(session, build.actor(session, Role.LINK_WORKER), rows[0].id)
    consents.confirm_deleted(session, at.worker, rows[0].id)
    with pytest.raises(Refused, match="already"):
        consents.confirm_deleted(session, at.officer, rows[0].id)
    consents.confirm_deleted(session, at.officer, rows[1].id)
    assert not queries.desk(session, at.officer).notices
    again = people.give_consent(
        session,
        at.worker,
        at.person.id,
        recipient_kind=RecipientKind.ORGANIZATION,
        recipient_id=organization_id,
        purpose=ConsentPurpose.SHARE_OFFER,
        fields=[],
        how="by phone",
    )
    people.withdraw_consent(session, at.worker, again)
    assert len(queries.desk(session, at.officer).notices) == 1


def test_a_day_at_the_desk(client: HtmlClient, session: Session) -> None:
    at = walk.scene(session)
    assert at.officer.account_id is not None
    person_id, reference = at.person.id, at.person.reference
    build.sign_in(session, client, session.get_one(Account, at.officer.account_id))
    assert "Nobody waits" in client.get("/data-protection").get_data(as_text=True)
    wrong = send(client, "/data-protection", "/data-protection/find", text="GT-0000")
    assert "no such record" in wrong.get_data(as_text=True)
    there = send(client, "/data-protection", "/data-protection/find", text=reference).location
    assert there == f"/data-protection/records/{person_id}"
    day = {"received_on-day": "1", "received_on-month": "3", "received_on-year": "2020"}
    late = send(client, there, f"{there}/requests", kind="erasure", way="letter", **day).location
    assert "too late" in client.get("/data-protection").get_data(as_text=True)
    assert "This takes longer" not in client.get(late).get_data(as_text=True)
    assert send(client, late, step="proof", proof="Passport").status_code == 303
    assert "still going on" in send(client, late, step="delete").get_data(as_text=True)
    assert send(client, late, step="leap").status_code == 404
    wrong = send(client, there, f"{there}/holds", hold_kind="keep-longer", reason="A family history")
    assert "Say until when" in wrong.get_data(as_text=True)
    send(client, there, f"{there}/holds", hold_kind="legal", reason="The coroner asks")
    assert "legal hold is in force" in client.get(late).get_data(as_text=True)
    refused = send(client, late, step="answer", outcome="refused", answer="A court needs it.")
    assert refused.status_code == 303

    asked = send(
        client, there, f"{there}/requests", kind="access", way="letter", **{**day, "received_on-year": "2026"}
    ).location
    send(client, asked, step="proof", proof="Passport")
    for _each in range(20):
        shown = client.get(f"{asked}/passages")
        if shown.status_code == 303:
            break
        text = unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", shown.text, re.DOTALL)[1].lstrip("\n"))  # type: ignore[index]
        passage = re.search(r'name="passage" value="([^"]+)"', shown.text)[1]  # type: ignore[index]
        wrong = send(client, f"{asked}/passages", passage=passage, marked=f"{text} and more")
        assert "must stay as they are" in wrong.text
        send(client, f"{asked}/passages", passage=passage, marked=text.replace("Dave", "[[Dave]]"))
    printed = client.get(f"{asked}/copy").text
    assert "Dave" not in printed
    assert "words about somebody else, taken out" in printed
    assert json.loads(client.get(f"{asked}/copy?as=json").text)["parts"]["persons"]
    assert send(client, asked, step="send", sent_by="tracked-post").status_code == 303
    assert "Answered" in client.get(asked).text

    looked = client.get(f"{there}/looks?as=csv").text
    assert "Looked at your record to answer what you asked" in looked
    assert client.get(f"{there}/looks").status_code == 200
    assert "kept too long" in client.get("/data-protection/retention").text
    assert "Tick the records" in send(client, "/data-protection/retention").text


def test_a_reference_that_is_taken_stands_in_the_words_of_a_request_that_goes_on(session: Session) -> None:
    at = walk.scene(session)
    asked = walk.by_letter(RequestKind.CORRECTION, "My street is wrong")
    other_id = services.take_request(session, at.officer, at.person.id, asked)
    there = unknown.take(session, at.officer, asked, "Peg Hall", "1 New Road")
    taken = session.get_one(RightsRequest, other_id).reference
    session.get_one(UnknownRequest, there).reference = taken
    made = session.get_one(RightsRequest, unknown.found(session, at.officer, there, at.person.id))
    assert made.reference != taken
    for kept in (taken, "Peg Hall", "1 New Road", "My street is wrong"):
        assert kept in (made.words or "")


def test_somebody_we_do_not_know_asks_and_is_answered(client: HtmlClient, session: Session) -> None:
    at = walk.scene(session)
    assert at.officer.account_id is not None
    reference = at.person.reference
    build.sign_in(session, client, session.get_one(Account, at.officer.account_id))
    page = "/data-protection/unknown"
    assert "By letter" in client.get(page).text
    day = {"received_on-day": "1", "received_on-month": "3", "received_on-year": "2026"}
    typed = {"kind": "access", "way": "letter", "name": f"{CANARY} Stranger", "reach": "1 New Road", **day}
    wrong = send(client, page, **{**typed, "reach": ""})
    assert "Stranger" in wrong.text
    assert wrong.status_code == 200
    ahead = send(client, page, **{**typed, "received_on-year": "2999"})
    assert "ahead of today" in ahead.text
    there = send(client, page, **typed).location
    with clock.at(datetime(2026, 3, 3, 12, tzinfo=UTC)):
        desk = client.get("/data-protection").text
    assert there in desk
    assert "1 open request" in desk
    assert send(client, there, step="leap").status_code == 404
    assert "Enter the answer" in send(client, there, step="answer", outcome="done", answer=" ").text
    assert send(client, there, step="answer", outcome="done", answer="We hold nothing.").status_code == 303
    shown = client.get(there).text
    assert "We hold nothing." in shown
    assert "Their record turned up" not in shown
    assert "Nobody waits" in client.get("/data-protection").text
    again = send(client, there, step="answer", outcome="done", answer="Again")
    assert "answered already" in again.text

    other = send(client, page, **typed).location
    assert "no such record" in send(client, other, step="found", text="GT-0000").text
    told = session.get_one(UnknownRequest, UUID(other.rpartition("/")[2])).reference
    goes_on = send(client, other, step="found", text=reference).location
    assert goes_on.startswith("/data-protection/requests/")
    joined = client.get(goes_on).text
    for kept in ("1 March", told, f"{CANARY} Stranger", "1 New Road"):
        assert kept in joined
    assert client.get(other).status_code == 404

    session.expire_all()
    request_id = UUID(there.rpartition("/")[2])
    with pytest.raises(NotFound):
        unknown.one(session, at.worker, request_id)
    with clock.at(build.days_ahead(700)):
        unknown.forget_old(session)
        assert unknown.one(session, at.officer, request_id).name == f"{CANARY} Stranger"
    with clock.at(build.days_ahead(740)):
        unknown.forget_old(session)
    session.expire_all()
    with pytest.raises(NotFound):
        unknown.one(session, at.officer, request_id)


def test_how_much_longer_it_takes_is_said_in_words(client: HtmlClient, session: Session) -> None:
    at = walk.scene(session)
    assert at.officer.account_id is not None
    page = f"/data-protection/requests/{walk.proved(session, at, RequestKind.ACCESS)}"
    build.sign_in(session, client, session.get_one(Account, at.officer.account_id))
    sent = send(client, page, step="longer", months="1", reason="The record is long, and others are named.")
    assert sent.status_code == 303
    assert "One month more: The record is long" in client.get(page).text


def test_why_a_record_had_to_stay_can_be_read_when_it_need_not_any_more(
    client: HtmlClient, session: Session
) -> None:
    at = walk.scene(session)
    assert at.officer.account_id is not None
    tomorrow = clock.today() + timedelta(days=1)
    hold_id = services.hold(session, at.officer, at.person.id, HoldKind.LEGAL, "The insurer's letter", None)
    services.hold(session, at.officer, at.person.id, HoldKind.KEEP_LONGER, "A study", tomorrow)
    services.lift(session, at.officer, hold_id)
    there = f"/data-protection/records/{at.person.id}"
    build.sign_in(session, client, session.get_one(Account, at.officer.account_id))
    shown = client.get(there).text
    assert shown.index("A study") < shown.index("Holds that ended") < shown.index("The insurer")
    assert "Lifted by" in shown
    with clock.at(build.days_ahead(2)):
        build.sign_in(session, client, session.get_one(Account, at.officer.account_id))
        assert "It was until" in client.get(there).text


def test_who_looked_stands_in_the_order_in_which_it_happened(session: Session) -> None:
    at = walk.scene(session)
    with clock.at(build.days_ago(9)):
        audit.record(session, at.worker, "person.read", "person", at.person.id)
    lines = looks.looks_at(session, at.officer, at.person.id).lines
    assert [one.at for one in lines] == sorted((one.at for one in lines), reverse=True)
    paged: list[looks.Look] = []
    before = None
    while True:
        some = looks.looks_at(session, at.officer, at.person.id, before=before, most=2)
        paged += some.lines
        before = some.older
        if before is None:
            break
    assert paged == list(lines)
