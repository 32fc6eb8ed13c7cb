"""Somebody finds what is on, keeps it and passes it on; a group moves and calls off, and everybody sees it."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from core import clock
from core.calendar.rules import say_day
from tests.journeys.conftest import Arrivals
from tests.journeys.people import GroupVolunteer, Resident
from tests.journeys.site import Site


def test_a_resident_finds_wednesday_afternoon_keeps_it_and_takes_it_home(
    shared_site: Site, arrive: Arrivals
) -> None:
    today = clock.today()
    wednesday = today + timedelta(days=2 + (2 - today.weekday() - 2) % 7)

    # Given Wednesday afternoon near Radcliffe
    resident = arrive(Resident, shared_site, "phone")
    resident.goes_to("/whats-on")
    resident.opens("Near a place")
    resident.fills_in("Postcode or town", "Radcliffe")
    resident.picks("Time of day", "Afternoon")
    resident.picks("Day", say_day(wednesday, today))
    resident.presses("Show what’s on")
    resident.reads_heading(f"What’s on {say_day(wednesday)}, in the afternoon near Radcliffe")
    name = resident.page.locator("article h3 a").first.inner_text()

    # When they keep the first session, it is on their list, which prints without anything to press
    resident.page.get_by_role("button", name=f"Keep {name}").first.click()
    resident.follows("Kept (1)")
    resident.reads_heading("What you kept")
    resident.sees(name)
    resident.page.emulate_media(media="print")
    expect(resident.page.locator("main .nhsuk-button").first).to_be_hidden()
    expect(resident.page.get_by_role("heading", name=name)).to_be_visible()
    resident.page.emulate_media(media="screen")

    # Then it can be taken home on paper, and sent to a daughter, who is not remembered
    resident.follows("Leaflet")
    resident.reads_heading(name)
    expect(resident.page.get_by_role("img", name="A code that a phone’s camera reads")).to_be_visible()
    resident.follows("Kept (1)")
    resident.presses("Send it by email or text")
    resident.chooses("By email")
    resident.fills_in("Email address or mobile number", "daughter")
    resident.presses("Send the list", status=400)
    resident.finds_typed("Email address or mobile number", "daughter")
    resident.fills_in("Email address or mobile number", "daughter@example.com")
    resident.presses("Send the list")
    resident.sees("We do not keep the address")
    shared_site.work()
    assert any(
        name in message and "To: daughter@example.com" in message for message in shared_site.messages()
    )
    resident.follows("Take it off the list")
    resident.sees("You have kept nothing yet")


def test_a_session_that_is_called_off_shows_to_whoever_looks(shared_site: Site, arrive: Arrivals) -> None:
    # Given a volunteer who calls off the last session of those that are coming
    shabana = arrive(GroupVolunteer, shared_site, "phone")
    shabana.signs_in_as("Shabana Malik")
    shabana.follows("Your group")
    shabana.follows("Doorstep food parcels")
    line = shabana.page.get_by_role("listitem").filter(has=shabana.page.locator("summary")).last
    day = line.locator("input[name=session]").get_attribute("value") or ""
    line.locator("summary").click()
    expect(line.get_by_role("link", name="Move it to another day")).to_be_visible()
    line.get_by_role("textbox").fill("The van is being mended.")
    shabana.presses_beside("People see it on your page", "Call it off")
    shabana.sees("The van is being mended.")

    # Then a resident without scripts sees it struck through on that day, and nothing of it to add to a calendar
    resident = arrive(Resident, shared_site, "phone", scripts=False)
    resident.careful = False
    resident.goes_to(f"/whats-on?day={day[:10]}&postcode=&part=afternoon&need=food")
    called_off = resident.page.get_by_role("article").filter(has_text="Doorstep food parcels")
    expect(called_off).to_contain_text("Not on this week")
    expect(called_off).to_contain_text("The van is being mended.")
    expect(called_off.get_by_role("link", name="Add to calendar")).to_have_count(0)


def test_a_volunteer_enters_summer_times_and_reads_them_back(shared_site: Site, arrive: Arrivals) -> None:
    shabana = arrive(GroupVolunteer, shared_site, "phone")
    shabana.signs_in_as("Shabana Malik")
    shabana.follows("Your group")
    shabana.follows("Cook on a budget")
    shabana.goes_to(f"{shabana.page.url}/times/new")
    shabana.picks("How often?", "Every other week")
    shabana.chooses("Saturday")
    shabana.fills_in("Starts at", "11am")
    shabana.fills_in("Ends at", "1pm")
    shabana.opens("Term time, summer only")
    shabana.picks("From", "April")
    shabana.presses("Save", status=400)
    shabana.sees("Enter the date, so that we know which week or day you mean")
    shabana.fills_in_day("First date", "3", "4", "2032")
    shabana.presses("Save", status=400)
    shabana.sees("Choose both the first and the last month")
    shabana.picks("To the end of", "September")
    shabana.chooses("We do not meet")
    shabana.presses("Save")
    shabana.sees("Every other Saturday, 11am to 1pm, April to September only, not on bank holidays")
