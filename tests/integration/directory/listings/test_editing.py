"""A group keeps its listing: what is public at once, what waits, who was quicker, what is off this week."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events
from core.access.rules import Actor, Role
from core.audit.models import AuditEntry
from core.errors import Conflict, Invalid, NotFound, Refused
from core.geography.models import Postcode
from core.geography.rules import Quality
from core.geography.services import load_demo_facts
from core.jobs.models import Job
from directory.listings import services
from directory.listings.content import content_of
from directory.listings.events import (
    ChangeSubmitted,
    ListingChanged,
    ListingClosed,
    ListingCreated,
    ListingSent,
    SessionCancelled,
    SessionRestored,
)
from directory.listings.models import ChangeState, ListingChange, Service, ServiceAtLocation, StatusEvent
from directory.listings.queries import edit_page, own_groups
from directory.listings.rules import ListingStatus
from tests import build, build_directory
from tests.html import HtmlClient

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=clock.LONDON)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def member(session: Session) -> Actor:
    return build.actor(session, Role.GROUP_MEMBER)


@pytest.fixture
def listing(session: Session, member: Actor) -> UUID:
    (group,) = member.organization_ids()
    made = build_directory.listing(session, group)
    session.commit()
    return made


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was published to the rest of the product; that an editor has something to do is told apart."""
    told: list[Any] = []
    desk = (ChangeSubmitted, ListingSent, ListingCreated)
    monkeypatch.setattr(
        events, "publish", lambda _session, event: None if isinstance(event, desk) else told.append(event)
    )
    return told


def version(session: Session, listing: UUID) -> int:
    return session.get_one(Service, listing).version


def changes(session: Session, state: ChangeState) -> list[ListingChange]:
    return list(session.scalars(select(ListingChange).where(ListingChange.state == state)))


def test_phone_is_public_at_once_and_to_be_looked_at(
    session: Session, member: Actor, listing: UUID, heard: list[Any]
) -> None:
    done = services.submit_change(session, member, listing, {"phone": "01632 960123"}, 1)
    assert done == services.Submitted(("phone",), ())
    assert content_of(session.get_one(Service, listing))["phone"] == "01632 960123"
    (change,) = changes(session, ChangeState.PUBLISHED)
    assert change.before == {"phone": "0161 496 0101"}
    assert change.author_id == member.account_id
    assert heard == [ListingChanged(listing, ("phone",))]
    assert session.scalar(select(Job.payload).where(Job.kind == "search.index")) == {
        "service_id": str(listing)
    }
    session.commit()
    assert session.scalar(select(AuditEntry.action).order_by(AuditEntry.sequence.desc())) == "listing.change"


def test_names_wait_while_the_approved_version_stays_public(
    session: Session, member: Actor, listing: UUID, heard: list[Any]
) -> None:
    done = services.submit_change(session, member, listing, {"name": "Tea and biscuits"}, 1)
    assert done == services.Submitted((), ("name",))
    assert session.get_one(Service, listing).name == "Tea and talk"
    assert heard == []
    page = edit_page(session, member, listing)
    assert page.content["name"] == "Tea and biscuits"
    assert page.waiting == {"name"}


def test_later_words_join_those_that_wait(session: Session, member: Actor, listing: UUID) -> None:
    services.submit_change(session, member, listing, {"name": "Tea and biscuits"}, 1)
    services.submit_change(session, member, listing, {"summary": "Both."}, version(session, listing))
    (waiting,) = changes(session, ChangeState.WAITING)
    assert waiting.after == {"name": "Tea and biscuits", "summary": "Both."}
    assert len(changes(session, ChangeState.SUPERSEDED)) == 1


def test_taking_a_waiting_change_back_leaves_nothing_to_decide(
    session: Session, member: Actor, listing: UUID
) -> None:
    services.submit_change(session, member, listing, {"name": "Tea and biscuits"}, 1)
    services.submit_change(session, member, listing, {"name": "Tea and talk"}, version(session, listing))
    assert changes(session, ChangeState.WAITING) == []


def test_the_same_words_change_nothing(session: Session, member: Actor, listing: UUID) -> None:
    assert services.submit_change(session, member, listing, {"name": " Tea and talk "}, 1).nothing
    assert version(session, listing) == 1


