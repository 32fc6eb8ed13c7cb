"""Editors say which words mean the same, and the next search knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Role
from core.audit.models import AuditEntry
from core.errors import Conflict, Invalid, NotFound
from directory.listings.models import TaxonomyTerm
from directory.search import services as index_services
from directory.search.thesaurus import queries, services
from directory.search.thesaurus.models import SynonymRing
from directory.search.thesaurus.rules import Ring, key_of
from migrations.synonym_seeds import ENTRIES
from tests import build
from tests.html import HtmlClient, parse, text_of
from tests.integration.directory.search.conftest import Listing


@pytest.fixture
def editor(session: Session) -> Actor:
    return build.actor(session, Role.EDITOR)


@pytest.fixture
def find(client: HtmlClient, session: Session, places: None) -> Callable[..., list[str]]:
    """Names of what a search finds; the index is built before the first one."""
    built: list[bool] = []

    def ask(q: str, **query: str) -> list[str]:
        if not built:
            built.append(True)
            index_services.rebuild(session)
            session.commit()
        answer = client.get("/search.json", query_string={"q": q, **query})
        assert answer.status_code == 200
        return [item["name"] for item in answer.get_json()["items"]]

    return ask


def token_of(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_a_new_database_starts_with_the_first_entries(session: Session, app: Flask) -> None:
    assert len(queries.rings(session)) == len(ENTRIES)
    assert "=loneliness" in queries.current(session).others(key_of("lonely"))


def test_what_an_editor_adds_changes_and_takes_out_holds_for_the_next_search(
    session: Session, editor: Actor, listing: Listing, find: Callable[..., list[str]]
) -> None:
    listing("Parkrun for beginners")
    assert find("wibblewobble") == []
    ring_id = services.add(session, editor, Ring(("parkrun",), ("wibblewobble",)))
    session.commit()
    assert find("wibblewobble") == ["Parkrun for beginners"]

    services.change(session, editor, ring_id, Ring(("parkrun",), ("flibberty run",)), 1)
    session.commit()
    assert find("wibblewobble") == []
    assert find("flibberty run") == ["Parkrun for beginners"]

    services.remove(session, editor, ring_id)
    services.remove(session, editor, ring_id)
    session.commit()
    assert find("flibberty") == []

    services.put_back(session, editor, ring_id, 1)
    session.commit()
    assert find("wibblewobble") == ["Parkrun for beginners"]
    assert [(one.number, one.removed) for one in queries.history(session, editor, ring_id)] == [
        (4, False),
        (3, True),
        (2, False),
        (1, False),
    ]
    actions = session.scalars(
        select(AuditEntry.action).where(AuditEntry.subject_id == ring_id).order_by(AuditEntry.sequence)
    ).all()
    assert actions == ["synonym.add", "synonym.change", "synonym.remove", "synonym.put-back"]


def test_a_change_by_another_process_is_seen_at_once(app: Flask, session: Session, editor: Actor) -> None:
    assert not queries.current(session).others("zzword")
    session.commit()
    with Session(session.get_bind()) as other:
        services.add(other, editor, Ring(("tea",), ("zzword",)))
        other.commit()
    assert queries.current(session).others("zzword")


def test_a_need_that_was_merged_leads_to_the_one_that_took_it_in(app: Flask, session: Session) -> None:
    terms = {
        term.slug: term
        for term in session.scalars(
            select(TaxonomyTerm).where(TaxonomyTerm.slug.in_(["fuel", "money-and-debt"]))
        )
    }
    terms["fuel"].merged_into_id = terms["money-and-debt"].id
    session.commit()
    assert any(ring.need == "money-and-debt" and "warm space" in ring.same for ring in queries.rings(session))


class TestRefusals:
    def test_only_editors_see_or_change_words(self, session: Session) -> None:
        stranger = build.actor(session, Role.GROUP_MEMBER)
        ring_id = session.scalars(select(SynonymRing.id)).first()
        assert ring_id is not None
        for attempt in (
            lambda: services.add(session, stranger, Ring(("a tea", "coffee"))),
            lambda: services.remove(session, stranger, ring_id),
            lambda: queries.entries(session, stranger),
            lambda: queries.history(session, stranger, ring_id),
        ):
            with pytest.raises(NotFound):
                attempt()

    def test_what_is_not_there(self, session: Session, editor: Actor) -> None:
        ring_id = services.add(session, editor, Ring(("tea", "char")))
        for attempt in (
            lambda: queries.entry(session, editor, uuid4()),
            lambda: services.remove(session, editor, uuid4()),
            lambda: services.put_back(session, editor, ring_id, 9),
        ):
            with pytest.raises(NotFound):
                attempt()

    def test_a_kind_of_help_that_is_not_in_the_list(self, session: Session, editor: Actor) -> None:
        with pytest.raises(Invalid, match="Choose a kind of help"):
            services.add(session, editor, Ring(("tea",), (), "gold"))

    def test_the_second_of_two_editors_keeps_what_they_typed(self, session: Session, editor: Actor) -> None:
        ring_id = services.add(session, editor, Ring(("tea", "char")))
        services.change(session, editor, ring_id, Ring(("tea", "brew up")), 1)
        with pytest.raises(Conflict) as late:
            services.change(session, editor, ring_id, Ring(("tea", "cuppa")), 1)
        assert late.value.yours["Words that mean the same"] == "tea, cuppa"
        assert late.value.theirs["Words that mean the same"] == "tea, brew up"


class TestPages:
    def test_adding_from_a_word_that_nobody_found(
        self, client: HtmlClient, session: Session, listing: Listing, find: Callable[..., list[str]]
    ) -> None:
        listing("Sewing bee")
        build.sign_in(session, client, build.account(session, Role.EDITOR))
        page = client.get("/synonyms/new?word=wibblewobble").get_data(as_text=True)
        assert "wibblewobble</textarea>" in page
        form = {
            "csrf_token": token_of(page),
            "same": "sewing bee",
            "typed": "wibblewobble",
            "need": "",
            "idempotency_key": str(uuid4()),
        }
        first = client.post("/synonyms/new", data=form)
        again = client.post("/synonyms/new", data=form)
        assert first.status_code == again.status_code == 303
        assert first.headers["Location"] == again.headers["Location"]
        assert find("wibblewobble") == ["Sewing bee"]
        found = text_of(parse(client.get("/synonyms?q=wibble").get_data(as_text=True)))
        assert "1 entry has “wibble”" in found

        there = first.headers["Location"]
        answer = client.post(f"{there}/remove", data={"csrf_token": token_of(page)}, follow_redirects=True)
        assert "Searches do not use these words now" in answer.get_data(as_text=True)
        assert "Put this back" in client.get(there).get_data(as_text=True)

    def test_what_cannot_be_used_is_said_beside_its_box_and_kept(
        self, client: HtmlClient, session: Session
    ) -> None:
        build.sign_in(session, client, build.account(session, Role.EDITOR))
        token = token_of(client.get("/synonyms/new").get_data(as_text=True))
        form = {
            "csrf_token": token,
            "same": "the\ntea",
            "typed": "a brew",
            "need": "",
            "idempotency_key": str(uuid4()),
        }
        answer = client.post("/synonyms/new", data=form)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 400
        assert "has no word that searches look at" in page
        assert "a brew</textarea>" in page

    def test_entries_are_shown_a_page_at_a_time(self, client: HtmlClient, session: Session) -> None:
        build.sign_in(session, client, build.account(session, Role.EDITOR))
        first = client.get("/synonyms").get_data(as_text=True)
        second = client.get("/synonyms?page=2").get_data(as_text=True)
        assert first != second
        assert client.get("/synonyms?page=99999").status_code == 200


class TestLoading:
    def test_a_published_list_is_taken_in_once(self, app: Flask, session: Session, tmp_path: Path) -> None:
        file = tmp_path / "words.yml"
        file.write_text(
            "# Cars\n- search: zzcar, zzvehicle => zzcar, zzvehicle\n- search: test, tests => test\n- nonsense\n",
            "utf-8",
        )
        runner = app.test_cli_runner()
        first = runner.invoke(args=["synonyms", "load", str(file)])
        assert first.exit_code == 0, first.output
        assert "Added 1 entries" in first.output
        assert "Line 4" in first.output
        again = runner.invoke(args=["synonyms", "load", str(file)])
        assert "Added 0 entries. 1 were there already" in again.output
        assert queries.current(session).others("zzcar") == {"zzvehicl": 0.7}

    def test_what_is_no_list_is_refused(self, app: Flask, tmp_path: Path) -> None:
        file = tmp_path / "picture.png"
        file.write_bytes(b"\x89PNG\xff")
        runner = app.test_cli_runner()
        assert "UTF-8" in runner.invoke(args=["synonyms", "load", str(file)]).output
        file.write_text("hello", "utf-8")
        refused = runner.invoke(args=["synonyms", "load", str(file)])
        assert refused.exit_code == 1
        assert "no entry in the file" in refused.output
