"""Answers that were written down by mistake: asked why, and marked so."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.web.links import safe_redirect
from core.web.mending import refused
from prescribing.episodes.contact_forms import MistakeForm
from prescribing.episodes.views import record_look
from prescribing.measures import mistakes

bp = Blueprint("wrong_answers", __name__)


@bp.get("/measurements/<uuid:measurement_id>/mistake")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def ask(measurement_id: UUID) -> str:
    """Ask what the mistake was."""
    return _page(measurement_id, MistakeForm())


@bp.post("/measurements/<uuid:measurement_id>/mistake")
@requires(Permission.WORK_CASELOAD)
def mark(measurement_id: UUID) -> str | Response:
    """Say that the answers were a mistake."""
    form = MistakeForm()
    marked: list[UUID] = []

    def act() -> None:
        why = form.reason.data or ""
        marked.append(mistakes.mark_mistake(db.session(), current_actor(), measurement_id, why))

    if not form.validate() or refused(form, act):
        return _page(measurement_id, form)
    db.session.commit()
    flash("Marked as a mistake. It counts for nothing, and you can ask again.")
    return safe_redirect(url_for("measures.show", episode_id=marked[0]))


def _page(measurement_id: UUID, form: MistakeForm) -> str:
    found = mistakes.written(db.session(), current_actor(), measurement_id)
    record_look(found.person_id)
    return render_template("prescribing/measures/mistake.html", wrong=found, form=form)
