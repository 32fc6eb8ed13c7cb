"""How good the answers are, on a judged collection: texts of charities, questions, and what people found to the point.

Run as `python -m tests.bench.quality`. Texts become documents of the product's own index, and questions go the way that
what is typed goes: understanding with the thesaurus that a new database has, the index, the choosing of a first page of
ten. Beside it stand, in the same run, plain BM25 (k1 0.9, b 0.4, Porter's stems) and SQLite FTS5 asked for any word.

nDCG@10 and recall@10 (of at most ten) are means over the questions that have a judgement. Then each question gets one
slip of the keyboard in its longest word, of a kind drawn with a fixed seed, and is asked again. Nothing in the product
was made with this collection's judgements at hand: they are read here, and nowhere else.
"""

from __future__ import annotations

import json
import math
import random
import re
import sqlite3
import statistics
import string
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
from whoosh.lang.porter import stem as porter

from directory.listings.documents import SearchDocument
from directory.listings.rules import DeliveryMode, JoinMode
from directory.search.rules import Criteria, Sort
from directory.search.thesaurus.rules import Ring, Thesaurus
from directory.search.understanding_rules import understand
from directory.search.whoosh_engine import WhooshIndex
from directory.search.words import telling_words
from migrations.synonym_seeds import ENTRIES
from tests.bench.tables import show

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "search" / "ukcat_ir"
BEST = 10
SEED = 20_26
SHORTEST_SLIP = 4
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

