"""A contact that was written down by mistake: taken back at once, or marked so later."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.web.links import safe_redirect
from core.web.mending import refused
from prescribing.episodes import contact_log
from prescribing.episodes.contact_forms import MistakeForm
from prescribing.episodes.set_going import Undone
from prescribing.episodes.views import record_look

bp = Blueprint("contacts", __name__)


@bp.post("/contacts/<uuid:contact_id>/undo")
@requires(Permission.WORK_CASELOAD)
def undo(contact_id: UUID) -> Response:
    """Take back what one wrote down a moment ago."""
    undone = contact_log.undo_contact(db.session(), current_actor(), contact_id)
    db.session.commit()
    _say("Taken back. It counts for nothing.", undone)
    return safe_redirect(request.form.get("next"), url_for("episodes.show", episode_id=undone.episode_id))


@bp.get("/contacts/<uuid:contact_id>/mistake")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def ask(contact_id: UUID) -> str:
    """Ask what the mistake was."""
    return _page(contact_id, MistakeForm())


@bp.post("/contacts/<uuid:contact_id>/mistake")
@requires(Permission.WORK_CASELOAD)
def mark(contact_id: UUID) -> str | Response:
    """Say that a contact was a mistake."""
    form = MistakeForm()
    made: list[Undone] = []

    def act() -> None:
        why = form.reason.data or ""
        made.append(contact_log.mark_mistake(db.session(), current_actor(), contact_id, why))

    if not form.validate() or refused(form, act):
        return _page(contact_id, form)
    db.session.commit()
    _say("Marked as a mistake. It counts for nothing.", made[0])
    return safe_redirect(url_for("episodes.show", episode_id=made[0].episode_id))


def _say(first: str, undone: Undone) -> None:
    """Say what became of it, and of what it had set going."""
    flash(" ".join((first, *undone.undone, *undone.stays)))


def _page(contact_id: UUID, form: MistakeForm) -> str:
    found = contact_log.contact(db.session(), current_actor(), contact_id)
    record_look(found.person_id)
    return render_template("prescribing/episodes/contact_mistake.html", contact=found, form=form)
