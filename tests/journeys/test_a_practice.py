"""A practice refers in under a minute, and is asked before it sends somebody twice."""

from __future__ import annotations

from tests.journeys.conftest import Arrivals
from tests.journeys.people import Practice
from tests.journeys.site import Site


def test_a_practice_refers_and_a_colleague_does_not_send_the_same_person_again(
    site: Site, arrive: Arrivals
) -> None:
    """Given a busy morning, and a colleague who heard of the same person."""
    nasreen = arrive(Practice, site, "desktop")
    nasreen.signs_in_as("Nasreen Akhtar")
    nasreen.follows("Refer many people from a spreadsheet")
    row = "Isolde Farrant,0161 496 0345,4/5/1951,Seldom goes out,none,by phone"
    nasreen.fills_in(
        "The rows, with the heading, pasted from the spreadsheet",
        f"Name,Phone,Date of birth,Why,Risks,Agreed\n{row}\nTam,,,,,",
    )
    nasreen.presses("Check the list")
    nasreen.sees("1 ready to send, 1 to mend", "Nothing has been sent yet", "Give one safe way")
    nasreen.presses("Send the one that is ready")
    nasreen.sees("1 sent. 1 left to mend")

    nasreen.follows("Your referrals", exact=True)
    nasreen.presses("Refer somebody")
    nasreen.fills_in("Their name", "Izzy Farrant")
    nasreen.fills_in("Their phone number", "0161 496 0345")
    nasreen.chooses("Yes, face to face")
    nasreen.chooses("No known risks")
    nasreen.opens("More, if you know it")
    nasreen.fills_in_day("Date of birth", "4", "5", "1951")
    nasreen.presses("Send", exact=True)
    nasreen.sees("You may have sent them already", "Isolde Farrant")
    nasreen.finds_typed("Their name", "Izzy Farrant")
    nasreen.chooses("Yes, put it with Isolde Farrant")
    nasreen.presses("Send", exact=True)
    nasreen.sees("Sent. The reference is")
