"""Deleting a record for good: what stands in the way, the certificate, and the tombstone that keeps it deleted."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Actor
from core.accounts import sessions
from core.accounts.models import Account, MembershipRow
from core.audit import services as audit
from core.backup.hooks import TombstonesMissing
from core.db import Base, blind_index, hold
from core.errors import Invalid, Refused
from core.events import publish
from core.jobs.services import enqueue
from core.notify.models import Message
from core.notify.services import cancel_about
from core.references.drawing import free_reference
from core.settings import Settings
from prescribing.people.events import RecordGoes
from prescribing.people.models import Consent, Person
from prescribing.people.services import author_of, withdraw_consent
from prescribing.rights import record, retention
from prescribing.rights.models import Disposal
from prescribing.rights.rules import STOP_WORDS, Why

WRITE_DOWN = "rights.write-tombstones"
_NOT_PUT_BACK = (
    "nothing was put back: deleted people could come back with it. Take the file from your last copy."
)
_NOT_WRITTEN = (
    "it was left as it is, and what was deleted since is not in it yet. Put your last copy in its place; what the"
    " database knows is then added by itself."
)


class TombstonesBroken(Invalid):
    """The file of tombstones is not what this service wrote. The name of this error is what an administrator reads
    under background work."""


def erase(
    session: Session,
    actor: Actor,
    person_id: UUID,
    why: Why,
    *,
    answers_request: UUID | None = None,
    request_reference: str | None = None,
) -> Disposal:
    """Delete everything of one person's record and give its certificate. Whoever has a copy by their consent is told
    to delete it. The caller has checked that the actor may decide this.

    Raises `Refused` with all that stands in the way, and `NotFound` where there is no such person.
    """
    standing = retention.standing_for_update(session, person_id, why, answers_request=answers_request)
    if standing.stops:
        raise Refused(" ".join(STOP_WORDS[stop] for stop in standing.stops))
    _silence(session, record.rows_of(session, person_id))
    _tell_recipients(session, person_id)
    made = Disposal(
        reference=free_reference(session, Disposal.reference),
        person_id=person_id,
        why=why,
        rule=standing.rule if why is Why.TIME_IS_UP else None,
        request_reference=request_reference,
        at=clock.now(),
        decided_by=author_of(actor),
        counts=_delete(session, person_id),
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "record.delete", "person", person_id, why=why, certificate=made.reference)
    enqueue(session, WRITE_DOWN, {}, key=WRITE_DOWN)
    return made


def _tell_recipients(session: Session, person_id: UUID) -> None:
    """Take every consent back that still holds, so that whoever has something is told to delete it."""
    live = select(Consent.id).where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
    while (consent_id := session.scalar(live.limit(1))) is not None:
        withdraw_consent(session, SYSTEM, consent_id)


def _silence(session: Session, rows: record.Rows) -> None:
    """No message about them leaves any more, and none that left keeps its words."""
    for ids in rows.values():
        for about_id in ids:
            _silence_about(session, about_id)


def _silence_about(session: Session, about_id: UUID) -> None:
    cancel_about(session, about_id)
    session.execute(
        update(Message)
        .where(Message.about_id == about_id)
        .values(to_sealed=None, subject_sealed=None, body_sealed=None, html_sealed=None)
    )


def _delete(session: Session, person_id: UUID) -> dict[str, int]:
    """Delete the rows, children first, and the sign-in that led to them. Gives how many went, by table."""
    session.flush()
    publish(session, RecordGoes(person_id))
    rows = record.rows_of(session, person_id)
    _close_accounts(session, person_id)
    tables = Base.metadata.tables
    for link in record.links():
        ids = rows.get(link.to)
        if not link.owns and ids and link.table != MembershipRow.__tablename__:
            table = tables[link.table]
            mentioning = record.ids_where(session, table, table.c[link.column], ids)
            for some in record.chunks(mentioning):
                session.execute(update(table).where(table.c.id.in_(some)).values({link.column: None}))
    session.expunge_all()
    for table in reversed(Base.metadata.sorted_tables):
        for some in record.chunks(rows.get(table.name, set())):
            session.execute(delete(table).where(table.c.id.in_(some)))
    return {name: len(ids) for name, ids in sorted(rows.items())}


def _close_accounts(session: Session, person_id: UUID) -> None:
    """End every way in to the record. An account that was for nothing else keeps no name and no address."""
    here = session.scalars(select(MembershipRow).where(MembershipRow.person_id == person_id)).all()
    account_ids = {row.account_id for row in here}
    for row in here:
        session.delete(row)
    session.flush()
    for account_id in account_ids:
        sessions.end_all(session, account_id, "record deleted")
        left = session.scalar(select(MembershipRow.id).where(MembershipRow.account_id == account_id).limit(1))
        if left is None:
            _silence_about(session, account_id)
            account = session.get_one(Account, account_id)
            account.name, account.email, account.mobile = "Somebody whose record was deleted", None, None
            account.email_index = blind_index("account-gone", str(account_id))
            account.password_hash, account.totp_secret, account.persona = None, None, None
            account.disabled_at = clock.now()
    session.flush()


# --- tombstones --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tombstone:
    """That a record was deleted: enough to delete it again where a backup brings it back. Holds ids, nobody's name."""

    person_id: UUID
    reference: str
    why: Why
    rule: str | None
    request_reference: str | None
    at: datetime
    decided_by: str
    counts: dict[str, int]


