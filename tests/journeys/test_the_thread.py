"""The whole thread: from a need, through a person who listens, to something near that helps, and what came of it."""

from __future__ import annotations

from datetime import timedelta

from core import clock
from core.calendar.rules import add_working_days, say_day
from tests.journeys.conftest import Arrivals
from tests.journeys.people import Commissioner, Coordinator, GroupVolunteer, LinkWorker, Practice, Resident
from tests.journeys.site import Site

RESIDENT = "Winifred Ashdown"
CALLED = "Winifred"


def test_somebody_asks_is_heard_finds_a_group_and_settles_in(site: Site, arrive: Arrivals) -> None:
    walk_the_thread(site, arrive)


def test_the_same_thread_on_postgresql(postgres_site: Site, arrive: Arrivals) -> None:
    walk_the_thread(postgres_site, arrive)


def walk_the_thread(site: Site, arrive: Arrivals) -> None:
    """From an empty request to evidence, each on the device that they have."""
    a_resident_looks_around_and_asks(site, arrive)
    the_coordinator_gives_it_to_a_link_worker(site, arrive)
    priya = arrive(LinkWorker, site, "desktop")
    the_link_worker_listens_and_plans(priya)
    the_link_worker_finds_something_and_refers(priya)
    the_group_answers_and_welcomes(site, arrive)
    the_link_worker_sees_what_has_changed_and_closes(priya)
    the_commissioner_sees_what_came_of_it(site, arrive)


def a_resident_looks_around_and_asks(site: Site, arrive: Arrivals) -> None:
    """Given a phone and little patience."""
    resident = arrive(Resident, site, "phone")

    resident.looks_for("cooking", near="BL9 0")
    resident.reads_heading("cooking")
    resident.sees("Cook on a budget", "miles")

    resident.follows("Cook on a budget")
    resident.sees("Your first visit", "Colin, the cook, meets you", "0161 496 0302")

    resident.follows("Ask for support")
    resident.asks_for_support(
        RESIDENT,
        "07700 900456",
        "I would like to cook proper meals again.",
        need="Food",
        postcode="BL9 0AA",
    )

    today = clock.today()
    read_by = add_working_days(today, 2)
    ring_by = add_working_days(read_by, 5)
    resident.reads_heading("We have your request")
    resident.sees("What happens next", f"By {say_day(read_by, today)}", f"By {say_day(ring_by, today)}")
    assert resident.reads_the_reference()


def the_coordinator_gives_it_to_a_link_worker(site: Site, arrive: Arrivals) -> None:
    """Given requests that wait, and link workers with more or less room."""
    helen = arrive(Coordinator, site, "desktop")
    helen.signs_in_as("Helen Ogden")
    helen.reads_heading("Triage")
    helen.sees(CALLED, "Who has room")

    helen.reads_about(CALLED)
    helen.sees("I would like to cook proper meals again.", "Food", "07700 900456")
    helen.chooses("Priya Nair")
    helen.presses("Give it to them")

    helen.sees("Given to Priya Nair")
    helen.does_not_see(f"Read and decide about {CALLED}")


def the_link_worker_listens_and_plans(priya: LinkWorker) -> None:
    """Given somebody new on Today."""
    priya.signs_in_as("Priya Nair")
    priya.reads_heading("Today")

    priya.opens_the_page_of(RESIDENT)
    priya.sees("07700 900456", "I would like to cook proper meals again.")
    priya.writes_down_that_they_talked("Lives alone since June. Liked to cook for the family.")
    priya.sees("Written down.", "we talked")

    priya.adds_a_need("Company and friendship", "The evenings are long.")
    priya.sees("Company and friendship", "The evenings are long.")
    priya.adds_a_goal("Cook a meal for somebody once a week", importance="9")
    priya.sees("Cook a meal for somebody once a week", "Matters 9 out of 10")
    priya.plans("Ask about cooking together", clock.today() + timedelta(days=7))
    priya.sees("Ask about cooking together")

    priya.follows("Ask the four questions, now that there is a plan")
    priya.records_answers(3, 4, 4, 7, how="Face to face")
    priya.sees("The answers are kept.")


def the_link_worker_finds_something_and_refers(priya: LinkWorker) -> None:
    """Given a need of theirs."""
    priya.opens_the_page_of(RESIDENT)
    priya.follows_beside("Food", "Find what would help")
    priya.opens("Narrow it down")
    priya.fills_in("Words", "cook")
    priya.presses("Show these")
    priya.presses_beside("Cook on a budget", "Refer")

    priya.reads_heading("Cook on a budget")
    priya.agrees_what_is_shared(
        goal="To learn some cheap meals, in good company.",
        contact="By text, in the morning.",
        how="By phone",
    )
    priya.presses("Send to The Open Larder")
    priya.sees("You will hear when it answers.")


