"""A test client that reads every page as a browser would, and fails on what a browser would have to guess."""

from __future__ import annotations

import contextvars
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask.globals import _cv_app
from flask.testing import FlaskClient
from html5lib.constants import E as MESSAGES
from werkzeug.test import TestResponse

# Attributes whose words are the ids of other elements on the page.
_POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "list", "headers")


class BadPage(AssertionError):
    """A page that a test asked for is not sound HTML, or went out without its headers."""


def parse(text: str) -> Element:
    """The document as an element tree without namespaces; what the parser found wrong is not reported."""
    return _read(text)[0]


@lru_cache(maxsize=8)
def _read(text: str) -> tuple[Element, list[str]]:
    """The document and what the parser found wrong. Kept for a moment: a test looks at what the client has checked."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    document: Element = parser.parse(text)
    wrong = [
        f"line {line}, column {column}: {MESSAGES.get(code, code) % values}"
        for (line, column), code, values in parser.errors
    ]
    return document, wrong


def text_of(element: Element) -> str:
    """All the words inside `element`, spaces collapsed."""
    return " ".join("".join(element.itertext()).split())


def faults(text: str) -> list[str]:
    """What is wrong with a whole HTML page, in words; an empty list for a sound one."""
    document, wrong = _read(text)
    found = list(wrong)
    everything: list[Any] = list(document.iter())
    elements: list[Element] = [
        element for element in everything if isinstance(element.tag, str)
    ]  # no comments
    found += _missing_parts(document, elements)
    ids = Counter(element.attrib["id"] for element in elements if "id" in element.attrib)
    found += [f"the id {name!r} is used {count} times" for name, count in ids.items() if count > 1]
    for element in elements:
        found += _dangling(element, ids)
    return found


def _missing_parts(document: Element, elements: list[Element]) -> list[str]:
    found = []
    if not document.attrib.get("lang"):
        found.append("<html> has no lang")
    titles = document.findall("./head/title")
    if len(titles) != 1 or not text_of(titles[0]):
        found.append(f"the page needs one title with words in it, and has {len(titles)}")
    headings = [element for element in elements if element.tag == "h1"]
    if len(headings) != 1 or not text_of(headings[0]):
        found.append(f"the page needs one h1 with words in it, and has {len(headings)}")
    mains = [element for element in elements if element.tag == "main"]
    if len(mains) != 1:
        found.append(f"the page needs one main, and has {len(mains)}")
    found += [
        f"the image {element.attrib.get('src', '')!r} has no alt"
        for element in elements
        if element.tag == "img" and "alt" not in element.attrib
    ]
    return found


def _dangling(element: Element, ids: Counter[str]) -> list[str]:
    found = [
        f"<{element.tag} {name}> points to the id {target!r}, which is not on the page"
        for name in _POINTERS
        for target in element.attrib.get(name, "").split()
        if target not in ids
    ]
    href = element.attrib.get("href", "")
    if element.tag == "a" and href.startswith("#") and href not in {"#", "#top"} and href[1:] not in ids:
        found.append(f"the link {href!r} leads nowhere on the page")
    return found


def missing_headers(response: TestResponse) -> list[str]:
    """The protective headers that this answer went out without."""
    found = []
    if response.headers.get("X-Content-Type-Options") != "nosniff":
        found.append("X-Content-Type-Options: nosniff is missing")
    if response.mimetype == "text/html":
        policy = response.headers.get("Content-Security-Policy", "")
        if not policy:
            found.append("Content-Security-Policy is missing")
        elif "unsafe-inline" in policy or "unsafe-eval" in policy:
            found.append(f"Content-Security-Policy lets unsafe scripts run: {policy}")
    return found


class HtmlClient(FlaskClient):
    """Flask's test client; each answer's headers and each HTML page are checked before the test sees them."""

    before_request: Callable[[], None] | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if self.before_request is not None:
            self.before_request()
        # A request of its own: it must not see what the test's application context remembers.
        alone = contextvars.copy_context()
        alone.run(_cv_app.set, None)  # type: ignore[arg-type]
        response = alone.run(super().open, *args, **kwargs)
        found = missing_headers(response)
        redirected = 300 <= response.status_code < 400
        if response.mimetype == "text/html" and not redirected and response.request.method != "HEAD":
            found += faults(response.get_data(as_text=True))
        if found:
            raise BadPage(
                f"{response.request.method} {response.request.path} ({response.status_code}): "
                + "; ".join(found)
            )
        return response
