"""Somebody in front of a screen. Every page that they come to is checked: accessible, titled, quiet in the console."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Response,
    ViewportSize,
    expect,
)

from tests.journeys.site import Site

AXE = Path(__file__).resolve().parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
PHONE: ViewportSize = {"width": 375, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
NARROWEST: ViewportSize = {"width": 320, "height": 640}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# The NHS radios say by aria-expanded that they unfold something. ARIA does not list it for radios; screen readers
# do read it, and the NHS service manual keeps it.
REVEALS = 'class="nhsuk-radios__input"'


@cache
def axe_script() -> str:
    """The accessibility checker, read once."""
    return AXE.read_text(encoding="utf-8")


@dataclass
class Visitor:
    """One person's browser. Methods are what a person does or sees; what leads to a page ends on a checked page.

    `status` is the answer's status of the page that they look at. A visitor who is not `careful` only looks at that:
    for what a journey takes as given.
    """

    page: Page
    context: BrowserContext
    site: Site
    complaints: list[str] = field(default_factory=list)
    status: int = 0
    careful: bool = True

    @classmethod
    def arrive(cls, browser: Browser, site: Site, size: ViewportSize, *, scripts: bool = True) -> Self:
        """Open a browser of their own, with nothing remembered."""
        context = browser.new_context(
            viewport=size,
            has_touch=size is PHONE,
            locale="en-GB",
            timezone_id="Europe/London",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(10_000)
        visitor = cls(context.new_page(), context, site)
        visitor._listen(visitor.page)
        return visitor

    def leave(self) -> None:
        """Close the browser."""
        self.context.close()

    def opens_another_tab(self) -> Self:
        """The same person, with a second tab at the same address."""
        other = replace(self, page=self.context.new_page(), complaints=[])
        other._listen(other.page)
        other.goes_to(self.page.url)
        return other

    # --- going somewhere ---

    def goes_to(self, path: str, *, status: int = 200) -> None:
        """Type an address; a whole one or a path of the site."""
        self.page.goto(path if path.startswith("http") else self.site.url + path)
        self.checks_the_page(status=status)

    def signs_in_as(self, name: str) -> None:
        """Come in as one of the demo's example people, and land where their work is."""
        self.page.goto(f"{self.site.url}/sign-in-as")
        self.presses(f"Sign in as {name}", exact=True)

    def signs_out(self) -> None:
        """Leave the account."""
        self.presses("Sign out")

    def follows(self, link: str, *, exact: bool = False, status: int = 200) -> None:
        """Press a link; one that the menu has folded away after opening that."""
        found = self.page.get_by_role("link", name=link, exact=exact)
        more = self.page.locator(".gt-nav__more:not([open]) > summary")
        if not found.count() and more.count():
            more.click()
        self._go(found.first, status)

    def presses(self, button: str, *, exact: bool = False, status: int = 200) -> None:
        """Press a button that leads on."""
        self._go(self.page.get_by_role("button", name=button, exact=exact).first, status)

    def presses_beside(self, words: str, button: str, *, status: int = 200) -> None:
        """Press a button of the line in which these words stand."""
        line = self.page.get_by_role("listitem").filter(has_text=words).last
        self._go(line.get_by_role("button", name=button).first, status)

    def follows_beside(self, words: str, link: str) -> None:
        """Press a link of the line in which these words stand."""
        there = self.page.get_by_role("link", name=link)
        line = self.page.get_by_role("listitem").filter(has_text=words).filter(has=there).last
        self._go(line.get_by_role("link", name=link).first, 200)

    def _go(self, what: Locator, status: int) -> None:
        with self.page.expect_navigation(wait_until="load"):
            what.click()
        self.checks_the_page(status=status)

    def loses_the_connection(self) -> None:
        """In the middle of something, as on a bus."""
        self.context.set_offline(True)

    def finds_the_connection_again(self) -> None:
        """What the browser said of the lost one is no fault of the page."""
        self.context.set_offline(False)
        self.complaints[:] = [one for one in self.complaints if "ERR_INTERNET_DISCONNECTED" not in one]

    def loses_the_data_but_not_the_bars(self) -> None:
        """As in a café whose network leads nowhere: the browser believes that it is connected."""
        self.context.route("**/*", lambda route: route.abort())

    def finds_data_again(self) -> None:
        """What the browser said of requests that led nowhere is no fault of the page."""
        self.context.unroute_all(behavior="wait")
        self.complaints[:] = [one for one in self.complaints if "ERR_FAILED" not in one]

    # --- filling in ---

    def fills_in(self, label: str, text: str) -> None:
        """Type into the box with this label."""
        self.page.get_by_label(label, exact=True).filter(visible=True).first.fill(text)

    def fills_in_day(self, legend: str, day: str, month: str, year: str) -> None:
        """Type a date into its three boxes."""
        group = self.page.get_by_role("group", name=legend)
        for label, text in (("Day", day), ("Month", month), ("Year", year)):
            group.get_by_label(label, exact=True).fill(text)

    def chooses(self, label: str, *, among: str = "") -> None:
        """Tick a box or choose a radio, where need be among the answers to one question."""
        within = self.page.get_by_role("group", name=among) if among else self.page
        within.get_by_label(label).filter(visible=True).first.check()

    def picks(self, label: str, line: str) -> None:
        """Choose a line of a list."""
        self.page.get_by_label(label, exact=True).first.select_option(label=line)

    def opens(self, summary: str) -> None:
        """Unfold what is folded."""
        self.page.locator("summary").filter(has_text=summary).first.click()

    # --- seeing ---

    def sees(self, *texts: str) -> None:
        """They stand on the page."""
        for text in texts:
            expect(self.page.locator("main")).to_contain_text(text)

    def does_not_see(self, *texts: str) -> None:
        """They stand nowhere on the page, hidden or not."""
        content = self.page.content()
        for text in texts:
            assert text not in content, f"{text!r} is on {self.page.url}"

    def reads_heading(self, text: str) -> None:
        """The page's one heading says so."""
        expect(self.page.locator("h1")).to_contain_text(text)

    def sees_a_picture(self, told: str) -> None:
        """A chart is drawn, and says in words what it shows."""
        picture = self.page.get_by_role("img", name=told)
        expect(picture).to_be_visible()
        expect(picture.locator("svg, canvas").first).to_be_visible()

    def finds_typed(self, label: str, text: str) -> None:
        """What was typed is still there."""
        expect(self.page.get_by_label(label, exact=True).filter(visible=True).first).to_have_value(text)

    # --- checking ---

    def checks_the_page(self, *, status: int = 200) -> None:
        """One heading, a title, no sideways scrolling, no complaint in the console, nothing that axe finds."""
        self.page.wait_for_load_state("load")
        where = self.page.url
        assert self.status == status, f"{where} answered {self.status}: {self._main()[:400]}"
        if not self.careful:
            return
        self.checks_the_frame()
        found = self._axe()
        assert not found, f"{where} at {self.page.viewport_size}: {found}"

    def checks_the_frame(self) -> None:
        """What needs no accessibility checker: one heading, a title, no sideways scrolling, a quiet console."""
        where = self.page.url
        assert self.page.locator("h1").count() == 1, f"{where} has not one h1"
        assert self.page.title().strip(), f"{where} has no title"
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{where} scrolls sideways by {wide} pixels at {self.page.viewport_size}"
        assert not self.complaints, f"{where}: {self.complaints}"

    def _main(self) -> str:
        return " ".join(self.page.locator("body").inner_text().split())

    def _axe(self) -> list[str]:
        # Evaluated by the driver, so that the page's own Content-Security-Policy stays as it is.
        self.page.evaluate(f"() => {{ if (!window.axe) {{ {axe_script()} }} }}")
        result: dict[str, Any] = self.page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})",
            RULES,
        )
        return [
            f"{violation['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
            for violation in result["violations"]
            for node in violation["nodes"]
            if not (violation["id"] == "aria-allowed-attr" and REVEALS in node["html"])
        ]

    def _listen(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        # A page that answers 4xx is announced as an error; its status is for the journey to expect.
        announced = "responded with a status of 4" in message.text
        if announced and message.location["url"].partition("#")[0] == self.page.url.partition("#")[0]:
            return
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _see(self, response: Response) -> None:
        request = response.request
        if (
            request.is_navigation_request()
            and request.frame == self.page.main_frame
            and not 300 <= response.status < 400
        ):
            self.status = response.status
        if response.status >= 500:
            self.complaints.append(f"{response.status} for {response.url}")
