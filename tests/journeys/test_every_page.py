"""Every kind of page that a persona can walk to: at a phone's, a desktop's and the narrowest width, and unscripted."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Dialog, expect

from tests.journeys.conftest import Arrivals
from tests.journeys.people import Commissioner, Coordinator, Editor, Resident
from tests.journeys.site import Site, serve
from tests.journeys.visitor import DESKTOP, NARROWEST, PHONE, Visitor

PERSONAS = (
    "Shabana Malik",
    "Ruth Entwistle",
    "Priya Nair",
    "Helen Ogden",
    "Nasreen Akhtar",
    "Martin Okafor",
    "Yvonne Pilling",
    "Gareth Rigby",
    "Margaret Ashworth",
    "Alison Ashworth",
)
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
# Kinds of pages that everybody can reach are walked once, by somebody who is not signed in.
PUBLIC = {
    *("/", "/search", "/activities/*", "/groups/*", "/ask", "/ask/sent", "/contact", "/privacy"),
    *("/accessibility", "/sign-in", "/sign-in-as", "/forgotten-password", "/account"),
}
NO_PAGE = (".atom", ".ics", ".csv", ".json", "/download")
NOT_FOR_PEOPLE = ("/api/", "/fhir/", "/open-data/download/")
MOST_KINDS = 25
WEIGHT = 100_000
MISCHIEF = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "';alert(1)//",
    "javascript:alert(1)",
    "{{7*7}}${7*7}",
    "</textarea><iframe src=javascript:alert(1)>",
)
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def kind_of(path: str) -> str:
    """Pages that differ only in whom or what they are about are of one kind."""
    return UUID.sub("*", path.partition("?")[0])


def walks(visitor: Visitor, starts: list[str], seen: set[str]) -> set[str]:
    """Go through one page of each kind that links lead to, and look at each at every width."""
    waiting, walked = list(starts), set(seen)
    while waiting and len(walked) - len(seen) < MOST_KINDS:
        path = waiting.pop(0)
        kind = kind_of(path)
        if kind in walked:
            continue
        walked.add(kind)
        visitor.goes_to(path)
        looks_at_every_width(visitor)
        waiting += links_on(visitor)
    return walked - seen


# Whoever hears a page alone must be told apart what is pressed: by its words, with those that only a reader says.
ALIKE = """() => {
  const hidden = form => [...form.querySelectorAll("input[type=hidden]")]
    .filter(box => !["csrf_token", "idempotency_key", "version"].includes(box.name))
    .map(box => `${box.name}=${box.value}`);
  const found = new Map();
  document.querySelectorAll("main button, main summary").forEach((one, at) => {
    const words = `${one.tagName} ${one.textContent.replace(/\\s+/g, " ").trim()}`;
    const does = one.form ? [one.formAction, one.name, one.value, ...hidden(one.form)].join(" ") : String(at);
    found.set(words, (found.get(words) ?? new Set()).add(does));
  });
  return [...found].filter(([, done]) => done.size > 1).map(([words]) => words);
}"""


def looks_at_every_width(visitor: Visitor) -> None:
    """The page was checked at the width at which it was opened; now at the others."""
    assert visitor.page.evaluate(ALIKE) == [], f"{visitor.page.url}: several are called the same"
    first = visitor.page.viewport_size
    assert first
    visitor.page.set_viewport_size(PHONE if first["width"] == DESKTOP["width"] else DESKTOP)
    visitor.checks_the_page()
    visitor.page.set_viewport_size(NARROWEST)
    visitor.checks_the_frame()
    visitor.page.set_viewport_size(first)


def links_on(visitor: Visitor) -> list[str]:
    """The site's own pages that this one leads to, asked as the links ask for them."""
    found: list[str] = visitor.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    links = [urlsplit(href) for href in found if href.startswith(visitor.site.url)]
    return [
        f"{link.path}?{link.query}".rstrip("?")
        for link in dict.fromkeys(links)
        if not (link.path.endswith(NO_PAGE) or link.path.startswith(NOT_FOR_PEOPLE))
    ]


def test_anybody_walks_the_public_pages(shared_site: Site, arrive: Arrivals) -> None:
    walked = walks(arrive(Resident, shared_site, "phone"), ["/", "/search", "/ask"], set())
    assert {"/", "/search", "/activities/*", "/groups/*", "/ask", "/privacy", "/accessibility"} <= walked


@pytest.mark.parametrize("persona", PERSONAS)
def test_a_persona_walks_the_pages_of_its_work(shared_site: Site, arrive: Arrivals, persona: str) -> None:
    visitor = arrive(Visitor, shared_site, "desktop")
    visitor.signs_in_as(persona)
    looks_at_every_width(visitor)
    landing = urlsplit(visitor.page.url).path
    walks(visitor, links_on(visitor), PUBLIC | {kind_of(landing)})


