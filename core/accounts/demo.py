"""The demo's way in: sign in as one of the example people. Registered only where the settings say demo."""

from __future__ import annotations

from ipaddress import ip_address

from flask import Blueprint, Flask, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from core.access.guard import public
from core.accounts import landing, queries, sessions, signing_in
from core.db import db
from core.errors import NotFound, Refused
from core.settings import is_this_computer
from core.web.links import safe_redirect
from core.web.slots import fill

bp = Blueprint("demo", __name__)

_EXAMPLE = "Everybody in the demo is made up, and it runs on this computer alone"


@bp.get("/sign-in-as")
@public(_EXAMPLE)
def choose() -> str:
    """The example people to choose from."""
    return render_template("core/accounts/personas.html", personas=queries.personas(db.session()))


@bp.post("/sign-in-as/<persona>")
@public(_EXAMPLE)
def sign_in_as(persona: str) -> Response:
    """Come in as an example person, without password or code; the audit trail says that it was the demo."""
    token = signing_in.enter_persona(db.session(), persona)
    if token is None:
        raise NotFound
    sessions.end_present(db.session(), "signed in again")
    db.session.commit()
    sessions.enter(token)
    visitor = sessions.visitor()
    return safe_redirect(landing.page_of(visitor.actor) if visitor else url_for("demo.choose"))


def init_app(app: Flask) -> None:
    """Add the pages to the demo, a link to them to its banner, and keep the demo to this computer."""
    app.before_request(_refuse_other_computers)
    app.register_blueprint(bp)
    fill("demo", _link)


def _refuse_other_computers() -> None:
    """Refuse whoever asks from elsewhere: also by way of a proxy that runs here, or of a name that leads here."""
    here = ip_address(request.remote_addr or "0.0.0.0").is_loopback  # noqa: S104 - an address to refuse, not to bind
    by_proxy = "Forwarded" in request.headers or "X-Forwarded-For" in request.headers
    if not here or by_proxy or not is_this_computer(request.host_url):
        raise Refused("The demo has no passwords, so it answers only on the computer that it runs on.")


def _link() -> Markup:
    return Markup('<a href="{}">Sign in as an example person</a>').format(escape(url_for("demo.choose")))
