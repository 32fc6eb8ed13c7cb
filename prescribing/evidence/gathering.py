"""Reading what a period is counted from. Unsuppressed, so that only the job may: nothing here reaches a page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from core.access.rules import Actor
from core.calendar.rules import london_day
from core.errors import NotFound
from core.geography import queries as geography
from directory import published
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import ContactAttempt, Episode, EpisodeEvent, RequestSource, SupportRequest
from prescribing.episodes.moves import Event, standing
from prescribing.episodes.rules import EPISODE_CLOSED, EpisodeState
from prescribing.evidence.cube import NOT_KNOWN, Case, Counted, Source, age_group, groups_with
from prescribing.evidence.endings import Setback, ending, setback
from prescribing.evidence.failings import Failed
from prescribing.evidence.lacking import lacks_met
from prescribing.evidence.rules import SETTLE_DAYS, Period, Stage, stages_reached
from prescribing.failures.models import FailureMark
from prescribing.measures import queries as measures
from prescribing.measures.instruments import ONS4
from prescribing.measures.rules import Change, changes, pair
from prescribing.people.models import Partner, PartnerKind, Person
from prescribing.referrals.models import Gap, Referral, ReferralEvent
from prescribing.referrals.rules import ReferralState
from prescribing.residents.models import OfferOfHelp

_SOURCES: Mapping[RequestSource, Source] = {
    RequestSource.SELF: Source.THEMSELVES,
    RequestSource.SOMEONE_ELSE: Source.SOMEONE_CLOSE,
    RequestSource.PARTNER: Source.OTHER_SERVICE,
    RequestSource.PHONE: Source.PHONE,
}


def count_period(session: Session, actor: Actor, period: Period) -> Counted:
    """Everything that a period is counted from, as it stood `SETTLE_DAYS` after the period's end.

    Raises `NotFound` for anybody but the product itself.
    """
    if actor.kind != "system":
        raise NotFound
    as_at = period.end + timedelta(days=SETTLE_DAYS)
    wards = {ward.code: ward for ward in geography.ward_facts(session)}
    quintiles = {
        code: str(ward.deprivation_quintile) if ward.deprivation_quintile else NOT_KNOWN
        for code, ward in wards.items()
    }
    return Counted(
        period=period,
        as_at=as_at,
        cases=_cases(session, period, as_at, quintiles),
        finished=_finished(session, period, as_at),
        instrument=ONS4,
        groups=groups_with(wards),
        ward_quintiles=quintiles,
        names={code: ward.name for code, ward in wards.items()},
        began_to_help=_began_to_help(session, period),
        searches=_searches(session, period),
    )


def first_request(session: Session) -> date | None:
    """The day of the first request ever made."""
    first = session.scalar(select(func.min(Episode.submitted_at)))
    return None if first is None else london_day(first)


def _cases(session: Session, period: Period, as_at: date, quintiles: Mapping[str, str]) -> tuple[Case, ...]:
    rows = session.execute(
        select(Episode.id, SupportRequest.source, Partner.kind, Person.ward_code, Person.age_band)
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .join(Person, Person.id == Episode.person_id)
        .outerjoin(Partner, Partner.id == SupportRequest.partner_id)
        .where(
            Episode.submitted_at >= _around(period.start, -1), Episode.submitted_at < _around(period.end, 2)
        )
        .order_by(Episode.id)
    ).all()
    ids = [row.id for row in rows]
    histories = _episode_histories(session, ids, as_at)
    referrals = _referral_histories(session, ids, as_at)
    talks = _first_talks(session, ids)
    gaps = _gaps(session, ids, as_at)
    failures = _failures(session, ids, as_at)
    cases: list[Case] = []
    for row in rows:
        sent = referrals.get(row.id, ())
        talked = talks.get(row.id)
        stages = stages_reached(
            histories.get(row.id, ()),
            [events for _reason, events in sent],
            talked if talked is not None and talked <= as_at else None,
        )
        if Stage.REQUESTS not in stages or not period.covers(stages[Stage.REQUESTS]):
            continue
        met = {setback(events, reason) for reason, events in sent}
        if row.id in gaps:
            met.add(Setback.NOTHING_FITS)
        setbacks = frozenset(each for each in met if each is not None)
        waiting = any(
            [event.target for event in standing(events)][-1:] == [ReferralState.WAITLISTED]
            for _reason, events in sent
        )
        ward = row.ward_code if row.ward_code in quintiles else NOT_KNOWN
        cases.append(
            Case(
                stages=stages,
                source=_source(row.source, row.kind),
                ward=ward,
                quintile=quintiles.get(ward, NOT_KNOWN),
                age=age_group(row.age_band),
                ending=ending(histories[row.id]),
                setbacks=setbacks,
                failures=failures.get(row.id, ()),
                lacks=lacks_met(setbacks, waiting=waiting),
            )
        )
    return tuple(cases)


def _source(source: RequestSource, partner: PartnerKind | None) -> Source:
    return Source.GP_PRACTICE if partner is PartnerKind.GP_PRACTICE else _SOURCES[source]


def _finished(session: Session, period: Period, as_at: date) -> tuple[Mapping[str, Change], ...]:
    """The changes of everybody who was supported and whose support ended in the period; empty where not known."""
    ids = session.scalars(
        select(Episode.id)
        .where(Episode.closed_at >= _around(period.start, -1), Episode.closed_at < _around(period.end, 2))
        .order_by(Episode.id)
    ).all()
    histories = _episode_histories(session, ids, as_at)
    ended = [episode_id for episode_id in ids if _ended_in(histories.get(episode_id, ()), period)]
    taken = measures.taken_by_episode(session, ended, ONS4.key)
    found: list[Mapping[str, Change]] = []
    for episode_id in ended:
        two = pair([each for each in taken.get(episode_id, ()) if london_day(each.at) <= as_at])
        found.append(
            {change.key: change for change in changes(ONS4, two[0].answers, two[1].answers)} if two else {}
        )
    return tuple(found)


def _ended_in(events: Sequence[Event], period: Period) -> bool:
    kept = standing(events)
    supported = any(event.target == EpisodeState.ACTIVE for event in kept)
    return (
        supported
        and bool(kept)
        and kept[-1].target in EPISODE_CLOSED
        and period.covers(london_day(kept[-1].at))
    )


def _episode_histories(session: Session, ids: Collection[UUID], as_at: date) -> dict[UUID, list[Event]]:
    rows = session.execute(
        select(
            EpisodeEvent.episode_id.label("of"),
            EpisodeEvent.at,
            EpisodeEvent.author,
            EpisodeEvent.source,
            EpisodeEvent.target,
            EpisodeEvent.kind,
        )
        .where(EpisodeEvent.episode_id.in_(ids))
        .order_by(EpisodeEvent.at, EpisodeEvent.id)
    )
    histories: dict[UUID, list[Event]] = defaultdict(list)
    for row in rows:
        if london_day(row.at) <= as_at:
            histories[row.of].append(_event(row))
    return dict(histories)


def _referral_histories(
    session: Session, ids: Collection[UUID], as_at: date
) -> dict[UUID, list[tuple[str | None, list[Event]]]]:
    """By episode: each referral's reason for being declined, if it was, and its history."""
    rows = session.execute(
        select(
            Referral.id.label("of"),
            Referral.episode_id,
            Referral.decline_reason,
            ReferralEvent.at,
            ReferralEvent.author,
            ReferralEvent.source,
            ReferralEvent.target,
            ReferralEvent.kind,
        )
        .join(ReferralEvent, ReferralEvent.referral_id == Referral.id)
        .where(Referral.episode_id.in_(ids))
        .order_by(ReferralEvent.at, ReferralEvent.id)
    )
    histories: dict[UUID, list[Event]] = defaultdict(list)
    whose: dict[UUID, tuple[UUID, str | None]] = {}
    for row in rows:
        if london_day(row.at) <= as_at:
            histories[row.of].append(_event(row))
            whose[row.of] = (row.episode_id, row.decline_reason)
    found: dict[UUID, list[tuple[str | None, list[Event]]]] = defaultdict(list)
    for referral_id, (episode_id, reason) in whose.items():
        found[episode_id].append((reason, histories[referral_id]))
    return dict(found)


