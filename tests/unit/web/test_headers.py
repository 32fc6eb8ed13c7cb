"""The headers of every answer."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from flask import Response, render_template_string, session

from core.access import guard
from core.access.rules import PUBLIC, Actor, Membership, Permission, Role
from core.web.headers import content_security_policy, tile_origins
from tests.conftest import make_settings
from tests.unit.web.conftest import Small

PAGE = '{% extends "core/layout.html" %}{% block title %}Page{% endblock %}'
FORM = (
    '{% extends "core/layout.html" %}{% from "core/forms.html" import form_tag, submit %}'
    "{% block title %}Page{% endblock %}"
    "{% block content %}{% call form_tag() %}{{ submit() }}{% endcall %}{% endblock %}"
)
JEAN = Actor(UUID(int=1), "Jean", (Membership(Role.LINK_WORKER),))
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture
def paged(small: Small) -> Small:
    small.add("/page", lambda: render_template_string(PAGE))
    small.add("/form", lambda: render_template_string(FORM))
    small.add("/boom", lambda: str(1 / 0))
    return small


@pytest.mark.parametrize(
    "path",
    [
        "/page",
        "/form",
        "/boom",
        "/missing",
        "/missing.json",
        "/livez",
        "/readyz",
        "/static/main-0123abcd.css",
    ],
)
def test_every_answer_carries_them(paged: Small, path: str) -> None:
    answer = paged.client().get(path)
    answer.close()
    for name, value in EVERYWHERE.items():
        assert answer.headers[name] == value, name
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "geolocation=(self)" in answer.headers["Permissions-Policy"]
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in answer.headers


def test_over_https_browsers_are_told_to_stay_there(make: Callable[..., Small]) -> None:
    small = make(https=True)
    answer = small.client().get("/livez")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "upgrade-insecure-requests" in answer.headers["Content-Security-Policy"]
    assert small.app.config["SESSION_COOKIE_NAME"] == "__Host-gt"
    assert small.app.config["SESSION_COOKIE_SECURE"] is True


def test_the_one_inline_script_is_allowed_by_its_hash(paged: Small) -> None:
    answer = paged.client().get("/page")
    scripts = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("tile_url", "origins"),
    [
        ("", []),
        ("https://tiles.example/{z}/{x}/{y}.png", ["https://tiles.example"]),
        ("https://{s}.tiles.example:8443/{z}/{x}/{y}.png", ["https://*.tiles.example:8443"]),
        ("/tiles/{z}/{x}/{y}.png", []),
    ],
)
def test_map_pictures_come_only_from_where_settings_say(
    tmp_path: Path, tile_url: str, origins: list[str]
) -> None:
    assert tile_origins(tile_url) == origins
    policy = content_security_policy(make_settings("sqlite://", tmp_path, tile_url=tile_url))
    assert " ".join(["img-src 'self' data:", *origins]) + ";" in policy


def test_a_public_page_may_be_kept_for_a_minute(paged: Small) -> None:
    answer = paged.client().get("/page")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert {"Cookie", "Accept-Encoding"} <= {part.strip() for part in answer.headers["Vary"].split(",")}
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/form", "/missing", "/boom", "/livez", "/readyz"])
def test_tokens_errors_and_health_are_never_kept(paged: Small, path: str) -> None:
    assert paged.client().get(path).headers["Cache-Control"] == "no-store"


def test_nothing_is_kept_for_whoever_is_signed_in(paged: Small) -> None:
    paged.actor[0] = JEAN
    answer = paged.client().get("/page")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Jean" in answer.text


def test_a_guarded_page_is_never_kept_whatever_it_says_itself(small: Small) -> None:
    def view() -> Response:
        answer = Response("secret", mimetype="text/plain")
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer

    small.app.add_url_rule("/mine", "mine", guard.requires(Permission.WORK_CASELOAD)(view))
    small.actor[0] = JEAN
    assert small.client().get("/mine").headers["Cache-Control"] == "no-store"
    small.actor[0] = PUBLIC
    assert small.client().get("/mine").headers["Cache-Control"] == "no-store"


def test_an_answer_that_sets_a_cookie_is_not_kept(small: Small) -> None:
    def view() -> Response:
        session["x"] = 1
        return Response("x", mimetype="text/plain")

    small.add("/sets", view)
    assert small.client().get("/sets").headers["Cache-Control"] == "no-store"


def test_a_public_view_may_say_how_long(small: Small) -> None:
    def view() -> Response:
        answer = Response("feed", mimetype="text/plain")
        answer.headers["Cache-Control"] = "public, max-age=900"
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer

    small.add("/feed", view)
    answer = small.client().get("/feed")
    assert answer.headers["Cache-Control"] == "public, max-age=900"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_public_pages_travel_compressed(paged: Small) -> None:
    client = paged.client()
    plain = client.get("/page").get_data()
    with paged.app.test_request_context("/page", headers={"Accept-Encoding": "gzip"}):
        packed = paged.app.full_dispatch_request()
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_data()) == plain
    assert len(packed.get_data()) < len(plain)


@pytest.mark.parametrize(("path", "accepts"), [("/page", "identity"), ("/form", "gzip"), ("/short", "gzip")])
def test_private_short_and_unasked_answers_are_not_compressed(paged: Small, path: str, accepts: str) -> None:
    paged.add("/short", lambda: Response("short", mimetype="text/plain"))
    with paged.app.test_request_context(path, headers={"Accept-Encoding": accepts}):
        assert "Content-Encoding" not in paged.app.full_dispatch_request().headers


def test_each_request_has_an_id_of_its_own(paged: Small) -> None:
    client = paged.client()
    ids = {client.get("/livez").headers["X-Request-ID"] for _ in range(5)}
    assert len(ids) == 5
    assert all(re.fullmatch(r"[0-9a-f]{16}", one) for one in ids)
