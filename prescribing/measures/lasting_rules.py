"""Whether a change lasted, how big it must be to matter, and what one total can mean. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from prescribing.measures.rules import Direction, Instrument, Point, Taken, say_value, score


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


def say_total(instrument: Instrument) -> str:
    """What one total can mean and what it cannot; empty for a measure that is never summed."""
    total = instrument.total
    low = score(instrument, {item.key: item.low for item in instrument.items})
    high = score(instrument, {item.key: item.high for item in instrument.items})
    if total is None or low is None or high is None:
        return ""
    better = "higher" if total.direction is Direction.HIGHER_BETTER else "lower"
    line = "No line parts well from unwell."
    if total.bands:
        last = total.bands[-1]
        line = f"By convention {say_value(last.low)} or more counts as {last.words}: that is no diagnosis."
    return f"The total goes from {say_value(low)} to {say_value(high)}: {better} is better. {line}"
