"""One journey for each persona on a day when it does not go as planned."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from core import clock
from core.db import db, new_id
from core.jobs.models import Job, JobState
from core.notify.models import Channel, Message
from core.settings import Settings
from prescribing.people.models import Person
from prescribing.referrals.models import AnswerLink
from tests.journeys.conftest import Arrivals
from tests.journeys.people import (
    Administrator,
    Commissioner,
    Coordinator,
    DataProtectionOfficer,
    Editor,
    GroupVolunteer,
    LinkWorker,
    Practice,
    Resident,
)
from tests.journeys.site import Site
from wsgi import create_app


def somebody_is_supported(site: Site, arrive: Arrivals, name: str) -> LinkWorker:
    """Given somebody whom a practice referred and Priya supports. She stands on the person's page."""
    nasreen = arrive(Practice, site, "desktop")
    nasreen.careful = False
    nasreen.signs_in_as("Nasreen Akhtar")
    nasreen.refers(name, "07700 900458", "Seldom goes out.")
    helen = arrive(Coordinator, site, "desktop")
    helen.careful = False
    helen.signs_in_as("Helen Ogden")
    helen.gives(name, "Priya Nair")
    priya = arrive(LinkWorker, site, "desktop")
    priya.careful = False
    priya.signs_in_as("Priya Nair")
    priya.opens_the_page_of(name)
    priya.writes_down_that_they_talked("Misses company.")
    priya.careful = True
    return priya


def test_a_resident_who_mistypes_loses_nothing(shared_site: Site, arrive: Arrivals) -> None:
    resident = arrive(Resident, shared_site, "phone")
    resident.goes_to("/ask")
    resident.fills_in("Name", "Ottilie")
    resident.fills_in("Phone number", "07700")
    resident.fills_in("In your own words", "It is quiet here since he went.")
    resident.presses("Ask for support")

    resident.sees("There is a problem")
    assert resident.page.title().startswith("Error: ")
    resident.finds_typed("Name", "Ottilie")
    resident.finds_typed("Phone number", "07700")
    resident.finds_typed("In your own words", "It is quiet here since he went.")

    resident.follows_the_first_problem()
    resident.fills_in("Phone number", "07700 900459")
    resident.presses("Ask for support")
    resident.reads_heading("We have your request")


def test_a_resident_hears_that_a_postcode_is_unknown_and_what_else_there_is(
    shared_site: Site, arrive: Arrivals
) -> None:
    resident = arrive(Resident, shared_site, "phone")
    resident.looks_for("walking", near="BL9 9ZZ 9")
    resident.sees("There is a problem")
    resident.looks_for("cooking", near="ZZ99 9ZZ")
    resident.sees("We do not know the postcode ZZ99 9ZZ.")

    resident.goes_to("/search?q=cooking&postcode=BL9+0&radius_km=1.6&need=bereavement&day=SU")
    resident.sees("We found nothing", "Here is what there is for")

    resident.goes_to("/search?q=xylophone+zeppelin")
    resident.sees("We found nothing for that.", "use plainer or fewer words")


def test_a_coordinator_asks_for_more_and_then_sends_it_elsewhere(shared_site: Site, arrive: Arrivals) -> None:
    nasreen = arrive(Practice, shared_site, "desktop")
    nasreen.signs_in_as("Nasreen Akhtar")
    nasreen.refers("Barnaby Lathom", "07700 900461", "Please help.")

    helen = arrive(Coordinator, shared_site, "phone")
    helen.signs_in_as("Helen Ogden")
    helen.reads_about("Barnaby Lathom")
    helen.opens("Ask for more before you decide")
    helen.presses("Ask, and wait")
    helen.sees("Write down what you need to know")
    helen.fills_in("What do you need to know?", "What would help, in his view?")
    helen.presses("Ask, and wait")
    helen.sees("Waiting for an answer")

    nasreen.goes_to("/requests")
    nasreen.follows("Barnaby Lathom")
    nasreen.sees("We need to know more", "What would help, in his view?")
    nasreen.fills_in("Your answer", "A new hip, he says.")
    nasreen.presses("Send your answer")
    nasreen.sees("Thank you. We are looking at it again.")

    helen.goes_to("/triage")
    helen.reads_about("Barnaby Lathom")
    helen.opens("Not right for this service")
    helen.fills_in("Why, and where did you send them instead?", "Back to the surgery, for the hospital.")
    helen.presses("Close it")
    helen.sees("Closed: not right for this service.")

    nasreen.goes_to("/requests")
    nasreen.follows("Barnaby Lathom")
    nasreen.sees("What you sent", "Not right for this service")


