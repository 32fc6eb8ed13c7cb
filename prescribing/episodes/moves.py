"""What the machines of episodes and referrals have in common: who decides, and what is written down.

Every move leaves one immutable event. A closed state never reopens but by `undo_close`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import Protocol, TypeVar

from core.access.rules import Role
from core.calendar.rules import london_day
from core.errors import Invalid, Refused

ENTERED_IN_ERROR = "entered-in-error"
UNDO_CLOSE_DAYS = 5


class Mover(StrEnum):
    """Whose decision a move is. Who wrote it down is the event's author."""

    PERSON = "person"
    REFERRER = "referrer"
    COORDINATOR = "coordinator"
    LINK_WORKER = "link-worker"
    GROUP = "group"
    CLOCK = "clock"
    RULE = "rule"


MOVERS_OF: Mapping[Role, frozenset[Mover]] = MappingProxyType(
    {
        Role.RESIDENT: frozenset({Mover.PERSON}),
        Role.REFERRER: frozenset({Mover.REFERRER}),
        Role.LINK_WORKER: frozenset({Mover.LINK_WORKER}),
        # A coordinator stands in for any link worker of the same team.
        Role.COORDINATOR: frozenset({Mover.COORDINATOR, Mover.LINK_WORKER}),
        Role.GROUP_MEMBER: frozenset({Mover.GROUP}),
    }
)


def movers_of(roles: Iterable[Role]) -> frozenset[Mover]:
    """What somebody may decide by the roles that they hold towards this very record."""
    return frozenset(mover for role in roles for mover in MOVERS_OF.get(role, frozenset()))


class MoveKind(StrEnum):
    """Most events are plain moves; these three kinds are told apart in the audit."""

    MOVE = "move"
    UNDO_CLOSE = "undo-close"
    ENTERED_IN_ERROR = "entered-in-error"


@dataclass(frozen=True)
class Event:
    """One immutable step of a record: when (aware), by whose hand, from which state to which, and why.

    `author` identifies the account, signed link or "system"; `said_by` tells whose word it was when another
    person wrote it down. `source` is None for the first event.
    """

    at: datetime
    author: str
    source: str | None
    target: str
    reason: str | None = None
    said_by: Mover | None = None
    kind: MoveKind = MoveKind.MOVE

    def __post_init__(self) -> None:
        if not self.author.strip():
            raise ValueError("Every event has an author.")
        if self.at.tzinfo is None:
            raise ValueError("The time of an event needs its time zone.")


class OfKind(Protocol):
    """A step of a history, as the rules know it or as it is stored."""

    @property
    def kind(self) -> MoveKind: ...


Step = TypeVar("Step", bound=OfKind)


def standing(history: Iterable[Step]) -> tuple[Step, ...]:
    """A history (oldest first) without what was undone; empty when it was entered in error."""
    kept = without_undone(history)
    return () if any(step.kind is MoveKind.ENTERED_IN_ERROR for step in kept) else kept


def without_undone(history: Iterable[Step]) -> tuple[Step, ...]:
    """As `standing`, with all that came before where it was entered in error."""
    kept: list[Step] = []
    for step in history:
        if step.kind is MoveKind.UNDO_CLOSE:
            kept.pop()
        else:
            kept.append(step)
    return tuple(kept)


def undo_move(made: Event, *, author: str, at: datetime) -> Event:
    """The way back from a move that only a mistake led to. Raises ValueError for a first event."""
    if made.source is None:
        raise ValueError("Nothing was there before the first event.")
    return Event(at, author, made.target, made.source, reason=MoveKind.UNDO_CLOSE, kind=MoveKind.UNDO_CLOSE)


class BasedOnReason(StrEnum):
    """Why a new record is linked to an old one, since a closed one does not reopen."""

    RELAPSE = "relapse"
    NEW_NEED = "new-need"
    UNRESOLVED = "unresolved"


MOVER_WORDS: Mapping[Mover, str] = MappingProxyType(
    {
        Mover.PERSON: "the person",
        Mover.REFERRER: "the person who asked",
        Mover.COORDINATOR: "a coordinator",
        Mover.LINK_WORKER: "a link worker",
        Mover.GROUP: "the group",
        Mover.CLOCK: "the clock",
        Mover.RULE: "a rule of the service",
    }
)