def test_an_editors_change_is_public_at_once(session: Session, listing: UUID) -> None:
    editor = build.actor(session, Role.EDITOR)
    services.submit_change(session, editor, listing, {"name": "Tea"}, 1)
    assert session.get_one(Service, listing).name == "Tea"
    (change,) = changes(session, ChangeState.APPROVED)
    assert change.decided_by_id == editor.account_id


def test_the_second_of_two_is_shown_both_texts(session: Session, member: Actor, listing: UUID) -> None:
    services.submit_change(session, member, listing, {"notice": "We start at 11."}, 1)
    with pytest.raises(Conflict) as clash:
        services.submit_change(session, member, listing, {"notice": "We start at 12."}, 1)
    assert clash.value.yours == {"Notice": "We start at 12."}
    assert clash.value.theirs == {"Notice": "We start at 11."}


def test_two_who_change_different_fields_do_not_clash(session: Session, member: Actor, listing: UUID) -> None:
    services.submit_change(session, member, listing, {"notice": "We start at 11."}, 1)
    services.submit_change(session, member, listing, {"capacity": 9}, 1)
    assert session.get_one(Service, listing).capacity == 9


def test_a_version_that_nobody_can_account_for_is_a_clash(
    session: Session, member: Actor, listing: UUID
) -> None:
    with pytest.raises(Conflict):
        services.submit_change(session, member, listing, {"capacity": 9}, 0)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"phone": "12"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"notice": "See www.example.org"}, "notice"),
        ({"mode": "by boat"}, "mode"),
        ({"needs": ["no-such-need"]}, "needs"),
        ({"minimum_age": 50, "maximum_age": 5}, "maximum_age"),
        ({"no_such_field": 1}, None),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(
    session: Session, listing: UUID, values: dict[str, Any], field: str | None
) -> None:
    editor = build.actor(session, Role.EDITOR)
    with pytest.raises(Invalid) as fault:
        services.submit_change(session, editor, listing, values, 1)
    assert fault.value.field == field


def test_another_groups_listing_is_not_found(session: Session, listing: UUID) -> None:
    stranger = build.actor(session, Role.GROUP_MEMBER)
    moment = TUESDAY
    deeds: list[Callable[[], object]] = [
        lambda: services.submit_change(session, stranger, listing, {"notice": "Mine"}, 1),
        lambda: services.cancel_session(session, stranger, listing, moment, ""),
        lambda: services.restore_session(session, stranger, listing, moment),
        lambda: services.confirm(session, stranger, listing),
        lambda: services.move_status(session, stranger, listing, ListingStatus.CLOSED),
        lambda: edit_page(session, stranger, listing),
    ]
    for deed in deeds:
        with pytest.raises(NotFound):
            deed()


def test_moving_one_of_two_activities_moves_the_other_nowhere(session: Session, listing: UUID) -> None:
    editor = build.actor(session, Role.EDITOR)
    other = build_directory.listing(session)
    row, twin = session.get_one(Service, listing), session.get_one(Service, other)
    session.delete(twin.places[0])
    session.flush()
    session.add(ServiceAtLocation(service_id=other, location_id=row.places[0].location_id))
    session.flush()
    session.expire_all()
    services.submit_change(
        session, editor, listing, {"venue": "New Hall", "access": ["step-free"]}, row.version
    )
    assert content_of(session.get_one(Service, listing))["venue"] == "New Hall"
    assert content_of(session.get_one(Service, listing))["access"] == ["step-free"]
    assert content_of(session.get_one(Service, other))["venue"] == "Peel Mill Hall"


def test_a_session_is_called_off_and_put_back(
    session: Session, member: Actor, listing: UUID, heard: list[Any]
) -> None:
    services.cancel_session(session, member, listing, TUESDAY, "The hall is closed.")
    assert SessionCancelled(listing, TUESDAY.date(), TUESDAY.time(), "The hall is closed.") in heard
    (first, *_rest) = edit_page(session, member, listing).sessions
    assert first.cancelled
    with pytest.raises(Refused):
        services.cancel_session(session, member, listing, TUESDAY, "")
    services.restore_session(session, member, listing, TUESDAY)
    assert SessionRestored(listing, TUESDAY.date(), TUESDAY.time()) in heard
    assert not edit_page(session, member, listing).sessions[0].cancelled
    with pytest.raises(Refused):
        services.restore_session(session, member, listing, TUESDAY)
    assert len(changes(session, ChangeState.PUBLISHED)) == 2


