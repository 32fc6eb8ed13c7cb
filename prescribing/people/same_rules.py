"""Whether two records are about one person: sure, likely, or no reason to think so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from prescribing.people.rules import normalise_name


class Sameness(StrEnum):
    """How surely two records are about one person. Only a person's look makes one of what is likely."""

    SURE = "sure"
    LIKELY = "likely"
    NO = "no"


@dataclass(frozen=True)
class Marks:
    """What people are told apart by. An empty text or None is not known; `nhs_number` is ten digits."""

    name: str
    born: date | None = None
    nhs_number: str = ""

    @property
    def surname(self) -> str:
        """The last word of the name, for comparing; empty where only a first name is known."""
        words = self.name.split()
        return normalise_name(words[-1]) if len(words) > 1 else ""


def agreement(one: Marks, other: Marks) -> tuple[str, ...]:
    """What of both is known and the same, in words."""
    pairs = (
        ("NHS number", one.nhs_number, other.nhs_number),
        ("surname", one.surname, other.surname),
        ("date of birth", one.born, other.born),
    )
    return tuple(words for words, mine, theirs in pairs if mine and mine == theirs)


def sameness(one: Marks, other: Marks) -> Sameness:
    """Sure by the NHS number, where the surname or the date of birth says so too and neither date speaks against it.

    Likely by the NHS number alone (a number can be mistyped), and by surname and date of birth together (twins
    share both), unless the NHS numbers differ.
    """
    same_surname = bool(one.surname) and one.surname == other.surname
    same_birth = one.born is not None and one.born == other.born
    births_differ = one.born is not None and other.born is not None and one.born != other.born
    if one.nhs_number and one.nhs_number == other.nhs_number:
        agreed = (same_surname or same_birth) and not births_differ
        return Sameness.SURE if agreed else Sameness.LIKELY
    if one.nhs_number and other.nhs_number:
        return Sameness.NO
    return Sameness.LIKELY if same_surname and same_birth else Sameness.NO
