"""What the features above hear about people. Subscribers run inside the publisher's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.access.rules import Actor
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import RecipientKind


@dataclass(frozen=True)
class FlaggedForSafety:
    """Nothing may reach the person's home any more: what waits to be sent to them is taken back."""

    person_id: UUID


@dataclass(frozen=True)
class SafetyFlagLifted:
    """Things may show again, and reach the person, as they agreed before."""

    person_id: UUID


@dataclass(frozen=True)
class RecordGoes:
    """Everything of the person's record is about to be deleted: what names them and is no part of it goes, too."""

    person_id: UUID


@dataclass(frozen=True)
class TakenBack:
    """A message that waited to be sent to the person was taken back: they have not heard what it said."""

    person_id: UUID


@dataclass(frozen=True)
class ToldInWriting:
    """Somebody who needs an interpreter was sent a message, which may not be enough. `contact_id` is the contact that
    it was written down as, if it was."""

    person_id: UUID
    contact_id: UUID | None = None


@dataclass(frozen=True)
class ConsentWithdrawn:
    """The person took a consent back: access of that recipient shuts at once, and it is told to delete. `actor` is the
    person, whoever of their team wrote it down, or the system where its time was over."""

    actor: Actor
    person_id: UUID
    consent_id: UUID
    purpose: ConsentPurpose
    recipient_kind: RecipientKind
    recipient_id: UUID
