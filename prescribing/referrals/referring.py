"""Sending a need to a service: with what the person agreed to share, and nothing else."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Invalid, Refused
from core.events import publish
from core.references.drawing import free_reference
from directory import published
from directory.published import Offer
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.models import Episode, Need
from prescribing.episodes.needs import NEED_OPEN
from prescribing.episodes.scope import need_for_update
from prescribing.people import services as people
from prescribing.people.consent import ConsentPurpose, consent_covers, given_by
from prescribing.people.models import Person, RecipientKind
from prescribing.people.queries import consent_facts
from prescribing.people.records import birth_date_of
from prescribing.people.rules import age, suits_age
from prescribing.people.services import author_of
from prescribing.referrals import rules
from prescribing.referrals.clocks import answer_clock
from prescribing.referrals.events import GapRecorded
from prescribing.referrals.finding import Sending
from prescribing.referrals.links import can_be_told, tell_group
from prescribing.referrals.models import Gap, Referral, Signpost
from prescribing.referrals.rules import REFERRAL_OPEN, JoinMode, ReferralState
from prescribing.referrals.scope import holds_of, movers_towards, referral_for_update, tier_for_group
from prescribing.referrals.services import (
    check_open_episode,
    follow,
    hold_places,
    places_taken,
    write_event,
)
from prescribing.referrals.tiers import ACCEPTED_FIELDS, OFFER_FIELDS
from prescribing.referrals.words import TO_PERSON, TO_TEAM, Agreement, Saying, Words, check_words


def refer(
    session: Session,
    actor: Actor,
    need_id: UUID,
    service_id: UUID,
    words: Words,
    agreed: Agreement,
    *,
    knows_it_is_full: bool = False,
) -> Referral:
    """Send a need to a service's group, with the consents that let it see anything; tell the group by a link.

    Where people just turn up it is accepted by rule, and the group hears of it only if the person agreed to a
    heads-up. Raises `NotFound`, `Refused` (state, ages, no room, sent already) and `Invalid` naming the field.
    """
    need, _episode = need_for_update(session, actor, need_id)
    return send(session, actor, need, service_id, words, agreed, knows_it_is_full=knows_it_is_full)


def send(
    session: Session,
    actor: Actor,
    need: Need,
    service_id: UUID,
    words: Words,
    agreed: Agreement,
    *,
    knows_it_is_full: bool = False,
    by_person: bool = False,
) -> Referral:
    """As `refer`, for a need that the caller holds with its episode; `by_person` where somebody asks for themself."""
    episode = session.get_one(Episode, need.episode_id)
    say = TO_PERSON if by_person else TO_TEAM
    offer = published.offer(session, service_id)
    _check_may_go(session, need, episode, offer, knows_it_is_full=knows_it_is_full, say=say)
    person = episode.person
    join_mode = JoinMode(offer.join_mode)
    check_words(words, agreed, join_mode, (person.name or "", person.preferred_name or ""), say)
    if actor.account_id is None:
        raise Refused("Only a link worker, or the person, can refer.")
    referral = Referral(
        reference=free_reference(session, Referral.reference),
        episode_id=episode.id,
        person_id=person.id,
        need_id=need.id,
        service_id=offer.service_id,
        organization_id=offer.group_id,
        consent_id=_keep_consents(session, actor, person, offer, agreed, join_mode),
        join_mode=join_mode,
        state=ReferralState.REQUESTED,
        requested_at=clock.now(),
        requested_by_id=actor.account_id,
        by_person=by_person,
        nudges_sent=0,
        sustained_after=rules.attendances_needed(offer.sustained_after),
    )
    _set_words(referral, words)
    _begin(session, actor, referral, episode)
    if tier_for_group(session, referral) is not None:
        tell_group(session, referral, offer)
    return referral


def late_yes(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    """A group says yes after no answer came: one press makes a linked referral that is accepted.

    Raises `Refused` unless no answer came, and where the person has taken back what they agreed to.
    """
    old = referral_for_update(session, actor, referral_id)
    rules.check_late_yes(old.state)
    offer = published.offer(session, old.service_id)
    _check_may_go(session, old.need, old.episode, offer, knows_it_is_full=True, say=TO_TEAM)
    facts = given_by(consent_facts(session, old.person_id), old.requested_at)
    if not consent_covers(facts, old.organization_id, ConsentPurpose.SHARE_OFFER, clock.now()):
        raise Refused("They have not agreed to share anything with this group now. Ask them again.")
    if actor.account_id is None:
        raise Refused("Only a link worker can write this down.")
    new = Referral(
        reference=free_reference(session, Referral.reference),
        episode_id=old.episode_id,
        person_id=old.person_id,
        need_id=old.need_id,
        service_id=old.service_id,
        organization_id=old.organization_id,
        consent_id=old.consent_id,
        join_mode=old.join_mode,
        state=ReferralState.REQUESTED,
        requested_at=clock.now(),
        requested_by_id=actor.account_id,
        nudges_sent=0,
        sustained_after=old.sustained_after,
        based_on_id=old.id,
    )
    _set_words(new, words_of(old))
    requested, accepted = rules.late_yes(author=author_of(actor), at=clock.now())
    write_event(session, actor, new, requested)
    write_event(session, actor, new, accepted)
    follow(session, actor, new, accepted)
    if tier_for_group(session, new) is not None:
        tell_group(session, new, offer)
    return new


def signpost(session: Session, actor: Actor, need_id: UUID, service_id: UUID) -> Signpost:
    """Write down that the person was told about an activity. Nothing is sent; it never counts as a referral."""
    need, episode = need_for_update(session, actor, need_id)
    published.offer(session, service_id)
    if actor.account_id is None:
        raise Refused("Only a link worker can write this down.")
    made = Signpost(
        episode_id=episode.id,
        need_id=need.id,
        service_id=service_id,
        at=clock.now(),
        author_id=actor.account_id,
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "signpost.make", "signpost", made.id)
    return made


def record_gap(session: Session, actor: Actor, need_id: UUID, criteria: dict[str, str]) -> Gap:
    """Write down that nothing fits: what was needed, in which ward, and what was looked for (`criteria`, nothing
    personal in it)."""
    need, episode = need_for_update(session, actor, need_id)
    if actor.account_id is None:
        raise Refused("Only a link worker can write this down.")
    gap = Gap(
        episode_id=episode.id,
        need_slug=need.slug,
        ward_code=episode.person.ward_code,
        criteria={key: value[:60] for key, value in criteria.items() if value},
        at=clock.now(),
        author_id=actor.account_id,
    )
    session.add(gap)
    session.flush()
    audit.record(session, actor, "gap.record", "gap", gap.id, need=need.slug)
    publish(session, GapRecorded(need.slug, gap.ward_code))
    return gap


def say_sent(session: Session, about: Sending, made: Referral) -> str:
    """What was done with a referral that was just made, and what is left to the link worker."""
    offer = about.option.offer
    if about.person.flagged_for_safety:
        return f"Written down. Nothing was sent: ring {offer.group}, and write down what it says."
    reached = can_be_told(session, offer)
    if made.state is ReferralState.ACCEPTED and (not made.consent_id or reached):
        told = "The group will look out for them." if made.consent_id else "Nothing was sent."
        return f"They are going to {offer.name}. {told}"
    if not reached:
        return f"Written down. We know no email address or mobile number of {offer.group}: ring them."
    return f"Sent to {offer.group}. You will hear when it answers."


def words_of(referral: Referral) -> Words:
    """The agreed words of a referral."""
    return Words(
        goal=referral.goal_words or "",
        safe_yes=referral.safe_yes_words or "",
        access=referral.access_words or "",
        communication=referral.communication_words or "",
        risk_summary=referral.risk_summary or "",
        agreed_contact=referral.agreed_contact or "",
        heads_up=referral.heads_up or "",
    )


def _check_may_go(
    session: Session, need: Need, episode: Episode, offer: Offer, *, knows_it_is_full: bool, say: Saying
) -> None:
    check_open_episode(episode)
    if need.state not in NEED_OPEN:
        raise Refused(say.need_closed)
    if not offer.takes_referrals:
        raise Refused(f"{offer.name} is not taking anybody just now. Choose something else.")
    there = select(Referral.id).where(
        Referral.person_id == episode.person_id,
        Referral.service_id.in_(published.known_ids(session, offer.service_id)),
        Referral.state.in_(REFERRAL_OPEN),
    )
    if session.scalars(there.limit(1)).first() is not None:
        raise Refused(say.sent_already.format(name=offer.name))
    born = birth_date_of(episode.person)
    if not suits_age(age(born, clock.today()) if born else None, offer.minimum_age, offer.maximum_age):
        raise Refused(f"{offer.name} is for another age. Choose something else.")
    hold_places(session, offer.service_id)
    full = offer.full_since is not None or (
        offer.capacity is not None and places_taken(session, offer.service_id) >= offer.capacity
    )
    if full and not knows_it_is_full:
        raise Invalid(say.full.format(name=offer.name), "knows_it_is_full")


def _keep_consents(
    session: Session,
    actor: Actor,
    person: Person,
    offer: Offer,
    agreed: Agreement,
    join_mode: JoinMode,
) -> UUID | None:
    kept: UUID | None = None
    shared = [(ConsentPurpose.SHARE_ACCEPTED, ACCEPTED_FIELDS)] if agreed.share_accepted else []
    if join_mode is not JoinMode.TURN_UP:
        shared.insert(0, (ConsentPurpose.SHARE_OFFER, OFFER_FIELDS))
    for purpose, fields in shared:
        kept = people.record_consent(
            session,
            actor,
            person,
            recipient_kind=RecipientKind.ORGANIZATION,
            recipient_id=offer.group_id,
            purpose=purpose,
            fields=fields,
            how=agreed.how,
        )
    return kept


def _set_words(referral: Referral, words: Words) -> None:
    referral.goal_words = words.goal.strip()
    referral.safe_yes_words = words.safe_yes.strip()
    referral.access_words = words.access.strip()
    referral.communication_words = words.communication.strip()
    referral.risk_summary = words.risk_summary.strip()
    referral.agreed_contact = words.agreed_contact.strip()
    referral.heads_up = words.heads_up.strip()


def _begin(session: Session, actor: Actor, referral: Referral, episode: Episode) -> None:
    movers = movers_towards(session, actor, referral, episode)
    first = rules.start_referral(movers=movers, author=author_of(actor), at=clock.now())
    write_event(session, actor, referral, first)
    referral.reply_by = answer_clock(clock.today(), holds_of(episode), clocks()).answer_by
    session.flush()
    by_rule = rules.accept_by_rule(referral.join_mode, author=author_of(actor), at=clock.now())
    if by_rule is not None:
        write_event(session, actor, referral, by_rule)
    follow(session, actor, referral, by_rule or first)
