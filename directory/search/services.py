"""Keeping the index true: one listing, many at once, all of them, and a look at whether it still is.

Documents are read in transactions of their own that only read, so that building an index keeps no writer waiting.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.db import reading_beside
from core.jobs.models import Job, JobState
from core.jobs.services import enqueue
from directory.listings.documents import search_documents
from directory.search import queries
from directory.search.engine import IndexUnusable
from directory.search.store import Progress
from directory.search.whoosh_engine import WhooshIndex

log = logging.getLogger(__name__)

UPDATE = "search.index"
REBUILD = "search.rebuild"

# More than these waiting are quicker built anew than put in one after the other.
MOST_AT_ONCE = 500


class IndexState(StrEnum):
    """How the index stands to the database."""

    TRUE = "true"
    MISSING = "missing"
    DAMAGED = "damaged"
    DIFFERS = "differs"

    @property
    def words(self) -> str:
        return _STATE_WORDS[self]


_STATE_WORDS = {
    IndexState.TRUE: "The index holds what the public may find.",
    IndexState.MISSING: "There is no index yet. The database answers meanwhile.",
    IndexState.DAMAGED: "The index is damaged. The database answers until it is built again.",
    IndexState.DIFFERS: "The index holds other listings than the public may find.",
}


def promise_update(session: Session, service_id: UUID) -> None:
    """Have the worker bring one listing up to date in the index, once the caller's change is committed."""
    enqueue(session, UPDATE, {"service_id": str(service_id)}, key=f"{UPDATE}:{service_id}")


def promise_rebuild(session: Session) -> None:
    """Have the worker build the index anew."""
    enqueue(session, REBUILD, {}, key=REBUILD)


def bring_up_to_date(session: Session, service_id: UUID) -> int:
    """Bring this listing, and others that wait in the outbox, up to date in one change. Gives how many.

    Jobs that were served along are marked done. Without a sound index a rebuild is promised instead.
    """
    index = queries.index()
    with index.store.lease():
        with reading_beside(session) as reading:
            waiting = _waiting(reading)
            wanted = {service_id, *waiting.values()}
            documents = list(search_documents(reading, sorted(wanted)))
        known = {document.id for document in documents}
        try:
            index.store.update(documents, gone=wanted - known)
        except IndexUnusable:
            promise_rebuild(session)
            return 0
        except Exception:
            log.exception("the search index could not be changed and is built anew")
            index.store.report_damage()
            promise_rebuild(session)
            return 0
    _mark_done(session, waiting)
    return len(wanted)


def rebuild(session: Session, progress: Progress | None = None) -> int:
    """Build the index anew and swap it in. Gives how many listings it holds. Raises `IndexBusy`."""
    index = queries.index()
    with index.store.lease(), reading_beside(session) as reading:
        return index.store.build(search_documents(reading), progress)


def state(session: Session, index: WhooshIndex | None = None) -> IndexState:
    """How the index stands to the database, by the ids that each holds."""
    index = index or queries.index()
    try:
        held = index.ids()
    except IndexUnusable as unusable:
        return IndexState.DAMAGED if unusable.damaged else IndexState.MISSING
    return IndexState.TRUE if held == queries.public_ids(session) else IndexState.DIFFERS


def mend(session: Session) -> IndexState:
    """Look at the index, and promise a rebuild where it is not true and nothing that waits would make it so."""
    seen = state(session)
    if seen is IndexState.TRUE or (seen is IndexState.DIFFERS and _updates_wait(session)):
        return seen
    log.warning("the search index is built anew", extra={"state": seen.value})
    promise_rebuild(session)
    return seen


def _updates_wait(session: Session) -> bool:
    unfinished = (JobState.QUEUED, JobState.RUNNING)
    query = select(func.count()).select_from(Job).where(Job.kind == UPDATE, Job.state.in_(unfinished))
    return bool(session.scalar(query))


def _waiting(session: Session) -> dict[UUID, UUID]:
    """Queued updates that are due: job to listing."""
    query = (
        select(Job.id, Job.payload)
        .where(Job.kind == UPDATE, Job.state == JobState.QUEUED, Job.run_at <= clock.now())
        .order_by(Job.run_at, Job.id)
        .limit(MOST_AT_ONCE)
    )
    return {job: UUID(str(payload["service_id"])) for job, payload in session.execute(query)}


def _mark_done(session: Session, jobs: Iterable[UUID]) -> None:
    """What they promised was read after they were queued, so it is kept; one that a worker has taken stays its own."""
    query = select(Job).where(Job.id.in_(list(jobs)), Job.state == JobState.QUEUED)
    for job in session.scalars(query.with_for_update(skip_locked=True)):
        job.state, job.finished_at = JobState.DONE, clock.now()