def test_a_session_that_is_not_in_the_timetable_cannot_be_called_off(
    session: Session, member: Actor, listing: UUID
) -> None:
    with pytest.raises(Refused):
        services.cancel_session(session, member, listing, TUESDAY + timedelta(days=1), "")


def test_still_right_is_said_of_today_and_disturbs_nobody_who_writes(
    session: Session, member: Actor, listing: UUID
) -> None:
    services.confirm(session, member, listing)
    row = session.get_one(Service, listing)
    assert row.confirmed_at == NOW
    assert row.confirmed_by == row.organization.name
    assert row.version == 1


def test_still_right_brings_a_hidden_listing_back(session: Session, member: Actor) -> None:
    (group,) = member.organization_ids()
    hidden = build_directory.listing(session, group, status=ListingStatus.UNCONFIRMED)
    services.confirm(session, member, hidden)
    assert session.get_one(Service, hidden).status is ListingStatus.PUBLISHED


def test_a_new_listing_goes_from_draft_to_the_editor(session: Session, member: Actor) -> None:
    (group,) = member.organization_ids()
    made = services.create_listing(
        session,
        member,
        group,
        {"name": "Chess", "summary": "Chess.", "mode": "online", "join_mode": "turn-up"},
    )
    with pytest.raises(Invalid) as fault:
        services.move_status(session, member, made, ListingStatus.WAITING)
    assert fault.value.field in {"description", "needs", "phone", "schedules"}
    services.submit_change(
        session,
        member,
        made,
        {
            "description": "We play.",
            "needs": ["loneliness"],
            "phone": "0161 496 0102",
            "schedules": [{"freq": "WEEKLY", "dtstart": "2026-11-23", "opens_at": "10:00", "byday": ["MO"]}],
        },
        version(session, made),
    )
    assert session.get_one(Service, made).description == "We play."
    services.move_status(session, member, made, ListingStatus.WAITING)
    moves = session.scalars(
        select(StatusEvent.to_status).where(StatusEvent.service_id == made).order_by(StatusEvent.id)
    ).all()
    assert moves == [ListingStatus.DRAFT, ListingStatus.WAITING]
    assert changes(session, ChangeState.WAITING) == []


def test_a_listing_of_a_strangers_group_cannot_be_begun(session: Session, member: Actor) -> None:
    words = {"name": "Chess", "summary": "Chess.", "mode": "online", "join_mode": "turn-up"}
    with pytest.raises(NotFound):
        services.create_listing(session, member, build_directory.organization(session), words)


@pytest.mark.parametrize(
    ("target", "for_good"), [(ListingStatus.CLOSED, True), (ListingStatus.PAUSED, False)]
)
def test_closing_is_told(
    session: Session, member: Actor, listing: UUID, heard: list[Any], target: ListingStatus, for_good: bool
) -> None:
    services.move_status(session, member, listing, target, "Nobody left to run it.")
    (group,) = member.organization_ids()
    assert ListingClosed(listing, group, for_good) in heard
    assert ListingChanged(listing, ("status",)) in heard


def test_what_needs_something_stands_first(session: Session, member: Actor, listing: UUID) -> None:
    (group,) = member.organization_ids()
    build_directory.listing(session, group, name="Zumba", status=ListingStatus.SENT_BACK)
    services.confirm(session, member, listing)
    (mine,) = own_groups(session, member)
    assert [one.name for one in mine.listings] == ["Zumba", "Tea and talk"]
    assert mine.listings[0].attention
    assert not mine.listings[1].attention


# --- by the browser ---------------------------------------------------------------------------------------


@pytest.fixture
def signed_in(session: Session, client: HtmlClient) -> tuple[HtmlClient, UUID]:
    account = build.account(session, Role.GROUP_MEMBER)
    made = build_directory.listing(session, account.memberships[0].organization_id)
    build.sign_in(session, client, account)
    return client, made


