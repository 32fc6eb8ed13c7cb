"""Whether a change lasted, and how big it must be to matter. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from prescribing.measures.rules import Instrument, Point, Taken, say_value


def pair_later(taken: Sequence[Taken]) -> tuple[Taken, Taken] | None:
    """The latest follow-up with what it is to be compared with, to see whether it lasted: the latest end before it, or
    else the latest review, or else the start. None where there are not two."""
    in_order = sorted(taken, key=lambda each: each.at)
    last = next((each for each in reversed(in_order) if each.point is Point.FOLLOW_UP), None)
    if last is None:
        return None
    before = [each for each in in_order if each.at < last.at]
    for point in (Point.EXIT, Point.REVIEW, Point.BASELINE):
        found = [each for each in before if each.point is point]
        if found:
            return found[-1], last
    return None


def say_importance(instrument: Instrument) -> str:
    """What is known of how big a change must be to matter to one person."""
    total = instrument.total
    if total is None or not total.matters_to:
        return "It is not known how big a change matters to one person. Ask them what it means."
    return (
        f"A change of less than {say_value(total.matters_from)} is too small to be sure of. "
        f"One of {say_value(total.matters_to)} or more matters."
    )
