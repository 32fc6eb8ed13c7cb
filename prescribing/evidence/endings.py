"""What came of a request when it is looked at, and what did not work on the way. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from prescribing.episodes.moves import Event, standing
from prescribing.episodes.rules import EpisodeState
from prescribing.referrals.rules import ReferralState


class Ending(StrEnum):
    """How an episode stands when its period is looked at."""

    GOING_ON = "going-on"
    FINISHED = "finished"
    SAID_NO = "said-no"
    NOT_REACHED = "not-reached"
    NOT_RIGHT = "not-right"
    LEFT = "left"


ENDING_WORDS: Mapping[Ending, str] = {
    Ending.GOING_ON: "still going on",
    Ending.FINISHED: "finished together",
    Ending.SAID_NO: "the person said no",
    Ending.NOT_REACHED: "could not be reached",
    Ending.NOT_RIGHT: "not right for this service",
    Ending.LEFT: "no longer needed, moved away or died",
}
_ENDING: Mapping[str, Ending] = {
    EpisodeState.COMPLETED: Ending.FINISHED,
    EpisodeState.PERSON_DECLINED: Ending.SAID_NO,
    EpisodeState.UNCONTACTABLE: Ending.NOT_REACHED,
    EpisodeState.NOT_APPROPRIATE: Ending.NOT_RIGHT,
    EpisodeState.WITHDRAWN: Ending.LEFT,
}


def ending(episode: Sequence[Event]) -> Ending:
    """How a history (oldest first) ends, undone closings left out."""
    events = standing(episode)
    return _ENDING.get(events[-1].target, Ending.GOING_ON) if events else Ending.GOING_ON


class Setback(StrEnum):
    """What did not work on the way to a group; one person may meet several."""

    NO_CAPACITY = "no-capacity"
    INELIGIBLE = "ineligible"
    UNSAFE = "unsafe"
    NOT_SUITABLE = "not-suitable"
    LISTING_WRONG = "listing-wrong"
    NO_ANSWER = "no-answer"
    NEVER_STARTED = "never-started"
    STOPPED = "stopped"
    NOTHING_FITS = "nothing-fits"


SETBACK_WORDS: Mapping[Setback, str] = {
    Setback.NO_CAPACITY: "the group had no room",
    Setback.INELIGIBLE: "the group is for other people",
    Setback.UNSAFE: "the group could not keep it safe",
    Setback.NOT_SUITABLE: "the group thought that it would not suit",
    Setback.LISTING_WRONG: "what we knew of the group was wrong",
    Setback.NO_ANSWER: "the group did not answer",
    Setback.NEVER_STARTED: "the group said yes, but they never went",
    Setback.STOPPED: "they went, then stopped",
    Setback.NOTHING_FITS: "we found nothing that fits",
}
_REFERRAL_SETBACK: Mapping[str, Setback] = {
    ReferralState.EXPIRED: Setback.NO_ANSWER,
    ReferralState.NEVER_STARTED: Setback.NEVER_STARTED,
    ReferralState.STOPPED: Setback.STOPPED,
}


def setback(referral: Sequence[Event], decline_reason: str | None) -> Setback | None:
    """What went wrong with a referral, if anything did; from its history (oldest first) and why the group declined."""
    events = standing(referral)
    if not events:
        return None
    last = events[-1].target
    if last == ReferralState.DECLINED:
        return Setback(decline_reason or Setback.NOT_SUITABLE)
    return _REFERRAL_SETBACK.get(last)
