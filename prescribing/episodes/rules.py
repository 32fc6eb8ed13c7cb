"""The episode's states and moves: who may do what, and why not.

The table is that of the referral contract. An episode carries the state of one support request.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from core.errors import Invalid, Refused
from prescribing.episodes.moves import (
    RECORDED_FOR,
    Event,
    FhirStatus,
    Mover,
    check_deciders,
    is_allowed,
    may_become,
)


class EpisodeState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    TRIAGE = "triage"
    NEEDS_INFO = "needs-info"
    ALLOCATED = "allocated"
    CONTACTING = "contacting"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    NOT_APPROPRIATE = "not-appropriate"
    PERSON_DECLINED = "person-declined"
    UNCONTACTABLE = "uncontactable"
    WITHDRAWN = "withdrawn"
    ENTERED_IN_ERROR = "entered-in-error"


class CloseReason(StrEnum):
    """Why an episode closed; the business status that goes with its closed state."""

    GOALS_MET = "goals-met"
    PARTLY_MET = "partly-met"
    REDIRECTED = "redirected"
    DECLINED = "declined"
    NO_CONTACT = "no-contact"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"
    DIED = "died"


class Priority(StrEnum):
    URGENT = "urgent"
    SOON = "soon"
    ROUTINE = "routine"


S = EpisodeState
EPISODE_CLOSED: frozenset[EpisodeState] = frozenset(
    {S.COMPLETED, S.NOT_APPROPRIATE, S.PERSON_DECLINED, S.UNCONTACTABLE, S.WITHDRAWN, S.ENTERED_IN_ERROR}
)
EPISODE_OPEN: frozenset[EpisodeState] = frozenset(S) - EPISODE_CLOSED
EPISODE_ON_HOLD: frozenset[EpisodeState] = frozenset({S.NEEDS_INFO, S.PAUSED})
AWAITING_TRIAGE: frozenset[EpisodeState] = frozenset({S.SUBMITTED, S.TRIAGE, S.NEEDS_INFO})
# Somebody who has been spoken to can have agreed to something.
IN_TOUCH: frozenset[EpisodeState] = frozenset({S.CONTACTING, S.ACTIVE})
CASELOAD: frozenset[EpisodeState] = frozenset({S.ALLOCATED, S.CONTACTING, S.ACTIVE, S.PAUSED})


def with_nobody(state: EpisodeState, *, died: bool) -> str:
    """Why nobody is in touch with somebody whose support stands here, and what to do; empty where a link worker is."""
    if died:
        return "They have died."
    if state in CASELOAD:
        return ""
    if state in EPISODE_CLOSED:
        return "Their support is over. Start again first, if they want that."
    return "They are not with a link worker yet. Give them to one first."


CLOSE_REASONS: Mapping[EpisodeState, tuple[CloseReason, ...]] = MappingProxyType(
    {
        S.COMPLETED: (CloseReason.GOALS_MET, CloseReason.PARTLY_MET),
        S.NOT_APPROPRIATE: (CloseReason.REDIRECTED,),
        S.PERSON_DECLINED: (CloseReason.DECLINED,),
        S.UNCONTACTABLE: (CloseReason.NO_CONTACT,),
        S.WITHDRAWN: (CloseReason.WITHDRAWN, CloseReason.MOVED, CloseReason.DIED),
    }
)

_ASKER = frozenset({Mover.PERSON, Mover.REFERRER})
_PERSON = frozenset({Mover.PERSON})
_COORDINATOR = frozenset({Mover.COORDINATOR})
_LINK_WORKER = frozenset({Mover.LINK_WORKER})
_LINK_WORKER_OR_PERSON = frozenset({Mover.LINK_WORKER, Mover.PERSON})
_ALWAYS: Mapping[EpisodeState, frozenset[Mover]] = {S.PERSON_DECLINED: _PERSON, S.WITHDRAWN: _LINK_WORKER}

EPISODE_START: Mapping[EpisodeState, frozenset[Mover]] = MappingProxyType({S.DRAFT: _ASKER})
EPISODE_MOVES: Mapping[EpisodeState, Mapping[EpisodeState, frozenset[Mover]]] = MappingProxyType(
    {
        S.DRAFT: {S.SUBMITTED: _ASKER, **_ALWAYS},
        S.SUBMITTED: {S.TRIAGE: _COORDINATOR, **_ALWAYS},
        S.TRIAGE: {
            S.NEEDS_INFO: _COORDINATOR,
            S.ALLOCATED: _COORDINATOR,
            S.NOT_APPROPRIATE: _COORDINATOR,
            **_ALWAYS,
        },
        S.NEEDS_INFO: {S.TRIAGE: _COORDINATOR, **_ALWAYS},
        S.ALLOCATED: {S.CONTACTING: _LINK_WORKER, **_ALWAYS},
        S.CONTACTING: {
            S.ACTIVE: _LINK_WORKER,
            S.PAUSED: _LINK_WORKER_OR_PERSON,
            S.UNCONTACTABLE: _LINK_WORKER,
            S.NOT_APPROPRIATE: _COORDINATOR,
            **_ALWAYS,
        },
        S.ACTIVE: {
            S.PAUSED: _LINK_WORKER_OR_PERSON,
            S.COMPLETED: _LINK_WORKER,
            S.UNCONTACTABLE: _LINK_WORKER,
            S.NOT_APPROPRIATE: _COORDINATOR,
            **_ALWAYS,
        },
        S.PAUSED: {S.CONTACTING: _LINK_WORKER, S.ACTIVE: _LINK_WORKER, **_ALWAYS},
        **{state: {} for state in EPISODE_CLOSED},
    }
)

EPISODE_WORDS: Mapping[EpisodeState, str] = MappingProxyType(
    {
        S.DRAFT: "not sent yet",
        S.SUBMITTED: "received",
        S.TRIAGE: "being looked at",
        S.NEEDS_INFO: "waiting for more information",
        S.ALLOCATED: "given to a link worker",
        S.CONTACTING: "link worker is getting in touch",
        S.ACTIVE: "being supported",
        S.PAUSED: "paused",
        S.COMPLETED: "finished",
        S.NOT_APPROPRIATE: "not right for this service",
        S.PERSON_DECLINED: "person said no",
        S.UNCONTACTABLE: "could not be reached",
        S.WITHDRAWN: "withdrawn",
        S.ENTERED_IN_ERROR: "entered in error",
    }
)
REASON_WORDS: Mapping[CloseReason, str] = MappingProxyType(
    {
        CloseReason.GOALS_MET: "goals met",
        CloseReason.PARTLY_MET: "goals partly met",
        CloseReason.REDIRECTED: "sent to a better place for this",
        CloseReason.DECLINED: "did not want this support",
        CloseReason.NO_CONTACT: "we could not reach them",
        CloseReason.WITHDRAWN: "no longer needed",
        CloseReason.MOVED: "moved away",
        CloseReason.DIED: "died",
    }
)
PRIORITY_ORDER: Mapping[Priority, int] = MappingProxyType({p: n for n, p in enumerate(Priority)})


def close_reason(target: EpisodeState, reason: CloseReason | None) -> CloseReason | None:
    """The reason to store with a move to `target`; the only possible one need not be chosen.

    Raises Invalid when a closed state needs a reason to be chosen, or the reason belongs to another state.
    """
    reasons = CLOSE_REASONS.get(target, ())
    if reason is None and len(reasons) == 1:
        return reasons[0]
    if reason is None and reasons:
        choices = ", ".join(REASON_WORDS[each] for each in reasons)
        raise Invalid(f"Choose why this is closing: {choices}.", "reason")
    if reason is not None and reason not in reasons:
        raise Invalid(
            f"“{REASON_WORDS[reason]}” is not a reason for “{EPISODE_WORDS[target]}”. Choose another.",
            "reason",
        )
    return reason


def check_goals_met(reason: CloseReason | None, goals: int, met: int) -> None:
    """Raise Invalid for "goals met" where there are goals, and nobody says that any is met."""
    if reason is CloseReason.GOALS_MET and goals and not met:
        raise Invalid(
            "No goal is marked as met. Tick those that they say are met, or choose “goals partly met”.",
            "goals",
        )


def may_move(
    state: EpisodeState, target: EpisodeState, movers: Collection[Mover], *, said_by: Mover | None = None
) -> None:
    """Raise Refused, in plain words, unless the episode may go from `state` to `target` by their decision."""
    allowed = EPISODE_MOVES[state].get(target)
    if allowed is None and state in EPISODE_CLOSED:
        raise Refused(
            f"This is closed ({EPISODE_WORDS[state]}). It does not reopen: start a new one that links to it."
        )
    if allowed is None and state is target:
        raise Refused(f"This is “{EPISODE_WORDS[state]}” already.")
    if allowed is None:
        raise Refused(
            f"This is “{EPISODE_WORDS[state]}”. It cannot become “{EPISODE_WORDS[target]}” from here."
        )
    check_deciders(allowed, movers, said_by, RECORDED_FOR)


def can_move(
    state: EpisodeState, target: EpisodeState, movers: Collection[Mover], *, said_by: Mover | None = None
) -> bool:
    """Whether `may_move` would let it; for showing or hiding a button."""
    return is_allowed(lambda: may_move(state, target, movers, said_by=said_by))


def moves_from(state: EpisodeState, movers: Collection[Mover]) -> tuple[EpisodeState, ...]:
    """The states that these movers may choose next, in the order of the table; the person's word counts."""
    return may_become(
        EPISODE_MOVES[state],
        movers,
        RECORDED_FOR,
        lambda target, said_by: may_move(state, target, movers, said_by=said_by),
    )


