"""Somebody who would like to help, put to a group: with their consent, answered by the group or by telephone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events
from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Invalid, NotFound, Refused
from core.notify.services import cancel_about
from core.references.drawing import free_reference
from directory import published
from prescribing.episodes import contributions, finding
from prescribing.people import queries as people
from prescribing.people import services as person_services
from prescribing.people.consent import HOW_AGREED, ConsentPurpose
from prescribing.people.events import ConsentWithdrawn, FlaggedForSafety, RecordGoes, SafetyFlagLifted
from prescribing.people.models import Person, RecipientKind
from prescribing.referrals.events import ListingWasWrong
from prescribing.referrals.finding import safe_way
from prescribing.referrals.links import write_to_group
from prescribing.referrals.scope import is_theirs
from prescribing.referrals.words import name_for_group
from prescribing.residents import help_chasing, help_links, help_seen
from prescribing.residents.events import HelpOver, HelpTaken
from prescribing.residents.models import OfferOfHelp
from prescribing.residents.rules import FOR_GROUP_WORDS, HelpKind, HelpNo, check_help_answer, help_news
from prescribing.residents.scope import offer_for_update
from prescribing.residents.tasks import tell_link_worker

# What a group learns of whoever would like to help there.
FIELDS = ("preferred_name", "agreed_contact", "help_words")


@dataclass(frozen=True)
class Placing:
    """What the page shows on which an offer is put to a group: what the group would see."""

    person_id: UUID
    called: str
    name_shown: str
    said: str
    words: str
    reach: str


def placing(session: Session, actor: Actor, person_id: UUID, offer_id: UUID) -> Placing:
    """An offer of somebody of the actor's team that can be put to a group. Raises `NotFound`, and `Refused` where it
    cannot. Whoever shows it audits the look."""
    person = people.person(session, actor, person_id)
    row = _own_offer(session, person_id, offer_id)
    if row.asked_at is not None and row.said_yes is not False:
        raise Refused("This was put to a group already. It must answer first.")
    if person.flagged_for_safety or person.died_at is not None:
        raise Refused("Nothing about them may be sent to anybody.")
    return Placing(
        person_id,
        person.called,
        name_for_group(person.name, person.preferred_name),
        FOR_GROUP_WORDS[row.kind],
        row.words or "",
        safe_way(person.contact, person.mobile),
    )


def put_to_group(
    session: Session, actor: Actor, person_id: UUID, offer_id: UUID, service_id: UUID, how: str
) -> bool:
    """Put an offer to the group of an activity, with what the person agreed to; gives whether the group was written
    to. Raises as `placing`, and `Invalid` where nobody says how they agreed."""
    if how not in HOW_AGREED:
        raise Invalid("Choose how they agreed.", "how")
    person = people.person_for_update(session, actor, person_id)
    about = placing(session, actor, person_id, offer_id)
    offer = published.offer(session, service_id)
    if not published.cards(session, [offer.service_id], today=clock.today()):
        raise NotFound
    if not about.name_shown or not about.reach:
        raise Refused("Write down their name and one safe way to reach them first.")
    row = _own_offer(session, person_id, offer_id)
    if row.organization_id not in {None, offer.group_id}:
        _end_at_group(session, actor, row)
    row.service_id, row.organization_id = offer.service_id, offer.group_id
    now = clock.now()
    row.asked_at, row.said_yes, row.why_not = now, None, None
    row.reference = row.reference or free_reference(session, OfferOfHelp.reference)
    person_services.record_consent(
        session,
        actor,
        person,
        recipient_kind=RecipientKind.ORGANIZATION,
        recipient_id=offer.group_id,
        purpose=ConsentPurpose.HELP_GROUP,
        fields=FIELDS,
        how=how,
    )
    audit.record(session, actor, "help.put-to-group", "person", person_id, kind=row.kind)
    help_chasing.chase_later(session, row, now)
    return help_links.tell_group(session, row, offer)


def answer(session: Session, actor: Actor, offer_id: UUID, *, yes: bool, why: HelpNo | None = None) -> None:
    """Take a group's answer, its own: a no may come after a yes, when somebody helps there no more. Their link worker
    hears of it. Raises `NotFound` for another's, and once it is over, and as `check_help_answer`."""
    row = offer_for_update(session, offer_id)
    if (
        row is None
        or row.organization_id is None
        or row.said_yes is False
        or not is_theirs(session, actor, row.organization_id)
        or not help_seen.may_be_known(session, row)
    ):
        raise NotFound
    news = help_news(row.said_yes, yes=yes, why=why)
    _answered(session, actor, row, yes=yes, why=why)
    if news and row.service_id is not None:
        name = published.offer(session, row.service_id).name
        tell_link_worker(session, row.person_id, news.format(name=name))


def answered_by_phone(
    session: Session, actor: Actor, person_id: UUID, offer_id: UUID, *, yes: bool, why: HelpNo | None = None
) -> None:
    """Write down what a group said on the phone to the actor's team. Raises as `answer`, and `Refused` for a yes once
    nothing of the person may show there."""
    people.person_for_update(session, actor, person_id)
    row = _own_offer(session, person_id, offer_id)
    if row.organization_id is None or row.said_yes is not None:
        raise NotFound
    if yes and not help_seen.may_be_known(session, row):
        raise Refused("Nothing about them may be sent to anybody.")
    _answered(session, actor, row, yes=yes, why=why)


