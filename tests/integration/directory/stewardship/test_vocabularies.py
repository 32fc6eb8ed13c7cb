"""The words that listings are found by: kept on a page, taken in from a file, and never a dead address."""

from __future__ import annotations

import io
import json
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import SYSTEM, Actor, Role
from core.errors import Invalid, NotFound, Refused
from directory import published
from directory.listings.content import content_of
from directory.listings.models import Service, Taxonomy, TaxonomyTerm
from directory.stewardship.taxonomies import queries, services
from directory.stewardship.taxonomies.files import open_scheme
from directory.stewardship.taxonomies.models import Closeness
from directory.stewardship.taxonomies.rules import read_skos
from tests import build, build_directory
from tests.conftest import SHARED_DATA
from tests.html import HtmlClient, parse, text_of

LIST = {
    "id": "https://words.example/list",
    "title": "Sports",
    "concept": [
        {"id": "https://words.example/1", "prefLabel": "Football"},
        {
            "id": "https://words.example/2",
            "prefLabel": "Walking football",
            "broader": ["https://words.example/1"],
        },
    ],
}


@pytest.fixture
def editor(session: Session) -> Actor:
    return build.actor(session, Role.EDITOR)


def needs_of(session: Session, listing: UUID) -> list[str]:
    session.expire_all()
    needs: list[str] = content_of(session.get_one(Service, listing))["needs"]
    return needs


def test_a_word_is_added_and_renamed_under_the_same_address(session: Session, editor: Actor) -> None:
    slug = services.add(session, editor, "needs", "Pets & animals", "")
    assert slug == "pets-and-animals"
    services.rename(session, editor, "needs", slug, "Animals", "Pets and their people")
    page = queries.term_page(session, editor, "needs", slug)
    assert (page.line.name, page.line.slug) == ("Animals", slug)
    assert published.needs(session)[-1].name == "Animals"
    for name in ("animals", "", "x" * 121):
        with pytest.raises(Invalid):
            services.add(session, editor, "needs", name, "")
    with pytest.raises(Invalid):
        services.rename(session, editor, "needs", slug, "Food", "")


def test_a_merged_need_keeps_its_address_and_its_listings(
    session: Session, editor: Actor, client: HtmlClient
) -> None:
    both = build_directory.listing(session, needs=["fuel", "housing"])
    one = build_directory.listing(session, name="Warm rooms", needs=["fuel"])
    extra = services.add(session, editor, "needs", "Draughts", "")
    services.merge(session, editor, "needs", extra, "fuel")
    services.merge(session, editor, "needs", "fuel", "Housing")
    session.commit()
    assert needs_of(session, both) == ["housing"]
    assert needs_of(session, one) == ["housing"]
    assert "fuel" not in {need.slug for need in published.needs(session)}
    known = published.every_need(session)
    assert {known["fuel"].slug, known[extra].slug} == {"housing"}
    found = client.get("/search?need=fuel")
    assert found.status_code == 200
    assert "Warm rooms" in found.get_data(as_text=True)
    with pytest.raises(Refused):
        services.rename(session, editor, "needs", "fuel", "Heat", "")
    with pytest.raises(Invalid):
        services.merge(session, editor, "needs", "housing", "fuel")


def test_a_word_in_use_is_not_retired_and_an_idle_one_comes_back(session: Session, editor: Actor) -> None:
    build_directory.listing(session, needs=["fuel"])
    with pytest.raises(Refused, match="Merge it"):
        services.retire(session, editor, "needs", "fuel")
    services.retire(session, editor, "needs", "legal-and-immigration")
    assert "legal-and-immigration" not in {need.slug for need in published.needs(session)}
    services.bring_back(session, editor, "needs", "legal-and-immigration")
    assert "legal-and-immigration" in {need.slug for need in published.needs(session)}
    with pytest.raises(NotFound):
        services.bring_back(session, editor, "needs", "food")


def test_an_old_address_of_a_retired_word_leads_on_or_is_answered_without_it(
    session: Session, editor: Actor, client: HtmlClient
) -> None:
    build_directory.listing(session, name="Warm rooms", needs=["housing"])
    services.retire(session, editor, "needs", "legal-and-immigration")
    services.retire(session, editor, "needs", "fuel", "housing")
    session.commit()
    said = client.get("/search?need=legal-and-immigration").get_data(as_text=True)
    assert "We do not use the need legal-and-immigration any more, so we left it out." in said
    assert "Warm rooms" in said
    assert "Warm rooms" in client.get("/search?need=fuel").get_data(as_text=True)
    said = client.get("/whats-on?need=legal-and-immigration&radius=any").get_data(as_text=True)
    assert "Choose a kind of help from the list." in said
    with pytest.raises(Invalid):
        services.retire(session, editor, "needs", "food", "no such word")


