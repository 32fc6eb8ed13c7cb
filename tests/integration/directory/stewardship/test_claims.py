"""Who speaks for a group: proof by email, by letter, by an editor's word; its people, handing over, leaving."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Actor, Membership, Role
from core.accounts import services as accounts
from core.accounts.models import Account, MembershipRow
from core.accounts.queries import account_by_email_for_update, members_of
from core.errors import Invalid, NotFound, Refused
from core.notify.models import Message
from directory.listings.models import Organization, Service
from directory.stewardship.claims import services
from directory.stewardship.claims.models import Claim
from directory.stewardship.claims.queries import people
from directory.stewardship.claims.rules import ClaimState, Part, Proof
from directory.stewardship.claims.services import Claimant, Newcomer
from directory.stewardship.reports.models import Report
from directory.stewardship.reports.rules import ReportKind
from tests import build, build_directory, build_keeping
from tests.html import HtmlClient

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PUBLIC_ADDRESS = "203.0.113.5"


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def group(session: Session) -> UUID:
    made = build_keeping.group(session, email="hello@shed.example.org")
    row = session.get_one(Organization, made)
    row.charity_number, row.website = "1234567", "https://www.shed.example.org"
    session.commit()
    return made


@pytest.fixture
def editor(session: Session, make_client: Callable[[], HtmlClient]) -> HtmlClient:
    made = make_client()
    build.sign_in(session, made, build.account(session, Role.EDITOR))
    return made


def claimant(proof: Proof, email: str = "derek@shed.example.org", charity: str = "") -> Claimant:
    return Claimant("Derek Example", email, "", proof, charity, "")


def code_sent(session: Session) -> str:
    message = session.scalars(select(Message).where(Message.template == "claim-code")).one()
    found = re.search(r"^(\d{3} \d{3})$", message.body or "", re.MULTILINE)
    assert found
    return found[1]


def templates(session: Session) -> list[str]:
    return list(session.scalars(select(Message.template).order_by(Message.created_at, Message.id)))


def answers(client: HtmlClient, group: UUID, **changes: str) -> Any:
    page = client.get(f"/groups/{group}/claim").text
    shown = page.partition('name="shown" value="')[2].partition('"')[0]
    form = {
        "idempotency_key": str(uuid4()),
        "shown": shown,
        "name": "Derek Example",
        "email": "derek@shed.example.org",
        "proof": "email",
    }
    with clock.at(NOW + timedelta(seconds=30)):
        return client.post(f"/groups/{group}/claim", data=form | changes)


def test_a_code_at_the_groups_own_domain_makes_an_owner(
    session: Session, client: HtmlClient, group: UUID
) -> None:
    answer = answers(client, group)
    assert answer.status_code == 303
    code = code_sent(session)
    page = client.get(answer.location)
    assert "We have sent you a code" in page.text
    assert "derek" not in page.text
    assert members_of(session, group) == []
    assert client.post(answer.location, data={"code": code}).status_code == 303
    account = account_by_email_for_update(session, "derek@shed.example.org")
    assert account is not None
    assert members_of(session, group) == [account.id]
    assert sorted(templates(session)) == ["claim-code", "invitation"]
    claim = session.scalars(select(Claim)).one()
    assert (claim.state, claim.name, claim.email) == (ClaimState.PROVED, None, None)
    assert "now" in client.get(answer.location).text


def test_an_address_elsewhere_proves_nothing(session: Session, client: HtmlClient, group: UUID) -> None:
    answer = answers(client, group, email="derek@gmail.com")
    assert answer.status_code == 400
    assert "That address is not the group&#39;s own" in answer.text
    assert 'value="derek@gmail.com"' in answer.text
    assert session.scalars(select(Claim)).all() == []
    assert templates(session) == []


def test_a_code_is_guessed_five_times_and_no_more(session: Session, group: UUID) -> None:
    claim = services.make_claim(session, SYSTEM, PUBLIC_ADDRESS, group, claimant(Proof.EMAIL))
    right = code_sent(session)
    wrong = "000000" if right != "000 000" else "111111"
    for _ in range(5):
        assert not services.give_code(session, claim, wrong)
    with pytest.raises(Refused):
        services.give_code(session, claim, right)
    assert members_of(session, group) == []


def test_a_code_is_good_for_half_an_hour(session: Session, group: UUID) -> None:
    claim = services.make_claim(session, SYSTEM, PUBLIC_ADDRESS, group, claimant(Proof.EMAIL))
    with clock.at(NOW + timedelta(minutes=30)):
        assert not services.give_code(session, claim, code_sent(session))


def test_a_letter_to_the_charity(
    session: Session, client: HtmlClient, editor: HtmlClient, group: UUID
) -> None:
    refused = answers(client, group, email="derek@gmail.com", proof="charity", charity_number="7654321")
    assert refused.status_code == 400
    answer = answers(client, group, email="derek@gmail.com", proof="charity", charity_number="123 4567")
    assert answer.status_code == 303
    assert "We send you a letter" in client.get(answer.location).text
    assert 'name="code"' not in client.get(answer.location).text
    claim = session.scalars(select(Claim)).one()
    assert "Print the letter" in editor.get("/moderation/claims").text
    letter = editor.post(f"/moderation/claims/{claim.id}/letter")
    assert answer.location in letter.text
    code = re.search(r"<strong>(\d{3} \d{3})</strong>", letter.text)
    assert code
    with clock.at(NOW + timedelta(days=9)):
        assert client.post(answer.location, data={"code": code[1]}).status_code == 303
    account = account_by_email_for_update(session, "derek@gmail.com")
    assert account is not None
    assert members_of(session, group) == [account.id]


def test_a_letter_to_where_an_informal_group_meets(
    session: Session, client: HtmlClient, editor: HtmlClient
) -> None:
    """The address is the one that most of its public pages name, and nothing that the claim says."""
    group = build_keeping.group(session, email=None)
    hall = {"street": "Loom Street", "town": "Radcliffe", "postcode": "M26 1AA"}
    for street in ("Loom Street", "Loom Street", "Another Street"):
        build_directory.listing(session, group, address=hall | {"street": street})
    session.commit()
    form = client.get(f"/groups/{group}/claim").text
    assert "We write to Peel Mill Hall, Loom Street, Radcliffe, M26 1AA." in form
    assert "registered address" not in form
    answer = answers(client, group, email="derek@gmail.com", proof="letter")
    assert answer.status_code == 303
    assert "where the group meets" in client.get(answer.location).text
    claim = session.scalars(select(Claim)).one()
    letter = editor.post(f"/moderation/claims/{claim.id}/letter").text
    assert "Loom Street" in letter
    assert "Another Street" not in letter
    assert "Charity number" not in letter
    code = re.search(r"<strong>(\d{3} \d{3})</strong>", letter)
    assert code
    with clock.at(NOW + timedelta(days=31)):
        assert client.post(answer.location, data={"code": code[1]}).status_code == 400
    with clock.at(NOW + timedelta(days=9)):
        assert client.post(answer.location, data={"code": code[1]}).status_code == 303
    assert len(members_of(session, group)) == 1


def test_a_private_or_hidden_place_is_written_to_by_nobody(
    session: Session, client: HtmlClient, editor: HtmlClient
) -> None:
    group = build_keeping.group(session, email=None)
    made = build_directory.listing(session, group)
    session.commit()
    answers(client, group, email="derek@gmail.com", proof="letter")
    claim = session.scalars(select(Claim)).one()
    session.get_one(Service, made).masked_location = True
    session.commit()
    assert editor.post(f"/moderation/claims/{claim.id}/letter").status_code == 409
    assert "Loom Street" not in editor.get("/moderation/claims").text
    assert "We write to" not in client.get(f"/groups/{group}/claim").text
    assert answers(client, group, email="derek@gmail.com", proof="letter").status_code == 400
    with pytest.raises(Invalid):
        services.make_claim(session, SYSTEM, PUBLIC_ADDRESS, group, claimant(Proof.LETTER))


@pytest.mark.parametrize(("said", "people_then"), [("yes", 1), ("no", 0)])
def test_an_editors_word(
    session: Session, client: HtmlClient, editor: HtmlClient, group: UUID, said: str, people_then: int
) -> None:
    answers(client, group, email="derek@gmail.com", proof="editor", words="I lead it.")
    claim = session.scalars(select(Claim)).one()
    page = editor.get("/moderation/claims").text
    assert "I lead it." in page
    assert editor.post(f"/moderation/claims/{claim.id}", data={"accept": said}).status_code == 303
    assert len(members_of(session, group)) == people_then
    assert templates(session) == ["invitation" if said == "yes" else "claim-refused"]
    assert editor.post(f"/moderation/claims/{claim.id}", data={"accept": said}).status_code == 409


def test_whoever_has_an_account_joins_with_it_and_helps_where_there_are_people(
    session: Session, group: UUID
) -> None:
    owner = build.account(session, Role.GROUP_MEMBER, place_id=group, email="owner@shed.example.org")
    known = build.account(session, Role.GROUP_MEMBER, email="derek@shed.example.org")
    claim = services.make_claim(session, SYSTEM, PUBLIC_ADDRESS, group, claimant(Proof.EMAIL))
    assert services.give_code(session, claim, code_sent(session))
    group_people = people(session, build.actor_of(owner), group)
    assert [(one.account_id, one.part) for one in group_people.people] == [
        (owner.id, Part.OWNER),
        (known.id, Part.HELPER),
    ]
    assert sorted(templates(session)) == ["claim-code", "claim-told", "group-joined"]


def owner_of(session: Session, group: UUID) -> Actor:
    return build.actor(session, Role.GROUP_MEMBER, place_id=group)


def join(session: Session, group: UUID) -> tuple[Account, UUID]:
    other = build.account(session, Role.EDITOR)
    joined = Membership(Role.GROUP_MEMBER, organization_id=group)
    return other, accounts.add_membership(session, SYSTEM, other.id, joined)


def test_an_owner_asks_somebody_in_and_hands_over(session: Session, group: UUID) -> None:
    owner = owner_of(session, group)
    services.invite(session, owner, group, Newcomer("Bo", "bo@example.org", ""), Part.HELPER)
    helper = next(one for one in people(session, owner, group).people if not one.is_me)
    assert (helper.part, helper.waiting) == (Part.HELPER, True)
    services.set_part(session, owner, group, helper.membership_id, Part.OWNER)
    me = people(session, owner, group).me
    assert me is not None
    services.set_part(session, owner, group, me.membership_id, Part.HELPER)
    assert people(session, owner, group).owners == 1
    with pytest.raises(Refused):
        services.invite(session, owner, group, Newcomer("Al", "al@example.org", ""), Part.HELPER)


def test_a_group_keeps_an_owner(session: Session, group: UUID) -> None:
    owner = owner_of(session, group)
    me = people(session, owner, group).me
    assert me is not None
    with pytest.raises(Refused):
        services.set_part(session, owner, group, me.membership_id, Part.HELPER)


def test_leaving_a_group_with_nobody_is_said_and_heard(
    session: Session, make_client: Callable[[], HtmlClient], group: UUID
) -> None:
    account = build.account(session, Role.GROUP_MEMBER, place_id=group)
    client = make_client()
    build.sign_in(session, client, account)
    refused = client.post(f"/my-groups/{group}/leave", data={})
    assert refused.status_code == 400
    assert "Nobody else runs this group." in refused.text
    assert client.post(f"/my-groups/{group}/leave", data={"knows": "y"}).status_code == 303
    assert members_of(session, group) == []
    report = session.scalars(select(Report)).one()
    assert (report.kind, report.organization_id) == (ReportKind.NOBODY, group)
    assert client.get("/my-groups").status_code == 303


def test_whoever_leaves_others_behind_just_leaves(session: Session, group: UUID) -> None:
    owner = owner_of(session, group)
    owner_of(session, group)
    services.leave(session, owner, group, knows=False)
    assert len(members_of(session, group)) == 1
    assert session.scalars(select(Report)).all() == []
    with pytest.raises(NotFound):
        services.leave(session, build.actor(session, Role.GROUP_MEMBER), group, knows=True)


def test_an_owner_takes_somebody_out_but_not_themselves(session: Session, group: UUID) -> None:
    owner = owner_of(session, group)
    _other, membership = join(session, group)
    services.remove(session, owner, group, membership)
    assert session.get_one(MembershipRow, membership).ended_at is not None
    me = people(session, owner, group).me
    assert me is not None
    with pytest.raises(Refused):
        services.remove(session, owner, group, me.membership_id)
    with pytest.raises(NotFound):
        services.remove(session, owner, group, membership)


def test_an_editor_who_takes_the_last_one_out_is_told(session: Session, group: UUID) -> None:
    owner_of(session, group)
    editor = build.actor(session, Role.EDITOR)
    (last,) = people(session, editor, group).people
    services.remove(session, editor, group, last.membership_id)
    assert session.scalars(select(Report.kind)).all() == [ReportKind.NOBODY]


def test_leaving_says_so_where_only_a_helper_would_be_left(session: Session, group: UUID) -> None:
    owner = owner_of(session, group)
    _helper, membership = join(session, group)
    services.set_part(session, owner, group, membership, Part.HELPER)
    with pytest.raises(Invalid):
        services.leave(session, owner, group, knows=False)


def test_a_listing_has_no_claim_of_a_group_that_is_not(client: HtmlClient, session: Session) -> None:
    assert client.get(f"/groups/{uuid4()}/claim").status_code == 404
    assert client.get(f"/claims/{uuid4()}").status_code == 404
    assert "Keep this page yourself" in client.get(f"/groups/{build_directory.organization(session)}").text
