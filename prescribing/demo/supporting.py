"""Somebody being supported: the plan, where they are sent, how they are, and how it ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Actor
from core.calendar.rules import add_months, add_working_days
from prescribing.demo import failing
from prescribing.demo.cast import Cast
from prescribing.demo.details import Details
from prescribing.demo.pace import Diary, Happening, Pace
from prescribing.demo.stories import Fate, Parts, Story
from prescribing.demo.trying import Activities, Trying
from prescribing.episodes import contact_log, plan, services
from prescribing.episodes.closing import close, may_tell_referrer, send_feedback
from prescribing.episodes.contact_log import ContactNote
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import Action, ActionOwner, Episode, Goal, Need
from prescribing.episodes.needs import NEED_OPEN, NeedState
from prescribing.episodes.plan import ActionText, GoalText
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.measures.rules import CompletedBy, Mode, NotToday, Point
from prescribing.measures.services import record_measurement
from prescribing.people.safe_contact import Channel
from prescribing.people.services import PersonChange, update_person

OPEN = frozenset({Fate.ALLOCATED, Fate.CONTACTING, Fate.ACTIVE, Fate.PAUSED, Fate.UNDO})
_KEYS = ("satisfaction", "worthwhile", "happiness", "anxiety")
_ENDS = {
    Fate.WITHDRAWN: (EpisodeState.WITHDRAWN, CloseReason.WITHDRAWN),
    Fate.MOVED: (EpisodeState.WITHDRAWN, CloseReason.MOVED),
    Fate.DIED: (EpisodeState.WITHDRAWN, CloseReason.DIED),
}
# When the next step of somebody who is being supported is due, in days from the day of loading.
NEXT_STEPS = (0, 2, -3, 5, 0, 8, 1, -1, 12, 3)


@dataclass
class World:
    """What all threads share."""

    session: Session
    diary: Diary
    cast: Cast
    parts: Parts
    details: Details
    activities: Activities
    practices: dict[str, str]
    today: date
    now: datetime
    worker_turn: int = 0
    step_turns: Counter[str] = field(default_factory=Counter)
    person_ids: dict[str, UUID] = field(default_factory=dict)


@dataclass
class Support:
    """What a link worker and a person do together in one episode. `again` lets them ask once more after the end."""

    world: World
    story: Story
    lots: Random
    pace: Pace
    episode: Episode
    worker: Actor
    again: Callable[[], None] | None = None
    tries: list[Trying] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session, self.cast = self.world.session, self.world.cast
        self.quick = self.story.days < 80

    def contact(
        self,
        channel: Channel,
        outcome: Outcome,
        note: str,
        *,
        minutes: int | None = None,
        booked_on: date | None = None,
        starts: bool = False,
    ) -> None:
        """Write one contact down."""
        contact_log.record_contact(
            self.session,
            self.worker,
            self.episode.id,
            ContactNote(
                channel=channel,
                outcome=outcome,
                booked_on=booked_on,
                minutes=minutes or 5,
                note=note,
                starts_support=starts,
            ),
        )

    def happen(self) -> Happening:
        """From the plan to the end, or to today."""
        yield self.pace.work(0)
        self._plan()
        if self.story.before:
            yield self.pace.work(0)
            self._measure(Point.BASELINE, self.story.before)
        yield from self._send_out()
        if self.story.fate in OPEN and self.story.fate is not Fate.UNDO:
            yield from self._stay()
            return
        lots = Random(f"failing {self.story.key}")  # noqa: S311 - examples, no secret hangs on it
        self.world.diary.add(failing.Chase(self, lots).happen())
        for _ in range(1 if self.quick else self.lots.randint(1, 3)):
            yield from self._check_in()
        waited = 0
        while waited < (2 if self.quick else 9) and not all(one.ended for one in self.tries):
            yield self.pace.work(8 + self.lots.randrange(4))
            waited += 1
        yield from self._end()

    def _plan(self) -> None:
        story, person = self.story, self.episode.person
        texts = {
            "what_matters": story.matters,
            "strengths": story.strengths,
            "risk_summary": story.risk_summary,
        }
        update_person(
            self.session,
            self.worker,
            person.id,
            PersonChange(
                texts={name: text for name, text in texts.items() if text},
                no_known_risks=None if person.risks else True,
            ),
            expected_version=person.version,
        )
        self.needs = list(
            self.session.scalars(select(Need).where(Need.episode_id == self.episode.id).order_by(Need.id))
        )
        self.goals: list[Goal] = []
        for number, words in enumerate(filter(None, (story.goal, *story.goals))):
            need = self.needs[min(number, len(self.needs) - 1)] if self.needs else None
            text = GoalText(
                words=words,
                need_id=need.id if need else None,
                importance=self.lots.randint(7, 10),
                confidence=self.lots.randint(3, 7),
                progress=self.lots.randint(1, 3),
            )
            self.goals.append(plan.add_goal(self.session, self.worker, self.episode.id, text))
        steps = story.steps[:-1] if story.fate in OPEN else story.steps
        for owner, words in steps:
            self._step(owner, words, add_working_days(self.pace.day, 5))

    def _step(self, owner: str, words: str, due_on: date) -> None:
        text = ActionText(
            words=words,
            owner=ActionOwner(owner),
            goal_id=self.goals[0].id if self.goals else None,
            due_on=due_on,
            confidence=self.lots.randint(4, 9),
        )
        self.actions.append(plan.add_action(self.session, self.worker, self.episode.id, text))

    def _send_out(self) -> Happening:
        """Each activity in turn: the next once the one before has come to nothing, or a little later."""
        taken: set[UUID] = set()
        for number, visit in enumerate(self.story.go):
            if number and self.tries and self.tries[-1].visit.outcome in {"declined", "expired"}:
                rounds = 0
                while not self.tries[-1].ended and rounds < 10:
                    yield self.pace.work(2)
                    rounds += 1
            yield self.pace.work(1 if self.quick else 1 + self.lots.randrange(7))
            lately = self.world.today - timedelta(days=8)
            if visit.outcome == "requested" and self.pace.day < lately:
                # No answer is late yet: it was asked only last week.
                yield self.pace.on(add_working_days(lately, self.lots.randrange(3)), 11)
            need = self.needs[min(number, len(self.needs) - 1)]
            others = self.world.parts.needs[need.slug].activities
            offer = self.world.activities.open_one(visit.activity, self.story.age, others, taken)
            if offer is None:
                continue
            taken.add(offer.service_id)
            trying = Trying(
                session=self.session,
                cast=self.cast,
                activities=self.world.activities,
                story=self.story,
                visit=visit,
                worker=self.worker,
                need_id=need.id,
                offer=offer,
                start=self.pace.now + timedelta(minutes=5),
                lots=Random(self.lots.random()),  # noqa: S311 - examples, no secret hangs on it
            )
            self.tries.append(trying)
            self.world.diary.add(trying.happen())

    def _check_in(self) -> Happening:
        yield self.pace.work(6 + self.lots.randrange(6))
        if self.episode.state is not EpisodeState.ACTIVE:
            return
        channel = (
            Channel.IN_PERSON
            if self.story.flagged
            else self.lots.choice((Channel.PHONE, Channel.TEXT, Channel.VIDEO))
        )
        self.contact(channel, Outcome.TALKED, self.line("checks"), minutes=self.lots.choice((5, 10, 15)))
        if self.actions:
            plan.finish_action(self.session, self.worker, self.actions.pop(0).id)

    def _stay(self) -> Happening:
        """Somebody who is still being supported: what was planned is done, and one next step stands."""
        world = self.world
        turn = world.step_turns[self.worker.name]
        world.step_turns[self.worker.name] += 1
        due = world.today + timedelta(days=NEXT_STEPS[turn % len(NEXT_STEPS)])
        last = min(due, world.today) - timedelta(days=3)
        while self.pace.day < last - timedelta(days=18):
            yield from self._check_in()
        if self.pace.day < last:
            yield self.pace.on(last, 10)
        else:
            yield self.pace.work(0)
        for action in self.actions:
            plan.finish_action(self.session, self.worker, action.id)
        self.actions.clear()
        if self.story.fate is Fate.PAUSED:
            services.move(
                self.session,
                self.worker,
                self.episode.id,
                EpisodeState.PAUSED,
                note=self.story.pause or "Away with family. Asked us to ring after that.",
                look_again_on=world.today + timedelta(days=9),
            )
            return
        if self.story.steps and turn % 7 != 6:
            owner, words = self.story.steps[-1]
            self._step(owner, words, due)

    # --- the end ---

    def _end(self) -> Happening:
        story = self.story
        yield self.pace.work(1)
        if self.episode.state is not EpisodeState.ACTIVE:
            return
        if story.fate in _ENDS:
            target, reason = _ENDS[story.fate]
            close(self.session, self.worker, self.episode.id, target, reason=reason, words=story.closing)
            return
        self._look_back()
        failing.confirm(self)
        yield self.pace.work(0)
        reason = CloseReason.PARTLY_MET if story.partly else CloseReason.GOALS_MET
        close(
            self.session,
            self.worker,
            self.episode.id,
            EpisodeState.COMPLETED,
            reason=reason,
            words=story.closing,
        )
        if story.fate is Fate.UNDO:
            yield self.pace.work(1)
            services.undo_close(self.session, self.worker, self.episode.id)
            return
        yield from self.tell_referrer()
        yield from self._follow_up()

    def _look_back(self) -> None:
        for action in self.actions:
            plan.finish_action(self.session, self.worker, action.id)
        self.actions.clear()
        met = not self.story.partly
        for goal in self.goals:
            text = GoalText(
                words=goal.words or "",
                need_id=goal.need_id,
                importance=goal.importance,
                confidence=self.lots.randint(6, 10),
                progress=self.lots.randint(8, 10) if met else self.lots.randint(3, 6),
                met=met,
            )
            plan.change_goal(self.session, self.worker, goal.id, text, expected_version=goal.version)
        for number, need in enumerate(self.needs):
            if need.state in NEED_OPEN and (met or number):
                target = NeedState.MET if met else self.lots.choice((NeedState.MET, NeedState.DROPPED))
                plan.close_need(self.session, self.worker, need.id, target)
        if self.story.before and self.story.fate is Fate.COMPLETED:
            self._measure(Point.EXIT, self.story.after)

    def _measure(self, point: Point, scores: tuple[int, ...]) -> None:
        """Some sets are part answered, and sometimes it is not the day to ask."""
        answers: dict[str, int | None] = dict(zip(_KEYS, scores, strict=False))
        if scores and self.lots.random() < 0.1:
            answers["anxiety"] = None
        not_today = (
            None if scores else self.lots.choice((NotToday.UPSET, NotToday.DID_NOT_WANT, NotToday.NO_TIME))
        )
        record_measurement(
            self.session,
            self.worker,
            self.episode.id,
            "ons4",
            point=point,
            mode=self.lots.choice((Mode.IN_PERSON, Mode.PHONE)),
            completed_by=CompletedBy.WITH_LINK_WORKER,
            answers=answers,
            not_today_reason=not_today,
        )

    def _follow_up(self) -> Happening:
        closed = self.pace.day
        if self.story.again and self.again is not None:
            yield self.pace.work(25)
            self.again()
        for months in (3, 6, 12):
            yield self.pace.on(add_working_days(add_months(closed, months), 1), 11)
            scores = tuple(
                min(10, max(0, score + self.lots.randint(-1, 1)))
                for score in (self.story.after if self.lots.random() < 0.8 else ())
            )
            self._measure(Point.FOLLOW_UP, scores)

    def tell_referrer(self) -> Happening:
        """Tell whoever referred them what came of it, where the person agreed."""
        yield self.pace.work(1 + self.lots.randrange(3))
        if may_tell_referrer(self.session, self.episode):
            send_feedback(self.session, self._teller, self.episode.id, self.story.closing)

    @property
    def _teller(self) -> Actor:
        return self.worker if self.episode.link_worker_id else self.cast.coordinator

    def line(self, pool: str) -> str:
        """One of the lines of a pool."""
        return self.lots.choice(self.world.parts.lines[pool])