def tombstones(session: Session) -> list[Tombstone]:
    """Every tombstone, in the order in which records were deleted."""
    return [
        Tombstone(
            row.person_id,
            row.reference,
            row.why,
            row.rule,
            row.request_reference,
            row.at,
            row.decided_by,
            dict(row.counts),
        )
        for row in session.scalars(select(Disposal).order_by(Disposal.at, Disposal.id))
    ]


def replay(session: Session, stones: Iterable[Tombstone]) -> int:
    """Delete again what a restored backup brought back. Gives how many records that were. Nobody is written to."""
    again = 0
    for stone in stones:
        known = session.scalar(select(Disposal).where(Disposal.person_id == stone.person_id))
        if known is None:
            values = {name: getattr(stone, name) for name in stone.__dataclass_fields__}
            session.add(Disposal(**values))
        rows = record.rows_of(session, stone.person_id)
        if not rows:
            continue
        _silence(session, rows)
        _delete(session, stone.person_id)
        audit.record(
            session, SYSTEM, "record.delete-again", "person", stone.person_id, certificate=stone.reference
        )
        again += 1
    session.flush()
    return again


def file_of(settings: Settings) -> Path:
    """Where tombstones are written outside the database, so that an older backup does not bring anybody back."""
    return settings.instance / "tombstones.jsonl"


def write_down(session: Session, path: Path) -> None:
    """Put every tombstone into the file at `path`, a line of JSON each with our code over it. The file is there from
    the first time on, empty where nobody was deleted, so that one that is missing is known to be lost.

    Raises `TombstonesBroken` where the file holds what is not ours: it is left as it is.
    """
    # The job of a deletion and the recurring one would write over each other.
    hold(session, "tombstones")
    kept = [line for line, _stone in _lines_of(path, _NOT_WRITTEN)]
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for stone in tombstones(session):
        body = _body(stone)
        lines.append(json.dumps({**body, "mac": _mac(body)}))
    unfinished = path.with_suffix(".new")
    every = dict.fromkeys([*kept, *lines])
    unfinished.write_text("".join(f"{line}\n" for line in every), encoding="utf-8")
    unfinished.replace(path)


def keep_written(session: Session, path: Path) -> None:
    """As `write_down`, but a file that is not there is not made while the database never held anybody: on a new
    machine a restore must still see that it is missing."""
    if path.exists() or any(session.scalar(select(row.id).limit(1)) for row in (Person, Disposal)):
        write_down(session, path)


def read_back(path: Path) -> list[Tombstone]:
    """The tombstones of a file. Raises `TombstonesMissing` where there is no file, and `TombstonesBroken` for one that
    cannot be read or has a line that is not ours: a stranger's line would delete somebody."""
    if not path.exists():
        raise TombstonesMissing(
            f"{path.name} is missing, so nothing was put back: whoever was deleted since the backup could come back"
            " with it. Take the file from your last copy. If it is lost for good, say so with --without-tombstones."
        )
    return [stone for _line, stone in _lines_of(path, _NOT_PUT_BACK)]


def _lines_of(path: Path, follows: str) -> list[tuple[str, Tombstone]]:
    """The lines of a file with what each says; none where there is no file. `follows` ends the words of the error."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    except (OSError, UnicodeDecodeError):
        raise TombstonesBroken(f"{path.name} cannot be read, so {follows}") from None
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append((line, _stone(json.loads(line))))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise TombstonesBroken(
                f"Line {number} of {path.name} was not written by this service, so {follows}"
            ) from None
    return found


def _stone(body: dict[str, Any]) -> Tombstone:
    mac = str(body.pop("mac"))
    if not hmac.compare_digest(mac, _mac(body)):
        raise ValueError
    return Tombstone(
        UUID(body["person_id"]),
        body["reference"],
        Why(body["why"]),
        body["rule"],
        body["request_reference"],
        datetime.fromisoformat(body["at"]),
        body["decided_by"],
        body["counts"],
    )


def _body(stone: Tombstone) -> dict[str, object]:
    return {
        "person_id": str(stone.person_id),
        "reference": stone.reference,
        "why": stone.why.value,
        "rule": stone.rule,
        "request_reference": stone.request_reference,
        "at": stone.at.isoformat(),
        "decided_by": stone.decided_by,
        "counts": stone.counts,
    }


def _mac(body: dict[str, object]) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hmac.new(audit.audit_key(), b"tombstone|" + text.encode(), sha256).hexdigest()
