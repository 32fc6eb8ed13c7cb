"""Where we may send somebody, and how addresses are written."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from flask import Flask, url_for
from hypothesis import given
from hypothesis import strategies as st

from core.web.links import address_with, is_local, row_links, safe_href, safe_redirect, tel


@pytest.mark.parametrize("target", ["/", "/people/1", "/search?q=tea&page=2", "/a#b"])
def test_paths_of_this_site_are_local(target: str) -> None:
    assert is_local(target)
    assert safe_redirect(target).location == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "people",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/ok\r\nSet-Cookie: x",
        " /x",
    ],
)
def test_anything_else_goes_home(target: str | None) -> None:
    assert not is_local(target)
    answer = safe_redirect(target, "/today")
    assert (answer.status_code, answer.location) == (303, "/today")


@given(st.text(alphabet="/\\:@.ehttps?#\t\n", min_size=1, max_size=12))
def test_no_text_leads_to_another_host(target: str) -> None:
    if is_local(target):
        parts = urlsplit("https://ours.example" + target)
        assert parts.netloc == "ours.example"
        assert not target.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://example.org/a?b=c", True),
        ("http://example.org", True),
        ("mailto:a@example.org", True),
        ("tel:+441614960000", True),
        ("HTTPS://example.org", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("/local", False),
        ("http://[broken", False),
        ("", False),
        (None, False),
    ],
)
def test_only_harmless_addresses_become_links(address: str | None, kept: bool) -> None:
    assert safe_href(address) == (address if kept else "")


@pytest.mark.parametrize(
    ("number", "address"),
    [
        ("0161 496 0999", "tel:+441614960999"),
        ("+44 7700 900123", "tel:+447700900123"),
        ("999", "tel:999"),
        ("ring Jean", "tel:"),
        (None, "tel:"),
    ],
)
def test_numbers_are_written_for_phones(number: str | None, address: str) -> None:
    assert tel(number) == address


@pytest.mark.parametrize(
    ("path", "value", "address"),
    [
        ("/find?q=tea&need=a&need=b&page=2", 3, "/find?q=tea&need=a&need=b&page=3"),
        ("/find?page=2", None, "/find"),
        ("/find", 2, "/find?page=2"),
        ("/find?q=a%26b", 2, "/find?q=a%26b&page=2"),
    ],
)
def test_one_parameter_of_the_address_changes(path: str, value: int | None, address: str) -> None:
    with Flask(__name__).test_request_context(path):
        assert address_with("page", value) == address


def test_a_row_is_linked_as_any_page_is() -> None:
    app = Flask(__name__)
    app.add_url_rule("/people/<uuid:person_id>/needs/<uuid:need_id>", "need")
    app.add_url_rule("/find/<what>", "find")
    for base in ("http://localhost", "http://localhost/borough"):
        with app.test_request_context("/", base_url=base):
            for what in ("tea", "walks-in-parks", "tea & talk", "a/b", "7", "Üb", "tea"):
                ids: dict[str, Any] = {"need_id": uuid4(), "person_id": uuid4(), "task_id": uuid4()}
                assert row_links()("need", **ids) == url_for("need", **ids)
                assert row_links()("need", **ids, part=what) == url_for("need", **ids, part=what)
                assert row_links()("find", what=what) == url_for("find", what=what)
