"""Who uses the service, and what each of them does there, in their own words."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import expect

from core import clock
from tests.journeys.visitor import Visitor

REFERENCE = re.compile(r"GT-[0-9A-Z]{4}-[0-9A-Z]{2}")


class Resident(Visitor):
    """Somebody who lives in the borough."""

    def looks_for(self, words: str, near: str) -> None:
        """Search from the first page."""
        self.goes_to("/")
        self.fills_in("What would help?", words)
        self.fills_in("Postcode or town", near)
        self.presses("Search")

    def counts_the_answers(self) -> int:
        """How many the page of results says there are."""
        return int(self.page.locator(".gt-count").inner_text().split()[0].replace(",", ""))

    def asks_for_support(self, name: str, phone: str, reason: str, *, need: str, postcode: str) -> None:
        """Fill in the short form and send it."""
        self.fills_in("Name", name)
        self.fills_in("Phone number", phone)
        self.chooses("You may send a text")
        self.fills_in("In your own words", reason)
        self.opens("Or choose from a list")
        self.chooses(need)
        self.fills_in("Postcode", postcode)
        self.presses("Ask for support")

    def follows_the_first_problem(self) -> None:
        """The summary of problems leads to the box."""
        self.page.locator(".nhsuk-error-summary a").first.click()
        expect(self.page.locator("input:focus, textarea:focus")).to_have_count(1)

    def reads_the_reference(self) -> str:
        """The reference that the confirmation shows."""
        found = REFERENCE.search(self.page.locator("main").inner_text())
        assert found, "the confirmation shows no reference"
        return found.group()


class Practice(Visitor):
    """Whoever refers people for a GP practice."""

    def refers(self, name: str, phone: str, why: str) -> str:
        """Send the short form; gives the reference."""
        self.presses("Refer somebody")
        self.fills_in("Their name", name)
        self.fills_in("Their phone number", phone)
        self.chooses("Yes, face to face")
        self.chooses("They agree that you hear what came of it")
        self.chooses("No known risks")
        self.fills_in("Why are you referring them?", why)
        self.presses("Send", exact=True)
        found = REFERENCE.search(self.page.locator("main").inner_text())
        assert found, "the referral has no reference"
        return found.group()


class Coordinator(Visitor):
    """Who reads what comes in, and decides whose it is."""

    def gives(self, person: str, worker: str) -> None:
        """Give a request to a link worker."""
        self.reads_about(person)
        self.chooses(worker)
        self.presses("Give it to them")

    def reads_about(self, person: str) -> None:
        """Open one request."""
        self.follows(f"Read and decide about {person}")


class LinkWorker(Visitor):
    """Who listens, plans with the person, and finds what helps."""

    def opens_the_page_of(self, person: str) -> None:
        """From Today to the person, by name."""
        self.goes_to("/today")
        self.fills_in("Name or reference", person)
        self.presses("Find")
        self.reads_heading(person)

    def writes_down_that_they_talked(self, note: str) -> None:
        """A contact that starts the support."""
        self.presses("Write down a contact")
        self.chooses("We talked")
        self.chooses("They want this support: start it")
        self.fills_in("Notes", note)
        self.presses("Write it down")

    def adds_a_need(self, need: str, words: str) -> None:
        """A need, in their words."""
        self.follows("Add a need")
        self.chooses(need)
        self.fills_in("In their own words", words)
        self.presses("Save")

    def adds_a_goal(self, words: str, *, importance: str) -> None:
        """A goal, in their words."""
        self.follows("Add a goal")
        self.fills_in("What do they want, in their own words?", words)
        self.picks("How much does it matter to them, from 1 to 10?", importance)
        self.presses("Save")

    def plans(self, words: str, due: date) -> None:
        """What the link worker does next, and by when."""
        self.follows("Add what happens next")
        self.fills_in("What is to be done?", words)
        self.fills_in_day("By when?", str(due.day), str(due.month), str(due.year))
        self.presses("Save")

    def records_answers(self, *answers: int, how: str = "") -> None:
        """The four questions, by the numbers that the person gives, filled in together; how need be said only once
        in a day."""
        scales = self.page.locator("fieldset.gt-scale")
        expect(scales).to_have_count(len(answers))
        for place, answer in enumerate(answers):
            scales.nth(place).get_by_label(str(answer), exact=True).check()
        if how:
            self.chooses(how, among="How did you ask?")
            self.chooses("We filled it in together", among="Who answered?")
        self.presses("Save the answers")

    def agrees_what_is_shared(self, *, goal: str, contact: str, how: str) -> None:
        """Fill in the consent step, word by word."""
        self.fills_in("What they hope for", goal)
        self.chooses("They agree that the group sees this now")
        self.fills_in("How to reach them", contact)
        self.chooses("They agree that the group sees this once it says yes")
        self.chooses(how, among="How did they agree?")

    def refers_to(self, activity: str, *, for_need: str, goal: str) -> None:
        """From the person's page through the consent step, and back."""
        person = self.page.locator("h1").inner_text()
        self.follows_beside(for_need, "Find what would help")
        self.opens("Narrow it down")
        self.fills_in("Words", activity)
        self.presses("Show these")
        self.presses_beside(activity, "Refer")
        self.agrees_what_is_shared(goal=goal, contact="By text.", how="By phone")
        self.presses("Send to")
        self.opens_the_page_of(person)

    def writes_down_a_visit(self, on: date) -> None:
        """What the group told by phone."""
        self.opens("Write down whether they came")
        self.fills_in_day("Which day?", str(on.day), str(on.month), str(on.year))
        self.chooses("Yes", among="Did they come?")
        self.chooses("The group", among="Who told you?")
        self.presses("Write it down")

    def closes_the_support(self, ending: str, words: str, *, met: str = "") -> None:
        """The end, with what should be remembered."""
        self.follows("Close the support")
        self.chooses(ending)
        if met:
            self.chooses(met)
        self.fills_in("What should be remembered?", words)
        self.presses("Close the support")


