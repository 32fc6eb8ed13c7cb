"""Giving programs of partners their way in, taking it back, and knowing whose a token is."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.access.rules import Actor, Membership, Permission, Role
from core.accounts import throttle
from core.accounts.rules import Guess
from core.audit import services as audit
from core.errors import GoldenThreadError, Invalid, NotFound
from prescribing.fhir.models import FhirClient, FhirToken
from prescribing.fhir.rules import TOKEN_LIFE, Scope, scopes_asked
from prescribing.people.models import Partner

# The page of programs shows no more than this.
MOST = 200


class NotProven(GoldenThreadError):
    """Nobody that we know stands behind the token or the secret that was sent."""

    status = 401

    def __init__(self, message: str = "Send a token that is in force: ask for one at /fhir/token.") -> None:
        super().__init__(message)


@dataclass(frozen=True)
class Holder:
    """Whoever shows a token: a program of one partner, as an actor, and what it may do."""

    client_id: UUID
    partner_id: UUID
    actor: Actor
    scopes: frozenset[Scope]


@dataclass(frozen=True)
class ClientLine:
    """One program on the administrator's page."""

    id: UUID
    name: str
    partner: str
    ending: str
    may_write: bool
    revoked: bool


def issue(
    session: Session, actor: Actor, name: str, partner_id: UUID, *, may_write: bool
) -> tuple[UUID, str]:
    """A new program of a partner: its id, and its secret, which is shown this once. Raises `NotFound`, `Invalid`."""
    _check(actor)
    if session.get(Partner, partner_id) is None:
        raise Invalid("Choose a partner.", "partner")
    secret = secrets.token_urlsafe(32)
    scopes = list(Scope) if may_write else [Scope.READ]
    row = FhirClient(
        name=name,
        partner_id=partner_id,
        secret_digest=digest_of(secret),
        ending=secret[-4:],
        scopes=[scope.value for scope in scopes],
        created_by_id=actor.account_id,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "fhir-client.issue", "fhir-client", row.id, writes=may_write)
    return row.id, secret


def revoke(session: Session, actor: Actor, client_id: UUID) -> None:
    """Shut a program out at once, its tokens too. Doing it twice changes nothing. Raises `NotFound`."""
    _check(actor)
    row = session.get(FhirClient, client_id, with_for_update=True)
    if row is None:
        raise NotFound
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        session.execute(delete(FhirToken).where(FhirToken.client_id == client_id))
        audit.record(session, actor, "fhir-client.revoke", "fhir-client", row.id)


def lines(session: Session, actor: Actor) -> tuple[ClientLine, ...]:
    """Every program, those in force first, the latest first. Raises `NotFound` for whoever may not see them."""
    _check(actor)
    rows = session.scalars(
        select(FhirClient)
        .options(joinedload(FhirClient.partner))
        .order_by(FhirClient.revoked_at.is_not(None), FhirClient.id.desc())
        .limit(MOST)
    )
    return tuple(
        ClientLine(
            row.id,
            row.name,
            row.partner.name,
            row.ending,
            may_write=Scope.CREATE.value in row.scopes,
            revoked=row.revoked_at is not None,
        )
        for row in rows
    )


def grant(session: Session, client_id: str, secret: str, scope: str) -> tuple[str, tuple[Scope, ...]]:
    """A token for a program that knows its secret, and what the token lets it do.

    Guessing is slowed down: the caller commits the try first. Raises `NotProven`, `Throttled`, `Invalid`.
    """
    row = _client(session, client_id)
    # The same work for a program that we do not know, so that its answer takes as long.
    right = hmac.compare_digest(row.secret_digest if row else digest_of(""), digest_of(secret))
    if row is None or not right or row.revoked_at is not None:
        raise NotProven("The client or its secret is not right.")
    scopes = scopes_asked(scope, [Scope(each) for each in row.scopes])
    session.execute(delete(FhirToken).where(FhirToken.expires_at < clock.now()))
    token = secrets.token_urlsafe(32)
    session.add(
        FhirToken(
            client_id=row.id,
            digest=digest_of(token),
            scopes=[each.value for each in scopes],
            expires_at=clock.now() + TOKEN_LIFE,
        )
    )
    session.flush()
    actor = _actor(row)
    audit.record(session, actor, "fhir.token", "fhir-client", row.id)
    return token, scopes


def count_try(session: Session, client_id: str) -> UUID:
    """Count a try for one client before its secret is looked at. Raises `Throttled`."""
    return throttle.count(session, Guess.ACCOUNT, f"fhir-client {client_id[:64]}")


def holder(session: Session, token: str) -> Holder:
    """Whoever shows this token. Raises `NotProven` where it is not in force."""
    found = session.execute(
        select(FhirToken, FhirClient)
        .join(FhirClient, FhirClient.id == FhirToken.client_id)
        .where(
            FhirToken.digest == digest_of(token),
            FhirToken.expires_at > clock.now(),
            FhirClient.revoked_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        raise NotProven
    kept, client = found
    scopes = frozenset(Scope(each) for each in kept.scopes)
    return Holder(client.id, client.partner_id, _actor(client), scopes)


def digest_of(secret: str) -> str:
    """What is kept of a secret or token. They are random and long, so that a plain digest gives nothing away."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _actor(client: FhirClient) -> Actor:
    member = Membership(Role.REFERRER, partner_id=client.partner_id)
    return Actor(None, client.name, (member,), kind="program")


def _client(session: Session, client_id: str) -> FhirClient | None:
    try:
        return session.get(FhirClient, UUID(client_id))
    except ValueError:
        return None


def _check(actor: Actor) -> None:
    if not actor.can(Permission.MANAGE_ACCOUNTS):
        raise NotFound
