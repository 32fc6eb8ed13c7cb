"""What happened to a listing, and giving it back what it said before."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Invalid
from core.web.links import safe_redirect
from directory.listings import services
from directory.listings.editing_views import said
from directory.listings.history import as_it_was, history
from directory.listings.section_form import SectionForm

bp = Blueprint("history", __name__)


@bp.get("/activities/<uuid:service_id>/history")
@requires(Permission.EDIT_LISTING)
def lines(service_id: UUID) -> str:
    """What happened to the listing: who changed what, when and why."""
    found = history(db.session(), current_actor(), service_id, request.args.get("page", 1, type=int))
    return render_template("directory/listings/history.html", found=found, service_id=service_id)


@bp.route("/activities/<uuid:service_id>/history/<uuid:change_id>", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTING)
def earlier(service_id: UUID, change_id: UUID) -> str | Response | tuple[str, int]:
    """What the listing said just after a change; giving it that back is a change like any other."""
    before = "before" in request.args
    then = as_it_was(db.session(), current_actor(), service_id, change_id, before=before)
    form = SectionForm(data={"expected_version": then.version})
    if not form.validate_on_submit():
        return render_template("directory/listings/as_it_was.html", then=then, form=form)
    try:
        done = services.submit_change(db.session(), current_actor(), service_id, then.values, form.version)
    except Invalid as fault:
        db.session.rollback()
        form.add_error(None, fault.message)
        return render_template("directory/listings/as_it_was.html", then=then, form=form), 400
    db.session.commit()
    flash(said(done))
    return safe_redirect(url_for("editing.edit", service_id=service_id))
