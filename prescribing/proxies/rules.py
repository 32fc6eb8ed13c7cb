"""Who may act for somebody else, on whose word, and how long it lasts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from dateutil.relativedelta import relativedelta

from prescribing.people.rules import age, is_child, is_under_18

# For how many months somebody may be let act; then it is asked anew.
MONTHS = (1, 3, 6, 12)
# More than a few at a time is a mistake, or pressure.
MOST = 5
# Who is younger does not decide alone who reads about them. Source: UK GDPR, Article 8, Data Protection Act 2018, s. 9.
DECIDES_FROM = 13


class Ground(StrEnum):
    """On whose word somebody acts for another."""

    OWN_WORD = "own-word"
    PARENT = "parent"
    COURT = "court"


GROUND_WORDS: Mapping[Ground, str] = MappingProxyType(
    {
        Ground.OWN_WORD: "They told us so themself",
        Ground.PARENT: "They are under 16, and this is a parent or guardian",
        Ground.COURT: "A court, or a registered lasting power of attorney",
    }
)


@dataclass(frozen=True)
class Let:
    """What was agreed, as far as it decides how long it lasts. `last_day` is the last day on which it holds."""

    given_on: date
    last_day: date
    ended: bool = False


def last_day_of(given_on: date, months: int) -> date:
    """The last day of so many months. Raises `ValueError` for a length that is not offered."""
    if months not in MONTHS:
        raise ValueError("not a length of time that is offered")
    return given_on + relativedelta(months=months)


def still_acts(let: Let, born: date | None, today: date) -> bool:
    """Whether it holds on that day. What began before a sixteenth birthday ends with it, whoever gave it: from then on
    it is the young person's to give. Source: Family Law Reform Act 1969, s. 8; Mental Capacity Act 2005, s. 2(5)."""
    if let.ended or not let.given_on <= today <= let.last_day:
        return False
    return born is None or not is_child(age(born, let.given_on)) or is_child(age(born, today))


def problem_with_ground(ground: Ground, years: int | None, *, understands: bool) -> str:
    """Why nobody may be let act on this ground, in words for the team; empty where they may.

    `understands` says that the team talked with a young person under 16, and that they understand what it means
    (competence in the sense of Gillick v West Norfolk AHA, 1985).
    """
    if ground is Ground.OWN_WORD:
        if years is not None and years < DECIDES_FROM:
            return "Under 13s do not decide this alone. A parent or guardian acts for them."
        if years is not None and is_child(years) and not understands:
            return "They are under 16. Say that you talked about it and that they understand what it means."
    if ground is Ground.PARENT:
        if years is None:
            return (
                "Write down their date of birth first. A parent may act by right only for somebody under 16."
            )
        if not is_child(years):
            return "From 16 on it is theirs to say who acts for them. Ask them."
        if understands and years >= DECIDES_FROM:
            return "They understand what it means, so it is theirs to say. Choose that they told you so themself."
    if ground is Ground.COURT and years is not None and is_child(years):
        return "They are under 16, so this is for a parent or guardian."
    return ""


def problem_alone(years: int | None) -> str:
    """Why somebody may not let another act without their team beside them, in words for them; empty where they may."""
    if years is not None and is_under_18(years):
        return "You are under 18. Ask your link worker: they talk it over and set it up with you."
    return ""
