"""The few words that stand for a whole listing on a card: what it costs, for whom, where, when next, how sure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.calendar.rules import london_day, say_day, say_days_ago, say_session
from directory.listings.recurrence import Occurrence
from directory.listings.wording import cost_in_words, join_words

# What is said in place of an address that is kept private.
PRIVATE_PLACE = "The address is private"

# Terms that say no more than "anybody", and so add nothing beside an age or another audience.
EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Cost:
    """One price: its label, and pence."""

    label: str
    pence: int

    @property
    def words(self) -> str:
        return cost_in_words(self.pence, self.label)


def is_free(costs: Sequence[Cost]) -> bool:
    """Whether nobody pays: there is a price, and every price is nothing."""
    return bool(costs) and all(cost.pence == 0 for cost in costs)


def cost_summary(costs: Sequence[Cost]) -> str:
    """Words such as "Free", "£3", "From £2", "£3, free for some", "Donation"; empty where nothing is said."""
    if not costs:
        return ""
    prices = sorted({cost.pence for cost in costs})
    paid = [price for price in prices if price]
    if not paid:
        return "Free"
    if all("donation" in cost.label.casefold() for cost in costs if cost.pence):
        return f"Free, or give {cost_in_words(paid[0])}"
    lowest = cost_in_words(paid[0])
    words = lowest if len(paid) == 1 else f"From {lowest}"
    return f"{words}, free for some" if prices[0] == 0 else words


def price_to_expect(costs: Sequence[Cost]) -> int | None:
    """The least that somebody is asked to pay, in pence: what `cost_summary` names; 0 where nobody must pay.

    None where nothing is said. A price that is nothing for some only does not count.
    """
    paid = [cost for cost in costs if cost.pence]
    if all("donation" in cost.label.casefold() for cost in paid):
        return 0 if costs else None
    return min(cost.pence for cost in paid)


def ages_in_words(minimum: int | None, maximum: int | None) -> str:
    """Words such as "18 and over", "11 to 18", "up to 4"; empty for any age."""
    if minimum and maximum is not None:
        return f"{minimum} to {maximum}"
    if minimum:
        return f"{minimum} and over"
    return "" if maximum is None else f"up to {maximum}"


def who_for(audiences: Iterable[tuple[str, str]], minimum: int | None, maximum: int | None) -> str:
    """Words such as "Adults and men, 18 and over", from (slug, name) pairs; "Everyone" where nothing narrows it."""
    pairs = list(audiences)
    named = [name for slug, name in pairs if slug != EVERYONE]
    ages = ages_in_words(minimum, maximum)
    if any(slug == EVERYONE for slug, _ in pairs) or not named:
        return f"Everyone aged {ages}" if ages else "Everyone"
    people = audiences_in_words(named)
    people = people[:1].upper() + people[1:]
    return f"{people}, {ages}" if ages else people


def audiences_in_words(names: Iterable[str]) -> str:
    """Words for the middle of a sentence, such as "carers, parents and LGBT+ people"."""
    return join_words(_inside(name) for name in names)


def _inside(name: str) -> str:
    """A name as it stands inside a sentence; "LGBT+ people" keeps its capitals."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def place_in_words(venue: str, town: str) -> str:
    """Words such as "Peel Mill Hall, Radcliffe"; the town once."""
    return ", ".join(dict.fromkeys(part for part in (venue.strip(), town.strip()) if part))


def session_in_words(session: Occurrence, today: date) -> str:
    """Words such as "Today, 10am to 12pm", "Tomorrow, 7pm to 9pm", "Tuesday 3 March, 10am to 12pm"."""
    words = say_session(session.start, session.end, today)
    day = session.start.date()
    near = {0: "Today", 1: "Tomorrow"}.get((day - today).days)
    return words.replace(say_day(day, today), near, 1) if near else words


def confirmed_in_words(at: datetime | None, by: str | None, today: date) -> str:
    """Words such as "Checked by Derek, Radcliffe Shedders 3 weeks ago"; empty where nobody has.

    What came from a published list, and nobody has looked at, says "From" whom.
    """
    if at is None:
        return ""
    when = say_days_ago(london_day(at), today)
    if by and by.startswith("From "):
        return f"{by}, {when}"
    return f"Checked by {by}, {when}" if by else f"Checked {when}"
