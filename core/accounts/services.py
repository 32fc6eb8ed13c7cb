"""Making accounts, and saying what they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Membership, Role
from core.accounts import links, passwords, queries, reach, rules, second_factor, sessions
from core.accounts.models import Account, LinkPurpose, MembershipRow, RecoveryCode
from core.accounts.passwords import hash_password
from core.accounts.rules import SecondFactor
from core.audit import services as audit
from core.db import blind_index
from core.errors import Invalid, NotFound, Refused
from core.notify import manners
from core.notify.services import send_text
from core.settings import current_settings


def create_account(
    session: Session,
    actor: Actor,
    name: str,
    email: str,
    memberships: Sequence[Membership],
    *,
    password: str | None = None,
    persona: str | None = None,
    mobile: str | None = None,
) -> UUID:
    """Make an account and give its id. Without `password` it can be entered only after an invitation, or by a link.
    `email` is empty for somebody who has only a mobile.

    `persona` names an example account, which the demo lets anyone sign in to. Raises `Invalid` for an email
    address that has an account already, a mobile number that can't be texted, or a password that will not do.
    """
    address, number = email.strip(), _mobile(mobile) if mobile else None
    if not address and number is None:
        raise Invalid("Enter an email address or a mobile number.", "email")
    if address and queries.account_by_email_for_update(session, address) is not None:
        raise Invalid("There is an account with this email address already.", "email")
    problem = rules.problem_with_password(password, (name, email)) if password is not None else None
    if problem:
        raise Invalid(problem, "password")
    account = Account(
        name=name.strip(),
        email=address or None,
        email_index=blind_index("account-email", rules.same_email(address)) if address else None,
        mobile=number,
        mobile_index=blind_index("account-mobile", number) if number else None,
        password_hash=hash_password(password) if password is not None else None,
        persona=persona,
    )
    session.add(account)
    session.flush()
    audit.record(session, actor, "account.create", "account", account.id)
    for membership in memberships:
        add_membership(session, actor, account.id, membership)
    return account.id


def invite(
    session: Session,
    actor: Actor,
    name: str,
    email: str,
    memberships: Sequence[Membership],
    *,
    mobile: str | None = None,
) -> UUID:
    """Make an account and email its owner a link by which they choose their password; whoever has only a mobile is
    told by text where to sign in. Raises as `create_account`, and `Refused` where no text may go there."""
    account_id = create_account(session, actor, name, email, memberships, mobile=mobile)
    send_invitation(session, actor, account_id)
    return account_id


def known_for_update(session: Session, email: str, mobile: str | None) -> Account | None:
    """The account that somebody new comes in by already: that of their email address or, where they have none, the one
    of their mobile that has no address either. Raises `Refused` for a mobile by which somebody else comes in."""
    if email.strip():
        return queries.account_by_email_for_update(session, email)
    found = queries.accounts_by_mobile_for_update(session, mobile or "")
    alone = next((one for one in found if one.email_sealed is None), None)
    theirs = {Role.RESIDENT, Role.PROXY}
    if alone is None and any(held.role in theirs for one in found for held in queries.live_memberships(one)):
        raise Refused("This number is somebody's way in already. Write down an email address of their own.")
    return alone


def send_invitation(session: Session, actor: Actor, account_id: UUID) -> None:
    """Email the link again, or text where to sign in. Raises `Refused` for an account that has its password, or is
    turned off, or may not be texted."""
    account = queries.account_for_update(session, account_id)
    if account.password_hash is not None or account.disabled_at is not None:
        raise Refused("This account is not waiting for an invitation.")
    if account.email_sealed is not None:
        links.send_link(session, account, LinkPurpose.INVITATION)
    else:
        _text_where(session, account)
    audit.record(session, actor, "account.invite", "account", account.id)


def _text_where(session: Session, account: Account) -> None:
    """Tell somebody without an email address where they ask for a link. This text opens nothing."""
    if not reach.may_text(session, account):
        raise Refused(
            "No text may go to this number. Ask them whether texts are safe, or write down an email."
        )
    settings = current_settings()
    send_text(
        session,
        to=account.mobile or "",
        template="sign-in-open",
        context={"link": f"{settings.base_url}/sign-in/link"},
        about_id=account.id,
        manner=manners.of_account(session, account.id),
    )


def add_membership(session: Session, actor: Actor, account_id: UUID, membership: Membership) -> UUID:
    """Give an account a role. Raises `Refused` when it holds that role there already."""
    account = queries.account_for_update(session, account_id)
    if membership in queries.live_memberships(account):
        raise Refused("This account has that role there already.")
    row = MembershipRow(
        account=account,
        role=membership.role,
        team_id=membership.team_id,
        organization_id=membership.organization_id,
        partner_id=membership.partner_id,
        person_id=membership.person_id,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor,
        "membership.add",
        "account",
        account_id,
        role=membership.role.value,
        place=_text(membership),
    )
    return row.id


def end_membership(session: Session, actor: Actor, account_id: UUID, membership_id: UUID) -> None:
    """Take a role away; whoever is signed in with it is signed out. Raises `NotFound`, and `Refused` for one's own
    role as administrator, so that somebody is always left."""
    account = queries.account_for_update(session, account_id)
    row = next((m for m in account.memberships if m.id == membership_id and m.ended_at is None), None)
    if row is None:
        raise NotFound
    if row.role is Role.ADMINISTRATOR and account_id == actor.account_id:
        raise Refused("You cannot take your own role as administrator away. Ask another administrator.")
    row.ended_at = clock.now()
    if not queries.live_memberships(account):
        # Whoever is let in again chooses new ones: somebody else may know these.
        account.words_hash = None
    sessions.end_all(session, account_id, "membership ended")
    audit.record(session, actor, "membership.end", "account", account_id, role=row.role.value)


def disable(session: Session, actor: Actor, account_id: UUID) -> None:
    """Turn an account off; it is signed out everywhere. Raises `Refused` for one's own."""
    account = queries.account_for_update(session, account_id)
    if account_id == actor.account_id:
        raise Refused("You cannot turn your own account off. Ask another administrator.")
    account.disabled_at = account.disabled_at or clock.now()
    sessions.end_all(session, account_id, "account turned off")
    audit.record(session, actor, "account.disable", "account", account_id)


