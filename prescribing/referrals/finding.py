"""Choosing an activity for a need: what is near, why it fits, and whether it has room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.errors import NotFound
from core.paging import within
from directory import published
from directory.published import Answer, Criteria, Offer, Weekday
from prescribing.episodes import queries as episodes
from prescribing.episodes.models import Goal, Need
from prescribing.episodes.needs import NEED_OPEN
from prescribing.episodes.queries import EpisodeBrief, NeedView
from prescribing.people.queries import PersonRecord
from prescribing.people.rules import say_needs
from prescribing.people.safe_contact import SafeContact, may_text
from prescribing.referrals.audience_rules import Who
from prescribing.referrals.fit import Earlier, Fit, judge
from prescribing.referrals.matching_rules import Candidate, History, days_since, rank
from prescribing.referrals.models import Gap, Referral, Signpost
from prescribing.referrals.rules import AGREED, JOIN_WORDS, JoinMode, ReferralState
from prescribing.referrals.words import Words, name_for_group

# So many of what was found are weighed against each other at a time, and so many stand on a page.
WEIGHED = 40
SHOWN = 10

S = ReferralState
# How a referral ended that says whether people who are referred there start.
STARTED: frozenset[ReferralState] = frozenset({S.STARTED, S.COMPLETED, S.STOPPED})
NOT_STARTED: frozenset[ReferralState] = frozenset({S.DECLINED, S.EXPIRED, S.NEVER_STARTED})


@dataclass(frozen=True)
class Option:
    """One activity that may help: when, where and how, why it fits, and what to ask first. `told` says that the
    person was told about it, `earlier` what became of it when they were last referred there."""

    offer: Offer
    when: str
    far: str
    how_to_join: str
    turn_up: bool
    fit: Fit
    told: bool
    earlier: Earlier | None = None

    @property
    def may_refer(self) -> bool:
        return not self.fit.stops


@dataclass(frozen=True)
class Choice:
    """What could help with one need. `near` says where distances are from; `gap_kept` that a gap was written down."""

    episode: EpisodeBrief
    need: NeedView
    options: tuple[Option, ...]
    total: int
    page: int
    pages: int
    near: str
    relaxed: str
    gap_kept: bool


@dataclass(frozen=True)
class Sending:
    """What the page shows on which a need is sent to an activity."""

    episode: EpisodeBrief
    need: NeedView
    option: Option
    join_mode: JoinMode

    @property
    def person(self) -> PersonRecord:
        return self.episode.person

    @property
    def name_shown(self) -> str:
        """What the group learns to call them once it says yes."""
        return name_for_group(self.person.name, self.person.preferred_name)


def need_of(session: Session, actor: Actor, episode_id: UUID, need_id: UUID) -> tuple[EpisodeBrief, NeedView]:
    """A need and its episode, of the actor's team. Raises `NotFound` outside, and where the two are apart."""
    need = episodes.need(session, actor, need_id)
    if need.episode_id != episode_id:
        raise NotFound
    return episodes.brief(session, actor, episode_id), need


def choose(
    session: Session,
    actor: Actor,
    episode_id: UUID,
    need_id: UUID,
    *,
    q: str = "",
    day: Weekday | None = None,
    time: str = "",
    cost: str = "",
    radius_km: float | None = None,
    page: int = 1,
) -> Choice:
    """Activities for a need, what suits best first (`matching_rules`). The nearest `WEIGHED` of what was found are
    weighed against each other, then the next. `time` and `cost` are values of the directory's facets. Raises
    `NotFound` outside the team."""
    episode, need = need_of(session, actor, episode_id, need_id)
    person = episode.person
    found = published.search(
        session,
        Criteria(
            q=q,
            place=person.postcode or person.ward_name,
            radius_km=radius_km,
            chosen=published.chosen_of(
                need=need.slug, day=day.value if day else (), time=time or (), cost=cost or ()
            ),
            page=1 + (page - 1) * SHOWN // WEIGHED,
        ),
        size=WEIGHED,
    )
    facts = _facts(session, person, episode.id, [answer.card.id for answer in found.answers])
    first = (page - 1) * SHOWN % WEIGHED
    return Choice(
        episode=episode,
        need=need,
        options=tuple(_ranked(need, found.answers, facts)[first : first + SHOWN]),
        total=found.total,
        page=page,
        pages=within(page, found.total, SHOWN)[1],
        near=person.ward_name if found.place is not None else "",
        relaxed=found.relaxed,
        gap_kept=_gap_kept(session, episode.id, need.slug),
    )


def sending(session: Session, actor: Actor, episode_id: UUID, need_id: UUID, service_id: UUID) -> Sending:
    """What is known before a need is sent to one activity. Raises `NotFound`."""
    episode, need = need_of(session, actor, episode_id, need_id)
    option = option_for(session, episode.person, episode_id, need.slug, service_id)
    return Sending(episode, need, option, JoinMode(option.offer.join_mode))


def option_for(
    session: Session, person: PersonRecord, episode_id: UUID, need_slug: str, service_id: UUID
) -> Option:
    """One activity, and how it suits a person whom the caller may see. Raises `NotFound`."""
    facts = _facts(session, person, episode_id, [service_id])
    offer = facts.offers.get(service_id)
    if offer is None:
        raise NotFound
    cards = published.cards(session, [offer.service_id], today=clock.today())
    card = cards[0] if cards else None
    return _option(
        service_id,
        need_slug,
        facts,
        when=offer.next_words,
        free=card is not None and card.is_free,
        confirmed_at=card.confirmed_at if card is not None else None,
    )


def offer_of(session: Session, service_id: UUID) -> Offer:
    """One activity, whatever its status. Raises `NotFound`."""
    return published.offer(session, service_id)