def test_a_link_worker_with_two_tabs_and_a_hasty_hand(shared_site: Site, arrive: Arrivals) -> None:
    priya = somebody_is_supported(shared_site, arrive, "Clement Holroyd")
    priya.adds_a_need("Company and friendship", "The days are long.")
    priya.adds_a_goal("Play chess again", importance="8")

    priya.follows("Change the goal Play chess again")
    other = priya.opens_another_tab()
    other.fills_in("What do they want, in their own words?", "Play chess again, with somebody his age")
    other.presses("Save")
    priya.fills_in("What do they want, in their own words?", "Play chess on Fridays")
    priya.presses("Save", status=409)
    priya.reads_heading("Somebody else was quicker")
    priya.sees("Play chess on Fridays", "Play chess again, with somebody his age")

    priya.opens_the_page_of("Clement Holroyd")
    priya.follows("Find what would help")
    priya.presses("Refer")
    there = priya.page.locator("h1").inner_text().partition(" and ")[2]
    priya.fills_in("What they hope for", "A game of chess.")
    priya.presses("Send to")
    priya.sees("There is a problem")
    priya.finds_typed("What they hope for", "A game of chess.")

    priya.opens_the_page_of("Clement Holroyd")
    priya.does_not_see(there)
    priya.closes_the_support(
        "The support is finished: goals met",
        "Closed too soon.",
        met="Play chess again, with somebody his age",
    )
    priya.follows("Later")
    priya.presses("Undo the closing")
    priya.sees("Opened again.", "Being supported")


def test_a_group_says_no_and_is_shut_out_when_consent_is_taken_back(
    shared_site: Site, arrive: Arrivals
) -> None:
    priya = somebody_is_supported(shared_site, arrive, "Leopold Garside")
    priya.careful = False
    priya.adds_a_need("Food", "Soup out of tins.")
    for activity in ("Cook on a budget", "Doorstep food parcels"):
        priya.refers_to(activity, for_need="Food", goal="To eat better.")
    shabana = arrive(GroupVolunteer, shared_site, "phone")
    cooking = shabana.finds_the_link("Somebody would like to come to Cook on a budget")
    parcels = shabana.finds_the_link("Somebody would like to come to Doorstep food parcels")

    shabana.goes_to(cooking)
    shabana.opens("No, we cannot help this time")
    a_no_in_a_tunnel_stays_on_the_page(shabana)
    shabana.presses("What our listing says is wrong")
    shabana.reads_heading("Thank you for your answer")
    shabana.goes_to(cooking)
    shabana.reads_heading("Thank you for your answer")
    shabana.does_not_see("Yes, they can come")

    links_grow_older(shared_site, timedelta(days=61))
    shabana.goes_to(parcels, status=410)
    shabana.reads_heading("This link is too old")
    shabana.does_not_see("To eat better.")
    links_grow_older(shared_site, timedelta(days=-61))
    shabana.goes_to(parcels)
    shabana.sees("To eat better.")
    priya.opens_the_page_of("Leopold Garside")
    priya.follows_beside("The Open Larder", "They take it back")
    priya.presses("Yes, they take it back")
    shabana.presses("Yes, they can come", status=410)
    shabana.reads_heading("This link has been closed")
    shabana.does_not_see("To eat better.", "Leopold")
    shabana.goes_to("/answer/not-a-link-that-we-know", status=404)
    shabana.reads_heading("We do not know this link")


def a_no_in_a_tunnel_stays_on_the_page(shabana: GroupVolunteer) -> None:
    """Given a bus, and nothing but a link: no account keeps a draft."""
    note = "Anything to add? You need not. Please do not name anybody."
    shabana.fills_in(note, "We cook on Mondays now.")
    shabana.loses_the_connection()
    shabana.page.get_by_role("button", name="What our listing says is wrong").click()
    shabana.sees("You are not connected. Nothing is lost")
    shabana.finds_the_connection_again()
    shabana.does_not_see("You are not connected.")
    shabana.finds_typed(note, "We cook on Mondays now.")
    shabana.page.wait_for_timeout(1100)  # a button takes no second press within a second


