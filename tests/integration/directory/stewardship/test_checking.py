"""A group checks its listings from the link in its email; what nobody speaks for sinks, is rung about, and hides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.jobs.models import Job
from core.notify.models import Message
from directory.listings.content import content_of
from directory.listings.documents import search_documents
from directory.listings.models import ChangeState, ListingChange, Service, StatusEvent
from directory.listings.rules import ListingStatus
from directory.stewardship.freshness import links, services
from directory.stewardship.freshness.models import CheckLink, EditorCall
from directory.stewardship.reports.models import Report
from tests import build, build_directory, build_keeping
from tests.html import HtmlClient

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=121)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def group(session: Session) -> UUID:
    return build_keeping.group(session)


@pytest.fixture
def stale(session: Session, group: UUID) -> UUID:
    """A listing that its group checked a little more than four months ago."""
    made = build_directory.listing(session, group)
    build_keeping.last_word(session, made, LONG_AGO)
    session.commit()
    return made


@pytest.fixture
def token(session: Session, stale: UUID) -> str:
    made = build_keeping.check_link(session, stale)
    session.commit()
    return made


def emails(session: Session) -> list[Message]:
    return list(session.scalars(select(Message).order_by(Message.created_at, Message.id)))


def token_in(message: Message) -> str:
    found = re.search(r"/check/(\S+)", message.body or "")
    assert found
    return found[1]


def row(session: Session, listing: UUID) -> Service:
    session.expire_all()
    return session.get_one(Service, listing)


def test_one_email_for_all_listings_of_an_owner(session: Session, group: UUID, stale: UUID) -> None:
    fresh = build_directory.listing(session, group, name="Chair yoga")
    build_keeping.last_word(session, fresh, NOW)
    assert services.remind(session) == 1
    (message,) = emails(session)
    assert message.to == build_keeping.ADDRESS
    assert message.subject == "Is your page still right?"
    assert "Tea and talk" in (message.body or "")
    assert "Chair yoga" in (message.body or "")
    assert session.scalar(select(func.count(CheckLink.id))) == 1


def test_reminding_twice_sends_once_and_grows_more_urgent(session: Session, stale: UUID) -> None:
    subjects = []
    for days in (0, 1, 14, 20, 28, 35):
        with clock.at(NOW + timedelta(days=days)):
            services.sweep(session)
            services.sweep(session)
            subjects.append([one.subject for one in emails(session)])
    assert [len(one) for one in subjects] == [1, 1, 2, 2, 3, 3]
    assert subjects[-1] == [
        "Is your page still right?",
        "Please check your page: it takes two minutes",
        "Last reminder: please check your page",
    ]


def test_an_owner_of_more_than_one_link_holds_is_asked_about_each_once(
    session: Session, group: UUID, stale: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MOST_LISTINGS", 2)
    names = ["Bingo", "Chair yoga", "Darts", "Zumba"]
    for name in names:
        build_keeping.last_word(session, build_directory.listing(session, group, name=name), LONG_AGO)
    sent = [services.remind(session) for _ in range(4)]
    assert sent == [1, 1, 1, 0]
    asked = [item.service_id for link in session.scalars(select(CheckLink)) for item in link.items]
    assert len(asked) >= 5
    assert set(asked) == set(session.scalars(select(Service.id)))


def test_people_of_a_group_are_asked_rather_than_its_address(
    session: Session, group: UUID, stale: UUID
) -> None:
    member = build.account(session, Role.GROUP_MEMBER, place_id=group, email="derek@example.org")
    services.remind(session)
    (message,) = emails(session)
    assert message.to == member.email
    link = session.scalars(select(CheckLink)).one()
    assert link.account_id == member.id


def test_opening_the_link_changes_nothing(
    session: Session, client: HtmlClient, stale: UUID, token: str
) -> None:
    page = client.get(f"/check/{token}")
    assert page.status_code == 200
    assert "Every Tuesday, 10am to 12pm" in page.text
    assert "0161 496 0101" in page.text
    assert row(session, stale).confirmed_at == LONG_AGO
    assert page.headers["Cache-Control"] == "no-store"


def test_still_right_confirms_in_the_groups_name(
    session: Session, client: HtmlClient, stale: UUID, token: str
) -> None:
    answer = client.post(f"/check/{token}", data={"listing": str(stale), "answer": "right"})
    assert answer.status_code == 303
    assert row(session, stale).confirmed_at == NOW
    assert (row(session, stale).confirmed_by or "").startswith("Group ")
    assert "Thank you, that is all" in client.get(f"/check/{token}").text


def test_all_still_right_at_once(session: Session, client: HtmlClient, group: UUID, stale: UUID) -> None:
    other = build_directory.listing(session, group, name="Chair yoga")
    build_keeping.last_word(session, other, LONG_AGO)
    token = build_keeping.check_link(session, stale, other)
    assert "All 2 are still right" in client.get(f"/check/{token}").text
    client.post(f"/check/{token}", data={"answer": "all-right"})
    assert row(session, stale).confirmed_at == row(session, other).confirmed_at == NOW


def test_not_on_this_time_and_on_after_all(
    session: Session, client: HtmlClient, stale: UUID, token: str
) -> None:
    press = {"listing": str(stale), "answer": "off", "session": "2026-11-24T10:00"}
    client.post(f"/check/{token}", data=press)
    assert content_of(row(session, stale))["exceptions"] == [{"on": "2026-11-24", "session": "10:00"}]
    page = client.get(f"/check/{token}")
    assert "It is on after all" in page.text
    client.post(f"/check/{token}", data=press | {"answer": "on"})
    assert content_of(row(session, stale))["exceptions"] == []


def test_a_second_press_says_what_is_so(
    session: Session, client: HtmlClient, stale: UUID, token: str
) -> None:
    press = {"listing": str(stale), "answer": "off", "session": "2026-11-24T10:00"}
    client.post(f"/check/{token}", data=press)
    client.post(f"/check/{token}", data=press)
    assert "That session is off already." in client.get(f"/check/{token}").text


def test_a_new_phone_is_public_at_once_and_own_words_go_to_an_editor(
    session: Session, client: HtmlClient, stale: UUID, token: str
) -> None:
    there = f"/check/{token}/{stale}"
    assert "Every Tuesday, 10am to 12pm" in client.get(there).text
    form = {"phone": "01632 960123", "words": "We meet upstairs now.", "expected_version": "1"}
    answer = client.post(there, data=form | {"expected_version": str(row(session, stale).version)})
    assert answer.status_code == 303, answer.text
    assert content_of(row(session, stale))["phone"] == "01632 960123"
    (change,) = session.scalars(select(ListingChange))
    assert change.state is ChangeState.PUBLISHED
    assert session.scalars(select(Report)).one().words == "We meet upstairs now."
    assert row(session, stale).confirmed_at == NOW


def test_half_a_phone_number_is_kept_in_its_box_with_the_remedy(
    session: Session, client: HtmlClient, stale: UUID, token: str
) -> None:
    form = {"phone": "0161", "expected_version": str(row(session, stale).version)}
    answer = client.post(f"/check/{token}/{stale}", data=form)
    assert answer.status_code == 400
    assert 'value="0161"' in answer.text
    assert "Enter a UK phone number with its area code" in answer.text
    assert content_of(row(session, stale))["phone"] == "0161 496 0101"


def test_a_line_of_the_timetable_changes_and_goes(
    session: Session, client: HtmlClient, stale: UUID, token: str
) -> None:
    form = {"often": "weekly", "days": "WE", "opens_at": "2pm", "closes_at": "4pm"}
    version = str(row(session, stale).version)
    answer = client.post(f"/check/{token}/{stale}?line=0", data=form | {"expected_version": version})
    assert answer.status_code == 303, answer.text
    (line,) = content_of(row(session, stale))["schedules"]
    assert (line["byday"], line["opens_at"]) == (["WE"], "14:00")
    version = str(row(session, stale).version)
    client.post(f"/check/{token}/{stale}?line=0", data={"gone": "1", "expected_version": version})
    assert content_of(row(session, stale))["schedules"] == []


def test_an_old_link_says_so_and_sends_another(
    session: Session, client: HtmlClient, stale: UUID, token: str
) -> None:
    with clock.at(NOW + timedelta(days=31)):
        gone = client.get(f"/check/{token}")
        assert gone.status_code == 410
        assert "This link is too old" in gone.text
        assert (
            client.post(f"/check/{token}", data={"listing": str(stale), "answer": "right"}).status_code == 410
        )
        assert row(session, stale).confirmed_at == LONG_AGO
        assert client.post(f"/check/{token}/again").status_code == 200
        fresh = token_in(emails(session)[-1])
        assert fresh != token
        client.post(f"/check/{fresh}", data={"listing": str(stale), "answer": "right"})
        assert row(session, stale).confirmed_at == NOW + timedelta(days=31)


def test_asking_for_links_is_slowed_down(client: HtmlClient, stale: UUID, token: str) -> None:
    got = [client.post(f"/check/{token}/again").status_code for _ in range(4)]
    assert got == [200, 200, 200, 429]


def test_an_invented_link_and_a_foreign_listing_lead_nowhere(
    session: Session, client: HtmlClient, token: str
) -> None:
    assert client.get("/check/an-invented-token-of-some-length").status_code == 404
    foreign = build_directory.listing(session)
    assert client.get(f"/check/{token}/{foreign}").status_code == 404
    press = {"listing": str(foreign), "answer": "right"}
    assert client.post(f"/check/{token}", data=press).status_code == 404
    assert row(session, foreign).confirmed_at is None


def test_whoever_left_the_group_holds_a_link_to_nothing(
    session: Session, client: HtmlClient, group: UUID, stale: UUID
) -> None:
    member = build.account(session, Role.GROUP_MEMBER, place_id=group, email="derek@example.org")
    services.remind(session)
    token = token_in(emails(session)[-1])
    assert client.get(f"/check/{token}").status_code == 200
    member.memberships[0].ended_at = NOW
    assert client.get(f"/check/{token}").status_code == 410
    assert client.post(f"/check/{token}/again").status_code == 410


def test_an_unchecked_listing_sinks_in_search(session: Session, stale: UUID) -> None:
    (now,) = search_documents(session, [stale])
    with clock.at(NOW + timedelta(days=40)):
        (later,) = search_documents(session, [stale])
    assert 0.6 <= later.freshness < now.freshness <= 1


def test_an_editor_is_asked_to_ring_before_anything_hides(session: Session, stale: UUID) -> None:
    for days in range(0, 84, 7):
        with clock.at(NOW + timedelta(days=days)):
            services.sweep(session)
            services.sweep(session)
            calls = session.scalar(select(func.count(EditorCall.id)))
            status = row(session, stale).status
            assert calls == (1 if days >= 42 else 0), days
            hidden = days >= 63
            assert status is (ListingStatus.UNCONFIRMED if hidden else ListingStatus.PUBLISHED), days
    assert [one.subject for one in emails(session)][
        -1
    ] == "Your page does not show now: one press brings it back"


def test_a_hidden_listing_comes_back_by_one_press(session: Session, client: HtmlClient, stale: UUID) -> None:
    for days in (42, 63):
        with clock.at(NOW + timedelta(days=days)):
            services.sweep(session)
    assert client.get(f"/activities/{stale}").status_code == 404
    token = token_in(emails(session)[-1])
    with clock.at(NOW + timedelta(days=64)):
        assert "Hidden" in client.get(f"/check/{token}").text
        client.post(f"/check/{token}", data={"listing": str(stale), "answer": "right"})
        assert client.get(f"/activities/{stale}").status_code == 200
        services.sweep(session)
    assert session.scalars(select(EditorCall)).one().done_at is not None
    assert session.scalar(select(func.count(StatusEvent.id))) == 2


def test_a_listing_first_seen_stale_gets_its_reminder_and_three_weeks(session: Session, stale: UUID) -> None:
    """A directory that was loaded long ago does not vanish on the first day."""
    build_keeping.last_word(session, stale, NOW - timedelta(days=900))
    services.sweep(session)
    assert row(session, stale).status is ListingStatus.PUBLISHED
    assert len(emails(session)) == 1
    with clock.at(NOW + timedelta(days=20)):
        services.sweep(session)
        assert row(session, stale).status is ListingStatus.PUBLISHED
    with clock.at(NOW + timedelta(days=21)):
        services.sweep(session)
        assert row(session, stale).status is ListingStatus.UNCONFIRMED


@pytest.fixture
def editor(session: Session, make_client: Callable[[], HtmlClient]) -> HtmlClient:
    made = make_client()
    build.sign_in(session, made, build.account(session, Role.EDITOR))
    return made


def test_an_editor_rings_and_says_how_it_went(session: Session, editor: HtmlClient, stale: UUID) -> None:
    build_keeping.call(session, stale)
    page = editor.get("/moderation/calls").text
    assert "Ring" in page
    assert "0161 496 0101" in page
    editor.post(f"/moderation/calls/{stale}", data={"outcome": "no-answer"})
    page = editor.get("/moderation/calls").text
    assert "Rung 1 time without an answer" in page
    assert "Try again on Monday 30 November" in page
    editor.post(f"/moderation/calls/{stale}", data={"outcome": "still-right"})
    assert "There is nobody to ring" in editor.get("/moderation/calls").text
    assert row(session, stale).confirmed_by == "the editors"


def test_something_changed_leads_the_editor_to_the_listing(
    session: Session, editor: HtmlClient, stale: UUID
) -> None:
    build_keeping.call(session, stale)
    answer = editor.post(f"/moderation/calls/{stale}", data={"outcome": "changed"})
    assert answer.location == f"/activities/{stale}/edit"
    assert editor.post(f"/moderation/calls/{stale}", data={"outcome": "changed"}).status_code == 404


def test_the_work_is_promised(session: Session, stale: UUID) -> None:
    services.sweep(session)
    assert session.scalar(select(func.count(Job.id)).where(Job.kind == "notify.send")) == 1
