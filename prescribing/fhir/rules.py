"""What the statuses of FHIR mean here, both ways, and what a program may ask and do. Pure.

The table is the referral contract's. FHIR R4: ServiceRequest.status, Task.status, Task.businessStatus.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from core.access.rules import Place
from core.errors import Invalid, Refused, Throttled
from prescribing.episodes.moves import FhirStatus
from prescribing.episodes.rules import CLOSE_REASONS, CloseReason, EpisodeState
from prescribing.episodes.rules import fhir_status as of_episode
from prescribing.referrals.rules import DeclineReason, ReferralState
from prescribing.referrals.rules import fhir_status as of_referral

# How long a program may use a token before it asks for another.
TOKEN_LIFE = timedelta(minutes=10)

# How often a program may ask in a minute. A person who presses buttons never comes near it.
MINUTE = timedelta(minutes=1)
MOST_A_MINUTE = 300
# How long the secret before goes on working, so that a program can be given its new one without a gap.
SECRETS_OVERLAP = timedelta(hours=24)

# Statuses of a request that has not ended, in FHIR's words.
_ACTIVE = frozenset({"active"})
_TRIES = re.compile(r"attempt-[1-9][0-9]*")


class Scope(StrEnum):
    """What a token lets a program do."""

    READ = "system/*.read"
    READ_PATIENT = "system/Patient.read"
    READ_REQUEST = "system/ServiceRequest.read"
    READ_TASK = "system/Task.read"
    READ_CONSENT = "system/Consent.read"
    READ_GOAL = "system/Goal.read"
    READ_OBSERVATION = "system/Observation.read"
    READ_ANSWERS = "system/QuestionnaireResponse.read"
    CREATE = "system/ServiceRequest.write"
    UPDATE = "system/Task.write"


class May(StrEnum):
    """What somebody lets a program do, in the words of the page where they choose it."""

    SEND = "send"
    REQUESTS = "requests"
    PEOPLE = "people"
    AGREED = "agreed"
    GOALS = "goals"
    ANSWERS = "answers"
    REPLY = "reply"


_REQUESTS = (Scope.READ_REQUEST, Scope.READ_TASK)
# What every program of a kind of place may do, and what it may be let do beside that.
_ALWAYS: Mapping[Place, tuple[Scope, ...]] = MappingProxyType(
    {Place.PARTNER: (Scope.READ,), Place.TEAM: (), Place.ORGANIZATION: _REQUESTS}
)
CHOICES: Mapping[Place, Mapping[May, tuple[Scope, ...]]] = MappingProxyType(
    {
        Place.PARTNER: {May.SEND: (Scope.CREATE, Scope.UPDATE)},
        Place.TEAM: {
            May.REQUESTS: _REQUESTS,
            May.PEOPLE: (Scope.READ_PATIENT,),
            May.AGREED: (Scope.READ_CONSENT,),
            May.GOALS: (Scope.READ_GOAL,),
            May.ANSWERS: (Scope.READ_OBSERVATION, Scope.READ_ANSWERS),
        },
        Place.ORGANIZATION: {May.REPLY: (Scope.UPDATE,)},
    }
)
MAY_WORDS: Mapping[May, str] = MappingProxyType(
    {
        May.SEND: "send referrals",
        May.REQUESTS: "read requests and referrals, and how they stand",
        May.PEOPLE: "read who people are and how to reach them",
        May.AGREED: "read what people agreed to",
        May.GOALS: "read people’s goals",
        May.ANSWERS: "read people’s answers to questions, and scores",
        May.REPLY: "say yes, later or no for us",
    }
)


def scopes_for(place: Place, chosen: Iterable[May]) -> tuple[Scope, ...]:
    """The scopes of a program of such a place that may do what was chosen. Raises `Invalid` for what no program there
    may do, and where nothing is left that it may do."""
    may = set(chosen)
    if not may <= set(CHOICES[place]):
        words = "; ".join(MAY_WORDS[each] for each in CHOICES[place])
        raise Invalid(f"Its program may be let do this: {words}. Take out what else you ticked.", "may")
    given = {*_ALWAYS[place], *(scope for each in may for scope in CHOICES[place][each])}
    if not given:
        raise Invalid("Choose at least one thing that it may do.", "may")
    return tuple(scope for scope in Scope if scope in given)


def say_scopes(place: Place, scopes: Collection[Scope]) -> tuple[str, ...]:
    """What a program may do, in words; what every program of such a place may do goes without saying."""
    return tuple(MAY_WORDS[may] for may, needed in CHOICES[place].items() if set(needed) <= set(scopes))


def may_read(kind: str, scopes: Collection[Scope]) -> bool:
    """Whether these scopes let a program read resources of a kind."""
    return not {Scope.READ.value, f"system/{kind}.read"}.isdisjoint(scopes)


def scopes_asked(text: str, allowed: Iterable[Scope]) -> tuple[Scope, ...]:
    """The scopes that a program asks for, parted by spaces; all that it may have where it names none.

    Whoever may read everything may ask to read one kind. Raises `Invalid` for a scope that it may not have.
    """
    may = tuple(allowed)
    wanted = text.split()
    able = set(may)
    if Scope.READ in able:
        able |= {scope for scope in Scope if scope.value.endswith(".read")}
    known = {scope.value: scope for scope in able}
    for each in wanted:
        if each not in known:
            raise Invalid(f"The scope {each[:80]} is not given to this client.", "scope")
    return tuple(scope for scope in Scope if scope.value in wanted) if wanted else may


def asks_again(since: datetime | None, asked: int, now: datetime) -> tuple[datetime, int]:
    """When the minute began in which a program asks, and how often it asked in it, with this time; `since` and `asked`
    are what was counted before. Raises `Throttled` for one time too many."""
    if since is None or now - since >= MINUTE:
        return now, 1
    if asked >= MOST_A_MINUTE:
        wait = int((since + MINUTE - now).total_seconds()) + 1
        raise Throttled(f"A program may ask {MOST_A_MINUTE} times a minute. Wait, then go on.", wait)
    return since, asked + 1


def episode_state(status: FhirStatus) -> tuple[EpisodeState, CloseReason | None]:
    """The state of an episode, and why it closed, that FHIR says so. Raises `Invalid` for what nothing is called."""
    tries = status.business is not None and _TRIES.fullmatch(status.business) is not None
    for state in EpisodeState:
        for reason in CLOSE_REASONS.get(state, (None,)):
            said = of_episode(state, reason)
            alike = (said.service_request, said.task) == (status.service_request, status.task)
            if alike and (said.business == status.business or (tries and state is EpisodeState.CONTACTING)):
                return state, reason
    raise Invalid("No request for support has this status.", "status")


def referral_state(status: FhirStatus) -> tuple[ReferralState, DeclineReason | None]:
    """The state of a referral, and why a group said no, that FHIR says so. Raises `Invalid` likewise."""
    for state in ReferralState:
        for reason in DeclineReason if state is ReferralState.DECLINED else (None,):
            if of_referral(state, reason) == status:
                return state, reason
    raise Invalid("No referral has this status.", "status")


def check_task_change(now: FhirStatus, wanted: str, *, owner: bool) -> None:
    """Raise `Refused` unless a program may ask for this Task.status.

    Whoever sent a request (`owner`) sends a draft, and nothing else: who was referred decides the rest with their link
    worker. Whoever received it may not cancel what is not active.
    """
    if wanted == "cancelled" and now.service_request not in _ACTIVE:
        raise Refused("What is not active cannot be cancelled.")
    if owner and not (now.task == "draft" and wanted == "requested"):
        raise Refused(
            "Whoever sent a request may send its draft. What comes after is for the person and their link worker."
        )


# How an output of a Task is called that says on which day somebody came.
VISIT = "visit"
_GROUP_SAYS: Mapping[str, ReferralState] = MappingProxyType(
    {
        "accepted": ReferralState.ACCEPTED,
        "on-hold": ReferralState.WAITLISTED,
        "rejected": ReferralState.DECLINED,
        "in-progress": ReferralState.STARTED,
        "completed": ReferralState.COMPLETED,
    }
)


def group_step(state: ReferralState, wanted: str) -> ReferralState:
    """Where a group's program takes a referral by asking for this Task.status. Raises `Refused` for what no group says.

    A group that cancels says no while nobody has started, and that it stopped afterwards; one that failed never started
    or stopped.
    """
    if wanted in _GROUP_SAYS:
        return _GROUP_SAYS[wanted]
    started = state is ReferralState.STARTED
    if wanted == "cancelled":
        return ReferralState.STOPPED if started else ReferralState.DECLINED
    if wanted == "failed":
        return ReferralState.STOPPED if started else ReferralState.NEVER_STARTED
    raise Refused(f"A group answers by the status {', '.join(_GROUP_SAYS)}, failed or cancelled.")


@dataclass(frozen=True)
class Span:
    """When what is looked for changed last: from `start` on, and before `end` (aware). None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def within(self, other: Span) -> Span:
        """What is in both."""
        starts = [each for each in (self.start, other.start) if each is not None]
        ends = [each for each in (self.end, other.end) if each is not None]
        return Span(max(starts, default=None), min(ends, default=None))


