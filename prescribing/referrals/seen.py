"""What a group sees of a referral: the smallest set of fields, by its tier. Only of those that are drawn is anything
sealed read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import clock
from core.calendar.rules import london_day, say_day
from core.geography.queries import ward_names
from directory import published
from prescribing.people.consent import ConsentFacts
from prescribing.people.models import Person
from prescribing.people.queries import consent_facts_of
from prescribing.people.rules import AgeBand
from prescribing.referrals.inbox_rules import asks_about_visit
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import (
    AGREED,
    AWAITING_START,
    OFFERED,
    REFERRAL_WORDS,
    SESSION_ON,
    ReferralState,
)
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
class Sighted:
    """A referral of which its group may see something, before any of that is opened: enough to put many in order."""

    row: Referral
    tier: Tier
    activity: str
    since: date
    marked: Mapping[date, Mark]
    came: int
    ask_about: date | None
    place: int | None
    waiting_since: date | None


def rows_of(session: Session, *which: object) -> Sequence[Referral]:
    """Referrals with what a group's pages ask of them, the oldest first."""
    return session.scalars(
        select(Referral)
        .where(*which)  # type: ignore[arg-type]
        .options(
            joinedload(Referral.person),
            selectinload(Referral.attendances),
            selectinload(Referral.events),
            selectinload(Referral.notices),
        )
        .order_by(Referral.requested_at, Referral.id)
    ).all()


def sighted(session: Session, rows: Sequence[Referral]) -> list[Sighted]:
    """Those of the rows of which the group may see something, in a bounded number of queries."""
    if not rows:
        return []
    facts = consent_facts_of(session, {row.person_id for row in rows})
    offers = published.offers(session, {row.service_id for row in rows})
    over = _sessions_over(session, {row.service_id for row in rows if row.state in AGREED})
    now = clock.now()
    waited_for = {row.service_id for row in rows if row.state is ReferralState.WAITLISTED}
    places = _places(session, waited_for) if waited_for else {}
    found: list[Sighted] = []
    for row in rows:
        tier = _tier(row, facts, now)
        if tier is None or row.service_id not in offers:
            continue
        marked = {on: Mark(one.presence, one.brought_someone) for on, one in present_rows(row).items()}
        place, waiting_since = places.get(row.id, (None, None))
        found.append(
            Sighted(
                row=row,
                tier=tier,
                activity=offers[row.service_id].name,
                since=london_day(row.requested_at),
                marked=marked,
                came=len(attended_days(row)),
                ask_about=_ask_about(row, marked, over.get(row.service_id, {})),
                place=place,
                waiting_since=waiting_since,
            )
        )
    return found


def opened(session: Session, found: Sequence[Sighted]) -> list[GroupReferral]:
    """What the group is shown of each: every one is a look."""
    codes = {one.row.person.ward_code for one in found}
    wards = ward_names(session, sorted(code for code in codes if code))
    return [_for_group(one, wards.get(one.row.person.ward_code or "", "")) for one in found]


def seen(session: Session, rows: Sequence[Referral]) -> list[GroupReferral]:
    """Those of the rows of which the group may see something, each at its tier, in a bounded number of queries."""
    return opened(session, sighted(session, rows))


def place_in_line(session: Session, referral: Referral) -> int:
    """The place of somebody on the waiting list of an activity, 1 for whoever comes next; others of whom the group may
    see nothing now do not count."""
    places = _places(session, {referral.service_id})
    return places[referral.id][0] if referral.id in places else 1


def session_days(session: Session, service_id: UUID) -> list[date]:
    """The days of an activity's latest sessions up to today, newest first, without those that were off."""
    return list(_latest(session, [service_id]).get(service_id, {}))[:MOST_SESSIONS]


def _latest(session: Session, service_ids: Collection[UUID]) -> dict[UUID, dict[date, datetime]]:
    """By activity, the days of its latest sessions up to today, newest first, without those that were off; and when
    the last session of each day ends."""
    today = clock.today()
    found = published.sessions_of_many(session, service_ids, today - SESSIONS_BACK, today)
    days: dict[UUID, dict[date, datetime]] = {}
    for service_id, sessions in found.items():
        on = sorted((one for one in sessions if not one.cancelled), key=lambda one: one.finish)
        ends = {london_day(one.start): one.finish for one in on}
        days[service_id] = {day: ends[day] for day in sorted(ends, reverse=True)}
    return days


def _sessions_over(session: Session, service_ids: Collection[UUID]) -> dict[UUID, dict[date, datetime]]:
    """As `_latest`, without a day on which a session is still to end."""
    now = clock.now()
    return {
        service_id: dict([(day, end) for day, end in ends.items() if end <= now][:MOST_SESSIONS])
        for service_id, ends in _latest(session, service_ids).items()
    }


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
    facts, now = consent_facts_of(session, {row.person_id for row in rows}), clock.now()
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


def _ask_about(row: Referral, marked: Mapping[date, Mark], over: Mapping[date, datetime]) -> date | None:
    """The first visit that was agreed, on whatever day; else the latest session that is over and for which nothing is
    marked yet. `over` says by day when it ended, the newest first."""
    if row.state not in AGREED:
        return None
    visit, today = row.scheduled_for, clock.today()
    if row.state is ReferralState.SCHEDULED and visit is not None and visit not in marked:
        off = {one.on for one in row.notices if one.stands != SESSION_ON}
        if asks_about_visit(visit, off, oldest=today - SESSIONS_BACK, today=today):
            return visit
    # Nobody was expected before the group said yes, nor before the first visit that it agreed.
    agreed = max(
        (event.at for event in row.events if event.target is ReferralState.ACCEPTED), default=row.requested_at
    )
    first = visit or london_day(agreed)
    return next(
        (day for day, ended in over.items() if day not in marked and day >= first and ended > agreed), None
    )


def _for_group(one: Sighted, ward: str) -> GroupReferral:
    row = one.row
    record = _record(row, row.person, one.activity, ward)
    return GroupReferral(
        id=row.id,
        version=row.version,
        reference=row.reference,
        service_id=row.service_id,
        activity=one.activity,
        state=row.state,
        tier=one.tier,
        fields={name: text for name, text in visible(one.tier, record).items() if text},
        reply_by=row.reply_by,
        scheduled_for=row.scheduled_for,
        since=one.since,
        marked=one.marked,
        came=one.came,
        ask_about=one.ask_about,
        waiting_since=one.waiting_since,
        place=one.place,
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
