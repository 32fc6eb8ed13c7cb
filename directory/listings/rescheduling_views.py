"""A group moves a session or closes for some days; an editor keeps the borough's school terms."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Invalid, NotFound
from core.idempotency import services as idempotency
from core.web.fields import DateField
from core.web.links import safe_redirect
from core.web.sending import only_once
from directory.listings import queries, rescheduling
from directory.listings.editing_views import moment_of
from directory.listings.times_form import ClosedForm, MoveSessionForm, SchoolTermForm

bp = Blueprint("rescheduling", __name__)

Answer = str | BaseResponse | tuple[str, int]


@bp.route("/activities/<uuid:service_id>/move-session", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTING)
def move_session(service_id: UUID) -> Answer:
    """Put one session on another day."""
    page = queries.edit_page(db.session(), current_actor(), service_id)
    form = MoveSessionForm(data={"session": request.args.get("session", "")})
    chosen = next((one for one in page.sessions if one.key == form.session.data), None)
    if chosen is None:
        raise NotFound
    if form.validate_on_submit():
        try:
            rescheduling.move_session(
                db.session(),
                current_actor(),
                service_id,
                moment_of(form.session.data),
                _day(form.moved_to),
                opens_at=form.opens_at.data,
                closes_at=form.closes_at.data,
                note=form.note.data or "",
            )
        except Invalid as fault:
            db.session.rollback()
            form.add_error(fault.field, fault.message)
        else:
            db.session.commit()
            flash("That session has moved, and your page says so.")
            return safe_redirect(url_for("editing.edit", service_id=service_id))
    status = 400 if form.is_submitted() else 200
    body = render_template("directory/listings/move_session.html", page=page, form=form, chosen=chosen)
    return body, status


@bp.route("/activities/<uuid:service_id>/closed-days", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTING)
def closed_days(service_id: UUID) -> Answer:
    """Call off all that is on between two days."""
    page = queries.edit_page(db.session(), current_actor(), service_id)
    form = ClosedForm()
    if form.validate_on_submit():
        try:
            count = rescheduling.close_between(
                db.session(),
                current_actor(),
                service_id,
                _day(form.first),
                _day(form.last),
                form.note.data or "",
            )
        except Invalid as fault:
            db.session.rollback()
            form.add_error(fault.field, fault.message)
        else:
            db.session.commit()
            sessions = "1 session is" if count == 1 else f"{count} sessions are"
            flash(f"{sessions} off, and your page says so.")
            return safe_redirect(url_for("editing.edit", service_id=service_id))
    status = 400 if form.is_submitted() else 200
    return render_template("directory/listings/closed_days.html", page=page, form=form), status


@bp.route("/school-terms", methods=["GET", "POST"])
@requires(Permission.MODERATE)
def school_terms() -> Answer:
    """When schools are open here: what "in term time" goes by."""
    form = SchoolTermForm()
    here = url_for("rescheduling.school_terms")
    if form.validate_on_submit():
        only_once(form)
        try:
            rescheduling.add_term(
                db.session(), current_actor(), form.name.data or "", _day(form.starts), _day(form.ends)
            )
        except Invalid as fault:
            db.session.rollback()
            form.add_error(fault.field, fault.message)
        else:
            idempotency.remember(db.session(), form.key, here)
            db.session.commit()
            flash("Added. Activities that are on in term time go by it from now.")
            return safe_redirect(here)
    status = 400 if form.is_submitted() else 200
    terms = rescheduling.school_terms(db.session())
    return render_template("directory/listings/school_terms.html", form=form, terms=terms), status


@bp.post("/school-terms/<uuid:term_id>/remove")
@requires(Permission.MODERATE)
def remove_school_term(term_id: UUID) -> BaseResponse:
    """Take a term out of the table."""
    rescheduling.remove_term(db.session(), current_actor(), term_id)
    db.session.commit()
    flash("Removed.")
    return safe_redirect(url_for("rescheduling.school_terms"))


def _day(box: DateField) -> date:
    """The date in a box that was checked to hold one. Raises `Invalid`."""
    if box.data is None:
        raise Invalid("Enter the date.", box.name)
    return box.data
