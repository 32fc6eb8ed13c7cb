"""Tokens of programs: giving one for a secret, and knowing whose it is and how often it asks."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Place, Role, membership_in
from core.accounts import throttle
from core.accounts.rules import Guess
from core.audit import services as audit
from core.errors import GoldenThreadError
from prescribing.fhir.keeping import is_kept
from prescribing.fhir.models import FhirClient, FhirToken
from prescribing.fhir.rules import TOKEN_LIFE, Scope, asks_again, scopes_asked

# As whom a program acts towards what its place may see.
_ROLE: Mapping[Place, Role] = MappingProxyType(
    {
        Place.PARTNER: Role.REFERRER,
        Place.TEAM: Role.LINK_WORKER,
        Place.ORGANIZATION: Role.GROUP_MEMBER,
    }
)


class NotProven(GoldenThreadError):
    """Nobody that we know stands behind the token or the secret that was sent."""

    status = 401

    def __init__(self, message: str = "Send a token that is in force: ask for one at /fhir/token.") -> None:
        super().__init__(message)


@dataclass(frozen=True)
class Holder:
    """Whoever shows a token: a program of one partner, team or group, as an actor, and what it may do."""

    client_id: UUID
    place: Place
    place_id: UUID
    actor: Actor
    scopes: frozenset[Scope]


def grant(session: Session, client_id: str, secret: str, scope: str) -> tuple[str, tuple[Scope, ...]]:
    """A token for a program that knows its secret, and what the token lets it do.

    Guessing is slowed down: the caller commits the try first. Raises `NotProven`, `Throttled`, `Invalid`.
    """
    row = _client(session, client_id)
    # The same work for a program that we do not know, so that its answer takes as long.
    sent = digest_of(secret)
    right = hmac.compare_digest(row.secret_digest if row else digest_of(""), sent)
    earlier = hmac.compare_digest((row.earlier_digest if row else None) or digest_of(""), sent)
    still = row is not None and row.earlier_until is not None and clock.now() < row.earlier_until
    if (
        row is None
        or not (right or (earlier and still))
        or row.revoked_at is not None
        or not is_kept(session, row)
    ):
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
    audit.record(session, _actor(row), "fhir.token", "fhir-client", row.id)
    return token, scopes


def count_try(session: Session, client_id: str) -> UUID:
    """Count a try for one client before its secret is looked at. Raises `Throttled`."""
    return throttle.count(session, Guess.ACCOUNT, f"fhir-client {client_id[:64]}")


def holder(session: Session, token: str) -> Holder:
    """Whoever shows this token; that they asked is counted, and the caller commits it. Raises `NotProven` where the
    token is not in force, `Throttled` where they ask too often."""
    found = session.execute(
        select(FhirToken, FhirClient)
        .join(FhirClient, FhirClient.id == FhirToken.client_id)
        .where(
            FhirToken.digest == digest_of(token),
            FhirToken.expires_at > clock.now(),
            FhirClient.revoked_at.is_(None),
        )
        .with_for_update(of=FhirClient)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotProven
    kept, client = found
    if not is_kept(session, client):
        raise NotProven
    since, asked = asks_again(client.counted_since, client.counted, clock.now())
    session.execute(
        update(FhirClient)
        .where(FhirClient.id == client.id)
        .values(counted_since=since, counted=asked, updated_at=FhirClient.updated_at)
    )
    place, place_id = client.place
    scopes = frozenset(Scope(each) for each in kept.scopes)
    return Holder(client.id, place, place_id, _actor(client), scopes)


def digest_of(secret: str) -> str:
    """What is kept of a secret or token. They are random and long, so that a plain digest gives nothing away."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _actor(client: FhirClient) -> Actor:
    place, place_id = client.place
    return Actor(None, client.name, (membership_in(_ROLE[place], place_id),), kind="program")


def _client(session: Session, client_id: str) -> FhirClient | None:
    try:
        return session.get(FhirClient, UUID(client_id))
    except ValueError:
        return None