class ListingWriter(Visitor):
    """Somebody who may change what a listing says."""

    def changes(self, part: str, label: str, text: str) -> None:
        """Change one part of a listing, from "check your answers"."""
        self.follows(f"Change {part.lower()}")
        self.fills_in(label, text)
        self.presses("Save")


class GroupVolunteer(ListingWriter):
    """Somebody of a group, with a phone and little time."""

    def finds_the_link(self, subject: str) -> str:
        """The address in the latest email with this subject. Emails are sent first."""
        self.site.work()
        for message in reversed(self.site.messages()):
            if subject in message:
                found = re.search(r"http://\S+/answer/\S+", message)
                assert found, message
                return found.group()
        raise AssertionError(f"no email says {subject!r}")

    def finds_the_code(self) -> str:
        """The six numbers in the latest text with a code to see who it is. Texts are sent first."""
        self.site.work()
        codes = [re.search(r"(\d{6}) is your code to see", message) for message in self.site.messages()]
        found = [code for code in codes if code is not None]
        assert found, "no text holds a code"
        return found[-1].group(1)

    def opens_the_link_in_the_email(self, subject: str) -> None:
        """From the email to the answer page."""
        self.goes_to(self.finds_the_link(subject))

    def agrees_the_first_visit(self, on: date) -> None:
        """Another day than the next sessions."""
        self.chooses("Another day")
        self.fills_in_day("Day of the first visit", str(on.day), str(on.month), str(on.year))
        self.presses("Agree this day")

    def marks_who_came_today(self, activity: str, person: str) -> None:
        """The register of an extra session, which no timetable lists."""
        self.goes_to("/inbox")
        self.follows(activity)
        self.goes_to(f"{self.page.url}?on={clock.today().isoformat()}")
        self.chooses("Came", among=person)
        self.chooses("Brought someone", among=person)
        self.loses_the_connection()
        self.page.get_by_role("button", name="Save").click()
        self.sees("No connection. Your ticks are safe on this phone.")
        with self.page.expect_navigation(wait_until="load"):
            self.finds_the_connection_again()
        self.checks_the_page()


class Commissioner(Visitor):
    """Who pays, and asks what came of it."""


class Editor(ListingWriter):
    """Who looks after the directory's words."""

    def sends_back(self, why: str) -> None:
        """Not like this, and why."""
        self.fills_in("What should they change?", why)
        self.presses("Send it back")


class Administrator(Visitor):
    """Who looks after accounts and promised work, and sees nobody's record."""


class DataProtectionOfficer(Visitor):
    """Who sees who looked at what."""
