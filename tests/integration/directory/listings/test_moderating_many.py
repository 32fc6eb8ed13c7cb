"""A full desk: flags first, many decided at once, decisions taken back, and listings given back what they said."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.db import new_id
from core.errors import Invalid, NotFound, Refused
from directory.listings import deciding, moderation, services, undoing
from directory.listings.content import content_of
from directory.listings.deciding import Answer, Picked
from directory.listings.history import as_it_was, history
from directory.listings.models import ChangeState, ListingChange, Service
from directory.listings.rules import ListingStatus
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


def send(session: Session, actor: Actor, listing: UUID, **values: object) -> UUID:
    """Submit a change at the listing's present version; gives the change's id."""
    before = set(session.scalars(select(ListingChange.id)))
    version = session.get_one(Service, listing).version
    services.submit_change(session, actor, listing, values, version)
    session.flush()
    (made,) = set(session.scalars(select(ListingChange.id))) - before
    return made


def said(session: Session, listing: UUID, field: str) -> object:
    session.expire_all()
    return content_of(session.get_one(Service, listing))[field]


def state(session: Session, change: UUID) -> ChangeState:
    session.expire_all()
    return session.get_one(ListingChange, change).state


def test_what_wants_a_second_look_comes_first_and_says_why(
    session: Session, member: Actor, editor: Actor, listing: UUID
) -> None:
    (group,) = member.organization_ids()
    plain = send(session, member, listing, summary="Tea, and somebody to hear you.")
    flagged = send(session, member, build_directory.listing(session, group), notice="Ring Jo on 07700 900123")
    found = moderation.queue(session, editor)
    assert [task.id for task in found.tasks] == [flagged, plain]
    assert [(flag.label, "mobile" in flag.because) for flag in found.tasks[0].flags] == [("Notice", True)]
    assert found.tasks[1].flags == ()
    assert moderation.decision(session, editor, flagged).flags == found.tasks[0].flags


def test_a_new_listing_is_looked_at_anew_each_time_that_it_is_sent(
    session: Session, member: Actor, editor: Actor
) -> None:
    (group,) = member.organization_ids()
    listing = build_directory.listing(
        session, group, status=ListingStatus.DRAFT, description="ring jo on 07700 900123 for tea"
    )
    services.move_status(session, member, listing, ListingStatus.WAITING)
    assert len(moderation.new_listing(session, editor, listing).flags) == 1
    deciding.return_listing(session, editor, listing, "Leave the number out.", for_good=False)
    send(session, member, listing, description="Ring the hall for tea.")
    services.move_status(session, member, listing, ListingStatus.WAITING)
    assert moderation.new_listing(session, editor, listing).flags == ()


def test_a_long_desk_has_pages(session: Session, editor: Actor) -> None:
    for _ in range(moderation.PAGE_SIZE + 1):
        build_directory.listing(session, status=ListingStatus.WAITING)
    first, second = (moderation.queue(session, editor, page) for page in (1, 2))
    assert (first.total, first.pages, len(first.tasks), len(second.tasks)) == (26, 2, 25, 1)
    assert moderation.queue(session, editor, 9).page == 2
    assert moderation.queue(session, editor, -1).page == 1


def test_many_are_decided_at_once_and_come_back_together(
    session: Session, member: Actor, editor: Actor, listing: UUID
) -> None:
    waiting = send(session, member, listing, summary="Tea for all.")
    public = send(session, member, listing, notice="Back on Tuesday.")
    new = build_directory.listing(session, status=ListingStatus.WAITING)
    picked = [Picked(False, waiting), Picked(False, public), Picked(True, new)]
    decided = deciding.decide_many(session, editor, picked, Answer.FINE)
    assert (decided.done, decided.refused) == (3, ())
    assert said(session, listing, "summary") == "Tea for all."
    assert session.get_one(Service, new).status is ListingStatus.PUBLISHED
    (batch,) = undoing.lately(session, editor)
    assert (batch.id, len(batch.names)) == (decided.batch_id, 1)
    assert undoing.undo(session, editor, decided.batch_id) == 3
    assert said(session, listing, "summary") == "Tea, and somebody to talk to."
    assert state(session, waiting) is ChangeState.WAITING
    assert state(session, public) is ChangeState.PUBLISHED
    assert session.get_one(Service, new).status is ListingStatus.WAITING
    assert undoing.lately(session, editor) == ()
    assert moderation.queue(session, editor).total == 3


def test_many_are_sent_back_with_one_reason_and_come_back(
    session: Session, member: Actor, editor: Actor, listing: UUID
) -> None:
    waiting = send(session, member, listing, summary="Tea for all.")
    public = send(session, member, listing, notice="Cheap watches!")
    new = build_directory.listing(session, status=ListingStatus.WAITING)
    picked = [Picked(False, waiting), Picked(False, public), Picked(True, new)]
    decided = deciding.decide_many(session, editor, picked, Answer.NOT_LIKE_THIS, "Say more.")
    assert decided.done == 3
    assert said(session, listing, "notice") is None
    assert {state(session, one) for one in (waiting, public)} == {ChangeState.SENT_BACK}
    assert session.get_one(Service, new).status is ListingStatus.SENT_BACK
    undoing.undo(session, editor, decided.batch_id)
    assert said(session, listing, "notice") == "Cheap watches!"
    assert state(session, waiting) is ChangeState.WAITING
    assert state(session, public) is ChangeState.PUBLISHED
    assert session.get_one(Service, new).status is ListingStatus.WAITING


def test_what_was_decided_meanwhile_is_named_and_the_rest_is_done(
    session: Session, member: Actor, editor: Actor, listing: UUID
) -> None:
    waiting = send(session, member, listing, summary="Tea for all.")
    public = send(session, member, listing, notice="Back on Tuesday.")
    deciding.approve(session, editor, waiting)
    picked = [Picked(False, waiting), Picked(False, public), Picked(True, new_id())]
    decided = deciding.decide_many(session, editor, picked, Answer.FINE)
    assert decided.done == 1
    assert [line.partition(":")[0] for line in decided.refused] == ["Tea and talk", "One of them"]
    assert state(session, public) is ChangeState.REVIEWED


@pytest.mark.parametrize(
    ("number", "answer", "reason"),
    [(0, Answer.FINE, ""), (101, Answer.FINE, ""), (1, Answer.NOT_LIKE_THIS, " ")],
)
def test_what_cannot_be_decided_says_how_to_mend_it(
    session: Session, editor: Actor, number: int, answer: Answer, reason: str
) -> None:
    with pytest.raises(Invalid):
        deciding.decide_many(session, editor, [Picked(True, new_id())] * number, answer, reason)


def test_only_editors_decide_and_take_back(session: Session, member: Actor) -> None:
    with pytest.raises(NotFound):
        deciding.decide_many(session, member, [Picked(True, new_id())], Answer.FINE)
    with pytest.raises(NotFound):
        undoing.lately(session, member)
    with pytest.raises(NotFound):
        undoing.undo(session, member, new_id())


def test_a_decision_is_taken_back_once_and_within_the_hour(
    session: Session, member: Actor, editor: Actor, listing: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(session, member, listing, summary="Tea for all.")
    task = moderation.queue(session, editor).tasks[0]
    decided = deciding.decide_many(session, editor, [Picked(False, task.id)], Answer.FINE)
    undoing.undo(session, editor, decided.batch_id)
    with pytest.raises(Refused, match="already"):
        undoing.undo(session, editor, decided.batch_id)
    with pytest.raises(NotFound):
        undoing.undo(session, editor, new_id())
    again = deciding.decide_many(session, editor, [Picked(False, task.id)], Answer.FINE)
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert undoing.lately(session, editor) == ()
    with pytest.raises(Refused, match="an hour"):
        undoing.undo(session, editor, again.batch_id)


def test_what_was_changed_since_is_not_taken_back(
    session: Session, member: Actor, editor: Actor, listing: UUID
) -> None:
    waiting = send(session, member, listing, summary="Tea for all.")
    approved = deciding.decide_many(session, editor, [Picked(False, waiting)], Answer.FINE)
    send(session, editor, listing, summary="Tea for everybody.")
    with pytest.raises(Refused, match="changed again"):
        undoing.undo(session, editor, approved.batch_id)
    second = send(session, member, listing, summary="Tea!")
    back = deciding.decide_many(session, editor, [Picked(False, second)], Answer.NOT_LIKE_THIS, "Say more.")
    send(session, member, listing, summary="Tea and cake.")
    with pytest.raises(Refused, match="something new"):
        undoing.undo(session, editor, back.batch_id)
    new = build_directory.listing(session, status=ListingStatus.WAITING)
    published = deciding.decide_many(session, editor, [Picked(True, new)], Answer.FINE)
    services.move_status(session, editor, new, ListingStatus.CLOSED)
    with pytest.raises(Refused, match="Closed for good"):
        undoing.undo(session, editor, published.batch_id)


def test_history_says_who_decided_and_gives_back_any_version(
    session: Session, member: Actor, editor: Actor, listing: UUID
) -> None:
    first = send(session, editor, listing, description="We sit outside.", notice="One")
    send(session, editor, listing, description="We sit inside.", phone="0161 496 0102")
    waiting = send(session, member, listing, description="We stand.")
    deciding.approve(session, editor, waiting)
    lines = history(session, member, listing).lines
    assert [(line.what, line.decided) for line in lines[:1]] == [("Change approved", editor.name)]
    assert [line.version for line in lines if line.differences] == [None, lines[1].version, first]
    then = as_it_was(session, member, listing, first)
    assert then.values == {"description": "We sit outside.", "phone": "0161 496 0101"}
    assert lines[-1].first == first
    at_first = as_it_was(session, member, listing, first, before=True).values
    assert (at_first["description"], at_first["notice"]) == ("We sit round one table.", None)
    done = services.submit_change(session, member, listing, then.values, then.version)
    assert done == services.Submitted(("phone",), ("description",))
    assert said(session, listing, "phone") == "0161 496 0101"
    with pytest.raises(NotFound):
        as_it_was(session, build.actor(session, Role.GROUP_MEMBER), listing, first)
    refused = send(session, member, listing, summary="Tea!")
    with pytest.raises(NotFound):
        as_it_was(session, editor, listing, refused)


def test_the_desk_by_the_browser(session: Session, client: HtmlClient, member: Actor, listing: UUID) -> None:
    flagged = send(session, member, listing, notice="Ring Jo on 07700 900123")
    build.sign_in(session, client, build.account(session, Role.EDITOR, name="Fatima Example"))
    page = client.get("/moderation").get_data(as_text=True)
    assert "A mobile number stands in the text" in text_of(parse(page))
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]

    def decide(**data: str) -> tuple[int, str]:
        answer = client.post("/moderation/decide", data={"csrf_token": token} | data)
        return answer.status_code, answer.get_data(as_text=True)

    assert decide(answer="fine")[0] == 400
    silent, again = decide(answer="not-like-this", pick=f"change:{flagged}")
    assert silent == 400
    assert f'value="change:{flagged}" checked' in again
    assert decide(answer="no such", pick=f"change:{flagged}")[0] == 400
    assert decide(answer="fine", pick="change:nothing")[0] == 400
    assert decide(answer="fine", pick=f"change:{flagged}")[0] == 303
    desk = client.get("/moderation").get_data(as_text=True)
    assert "Said to be fine" in desk
    undo = desk.partition('action="/moderation/decisions/')[2].partition('"')[0]
    assert client.post(f"/moderation/decisions/{undo}", data={"csrf_token": token}).status_code == 303
    assert "1 waiting" in client.get("/moderation").get_data(as_text=True)
    editor = build.actor(session, Role.EDITOR)
    send(session, editor, listing, what_to_bring="A cup")
    send(session, editor, listing, what_to_bring="Nothing")
    version = session.get_one(Service, listing).version
    session.commit()
    old = client.get(f"/activities/{listing}/history").get_data(as_text=True)
    there = f"/activities/{listing}/history/"
    there += old.partition(f'href="{there}')[2].partition('"')[0]
    assert "What would change back" in client.get(there).get_data(as_text=True)
    data = {"csrf_token": token, "expected_version": str(version)}
    assert client.post(there, data=data).status_code == 303
    assert said(session, listing, "what_to_bring") == "A cup"
