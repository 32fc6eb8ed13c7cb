"""What the statuses of FHIR mean here, both ways, and what a program may do. Pure.

The table is the referral contract's. FHIR R4: ServiceRequest.status, Task.status, Task.businessStatus.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from core.errors import Invalid, Refused
from prescribing.episodes.moves import FhirStatus
from prescribing.episodes.rules import CLOSE_REASONS, CloseReason, EpisodeState
from prescribing.episodes.rules import fhir_status as of_episode
from prescribing.referrals.rules import DeclineReason, ReferralState
from prescribing.referrals.rules import fhir_status as of_referral

# How long a program may use a token before it asks for another.
TOKEN_LIFE = timedelta(minutes=10)

READABLE = ("ServiceRequest", "Task", "Patient", "Consent", "Observation", "Goal", "QuestionnaireResponse")
# Statuses of a request that has not ended, in FHIR's words.
_ACTIVE = frozenset({"active"})
_TRIES = re.compile(r"attempt-[1-9][0-9]*")


class Scope(StrEnum):
    """What a token lets a program do."""

    READ = "system/*.read"
    CREATE = "system/ServiceRequest.write"
    UPDATE = "system/Task.write"


def scopes_asked(text: str, allowed: Iterable[Scope]) -> tuple[Scope, ...]:
    """The scopes that a program asks for, parted by spaces; all that it may have where it names none.

    Raises `Invalid` for one that it may not have.
    """
    may = tuple(allowed)
    wanted = text.split()
    known = {scope.value: scope for scope in may}
    for each in wanted:
        if each not in known:
            raise Invalid(f"The scope {each} is not given to this client.", "scope")
    return tuple(scope for scope in may if scope.value in wanted) if wanted else may


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