def start_episode(*, movers: Collection[Mover], author: str, at: datetime) -> Event:
    """The first event of an episode: a draft by a referrer or the resident."""
    check_deciders(EPISODE_START[S.DRAFT], movers, None, RECORDED_FOR)
    return Event(at=at, author=author, source=None, target=S.DRAFT)


def move_episode(
    state: EpisodeState,
    target: EpisodeState,
    *,
    movers: Collection[Mover],
    author: str,
    at: datetime,
    reason: CloseReason | None = None,
    note: str | None = None,
    said_by: Mover | None = None,
) -> Event:
    """The event that moves an episode, or Refused (not allowed) or Invalid (a reason is missing or wrong).

    `note` is the reason in words for a move that does not close, such as what is still to be known.
    """
    may_move(state, target, movers, said_by=said_by)
    why = close_reason(target, reason)
    return Event(at=at, author=author, source=state, target=target, reason=why or note, said_by=said_by)


def stops_everything(target: EpisodeState, reason: str | None) -> bool:
    """A death: every queued message, reminder and follow-up stops in the same transaction."""
    return target == S.WITHDRAWN and reason == CloseReason.DIED


_FHIR: Mapping[EpisodeState, tuple[str, str, str | None]] = {
    S.DRAFT: ("draft", "draft", None),
    S.SUBMITTED: ("active", "requested", "received"),
    S.TRIAGE: ("active", "requested", "triage"),
    S.NEEDS_INFO: ("active", "on-hold", "needs-info"),
    S.ALLOCATED: ("active", "accepted", "awaiting-contact"),
    S.CONTACTING: ("active", "in-progress", "attempt-"),
    S.ACTIVE: ("active", "in-progress", "supporting"),
    S.PAUSED: ("on-hold", "on-hold", "paused"),
    S.COMPLETED: ("completed", "completed", None),
    S.NOT_APPROPRIATE: ("revoked", "rejected", None),
    S.PERSON_DECLINED: ("revoked", "cancelled", None),
    S.UNCONTACTABLE: ("revoked", "failed", None),
    S.WITHDRAWN: ("revoked", "cancelled", None),
    S.ENTERED_IN_ERROR: ("entered-in-error", "entered-in-error", None),
}


def fhir_status(state: EpisodeState, reason: CloseReason | None = None, attempts: int = 0) -> FhirStatus:
    """The episode's state as FHIR says it. `attempts` so far gives attempt-n, where n is at least 1."""
    service_request, task, business = _FHIR[state]
    if state is S.CONTACTING:
        business = f"attempt-{max(1, attempts)}"
    if state in CLOSE_REASONS:
        business = close_reason(state, reason)
    return FhirStatus(service_request, task, business)


def triage_order(
    priority: Priority, submitted_at: datetime, *, risk: bool = False
) -> tuple[int, bool, datetime]:
    """A sort key for the triage page: the more urgent, then a known risk, then whoever has waited longest."""
    return (PRIORITY_ORDER[priority], not risk, submitted_at)
