"""Something that a person found by themself and would like to try: their team hears of it and looks at it with them."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.errors import Invalid
from directory import published
from prescribing.episodes.scope import open_support
from prescribing.residents import services
from prescribing.residents.scope import own_person_for_update
from prescribing.residents.tasks import add_task

_PAGE = re.compile(r"/activities/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_ON_A_TASK = 160


def tell_found(session: Session, actor: Actor, words: str) -> None:
    """Tell one's own team what one found, by its name or its address here: a message, and a task for the link worker
    where one is at work. Nothing is sent to any group. Raises `Invalid` for no words."""
    person = own_person_for_update(session, actor)
    if not words.strip():
        raise Invalid("Write what you found.", "words")
    said = _named(session, " ".join(words.split()))
    services.write(session, actor, f"I have found something that I would like to try: {said}")
    episode = open_support(session, person.id)
    if episode is None or episode.link_worker_id is None:
        return
    add_task(session, episode.id, f"Look together at: {said[:_ON_A_TASK]}")


def _named(session: Session, words: str) -> str:
    """The words, after the name of the activity whose address stands in them."""
    found = _PAGE.search(words.casefold())
    cards = published.cards(session, [UUID(found[1])], today=clock.today()) if found else []
    return f"{cards[0].name}. {words}" if cards else words
