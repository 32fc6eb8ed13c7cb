"""Puts taking data in, and giving it out, onto an application."""

from __future__ import annotations

from flask import Flask, request, url_for
from markupsafe import Markup

from core.access.guard import current_actor
from core.access.rules import Permission
from core.db import db
from core.web import slots
from core.web.slots import part
from directory.exchange import export_views, exporting, feed_queries, notice_views, notices
from directory.exchange.runs import MOST_UPLOADED
from directory.exchange.views import bp as sources_bp

_TAKES_FILES = "sources.start"


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(sources_bp)
    app.register_blueprint(export_views.bp)
    app.register_blueprint(notice_views.bp)
    notices.listen()
    exporting.listen()
    slots.fill("open-data.downloads", export_views.links)
    slots.fill("moderation.beside", _beside)

    @app.url_value_preprocessor
    def let_files_in(endpoint: str | None, _values: object) -> None:
        """Only here may a request carry a file of that size, and it is known before anything reads the request."""
        if endpoint == _TAKES_FILES:
            request.max_content_length = MOST_UPLOADED + 64 * 1024


def _beside(**_context: object) -> Markup:
    """From the list of what waits to listings that their source gives no more; nothing where there are none."""
    number = feed_queries.count_vanished(db.session()) if current_actor().can(Permission.MODERATE) else 0
    if not number:
        return Markup()
    items = [("No longer in their source", url_for("sources.gone"), number)]
    return part("directory/stewardship/beside.html", items=items)
