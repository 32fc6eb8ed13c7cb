"""Claiming a group, and who may do what in it: proof, inviting, handing over, leaving."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Actor, Membership, Permission, Role
from core.accounts import queries as accounts
from core.accounts import services as account_services
from core.accounts import throttle
from core.accounts.models import Account, MembershipRow
from core.accounts.rules import Guess, digits_of
from core.audit import services as audit
from core.db import blind_index
from core.errors import Invalid, NotFound, Refused
from core.notify.services import send_email
from directory.listings.merged import members_of
from directory.listings.models import Organization
from directory.stewardship.claims import queries, rules
from directory.stewardship.claims.models import Claim, GroupPart
from directory.stewardship.claims.rules import ClaimState, Part, Proof
from directory.stewardship.reach import services as reach
from directory.stewardship.reports import services as reports
from directory.stewardship.reports.rules import ReportKind


@dataclass(frozen=True, slots=True)
class Claimant:
    """Whoever claims a group, and how they prove it."""

    name: str
    email: str
    mobile: str
    proof: Proof
    charity_number: str
    words: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is to join a group; the mobile number may be empty."""

    name: str
    email: str
    mobile: str


def make_claim(session: Session, actor: Actor, address: str, organization_id: UUID, who: Claimant) -> UUID:
    """Claim a group. `address` is the network address that asks. Gives the claim's id.

    A claim by email gets its code at once; the others wait for an editor. Raises `NotFound`, `Throttled`, and
    `Invalid` where the proof cannot hold.
    """
    group = session.get(Organization, organization_id)
    if group is None:
        raise NotFound
    _refuse_impossible(session, group, who)
    throttle.count(session, Guess.REPORTING, address)
    claim = Claim(
        organization_id=organization_id,
        account_id=actor.account_id,
        proof=who.proof,
        state=ClaimState.OPEN,
        tries=0,
    )
    claim.name, claim.email, claim.mobile = who.name.strip(), who.email.strip(), who.mobile.strip()
    claim.words = who.words.strip()
    session.add(claim)
    session.flush()
    audit.record(session, actor, "claim.make", "claim", claim.id, proof=who.proof.value)
    if who.proof is Proof.EMAIL:
        throttle.count(session, Guess.SENDING, f"claim {who.email.strip().casefold()}")
        code = _new_code(session, claim)
        send_email(
            session,
            to=who.email,
            template="claim-code",
            context={"code": f"{code[:3]} {code[3:]}", "group": group.name, "claim_id": claim.id},
            about_id=claim.id,
        )
    return claim.id


def give_code(session: Session, claim_id: UUID, typed: str) -> bool:
    """Prove a claim by its code; commit either way, so that tries count. Raises `NotFound`, and `Refused` where the
    claim is decided, has no code, or was guessed at too often."""
    claim = queries.claim_for_update(session, claim_id)
    if claim.state is not ClaimState.OPEN:
        raise Refused("This has been decided already.")
    if claim.code_digest is None:
        raise Refused("There is no code yet. It comes by post once an editor has sent the letter.")
    if claim.tries >= rules.MOST_TRIES:
        raise Refused("There were too many wrong codes. Start again, or ring us.")
    claim.tries += 1
    late = claim.code_expires_at is None or claim.code_expires_at <= clock.now()
    right = not late and secrets.compare_digest(claim.code_digest, _digest(claim, digits_of(typed)))
    if right:
        if claim.proof is Proof.EMAIL and claim.email:
            reach.note_answer(session, claim.email)
        _prove(session, SYSTEM, claim)
    else:
        audit.record(session, SYSTEM, "claim.code-refused", "claim", claim.id)
    return right


