"""A death that was recorded by mistake."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import NotFound
from core.web.links import safe_redirect
from core.web.mending import refused
from prescribing.episodes import deaths
from prescribing.episodes.forms import NotDiedForm
from prescribing.episodes.views import record_look
from prescribing.people import queries as people

bp = Blueprint("deaths", __name__)


@bp.get("/people/<uuid:person_id>/not-died")
@requires(Permission.TRIAGE, audits_read=True)
def ask(person_id: UUID) -> str:
    """Ask what the mistake was."""
    return _page(person_id, NotDiedForm())


@bp.post("/people/<uuid:person_id>/not-died")
@requires(Permission.TRIAGE)
def undo(person_id: UUID) -> str | Response:
    """Open again what the death closed."""
    form = NotDiedForm()
    if not form.validate() or refused(
        form, lambda: deaths.undo_death(db.session(), current_actor(), person_id, form.reason.data or "")
    ):
        return _page(person_id, form)
    db.session.commit()
    flash("Opened again. Groups were told that the visits are off: refer again where it still helps.")
    return safe_redirect(url_for("episodes.person", person_id=person_id))


def _page(person_id: UUID, form: NotDiedForm) -> str:
    person = people.person(db.session(), current_actor(), person_id)
    if person.died_at is None:
        raise NotFound
    record_look(person.id)
    return render_template("prescribing/episodes/not_died.html", person=person, form=form)
