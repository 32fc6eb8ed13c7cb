"""The public pages of activities and groups."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from core import clock
from core.access.guard import current_actor, public
from core.db import db
from directory.listings.answers import base_url, calendar_answer
from directory.listings.calendar_file import calendar_file, sessions_file
from directory.listings.editing_views import moment_of
from directory.listings.pages import ListingPage, group_page, listing_page, listing_pages, session_at
from directory.listings.queries import may_edit
from directory.listings.structured import structured_data

bp = Blueprint("listings", __name__)


@bp.get("/activities/<uuid:service_id>")
@public("Anybody may see what there is")
def activity(service_id: UUID) -> Response:
    """One activity: will I be welcome, how do I get there, whom do I ring?"""
    page = listing_page(db.session(), service_id)
    if page.closed:
        group = group_page(db.session(), page.group_id)
        return Response(render_template("directory/listings/closed.html", page=page, group=group), 410)
    return Response(
        render_template(
            "directory/listings/activity.html",
            page=page,
            may_edit=may_edit(db.session(), current_actor(), page.group_id),
            points=_points(page),
            structured=structured_data(page, base_url()),
        )
    )


@bp.get("/activities/<uuid:service_id>.ics")
@public("Anybody may put an activity into their calendar")
def activity_calendar(service_id: UUID) -> Response:
    """The timetable as an iCalendar file, or with `session` (2026-11-24T10:00) that one session."""
    page = listing_page(db.session(), service_id)
    if at := request.args.get("session", ""):
        sessions = session_at(page, moment_of(at))
        return calendar_answer(sessions_file(sessions, page.name, base_url()), f"session-{service_id}")
    return calendar_answer(
        calendar_file([page], page.name, base_url(), clock.now()), f"activity-{service_id}"
    )


@bp.get("/groups/<uuid:organization_id>.ics")
@public("Anybody may put what a group does into their calendar")
def group_calendar(organization_id: UUID) -> Response:
    """All that a group does as one iCalendar file."""
    group = group_page(db.session(), organization_id)
    pages = listing_pages(db.session(), [card.id for card in group.activities])
    return calendar_answer(
        calendar_file(pages, group.name, base_url(), clock.now()), f"group-{organization_id}"
    )


@bp.get("/groups/<uuid:organization_id>")
@public("Anybody may see who offers it")
def group(organization_id: UUID) -> str:
    """One group and what it does."""
    return render_template("directory/listings/group.html", group=group_page(db.session(), organization_id))


def _points(page: ListingPage) -> list[dict[str, Any]]:
    return [
        {
            "name": place.name or page.name,
            "lat": place.latitude,
            "lon": place.longitude,
            "text": ", ".join(place.lines),
        }
        for place in page.places
        if place.latitude is not None and place.longitude is not None
    ]