def first_words(session: Session, about: Sending) -> Words:
    """What is written down already, to be agreed with the person word by word."""
    person = about.person
    goals = session.scalars(
        select(Goal)
        .where(Goal.episode_id == about.episode.id, Goal.need_id == about.need.id, Goal.met_at.is_(None))
        .order_by(Goal.created_at)
    )
    return Words(
        goal=". ".join(goal.words or "" for goal in goals),
        access=person.access_needs,
        communication=say_needs(person.communication_needs, "", person.interpreter),
        risk_summary=person.risk_summary or ("No known risks" if person.no_known_risks else ""),
        agreed_contact=safe_way(person.contact, person.mobile),
    )


@dataclass(frozen=True)
class _Facts:
    who: Who
    offers: Mapping[UUID, Offer]
    taken: Mapping[UUID, int]
    started: Mapping[UUID, int]
    not_started: Mapping[UUID, int]
    earlier: Mapping[UUID, Earlier]
    told: frozenset[UUID]


def _facts(session: Session, person: PersonRecord, episode_id: UUID, ids: Collection[UUID]) -> _Facts:
    access = tuple(
        text for text in (person.access_needs, person.communication_needs, person.interpreter) if text.strip()
    )
    names = published.known_as(session, ids)
    today = {name: one for one, each in names.items() for name in each}
    states = session.execute(
        select(Referral.service_id, Referral.state, func.count())
        .where(Referral.service_id.in_(today))
        .group_by(Referral.service_id, Referral.state)
    ).all()
    before = session.scalars(
        select(Referral)
        .where(Referral.person_id == person.id, Referral.service_id.in_(today))
        .order_by(Referral.requested_at)
    )
    told = session.scalars(
        select(Signpost.service_id).where(Signpost.episode_id == episode_id, Signpost.service_id.in_(today))
    )
    goals = session.scalars(
        select(Goal).where(Goal.episode_id == episode_id, Goal.met_at.is_(None)).order_by(Goal.created_at)
    )

    def counted(which: Collection[ReferralState]) -> Counter[UUID]:
        return _summed((today[one], number) for one, state, number in states if state in which)

    return _Facts(
        who=Who(
            person.age,
            access,
            goals=(*(goal.words or "" for goal in goals), person.what_matters, person.strengths),
            needs=frozenset(
                session.scalars(
                    select(Need.slug).where(Need.person_id == person.id, Need.state.in_(NEED_OPEN))
                )
            ),
            gender=person.gender,
            home=(person.carer, person.household),
        ),
        offers=published.offers(session, ids),
        taken=counted(AGREED),
        started=counted(STARTED),
        not_started=counted(NOT_STARTED),
        earlier={today[row.service_id]: Earlier(row.state, row.decline_reason) for row in before},
        told=frozenset(today[one] for one in told),
    )


def _summed(counts: Iterable[tuple[UUID, int]]) -> Counter[UUID]:
    total: Counter[UUID] = Counter()
    for one, number in counts:
        total[one] += number
    return total


def _ranked(need: NeedView, answers: Iterable[Answer], facts: _Facts) -> list[Option]:
    found: list[Candidate[Option]] = []
    for answer in answers:
        card = answer.card
        option = _option(
            card.id,
            need.slug,
            facts,
            when=card.when,
            far=answer.far,
            free=card.is_free,
            confirmed_at=card.confirmed_at,
        )
        found.append(
            Candidate(
                what=option,
                suits=option.fit.suits,
                km=answer.distance_km,
                room=option.fit.room,
                history=_history(card.id, facts),
                fresh_days=days_since(card.confirmed_at, clock.now()),
                stopped=not option.may_refer,
            )
        )
    return rank(found)


def _history(service_id: UUID, facts: _Facts) -> History:
    started = facts.started.get(service_id, 0)
    return History(started, started + facts.not_started.get(service_id, 0))


def _option(
    service_id: UUID,
    need_slug: str,
    facts: _Facts,
    *,
    when: str,
    far: str = "",
    free: bool,
    confirmed_at: datetime | None,
) -> Option:
    offer = facts.offers[service_id]
    fit = judge(
        facts.who,
        offer,
        need_slug,
        facts.taken.get(service_id, 0),
        facts.earlier.get(service_id),
        free=free,
        history=_history(service_id, facts),
        fresh_days=days_since(confirmed_at, clock.now()),
    )
    join_mode = JoinMode(offer.join_mode)
    words = JOIN_WORDS[join_mode]
    return Option(
        offer=offer,
        when=when or (offer.timetable[0] if offer.timetable else ""),
        far=far,
        how_to_join=words[:1].upper() + words[1:],
        turn_up=join_mode is JoinMode.TURN_UP,
        fit=fit,
        told=service_id in facts.told,
        earlier=facts.earlier.get(service_id),
    )


def _gap_kept(session: Session, episode_id: UUID, slug: str) -> bool:
    found = select(Gap.id).where(Gap.episode_id == episode_id, Gap.need_slug == slug).limit(1)
    return session.scalar(found) is not None


def safe_way(contact: SafeContact, mobile: str) -> str:
    """One way that is safe, in words; nothing where a safety flag asks for care with every word. `mobile` is empty
    where theirs is not known."""
    if contact.safety_flag:
        return ""
    number = next(iter(contact.phones), "")
    if number:
        how = "Ring or text" if mobile and may_text(contact) else "Ring"
        times = f", {contact.times}" if contact.times else ""
        voicemail = "" if contact.voicemail else ". Do not leave a voicemail"
        return f"{how} {number}{times}{voicemail}"
    return f"Email {contact.email}" if contact.email else ""
