"""A search in vain ends in words that find: an editor hears what several people looked for, and says what it means."""

from __future__ import annotations

from core import clock
from directory.insight import services
from directory.insight.buffer import Noted
from directory.insight.rules import Outcome
from tests.journeys.conftest import Arrivals
from tests.journeys.people import Commissioner, Editor, Resident
from tests.journeys.site import Site, inside

WORD, RARE = "scranclub", "wobblewibble"


def people_looked_in_vain(site: Site, word: str, people: int) -> None:
    """Given so many people who typed a word that finds nothing."""
    with inside(site) as session:
        searches = [
            Noted(clock.today(), f"somebody {number}", word, (), "", Outcome.NOTHING)
            for number in range(people)
        ]
        services.keep(session, searches)


def test_an_editor_teaches_the_search_a_word_that_several_people_typed(
    shared_site: Site, arrive: Arrivals
) -> None:
    people_looked_in_vain(shared_site, WORD, 5)
    people_looked_in_vain(shared_site, RARE, 1)
    resident = arrive(Resident, shared_site, "phone")
    resident.goes_to(f"/search?q={WORD}")
    resident.sees("We found nothing for that")

    ruth = arrive(Editor, shared_site, "desktop")
    ruth.signs_in_as("Ruth Entwistle")
    ruth.follows("What people look for")
    ruth.sees(WORD, "Still finds nothing", "people, ", "found nothing")
    ruth.does_not_see(RARE)
    ruth.follows(WORD)
    ruth.presses("Say what it means")
    ruth.finds_typed("Words that people also type for these", WORD)
    ruth.presses("Save", status=400)
    ruth.sees("Enter what these words should find")
    ruth.finds_typed("Words that people also type for these", WORD)
    ruth.fills_in("Words that mean the same", "cook")
    ruth.presses("Save")

    neighbour = arrive(Resident, shared_site, "phone")
    neighbour.goes_to(f"/search?q={WORD}")
    assert neighbour.counts_the_answers() > 0
    ruth.goes_to("/looked-for")
    ruth.sees("Now finds")


def test_a_commissioner_writes_down_what_is_missing(shared_site: Site, arrive: Arrivals) -> None:
    people_looked_in_vain(shared_site, "unicycle", 5)
    martin = arrive(Commissioner, shared_site, "phone")
    martin.signs_in_as("Martin Okafor")
    martin.goes_to("/looked-for")
    martin.follows("unicycle")
    martin.does_not_see("Say what it means")
    martin.picks("Kind of help", "Food")
    martin.presses("Show groups to ask")
    martin.sees("Write to", "The words of the email")
    martin.presses("Write down that food is missing")
    martin.sees("Written down.", "Food", "unicycle")
