"""The page of data sources: what each published file gave. Figures and causes only, never a row's own words.

Every import writes its file's part anew and leaves the others as they are, so the page is as true as the last run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.errors import Invalid
from directory.exchange.mapping_file import ColumnMapping
from directory.exchange.report import Cause, Summary
from directory.exchange.services import Outcome, Whereabouts

INTRODUCTION = """# What each source gave

Each part below was written by the import of its file (`flask exchange import FILE --mapping NAME
--sources-page docs/data-sources.md`). A repaired row is accepted too. A rejected row changes nothing.
"""
_COUNTS = "| Rows | Accepted | Repaired | Rejected |"
_OVERVIEW = "| File | Rows | Accepted | Repaired | Rejected |\n| --- | ---: | ---: | ---: | ---: |"


def write_part(path: Path, name: str, part: str) -> None:
    """Put a file's part into the page at `path`, which is made where there is none. Raises `Invalid`."""
    try:
        page = path.read_text("utf-8") if path.exists() else ""
        path.write_text(with_part(page, name, part), "utf-8")
    except (OSError, UnicodeError):
        raise Invalid(
            f"The page {path.name} cannot be written. Give a Markdown file in a folder of yours."
        ) from None


def with_part(page: str, name: str, part: str) -> str:
    """The page with this file's part in its place, parts by name, and the overview of all of them."""
    parts = _parts(page) | {name: part.strip()}
    rows = []
    for file, text in sorted(parts.items()):
        counts = re.search(rf"{re.escape(_COUNTS)}\n\|[-:| ]+\|\n(\|.*\|)", text)
        if counts:
            rows.append(f"| {file} {counts[1]}")
    body = "\n\n".join(f"## {file}\n\n{text}" for file, text in sorted(parts.items()))
    return f"{INTRODUCTION}\n{_OVERVIEW}\n" + "\n".join(rows) + f"\n\n{body}\n"


def part_of(mapping: ColumnMapping, summary: Summary, outcome: Outcome) -> str:
    """One file's part."""
    by = f", by {mapping.publisher}" if mapping.publisher else ""
    counts = (summary.rows, summary.accepted, summary.repaired, summary.rejected)
    places = Counter(one.whereabouts for one in outcome.rows)
    return "\n".join(
        [
            f"{mapping.name}{by}. {mapping.licence}.",
            "",
            _COUNTS,
            "| ---: | ---: | ---: | ---: |",
            f"| {' | '.join(f'{count:,}' for count in counts)} |",
            "",
            *_table("Rejected because", summary.rejections),
            *_table("Repaired", summary.repairs),
            *_places(places),
        ]
    )


def _parts(page: str) -> dict[str, str]:
    found = re.split(r"^## (.+)$", page, flags=re.MULTILINE)[1:]
    return {name.strip(): text.strip() for name, text in zip(found[::2], found[1::2], strict=True)}


def _table(heading: str, causes: Iterable[Cause]) -> list[str]:
    lines = [f"| {cause.words.replace('|', '/')} | {cause.rows:,} |" for cause in causes]
    return [f"| {heading} | Rows |", "| --- | ---: |", *lines, ""] if lines else []


def _places(places: Mapping[Whereabouts, int]) -> list[str]:
    lines = [f"| {one.value} | {places[one]:,} |" for one in Whereabouts if places.get(one)]
    return ["| Put on the map | Rows |", "| --- | ---: |", *lines] if lines else []
