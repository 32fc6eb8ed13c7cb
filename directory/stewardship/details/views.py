"""A group says what it is; an editor reads its new words before they are public."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Conflict, Invalid
from core.web.links import safe_redirect
from core.web.mending import refused
from directory.listings.deciding_forms import ReasonForm
from directory.stewardship.details import queries, services
from directory.stewardship.details.forms import DetailsForm

bp = Blueprint("details", __name__)

Page = str | Response | tuple[str, int]


@bp.route("/my-groups/<uuid:organization_id>/details", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTING)
def edit(organization_id: UUID) -> Page:
    """What does our group say of itself?"""
    group = queries.details(db.session(), current_actor(), organization_id)
    form = DetailsForm(data=DetailsForm.data_of(group.content) | {"expected_version": group.version})
    conflict: Conflict | None = None
    if form.validate_on_submit():
        try:
            at_once, waits = services.submit(
                db.session(), current_actor(), organization_id, form.values(), form.version
            )
        except Invalid as fault:
            db.session.rollback()
            form.add_error(fault.field, fault.message)
        except Conflict as clash:
            db.session.rollback()
            conflict = clash
            group = queries.details(db.session(), current_actor(), organization_id)
            form.expected_version.data = str(group.version)
        else:
            db.session.commit()
            flash(_said(bool(at_once), bool(waits)), "success")
            return safe_redirect(url_for("details.edit", organization_id=organization_id))
    page = render_template("directory/stewardship/details.html", form=form, group=group, conflict=conflict)
    return (page, 409 if conflict else 400) if form.is_submitted() else page


def _said(at_once: bool, waits: bool) -> str:
    if not at_once and not waits:
        return "Nothing was different, so nothing changed."
    if not waits:
        return "Saved."
    return "Saved. An editor reads your words before they are public." + (
        " Phone and email are public now." if at_once else ""
    )


@bp.get("/moderation/groups")
@requires(Permission.MODERATE)
def waiting() -> str:
    """Which groups changed their words?"""
    return render_template(
        "directory/stewardship/details_waiting.html", changes=queries.waiting(db.session(), current_actor())
    )


@bp.get("/moderation/groups/<uuid:change_id>")
@requires(Permission.MODERATE)
def change(change_id: UUID) -> str:
    """One change, field by field."""
    return _show(change_id, ReasonForm())


@bp.post("/moderation/groups/<uuid:change_id>/approve")
@requires(Permission.MODERATE)
def approve(change_id: UUID) -> Page:
    """Make it public."""
    form = ReasonForm()
    if refused(form, lambda: services.approve(db.session(), current_actor(), change_id)):
        return _show(change_id, form), 409
    return _done("Approved. It is public now.")


@bp.post("/moderation/groups/<uuid:change_id>/send-back")
@requires(Permission.MODERATE)
def send_back(change_id: UUID) -> Page:
    """Give it back with a reason."""
    form = ReasonForm()
    if not form.validate():
        return _show(change_id, form), 400
    reason = form.reason.data or ""
    if refused(form, lambda: services.send_back(db.session(), current_actor(), change_id, reason)):
        return _show(change_id, form), 409
    return _done("Sent back. The group gets an email with a link to your reason.")


def _show(change_id: UUID, form: ReasonForm) -> str:
    item = queries.change(db.session(), current_actor(), change_id)
    return render_template("directory/stewardship/details_change.html", item=item, form=form)


def _done(words: str) -> Response:
    db.session.commit()
    flash(words, "success")
    return safe_redirect(url_for("details.waiting"))