def _event(row: Row[*tuple[Any, ...]]) -> Event:
    return Event(at=row.at, author=row.author, source=row.source, target=row.target, kind=row.kind)


def _first_talks(session: Session, ids: Collection[UUID]) -> dict[UUID, date]:
    rows = session.execute(
        select(ContactAttempt.episode_id, func.min(ContactAttempt.at).label("first"))
        .where(ContactAttempt.episode_id.in_(ids), ContactAttempt.outcome == Outcome.TALKED)
        .where(ContactAttempt.mistake_at.is_(None))
        .group_by(ContactAttempt.episode_id)
    )
    return {row.episode_id: london_day(row.first) for row in rows}


def _gaps(session: Session, ids: Collection[UUID], as_at: date) -> frozenset[UUID]:
    rows = session.execute(select(Gap.episode_id, Gap.at).where(Gap.episode_id.in_(ids)))
    return frozenset(row.episode_id for row in rows if row.episode_id and london_day(row.at) <= as_at)


def _failures(session: Session, ids: Collection[UUID], as_at: date) -> dict[UUID, tuple[Failed, ...]]:
    rows = session.execute(
        select(FailureMark.episode_id, FailureMark.kind, FailureMark.cause, FailureMark.minutes)
        .where(FailureMark.episode_id.in_(ids), FailureMark.confirmed, FailureMark.on <= as_at)
        .order_by(FailureMark.id)
    )
    found: dict[UUID, list[Failed]] = defaultdict(list)
    for row in rows:
        found[row.episode_id].append(Failed(row.kind, row.cause, row.minutes))
    return {episode_id: tuple(failed) for episode_id, failed in found.items()}


def _began_to_help(session: Session, period: Period) -> int:
    """People who were helped and first took an active role in the period: only those who agreed to be counted."""
    rows = session.execute(
        select(func.min(OfferOfHelp.started_at).label("first"))
        .where(OfferOfHelp.may_count, OfferOfHelp.started_at.is_not(None))
        .group_by(OfferOfHelp.person_id)
    )
    return sum(1 for row in rows if period.covers(london_day(row.first)))


def _searches(session: Session, period: Period) -> dict[str, int]:
    """Searches in vain by ward, in the weeks that began in the period."""
    found: dict[str, int] = defaultdict(int)
    for each in published.looked_for(session, period.start, until=period.end):
        if each.ward_code is not None:
            found[each.ward_code] += each.in_vain
    return dict(found)


def _around(day: date, days: int) -> datetime:
    """A moment near a day, a little too wide: which day it was in London is decided afterwards."""
    return datetime.combine(day + timedelta(days=days), time(), UTC)
