"""Puts insight onto an application: it hears each search, and shows what people look for where it can be mended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from flask import Flask, current_app, request
from markupsafe import Markup
from sqlalchemy.orm import Session

from core import clock, events
from core.access.guard import current_actor
from core.access.rules import STAFF
from core.db import db
from core.settings import Settings
from core.web.slots import fill, part
from directory.insight import jobs as insight_jobs
from directory.insight import queries, rules, services
from directory.insight.buffer import Buffer, Noted
from directory.insight.events import GapHeard
from directory.insight.views import bp
from directory.search.events import Searched
from directory.search.queries import Found

# Importing a jobs module registers its work.
JOBS = (insight_jobs,)
BUFFER = "search_insight"
# The parameter by which the form of the results says what it was changed from.
AFTER = "after"


def init_app(app: Flask, settings: Settings, *, gap_recorded: type[GapHeard]) -> None:
    """Register the pages. `gap_recorded` is the event by which another area says that something is missing."""
    # A test counts when it wants to; nothing happens behind its back.
    app.extensions[BUFFER] = Buffer("search-insight", None if settings.testing else partial(count, app))
    app.register_blueprint(bp)
    events.subscribe(Searched, note)
    events.subscribe(gap_recorded, services.hear_gap)
    fill("search_form", _trace)
    fill("own_group_foot", _near_group)


def waiting() -> Buffer:
    """The searches of the app at hand that are not counted yet."""
    held: Buffer = current_app.extensions[BUFFER]
    return held


def count(app: Flask, noted: Sequence[Noted]) -> None:
    """Count searches in a transaction of their own."""
    with app.app_context():
        services.keep(db.session(), noted)
        db.session.commit()


def note(_session: Session, searched: Searched) -> None:
    """Remember a search until it is counted: not those of programs, of staff at work, or of somebody in danger."""
    found = searched.found
    agent = request.user_agent.string
    if found.criteria.is_blank or found.dangers or rules.is_machine(agent) or current_actor().has(*STAFF):
        return
    words = rules.words_to_keep(found.criteria.q)
    if not words and not found.criteria.needs:
        return
    waiting().note(
        Noted(
            day=clock.today(),
            asker=f"{request.remote_addr} {agent}",
            words=words,
            needs=found.criteria.needs,
            ward_code=(found.place.ward_code if found.place else None) or "",
            outcome=_outcome(found),
            after=rules.read_trace(request.args.get(AFTER, "")),
        )
    )


def _outcome(found: Found) -> rules.Outcome:
    return rules.outcome(found.total, relaxed=bool(found.relaxed))


def _trace(found: Found, **_context: object) -> Markup:
    """What the form carries to the next search; nothing that tells who asks."""
    words = "" if found.dangers else rules.words_to_keep(found.criteria.q)
    trace = services.trace_of(words, rules.read_trace(request.args.get(AFTER, "")), _outcome(found))
    return Markup('<input type="hidden" name="{}" value="{}">').format(AFTER, trace) if trace else Markup("")


def _near_group(organization_id: UUID, **_context: object) -> Markup:
    """For a group: what people near it look for in vain."""
    found = queries.near_group(db.session(), organization_id, queries.period_start(rules.USUAL_PERIOD))
    if not found:
        return Markup("")
    offered = queries.choices(db.session())
    return part(
        "directory/insight/near_group.html",
        found=found,
        needs=dict(offered.needs),
        wards=dict(offered.wards),
    )
