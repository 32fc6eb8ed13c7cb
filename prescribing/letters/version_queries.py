"""Templates in other languages: the one for a person, all of a language, and those that are missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Permission
from core.notify import services as notify
from core.notify.tongue_rules import TONGUES, Tongue
from core.notify.wording_rules import Part
from prescribing.letters.models import LetterVersion, LetterWish
from prescribing.letters.rules import Facts
from prescribing.letters.wording_rules import Medium, Wording, english, fill, of_letter

# Most wanted first: nobody orders more translations at once.
MOST_WISHES = 30


@dataclass(frozen=True)
class Version:
    """One template in one language. `is_old` where the English has changed since."""

    tongue: Tongue
    medium: Medium
    kind: Wording
    words: str
    english: str
    translated_by: str
    checked_by: str
    entered_by: str
    entered_at: datetime
    number: int

    def filled(self, facts: Facts) -> str:
        """The words for one person."""
        return fill(self.words, facts, self.tongue)

    def in_english(self, facts: Facts) -> str:
        """What it says, for one person, in the English that it was made from."""
        return fill(self.english, facts)

    @property
    def is_old(self) -> bool:
        return self.english != source(self.kind, self.medium)


@dataclass(frozen=True)
class Wish:
    """A template that people were written to without."""

    tongue: Tongue
    medium: Medium
    kind: Wording
    missing: int
    asked: int


def source(kind: Wording, medium: Medium) -> str:
    """The words in English, with names in curly brackets."""
    letter = of_letter(kind)
    if letter is not None:
        return english(letter, medium)
    return notify.in_names(kind.value, Part.SUBJECT if medium is Medium.SUBJECT else Part.WORDS)


def version(session: Session, tongue: Tongue, medium: Medium, kind: Wording) -> Version | None:
    """The words in that language, if a translator gave them."""
    row = session.scalars(
        select(LetterVersion).where(
            LetterVersion.language == tongue.code, LetterVersion.medium == medium, LetterVersion.kind == kind
        )
    ).one_or_none()
    return _version(row) if row is not None else None


def versions_of(session: Session, actor: Actor, tongue: Tongue) -> Mapping[tuple[Medium, Wording], Version]:
    """All that there is in one language."""
    actor.must(Permission.TRIAGE)
    rows = session.scalars(select(LetterVersion).where(LetterVersion.language == tongue.code))
    return {(row.medium, row.kind): _version(row) for row in rows}


def counts(session: Session, actor: Actor) -> tuple[tuple[Tongue, int], ...]:
    """How many templates there are in each language that has some, by its name."""
    actor.must(Permission.TRIAGE)
    rows = session.execute(
        select(LetterVersion.language, func.count())
        .where(LetterVersion.language.in_(TONGUES))
        .group_by(LetterVersion.language)
    )
    return tuple(sorted(((TONGUES[code], number) for code, number in rows), key=lambda one: one[0].name))


def wishes(session: Session, actor: Actor) -> tuple[Wish, ...]:
    """What is missed most, that first."""
    actor.must(Permission.TRIAGE)
    rows = session.scalars(
        select(LetterWish)
        .where(LetterWish.language.in_(TONGUES))
        .order_by((LetterWish.missing + LetterWish.asked).desc(), LetterWish.id)
        .limit(MOST_WISHES)
    )
    return tuple(Wish(TONGUES[row.language], row.medium, row.kind, row.missing, row.asked) for row in rows)


def count_asked(session: Session) -> int:
    """How many templates somebody asked for that are not there yet."""
    return session.scalar(select(func.count()).select_from(LetterWish).where(LetterWish.asked > 0)) or 0


def _version(row: LetterVersion) -> Version:
    return Version(
        tongue=TONGUES[row.language],
        medium=row.medium,
        kind=row.kind,
        words=row.words,
        english=row.english,
        translated_by=row.translated_by,
        checked_by=row.checked_by,
        entered_by=row.entered_by,
        entered_at=row.entered_at,
        number=row.version,
    )
