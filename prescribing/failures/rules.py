"""Failure demand: work that came because something was not done, or not done right, for the person. Pure.

The system suggests, a person confirms. It is never a target.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from prescribing.episodes.causes import Cause


class Kind(StrEnum):
    """How it shows."""

    CHASE = "chase"
    BOUNCE = "bounce"
    HOPS = "hops"
    RETELL = "retell"
    DUPLICATE = "duplicate"
    RETURN = "return"
    OTHER = "other"


KIND_WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.CHASE: "they had to chase us",
        Kind.BOUNCE: "sent somewhere that could not help",
        Kind.HOPS: "passed from one to the next",
        Kind.RETELL: "had to tell their story again",
        Kind.DUPLICATE: "asked twice for the same thing",
        Kind.RETURN: "the same thing came back",
        Kind.OTHER: "something else",
    }
)

RETELL_WITHIN = timedelta(days=180)
RETURN_WITHIN = timedelta(days=90)
MANY_HOPS = 3


@dataclass(frozen=True)
class Inbound:
    """One time that the person got in touch with us, `written` in a message or else told; `minutes` is what it took,
    where it was written down."""

    id: UUID
    on: date
    minutes: int | None = None
    written: bool = False

    @property
    def about(self) -> str:
        return about_message(self.id) if self.written else about_contact(self.id)


@dataclass(frozen=True)
class Promise:
    """Something that was to be done by a day; `done` is None while it is not."""

    due: date
    done: date | None

    def broken(self, day: date) -> bool:
        """Whether it was overdue on that day."""
        return self.due < day and (self.done is None or self.done >= day)


@dataclass(frozen=True)
class Sent:
    """One onward referral: of which need, to which service, and how it failed, if it did, and when."""

    id: UUID
    need_id: UUID
    service_id: UUID
    on: date
    failed_on: date | None = None
    cause: Cause | None = None


@dataclass(frozen=True)
class Story:
    """One time that the person was supported. `told_on` is when they told their story, None while they did not;
    `word_owed` what came of it for whoever sent them, where the same body sent them this time."""

    id: UUID
    asked_on: date
    told_on: date | None = None
    closed_on: date | None = None
    needs: frozenset[str] = frozenset()
    word_owed: Promise | None = None


@dataclass(frozen=True)
class Facts:
    """What is known of one story and of those before it (oldest first)."""

    story: Story
    earlier: tuple[Story, ...] = ()
    inbound: tuple[Inbound, ...] = ()
    promises: tuple[Promise, ...] = ()
    sent: tuple[Sent, ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """What the system noticed, for a person to confirm. `about` names the thing: contact, referral or request."""

    about: str
    kind: Kind
    cause: Cause
    on: date
    minutes: int | None = None
    service_id: UUID | None = None


def about_contact(contact_id: UUID) -> str:
    return f"contact:{contact_id}"


def about_message(message_id: UUID) -> str:
    return f"message:{message_id}"


def about_referral(referral_id: UUID) -> str:
    return f"referral:{referral_id}"


def about_request(episode_id: UUID) -> str:
    return f"request:{episode_id}"


def suggest(facts: Facts, decided: Collection[str] = ()) -> tuple[Suggestion, ...]:
    """What may have been caused by a failure and was not decided about yet, the latest first; one thing once."""
    found = [*_chases(facts), *_bounces(facts), *_hops(facts), *_repeats(facts)]
    once: dict[str, Suggestion] = {}
    for each in found:
        if each.about not in decided:
            once.setdefault(each.about, each)
    return tuple(sorted(once.values(), key=lambda each: each.on, reverse=True))


def _chases(facts: Facts) -> Iterator[Suggestion]:
    for each in facts.inbound:
        if any(promise.broken(each.on) for promise in facts.promises):
            yield Suggestion(each.about, Kind.CHASE, Cause.LATE, each.on, each.minutes)


def _bounces(facts: Facts) -> Iterator[Suggestion]:
    for each in facts.sent:
        if each.failed_on is not None:
            cause = each.cause or Cause.OTHER
            yield Suggestion(
                about_referral(each.id), Kind.BOUNCE, cause, each.failed_on, service_id=each.service_id
            )


def _hops(facts: Facts) -> Iterator[Suggestion]:
    by_need: dict[UUID, list[Sent]] = {}
    for each in sorted(facts.sent, key=lambda sent: sent.on):
        by_need.setdefault(each.need_id, []).append(each)
    for sent in by_need.values():
        if len(sent) >= MANY_HOPS:
            last = sent[-1]
            yield Suggestion(
                about_referral(last.id), Kind.HOPS, Cause.NOT_FITTING, last.on, service_id=last.service_id
            )


def _repeats(facts: Facts) -> Iterator[Suggestion]:
    """The request itself: made while another was open, of a need that was closed lately, by somebody who never heard
    what came of it before, or told all over again."""
    story, about = facts.story, about_request(facts.story.id)
    for before in reversed(facts.earlier):
        if before.closed_on is None or before.closed_on > story.asked_on:
            yield Suggestion(about, Kind.DUPLICATE, Cause.NOT_PASSED_ON, story.asked_on)
        elif story.needs & before.needs and story.asked_on - before.closed_on <= RETURN_WITHIN:
            yield Suggestion(about, Kind.RETURN, Cause.CLOSED_EARLY, story.asked_on)
        elif before.word_owed is not None and before.word_owed.broken(story.asked_on):
            yield Suggestion(about, Kind.CHASE, Cause.LATE, story.asked_on)
        elif before.told_on and story.told_on and story.told_on - before.told_on <= RETELL_WITHIN:
            yield Suggestion(about, Kind.RETELL, Cause.NOT_PASSED_ON, story.told_on)
