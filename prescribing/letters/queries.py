"""What a letter to one person is filled from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.calendar.rules import say_day
from core.calendar.when_rules import When
from core.settings import current_settings
from prescribing.episodes import queries as episodes
from prescribing.episodes.models import ContactAttempt
from prescribing.episodes.queries import EpisodeBrief
from prescribing.letters.rules import Facts, Private, private_words, ways_for
from prescribing.people.queries import PersonRecord
from prescribing.people.safe_contact import Channel
from prescribing.plans.queries import copy_for_team
from prescribing.plans.rules import Copy, Step


@dataclass(frozen=True)
class Addressee:
    """Somebody who is written to: the facts for a template, the ways that are safe, and what may not be said openly.
    `episode` is where their support stands; nobody is written to while no link worker has them."""

    episode: EpisodeBrief
    facts: Facts
    ways: tuple[Channel, ...]
    private: Private

    @property
    def person(self) -> PersonRecord:
        return self.episode.person


def addressee(session: Session, actor: Actor, episode_id: UUID) -> Addressee:
    """Somebody of the actor's team. Raises `NotFound` outside. Whoever shows it audits the look."""
    episode, copy = copy_for_team(session, actor, episode_id)
    person = episode.person
    settings = current_settings()
    today = clock.today()
    booked = session.scalar(
        select(func.max(ContactAttempt.booked_on)).where(
            ContactAttempt.episode_id == episode_id,
            ContactAttempt.booked_on >= today,
            ContactAttempt.mistake_at.is_(None),
        )
    )
    needs = episodes.needs(session, actor, episode_id)
    return Addressee(
        episode=episode,
        facts=_facts(
            person,
            copy,
            actor.name,
            copy.team_phone or settings.phone,
            When(booked, today=today) if booked else None,
        ),
        ways=ways_for(person.contact, mobile=bool(person.mobile)) if not episode.with_nobody else (),
        private=private_words(
            (person.name, person.preferred_name),
            [need.name for need in needs],
            [one.name for one in copy.going],
        ),
    )


def _facts(person: PersonRecord, copy: Copy, writer: str, phone: str, appointment: When | None) -> Facts:
    today = clock.today()
    first = copy.coming[0] if copy.coming else None
    return Facts(
        called=person.called,
        writer=writer,
        phone=phone,
        appointment=appointment,
        goals=tuple(words for words, met in copy.goals if not met),
        steps=tuple(_said(step, today) for step in copy.steps),
        group=first.name if first else "",
        group_when=first.at if first else None,
        interpreter=bool(person.interpreter.strip()),
    )


def _said(step: Step, today: date) -> str:
    by = f", by {say_day(step.due_on, today)}" if step.due_on and step.due_on >= today else ""
    return f"{step.who}: {step.words}{by}"
