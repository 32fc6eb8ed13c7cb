"""Requests of people of whom we have no record."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.errors import Invalid, NotFound, Refused
from core.idempotency import services as idempotency
from core.web.forms import Form
from core.web.links import safe_redirect
from core.web.sending import only_once
from prescribing.rights import finding, unknown
from prescribing.rights.forms import AnswerForm, FindForm, UnknownForm

bp = Blueprint("unknown", __name__)


@bp.get("/data-protection/unknown")
@requires(Permission.PROTECT_DATA)
def begin() -> str:
    """Who asks, and what."""
    return render_template("prescribing/rights/unknown_new.html", form=UnknownForm())


@bp.post("/data-protection/unknown")
@requires(Permission.PROTECT_DATA)
def take() -> str | Response:
    """Write it down: its clock runs."""
    form = UnknownForm()
    if not form.validate():
        return render_template("prescribing/rights/unknown_new.html", form=form)
    only_once(form)
    try:
        made = unknown.take(
            db.session(), current_actor(), form.asked, form.name.data or "", form.reach.data or ""
        )
    except Invalid as problem:
        db.session.rollback()
        form.add_error(problem.field, problem.message)
        return render_template("prescribing/rights/unknown_new.html", form=form)
    there = url_for("unknown.show", request_id=made)
    idempotency.remember(db.session(), form.key, there)
    db.session.commit()
    flash("The request is written down, and its clock runs.")
    return safe_redirect(there)


@bp.get("/data-protection/unknown/<uuid:request_id>")
@requires(Permission.PROTECT_DATA, audits_read=True)
def show(request_id: UUID) -> str:
    """One of them, and what answers it."""
    return _page(request_id)


@bp.post("/data-protection/unknown/<uuid:request_id>")
@requires(Permission.PROTECT_DATA)
def work(request_id: UUID) -> str | Response:
    """Answer it, or go on with it at the record that turned up."""
    step, session, actor = request.form.get("step", ""), db.session(), current_actor()
    if step not in {"answer", "found"}:
        raise NotFound
    form = AnswerForm() if step == "answer" else FindForm()
    if not form.validate():
        return _page(request_id, **{step: form})
    there = url_for("unknown.show", request_id=request_id)
    try:
        if isinstance(form, AnswerForm):
            refuse = form.outcome.data == "refused"
            unknown.answer(session, actor, request_id, form.answer.data or "", refuse=refuse)
            said = "Answered. Send them these words, too."
        else:
            person_id = finding.find_person(
                session, actor, form.text.data or "", form.surname.data or "", form.born.data
            )
            made = unknown.found(session, actor, request_id, person_id)
            there, said = url_for("rights.request_page", request_id=made), "It goes on with this record."
    except (Invalid, Refused) as problem:
        db.session.rollback()
        form.add_error(getattr(problem, "field", None), problem.message)
        return _page(request_id, **{step: form})
    db.session.commit()
    flash(said)
    return safe_redirect(there)


def _page(request_id: UUID, **tried: Form) -> str:
    session, actor = db.session(), current_actor()
    asked = unknown.one(session, actor, request_id)
    audit.record(session, actor, "unknown-request.read", "unknown_request", request_id)
    db.session.commit()
    forms = {
        "answer": tried.get("answer") or AnswerForm(formdata=None),
        "found": tried.get("found") or FindForm(formdata=None),
    }
    form = next(iter(tried.values()), None)
    return render_template("prescribing/rights/unknown.html", asked=asked, forms=forms, form=form)
