"""What a group sees: the smallest set of fields of the referrals to it, each by its tier."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import clock
from core.access.rules import Actor, Role
from core.calendar.rules import london_day, say_day
from core.errors import NotFound
from core.geography.queries import ward_names
from directory import published
from directory.published import Offer
from prescribing.people.consent import ConsentFacts
from prescribing.people.models import Consent, Person
from prescribing.people.rules import AgeBand
from prescribing.referrals.models import AnswerLink, Referral
from prescribing.referrals.rules import (
    AGREED,
    AWAITING_START,
    OFFERED,
    REFERRAL_CLOSED,
    REFERRAL_OPEN,
    REFERRAL_WORDS,
    ReferralState,
)
from prescribing.referrals.scope import link_works, live_link, of_group
from prescribing.referrals.tiers import Tier, group_tier, visible
from prescribing.referrals.visits import Mark, attended_days, present_rows
from prescribing.referrals.waiting_rules import in_line
from prescribing.referrals.words import name_for_group

SESSIONS_BACK = timedelta(days=35)
MOST_SESSIONS = 6


@dataclass(frozen=True)
class GroupReferral:
    """One referral as its group may see it. `fields` holds what its tier shows, and nothing else stands beside it but
    what the group itself said or did: the state, the first visit that it agreed, and the days that it marked.

    `since` is the day on which it was sent; `marked` says by day whether they came and brought somebody; `ask_about` is
    the last session for which nothing is marked yet. On a waiting list, `place` is 1 for whoever comes next.
    """

    id: UUID
    version: int
    reference: str
    service_id: UUID
    activity: str
    state: ReferralState
    tier: Tier
    fields: Mapping[str, str]
    reply_by: date | None
    scheduled_for: date | None
    since: date
    marked: Mapping[date, Mark]
    came: int
    ask_about: date | None
    waiting_since: date | None = None
    place: int | None = None

    @property
    def said(self) -> str:
        return REFERRAL_WORDS[self.state]

    @property
    def awaits_answer(self) -> bool:
        return self.state in OFFERED

    @property
    def is_new(self) -> bool:
        return self.state is ReferralState.REQUESTED

    @property
    def needs_fair_reason(self) -> bool:
        """Whether others have waited longer for the same activity."""
        return self.place is not None and self.place > 1

    @property
    def may_schedule(self) -> bool:
        return self.state in AWAITING_START

    @property
    def known(self) -> bool:
        """Whether the group may see who it is."""
        return self.tier is Tier.ACCEPTED

    @property
    def who(self) -> str:
        """What to call them: a name where it may be known, else what they are like."""
        if self.known:
            return self.fields.get("preferred_name") or "Somebody"
        where = f" in {self.fields['ward']}" if self.fields.get("ward") else ""
        band = self.fields.get("age_band", "")
        return f"Somebody{f' aged {band}' if band else ''}{where}"


@dataclass(frozen=True)
class Inbox:
    """A group's referrals: to be answered, waiting, and coming."""

    new: tuple[GroupReferral, ...]
    waiting: tuple[GroupReferral, ...]
    coming: tuple[GroupReferral, ...]
    offers: tuple[Offer, ...]

    @property
    def shown(self) -> tuple[GroupReferral, ...]:
        return (*self.new, *self.waiting, *self.coming)


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
class Opened:
    """What a link leads to. `why_not` says why there is nothing to see: "unknown", "over", "taken-back" or "closed".

    `referral` is at the tier of whoever only holds the link, unless they gave the code.
    """

    link_id: UUID | None
    referral: GroupReferral | None
    why_not: str
    reference: str
    offer: Offer | None
    state: ReferralState | None
    needs_code: bool


def inbox(session: Session, actor: Actor) -> Inbox:
    """All open referrals to the actor's groups of which the group may see something. Each one shown is a look."""
    rows = _rows(session, of_group(actor), Referral.state.in_(REFERRAL_OPEN))
    seen = _seen(session, rows)
    offers = [
        one
        for group_id in sorted(actor.organization_ids(Role.GROUP_MEMBER))
        for one in published.offers_of_group(session, group_id)
    ]
    return Inbox(
        new=tuple(one for one in seen if one.state is ReferralState.REQUESTED),
        waiting=tuple(
            sorted(
                (one for one in seen if one.state is ReferralState.WAITLISTED),
                key=lambda one: (one.activity, one.place or 0),
            )
        ),
        coming=tuple(one for one in seen if one.state in AGREED),
        offers=tuple(offers),
    )


