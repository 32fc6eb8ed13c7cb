"""A group's own lists: its inbox, who is expected at a session, and what a link leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.errors import NotFound
from core.paging import within
from directory import published
from directory.published import Offer
from prescribing.people.queries import consent_facts
from prescribing.referrals.inbox_rules import Part, answer_order, coming_order, part_of
from prescribing.referrals.models import AnswerLink, GroupLink, Referral
from prescribing.referrals.rules import (
    AGREED,
    AWAITING_START,
    REFERRAL_CLOSED,
    REFERRAL_OPEN,
    ReferralState,
)
from prescribing.referrals.scope import is_theirs, link_works, live_link, of_group
from prescribing.referrals.seen import (
    SESSIONS_BACK,
    GroupReferral,
    Sighted,
    opened,
    rows_of,
    seen,
    session_days,
    sighted,
)
from prescribing.referrals.tiers import was_shared_and_taken_back
from prescribing.referrals.visits import Mark

# How many of each part the inbox shows at first, and how many stand on a page of one part.
A_PART = 10
ONE_PART = 20


@dataclass(frozen=True)
class Inbox:
    """A group's referrals: to be answered, coming, and waiting; of each part what is shown, and how many there are.

    `late` counts those that should have been answered by now. `page` of `pages` is that of a part shown alone.
    """

    parts: Mapping[Part, tuple[GroupReferral, ...]]
    counts: Mapping[Part, int]
    late: int
    offers: tuple[Offer, ...]
    page: int
    pages: int

    @property
    def shown(self) -> tuple[GroupReferral, ...]:
        return tuple(one for part in self.parts.values() for one in part)


@dataclass(frozen=True)
class Register:
    """One session of an activity: who is expected, to be marked. `sessions` are the days to choose from, newest
    first. `oldest` is the earliest day that can be marked; `too_old` says that the day asked for cannot."""

    offer: Offer
    on: date | None
    sessions: tuple[date, ...]
    people: tuple[GroupReferral, ...]
    oldest: date
    too_old: bool

    @property
    def marks(self) -> Mapping[UUID, Mark]:
        """What is written down already of this session, by referral."""
        on = self.on
        return {one.id: one.marked[on] for one in self.people if on is not None and on in one.marked}


@dataclass(frozen=True)
class Gone:
    """Why a link leads to nothing: `why` is "unknown", "over", "taken-back" or "closed"; `declined` where the group
    said no, `expired` where it did not answer in time."""

    why: str
    reference: str = ""
    declined: bool = False
    expired: bool = False

    @property
    def status(self) -> int:
        """The status that its page has."""
        if self.why == "unknown":
            return 404
        # Whoever has just said no is thanked; for anybody else the link leads nowhere any more.
        return 200 if self.declined else 410


@dataclass(frozen=True)
class Opened:
    """What a link leads to. `referral` is at the tier of whoever only holds the link, unless they gave the code; where
    the code is asked for, and where all is `gone`, there is none."""

    referral: GroupReferral | None = None
    gone: Gone | None = None
    reference: str = ""
    offer: Offer | None = None
    needs_code: bool = False


def inbox(session: Session, actor: Actor, *, only: Part | None = None, page: int = 1) -> Inbox:
    """All open referrals to the actor's groups of which the group may see something, what presses most first.

    The first of each part, or one page of the part that is asked for alone; a page past the last one is the last. Each
    one shown is a look; nothing is opened of the others.
    """
    parts = _parts(sighted(session, rows_of(session, of_group(actor), Referral.state.in_(REFERRAL_OPEN))))
    page, pages = within(page, len(parts[only]) if only else 0, ONE_PART)
    if only is None:
        shown = {part: found[:A_PART] for part, found in parts.items()}
    else:
        shown = {only: parts[only][(page - 1) * ONE_PART : page * ONE_PART]}
    drawn = {one.id: one for one in opened(session, [each for found in shown.values() for each in found])}
    today = clock.today()
    return Inbox(
        parts={part: tuple(drawn[one.row.id] for one in shown.get(part, ())) for part in Part},
        counts={part: len(found) for part, found in parts.items()},
        late=sum(1 for one in parts[Part.NEW] if one.row.reply_by and one.row.reply_by < today),
        offers=_offers(session, actor),
        page=page,
        pages=pages,
    )


def _offers(session: Session, actor: Actor) -> tuple[Offer, ...]:
    # Of two groups that became one, each has the same.
    mine = sorted(actor.organization_ids(Role.GROUP_MEMBER))
    found = (one for group_id in mine for one in published.offers_of_group(session, group_id))
    return tuple({one.service_id: one for one in found}.values())


def newcomers(session: Session, actor: Actor, service_id: UUID) -> list[GroupReferral]:
    """Who has a first visit agreed at an activity of the actor's group, and has not come yet."""
    ids = published.known_ids(session, service_id)
    rows = rows_of(session, of_group(actor), Referral.service_id.in_(ids), Referral.state.in_(AGREED))
    return [one for one in seen(session, rows) if one.scheduled_for and not one.came]


