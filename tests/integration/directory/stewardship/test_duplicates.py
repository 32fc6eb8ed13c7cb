"""What is there twice: found, made one so that nothing breaks, and made two again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.db import new_id
from core.errors import Invalid, NotFound, Refused
from directory import published
from directory.listings import services as listings
from directory.listings.content import content_of
from directory.listings.models import ChangeState, ListingChange, Organization, Service
from directory.listings.rules import ListingStatus
from directory.stewardship.claims import queries as claims
from directory.stewardship.duplicates import merging, queries, services
from directory.stewardship.duplicates.models import DuplicatePair, Kind
from directory.stewardship.duplicates.rules import Entry, Found, find
from directory.stewardship.freshness import owners
from tests import build, build_directory
from tests.html import HtmlClient, parse, text_of


@pytest.fixture
def editor(session: Session) -> Actor:
    return build.actor(session, Role.EDITOR)


@pytest.fixture
def pair(session: Session) -> tuple[UUID, UUID]:
    """The same activity twice, by two groups, the second one saying more."""
    first = build_directory.listing(session, name="Tea and talk", notice=None)
    second = build_directory.listing(session, name="Tea & Talk", what_to_bring="A cup", summary="Tea.")
    return first, second


def held(session: Session) -> list[DuplicatePair]:
    return list(session.scalars(select(DuplicatePair).order_by(DuplicatePair.score.desc())))


def scan(session: Session) -> int:
    """The nightly look: it sees what is committed."""
    session.commit()
    return services.scan(session)


def test_the_nightly_look_finds_pairs_once_and_says_why(
    session: Session, editor: Actor, pair: tuple[UUID, UUID]
) -> None:
    build_directory.listing(session, name="Chess", phone="0161 496 0109", schedules=[])
    assert scan(session) == 1
    assert scan(session) == 1
    (line,) = queries.pairs(session, editor).lines
    assert {line.first, line.second} == {"Tea and talk", "Tea & Talk"}
    assert [reason.words for reason in line.reasons][:2] == [
        "The names say the same",
        "The same phone number",
    ]
    assert queries.count_open(session) == 1


def test_what_is_different_is_not_asked_about_again(
    session: Session, editor: Actor, pair: tuple[UUID, UUID]
) -> None:
    scan(session)
    (row,) = held(session)
    services.dismiss(session, editor, row.id)
    scan(session)
    assert queries.pairs(session, editor).total == 0
    assert len(held(session)) == 1


def test_what_is_no_longer_alike_leaves_the_list(
    session: Session, editor: Actor, pair: tuple[UUID, UUID]
) -> None:
    scan(session)
    version = session.get_one(Service, pair[1]).version
    listings.submit_change(session, editor, pair[1], {"name": "Boxing", "phone": "0161 496 0109"}, version)
    scan(session)
    assert held(session) == []


def test_nobody_who_writes_waits_while_the_borough_is_compared(
    session: Session, pair: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    session.commit()
    told: list[str] = []

    def find_slowly(entries: Sequence[Entry]) -> list[Found]:
        with Session(session.get_bind()) as another:
            another.execute(update(Service).where(Service.id == pair[1]).values(status=ListingStatus.CLOSED))
            another.commit()
            told.append("written")
        return find(entries)

    monkeypatch.setattr(services, "find", find_slowly)
    services.scan(session)
    assert told == ["written", "written"]
    assert held(session) == [], "one of the two was closed meanwhile: nobody is asked about it"


def test_what_is_found_while_the_borough_is_compared_stays_on_the_list(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_directory.listing(session, name="Tea and talk")
    session.commit()

    def find_slowly(entries: Sequence[Entry]) -> list[Found]:
        found = find(entries)
        with Session(session.get_bind()) as another:
            if not held(another):
                second = build_directory.listing(another, name="Tea & Talk")
                services.look_for(another, [second])
                another.commit()
        return found

    monkeypatch.setattr(services, "find", find_slowly)
    services.scan(session)
    assert len(held(session)) == 1


def test_a_new_listing_is_looked_at_when_it_is_begun_and_when_it_is_sent(session: Session) -> None:
    member = build.actor(session, Role.GROUP_MEMBER)
    (group,) = member.organization_ids()
    old = build_directory.listing(session, group, name="Knit and natter")
    new = listings.create_listing(
        session,
        member,
        group,
        {"name": "Knit & Natter", "summary": "Wool.", "mode": "in-person", "join_mode": "turn-up"},
    )
    (early,) = held(session)
    likely = early.score
    version = session.get_one(Service, new).version
    listings.submit_change(
        session,
        member,
        new,
        {
            "description": "Wool.",
            "needs": ["loneliness"],
            "phone": "0161 496 0101",
            "venue": "Hall",
            "address": {"postcode": "M26 1AA"},
            "schedules": content_of(session.get_one(Service, old))["schedules"],
        },
        version,
    )
    listings.move_status(session, member, new, ListingStatus.WAITING)
    (row,) = held(session)
    assert {row.first_id, row.second_id} == {old, new}
    assert row.score > likely
    (line,) = queries.pairs_of(session, Kind.ACTIVITY, new)
    assert line.likely == "Very likely"


def test_merging_keeps_what_was_chosen_and_leads_the_old_address_on(
    session: Session, editor: Actor, client: HtmlClient, pair: tuple[UUID, UUID]
) -> None:
    first, second = pair
    waiting = build_directory.change(session, second, ChangeState.WAITING, summary="Tea!")
    scan(session)
    merge_id = merging.merge(session, editor, Kind.ACTIVITY, second, first, ["what_to_bring"])
    assert held(session) == []
    content = content_of(session.get_one(Service, first))
    assert content["what_to_bring"] == "A cup"
    assert content["summary"] == "Tea, and somebody to talk to."
    assert session.get_one(ListingChange, waiting).state is ChangeState.SUPERSEDED
    session.commit()
    for path in ("", ".ics"):
        answer = client.get(f"/activities/{second}{path}")
        assert (answer.status_code, answer.headers["Location"]) == (301, f"/activities/{first}{path}")
    assert client.get(f"/activities/{new_id()}").status_code == 404
    offer = published.offers(session, [second, first])
    assert offer[second] == offer[first]
    assert published.offer(session, second).service_id == first
    assert published.briefs(session, [second])[second].name == "Tea and talk"
    assert published.known_ids(session, first) == {first, second}
    assert published.sessions_of_many(session, [second], clock.today(), clock.today()).keys() == {second}
    assert published.cards(session, [first, second], today=clock.today())[0].id == first
    merging.undo(session, editor, merge_id)
    session.commit()
    assert client.get(f"/activities/{second}").status_code == 200
    assert content_of(session.get_one(Service, first))["what_to_bring"] is None
    assert session.get_one(ListingChange, waiting).state is ChangeState.WAITING
    assert published.known_ids(session, first) == {first}


def test_merging_twice_leads_all_the_way_and_is_undone_from_the_end(session: Session, editor: Actor) -> None:
    one, two, three = (build_directory.listing(session) for _ in range(3))
    earlier = merging.merge(session, editor, Kind.ACTIVITY, one, two, [])
    later = merging.merge(session, editor, Kind.ACTIVITY, two, three, [])
    assert published.offer(session, one).service_id == three
    assert published.known_ids(session, one) == {one, two, three}
    with pytest.raises(Refused, match="Undo that first"):
        merging.undo(session, editor, earlier)
    merging.undo(session, editor, later)
    merging.undo(session, editor, earlier)
    assert published.offer(session, one).service_id == one
    with pytest.raises(Refused, match="already"):
        merging.undo(session, editor, earlier)


def test_what_was_changed_since_stays_when_a_merge_is_undone(
    session: Session, editor: Actor, pair: tuple[UUID, UUID]
) -> None:
    first, second = pair
    merge_id = merging.merge(session, editor, Kind.ACTIVITY, second, first, ["what_to_bring", "summary"])
    version = session.get_one(Service, first).version
    listings.submit_change(session, editor, first, {"summary": "Tea for all."}, version)
    merging.undo(session, editor, merge_id)
    content = content_of(session.get_one(Service, first))
    assert (content["summary"], content["what_to_bring"]) == ("Tea for all.", None)


def test_groups_come_together_with_their_activities(
    session: Session, editor: Actor, client: HtmlClient
) -> None:
    member = build.actor(session, Role.GROUP_MEMBER)
    (old,) = member.organization_ids()
    into = build_directory.organization(session)
    activity = build_directory.listing(session, old)
    session.get_one(Organization, old).website = "https://tea.example"
    session.flush()
    merge_id = merging.merge(session, editor, Kind.GROUP, old, into, ["website"])
    session.commit()
    assert session.get_one(Organization, into).website == "https://tea.example"
    answer = client.get(f"/groups/{old}?from=a")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/groups/{into}?from=a")
    assert published.offer(session, activity).group_id == into
    assert published.known_group_ids(session, into) == {old, into}
    assert [offer.service_id for offer in published.offers_of_group(session, old)] == [activity]
    version = session.get_one(Service, activity).version
    done = listings.submit_change(session, member, activity, {"name": "Tea"}, version)
    assert done.waiting == ("name",)
    merging.undo(session, editor, merge_id)
    session.commit()
    assert session.get_one(Organization, into).website is None
    assert session.get_one(Service, activity).organization_id == old


def test_the_people_of_a_merged_group_keep_what_became_of_it(
    session: Session, editor: Actor, make_client: Callable[[], HtmlClient]
) -> None:
    account = build.account(session, Role.GROUP_MEMBER)
    member = build.actor_of(account)
    (first,) = member.organization_ids()
    second, third = build_directory.organization(session), build_directory.organization(session)
    activity = build_directory.listing(session, first)
    merging.merge(session, editor, Kind.GROUP, first, second, [])
    merging.merge(session, editor, Kind.GROUP, second, third, [])
    session.commit()
    version = session.get_one(Service, activity).version
    done = listings.submit_change(session, member, activity, {"notice": "Come at 11"}, version)
    assert done.at_once == ("notice",)
    values = {"name": "Chess", "summary": "", "mode": "in-person", "join_mode": "turn-up"}
    begun = listings.create_listing(session, member, third, values)
    assert session.get_one(Service, begun).organization_id == third
    row = session.get_one(Service, activity)
    (owner,) = owners.owners_of(session, [row])
    assert owner.account_id == member.account_id
    assert row in owners.listings_of(session, owner)
    (person,) = claims.people(session, editor, third).people
    assert person.account_id == member.account_id
    assert claims.people(session, member, third).may_manage
    assert claims.claimable(session, third).has_people
    session.commit()
    client = make_client()
    build.sign_in(session, client, account)
    assert "Change this page" in client.get(f"/activities/{activity}").text
    stranger = build.actor(session, Role.GROUP_MEMBER)
    with pytest.raises(NotFound):
        claims.people(session, stranger, third)


def test_only_editors_merge_and_nothing_with_itself(
    session: Session, editor: Actor, pair: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = build.actor(session, Role.GROUP_MEMBER)
    first, second = pair
    with pytest.raises(NotFound):
        merging.merge(session, stranger, Kind.ACTIVITY, second, first, [])
    with pytest.raises(Invalid):
        merging.merge(session, editor, Kind.ACTIVITY, first, first, [])
    merge_id = merging.merge(session, editor, Kind.ACTIVITY, second, first, [])
    for deed in (
        lambda: merging.merge(session, editor, Kind.ACTIVITY, second, first, []),
        lambda: merging.undo(session, stranger, merge_id),
        lambda: queries.pairs(session, stranger),
        lambda: queries.merges(session, stranger),
        lambda: services.dismiss(session, stranger, new_id()),
    ):
        with pytest.raises(NotFound):
            deed()
    later = build.days_ahead(31)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(Refused, match="30 days"):
        merging.undo(session, editor, merge_id)


def test_a_group_that_somebody_tells_us_of_is_compared(session: Session) -> None:
    group = session.get_one(Organization, build_directory.organization(session))
    group.name, group.website = "Radcliffe Men's Shed", "https://shed.example"
    session.flush()
    (like,) = queries.like_group(session, name="Mens Shed Radcliffe", website="http://www.shed.example/")
    assert like.path == f"/groups/{group.id}"
    assert queries.like_group(session, name="Choir") == ()


def test_side_by_side_in_the_browser(session: Session, client: HtmlClient, pair: tuple[UUID, UUID]) -> None:
    first, second = pair
    scan(session)
    build.sign_in(session, client, build.account(session, Role.EDITOR))
    page = client.get("/moderation/duplicates").get_data(as_text=True)
    assert "1 pair, the likeliest first" in text_of(parse(page))
    (row,) = held(session)
    there = f"/moderation/duplicates/{row.id}"
    asked = client.get(there).get_data(as_text=True)
    assert "Where they differ" in asked
    token = asked.partition('name="csrf_token" value="')[2].partition('"')[0]
    key = asked.partition('name="idempotency_key" value="')[2].partition('"')[0]
    data = {"csrf_token": token, "idempotency_key": key, "keep": str(first), "field-summary": "second"}
    if row.first_id != first:
        data["field-summary"] = "first"
    assert client.post(there, data=data | {"keep": ""}).status_code == 400
    for _ in range(2):
        assert client.post(there, data=data).status_code == 303
    assert content_of(session.get_one(Service, first))["summary"] == "Tea."
    done = client.get("/moderation/duplicates").get_data(as_text=True)
    assert "went into" in done
    undo = done.partition('action="/moderation/merges/')[2].partition('"')[0]
    assert client.post(f"/moderation/merges/{undo}", data={"csrf_token": token}).status_code == 303
    assert client.get(f"/activities/{second}").status_code == 200
