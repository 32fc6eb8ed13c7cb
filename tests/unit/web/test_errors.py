"""Error pages say what happened and what to do, and never what is inside."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from flask import abort, render_template_string
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from core.errors import Conflict, Invalid, NotFound, Refused, Throttled, Unavailable
from core.web.errors import CSRF_WORDS, WORDS
from tests.html import parse, text_of
from tests.unit.web.conftest import Small


def raising(error: Exception) -> Callable[[], str]:
    def view() -> str:
        raise error

    return view


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 429, 500, 503])
def test_each_status_has_a_page_of_its_own(small: Small, status: int) -> None:
    small.add("/x", lambda: abort(status))
    answer = small.client().get("/x")
    assert answer.status_code == status
    page = parse(answer.text)
    assert text_of(page.find(".//h1") or page) in {WORDS[status].heading, text_of(page)}
    assert f"<h1>{WORDS[status].heading}</h1>" in answer.text
    assert WORDS[status].todo.split(",")[0].split("'")[0] in answer.text
    assert "0161 496 0999" in answer.text


def test_a_status_without_words_of_its_own_borrows_them(small: Small) -> None:
    small.add("/x", lambda: abort(418))
    answer = small.client().get("/x")
    assert answer.status_code == 418
    assert WORDS[400].heading in answer.text


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NotFound(), 404, "We cannot find that page"),
        (NotFound("Person 17 belongs to another team"), 404, "We cannot find that page"),
        (Invalid("Choose a day from the list"), 400, "Choose a day from the list"),
        (Refused("This request was closed already"), 409, "This request was closed already"),
        (Throttled("Wait ten minutes", 600), 429, "Wait ten minutes"),
        (Unavailable("index lease at /srv/x is held"), 503, "catching our breath"),
        (StaleDataError("UPDATE services"), 409, "Somebody else was quicker"),
        (OperationalError("SELECT secret", {}, Exception("disk is full")), 503, "catching our breath"),
        (ZeroDivisionError("inside"), 500, "something went wrong on our side"),
    ],
)
def test_errors_become_answers(small: Small, error: Exception, status: int, words: str) -> None:
    small.add("/x", raising(error))
    answer = small.client().get("/x")
    assert answer.status_code == status
    assert words in answer.text
    for inside in ("another team", "SELECT", "UPDATE", "lease", "inside", "Traceback"):
        assert inside not in answer.text


def test_waiting_is_told_in_seconds(small: Small) -> None:
    small.add("/throttled", raising(Throttled("Wait", 600)))
    small.add("/down", raising(OperationalError("x", {}, Exception("locked"))))
    assert small.client().get("/throttled").headers["Retry-After"] == "600"
    assert small.client().get("/down").headers["Retry-After"] == "60"


def test_a_conflict_shows_both_texts_and_keeps_them_inert(small: Small) -> None:
    conflict = Conflict(
        "Aisha changed this at 10am.", yours={"Name": "<b>Tea</b>"}, theirs={"Name": "Coffee", "Day": ""}
    )
    small.add("/x", raising(conflict))
    answer = small.client().get("/x")
    assert answer.status_code == 409
    assert "Aisha changed this at 10am." in answer.text
    assert "&lt;b&gt;Tea&lt;/b&gt;" in answer.text
    assert "Coffee" in answer.text
    assert "(empty)" in answer.text


def test_a_failure_is_logged_and_can_be_found_by_its_number(
    small: Small, caplog: pytest.LogCaptureFixture
) -> None:
    small.add("/x", raising(ZeroDivisionError("inside")))
    with caplog.at_level(logging.ERROR):
        answer = small.client().get("/x")
    assert answer.headers["X-Request-ID"] in answer.text
    assert any(record.exc_info for record in caplog.records)


def test_the_address_is_not_repeated(small: Small) -> None:
    answer = small.client().get("/<script>alert(1)</script>?q=secret")
    assert "alert(1)" not in answer.text
    assert "secret" not in answer.text


def test_the_wrong_method_says_which_are_right(small: Small) -> None:
    small.add("/x", lambda: "x")
    answer = small.client().put("/x")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_form_without_its_token_is_refused(small: Small) -> None:
    reached: list[int] = []

    def view() -> str:
        reached.append(1)
        return "done"

    small.add("/x", view, methods=("POST",))
    answer = small.client().post("/x", data={"name": "Jean"})
    assert answer.status_code == 400
    assert CSRF_WORDS.heading in answer.text
    assert reached == []


def test_programs_get_json(small: Small) -> None:
    small.add("/data.json", raising(Invalid("page must be a whole number")))
    answer = small.client().get("/data.json")
    assert answer.status_code == 400
    assert answer.get_json()["error"]["status"] == 400
    assert "page must be a whole number" in answer.get_json()["error"]["message"]
    answer = small.client().get("/nowhere", headers={"Accept": "application/json"})
    assert answer.get_json()["error"]["request_id"] == answer.headers["X-Request-ID"]
    assert small.client().get("/nowhere", headers={"Accept": "*/*"}).mimetype == "text/html"


def test_too_much_is_refused(small: Small) -> None:
    small.app.config["WTF_CSRF_ENABLED"] = False
    small.add("/read", lambda: render_template_string("{{ request.form }}"), methods=("POST",))
    answer = small.client().post("/read", data={"text": "x" * (2 * 1024 * 1024 + 1)})
    assert answer.status_code == 413
    assert "too big" in answer.text


def test_an_error_page_that_cannot_be_drawn_leaves_its_words(small: Small) -> None:
    def broken() -> str:
        raise RuntimeError("the menu is broken")

    small.app.jinja_env.globals["navigation"] = broken
    answer = small.client().get("/nowhere")
    assert answer.status_code == 404
    assert "We cannot find that page" in answer.text
    assert "menu is broken" not in answer.text


def test_redirects_of_the_router_stay_redirects(small: Small) -> None:
    small.add("/folder/", lambda: "x")
    answer = small.client().get("/folder")
    assert answer.status_code == 308
    assert answer.location.endswith("/folder/")
