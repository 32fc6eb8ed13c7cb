"""A file of referrals, read: its heading, its rows, and each row as the boxes of the form. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from core.errors import Invalid
from prescribing.people.rules import says_no_risks

MOST_ROWS = 200
LONGEST = 512 * 1024

# By box of the form: the heading in the template, and what else people call it.
COLUMNS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("name", "Name", ("full name", "their name", "patient name")),
    ("phone", "Phone", ("phone number", "telephone", "mobile")),
    ("email", "Email", ("email address",)),
    ("born", "Date of birth", ("dob", "born", "birth date")),
    ("nhs_number", "NHS number", ("nhs no", "nhs")),
    ("address", "Address", ()),
    ("postcode", "Postcode", ("post code",)),
    ("gp_practice", "GP practice", ("practice",)),
    ("reason_referrer", "Why", ("why are you referring them", "reason")),
    ("reason_person", "What they want", ()),
    ("need_slugs", "What would help", ("needs",)),
    ("risks", "Risks", ("risk",)),
    ("consent", "Agreed", ("consent", "did they agree")),
    ("consent_why_not", "Why not asked", ()),
    ("share_feedback", "We may hear back", ("hear back",)),
    ("flagged_for_safety", "Someone at home must not know", ()),
    ("voicemail", "Voicemail is safe", ("voicemail",)),
    ("texts", "Texts are safe", ("texts",)),
    ("times", "Good times to ring", ("times",)),
    ("communication_needs", "Communication needs", ("how do they need information",)),
    ("interpreter", "Interpreter", ("language",)),
    ("access_needs", "Access needs", ("communication and access needs",)),
    ("same", "Sent before", ("same person",)),
)
EXAMPLE: Mapping[str, str] = {
    "name": "Sam Example",
    "phone": "0161 496 0000",
    "born": "27/3/1958",
    "reason_referrer": "Often alone since May",
    "risks": "none",
    "consent": "by phone",
    "share_feedback": "yes",
}
# How somebody may have agreed, as the form's choices are called.
AGREED = ("face to face", "by phone", "in writing", "not asked")
# How the files begin that spreadsheets keep for themselves: those of today, and those before 2007.
_SPREADSHEETS = ("PK\x03\x04", "\xd0\xcf\x11\xe0")
_TICKED = ("share_feedback", "flagged_for_safety", "voicemail", "texts")
_YES = frozenset({"yes", "y", "true", "1", "x"})
_NO = frozenset({"", "no", "n", "false", "0"})
_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.\-\s]([0-9]{1,2}|[A-Za-z]{3,9})[/.\-\s]([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
# A spreadsheet takes a phone number for a figure, and drops its nought.
_NOUGHT_LOST = re.compile(r"[1237][0-9]{9}")


_ODS = re.compile("[A-Z0-9]{3,10}")


def body_name(text: str) -> str:
    """The name of a body that refers, without needless space. Raises `Invalid` for none."""
    name = " ".join(text.split())
    if not name:
        raise Invalid("Enter its name.", "name")
    return name


def ods_code(text: str) -> str:
    """The NHS's code of an organisation, such as P83012, in capitals; empty where there is none. Raises `Invalid`."""
    code = text.strip().upper()
    if code and not _ODS.fullmatch(code):
        raise Invalid(
            "An ODS code is 3 to 10 letters and digits, such as P83012. Leave it empty if in doubt.",
            "ods_code",
        )
    return code


@dataclass(frozen=True)
class Row:
    """One row: its line in the file (the heading is 1), its texts by box, and whether cells stand past the heading."""

    line: int
    texts: Mapping[str, str]
    slipped: bool = False

    @property
    def words(self) -> str:
        """All of the row as one text, the same for the same row."""
        return "\x1f".join(f"{box}={self.texts[box].strip()}" for box in sorted(self.texts) if box != "same")

    @property
    def is_example(self) -> bool:
        """Whether it is the template's own row, left in."""
        return {box: text.strip() for box, text in self.texts.items() if text.strip()} == EXAMPLE


def _table(text: str) -> list[list[str]]:
    """The cells of a file as spreadsheets write them. Raises `Invalid` where a quote mark is missing."""
    lines = text.strip().lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    first = lines.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(StringIO(lines), delimiter=delimiter, strict=True))
    except csv.Error:
        raise Invalid(
            "The file is not a table that we can read. A quote mark may be missing.", "file"
        ) from None


def left_over(text: str, wanted: Collection[int]) -> str:
    """The heading and these lines of a file that `read_rows` reads, as a file; empty for no lines."""
    if not wanted:
        return ""
    heading, *rows = _table(text)
    file = StringIO()
    csv.writer(file, lineterminator="\n").writerows(
        [heading, *(row for line, row in enumerate(rows, 2) if line in wanted)]
    )
    return file.getvalue()


def is_no_text(text: str) -> bool:
    """Whether a file is a spreadsheet itself or a picture, and not saved as CSV."""
    return text.startswith(_SPREADSHEETS) or "\0" in text


