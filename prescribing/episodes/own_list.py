"""What a partner's people sent between them, a page at a time: narrowed by where it stands, by who sent it, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, select, true
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from core.access.rules import Actor
from core.paging import within
from prescribing.episodes.content import RequestContent, from_text
from prescribing.episodes.models import Episode, SupportRequest
from prescribing.episodes.outside import REFERRER_WORDS
from prescribing.episodes.rules import EPISODE_CLOSED, EpisodeState
from prescribing.episodes.scope import sent_by
from prescribing.people.rules import is_called

PAGE = 25
# Names are encrypted, so looking for one reads what was sent, the latest first, and no more than this.
MOST_READ = 2_000
_ASKS = (EpisodeState.DRAFT, EpisodeState.NEEDS_INFO)
# What was added to a support that the person had stands where that stands.
_support = aliased(Episode)
_stands = func.coalesce(_support.state, Episode.state)


class Which(StrEnum):
    """Which of the requests to show."""

    ALL = "all"
    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"


_WANTED: Mapping[Which, ColumnElement[bool]] = MappingProxyType(
    {
        Which.ALL: true(),
        Which.WAITING: _stands.in_(_ASKS),
        Which.OPEN: _stands.not_in([*EPISODE_CLOSED, *_ASKS]),
        Which.CLOSED: _stands.in_(EPISODE_CLOSED),
    }
)


@dataclass(frozen=True)
class OwnRequestLine:
    """A partner's own request on its list."""

    id: UUID
    reference: str
    name: str
    said: str
    state: EpisodeState
    sent_at: datetime | None
    sent_by: str
    has_feedback: bool

    @property
    def asks(self) -> bool:
        """Whether it waits for the partner."""
        return self.state in _ASKS


@dataclass(frozen=True)
class OwnPage:
    """One page of the list. `counts` says how many there are of each kind, whatever is shown."""

    lines: tuple[OwnRequestLine, ...]
    page: int
    pages: int
    found: int
    counts: Mapping[Which, int]


def own_page(
    session: Session,
    actor: Actor,
    *,
    which: Which = Which.ALL,
    words: str = "",
    mine: bool = False,
    page: int = 1,
) -> OwnPage:
    """What the actor's partner bodies sent: first what waits for them, then the newest.

    `words` are of a name or a reference; `mine` leaves only what the actor sent. Whoever shows it audits the look.
    """
    scope = and_(sent_by(actor), SupportRequest.submitted_by_id == actor.account_id if mine else true())
    counts = _counts(session, scope)
    rows = _rows(scope, _WANTED[which])
    if words.strip():
        read = session.scalars(rows.limit(MOST_READ)).all()
        hits = [row for row in read if is_called(words, _content(row).name, (row.reference,))]
        found, pages, number = _paged(len(hits), page)
        shown = hits[(number - 1) * PAGE : number * PAGE]
    else:
        found, pages, number = _paged(counts[which], page)
        shown = list(session.scalars(rows.limit(PAGE).offset((number - 1) * PAGE)))
    return OwnPage(tuple(_line(row) for row in shown), number, pages, found, counts)


def _rows(scope: ColumnElement[bool], wanted: ColumnElement[bool]) -> Select[Episode]:
    return (
        select(Episode)
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .where(scope, wanted)
        .options(joinedload(Episode.support_request))
        .outerjoin(_support, _support.id == Episode.joined_to_id)
        .options(contains_eager(Episode.joined_to.of_type(_support)))
        .order_by(case((_stands.in_(_ASKS), 0), else_=1), Episode.created_at.desc(), Episode.id.desc())
    )


def _counts(session: Session, scope: ColumnElement[bool]) -> Mapping[Which, int]:
    rows = session.execute(
        select(_stands, func.count())
        .select_from(Episode)
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .outerjoin(_support, _support.id == Episode.joined_to_id)
        .where(scope)
        .group_by(_stands)
    )
    by_state = {state: count for state, count in rows}  # noqa: C416 - rows are no pairs to the checker
    waiting = sum(by_state.get(state, 0) for state in _ASKS)
    closed = sum(by_state.get(state, 0) for state in EPISODE_CLOSED)
    everything = sum(by_state.values())
    return {
        Which.ALL: everything,
        Which.WAITING: waiting,
        Which.OPEN: everything - waiting - closed,
        Which.CLOSED: closed,
    }


def _paged(found: int, page: int) -> tuple[int, int, int]:
    page, pages = within(page, found, PAGE)
    return found, pages, page


def _content(row: Episode) -> RequestContent:
    return from_text(row.support_request.content or '{"name": ""}')


def _line(row: Episode) -> OwnRequestLine:
    content = _content(row)
    return OwnRequestLine(
        id=row.support_request_id,
        reference=row.reference,
        name=content.name,
        said=REFERRER_WORDS[row.standing.state],
        state=row.standing.state,
        sent_at=row.submitted_at,
        sent_by=content.referrer_name,
        has_feedback=row.feedback_sent_at is not None,
    )
