"""One person's thread through the real services, from asking to whatever came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from core.access.rules import PUBLIC, Actor
from core.calendar.rules import add_working_days, is_working_day, start_of
from prescribing.demo.pace import Happening, Pace
from prescribing.demo.stories import Fate, Story
from prescribing.demo.supporting import OPEN, Support, World
from prescribing.episodes import closing, intake, triage
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import Episode, RequestSource
from prescribing.episodes.moves import BasedOnReason
from prescribing.episodes.rules import EpisodeState
from prescribing.people.safe_contact import Channel

WAITS = frozenset({Fate.SUBMITTED, Fate.TRIAGE, Fate.NEEDS_INFO, Fate.DRAFT})


@dataclass
class Thread:
    """One story, as it happens. `lots` is the story's own, so that no story changes another."""

    world: World
    story: Story
    lots: Random
    based_on: Episode | None = None

    def __post_init__(self) -> None:
        self.session, self.cast = self.world.session, self.world.cast
        first = self.world.today - timedelta(days=self.story.days)
        while self.story.source in {"partner", "phone"} and not is_working_day(first):
            first -= timedelta(days=1)
        # A moment of that day which is over even when the day is today.
        self.pace = Pace(start_of(first), self.lots)
        self.first = self.pace.on(first, 8 + self.lots.randrange(9))
        self.quick = self.story.days < 80
        self.worker = self._worker()

    def happen(self) -> Happening:
        """All of it, step by step."""
        yield self.first
        self._ask()
        story = self.story
        if story.fate in WAITS:
            yield from self._wait()
            return
        if story.fate is Fate.IN_ERROR:
            yield self.pace.work(1)
            closing.enter_in_error(
                self.session, self.cast.coordinator, self.episode.id, "Sent in twice for the same person."
            )
            return
        yield self.pace.work(1 if self.quick else self.lots.choice((0, 1, 1, 2, 3)))
        triage.start_triage(self.session, self.cast.coordinator, self.episode.id)
        if story.fate is Fate.REDIRECTED:
            yield self.pace.work(1)
            triage.redirect_request(
                self.session,
                self.cast.coordinator,
                self.episode.id,
                story.closing or "Sent to a better place.",
            )
            yield from self.support.tell_referrer()
            return
        yield self.pace.work(0)
        if self.worker.account_id is not None:
            triage.allocate(self.session, self.cast.coordinator, self.episode.id, self.worker.account_id)
        if story.fate is not Fate.ALLOCATED:
            yield from self._reach()

    def _worker(self) -> Actor:
        if self.story.worker:
            return self.cast.workers[self.story.worker]
        keys = [key for key in self.cast.workers if key != "priya" or self.story.fate not in OPEN]
        self.world.worker_turn += 1
        # She who can be signed in as has a full list already; some of the quieter stories are hers as well.
        if self.story.fate in OPEN and self.world.worker_turn % 5 == 0:
            return self.cast.workers["priya"]
        return self.cast.workers[keys[self.world.worker_turn % len(keys)]]

    def _ask(self) -> None:
        story, world = self.story, self.world
        source = RequestSource(story.source)
        asked_by = {
            RequestSource.PARTNER: self.cast.referrers.get(story.partner, PUBLIC),
            RequestSource.PHONE: self.cast.coordinator,
        }.get(source, PUBLIC)
        content = world.details.request(story, world.practices.get(story.partner, ""))
        _, self.episode = intake.submit_request(
            self.session,
            asked_by,
            content,
            source,
            partner_id=self.cast.partner_ids.get(story.partner),
            priority=story.priority,
            draft=story.fate is Fate.DRAFT,
        )
        if self.based_on is not None:
            self.episode.person = self.based_on.person
            self.episode.based_on_id = self.based_on.id
            self.episode.based_on_reason = BasedOnReason(story.again)
            self.session.flush()
        world.person_ids[story.key] = self.episode.person_id
        self.support = Support(
            world,
            story,
            self.lots,
            self.pace,
            self.episode,
            self.worker,
            again=self._come_back if story.again and self.based_on is None else None,
        )

    def _wait(self) -> Happening:
        if self.story.fate in {Fate.TRIAGE, Fate.NEEDS_INFO}:
            yield self.pace.work(0)
            triage.start_triage(self.session, self.cast.coordinator, self.episode.id)
        if self.story.fate is Fate.NEEDS_INFO:
            yield self.pace.work(0)
            triage.ask_for_info(
                self.session, self.cast.coordinator, self.episode.id, self.story.question or "Which number?"
            )

    # --- being reached ---

    def _reach(self) -> Happening:
        story = self.story
        if story.fate is Fate.CONTACTING:
            for channel, outcome in ((Channel.PHONE, Outcome.NO_ANSWER), (Channel.TEXT, Outcome.SENT)):
                yield self.pace.work(2)
                self.support.contact(
                    channel, outcome, self.support.line("missed") if channel is Channel.PHONE else ""
                )
            return
        if story.fate is Fate.UNCONTACTABLE:
            yield from self._never_reach()
            return
        if self.lots.random() < 0.35:
            yield self.pace.work(1)
            self.support.contact(Channel.PHONE, Outcome.NO_ANSWER, self.support.line("missed"))
        if self.lots.random() < 0.25:
            yield self.pace.work(1)
            booked = add_working_days(self.pace.day, 2)
            self.support.contact(Channel.PHONE, Outcome.BOOKED, "Asked for a longer talk.", booked_on=booked)
        yield self.pace.work(1 + self.lots.randrange(2 if self.quick else 4))
        channel = (
            Channel.IN_PERSON
            if story.flagged
            else self.lots.choice((Channel.VISIT, Channel.PHONE, Channel.IN_PERSON))
        )
        wants = story.fate is not Fate.DECLINED
        note = story.notes[0] if story.notes else self.support.line("notes")
        self.support.contact(
            channel, Outcome.TALKED, note, minutes=self.lots.choice((30, 40, 45, 60)), starts=wants
        )
        if not wants:
            closing.close(
                self.session, self.worker, self.episode.id, EpisodeState.PERSON_DECLINED, words=story.closing
            )
            yield from self.support.tell_referrer()
            return
        yield from self.support.happen()

    def _never_reach(self) -> Happening:
        for channel, outcome in (
            (Channel.PHONE, Outcome.NO_ANSWER),
            (Channel.TEXT, Outcome.SENT),
            (Channel.PHONE, Outcome.MESSAGE_LEFT),
            (Channel.LETTER, Outcome.SENT),
        ):
            yield self.pace.work(3)
            self.support.contact(
                channel, outcome, self.support.line("missed") if channel is Channel.PHONE else ""
            )
        yield self.pace.work(4)
        closing.close(
            self.session, self.worker, self.episode.id, EpisodeState.UNCONTACTABLE, words=self.story.closing
        )
        yield from self.support.tell_referrer()

    def _come_back(self) -> None:
        story = replace(
            self.story,
            key=f"{self.story.key}-again",
            source="phone",
            partner="",
            referrer="",
            needs=self.story.needs[:1],
            reason="It was better for a while, and then the evenings got long again.",
            steps=(("link-worker", "Ask what helped the first time"),),
            fate=Fate.ACTIVE,
            days=max((self.world.today - self.pace.day).days, 1),
            go=(),
        )
        again = Thread(self.world, story, Random(f"again {story.key}"), based_on=self.episode)  # noqa: S311
        self.world.diary.add(again.happen())
