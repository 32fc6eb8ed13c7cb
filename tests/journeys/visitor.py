"""Somebody in front of a screen. Every page that they come to is checked: accessible, titled, quiet in the console."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect

from tests.journeys.site import Site

AXE = Path(__file__).resolve().parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"width": 375, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class Visitor:
    """One person's browser. Methods are what a person does or sees; each ends on a checked page."""

    page: Page
    context: BrowserContext
    site: Site
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def arrive(cls, browser: Browser, site: Site, size: dict[str, int]) -> Visitor:
        """Open a browser of their own, with nothing remembered."""
        context = browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            has_touch=size is PHONE,
            locale="en-GB",
            timezone_id="Europe/London",
            bypass_csp=False,
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        visitor = cls(page, context, site)
        page.on("console", visitor._hear)
        page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        page.on("response", visitor._see)
        return visitor

    def leave(self) -> None:
        """Close the browser."""
        self.context.close()

    def goes_to(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.site.url + path)
        self.checks_the_page()

    def signs_in_as(self, persona: str) -> None:
        """Use the demo's "sign in as" for the persona whose button names `persona`."""
        self.page.goto(f"{self.site.url}/sign-in")
        self.page.get_by_role("button", name=persona).click()
        self.checks_the_page()

    def signs_out(self) -> None:
        """Leave the account."""
        self.page.get_by_role("button", name="Sign out").first.click()
        self.checks_the_page()

    def follows(self, link: str, *, exact: bool = False) -> None:
        """Press a link."""
        self.page.get_by_role("link", name=link, exact=exact).first.click()
        self.checks_the_page()

    def presses(self, button: str, *, exact: bool = False) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=button, exact=exact).first.click()
        self.checks_the_page()

    def fills_in(self, label: str, text: str) -> None:
        """Type into the box with this label."""
        self.page.get_by_label(label).first.fill(text)

    def chooses(self, label: str) -> None:
        """Tick a box or choose a radio."""
        self.page.get_by_label(label).first.check()

    def sees(self, text: str) -> None:
        """It stands on the page."""
        expect(self.page.locator("main")).to_contain_text(text)

    def does_not_see(self, text: str) -> None:
        """It stands nowhere on the page, hidden or not."""
        assert text not in self.page.content(), f"{text!r} is on {self.page.url}"

    def reads_heading(self, text: str) -> None:
        """The page's one heading says so."""
        expect(self.page.locator("h1")).to_contain_text(text)

    def checks_the_page(self) -> None:
        """One heading, a title, no sideways scrolling, no complaint in the console, nothing that axe finds."""
        self.page.wait_for_load_state("load")
        where = self.page.url
        assert self.page.locator("h1").count() == 1, f"{where} has not one h1"
        assert self.page.title().strip(), f"{where} has no title"
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{where} scrolls sideways by {wide} pixels"
        assert not self.complaints, f"{where}: {self.complaints}"
        found = self._axe()
        assert not found, f"{where}: {found}"

    def _axe(self) -> list[str]:
        # Evaluated by the driver, so that the page's own Content-Security-Policy stays as it is.
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        result: dict[str, Any] = self.page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
        )
        return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in result["violations"]]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _see(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} for {response.url}")
