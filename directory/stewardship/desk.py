"""Puts an editor's own tools onto an application: flags, duplicates, updates by words, vocabularies."""

from __future__ import annotations

from uuid import UUID

from flask import Flask, request, url_for
from markupsafe import Markup

from core import events
from core.access.guard import current_actor
from core.access.rules import Permission
from core.db import db
from core.errors import NotFound
from core.inbound.events import LetterCame, LetterFailed
from core.web.errors import when_missing
from core.web.slots import fill, part
from directory.listings.merged import moved_address
from directory.stewardship.duplicates import jobs as duplicates_jobs
from directory.stewardship.duplicates import queries as duplicates_queries
from directory.stewardship.duplicates import services as duplicates
from directory.stewardship.duplicates.models import Kind
from directory.stewardship.duplicates.views import bp as duplicates_bp
from directory.stewardship.flags import services as flags
from directory.stewardship.freshness.links import OpenLink
from directory.stewardship.replies import jobs as replies_jobs
from directory.stewardship.replies import queries as replies_queries
from directory.stewardship.replies import services as replies
from directory.stewardship.replies.views import bp as replies_bp
from directory.stewardship.taxonomies import queries as vocabulary_queries
from directory.stewardship.taxonomies.cli import vocabularies_cli
from directory.stewardship.taxonomies.views import bp as vocabularies_bp
from directory.stewardship.words.views import bp as words_bp

# Importing a jobs module registers its work.
JOBS = (duplicates_jobs, replies_jobs)
BLUEPRINTS = (duplicates_bp, words_bp, vocabularies_bp, replies_bp)


def init_app(app: Flask) -> None:
    """Register their pages, look at what groups send, and lead old addresses of merged entries on."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.cli.add_command(vocabularies_cli)
    flags.listen()
    duplicates.listen()
    events.subscribe(LetterCame, replies.on_letter)
    events.subscribe(LetterFailed, replies.on_failure)
    when_missing(_merged_address)
    fill("editing.top", _there_already)
    fill("editing.top", _by_words)
    fill("check.top", _reply_waits)
    fill("moderation.listing", _there_already)
    fill("moderation.beside", _beside)


def _merged_address() -> str | None:
    """Where the page of a merged activity or group is now."""
    if request.endpoint is None or not request.view_args:
        return None
    there = moved_address(db.session(), request.view_args)
    if there is None:
        return None
    query = request.query_string.decode("ascii", "replace")
    return url_for(request.endpoint, **there) + (f"?{query}" if query else "")


def _there_already(service_id: UUID, **_context: object) -> Markup:
    """What an activity may be the same as, for its group and for editors."""
    pairs = duplicates_queries.pairs_of(db.session(), Kind.ACTIVITY, service_id)
    return _render("there_already.html", pairs=pairs, service_id=service_id) if pairs else Markup()


def _by_words(service_id: UUID, **_context: object) -> Markup:
    """From a listing's own page to pasting a flyer."""
    return _render("by_words_link.html", service_id=service_id)


def _reply_waits(link: OpenLink, token: str, **_context: object) -> Markup:
    """What a group answered by email, on the page of its link."""
    try:
        reply = replies_queries.waiting_reply(db.session(), link)
    except NotFound:
        return Markup()
    return _render("reply_waits.html", reply=reply, token=token)


def _beside(**_context: object) -> Markup:
    """From the list of what waits to what else an editor keeps in order."""
    if not current_actor().can(Permission.MODERATE):
        return Markup()
    session = db.session()
    items = [
        ("May be there twice", url_for("duplicates.pairs"), duplicates_queries.count_open(session)),
        ("Words that we use", url_for("vocabularies.list_all"), vocabulary_queries.count(session)),
    ]
    return _render("beside.html", items=items)


def _render(name: str, **context: object) -> Markup:
    return part(f"directory/stewardship/{name}", **context)
