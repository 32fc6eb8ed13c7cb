"""Rows of a published CSV file as listings, by a column mapping. Nothing is looked up or written here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import Invalid
from directory.exchange.mapping_file import VOCABULARIES, ColumnMapping, ListRule, TextRule
from directory.exchange.rules import CHECKS, REPAIRS, SILENT_REPAIRS, one_line
from directory.listings.opening_times import read_day_columns, read_opening_times
from directory.listings.recurrence import ScheduleRule
from directory.listings.rules import DeliveryMode, JoinMode, ListingStatus

LONGEST: Mapping[str, int] = {"name": 200, "organization": 200, "address": 300}
# Texts that may be cut at a word's end, and codes that are of no use unless they are whole.
CUT: Mapping[str, int] = {
    "summary": 160,
    "description": 4000,
    "eligibility": 300,
    "city": 100,
    "category": 80,
}
LONGEST_TIMES = 1000
WHOLE: Mapping[str, str] = {
    "ward_code": r"[EWSN]\d{8}",
    "charity_number": r".{1,40}",
    "company_number": r".{1,40}",
}
# Patterns look through a cell again and again: one of this length is a mistake in the file, and would take minutes.
LONGEST_CELL = 8000
# Where a reader of files puts the cells of a row that stand beyond the heading's last column.
BEYOND = "\0beyond"
NORTH = (49.0, 61.0)
EAST = (-9.0, 2.5)


@dataclass(frozen=True, slots=True)
class MappedListing:
    """One listing as a file gives it. Texts are empty where the file says nothing; slugs are ours.

    `latitude` and `longitude` are degrees (WGS 84). `schedules` are what could be read with certainty;
    `opening_times_text` holds the file's own words where they say more than the schedules do. `extra` are further
    fields of a listing's content, as `listings.content` names and writes them. `status` is published, paused or
    closed, as the source says.
    """

    organization: str
    name: str
    kind: str = "informal"
    join_mode: str = JoinMode.RING_FIRST.value
    mode: str = DeliveryMode.IN_PERSON.value
    category: str = ""
    summary: str = ""
    description: str = ""
    eligibility: str = ""
    address: str = ""
    city: str = ""
    postcode: str = ""
    area_code: str = ""
    ward_code: str = ""
    latitude: float | None = None
    longitude: float | None = None
    phone: str = ""
    email: str = ""
    url: str = ""
    charity_number: str = ""
    company_number: str = ""
    opening_times_text: str = ""
    schedules: tuple[ScheduleRule, ...] = ()
    needs: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    status: ListingStatus = ListingStatus.PUBLISHED


@dataclass(frozen=True, slots=True)
class RepairDone:
    """What was mended in one field; `after` is empty where the value was of no use and left out."""

    field: str
    repair: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class MappedRow:
    """What one row gave: a listing, or why it was rejected. `row` counts as a spreadsheet does: the heading is
    row 1. `key` tells the file's records apart, and stays the same from one import to the next. `shut` is what a
    rejected row says of something that is closed or called off: no listing begins with it, but one that we have is
    brought to it. A row that `is_over` was right in its day: it is rejected, but nothing is wrong with its file."""

    row: int
    key: str
    listing: MappedListing | None
    rejected: str
    repairs: tuple[RepairDone, ...]
    shut: MappedListing | None = None
    is_over: bool = False


def map_rows(mapping: ColumnMapping, rows: Iterable[Mapping[str, str | None]]) -> tuple[MappedRow, ...]:
    """Every row in its order.

    A later row with the key of an accepted one is rejected; what it adds to the lists is kept on the first. Rows
    without a single cell filled are passed over.
    """
    done: list[MappedRow] = []
    first_with: dict[str, tuple[int, MappedListing]] = {}
    for number, cells in enumerate(rows, start=2):
        if not any(cells.values()):
            continue
        mapped = map_row(mapping, cells, number)
        if mapped.listing is not None and mapped.key in first_with:
            at, first = first_with[mapped.key]
            joined = _joined(first, mapped.listing)
            first_with[mapped.key] = (at, joined)
            done[at] = replace(done[at], listing=joined)
            mapped = replace(mapped, listing=None, rejected=f"The same record stands in row {done[at].row}.")
        elif mapped.listing is not None:
            first_with[mapped.key] = (len(done), mapped.listing)
        done.append(mapped)
    return tuple(done)


def map_row(mapping: ColumnMapping, row: Mapping[str, str | None], number: int) -> MappedRow:
    """One row of the file, with its number. The same row always gives the same answer."""
    if row.get(BEYOND):
        return MappedRow(number, "", None, "It has more cells than the heading has names.", ())
    for column in sorted(mapping.columns()):
        if len(row.get(column) or "") > LONGEST_CELL:
            return MappedRow(
                number, "", None, f"The cell in {column} is longer than {LONGEST_CELL:,} letters.", ()
            )
    reader = _Row(mapping, row)
    key = reader.key()
    for skip in mapping.skips:
        if _found(skip.matches, one_line(row.get(skip.column) or "")):
            return MappedRow(number, key, None, skip.reason, ())
    if not key.strip("|"):
        return MappedRow(number, key, None, f"There is nothing in {' or '.join(mapping.key)}.", ())
    reader.read_texts()
    fault = reader.fault()
    if fault:
        return MappedRow(number, key, None, fault, tuple(reader.repairs))
    return MappedRow(number, key, reader.listing(), "", tuple(reader.repairs))


def _joined(first: MappedListing, second: MappedListing) -> MappedListing:
    return replace(
        first,
        needs=tuple(dict.fromkeys((*first.needs, *second.needs))),
        audience=tuple(dict.fromkeys((*first.audience, *second.audience))),
        access=tuple(dict.fromkeys((*first.access, *second.access))),
    )


def _found(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


@dataclass
class _Row:
    """One row on its way to a listing: cells mended, texts made, repairs noted."""

    mapping: ColumnMapping
    row: Mapping[str, str | None]
    cells: dict[str, str] = field(init=False)
    texts: dict[str, str] = field(init=False)
    repairs: list[RepairDone] = field(default_factory=list)

    def __post_init__(self) -> None:
        used = self.mapping.columns()
        self.cells = {
            name: self._mend(name, self._readable(name), self.mapping.cell_repairs) for name in sorted(used)
        }
        self.texts = dict(self.mapping.constants)

    def _readable(self, name: str) -> str:
        """The cell without what no database keeps: NUL, and halves of characters."""
        text = self.row.get(name) or ""
        clean = re.sub("[\0\ud800-\udfff]", "", text)
        if clean != text:
            self.repairs.append(RepairDone(name, "unreadable-characters", "", clean))
        return clean

    def key(self) -> str:
        return "|".join(" ".join(self.cells[column].split()).casefold() for column in self.mapping.key)

    def read_texts(self) -> None:
        for name, rule in self.mapping.texts.items():
            text = self._cut(name, self._checked(name, self._made(name, rule)), CUT.get(name))
            if text:
                self.texts[name] = text

    def fault(self) -> str:
        for name in ("name", "kind", "join_mode"):
            if not self.texts.get(name):
                return f"There is no {name.replace('_', ' ')}."
        for name, longest in LONGEST.items():
            if len(self.texts.get(name, "")) > longest:
                return f"The {name} is longer than {longest} letters."
        return ""

    def listing(self) -> MappedListing:
        texts = self.texts
        schedules, words = self._opening()
        lists = {name: self._slugs(name) for name in VOCABULARIES}
        return MappedListing(
            organization=texts.get("organization", texts["name"]),
            name=texts["name"],
            kind=texts["kind"],
            join_mode=texts["join_mode"],
            mode=texts.get("mode", DeliveryMode.IN_PERSON.value),
            category=texts.get("category", ""),
            summary=texts.get("summary", ""),
            description=texts.get("description", ""),
            eligibility=texts.get("eligibility", ""),
            address=texts.get("address", ""),
            city=texts.get("city", ""),
            postcode=texts.get("postcode", ""),
            area_code=texts.get("area_code", ""),
            ward_code=texts.get("ward_code", ""),
            latitude=self._degrees("latitude", NORTH),
            longitude=self._degrees("longitude", EAST),
            phone=texts.get("phone", ""),
            email=texts.get("email", ""),
            url=texts.get("url", ""),
            charity_number=texts.get("charity_number", ""),
            company_number=texts.get("company_number", ""),
            opening_times_text=self._cut("opening_times", words, LONGEST_TIMES),
            schedules=schedules,
            needs=lists["needs"],
            audience=lists["audience"],
            access=lists["access"],
        )

    def _made(self, name: str, rule: TextRule) -> str:
        if rule.template:
            places = re.findall(r"{(.*?)}", rule.template)
            whole = all(self.cells[column] for column in places)
            text = re.sub(r"{(.*?)}", lambda place: self.cells[place[1]], rule.template) if whole else ""
        else:
            text = rule.join.join(filter(None, (self.cells[column] for column in rule.columns)))
        text = self._mend(name, text, rule.repairs)
        if rule.patterns:
            text = next((value for pattern, value in rule.patterns if _found(pattern, text)), "")
        text = text or rule.default
        if text and rule.suffix and not (rule.suffix_unless and _found(rule.suffix_unless, text)):
            text = f"{text} {rule.suffix}"
        return text

    def _mend(self, name: str, text: str, repairs: Iterable[str]) -> str:
        for repair in repairs:
            before, text = text, REPAIRS[repair](text)
            if text != before and repair not in SILENT_REPAIRS:
                self.repairs.append(RepairDone(name, repair, before, text))
        return text

    def _checked(self, name: str, text: str) -> str:
        """The text in its normal form; one that is of no use is left out and noted."""
        check = CHECKS.get(name)
        if text and name in WHOLE and not re.fullmatch(WHOLE[name], text):
            self.repairs.append(RepairDone(name, "left-out", text, ""))
            return ""
        if not text or check is None:
            return text
        try:
            clean = check(text)
        except Invalid:
            self.repairs.append(RepairDone(name, "left-out", text, ""))
            return ""
        if re.sub(r"\W", "", clean) != re.sub(r"\W", "", text) or (name == "postcode" and clean != text):
            self.repairs.append(RepairDone(name, NORMAL_FORMS[name], text, clean))
        return clean

    def _cut(self, name: str, text: str, longest: int | None) -> str:
        if longest is None or len(text) <= longest:
            return text
        short = f"{text[: longest - 1].rsplit(' ', 1)[0].rstrip(',;:-')}…"
        self.repairs.append(RepairDone(name, "shortened", text, short))
        return short

    def _degrees(self, name: str, bounds: tuple[float, float]) -> float | None:
        text = self.texts.get(name, "")
        try:
            degrees = float(text)
        except ValueError:
            degrees = float("nan")
        if bounds[0] <= degrees <= bounds[1]:
            return degrees
        if text:
            self.repairs.append(RepairDone(name, "left-out", text, ""))
        return None

    def _opening(self) -> tuple[tuple[ScheduleRule, ...], str]:
        where = self.mapping.opening
        if where.days:
            hours = {day: self._mend(column, self.cells[column], where.repairs) for day, column in where.days}
            reading = read_day_columns(hours)
            return reading.rules, reading.leftover
        text = self._mend("opening_times", self.cells.get(where.column, ""), where.repairs)
        reading = read_opening_times(text)
        return reading.rules, text if reading.leftover else ""

    def _slugs(self, name: str) -> tuple[str, ...]:
        slugs = [*self.mapping.constant_lists.get(name, ())]
        for rule in self.mapping.lists.get(name, ()):
            slugs += _slugs_of(rule, self.cells[rule.column])
        return tuple(dict.fromkeys(slugs))


NORMAL_FORMS: Mapping[str, str] = {
    "postcode": "normalise-postcode",
    "phone": "phone-format",
    "email": "email-format",
    "url": "add-url-scheme",
}


def _slugs_of(rule: ListRule, text: str) -> list[str]:
    slugs: list[str] = []
    for code in map(str.strip, text.split(rule.split) if rule.split else [text]):
        fitting = [prefix for prefix, _ in rule.prefixes if code and code.startswith(prefix)]
        if fitting:
            slugs += dict(rule.prefixes)[max(fitting, key=len)]
    for pattern, found in rule.patterns:
        if _found(pattern, text):
            slugs += found
    return slugs
