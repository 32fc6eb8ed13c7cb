"""Changing what words mean to a search. Each change is in force with the next search, whichever process answers it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.audit import services as audit
from core.db import new_id
from core.errors import Conflict, Invalid
from directory.listings.cards import NEEDS
from directory.listings.models import Taxonomy, TaxonomyTerm
from directory.search.thesaurus.models import SynonymRing, SynonymVersion, ThesaurusState
from directory.search.thesaurus.queries import ring_for_update, rings, version_of
from directory.search.thesaurus.rules import Ring, check_ring

SUBJECT = "synonym"


def add(session: Session, actor: Actor, ring: Ring) -> UUID:
    """A new entry. Raises `NotFound` for whoever may not, `Invalid` for one that would change no search."""
    actor.must(Permission.MODERATE)
    check_ring(ring)
    row = SynonymRing(same=list(ring.same), typed=list(ring.typed), need_id=_need_id(session, ring.need))
    session.add(row)
    _keep(session, actor, row, "synonym.add")
    return row.id


def change(session: Session, actor: Actor, ring_id: UUID, ring: Ring, expected_version: int) -> None:
    """Put `ring` in place of what the entry said. Raises `NotFound`, `Invalid`, and `Conflict` where somebody
    changed it since `expected_version`."""
    row = ring_for_update(session, actor, ring_id)
    check_ring(ring)
    _refuse_late(row, ring, expected_version)
    row.same, row.typed = list(ring.same), list(ring.typed)
    row.need_id = _need_id(session, ring.need)
    _keep(session, actor, row, "synonym.change")


def remove(session: Session, actor: Actor, ring_id: UUID) -> None:
    """Take an entry out; it can be put back. Doing it twice changes nothing. Raises `NotFound`."""
    row = ring_for_update(session, actor, ring_id)
    if row.removed_at is None:
        row.removed_at = clock.now()
        _keep(session, actor, row, "synonym.remove")


def put_back(session: Session, actor: Actor, ring_id: UUID, number: int) -> None:
    """Have the entry say again what it said after change `number`, and be in force. Raises `NotFound`."""
    row = ring_for_update(session, actor, ring_id)
    earlier = version_of(session, ring_id, number)
    row.same, row.typed, row.need_id = list(earlier.same), list(earlier.typed), earlier.need_id
    row.removed_at = None
    _keep(session, actor, row, "synonym.put-back")


def load(session: Session, actor: Actor, listed: Sequence[Ring]) -> int:
    """Add the entries that are not there yet. Gives how many."""
    known = rings(session)
    fresh = [ring for ring in listed if ring not in known]
    for ring in fresh:
        row = SynonymRing(same=list(ring.same), typed=list(ring.typed), need_id=None)
        session.add(row)
        _remember(session, actor, row)
    if fresh:
        _announce(session)
        audit.record(session, actor, "synonym.load", SUBJECT, None, number=len(fresh))
    return len(fresh)


def _refuse_late(row: SynonymRing, ring: Ring, expected_version: int) -> None:
    if row.version != expected_version:
        raise Conflict(
            "Somebody else changed these words while you were writing.",
            yours={"Words that mean the same": ", ".join(ring.same), "Also typed": ", ".join(ring.typed)},
            theirs={"Words that mean the same": ", ".join(row.same), "Also typed": ", ".join(row.typed)},
        )


def _need_id(session: Session, slug: str | None) -> UUID | None:
    if not slug:
        return None
    found = session.scalar(
        select(TaxonomyTerm.id)
        .join(Taxonomy, Taxonomy.id == TaxonomyTerm.taxonomy_id)
        .where(Taxonomy.slug == NEEDS, TaxonomyTerm.slug == slug)
    )
    if found is None:
        raise Invalid("Choose a kind of help from the list.", "need")
    return found


def _keep(session: Session, actor: Actor, row: SynonymRing, action: str) -> None:
    _remember(session, actor, row)
    _announce(session)
    audit.record(session, actor, action, SUBJECT, row.id, number=row.version)


def _remember(session: Session, actor: Actor, row: SynonymRing) -> None:
    """Keep how the entry stands now, under the number that its row gets by being written."""
    row.updated_at = clock.now()
    session.flush()
    session.add(
        SynonymVersion(
            ring_id=row.id,
            number=row.version,
            same=list(row.same),
            typed=list(row.typed),
            need_id=row.need_id,
            removed=row.removed_at is not None,
            author_id=actor.account_id,
            author_name=actor.name,
        )
    )


def _announce(session: Session) -> None:
    """Let every process see that what it keeps is old."""
    state = session.get(ThesaurusState, 1, populate_existing=True, with_for_update=True)
    if state is None:
        session.add(ThesaurusState(id=1, token=new_id()))
    else:
        state.token = new_id()
