"""Two entries of one group become one: its people hear of referrals, see them and answer, whichever entry was named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Place, Role
from core.accounts.models import Account
from core.errors import NotFound
from directory.listings.models import Organization
from directory.stewardship.duplicates import merging
from directory.stewardship.duplicates.models import Kind
from prescribing.groups import queries as groups
from prescribing.groups import rules
from prescribing.groups import services as group_services
from prescribing.referrals import answering, inbox, links
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import ReferralState
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, words
from tests.integration.prescribing.fhir.programs import Program, etag
from tests.integration.prescribing.referrals import walk


@dataclass(frozen=True)
class Merged:
    """A group that was merged into another which has people of its own; one referral was sent before, one after."""

    at: walk.Scene
    editor: Actor
    into: UUID
    theirs: Actor
    before: Referral
    after: Referral
    merge_id: UUID

    @property
    def old(self) -> UUID:
        return self.at.organization_id


@pytest.fixture
def merged(session: Session) -> Merged:
    at = walk.scene(session, email=None)
    before = walk.sent(session, at)
    editor = build.actor(session, Role.EDITOR)
    into = build.place(session, Place.ORGANIZATION)
    session.get_one(Organization, into).name = f"Group {build.number()}"
    theirs = build.actor(session, Role.GROUP_MEMBER, place_id=into)
    merge_id = merging.merge(session, editor, Kind.GROUP, at.organization_id, into, [])
    later = walk.scene(session)
    after = walk.sent(session, replace(later, service_id=at.service_id))
    session.commit()
    return Merged(at, editor, into, theirs, before, after, merge_id)


def seen_by(session: Session, actor: Actor) -> set[UUID]:
    return {one.id for one in inbox.inbox(session, actor).shown}


def test_people_of_both_see_what_was_sent_before_and_after(session: Session, merged: Merged) -> None:
    assert merged.after.organization_id == merged.into
    both = {merged.before.id, merged.after.id}
    for actor in (merged.at.group, merged.theirs):
        assert seen_by(session, actor) == both
        assert [one.service_id for one in inbox.inbox(session, actor).offers] == [merged.at.service_id]
        assert inbox.awaiting(session, actor, merged.into) == 2
        assert inbox.for_group(session, actor, merged.after.id).id == merged.after.id
    stranger = build.actor(session, Role.GROUP_MEMBER)
    assert seen_by(session, stranger) == set()
    assert inbox.awaiting(session, stranger, merged.into) == 0
    with pytest.raises(NotFound):
        inbox.for_group(session, stranger, merged.before.id)


def test_whoever_keeps_both_sees_each_once(session: Session, merged: Merged) -> None:
    member = replace(merged.at.group, memberships=(*merged.at.group.memberships, *merged.theirs.memberships))
    found = inbox.inbox(session, member)
    assert sorted(one.id for one in found.shown) == sorted((merged.before.id, merged.after.id))
    assert [one.service_id for one in found.offers] == [merged.at.service_id]


def test_their_answer_is_the_groups_own_word(session: Session, merged: Merged) -> None:
    for actor, referral in ((merged.at.group, merged.after), (merged.theirs, merged.before)):
        answering.answer(
            session, actor, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
        )
        assert referral.events[-1].said_by is None
        answering.schedule(session, actor, referral.id, clock.today(), expected_version=referral.version)
    for actor in (merged.at.group, merged.theirs):
        register = inbox.register(session, actor, merged.at.service_id, clock.today())
        assert {one.id for one in register.people} == {merged.before.id, merged.after.id}


def test_people_of_both_hear_of_referrals(session: Session, merged: Merged) -> None:
    offer = inbox.own_offer(session, merged.at.group, merged.at.service_id)
    expected = {
        session.get_one(Account, actor.account_id).email
        for actor in (merged.at.group, merged.theirs)
        if actor.account_id
    }
    assert set(links.group_addresses(session, offer)) == expected
    told = {message.to for message in walk.messages(session, "referral-new")[-2:]}
    assert told == expected


def test_taken_apart_again_each_sees_its_own(session: Session, merged: Merged) -> None:
    merging.undo(session, merged.editor, merged.merge_id)
    session.commit()
    assert seen_by(session, merged.at.group) == {merged.before.id}
    assert seen_by(session, merged.theirs) == {merged.after.id}


def test_what_they_say_of_their_year_is_kept_once(session: Session, merged: Merged) -> None:
    year = rules.year_of(clock.today())
    group_services.set_funding(session, merged.at.group, merged.old, year, 100_00)
    group_services.set_funding(session, merged.theirs, merged.into, year, 250_00)
    for actor in (merged.at.group, merged.theirs):
        assert groups.year(session, actor, merged.into, year).pence == 250_00


def test_the_program_of_a_merged_group_goes_on(
    session: Session, client: HtmlClient, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    account = build.account(session, Role.GROUP_MEMBER, place_id=at.organization_id)
    program = Program(session, client, build.actor_of(account), (Place.ORGANIZATION, at.organization_id))
    into = build.place(session, Place.ORGANIZATION)
    session.get_one(Organization, into).name = name = f"Group {build.number()}"
    theirs = build.account(session, Role.GROUP_MEMBER, place_id=into)
    merging.merge(session, build.actor(session, Role.EDITOR), Kind.GROUP, at.organization_id, into, [])
    sent = walk.sent(session, at)
    session.commit()
    assert program.ids("Task") == [str(sent.id)]
    task = program.get(f"Task/{sent.id}")
    assert program.put({**task, "status": "accepted"}, etag(task), 200)["status"] == "accepted"
    # It stands with the group that it belongs to now, for its people of both entries.
    for person in (account, theirs):
        owner = make_client()
        build.sign_in(session, owner, person)
        page = owner.get("/programs")
        assert name in words(page)
        assert f"/programs/{program.id}/secret" in page.text
        assert "/programs" in owner.get("/my-groups").text
    # Whoever let it in has gone: it stops, until one of those who are left answers for it.
    account.disabled_at = clock.now()
    session.commit()
    assert program.token(program.secret).status_code == 401
    owner = make_client()
    build.sign_in(session, owner, theirs)
    assert "Whoever let it in has gone" in words(owner.get("/programs"))
    send(owner, f"/programs/{program.id}/secret", page="/programs")
    assert "Whoever let it in has gone" not in words(owner.get("/programs"))
