"""An editor's desk: what waits, oldest first; approve, send back, put back, publish."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Role
from core.errors import Invalid, NotFound, Refused
from core.notify.models import Message
from directory.listings import deciding, moderation, services
from directory.listings.models import ChangeState, ListingChange, Service
from directory.listings.queries import edit_page
from directory.listings.rules import ListingStatus
from directory.listings.wording import Piece
from tests import build, build_directory
from tests.html import HtmlClient, parse, text_of


@pytest.fixture
def member(session: Session) -> Actor:
    return build.actor(session, Role.GROUP_MEMBER)


@pytest.fixture
def editor(session: Session) -> Actor:
    return build.actor(session, Role.EDITOR)


@pytest.fixture
def listing(session: Session, member: Actor) -> UUID:
    (group,) = member.organization_ids()
    return build_directory.listing(session, group)


@pytest.fixture
def waiting(session: Session, member: Actor, listing: UUID) -> UUID:
    """A new summary that waits."""
    services.submit_change(session, member, listing, {"summary": "Tea, and somebody to hear you."}, 1)
    return session.scalars(select(ListingChange.id).where(ListingChange.state == ChangeState.WAITING)).one()


@pytest.fixture
def published(session: Session, member: Actor, listing: UUID) -> UUID:
    """A notice that is public already."""
    services.submit_change(session, member, listing, {"notice": "Cheap watches!"}, 1)
    return session.scalars(select(ListingChange.id).where(ListingChange.state == ChangeState.PUBLISHED)).one()


def letters(session: Session) -> list[Message]:
    return list(session.scalars(select(Message)))


def test_an_editor_sees_the_difference_word_by_word(session: Session, editor: Actor, waiting: UUID) -> None:
    (difference,) = moderation.decision(session, editor, waiting).differences
    assert difference.label == "In one sentence"
    changed = {(one.piece, one.text) for one in difference.segments if one.piece is not Piece.SAME}
    assert changed == {(Piece.REMOVED, "talk to."), (Piece.ADDED, "hear you.")}


def test_approving_makes_it_public_and_writes_a_letter_without_the_words(
    session: Session, editor: Actor, listing: UUID, waiting: UUID
) -> None:
    deciding.approve(session, editor, waiting)
    assert session.get_one(Service, listing).summary == "Tea, and somebody to hear you."
    change = session.get_one(ListingChange, waiting)
    assert (change.state, change.decided_by_id) == (ChangeState.APPROVED, editor.account_id)
    (letter,) = letters(session)
    assert f"/activities/{listing}" in (letter.body or "")
    assert "hear you" not in (letter.body or "")


def test_sending_back_keeps_the_page_and_tells_the_group_why(
    session: Session, member: Actor, editor: Actor, listing: UUID, waiting: UUID
) -> None:
    deciding.send_back(session, editor, waiting, "Say who it is for.")
    page = edit_page(session, member, listing)
    assert page.public["summary"] == "Tea, and somebody to talk to."
    assert page.sent_back is not None
    assert page.sent_back.reason == "Say who it is for."
    assert not page.waiting
    (letter,) = letters(session)
    assert "Say who" not in (letter.body or "")
    services.submit_change(session, member, listing, {"summary": "Tea for carers."}, page.version)
    assert edit_page(session, member, listing).sent_back is None


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_reason_is_needed(session: Session, editor: Actor, waiting: UUID, reason: str) -> None:
    with pytest.raises(Invalid):
        deciding.send_back(session, editor, waiting, reason)


def test_what_is_public_already_is_looked_at_or_put_back(
    session: Session, editor: Actor, listing: UUID, published: UUID
) -> None:
    deciding.put_back(session, editor, published, "Please no advertisements.")
    assert session.get_one(Service, listing).notice is None
    assert session.get_one(ListingChange, published).state is ChangeState.SENT_BACK


def test_what_was_changed_again_is_not_put_back(
    session: Session, editor: Actor, member: Actor, listing: UUID, published: UUID
) -> None:
    version = session.get_one(Service, listing).version
    services.submit_change(session, member, listing, {"notice": "Back on Tuesday."}, version)
    with pytest.raises(Refused, match="changed again since"):
        deciding.put_back(session, editor, published, "Please no advertisements.")
    assert session.get_one(Service, listing).notice == "Back on Tuesday."


def test_looking_at_leaves_it_as_it_is(
    session: Session, editor: Actor, listing: UUID, published: UUID
) -> None:
    deciding.looked_at(session, editor, published)
    assert session.get_one(Service, listing).notice == "Cheap watches!"
    assert session.get_one(ListingChange, published).state is ChangeState.REVIEWED


def test_nothing_is_decided_twice(session: Session, editor: Actor, waiting: UUID, published: UUID) -> None:
    deciding.approve(session, editor, waiting)
    deciding.looked_at(session, editor, published)
    again: list[Callable[[], None]] = [
        lambda: deciding.approve(session, editor, waiting),
        lambda: deciding.send_back(session, editor, waiting, "No."),
        lambda: deciding.looked_at(session, editor, published),
        lambda: deciding.put_back(session, editor, published, "No."),
    ]
    for decide in again:
        with pytest.raises(Refused):
            decide()


def test_only_editors_decide(session: Session, member: Actor, listing: UUID, waiting: UUID) -> None:
    deeds: list[Callable[[], object]] = [
        lambda: deciding.approve(session, member, waiting),
        lambda: deciding.send_back(session, member, waiting, "No."),
        lambda: deciding.publish(session, member, listing),
        lambda: moderation.queue(session, member),
        lambda: moderation.decision(session, member, waiting),
        lambda: moderation.new_listing(session, member, listing),
    ]
    for deed in deeds:
        with pytest.raises(NotFound):
            deed()


def test_a_new_listing_is_published_or_given_back(session: Session, editor: Actor) -> None:
    first, second, third = (build_directory.listing(session, status=ListingStatus.WAITING) for _ in range(3))
    deciding.publish(session, editor, first)
    deciding.return_listing(session, editor, second, "Add a phone number.", for_good=False)
    deciding.return_listing(session, editor, third, "This is a shop.", for_good=True)
    assert [session.get_one(Service, one).status for one in (first, second, third)] == [
        ListingStatus.PUBLISHED,
        ListingStatus.SENT_BACK,
        ListingStatus.REJECTED,
    ]
    assert session.get_one(Service, first).confirmed_at is not None


def test_a_page_that_moved_on_since_is_said_to_have(
    session: Session, editor: Actor, listing: UUID, waiting: UUID
) -> None:
    version = session.get_one(Service, listing).version
    services.submit_change(session, editor, listing, {"description": "We sit outside."}, version)
    assert moderation.decision(session, editor, waiting).moved_on == ()
    session.get_one(Service, listing).summary = "Somebody else wrote this."
    session.flush()
    assert moderation.decision(session, editor, waiting).moved_on == ("In one sentence",)


def test_the_desk_by_the_browser(
    session: Session, client: HtmlClient, waiting: UUID, published: UUID, listing: UUID
) -> None:
    new = build_directory.listing(session, name="Chess", status=ListingStatus.WAITING)
    build.sign_in(session, client, build.account(session, Role.EDITOR))
    desk = text_of(parse(client.get("/moderation").get_data(as_text=True)))
    assert "3 waiting, oldest first" in desk
    assert desk.index("Tea and talk") < desk.index("Chess")
    page = client.get(f"/moderation/changes/{waiting}").get_data(as_text=True)
    assert "<ins>" in page
    assert "[new: " in page
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    silent = client.post(f"/moderation/changes/{waiting}/send-back", data={"csrf_token": token, "reason": ""})
    assert silent.status_code == 400
    for path in (
        f"/moderation/changes/{waiting}/approve",
        f"/moderation/changes/{published}/looked-at",
        f"/moderation/listings/{new}/publish",
    ):
        assert client.post(path, data={"csrf_token": token}).status_code == 303
    assert "Nothing is waiting" in client.get("/moderation").get_data(as_text=True)
    assert (
        client.post(f"/moderation/changes/{waiting}/approve", data={"csrf_token": token}).status_code == 409
    )
    second = client.post(
        f"/moderation/changes/{waiting}/send-back", data={"csrf_token": token, "reason": "Say when."}
    )
    assert second.status_code == 409
    assert all(
        words in second.text for words in ("decided on this already", "Say when.", "See the public page")
    )
    gone = client.post(f"/moderation/listings/{new}/reject", data={"csrf_token": token, "reason": "A shop."})
    assert gone.status_code == 409
    assert "A shop." in gone.text
    assert "This has been decided" in client.get(f"/moderation/changes/{waiting}").get_data(as_text=True)
    assert "hear you" in client.get(f"/activities/{listing}").get_data(as_text=True)
