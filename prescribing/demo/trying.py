"""One activity that somebody was sent to, from the asking to what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.calendar.rules import add_working_days
from directory import published
from directory.published import Offer
from prescribing.demo.cast import Cast, activity_id
from prescribing.demo.pace import Happening, Pace
from prescribing.demo.stories import Story, Visit
from prescribing.episodes.clocks import Clocks
from prescribing.people.services import withdraw_consent
from prescribing.referrals.answering import answer, never_started, schedule, stopped
from prescribing.referrals.attending import record_attendance
from prescribing.referrals.models import Presence, Referral
from prescribing.referrals.referring import late_yes, record_gap, refer, signpost
from prescribing.referrals.rules import REFERRAL_CLOSED, DeclineReason, JoinMode, ReferralState
from prescribing.referrals.scope import link_actor, tier_for_group
from prescribing.referrals.services import enter_in_error, withdraw
from prescribing.referrals.ticking import tick
from prescribing.referrals.words import Agreement, Words

HOWS = ("face to face", "by phone", "face to face", "by phone", "in writing")
# What happens only where a group is asked and answers.
_ASKED_ONLY = frozenset({"requested", "waitlisted", "waited", "declined", "expired", "late-yes"})
_VISITS = {"started": 1, "stopped": 2, "completed": 3}
_ANSWER = Clocks()


@dataclass
class Activities:
    """What people can be sent to, read once; sessions of the past year by activity."""

    session: Session
    first: date
    last: date
    offers: Mapping[UUID, Offer] = field(default_factory=dict)
    _days: dict[UUID, tuple[date, ...]] = field(default_factory=dict)

    def read(self, keys: set[str]) -> None:
        """Read the activities of these keys."""
        self.offers = published.offers(self.session, [activity_id(key) for key in sorted(keys)])

    def open_one(self, key: str, age: int, others: tuple[str, ...], taken: set[UUID]) -> Offer | None:
        """The activity of `key`, or the first of `others` that takes somebody of that age now."""
        for one in (key, *others):
            offer = self.offers[activity_id(one)]
            # They may have been a year younger when they were sent there.
            fits = (offer.minimum_age or 0) < age <= (offer.maximum_age or 200)
            if offer.takes_referrals and fits and offer.service_id not in taken:
                return offer
        return None

    def days_after(self, service_id: UUID, day: date, count: int) -> list[date]:
        """The next sessions after `day`; a week apart where the activity has no timetable."""
        if service_id not in self._days:
            found = published.sessions_between(self.session, service_id, self.first, self.last)
            self._days[service_id] = tuple(
                dict.fromkeys(one.start.astimezone(clock.LONDON).date() for one in found if not one.cancelled)
            )
        days = [each for each in self._days[service_id] if each > day][:count]
        while len(days) < count:
            days.append((days[-1] if days else day) + timedelta(days=7))
        return days


@dataclass
class Trying:
    """A referral as it goes on, beside the episode that it belongs to."""

    session: Session
    cast: Cast
    activities: Activities
    story: Story
    visit: Visit
    worker: Actor
    need_id: UUID
    offer: Offer
    start: datetime
    lots: Random
    ended: bool = False
    _referral: Referral | None = None

    def __post_init__(self) -> None:
        self.pace = Pace(self.start, self.lots)
        self.outcome = self.visit.outcome
        self.turn_up = JoinMode(self.offer.join_mode) is JoinMode.TURN_UP
        if self.turn_up and self.outcome in _ASKED_ONLY:
            self.outcome = "accepted"
        # A group that has no account answers by the emailed link, or rings us.
        self.by_phone = self.lots.random() < 0.35

    def happen(self) -> Happening:
        """All of it, step by step."""
        yield self.pace.at(self.start)
        if self.outcome == "told":
            signpost(self.session, self.worker, self.need_id, self.offer.service_id)
        elif self.outcome == "gap":
            record_gap(
                self.session, self.worker, self.need_id, {"day": "Saturday", "q": "evening, step-free"}
            )
        else:
            self._refer()
            yield from self._go_on()
        self.ended = True

    def _refer(self) -> None:
        story = self.story
        heads_up = f"{story.first_name} {story.heads_up}" if story.heads_up[:1].islower() else story.heads_up
        shared = bool(heads_up) if self.turn_up else True
        words = Words(
            goal=story.goal or "To get out and meet people.",
            safe_yes="Would like to come with somebody the first time." if self.lots.random() < 0.3 else "",
            access=story.access,
            communication=story.communication,
            risk_summary=story.risk_summary,
            agreed_contact=""
            if self.turn_up
            else "By phone or text, in the daytime. The link worker has told them to expect you.",
            heads_up=heads_up if self.turn_up else "",
        )
        agreed = Agreement(self.lots.choice(HOWS), share_offer=True, share_accepted=shared)
        self._referral = refer(
            self.session,
            self.worker,
            self.need_id,
            self.offer.service_id,
            words,
            agreed,
            knows_it_is_full=True,
        )

    @property
    def referral(self) -> Referral:
        if self._referral is None:
            raise ValueError("nothing was sent yet")
        return self._referral

    def closed(self) -> bool:
        """Whether it is over, perhaps because the person has died or the story has ended otherwise."""
        return self.referral.state in REFERRAL_CLOSED

    def _go_on(self) -> Happening:
        if self.outcome == "requested":
            yield from self._wait_for_answer()
            return
        if self.outcome in {"expired", "late-yes"}:
            yield from self._wait_for_answer()
            if self.outcome == "expired" or self.referral.state is not ReferralState.EXPIRED:
                return
            yield self.pace.work(3)
            self._referral = late_yes(self.session, self.worker, self.referral.id)
        elif self.outcome in {"withdrawn", "in-error"}:
            yield self.pace.work(3)
            self._take_back()
            return
        elif self.referral.state is ReferralState.REQUESTED:
            yield self.pace.work(1 + self.lots.randrange(4))
            if self.closed() or self._answered_otherwise():
                return
            if self.outcome == "waited":
                yield self.pace.work(15)
                if self.closed():
                    return
            self._say(ReferralState.ACCEPTED)
        yield from self._come()

    def _wait_for_answer(self) -> Happening:
        asked = self.pace.day
        for days in (*_ANSWER.nudges, _ANSWER.answer + 1):
            yield self.pace.on(add_working_days(asked, days), 7)
            if self.closed():
                return
            tick(self.session, self.referral.id)

    def _take_back(self) -> None:
        if self.closed():
            return
        if self.outcome == "withdrawn":
            withdraw(self.session, self.worker, self.referral.id, note="Changed their mind after a think.")
            self._forget()
        else:
            enter_in_error(
                self.session,
                self.cast.coordinator,
                self.referral.id,
                "Sent to the wrong activity of the two.",
            )

    def _answered_otherwise(self) -> bool:
        if self.outcome == "declined":
            self._say(ReferralState.DECLINED, DeclineReason(self.visit.reason or DeclineReason.NO_CAPACITY))
            return True
        if self.outcome in {"waitlisted", "waited"}:
            self._say(ReferralState.WAITLISTED)
        return self.outcome == "waitlisted"

    def _come(self) -> Happening:
        """From the yes to the visits, or to nothing."""
        if self.outcome == "accepted" or self.closed():
            return
        if self.outcome == "scheduled":
            yield self.pace.work(1)
            on = self.activities.days_after(self.offer.service_id, clock.today() + timedelta(days=3), 1)[0]
            schedule(self.session, self._group, self.referral.id, on)
            return
        if self.outcome == "never-started":
            yield from self._not_come()
            return
        visits = _VISITS.get(self.outcome, 3) + (self.lots.random() < 0.4)
        for number, on in enumerate(
            self.activities.days_after(self.offer.service_id, self.pace.day, visits + 2)[:visits]
        ):
            yield self.pace.on(on, 19)
            if self.closed():
                return
            yield from self._record(on, number)
        if self.outcome == "stopped" and not self.closed():
            yield self.pace.work(12)
            self._stop()

    def _not_come(self) -> Happening:
        on = self.activities.days_after(self.offer.service_id, self.pace.day, 1)[0]
        yield self.pace.on(on, 19)
        if self.closed():
            return
        record_attendance(self.session, self._group, self.referral.id, on, Presence.DID_NOT_COME)
        yield self.pace.work(10)
        if not self.closed():
            never_started(
                self.session, self._group, self.referral.id, note="Did not feel up to it in the end."
            )

    def _record(self, on: date, number: int) -> Happening:
        """Now and then the register is wrong at first, and put right the same evening."""
        if number == 0 and self.lots.random() < 0.08:
            record_attendance(self.session, self._group, self.referral.id, on, Presence.DID_NOT_COME)
            yield self.pace.at(self.pace.now + timedelta(minutes=35))
        if not self.closed():
            record_attendance(self.session, self._group, self.referral.id, on, Presence.CAME)

    def _stop(self) -> None:
        if self.closed():
            return
        stopped(self.session, self._group, self.referral.id, note="Has not been for a few weeks.")
        self._forget()

    def _forget(self) -> None:
        given = self.referral.consent
        if self.story.consent_back and given is not None and given.withdrawn_at is None:
            withdraw_consent(self.session, self.worker, given.id)

    @property
    def _group(self) -> Actor:
        """Who writes down what the group says: the group itself where it may look, else the link worker it rang."""
        member = self.cast.groups.get(self.referral.organization_id)
        may_look = tier_for_group(self.session, self.referral) is not None
        if not may_look or (member is None and self.by_phone):
            return self.worker
        return member or link_actor(self.referral.organization_id)

    def _say(self, target: ReferralState, reason: DeclineReason | None = None) -> None:
        answer(
            self.session,
            self._group,
            self.referral.id,
            target,
            expected_version=self.referral.version,
            reason=reason,
            note="The times on the page are last year's." if reason is DeclineReason.LISTING_WRONG else "",
        )
