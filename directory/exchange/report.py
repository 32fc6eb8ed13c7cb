"""What an import did, for people: a summary in plain lines, and every row as CSV that no spreadsheet runs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.sources_page import Counts, part_of
from core.spreadsheets import csv_file
from directory.exchange.fields import GROUP_FIELDS, POINT, STATUS
from directory.exchange.mapping import MappedRow, RepairDone
from directory.exchange.mapping_file import Credit
from directory.exchange.services import Fate, Outcome, RowOutcome, Whereabouts
from directory.listings.rules import FIELDS
from directory.listings.wording import field_label

HEADING = ("row", "outcome", "field", "what", "before", "after")
SHOWN = 3

REPAIR_WORDS: Mapping[str, str] = {
    "left-out": "it cannot be used, and was left out",
    "shortened": "it was too long, and was cut",
    "in-words": "it is kept in words, as no timetable of ours can say it",
    "first-place": "only the first of its places is kept",
    "unreadable-characters": "letters that cannot be read were taken out",
    "odd-characters": "quotation marks and dashes of an old Windows were put right",
    "title-case-capitals": "capitals throughout became a name as people write it",
    "sentence-case-capitals": "capitals throughout became sentences",
    "phone-leading-zero": "the 0 at its start was put back",
    "phone-format": "it was written as phone numbers are",
    "email-format": "it was written as email addresses are",
    "add-url-scheme": "https:// was put before it",
    "mend-link": "its start was mistyped and was put right",
    "normalise-postcode": "it was written as postcodes are",
    "fix-area-code": "a nought that it had lost was put back",
    "colon-between-hours": "a colon between two sessions became a comma",
}
_NAMES: Mapping[str, str] = {
    "group_name": "Group",
    "group_kind": "Kind of group",
    "charity_number": "Charity number",
    "company_number": "Company number",
    "opening_times": "Times in words",
    "postcode": "Postcode",
    "organization": "Group",
    "ward_code": "Ward",
    "city": "Town",
    "places": "Places",
    STATUS: "Open or closed",
    "latitude": "Latitude",
    "longitude": "Longitude",
    POINT: "Place on the map",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """Why rows were rejected, or what of them was repaired: how many, and the first of them."""

    words: str
    rows: int
    examples: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of a file's rows. `accepted` includes the repaired."""

    rows: int
    accepted: int
    repaired: int
    rejected: int
    rejections: tuple[Cause, ...]
    repairs: tuple[Cause, ...]


def summarise(rows: Sequence[MappedRow]) -> Summary:
    """What a file gave, by cause, the most frequent first."""
    rejections = [(_cause(row.rejected), row.row) for row in rows if row.listing is None]
    repairs = [
        (words, row.row)
        for row in rows
        if row.listing is not None
        for words in dict.fromkeys(_repair(one) for one in row.repairs)
    ]
    accepted = sum(row.listing is not None for row in rows)
    return Summary(
        rows=len(rows),
        accepted=accepted,
        repaired=sum(row.listing is not None and bool(row.repairs) for row in rows),
        rejected=len(rows) - accepted,
        rejections=_causes(rejections),
        repairs=_causes(repairs),
    )


def lines(name: str, summary: Summary, outcome: Outcome) -> Iterator[str]:
    """The summary as it is printed."""
    yield (
        f"{name}: {summary.rows:,} rows, {summary.accepted:,} accepted ({summary.repaired:,} of them repaired),"
        f" {summary.rejected:,} rejected."
    )
    for heading, causes in (("rejected", summary.rejections), ("repaired", summary.repairs)):
        for cause in causes:
            more = " and others" if cause.rows > len(cause.examples) else ""
            where = f"row{'s' if cause.rows > 1 else ''} {', '.join(map(str, cause.examples))}{more}"
            yield f"  {heading} {cause.rows:,}: {cause.words} ({where})"
    places = Counter(one.whereabouts for one in outcome.rows)
    for one in Whereabouts:
        if places[one]:
            yield (
                f"  placed {places[one]:,}: {one.value}" if one in FOUND else f"  {places[one]:,} {one.value}"
            )
    kept = [one for one in outcome.rows if one.kept]
    if kept:
        yield f"  {len(kept):,} keep what people corrected by hand, where the file says otherwise:"
        for row in kept[:SHOWN]:
            yield f"    row {row.row}: {', '.join(map(field_name, row.kept))}"
    if outcome.returned:
        yield f"  {outcome.returned:,} are in the file again and are no longer marked as vanished."
    if outcome.vanished:
        yield f"  {len(outcome.vanished):,} are no longer in the file: marked, not deleted."
    if outcome.ended:
        yield f"  {len(outcome.ended):,} are no longer in the file because their dates are over: closed."
    if outcome.nothing_new:
        yield "Nothing changed: all of it was here already."
    else:
        yield ", ".join(f"{outcome.count(fate):,} {_FATES[fate]}" for fate in Fate) + "."


