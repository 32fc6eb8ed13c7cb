"""Who may do what: roles and permissions as data, and the actor that every query and service is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from core.errors import NotFound


class Role(StrEnum):
    """The fixed roles of the security contract; a stranger has none."""

    RESIDENT = "resident"
    PROXY = "proxy"
    REFERRER = "referrer"
    LINK_WORKER = "link-worker"
    COORDINATOR = "coordinator"
    GROUP_MEMBER = "group-member"
    EDITOR = "editor"
    COMMISSIONER = "commissioner"
    DATA_PROTECTION_OFFICER = "data-protection-officer"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What a view may ask for. Whether the thing itself is in scope is the query's to say."""

    SIGNED_IN = "signed-in"
    EDIT_LISTING = "edit-listing"
    MODERATE = "moderate"
    SUBMIT_REQUEST = "submit-request"
    TRIAGE = "triage"
    WORK_CASELOAD = "work-caseload"
    ANSWER_REFERRALS = "answer-referrals"
    SEE_OWN_RECORD = "see-own-record"
    ACT_FOR_SOMEONE = "act-for-someone"
    SEE_EVIDENCE = "see-evidence"
    SEE_SEARCHES = "see-searches"
    SEE_AUDIT = "see-audit"
    PROTECT_DATA = "protect-data"
    OPEN_IN_EMERGENCY = "open-in-emergency"
    MANAGE_ACCOUNTS = "manage-accounts"
    MANAGE_JOBS = "manage-jobs"
    MANAGE_PARTNERS = "manage-partners"
    MANAGE_PROGRAMS = "manage-programs"
    MANAGE_API_KEYS = "manage-api-keys"
    READ_FEEDBACK = "read-feedback"


ROLES_OF: dict[Permission, frozenset[Role]] = {
    Permission.SIGNED_IN: frozenset(Role),
    Permission.EDIT_LISTING: frozenset({Role.GROUP_MEMBER, Role.EDITOR}),
    Permission.MODERATE: frozenset({Role.EDITOR}),
    Permission.SUBMIT_REQUEST: frozenset({Role.REFERRER}),
    Permission.TRIAGE: frozenset({Role.COORDINATOR}),
    Permission.WORK_CASELOAD: frozenset({Role.LINK_WORKER, Role.COORDINATOR}),
    Permission.ANSWER_REFERRALS: frozenset({Role.GROUP_MEMBER}),
    Permission.SEE_OWN_RECORD: frozenset({Role.RESIDENT}),
    Permission.ACT_FOR_SOMEONE: frozenset({Role.PROXY}),
    Permission.SEE_EVIDENCE: frozenset({Role.COMMISSIONER, Role.COORDINATOR}),
    Permission.SEE_SEARCHES: frozenset({Role.EDITOR, Role.COMMISSIONER}),
    Permission.SEE_AUDIT: frozenset({Role.DATA_PROTECTION_OFFICER}),
    Permission.PROTECT_DATA: frozenset({Role.DATA_PROTECTION_OFFICER}),
    Permission.OPEN_IN_EMERGENCY: frozenset({Role.LINK_WORKER, Role.COORDINATOR}),
    Permission.MANAGE_ACCOUNTS: frozenset({Role.ADMINISTRATOR}),
    Permission.MANAGE_JOBS: frozenset({Role.ADMINISTRATOR}),
    Permission.MANAGE_PARTNERS: frozenset({Role.COORDINATOR, Role.ADMINISTRATOR}),
    # Those of partners, of one's own team, of one's own group.
    Permission.MANAGE_PROGRAMS: frozenset({Role.ADMINISTRATOR, Role.COORDINATOR, Role.GROUP_MEMBER}),
    Permission.MANAGE_API_KEYS: frozenset({Role.ADMINISTRATOR, Role.EDITOR}),
    Permission.READ_FEEDBACK: frozenset({Role.ADMINISTRATOR, Role.EDITOR}),
}