def _texts(boxes: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """By box what a row says of it: the first that says anything, where a file has a phone and a mobile."""
    texts: dict[str, str] = {}
    for box, cell in zip(boxes, cells, strict=False):
        if box and not texts.get(box, "").strip():
            texts[box] = cell
    return texts


def not_read(text: str) -> tuple[str, ...]:
    """The headings of the columns that hold what no box takes, as a sentence names them."""
    heading, *rows = _table(text) or [[]]
    boxes = [_box(name) for name in heading]
    taken = [_texts(boxes, row) for row in rows]
    return tuple(
        f"“{name.strip()}”" if name.strip() else "no heading"
        for place, (name, box) in enumerate(zip(heading, boxes, strict=True))
        if any(
            row[place].strip() and row[place] != texts.get(box)
            for row, texts in zip(rows, taken, strict=True)
            if place < len(row)
        )
    )


def read_rows(text: str) -> tuple[Row, ...]:
    """The rows of a file with a heading. Raises `Invalid` where it has none that we know, or too many rows."""
    if len(text.encode("utf-8", "replace")) > LONGEST:
        raise Invalid("The file is too long. Send at most 200 people at a time.", "file")
    table = _table(text)
    heading = [_box(each) for each in table[0]] if table else []
    if "name" not in heading:
        raise Invalid(
            "The first line must name the columns, as the template does, with Name among them.", "file"
        )
    rows = tuple(
        Row(line, _texts(heading, cells), slipped=any(cell.strip() for cell in cells[len(heading) :]))
        for line, cells in enumerate(table[1:], 2)
        if any(cell.strip() for cell in cells)
    )
    if not rows:
        raise Invalid("The file has a heading and no rows under it.", "file")
    if len(rows) > MOST_ROWS:
        raise Invalid(f"Send at most {MOST_ROWS} people at a time.", "file")
    return rows


def as_boxes(row: Row, needs: Mapping[str, str]) -> dict[str, list[str]]:
    """The row as the form is sent: by the name of a box, its values. `needs` maps slugs to names."""
    texts = {box: text.strip() for box, text in row.texts.items()}
    values: dict[str, list[str]] = {
        box: [text]
        for box, text in texts.items()
        if text and box not in (*_TICKED, "born", "need_slugs", "risks", "consent", "same")
    }
    phone = re.sub(r"[\s-]", "", texts.get("phone", ""))
    if _NOUGHT_LOST.fullmatch(phone):
        values["phone"] = [f"0{phone}"]
    for box in _TICKED:
        if texts.get(box, "").casefold() in _YES:
            values[box] = ["y"]
    values |= _born(texts.get("born", ""))
    values["need_slugs"] = _needs(texts.get("need_slugs", ""), needs)
    risks = texts.get("risks", "")
    if risks:
        values |= {"risk": ["none"]} if says_no_risks(risks) else {"risk": ["some"], "risks": [risks]}
    consent = _agreed(texts.get("consent", ""))
    if consent:
        values["consent"] = [consent]
    return values


def odd_answers(row: Row, needs: Mapping[str, str]) -> dict[str, str]:
    """By box: what to write instead of an answer that is none of those to choose from; "row" for all of a row."""
    found = {}
    if row.slipped:
        found["row"] = (
            "This row has more cells than the heading. Put quote marks around a text with a comma or semicolon in it."
        )
    odd = [each for each in _needs(row.texts.get("need_slugs", ""), needs) if each not in needs]
    if odd:
        words = ", ".join(f"“{each}”" for each in odd)
        found["need_slugs"] = (
            f"“What would help” cannot be {words}. Write one of: {'; '.join(needs.values())}."
        )
    agreed = row.texts.get("consent", "").strip()
    if agreed and _agreed(agreed) not in AGREED:
        ways = ", ".join(f"“{each}”" for each in AGREED[:-1])
        found["consent"] = f"“Agreed” cannot be “{agreed}”. Write {ways} or “{AGREED[-1]}”."
    for box, heading, _others in COLUMNS:
        said = row.texts.get(box, "").strip()
        if box in _TICKED and said.casefold() not in _YES | _NO:
            found[box] = f"“{heading}” cannot be “{said}”. Write “yes” or “no”."
    return found


def _agreed(text: str) -> str:
    plain = " ".join(text.casefold().replace("-", " ").split())
    return "not asked" if plain == "no" else plain


def _born(text: str) -> dict[str, list[str]]:
    """The three boxes of a date; what is no date goes into the first, where the form says how to mend it."""
    found = _DAY_FIRST.fullmatch(text)
    if found is not None:
        day, month, year = found.groups()
    elif (found := _YEAR_FIRST.fullmatch(text)) is not None:
        year, month, day = found.groups()
    elif text:
        day, month, year = text, "?", "?"
    else:
        return {}
    return {"born-day": [day], "born-month": [month], "born-year": [year]}


def _needs(text: str, needs: Mapping[str, str]) -> list[str]:
    """Slugs for needs written as slugs or as names, parted by semicolons or commas; others as they stand."""
    by_name = {name.casefold(): slug for slug, name in needs.items()}
    words = [each.strip().casefold() for each in re.split(r"[;,]", text) if each.strip()]
    return [by_name.get(each, each) for each in words]


def _box(heading: str) -> str:
    """The box of a heading; empty for a column that we do not know."""
    plain = re.sub(r"[^a-z ]", "", heading.strip().casefold().replace("_", " ")).strip()
    return next(
        (
            box
            for box, known, others in COLUMNS
            if plain in {known.casefold(), box.replace("_", " "), *others}
        ),
        "",
    )


def template_rows() -> tuple[Sequence[str], Sequence[str]]:
    """The heading of the template, and an example row."""
    return (
        [heading for _box_name, heading, _others in COLUMNS],
        [EXAMPLE.get(box, "") for box, _heading, _others in COLUMNS],
    )
