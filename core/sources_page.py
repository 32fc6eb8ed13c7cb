"""The page of data sources: what each published file gave. Figures and causes only, never a row's own words.

Every import writes its file's part anew and leaves the others as they are, so the page is as true as the last run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import Invalid

INTRODUCTION = """# What each source gave

Each part below was written by the command that loaded its file (`flask exchange import` or `flask geography load-...`,
with `--sources-page docs/data-sources.md`). A repaired row is accepted too. A rejected row changes nothing.
"""
_COUNTS = "| Rows | Accepted | Repaired | Rejected |"
_OVERVIEW = "| File | Rows | Accepted | Repaired | Rejected |\n| --- | ---: | ---: | ---: | ---: |"


@dataclass(frozen=True, slots=True)
class Counts:
    """A file's rows. `accepted` includes the repaired; what was left out as asked is in none but `rows`."""

    rows: int
    accepted: int
    repaired: int
    rejected: int


def part_of(words: str, counts: Counts, tables: Iterable[tuple[str, Sequence[tuple[str, int]]]]) -> str:
    """One file's part. `tables` are headings with causes and their rows; one without causes is left out."""
    figures = (counts.rows, counts.accepted, counts.repaired, counts.rejected)
    lines = [words, "", _COUNTS, "| ---: | ---: | ---: | ---: |", f"| {' | '.join(map(_figure, figures))} |"]
    for heading, causes in tables:
        if causes:
            lines += ["", f"| {heading} | Rows |", "| --- | ---: |"]
            lines += [f"| {cause.replace('|', '/')} | {_figure(rows)} |" for cause, rows in causes]
    return "\n".join(lines)


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


def _parts(page: str) -> dict[str, str]:
    found = re.split(r"^## (.+)$", page, flags=re.MULTILINE)[1:]
    return {name.strip(): text.strip() for name, text in zip(found[::2], found[1::2], strict=True)}


def _figure(number: int) -> str:
    return f"{number:,}"
