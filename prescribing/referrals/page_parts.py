"""What referrals put on the pages of episodes: a way to find help beside each need, and where the person goes."""

from __future__ import annotations

from uuid import UUID

from markupsafe import Markup

from core.access.guard import current_actor
from core.access.rules import Role
from core.db import db
from core.web.slots import fill, part
from prescribing.referrals import inbox, sent


def register() -> None:
    """Fill the slots; saying it twice changes nothing."""
    fill("episode.need", need)
    fill("person.referrals", lines)
    fill("own.referrals", own_lines)
    fill("own_group", waiting)


def need(*, episode_id: UUID, need_id: UUID, need_name: str, is_open: bool, **_more: object) -> Markup:
    """The way from a need to what would help with it."""
    if not is_open:
        return Markup()
    return _render("need_slot.html", episode_id=episode_id, need_id=need_id, need_name=need_name)


def lines(*, episode_id: UUID | None, **_more: object) -> Markup:
    """Where the person was sent in this episode, for their team."""
    if episode_id is None:
        return Markup()
    found = sent.lines(db.session(), current_actor(), episode_id)
    told = sent.told_of(db.session(), current_actor(), episode_id)
    return _render("lines_slot.html", lines=found, told=told, links=True) if found or told else Markup()


def own_lines(**_more: object) -> Markup:
    """Where somebody was sent, for themself."""
    actor = current_actor()
    found = sent.own_lines(db.session(), actor) if actor.has(Role.RESIDENT) else ()
    return _render("lines_slot.html", lines=found, told=(), links=False) if found else Markup()


def waiting(*, organization_id: UUID, **_more: object) -> Markup:
    """On a group's own page: how many people wait for its answer, and the way to them."""
    number = inbox.awaiting(db.session(), current_actor(), organization_id)
    return _render("waiting_slot.html", number=number) if number else Markup()


def _render(name: str, **context: object) -> Markup:
    return part(f"prescribing/referrals/{name}", **context)
