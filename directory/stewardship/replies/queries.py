"""Reading what groups answered by email."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.errors import NotFound
from directory.listings.models import Service
from directory.stewardship.freshness.links import OpenLink
from directory.stewardship.freshness.models import CheckLink
from directory.stewardship.replies import rules
from directory.stewardship.replies.models import Reply, ReplyState


@dataclass(frozen=True, slots=True)
class WaitingReply:
    """A reply that waits for whoever wrote it. `names` are the listings that it may be about, in their link's order;
    `named` the one of them that it names, or the only one."""

    text: str = field(repr=False)
    received_at: datetime
    dropped: int
    names: dict[UUID, str]
    named: UUID | None

    @property
    def says_all_right(self) -> bool:
        return rules.says_all_right(self.text)


def waiting_reply(session: Session, link: OpenLink) -> WaitingReply:
    """What the holder of the link answered. Raises `NotFound` where nothing waits."""
    row = session.scalar(
        select(Reply).where(Reply.link_id == link.link_id, Reply.state == ReplyState.WAITING).limit(1)
    )
    if row is None or row.text is None:
        raise NotFound
    names = names_of(session, link)
    return WaitingReply(row.text, row.received_at, row.dropped, names, meant(row.text, names))


def names_of(session: Session, link: OpenLink) -> dict[UUID, str]:
    """The listings of a link by their names, in its order."""
    rows = session.execute(select(Service.id, Service.name).where(Service.id.in_(link.service_ids)))
    found = {row.id: row.name for row in rows}
    return {one: found[one] for one in link.service_ids if one in found}


def meant(text: str, names: dict[UUID, str]) -> UUID | None:
    """The listing that a reply is about: the only one, or the one that it names."""
    return next(iter(names)) if len(names) == 1 else rules.named_in(text, names)


def is_known(session: Session, letter_index: str) -> bool:
    """Whether this letter came before."""
    return session.scalar(select(Reply.id).where(Reply.letter_index == letter_index)) is not None


def was_told_late(session: Session, link_id: UUID) -> bool:
    """Whether somebody who answered this link's email too late was told so."""
    late = select(Reply.id).where(Reply.link_id == link_id, Reply.state == ReplyState.LATE)
    return session.scalar(late.limit(1)) is not None


def waiting_for_update(session: Session, link_id: UUID | None = None) -> Sequence[tuple[Reply, CheckLink]]:
    """Every reply that waits, or those of one link, each row held, for services."""
    wanted = (
        select(Reply, CheckLink)
        .join(CheckLink, CheckLink.id == Reply.link_id)
        .where(Reply.state == ReplyState.WAITING)
        .order_by(Reply.received_at, Reply.id)
        .with_for_update(of=Reply)
    )
    if link_id is not None:
        wanted = wanted.where(Reply.link_id == link_id)
    return [(reply, link) for reply, link in session.execute(wanted)]
