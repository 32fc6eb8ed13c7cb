"""What referrals add about an episode: to Today, the person's page and the word back to whoever referred them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, bindparam, case, exists, func, select
from sqlalchemy.orm import Session, aliased, selectinload

from core import clock
from core.calendar.rules import say_day, start_of
from core.db import among, one_of, read, unindexed
from directory import published
from prescribing.episodes.contributions import Contribution, News, Press, Wait
from prescribing.episodes.marks import Watch
from prescribing.episodes.moves import Mover
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent
from prescribing.referrals.models import Attendance, Referral, ReferralEvent, SessionNotice, Signpost
from prescribing.referrals.rules import (
    AGREED,
    AWAITING_START,
    DECLINE_WORDS,
    OFFERED,
    REFERRAL_OPEN,
    Heard,
    ReferralState,
)
from prescribing.referrals.services import CAME_TO_NOTHING, NEWS_FOR
from prescribing.referrals.visits import attended_days
from prescribing.referrals.words import DONE, IN_VAIN, NEWS, OWN_NEWS, say_told

S = ReferralState
# With whom it is, the first of these that anything of a person stands in.
_WAITS: Mapping[ReferralState, tuple[str, str]] = {
    S.REQUESTED: ("A group has been asked. You will hear when it answers.", "Write down its answer"),
    S.ACCEPTED: ("A group said yes. {start}", "See how it stands"),
    S.SCHEDULED: ("A first visit is agreed. {start}", "See how it stands"),
    S.WAITLISTED: ("They are on a waiting list. You will hear when there is room.", "See how it stands"),
}
_WITH_THE_GROUP = frozenset({S.REQUESTED, S.WAITLISTED})
_GONE = "an activity that is no longer listed"


class _Standing(NamedTuple):
    """How one referral stands: its clocks, its last move, and when somebody last wrote down a visit."""

    id: UUID
    episode_id: UUID
    need_id: UUID
    service_id: UUID
    state: ReferralState
    asked_on: date | None
    reply_by: date | None
    start_by: date | None
    target: ReferralState | None
    said_by: Mover | None
    moved_at: datetime | None
    visit_at: datetime | None
    shut_at: datetime | None
    by_person: bool

    @property
    def own(self) -> bool:
        """Whether the person asked for it, and nobody has answered or need answer."""
        return self.by_person and (self.target is S.REQUESTED or self.said_by is Mover.RULE)


class _Notice(NamedTuple):
    """What somebody was told of one session."""

    on: date
    stands: str
    way: Heard | None
    at: datetime


def _of_referrals(ids: Collection[UUID]) -> Select[UUID]:
    return select(Referral.episode_id).where(among(Referral.id, ids))


def _of_services(ids: Collection[UUID]) -> Select[UUID]:
    # People are shown under the name of what their activity was merged into.
    return select(Referral.episode_id).where(Referral.service_id.in_(published.activities_known(ids)))


# The tables of which `contribute` tells; a listing's is there for its name.
WATCHES = (
    Watch("referrals"),
    Watch("referral_events", "referral_id", _of_referrals),
    Watch("attendances", "referral_id", _of_referrals),
    Watch("session_notices", "referral_id", _of_referrals),
    Watch("services", "id", _of_services),
)


def contribute(session: Session, episode_ids: Collection[UUID]) -> Mapping[UUID, Contribution]:
    """How the referrals of these episodes stand, in a bounded number of queries; nothing that is sealed."""
    rows = _standings(session, episode_ids)
    notices = _notices(session, episode_ids)
    now, today = clock.now(), clock.today()
    asking = [row for row in rows if row.id in notices or _asks(row, now, today)]
    names = _names(session, {row.service_id for row in asking})
    news: defaultdict[UUID, list[News]] = defaultdict(list)
    for row in asking:
        name, told = names.get(row.service_id, _GONE), notices.get(row.id, ())
        news[row.episode_id] += _news(row, name, told, now, today)
    by_episode: defaultdict[UUID, list[_Standing]] = defaultdict(list)
    for row in rows:
        by_episode[row.episode_id].append(row)
    found = {}
    for episode_id, its in by_episode.items():
        waiting = [row for row in its if _waits_for_somebody(row, today)]
        found[episode_id] = Contribution(
            moving=bool(waiting),
            wait=_wait(waiting, today),
            news=tuple(news.get(episode_id, ())),
            heard_at=max((at for row in its for at in (row.moved_at, row.visit_at) if at), default=None),
            until=_until(its, notices, now),
        )
    return found


def outcomes(session: Session, episode_ids: Collection[UUID]) -> Mapping[UUID, Contribution]:
    """What came of the referrals of these episodes, in a bounded number of queries."""
    rows = session.scalars(
        select(Referral)
        .where(among(Referral.episode_id, episode_ids), Referral.state != S.ENTERED_IN_ERROR)
        .options(selectinload(Referral.attendances))
        .order_by(Referral.requested_at)
    ).all()
    told = session.execute(
        select(Signpost.episode_id, Signpost.service_id).where(among(Signpost.episode_id, episode_ids))
    ).all()
    names = _names(session, {row.service_id for row in rows} | {service_id for _, service_id in told})
    by_episode: dict[UUID, list[Referral]] = defaultdict(list)
    for row in rows:
        by_episode[row.episode_id].append(row)
    signposts: dict[UUID, list[str]] = defaultdict(list)
    for episode_id, service_id in told:
        signposts[episode_id].append(f"Told about {names.get(service_id, _GONE)}")
    return {
        episode_id: _of(by_episode[episode_id], signposts[episode_id], names)
        for episode_id in {*by_episode, *signposts}
    }


def _names(session: Session, service_ids: Collection[UUID]) -> dict[UUID, str]:
    if not service_ids:
        return {}
    return {one: brief.name for one, brief in published.briefs(session, service_ids).items()}


def _standings(session: Session, episode_ids: Collection[UUID]) -> list[_Standing]:
    """How each referral of these episodes stands, the earliest first, in one query."""
    return list(map(_Standing._make, read(session, _how_they_stand(), ids=episode_ids)))


@cache
def _how_they_stand() -> Select[*tuple[Any, ...]]:
    last = aliased(ReferralEvent)
    last_id = (
        select(ReferralEvent.id)
        .where(ReferralEvent.referral_id == Referral.id)
        .order_by(ReferralEvent.at.desc(), ReferralEvent.id.desc())
        .limit(1)
        .correlate(Referral)
        .scalar_subquery()
    )
    visit_at = (
        select(func.max(Attendance.recorded_at))
        .where(Attendance.referral_id == Referral.id)
        .correlate(Referral)
        .scalar_subquery()
    )
    # As `tiers.taken_back_at` has it, for many at once.
    shut_at = case(
        (one_of(Referral.state, AGREED), _last_taken_back(ConsentPurpose.SHARE_ACCEPTED)),
        (one_of(Referral.state, OFFERED), _last_taken_back(ConsentPurpose.SHARE_OFFER)),
    )
    return (
        select(
            Referral.id,
            Referral.episode_id,
            Referral.need_id,
            Referral.service_id,
            Referral.state,
            Referral.asked_on,
            Referral.reply_by,
            Referral.start_by,
            last.target,
            last.said_by,
            last.at,
            visit_at,
            shut_at,
            Referral.by_person,
        )
        .select_from(Referral)
        .outerjoin(last, last.id == last_id)
        .where(among(Referral.episode_id, "ids"), Referral.state != S.ENTERED_IN_ERROR)
        .order_by(Referral.requested_at)
    )


def _last_taken_back(purpose: ConsentPurpose) -> ScalarSelect[datetime | None]:
    """When what let the group see somebody was last taken back; None while a yes that stood when it was asked holds."""
    live = aliased(Consent)
    # Inside another subquery it must be said that the referral is the outer one, or anybody's yes would hold.
    holds = (
        exists()
        .where(
            live.person_id == Referral.person_id,
            unindexed(live.recipient_id) == Referral.organization_id,
            live.purpose == purpose,
            live.given_at <= Referral.requested_at,
            live.withdrawn_at.is_(None),
        )
        .correlate(Referral)
    )
    return (
        select(func.max(Consent.withdrawn_at))
        .where(
            Consent.person_id == Referral.person_id,
            # A group is told of many, and one person tells few.
            unindexed(Consent.recipient_id) == Referral.organization_id,
            Consent.purpose == purpose,
            Consent.given_at <= Referral.requested_at,
            Consent.withdrawn_at > Referral.requested_at,
            ~holds,
        )
        .correlate(Referral)
        .scalar_subquery()
    )


def _notices(session: Session, episode_ids: Collection[UUID]) -> dict[UUID, list[_Notice]]:
    """What people were told lately of sessions to come, by referral. Where somebody must ring is a task already."""
    rows = read(session, _told_lately(), ids=episode_ids, today=clock.today(), since=clock.now() - NEWS_FOR)
    found: dict[UUID, list[_Notice]] = defaultdict(list)
    for referral_id, on, stands, way, at in rows:
        found[referral_id].append(_Notice(on, stands, way, at))
    return found


@cache
def _told_lately() -> Select[*tuple[Any, ...]]:
    return (
        select(
            SessionNotice.referral_id,
            SessionNotice.on,
            SessionNotice.stands,
            SessionNotice.way,
            SessionNotice.at,
        )
        .join(Referral, Referral.id == SessionNotice.referral_id)
        .where(
            among(Referral.episode_id, "ids"),
            SessionNotice.way.in_((Heard.TEXT, Heard.EMAIL)),
            SessionNotice.on >= bindparam("today"),
            SessionNotice.at > bindparam("since"),
        )
        .order_by(SessionNotice.on, SessionNotice.starts)
    )


def _of(rows: Sequence[Referral], told: Sequence[str], names: Mapping[UUID, str]) -> Contribution:
    addressed: dict[UUID, bool] = {}
    for row in rows:
        helps = row.state in REFERRAL_OPEN or row.state is S.COMPLETED
        addressed[row.need_id] = addressed.get(row.need_id, False) or helps
    return Contribution(
        feedback_lines=(
            *(_line(DONE, row, names) for row in rows if row.state in DONE),
            *dict.fromkeys(told),
        ),
        did_not_work=tuple(_line(IN_VAIN, row, names) for row in rows if row.state in IN_VAIN),
        need_addressed=addressed,
    )


def _line(words: Mapping[ReferralState, str], row: Referral, names: Mapping[UUID, str]) -> str:
    said = words[row.state].format(name=names.get(row.service_id, _GONE))
    if row.state is S.DECLINED and row.decline_reason is not None:
        said = f"{said}: {DECLINE_WORDS[row.decline_reason]}"
    times = len(attended_days(row))
    if times:
        said = f"{said} ({times} {'visit' if times == 1 else 'visits'})"
    return said


def _waits_for_somebody(row: _Standing, today: date) -> bool:
    """Whether it moves without us: a question or a waiting list is out, or a first visit is not overdue. Nothing moves
    where the group sees nothing any more."""
    if row.shut_at is not None:
        return False
    if row.state in AWAITING_START:
        return row.start_by is None or row.start_by >= today
    return row.state in _WITH_THE_GROUP and row.asked_on is None


def _wait(rows: Sequence[_Standing], today: date) -> Wait | None:
    """What is with somebody else, in words that name nobody: what somebody owes us an answer to comes first."""
    for state, (words, press) in _WAITS.items():
        for row in rows:
            if row.state is state:
                start = (
                    f"The first visit should be by {say_day(row.start_by, today)}." if row.start_by else ""
                )
                link = Press(press, "referrals.show", {"referral_id": row.id})
                return Wait(words.format(start=start).strip(), link)
    return None


def _asks(row: _Standing, now: datetime, today: date) -> bool:
    """Whether anything about it is news; what somebody was told stands apart."""
    return _is_news(row, now) or _unanswered(row) or _not_begun(row, today) or _asks_about_shut(row, now)


def _asks_about_shut(row: _Standing, now: datetime) -> bool:
    """Whether somebody must decide what becomes of it: whoever goes there already may just go on."""
    if row.shut_at is None:
        return False
    return row.state is not S.STARTED or now - row.shut_at < NEWS_FOR


def _news(row: _Standing, name: str, notices: Sequence[_Notice], now: datetime, today: date) -> list[News]:
    link, found = {"referral_id": row.id}, []
    show = Press("See how it stands", "referrals.show", link)
    if row.shut_at is not None and _asks_about_shut(row, now):
        text = f"They took back that {name} may know them. Take the referral back, or ask them again."
        return [
            News(text, "referrals.show", link, row.shut_at, press=Press("Decide", "referrals.show", link))
        ]
    if row.target is not None and row.moved_at is not None and _is_news(row, now):
        again = {"episode_id": row.episode_id, "need_id": row.need_id}
        press = (
            Press("Find something else", "referrals.find", again) if row.state in CAME_TO_NOTHING else show
        )
        text = (OWN_NEWS if row.own else NEWS)[row.target].format(name=name)
        found.append(News(text, "referrals.show", link, row.moved_at, press=press))
    if row.reply_by is not None and _unanswered(row):
        text = f"{name} has not answered. Ring them before {say_day(row.reply_by, today)}."
        press = Press("Write down its answer", "referrals.show", link)
        found.append(News(text, "referrals.show", link, _began(row.asked_on), press=press))
    if _not_begun(row, today):
        text = f"Find out whether the first visit to {name} happened."
        press = Press("Write down if they went", "referrals.show", link)
        found.append(News(text, "referrals.show", link, _began(row.start_by), press=press))
    for one in notices:
        text = f"{name}: {say_told(one.way, one.stands, one.on, today)}"
        found.append(News(text, "referrals.show", link, one.at))
    return found


def _began(day: date | None) -> datetime:
    """When what a clock asks for began to be asked: at the start of that day."""
    return start_of(day or clock.today())


def _until(
    rows: Sequence[_Standing], notices: Mapping[UUID, Sequence[_Notice]], now: datetime
) -> datetime | None:
    """When the first of the news of these referrals is old. What else time changes, it changes with the day."""
    told = [row.moved_at for row in rows if row.moved_at is not None and _is_news(row, now)]
    told += [row.shut_at for row in rows if row.shut_at is not None and now - row.shut_at < NEWS_FOR]
    told += [notice.at for row in rows for notice in notices.get(row.id, ())]
    return min(told) + NEWS_FOR if told else None


def _is_news(row: _Standing, now: datetime) -> bool:
    """What a group, a clock or the person themself did lately, and nobody of the team wrote down."""
    by_group_or_clock = row.target in NEWS and row.said_by is None
    return (by_group_or_clock or row.own) and row.moved_at is not None and now - row.moved_at < NEWS_FOR


def _unanswered(row: _Standing) -> bool:
    return row.state is S.REQUESTED and row.asked_on is not None and row.reply_by is not None


def _not_begun(row: _Standing, today: date) -> bool:
    return row.state in AWAITING_START and row.start_by is not None and row.start_by < today
