"""What a resident keeps, says and shares by themself, for the access matrix."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from core import clock
from core.access.rules import PUBLIC, Place, Role
from core.accounts.sessions import digest_of
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent, Person, RecipientKind
from prescribing.referrals.links import new_link
from prescribing.residents import drafts, helping
from prescribing.residents.models import AskDraft, HelpLink, OfferOfHelp
from prescribing.residents.rules import HelpKind
from tests import build
from tests.contract.subjects import Cell, Subject, subject
from tests.contract.subjects_episodes import active, created
from tests.contract.subjects_referrals import accepted, before, sent


@subject("ask.send")
def _ask(cell: Cell) -> Subject:
    build.place(cell.session, Place.TEAM)
    return Subject(form=created(who="me", name="Sam Example", phone="0161 496 0001"))


@subject("ask.resume")
def _saved(cell: Cell) -> Subject:
    kept = drafts.keep(cell.session, PUBLIC, {"name": "Sam Example"})
    return Subject(form={"reference": kept.reference, "code": kept.code})


@subject("ask.link", "ask.follow")
def _linked(cell: Cell) -> Subject:
    kept = drafts.keep(cell.session, PUBLIC, {"name": "Sam Example"})
    token = f"a-link-to-go-on-{build.number()}"
    cell.session.get_one(AskDraft, kept.id).link_digest = digest_of(token)
    return Subject({"token": token})


def own_person(cell: Cell) -> UUID:
    """The person through whose record it is to be reached."""
    found = cell.reach.person_id if cell.reach else None
    return found or build.place(cell.session, Place.PERSON)


@subject("me.write", "me.found", "me.offer")
def _said(cell: Cell) -> Subject:
    return Subject(form=created(words="Can we talk on Friday?", kind="volunteer"))


@subject("me.change_contact")
def _contact(cell: Cell) -> Subject:
    version = cell.session.get_one(Person, own_person(cell)).version
    return Subject(form={"version": str(version), "mobile": "07700 900123"})


@subject("me.ask_right")
def _right(cell: Cell) -> Subject:
    return Subject(form=created(kind="correction", words="I live at number 5"))


@subject("me.do_stop")
def _stop(cell: Cell) -> Subject:
    active(cell).person_id = own_person(cell)
    return Subject(form={"sure": "y"})


@subject("me.say")
def _referral(cell: Cell) -> Subject:
    _made, referral = sent(cell)
    referral.person_id = own_person(cell)
    return Subject({"referral_id": referral.id}, form={"verdict": "not-for-me"})


@subject("own_steps.do_pause", "own_steps.back")
def _pause(cell: Cell) -> Subject:
    active(cell).person_id = own_person(cell)
    until = clock.today() + timedelta(days=20)
    day = {"until-day": str(until.day), "until-month": str(until.month), "until-year": str(until.year)}
    return Subject(form=created(**day))


@subject("own_steps.went", "own_steps.say_went")
def _went(cell: Cell) -> Subject:
    _made, referral = accepted(cell)
    for row in (referral, referral.episode, referral.need):
        row.person_id = own_person(cell)
    return Subject({"referral_id": referral.id}, form=created(went="no", words="No bus"))


@subject("joining.ask", "joining.send", "joining.look_first")
def _joining(cell: Cell) -> Subject:
    made = before(cell)
    for row in (made.episode, made.need):
        row.person_id = own_person(cell)
    form = created(need_id=str(made.need.id), goal="Get out more", share_offer="y")
    return Subject({"service_id": made.service_id}, form=form)


def agreed(cell: Cell, *, withdrawn: bool) -> Subject:
    consent = Consent(
        person_id=own_person(cell),
        purpose=ConsentPurpose.SUPPORT,
        recipient_kind=RecipientKind.TEAM,
        recipient_id=build.place(cell.session, Place.TEAM),
        fields=["request"],
        wording_version="1",
        how="by phone",
        given_at=clock.now(),
        recorded_by="public",
        withdrawn_at=clock.now() if withdrawn else None,
    )
    cell.session.add(consent)
    cell.session.flush()
    return Subject({"consent_id": consent.id})


@subject("me.ask_withdraw", "me.withdraw")
def _consent(cell: Cell) -> Subject:
    return agreed(cell, withdrawn=False)


@subject("me.agree_again")
def _taken_back(cell: Cell) -> Subject:
    return agreed(cell, withdrawn=True)


@subject("me.take_back")
def _offer(cell: Cell) -> Subject:
    offer = OfferOfHelp(person_id=own_person(cell), kind=HelpKind.BUDDY, may_count=True)
    cell.session.add(offer)
    cell.session.flush()
    return Subject({"offer_id": offer.id})


@subject("own_side.thread", "own_side.answer", "own_side.read", "own_side.keep_out", "own_side.code")
def _online(cell: Cell) -> Subject:
    person_id = active(cell).person_id
    build.account(cell.session, Role.RESIDENT, place_id=person_id)
    return Subject({"person_id": person_id}, form=created(words="Friday it is"))


@subject("own_side.start_helping")
def _helper(cell: Cell) -> Subject:
    person_id = active(cell).person_id
    offer = OfferOfHelp(person_id=person_id, kind=HelpKind.BUDDY, may_count=True)
    cell.session.add(offer)
    cell.session.flush()
    return Subject({"person_id": person_id, "offer_id": offer.id})


@subject("helping.place", "helping.do_place")
def _to_place(cell: Cell) -> Subject:
    made = before(cell)
    offer = OfferOfHelp(person_id=made.episode.person_id, kind=HelpKind.BUDDY, may_count=True)
    cell.session.add(offer)
    cell.session.flush()
    values = {"person_id": made.episode.person_id, "offer_id": offer.id}
    return Subject(values, form=created(service_id=str(made.service_id), how="by phone"))


def placed(cell: Cell) -> OfferOfHelp:
    """An offer of help that waits for a group's answer."""
    made = before(cell)
    offer = OfferOfHelp(person_id=made.episode.person_id, kind=HelpKind.BUDDY, may_count=True)
    cell.session.add(offer)
    cell.session.flush()
    helping.put_to_group(cell.session, made.worker, offer.person_id, offer.id, made.service_id, "by phone")
    return offer


