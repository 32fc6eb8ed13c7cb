"""Somebody's copy as people read it: what our codes mean in words, and names for what only has a number.

The copy for programs holds every field as it is kept; here is what says something to the person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Enum, select
from sqlalchemy.orm import Session

from core.accounts import queries as accounts
from core.geography import queries as geography
from directory import published
from prescribing.episodes.queries import every_need_name
from prescribing.measures.instruments import INSTRUMENTS
from prescribing.measures.rules import say_value
from prescribing.people.consent import SHARED_WORDS
from prescribing.people.models import Partner, Team
from prescribing.rights import record, wording
from prescribing.rights.copies import Copy, Entry
from prescribing.rights.looks import KINDS
from prescribing.rights.wording import say, say_field

# What counts and orders rows for our computers, and what another field of the same row says already.
_UNTOLD = frozenset(
    {
        *("id", "version", "updated_at", "unsent", "nudges_sent", "sustained_after", "author_name"),
        *("recipient_kind", "suggested", "age_band", "typed_in_at"),
    }
)
# What says something only where it is so.
_ONLY_YES = frozenset({"understands"})
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# The fields that say who did something: by their account, or by a kind of actor.
_AUTHORS = (
    "given_by",
    "author",
    "recorded_by",
    "withdrawn_recorded_by",
    "made_by",
    "answered_by",
    "confirmed_by",
    "reviewed_by",
)
# The fields with codes that have a name elsewhere.
_CODES = (*wording.NEEDS, "ward_code")


@dataclass(frozen=True)
class ToldPart:
    """One part of the copy: its heading, and its entries, each a list of (what it is called, what it says)."""

    heading: str
    entries: tuple[tuple[tuple[str, str], ...], ...]


def told(session: Session, copy: Copy) -> tuple[ToldPart, ...]:
    """The copy in words. A part of which nothing can be said in words is left out."""
    names = _names(session, copy)
    parts = (
        ToldPart(
            part.heading,
            tuple(lines for entry in part.entries if (lines := tuple(_told(part.name, entry, names)))),
        )
        for part in copy.parts
    )
    return tuple(part for part in parts if part.entries)


def _told(table: str, entry: Entry, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    fields = dict(entry.fields)
    if table.endswith("_events") and fields.get("kind") == "move":
        del fields["kind"]
    for name, value in fields.items():
        if name in _UNTOLD or (name == "recorded_at" and value == fields.get("at")):
            continue
        if name in _ONLY_YES and not value:
            continue
        said = _meaning(table, name, value, fields, names)
        if said:
            yield wording.label(table, name), said


def _meaning(table: str, name: str, value: Any, fields: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What a value says; nothing where it is the number of a row that has no name."""
    if isinstance(value, list):
        return ", ".join(filter(None, (_meaning(table, name, each, fields, names) for each in value)))
    if name == "answers" and isinstance(value, Mapping):
        return _answers(str(fields.get("instrument")), value)
    known = wording.codes_of(table, name)
    if isinstance(value, str) and value in known:
        return known[value]
    if _is_named(name) and isinstance(value, str):
        return names.get(value) or KINDS.get(value, "" if _ID.fullmatch(value) else say(value))
    if name == "fields":
        return SHARED_WORDS.get(value, say_field(value).lower())
    if name == "safe_contact" and isinstance(value, Mapping):
        return say({key: wording.plain(each) for key, each in value.items()})
    return wording.plain(say(value)) if _is_code(table, name) else say(value)


def _is_code(table: str, name: str) -> bool:
    column = record.mapper_of(table).local_table.c.get(name)
    return column is not None and isinstance(column.type, Enum)


def _answers(instrument: str, answers: Mapping[str, Any]) -> str:
    """Each answer by the short name of its question, with its band or its words."""
    known = {item.key: item for item in INSTRUMENTS[instrument].items} if instrument in INSTRUMENTS else {}
    return "; ".join(
        f"{item.label}: {say_value(each, item.bands, item.options)}"
        if (item := known.get(key)) is not None and isinstance(each, int | float)
        else f"{say_field(key)}: {say(each)}"
        for key, each in answers.items()
        if each is not None
    )


def _names(session: Session, copy: Copy) -> dict[str, str]:
    """What stands behind each number of a row, and behind codes that are names: activities, groups, teams, partners,
    people with an account, needs and wards."""
    values = {str(each) for each in _values(copy)}
    ids = {UUID(each) for each in values if _ID.fullmatch(each)}
    named: dict[UUID, str] = accounts.names(session, ids)
    named |= {one: brief.name for one, brief in published.briefs(session, ids).items()}
    named |= published.group_names(session, ids)
    for table in (Team, Partner):
        for chunk in record.chunks(ids):
            found = session.execute(select(table.id, table.name).where(table.id.in_(chunk)))
            named |= {row.id: row.name for row in found}
    codes = every_need_name(session) | geography.ward_names(session, values)
    return {value: codes[value] for value in values & codes.keys()} | {
        str(one): name for one, name in named.items()
    }


def _is_named(field: str) -> bool:
    """Whether a field holds the number of a row, or a code, behind which there is a name."""
    return field.endswith("_id") or field in _AUTHORS or field in _CODES


def _values(copy: Copy) -> Iterator[Any]:
    """What stands in the fields behind which there is a name."""
    for part in copy.parts:
        for entry in part.entries:
            for name, value in entry.fields:
                if _is_named(name):
                    yield from value if isinstance(value, list) else [value]
