"""What people think of pages is kept without them; steps of the main tasks are counted without anybody in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.page_feedback import queries, services
from core.page_feedback.models import PageFeedback
from core.page_feedback.rules import Ease
from core.steps import queries as steps
from core.steps import services as counting
from core.steps import setup
from core.steps.models import StepCount
from tests import build
from tests.html import HtmlClient, parse, text_of
from tests.integration.prescribing.episodes.test_pages import ASKED, send
from tests.integration.prescribing.referrals import walk

MakeClient = Callable[[], HtmlClient]


def told(client: HtmlClient, page: str, **values: str) -> int:
    """Send the form as a person would, some seconds after it was shown."""
    shown = parse(client.get(page).get_data(as_text=True))
    form = next(form for form in shown.iter("form") if form.attrib.get("action") in {None, ""})
    held = {box.attrib["name"]: box.attrib.get("value", "") for box in form.iter("input") if "checked" in box.attrib
            or box.attrib.get("type") == "hidden"}  # fmt: skip
    with clock.at(clock.now() + timedelta(seconds=20)):
        return client.post(page.partition("?")[0], data={**held, **values}).status_code


def test_every_page_leads_to_it_and_an_editor_reads_it(session: Session, make_client: MakeClient) -> None:
    stranger, editor = make_client(), make_client()
    build.sign_in(session, editor, build.account(session, Role.EDITOR))
    page = "/what-do-you-think?page=web.contact"
    assert page in stranger.get("/contact").get_data(as_text=True)
    assert page not in stranger.get(page).get_data(as_text=True)
    assert told(stranger, page, ease="hard", words="The phone number is hard to find") == 303
    assert told(stranger, page, words="no choice") == 400
    assert told(stranger, page, ease="hard", words="https://a https://b https://c") == 400
    assert told(stranger, page, ease="easy", subject_line="cheap pills") == 303
    row = session.scalars(select(PageFeedback)).one()
    assert (row.route, row.ease) == ("web.contact", Ease.HARD)
    assert b"phone" not in (row.words_sealed or b"")
    read = text_of(parse(editor.get("/how-people-get-on").get_data(as_text=True)))
    assert "The phone number is hard to find" in read
    assert "It was hard, but I managed" in read
    assert "/contact, " in read
    assert "web.contact" not in read
    services.finish(session, build.actor(session, Role.ADMINISTRATOR), row.id)
    assert queries.waiting(session, build.actor(session, Role.EDITOR), 9).lines == ()
    with clock.at(clock.now() + services.KEPT_FOR + timedelta(days=1)):
        services.forget_old(session)
    assert session.scalar(select(func.count()).select_from(PageFeedback)) == 0


def test_an_invented_page_is_no_route(session: Session, make_client: MakeClient) -> None:
    assert told(make_client(), "/what-do-you-think?page=../secret", ease="stuck") == 303
    assert session.scalars(select(PageFeedback.route)).one() == "other"


def test_a_page_that_is_many_is_named_by_the_shape_of_its_address(
    session: Session, make_client: MakeClient
) -> None:
    editor = make_client()
    build.sign_in(session, editor, build.account(session, Role.EDITOR))
    assert told(make_client(), "/what-do-you-think?page=listings.activity", ease="easy") == 303
    assert told(make_client(), "/what-do-you-think?page=../secret", ease="easy") == 303
    read = text_of(parse(editor.get("/how-people-get-on").get_data(as_text=True)))
    assert "/activities/..., " in read
    assert "another page, " in read


def test_a_flood_is_slowed_down(session: Session, make_client: MakeClient) -> None:
    client = make_client()
    answers = [told(client, "/what-do-you-think", ease="easy") for _number in range(11)]
    assert answers == [303] * 10 + [400]


def test_what_is_saved_for_later_is_not_sent(session: Session, make_client: MakeClient) -> None:
    walk.scene(session)
    client = make_client()
    assert send(client, "/ask", **ASKED, then="save").location == "/ask/saved"
    assert [one.step for one in setup.waiting().take()] == ["begin"]
    assert send(client, "/ask", **ASKED).location == "/ask/sent"
    assert [one.step for one in setup.waiting().take()] == ["begin", "done"]


def test_whoever_answers_by_a_link_opened_it_once(session: Session, make_client: MakeClient) -> None:
    for _number in range(2):
        walk.sent(session, walk.scene(session))
    session.commit()
    first, second = (
        f"/answer/{walk.token_in(message)}" for message in walk.messages(session, "referral-new")
    )
    client = make_client()
    client.get(first)
    version = re.search(r'name="version" value="(\d+)"', client.get(first).text)
    assert version is not None
    answered = send(client, first, answer="waitlisted", version=version[1])
    assert client.get(str(answered.location)).status_code == 200
    client.get(second)
    make_client().get(first)
    reached = [(one.task, one.step) for one in setup.waiting().take()]
    assert reached == [("answer", "begin"), ("answer", "done"), ("answer", "begin"), ("answer", "begin")]


def test_steps_are_counted_by_day_and_shown_without_small_numbers(
    session: Session, make_client: MakeClient
) -> None:
    client = make_client()
    client.get("/ask", headers={"User-Agent": "A browser"})
    client.get("/ask", headers={"User-Agent": "Somebot/1.0"})
    reached = setup.waiting().take()
    assert [(one.task, one.step) for one in reached] == [("ask", "begin")]
    # Of the four whole weeks before this one.
    monday = clock.today() - timedelta(days=clock.today().weekday())
    last = [counting.Reached("ask", "begin", monday - timedelta(days=1))] * 12
    counting.keep(session, [*last, counting.Reached("ask", "done", monday - timedelta(days=2))])
    counting.keep(session, [*last, *reached])
    ask = next(task for task in steps.completion(session) if task.label == "Ask for support")
    assert [(step.times, step.share) for step in ask.steps] == [(25, 100), ("*", "*")]
    with clock.at(clock.now() + counting.KEPT_FOR + timedelta(days=9)):
        counting.keep(session, [])
    assert session.scalar(select(func.count()).select_from(StepCount)) == 0
