"""What other features know about an episode, told without being imported: for Today, the person's page and feedback.

A feature above this one registers a provider, asked once for many episodes, and says how its own things stop when a
person has died.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.orm import Session

from core.access.rules import Actor
from prescribing.episodes.marks import Watch, watch


class Press(NamedTuple):
    """The one thing to press about something: what the button says, and where it leads."""

    words: str
    endpoint: str
    values: Mapping[str, UUID | str]


class News(NamedTuple):
    """Something that happened and asks to be looked at: "Radcliffe Shedders said yes".

    `text` names nobody; `url_endpoint` and `url_values` lead to where it is dealt with; `at` is aware. `press` is what
    it asks for, where that is one thing. `urgent` comes before everything else of the day, and cannot be put off.
    """

    text: str
    url_endpoint: str
    url_values: Mapping[str, UUID | str]
    at: datetime
    press: Press | None = None
    urgent: bool = False


class Wait(NamedTuple):
    """Something that is with somebody else: in words that name nobody, and where it is looked at."""

    words: str
    press: Press


@dataclass(frozen=True)
class Score:
    """One measure before and after, in words that its own feature chose; empty where it was not taken."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Contribution:
    """What one feature adds about one episode.

    What stands now: `moving` says that something waits for somebody else, so that no clock of ours alarms, and `wait`
    what; `followed_up_on` is the day of the last follow-up after closing; `heard_at` (aware) is when anything last
    happened; `until` (aware) is when time alone changes any of it, where that is before the day ends. What came of it:
    `feedback_lines` tell the referrer what was done, `did_not_work` what was tried in vain; `need_addressed` says by
    need whether anything still works on it.
    """

    moving: bool = False
    wait: Wait | None = None
    news: tuple[News, ...] = ()
    followed_up_on: date | None = None
    heard_at: datetime | None = None
    until: datetime | None = None
    feedback_lines: tuple[str, ...] = ()
    did_not_work: tuple[str, ...] = ()
    scores: tuple[Score, ...] = ()
    need_addressed: Mapping[UUID, bool] = field(default_factory=dict)

    @property
    def urgent(self) -> News | None:
        """What comes before everything else of the day, the newest of it."""
        return next((one for one in self.news if one.urgent), None) if self.news else None


@dataclass(frozen=True)
class Hanging:
    """Something with somebody else that goes on after the support has ended, unless it is taken back: in words that
    name nobody, as "Cook on a budget: they said yes"."""

    id: UUID
    words: str


NOTHING = Contribution()

Provider = Callable[[Session, Collection[UUID]], Mapping[UUID, Contribution]]
Stopper = Callable[[Session, UUID, Collection[UUID]], None]
Ender = Callable[[Session, Actor, UUID], None]
Hangs = Callable[[Session, UUID], tuple[Hanging, ...]]
TakesBack = Callable[[Session, Actor, UUID, Collection[UUID]], None]
Unfinished = Callable[[], ColumnElement[bool]]


InSight = Callable[[Session, Collection[UUID | None] | None], Collection[UUID]]


@dataclass(frozen=True)
class Covered:
    """Somebody whom the actor stands in for today; `words` say until when, as "away until Friday 4 December"."""

    account_id: UUID
    words: str


Coverer = Callable[[Session, Actor], tuple[Covered, ...]]
Leave = Callable[[Session, Collection[UUID]], Mapping[UUID, str]]

_coverers: list[Coverer] = []
_leaves: list[Leave] = []
_providers: list[Provider] = []
_tellers: list[Provider] = []
_stoppers: list[Stopper] = []
_enders: list[Ender] = []
_hanging: list[tuple[Hangs, TakesBack]] = []
_unfinished: list[Unfinished] = []
_in_sight: list[InSight] = []


def register(provider: Provider, *watches: Watch) -> None:
    """Ask `provider(session, episode_ids)` how things stand now, of a whole caseload at once, so it reads little. What
    it tells is kept until something is written to one of the tables of `watches`: all that it reads must be there, but
    for the names of colleagues. Saying it twice changes nothing."""
    watch(*watches)
    if provider not in _providers:
        _providers.append(provider)


def register_outcomes(teller: Provider) -> None:
    """Ask `teller(session, episode_ids)` what came of it, where somebody is told. Saying it twice changes nothing."""
    if teller not in _tellers:
        _tellers.append(teller)


def register_stop(stopper: Stopper) -> None:
    """Call `stopper(session, person_id, episode_ids)` in the transaction that records a death."""
    if stopper not in _stoppers:
        _stoppers.append(stopper)


def register_end(ender: Ender) -> None:
    """Call `ender(session, actor, episode_id)` in the transaction that ends an episode early."""
    if ender not in _enders:
        _enders.append(ender)