def token_of(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def send(client: HtmlClient, path: str, **form: Any) -> Any:
    token = token_of(client.get(path).get_data(as_text=True))
    return client.post(path, data={"csrf_token": token, **form})


SECTIONS: dict[str, dict[str, Any]] = {
    "name": {"name": "Tea for all", "summary": "Tea."},
    "about": {"description": "We sit and talk."},
    "notice": {"notice": "Back on 5 January."},
    "times-in-words": {"opening_times_text": "When the sun shines."},
    "place": {
        "mode": "in-person",
        "venue": "The Mill",
        "street": "Mill Lane",
        "town": "Bury",
        "postcode": "",
    },
    "access": {"access": ["step-free", "parking"]},
    "cost": {"label_0": "Each time", "pounds_0": "2.50"},
    "join": {"join_mode": "ring-first", "capacity": "12"},
    "contact": {"phone": "0161 496 0104", "email": "", "contact_name": "Derek"},
    "first-visit": {"who_meets_you": "Derek."},
    "who": {"audience": ["adults"], "minimum_age": "18"},
    "needs": {"needs": ["food", "loneliness"]},
    "languages": {"languages": "English, Urdu"},
}


@pytest.mark.parametrize("slug", SECTIONS)
def test_each_part_has_a_form_of_its_own(
    session: Session, signed_in: tuple[HtmlClient, UUID], slug: str
) -> None:
    client, made = signed_in
    answer = send(client, f"/activities/{made}/edit/{slug}", expected_version=1, **SECTIONS[slug])
    assert answer.status_code == 303
    assert answer.location == f"/activities/{made}/edit"
    assert session.scalar(select(ListingChange.id)) is not None
    assert client.get(answer.location).status_code == 200


def test_free_for_everybody_is_one_tick(session: Session, signed_in: tuple[HtmlClient, UUID]) -> None:
    client, made = signed_in
    assert "checked" in client.get(f"/activities/{made}/edit/cost").get_data(as_text=True)
    answer = send(client, f"/activities/{made}/edit/cost", expected_version=1, is_free="y")
    assert answer.status_code == 303
    assert session.get_one(Service, made).version == 1


def test_what_is_wrong_is_said_beside_its_box(session: Session, signed_in: tuple[HtmlClient, UUID]) -> None:
    client, made = signed_in
    answer = send(client, f"/activities/{made}/edit/contact", expected_version=1, phone="12")
    assert answer.status_code == 400
    assert "Enter a UK phone number with its area code" in answer.get_data(as_text=True)


def mill() -> Postcode:
    """The one postcode whose point is known."""
    return Postcode(
        code="BL9 0AA",
        sector="BL9 0",
        lat=53.59412,
        lon=-2.29881,
        ward_code="E05014153",
        quality=Quality.EXACT,
    )


@pytest.mark.parametrize(
    ("postcode", "status", "words"),
    [
        ("bl90aa", 303, "Saved."),
        ("BL9 0ZZ", 303, "We do not know where BL9 0ZZ is."),
        ("BL9 0", 400, "BL9 0 is only part of a postcode."),
        ("hello", 400, "Enter a full UK postcode, like BL9 0AA."),
    ],
)
def test_a_place_that_we_do_not_know_is_said_to_be_unknown(
    session: Session, signed_in: tuple[HtmlClient, UUID], postcode: str, status: int, words: str
) -> None:
    load_demo_facts(session)
    session.add(mill())
    client, made = signed_in
    form = {"mode": "in-person", "venue": "The Mill", "town": "Bury", "postcode": postcode}
    answer = send(client, f"/activities/{made}/edit/place", expected_version=1, **form)
    assert answer.status_code == status
    page = (answer if status == 400 else client.get(answer.location)).get_data(as_text=True)
    assert words in page
    assert ("We do not know where" in page) == (postcode == "BL9 0ZZ")


@pytest.mark.parametrize(
    ("postcode", "point"),
    [
        ("BL9 0AA", (53.59412, -2.29881, "E05014153")),
        # The sector is known, the door is not.
        ("BL9 0ZZ", (None, None, None)),
    ],
)
def test_an_editor_who_moves_a_listing_gives_it_its_own_point_or_none(
    session: Session, listing: UUID, postcode: str, point: tuple[float | None, float | None, str | None]
) -> None:
    load_demo_facts(session)
    session.add(mill())
    editor = build.actor(session, Role.EDITOR)
    address = {"street": "Mill Lane", "town": "Bury", "postcode": postcode}
    services.submit_change(session, editor, listing, {"address": address}, 1)
    place = session.get_one(Service, listing).places[0].location
    assert (place.latitude, place.longitude, place.ward_code) == point


def test_the_second_writer_keeps_their_text_and_can_send_it_again(
    session: Session, signed_in: tuple[HtmlClient, UUID]
) -> None:
    client, made = signed_in
    path = f"/activities/{made}/edit/notice"
    token = token_of(client.get(path).get_data(as_text=True))
    first = client.post(path, data={"csrf_token": token, "expected_version": 1, "notice": "Theirs"})
    second = client.post(path, data={"csrf_token": token, "expected_version": 1, "notice": "Mine"})
    assert (first.status_code, second.status_code) == (303, 409)
    page = second.get_data(as_text=True)
    assert "Theirs" in page
    assert 'value="Mine"' in page
    assert 'name="expected_version" value="2"' in page
    again = client.post(path, data={"csrf_token": token, "expected_version": 2, "notice": "Mine"})
    assert again.status_code == 303
    session.expire_all()
    assert session.get_one(Service, made).notice == "Mine"


def test_times_are_added_changed_and_removed_a_line_at_a_time(
    session: Session, signed_in: tuple[HtmlClient, UUID]
) -> None:
    client, made = signed_in
    times = f"/activities/{made}/edit/times"
    new = {"often": "monthly--1", "days": ["SA"], "opens_at": "2pm", "closes_at": "4:30pm"}
    assert send(client, f"{times}/new", expected_version=1, **new).status_code == 303
    page = client.get(times).get_data(as_text=True)
    assert "Last Saturday of the month, 2pm to 4:30pm" in page
    wrong = send(client, f"{times}/new", expected_version=2, often="fortnightly", days=["MO"], opens_at="9am")
    assert wrong.status_code == 400
    no_day = send(client, f"{times}/new", expected_version=2, often="weekly", opens_at="9am")
    assert "Choose at least one day" in no_day.get_data(as_text=True)
    version = session.get_one(Service, made, populate_existing=True).version
    assert (
        send(
            client, f"{times}/0", expected_version=version, often="weekly", days=["WE"], opens_at="10am"
        ).status_code
        == 303
    )
    version = session.get_one(Service, made, populate_existing=True).version
    token = token_of(client.get(times).get_data(as_text=True))
    gone = client.post(f"{times}/1/remove", data={"csrf_token": token, "expected_version": version})
    assert gone.status_code == 303
    left = client.get(times).get_data(as_text=True)
    assert "Every Wednesday, 10am" in left
    assert "Last Saturday" not in left
    assert client.get(f"{times}/7").status_code == 404


def test_not_on_this_week_is_one_press_and_can_be_undone(
    session: Session, signed_in: tuple[HtmlClient, UUID]
) -> None:
    client, made = signed_in
    token = token_of(client.get("/my-groups").get_data(as_text=True))
    form = {"csrf_token": token, "session": "2026-11-24T10:00", "note": ""}
    assert client.post(f"/activities/{made}/cancel", data=form).status_code == 303
    assert "Not on" in client.get(f"/activities/{made}").get_data(as_text=True)
    assert client.post(f"/activities/{made}/restore", data=form).status_code == 303
    assert "Not on" not in client.get(f"/activities/{made}").get_data(as_text=True)


def test_a_link_in_a_note_is_refused_in_words(session: Session, signed_in: tuple[HtmlClient, UUID]) -> None:
    client, made = signed_in
    token = token_of(client.get("/my-groups").get_data(as_text=True))
    form = {"csrf_token": token, "session": "2026-11-24T10:00", "note": "see www.example.org"}
    assert client.post(f"/activities/{made}/cancel", data=form).status_code == 303
    page = client.get(f"/activities/{made}/edit").get_data(as_text=True)
    assert "Leave web addresses out of the note" in page


def test_a_new_listing_is_made_once_however_often_it_is_sent(
    session: Session, signed_in: tuple[HtmlClient, UUID]
) -> None:
    client, made = signed_in
    group = session.get_one(Service, made).organization_id
    path = f"/my-groups/{group}/new"
    page = client.get(path).get_data(as_text=True)
    key = page.partition('name="idempotency_key" value="')[2].partition('"')[0]
    form = {
        "csrf_token": token_of(page),
        "idempotency_key": key,
        "name": "Chess",
        "summary": "Chess for all.",
        "mode": "online",
        "join_mode": "turn-up",
    }
    first, second = client.post(path, data=form), client.post(path, data=form)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert len(session.scalars(select(Service.id).where(Service.name == "Chess")).all()) == 1


def test_the_words_of_a_new_listing_offer_needs_that_nobody_has_to_take(
    session: Session, signed_in: tuple[HtmlClient, UUID]
) -> None:
    client, made = signed_in
    path = f"/my-groups/{session.get_one(Service, made).organization_id}/new"
    page = client.get(path).get_data(as_text=True)
    assert "suggested" not in page
    key = page.partition('name="idempotency_key" value="')[2].partition('"')[0]
    form = {"idempotency_key": key, "summary": "Debt advice and help with bills.", "mode": "online"}
    left_out = send(client, path, **form, name="Kitchen table")
    assert left_out.status_code == 400
    assert "Choose how people can join" in left_out.get_data(as_text=True)

    form |= {"join_mode": "turn-up", "name": "Kitchen table"}
    asked = send(client, path, **form)
    shown = asked.get_data(as_text=True)
    assert asked.status_code == 200
    assert "You wrote: debt" in shown
    assert 'value="money-and-debt"' in shown
    assert "checked" not in shown.partition('value="money-and-debt"')[2].partition(">")[0]
    assert session.scalar(select(Service.id).where(Service.name == "Kitchen table")) is None

    odd = send(client, path, **form, looked="yes", suggested="gold")
    assert odd.status_code == 400
    nameless = send(client, path, **form | {"name": ""}, looked="yes", suggested="money-and-debt")
    assert (
        "checked" in nameless.get_data(as_text=True).partition('value="money-and-debt"')[2].partition(">")[0]
    )
    assert send(client, path, **form, looked="yes", suggested="money-and-debt").status_code == 303
    row = session.scalars(select(Service).where(Service.name == "Kitchen table")).one()
    assert content_of(row)["needs"] == ["money-and-debt"]


def test_what_is_left_unticked_of_the_offered_needs_is_not_taken(
    session: Session, signed_in: tuple[HtmlClient, UUID]
) -> None:
    client, made = signed_in
    row = session.get_one(Service, made)
    row.summary, row.description = "Debt advice and help with bills.", ""
    session.commit()
    needs = content_of(row)["needs"]
    path = f"/activities/{made}/edit/needs"
    shown = client.get(path).get_data(as_text=True)
    assert "Does it help with any of these?" in shown
    assert shown.count('value="money-and-debt"') == 1
    seen = shown.partition('name="expected_version" value="')[2].partition('"')[0]
    assert send(client, path, expected_version=seen, needs=needs).status_code == 303
    session.expire_all()
    assert content_of(session.get_one(Service, made))["needs"] == needs
    assert (
        send(client, path, expected_version=seen, needs=needs, suggested="money-and-debt").status_code == 303
    )
    shown = client.get(path).get_data(as_text=True)
    assert "Does it help with any of these?" not in shown
    assert "checked" in shown.partition('value="money-and-debt"')[2].partition(">")[0]


def test_closing_asks_first_and_history_tells_it(
    session: Session, signed_in: tuple[HtmlClient, UUID]
) -> None:
    client, made = signed_in
    path = f"/activities/{made}/move/close"
    assert "Close for good?" in client.get(path).get_data(as_text=True)
    assert send(client, path, reason="Nobody left to run it.").status_code == 303
    assert client.get(f"/activities/{made}").status_code == 410
    told = client.get(f"/activities/{made}/history").get_data(as_text=True)
    assert "Closed for good" in told
    assert "Nobody left to run it." in told
    assert client.get(path).status_code == 404
