"""What a person says and changes by themself. Their team hears of all of it."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Actor, Membership, Role
from core.accounts import queries as accounts
from core.accounts import services as account_services
from core.accounts.models import Account
from core.audit import services as audit
from core.errors import Invalid, NotFound, Refused, Throttled
from core.notify import services as notify
from core.settings import current_settings
from prescribing.episodes import services as episodes
from prescribing.people import notices
from prescribing.people import queries as people
from prescribing.people import services as person_services
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Person
from prescribing.people.notices import Notice
from prescribing.people.records import birth_date_of
from prescribing.people.rules import age
from prescribing.people.safe_contact import Channel
from prescribing.people.services import PersonChange
from prescribing.proxies import services as proxies
from prescribing.proxies.queries import acts_for, addresses_for_messages
from prescribing.proxies.services import Letting
from prescribing.referrals.models import Referral
from prescribing.referrals.queries import service_names
from prescribing.referrals.rules import GOES_THERE, REFERRAL_CLOSED, ReferralState
from prescribing.referrals.services import shift
from prescribing.residents import helping
from prescribing.residents.models import OfferOfHelp, PersonMessage, ReferralWord
from prescribing.residents.rules import HelpKind, Verdict, Voice, online_problem
from prescribing.residents.scope import (
    offer_for_update,
    own_person_for_update,
    own_person_id,
    own_referral_for_update,
    referral_for_update,
)


def write(session: Session, actor: Actor, words: str) -> None:
    """Write to one's own team. Raises `NotFound` where no record shows online."""
    person = own_person_for_update(session, actor)
    _say(session, actor, person.id, Voice.PERSON, words)


def tell_team(session: Session, actor: Actor, words: str) -> None:
    """Tell one's own team what one did online. Raises `NotFound` where no record shows online."""
    _say(session, actor, own_person_id(session, actor), Voice.CHANGE, words)


def write_to(session: Session, actor: Actor, person_id: UUID, words: str) -> Channel | None:
    """Write to a person of the actor's team; what they wrote counts as read. They are told that there is a message, and
    not what it says. Gives how they were told, None where somebody must ring. Raises `Refused` where they have no way
    to read it."""
    person = people.person_for_update(session, actor, person_id)
    _refuse_after_death(person)
    reads = accounts.account_of_person(session, person_id) is not None
    others = addresses_for_messages(session, person_id)
    if person.flagged_for_safety or not (reads or others):
        raise Refused("They cannot read messages here. Ring or write to them in the way that is safe.")
    _say(session, actor, person.id, Voice.TEAM, words)
    mark_read(session, actor, person_id)
    for address in others:
        context = {"link": f"{current_settings().base_url}/for"}
        notify.send_email(
            session, to=address, template="message-waiting", context=context, about_id=person.id
        )
    return _tell(session, person) if reads else Channel.EMAIL


def mark_read(session: Session, actor: Actor, person_id: UUID) -> None:
    """Take everything that a person of the actor's team wrote as read. Raises `NotFound` outside."""
    people.person_for_update(session, actor, person_id)
    _read(session, person_id, (Voice.PERSON, Voice.PROXY, Voice.CHANGE))
    audit.record(session, actor, "message.read", "person", person_id)


def mark_own_read(session: Session, actor: Actor) -> None:
    """Take everything that their team wrote to the actor as read."""
    _read(session, own_person_for_update(session, actor).id, (Voice.TEAM,))


