"""Visiting websites, politely and one at a time, and noting which emails come back."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import clock, outbound
from core.db import hold, read_only
from core.jobs.services import enqueue
from core.notify.events import AddressRefused
from core.outbound import AddressRefused as NotAsked
from core.outbound import OutboundFailed
from directory.listings.models import Organization, Service
from directory.listings.rules import IN_SEARCH
from directory.stewardship.reach import queries, rules
from directory.stewardship.reach.models import AnsweringAddress, RefusedAddress, WebsiteCheck, WebsiteHost
from directory.stewardship.reach.queries import Visit
from directory.stewardship.reports import services as reports
from directory.stewardship.reports.rules import ReportKind

VISIT = "reach.visit"
MOST_VISITS = 60
MOST_BYTES = 200_000
TIMEOUT = 15.0
LONGEST_HEADER = {"etag": 200, "last-modified": 60}


def plan(session: Session) -> int:
    """Promise visits to the websites that are due, each host's own some seconds apart. Gives how many."""
    hold(session, "website visits")
    now = clock.now()
    known = set(session.scalars(select(WebsiteCheck.url)))
    used = set(queries.websites(session))
    new = sorted(url for url in used - known if len(url) <= 500 and rules.host_of(url))
    session.add_all([WebsiteCheck(url=url, host=rules.host_of(url), next_at=now) for url in new[:500]])
    session.flush()
    planned = 0
    for check in queries.due(session, now, MOST_VISITS):
        if check.url not in used:
            check.next_at = now + rules.ASK_AGAIN
            continue
        _promise(session, check)
        # Should the visit come to nothing, it is tried again with the next plan but one.
        check.next_at = now + rules.ASK_AGAIN_FAILING
        planned += 1
    session.flush()
    return planned


def visit(session: Session, check_id: UUID) -> None:
    """Ask one website for its page, or first for its robots.txt; a host is asked for one thing at a time.

    No transaction is open while we wait for an answer.
    """
    with read_only():
        wanted = _wanted(session, check_id)
        session.rollback()
    if wanted is None:
        return
    if wanted.robots is None:
        _read_robots(session, wanted)
        return
    if not rules.may_visit(wanted.robots, wanted.url):
        _note(session, wanted, None, forbidden=True)
        return
    try:
        answer = outbound.fetch(
            wanted.url, max_bytes=MOST_BYTES, timeout=TIMEOUT, only_headers=True, headers=wanted.headers
        )
    except NotAsked:
        _note(session, wanted, None, forbidden=True)
        return
    except OutboundFailed:
        _note(session, wanted, 0)
        return
    _note(session, wanted, answer.status, headers=dict(answer.headers))


def on_address_refused(session: Session, event: AddressRefused) -> None:
    """An email address's own server says that nobody reads it: an editor is told which groups give it."""
    index = queries.refused_index(event.address)
    hold(session, f"address {index}")
    answering = queries.answering_index(event.address)
    session.execute(delete(AnsweringAddress).where(AnsweringAddress.address_index == answering))
    row = session.scalar(select(RefusedAddress).where(RefusedAddress.address_index == index))
    if row is None:
        session.add(RefusedAddress(address_index=index, at=clock.now()))
    else:
        row.at = clock.now()
    session.flush()
    for service_id, group_id in _givers(session, event.address):
        reports.tell(session, ReportKind.EMAIL, service_id, group_id)


def note_answer(session: Session, address: str) -> None:
    """Somebody did what only a reader of this address could: answered our email, or used the link or code in it. What
    was said of its coming back is so no more."""
    refused, index = queries.refused_index(address), queries.answering_index(address)
    hold(session, f"address {refused}")
    row = session.scalar(select(AnsweringAddress).where(AnsweringAddress.address_index == index))
    if row is None:
        session.add(AnsweringAddress(address_index=index, at=clock.now()))
    else:
        row.at = clock.now()
    session.flush()
    known = session.scalar(select(RefusedAddress).where(RefusedAddress.address_index == refused))
    if known is not None:
        session.delete(known)
        for service_id, group_id in _givers(session, address):
            reports.settle(session, ReportKind.EMAIL, service_id, group_id)
    session.flush()


