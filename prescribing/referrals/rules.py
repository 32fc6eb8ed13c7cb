"""The onward referral's states and moves: a need sent to a service, and answered by its group.

The table is that of the referral contract. The need outlives the referral.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from core.errors import Invalid, Refused
from prescribing.episodes.moves import Event, FhirStatus, Mover, check_deciders, is_allowed, may_become
from prescribing.episodes.needs import NeedState, need_by_events

SUSTAINED_ATTENDANCES = 3


class ReferralState(StrEnum):
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    WAITLISTED = "waitlisted"
    SCHEDULED = "scheduled"
    STARTED = "started"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    EXPIRED = "expired"
    NEVER_STARTED = "never-started"
    STOPPED = "stopped"
    ENTERED_IN_ERROR = "entered-in-error"


class DeclineReason(StrEnum):
    """Why a group said no."""

    NO_CAPACITY = "no-capacity"
    INELIGIBLE = "ineligible"
    UNSAFE = "unsafe"
    NOT_SUITABLE = "not-suitable"
    LISTING_WRONG = "listing-wrong"


class JoinMode(StrEnum):
    """How people join a service: a fact of every listing."""

    TURN_UP = "turn-up"
    RING_FIRST = "ring-first"
    REFERRAL = "referral"


# How a session stands that somebody is expected at; else when it is now.
SESSION_ON, SESSION_OFF = "on", "off"


class Heard(StrEnum):
    """How somebody hears that a session is off, has moved, or is on again."""

    TEXT = "text"
    EMAIL = "email"
    RING = "ring"


S = ReferralState
REFERRAL_CLOSED: frozenset[ReferralState] = frozenset(
    {S.COMPLETED, S.WITHDRAWN, S.DECLINED, S.EXPIRED, S.NEVER_STARTED, S.STOPPED, S.ENTERED_IN_ERROR}
)
REFERRAL_OPEN: frozenset[ReferralState] = frozenset(S) - REFERRAL_CLOSED
# A waiting list is nobody's delay: the group has answered.
REFERRAL_ON_HOLD: frozenset[ReferralState] = frozenset({S.WAITLISTED})
AWAITING_ANSWER: frozenset[ReferralState] = frozenset({S.REQUESTED})
AWAITING_START: frozenset[ReferralState] = frozenset({S.ACCEPTED, S.SCHEDULED})
GROUP_ANSWERS: tuple[ReferralState, ...] = (S.ACCEPTED, S.WAITLISTED, S.DECLINED)
OFFERED: frozenset[ReferralState] = frozenset({S.REQUESTED, S.WAITLISTED})
AGREED: frozenset[ReferralState] = frozenset({S.ACCEPTED, S.SCHEDULED, S.STARTED})
# Where somebody has been, and goes on going: only of that can they say that it helps.
GOES_THERE: frozenset[ReferralState] = frozenset({S.STARTED, S.COMPLETED})

_PERSON_OR_LINK_WORKER = frozenset({Mover.PERSON, Mover.LINK_WORKER})
_GROUP = frozenset({Mover.GROUP})
_GROUP_OR_PERSON = frozenset({Mover.GROUP, Mover.PERSON})
_GROUP_OR_LINK_WORKER = frozenset({Mover.GROUP, Mover.LINK_WORKER})
_ALWAYS: Mapping[ReferralState, frozenset[Mover]] = {S.WITHDRAWN: _PERSON_OR_LINK_WORKER}

REFERRAL_START: Mapping[ReferralState, frozenset[Mover]] = MappingProxyType(
    {S.REQUESTED: _PERSON_OR_LINK_WORKER}
)
REFERRAL_MOVES: Mapping[ReferralState, Mapping[ReferralState, frozenset[Mover]]] = MappingProxyType(
    {
        S.REQUESTED: {
            S.ACCEPTED: frozenset({Mover.GROUP, Mover.RULE}),
            S.WAITLISTED: _GROUP,
            S.DECLINED: _GROUP,
            S.EXPIRED: frozenset({Mover.CLOCK}),
            **_ALWAYS,
        },
        S.WAITLISTED: {S.ACCEPTED: _GROUP, S.DECLINED: _GROUP, **_ALWAYS},
        S.ACCEPTED: {
            S.SCHEDULED: _GROUP,
            S.STARTED: _GROUP_OR_PERSON,
            S.DECLINED: _GROUP,
            S.NEVER_STARTED: _GROUP_OR_LINK_WORKER,
            **_ALWAYS,
        },
        S.SCHEDULED: {
            S.STARTED: _GROUP_OR_PERSON,
            S.DECLINED: _GROUP,
            S.NEVER_STARTED: _GROUP_OR_LINK_WORKER,
            **_ALWAYS,
        },
        S.STARTED: {S.COMPLETED: _GROUP_OR_LINK_WORKER, S.STOPPED: _GROUP_OR_LINK_WORKER, **_ALWAYS},
        **{state: {} for state in REFERRAL_CLOSED},
    }
)
# Groups phone: a link worker writes down their answer, or the person's word, and says whose it was.
RECORDED_FOR: Mapping[Mover, frozenset[Mover]] = MappingProxyType(
    {Mover.GROUP: frozenset({Mover.LINK_WORKER}), Mover.PERSON: frozenset({Mover.LINK_WORKER})}
)

REFERRAL_WORDS: Mapping[ReferralState, str] = MappingProxyType(
    {
        S.REQUESTED: "waiting for an answer",
        S.ACCEPTED: "accepted",
        S.WAITLISTED: "on the waiting list",
        S.SCHEDULED: "first visit agreed",
        S.STARTED: "started",
        S.COMPLETED: "settled in",
        S.WITHDRAWN: "withdrawn",
        S.DECLINED: "the group said no",
        S.EXPIRED: "no answer came",
        S.NEVER_STARTED: "did not start",
        S.STOPPED: "stopped going",
        S.ENTERED_IN_ERROR: "entered in error",
    }
)
# How a referral stands, said to the person whom it is for.
OWN_WORDS: Mapping[ReferralState, str] = MappingProxyType(
    {
        S.REQUESTED: "We have asked them",
        S.ACCEPTED: "You can go",
        S.WAITLISTED: "You are on their waiting list",
        S.SCHEDULED: "Your first visit is agreed",
        S.STARTED: "You go there",
        S.COMPLETED: "You settled in",
        S.WITHDRAWN: "You are not going there",
        S.DECLINED: "They could not take you",
        S.EXPIRED: "They did not answer",
        S.NEVER_STARTED: "It did not start",
        S.STOPPED: "You stopped going",
        S.ENTERED_IN_ERROR: "This was a mistake of ours",
    }
)
DECLINE_WORDS: Mapping[DeclineReason, str] = MappingProxyType(
    {
        DeclineReason.NO_CAPACITY: "we have no room just now",
        DeclineReason.INELIGIBLE: "we are not for this person (age, area or other rule)",
        DeclineReason.UNSAFE: "we could not keep this person or others safe",
        DeclineReason.NOT_SUITABLE: "we are not the right kind of help",
        DeclineReason.LISTING_WRONG: "what our listing says is wrong",
    }
)
JOIN_WORDS: Mapping[JoinMode, str] = MappingProxyType(
    {
        JoinMode.TURN_UP: "just turn up",
        JoinMode.RING_FIRST: "ring first",
        JoinMode.REFERRAL: "somebody must refer you",
    }
)


def may_move(
    state: ReferralState,
    target: ReferralState,
    movers: Collection[Mover],
    *,
    said_by: Mover | None = None,
) -> None:
    """Raise Refused, in plain words, unless their decision may take the referral to `target`."""
    allowed = REFERRAL_MOVES[state].get(target)
    if allowed is None and state in REFERRAL_CLOSED:
        raise Refused(
            f"This referral is closed ({REFERRAL_WORDS[state]}). "
            "It does not reopen: make a new one that links to it."
        )
    if allowed is None:
        raise Refused(
            f"This is “{REFERRAL_WORDS[state]}”. It cannot become “{REFERRAL_WORDS[target]}” from here."
        )
    check_deciders(allowed, movers, said_by, RECORDED_FOR)


def can_move(
    state: ReferralState, target: ReferralState, movers: Collection[Mover], *, said_by: Mover | None = None
) -> bool:
    """Whether `may_move` would let it; for showing or hiding a button."""
    return is_allowed(lambda: may_move(state, target, movers, said_by=said_by))


def moves_from(state: ReferralState, movers: Collection[Mover]) -> tuple[ReferralState, ...]:
    """The states that these movers may choose next, in the order of the table; the person's word counts."""
    return may_become(
        REFERRAL_MOVES[state],
        movers,
        RECORDED_FOR,
        lambda target, said_by: may_move(state, target, movers, said_by=said_by),
    )