def print_letter(session: Session, actor: Actor, claim_id: UUID) -> str:
    """A new code for the letter that an editor posts; an earlier letter's code works no more. Gives it this once."""
    claim = _open_claim(session, actor, claim_id)
    if not claim.proof.is_by_post:
        raise Refused("This claim is not proved by a letter.")
    if claim.proof is Proof.LETTER and not _address(session, claim.organization_id):
        raise Refused("No address stands on the group's pages any more. Ring the group instead.")
    claim.letter_at, claim.tries = clock.now(), 0
    audit.record(session, actor, "claim.print-letter", "claim", claim.id)
    return _new_code(session, claim)


def accept(session: Session, actor: Actor, claim_id: UUID) -> None:
    """An editor's word that the claim is true."""
    _prove(session, actor, _open_claim(session, actor, claim_id))


def refuse(session: Session, actor: Actor, claim_id: UUID) -> None:
    """An editor does not believe the claim. Whoever made it is told to ring."""
    claim = _open_claim(session, actor, claim_id)
    group = session.get_one(Organization, claim.organization_id)
    if claim.email:
        send_email(
            session,
            to=claim.email,
            template="claim-refused",
            context={"group": group.name},
            about_id=claim.id,
        )
    _settle(session, actor, claim, ClaimState.REFUSED)


def invite(session: Session, actor: Actor, organization_id: UUID, who: Newcomer, part: Part) -> None:
    """Ask somebody into the group. Raises `NotFound`, `Refused` for a helper, `Invalid` for the email or mobile."""
    _managed(session, actor, organization_id)
    _join(session, actor, organization_id, who, part)


def set_part(session: Session, actor: Actor, organization_id: UUID, membership_id: UUID, part: Part) -> None:
    """Make somebody an owner or a helper. Raises `NotFound`, `Refused` where no owner would be left."""
    group = _managed(session, actor, organization_id)
    person = _person(group, membership_id)
    if part is Part.HELPER and person.part is Part.OWNER and group.owners <= 1:
        raise Refused("A group needs an owner. Make somebody else the owner first.")
    _write_part(session, membership_id, part)
    audit.record(session, actor, "group.part", "account", person.account_id, part=part.value)


def remove(session: Session, actor: Actor, organization_id: UUID, membership_id: UUID) -> None:
    """Take somebody else out of the group. Raises `NotFound`, `Refused`."""
    group = _managed(session, actor, organization_id)
    person = _person(group, membership_id)
    if person.is_me:
        raise Refused("To leave the group yourself, press “Leave this group”.")
    if actor.has(Role.EDITOR) and rules.leaves_nobody(
        group.owners, len(group.people), is_owner=person.part is Part.OWNER
    ):
        reports.tell(session, ReportKind.NOBODY, None, organization_id)
    account_services.end_membership(session, actor, person.account_id, membership_id)


def leave(session: Session, actor: Actor, organization_id: UUID, *, knows: bool) -> None:
    """Leave a group. Where nobody would be left who may run it, `knows` must say that this is known; then an editor
    hears of it. Raises `NotFound`, and `Invalid` without that."""
    group = queries.people(session, actor, organization_id)
    me = group.me
    if me is None:
        raise NotFound
    if rules.leaves_nobody(group.owners, len(group.people), is_owner=me.part is Part.OWNER):
        if not knows:
            raise Invalid(
                "Nobody else runs this group. Make somebody the owner first, or tick the box and leave.",
                "knows",
            )
        reports.tell(session, ReportKind.NOBODY, None, organization_id)
    account_services.end_membership(session, actor, me.account_id, me.membership_id)


def _refuse_impossible(session: Session, group: Organization, who: Claimant) -> None:
    if who.proof is Proof.EMAIL and not rules.proves_by_email(
        who.email, group.email or "", group.website or ""
    ):
        raise Invalid(
            "That address is not the group's own, so a code there proves nothing. Give the group's own address, or"
            " choose another way.",
            "email",
        )
    if who.proof is Proof.CHARITY and not rules.same_charity_number(
        who.charity_number, group.charity_number or ""
    ):
        raise Invalid(
            "That is not the charity number that we have for this group. Check it, or choose another way.",
            "charity_number",
        )
    if who.proof is Proof.LETTER and not _address(session, group.id):
        raise Invalid(
            "No address stands on the group's pages, so we cannot post a letter. Choose another way.", "proof"
        )


