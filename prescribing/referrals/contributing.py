"""What referrals add about an episode: to Today, the person's page and the word back to whoever referred them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from core import clock
from core.calendar.rules import say_day
from directory import published
from prescribing.episodes.contributions import Contribution, News
from prescribing.referrals.models import Referral, ReferralEvent, Signpost
from prescribing.referrals.rules import (
    AWAITING_START,
    DECLINE_WORDS,
    REFERRAL_OPEN,
    Heard,
    ReferralState,
)
from prescribing.referrals.visits import attended_days
from prescribing.referrals.words import say_told

NEWS_FOR = timedelta(days=14)

S = ReferralState
_NEWS: Mapping[ReferralState, str] = {
    S.ACCEPTED: "{name} said yes.",
    S.WAITLISTED: "{name} put them on the waiting list.",
    S.DECLINED: "{name} said no. Look for something else.",
    S.SCHEDULED: "{name} agreed a first visit.",
    S.STARTED: "The first visit to {name} happened.",
    S.COMPLETED: "They have settled in at {name}.",
    S.EXPIRED: "{name} never answered. Look for something else, or ring them.",
    S.NEVER_STARTED: "{name} says they never came.",
    S.STOPPED: "{name} says they stopped coming.",
}
_DONE: Mapping[ReferralState, str] = {
    S.REQUESTED: "Asked {name}, waiting for its answer",
    S.ACCEPTED: "Referred to {name}, which said yes",
    S.WAITLISTED: "On the waiting list of {name}",
    S.SCHEDULED: "Referred to {name}, first visit agreed",
    S.STARTED: "Goes to {name}",
    S.COMPLETED: "Settled in at {name}",
}
_IN_VAIN: Mapping[ReferralState, str] = {
    S.DECLINED: "{name} could not help",
    S.EXPIRED: "{name} did not answer",
    S.NEVER_STARTED: "{name}: did not start",
    S.STOPPED: "{name}: stopped going",
    S.WITHDRAWN: "{name}: taken back before it started",
}
_GONE = "an activity that is no longer listed"


def contribute(session: Session, episode_ids: Collection[UUID]) -> Mapping[UUID, Contribution]:
    """What the referrals of these episodes say of each, in a bounded number of queries."""
    rows = session.scalars(
        select(Referral)
        .where(Referral.episode_id.in_(episode_ids), Referral.state != S.ENTERED_IN_ERROR)
        .options(
            selectinload(Referral.events),
            selectinload(Referral.attendances),
            selectinload(Referral.notices),
        )
        .order_by(Referral.requested_at)
    ).all()
    told = session.execute(
        select(Signpost.episode_id, Signpost.service_id).where(Signpost.episode_id.in_(episode_ids))
    ).all()
    ids = {row.service_id for row in rows} | {service_id for _, service_id in told}
    names = {one: brief.name for one, brief in published.briefs(session, ids).items()} if ids else {}
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


def _of(rows: Sequence[Referral], told: Sequence[str], names: Mapping[UUID, str]) -> Contribution:
    addressed: dict[UUID, bool] = {}
    for row in rows:
        helps = row.state in REFERRAL_OPEN or row.state is S.COMPLETED
        addressed[row.need_id] = addressed.get(row.need_id, False) or helps
    return Contribution(
        moving=any(_waits_for_somebody(row, clock.today()) for row in rows),
        news=tuple(news for row in rows for news in _news(row, names.get(row.service_id, _GONE))),
        feedback_lines=(
            *(_line(_DONE, row, names) for row in rows if row.state in _DONE),
            *dict.fromkeys(told),
        ),
        did_not_work=tuple(_line(_IN_VAIN, row, names) for row in rows if row.state in _IN_VAIN),
        need_addressed=addressed,
        heard_at=max((at for row in rows for at in _heard(row)), default=None),
    )


def _heard(row: Referral) -> list[datetime]:
    return [*(event.at for event in row.events), *(visit.recorded_at for visit in row.attendances)]


def _line(words: Mapping[ReferralState, str], row: Referral, names: Mapping[UUID, str]) -> str:
    said = words[row.state].format(name=names.get(row.service_id, _GONE))
    if row.state is S.DECLINED and row.decline_reason is not None:
        said = f"{said}: {DECLINE_WORDS[row.decline_reason]}"
    times = len(attended_days(row))
    if times:
        said = f"{said} ({times} {'visit' if times == 1 else 'visits'})"
    return said


def _waits_for_somebody(row: Referral, today: date) -> bool:
    """Whether it moves without us: a question or a waiting list is out, or a first visit is not overdue."""
    if row.state in AWAITING_START:
        return row.start_by is None or row.start_by >= today
    return row.state in {S.REQUESTED, S.WAITLISTED} and row.asked_on is None


def _news(row: Referral, name: str) -> list[News]:
    link = {"referral_id": row.id}
    found = [
        News(_NEWS[event.target].format(name=name), "referrals.show", link, event.at)
        for event in row.events[-1:]
        if event.target in _NEWS and _is_news(event)
    ]
    if row.state is S.REQUESTED and row.asked_on is not None and row.reply_by is not None:
        text = f"{name} has not answered. Ring them before {say_day(row.reply_by, clock.today())}."
        found.append(News(text, "referrals.show", link, clock.now()))
    if row.state in AWAITING_START and row.start_by is not None and row.start_by < clock.today():
        text = f"Find out whether the first visit to {name} happened."
        found.append(News(text, "referrals.show", link, clock.now()))
    return [*found, *_told(row, name)]


def _told(row: Referral, name: str) -> list[News]:
    """What they were told of sessions to come. Where somebody must ring, that is a task already."""
    today = clock.today()
    return [
        News(
            f"{name}: {say_told(one.way, one.off, say_day(one.on, today))}",
            "referrals.show",
            {"referral_id": row.id},
            one.at,
        )
        for one in row.notices
        if one.way in {Heard.TEXT, Heard.EMAIL} and one.on >= today and clock.now() - one.at < NEWS_FOR
    ]


def _is_news(event: ReferralEvent) -> bool:
    """What a group or a clock did lately, and nobody of the team wrote down."""
    by_group_or_clock = event.said_by is None and event.target is not S.WITHDRAWN
    return by_group_or_clock and clock.now() - event.at < NEWS_FOR