def take_back_of(session: Session, actor: Actor, row: OfferOfHelp) -> None:
    """Let no group know of an offer that its person takes back: what was agreed to goes with it, unless they offer
    something else there."""
    if row.organization_id is not None:
        _end_at_group(session, actor, row)


def shut(session: Session, event: ConsentWithdrawn) -> None:
    """Somebody may not be known to a group any more: they are off its list at once, and it is asked to delete."""
    if event.purpose is not ConsentPurpose.HELP_GROUP:
        return
    rows = session.scalars(
        select(OfferOfHelp)
        .where(OfferOfHelp.person_id == event.person_id, OfferOfHelp.organization_id == event.recipient_id)
        .with_for_update()
    ).all()
    for row in rows:
        _end(session, row)


def flagged(session: Session, event: FlaggedForSafety) -> None:
    """Nothing of somebody shows any more."""
    hide(session, event.person_id)


def lifted(session: Session, event: SafetyFlagLifted) -> None:
    """Whoever was taken in before, and still agrees, stands on the lists again."""
    rows = session.scalars(
        select(OfferOfHelp)
        .where(
            OfferOfHelp.person_id == event.person_id,
            OfferOfHelp.said_yes.is_(True),
            OfferOfHelp.ended_at.is_(None),
        )
        .with_for_update()
    ).all()
    for row in rows:
        if help_seen.may_be_known(session, row):
            _join_list(session, row)


def deleted(session: Session, event: RecordGoes) -> None:
    """Nothing of somebody is kept, so that no group's list may go on naming them."""
    hide(session, event.person_id)


def stop(session: Session, person_id: UUID, _episode_ids: Collection[UUID]) -> None:
    """Somebody died."""
    hide(session, person_id)


def listen() -> None:
    """Hear of consents that are taken back; saying it twice changes nothing."""
    events.subscribe(ConsentWithdrawn, shut)
    events.subscribe(FlaggedForSafety, flagged)
    events.subscribe(SafetyFlagLifted, lifted)
    events.subscribe(RecordGoes, deleted)
    finding.register_references(help_links.by_reference)
    contributions.register_stop(stop)


def hide(session: Session, person_id: UUID) -> None:
    """Take somebody off every list of those who meet newcomers: they died, or nothing of them may show."""
    # All that were put to a group: one may just be saying yes.
    rows = select(OfferOfHelp).where(
        OfferOfHelp.person_id == person_id, OfferOfHelp.organization_id.is_not(None)
    )
    for row in session.scalars(rows.with_for_update()).all():
        _leave_list(session, row)
        cancel_about(session, row.id)
    session.flush()


def _end_at_group(session: Session, actor: Actor, row: OfferOfHelp) -> None:
    """The group that an offer was put to is to know no more of it, nor of its person where this was all."""
    more = select(OfferOfHelp.id).where(
        OfferOfHelp.person_id == row.person_id,
        OfferOfHelp.organization_id == row.organization_id,
        OfferOfHelp.id != row.id,
        OfferOfHelp.said_yes.is_not(False),
    )
    now = clock.now()
    live = [
        one.id
        for one in people.consents(session, actor, row.person_id)
        if one.purpose is ConsentPurpose.HELP_GROUP
        and one.recipient_id == row.organization_id
        and one.holds_at(now)
    ]
    if live and session.scalar(more.limit(1)) is None:
        # Ends the offer there with it: see `shut`.
        person_services.withdraw_consent(session, actor, live[0])
    else:
        _end(session, row)


def _end(session: Session, row: OfferOfHelp) -> None:
    """Take an offer back from the group that it was put to, which is asked to delete what it wrote down."""
    if row.service_id is not None:
        offer = published.offer(session, row.service_id)
        write_to_group(session, offer, "help-over", {"activity": offer.name}, about_id=None)
    _leave_list(session, row)
    cancel_about(session, row.id)
    help_links.revoke_links(session, row.id)
    row.service_id = row.organization_id = row.asked_at = row.said_yes = row.why_not = None
    session.flush()


def _leave_list(session: Session, row: OfferOfHelp) -> None:
    if row.buddy_id is not None:
        events.publish(session, HelpOver(row.buddy_id))
    row.buddy_id = None


def _answered(session: Session, actor: Actor, row: OfferOfHelp, *, yes: bool, why: HelpNo | None) -> None:
    check_help_answer(row.said_yes, yes=yes, why=why)
    if row.said_yes is yes:
        return
    row.said_yes, row.why_not = yes, why
    if not yes:
        _leave_list(session, row)
    if yes:
        row.started_at = row.started_at or clock.now()
    session.flush()
    audit.record(session, actor, "help.answer", "person", row.person_id, yes=yes)
    if yes:
        _join_list(session, row)
    if why is HelpNo.NOT_RUNNING and row.service_id is not None and row.organization_id is not None:
        note = "They say that they do not run this any more."
        events.publish(session, ListingWasWrong(row.service_id, row.organization_id, note))


def _join_list(session: Session, row: OfferOfHelp) -> None:
    """Put whoever would meet newcomers on the list of the group that took them in."""
    if row.kind is not HelpKind.BUDDY or row.organization_id is None or row.buddy_id is not None:
        return
    person = session.get_one(Person, row.person_id)
    called = name_for_group(person.name or "", person.preferred_name or "")
    events.publish(session, HelpTaken(row.id, row.organization_id, called))


def _own_offer(session: Session, person_id: UUID, offer_id: UUID) -> OfferOfHelp:
    row = offer_for_update(session, offer_id)
    if row is None or row.person_id != person_id or row.ended_at is not None:
        raise NotFound
    return row
