"""Anybody says that something is wrong or missing; an editor looks into it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, public, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Invalid, NotFound, Throttled
from core.idempotency import services as idempotency
from core.references.rules import is_reference, new_reference
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.open_forms import OpenForm
from core.web.sending import only_once
from directory.stewardship.reports import queries, services
from directory.stewardship.reports.forms import DecideForm, MissingForm, WrongForm
from directory.stewardship.reports.rules import Fault, ReportState
from directory.stewardship.reports.services import Missing

bp = Blueprint("reports", __name__)

Page = str | Response | tuple[str, int]


@bp.route("/activities/<uuid:service_id>/wrong", methods=["GET", "POST"])
@public("Anybody may say that something is wrong")
def wrong(service_id: UUID) -> Page:
    """What is wrong with this page?"""
    name, group = queries.listing_name(db.session(), service_id)
    form = WrongForm()
    if form.validate_on_submit():
        sent = _send(
            form,
            lambda: services.say_wrong(
                db.session(),
                request.remote_addr or "",
                service_id,
                Fault(form.fault.data),
                form.words.data or "",
                form.contact.data or "",
            ),
        )
        if sent is not None:
            return sent
    page = render_template(
        "directory/stewardship/wrong.html", form=form, name=name, group=group, service_id=service_id
    )
    return (page, 400) if form.is_submitted() else page


@bp.route("/suggest-a-group", methods=["GET", "POST"])
@public("Anybody may suggest a group")
def suggest() -> Page:
    """Which group is missing?"""
    form = MissingForm()
    if form.validate_on_submit():
        sent = _send(
            form,
            lambda: services.suggest(
                db.session(),
                request.remote_addr or "",
                Missing(
                    form.name.data or "",
                    form.place.data or "",
                    form.website.data or "",
                    form.words.data or "",
                    form.contact.data or "",
                ),
            ),
        )
        if sent is not None:
            return sent
    page = render_template("directory/stewardship/suggest.html", form=form)
    return (page, 400) if form.is_submitted() else page


@bp.get("/thank-you/<reference>")
@public("Whoever told us something is thanked")
def thanks(reference: str) -> str:
    """It is with us, and this is what to quote."""
    if not is_reference(reference):
        raise NotFound
    return render_template("directory/stewardship/thanks.html", reference=reference)


@bp.get("/moderation/reports")
@requires(Permission.MODERATE)
def list_all() -> str:
    """What people told us."""
    number = request.args.get("page", 1, type=int)
    return render_template(
        "directory/stewardship/reports.html", found=queries.reports(db.session(), current_actor(), number)
    )


@bp.get("/moderation/reports/<uuid:report_id>")
@requires(Permission.MODERATE)
def show(report_id: UUID) -> str:
    """One report: who says what, and what can I do about it?"""
    return _show(report_id, DecideForm())


@bp.post("/moderation/reports/<uuid:report_id>")
@requires(Permission.MODERATE)
def decide(report_id: UUID) -> Page:
    """Close it."""
    form = DecideForm()
    if not form.validate():
        return _show(report_id, form), 400
    state, note = ReportState(form.state.data), form.note.data or ""
    if refused(form, lambda: services.decide(db.session(), current_actor(), report_id, state, note)):
        return _show(report_id, form), 409
    db.session.commit()
    flash("Closed. Thank you.", "success")
    return safe_redirect(url_for("reports.list_all"))


def _show(report_id: UUID, form: DecideForm) -> str:
    item = queries.report(db.session(), current_actor(), report_id)
    return render_template("directory/stewardship/report.html", item=item, form=form)


def _send(form: OpenForm, keep: Callable[[], str]) -> Response | None:
    """Keep what was sent, once, and thank for it; None where the form says what to mend. A machine is thanked too,
    and nothing of it is kept."""
    if form.is_machine:
        return safe_redirect(url_for("reports.thanks", reference=new_reference()))
    only_once(form)
    try:
        reference = keep()
    except (Invalid, Throttled) as fault:
        db.session.rollback()
        form.add_error(fault.field if isinstance(fault, Invalid) else None, fault.message)
        return None
    there = url_for("reports.thanks", reference=reference)
    idempotency.remember(db.session(), form.key, there)
    db.session.commit()
    return safe_redirect(there)