def start_referral(*, movers: Collection[Mover], author: str, at: datetime) -> Event:
    """The first event of a referral: requested, by a link worker or the resident."""
    check_deciders(REFERRAL_START[S.REQUESTED], movers, None, RECORDED_FOR)
    return Event(at=at, author=author, source=None, target=S.REQUESTED)


def accept_by_rule(join_mode: JoinMode, *, author: str, at: datetime) -> Event | None:
    """The second event where people just turn up: accepted, and the group has nothing to answer. Else None.

    `author` is whoever made the referral.
    """
    if join_mode is not JoinMode.TURN_UP:
        return None
    may_move(S.REQUESTED, S.ACCEPTED, {Mover.RULE})
    return Event(
        at=at,
        author=author,
        source=S.REQUESTED,
        target=S.ACCEPTED,
        reason=JoinMode.TURN_UP,
        said_by=Mover.RULE,
    )


def attendances_needed(service_says: int | None) -> int:
    """How many attendances count as sustained: three, unless the service says otherwise (1 or more)."""
    if service_says is None:
        return SUSTAINED_ATTENDANCES
    if service_says < 1:
        raise Invalid("Say how many visits count as settled in: 1 or more.", "attendances_needed")
    return service_says


def state_by_attendance(
    state: ReferralState, attended: int, service_says: int | None = None
) -> ReferralState:
    """Where the attendances so far take a referral: started at the first, completed at the last one needed.

    Started first even where one attendance is enough, so that each step has its event. Unchanged where no
    step follows.
    """
    if state in AWAITING_START and attended >= 1:
        return S.STARTED
    if state is S.STARTED and attended >= attendances_needed(service_says):
        return S.COMPLETED
    return state


