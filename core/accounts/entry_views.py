"""The pages for coming in by a link instead of a password."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import public
from core.accounts import entering, links, sessions
from core.accounts.forms import ForgottenForm
from core.accounts.models import LinkPurpose
from core.db import db
from core.web.links import safe_redirect

bp = Blueprint("entry", __name__)

_DOOR = "Whoever signs in is not signed in yet"
_EMAILED = "The link in the email is the proof; a code proves the rest"


@bp.get("/sign-in/link")
@public(_DOOR)
def ask() -> str:
    """Ask where to send a link."""
    return render_template("core/accounts/ask_link.html", form=ForgottenForm())


@bp.post("/sign-in/link")
@public(_DOOR)
def send() -> str:
    """Send a link, and say the same whether or not there was anybody to send it to."""
    form = ForgottenForm()
    if not form.validate():
        return render_template("core/accounts/ask_link.html", form=form)
    entering.ask_for_link(db.session(), form.email.data or "", request.remote_addr or "")
    db.session.commit()
    return render_template("core/accounts/link_sent.html")


@bp.get("/sign-in/link/<token>")
@public(_EMAILED)
def show(token: str) -> str:
    """Where the link leads. Opening it changes nothing: mail scanners open links."""
    links.opened(db.session(), token, LinkPurpose.SIGN_IN)
    return render_template("core/accounts/enter.html", token=token)


@bp.post("/sign-in/link/<token>")
@public(_EMAILED)
def enter(token: str) -> Response:
    """Use the link up, and go on to the second step."""
    pending = entering.enter(db.session(), token)
    sessions.end_present(db.session(), "signed in again")
    db.session.commit()
    sessions.enter(pending)
    return safe_redirect(url_for("accounts.second_step"))
