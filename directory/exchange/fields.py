"""What an import keeps of a record, as plain JSON, and how it meets what people have corrected since.

The fields are those of a listing's content that a file can give, those of its group, `point`: `lat`, `lon`
(degrees, WGS 84) and `ward`, each only where it is known; and `status`, where it is not "published".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from directory.exchange.mapping import MappedListing
from directory.listings.checks import read_phone
from directory.listings.rules import ListingStatus, changed_fields
from directory.listings.schedule_json import rule_as_json

Fields = dict[str, Any]
Sessions = Sequence[Mapping[str, str]]

GROUP_FIELDS: Mapping[str, str] = {
    "group_name": "name",
    "group_kind": "kind",
    "charity_number": "charity_number",
    "company_number": "company_number",
}
POINT = "point"
STATUS = "status"
SESSIONS = "exceptions"
LONGEST_KEY = 200
# What a record is that does not say.
_OPEN: Fields = {STATUS: ListingStatus.PUBLISHED.value}


@dataclass(frozen=True, slots=True)
class Merge:
    """What of a record is to be written, and the names of the fields that people changed and that stay theirs."""

    changes: Fields
    kept: tuple[str, ...]


def fields_of(listing: MappedListing, point: Mapping[str, float | str] | None) -> Fields:
    """Everything that we take from this row. `point` is where it is, if that is known."""
    address = {"street": listing.address, "town": listing.city, "postcode": listing.postcode}
    said = {
        "group_name": listing.organization,
        "group_kind": listing.kind,
        "charity_number": listing.charity_number,
        "company_number": listing.company_number,
        "name": listing.name,
        "summary": listing.summary,
        "description": listing.description,
        "needs": list(listing.needs),
        "audience": list(listing.audience),
        "access": list(listing.access),
        "eligibility": listing.eligibility,
        "mode": listing.mode,
        "join_mode": listing.join_mode,
        "address": {name: text for name, text in address.items() if text},
        "phone": _phone(listing.phone),
        "email": listing.email,
        "url": listing.url,
        "schedules": [rule_as_json(rule) for rule in listing.schedules],
        "opening_times_text": listing.opening_times_text,
        POINT: dict(point or {}),
    } | dict(listing.extra)
    return said if listing.status is ListingStatus.PUBLISHED else said | {STATUS: listing.status.value}


def _phone(text: str) -> str:
    """The number as a listing gives it back: an extension, which cannot be dialled, is not kept."""
    return read_phone(read_phone(text).dial).printed if text else ""


def digest_of(fields: Fields) -> str:
    """A text of 64 letters that differs whenever the fields do."""
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def record_key(key: str) -> str:
    """The key as it is kept: whole, or its start and a digest of it where it is long."""
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[: LONGEST_KEY - 65]}#{hashlib.sha256(key.encode()).hexdigest()}"


def group_key(listing: MappedListing) -> str:
    """What tells the groups of one source apart: two rows with the same name, charity number and borough are one
    group with two listings."""
    return record_key(f"{listing.organization.casefold()}|{listing.charity_number}|{listing.area_code}")


def differing(before: Fields, after: Fields) -> tuple[str, ...]:
    """The names in `after` whose values differ from those in `before`."""
    return changed_fields(_OPEN | before, _OPEN | after)


def merge(last: Fields, wanted: Fields, current: Fields) -> Merge:
    """Bring a record that stands as `current` to what its file says now.

    A field that is no longer as it was `last` imported was corrected by hand, and stays as it is. Sessions that are off
    or moved are met one by one: what the group called off here stays off, and what the file calls off is off too.
    """
    last, wanted, current = _OPEN | last, _OPEN | wanted, _OPEN | current
    if SESSIONS in wanted:
        was, now = last.get(SESSIONS) or [], current.get(SESSIONS) or []
        wanted |= {SESSIONS: sessions_together(was, wanted[SESSIONS], now)}
        last |= {SESSIONS: now}
    by_hand = set(changed_fields(last, current))
    changed = changed_fields(current, wanted)
    return Merge(
        changes={name: wanted[name] for name in changed if name not in by_hand},
        kept=tuple(name for name in changed if name in by_hand),
    )


def sessions_together(last: Sessions, wanted: Sessions, current: Sessions) -> Sessions:
    """The dates that differ as they stand, brought to what the file says now of those that nobody here has touched."""
    was, told, now = (dict(map(_of_session, sessions)) for sessions in (last, wanted, current))
    for key in was.keys() | told.keys():
        if now.get(key) != was.get(key) or was.get(key) == told.get(key):
            continue
        if key in told:
            now[key] = told[key]
        else:
            del now[key]
    together = [now[key] for key in sorted(now)]
    return current if together == [one for _key, one in sorted(map(_of_session, current))] else together


def _of_session(one: Mapping[str, str]) -> tuple[tuple[str, str], Mapping[str, str]]:
    return (one["on"], one.get("session", "")), one
