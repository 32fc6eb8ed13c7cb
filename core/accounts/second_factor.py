"""The second step of signing in: an authenticator app's code, a code in a text, one read out, or a recovery code."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.accounts import queries, rules, sessions, throttle
from core.accounts.models import Account, CodePurpose, OneTimeCode, RecoveryCode
from core.accounts.rules import Guess, SecondFactor
from core.accounts.sessions import Visitor
from core.audit import services as audit
from core.db import blind_index
from core.errors import NotFound, Refused
from core.notify import manners
from core.notify.services import send_text

# No letters or digits that are taken for one another.
_RECOVERY_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Step:
    """What the second step asks of whoever gave the right password.

    `setting_up` is an app's secret to enrol with, where there is none yet; `sent_to` tells which number was texted.
    """

    factor: SecondFactor
    setting_up: str | None
    sent_to: str | None
    address: str | None


@dataclass(frozen=True)
class Enrolled:
    """An app was set up: the token of the session that it opens, and recovery codes to be shown this once."""

    token: str
    recovery_codes: list[str]


def actor_of(account: Account) -> Actor:
    """The account as whoever acts."""
    return Actor(account.id, account.name or "", queries.live_memberships(account))


def step_of(session: Session, visitor: Visitor) -> Step:
    """What to ask next."""
    account = session.get_one(Account, visitor.account_id)
    setting_up = visitor.factor is SecondFactor.APP and account.totp_confirmed_at is None
    mobile = account.mobile
    return Step(
        factor=visitor.factor,
        setting_up=account.totp_secret if setting_up else None,
        sent_to=rules.hide_number(mobile) if mobile else None,
        address=account.email if setting_up else None,
    )


def address_for_app(secret: str, email: str, service_name: str) -> str:
    """The `otpauth:` address that an authenticator app reads out of the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=service_name)


def prove(session: Session, visitor: Visitor, typed: str) -> str | None:
    """The token of a whole session where the code is right, else none; commit either way, so that tries count.

    Raises `Throttled` after too many wrong codes.
    """
    account = queries.account_for_update(session, visitor.account_id)
    if visitor.factor is SecondFactor.CODE:
        right, how = check_code(session, CodePurpose.SIGN_IN, account.id, typed), "code"
    else:
        right, how = _check_app(session, account, typed)
    if not right:
        audit.record(session, actor_of(account), "account.code-refused", "account", account.id)
        return None
    audit.record(session, actor_of(account), "account.sign-in", "account", account.id, factor=how)
    return _open_whole(session, visitor)


def enrol(session: Session, visitor: Visitor, typed: str) -> Enrolled | None:
    """Set up the app whose secret was shown, once it gives a right code; else none. Commit either way.

    Raises `Refused` when an app is set up already.
    """
    account = queries.account_for_update(session, visitor.account_id)
    if account.totp_confirmed_at is not None or visitor.factor is not SecondFactor.APP:
        raise Refused("Your authenticator app is set up already.")
    throttle.count(session, Guess.CODE, str(account.id))
    secret = account.totp_secret
    step = rules.totp_step(secret, typed, clock.now(), None) if secret else None
    if step is None:
        return None
    throttle.forgive_all(session, Guess.CODE, str(account.id))
    account.totp_confirmed_at, account.totp_last_step = clock.now(), step
    codes = renew_recovery_codes(session, account.id)
    audit.record(session, actor_of(account), "account.app-set-up", "account", account.id)
    audit.record(session, actor_of(account), "account.sign-in", "account", account.id, factor="app")
    return Enrolled(_open_whole(session, visitor), codes)


def confirm_with_app(session: Session, actor: Actor, typed: str) -> bool:
    """Ask for the second factor again before something grave; commit either way."""
    if actor.account_id is None:
        raise NotFound
    account = queries.account_for_update(session, actor.account_id)
    right, _ = _check_app(session, account, typed)
    return right


def renew_recovery_codes(session: Session, account_id: UUID) -> list[str]:
    """Ten new recovery codes; the old ones open nothing any more. They can't be read again."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = []
    for _ in range(rules.RECOVERY_CODES):
        letters = "".join(secrets.choice(_RECOVERY_LETTERS) for _ in range(10))
        codes.append(f"{letters[:5]}-{letters[5:]}")
        session.add(RecoveryCode(account_id=account_id, code_hash=_recovery_digest(account_id, letters)))
    session.flush()
    return codes


def resend_code(session: Session, visitor: Visitor) -> None:
    """Text another code. Raises `Throttled`, and `Refused` where there is no number to text."""
    account = queries.account_for_update(session, visitor.account_id)
    if visitor.factor is not SecondFactor.CODE or account.mobile_sealed is None:
        raise Refused("We have no mobile number for you. Ask your link worker to read you a code.")
    throttle.count(session, Guess.SENDING, str(account.id))
    text_code(session, account)


def text_code(session: Session, account: Account) -> None:
    """Text a sign-in code to the account's mobile."""
    code = issue_code(session, CodePurpose.SIGN_IN, account.id)
    send_text(
        session,
        to=account.mobile or "",
        template="sign-in-code",
        context={"code": code},
        about_id=account.id,
        manner=manners.of_account(session, account.id),
    )


