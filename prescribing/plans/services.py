"""Giving somebody their copy: by hand, by post, or by an email that holds nothing but a link behind the door."""

from __future__ import annotations

from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Refused
from core.notify.rules import Format
from core.settings import current_settings
from prescribing.episodes.contact_log import ContactNote, record_contact
from prescribing.episodes.contacts import Outcome
from prescribing.people.notices import Notice, tell_or_refuse
from prescribing.people.safe_contact import Channel, SafeContact, may_email, may_write_letter
from prescribing.plans.queries import copy_for_team
from prescribing.plans.rules import FORMAT_WORDS, Way

_CHANNELS = {
    Way.HAND: (Channel.IN_PERSON, Outcome.TALKED),
    Way.POST: (Channel.LETTER, Outcome.SENT),
    Way.EMAIL: (Channel.EMAIL, Outcome.SENT),
}


def ways_for(contact: SafeContact) -> tuple[Way, ...]:
    """How this person may be given a copy. Where a record is flagged for safety only a hand is safe."""
    ways = {
        Way.HAND: True,
        Way.POST: may_write_letter(contact),
        Way.EMAIL: may_email(contact) and not contact.safety_flag,
    }
    return tuple(way for way, safe in ways.items() if safe)


def give(session: Session, actor: Actor, episode_id: UUID, way: Way, form: Format) -> None:
    """Write down that somebody was given their copy, and promise the email where that is the way.

    Raises `NotFound` outside the team, `Refused` where the way is not safe for them or they were written to too often
    today, `Invalid` for an address that is wrong.
    """
    episode, _copy = copy_for_team(session, actor, episode_id)
    person = episode.person
    if episode.with_nobody:
        raise Refused(f"Nothing is written down. {episode.with_nobody}")
    if way not in ways_for(person.contact):
        raise Refused("That way is not safe for them. Give it by hand.")
    channel, outcome = _CHANNELS[way]
    contact = record_contact(
        session,
        actor,
        episode_id,
        ContactNote(channel, outcome, note=f"Gave them a copy of their plan ({FORMAT_WORDS[form].lower()})"),
    )
    audit.record(session, actor, "plan.give", "episode", episode_id, way=way, format=form)
    if way is Way.EMAIL:
        settings = current_settings()
        link = settings.base_url.rstrip("/") + url_for("plans.own", form=form.value)
        notice = Notice("plan-ready", person.id, {"link": link}, contact_id=contact.id)
        instead = "Nothing was sent. Send it in an hour, or give it in another way."
        tell_or_refuse(session, person, Channel.EMAIL, notice, instead)
