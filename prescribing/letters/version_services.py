"""Keeping what translators give, and counting where it is missed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.audit import services as audit
from core.db import hold
from core.errors import Conflict, Invalid
from core.notify import translations
from core.notify.tongue_rules import Tongue
from core.notify.wording_rules import Part
from prescribing.letters.models import LetterVersion, LetterWish
from prescribing.letters.version_queries import source, version
from prescribing.letters.wording_rules import Medium, Wording, check_version, wording_of


@dataclass(frozen=True)
class Given:
    """What a coordinator enters: the words, who translated them, and who else read them over."""

    words: str
    translated_by: str
    checked_by: str


def keep(
    session: Session, actor: Actor, tongue: Tongue, medium: Medium, kind: Wording, given: Given, *, seen: int
) -> None:
    """Use these words from now on. `seen` is the version that was changed, 0 where there was none.

    Raises `Invalid` for words that cannot be used, or that nobody else checked, and `Conflict`.
    """
    actor.must(Permission.TRIAGE)
    ours = source(kind, medium)
    words = check_version(given.words, ours, medium)
    names = [" ".join(name.split()) for name in (given.translated_by, given.checked_by)]
    if names[0].casefold() == names[1].casefold():
        raise Invalid("Somebody else must check it: not who translated it.", "checked_by")
    row = _held(session, tongue, medium, kind, seen)
    if row is None:
        row = LetterVersion(language=tongue.code, medium=medium, kind=kind)
        session.add(row)
    row.words, row.english = words, ours
    row.translated_by, row.checked_by = names
    row.entered_by_id, row.entered_by, row.entered_at = actor.account_id, actor.name[:120], clock.now()
    session.flush()
    session.execute(delete(LetterWish).where(*_of(LetterWish, tongue, medium, kind)))
    audit.record(session, actor, "letter-version.keep", "letter-version", row.id, **_told(row))


def stop(session: Session, actor: Actor, tongue: Tongue, medium: Medium, kind: Wording, *, seen: int) -> None:
    """Use these words no more. Doing so twice changes nothing. Raises `Conflict`."""
    actor.must(Permission.TRIAGE)
    row = _held(session, tongue, medium, kind, seen)
    if row is not None:
        audit.record(session, actor, "letter-version.stop", "letter-version", row.id, **_told(row))
        session.delete(row)
        session.flush()


def ask_for(session: Session, actor: Actor, tongue: Tongue, medium: Medium, kind: Wording) -> None:
    """Somebody who writes to people would like it."""
    actor.must(Permission.WORK_CASELOAD)
    _wish(session, tongue, medium, kind).asked += 1


def count_missing(session: Session, tongue: Tongue, medium: Medium, kind: Wording) -> None:
    """Somebody was written to in English though they read this language."""
    _wish(session, tongue, medium, kind).missing += 1


def _held(session: Session, tongue: Tongue, medium: Medium, kind: Wording, seen: int) -> LetterVersion | None:
    hold(session, f"letter {tongue.code} {medium} {kind}")
    row = session.scalars(
        select(LetterVersion).where(*_of(LetterVersion, tongue, medium, kind)).with_for_update()
    ).one_or_none()
    if (row.version if row is not None else 0) != seen:
        raise Conflict("Somebody else changed these words.", {}, {})
    return row


def _wish(session: Session, tongue: Tongue, medium: Medium, kind: Wording) -> LetterWish:
    hold(session, f"letter wish {tongue.code} {medium} {kind}")
    row = session.scalars(select(LetterWish).where(*_of(LetterWish, tongue, medium, kind))).one_or_none()
    if row is None:
        row = LetterWish(language=tongue.code, medium=medium, kind=kind, missing=0, asked=0)
        session.add(row)
    row.last_at = clock.now()
    return row


def _of(
    table: type[LetterVersion | LetterWish], tongue: Tongue, medium: Medium, kind: Wording
) -> tuple[ColumnElement[bool], ...]:
    return table.language == tongue.code, table.medium == medium, table.kind == kind


def _told(row: LetterVersion) -> dict[str, str]:
    return {"language": row.language, "medium": row.medium.value, "kind": row.kind.value}


def _of_message(session: Session, tongue: Tongue, template: str, part: Part) -> str | None:
    """What a message that goes out now says in their language; where that is missed, it is counted."""
    which = wording_of(template, part)
    if which is None:
        return None
    found = version(session, tongue, *which)
    if found is None:
        count_missing(session, tongue, *which)
        return None
    return found.words


translations.register(_of_message)
