"""Requests of people of whom we have no record."""

from __future__ import annotations

from datetime import datetime
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
from prescribing.drafts import pages as drafts
from prescribing.drafts.rules import NOBODY, RIGHTS, place
from prescribing.rights import finding, unknown
from prescribing.rights.forms import AnswerForm, FindForm, UnknownForm

bp = Blueprint("unknown", __name__)

# Where what is typed is kept: a new request, and the answer to one.
NEW, ANSWER = f"{RIGHTS}-unknown", f"{RIGHTS}-unknown-answer"


@bp.get("/data-protection/unknown")
@requires(Permission.PROTECT_DATA)
def begin() -> str:
    """Who asks, and what."""
    form, kept_at = drafts.begun_form(UnknownForm, NEW)
    return _new_page(form, kept_at)


@bp.post("/data-protection/unknown")
@requires(Permission.PROTECT_DATA)
def take() -> str | Response:
    """Write it down: its clock runs."""
    only_kept = drafts.only_kept(NEW, _typed, page=url_for("unknown.begin"))
    if only_kept is not None:
        return only_kept
    form = UnknownForm()
    if not form.validate():
        return _new_page(form)
    only_once(form)
    try:
        made = unknown.take(
            db.session(), current_actor(), form.asked, form.name.data or "", form.reach.data or ""
        )
    except Invalid as problem:
        db.session.rollback()
        form.add_error(problem.field, problem.message)
        return _new_page(form)
    drafts.sent(NEW)
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
    step, session, actor = request.values.get("step", ""), db.session(), current_actor()
    if step not in {"answer", "found"}:
        raise NotFound
    draft, there = (
        place(ANSWER, unknown.one(session, actor, request_id).id),
        url_for("unknown.show", request_id=request_id),
    )
    only_kept = drafts.only_kept(draft, _typed, page=there)
    if only_kept is not None:
        return only_kept
    form = AnswerForm() if step == "answer" else FindForm()
    if not form.validate():
        return _page(request_id, **{step: form})
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
    drafts.sent(draft)
    db.session.commit()
    flash(said)
    return safe_redirect(there)


def _page(request_id: UUID, **tried: Form) -> str:
    session, actor = db.session(), current_actor()
    asked = unknown.one(session, actor, request_id)
    audit.record(session, actor, "unknown-request.read", "unknown_request", request_id)
    db.session.commit()
    answer, kept_at = drafts.begun_form(AnswerForm, place(ANSWER, request_id))
    return render_template(
        "prescribing/rights/unknown.html",
        asked=asked,
        forms={"answer": answer, "found": FindForm(formdata=None), **tried},
        kept_at={"answer": kept_at},
        form=next(iter(tried.values()), None),
    )


def _new_page(form: UnknownForm, kept_at: datetime | None = None) -> str:
    return render_template("prescribing/rights/unknown_new.html", form=form, kept_at=kept_at)


def _typed() -> drafts.Parts:
    """What is typed about somebody of whom there is no record."""
    return {NOBODY: request.form.items(multi=True)}
