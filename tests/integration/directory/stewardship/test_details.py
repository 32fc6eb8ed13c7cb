"""What a group says of itself: phone and email at once, names and words after an editor has read them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Role
from core.errors import Conflict, Invalid, NotFound, Refused
from core.jobs.models import Job
from directory.listings.models import ChangeState, Organization
from directory.stewardship.details import services
from directory.stewardship.details.models import GroupChange
from directory.stewardship.details.queries import details
from tests import build, build_directory
from tests.html import HtmlClient


@pytest.fixture
def member(session: Session) -> Actor:
    return build.actor(session, Role.GROUP_MEMBER)


@pytest.fixture
def group(member: Actor) -> UUID:
    (made,) = member.organization_ids()
    return made


def version(session: Session, group: UUID) -> int:
    return session.get_one(Organization, group).version


def test_phone_now_and_words_later(session: Session, member: Actor, group: UUID) -> None:
    build_directory.listing(session, group)
    said = {"phone": "01632 960123", "summary": "We mend things.", "website": "shed.example.org"}
    now, later = services.submit(session, member, group, said, version(session, group))
    assert (now, set(later)) == (("phone",), {"summary", "website"})
    row = session.get_one(Organization, group)
    assert (row.phones[0].number, row.summary, row.website) == ("+441632960123", "", None)
    page = details(session, member, group)
    assert page.content["website"] == "https://shed.example.org"
    assert page.waiting == {"summary", "website"}
    assert session.scalar(select(func.count(Job.id)).where(Job.kind == "search.index")) == 1


def test_an_editor_approves_or_sends_back(
    session: Session, make_client: Callable[[], HtmlClient], member: Actor, group: UUID
) -> None:
    editor = make_client()
    build.sign_in(session, editor, build.account(session, Role.EDITOR))
    services.submit(session, member, group, {"summary": "Cheap pills."}, version(session, group))
    change = session.scalars(select(GroupChange)).one()
    assert "In one sentence" in editor.get("/moderation/groups").text
    assert "Cheap" in editor.get(f"/moderation/groups/{change.id}").text
    there = f"/moderation/groups/{change.id}/send-back"
    assert editor.post(there, data={"reason": ""}).status_code == 400
    assert editor.post(there, data={"reason": "Say what you do."}).status_code == 303
    session.expire_all()
    assert details(session, member, group).sent_back == "Say what you do."
    services.submit(session, member, group, {"summary": "We mend things."}, version(session, group))
    waiting = session.scalars(select(GroupChange).where(GroupChange.state == ChangeState.WAITING)).one()
    assert editor.post(f"/moderation/groups/{waiting.id}/approve").status_code == 303
    session.expire_all()
    assert session.get_one(Organization, group).summary == "We mend things."
    assert editor.post(f"/moderation/groups/{waiting.id}/approve").status_code == 409
    second = editor.post(f"/moderation/groups/{waiting.id}/send-back", data={"reason": "Say more."})
    assert second.status_code == 409
    assert "This has been decided." in second.text
    assert "Say more." in second.text


def test_later_words_join_those_that_wait_and_taking_back_leaves_none(
    session: Session, member: Actor, group: UUID
) -> None:
    services.submit(session, member, group, {"summary": "Tea."}, version(session, group))
    services.submit(session, member, group, {"description": "Long."}, version(session, group))
    waiting = session.scalars(select(GroupChange).where(GroupChange.state == ChangeState.WAITING)).one()
    assert waiting.after == {"summary": "Tea.", "description": "Long."}
    services.submit(session, member, group, {"summary": "", "description": ""}, version(session, group))
    left = select(func.count(GroupChange.id)).where(GroupChange.state == ChangeState.WAITING)
    assert session.scalar(left) == 0


def test_an_editors_own_change_is_public_at_once(session: Session, group: UUID) -> None:
    editor = build.actor(session, Role.EDITOR)
    now, later = services.submit(session, editor, group, {"name": "Shedders"}, version(session, group))
    assert (now, later) == (("name",), ())
    assert session.get_one(Organization, group).name == "Shedders"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("summary", "x" * 301),
        ("email", "nobody"),
        ("phone", "12"),
        ("website", "javascript:alert(1)"),
        ("kind", "charity"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    session: Session, member: Actor, group: UUID, field: str, value: str
) -> None:
    with pytest.raises(Invalid):
        services.submit(session, member, group, {field: value}, version(session, group))


def test_the_second_of_two_is_shown_both_texts(session: Session, member: Actor, group: UUID) -> None:
    first = version(session, group)
    services.submit(session, member, group, {"phone": "01632 960123"}, first)
    with pytest.raises(Conflict) as clash:
        services.submit(session, member, group, {"phone": "01632 960124"}, first)
    assert clash.value.theirs == {"Phone": "01632 960123"}


def test_another_group_is_not_there(session: Session, member: Actor) -> None:
    other = build_directory.organization(session)
    with pytest.raises(NotFound):
        services.submit(session, member, other, {"name": "Ours"}, 1)
    with pytest.raises(NotFound):
        details(session, member, other)


def test_only_editors_decide(session: Session, member: Actor, group: UUID) -> None:
    services.submit(session, member, group, {"summary": "Tea."}, version(session, group))
    change = session.scalars(select(GroupChange)).one()
    with pytest.raises(NotFound):
        services.approve(session, member, change.id)
    change.state = ChangeState.SUPERSEDED
    with pytest.raises(Refused):
        services.approve(session, build.actor(session, Role.EDITOR), change.id)


def test_the_form_on_a_groups_own_page(
    session: Session, make_client: Callable[[], HtmlClient], member: Actor, group: UUID
) -> None:
    client = make_client()
    account = build.account(session, Role.GROUP_MEMBER, place_id=group)
    build.sign_in(session, client, account)
    there = f"/my-groups/{group}/details"
    assert there in client.get("/my-groups").text
    form = {"name": "Shedders", "phone": "12", "expected_version": str(version(session, group))}
    refused = client.post(there, data=form)
    assert refused.status_code == 400
    assert 'value="12"' in refused.text
    assert client.post(there, data=form | {"phone": "01632 960123"}).status_code == 303
    assert "Some of this waits for an editor" in client.get(there).text
    assert client.post(there, data=form | {"phone": "01632 960124"}).status_code == 409
