"""Anybody says what they think of a page; an editor or an administrator reads it, beside how far people get."""

from __future__ import annotations

import re
from uuid import UUID

from flask import Blueprint, current_app, flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.access.guard import current_actor, public, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Invalid, Throttled
from core.idempotency import services as idempotency
from core.page_feedback import queries, services
from core.page_feedback.forms import TellForm
from core.page_feedback.rules import Ease
from core.steps import queries as steps
from core.web.links import safe_redirect
from core.web.sending import only_once
from core.web.slots import add_navigation, fill

bp = Blueprint("page_feedback", __name__)

_DIFFERS = re.compile("<[^>]*>")

add_navigation(Permission.READ_FEEDBACK, "How people get on", "page_feedback.show", 78)


@bp.get("/what-do-you-think")
@public("Anybody may say what they think of a page")
def ask() -> str:
    """What do you think of this page?"""
    return _ask(TellForm(page=_known(request.args.get("page", ""))))


@bp.post("/what-do-you-think")
@public("Anybody may say what they think of a page")
def tell() -> str | Response | tuple[str, int]:
    """Keep it. A machine is thanked too, and nothing of it is kept."""
    form = TellForm()
    thanks = url_for("page_feedback.thanks")
    if not form.validate():
        return _ask(form), 400
    if form.is_machine:
        return safe_redirect(thanks)
    only_once(form)
    try:
        services.tell(
            db.session(),
            request.remote_addr or "",
            _known(form.page.data or ""),
            Ease(form.ease.data),
            form.words.data or "",
        )
    except (Invalid, Throttled) as fault:
        db.session.rollback()
        form.add_error(fault.field if isinstance(fault, Invalid) else None, fault.message)
        return _ask(form), 400
    idempotency.remember(db.session(), form.key, thanks)
    db.session.commit()
    return safe_redirect(thanks)


@bp.get("/what-do-you-think/thank-you")
@public("Whoever told us something is thanked")
def thanks() -> str:
    """It arrived."""
    return render_template("core/page_feedback/thanks.html")


@bp.get("/how-people-get-on")
@requires(Permission.READ_FEEDBACK)
def show() -> str:
    """How far people get, and what they say."""
    number = request.args.get("page", 1, type=int)
    return render_template(
        "core/page_feedback/show.html",
        said=queries.waiting(db.session(), current_actor(), number),
        address_of=_address_of,
        tasks=steps.completion(db.session()),
        weeks=steps.WEEKS,
    )


@bp.post("/how-people-get-on/<uuid:feedback_id>/done")
@requires(Permission.READ_FEEDBACK)
def done(feedback_id: UUID) -> Response:
    """Somebody has dealt with it."""
    services.finish(db.session(), current_actor(), feedback_id)
    db.session.commit()
    flash("Dealt with.")
    return safe_redirect(url_for("page_feedback.show"))


def footer_link(**_context: object) -> Markup:
    """From every page to the form about it; the page is named by its route, so that no address is kept."""
    if request.endpoint is None or request.endpoint.startswith("page_feedback."):
        return Markup("")
    there = url_for("page_feedback.ask", page=request.endpoint)
    return Markup('<li><a href="{}">What do you think of this page?</a></li>').format(there)


def _known(route: str) -> str:
    """A route of ours by that name; "other" for anything else that an address may carry."""
    return route if route in current_app.view_functions else "other"


def _address_of(route: str) -> str:
    """What the addresses of this route look like, with dots for whatever differs: that is how people know a page."""
    shapes = [rule for rule in current_app.url_map.iter_rules() if rule.endpoint == route]
    pages = [rule for rule in shapes if "GET" in (rule.methods or ())] or shapes
    return _DIFFERS.sub("...", pages[0].rule) if pages else "another page"


def _ask(form: TellForm) -> str:
    return render_template("core/page_feedback/ask.html", form=form)


fill("footer.links", footer_link)
