"""What a referrer is told when support ends: one typed value, kept as JSON text, and nothing beyond it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from prescribing.episodes.contributions import Score
from prescribing.episodes.rules import EpisodeState

# SNOMED CT (UK): "Referral to social prescribing service" and "Referral to social prescribing service declined".
ACCEPTED_CODE = "871731000000106"
DECLINED_CODE = "871711000000103"
CODE_WORDS = {
    ACCEPTED_CODE: "Referral to social prescribing service",
    DECLINED_CODE: "Referral to social prescribing service declined",
}


@dataclass(frozen=True)
class Feedback:
    """What was done, in lines; empty is said as "none". `words` are the link worker's own, written for the referrer."""

    outcome: str
    done: tuple[str, ...] = ()
    did_not_work: tuple[str, ...] = ()
    scores: tuple[Score, ...] = ()
    words: str = ""
    codes: tuple[str, ...] = ()


def codes_for(states: tuple[EpisodeState, ...]) -> tuple[str, ...]:
    """The codes for the referrer's own record, by the states that an episode went through.

    Accepted is coded once, when the person began to be supported; declined when they said no before that.
    """
    if EpisodeState.ACTIVE in states:
        return (ACCEPTED_CODE,)
    if EpisodeState.PERSON_DECLINED in states:
        return (DECLINED_CODE,)
    return ()


def to_text(feedback: Feedback) -> str:
    """The feedback as JSON text."""
    return json.dumps(asdict(feedback), ensure_ascii=False, sort_keys=True)


def from_text(text: str) -> Feedback:
    """Undo `to_text`."""
    held: dict[str, Any] = json.loads(text)
    return Feedback(
        outcome=held["outcome"],
        done=tuple(held["done"]),
        did_not_work=tuple(held["did_not_work"]),
        scores=tuple(Score(**score) for score in held["scores"]),
        words=held["words"],
        codes=tuple(held["codes"]),
    )