def for_group(session: Session, actor: Actor, referral_id: UUID) -> GroupReferral:
    """One referral to the actor's group. Raises `NotFound` outside, and where the group may see nothing of it."""
    found = _seen(session, _rows(session, of_group(actor), Referral.id == referral_id))
    if not found:
        raise NotFound
    return found[0]


def place_in_line(session: Session, referral: Referral) -> int:
    """The place of somebody on the waiting list of an activity, 1 for whoever comes next; others of whom the group may
    see nothing now do not count."""
    places = _places(session, {referral.service_id})
    return places[referral.id][0] if referral.id in places else 1


def awaiting(session: Session, actor: Actor, organization_id: UUID) -> int:
    """How many new referrals wait for an answer of this group of the actor's; nothing for another's."""
    found = select(func.count()).where(
        of_group(actor),
        Referral.organization_id == organization_id,
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
    rows = _rows(session, of_group(actor), Referral.service_id.in_(ids), Referral.state.in_(AGREED))
    people = [
        one for one in _seen(session, rows) if one.known and (chosen is None or not _comes_later(one, chosen))
    ]
    too_old = on is not None and on not in days
    return Register(offer, chosen, tuple(days), tuple(people), clock.today() - SESSIONS_BACK, too_old)


def own_offer(session: Session, actor: Actor, service_id: UUID) -> Offer:
    """An activity of the actor's group. Raises `NotFound` for another's."""
    offer = published.offer(session, service_id)
    groups = published.known_group_ids(session, offer.group_id)
    if groups.isdisjoint(actor.organization_ids(Role.GROUP_MEMBER)):
        raise NotFound
    return offer


def by_link(session: Session, token: str, opened: Mapping[str, datetime]) -> Opened:
    """What a link's holder may see. `opened` says until when which links were opened by a code."""
    link = live_link(session, token)
    if link is None:
        return Opened(None, None, "unknown", "", None, None, False)
    row = _rows(session, Referral.id == link.referral_id)[0]
    offer = published.offer(session, row.service_id)
    why = _why_not(link, row)
    seen = _seen(session, [row]) if not why else []
    if not seen:
        return Opened(link.id, None, why or "taken-back", row.reference, offer, row.state, False)
    one = seen[0]
    has_code = opened.get(str(link.id), clock.now()) > clock.now()
    if one.known and not has_code:
        return Opened(link.id, None, "", row.reference, offer, row.state, True)
    return Opened(link.id, one, "", row.reference, offer, row.state, False)


def session_days(session: Session, service_id: UUID) -> list[date]:
    """The days of an activity's latest sessions up to today, newest first, without those that were off."""
    return _session_days(session, [service_id]).get(service_id, [])


def _session_days(session: Session, service_ids: Collection[UUID]) -> dict[UUID, list[date]]:
    today = clock.today()
    found = published.sessions_of_many(session, service_ids, today - SESSIONS_BACK, today)
    days = {
        service_id: {london_day(one.start) for one in sessions if not one.cancelled}
        for service_id, sessions in found.items()
    }
    return {service_id: sorted(each, reverse=True)[:MOST_SESSIONS] for service_id, each in days.items()}


def _why_not(link: AnswerLink, row: Referral) -> str:
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


def _rows(session: Session, *which: object) -> Sequence[Referral]:
    return session.scalars(
        select(Referral)
        .where(*which)  # type: ignore[arg-type]
        .options(
            joinedload(Referral.person), selectinload(Referral.attendances), selectinload(Referral.events)
        )
        .order_by(Referral.requested_at, Referral.id)
    ).all()


def _seen(session: Session, rows: Sequence[Referral]) -> list[GroupReferral]:
    """Those of the rows of which the group may see something, each at its tier, in a bounded number of queries."""
    if not rows:
        return []
    facts = _consents(session, {row.person_id for row in rows})
    offers = published.offers(session, {row.service_id for row in rows})
    wards = ward_names(session, sorted({row.person.ward_code for row in rows if row.person.ward_code}))
    days = _session_days(session, {row.service_id for row in rows if row.state in AGREED})
    now = clock.now()
    waited_for = {row.service_id for row in rows if row.state is ReferralState.WAITLISTED}
    places = _places(session, waited_for) if waited_for else {}
    found: list[GroupReferral] = []
    for row in rows:
        tier = _tier(row, facts, now)
        if tier is None or row.service_id not in offers:
            continue
        activity = offers[row.service_id].name
        record = _record(row, row.person, activity, wards.get(row.person.ward_code or "", ""))
        one = _for_group(row, tier, record, activity, days.get(row.service_id, []))
        if row.id in places:
            place, since = places[row.id]
            one = replace(one, place=place, waiting_since=since)
        found.append(one)
    return found


def _tier(row: Referral, facts: Mapping[UUID, Iterable[ConsentFacts]], now: datetime) -> Tier | None:
    return group_tier(
        row.state,
        facts.get(row.person_id, ()),
        row.organization_id,
        now,
        asked_at=row.requested_at,
        flagged_for_safety=row.person.flagged_for_safety,
    )


def _places(session: Session, service_ids: Collection[UUID]) -> dict[UUID, tuple[int, date]]:
    """By referral on the waiting list of one of these activities, its place and the day since which it waits."""
    rows = session.scalars(
        select(Referral)
        .where(Referral.service_id.in_(service_ids), Referral.state == ReferralState.WAITLISTED)
        .options(joinedload(Referral.person), selectinload(Referral.events))
    ).all()
    facts, now = _consents(session, {row.person_id for row in rows}), clock.now()
    lines: dict[UUID, list[tuple[UUID, datetime]]] = {}
    since: dict[UUID, datetime] = {}
    for row in rows:
        if _tier(row, facts, now) is not None:
            # Whoever is still waited for, though opened again by mistake, keeps the place of the first time.
            since[row.id] = min(event.at for event in row.events if event.target is ReferralState.WAITLISTED)
            lines.setdefault(row.service_id, []).append((row.id, since[row.id]))
    return {
        one: (place, london_day(since[one]))
        for line in lines.values()
        for place, one in enumerate(in_line(line), start=1)
    }


def _for_group(
    row: Referral, tier: Tier, record: Mapping[str, str], activity: str, days: Iterable[date]
) -> GroupReferral:
    marked = {on: Mark(one.presence, one.brought_someone) for on, one in present_rows(row).items()}
    since = row.requested_at.astimezone(clock.LONDON).date()
    # Nobody was expected before the group said yes, nor before the first visit that it agreed.
    agreed = (event.at for event in row.events if event.target is ReferralState.ACCEPTED)
    expected = row.scheduled_for or max((london_day(at) for at in agreed), default=since)
    unmarked = (day for day in days if day not in marked and day >= expected)
    return GroupReferral(
        id=row.id,
        version=row.version,
        reference=row.reference,
        service_id=row.service_id,
        activity=activity,
        state=row.state,
        tier=tier,
        fields={name: text for name, text in visible(tier, record).items() if text},
        reply_by=row.reply_by,
        scheduled_for=row.scheduled_for,
        since=since,
        marked=marked,
        came=len(attended_days(row)),
        ask_about=next(iter(unmarked), None) if row.state in AGREED else None,
    )


def _record(row: Referral, person: Person, activity: str, ward: str) -> dict[str, str]:
    """The referral and its person by field; what of it leaves is for the tier to say."""
    band = person.age_band or ""
    return {
        "reference": row.reference,
        "service": activity,
        "ward": ward,
        "age_band": "" if band == AgeBand.UNKNOWN else band,
        "communication_words": row.communication_words or "",
        "access_words": row.access_words or "",
        "safe_yes_words": row.safe_yes_words or "",
        "goal_words": row.goal_words or "",
        "preferred_name": name_for_group(person.name or "", person.preferred_name or ""),
        "agreed_contact": row.agreed_contact or "",
        "risk_summary": row.risk_summary or "",
        "heads_up": row.heads_up or "",
        "reply_by": say_day(row.reply_by, clock.today()) if row.reply_by else "",
    }


def _consents(session: Session, person_ids: set[UUID]) -> dict[UUID, list[ConsentFacts]]:
    found: dict[UUID, list[ConsentFacts]] = {}
    for row in session.scalars(select(Consent).where(Consent.person_id.in_(person_ids))):
        facts = ConsentFacts(row.recipient_id, row.purpose, row.given_at, row.until, row.withdrawn_at)
        found.setdefault(row.person_id, []).append(facts)
    return found