def say_of(session: Session, actor: Actor, referral_id: UUID, verdict: Verdict, words: str = "") -> None:
    """Keep what the person says of where they were referred. "Not for me" ends it at once by their word, and the need
    is open again; their team hears of it. Raises `NotFound` for anybody else's, `Refused` once it has ended, and for
    "helps" before they have been."""
    referral = own_referral_for_update(session, actor, referral_id)
    helps = verdict is Verdict.HELPS
    if referral.state in REFERRAL_CLOSED and not (helps and referral.state in GOES_THERE):
        raise Refused("This has ended already. You can write to your link worker about it.")
    if helps and referral.state not in GOES_THERE:
        raise Refused("Tell us first that you have been. Then you can say that it helps.")
    word = ReferralWord(referral_id=referral.id, at=clock.now(), verdict=verdict)
    word.words = words.strip()
    session.add(word)
    session.flush()
    audit.record(session, actor, "referral.word", "referral", referral.id, verdict=verdict)
    name = name_of(session, referral)
    if helps:
        told = f"This helps me: {name}."
    else:
        has_been = referral.state in GOES_THERE
        shift(session, actor, referral, ReferralState.WITHDRAWN, note=words.strip() or None)
        told = f"This is not for me: {name}." if has_been else f"I would rather not go to {name}."
    _say(session, actor, referral.person_id, Voice.CHANGE, f"{told} {words.strip()}".strip())


def write_for(session: Session, actor: Actor, person_id: UUID, words: str) -> None:
    """Write to the team of somebody for whom the actor acts. Raises `NotFound` where they may not."""
    if not acts_for(session, actor, person_id).may_message:
        raise NotFound
    _say(session, actor, person_id, Voice.PROXY, words)


def say_it_helps(session: Session, actor: Actor, person_id: UUID, referral_id: UUID) -> None:
    """Keep that something helps somebody for whom the actor acts; ending it stays theirs. Raises `NotFound` where they
    may not, `Refused` where they have not been."""
    if not acts_for(session, actor, person_id).may_say:
        raise NotFound
    referral = referral_for_update(session, Person.id == person_id, referral_id)
    if referral.state not in GOES_THERE:
        raise Refused("They have not been there yet. You can write to their link worker about it.")
    session.add(ReferralWord(referral_id=referral.id, at=clock.now(), verdict=Verdict.HELPS, by_proxy=True))
    session.flush()
    audit.record(session, actor, "referral.word", "referral", referral.id, verdict=Verdict.HELPS)
    _say(session, actor, person_id, Voice.PROXY, f"This helps them: {name_of(session, referral)}.")


def name_of(session: Session, referral: Referral) -> str:
    """What the activity of a referral is called, in a sentence."""
    return service_names(session, [referral]).get(referral.service_id, "an activity that is no longer listed")


def let_act(session: Session, actor: Actor, letting: Letting) -> None:
    """Let somebody act for the actor themself; their team hears of it. Raises as `proxies.services.let_act`."""
    person_id = own_person_id(session, actor)
    proxies.let_act(session, actor, person_id, letting)
    _say(session, actor, person_id, Voice.CHANGE, "I let somebody act for me. Please look at who it is.")


def end_acting(session: Session, actor: Actor, proxy_id: UUID) -> None:
    """End at once that somebody acts for the actor themself; their team hears of it. Raises `NotFound`."""
    person_id = own_person_id(session, actor)
    proxies.end(session, actor, person_id, proxy_id)
    _say(session, actor, person_id, Voice.CHANGE, "I ended that somebody acts for me.")


def step_down(session: Session, actor: Actor, person_id: UUID) -> None:
    """Act for somebody no longer; they and their team hear of it. Raises `NotFound` where the actor does not."""
    acts_for(session, actor, person_id)
    _say(session, actor, person_id, Voice.PROXY, "I do not act for them any more.")
    proxies.step_down(session, actor, person_id)


def change_contact(session: Session, actor: Actor, change: PersonChange, *, expected_version: int) -> None:
    """Change how one wants to be reached, or what makes it easy to take part. Raises as `update_person`."""
    person = own_person_for_update(session, actor)
    person_services.update_held(session, actor, person, change, expected_version=expected_version)
    _say(
        session,
        actor,
        person.id,
        Voice.CHANGE,
        "I changed how to reach me, or what I need. Please look at it.",
    )


