"""An editor takes in what others publish, sees what was mended, and meets a feed that does not answer."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.integration.directory.exchange.feeds import feed_server, loom
from tests.journeys.conftest import Arrivals
from tests.journeys.people import Editor, Resident
from tests.journeys.site import serve


def test_an_editor_takes_in_a_feed_with_faults(borough: Path, tmp_path: Path, arrive: Arrivals) -> None:
    faulty = loom(3, phones=[{"number": "12"}], name="Spindlewright evening")
    with (
        serve(borough, tmp_path, GT_OUTBOUND_LOOPBACK="yes") as site,
        feed_server([loom(1), loom(2, status="defunct"), faulty]) as (address, feed),
    ):
        ruth = arrive(Editor, site, "phone")
        ruth.signs_in_as("Ruth Entwistle")

        # Given a feed that is out of order when she first gives its address
        feed.broken = True
        ruth.follows("Data we take in")
        ruth.presses("Add a source")
        ruth.fills_in("What is this source called?", "Weaving groups")
        ruth.fills_in("Who publishes it?", "The Weavers")
        ruth.fills_in("Under which licence?", "By agreement")
        ruth.chooses("Open Referral")
        ruth.fills_in("Web address (if it has one)", "http://192.168.1.1/feed")
        ruth.presses("Add this source")
        ruth.sees("That address is not on the public internet")
        ruth.fills_in("Web address (if it has one)", address)
        ruth.presses("Add this source")
        ruth.sees("This goes on without you")
        site.work()
        ruth.follows("Look again")
        ruth.sees("It could not be read", "answers with an error (503)", "Nothing was changed")

        # When it answers again, she sees what was mended before anything changes
        feed.broken = False
        ruth.presses("Try again")
        site.work()
        ruth.follows("Look again")
        ruth.sees(
            "2 accepted",
            "1 rejected",
            "it has closed for good",
            "Phone: it cannot be used",
            "Nothing has changed",
        )
        ruth.opens("Row by row")
        ruth.sees("Spindlewright evening")
        ruth.presses("Take in", exact=True)
        site.work()
        ruth.follows("Look again")
        expect(ruth.page.locator("main")).to_contain_text("Taken in")

        # Then anybody finds the new listing
        resident = arrive(Resident, site, "phone")
        resident.goes_to("/search?q=spindlewright")
        resident.sees("Spindlewright evening")
