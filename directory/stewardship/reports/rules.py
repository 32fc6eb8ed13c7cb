"""What people tell editors about listings."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class ReportKind(StrEnum):
    """Where a report comes from and what it is about."""

    WRONG = "wrong"
    MISSING = "missing"
    DECLINED = "declined"
    WROTE = "wrote"
    WEBSITE = "website"
    EMAIL = "email"
    NOBODY = "nobody"

    @property
    def label(self) -> str:
        return KIND_LABELS[self]


KIND_LABELS: Mapping[ReportKind, str] = {
    ReportKind.WRONG: "Somebody says it is wrong",
    ReportKind.MISSING: "A group that is missing",
    ReportKind.DECLINED: "The group says its listing is wrong",
    ReportKind.WROTE: "The group wrote to us",
    ReportKind.WEBSITE: "Website does not answer",
    ReportKind.EMAIL: "Email comes back",
    ReportKind.NOBODY: "Nobody keeps this group",
}


class Fault(StrEnum):
    """What somebody says is wrong with a listing."""

    PHONE = "phone"
    TIMES = "times"
    PLACE = "place"
    CLOSED = "closed"
    OTHER = "other"

    @property
    def label(self) -> str:
        return FAULT_LABELS[self]


FAULT_LABELS: Mapping[Fault, str] = {
    Fault.PHONE: "The phone number or email",
    Fault.TIMES: "The days or times",
    Fault.PLACE: "The place",
    Fault.CLOSED: "It has closed, or never was",
    Fault.OTHER: "Something else",
}


class ReportState(StrEnum):
    """Where a report is."""

    OPEN = "open"
    MENDED = "mended"
    NOT_SO = "not-so"

    @property
    def label(self) -> str:
        return STATE_LABELS[self]


STATE_LABELS: Mapping[ReportState, str] = {
    ReportState.OPEN: "Open",
    ReportState.MENDED: "Put right",
    ReportState.NOT_SO: "Nothing to put right",
}
# Kinds that the group itself is asked to put right, on its own page.
FOR_THE_GROUP = frozenset({ReportKind.WRONG, ReportKind.DECLINED, ReportKind.WEBSITE, ReportKind.EMAIL})
# Kinds that the product notices by itself.
NOTICED = frozenset({ReportKind.WEBSITE, ReportKind.EMAIL})


def times_in_words(kind: ReportKind, times: int) -> str:
    """What to tell the group: "2 referrals were declined because the listing is wrong"."""
    if kind is ReportKind.DECLINED:
        if times == 1:
            return "A referral was answered with: our listing is wrong."
        return f"{times} referrals were answered with: our listing is wrong."
    if kind is ReportKind.WRONG:
        return (
            "Somebody says that something here is wrong."
            if times == 1
            else f"{times} people say that something here is wrong."
        )
    return f"{kind.label}."