def _address(session: Session, group_id: UUID) -> tuple[str, ...]:
    return queries.published_addresses(session, [group_id]).get(group_id, ())


def _prove(session: Session, actor: Actor, claim: Claim) -> None:
    group_id = claim.organization_id
    who = Newcomer(claim.name or "", claim.email or "", claim.mobile or "")
    others = [session.get(Account, one) for one in members_of(session, group_id)]
    # Where a group has people, they say who runs it: whoever comes by a claim helps until they do.
    part = Part.HELPER if others else Part.OWNER
    _join(session, actor, group_id, who, part)
    group = session.get_one(Organization, group_id)
    for other in others:
        if other is not None and other.email and other.disabled_at is None:
            send_email(
                session,
                to=other.email,
                template="claim-told",
                context={"group": group.name, "group_id": group_id},
                about_id=claim.id,
            )
    _settle(session, actor, claim, ClaimState.PROVED)


def _settle(session: Session, actor: Actor, claim: Claim, state: ClaimState) -> None:
    claim.state, claim.decided_at, claim.decided_by_id = state, clock.now(), actor.account_id
    claim.name = claim.email = claim.mobile = claim.words = claim.code_digest = None
    audit.record(session, actor, f"claim.{state.value}", "claim", claim.id)
    session.flush()


def _join(session: Session, actor: Actor, organization_id: UUID, who: Newcomer, part: Part) -> None:
    membership = Membership(Role.GROUP_MEMBER, organization_id=organization_id)
    known = accounts.account_by_email_for_update(session, who.email)
    if known is None:
        account_id = account_services.invite(
            session, actor, who.name, who.email, [membership], mobile=who.mobile or None
        )
    elif known.disabled_at is not None:
        raise Refused("The account with this email address is turned off. Ring us.")
    else:
        account_id = known.id
        if membership in accounts.live_memberships(known):
            return
        account_services.add_membership(session, actor, account_id, membership)
        group = session.get_one(Organization, organization_id)
        send_email(
            session,
            to=known.email or "",
            template="group-joined",
            context={"group": group.name},
            about_id=account_id,
        )
    row = session.scalar(
        select(MembershipRow.id).where(
            MembershipRow.account_id == account_id,
            MembershipRow.organization_id == organization_id,
            MembershipRow.ended_at.is_(None),
        )
    )
    if row is not None:
        _write_part(session, row, part)


def _write_part(session: Session, membership_id: UUID, part: Part) -> None:
    row = session.scalar(select(GroupPart).where(GroupPart.membership_id == membership_id))
    if row is None:
        session.add(GroupPart(membership_id=membership_id, part=part))
    else:
        row.part = part
    session.flush()


def _managed(session: Session, actor: Actor, organization_id: UUID) -> queries.GroupPeople:
    group = queries.people(session, actor, organization_id)
    if not group.may_manage:
        raise Refused("Only an owner of the group can do this. Ask one of them.")
    return group


def _person(group: queries.GroupPeople, membership_id: UUID) -> queries.GroupPerson:
    for one in group.people:
        if one.membership_id == membership_id:
            return one
    raise NotFound


def _open_claim(session: Session, actor: Actor, claim_id: UUID) -> Claim:
    actor.must(Permission.MODERATE)
    claim = queries.claim_for_update(session, claim_id)
    if claim.state is not ClaimState.OPEN:
        raise Refused("Another editor has decided on this already.")
    return claim


def _new_code(session: Session, claim: Claim) -> str:
    code = f"{secrets.randbelow(10**6):06}"
    claim.code_digest = _digest(claim, code)
    claim.code_expires_at = clock.now() + rules.CODE_LIFE[claim.proof]
    session.flush()
    return code


def _digest(claim: Claim, code: str) -> str:
    return blind_index("claim-code", f"{claim.id}|{code}")
