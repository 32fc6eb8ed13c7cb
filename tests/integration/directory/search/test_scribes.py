"""A large index is written by several processes: the same index, and whole or not at all."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from core.settings import ROOT
from directory.listings.documents import SearchDocument
from directory.search import entries, services
from directory.search.engine import HelperLost
from directory.search.rules import Criteria
from directory.search.scribes import LOT
from directory.search.understanding_rules import understand
from directory.search.whoosh_engine import WhooshIndex
from tests.bench.synthetic import Maker


@pytest.fixture(scope="module")
def documents() -> list[SearchDocument]:
    return list(Maker(2 * LOT + 20, seed=3).documents())


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every build but the smallest is a large one, on a machine with two cores."""
    monkeypatch.setattr("directory.search.scribes.MANY", 50)
    monkeypatch.setattr("directory.search.scribes._cores", lambda: 2)


def build(folder: Path, documents: Iterator[SearchDocument] | list[SearchDocument]) -> WhooshIndex:
    index = WhooshIndex(folder)
    with index.store.lease():
        index.store.build(documents)
    return index


def scores(index: WhooshIndex) -> dict[int, dict[UUID, float]]:
    """What every token is worth to every listing that holds it."""
    (part,) = index.snapshot().parts
    arrays = part.pack.arrays
    ids = [part.columns.id_of(number) for number in range(part.columns.size)]
    starts = arrays["starts"].tolist()
    documents, worth = arrays["documents"].tolist(), arrays["scores"].tolist()
    return {
        token: {ids[documents[at]]: worth[at] for at in range(starts[place], starts[place + 1])}
        for place, token in enumerate(arrays["tokens"].tolist())
    }


def test_several_processes_write_the_index_that_one_writes(
    tmp_path: Path, documents: list[SearchDocument], monkeypatch: pytest.MonkeyPatch, several: None
) -> None:
    told: list[int] = []
    shared = WhooshIndex(tmp_path / "shared")
    with shared.store.lease():
        assert shared.store.build(documents, told.append) == len(documents)
    assert sum(told) == len(documents)
    monkeypatch.setattr("directory.search.scribes._cores", lambda: 1)
    alone = build(tmp_path / "alone", documents)
    segments = [len(list((index.store.folder).glob("a-*/*.segment"))) for index in (shared, alone)]
    assert segments == [2, 1]
    assert shared.ids() == alone.ids() == {document.id for document in documents}
    assert scores(shared) == scores(alone)
    assert shared.lexicons().words() == alone.lexicons().words()
    for q in ("", documents[3].name, documents[150].summary):
        mine, theirs = (index.search(Criteria(q=q), None, understand(q)) for index in (shared, alone))
        assert (mine.total, mine.ids, mine.counts) == (theirs.total, theirs.ids, theirs.counts)


def test_a_process_that_ends_before_its_time_leaves_the_old_index(
    tmp_path: Path, documents: list[SearchDocument], several: None
) -> None:
    index = build(tmp_path / "index", documents[:40])
    before = index.store.generation()

    def killing() -> Iterator[SearchDocument]:
        yield from documents
        for helper in multiprocessing.active_children():
            helper.kill()
            helper.join()
        yield from documents

    with pytest.raises(HelperLost):
        build(tmp_path / "index", killing())
    assert index.store.generation() == before
    assert index.count() == 40
    assert len([one for one in index.store.folder.iterdir() if one.is_dir()]) == 2
    assert multiprocessing.active_children() == []


_PARENT = """
import os, sys
from multiprocessing import active_children
from pathlib import Path

from directory.search import scribes
from directory.search.entries import schema
from directory.search.files import Files

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    files = Files(folder)
    files.create_index(schema())
    helper = scribes._Helper(folder, folder / "shelf")
    helper.add([])
    helper._waiting[0].result()
    print(*(one.pid for one in active_children()), flush=True)
    os.kill(os.getpid(), 9)
"""


def test_helpers_end_with_a_process_that_is_ended_by_force(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT, encoding="utf-8")
    told = subprocess.run(
        [sys.executable, script, tmp_path],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    (helper,) = (int(one) for one in told.stdout.split())
    for _tenth in range(100):
        if not is_running(helper):
            break
        time.sleep(0.1)
    else:
        os.kill(helper, signal.SIGKILL)
        pytest.fail("a helper went on without whoever it writes for")


def is_running(pid: int) -> bool:
    """Whether a process does, or could do, something; one that only waits to be counted does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_a_process_cannot_write_is_told(
    tmp_path: Path, documents: list[SearchDocument], several: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = entries.entries_of
    monkeypatch.setattr(
        "directory.search.store.entries_of", lambda held: ({**one, "unknown": "field"} for one in real(held))
    )
    with pytest.raises(KeyError, match="unknown"):
        build(tmp_path / "index", documents)
    assert [one for one in (tmp_path / "index").iterdir() if one.is_dir()] == []


def test_the_command_says_what_happened(
    session: Session, run_command: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_given: object) -> int:
        raise HelperLost

    monkeypatch.setattr(services, "rebuild", lose)
    assert "The old index is still in use" in run_command("search", "rebuild", exit_code=1)
