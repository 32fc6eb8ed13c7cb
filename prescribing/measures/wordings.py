"""The words in which licensed questions were asked: those of the day, and only while a licence lets them show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from prescribing.measures.answer_rows import AnswerRow
from prescribing.measures.instruments import INSTRUMENTS, LICENSED, SCORE_SLOTS, read_back
from prescribing.measures.models import MeasureLicence
from prescribing.measures.rules import Instrument

_SCORES = "Only scores stand here: the questions of this measure are under a licence, and we do not keep their words."
_NOT_ADDED = (
    "Where only numbers stand, the words of the questions were not here when they were asked. They are under a "
    "licence, and whoever runs this service had not added them."
)
_ENDED = (
    "Only numbers stand here: the words of these questions are under a licence, and we no longer hold one that lets "
    "us show them."
)


@dataclass(frozen=True)
class _Held:
    """A licence from `since`, until `until` where it ended; `words` as `read_back` takes them."""

    since: datetime
    until: datetime | None
    words: Sequence[str]


@dataclass(frozen=True)
class Wordings:
    """Every licence that there ever was, by instrument, the latest first."""

    held: Mapping[str, Sequence[_Held]]

    def asked(self, row: AnswerRow) -> Instrument:
        """The instrument as it was asked, as far as its words may show today."""
        instrument = INSTRUMENTS[row.instrument]
        return read_back(instrument, self._then(row)) if self._may_show(row.instrument) else instrument

    def why_numbers(self, rows: Iterable[AnswerRow]) -> str:
        """Why only numbers stand beside some of these answers of one instrument; empty where none lacks its words."""
        licensed = [row for row in rows if row.instrument in LICENSED and row.not_today_reason is None]
        if all(self._then(row) and self._may_show(row.instrument) for row in licensed):
            return ""
        if any(self._then(row) and not self._may_show(row.instrument) for row in licensed):
            return _ENDED
        return _SCORES if licensed[0].instrument in SCORE_SLOTS else _NOT_ADDED

    def _may_show(self, instrument: str) -> bool:
        return any(each.until is None and each.words for each in self.held.get(instrument, ()))

    def _then(self, row: AnswerRow) -> Sequence[str]:
        at = row.written_at
        for each in self.held.get(row.instrument, ()):
            if each.since <= at and (each.until is None or at < each.until):
                return each.words
        return ()


# For whoever reads scores and no questions.
UNWORDED = Wordings(MappingProxyType({}))


def wordings(session: Session, rows: Iterable[AnswerRow]) -> Wordings:
    """The words of what these rows asked; without a query where none of it is licensed."""
    keys = {row.instrument for row in rows} & LICENSED.keys()
    held: dict[str, list[_Held]] = {}
    if keys:
        found = select(MeasureLicence).where(MeasureLicence.instrument.in_(keys))
        for row in session.scalars(
            found.order_by(MeasureLicence.attested_at.desc(), MeasureLicence.id.desc())
        ):
            held.setdefault(row.instrument, []).append(_Held(row.attested_at, row.ended_at, row.wording))
    return Wordings(held)
