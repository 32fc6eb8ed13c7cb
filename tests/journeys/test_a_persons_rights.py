"""A data protection officer's day: what people ask is answered in time, and a legal hold stops a deletion."""

from __future__ import annotations

from tests.journeys.conftest import Arrivals
from tests.journeys.site import Site
from tests.journeys.visitor import Visitor


class Officer(Visitor):
    """Whoever looks after what is kept about people."""

    def reads_every_passage(self) -> int:
        """Read what others wrote, one after the other, and mark the first name that is somebody else's."""
        self.presses("Read the next passage")
        read = 0
        while self.page.get_by_role("button", name="This may go out").count():
            box = self.page.get_by_label("The passage")
            box.fill(box.input_value().replace("daughter", "[[daughter]]", 1))
            self.presses("This may go out")
            read += 1
        return read


def test_an_officer_answers_in_time_and_a_hold_stops_a_deletion(site: Site, arrive: Arrivals) -> None:
    # Given a copy that is asked for, a correction, and a deletion of a record that a court wants kept
    officer = arrive(Officer, site, "desktop")
    officer.signs_in_as("Yvonne Pilling")
    officer.reads_heading("People's rights")
    officer.sees("3 open requests", "Answer by", "Legal hold")

    # When she comes to the deletion, the hold is in her way, and she says no with the reason
    officer.follows("Delete it")
    officer.sees("This record may not be deleted", "A legal hold is in force")
    officer.fills_in("What did you see?", "Rang back the number that we know")
    officer.presses("I am sure who it is")
    officer.does_not_see("Delete the record for good")
    officer.opens("Answer in words, or say no")
    officer.chooses("We say no")
    officer.presses("Answer", exact=True)
    officer.sees("Enter the answer")
    officer.chooses("We say no")
    officer.fills_in("The answer, in words that the person will read", "A court asked us to keep it.")
    officer.presses("Answer", exact=True)
    officer.sees("Refused", "A court asked us to keep it.")

    # Then the copy goes out once every passage was read
    officer.goes_to("/data-protection")
    officer.sees("2 open requests")
    officer.follows("A copy of everything")
    assert officer.reads_every_passage() > 1
    officer.sees("Every passage has been read", "Send the copy")
    officer.follows("See and print the copy")
    officer.sees("Everything that we keep about you", "What was asked for you")
    officer.page.go_back()
    officer.chooses("They read it signed in")
    officer.presses("It is sent")
    officer.sees("Answered")

    # And who looked can be told
    officer.follows("Margaret")
    officer.follows("Everybody who looked")
    officer.sees("Read your record, to take out words about others")
