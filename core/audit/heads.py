"""The file of exported ends: where the chain ended, and when, kept where the database's owner should not write."""

from __future__ import annotations

import json
from pathlib import Path

from core import clock
from core.errors import Invalid
from core.settings import Settings


def file_of(settings: Settings) -> Path:
    """Where ends are written unless told."""
    return settings.instance / "audit-heads.jsonl"


def append(path: Path, sequence: int, mac: str) -> None:
    """Add one end, a line of JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = {"at": clock.now().isoformat(timespec="seconds"), "sequence": sequence, "mac": mac}
    with path.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(line) + "\n")


def read(path: Path) -> list[tuple[int, str]]:
    """Every exported end as (sequence, mac), those of an empty chain left out.

    Raises `Invalid` naming the line that can't be read.
    """
    ends = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            end = int(row["sequence"]), str(row["mac"])
        except (ValueError, KeyError, TypeError):
            raise Invalid(
                f"Line {number} of {path.name} is not an exported end. Use a file that `flask audit export-head` wrote."
            ) from None
        if end[0]:
            ends.append(end)
    return ends
