"""Letting programs of partners, teams and groups in, giving them new secrets, and shutting them out.

Whoever runs the service lets partners' programs in; a team's coordinator and a group's owner those that read what the
team or the group reads: nobody hands out more than they see themselves.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, true
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission, Place
from core.audit import services as audit
from core.calendar.rules import london_day
from core.errors import Conflict, Invalid, NotFound
from directory import published
from prescribing.fhir.keeping import Owner, is_kept, owners
from prescribing.fhir.models import FhirClient, FhirToken
from prescribing.fhir.rules import CHOICES, SECRETS_OVERLAP, May, Scope, say_scopes, scopes_for
from prescribing.fhir.tokens import digest_of
from prescribing.people.models import Partner, Team

# The page of programs shows no more than this.
MOST = 200


@dataclass(frozen=True)
class ClientLine:
    """One program on a page. `ours` says that the reader may give it a new secret; `may` is what it may do, in words
    beside what every program of such a place may do; `stopped` that nobody answers for it any more."""

    id: UUID
    name: str
    place: Place
    place_name: str
    ending: str
    secret_made_on: date | None
    may: tuple[str, ...]
    ours: bool
    stopped: bool
    revoked: bool


def choices(found: Collection[Owner]) -> tuple[May, ...]:
    """What programs of these may be let do."""
    places = {owner.place for owner in found}
    return tuple(may for may in May if any(may in CHOICES[place] for place in places))


def issue(
    session: Session, actor: Actor, name: str, place: Place, place_id: UUID, may: Collection[May]
) -> tuple[UUID, str]:
    """A new program: its id, and its secret, which is shown this once. Raises `NotFound`, `Invalid`."""
    _check(actor)
    if not any((owner.place, owner.id) == (place, place_id) for owner in owners(session, actor)):
        raise Invalid("Choose whose program it is.", "place")
    scopes = scopes_for(place, may)
    row = FhirClient(
        name=name,
        secret_digest="",
        ending="",
        scopes=[scope.value for scope in scopes],
        created_by_id=actor.account_id,
        **{f"{place.value}_id": place_id},
    )
    secret = _new_secret(row)
    session.add(row)
    session.flush()
    audit.record(
        session,
        actor,
        "fhir-client.issue",
        "fhir-client",
        row.id,
        place=place.value,
        writes=any(not scope.value.endswith(".read") for scope in scopes),
    )
    return row.id, secret


def rotate(
    session: Session, actor: Actor, client_id: UUID, *, expected_ending: str | None = None
) -> tuple[str, str, bool]:
    """A new secret for a program, shown this once, the program's name, and whether the secret before works for a while;
    who gives it answers for the program.

    The one before works for a day more, so that the program need not stop; but not that of somebody who has gone.
    Raises `NotFound` for what the actor could not let in, and for what is shut out; `Conflict` where its secret ends
    otherwise by now, since a second press would stop the secret that the program still uses."""
    row = _held(session, actor, client_id)
    mine = any(row.place in owner.places for owner in owners(session, actor))
    if not mine or row.revoked_at is not None:
        raise NotFound
    if expected_ending is not None and expected_ending != row.ending:
        raise Conflict("It has a new secret already. If nobody copied it, make another one.", {}, {})
    kept = is_kept(session, row)
    if kept:
        row.earlier_digest, row.earlier_until = row.secret_digest, clock.now() + SECRETS_OVERLAP
    else:
        row.earlier_digest = row.earlier_until = None
        session.execute(delete(FhirToken).where(FhirToken.client_id == client_id))
    row.created_by_id = actor.account_id
    secret = _new_secret(row)
    session.flush()
    audit.record(session, actor, "fhir-client.rotate", "fhir-client", row.id)
    return secret, row.name, kept


def revoke(session: Session, actor: Actor, client_id: UUID) -> None:
    """Shut a program out at once, its tokens too. Doing it twice changes nothing. Whoever runs the service may shut out
    any. Raises `NotFound`."""
    row = _held(session, actor, client_id)
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        session.execute(delete(FhirToken).where(FhirToken.client_id == client_id))
        audit.record(session, actor, "fhir-client.revoke", "fhir-client", row.id)


def lines(session: Session, actor: Actor) -> tuple[ClientLine, ...]:
    """Every program that the actor looks after, those in force first, the latest first. Raises `NotFound` for whoever
    may not see any."""
    _check(actor)
    mine = owners(session, actor)
    rows = session.scalars(
        select(FhirClient)
        .where(_seen_by(actor, mine))
        .order_by(FhirClient.revoked_at.is_not(None), FhirClient.id.desc())
        .limit(MOST)
    ).all()
    names = {each: owner.name for owner in mine for each in owner.places}
    for table, place, ids in (
        (Team, Place.TEAM, [row.team_id for row in rows]),
        (Partner, Place.PARTNER, [row.partner_id for row in rows]),
    ):
        if any(each is not None and (place, each) not in names for each in ids):
            found = session.execute(select(table.id, table.name).where(table.id.in_(filter(None, ids))))
            names |= {(place, row_id): name for row_id, name in found}
    held = {row.organization_id for row in rows if row.organization_id and row.place not in names}
    groups = published.group_names(session, held) if held else {}
    names |= {(Place.ORGANIZATION, group_id): name for group_id, name in groups.items()}
    ours = {each for owner in mine for each in owner.places}
    # Asked once for everybody who answers for any.
    kept = {(row.created_by_id, row.place): is_kept(session, row) for row in _one_each(rows)}
    return tuple(
        ClientLine(
            id=row.id,
            name=row.name,
            place=row.place[0],
            place_name=names.get(row.place, "A group"),
            ending=row.ending,
            secret_made_on=london_day(row.secret_made_at) if row.secret_made_at else None,
            may=say_scopes(row.place[0], [Scope(each) for each in row.scopes]),
            ours=row.place in ours,
            stopped=row.revoked_at is None and not kept[row.created_by_id, row.place],
            revoked=row.revoked_at is not None,
        )
        for row in rows
    )


def _one_each(rows: Collection[FhirClient]) -> Collection[FhirClient]:
    """One program of each place and of each who answers for it."""
    return {(row.created_by_id, row.place): row for row in rows}.values()


def _seen_by(actor: Actor, mine: Collection[Owner]) -> ColumnElement[bool]:
    if actor.can(Permission.MANAGE_ACCOUNTS):
        return true()
    ids: dict[Place, list[UUID]] = {place: [] for place in Place}
    for place, place_id in (each for owner in mine for each in owner.places):
        ids[place].append(place_id)
    return or_(
        FhirClient.team_id.in_(ids[Place.TEAM]), FhirClient.organization_id.in_(ids[Place.ORGANIZATION])
    )


def _held(session: Session, actor: Actor, client_id: UUID) -> FhirClient:
    """The row of a program that the actor looks after. Raises `NotFound` for others'."""
    _check(actor)
    row = session.scalar(
        select(FhirClient)
        .where(FhirClient.id == client_id, _seen_by(actor, owners(session, actor)))
        .with_for_update()
    )
    if row is None:
        raise NotFound
    return row


def _new_secret(row: FhirClient) -> str:
    secret = secrets.token_urlsafe(32)
    row.secret_digest, row.ending, row.secret_made_at = digest_of(secret), secret[-4:], clock.now()
    return secret


def _check(actor: Actor) -> None:
    if not actor.can(Permission.MANAGE_PROGRAMS):
        raise NotFound