def enable(session: Session, actor: Actor, account_id: UUID) -> None:
    """Turn an account on again."""
    account = queries.account_for_update(session, account_id)
    account.disabled_at = None
    audit.record(session, actor, "account.enable", "account", account_id)


def reset_second_factor(session: Session, actor: Actor, account_id: UUID) -> None:
    """Forget the account's authenticator app, for somebody who lost their phone: they set up another when they sign
    in next. Raises `Refused` for one's own."""
    account = queries.account_for_update(session, account_id)
    if account_id == actor.account_id:
        raise Refused("You cannot reset your own app. Use a recovery code, or ask another administrator.")
    account.totp_secret, account.totp_confirmed_at, account.totp_last_step = None, None, None
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    sessions.end_all(session, account_id, "app reset")
    audit.record(session, actor, "account.reset-app", "account", account_id)


def change_own_password(session: Session, actor: Actor, present: str, new: str) -> None:
    """Change one's own password, and end every session that was opened with the old one, this one too.

    Raises `Invalid` when the present password is wrong or the new one will not do.
    """
    account = _own(session, actor)
    if not passwords.matches(account.password_hash, present):
        raise Invalid("That is not your present password.", "password")
    links.change_password(session, actor, account, new, because="password changed")


def choose_own_words(session: Session, actor: Actor, typed: str) -> None:
    """Keep words that only the actor knows: after a link they stand for the code. Raises `Invalid` for words that will
    not do, `Refused` for whoever has an app."""
    account = _own(session, actor)
    if rules.second_factor_of(m.role for m in queries.live_memberships(account)) is not SecondFactor.CODE:
        raise Refused("You sign in with an authenticator app, so you need no words.")
    problem = rules.problem_with_words(typed, account.name or "")
    if problem:
        raise Invalid(problem, "words")
    account.words_hash = hash_password(rules.same_words(typed))
    audit.record(session, actor, "account.choose-words", "account", account.id)


def renew_own_recovery_codes(session: Session, actor: Actor) -> list[str]:
    """Ten new recovery codes for oneself, to be shown this once. Raises `Refused` without an app."""
    account = refuse_without_app(session, actor)
    audit.record(session, actor, "account.renew-recovery-codes", "account", account.id)
    return second_factor.renew_recovery_codes(session, account.id)


def refuse_without_app(session: Session, actor: Actor) -> Account:
    """One's own account, which has an authenticator app; raises `Refused` where it has none."""
    account = _own(session, actor)
    if account.totp_confirmed_at is None:
        raise Refused("You have no authenticator app, so you need no recovery codes.")
    return account


def sign_out(session: Session, actor: Actor) -> None:
    """End the session that the actor came in by."""
    if actor.session_id is not None:
        sessions.end(session, actor.session_id, "signed out")
        audit.record(session, actor, "account.sign-out", "account", actor.account_id)


def sign_out_everywhere(session: Session, actor: Actor) -> None:
    """End every session of one's own account, this one too."""
    account = _own(session, actor)
    sessions.end_all(session, account.id, "signed out everywhere")
    audit.record(session, actor, "account.sign-out-everywhere", "account", account.id)


def _own(session: Session, actor: Actor) -> Account:
    if actor.account_id is None:
        raise NotFound
    return queries.account_for_update(session, actor.account_id)


def _mobile(typed: str) -> str:
    number = rules.same_mobile(typed)
    if number is None:
        raise Invalid("Enter a mobile number like 07700 900123.", "mobile")
    return number


def _text(membership: Membership) -> str | None:
    return str(membership.place_id) if membership.place_id else None
