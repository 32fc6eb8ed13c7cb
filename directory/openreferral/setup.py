"""Puts the open API onto an application."""

from __future__ import annotations

from flask import Flask, Response, request, url_for
from markupsafe import Markup

from core.web import errors, slots
from directory.openreferral.key_views import bp as keys_bp
from directory.openreferral.profiles import PROFILES
from directory.openreferral.views import answer_error, let_others_read
from directory.openreferral.views import bp as api_bp


def init_app(app: Flask) -> None:
    """Register both bases, the page about open data and the page of keys."""
    app.register_blueprint(api_bp)
    app.register_blueprint(keys_bp)
    slots.fill("footer.links", _link)
    for profile in PROFILES.values():
        errors.answer_under(f"{profile.path}/", answer_error)

    @app.after_request
    def open_up(response: Response) -> Response:
        bases = tuple(profile.path for profile in PROFILES.values())
        return let_others_read(response) if request.path.startswith(bases) else response


def _link() -> Markup:
    return Markup('<li><a href="{}">Open data</a></li>').format(url_for("openreferral.about"))