def test_a_published_list_is_taken_in_once_and_mapped(session: Session, editor: Actor) -> None:
    scheme = read_skos(LIST)
    assert len(services.load(session, editor, scheme, dry_run=True).added) == 2
    assert session.scalar(select(Taxonomy).where(Taxonomy.slug == "sports")) is None
    services.load(session, SYSTEM, scheme, dry_run=False)
    again = services.load(session, SYSTEM, scheme, dry_run=False)
    assert (again.added, again.changed, again.same) == ((), (), 2)
    walking = session.scalars(select(TaxonomyTerm).where(TaxonomyTerm.slug == "walking-football")).one()
    assert walking.parent_id is not None
    services.map_to(session, editor, "sports", "football", "Being active", Closeness.BROAD)
    services.map_to(session, editor, "sports", "football", "being-active", Closeness.CLOSE)
    (mapping,) = queries.term_page(session, editor, "sports", "football").mappings
    assert (mapping.name, mapping.closeness) == ("Being active", Closeness.CLOSE)
    services.unmap(session, editor, "sports", "football", mapping.id)
    assert queries.term_page(session, editor, "sports", "football").mappings == ()
    with pytest.raises(Invalid):
        services.map_to(session, editor, "sports", "football", "Walking football", Closeness.EXACT)
    with pytest.raises(NotFound):
        services.unmap(session, editor, "sports", "football", mapping.id)


@pytest.mark.shared_data
def test_the_list_of_activities_that_openactive_publishes(session: Session, editor: Actor) -> None:
    content = (SHARED_DATA / "taxonomy" / "openactive_activity_list.jsonld").read_bytes()
    scheme = open_scheme(content)
    made = services.load(session, SYSTEM, scheme, dry_run=False)
    assert len(made.added) == len(json.loads(content)["concept"])
    assert services.load(session, SYSTEM, scheme, dry_run=True).same == len(made.added)
    page = queries.vocabulary_page(session, editor, "openactive-activity-list", "football")
    assert any(term.parent for term in page.terms)


def test_only_editors_keep_words(session: Session) -> None:
    stranger = build.actor(session, Role.GROUP_MEMBER)
    for deed in (
        lambda: services.add(session, stranger, "needs", "Pets", ""),
        lambda: services.retire(session, stranger, "needs", "food"),
        lambda: services.load(session, stranger, read_skos(LIST), dry_run=True),
        lambda: queries.all_vocabularies(session, stranger),
    ):
        with pytest.raises(NotFound):
            deed()


def test_by_the_browser(session: Session, client: HtmlClient) -> None:
    build.sign_in(session, client, build.account(session, Role.EDITOR))
    here = "/moderation/vocabularies"
    token = (
        client.get(here).get_data(as_text=True).partition('name="csrf_token" value="')[2].partition('"')[0]
    )

    def send(path: str, **data: object) -> tuple[int, str]:
        answer = client.post(f"{here}{path}", data={"csrf_token": token, **data})
        return answer.status_code, text_of(
            parse(answer.get_data(as_text=True))
        ) if answer.status_code != 303 else ""

    file = json.dumps(LIST).encode()
    assert send("", what="show")[0] == 400
    assert send("", what="show", file=(io.BytesIO(b"{"), "words.json"))[0] == 400
    assert "Nothing has changed yet" in send("", what="show", file=(io.BytesIO(file), "words.json"))[1]
    assert "The list is here now" in send("", what="take", file=(io.BytesIO(file), "words.json"))[1]
    assert "Walking football" in client.get(f"{here}/sports").get_data(as_text=True)
    assert send("/needs/food/rename", name="", description="")[0] == 400
    assert send("/needs/food/rename", name="Food and meals", description="")[0] == 303
    assert send("/needs/food/merge", into="no such word")[0] == 400
    assert send("/needs/food/no-such-deed")[0] == 404
    assert send("/needs/food/unmap", mapping="x")[0] == 404
    assert "Food and meals" in client.get(f"{here}/needs/food").get_data(as_text=True)
    assert client.get(f"{here}/none").status_code == 404
    assert client.get(f"{here}/needs/none").status_code == 404


def test_by_the_command_line(session: Session, app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "words.jsonld"
    file.write_text(json.dumps(LIST), encoding="utf-8")
    run = app.test_cli_runner().invoke
    assert "Nothing was changed" in run(args=["vocabularies", "load", str(file), "--dry-run"]).output
    assert "2 added" in run(args=["vocabularies", "load", str(file)]).output
    file.write_text("{", encoding="utf-8")
    assert run(args=["vocabularies", "load", str(file)]).exit_code == 1