def register_hanging(hangs: Hangs, takes_back: TakesBack, unfinished: Unfinished) -> None:
    """Ask `hangs(session, episode_id)` what would go on after the support has ended, have `takes_back(session, actor,
    episode_id, ids)` take some of it back, and keep on Today each finished episode for which `unfinished()` holds."""
    if (hangs, takes_back) not in _hanging:
        _hanging.append((hangs, takes_back))
        _unfinished.append(unfinished)


def hanging(session: Session, episode_id: UUID) -> tuple[Hanging, ...]:
    """What would go on with somebody else after this support has ended."""
    return tuple(one for hangs, _takes_back in _hanging for one in hangs(session, episode_id))


def take_back(session: Session, actor: Actor, episode_id: UUID, ids: Collection[UUID]) -> None:
    """Take back those of what would go on."""
    for _hangs, takes_back in _hanging:
        takes_back(session, actor, episode_id, ids)


def unfinished() -> ColumnElement[bool]:
    """Whether anything goes on with somebody else though an episode has ended."""
    return or_(false(), *(one() for one in _unfinished))


def register_in_sight(finder: InSight) -> None:
    """Keep on Today the closed episodes that `finder(session, account_ids)` names: those that still ask something of
    one of these accounts, or of anybody where it is None."""
    if finder not in _in_sight:
        _in_sight.append(finder)


def in_sight(session: Session, account_ids: Collection[UUID | None] | None) -> set[UUID]:
    """The closed episodes that still ask something of these accounts, whatever else is due in them."""
    return {episode_id for finder in _in_sight for episode_id in finder(session, account_ids)}


def register_cover(coverer: Coverer, leave: Leave) -> None:
    """Ask `coverer(session, actor)` whom the actor stands in for today, and `leave(session, account_ids)` who is away
    today, each with until when in words."""
    if coverer not in _coverers:
        _coverers.append(coverer)
        _leaves.append(leave)


def covered_by(session: Session, actor: Actor) -> dict[UUID, str]:
    """Whom the actor stands in for today, with until when."""
    return {each.account_id: each.words for coverer in _coverers for each in coverer(session, actor)}


def away(session: Session, account_ids: Collection[UUID]) -> dict[UUID, str]:
    """Who of these is away today, with until when."""
    return {key: words for leave in _leaves for key, words in leave(session, account_ids).items()}


def end_early(session: Session, actor: Actor, episode_id: UUID) -> None:
    """Have every feature take back what nobody should wait for any more."""
    for ender in _enders:
        ender(session, actor, episode_id)


def standing(session: Session, episode_ids: Collection[UUID]) -> dict[UUID, Contribution]:
    """How these episodes stand now, as all features know it; every id is a key of the answer."""
    return _ask(_providers, session, episode_ids)


def gather(session: Session, episode_ids: Collection[UUID]) -> dict[UUID, Contribution]:
    """As `standing`, with what came of it so far."""
    return _ask([*_providers, *_tellers], session, episode_ids)


def _ask(
    providers: Sequence[Provider], session: Session, episode_ids: Collection[UUID]
) -> dict[UUID, Contribution]:
    found = dict.fromkeys(episode_ids, NOTHING)
    if not found:
        return found
    for provider in providers:
        for episode_id, more in provider(session, episode_ids).items():
            if episode_id in found:
                found[episode_id] = join(found[episode_id], more)
    return found


def stop_everything(session: Session, person_id: UUID, episode_ids: Collection[UUID]) -> None:
    """Have every feature stop its messages, reminders and follow-ups about this person."""
    for stopper in _stoppers:
        stopper(session, person_id, episode_ids)


def join(one: Contribution, other: Contribution) -> Contribution:
    """What two features add, as one."""
    if one is NOTHING and len(other.news) < 2:
        return other
    needs = {**one.need_addressed}
    for need_id, addressed in other.need_addressed.items():
        needs[need_id] = needs.get(need_id, False) or addressed
    return Contribution(
        moving=one.moving or other.moving,
        wait=one.wait or other.wait,
        news=tuple(sorted((*one.news, *other.news), key=lambda news: news.at, reverse=True)),
        feedback_lines=(*one.feedback_lines, *other.feedback_lines),
        did_not_work=(*one.did_not_work, *other.did_not_work),
        scores=(*one.scores, *other.scores),
        need_addressed=needs,
        followed_up_on=max(
            (on for on in (one.followed_up_on, other.followed_up_on) if on is not None), default=None
        ),
        heard_at=max((at for at in (one.heard_at, other.heard_at) if at is not None), default=None),
        until=min((at for at in (one.until, other.until) if at is not None), default=None),
    )
