"""A resident on a phone: asks with a connection that comes and goes, sees their plan, and helps others in the end."""

from __future__ import annotations

import re

from tests.journeys.conftest import Arrivals
from tests.journeys.people import GroupVolunteer, LinkWorker, Resident
from tests.journeys.site import Site

CODE = re.compile(r"\b(\d{3} \d{3})\b")


def test_a_resident_from_asking_to_helping(site: Site, arrive: Arrivals) -> None:
    asker = arrive(Resident, site, "phone")
    the_connection_goes_and_nothing_is_lost(asker)
    reference, code = the_form_is_saved_for_later(asker)
    it_is_finished_on_another_phone(arrive(Resident, site, "phone"), reference, code)

    margaret = arrive(Resident, site, "phone")
    margaret.signs_in_as("Margaret Ashworth")
    she_sees_what_is_coming_and_says_what_is_not_for_her(margaret)
    she_writes_and_offers_help(margaret)
    priya = arrive(LinkWorker, site, "desktop")
    her_link_worker_hears_of_it(priya)
    her_link_worker_asks_a_group_that_has_no_account(priya)
    the_group_answers_on_a_bus(arrive(GroupVolunteer, site, "phone"))
    priya.follows("Today")
    priya.opens_the_page_of("Margaret")
    priya.follows("Messages and their way in online")
    priya.sees("Chair moves on Monday: it said yes", "Helps now")


def the_connection_goes_and_nothing_is_lost(asker: Resident) -> None:
    """Given a bus that drives into a tunnel."""
    asker.goes_to("/ask")
    asker.fills_in("Name", "Olive Example")
    asker.fills_in("In your own words", "Since the bus stopped I am stuck.")
    asker.loses_the_connection()
    asker.page.get_by_role("button", name="Save and finish later").click()
    asker.sees("You are not connected. Nothing is lost")
    asker.finds_the_connection_again()
    asker.finds_typed("Name", "Olive Example")


def the_form_is_saved_for_later(asker: Resident) -> tuple[str, str]:
    """Given that the bus has arrived."""
    asker.page.wait_for_timeout(1100)  # a button takes no second press within a second
    asker.presses("Save and finish later")
    asker.reads_heading("Your form is saved")
    found = CODE.search(asker.page.locator("main").inner_text())
    assert found
    return asker.reads_the_reference(), found.group()


def it_is_finished_on_another_phone(other: Resident, reference: str, code: str) -> None:
    """Given what was written down, and a slip of the pen."""
    other.goes_to("/ask")
    other.follows("Go on with a saved form")
    other.fills_in("Your reference", reference)
    other.fills_in("Your code", "000 000" if code != "000 000" else "111 111")
    other.presses("Open my form")
    other.sees("do not open a saved form")
    other.fills_in("Your code", code)
    other.presses("Open my form")
    other.finds_typed("In your own words", "Since the bus stopped I am stuck.")
    other.fills_in("Phone number", "0161 496 0456")
    other.presses("Ask for support")
    other.reads_heading("We have your request")


def she_sees_what_is_coming_and_says_what_is_not_for_her(margaret: Resident) -> None:
    """Given two groups, of which one waits."""
    margaret.reads_heading("My plan")
    margaret.sees("What is coming", "Grief cafe", "You are on their waiting list")
    margaret.presses_beside("Grief cafe", "This helps")
    margaret.sees("You said that this helps.")
    margaret.opens("I would rather not go")
    margaret.presses_beside("Memory quilts", "I will not go")
    margaret.sees("You are not going there")


def she_writes_and_offers_help(margaret: Resident) -> None:
    """Given that she has baked for fifty years."""
    margaret.follows("Messages")
    margaret.fills_in("Your message", "Could we look for something with flowers?")
    margaret.presses("Send")
    margaret.sees("Could we look for something with flowers?")
    margaret.follows("My plan")
    margaret.follows("Would you like to help others?")
    margaret.chooses("Share something I am good at")
    margaret.fills_in(
        "What are you good at, or what would you enjoy?", "Fifty years of baking for chapel teas."
    )
    margaret.presses("Offer this")
    margaret.sees("Fifty years of baking for chapel teas.")


def her_link_worker_hears_of_it(priya: LinkWorker) -> None:
    """Given that she reads it on a working day."""
    priya.signs_in_as("Priya Nair")
    priya.opens_the_page_of("Margaret")
    priya.follows("Messages and their way in online")
    priya.sees("Could we look for something with flowers?", "Share something I am good at")


def her_link_worker_asks_a_group_that_has_no_account(priya: LinkWorker) -> None:
    """Given that Margaret agreed when they talked."""
    priya.follows("Offer this to a group")
    priya.fills_in("Name, or what it is about", "Chair moves on Monday")
    priya.presses("Find")
    priya.chooses("Chair moves on Monday")
    priya.chooses("By phone")
    priya.presses("They agree: ask this group")
    priya.sees("Chair moves on Monday: it has not answered yet")


def the_group_answers_on_a_bus(ken: GroupVolunteer) -> None:
    """Given two presses, a code that is mistyped first, and nobody's name before it."""
    ken.opens_the_link_in_the_email("Somebody would like to help at Chair moves on Monday")
    ken.sees("Would share something they are good at", "Fifty years of baking for chapel teas.")
    ken.does_not_see("Margaret")
    ken.opens("No, thank you")
    ken.presses("Yes, please")
    ken.does_not_see("Margaret")
    ken.presses("Text a code")
    code = ken.finds_the_code()
    ken.fills_in("Code", "000 000" if code != "000000" else "111 111")
    ken.presses("Show who it is")
    ken.sees("That code is not right")
    ken.fills_in("Code", code)
    ken.presses("Show who it is")
    ken.sees("Margaret", "How to reach them")
