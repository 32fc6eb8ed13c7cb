"""What people look for and do not find is counted without them, and leads to a cure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.audit.models import AuditEntry
from core.events import publish
from directory import published
from directory.insight import services, setup
from directory.insight.models import SearchCount, SearchedWords, SearchGap, SearchMark, SearchSalt
from directory.listings.models import TaxonomyTerm
from directory.search import services as index_services
from prescribing.referrals.events import GapRecorded
from tests import build
from tests.html import HtmlClient, parse
from tests.html import text_of as words_in

PAGE = "/looked-for"
Search = Callable[..., str]


@pytest.fixture
def search(app: Flask, make_client: Callable[[], HtmlClient], session: Session) -> Search:
    """Searches as one of several people, and counts it at once. Gives what the form carries on to the next search."""
    index_services.rebuild(session)
    session.commit()

    def ask(q: str, *, by: int = 1, agent: str = "Mozilla/5.0 Firefox", **query: str) -> str:
        page = make_client().get(
            "/search", query_string={"q": q, **query}, headers={"User-Agent": f"{agent} {by}"}
        )
        assert page.status_code == 200
        services.keep(session, setup.waiting().take())
        session.commit()
        found = re.search(r'name="after" value="([^"]+)"', page.text)
        return found[1] if found else ""

    return ask


@pytest.fixture
def editor(make_client: Callable[[], HtmlClient], session: Session) -> HtmlClient:
    client = make_client()
    build.sign_in(session, client, build.account(session, Role.EDITOR))
    return client


def shown(client: HtmlClient, **query: str) -> str:
    page = client.get(PAGE, query_string=query)
    assert page.status_code == 200
    return text_of(page.text)


def text_of(page: str) -> str:
    """All that a page says."""
    return words_in(parse(page))


def hidden(page: str, **typed: str) -> dict[str, str]:
    """What the form of a gap sends: what it carries unseen, and `typed`."""
    sent = {"need": "", "ward": "", "words": "", **typed}
    for name in ("csrf_token", "idempotency_key"):
        found = re.search(rf'name="{name}" value="([^"]+)"', page)
        assert found is not None
        sent[name] = found[1]
    return sent


def counted(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(SearchCount)) or 0


def test_what_one_person_looks_for_is_nobodys_to_see(
    session: Session, search: Search, editor: HtmlClient
) -> None:
    for _ in range(9):
        search("flibbertigibbet")
    assert "flibbertigibbet" not in shown(editor)
    assert session.scalars(select(SearchCount.people)).all() == [1]
    assert not session.scalars(select(SearchedWords)).all()


def test_what_five_people_look_for_in_vain_leads_to_words_that_find_it(
    session: Session, search: Search, editor: HtmlClient
) -> None:
    for person in range(4):
        search("flibbertigibbet", by=person)
    assert "flibbertigibbet" not in shown(editor)
    search("Flibbertigibbets", by=4)
    text = shown(editor)
    assert "flibbertigibbets" in text
    assert "Still finds nothing" in text
    assert "5 people, 5 found nothing" in text
    cure = editor.get(f"{PAGE}/cure", query_string={"words": "flibbertigibbets"})
    assert "/synonyms/new?word=flibbertigibbets" in cure.text


def test_a_request_that_searches_writes_nothing(client: HtmlClient, session: Session) -> None:
    assert client.get("/search?q=sewing").status_code == 200
    assert counted(session) == 0
    (waiting,) = setup.waiting().take()
    assert waiting.words == "sewing"
    assert "asker" not in repr(waiting)


@pytest.mark.parametrize("q", ["Mrs Example", "lunch 0161 496 0123", "i want to die", "", "!!!"])
def test_what_is_about_a_person_does_not_even_wait(client: HtmlClient, session: Session, q: str) -> None:
    assert client.get("/search", query_string={"q": q}).status_code == 200
    assert setup.waiting().take() == []


def test_machines_staff_and_further_pages_do_not_count(
    client: HtmlClient, editor: HtmlClient, session: Session
) -> None:
    client.get("/search?q=sewing", headers={"User-Agent": "Examplebot/1.0"})
    editor.get("/search?q=sewing")
    assert setup.waiting().take() == []


def test_needs_count_whether_chosen_or_meant(session: Session, search: Search, editor: HtmlClient) -> None:
    for person in range(3):
        search("", need="loneliness", by=person)
    for person in range(3, 6):
        search("lonely", by=person)
    rows = {one.need_slug: one for one in published.looked_for(session, clock.today() - timedelta(days=30))}
    assert rows["loneliness"].people == 6
    assert rows["loneliness"].ward_code is None
    name = session.scalars(select(TaxonomyTerm.name).where(TaxonomyTerm.slug == "loneliness")).one()
    assert name in shown(editor)


def test_who_searched_again_and_found_nothing_gave_up_until_they_try_once_more(
    session: Session, search: Search
) -> None:
    after = search("flibbertigibbet")
    after = search("wobblewibble", after=after)
    gave_up = select(func.sum(SearchCount.gave_up))
    assert session.scalar(gave_up) == 1
    search("lonely", after=after)
    key = services.key_of("wobblewibble")
    assert session.scalar(gave_up.where(SearchCount.key == key)) == 0


def test_what_told_people_apart_goes_with_the_day(session: Session, search: Search) -> None:
    search("sewing")
    assert session.scalars(select(SearchMark)).all()
    with clock.at(build.days_ahead(1)):
        services.forget_old(session)
    assert not session.scalars(select(SearchMark)).all()
    assert not session.scalars(select(SearchSalt)).all()
    assert counted(session)
    with clock.at(build.days_ahead(420)):
        services.forget_old(session)
    assert not counted(session)


def test_an_editor_writes_a_gap_down_once(session: Session, editor: HtmlClient) -> None:
    page = editor.get(f"{PAGE}/cure?need=food&words=soup+kitchen")
    assert "People in Bury look for" in text_of(page.text)
    form = hidden(page.text, need="food", words="soup kitchen")
    for _ in range(2):
        assert editor.post(f"{PAGE}/cure", data=form).status_code == 303
    (gap,) = session.scalars(select(SearchGap))
    assert (gap.need_slug, gap.ward_code, gap.words) == ("food", None, "soup kitchen")
    assert published.gaps_seen(session, clock.today())[0].need_slug == "food"
    assert "soup kitchen" in shown(editor)
    audited = session.scalars(select(AuditEntry.action)).all()
    assert audited.count("search-gap.record") == 1


def test_a_gap_written_down_after_midnight_in_summer_is_of_londons_day(
    session: Session, editor: HtmlClient
) -> None:
    with clock.at(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)):
        form = hidden(editor.get(f"{PAGE}/cure?need=food&words=soup").text, need="food", words="soup")
        assert editor.post(f"{PAGE}/cure", data=form).status_code == 303
        assert "Thursday 2 July" in shown(editor)
        assert published.gaps_seen(session, clock.today())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"need": "nonsense"}, "Choose the kind of help"),
        ({"ward": "E99999999"}, "Choose a ward from the list"),
    ],
)
def test_a_gap_of_nothing_known_is_refused(
    session: Session, editor: HtmlClient, change: dict[str, str], said: str
) -> None:
    page = editor.get(f"{PAGE}/cure?need=food")
    form = hidden(page.text, **{"need": "food", **change})
    answer = editor.post(f"{PAGE}/cure", data=form)
    assert answer.status_code == 400
    assert said in text_of(answer.text)
    assert not session.scalars(select(SearchGap)).all()


def test_gaps_of_link_workers_show_from_five_on(session: Session, editor: HtmlClient) -> None:
    for number in range(5):
        assert "link workers wrote down" not in shown(editor), number
        publish(session, GapRecorded("food", None))
        session.commit()
    assert "link workers wrote down 5 gaps" in shown(editor)
