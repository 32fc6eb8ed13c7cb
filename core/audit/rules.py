"""How audit entries are chained: pure, so that an exported chain can be checked anywhere."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

START = "0" * 64


@dataclass(frozen=True)
class Entry:
    """What an entry's code is made of, in the order of the chain."""

    id: UUID
    sequence: int
    at: datetime
    actor_kind: str
    account_id: UUID | None
    action: str
    subject_type: str
    subject_id: UUID | None
    detail: Mapping[str, Any]
    previous_mac: str
    mac: str


@dataclass(frozen=True)
class Fault:
    """The first place where a chain does not hold, and what is wrong there."""

    sequence: int
    problem: str


def mac_of(key: bytes, entry: Entry) -> str:
    """HMAC-SHA256 (64 hex digits) over every field of `entry` but its own code."""
    body = json.dumps(
        [
            str(entry.id),
            entry.sequence,
            entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            entry.actor_kind,
            str(entry.account_id or ""),
            entry.action,
            entry.subject_type,
            str(entry.subject_id or ""),
            dict(entry.detail),
            entry.previous_mac,
        ],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
    )
    return hmac.new(key, body.encode(), sha256).hexdigest()


def first_fault(
    key: bytes, entries: Iterable[Entry], head: tuple[int, str], exported: Iterable[tuple[int, str]] = ()
) -> Fault | None:
    """The first fault in `entries` (ascending), or none.

    `head` is the (sequence, mac) that the database holds as the end; `exported` are ends that were written down
    outside: each must still be in the chain, so that cutting off the end is seen even when the head was put back.
    """
    known = dict(exported)
    sequence, mac = 0, START
    for entry in entries:
        if entry.sequence != sequence + 1:
            return Fault(sequence + 1, "an entry is missing")
        if entry.previous_mac != mac:
            return Fault(entry.sequence, "it does not follow the entry before it")
        if not hmac.compare_digest(entry.mac, mac_of(key, entry)):
            return Fault(entry.sequence, "it was changed after it was written")
        if known.pop(entry.sequence, entry.mac) != entry.mac:
            return Fault(entry.sequence, "it differs from what was exported")
        sequence, mac = entry.sequence, entry.mac
    if (sequence, mac) != head:
        return Fault(sequence + 1, "the chain ends before its recorded end, or the recorded end was changed")
    if known:
        return Fault(sequence + 1, f"the chain ends before entry {min(known)}, which was exported")
    return None
