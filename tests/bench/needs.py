"""How well suggested needs agree with people: against tags that people gave to published charities.

Run as `dev.py bench needs`. The gold is our own mapping from their tags to needs, which is what an import of
the same file sets; the texts are names and activities. Beside it stands a baseline that knows only the needs' names,
and what is published for the patterns that come with the tags, which speak of all tags, not of needs alone.
Precision and recall are over all pairs of charity and need (micro), F1 is their harmonic mean; macro F1 is the mean of
the needs' own.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from directory.exchange.mapping import map_row
from directory.exchange.mapping_file import MAPPINGS, read_mapping
from directory.exchange.rules import NEEDS
from directory.listings.suggesting import likely_needs, suggest_needs
from tests.bench.tables import show

NAME = "ukcat_sample_charities_human_tagged"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "listings" / f"{NAME}.csv"
# Of the published patterns against these tags.
PUBLISHED_F1 = 0.36
Suggest = Callable[[str], frozenset[str]]


def texts() -> Iterator[tuple[str, frozenset[str]]]:
    """Each charity's words and the needs that people's tags give it; those without words are left out."""
    mapping = read_mapping((MAPPINGS / f"{NAME}.toml").read_text("utf-8"))
    with SHARED.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            mapped = map_row(mapping, row, number)
            if mapped.listing is not None and row["activities"]:
                yield f"{row['name']}. {row['activities']}", frozenset(mapped.listing.needs)


def score(suggest: Suggest, pairs: list[tuple[str, frozenset[str]]]) -> dict[str, float]:
    """Micro precision, recall and F1, and macro F1."""
    right, given, wanted = Counter[str](), Counter[str](), Counter[str]()
    for text, gold in pairs:
        said = suggest(text)
        right.update(said & gold)
        given.update(said)
        wanted.update(gold)
    each = [_f1(right[one], given[one], wanted[one]) for one in sorted(NEEDS) if wanted[one]]
    return {
        "precision": right.total() / max(1, given.total()),
        "recall": right.total() / max(1, wanted.total()),
        "f1": _f1(right.total(), given.total(), wanted.total()),
        "macro_f1": sum(each) / max(1, len(each)),
    }


def _f1(right: int, given: int, wanted: int) -> float:
    return 2 * right / (given + wanted) if given + wanted else 0.0


def names_only(text: str) -> frozenset[str]:
    """The baseline: a need is suggested where a word of its name stands in the text."""
    words = set(text.casefold().replace(".", " ").replace(",", " ").split())
    return frozenset(one for one in NEEDS if words & (set(one.split("-")) - {"and", "being", "long", "term"}))


def at_least(confidence: float) -> Suggest:
    return lambda text: frozenset(one.slug for one in suggest_needs(text) if one.confidence >= confidence)


def offered(text: str) -> frozenset[str]:
    """What a form shows, unticked, to whoever wrote the text."""
    return frozenset(one.slug for one in likely_needs(text))


def main() -> None:
    """Print the table; with "needs" as an argument, also each need by itself."""
    if not SHARED.exists():
        raise SystemExit(f"{SHARED.name} is not here: nothing to measure against.")
    pairs = list(texts())
    # Tables of words are written while looking at one half; the other half says how well they do elsewhere.
    halves = {"seen half": pairs[::2], "unseen half": pairs[1::2]}
    ways = (
        ("needs by their names", names_only),
        ("offered on forms", offered),
        *((f"as sure as {limit}", at_least(limit)) for limit in (0.3, 0.5, 0.7, 0.9)),
    )
    for half, some in halves.items():
        rows = [(label, *(f"{value:.3f}" for value in score(way, some).values())) for label, way in ways]
        show(
            f"{half}: {len(some):,} charities, {sum(len(gold) for _, gold in some):,} needs",
            ("", "precision", "recall", "F1", "macro F1"),
            [("published patterns", "", "", f"{PUBLISHED_F1:.2f}", ""), *rows],
        )
    if "needs" in sys.argv:
        for need in sorted(NEEDS):
            print(f"  {need:22} {_alone(need, halves['seen half'])}")


def _alone(need: str, pairs: list[tuple[str, frozenset[str]]]) -> str:
    only = [(text, gold & {need}) for text, gold in pairs]
    suggest = at_least(0.5)
    figures = score(lambda text: suggest(text) & {need}, only)
    wanted = sum(bool(gold) for _, gold in only)
    return f"precision {figures['precision']:.2f} recall {figures['recall']:.2f} of {wanted}"


if __name__ == "__main__":
    main()