def _parts(found: list[Sighted]) -> dict[Part, list[Sighted]]:
    parts: dict[Part, list[Sighted]] = {part: [] for part in Part}
    for one in found:
        part = part_of(one.row.state)
        if part is not None:
            parts[part].append(one)
    parts[Part.NEW].sort(key=lambda one: answer_order(one.row.reply_by, one.since))
    parts[Part.COMING].sort(
        key=lambda one: coming_order(one.ask_about, one.row.scheduled_for, one.since, came=one.came > 0)
    )
    parts[Part.WAITING].sort(key=lambda one: (one.activity, one.place or 0))
    return parts


def for_group(session: Session, actor: Actor, referral_id: UUID) -> GroupReferral:
    """One referral to the actor's group. Raises `NotFound` outside, and where the group may see nothing of it."""
    found = seen(session, rows_of(session, of_group(actor), Referral.id == referral_id))
    if not found:
        raise NotFound
    return found[0]


def awaiting(session: Session, actor: Actor, organization_id: UUID) -> int:
    """How many new referrals wait for an answer of this group of the actor's; nothing for another's."""
    found = select(func.count()).where(
        of_group(actor),
        Referral.organization_id.in_(published.groups_known([organization_id])),
        Referral.state == ReferralState.REQUESTED,
    )
    return session.scalar(found) or 0


def register(session: Session, actor: Actor, service_id: UUID, on: date | None = None) -> Register:
    """Who is expected at a session of the actor's group, the latest one unless `on` says. Raises `NotFound`."""
    offer = own_offer(session, actor, service_id)
    days = session_days(session, service_id)
    if on is not None and on not in days:
        days = sorted({*days, on}, reverse=True) if _is_recent(on) else days
    chosen = on if on in days else (days[0] if days else None)
    ids = published.known_ids(session, service_id)
    rows = rows_of(session, of_group(actor), Referral.service_id.in_(ids), Referral.state.in_(AGREED))
    people = [
        one for one in seen(session, rows) if one.known and (chosen is None or not _comes_later(one, chosen))
    ]
    too_old = on is not None and on not in days
    return Register(offer, chosen, tuple(days), tuple(people), clock.today() - SESSIONS_BACK, too_old)


def own_offer(session: Session, actor: Actor, service_id: UUID) -> Offer:
    """An activity of the actor's group. Raises `NotFound` for another's."""
    offer = published.offer(session, service_id)
    if not is_theirs(session, actor, offer.group_id):
        raise NotFound
    return offer


def by_link(session: Session, token: str, unlocked: Mapping[str, datetime]) -> Opened:
    """What a link's holder may see. `unlocked` says until when which links were opened by a code."""
    link = live_link(session, token, AnswerLink)
    if link is None:
        return Opened(gone=Gone("unknown"))
    row = rows_of(session, Referral.id == link.referral_id)[0]
    why = _why_not(session, link, row)
    found = seen(session, [row]) if not why else []
    if not found:
        declined, expired = row.state is ReferralState.DECLINED, row.state is ReferralState.EXPIRED
        return Opened(gone=Gone(why or "taken-back", row.reference, declined=declined, expired=expired))
    one = found[0]
    needs_code = one.known and not is_unlocked(link, unlocked)
    return Opened(
        referral=None if needs_code else one,
        reference=row.reference,
        offer=published.offer(session, row.service_id),
        needs_code=needs_code,
    )


def is_unlocked(link: GroupLink, unlocked: Mapping[str, datetime]) -> bool:
    """Whether whoever holds a link gave its code, and not too long ago."""
    return unlocked.get(str(link.id), clock.now()) > clock.now()


def _why_not(session: Session, link: AnswerLink, row: Referral) -> str:
    # Whoever is asked to delete what it has is told so, though the referral is over with it.
    if row.state is ReferralState.WITHDRAWN and was_shared_and_taken_back(
        consent_facts(session, row.person_id), row.organization_id, asked_at=row.requested_at
    ):
        return "taken-back"
    if row.state in REFERRAL_CLOSED:
        return "closed"
    if link.revoked_at is not None:
        return "taken-back"
    return "" if link_works(link) else "over"


def _comes_later(one: GroupReferral, day: date) -> bool:
    """Whether nobody could expect them on that day yet."""
    if day < one.since and day not in one.marked:
        return True
    return one.scheduled_for is not None and one.state in AWAITING_START and one.scheduled_for > day


def _is_recent(day: date) -> bool:
    return clock.today() - SESSIONS_BACK <= day <= clock.today()
