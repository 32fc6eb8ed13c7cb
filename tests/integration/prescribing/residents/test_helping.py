"""Somebody who was helped helps others: put to a group with their consent, and off its list when they take it back."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.accounts.models import Account
from core.errors import Refused
from prescribing.groups import queries as groups
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent, Person
from prescribing.people.services import PersonChange, flag_for_safety, update_person, withdraw_consent
from prescribing.referrals.scope import tier_for_group
from prescribing.residents import help_seen, helping
from prescribing.residents import services as residents
from prescribing.residents.models import OfferOfHelp
from prescribing.residents.rules import HelpKind, HelpNo
from prescribing.rights import erasing, looks
from prescribing.rights.rules import Why
from tests import build
from tests.html import HtmlClient, parse
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.referrals import walk
from tests.integration.prescribing.residents.test_own_plan import at_home


def offered(session: Session, at: walk.Scene, kind: HelpKind = HelpKind.BUDDY) -> OfferOfHelp:
    row = OfferOfHelp(person_id=at.person.id, kind=kind, may_count=True)
    row.words = "I bake"
    session.add(row)
    session.flush()
    return row


def placed(session: Session, at: walk.Scene, kind: HelpKind = HelpKind.BUDDY) -> OfferOfHelp:
    row = offered(session, at, kind)
    helping.put_to_group(session, at.team.worker, at.person.id, row.id, at.service_id, "by phone")
    return row


def themself(session: Session, at: walk.Scene) -> Actor:
    return build.actor(session, Role.RESIDENT, place_id=at.person.id)


def names(session: Session, at: walk.Scene) -> list[str]:
    return [one.name for one in groups.buddies(session, at.group, at.organization_id)]


def test_a_link_worker_puts_an_offer_to_a_group_which_takes_them_in(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    row = offered(session, at)
    session.commit()
    team, group = signed_in(session, make_client, at.team.worker), signed_in(session, make_client, at.group)
    where = f"/people/{at.person.id}/offers/{row.id}/place"
    assert "Offer this to a group" in words(team.get(f"/people/{at.person.id}/messages"))
    page = words(team.get(where))
    for seen in ("Margaret", "Ring or text 07700 900123", "I bake"):
        assert seen in page
    form = {"service_id": str(at.service_id)}
    found = f"{where}?q=Tea"
    assert "Choose how they agreed" in words(team.post(found, data={**form, **hidden(team, found)}))
    answer = team.post(found, data={**form, "how": "by phone", **hidden(team, found)})
    assert answer.status_code == 303
    (mail,) = walk.messages(session, "help-offered")
    assert "Margaret" not in (mail.body or "")
    assert "it has not answered yet" in words(team.get(f"/people/{at.person.id}/messages"))
    assert "put to a group already" in words(team.get(where))

    buddies = f"/activities/{at.service_id}/buddies"
    for path in ("/my-groups", "/inbox"):
        assert "Somebody would like to help you" in words(group.get(path))
    page = words(group.get(buddies))
    for seen in ("Would go along with somebody", "I bake"):
        assert seen in page
    assert "Margaret" not in page
    assert "07700 900123" not in page
    assert "Example" not in page.partition("People who would like")[2].partition("Add somebody")[0]
    stranger = signed_in(session, make_client, build.actor(session, Role.GROUP_MEMBER))
    assert stranger.get(buddies).status_code == 404
    yes = f"/activities/{at.service_id}/helpers/{row.id}"
    phoned = f"/people/{at.person.id}/offers/{row.id}/answer"
    for client, path, page in ((group, yes, buddies), (team, phoned, f"/people/{at.person.id}/messages")):
        assert "press yes or no" in words(send(client, path, page=page, answer=""))
    session.expire_all()
    assert session.get_one(OfferOfHelp, row.id).said_yes is None
    assert send(group, yes, page=buddies, answer="yes").status_code == 303
    session.expire_all()
    assert names(session, at) == ["Margaret"]
    page = words(group.get(buddies))
    for seen in ("Margaret", "Ring or text 07700 900123", "Would go along with somebody"):
        assert seen in page
    assert session.get_one(OfferOfHelp, row.id).started_at is not None
    assert "it said yes" in words(team.get(f"/people/{at.person.id}/messages"))
    own = at_home(session, make_client, at)
    assert "they said yes" in words(own.get("/me/helping"))
    assert "because you would like to help there" in words(own.get("/me/privacy"))
    seen_by = looks.looks_at(session, themself(session, at), at.person.id).lines
    assert {one.is_look for one in seen_by if one.what == "Saw that you would like to help there"} == {True}

    assert send(own, f"/me/helping/{row.id}/end", page="/me/helping").status_code == 303
    session.expire_all()
    assert names(session, at) == []
    assert "Margaret" not in words(group.get(buddies))
    (over,) = walk.messages(session, "help-over")
    assert "Margaret" not in (over.body or "")


def hidden(client: HtmlClient, page: str) -> dict[str, str]:
    """What the page holds that nobody sees: its token, its key."""
    boxes = parse(client.get(page).text).iter("input")
    return {
        box.attrib["name"]: box.attrib["value"]
        for box in boxes
        if box.attrib.get("name") in {"csrf_token", "idempotency_key"} and box.attrib.get("value")
    }


def test_a_link_worker_is_asked_to_tell_whoever_a_group_did_not_take_in(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    row = placed(session, at)
    session.commit()
    group = signed_in(session, make_client, at.group)
    buddies = f"/activities/{at.service_id}/buddies"
    no = f"/activities/{at.service_id}/helpers/{row.id}"
    assert send(group, no, page=buddies, answer="no", why="enough-helpers").status_code == 303
    page = words(signed_in(session, make_client, at.team.worker).get(f"/people/{at.person.id}"))
    assert "said no to their offer of help: “we have enough helpers just now”. Tell them" in page


def test_what_was_agreed_for_helping_opens_nothing_of_a_referral(session: Session) -> None:
    at = walk.scene(session)
    placed(session, at)
    given = session.scalars(select(Consent).where(Consent.recipient_id == at.organization_id)).all()
    assert [one.purpose for one in given] == [ConsentPurpose.HELP_GROUP]
    referral = walk.sent(session, at)
    assert tier_for_group(session, referral) is not None
    withdraw_consent(session, at.team.worker, given[0].id)
    assert tier_for_group(session, referral) is not None
    assert help_seen.helpers(session, at.group, at.organization_id) == ()


def test_a_consent_taken_back_a_flag_or_the_group_itself_takes_them_off(session: Session) -> None:
    at = walk.scene(session)
    row = placed(session, at)
    helping.answered_by_phone(session, at.team.worker, at.person.id, row.id, yes=True)
    groups_list = names(session, at)
    helping.answer(session, at.group, row.id, yes=False)
    assert (groups_list, names(session, at)) == (["Margaret"], [])

    again = placed(session, at, HelpKind.BUDDY) if row.said_yes is None else row
    helping.put_to_group(session, at.team.worker, at.person.id, again.id, at.service_id, "in writing")
    helping.answer(session, at.group, again.id, yes=True)
    consent = session.scalars(
        select(Consent).where(Consent.withdrawn_at.is_(None), Consent.recipient_id == at.organization_id)
    ).first()
    assert consent is not None
    withdraw_consent(session, at.team.worker, consent.id)
    assert names(session, at) == []
    assert (again.asked_at, again.organization_id) == (None, None)

    helping.put_to_group(session, at.team.worker, at.person.id, again.id, at.service_id, "in writing")
    helping.answer(session, at.group, again.id, yes=True)
    person = session.get_one(Person, at.person.id)
    person.flagged_for_safety = True
    helping.hide(session, person.id)
    assert names(session, at) == []
    assert help_seen.helpers(session, at.group, at.organization_id) == ()


def test_a_volunteer_stands_with_the_helpers_and_not_on_the_rota(session: Session) -> None:
    at = walk.scene(session)
    row = placed(session, at, HelpKind.VOLUNTEER)
    helping.answer(session, at.group, row.id, yes=True)
    assert names(session, at) == []
    assert [one.called for one in help_seen.helpers(session, at.group, at.organization_id)] == ["Margaret"]
    residents.start_helping(session, at.team.worker, at.person.id, row.id)
    assert row.started_at is not None


def test_a_group_that_cannot_be_written_to_is_rung(session: Session) -> None:
    at = walk.scene(session, email="")
    session.get_one(Account, at.group.account_id).disabled_at = clock.now()
    row = offered(session, at)
    told = helping.put_to_group(session, at.team.worker, at.person.id, row.id, at.service_id, "by phone")
    assert not told
    assert walk.messages(session, "help-offered") == []


def test_a_group_that_rings_back_does_not_learn_who_is_flagged_meanwhile(session: Session) -> None:
    at = walk.scene(session)
    row = placed(session, at)
    flag_for_safety(session, at.team.worker, session.get_one(Person, at.person.id))
    with pytest.raises(Refused, match="Nothing about them"):
        helping.answered_by_phone(session, at.team.worker, at.person.id, row.id, yes=True)
    assert names(session, at) == []
    helping.answered_by_phone(session, at.team.worker, at.person.id, row.id, yes=False, why=HelpNo.NOT_READY)
    assert row.said_yes is False


def test_what_else_somebody_offers_a_group_stays_when_they_take_one_offer_back(session: Session) -> None:
    at = walk.scene(session)
    buddy, other = placed(session, at), placed(session, at, HelpKind.VOLUNTEER)
    for row in (buddy, other):
        helping.answer(session, at.group, row.id, yes=True)
    residents.take_help_back(session, themself(session, at), buddy.id)
    assert names(session, at) == []
    assert [one.id for one in help_seen.helpers(session, at.group, at.organization_id)] == [other.id]
    residents.take_help_back(session, themself(session, at), other.id)
    assert help_seen.helpers(session, at.group, at.organization_id) == ()
    live = select(Consent.id).where(
        Consent.purpose == ConsentPurpose.HELP_GROUP, Consent.withdrawn_at.is_(None)
    )
    assert session.scalars(live).all() == []


def test_a_group_that_said_no_is_asked_to_delete_before_another_is_asked(session: Session) -> None:
    at, elsewhere = walk.scene(session), walk.scene(session)
    row = placed(session, at)
    helping.answer(session, at.group, row.id, yes=False, why=HelpNo.ENOUGH)
    helping.put_to_group(session, at.team.worker, at.person.id, row.id, elsewhere.service_id, "by phone")
    held = session.scalars(select(Consent).where(Consent.purpose == ConsentPurpose.HELP_GROUP)).all()
    assert {one.recipient_id: one.withdrawn_at is None for one in held} == {
        at.organization_id: False,
        elsewhere.organization_id: True,
    }
    assert len(walk.messages(session, "help-over")) == 1
    assert [one.id for one in help_seen.helpers(session, elsewhere.group, elsewhere.organization_id)] == [
        row.id
    ]


def test_a_backup_that_brings_a_helper_back_names_them_on_no_list(session: Session) -> None:
    at = walk.scene(session)
    row = placed(session, at)
    helping.answer(session, at.group, row.id, yes=True)
    assert names(session, at) == ["Margaret"]
    stone = erasing.Tombstone(at.person.id, "GT-2222-22", Why.ASKED, None, None, clock.now(), "system", {})
    assert erasing.replay(session, [stone]) == 1
    assert names(session, at) == []


def test_whoever_was_flagged_for_a_while_stands_on_the_list_again_afterwards(session: Session) -> None:
    at = walk.scene(session)
    row, other = placed(session, at), placed(session, at)
    helping.answer(session, at.group, row.id, yes=True)
    person = session.get_one(Person, at.person.id)
    flag_for_safety(session, at.team.worker, person)
    assert (names(session, at), row.buddy_id) == ([], None)
    for flag in (False, False):
        change = PersonChange(flagged_for_safety=flag)
        update_person(session, at.team.worker, person.id, change, expected_version=person.version)
    assert names(session, at) == ["Margaret"]
    seen = help_seen.helpers(session, at.group, at.organization_id)
    assert [(one.id, one.said_yes) for one in seen] == [(other.id, None), (row.id, True)]


def test_a_flag_that_is_lifted_brings_nobody_back_who_took_their_consent_back(session: Session) -> None:
    at = walk.scene(session)
    row = placed(session, at)
    helping.answer(session, at.group, row.id, yes=True)
    person = session.get_one(Person, at.person.id)
    flag_for_safety(session, at.team.worker, person)
    consent = session.scalars(select(Consent).where(Consent.purpose == ConsentPurpose.HELP_GROUP)).one()
    withdraw_consent(session, at.team.worker, consent.id)
    change = PersonChange(flagged_for_safety=False)
    update_person(session, at.team.worker, person.id, change, expected_version=person.version)
    assert names(session, at) == []


def test_a_groups_helpers_are_read_in_as_many_statements_for_many_as_for_one(session: Session) -> None:
    at = walk.scene(session)

    def asked() -> list[int]:
        session.flush()
        session.expunge_all()
        counts = []
        for read in (
            lambda: help_seen.helpers(session, at.group, at.organization_id),
            lambda: help_seen.waiting(session, at.organization_id),
        ):
            seen: list[str] = []
            bind = session.get_bind()

            def more(_c: object, _k: object, statement: str, *_rest: object, into: list[str] = seen) -> None:
                into.append(statement)

            event.listen(bind, "before_cursor_execute", more)
            assert read()
            event.remove(bind, "before_cursor_execute", more)
            counts.append(len(seen))
        return counts

    placed(session, at)
    for_one = asked()
    for _number in range(3):
        another = walk.scene(session)
        row = offered(session, another)
        helping.put_to_group(
            session, another.team.worker, another.person.id, row.id, at.service_id, "by phone"
        )
    assert len(help_seen.helpers(session, at.group, at.organization_id)) == 4
    assert asked() == for_one
