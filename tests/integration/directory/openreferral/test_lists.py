"""The lists of the open API: what is in them, what narrows them, and how they are paged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.geography.models import Postcode
from core.geography.rules import Quality
from directory.listings.models import (
    Location,
    Organization,
    Service,
    ServiceAtLocation,
    Taxonomy,
    TaxonomyTerm,
)
from directory.listings.rules import ListingStatus
from directory.search.services import rebuild
from tests import build_directory
from tests.html import HtmlClient

# A Tuesday.
NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
UK, HSDS = "/api/oruk/v3", "/api/hsds/v3"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


def ask(client: HtmlClient, path: str, base: str = UK, **parameters: object) -> dict[str, Any]:
    answer = client.get(f"{base}/{path}?{urlencode(parameters)}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def names(client: HtmlClient, path: str = "services", base: str = UK, **parameters: object) -> list[str]:
    return [
        one.get("name") or one["service"]["name"] for one in ask(client, path, base, **parameters)["contents"]
    ]


def refused(client: HtmlClient, path: str, base: str = UK, **parameters: object) -> dict[str, str]:
    answer = client.get(f"{base}/{path}?{urlencode(parameters)}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    return {one["parameter"]: one["detail"] for one in answer.get_json()["errors"]}


def times(day: str, start: str = "10:00", end: str | None = "12:00", **parts: Any) -> list[dict[str, Any]]:
    rule = {"freq": "WEEKLY", "dtstart": "2026-01-01", "opens_at": start, "byday": [day]}
    return [rule | ({"closes_at": end} if end else {}) | parts]


@pytest.mark.parametrize("base", [UK, HSDS])
def test_a_base_says_what_it_is(client: HtmlClient, base: str) -> None:
    said = client.get(f"{base}/").get_json()
    assert said["version"] == {UK: "HSDS-UK-3.0", HSDS: "3.0"}[base]
    document = client.get(said["openapi_url"].removeprefix("http://localhost")).get_json()
    assert document["openapi"] == "3.1.0"
    assert client.get(base).get_json() == said


def test_only_what_is_published_is_given(client: HtmlClient, session: Session) -> None:
    for status in ListingStatus:
        build_directory.listing(session, status=status, name=status.value)
    assert sorted(names(client)) == ["paused", "published"]
    assert sorted(names(client, "service_at_locations")) == ["paused", "published"]
    assert ask(client, "organizations")["total_items"] == 2
    hidden = session.scalars(select(Service).where(Service.status == ListingStatus.WAITING)).one()
    assert client.get(f"{UK}/services/{hidden.id}").status_code == 404
    closed = session.scalars(select(Service).where(Service.status == ListingStatus.CLOSED)).one()
    answer = client.get(f"{UK}/services/{closed.id}")
    assert (answer.status_code, answer.mimetype) == (410, "application/problem+json")


def test_pages_hold_together(client: HtmlClient, session: Session) -> None:
    for number in range(5):
        build_directory.listing(session, name=f"Tea {number}")
    first, last = ask(client, "services", per_page=2), ask(client, "services", per_page=2, page=3)
    assert {key: value for key, value in first.items() if key != "contents"} == {
        "total_items": 5,
        "total_pages": 3,
        "page_number": 1,
        "size": 2,
        "first_page": True,
        "last_page": False,
        "empty": False,
    }
    assert (last["size"], last["last_page"]) == (1, True)
    past = ask(client, "services", per_page=2, page=10**17)
    assert (past["empty"], past["contents"], past["total_items"]) == (True, [], 5)
    walked = [one for page in (1, 2, 3) for one in names(client, per_page=2, page=page)]
    assert walked == names(client)


@pytest.mark.parametrize("base", [UK, HSDS])
@pytest.mark.parametrize(
    "name", ["services", "service_at_locations", "organizations", "taxonomies", "taxonomy_terms"]
)
def test_nonsense_is_refused_with_how_to_mend_it(client: HtmlClient, base: str, name: str) -> None:
    said = refused(client, name, base, page="banana", per_page=0, format="xml", colour="red")
    assert set(said) == {"page", "per_page", "format", "colour"}
    answer = client.get(f"{base}/{name}/{uuid4()}")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    answer = client.get(f"{base}/{name}/no-id")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    answer = client.post(f"{base}/{name}")
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")


def test_terms_narrow_services(client: HtmlClient, session: Session) -> None:
    build_directory.listing(session, name="Lonely", needs=["loneliness"])
    build_directory.listing(session, name="Broke", needs=["money-and-debt"], access=["step-free"])
    terms = dict(session.execute(select(TaxonomyTerm.slug, TaxonomyTerm.id)).all())
    taxonomies = dict(session.execute(select(Taxonomy.slug, Taxonomy.id)).all())
    assert names(client, taxonomy_term_id=terms["money-and-debt"]) == ["Broke"]
    # What is said of the place where it is counts for the service.
    assert names(client, taxonomy_term_id=terms["step-free"]) == ["Broke"]
    assert names(client, "service_at_locations", taxonomy_id=taxonomies["access"]) == ["Broke"]
    assert sorted(names(client, taxonomy_id=taxonomies["needs"])) == ["Broke", "Lonely"]
    assert names(client, taxonomy_term_id=uuid4()) == []
    assert names(client, taxonomy_term_id=terms["money-and-debt"], taxonomy_id=taxonomies["audiences"]) == []


def test_a_merged_term_leads_to_the_one_that_took_it_in(client: HtmlClient, session: Session) -> None:
    build_directory.listing(session, name="Broke", needs=["money-and-debt"])
    kept = session.scalars(select(TaxonomyTerm).where(TaxonomyTerm.slug == "money-and-debt")).one()
    old = TaxonomyTerm(
        taxonomy_id=kept.taxonomy_id, slug="owing", name="Owing", description="Owing", merged_into_id=kept.id
    )
    session.add(old)
    session.flush()
    assert names(client, taxonomy_term_id=old.id) == ["Broke"]
    answer = client.get(f"{UK}/taxonomy_terms/{old.id}")
    assert (answer.status_code, answer.location) == (301, f"http://localhost{UK}/taxonomy_terms/{kept.id}")
    assert "Owing" not in names(client, "taxonomy_terms", per_page=1000)


def test_a_merged_listing_leads_to_the_one_that_took_it_in(client: HtmlClient, session: Session) -> None:
    kept, old = (
        build_directory.listing(session),
        build_directory.listing(session, status=ListingStatus.WITHDRAWN),
    )
    session.get_one(Service, old).merged_into_id = kept
    answer = client.get(f"{HSDS}/services/{old}")
    assert (answer.status_code, answer.location) == (301, f"http://localhost{HSDS}/services/{kept}")
    group = session.get_one(Service, old).organization
    group.merged_into_id = session.get_one(Service, kept).organization_id
    answer = client.get(f"{HSDS}/organizations/{group.id}")
    assert answer.location == f"http://localhost{HSDS}/organizations/{group.merged_into_id}"


def test_groups_and_changes_narrow_services(client: HtmlClient, session: Session) -> None:
    old, new = build_directory.listing(session, name="Old"), build_directory.listing(session, name="New")
    session.get_one(Service, old).updated_at = NOW - timedelta(days=9)
    session.get_one(Service, new).updated_at = NOW - timedelta(days=1)
    group = session.get_one(Service, old).organization_id
    assert names(client, organization_id=group) == ["Old"]
    assert names(client, modified_after="2026-03-01T00:00:00Z") == ["New"]
    at_that_moment = (NOW - timedelta(days=9)).isoformat()
    assert sorted(names(client, modified_after=at_that_moment)) == ["New", "Old"]
    minimal = ask(client, "services", minimal="true", modified_after="2026-03-01")
    assert minimal["contents"] == [
        {"id": str(new), "name": "New", "status": "active", "last_modified": "2026-03-02T09:00:00.000Z"}
    ]


def test_a_minimal_list_is_one_page_unless_a_size_is_asked_for(client: HtmlClient, session: Session) -> None:
    for _ in range(60):
        build_directory.listing(session)
    assert ask(client, "services", minimal="true")["size"] == 60
    assert ask(client, "services", minimal="true", per_page=10)["size"] == 10


def test_ages_narrow_on_the_uk_base_only(client: HtmlClient, session: Session) -> None:
    build_directory.listing(session, name="Anyone")
    build_directory.listing(session, name="Teenagers", minimum_age=13, maximum_age=19)
    build_directory.listing(session, name="Elders", minimum_age=60)
    assert sorted(names(client, minimum_age=0)) == ["Anyone", "Elders", "Teenagers"]
    assert sorted(names(client, minimum_age=13)) == ["Elders", "Teenagers"]
    assert names(client, maximum_age=19) == ["Teenagers"]
    assert names(client, "service_at_locations", minimum_age=50) == ["Elders"]
    assert "/api/oruk/v3" in refused(client, "services", HSDS, minimum_age=13)["minimum_age"]


def test_days_and_times_are_those_of_real_sessions(client: HtmlClient, session: Session) -> None:
    build_directory.listing(session, name="Tuesdays", schedules=times("TU"))
    build_directory.listing(session, name="First Tuesday", schedules=times("TU", freq="MONTHLY", nth=1))
    build_directory.listing(session, name="Last Tuesday", schedules=times("TU", freq="MONTHLY", nth=-1))
    build_directory.listing(
        session, name="Called off", schedules=times("TU"), exceptions=[{"on": "2026-03-03"}]
    )
    build_directory.listing(
        session,
        name="Moved here",
        schedules=times("WE"),
        exceptions=[{"on": "2026-03-11", "moved_to": "2026-03-03"}],
    )
    build_directory.listing(session, name="Evening", schedules=times("TU", "19:00", "21:00"))
    build_directory.listing(session, name="No end", schedules=times("TU", "10:30", None))
    everything = {"Tuesdays", "First Tuesday", "Moved here", "Evening", "No end"}
    assert set(names(client, day="TU")) == everything
    assert set(names(client, "service_at_locations", day="TU")) == everything
    assert set(names(client, day="TU", start_time="18:00")) == {"Evening"}
    assert set(names(client, day="TU", end_time="12:00")) == {"Tuesdays", "First Tuesday", "Moved here"}
    assert set(names(client, day="TU", start_time="10:30")) == {"Evening", "No end"}
    # Times and days must be met by one and the same session.
    assert names(client, day="WE", start_time="18:00") == []
    assert set(names(client, start_time="18:00")) == {"Evening"}
    with clock.at(NOW + timedelta(days=7)):
        assert "First Tuesday" not in names(client, day="TU")
    assert names(client, day="TU", per_page=2, page=2) == names(client, day="TU")[2:4]


def test_words_find_what_holds_them_and_combine_with_the_rest(client: HtmlClient, session: Session) -> None:
    build_directory.listing(session, name="Knitting circle", minimum_age=60)
    build_directory.listing(session, name="Knitting for beginners")
    build_directory.listing(session, name="Football")
    assert sorted(names(client, search="knitting")) == ["Knitting circle", "Knitting for beginners"]
    assert names(client, search="knitting", minimum_age=60) == ["Knitting circle"]
    assert names(client, "service_at_locations", search="football") == ["Football"]
    assert names(client, search="zzzzz") == []
    # Nothing is given up to find something: every word that was asked for counts.
    assert names(client, search="football qwertyuiop") == []


def test_words_are_found_by_the_index_as_by_the_database(client: HtmlClient, session: Session) -> None:
    for number in range(12):
        build_directory.listing(session, name=f"Knitting {number}", summary="Wool and company.")
    build_directory.listing(session, name="Football", summary="Come and kick a ball.")
    session.commit()
    by_database = names(client, search="knitting")
    rebuild(session)
    by_index = names(client, search="knitting")
    assert sorted(by_index) == sorted(by_database) == sorted(f"Knitting {number}" for number in range(12))
    assert names(client, search="knitting", per_page=5, page=3) == by_index[10:]
    assert names(client, search="football qwertyuiop") == []
    assert names(client, search="!!!") == []


def place(session: Session, listing: UUID, latitude: float, longitude: float) -> None:
    spot = session.scalars(
        select(Location).join(ServiceAtLocation).where(ServiceAtLocation.service_id == listing)
    ).one()
    spot.latitude, spot.longitude = latitude, longitude


def test_places_are_measured_from_a_postcode(client: HtmlClient, session: Session) -> None:
    session.add(Postcode(code="BL9 0AA", sector="BL9 0", quality=Quality.EXACT, lat=53.6, lon=-2.3))
    near, far = build_directory.listing(session, name="Near"), build_directory.listing(session, name="Far")
    build_directory.listing(session, name="Somewhere")
    hidden = build_directory.listing(session, name="Refuge", masked_location=True)
    place(session, far, 53.65, -2.3)
    place(session, near, 53.601, -2.3)
    place(session, hidden, 53.6, -2.3)
    assert names(client, "service_at_locations", postcode="bl90aa") == ["Near", "Far", "Somewhere"]
    assert names(client, "service_at_locations", postcode="BL9 0AA", proximity=500) == ["Near"]
    assert names(client, "service_at_locations", postcode="BL9 0AA", proximity=9000) == ["Near", "Far"]
    assert "postcode" in refused(client, "service_at_locations", postcode="QQ1 1QQ")
    assert "postcode too" in refused(client, "service_at_locations", proximity=500)["proximity"]


def test_a_private_address_is_told_to_nobody(client: HtmlClient, session: Session) -> None:
    refuge = build_directory.listing(
        session,
        name="Refuge",
        masked_location=True,
        venue="Hidden House",
        address={"street": "Secret Street", "town": "Bury", "postcode": "BL9 0AA"},
        getting_there="Behind the mill",
    )
    place(session, refuge, 53.61234, -2.31234)
    at = session.scalars(select(ServiceAtLocation.id)).one()
    for base in (UK, HSDS):
        assert ask(client, "service_at_locations", base)["total_items"] == 0
        assert client.get(f"{base}/service_at_locations/{at}").status_code == 404
        for path in (
            "services?full=true",
            "services?full=true&format=ndjson",
            f"services/{refuge}",
            "organizations?full_service=true",
            "service_at_locations?full=true&format=ndjson",
        ):
            said = client.get(f"{base}/{path}").get_data(as_text=True)
            for secret in ("Hidden House", "Secret Street", "BL9 0AA", "53.612", "-2.312", "the mill"):
                assert secret not in said, path


def test_organizations_come_with_their_services_when_asked(client: HtmlClient, session: Session) -> None:
    listing = build_directory.listing(session, name="Tea", phone="0161 496 0101")
    build_directory.listing(
        session, session.get_one(Service, listing).organization_id, name="Draft", status=ListingStatus.DRAFT
    )
    group = session.get_one(Service, listing).organization
    group.name, group.description, group.charity_number = "Peel Mill Friends", "We meet.", "1234567"
    [flat] = ask(client, "organizations", HSDS)["contents"]
    assert "services" not in flat
    [full] = ask(client, "organizations", HSDS, full="true")["contents"]
    assert [one["name"] for one in full["services"]] == ["Tea"]
    assert "schedules" not in full["services"][0]
    [whole] = ask(client, "organizations", HSDS, full_service="true")["contents"]
    assert whole["services"][0]["schedules"]
    one = client.get(f"{HSDS}/organizations/{group.id}?full_service=true").get_json()
    assert one == whole
    assert one["organization_identifiers"][0]["identifier"] == "1234567"
    assert names(client, "organizations", search="mill peel") == ["Peel Mill Friends"]
    assert names(client, "organizations", search="mill unknown") == []
    assert client.get(f"{HSDS}/organizations/{build_directory.organization(session)}").status_code == 404


def test_vocabularies(client: HtmlClient, session: Session) -> None:
    needs = session.scalars(select(Taxonomy).where(Taxonomy.slug == "needs")).one()
    parent = session.scalars(select(TaxonomyTerm).where(TaxonomyTerm.slug == "money-and-debt")).one()
    child = TaxonomyTerm(
        taxonomy_id=needs.id, slug="bills", name="Energy bills", description="Bills", parent_id=parent.id
    )
    session.add(child)
    session.flush()
    assert needs.name in names(client, "taxonomies")
    assert names(client, "taxonomies", search=needs.name) == [needs.name]
    assert names(client, "taxonomy_terms", parent_id=parent.id) == ["Energy bills"]
    assert "Energy bills" in names(client, "taxonomy_terms", search="bills energy")
    assert names(client, "taxonomy_terms", search="energy qwerty") == []
    top = names(client, "taxonomy_terms", top_only="true", taxonomy_id=needs.id, per_page=1000)
    assert parent.name in top
    assert "Energy bills" not in top
    said = client.get(f"{UK}/taxonomy_terms/{child.id}").get_json()
    assert (said["taxonomy"], said["parent_id"], said["term"]) == (needs.name, str(parent.id), "Energy bills")
    assert client.get(f"{UK}/taxonomies/{needs.id}").get_json()["name"] == needs.name


@pytest.mark.parametrize("name", ["services", "service_at_locations", "organizations", "taxonomy_terms"])
def test_a_stream_gives_everything_line_by_line(client: HtmlClient, session: Session, name: str) -> None:
    for number in range(7):
        build_directory.listing(session, name=f"Tea {number}\nand talk")
    full = {} if name == "taxonomy_terms" else {"full": "true"}
    answer = client.get(f"{HSDS}/{name}?{urlencode({'format': 'ndjson', 'per_page': 2, **full})}")
    assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson")
    lines = [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]
    assert lines == ask(client, name, HSDS, per_page=1000, **full)["contents"]
    assert len(lines) >= 7


def test_what_is_not_known_is_left_out(client: HtmlClient, session: Session) -> None:
    listing = build_directory.listing(
        session, phone=None, costs=[], schedules=[], opening_times_text="Most mornings", url="ring us"
    )
    said = client.get(f"{HSDS}/services/{listing}").get_data(as_text=True)
    assert "null" not in said
    whole = json.loads(said)
    assert not {"phones", "cost_options", "fees", "url"} & set(whole)
    assert [one["description"] for one in whole["schedules"]] == ["Most mornings"]


def test_times_are_given_as_they_run(client: HtmlClient, session: Session) -> None:
    listing = build_directory.listing(
        session,
        schedules=[
            *times("TU", freq="MONTHLY", nth=2),
            {"freq": "ONCE", "dtstart": "2026-03-20", "opens_at": "10:00", "closes_at": "12:00"},
        ],
        exceptions=[{"on": "2026-03-10", "note": "Floor being mended"}, {"on": "2026-01-13"}],
    )
    monthly, single = client.get(f"{HSDS}/services/{listing}").get_json()["schedules"]
    assert (monthly["freq"], monthly["byday"], monthly["interval"]) == ("MONTHLY", "2TU", 1)
    assert (monthly["opens_at"], monthly["closes_at"]) == ("10:00:00", "12:00:00")
    assert monthly["notes"] == "Not on Tuesday 10 March (Floor being mended)."
    assert (single["freq"], single["valid_from"], single["until"]) == ("WEEKLY", "2026-03-20", "2026-03-20")
    uk = client.get(f"{UK}/services/{listing}").get_json()["schedules"]
    assert "until" not in uk[1]
    assert uk[1]["valid_to"] == "2026-03-20"


def test_what_needs_no_journey_is_for_the_whole_borough(client: HtmlClient, session: Session) -> None:
    listing = build_directory.listing(session, mode="online")
    [area] = client.get(f"{UK}/services/{listing}").get_json()["service_areas"]
    assert (area["name"], area["service_area"]) == ("Bury", "Online")
    group = session.scalars(select(Organization)).one()
    assert group.name == client.get(f"{UK}/services/{listing}").get_json()["organization"]["name"]
