"""A link worker's day on a tablet in a café, where the connection goes in the middle of a sentence."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from playwright.sync_api import ViewportSize, expect

from core import clock
from prescribing.episodes.models import Episode
from prescribing.people.records import safe_contact_of, safety_text
from tests.journeys.conftest import Arrivals
from tests.journeys.site import Site, inside
from tests.journeys.test_off_the_path import somebody_is_supported
from tests.journeys.visitor import PHONE

TABLET: ViewportSize = {"width": 768, "height": 1024}


def test_a_dropped_connection_loses_nothing(shared_site: Site, arrive: Arrivals) -> None:
    priya = somebody_is_supported(shared_site, arrive, "Wilfred Kay")
    priya.page.set_viewport_size(TABLET)
    priya.goes_to("/today")
    priya.sees("Needs you now", "Soon")
    priya.opens_the_page_of("Wilfred Kay")

    priya.presses("Write down a contact")
    priya.fills_in("Notes", "He would like to draw again.")
    priya.sees("Kept at")
    priya.context.set_offline(True)
    priya.fills_in("Notes", "He would like to draw again, on Thursdays.")
    priya.chooses("No answer")
    priya.page.get_by_role("button", name="Write it down").click()
    priya.sees("You are not connected. Nothing is lost")
    priya.context.set_offline(False)
    priya.sees("Kept at")
    # The browser itself says in the console that there was no connection.
    priya.complaints.clear()

    priya.goes_to(priya.page.url.removeprefix(shared_site.url))
    priya.sees("What you typed was kept")
    priya.finds_typed("Notes", "He would like to draw again, on Thursdays.")
    priya.presses("Write it down")
    priya.sees("Written down.", "He would like to draw again, on Thursdays.")

    # Where nothing is planned, nothing is due at a weekend. Whoever is least overdue may stand below the first ten.
    priya.plans("Ask about the drawing class", clock.today())
    priya.goes_to("/today?show=first")
    priya.follows_beside("Wilfred Kay", "Not today")
    priya.presses("Until")
    priya.sees("You see them on", "You put this off until")
    priya.follows("Worried about someone now?")
    priya.sees("999", "Helen Ogden", "0161 496 0777")


def test_bars_without_data_lose_nothing(shared_site: Site, arrive: Arrivals) -> None:
    # Given a note in a café whose network leads nowhere, which the browser does not know
    priya = somebody_is_supported(shared_site, arrive, "Enid Marsh")
    priya.page.set_viewport_size(TABLET)
    priya.presses("Write down a contact")
    priya.chooses("No answer")
    priya.loses_the_data_but_not_the_bars()
    priya.fills_in("Notes", "She was at the dentist.")

    # When it is sent, the page stays, says so, and goes on trying to keep the words
    priya.page.get_by_role("button", name="Write it down").click()
    priya.sees("You are not connected. Nothing is lost")
    priya.finds_typed("Notes", "She was at the dentist.")
    priya.sees("We cannot keep this just now")
    priya.page.wait_for_timeout(1100)  # a button takes no second press within a second

    # Then the same press sends it once there is data, with the button that was pressed
    priya.finds_data_again()
    priya.presses("Write it down")
    priya.sees("Written down.", "She was at the dentist.")


def test_a_text_is_counted_while_it_is_typed_by_its_script(shared_site: Site, arrive: Arrivals) -> None:
    priya = somebody_is_supported(shared_site, arrive, "Ewa Kowalska")
    where = priya.page.url.partition("#")[0]
    with inside(shared_site) as session:
        person = session.get_one(Episode, UUID(where.rpartition("/")[2])).person
        person.safe_contact = safety_text(replace(safe_contact_of(person), texts=True))
    priya.goes_to(f"{where}/letters/tried?by=text")
    counted = priya.page.locator(".nhsuk-character-count__status")
    for typed, said in (
        ("a" * 400, "You have 59 characters remaining"),
        ("’" * 400, "You have 59 characters remaining"),
        ("€" * 200, "You have 59 characters remaining"),
        ("a" * 399 + "ł", "You have 199 characters too many"),
        ("ł" * 191, "You have 10 characters remaining"),
        ("🙂" * 101, "You have 1 character too many"),
    ):
        priya.fills_in("What it says", typed)
        expect(counted).to_have_text(said)


def test_a_dropped_connection_loses_nothing_of_a_drop_in(shared_site: Site, arrive: Arrivals) -> None:
    # Given a drop-in in a church hall, with somebody ticked and a note begun
    priya = somebody_is_supported(shared_site, arrive, "Edna Birch")
    priya.page.set_viewport_size(TABLET)
    priya.goes_to("/today/together")
    priya.fills_in("What was it?", "Tuesday drop-in at the hall")
    priya.chooses("Edna Birch", among="Who came?")
    priya.fills_in("Note about Edna Birch", "Sat with the quilters.")
    priya.sees("Kept at")

    # When the connection goes in the middle of the note, nothing is sent and nothing is lost
    priya.loses_the_connection()
    priya.fills_in("Note about Edna Birch", "Sat with the quilters, and laughed.")
    priya.page.get_by_role("button", name="Write it down for everybody").click()
    priya.sees("You are not connected. Nothing is lost")
    priya.finds_the_connection_again()
    priya.sees("Kept at")
    priya.complaints.clear()

    # Then the page is found as it was left, on a phone as well, and what is sent is written down once
    priya.page.set_viewport_size(PHONE)
    priya.goes_to("/today/together")
    priya.sees("What you typed was kept", "Throw away what I began")
    priya.finds_typed("What was it?", "Tuesday drop-in at the hall")
    priya.finds_typed("Note about Edna Birch", "Sat with the quilters, and laughed.")
    assert priya.page.get_by_label("Edna Birch", exact=True).is_checked()
    priya.presses("Write it down for everybody")
    priya.sees("Written down for 1 person.")
    priya.goes_to("/today/together")
    priya.does_not_see("What you typed was kept")
