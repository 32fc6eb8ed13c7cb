"""People find what fits: by narrowing, by where they are, and by being told whom to ring when they are not safe."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.conftest import Arrivals
from tests.journeys.people import Resident
from tests.journeys.site import Site

AWAY = "https://www.bbc.co.uk/weather"


def test_a_resident_narrows_on_a_phone_and_takes_a_choice_back(shared_site: Site, arrive: Arrivals) -> None:
    resident = arrive(Resident, shared_site, "phone")
    resident.looks_for("company", near="BL9 0")
    before = resident.counts_the_answers()

    resident.opens("Change or narrow")
    resident.opens("Day")
    resident.chooses("Tuesday")
    resident.opens("Cost")
    resident.chooses("Free")
    button = resident.page.get_by_role("button", name=re.compile(r"Show \d+ activit"))
    expect(button).to_be_visible()
    expect(button).not_to_have_attribute("aria-busy", "true")
    said = int(re.findall(r"\d+", button.inner_text())[0])
    resident.presses("Show")
    resident.reads_heading("“company” near BL9 0, on a Tuesday, free")
    assert resident.counts_the_answers() == said < before

    resident.follows("Take away Tuesday")
    resident.reads_heading("“company” near BL9 0, free")
    assert resident.counts_the_answers() > said
    resident.page.go_back()
    resident.reads_heading("on a Tuesday")


def test_the_same_without_scripts_and_nobody_leaves_with_nothing(shared_site: Site, arrive: Arrivals) -> None:
    resident = arrive(Resident, shared_site, "desktop", scripts=False)
    resident.careful = False
    resident.goes_to("/search?need=bereavement")
    resident.checks_the_frame()
    resident.opens("How to join")
    resident.chooses("Just turn up")
    resident.opens("Language")
    resident.presses("Show results")
    resident.sees("Just turn up")

    resident.goes_to("/search?q=bereavement&day=SU&time=evening&cost=free&how=in-person&join=turn-up&age=0-4")
    resident.sees("We found nothing", "Here is what there is for")
    resident.follows("Clear all")
    resident.reads_heading("All groups and activities")

    # A whole letter in the address still gets a page of ours.
    resident.goes_to(f"/search?q={'chess+and+tea+' * 385}")
    resident.sees("That is a lot of words")


def test_somebody_in_danger_sees_whom_to_ring_and_leaves_unseen(shared_site: Site, arrive: Arrivals) -> None:
    resident = arrive(Resident, shared_site, "phone")
    resident.context.route(
        AWAY, lambda route: route.fulfill(body="<h1>The weather</h1>", content_type="text/html")
    )
    resident.goes_to("/search?q=walking")
    resident.goes_to("/search?q=he+hurts+me")
    resident.reads_heading("Who can help you now")
    for number in ("999", "0808 2000 247", "116 123"):
        assert resident.page.get_by_role("link", name=number).first.get_attribute("href", timeout=5000)
    assert "hurts" not in resident.page.title()

    resident.page.keyboard.press("Shift")
    resident.sees("press 2 more times to leave")
    resident.page.keyboard.press("Shift")
    with resident.page.expect_navigation(url=AWAY):
        resident.page.keyboard.press("Shift")
    resident.page.go_back()
    expect(resident.page).to_have_url(re.compile("q=walking"))


def test_a_resident_asks_for_what_is_near_them_or_says_no(shared_site: Site, arrive: Arrivals) -> None:
    resident = arrive(Resident, shared_site, "phone")
    resident.goes_to("/")
    resident.page.get_by_role("button", name="Use where I am").click()
    resident.sees("Your device did not say where you are, and that is fine.")

    resident.context.grant_permissions(["geolocation"])
    resident.context.set_geolocation({"latitude": 53.59312, "longitude": -2.29788})
    resident.fills_in("What would help?", "company")
    resident.presses("Use where I am")
    resident.reads_heading("“company” near you")
    resident.sees("within 500 metres")
    expect(resident.page).to_have_url(re.compile(re.escape("near=53.595%2C-2.300")))
    resident.does_not_see("53.5931")
