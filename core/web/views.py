"""Pages of the service itself, and the addresses that machines ask whether it is well."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, render_template

from core import health
from core.access.guard import public
from core.errors import NotFound
from core.web.site import Site

bp = Blueprint("web", __name__)


@bp.get("/accessibility")
@public("Everybody may read how this service can be used")
def accessibility() -> str:
    """The accessibility statement."""
    return render_template("core/accessibility.html")


@bp.get("/privacy")
@public("Everybody may read what is done with their information")
def privacy() -> str:
    """What we know about people, why, and what they can ask of us."""
    return render_template("core/privacy.html")


@bp.get("/contact")
@public("Everybody may ring or write")
def contact() -> str:
    """How to reach a person."""
    return render_template("core/contact.html")


@bp.get("/theme-<digest>.css")
@public("The borough's colours are part of every page")
def theme(digest: str) -> Response:
    """The borough's colours. The address changes with them, so browsers keep it for good."""
    site: Site = current_app.extensions["golden_thread_site"]
    if digest != site.theme_digest:
        raise NotFound
    response = Response(site.theme, mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@bp.get("/livez")
@public("A supervisor asks whether the process runs")
def livez() -> Response:
    """The process answers."""
    response = Response("ok\n", mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/readyz")
@public("A proxy asks whether to send people here")
def readyz() -> tuple[Response, int]:
    """Whether every part that the process leans on works: 200, or 503 with the names of those that do not.

    `states` tells how parts are that it can do without.
    """
    checks = health.readiness()
    ready = all(checks.values())
    response = jsonify(ready=ready, checks=checks, states=health.states())
    response.headers["Cache-Control"] = "no-store"
    return response, 200 if ready else 503
