"""Whoever reads the open API: caches, pages of other sites, those who ask too much, and holders of keys."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.db import db
from directory.listings.models import Service, Source, TaxonomyTerm
from directory.listings.rules import ListingStatus
from directory.openreferral import limits
from directory.openreferral.models import ApiKey
from tests import build, build_directory
from tests.html import HtmlClient, parse, text_of

NOW = datetime(2026, 3, 3, 9, 0, 1, tzinfo=UTC)
SERVICES = "/api/oruk/v3/services"


@pytest.fixture
def settings_changes() -> dict[str, Any]:
    return {"api_per_minute": 30}


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.at(NOW):
        yield


def test_what_did_not_change_is_not_sent_again(client: HtmlClient, session: Session) -> None:
    listing = build_directory.listing(session)
    for address in (SERVICES, f"{SERVICES}/{listing}", "/api/oruk/v3/openapi.json"):
        first = client.get(address)
        assert first.headers["Cache-Control"] == "public, max-age=60"
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.get_data()) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == "public, max-age=60"
    seen = client.get(SERVICES)
    assert (
        client.get(SERVICES, headers={"If-Modified-Since": seen.headers["Last-Modified"]}).status_code == 304
    )
    with clock.at(NOW + timedelta(seconds=5)):
        session.get_one(Service, listing).name = "Coffee"
        session.commit()
        answer = client.get(
            SERVICES,
            headers={
                "If-None-Match": seen.headers["ETag"],
                "If-Modified-Since": seen.headers["Last-Modified"],
            },
        )
        assert answer.status_code == 200
        session.get_one(Service, listing).status = ListingStatus.CLOSED
        session.commit()
        # What vanished is a change too.
        assert (
            client.get(SERVICES, headers={"If-Modified-Since": seen.headers["Last-Modified"]}).status_code
            == 200
        )


def test_a_renamed_word_and_a_new_day_are_changes(client: HtmlClient, session: Session) -> None:
    build_directory.listing(session, needs=["housing"])
    since = {"If-Modified-Since": client.get(SERVICES).headers["Last-Modified"]}
    with clock.at(NOW + timedelta(seconds=5)):
        assert client.get(SERVICES, headers=since).status_code == 304
        session.scalars(select(TaxonomyTerm).where(TaxonomyTerm.slug == "housing")).one().name = "A home"
        session.commit()
        since = {"If-Modified-Since": client.get(SERVICES, headers=since).headers["Last-Modified"]}
    with clock.at(NOW + timedelta(days=1)):
        assert client.get(SERVICES, headers=since).status_code == 200


def test_pages_of_other_sites_may_read_it_and_nothing_else(client: HtmlClient) -> None:
    for address in (SERVICES, "/api/hsds/v3/nothing", f"{SERVICES}?page=x"):
        assert client.get(address).headers["Access-Control-Allow-Origin"] == "*"
        assert client.get(address).headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    before = client.options(SERVICES)
    assert "If-None-Match" in before.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in before.headers
    assert "Access-Control-Allow-Origin" not in client.get("/open-data").headers
    assert "Access-Control-Allow-Origin" not in client.get("/search.json").headers


def test_whoever_asks_too_much_waits_for_the_next_minute(client: HtmlClient) -> None:
    first = client.get(SERVICES)
    assert (first.headers["RateLimit-Limit"], first.headers["RateLimit-Remaining"]) == ("30", "29")
    assert first.headers["RateLimit-Reset"] == "59"
    assert client.get(f"{SERVICES}?format=ndjson").headers["RateLimit-Remaining"] == "9"
    answers = [client.get(SERVICES).status_code for _ in range(10)]
    assert answers == [200] * 9 + [429]
    refused = client.get(SERVICES)
    assert refused.mimetype == "application/problem+json"
    assert refused.headers["Retry-After"] == "59"
    assert "ask us for a key" in refused.get_json()["detail"]
    # Somebody else, and the pages for people, are not held up.
    assert client.get(SERVICES, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200
    assert client.get("/open-data").status_code == 200
    with clock.at(NOW + timedelta(minutes=1)):
        assert client.get(SERVICES).status_code == 200


def test_counts_are_those_of_all_workers_together(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "api-limits.db"

    def ask() -> None:
        with app.app_context():
            for _ in range(25):
                limits.count(file, "192.0.2.1", 1, 1000.0)

    workers = [threading.Thread(target=ask) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with app.app_context():
        assert limits.count(file, "192.0.2.1", 1, 1000.0) == 101
        assert limits.count(file, "192.0.2.2", 1, 1000.0) == 1
        assert limits.count(file, "192.0.2.1", 1, 1100.0) == 1
    assert b"192.0.2.1" not in file.read_bytes()


def test_open_data_stays_open_where_nothing_can_be_counted(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        assert limits.count(tmp_path / "missing" / "api-limits.db", "192.0.2.1", 1, 1000.0) == 0


def test_reading_writes_nothing_to_the_database(client: HtmlClient, session: Session) -> None:
    build_directory.listing(session)
    session.commit()
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    for address in (SERVICES, f"{SERVICES}?full=true", f"{SERVICES}?format=ndjson"):
        client.get(address)
    event.remove(db.engine, "before_cursor_execute", note)
    assert said
    assert all(one.lstrip().upper().startswith(("SELECT", "BEGIN")) for one in said)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("services", 10),
        ("services?full=true", 26),
        ("service_at_locations", 10),
        ("service_at_locations?full=true", 28),
        ("organizations?full_service=true", 26),
        ("taxonomy_terms", 8),
        ("services?day=TU", 12),
    ],
)
def test_a_page_asks_the_database_a_bounded_number_of_questions(
    client: HtmlClient, session: Session, path: str, most: int
) -> None:
    def count_questions() -> int:
        session.commit()
        asked: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            asked.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        assert client.get(f"/api/oruk/v3/{path}").status_code == 200
        event.remove(db.engine, "before_cursor_execute", note)
        return len(asked)

    for _ in range(3):
        build_directory.listing(session, needs=["money-and-debt"], languages=["Urdu"], access=["step-free"])
    few = count_questions()
    for _ in range(12):
        build_directory.listing(session, needs=["money-and-debt"], languages=["Urdu"], access=["step-free"])
    assert count_questions() == few <= most


def test_a_key_is_given_out_used_and_taken_back(
    client: HtmlClient, make_client: Callable[[], HtmlClient], session: Session
) -> None:
    build.sign_in(session, client, build.account(session, Role.ADMINISTRATOR))
    form = dict(fields(client.get("/open-data/keys").get_data(as_text=True)).items())
    form |= {"name": "Library catalogue", "per_minute": "100"}
    page = client.post("/open-data/keys", data=form).get_data(as_text=True)
    key = next(text_of(one) for one in parse(page).iter("code") if text_of(one).startswith("gt_"))
    row = session.scalars(select(ApiKey)).one()
    assert key not in str(vars(row))
    assert (row.name, row.ending, row.per_minute) == ("Library catalogue", key[-4:], 100)
    # Sent twice, it is made once, and not shown again.
    again = client.post("/open-data/keys", data=form)
    assert (again.status_code, again.location) == (303, "/open-data/keys")
    assert "Library catalogue" in client.get("/open-data/keys").get_data(as_text=True)

    guest = make_client()
    assert guest.get(SERVICES, headers={"X-API-Key": key}).headers["RateLimit-Limit"] == "100"
    assert guest.get(SERVICES, headers={"X-API-Key": f"{key}x"}).headers["RateLimit-Limit"] == "30"
    token = fields(client.get("/open-data/keys").get_data(as_text=True))["csrf_token"]
    client.post(f"/open-data/keys/{row.id}/revoke", data={"csrf_token": token})
    assert guest.get(SERVICES, headers={"X-API-Key": key}).headers["RateLimit-Limit"] == "30"
    assert "Does not work any more" in client.get("/open-data/keys").get_data(as_text=True)


def test_a_key_without_a_name_or_a_figure_is_asked_for_again(client: HtmlClient, session: Session) -> None:
    build.sign_in(session, client, build.account(session, Role.EDITOR))
    form = fields(client.get("/open-data/keys").get_data(as_text=True)) | {"per_minute": "0"}
    page = client.post("/open-data/keys", data=form).get_data(as_text=True)
    assert "Who is it for" in page
    assert not session.scalars(select(ApiKey)).all()


def fields(page: str) -> dict[str, str]:
    """What the page's forms hold unseen."""
    inputs = parse(page).iter("input")
    return {
        one.attrib["name"]: one.attrib.get("value", "")
        for one in inputs
        if one.attrib.get("type") == "hidden"
    }


def test_a_developer_reads_the_page_and_fetches_what_it_names(client: HtmlClient, session: Session) -> None:
    source = Source(key="libraries", name="Libraries of the county", licence="Open Government Licence v3.0")
    session.add(source)
    session.flush()
    listing = build_directory.listing(session)
    session.get_one(Service, listing).source_id = source.id
    home = client.get("/").get_data(as_text=True)
    assert 'href="/open-data"' in home
    page = client.get("/open-data").get_data(as_text=True)
    assert "Libraries of the county: Open Government Licence v3.0" in page
    links = [
        one.attrib["href"] for one in parse(page).iter("a") if one.attrib.get("href", "").startswith("/api/")
    ]
    assert len(links) > 12
    session.commit()
    for link in dict.fromkeys(links):
        answer = client.get(quote(link, safe="/?&=+:%"), environ_base={"REMOTE_ADDR": f"192.0.2.{len(link)}"})
        assert answer.status_code == (400 if "postcode" in link else 200), link