def test_an_editor_sends_words_back_and_two_who_write_at_once_see_both(site: Site, arrive: Arrivals) -> None:
    shabana = arrive(GroupVolunteer, site, "phone")
    shabana.signs_in_as("Shabana Malik")
    shabana.follows("Your group")
    shabana.follows("Doorstep food parcels")
    shabana.changes("Name", "In one sentence", "Cures hunger for good.")
    shabana.sees("Waits for an editor")

    ruth = arrive(Editor, site, "desktop")
    ruth.signs_in_as("Ruth Entwistle")
    ruth.reads_heading("To look at")
    ruth.follows("Doorstep food parcels")
    ruth.sees("Cures hunger")
    ruth.presses("Send it back", status=400)
    ruth.sees("There is a problem")
    ruth.sends_back("Please say what you do, not what it cures.")

    shabana.follows("Your group")
    shabana.follows("Doorstep food parcels")
    shabana.sees("Please say what you do, not what it cures.", "Cures hunger for good.")

    ruth.goes_to(shabana.page.url)
    ruth.follows("Change name")
    other = ruth.opens_another_tab()
    other.fills_in("In one sentence", "A week of food, left on your step.")
    other.presses("Save")
    ruth.fills_in("In one sentence", "Food for a week, brought to you.")
    ruth.presses("Save", status=409)
    ruth.sees("Somebody else was quicker", "A week of food, left on your step.")
    ruth.sees("Food for a week, brought to you.")
    ruth.finds_typed("In one sentence", "Food for a week, brought to you.")


def test_a_commissioner_sees_no_small_number(shared_site: Site, arrive: Arrivals) -> None:
    martin = arrive(Commissioner, shared_site, "desktop")
    martin.signs_in_as("Martin Okafor")
    months = martin.page.locator("optgroup[label='Months'] option")
    martin.picks("Look at", months.first.inner_text())
    martin.presses("Show")
    martin.sees("A month holds too few people to be split up")
    martin.sees("is 1 to 7 people")
    for figure in martin.page.locator("table td").all_inner_texts():
        assert not (figure.isdecimal() and 1 <= int(figure) <= 7), f"a small number stands there: {figure}"
    martin.goes_to("/people/00000000-0000-7000-8000-000000000000", status=404)


def test_an_administrator_tries_dead_work_again_and_opens_nobodys_page(
    shared_site: Site, arrive: Arrivals
) -> None:
    job_id, person_id = work_was_given_up(shared_site)
    gareth = arrive(Administrator, shared_site, "desktop")
    gareth.signs_in_as("Gareth Rigby")
    gareth.follows("Background work")
    gareth.sees("notify.send", "SMTPServerDisconnected")
    gareth.does_not_see("hello@brookadvice.example")
    gareth.presses("Try again: notify.send")
    shared_site.work()
    assert any("hello@brookadvice.example" in message for message in shared_site.messages())
    gareth.follows("Background work")
    gareth.does_not_see("SMTPServerDisconnected")

    gareth.goes_to(f"/people/{person_id}", status=404)
    gareth.goes_to(f"/jobs/{job_id}/retry", status=405)


def test_the_data_protection_officer_sees_who_looked_and_no_record(
    shared_site: Site, arrive: Arrivals
) -> None:
    priya = somebody_is_supported(shared_site, arrive, "Eunice Pendlebury")
    person = priya.page.get_by_role("link", name="Change who they are").get_attribute("href")
    assert person
    yvonne = arrive(DataProtectionOfficer, shared_site, "desktop")
    yvonne.signs_in_as("Yvonne Pilling")
    yvonne.reads_heading("People's rights")
    yvonne.follows("Everything that was done and looked at")
    yvonne.reads_heading("Who looked at what")
    yvonne.sees("Priya Nair", "person: read")
    yvonne.does_not_see("Eunice")
    yvonne.goes_to(f"/people/{person.split('/')[2]}", status=404)


def links_grow_older(site: Site, by: timedelta) -> None:
    """Given an email that was read late."""
    app = create_app(Settings.from_environment(site.env))
    with app.app_context():
        for link in db.session().scalars(select(AnswerLink)):
            link.expires_at -= by
        db.session.commit()


def work_was_given_up(site: Site) -> tuple[UUID, UUID]:
    """Given an email that could not leave, and somebody's record."""
    app = create_app(Settings.from_environment(site.env))
    with app.app_context():
        session = db.session()
        message = Message(
            channel=Channel.EMAIL,
            template="request-received",
            created_at=clock.now(),
            to="hello@brookadvice.example",
            subject="We have it",
            body="We have it.\n",
        )
        session.add(message)
        session.flush()
        job = Job(
            id=new_id(),
            kind="notify.send",
            payload={"message_id": str(message.id)},
            run_at=clock.now(),
            state=JobState.DEAD,
            attempts=8,
            last_error="SMTPServerDisconnected",
            finished_at=clock.now(),
        )
        session.add(job)
        person_id = session.scalars(select(Person.id).limit(1)).one()
        session.commit()
        return job.id, person_id
