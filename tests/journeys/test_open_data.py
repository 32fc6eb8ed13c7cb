"""A data person reads what there is, asks for it, asks wrongly and is told how to mend it, and gets a key."""

from __future__ import annotations

from tests.journeys.conftest import Arrivals
from tests.journeys.people import Administrator, Resident
from tests.journeys.site import Site


def test_a_data_person_finds_the_data_and_gets_a_key(shared_site: Site, arrive: Arrivals) -> None:
    developer = arrive(Resident, shared_site, "phone")
    developer.goes_to("/")
    developer.follows("Open data")
    developer.reads_heading("Open data")
    developer.opens("Being a good guest")
    developer.sees("Nobody needs a key", "in a minute")
    example = developer.page.get_by_role("link", name="/api/oruk/v3/services?day=TU").get_attribute("href")
    assert example

    ask = developer.page.request
    answer = ask.get(f"{shared_site.url}{example}")
    assert answer.ok
    first = answer.json()["contents"][0]
    whole = ask.get(f"{shared_site.url}/api/oruk/v3/services/{first['id']}").json()
    assert whole["name"] == first["name"]
    assert whole["schedules"]
    wrong = ask.get(f"{shared_site.url}/api/oruk/v3/services?day=someday")
    assert wrong.status == 400
    assert "one of MO, TU" in wrong.json()["detail"]

    gareth = arrive(Administrator, shared_site, "desktop")
    gareth.signs_in_as("Gareth Rigby")
    gareth.follows("Keys for open data")
    gareth.presses("Make the key")
    gareth.sees("There is a problem")
    gareth.fills_in("Who is it for?", "Library catalogue")
    gareth.fills_in("How often may they ask in a minute?", "6000")
    gareth.presses("Make the key")
    gareth.reads_heading("The key for Library catalogue")
    key = gareth.page.locator("code", has_text="gt_").inner_text()
    known = ask.get(f"{shared_site.url}/api/oruk/v3/", headers={"X-API-Key": key})
    assert known.headers["ratelimit-limit"] == "6000"
    gareth.presses("Done")
    gareth.presses("Take back the key of Library catalogue")
    gareth.sees("The key does not work any more.")
    assert (
        ask.get(f"{shared_site.url}/api/oruk/v3/", headers={"X-API-Key": key}).headers["ratelimit-limit"]
        == "600"
    )
