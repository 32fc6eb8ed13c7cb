"""A group's way to one offer of help without an account: its links, what they show, and the code behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Actor
from core.accounts import second_factor
from core.accounts.models import CodePurpose
from core.audit import services as audit
from core.errors import NotFound, Refused
from core.settings import current_settings
from directory import published
from directory.published import Offer
from prescribing.episodes.contributions import Press
from prescribing.people import queries as people
from prescribing.people.models import Person
from prescribing.referrals.inbox import Gone, is_unlocked
from prescribing.referrals.links import can_be_told, new_link, revoke, text_code_to, write_to_group
from prescribing.referrals.scope import link_actor, link_works, live_link
from prescribing.residents.help_seen import Helper, as_seen, may_be_known
from prescribing.residents.models import HelpLink, OfferOfHelp
from prescribing.residents.scope import offer_for_update


@dataclass(frozen=True)
class OpenedHelp:
    """What a link leads to. `helper` is at the tier of the group's answer; there is none where the code is asked for,
    and where all is `gone`."""

    helper: Helper | None = None
    gone: Gone | None = None
    reference: str = ""
    offer: Offer | None = None
    needs_code: bool = False


def tell_group(session: Session, row: OfferOfHelp, offer: Offer, *, template: str = "help-offered") -> bool:
    """Send the group a link to an offer, with no word of whose it is. Gives whether there was a way."""
    if not can_be_told(session, offer):
        return False
    token = new_link(session, HelpLink(offer_id=row.id))
    link = f"{current_settings().base_url}/answer/help/{token}"
    context = {"activity": offer.name, "link": link, "reference": row.reference}
    write_to_group(session, offer, template, context, about_id=row.id)
    return True


def revoke_links(session: Session, offer_id: UUID) -> None:
    """No link that was sent for this offer opens anything any more."""
    revoke(session, HelpLink, HelpLink.offer_id == offer_id)


def by_link(session: Session, token: str, unlocked: Mapping[str, datetime]) -> OpenedHelp:
    """What a link's holder may see. `unlocked` says until when which links were opened by a code. Whoever shows it
    audits the look."""
    link = live_link(session, token, HelpLink)
    if link is None:
        return OpenedHelp(gone=Gone("unknown"))
    row = session.get_one(OfferOfHelp, link.offer_id)
    why = _why_not(session, link, row)
    if why or row.service_id is None:
        return OpenedHelp(gone=Gone(why, row.reference or "", declined=why == "closed"))
    one = as_seen(row, session.get_one(Person, row.person_id))
    needs_code = bool(one.said_yes) and not is_unlocked(link, unlocked)
    return OpenedHelp(
        helper=None if needs_code else one,
        reference=one.reference,
        offer=published.offer(session, row.service_id),
        needs_code=needs_code,
    )


def held(session: Session, token: str) -> tuple[Actor, OfferOfHelp]:
    """Whoever holds a link that works, and the offer behind it. Raises `NotFound`."""
    _link, row, organization_id = _held(session, token)
    return link_actor(organization_id), row


def text_code(session: Session, token: str) -> None:
    """Text a one-time code to the group of a link that said yes. Raises as `text_code_to`, and `NotFound`."""
    link, row, _organization_id = _held(session, token)
    if not row.said_yes or row.service_id is None:
        raise NotFound
    text_code_to(session, link, published.offer(session, row.service_id), row.id)


def check_code(session: Session, token: str, typed: str) -> UUID | None:
    """The link's id where the code is right, else none; commit either way, so that tries count."""
    link, row, organization_id = _held(session, token)
    right = second_factor.check_code(session, CodePurpose.ANSWER_LINK, row.id, typed)
    audit.record(
        session,
        link_actor(organization_id),
        "help.link-opened" if right else "help.code-refused",
        "person",
        row.person_id,
    )
    return link.id if right else None


def code_to_read_out(session: Session, actor: Actor, person_id: UUID, offer_id: UUID) -> str:
    """A one-time code that a link worker reads to a group on the phone: it opens who would like to help. Raises
    `NotFound` out of scope, `Refused` where the group may not see it."""
    people.person_for_update(session, actor, person_id)
    row = offer_for_update(session, offer_id)
    if row is None or row.person_id != person_id:
        raise NotFound
    if not row.said_yes or not may_be_known(session, row):
        raise Refused("The group may not see who it is now, so there is no code.")
    audit.record(session, actor, "help.code-read-out", "person", person_id)
    return second_factor.issue_code(session, CodePurpose.ANSWER_LINK, row.id)


def by_reference(session: Session, actor: Actor, reference: str) -> Press | None:
    """Where an offer of somebody of the actor's team is dealt with, which its group knows by that reference."""
    found = (
        select(OfferOfHelp.person_id)
        .join(Person, Person.id == OfferOfHelp.person_id)
        .where(OfferOfHelp.reference == reference, people.of_teams(actor))
    )
    person_id = session.scalar(found)
    if person_id is None:
        return None
    return Press("Open their offers", "own_side.thread", {"person_id": person_id})


def _held(session: Session, token: str) -> tuple[HelpLink, OfferOfHelp, UUID]:
    link = live_link(session, token, HelpLink)
    if link is None:
        raise NotFound
    row = session.get_one(OfferOfHelp, link.offer_id)
    if _why_not(session, link, row) or row.organization_id is None:
        raise NotFound
    return link, row, row.organization_id


def _why_not(session: Session, link: HelpLink, row: OfferOfHelp) -> str:
    if link.revoked_at is not None:
        return "taken-back"
    if row.said_yes is False:
        return "closed"
    if not may_be_known(session, row):
        return "taken-back"
    return "" if link_works(link) else "over"
