"""A need: it outlives every attempt to meet it, and closes only by the person's word. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from core.errors import Refused
from prescribing.episodes.moves import RECORDED_FOR, Event, Mover, check_deciders


class NeedState(StrEnum):
    RAISED = "raised"
    BEING_ADDRESSED = "being-addressed"
    MET = "met"
    DROPPED = "dropped"


NEED_OPEN: frozenset[NeedState] = frozenset({NeedState.RAISED, NeedState.BEING_ADDRESSED})
NEED_CLOSED: frozenset[NeedState] = frozenset({NeedState.MET, NeedState.DROPPED})

_PERSON = frozenset({Mover.PERSON})
_BY_EVENTS = frozenset({Mover.LINK_WORKER, Mover.RULE})
_CLOSINGS: Mapping[NeedState, frozenset[Mover]] = {NeedState.MET: _PERSON, NeedState.DROPPED: _PERSON}

NEED_MOVES: Mapping[NeedState, Mapping[NeedState, frozenset[Mover]]] = MappingProxyType(
    {
        NeedState.RAISED: {NeedState.BEING_ADDRESSED: _BY_EVENTS, **_CLOSINGS},
        NeedState.BEING_ADDRESSED: {NeedState.RAISED: _BY_EVENTS, **_CLOSINGS},
        NeedState.MET: {},
        NeedState.DROPPED: {},
    }
)
NEED_WORDS: Mapping[NeedState, str] = MappingProxyType(
    {
        NeedState.RAISED: "still to do",
        NeedState.BEING_ADDRESSED: "being worked on",
        NeedState.MET: "met, in the person's own view",
        NeedState.DROPPED: "no longer wanted by the person",
    }
)


def move_need(
    state: NeedState,
    target: NeedState,
    *,
    movers: Collection[Mover],
    author: str,
    at: datetime,
    reason: str | None = None,
    said_by: Mover | None = None,
) -> Event:
    """The event that moves a need, or Refused.

    A link worker who closes one writes down the person's word: `said_by=Mover.PERSON`.
    """
    allowed = NEED_MOVES[state].get(target)
    if allowed is None and state in NEED_CLOSED:
        raise Refused(
            f"This need is closed ({NEED_WORDS[state]}). Add it again as a new need if it has come back."
        )
    if allowed is None:
        raise Refused(f"This need is “{NEED_WORDS[state]}” already.")
    check_deciders(allowed, movers, said_by, RECORDED_FOR)
    return Event(at=at, author=author, source=state, target=target, reason=reason, said_by=said_by)


def need_by_events(state: NeedState, *, being_addressed: bool) -> NeedState:
    """Where an open need stands by itself; what the person closed stays closed.

    `being_addressed` says whether anything, a referral or an action, still works on it.
    """
    if state in NEED_CLOSED:
        return state
    return NeedState.BEING_ADDRESSED if being_addressed else NeedState.RAISED
