"""Puts the keeping of listings onto an application: checking, reports, claims, and where they show on other pages."""

from __future__ import annotations

from uuid import UUID

from flask import Flask, url_for
from markupsafe import Markup

from core import events
from core.access.guard import current_actor
from core.access.rules import Permission
from core.db import db
from core.errors import NotFound
from core.notify.events import AddressRefused
from core.web.slots import fill, part
from directory.stewardship.claims import queries as claims_queries
from directory.stewardship.claims.views import bp as claims_bp
from directory.stewardship.details import queries as details_queries
from directory.stewardship.details.views import bp as details_bp
from directory.stewardship.freshness import jobs as freshness_jobs
from directory.stewardship.freshness import queries as freshness_queries
from directory.stewardship.freshness.views import bp as freshness_bp
from directory.stewardship.reach import jobs as reach_jobs
from directory.stewardship.reach import queries as reach_queries
from directory.stewardship.reach import services as reach
from directory.stewardship.reports import queries as reports_queries
from directory.stewardship.reports import services as reports
from directory.stewardship.reports.services import ListingSaidWrong
from directory.stewardship.reports.views import bp as reports_bp

# Importing a jobs module registers its work.
JOBS = (freshness_jobs, reach_jobs)
BLUEPRINTS = (reports_bp, freshness_bp, claims_bp, details_bp)


def init_app(app: Flask, *, listing_was_wrong: type[ListingSaidWrong]) -> None:
    """Register the pages by which listings are kept true. `listing_was_wrong` is the event by which another area says
    that a group finds its own listing wrong."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    events.subscribe(listing_was_wrong, reports.on_listing_wrong)
    events.subscribe(AddressRefused, reach.on_address_refused)
    fill("listing_foot", _trust)
    fill("listing_history", _noticed)
    fill("own_groups_top", _to_mend)
    fill("own_group_foot", _group_links)
    fill("group_foot", _claim)
    fill("moderation.beside", _desk)
    fill("footer.links", _suggest)


def _trust(service_id: UUID, **_context: object) -> Markup:
    """Who checked the listing, what answers, and the way to say that something is wrong."""
    try:
        trust = reach_queries.trust(db.session(), service_id)
    except NotFound:
        return Markup("")
    return _render("trust.html", trust=trust, service_id=service_id)


def _noticed(service_id: UUID, **_context: object) -> Markup:
    """What was noticed of a listing by itself, below what people changed."""
    items = reports_queries.noticed(db.session(), service_id)
    return _render("noticed.html", items=items) if items else Markup()


def _to_mend(**_context: object) -> Markup:
    """What a member's groups are asked to put right."""
    items = reports_queries.to_mend(db.session(), current_actor())
    return _render("to_mend.html", items=items) if items else Markup()


def _group_links(organization_id: UUID, **_context: object) -> Markup:
    """From a group on its own home to its details and its people."""
    return _render("group_links.html", organization_id=organization_id)


def _claim(organization_id: UUID, **_context: object) -> Markup:
    """From a group's public page to its claim."""
    return _render("claim_link.html", organization_id=organization_id)


def _suggest(**_context: object) -> Markup:
    """From every page to the form for a group that is missing."""
    return Markup('<li><a href="{}">Suggest a group</a></li>').format(url_for("reports.suggest"))


def _desk(**_context: object) -> Markup:
    """What else waits for an editor, each with how many."""
    if not current_actor().can(Permission.MODERATE):
        return Markup("")
    session = db.session()
    items = [
        ("Groups to ring", url_for("freshness.calls"), freshness_queries.count_calls(session)),
        ("What people told us", url_for("reports.list_all"), reports_queries.count_open(session)),
        ("Claims", url_for("claims.list_all"), claims_queries.count_open(session)),
        ("Groups' own words", url_for("details.waiting"), details_queries.count_waiting(session)),
    ]
    return _render("beside.html", items=items)


def _render(name: str, **context: object) -> Markup:
    return part(f"directory/stewardship/{name}", **context)
