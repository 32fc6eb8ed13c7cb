"""Asking to join an activity by oneself: with one's own consent, by the rules that hold for a link worker."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.errors import NotFound, Refused
from directory import published
from directory.published import Answer, Criteria, Offer
from prescribing.episodes.models import Episode, Need
from prescribing.episodes.needs import NEED_OPEN
from prescribing.episodes.queries import every_need_name
from prescribing.episodes.scope import open_support
from prescribing.people import queries as people
from prescribing.people.queries import PersonRecord
from prescribing.people.rules import say_needs
from prescribing.referrals import finding as activities
from prescribing.referrals import referring
from prescribing.referrals.links import can_be_told
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import ReferralState
from prescribing.referrals.words import Agreement, Words, name_for_group
from prescribing.residents.finding import tell_found
from prescribing.residents.rules import Joining, Wish, joining
from prescribing.residents.scope import own_need_for_update, own_person_id
from prescribing.residents.tasks import add_task

# How somebody agreed who did it here.
BY_THEMSELF = "online, by themself"
SHOWN = 10


@dataclass(frozen=True)
class Asking:
    """What the page shows on which somebody asks to join an activity. `comes_of_it` is what pressing leads to, `why`
    the words for it; `needs` are their open ones, the one that the activity is listed for first."""

    offer: Offer
    when: str
    turn_up: bool
    full: bool
    comes_of_it: Joining
    why: str
    person: PersonRecord
    needs: tuple[tuple[UUID, str], ...]

    @property
    def name_shown(self) -> str:
        """What the group learns to call them once it says yes."""
        return name_for_group(self.person.name, self.person.preferred_name)


@dataclass(frozen=True)
class Choosing:
    """Activities found by name, or by what they are about."""

    answers: tuple[Answer, ...]
    page: int
    pages: int


def choose(session: Session, actor: Actor, words: str, page: int) -> Choosing:
    """Activities by name, nearest to the actor where that is known. Raises `NotFound` where no record shows online."""
    person = people.person(session, actor, own_person_id(session, actor))
    if not words:
        return Choosing((), page, page)
    place = person.postcode or person.ward_name
    found = published.search(session, Criteria(q=words, place=place, page=page), size=SHOWN)
    return Choosing(found.answers, page, found.hits.pages)


def asking(session: Session, actor: Actor, service_id: UUID) -> Asking:
    """What is known before somebody asks to join an activity. Raises `NotFound`. Whoever shows it audits the look."""
    person = people.person(session, actor, own_person_id(session, actor))
    episode = open_support(session, person.id)
    needs = _needs(session, episode)
    slug = needs[0].slug if needs else ""
    # Without support there is no plan to look in: an id of nothing finds none.
    option = activities.option_for(session, person, episode.id if episode else UUID(int=0), slug, service_id)
    offer = option.offer
    if not published.cards(session, [offer.service_id], today=clock.today()):
        raise NotFound
    comes_of_it, why = joining(
        Wish(
            state=episode.state if episode is not None else None,
            has_need=bool(needs),
            years=person.age,
            has_risk=person.has_risk,
            takes_people=offer.takes_referrals,
            ages=(offer.minimum_age, offer.maximum_age),
            before=option.earlier.state if option.earlier is not None else None,
            said_no=option.earlier.reason if option.earlier is not None else None,
            # Where people just turn up nobody is asked.
            asked=0 if option.turn_up else _asked(session, person.id),
        )
    )
    listed, names = {term.slug for term in offer.needs}, every_need_name(session)
    return Asking(
        offer=offer,
        when=option.when,
        turn_up=option.turn_up,
        full=option.fit.full,
        comes_of_it=comes_of_it,
        why=why,
        person=person,
        needs=tuple(
            (need.id, names.get(need.slug, need.slug))
            for need in sorted(needs, key=lambda need: need.slug not in listed)
        ),
    )


def first_words(about: Asking) -> Words:
    """What is written down already, for the person to change."""
    person = about.person
    return Words(
        access=person.access_needs,
        communication=say_needs(person.communication_needs, "", person.interpreter),
        agreed_contact=activities.safe_way(person.contact, person.mobile),
    )


def join(
    session: Session,
    actor: Actor,
    service_id: UUID,
    need_id: UUID,
    words: Words,
    agreed: Agreement,
    *,
    knows_it_is_full: bool,
) -> Referral:
    """Ask to join by oneself; the link worker hears of it, and rings a group that cannot be written to. Raises as
    `referring.refer`, and `Refused` where it is not for the person alone to send."""
    need = own_need_for_update(session, actor, need_id)
    about = asking(session, actor, service_id)
    if about.comes_of_it is not Joining.SEND or need_id not in dict(about.needs):
        raise Refused(about.why or "Choose what it is for.")
    person = about.person
    shared = Words(
        goal=words.goal,
        access=words.access,
        communication=words.communication,
        # Nothing that nobody has talked about is said of risks.
        risk_summary="No known risks" if person.no_known_risks and not about.turn_up else "",
        agreed_contact=words.agreed_contact,
        heads_up=words.heads_up,
    )
    made = referring.send(
        session,
        actor,
        need,
        service_id,
        shared,
        agreed,
        knows_it_is_full=knows_it_is_full,
        by_person=True,
    )
    if made.consent_id is not None and not can_be_told(session, about.offer):
        add_task(session, need.episode_id, f"Ring {about.offer.group}: they asked to join {about.offer.name}")
    return made


def look_first(session: Session, actor: Actor, service_id: UUID) -> None:
    """Tell one's own team that one would like to join an activity: they look at it together. Raises `NotFound`."""
    tell_found(session, actor, asking(session, actor, service_id).offer.name)


def _asked(session: Session, person_id: UUID) -> int:
    """How many groups that somebody asked by themself have not answered."""
    unanswered = select(func.count()).where(
        Referral.person_id == person_id, Referral.by_person, Referral.state == ReferralState.REQUESTED
    )
    return session.scalar(unanswered) or 0


def _needs(session: Session, episode: Episode | None) -> list[Need]:
    if episode is None:
        return []
    return list(
        session.scalars(
            select(Need)
            .where(Need.episode_id == episode.id, Need.state.in_(NEED_OPEN))
            .order_by(Need.created_at, Need.id)
        )
    )