@pytest.mark.parametrize("persona", PERSONAS)
def test_pages_work_without_scripts(shared_site: Site, arrive: Arrivals, persona: str) -> None:
    visitor = arrive(Visitor, shared_site, "phone", scripts=False)
    visitor.careful = False
    visitor.signs_in_as(persona)
    visitor.checks_the_frame()
    for link in visitor.page.locator(".gt-nav__list a").all_text_contents():
        visitor.follows(link)
        visitor.checks_the_frame()


def test_somebody_asks_without_scripts(shared_site: Site, arrive: Arrivals) -> None:
    resident = arrive(Resident, shared_site, "phone", scripts=False)
    resident.careful = False
    resident.looks_for("cooking", near="BL9 0")
    resident.sees("Cook on a budget")
    resident.goes_to("/ask")
    resident.asks_for_support("Ida", "07700 900462", "Company.", need="Company", postcode="")
    assert resident.reads_the_reference()


def test_a_page_of_answers_is_light(shared_site: Site, arrive: Arrivals) -> None:
    resident = arrive(Resident, shared_site, "phone")
    wire = resident.context.new_cdp_session(resident.page)
    weights: list[float] = []
    wire.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    resident.goes_to("/search?postcode=BL9+0")
    resident.page.wait_for_load_state("networkidle")
    assert len(weights) >= 4
    assert sum(weights) < WEIGHT, f"{sum(weights):.0f} bytes"


def test_mischief_that_is_typed_stays_words(shared_site: Site, arrive: Arrivals) -> None:
    resident, helen, ruth = (
        arrive(Resident, shared_site, "phone"),
        arrive(Coordinator, shared_site, "desktop"),
        arrive(Editor, shared_site, "desktop"),
    )
    for visitor in (resident, helen, ruth):
        visitor.careful = False
        visitor.page.on("dialog", partial(complain, visitor))

    for words in MISCHIEF:
        resident.goes_to(f"/search?q={quote(words)}")
        resident.checks_the_frame()
    resident.goes_to("/ask")
    resident.asks_for_support(
        "<b onmouseover=alert(1)>Mo",
        "07700 900463",
        "\n".join(MISCHIEF),
        need="Food",
        postcode=MISCHIEF[0][:10],
    )
    resident.checks_the_frame()

    helen.signs_in_as("Helen Ogden")
    helen.checks_the_frame()
    helen.reads_about("<b onmouseover=alert(1)>Mo")
    helen.sees(*MISCHIEF)
    helen.checks_the_frame()

    ruth.signs_in_as("Ruth Entwistle")
    ruth.goes_to(an_activity(ruth, "pantry") + "/edit")
    ruth.follows("Change about it")
    ruth.fills_in("About it", "\n\n".join(MISCHIEF))
    ruth.presses("Save")
    ruth.checks_the_frame()
    ruth.goes_to(ruth.page.url.removesuffix("/edit"))
    ruth.sees(*MISCHIEF)
    ruth.checks_the_frame()


def complain(whose: Visitor, dialog: Dialog) -> None:
    """What was typed ran."""
    whose.complaints.append(f"a dialog opened: {dialog.message}")
    dialog.dismiss()


def an_activity(visitor: Visitor, words: str) -> str:
    """The path of the first answer to these words."""
    visitor.goes_to(f"/search?q={words}")
    href = visitor.page.locator("article h2 a").first.get_attribute("href")
    assert href
    return href


def test_a_map_is_drawn_quietly(borough: Path, tmp_path: Path, arrive: Arrivals) -> None:
    with tiles() as address, serve(borough, tmp_path, GT_TILE_URL=address) as site:
        resident = arrive(Resident, site, "phone")
        resident.goes_to(an_activity(resident, "pantry"))
        resident.page.get_by_role("button", name="Show it on a map").click()
        expect(resident.page.locator(".leaflet-tile-loaded").first).to_be_attached()
        resident.checks_the_page()


def test_charts_are_drawn_quietly(shared_site: Site, arrive: Arrivals) -> None:
    martin = arrive(Commissioner, shared_site, "phone")
    martin.signs_in_as("Martin Okafor")
    martin.sees_a_picture("How many people got to each step")
    martin.checks_the_page()


class _Tiles(BaseHTTPRequestHandler):
    """The same tile everywhere."""

    def do_GET(self) -> None:
        """One pixel."""
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(PIXEL)))
        self.end_headers()
        self.wfile.write(PIXEL)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def tiles() -> Iterator[str]:
    """A tile server on loopback; gives the address to set."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Tiles)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{{z}}/{{x}}/{{y}}.png"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