_FATES: Mapping[Fate, str] = {
    Fate.CREATED: "new",
    Fate.CHANGED: "changed",
    Fate.UNCHANGED: "as they were",
}
FOUND = frozenset({Whereabouts.FILE, Whereabouts.POSTCODE})


def field_name(name: str) -> str:
    """A field in words."""
    return _NAMES.get(name) or field_label(name)


def page_part(credit: Credit, summary: Summary, outcome: Outcome) -> str:
    """The file's part of the page of data sources."""
    by = f", by {credit.publisher}" if credit.publisher else ""
    places = Counter(one.whereabouts for one in outcome.rows)
    return part_of(
        f"{credit.name}{by}. {credit.licence}.",
        Counts(summary.rows, summary.accepted, summary.repaired, summary.rejected),
        [
            ("Rejected because", [(cause.words, cause.rows) for cause in summary.rejections]),
            ("Repaired", [(cause.words, cause.rows) for cause in summary.repairs]),
            ("Put on the map", [(one.value, places[one]) for one in Whereabouts if places[one]]),
        ],
    )


def write_csv(path: Path, rows: Sequence[MappedRow], outcome: Outcome) -> None:
    """Every row with all that became of it, a line for each thing. Raises `Invalid` where it cannot be written."""
    with csv_file(path, HEADING) as write:
        for line in csv_lines(rows, outcome):
            write(line)


def csv_lines(rows: Sequence[MappedRow], outcome: Outcome) -> Iterator[tuple[str, ...]]:
    """The report's lines, in the order of `HEADING`."""
    done = {one.row: one for one in outcome.rows}
    for row in rows:
        number = str(row.row)
        if row.listing is None:
            yield (number, "rejected", "", row.rejected, "", "")
            continue
        for repair in row.repairs:
            what = REPAIR_WORDS.get(repair.repair, repair.repair)
            yield (number, "repaired", field_name(repair.field), what, repair.before, repair.after)
        yield from _fate(number, done[row.row])
    for key in outcome.vanished:
        yield ("", "vanished", "", key, "", "")
    for key in outcome.ended:
        yield ("", "over", "", key, "", "")


def _fate(number: str, done: RowOutcome) -> Iterator[tuple[str, ...]]:
    yield (number, done.fate.value, "", done.name, "", "")
    for name in done.changed:
        yield (number, "changed", field_name(name), "the file says something else now", "", "")
    for name in done.kept:
        yield (number, "kept", field_name(name), "corrected by hand: it stays", "", "")
    if done.has_returned:
        yield (number, "returned", "", "it is in the file again", "", "")
    if done.whereabouts not in FOUND:
        yield (number, "no place", field_name(POINT), done.whereabouts.value, "", "")


def _cause(reason: str) -> str:
    """The reason without what differs from row to row."""
    return re.sub(r"\brow \d+", "an earlier row", reason)


def _repair(repair: RepairDone) -> str:
    field = field_name(repair.field) if repair.field in _KNOWN else f"column {repair.field}"
    return f"{field}: {REPAIR_WORDS.get(repair.repair, repair.repair)}"


_KNOWN = frozenset(_NAMES) | frozenset(GROUP_FIELDS) | frozenset(FIELDS)


def _causes(found: Sequence[tuple[str, int]]) -> tuple[Cause, ...]:
    rows: dict[str, list[int]] = {}
    for words, row in found:
        rows.setdefault(words, []).append(row)
    most = sorted(rows.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return tuple(Cause(words, len(numbers), tuple(numbers[:SHOWN])) for words, numbers in most)