def issue_code_to_read_out(session: Session, actor: Actor, account_id: UUID) -> str:
    """A sign-in code that a link worker reads to somebody over the phone. The caller checks that the person or
    group is theirs to help. Raises `NotFound` for anybody else's account, and for staff, who use their app."""
    account = queries.account_for_update(session, account_id)
    factor = rules.second_factor_of(m.role for m in queries.live_memberships(account))
    if not actor.has(Role.LINK_WORKER, Role.COORDINATOR) or factor is not SecondFactor.CODE:
        raise NotFound
    audit.record(session, actor, "account.code-read-out", "account", account_id)
    return issue_code(session, CodePurpose.SIGN_IN, account_id)


def issue_code(session: Session, purpose: CodePurpose, subject_id: UUID) -> str:
    """A new six-digit code for the account or the link `subject_id`; it lives ten minutes and replaces any before."""
    now = clock.now()
    session.execute(
        update(OneTimeCode)
        .where(
            OneTimeCode.purpose == purpose,
            OneTimeCode.subject_id == subject_id,
            OneTimeCode.used_at.is_(None),
        )
        .values(used_at=now)
    )
    code = f"{secrets.randbelow(1_000_000):06}"
    session.add(
        OneTimeCode(
            purpose=purpose,
            subject_id=subject_id,
            code_digest=_code_digest(purpose, subject_id, code),
            created_at=now,
            expires_at=now + rules.CODE_LIFE,
            tries=0,
        )
    )
    session.flush()
    return code


def check_code(session: Session, purpose: CodePurpose, subject_id: UUID, typed: str) -> bool:
    """Whether `typed` is the subject's present code, which is then used up; commit either way, so that tries count.

    A code takes five tries. Raises `Throttled` after too many wrong ones over all the subject's codes.
    """
    throttle.count(session, Guess.CODE, str(subject_id))
    now = clock.now()
    row = session.scalar(
        select(OneTimeCode)
        .where(
            OneTimeCode.purpose == purpose,
            OneTimeCode.subject_id == subject_id,
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > now,
            OneTimeCode.tries < rules.CODE_TRIES,
        )
        .order_by(OneTimeCode.created_at.desc())
        .limit(1)
        .with_for_update()
    )
    if row is None:
        return False
    row.tries += 1
    right = secrets.compare_digest(row.code_digest, _code_digest(purpose, subject_id, rules.digits_of(typed)))
    if right:
        row.used_at = now
        throttle.forgive_all(session, Guess.CODE, str(subject_id))
    session.flush()
    return right


def _check_app(session: Session, account: Account, typed: str) -> tuple[bool, str]:
    """Whether the app's code or a recovery code is right, and which it was; each works once."""
    throttle.count(session, Guess.CODE, str(account.id))
    if account.totp_confirmed_at is None or account.totp_secret is None:
        return False, "app"
    step = rules.totp_step(account.totp_secret, typed, clock.now(), account.totp_last_step)
    if step is not None:
        account.totp_last_step = step
        throttle.forgive_all(session, Guess.CODE, str(account.id))
        return True, "app"
    digest = _recovery_digest(account.id, rules.digits_of(typed))
    recovered = session.scalar(
        select(RecoveryCode).where(
            RecoveryCode.account_id == account.id,
            RecoveryCode.code_hash == digest,
            RecoveryCode.used_at.is_(None),
        )
    )
    if recovered is None:
        return False, "app"
    recovered.used_at = clock.now()
    throttle.forgive_all(session, Guess.CODE, str(account.id))
    return True, "recovery"


def _open_whole(session: Session, visitor: Visitor) -> str:
    sessions.end(session, visitor.session_id, "second factor shown")
    return sessions.open_session(session, visitor.account_id, pending=False)


def _code_digest(purpose: CodePurpose, subject_id: UUID, code: str) -> str:
    return blind_index(f"one-time-code-{purpose.value}", f"{subject_id}|{code}")


def _recovery_digest(account_id: UUID, letters: str) -> str:
    # Fifty random bits under our key need no slow hash.
    return blind_index("recovery-code", f"{account_id}|{letters}")
