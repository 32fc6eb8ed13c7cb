"""A team's own notes on a listing: only that team reads them."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from core.web.slots import fill, part
from prescribing.listing_notes import queries, services
from prescribing.listing_notes.forms import NoteForm

bp = Blueprint("listing_notes", __name__)


@bp.get("/activities/<uuid:service_id>/team-notes")
@requires(Permission.WORK_CASELOAD)
def show(service_id: UUID) -> str:
    """What the team knows of a listing."""
    return _page(service_id, NoteForm())


@bp.post("/activities/<uuid:service_id>/team-notes")
@requires(Permission.WORK_CASELOAD)
def add(service_id: UUID) -> str | Response:
    """Keep a note."""
    form = NoteForm()
    if not form.validate():
        return _page(service_id, form)
    only_once(form)
    if refused(
        form, lambda: services.add_note(db.session(), current_actor(), service_id, form.words.data or "")
    ):
        return _page(service_id, form)
    where = url_for("listing_notes.show", service_id=service_id)
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    flash("Kept for your team.")
    return safe_redirect(where)


@bp.post("/team-notes/<uuid:note_id>/take-down")
@requires(Permission.WORK_CASELOAD)
def take_down(note_id: UUID) -> Response:
    """A note is no longer true."""
    note = services.take_down(db.session(), current_actor(), note_id)
    where = url_for("listing_notes.show", service_id=note.service_id)
    db.session.commit()
    flash("Taken down.")
    return safe_redirect(where)


def beside(*, service_id: UUID, **_context: object) -> Markup:
    """Beside a listing where somebody is referred: what the team knows of it."""
    notes = queries.notes(db.session(), current_actor(), service_id)
    return part("prescribing/listing_notes/beside.html", notes=notes, service_id=service_id)


def way_there(*, service_id: UUID, **_context: object) -> Markup:
    """On a listing's own page, for whoever has people to support: the way to the team's notes. Their words stay off
    it, for that page is shown to people and printed."""
    actor = current_actor()
    if not actor.can(Permission.WORK_CASELOAD):
        return Markup("")
    kept = len(queries.notes(db.session(), actor, service_id))
    words = f"Your team’s notes ({kept})" if kept else "Add a note that only your team reads"
    return Markup('<p class="gt-no-print"><a href="{}">{}</a></p>').format(
        url_for("listing_notes.show", service_id=service_id), words
    )


def register() -> None:
    """Fill the slots; saying it twice changes nothing."""
    fill("offer.notes", beside)
    fill("listing_actions", way_there)


def _page(service_id: UUID, form: NoteForm) -> str:
    return render_template(
        "prescribing/listing_notes/show.html",
        service_id=service_id,
        name=queries.listing_name(db.session(), service_id),
        notes=queries.notes(db.session(), current_actor(), service_id),
        form=form,
    )
