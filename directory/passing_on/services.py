"""Sending a kept list by email or text: once, to one address, which is not kept."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core.accounts import throttle
from core.accounts.rules import Guess
from core.errors import Invalid
from core.notify.services import send_email, send_text
from directory.listings.cards import Card
from directory.passing_on.rules import TEXT

# A text message holds about 900 letters, and each activity takes 40 of the link in it.
MOST_BY_TEXT = 12


def send_list(
    session: Session, *, how: str, to: str, cards: list[Card], link: str, network: str, base_url: str
) -> None:
    """Promise one message with the names of `cards` and the address of the list.

    `network` is where the request came from: it and the receiver are each counted, so that nobody is flooded. Raises
    `Invalid` (its field is "to") for an unusable address, `Throttled`.
    """
    if how == TEXT and len(cards) > MOST_BY_TEXT:
        raise Invalid(
            f"A text message holds up to {MOST_BY_TEXT} activities. Send this list by email.", "how"
        )
    throttle.count(session, Guess.ADDRESS, network)
    throttle.count(session, Guess.SENDING, to.strip().lower())
    context = {"cards": cards, "link": link, "base_url": base_url}
    try:
        if how == TEXT:
            send_text(session, to=to, template="kept-list", context=context)
        else:
            send_email(session, to=to, template="kept-list", context=context)
    except Invalid as fault:
        raise Invalid(fault.message, "to") from None
