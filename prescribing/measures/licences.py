"""Licences for measures whose words or scores are not ours to give: an operator says that they hold one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.accounts import queries as accounts
from core.audit import services as audit
from core.errors import Invalid, NotFound
from prescribing.measures.instruments import LICENSED, check_wording
from prescribing.measures.models import MeasureLicence


@dataclass(frozen=True)
class LicenceView:
    """A licence in force: of which measure, whose, since when, said by whom; `words`: its questions show."""

    id: UUID
    name: str
    holder: str
    number: str
    since: datetime
    by: str
    words: bool


def licences(session: Session, actor: Actor) -> tuple[LicenceView, ...]:
    """The licences in force. Raises `NotFound` for whoever does not run the service."""
    _check(actor)
    rows = session.scalars(
        select(MeasureLicence)
        .where(MeasureLicence.ended_at.is_(None))
        .order_by(MeasureLicence.attested_at, MeasureLicence.id)
    ).all()
    names = accounts.names(session, {row.attested_by_id for row in rows})
    return tuple(
        LicenceView(
            row.id,
            LICENSED[row.instrument].name,
            row.holder,
            row.number,
            row.attested_at,
            names.get(row.attested_by_id, "An account that is gone"),
            bool(row.wording),
        )
        for row in rows
    )


def attest(
    session: Session,
    actor: Actor,
    instrument: str,
    *,
    holder: str,
    number: str,
    wording: list[str],
    answers: Sequence[str] = (),
) -> MeasureLicence:
    """Keep that a licence is held; it takes the place of an earlier one for the same measure.

    `wording` is one text a question, or empty; `answers` one an answer, from the lowest, or empty. Raises `NotFound`
    for whoever may not, `Invalid` naming the field.
    """
    _check(actor)
    found = LICENSED.get(instrument)
    if found is None:
        raise Invalid("Choose the measure that you hold a licence for.", "instrument")
    check_wording(found, wording, answers)
    for earlier in _in_force(session, instrument):
        earlier.ended_at = clock.now()
    made = MeasureLicence(
        instrument=instrument,
        holder=holder.strip(),
        number=number.strip(),
        wording=[*wording, *answers],
        attested_at=clock.now(),
        attested_by_id=actor.account_id,
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "measure-licence.attest", "measure-licence", made.id, instrument=instrument)
    return made


def end(session: Session, actor: Actor, licence_id: UUID) -> None:
    """Take a licence back: the measure is no longer asked; what was answered stays. Raises `NotFound`."""
    _check(actor)
    row = session.get(MeasureLicence, licence_id, with_for_update=True)
    if row is None:
        raise NotFound
    row.ended_at = row.ended_at or clock.now()
    session.flush()
    audit.record(session, actor, "measure-licence.end", "measure-licence", row.id, instrument=row.instrument)


def _in_force(session: Session, instrument: str) -> list[MeasureLicence]:
    return list(
        session.scalars(
            select(MeasureLicence).where(
                MeasureLicence.instrument == instrument, MeasureLicence.ended_at.is_(None)
            )
        )
    )


def _check(actor: Actor) -> None:
    if not actor.can(Permission.MANAGE_ACCOUNTS) or actor.account_id is None:
        raise NotFound
