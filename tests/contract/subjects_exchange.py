"""Sources and imports, for the access matrix."""

from __future__ import annotations

from uuid import uuid4

from core import clock
from directory.exchange import runs
from directory.exchange.feed_rules import DeliveryState, FeedKind, RunState
from directory.exchange.models import Feed, ImportedRecord, ImportRun, Webhook, WebhookDelivery
from directory.exchange.working import REPORT
from directory.listings.models import Service, Source
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


@subject("sources.decide")
def _vanished(cell: Cell) -> Subject:
    service = cell.session.get_one(Service, build_directory.listing(cell.session))
    source = Source(key=f"looms-{build.number()}", name="Weaving groups", licence="By agreement")
    cell.session.add(source)
    cell.session.flush()
    record = ImportedRecord(
        source_id=source.id,
        record_key="1",
        group_key="weavers",
        organization_id=service.organization_id,
        service_id=service.id,
        organization_version=1,
        service_version=1,
        digest="",
        fields={},
        vanished_at=clock.now(),
    )
    cell.session.add(record)
    cell.session.flush()
    return Subject({"record_id": record.id, "answer": "keep"})


@subject("downloads.download")
def _download(cell: Cell) -> Subject:
    build_directory.listing(cell.session)
    return Subject({"name": "activities.csv"})


@subject("notices.add")
def _address(cell: Cell) -> Subject:
    form = {"name": "Library website", "address": "https://library.example.org/hook"}
    return Subject(form=form | {"idempotency_key": str(uuid4())})


def _webhook(cell: Cell) -> Webhook:
    made = Webhook(name="Library website", address="https://library.example.org/hook")
    made.secret = "whs_test"
    cell.session.add(made)
    cell.session.flush()
    return made


@subject("notices.stop")
def _stopped(cell: Cell) -> Subject:
    return Subject({"webhook_id": _webhook(cell).id})


@subject("notices.again")
def _given_up(cell: Cell) -> Subject:
    made = WebhookDelivery(
        webhook_id=_webhook(cell).id,
        service_id=build_directory.listing(cell.session),
        event="listing.changed",
        state=DeliveryState.GIVEN_UP,
    )
    cell.session.add(made)
    cell.session.flush()
    return Subject({"delivery_id": made.id})
