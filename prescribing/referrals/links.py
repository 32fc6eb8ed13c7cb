"""A group's way to one thing without an account: links sent by email or text, and the one-time code behind them. What
an offer of help shows behind its link is for `residents`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import phonenumbers
from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.accounts import second_factor, throttle
from core.accounts.models import Account, CodePurpose
from core.accounts.rules import Guess
from core.accounts.sessions import digest_of
from core.audit import services as audit
from core.errors import NotFound, Refused
from core.notify.services import send_email, send_text
from core.settings import current_settings
from directory import published
from directory.published import Offer
from prescribing.referrals.models import AnswerLink, GroupLink, Referral
from prescribing.referrals.rules import JoinMode, ReferralState
from prescribing.referrals.scope import (
    link_actor,
    link_works,
    live_link,
    referral_for_update,
    tier_for_group,
)

LINK_LIFE = timedelta(days=60)
_MOST_ADDRESSES = 3


def make_link(session: Session, referral: Referral) -> str:
    """A new link to a referral; gives its token."""
    return new_link(session, AnswerLink(referral_id=referral.id))


def new_link(session: Session, link: GroupLink) -> str:
    """Keep a new link that says what it is for; gives its token, of which only the digest is kept."""
    token = secrets.token_urlsafe(32)
    link.token_digest = digest_of(token)
    link.created_at, link.expires_at = clock.now(), clock.now() + LINK_LIFE
    session.add(link)
    session.flush()
    return token


def revoke(session: Session, kind: type[GroupLink], which: ColumnElement[bool]) -> None:
    """None of these links opens anything any more."""
    session.execute(update(kind).where(which, kind.revoked_at.is_(None)).values(revoked_at=clock.now()))


def tell_group(session: Session, referral: Referral, offer: Offer, *, template: str = "") -> bool:
    """Send the group a link to a referral, with no word of whom it is about: by email, or by text where we know only
    its mobile. Gives whether there was a way."""
    settings = current_settings()
    if not can_be_told(session, offer):
        return False
    link = f"{settings.base_url}/answer/{make_link(session, referral)}"
    if not template:
        template = "referral-heads-up" if referral.join_mode is JoinMode.TURN_UP else "referral-new"
        if referral.based_on_id is not None and referral.state is ReferralState.ACCEPTED:
            template = "referral-accepted"
    context = {
        "link": link,
        "activity": offer.name,
        "reference": referral.reference,
        "reply_by": referral.reply_by,
    }
    write_to_group(session, offer, template, context, about_id=referral.id)
    return True


def can_be_told(session: Session, offer: Offer) -> bool:
    """Whether we can write to the group of an activity."""
    return bool(group_addresses(session, offer) or mobile_of_group(offer))


def group_addresses(session: Session, offer: Offer) -> list[str]:
    """Where a group reads its email: the address that it gave, else those of whoever acts for it."""
    if offer.group_email:
        return [offer.group_email]
    accounts = (session.get(Account, one) for one in published.members_of_group(session, offer.group_id))
    found = [one.email for one in accounts if one is not None and one.email and one.disabled_at is None]
    return list(dict.fromkeys(found))[:_MOST_ADDRESSES]


def tell_to_delete(session: Session, referral: Referral) -> None:
    """Ask the group to delete what it keeps about a referral, named by its reference alone."""
    offer = published.offer(session, referral.service_id)
    context = {"activity": offer.name, "reference": referral.reference}
    write_to_group(session, offer, "referral-delete", context, about_id=None)


def mobile_of_group(offer: Offer) -> str:
    """The first of the group's own numbers that texts reach; else an empty text."""
    return next((number for number in offer.group_phones if _is_mobile(number)), "")


def mobile_for_code(session: Session, offer: Offer) -> str:
    """Where a one-time code can be texted: never the way the link itself went. An empty text where it is read out."""
    return mobile_of_group(offer) if group_addresses(session, offer) else ""


def text_code(session: Session, token: str) -> None:
    """Text a one-time code to the group of a link. Raises as `text_code_to`, and `NotFound`."""
    link, referral = held_link(session, token)
    text_code_to(session, link, published.offer(session, referral.service_id), referral.id)


def text_code_to(session: Session, link: GroupLink, offer: Offer, about_id: UUID) -> None:
    """Text a one-time code for what a link is about to the group of an activity. Raises `Throttled`, and `Refused`
    where it has no mobile or the link itself went there."""
    mobile = mobile_for_code(session, offer)
    if not mobile:
        raise Refused("We cannot text you a code. Ring us and we will read you one.")
    throttle.count(session, Guess.SENDING, str(link.id))
    code = second_factor.issue_code(session, CodePurpose.ANSWER_LINK, about_id)
    send_text(session, to=mobile, template="answer-code", context={"code": code}, about_id=about_id)


def write_to_group(
    session: Session, offer: Offer, template: str, context: Mapping[str, Any], *, about_id: UUID | None
) -> None:
    """By email to whoever reads it for the group, else by text to its mobile."""
    addresses = group_addresses(session, offer)
    for address in addresses:
        send_email(session, to=address, template=template, context=context, about_id=about_id)
    mobile = mobile_of_group(offer)
    if mobile and not addresses:
        send_text(session, to=mobile, template=template, context=context, about_id=about_id)


def _is_mobile(printed: str) -> bool:
    try:
        number = phonenumbers.parse(printed, "GB")
    except phonenumbers.NumberParseException:
        return False
    # By its first digits, since numbers kept for examples belong to no network: 07, but for 070 and pagers' 076.
    digits = str(number.national_number)
    return number.country_code == 44 and digits.startswith("7") and digits[1:2] not in {"0", "6"}


def code_to_read_out(session: Session, actor: Actor, referral_id: UUID) -> str:
    """A one-time code that a link worker reads to a group on the phone: it opens what an accepting group sees.

    Raises `NotFound` out of scope, `Refused` where the group may see nothing anyway.
    """
    referral = referral_for_update(session, actor, referral_id)
    if tier_for_group(session, referral) is None:
        raise Refused("The group may not see anything of this referral now, so there is no code.")
    audit.record(session, actor, "referral.code-read-out", "referral", referral.id)
    return second_factor.issue_code(session, CodePurpose.ANSWER_LINK, referral.id)


def check_code(session: Session, token: str, typed: str) -> UUID | None:
    """The link's id where the code is right, else none; commit either way, so that tries count."""
    link, referral = held_link(session, token)
    right = second_factor.check_code(session, CodePurpose.ANSWER_LINK, referral.id, typed)
    audit.record(
        session,
        link_actor(referral.organization_id),
        "referral.link-opened" if right else "referral.code-refused",
        "referral",
        referral.id,
    )
    return link.id if right else None


def held_link(session: Session, token: str) -> tuple[AnswerLink, Referral]:
    """A link that works, and its referral. Raises `NotFound`."""
    link = live_link(session, token, AnswerLink)
    if link is None or not link_works(link):
        raise NotFound
    return link, link.referral


def actor_of_link(session: Session, token: str) -> Actor:
    """Whoever holds a link that works. Raises `NotFound`."""
    _link, referral = held_link(session, token)
    return link_actor(referral.organization_id)