def the_group_answers_and_welcomes(site: Site, arrive: Arrivals) -> None:
    """Given an email that names nobody, and an account for what comes after."""
    shabana = arrive(GroupVolunteer, site, "phone")
    shabana.opens_the_link_in_the_email("Somebody would like to come to Cook on a budget")
    shabana.reads_heading("May they come to Cook on a budget?")
    shabana.sees("To learn some cheap meals, in good company.")
    shabana.does_not_see(CALLED, "07700 900456")

    shabana.presses("Yes, they can come")
    shabana.sees("Thank you. You said yes.", "that it is you")
    shabana.does_not_see(CALLED)

    shabana.signs_in_as("Shabana Malik")
    shabana.follows("Inbox")
    shabana.reads_heading("Your inbox")
    shabana.follows(CALLED)
    shabana.sees("By text, in the morning.")
    shabana.agrees_the_first_visit(clock.today())
    shabana.sees("The first visit is agreed.")

    shabana.marks_who_came_today("Cook on a budget", CALLED)
    shabana.sees("Thank you. It is written down.")


def the_link_worker_sees_what_has_changed_and_closes(priya: LinkWorker) -> None:
    """Given a group that says by phone that she had looked in twice before."""
    priya.goes_to("/today")
    priya.follows_beside(RESIDENT, "The first visit to Cook on a budget happened.")
    priya.sees("goes there. It counts as settled in after 3 visits.")
    for days_ago in (1, 2):
        priya.writes_down_a_visit(clock.today() - timedelta(days=days_ago))
        priya.sees("The visit is written down.")
    priya.sees("has settled in")

    priya.opens_the_page_of(RESIDENT)
    priya.follows("Close the support")
    priya.follows("Ask the four questions")
    priya.records_answers(7, 7, 8, 3)
    priya.sees("Life satisfaction", "Better.")
    priya.sees_a_picture("the first answer and the later one")

    priya.opens_the_page_of(RESIDENT)
    priya.closes_the_support(
        "The support is finished: goals met",
        "Cooks on Mondays now, and stays for tea.",
        met="Cook a meal for somebody once a week",
    )
    priya.sees("Closed.", "Goals met", "Cooks on Mondays now, and stays for tea.")


def the_commissioner_sees_what_came_of_it(site: Site, arrive: Arrivals) -> None:
    """Given periods that were fixed before; what happened today changes none of them."""
    martin = arrive(Commissioner, site, "desktop")
    martin.signs_in_as("Martin Okafor")
    martin.reads_heading("What came of it")
    martin.sees("How far people got", "Kept going", "rounded to the nearest 5")
    martin.sees_a_picture("How many people got to each step")
    martin.does_not_see(CALLED)


def test_the_practice_hears_what_came_of_whom_it_referred(site: Site, arrive: Arrivals) -> None:
    """Given a practice that refers somebody who agrees to it."""
    nasreen = arrive(Practice, site, "desktop")
    nasreen.signs_in_as("Nasreen Akhtar")
    reference = nasreen.refers("Osric Penhale", "07700 900457", "Lost his wife in spring; seldom goes out.")
    nasreen.sees("Sent. The reference is", "Lost his wife in spring")

    helen = arrive(Coordinator, site, "desktop")
    helen.signs_in_as("Helen Ogden")
    helen.gives("Osric", "Priya Nair")

    priya = arrive(LinkWorker, site, "desktop")
    priya.signs_in_as("Priya Nair")
    priya.opens_the_page_of("Osric Penhale")
    priya.writes_down_that_they_talked("Misses the allotment.")
    priya.closes_the_support("The support is finished: goals partly met", "Back at the allotment.")
    priya.reads_heading("Tell whoever referred Osric")
    priya.fills_in("Anything else that they should know?", "He is back at his allotment twice a week.")
    priya.presses("Send it")
    priya.sees("Sent to whoever referred them.")

    site.work()
    told = [message for message in site.messages() if "link@weirlanesurgery.example" in message]
    assert told
    assert all("Osric" not in message and "allotment" not in message for message in told)

    nasreen.goes_to("/requests")
    nasreen.sees("Read what came of it.")
    nasreen.follows("Osric Penhale")
    nasreen.sees(reference, "What came of it", "He is back at his allotment twice a week.", "871731000000106")