# Gives the numbers of the best ten texts for what was typed.
Search = Callable[[str], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the collection."""

    id: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Collection:
    """Texts, what is asked, and for each question how much each text is to the point."""

    texts: tuple[Text, ...]
    questions: tuple[tuple[str, str], ...]
    judged: dict[str, dict[str, int]]


def read() -> Collection:
    """The collection, from the folder of shared data."""
    texts = [json.loads(line) for line in (SHARED / "corpus.jsonl").read_text("utf-8").splitlines()]
    asked = [json.loads(line) for line in (SHARED / "queries.jsonl").read_text("utf-8").splitlines()]
    judged: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for line in (SHARED / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        question, text, worth = line.split("\t")
        judged[question][text] = int(worth)
    return Collection(
        tuple(Text(one["_id"], one["title"], one["text"]) for one in texts),
        tuple((one["_id"], one["text"]) for one in asked if judged[one["_id"]]),
        dict(judged),
    )


# --- who answers --------------------------------------------------------------------------------------------


def ours(texts: Sequence[Text], folder: Path) -> Search:
    """The product: its documents, its index, its understanding, its choosing."""
    index = WhooshIndex(folder / "index")
    with index.store.lease():
        index.store.build(_document(number, text) for number, text in enumerate(texts))
    thesaurus = Thesaurus(Ring(same, typed, need) for same, typed, need in ENTRIES)

    def search(q: str) -> Sequence[int]:
        hits = index.search(Criteria(q=q, sort=Sort.BEST), None, understand(q, thesaurus))
        return [id_.int for id_ in hits.ids]

    return search


def _document(number: int, text: Text) -> SearchDocument:
    return SearchDocument(
        id=UUID(int=number),
        is_public=True,
        name=text.title,
        summary="",
        description=text.body,
        group_id=UUID(int=number),
        group="",
        needs=(),
        audiences=(),
        access=(),
        place_words=(),
        postcodes=(),
        ward_codes=(),
        points=(),
        weekdays=(),
        day_parts=frozenset(),
        sessions=(),
        delivery=DeliveryMode.IN_PERSON,
        anywhere=False,
        join_mode=JoinMode.TURN_UP,
        is_free=True,
        price=None,
        minimum_age=None,
        maximum_age=None,
        languages=(),
        accepting_referrals=True,
        confirmed_at=_LONG_AGO,
        freshness=1.0,
        updated_at=_LONG_AGO,
    )


def plain_bm25(texts: Sequence[Text], k1: float = 0.9, b: float = 0.4) -> Search:
    """The baseline of the textbooks."""
    held = [Counter(_porter(f"{text.title} {text.body}")) for text in texts]
    lengths = np.array([sum(counts.values()) for counts in held], float)
    postings: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, counts in enumerate(held):
        for token, times in counts.items():
            postings[token].append((number, times))
    norm = k1 * (1 - b + b * lengths / lengths.mean())

    def search(q: str) -> Sequence[int]:
        scores = np.zeros(len(texts))
        for token in set(_porter(q)):
            found = np.array(postings.get(token, ()), float).reshape(-1, 2)
            numbers, times = found[:, 0].astype(int), found[:, 1]
            rarity = math.log(1 + (len(texts) - len(numbers) + 0.5) / (len(numbers) + 0.5))
            scores[numbers] += rarity * times * (k1 + 1) / (times + norm[numbers])
        order = np.argsort(-scores, kind="stable")[:BEST]
        return [int(number) for number in order if scores[number] > 0]

    return search


def _porter(text: str) -> list[str]:
    return [str(porter(word)) for word in re.findall(r"[a-z0-9]+", text.lower())]


def fts5(texts: Sequence[Text]) -> Search:
    """SQLite's own full-text search, asked for any of the words."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE texts USING fts5(title, body, tokenize = 'porter unicode61')")
    database.executemany(
        "INSERT INTO texts(rowid, title, body) VALUES (?, ?, ?)",
        ((number, text.title, text.body) for number, text in enumerate(texts)),
    )

    def search(q: str) -> Sequence[int]:
        words = re.findall(r"\w+", q.lower())
        match = " OR ".join(f'"{word}"' for word in words)
        if not match:
            return []
        query = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY bm25(texts), rowid LIMIT ?"
        return [number for (number,) in database.execute(query, (match, BEST))]

    return search


# --- how good it is -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over all questions; time in milliseconds, of half of them at most."""

    ndcg: float
    recall: float
    milliseconds: float


def measure(search: Search, collection: Collection, spell: Callable[[str], str] = str) -> Figures:
    """How good the answers are where each question is written as `spell` has it."""
    gains, recalls, taken = [], [], []
    for question, text in collection.questions:
        judged = collection.judged[question]
        begun = time.perf_counter()
        found = search(spell(text))
        taken.append((time.perf_counter() - begun) * 1000)
        worth = [judged.get(collection.texts[number].id, 0) for number in found]
        ideal = sorted(judged.values(), reverse=True)[:BEST]
        gains.append(_gain(worth) / _gain(ideal))
        recalls.append(sum(one > 0 for one in worth) / len(ideal))
    return Figures(statistics.mean(gains), statistics.mean(recalls), statistics.median(taken))


def _gain(worth: Sequence[int]) -> float:
    return sum(one / math.log2(at + 2) for at, one in enumerate(worth))


def with_a_slip(text: str) -> str:
    """The same with one slip in its longest word: a letter less, one more, another, or two swapped. Always the same
    slip for the same text; a text of short words stays as it is."""
    pick = random.Random(f"{SEED} {text}")
    words = [word for word in re.findall(r"[A-Za-z]+", text) if telling_words(word)]
    longest = max(words, key=len, default="")
    if len(longest) < SHORTEST_SLIP:
        return text
    at = pick.randrange(1, len(longest) - 1)
    letter = pick.choice(string.ascii_lowercase)
    slips = [
        longest[:at] + longest[at + 1 :],
        longest[:at] + letter + longest[at:],
        longest[:at] + letter + longest[at + 1 :],
        longest[:at] + longest[at + 1] + longest[at] + longest[at + 2 :],
    ]
    changed = [slip for slip in slips if slip != longest]
    return text.replace(longest, pick.choice(changed), 1)


def main() -> None:
    """Print the figures."""
    if not SHARED.exists():
        raise SystemExit(f"{SHARED.name} is not here: nothing to measure against.")
    collection = read()
    with tempfile.TemporaryDirectory(prefix="gt-quality-") as folder:
        contenders = {
            "plain BM25": plain_bm25(collection.texts),
            "SQLite FTS5, any word": fts5(collection.texts),
            "ours": ours(collection.texts, Path(folder)),
        }
        rows = []
        figures = {}
        for name, search in contenders.items():
            well, slipped = measure(search, collection), measure(search, collection, with_a_slip)
            figures[name] = well
            lost = (well.recall - slipped.recall) * 100
            rows.append(
                [
                    name,
                    f"{well.ndcg:.3f}",
                    f"{well.recall:.3f}",
                    f"{slipped.ndcg:.3f}",
                    f"{slipped.recall:.3f}",
                    f"{lost:.1f}",
                    f"{well.milliseconds:.2f}",
                ]
            )
    head = ["", "nDCG@10", "recall@10", "nDCG, slip", "recall, slip", "points lost", "ms (half)"]
    show(f"{len(collection.questions)} questions, {len(collection.texts):,} texts", head, rows)
    print(f"\nours nDCG@10 {figures['ours'].ndcg:.3f}")


if __name__ == "__main__":
    main()
