"""The pages for coming in by a link instead of a password, and for the words that may stand for a code then."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, public, requires
from core.access.rules import Permission
from core.accounts import entering, links, queries, services, sessions
from core.accounts.forms import LinkForm, OwnWordsForm
from core.db import db
from core.web.links import safe_redirect
from core.web.mending import refused

bp = Blueprint("entry", __name__)

_DOOR = "Whoever signs in is not signed in yet"
_SENT = "The link in the email or text is the proof; a code proves the rest"


@bp.get("/sign-in/link")
@public(_DOOR)
def ask() -> str:
    """Ask where to send a link."""
    return render_template("core/accounts/ask_link.html", form=LinkForm())


@bp.post("/sign-in/link")
@public(_DOOR)
def send() -> str:
    """Send a link, and say the same whether or not there was anybody to send it to."""
    form = LinkForm()
    if not form.validate():
        return render_template("core/accounts/ask_link.html", form=form)
    entering.ask_for_link(db.session(), form.to.data or "", request.remote_addr or "")
    db.session.commit()
    return render_template("core/accounts/link_sent.html", may_be_text=True)


@bp.get("/sign-in/link/<token>")
@public(_SENT)
def show(token: str) -> str:
    """Where the link leads. Opening it changes nothing: mail scanners open links."""
    links.opened(db.session(), token, *links.FOR_SIGNING_IN)
    return render_template("core/accounts/enter.html", token=token)


@bp.post("/sign-in/link/<token>")
@public(_SENT)
def enter(token: str) -> Response:
    """Use the link up, and go on to the second step."""
    pending = entering.enter(db.session(), token)
    sessions.end_present(db.session(), "signed in again")
    db.session.commit()
    sessions.enter(pending)
    return safe_redirect(url_for("accounts.second_step"))


@bp.get("/account/words")
@requires(Permission.SIGNED_IN)
def ask_words() -> str:
    """Ask for three words that only they know."""
    return _words_page(OwnWordsForm())


@bp.post("/account/words")
@requires(Permission.SIGNED_IN)
def choose_words() -> str | Response:
    """Keep the words."""
    form = OwnWordsForm()
    if not form.validate() or refused(
        form, lambda: services.choose_own_words(db.session(), current_actor(), form.words.data or "")
    ):
        return _words_page(form)
    db.session.commit()
    flash("Your words are kept. Next time you sign in by a link, type them when we ask.", "success")
    return safe_redirect(url_for("accounts.own_account"))


def _words_page(form: OwnWordsForm) -> str:
    account = queries.own_account(db.session(), current_actor())
    return render_template("core/accounts/own_words.html", form=form, account=account)