def check_deciders(
    allowed: frozenset[Mover],
    movers: Collection[Mover],
    said_by: Mover | None,
    recordable: Mapping[Mover, frozenset[Mover]],
) -> None:
    """Raise Refused unless the decision is of somebody who may take it.

    `movers` is who the author is to this record. With `said_by`, the author writes down another's word:
    `recordable` maps whose word to who may write it down.
    """
    if said_by is None:
        deciders = frozenset(movers)
    elif said_by in movers or recordable.get(said_by, frozenset()) & frozenset(movers):
        deciders = frozenset({said_by})
    else:
        raise Refused(f"You cannot record what {MOVER_WORDS[said_by]} decided.")
    if not deciders & allowed:
        who = " or ".join(MOVER_WORDS[mover] for mover in Mover if mover in allowed)
        raise Refused(f"This is for {who} to decide.")


S = TypeVar("S", bound=StrEnum)


def is_allowed(check: Callable[[], object]) -> bool:
    """Whether a rule lets it: `check` raises Refused where it does not. For showing or hiding a button."""
    try:
        check()
    except Refused:
        return False
    return True


def may_become(
    targets: Iterable[S],
    movers: Collection[Mover],
    recordable: Mapping[Mover, frozenset[Mover]],
    check: Callable[[S, Mover | None], object],
) -> tuple[S, ...]:
    """Those of `targets` that these movers may choose next, for themselves or writing down another's word, in order.

    `recordable` maps whose word to who may write it down; `check` raises Refused where a target, by their own decision
    or by another's word, is not for them to choose.
    """
    said = tuple(mover for mover, by in recordable.items() if by & frozenset(movers))
    return tuple(
        target
        for target in targets
        if any(is_allowed(partial(check, target, word)) for word in (None, *said))
    )


# A person tells their link worker; nobody has to sign in to be heard.
RECORDED_FOR: Mapping[Mover, frozenset[Mover]] = MappingProxyType(
    {Mover.PERSON: frozenset({Mover.LINK_WORKER, Mover.COORDINATOR})}
)


def undo_close(
    closing: Event,
    *,
    author: str,
    coordinator: bool,
    at: datetime,
    closed: Collection[str],
    days: int = UNDO_CLOSE_DAYS,
) -> Event:
    """The one way back from a closed state: within `days` days, by the closing's author or a coordinator.

    `closing` is the latest event of the record; `closed` the closed states of its machine. Raises Refused.
    """
    if closing.target not in closed or closing.kind is not MoveKind.MOVE or closing.source is None:
        raise Refused("There is no closing to undo.")
    if author != closing.author and not coordinator:
        raise Refused("Only whoever closed this, or a coordinator, can undo it.")
    if london_day(at) > london_day(closing.at) + timedelta(days=days):
        raise Refused(f"It is more than {days} days since this closed. Start a new one that links to it.")
    return Event(
        at=at,
        author=author,
        source=closing.target,
        target=closing.source,
        reason=MoveKind.UNDO_CLOSE,
        kind=MoveKind.UNDO_CLOSE,
    )


def enter_in_error(
    state: str,
    *,
    made_by: str,
    author: str,
    agreed_by: str,
    agreed_by_coordinator: bool,
    at: datetime,
    reason: str,
) -> Event:
    """Mark a record as entered in error: its own author asks, and a coordinator, another person, agrees.

    `made_by` made the record. Raises Refused, or Invalid when no reason is given.
    """
    if state == ENTERED_IN_ERROR:
        raise Refused("This is marked as entered in error already.")
    if author != made_by:
        raise Refused("Only whoever entered this can say that it was a mistake.")
    if not agreed_by_coordinator or agreed_by == author:
        raise Refused("A coordinator, who is somebody else, must agree that this was a mistake.")
    if not reason.strip():
        raise Invalid("Say what the mistake was.", "reason")
    return Event(
        at=at,
        author=author,
        source=state,
        target=ENTERED_IN_ERROR,
        reason=reason.strip(),
        kind=MoveKind.ENTERED_IN_ERROR,
    )


def undo_death(
    closing: Event, *, agreed_by: str, agreed_by_coordinator: bool, at: datetime, reason: str
) -> Event:
    """The way back from a death that was recorded by mistake, however long ago: a coordinator agrees, who is somebody
    else than whoever wrote it down.

    `closing` is the latest event of the record. Raises Refused, or Invalid when no reason is given.
    """
    if closing.source is None or closing.kind is not MoveKind.MOVE:
        raise Refused("There is no closing to undo.")
    if not agreed_by_coordinator or agreed_by == closing.author:
        raise Refused("A coordinator, who did not write the death down, must agree that this was a mistake.")
    if not reason.strip():
        raise Invalid("Say what the mistake was.", "reason")
    return Event(
        at=at,
        author=agreed_by,
        source=closing.target,
        target=closing.source,
        reason=reason.strip(),
        kind=MoveKind.UNDO_CLOSE,
    )


@dataclass(frozen=True)
class FhirStatus:
    """ServiceRequest.status, Task.status and Task.businessStatus."""

    service_request: str
    task: str
    business: str | None
