"""Telling editors that something is wrong or missing, and what they make of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import PUBLIC, SYSTEM, Actor, Permission
from core.accounts import throttle
from core.accounts.rules import Guess
from core.audit import services as audit
from core.db import hold
from core.errors import Invalid, NotFound, Refused
from core.references.drawing import free_reference
from directory.listings.checks import clean_url
from directory.listings.models import Service
from directory.listings.rules import HAS_PUBLIC_PAGE
from directory.stewardship.reports.models import Report
from directory.stewardship.reports.rules import Fault, ReportKind, ReportState

LONGEST_WORDS = 1000
LONGEST_NOTE = 500


class ListingSaidWrong(Protocol):
    """An event that says that a group finds its own listing wrong; `note` may be empty."""

    @property
    def service_id(self) -> UUID: ...
    @property
    def organization_id(self) -> UUID: ...
    @property
    def note(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Missing:
    """A group that somebody misses."""

    name: str
    place: str
    website: str
    words: str
    contact: str


def say_wrong(
    session: Session, address: str, service_id: UUID, fault: Fault, words: str, contact: str
) -> str:
    """Anybody says that a listing is wrong. `address` is the network address that it came from, `contact` how to reach
    whoever said it, both may be empty. Gives the reference. Raises `NotFound`, `Throttled`."""
    service = session.get(Service, service_id)
    if service is None or service.status not in HAS_PUBLIC_PAGE:
        raise NotFound
    throttle.count(session, Guess.REPORTING, address)
    report = Report(
        kind=ReportKind.WRONG, service_id=service_id, organization_id=service.organization_id, fault=fault
    )
    return _keep(session, PUBLIC, report, words, contact)


def suggest(session: Session, address: str, missing: Missing) -> str:
    """Anybody suggests a group that is missing. Gives the reference. Raises `Invalid` for the website, `Throttled`."""
    url = _website(missing.website)
    throttle.count(session, Guess.REPORTING, address)
    report = Report(
        kind=ReportKind.MISSING, group_name=missing.name.strip(), place=missing.place.strip(), url=url
    )
    return _keep(session, PUBLIC, report, missing.words, missing.contact)


def from_group(session: Session, actor: Actor, service_id: UUID, words: str) -> str:
    """A group writes what changed in its own words, for an editor to put right. Gives the reference."""
    service = session.get(Service, service_id)
    if service is None:
        raise NotFound
    report = Report(
        kind=ReportKind.DECLINED,
        service_id=service_id,
        organization_id=service.organization_id,
        fault=Fault.OTHER,
    )
    return _keep(session, actor, report, words, "")


def on_listing_wrong(session: Session, event: ListingSaidWrong) -> None:
    """A referral was answered with "our listing is wrong": an editor and the group are asked to put it right. Several
    such answers are one report that counts them."""
    tell(session, ReportKind.DECLINED, event.service_id, event.organization_id, event.note)


def tell(
    session: Session, kind: ReportKind, service_id: UUID | None, organization_id: UUID, words: str = ""
) -> None:
    """The product itself notices something. What is open already about the same counts up."""
    hold(session, f"report {kind.value} {service_id or organization_id}")
    known = session.scalar(
        select(Report)
        .where(
            Report.kind == kind,
            Report.state == ReportState.OPEN,
            Report.service_id == service_id if service_id else Report.service_id.is_(None),
            Report.organization_id == organization_id,
        )
        .limit(1)
        .with_for_update()
    )
    if known is None:
        report = Report(kind=kind, service_id=service_id, organization_id=organization_id)
        _keep(session, SYSTEM, report, words, "")
        return
    known.times, known.said_at = known.times + 1, clock.now()
    if words.strip():
        # What was said last stands last, once.
        before = [part for part in (known.words or "").split("\n\n") if part and part != words.strip()]
        known.words = "\n\n".join([*before, words.strip()])[-LONGEST_WORDS * 2 :]
    session.flush()


def settle(session: Session, kind: ReportKind, service_id: UUID | None, organization_id: UUID) -> None:
    """What the product noticed of a listing, or of a group itself, is so no more: open reports of it are closed."""
    for report in session.scalars(
        select(Report).where(
            Report.kind == kind,
            Report.state == ReportState.OPEN,
            Report.service_id == service_id if service_id else Report.service_id.is_(None),
            Report.organization_id == organization_id,
        )
    ):
        _close(session, SYSTEM, report, ReportState.NOT_SO, "It answers again.")


def decide(session: Session, actor: Actor, report_id: UUID, state: ReportState, note: str) -> None:
    """An editor closes a report. Raises `NotFound`, `Refused` where it is closed, `Invalid` for the note."""
    actor.must(Permission.MODERATE)
    report = session.get(Report, report_id, with_for_update=True, populate_existing=True)
    if report is None:
        raise NotFound
    if report.state is not ReportState.OPEN:
        raise Refused("Another editor has closed this already.")
    if state is ReportState.OPEN:
        raise Invalid("Choose how it ended.", "state")
    if len(note.strip()) > LONGEST_NOTE:
        raise Invalid(f"Keep the note to {LONGEST_NOTE} letters.", "note")
    _close(session, actor, report, state, note.strip())


def _close(session: Session, actor: Actor, report: Report, state: ReportState, note: str) -> None:
    report.state, report.note = state, note or None
    report.decided_at, report.decided_by_id = clock.now(), actor.account_id
    report.contact = None
    if report.kind is ReportKind.WROTE:
        # A letter may speak of anybody; once it is dealt with, nobody needs it.
        report.words = None
    audit.record(session, actor, f"report.{state.value}", "report", report.id)
    session.flush()


def _keep(session: Session, actor: Actor, report: Report, words: str, contact: str) -> str:
    report.reference = free_reference(session, Report.reference)
    report.said_at, report.state, report.times = clock.now(), ReportState.OPEN, 1
    report.words, report.contact = words.strip()[: LONGEST_WORDS * 2], contact.strip()[:254]
    session.add(report)
    session.flush()
    audit.record(session, actor, "report.make", "report", report.id, kind=report.kind.value)
    return report.reference


def _website(typed: str) -> str | None:
    if not typed.strip():
        return None
    try:
        return clean_url(typed)
    except Invalid as fault:
        raise Invalid(fault.message, "website") from None