def _givers(session: Session, address: str) -> list[tuple[UUID, UUID]]:
    small = address.strip().lower()
    rows = session.execute(
        select(Service.id, Service.organization_id, Service.email, Organization.email.label("group_email"))
        .join(Organization, Organization.id == Service.organization_id)
        .where(Service.status.in_(IN_SEARCH))
        .where((Service.email.ilike(small, escape="\\")) | (Organization.email.ilike(small, escape="\\")))
    )
    return [
        (row.id, row.organization_id) for row in rows if (row.email or row.group_email or "").lower() == small
    ]


def _wanted(session: Session, check_id: UUID) -> Visit | None:
    check = session.get(WebsiteCheck, check_id)
    if check is None:
        return None
    host = session.scalar(select(WebsiteHost).where(WebsiteHost.host == check.host))
    fresh = (
        host is not None
        and host.robots_at is not None
        and host.robots_at > clock.now() - rules.ROBOTS_GOOD_FOR
    )
    headers = {}
    if check.failing_since is None and check.etag:
        headers["If-None-Match"] = check.etag
    if check.failing_since is None and check.last_modified:
        headers["If-Modified-Since"] = check.last_modified
    return Visit(
        check.id, check.url, check.host, headers, host.robots if host is not None and fresh else None
    )


def _read_robots(session: Session, wanted: Visit) -> None:
    """Keep the host's robots.txt and come back for the page a little later. A host without one lets everybody in; one
    that does not answer at all is one failure of the page."""
    try:
        answer = outbound.fetch(
            rules.robots_url(wanted.url), accept="text/plain", max_bytes=MOST_BYTES, timeout=TIMEOUT
        )
    except NotAsked:
        _note(session, wanted, None, forbidden=True)
        return
    except OutboundFailed:
        _note(session, wanted, 0)
        return
    if answer.status >= 500:
        _note(session, wanted, answer.status)
        return
    host = _host(session, wanted.host)
    host.robots = answer.body.decode("utf-8", "replace")[: rules.LONGEST_ROBOTS] if answer.ok else ""
    host.robots = host.robots.replace("\x00", "")
    host.robots_at = clock.now()
    _promise(session, session.get_one(WebsiteCheck, wanted.check_id))


def _promise(session: Session, check: WebsiteCheck) -> None:
    host = _host(session, check.host)
    at = max(host.free_at, clock.now())
    host.free_at = at + rules.BETWEEN_REQUESTS
    session.flush()
    enqueue(session, VISIT, {"check_id": str(check.id)}, run_at=at)


def _host(session: Session, name: str) -> WebsiteHost:
    hold(session, f"website host {name}")
    host = session.scalar(select(WebsiteHost).where(WebsiteHost.host == name).with_for_update())
    if host is None:
        host = WebsiteHost(host=name, robots="", free_at=clock.now())
        session.add(host)
        session.flush()
    return host


def _note(
    session: Session,
    wanted: Visit,
    status: int | None,
    *,
    headers: dict[str, str] | None = None,
    forbidden: bool = False,
) -> None:
    """Write down what came of a visit; `status` 0 is no answer. Tells an editor when a website turns out dead, and
    takes that back when it answers again."""
    now = clock.now()
    check = session.get_one(WebsiteCheck, wanted.check_id, with_for_update=True, populate_existing=True)
    told = check.checked_at is not None and rules.is_dead(
        check.failing_since, check.failures, check.checked_at
    )
    check.checked_at, check.forbidden, check.status = now, forbidden, status
    answers = forbidden or (status is not None and rules.answers(status))
    if answers:
        check.failing_since, check.failures = None, 0
        if not forbidden:
            check.answered_at = now
            given = headers or {}
            check.etag = _short(given, "etag")
            check.last_modified = _short(given, "last-modified")
    else:
        check.failing_since, check.failures = check.failing_since or now, check.failures + 1
    check.next_at = rules.next_visit(check.failing_since, check.failures, now)
    session.flush()
    dead = rules.is_dead(check.failing_since, check.failures, now)
    for service_id, group_id in queries.users_of(session, check.url):
        if dead and not told:
            reports.tell(session, ReportKind.WEBSITE, service_id, group_id, check.url)
        elif answers:
            # A report may be about the address that they gave before.
            reports.settle(session, ReportKind.WEBSITE, service_id, group_id)


def _short(headers: dict[str, str], name: str) -> str | None:
    text = headers.get(name, "").strip()
    return text if text and len(text) <= LONGEST_HEADER[name] and text.isprintable() else None
