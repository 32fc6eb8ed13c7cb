"""People use words of their own: slips are mended, suggestions help, and an editor teaches the search a new word."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.conftest import Arrivals
from tests.journeys.people import Editor, Resident
from tests.journeys.site import Site


def test_a_resident_types_plain_words_with_a_slip_and_finds(shared_site: Site, arrive: Arrivals) -> None:
    resident = arrive(Resident, shared_site, "phone")
    resident.looks_for("my nan is lonly", near="")
    resident.sees("Showing results for my nan is lonely")
    assert resident.counts_the_answers() > 5

    resident.follows("Search instead for my nan is lonly")
    resident.reads_heading("“my nan is lonly”")


def test_suggestions_come_as_one_types_and_lead_there_by_keyboard(
    shared_site: Site, arrive: Arrivals
) -> None:
    resident = arrive(Resident, shared_site, "desktop")
    resident.goes_to("/")
    box = resident.page.get_by_role("combobox", name="What would help?")
    box.press_sequentially("skint", delay=20)
    offered = resident.page.get_by_role("option", name="Money and debt")
    expect(offered).to_be_visible()
    resident.checks_the_page(status=200)
    box.press("ArrowDown")
    with resident.page.expect_navigation():
        resident.page.keyboard.press("Enter")
    resident.reads_heading("Money and debt")

    resident.goes_to("/")
    with resident.page.expect_navigation():
        box.press_sequentially("walking", delay=5)
        box.press("Enter")
    resident.reads_heading("“walking”")


def test_an_editor_adds_words_and_the_next_search_finds(site: Site, arrive: Arrivals) -> None:
    resident = arrive(Resident, site, "phone")
    resident.goes_to("/search?q=wibblewobble")
    resident.sees("We found nothing for that")

    ruth = arrive(Editor, site, "desktop")
    ruth.signs_in_as("Ruth Entwistle")
    ruth.goes_to("/synonyms/new?word=wibblewobble")
    ruth.fills_in("Words that mean the same", "walking football")
    ruth.presses("Save")
    ruth.sees("Searches use it from now on")

    resident.looks_for("wibblewobble", near="")
    resident.sees("Walking football")