def withdraw_consent(session: Session, actor: Actor, consent_id: UUID) -> None:
    """Take a consent of one's own back; what it opened shuts at once. Raises as `people.services.withdraw_consent`."""
    _person_id, consent = people.consent(session, actor, consent_id)
    person_id = person_services.withdraw_consent(session, actor, consent_id)
    told = "I took back something that I had agreed to."
    if consent.purpose is ConsentPurpose.SUPPORT:
        told = "I stopped my support: I took back that I had agreed to it."
    _say(session, actor, person_id, Voice.CHANGE, told)


def give_again(session: Session, actor: Actor, consent_id: UUID) -> None:
    """Agree again to what was taken back: the same recipient, purpose and things. Raises `Refused` while it holds, and
    `NotFound` for anybody else's."""
    own_person_for_update(session, actor)
    person_id = person_services.give_again(session, actor, consent_id, "online, by themself")
    _say(session, actor, person_id, Voice.CHANGE, "I agreed again to something that I had taken back.")


def stop_support(session: Session, actor: Actor, words: str = "") -> None:
    """End one's own support. Where the person does not go yet, nobody waits for them any more. Raises `Refused` where
    none is open."""
    person = own_person_for_update(session, actor)
    if not episodes.end_by_person(session, actor, person.id):
        raise Refused("You have no support from us now, so there is nothing to stop.")
    _say(session, actor, person.id, Voice.CHANGE, f"I stopped my support. {words.strip()}".strip())


def offer_help(session: Session, actor: Actor, kind: HelpKind, words: str, *, may_count: bool) -> UUID:
    """Offer something to others. Raises `Refused` where the same is offered already."""
    person = own_person_for_update(session, actor)
    same = select(OfferOfHelp.id).where(
        OfferOfHelp.person_id == person.id, OfferOfHelp.kind == kind, OfferOfHelp.ended_at.is_(None)
    )
    if session.scalar(same) is not None:
        raise Refused("You offer this already. Take it back first to say it in other words.")
    if kind is HelpKind.SKILL and not words.strip():
        raise Invalid("Say what you are good at.", "words")
    offer = OfferOfHelp(person_id=person.id, kind=kind, may_count=may_count)
    offer.words = words.strip()
    session.add(offer)
    session.flush()
    audit.record(session, actor, "help.offer", "person", person.id, kind=kind, counted=may_count)
    _say(session, actor, person.id, Voice.CHANGE, "I would like to help others. Please look at what I offer.")
    return offer.id


def take_help_back(session: Session, actor: Actor, offer_id: UUID) -> None:
    """Take back what one offers. Taking back what is not there changes nothing."""
    person = own_person_for_update(session, actor)
    offer = offer_for_update(session, offer_id)
    if offer is not None and offer.person_id == person.id and offer.ended_at is None:
        helping.take_back_of(session, actor, offer)
        offer.ended_at = clock.now()
        session.flush()
    audit.record(session, actor, "help.take-back", "person", person.id)


def start_helping(session: Session, actor: Actor, person_id: UUID, offer_id: UUID) -> None:
    """Write down that somebody of the actor's team took up what they offered. Raises `NotFound` outside."""
    people.person_for_update(session, actor, person_id)
    session.execute(
        update(OfferOfHelp)
        .where(
            OfferOfHelp.id == offer_id, OfferOfHelp.person_id == person_id, OfferOfHelp.started_at.is_(None)
        )
        .values(started_at=clock.now(), updated_at=clock.now())
    )
    audit.record(session, actor, "help.start", "person", person_id)


