"""How it is known that an episode changed: whatever is written of it gives it a new mark, in the same transaction.

What was worked out of an episode may be kept under its mark (see `kept`). A mark is random, so that none comes twice,
and is taken back with what it stands for when a transaction fails.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Uuid,
    bindparam,
    case,
    delete,
    event,
    func,
    inspect,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction
from sqlalchemy.orm.base import NO_VALUE
from sqlalchemy.types import NullType

from core import clock
from core.columns import id_of
from core.db import UtcDateTime, among, one_of, read
from prescribing.episodes.models import Episode, EpisodeMark
from prescribing.episodes.rules import CASELOAD
from prescribing.episodes.today_rules import FOLLOWED_FOR

Leads = Callable[[Collection[UUID]], Select[UUID]]


@dataclass(frozen=True)
class Watch:
    """A table of which something about episodes is told, and the column that leads there.

    `leads` finds the episodes by the ids in that column; without it, they are ids of episodes.
    """

    table: str
    column: str = "episode_id"
    leads: Leads | None = None


def of_people(ids: Collection[UUID]) -> Select[UUID]:
    """For `leads`: the episodes of these people."""
    return select(Episode.id).where(among(Episode.person_id, ids))


def _of_requests(ids: Collection[UUID]) -> Select[UUID]:
    return select(Episode.id).where(among(Episode.support_request_id, ids))


_watched: dict[str, tuple[Watch, ...]] = {}
_WRITTEN = "episodes that were written of"
# Something was written by a statement that does not say of whom: then it was of everybody.
_ANYBODY = Watch("", "")


def watch(*watches: Watch) -> None:
    """Give episodes a new mark whenever something is written to these tables. Saying it twice changes nothing."""
    for one in watches:
        before = _watched.get(one.table, ())
        _watched[one.table] = before if one in before else (*before, one)


def watched() -> frozenset[str]:
    """The names of the tables that give episodes a new mark."""
    return frozenset(_watched)


watch(
    Watch("episodes", "id"),
    Watch("episodes", "person_id", of_people),
    Watch("episodes", "joined_to_id"),
    Watch("episode_events"),
    Watch("contact_attempts"),
    Watch("actions"),
    Watch("support_requests", "id", _of_requests),
    Watch("persons", "id", of_people),
    Watch("consents", "person_id", of_people),
)


# An episode's id and its mark, both as the database gives them: to make ids of a whole caseload takes longer than to
# read it. Of an episode without a mark nothing is kept: not everything that is written of it gives it a new one.
Marked = tuple[UUID | str, UUID | str | None]


def id_in(one: Marked) -> UUID:
    """The episode's id."""
    return one[0] if isinstance(one[0], UUID) else id_of(one[0])


def select_marked(*which: ColumnElement[bool], all_followed: bool = False) -> Select[*tuple[Any, ...]]:
    """What `marked` asks for: the episodes for which every condition holds, the longest there first. `all_followed`
    says that they hold for none that closed longer ago than Today follows anybody."""
    return (
        select(*mark_columns(all_followed=all_followed))
        .outerjoin(EpisodeMark, EpisodeMark.id == Episode.id)
        .where(*which)
        .order_by(Episode.created_at, Episode.id)
    )


def mark_columns(*, all_followed: bool = False) -> tuple[ColumnElement[Any], ...]:
    """What `Marked` is made of, for a statement that joins the marks; it is given `marked_since` unless
    `all_followed`."""
    # Of which nothing was written since marks are given: its own id stands for one.
    mark: ColumnElement[UUID] = func.coalesce(EpisodeMark.mark, Episode.id)
    if not all_followed:
        mark = case((_is_marked(bindparam("marked_since", type_=UtcDateTime())), mark))
    return type_coerce(Episode.id, NullType()), type_coerce(mark, NullType())


def may_keep(session: Session) -> bool:
    """Whether anything may be kept under the marks that were read. Asked after they are read, since reading may itself
    write what waits to be written."""
    return not session.info.get(_WRITTEN)


def marked(session: Session, asked: Select[*tuple[Any, ...]], **values: object) -> Sequence[Marked]:
    """The episodes that `asked`, made by `select_marked`, finds by these values, with their marks."""
    rows: Sequence[Marked] = read(session, asked, marked_since=marked_since(), **values)
    return rows if may_keep(session) else [(key, None) for key, _mark in rows]


def _is_marked(since: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Whether an episode gets a new mark: others are on nobody's list, and what brings them back gives them one."""
    return or_(one_of(Episode.state, CASELOAD), Episode.closed_at >= since)


def marked_since() -> datetime:
    """When an episode that gets marks was closed at the earliest (aware). For longer than Today follows anybody, so
    that whoever it still follows gets a mark of each who writes."""
    return clock.now() - FOLLOWED_FOR - timedelta(days=1)


# --- what is written ----------------------------------------------------------------------------------------


def _note_rows(session: Session, _context: object) -> None:
    written: dict[Watch, set[UUID]] = session.info.setdefault(_WRITTEN, defaultdict(set))
    for row in chain(session.new, session.dirty, session.deleted):
        for one in _watched.get(row.__tablename__, ()):
            seen = inspect(row).attrs[one.column]
            values = {*seen.history.deleted, seen.loaded_value}
            # A row that was never read whole does not say to whom it leads, but a new one does.
            unknown = NO_VALUE in values and row not in session.new
            written[_ANYBODY if unknown else one] |= {each for each in values if isinstance(each, UUID)}


def _note_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        statement: Any = state.statement
        if statement.table.name in _watched:
            state.session.info.setdefault(_WRITTEN, defaultdict(set))[_ANYBODY] |= set()


def _mark(session: Session) -> None:
    """Before the transaction commits: a new mark for each episode that was written of."""
    if session.in_nested_transaction():
        # A part of it has ended: marks are given with the whole, all in one order, and held no longer than that.
        return
    session.flush()
    written: Mapping[Watch, set[UUID]] = session.info.get(_WRITTEN, {})
    if not any(written.values()) and _ANYBODY not in written:
        return
    found: ColumnElement[bool] = Episode.id.is_not(None)
    if _ANYBODY not in written:
        ids: set[UUID] = set()
        for one, which in written.items():
            ids |= which if one.leads is None else set(session.scalars(one.leads(which)))
        # One support of somebody's may tell of another: what was added to it, or that they have died.
        people = session.scalars(select(Episode.person_id).where(among(Episode.id, ids)))
        found = or_(among(Episode.id, ids), among(Episode.person_id, set(people)))
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    # In one order, so that no two transactions wait for each other.
    chosen = (
        select(Episode.id, literal(uuid4(), Uuid()))
        .where(found, _is_marked(marked_since()))
        .order_by(Episode.id)
    )
    new = make(EpisodeMark).from_select(["id", "mark"], chosen)
    session.connection().execute(
        new.on_conflict_do_update(index_elements=[EpisodeMark.id], set_={"mark": new.excluded.mark})
    )
    if _ANYBODY in written:
        # Such a statement is how a record is deleted: the mark goes with its episode.
        session.connection().execute(delete(EpisodeMark).where(EpisodeMark.id.not_in(select(Episode.id))))


def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_WRITTEN, None)


event.listen(Session, "after_flush", _note_rows)
event.listen(Session, "do_orm_execute", _note_statement)
event.listen(Session, "before_commit", _mark)
event.listen(Session, "after_transaction_end", _forget)
