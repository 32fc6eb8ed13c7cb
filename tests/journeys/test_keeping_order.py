"""An editor keeps the directory in order, and a volunteer keeps a listing by pasting a flyer."""

from __future__ import annotations

from tests.journeys.conftest import Arrivals
from tests.journeys.people import Editor, GroupVolunteer, Resident
from tests.journeys.site import Site

PANTRY = "Thursday and Saturday pantry"
FLYER = """PANTRY NEWS
Every Wednesday and Friday, 1pm to 3pm
£3 per visit
Ring 0161 496 0388, or come to the door"""


def test_an_editor_clears_the_desk_and_takes_one_decision_back(shared_site: Site, arrive: Arrivals) -> None:
    volunteer = arrive(GroupVolunteer, shared_site, "phone")
    volunteer.signs_in_as("Shabana Malik")
    volunteer.goes_to("/my-groups")
    volunteer.follows("Cook on a budget")
    volunteer.changes("Notice", "Notice at the top of your page", "Ring Jo on 07700 900123 first.")

    editor = arrive(Editor, shared_site, "desktop")
    editor.signs_in_as("Ruth Entwistle")
    editor.goes_to("/moderation")
    editor.sees("What wants a second look stands at the top", "A mobile number stands in the text")
    editor.presses("They are fine", status=400)
    editor.sees("Tick what you want to decide on")

    editor.chooses("Tick Cook on a budget: Notice")
    editor.fills_in("Why? Only if you send them back", "Leave out Jo's own number.")
    editor.presses("Send them back")
    editor.sees("You can take it back for an hour")
    resident = arrive(Resident, shared_site, "phone")
    resident.goes_to("/search?q=cook+on+a+budget")
    resident.follows("Cook on a budget")
    resident.does_not_see("07700 900123")

    editor.presses("Take it back")
    editor.sees("Taken back: 1", "A mobile number stands in the text")

    # Two editors open the same change: whoever comes second sees that, and keeps what they wrote.
    second = arrive(Editor, shared_site, "phone")
    second.signs_in_as("Ruth Entwistle")
    second.goes_to("/moderation")
    for one in (editor, second):
        one.follows("Cook on a budget")
    editor.presses("It is fine")
    second.fills_in("What should they change?", "Use the group's own number.")
    second.presses("Put it back", status=409)
    second.sees("Another editor has decided on this already", "What you wrote", "Use the group's own number.")


def test_what_is_there_twice_becomes_one_and_the_old_link_still_works(site: Site, arrive: Arrivals) -> None:
    volunteer = arrive(GroupVolunteer, site, "phone")
    volunteer.signs_in_as("Shabana Malik")
    volunteer.goes_to("/my-groups")
    volunteer.follows("Doorstep food parcels")
    first = volunteer.page.url.removesuffix("/edit")
    volunteer.goes_to("/my-groups")
    volunteer.presses("Add an activity to")
    volunteer.fills_in("What is it called?", "Doorstep food parcels")
    volunteer.fills_in("What is it, in one sentence?", "Food to your door.")
    volunteer.chooses("In person")
    volunteer.chooses("They ring first")
    volunteer.presses("Save and go on")
    volunteer.sees("Does it help with any of these?", "You wrote: food parcels")
    volunteer.chooses("Food")
    volunteer.presses("Save and go on")
    old = volunteer.page.url.removesuffix("/edit")
    volunteer.sees("Is this listed already?", "One group uses the name twice")

    editor = arrive(Editor, site, "desktop")
    editor.signs_in_as("Ruth Entwistle")
    editor.goes_to("/moderation")
    editor.follows("May be there twice")
    editor.follows_beside("Doorstep food parcels", "Doorstep food parcels")
    editor.sees("The names say the same", "Where they differ, which words stay?")
    editor.presses("Make them one")
    editor.sees("the old address leads to it")

    resident = arrive(Resident, site, "phone")
    resident.goes_to(old)
    assert resident.page.url == first

    editor.presses("Make them two")
    resident.goes_to(old, status=404)


def test_a_volunteer_pastes_a_flyer(shared_site: Site, arrive: Arrivals) -> None:
    volunteer = arrive(GroupVolunteer, shared_site, "phone")
    volunteer.signs_in_as("Shabana Malik")
    volunteer.goes_to("/my-groups")
    volunteer.follows(PANTRY)
    volunteer.follows("Fill it in from a flyer or an email")
    volunteer.fills_in("Paste the words of your flyer, poster, email or web page", "Hello")
    volunteer.presses("Read it", status=400)
    volunteer.sees("We could not read anything from this")

    volunteer.fills_in("Paste the words of your flyer, poster, email or web page", FLYER)
    volunteer.presses("Read it")
    volunteer.sees("We are sure", "What we could not read", "PANTRY NEWS")
    volunteer.fills_in("Phone", "not a number")
    volunteer.presses("Put what I ticked on my page", status=400)
    volunteer.sees("Enter a UK phone number")
    volunteer.fills_in("Phone", "0161 496 0388")
    volunteer.presses("Put what I ticked on my page")
    volunteer.sees("Every Wednesday and Friday, 1pm to 3pm", "0161 496 0388")
