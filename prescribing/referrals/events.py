"""What referrals tell the rest of the product, inside the transaction in which it happens. Nothing names a person."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ReferralStarted:
    """Somebody who was referred came for the first time."""

    service_id: UUID
    organization_id: UUID


@dataclass(frozen=True, slots=True)
class ListingWasWrong:
    """The group says that its listing is not right; `note` is what it says of the listing, and may be empty."""

    service_id: UUID
    organization_id: UUID
    note: str


@dataclass(frozen=True, slots=True)
class GapRecorded:
    """Somebody needs what nobody offers near them. `ward_code` is None where it is not known."""

    need_slug: str
    ward_code: str | None


@dataclass(frozen=True, slots=True)
class CapacityChanged:
    """A place was taken or came free; `full` is also true when the group itself said that it has no room."""

    service_id: UUID
    organization_id: UUID
    full: bool