_ASKED_TIME = re.compile(
    r"(?P<how>eq|ge|gt|le|lt|)(?P<when>\d{4}-\d\d-\d\d(?P<time>T\d\d:\d\d(?P<second>:\d\d(?P<part>\.\d{1,6})?)?"
    r"(Z|[+-]\d\d:\d\d)?)?)",
    re.ASCII,
)


def span_asked(text: str) -> Span:
    """The span that a date search means, such as "ge2026-03-01" or "lt2026-03-01T10:00:00Z" (FHIR R4, 3.1.1.4.6).

    A date is a whole day and a time the whole of its last figure; without a zone it is UTC. Raises `Invalid`.
    """
    problem = Invalid("Search by _lastUpdated like ge2026-03-01T00:00:00Z.")
    # In an address a plus that nobody spelled out reads as a space.
    found = _ASKED_TIME.fullmatch(text.replace(" ", "+"))
    if found is None:
        raise problem
    long = timedelta(days=1)
    if found["time"]:
        long = timedelta(minutes=1)
    if found["second"]:
        long = timedelta(seconds=1)
    if found["part"]:
        long = timedelta(seconds=10 ** -(len(found["part"]) - 1))
    try:
        start = datetime.fromisoformat(found["when"])
        start = start.astimezone(UTC) if start.tzinfo else start.replace(tzinfo=UTC)
        end = start + long
    except (ValueError, OverflowError):
        # At either end of the calendar a moment may have no place in UTC.
        raise problem from None
    spans = {"ge": Span(start), "gt": Span(end), "le": Span(None, end), "lt": Span(None, start)}
    return spans.get(found["how"], Span(start, end))


def version_of(changed_at: datetime) -> int:
    """The version of what changed last then: microseconds since 1970. Whatever raises one raises the other."""
    return (changed_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
