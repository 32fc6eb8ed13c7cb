"""Roles and permissions as data; when failed work is tried again."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.access.rules import (
    PLACE_OF,
    PUBLIC,
    ROLES_OF,
    SYSTEM,
    Actor,
    Membership,
    Permission,
    Place,
    Role,
    membership_in,
)
from core.errors import NotFound
from core.jobs import rules as jobs

NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)
TEAM, OTHER_TEAM, GROUP, PARTNER, PERSON = (uuid4() for _ in range(5))


def test_every_permission_and_every_role_is_spoken_for() -> None:
    assert set(ROLES_OF) == set(Permission)
    assert set(PLACE_OF) == set(Role)
    assert frozenset().union(*ROLES_OF.values()) == set(Role)


@pytest.mark.parametrize("permission", list(Permission))
def test_the_public_and_the_system_hold_no_permission(permission: Permission) -> None:
    assert not PUBLIC.can(permission)
    assert not SYSTEM.can(permission)
    assert not Actor(uuid4(), "Nobody's").can(permission)
    assert not Actor(None, "A link", (Membership(Role.ADMINISTRATOR),), kind="link").can(permission)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("permission", list(Permission))
def test_a_role_carries_its_permissions(role: Role, permission: Permission) -> None:
    actor = Actor(uuid4(), "Asha", (Membership(role),))
    assert actor.can(permission) == (role in ROLES_OF[permission])
    with nullcontext() if actor.can(permission) else pytest.raises(NotFound):
        actor.must(permission)


def test_an_actor_reaches_the_places_of_its_memberships_by_role() -> None:
    actor = Actor(
        uuid4(),
        "Asha",
        (
            Membership(Role.LINK_WORKER, team_id=TEAM),
            Membership(Role.COORDINATOR, team_id=OTHER_TEAM),
            Membership(Role.GROUP_MEMBER, organization_id=GROUP),
            Membership(Role.REFERRER, partner_id=PARTNER),
            Membership(Role.RESIDENT, person_id=PERSON),
        ),
    )
    assert actor.signed_in
    assert actor.team_ids() == {TEAM, OTHER_TEAM}
    assert actor.team_ids(Role.COORDINATOR) == {OTHER_TEAM}
    assert actor.organization_ids() == {GROUP}
    assert actor.organization_ids(Role.EDITOR) == frozenset()
    assert actor.partner_ids(Role.REFERRER) == {PARTNER}
    assert actor.person_ids() == {PERSON}
    assert actor.has(Role.EDITOR, Role.RESIDENT)
    assert not actor.has(Role.EDITOR)
    assert not PUBLIC.signed_in


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_held_in_its_own_kind_of_place(role: Role) -> None:
    place = PLACE_OF[role]
    if place is None:
        assert membership_in(role, None) == Membership(role)
        assert membership_in(role, None).place_id is None
    else:
        assert membership_in(role, TEAM).place_id == TEAM
        assert getattr(membership_in(role, TEAM), f"{Place(place).value}_id") == TEAM
    with pytest.raises(ValueError, match="is held in"):
        membership_in(role, TEAM if place is None else None)


def test_failed_work_waits_longer_each_time_and_is_then_given_up() -> None:
    waits = [jobs.next_try(n, NOW) for n in range(1, jobs.MOST_ATTEMPTS + 1)]
    assert waits[-1] is None
    times = [w for w in waits if w is not None]
    assert times == sorted(times)
    assert times[0] == NOW + timedelta(seconds=10)
    assert times[-1] <= NOW + timedelta(hours=1)


def test_a_worker_is_alive_while_it_was_seen_of_late() -> None:
    assert jobs.is_alive(NOW, NOW)
    assert not jobs.is_alive(NOW - jobs.SILENT, NOW)
    assert not jobs.is_alive(None, NOW)
