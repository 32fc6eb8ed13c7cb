"""The client that reads pages strictly sees what it must see."""

import pytest
from flask import Flask, Response

from tests.html import BadPage, HtmlClient, faults

SOUND = """<!DOCTYPE html>
<html lang="en"><head><title>Find a group</title></head>
<body><main id="main"><h1>Find <em>a group</em></h1>
<label for="q">Words</label><input id="q" name="q"><a href="#main">Up</a></main></body></html>"""


def test_a_sound_page_has_no_faults() -> None:
    assert faults(SOUND) == []


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        (' lang="en"', "", "lang"),
        ("<title>Find a group</title>", "", "title"),
        ("<title>Find a group</title>", "<title> </title>", "title"),
        ("<h1>Find <em>a group</em></h1>", "", "h1"),
        ("<label", "<h1>Again</h1><label", "h1"),
        ('name="q"', 'name="q" aria-describedby="q-hint"', "q-hint"),
        ('id="main"', 'id="q"', "used 2 times"),
        ("#main", "#nowhere", "#nowhere"),
        ("</em>", "", "line 3"),
        ("<label", "<div><p><div></p></div></div><label", "line 4"),
        ("<label", '<img src="a.png"><label', "alt"),
        ("<main ", "<main></main><main ", "main"),
    ],
)
def test_each_fault_is_told(was: str, becomes: str, told: str) -> None:
    found = faults(SOUND.replace(was, becomes, 1))
    assert any(told in fault for fault in found), found


@pytest.fixture
def page() -> Flask:
    """An app with one sound page; a test changes what it answers with."""
    app = Flask(__name__)
    app.test_client_class = HtmlClient
    app.config["headers"] = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'self'",
    }
    app.config["text"] = SOUND

    @app.get("/page")
    def show() -> Response:
        return Response(app.config["text"], headers=app.config["headers"])

    return app


def test_a_sound_page_passes_whole(page: Flask) -> None:
    assert page.test_client().get("/page").status_code == 200


@pytest.mark.parametrize("name", ["X-Content-Type-Options", "Content-Security-Policy"])
def test_a_page_without_a_protective_header_fails(page: Flask, name: str) -> None:
    del page.config["headers"][name]
    with pytest.raises(BadPage, match=f"GET /page .*{name}"):
        page.test_client().get("/page")


def test_a_policy_that_lets_anything_run_fails(page: Flask) -> None:
    page.config["headers"]["Content-Security-Policy"] = "script-src 'unsafe-inline'"
    with pytest.raises(BadPage, match="unsafe-inline"):
        page.test_client().get("/page")


def test_an_error_page_must_be_sound_too(page: Flask) -> None:
    with pytest.raises(BadPage, match=r"GET /nowhere .*404.*nosniff"):
        page.test_client().get("/nowhere")


def test_a_broken_page_fails_with_where_it_is_broken(page: Flask) -> None:
    page.config["text"] = SOUND.replace("</em>", "")
    with pytest.raises(BadPage, match="line 3"):
        page.test_client().get("/page")
