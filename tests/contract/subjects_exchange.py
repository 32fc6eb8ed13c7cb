"""Sources and imports, for the access matrix."""

from __future__ import annotations

from uuid import uuid4

from directory.exchange import runs
from directory.exchange.feed_rules import FeedKind, RunState
from directory.exchange.models import Feed, ImportRun
from directory.exchange.working import REPORT
from tests import build, build_directory
from tests.contract.subjects import Cell, Subject, subject


def _made(cell: Cell) -> Feed:
    made = Feed(
        key=f"looms-{build.number()}",
        name="Weaving groups",
        licence="By agreement",
        kind=FeedKind.OPEN_REFERRAL,
        address="https://feeds.example.org",
        columns={},
    )
    cell.session.add(made)
    cell.session.flush()
    return made


def _import(cell: Cell) -> ImportRun:
    run = ImportRun(feed=_made(cell), state=RunState.READY, summary={})
    cell.session.add(run)
    cell.session.flush()
    return run


@subject("sources.create")
def _new(cell: Cell) -> Subject:
    form = {"name": "Looms", "publisher": "The Weavers", "licence": "By agreement", "kind": "open-referral"}
    return Subject(form=form | {"every_hours": "", "idempotency_key": str(uuid4())})


@subject("sources.feed")
def _feed(cell: Cell) -> Subject:
    return Subject({"feed_id": _made(cell).id})


@subject("sources.start")
def _start(cell: Cell) -> Subject:
    return Subject({"feed_id": _made(cell).id}, form={"idempotency_key": str(uuid4())})


@subject("sources.change")
def _change(cell: Cell) -> Subject:
    form = {"address": "https://feeds.example.org/v2", "every_hours": "24"}
    return Subject({"feed_id": _made(cell).id}, form=form)


@subject("sources.run", "sources.columns")
def _run(cell: Cell) -> Subject:
    return Subject({"run_id": _import(cell).id})


@subject("sources.report")
def _report(cell: Cell) -> Subject:
    run = _import(cell)
    folder = runs.folder_of(run.id)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / REPORT).write_text("row,outcome\n", "utf-8")
    return Subject({"run_id": run.id})


@subject("sources.step")
def _step(cell: Cell) -> Subject:
    return Subject({"run_id": _import(cell).id, "step": "drop"})


@subject("downloads.download")
def _download(cell: Cell) -> Subject:
    build_directory.listing(cell.session)
    return Subject({"name": "activities.csv"})