def check_reason(target: ReferralState, reason: DeclineReason | None) -> None:
    """Raise Invalid when a no has no reason, or anything else has one."""
    if target is S.DECLINED and reason is None:
        raise Invalid("Choose why you are saying no. It helps us to do better.", "reason")
    if target is not S.DECLINED and reason is not None:
        raise Invalid("Only a “no” has a reason. Leave the reason empty.", "reason")


def move_referral(
    state: ReferralState,
    target: ReferralState,
    *,
    movers: Collection[Mover],
    author: str,
    at: datetime,
    reason: DeclineReason | None = None,
    note: str | None = None,
    said_by: Mover | None = None,
    attended: int = 0,
    service_says: int | None = None,
) -> Event:
    """The event that moves a referral, or Refused (not allowed) or Invalid (a reason is missing or wrong).

    `attended` counts the recorded attendances: none is no start, and too few are not settled in.
    `note` is the reason in words for any move but a no.
    """
    may_move(state, target, movers, said_by=said_by)
    check_reason(target, reason)
    if target is S.STARTED and attended < 1:
        raise Refused("Record the first visit: that is what starts it.")
    if target is S.NEVER_STARTED and attended:
        raise Refused("A visit is recorded, so this has started. Say that it stopped instead.")
    needed = attendances_needed(service_says)
    if target is S.COMPLETED and attended < needed:
        raise Refused(f"This counts as settled in after {needed} visits. {attended} are recorded so far.")
    return Event(at=at, author=author, source=state, target=target, reason=reason or note, said_by=said_by)


def expected_on(state: ReferralState, scheduled_for: date | None, visits: Collection[date], on: date) -> bool:
    """Whether somebody may well come on that day: their first visit is agreed for it, or for no day yet, or they go
    anyway. Whoever came at least twice, and never on that day of the week, has a day of their own."""
    if state in AWAITING_START:
        return scheduled_for is None or scheduled_for == on
    if state is not S.STARTED:
        return False
    return len(visits) < 2 or any(day.weekday() == on.weekday() for day in visits)


def check_late_yes(state: ReferralState) -> None:
    """Raise Refused unless no answer came: only then may a late yes make a linked referral."""
    if state is not S.EXPIRED:
        raise Refused(f"This referral is “{REFERRAL_WORDS[state]}”, so a late yes cannot be added to it.")


def late_yes(*, author: str, at: datetime) -> tuple[Event, Event]:
    """The first two events of the linked referral that a late yes makes: requested, then accepted."""
    return (
        Event(at=at, author=author, source=None, target=S.REQUESTED),
        Event(at=at, author=author, source=S.REQUESTED, target=S.ACCEPTED, said_by=Mover.GROUP),
    )


def need_after(
    state: NeedState, referrals: Iterable[ReferralState], *, open_actions: bool = False
) -> NeedState:
    """Where a need stands, given all of its referrals: open again by itself once none of them still helps.

    A referral that was settled in goes on helping until the person says that the need is met. One that was
    declined, expired, withdrawn, entered in error, never started or stopped does not.
    """
    helping = any(each in REFERRAL_OPEN or each is S.COMPLETED for each in referrals)
    return need_by_events(state, being_addressed=helping or open_actions)


_FHIR: Mapping[ReferralState, tuple[str, str, str | None]] = {
    S.REQUESTED: ("active", "requested", "sent"),
    S.ACCEPTED: ("active", "accepted", "accepted"),
    S.WAITLISTED: ("active", "on-hold", "waitlist"),
    S.SCHEDULED: ("active", "accepted", "scheduled"),
    S.STARTED: ("active", "in-progress", "started"),
    S.COMPLETED: ("completed", "completed", "sustained"),
    S.WITHDRAWN: ("revoked", "cancelled", "withdrawn"),
    S.DECLINED: ("revoked", "rejected", None),
    S.EXPIRED: ("revoked", "cancelled", "no-reply"),
    S.NEVER_STARTED: ("revoked", "failed", "dna"),
    S.STOPPED: ("revoked", "failed", "stopped"),
    S.ENTERED_IN_ERROR: ("entered-in-error", "entered-in-error", None),
}


def fhir_status(state: ReferralState, reason: DeclineReason | None = None) -> FhirStatus:
    """The referral's state as FHIR says it; `reason` is the business status of a no."""
    service_request, task, business = _FHIR[state]
    return FhirStatus(service_request, task, reason if state is S.DECLINED else business)