@subject("helping.answered")
def _answered(cell: Cell) -> Subject:
    offer = placed(cell)
    return Subject({"person_id": offer.person_id, "offer_id": offer.id}, form={"answer": "yes"})


def taken_in(cell: Cell) -> OfferOfHelp:
    """An offer of help to which a group said yes."""
    offer = placed(cell)
    offer.said_yes = True
    return offer


@subject("helping.code")
def _code_for_helper(cell: Cell) -> Subject:
    offer = taken_in(cell)
    return Subject({"person_id": offer.person_id, "offer_id": offer.id})


@subject("help_link.show", "help_link.answer")
def _helper_by_link(cell: Cell) -> Subject:
    token = new_link(cell.session, HelpLink(offer_id=placed(cell).id))
    return Subject({"token": token}, form={"answer": "yes"})


@subject("help_link.send_code", "help_link.open_by_code")
def _helper_by_code(cell: Cell) -> Subject:
    token = new_link(cell.session, HelpLink(offer_id=taken_in(cell).id))
    return Subject({"token": token}, form={"code": "12345"})


@subject("groups.answer_help")
def _helper_answered(cell: Cell) -> Subject:
    offer = placed(cell)
    return Subject({"service_id": offer.service_id, "offer_id": offer.id}, form={"answer": "yes"})


@subject("own_side.let_in")
def _offline(cell: Cell) -> Subject:
    episode = active(cell)
    episode.person.email = f"sam{build.number()}@example.org"
    return Subject({"person_id": episode.person_id})
