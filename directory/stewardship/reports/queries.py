"""Reading reports: an editor's list and one report; and what a group is asked to put right."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission, Role
from core.calendar.rules import say_ago
from core.errors import NotFound
from core.paging import within
from directory.listings.content import printed_phone
from directory.listings.merged import groups_of
from directory.listings.models import Organization, Service
from directory.listings.rules import HAS_PUBLIC_PAGE
from directory.stewardship.reports.models import Report
from directory.stewardship.reports.rules import (
    FOR_THE_GROUP,
    NOTICED,
    ReportKind,
    ReportState,
    times_in_words,
)

REPORTS_A_PAGE = 20
NOTICED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report in the list. `name` is the listing's or group's, or that of the group that is missing."""

    id: UUID
    kind: ReportKind
    name: str
    group: str
    what: str
    times: int
    when: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A page of open reports, those that were said most recently first."""

    reports: tuple[ReportLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report. `mended_since` says that somebody changed or confirmed the listing after it was said."""

    id: UUID
    reference: str
    kind: ReportKind
    state: ReportState
    what: str
    words: str
    contact: str
    times: int
    when: str
    service_id: UUID | None
    organization_id: UUID | None
    name: str
    group: str
    group_phone: str
    place: str
    url: str
    note: str
    mended_since: bool


@dataclass(frozen=True, slots=True)
class ToMend:
    """What a group is asked to put right on one of its listings: what happened, and what was said to be wrong."""

    service_id: UUID
    name: str
    words: tuple[str, ...]
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something that the product noticed by itself, such as a website that does not answer, and how it ended."""

    what: str
    when: str
    ended: str
    ended_when: str


def count_open(session: Session) -> int:
    """How many reports wait for an editor."""
    return session.scalar(select(func.count(Report.id)).where(Report.state == ReportState.OPEN)) or 0


def reports(session: Session, actor: Actor, page: int) -> ReportPage:
    """Open reports. Raises `NotFound` for anybody but an editor."""
    actor.must(Permission.MODERATE)
    total, now = count_open(session), clock.now()
    page, pages = within(page, total, REPORTS_A_PAGE)
    rows = session.execute(
        select(Report, Service.name, Organization.name)
        .outerjoin(Service, Service.id == Report.service_id)
        .outerjoin(Organization, Organization.id == Report.organization_id)
        .where(Report.state == ReportState.OPEN)
        .order_by(Report.said_at.desc(), Report.id.desc())
        .limit(REPORTS_A_PAGE)
        .offset((page - 1) * REPORTS_A_PAGE)
    )
    lines = tuple(
        ReportLine(
            id=report.id,
            kind=report.kind,
            name=service or report.group_name or group or "",
            group=(group or "") if service else report.place,
            what=report.fault.label if report.fault else "",
            times=report.times,
            when=say_ago(report.said_at, now),
        )
        for report, service, group in rows
    )
    return ReportPage(lines, total, page, pages)


def report(session: Session, actor: Actor, report_id: UUID) -> ReportView:
    """One report. Raises `NotFound`."""
    actor.must(Permission.MODERATE)
    found = session.execute(
        select(Report, Service, Organization)
        .outerjoin(Service, Service.id == Report.service_id)
        .outerjoin(Organization, Organization.id == Report.organization_id)
        .where(Report.id == report_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    row: Report = found[0]
    service: Service | None = found[1]
    group: Organization | None = found[2]
    group_name = group.name if group is not None else ""
    return ReportView(
        id=row.id,
        reference=row.reference,
        kind=row.kind,
        state=row.state,
        what=row.fault.label if row.fault else "",
        words="" if row.kind is ReportKind.WEBSITE else row.words or "",
        contact=row.contact or "",
        times=row.times,
        when=say_ago(row.said_at, clock.now()),
        service_id=row.service_id,
        organization_id=row.organization_id,
        name=service.name if service is not None else row.group_name or group_name,
        group=group_name,
        group_phone=printed_phone(group.phones[0].number) if group is not None and group.phones else "",
        place=row.place,
        url=(row.words or "").split("\n")[-1] if row.kind is ReportKind.WEBSITE else row.url or "",
        note=row.note or "",
        mended_since=_spoken_for(row, service),
    )


def to_mend(session: Session, actor: Actor) -> tuple[ToMend, ...]:
    """What the actor's groups are asked to put right, until they confirm or change the listing."""
    if not actor.has(Role.GROUP_MEMBER):
        return ()
    rows = session.execute(
        select(Report, Service)
        .join(Service, Service.id == Report.service_id)
        .where(
            Service.organization_id.in_(groups_of(actor)),
            Report.state == ReportState.OPEN,
            Report.kind.in_(FOR_THE_GROUP),
            or_(Service.confirmed_at.is_(None), Service.confirmed_at <= Report.said_at),
        )
        .order_by(Report.said_at.desc())
    )
    about: dict[UUID, list[Report]] = {}
    names: dict[UUID, str] = {}
    for row, service in rows:
        about.setdefault(service.id, []).append(row)
        names[service.id] = service.name
    return tuple(
        ToMend(
            service_id=service_id,
            name=names[service_id],
            words=tuple(dict.fromkeys(times_in_words(one.kind, one.times) for one in found)),
            said=tuple(dict.fromkeys(text for one in found if (text := _for_the_group(one)))),
        )
        for service_id, found in about.items()
    )


def _for_the_group(row: Report) -> str:
    """What the group may read of a report: what a stranger wrote may name somebody, so an editor reads it first."""
    if row.kind is ReportKind.DECLINED:
        return row.words or ""
    return row.fault.label if row.fault else ""


def noticed(session: Session, service_id: UUID) -> tuple[Noticed, ...]:
    """What the product noticed by itself of a listing, or of its group's website, newest first."""
    rows = session.scalars(
        select(Report)
        .join(Service, Service.organization_id == Report.organization_id)
        .where(
            Service.id == service_id,
            or_(Report.service_id == service_id, Report.service_id.is_(None)),
            Report.kind.in_(NOTICED),
        )
        .order_by(Report.said_at.desc(), Report.id.desc())
        .limit(NOTICED_SHOWN)
    )
    now = clock.now()
    return tuple(
        Noticed(
            what=row.kind.label,
            when=say_ago(row.said_at, now),
            # What an editor noted is for editors.
            ended=""
            if row.decided_at is None
            else (row.note if row.decided_by_id is None else None) or row.state.label,
            ended_when=say_ago(row.decided_at, now) if row.decided_at else "",
        )
        for row in rows
    )


def listing_name(session: Session, service_id: UUID) -> tuple[str, str]:
    """The name of a listing that has a public page, and its group's. Raises `NotFound`."""
    found = session.execute(
        select(Service.name, Organization.name)
        .join(Organization, Organization.id == Service.organization_id)
        .where(Service.id == service_id, Service.status.in_(HAS_PUBLIC_PAGE))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def _spoken_for(row: Report, service: Service | None) -> bool:
    return service is not None and service.confirmed_at is not None and service.confirmed_at > row.said_at
