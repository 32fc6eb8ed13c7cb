"""The second step of signing in: an authenticator app's code or a recovery code; or a code in a text, in an email or
read out; or, after a link, words that only they know. It never comes the way the first step came."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.accounts import passwords, queries, reach, rules, sessions, throttle
from core.accounts.models import Account, CodePurpose, OneTimeCode, RecoveryCode
from core.accounts.rules import CodeWay, FirstStep, Guess, SecondFactor
from core.accounts.sessions import Visitor
from core.audit import services as audit
from core.db import blind_index
from core.errors import NotFound, Refused
from core.notify import manners
from core.notify.services import send_email, send_text

# No letters or digits that are taken for one another.
_RECOVERY_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_PURPOSES = {CodeWay.TEXT: CodePurpose.SIGN_IN, CodeWay.EMAIL: CodePurpose.SIGN_IN_EMAILED}


@dataclass(frozen=True)
class Step:
    """What the second step asks of whoever took the first.

    `setting_up` is an app's secret to enrol with, where there is none yet; `way` is how the code was sent, and
    `sent_to` tells which number was texted; `own_words` says that words that they chose will do instead.
    """

    factor: SecondFactor
    setting_up: str | None
    way: CodeWay | None
    sent_to: str | None
    address: str | None
    own_words: bool


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
    way = reach.way_of_code(session, account, visitor.came_by)
    return Step(
        factor=visitor.factor,
        setting_up=account.totp_secret if setting_up else None,
        way=way,
        sent_to=rules.hide_number(account.mobile or "") if way is CodeWay.TEXT else None,
        address=account.email if setting_up else None,
        own_words=_takes_words(visitor, account),
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
        right, how = _check_sent_or_known(session, visitor, account, typed)
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
    """Send another code. Raises `Throttled`, and `Refused` where none can be sent."""
    account = queries.account_for_update(session, visitor.account_id)
    way = reach.way_of_code(session, account, visitor.came_by)
    if visitor.factor is not SecondFactor.CODE or way is None:
        raise Refused("We cannot send you a code. Ask your link worker to read you one.")
    throttle.count(session, Guess.SENDING, str(account.id))
    _send_code(session, account, way)


def send_code(session: Session, account: Account, first: FirstStep) -> None:
    """Send a sign-in code by the way that goes with this first step; nothing where there is none."""
    way = reach.way_of_code(session, account, first)
    if way is not None:
        _send_code(session, account, way)


def _send_code(session: Session, account: Account, way: CodeWay) -> None:
    code = issue_code(session, _PURPOSES[way], account.id)
    by_text = way is CodeWay.TEXT
    send = send_text if by_text else send_email
    send(
        session,
        to=(account.mobile if by_text else account.email) or "",
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
    return issue_code(session, CodePurpose.SIGN_IN_READ_OUT, account_id)


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
    return _check_codes(session, (purpose,), subject_id, typed)


def _check_codes(session: Session, purposes: Sequence[CodePurpose], subject_id: UUID, typed: str) -> bool:
    """As `check_code`, for any of these purposes: of each there is one present code at most."""
    throttle.count(session, Guess.CODE, str(subject_id))
    now = clock.now()
    rows = session.scalars(
        select(OneTimeCode)
        .where(
            OneTimeCode.purpose.in_(purposes),
            OneTimeCode.subject_id == subject_id,
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > now,
            OneTimeCode.tries < rules.CODE_TRIES,
        )
        .order_by(OneTimeCode.id)
        .with_for_update()
    )
    right = False
    for row in rows:
        row.tries += 1
        digest = _code_digest(row.purpose, subject_id, rules.digits_of(typed))
        if secrets.compare_digest(row.code_digest, digest):
            row.used_at, right = now, True
    if right:
        throttle.forgive_all(session, Guess.CODE, str(subject_id))
    session.flush()
    return right


def _check_sent_or_known(
    session: Session, visitor: Visitor, account: Account, typed: str
) -> tuple[bool, str]:
    """Whether a code was typed that did not come the way the first step came, or the holder's own words."""
    if _takes_words(visitor, account) and not rules.digits_of(typed).isdecimal():
        throttle.count(session, Guess.CODE, str(account.id))
        right = passwords.matches(account.words_hash, rules.same_words(typed))
        if right:
            throttle.forgive_all(session, Guess.CODE, str(account.id))
        return right, "words"
    sent = CodeWay.EMAIL if visitor.came_by is FirstStep.TEXTED_LINK else CodeWay.TEXT
    purposes = (_PURPOSES[sent], CodePurpose.SIGN_IN_READ_OUT)
    return _check_codes(session, purposes, account.id, typed), "code"


def _takes_words(visitor: Visitor, account: Account) -> bool:
    return account.words_hash is not None and rules.takes_own_words(visitor.came_by)


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