def let_in(session: Session, actor: Actor, person_id: UUID, *, understands: bool) -> Channel | None:
    """Let a person of the actor's team see their own record online: they are emailed a link to choose a password, and
    asked for a code at each sign-in. Whoever has only a mobile is told by text where to sign in. Whoever has an account
    by that address already is told that a message waits there. Gives how they are told: None where they were written
    to too often today. Raises `Refused` with what stands in the way."""
    person = people.person_for_update(session, actor, person_id)
    _refuse_after_death(person)
    born = birth_date_of(person)
    problem = online_problem(
        age(born, clock.today()) if born else None,
        flagged_for_safety=person.flagged_for_safety,
        understands=understands,
    )
    if problem:
        raise Refused(problem)
    if accounts.account_of_person(session, person_id) is not None:
        raise Refused("They can come in online already.")
    email = person.email or ""
    if not email and notices.way_to(person) is not Channel.TEXT:
        raise Refused("Write down an email address first, or a mobile number that may be sent texts.")
    known = account_services.known_for_update(session, email, person.mobile)
    called = person.preferred_name or person.name or "You"
    told: Channel | None = Channel.EMAIL if email else Channel.TEXT
    if known is None:
        membership = Membership(Role.RESIDENT, person_id=person.id)
        account_services.invite(session, actor, called, email, [membership], mobile=person.mobile)
    elif not _let_known_in(session, actor, person, known):
        told = None
    audit.record(session, actor, "person.let-in", "person", person.id, understands=understands)
    return told


def _let_known_in(session: Session, actor: Actor, person: Person, known: Account) -> bool:
    if any(held.role in {Role.RESIDENT, Role.PROXY} for held in accounts.live_memberships(known)):
        # A mailbox that is shared must not make two people one, nor whoever helps the person themself.
        what = "email address" if person.email else "number"
        raise Refused(f"This {what} is somebody's way in already. Write down one of their own.")
    account_services.add_membership(session, actor, known.id, Membership(Role.RESIDENT, person_id=person.id))
    if known.password_hash is None:
        account_services.send_invitation(session, actor, known.id)
        return True
    _say(session, actor, person.id, Voice.TEAM, "You can see your own record here now.")
    with suppress(Throttled):
        notices.tell_by(session, person, Channel.EMAIL, _message_waits(person))
        return True
    return False


def keep_out(session: Session, actor: Actor, person_id: UUID) -> None:
    """End a person's way in at once: whoever is signed in is signed out. Raises `NotFound` outside."""
    people.person_for_update(session, actor, person_id)
    account_id = accounts.account_of_person(session, person_id)
    if account_id is None:
        raise Refused("They have no way in online.")
    account = accounts.account_for_update(session, account_id)
    for row in account.memberships:
        if row.person_id == person_id and row.ended_at is None:
            account_services.end_membership(session, actor, account_id, row.id)
    audit.record(session, actor, "person.keep-out", "person", person_id)


def _refuse_after_death(person: Person) -> None:
    if person.died_at is not None:
        raise Refused("It is written down that they died. Nothing is sent to them any more.")


def _say(session: Session, actor: Actor, person_id: UUID, voice: Voice, words: str) -> None:
    if not words.strip():
        raise Invalid("Write your message.", "words")
    message = PersonMessage(
        person_id=person_id,
        at=clock.now(),
        voice=voice,
        author_id=actor.account_id,
        author_name=actor.name[:120],
    )
    message.words = words.strip()
    session.add(message)
    session.flush()
    audit.record(session, actor, f"message.{voice}", "person", person_id)


def _read(session: Session, person_id: UUID, voices: tuple[Voice, ...]) -> None:
    # Row by row, so that it is known whose they are: a statement that names nobody is taken for one about everybody.
    unread = select(PersonMessage).where(
        PersonMessage.person_id == person_id,
        PersonMessage.voice.in_(voices),
        PersonMessage.read_at.is_(None),
    )
    for message in session.scalars(unread):
        message.read_at = clock.now()


def _message_waits(person: Person) -> Notice:
    return Notice("message-waiting", person.id, {"link": f"{current_settings().base_url}/me/messages"})


def _tell(session: Session, person: Person) -> Channel | None:
    way = notices.tell(session, person, _message_waits(person))
    if way is not None:
        audit.record(session, SYSTEM, "message.tell", "person", person.id, way=way)
    return way
