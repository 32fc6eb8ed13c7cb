"""A chain of entries that was touched anywhere is found out, at the first entry that does not hold."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from core.audit import rules
from core.audit.rules import START, Entry, first_fault, mac_of

KEY = bytes(range(32))
LENGTH = 60


def chain(length: int = LENGTH, key: bytes = KEY) -> list[Entry]:
    """A sound chain."""
    dice, entries, previous = random.Random(7), [], START
    for number in range(1, length + 1):
        entry = Entry(
            id=UUID(int=dice.getrandbits(128)),
            sequence=number,
            at=datetime(2026, 3, 3, 10, tzinfo=UTC) + timedelta(seconds=number),
            actor_kind=dice.choice(["account", "public", "system"]),
            account_id=UUID(int=number) if number % 3 else None,
            action=dice.choice(["referral.accept", "person.read", "account.sign-in"]),
            subject_type="person",
            subject_id=UUID(int=number * 7) if number % 5 else None,
            detail={"reason": dice.choice(["", "moved"]), "n": number},
            previous_mac=previous,
            mac="",
        )
        entry = replace(entry, mac=mac_of(key, entry))
        previous = entry.mac
        entries.append(entry)
    return entries


def end(entries: list[Entry]) -> tuple[int, str]:
    return (entries[-1].sequence, entries[-1].mac) if entries else (0, START)


def touch(entries: list[Entry], dice: random.Random) -> tuple[list[Entry], int]:
    """The chain with one edit, deletion, swap, insertion or truncation, and the first entry that must not hold."""
    entries, at = list(entries), dice.randrange(len(entries))
    entry = entries[at]
    kind = dice.choice(["edit", "delete", "swap", "insert", "truncate", "renumber"])
    if kind == "edit":
        changes: list[dict[str, Any]] = [
            {"id": UUID(int=1)},
            {"at": entry.at + timedelta(microseconds=1)},
            {"actor_kind": "link"},
            {"account_id": UUID(int=999)},
            {"action": entry.action + "!"},
            {"subject_type": "group"},
            {"subject_id": UUID(int=998)},
            {"detail": {**entry.detail, "n": -1}},
            {"detail": {**entry.detail, "more": True}},
            {"mac": "f" * 64},
            {"previous_mac": "e" * 64},
        ]
        change = dice.choice(changes)
        entries[at] = replace(entry, **change)
    elif kind == "delete":
        del entries[at]
    elif kind == "swap":
        other = (at + 1 + dice.randrange(len(entries) - 1)) % len(entries)
        one, two = entries[at], entries[other]
        entries[at] = replace(two, sequence=one.sequence)
        entries[other] = replace(one, sequence=two.sequence)
        at = min(at, other)
    elif kind == "insert":
        entries.insert(at, replace(entry, id=UUID(int=5)))
    elif kind == "truncate":
        entries = entries[:at]
    else:
        later = [replace(e, sequence=e.sequence - 1) for e in entries[at + 1 :]]
        entries = entries[:at] + later
    return entries, at + 1


def test_a_sound_chain_holds() -> None:
    entries = chain()
    assert first_fault(KEY, entries, end(entries)) is None
    assert first_fault(KEY, [], (0, START)) is None
    assert first_fault(KEY, entries, end(entries), [(5, entries[4].mac), (LENGTH, entries[-1].mac)]) is None


def test_a_thousand_touches_are_all_found_at_the_first_entry_that_does_not_hold() -> None:
    entries, dice, found = chain(), random.Random(1), 0
    for _ in range(1000):
        touched, first = touch(entries, dice)
        fault = first_fault(KEY, touched, end(entries))
        assert fault is not None
        assert fault.sequence == first
        found += 1
    assert found == 1000


def test_whoever_cuts_the_end_off_and_puts_the_head_back_is_found_by_an_exported_end() -> None:
    entries = chain()
    cut = entries[:40]
    assert first_fault(KEY, cut, end(cut)) is None
    fault = first_fault(KEY, cut, end(cut), [(50, entries[49].mac), (60, entries[59].mac)])
    assert fault == rules.Fault(41, "the chain ends before entry 50, which was exported")


def test_whoever_has_the_key_and_writes_the_chain_anew_is_found_by_an_exported_end() -> None:
    entries = chain()
    forged = [replace(entries[0], action="person.forgotten")]
    forged[0] = replace(forged[0], mac=mac_of(KEY, forged[0]))
    for entry in entries[1:]:
        moved = replace(entry, previous_mac=forged[-1].mac)
        forged.append(replace(moved, mac=mac_of(KEY, moved)))
    assert first_fault(KEY, forged, end(forged)) is None
    fault = first_fault(KEY, forged, end(forged), [(30, entries[29].mac)])
    assert fault is not None
    assert fault.sequence == 30


def test_another_key_makes_another_chain() -> None:
    entries = chain(key=bytes(32))
    fault = first_fault(KEY, entries, end(entries))
    assert fault == rules.Fault(1, "it was changed after it was written")


@given(st.dictionaries(st.text(max_size=8), st.one_of(st.text(max_size=8), st.integers(), st.booleans())))
def test_the_order_of_details_does_not_matter(detail: dict[str, object]) -> None:
    entry = replace(chain(1)[0], detail=detail)
    turned = replace(entry, detail=dict(reversed(detail.items())))
    assert mac_of(KEY, entry) == mac_of(KEY, turned)