STAFF: frozenset[Role] = frozenset(
    {
        Role.LINK_WORKER,
        Role.COORDINATOR,
        Role.EDITOR,
        Role.COMMISSIONER,
        Role.DATA_PROTECTION_OFFICER,
        Role.ADMINISTRATOR,
        Role.REFERRER,
    }
)


class Place(StrEnum):
    """What a role can be held in."""

    TEAM = "team"
    ORGANIZATION = "organization"
    PARTNER = "partner"
    PERSON = "person"


PLACE_OF: dict[Role, Place | None] = {
    Role.RESIDENT: Place.PERSON,
    Role.PROXY: Place.PERSON,
    Role.REFERRER: Place.PARTNER,
    Role.LINK_WORKER: Place.TEAM,
    Role.COORDINATOR: Place.TEAM,
    Role.GROUP_MEMBER: Place.ORGANIZATION,
    Role.EDITOR: None,
    Role.COMMISSIONER: None,
    Role.DATA_PROTECTION_OFFICER: None,
    Role.ADMINISTRATOR: None,
}


@dataclass(frozen=True)
class Membership:
    """A role, and the one thing that it is held in: a team, a group, a partner or a person; none
    for roles that are held in the whole borough."""

    role: Role
    team_id: UUID | None = None
    organization_id: UUID | None = None
    partner_id: UUID | None = None
    person_id: UUID | None = None

    @property
    def place_id(self) -> UUID | None:
        """The id of whatever it is held in."""
        return self.team_id or self.organization_id or self.partner_id or self.person_id


def membership_in(role: Role, place_id: UUID | None) -> Membership:
    """A membership of `role` in the place that it is held in. Raises `ValueError` where one is missing or too many."""
    place = PLACE_OF[role]
    if (place is None) != (place_id is None):
        raise ValueError(f"{role.value} is held in {place.value if place else 'no place'}")
    if place is None:
        return Membership(role)
    return Membership(role, **{f"{place.value}_id": place_id})


@dataclass(frozen=True)
class Actor:
    """Whoever acts. `kind` is account, public, link (holder of a signed link) or system."""

    account_id: UUID | None
    name: str
    memberships: tuple[Membership, ...] = ()
    kind: str = "account"
    session_id: UUID | None = field(default=None, compare=False)

    @property
    def signed_in(self) -> bool:
        """Whether an account stands behind it."""
        return self.account_id is not None

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that it holds anywhere."""
        return frozenset(m.role for m in self.memberships)

    def has(self, *roles: Role) -> bool:
        """Whether it holds any of `roles`."""
        return not self.roles.isdisjoint(roles)

    def can(self, permission: Permission) -> bool:
        """Whether any of its roles carries `permission`."""
        return self.signed_in and not self.roles.isdisjoint(ROLES_OF[permission])

    def must(self, permission: Permission) -> None:
        """Raise `NotFound` unless it `can`: to whoever may not, what is behind looks like what is not there."""
        if not self.can(permission):
            raise NotFound

    def team_ids(self, *roles: Role) -> frozenset[UUID]:
        """Teams in which it holds one of `roles` (any role when none is named)."""
        return frozenset(m.team_id for m in self._with(roles) if m.team_id)

    def organization_ids(self, *roles: Role) -> frozenset[UUID]:
        """Groups in which it holds one of `roles`."""
        return frozenset(m.organization_id for m in self._with(roles) if m.organization_id)

    def partner_ids(self, *roles: Role) -> frozenset[UUID]:
        """Referring partners in which it holds one of `roles`."""
        return frozenset(m.partner_id for m in self._with(roles) if m.partner_id)

    def person_ids(self, *roles: Role) -> frozenset[UUID]:
        """Persons in whom it holds one of `roles`: its own record, or somebody for whom it acts."""
        return frozenset(m.person_id for m in self._with(roles) if m.person_id)

    def _with(self, roles: tuple[Role, ...]) -> tuple[Membership, ...]:
        return tuple(m for m in self.memberships if not roles or m.role in roles)


PUBLIC = Actor(None, "A member of the public", kind="public")
SYSTEM = Actor(None, "The system", kind="system")
