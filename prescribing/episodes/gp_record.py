"""What goes into a GP practice's own record, as plain text: codes, what was done, and what did not work. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from core.calendar.rules import say_date
from prescribing.episodes.feedback import CODE_WORDS, Feedback


def gp_text(
    *, name: str, born: date | None, reference: str, needs: Sequence[str], told: Feedback, on: date
) -> str:
    """The entry, a line each, ending in a new line. What was not done is said as "none"."""
    lines = [
        f"Social prescribing, {say_date(on)}",
        f"{name}, born {say_date(born)}" if born is not None else name,
        f"Reference: {reference}",
        *(f"Code: {code} {CODE_WORDS[code]} (SNOMED CT)" for code in told.codes),
        f"Needs: {', '.join(needs) or 'none written down'}",
        f"State: {told.outcome}",
        f"Done: {'; '.join(told.done) or 'none'}",
    ]
    if told.did_not_work:
        lines.append(f"Tried, did not work: {'; '.join(told.did_not_work)}")
    lines += [
        f"{one.label}: {one.before or 'not taken'}, then {one.after or 'not taken'}" for one in told.scores
    ]
    return "\n".join(lines) + "\n"
