"""`python3 dev.py bench search [--size N]`: how fast the product's search is, beside engines that others use.

Same listings, same tokens, same machine, one run. Nothing here is asserted as a time by any test.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from directory.listings.documents import SearchDocument
from directory.search.marking import marked, stems_asked
from directory.search.rules import Criteria
from directory.search.understanding_rules import understand
from directory.search.whoosh_engine import WhooshIndex
from tests.bench.contender_columns import Beside
from tests.bench.contender_fts5 import Fts5
from tests.bench.contender_ours import Ours, OursPlain, summed
from tests.bench.contender_tantivy import Tantivy
from tests.bench.contender_whoosh import Whoosh
from tests.bench.contenders import TOP, Contender, tokens_of
from tests.bench.synthetic import Maker, Question
from tests.bench.tables import by_processor, private_mb, show, timed

SIZES = (2_000, 20_000)
KINDS = {"words": "words", "filters": "two filters, four counts", "radius": "in a radius, nearest first"}
QUESTIONS = 2_000
WARM_UP = 200


def main() -> None:
    """Measure at the sizes that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--size", type=int, action="append", help="listings; may be given again (2,000 and 20,000)"
    )
    parser.add_argument(
        "--questions", type=int, default=QUESTIONS, help="unseen questions of each kind (2,000)"
    )
    parser.add_argument(
        "--processor",
        action="store_true",
        help="measure processor time: for a machine that others use meanwhile",
    )
    parser.add_argument("--memory", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.memory:
        print(_memory(given.memory))
        return
    if given.processor:
        by_processor()
        print("Milliseconds are of processor time, not by the clock.")
    for size in given.size or SIZES:
        with tempfile.TemporaryDirectory(prefix="gt-bench-") as folder:
            _measure(size, given.questions, Path(folder))


def _measure(size: int, questions: int, folder: Path) -> None:
    print(f"\n=== {size:,} listings, {questions:,} unseen questions of each kind", flush=True)
    maker = Maker(size)
    documents = list(maker.documents())
    asked = {
        kind: [one for one in maker.questions(documents, kind, questions + WARM_UP + 50) if tokens_of(one)][
            : questions + WARM_UP
        ]
        for kind in KINDS
    }
    index = WhooshIndex(folder / "ours")
    with index.store.lease():
        begun = time.perf_counter()
        index.store.build(documents)
        built = time.perf_counter() - begun
    print(f"Our index was built in {built:.1f} s: {size / built:,.0f} listings a second.", flush=True)
    columns = Beside(documents)
    title = f"Search, {size:,} listings, best {TOP}"
    figures = _speed(asked, [Ours(index), OursPlain(index), Tantivy(folder / "tantivy", documents, columns)])
    _show_speed(title, figures)
    _own(index, documents, maker, built)
    # The slow ones come last and are asked less, so that a run that is broken off has told the rest.
    fewer = questions if size <= 2_000 else min(questions, max(20, 4_000_000 // size // 10))
    few = {kind: told[WARM_UP - 10 : WARM_UP + fewer] for kind, told in asked.items()}
    some = {kind: told[WARM_UP - 10 : WARM_UP + min(questions, 4 * fewer)] for kind, told in asked.items()}
    figures |= _speed(some, [Fts5(folder, documents, columns)], 10)
    _show_speed(f"{title}; FTS5 by {min(questions, 4 * fewer):,} questions of each kind", figures)
    whoosh = Whoosh(folder / "whoosh", documents)
    figures |= _speed(few, [whoosh], 10)
    _show_speed(f"{title}; Whoosh by {fewer:,} questions of each kind", figures)
    _identity(folder, documents, asked, whoosh, size)


# --- speed ------------------------------------------------------------------------------------------------


Figures = dict[str, dict[str, tuple[float, float]]]


def _speed(
    asked: dict[str, list[Question]], contenders: Sequence[Contender], warm_up: int = WARM_UP
) -> Figures:
    """For each contender and kind of question the milliseconds of half, and of 95 of 100."""
    figures: Figures = {}
    for contender in contenders:
        figures[contender.name] = {kind: timed(contender.ask, told, warm_up) for kind, told in asked.items()}
        print(f"  measured: {contender.name}", flush=True)
    return figures


def _show_speed(title: str, figures: Figures) -> None:
    best = figures[Tantivy.name]
    rows = []
    for name, held in figures.items():
        cells = []
        for kind in KINDS:
            (half, most), (their_half, their_most) = held[kind], best[kind]
            cells.append(f"{half:.3f} / {most:.3f} ({half / their_half:.2f} / {most / their_most:.2f})")
        rows.append([name, *cells])
    show(title, ["p50 / p95 in ms (times Tantivy's)", *KINDS.values()], rows)
    if Whoosh.name not in figures:
        return
    for name in (Ours.name, OursPlain.name):
        times = [figures[Whoosh.name][kind][0] / figures[name][kind][0] for kind in KINDS]
        print(
            f"{name}: {', '.join(f'{one:,.0f}' for one in times)} times as fast as Whoosh as it comes (p50)."
        )


# --- the same answers as Whoosh ------------------------------------------------------------------------------


def _identity(
    folder: Path,
    documents: Sequence[SearchDocument],
    asked: dict[str, list[Question]],
    whoosh: Whoosh,
    size: int,
) -> None:
    """The arrays with Whoosh's own formula must find, count and rank what Whoosh does; even scores are as good."""
    index = WhooshIndex(folder / "same", summed)
    with index.store.lease():
        index.store.build(documents)
    ours = OursPlain(index)
    rows = []
    for kind, told in asked.items():
        use = told[: max(20, min(QUESTIONS, 40_000_000 // size // 10))]
        same_total = same_counts = 0
        overlap = 0.0
        for question in use:
            mine, theirs = ours.ask(question), whoosh.ask(question)
            total, good = (
                (theirs.total, frozenset(theirs.top)) if kind == "radius" else whoosh.good_enough(question)
            )
            same_total += mine.total == total
            wanted = {name: {v: n for v, n in held.items() if n} for name, held in theirs.counts.items()}
            same_counts += not total or {name: dict(held) for name, held in mine.counts.items()} == wanted
            overlap += len({*mine.top} & good) / len(mine.top) if mine.top else 1.0
        count = len(use)
        rows.append(
            [
                KINDS[kind],
                f"{count:,}",
                f"{same_total:,}",
                f"{same_counts:,}" if kind == "filters" else "-",
                f"{overlap / count:.4f}",
            ]
        )
    show(
        "The same answers as Whoosh's own, with its formula",
        ["", "questions", "same total", "same counts", f"best {TOP} among its best"],
        rows,
    )


# --- the rest of the path -----------------------------------------------------------------------------------


def _own(index: WhooshIndex, documents: Sequence[SearchDocument], maker: Maker, built: float) -> None:
    pick = random.Random(5)
    snapshot = index.snapshot()
    used = [word for word in snapshot.lexicons.words() if len(word) >= 5]
    slips = [_slip(pick.choice(used), pick) for _ in range(500)]
    mended = timed(lambda word: snapshot.settle(understand(word)), slips)
    beginnings = [pick.choice(used)[: pick.choice((2, 3, 4))] for _ in range(600)]
    offered = timed(lambda start: snapshot.lexicons.beginning(start, 8), beginnings)
    rows = [
        ["a slip of the keyboard mended (ms)", *_pair(mended)],
        ["words that begin so, of the index alone (ms)", *_pair(offered)],
    ]
    asked = maker.questions(documents, "words", 500)
    shown = {
        one.q: [documents[number % len(documents)].summary for number in range(at, at + TOP)]
        for at, one in enumerate(asked)
    }

    def mark(question: Question) -> None:
        stems = stems_asked(understand(question.q), ())
        for summary in shown[question.q]:
            marked(summary, stems)

    rows.append([f"words marked in {TOP} summaries (ms)", *_pair(timed(mark, asked))])
    quiet, busy, updates = _updates(index, documents, maker)
    rows += [
        ["a changed listing can be found after (ms)", *_pair(updates)],
        ["a search while listings change: alone (ms)", *_pair(quiet)],
        ["  meanwhile (ms)", *_pair(busy)],
    ]
    show(f"The rest of the path, {len(documents):,} listings", ["", "p50", "p95"], rows)
    print(f"Rebuild: {built:.1f} s.  On disk: {_size(index.store.folder) / 1e6:,.0f} MB.")
    command = [sys.executable, "-m", "tests.bench.search", "--memory", str(index.store.folder)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    print(told.stdout.strip(), flush=True)


def _pair(times: tuple[float, float]) -> tuple[str, str]:
    return f"{times[0]:.2f}", f"{times[1]:.2f}"


def _slip(word: str, pick: random.Random) -> str:
    at = pick.randrange(1, len(word) - 1)
    return pick.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + "z" + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


def _updates(
    index: WhooshIndex, documents: Sequence[SearchDocument], maker: Maker
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """Searches alone, searches while listings change, and from a change to its being found; p50 and p95."""
    questions = maker.questions(documents, "words", 700)
    search = Ours(index).ask
    quiet = timed(search, questions[:350], 50)
    taken: list[float] = []
    stop = threading.Event()

    def change() -> None:
        for number in range(40):
            word = f"zzchanged{number}q"
            begun = time.perf_counter()
            index.update([replace(documents[number * 7], name=f"{documents[number * 7].name} {word}")])
            found = index.search(Criteria(q=word), None, understand(word))
            if found.total != 1:
                raise RuntimeError("a change was not found")
            taken.append((time.perf_counter() - begun) * 1000)
        stop.set()

    writer = threading.Thread(target=change)
    writer.start()
    busy: list[float] = []
    while not stop.is_set():
        question = questions[350 + len(busy) % 350]
        begun = time.perf_counter()
        search(question)
        busy.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.002)
    writer.join()
    return quiet, _percentiles(busy), _percentiles(taken)


def _percentiles(told: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(told)
    return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _memory(folder: Path) -> str:
    """In a process of its own: what a worker holds for itself after hundreds of searches."""
    index = WhooshIndex(folder)
    idle = private_mb()
    snapshot = index.snapshot()
    words = snapshot.lexicons.words()
    pick = random.Random(9)
    for _ in range(2_000):
        q = " ".join(pick.choice(words) for _ in range(2))
        index.search(Criteria(q=q), None, understand(q))
    for word in words[:200]:
        snapshot.lexicons.near(word, 1, same_start=False)
    return f"Private memory of a worker: {private_mb() - idle:.0f} MB above an idle one ({os.cpu_count()} cores)."


Ask = Callable[[Question], object]

if __name__ == "__main__":
    main()
