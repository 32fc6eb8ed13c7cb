"""Pages on which editors say which words mean the same. What they say holds from the next search on."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Invalid, NotFound
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.sending import only_once
from core.web.slots import add_navigation
from directory.search.rules import readable
from directory.search.thesaurus import queries, services
from directory.search.thesaurus.forms import EntryForm, FindForm
from directory.search.thesaurus.rules import LONGEST_TEXT
from directory.search.vocabularies import vocabularies

bp = Blueprint("synonyms", __name__)

add_navigation(Permission.MODERATE, "Words in searches", "synonyms.entries", 9)

Answer = str | Response | tuple[str, int]


@bp.get("/synonyms")
@requires(Permission.MODERATE)
def entries() -> str:
    """Every entry, or those that mention a word."""
    form = FindForm()
    wanted = readable(form.q.data or "", LONGEST_TEXT).strip()
    typed = request.args.get("page", "1")
    page = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1
    found = queries.entries(db.session(), current_actor(), wanted, page)
    return render_template("directory/search/synonyms.html", form=form, found=found, wanted=wanted)


@bp.get("/synonyms/new")
@requires(Permission.MODERATE)
def new() -> str:
    """Ask for a new entry. `word` in the address is filled in already."""
    form = _form()
    word = readable(request.args.get("word", ""), LONGEST_TEXT).strip()
    form.typed.data = word
    return render_template("directory/search/synonym.html", form=form, entry=None, word=word)


@bp.post("/synonyms/new")
@requires(Permission.MODERATE)
def add() -> Answer:
    """Keep a new entry."""
    form = _form()
    if form.validate():
        only_once(form)
        try:
            ring_id = services.add(db.session(), current_actor(), form.ring())
        except Invalid as fault:
            db.session.rollback()
            form.blame(fault)
        else:
            there = url_for("synonyms.entry", ring_id=ring_id)
            idempotency.remember(db.session(), form.key, there)
            db.session.commit()
            flash("Saved. Searches use it from now on.", "success")
            return safe_redirect(there)
    return render_template("directory/search/synonym.html", form=form, entry=None, word=""), 400


@bp.get("/synonyms/<uuid:ring_id>")
@requires(Permission.MODERATE)
def entry(ring_id: UUID) -> str:
    """One entry, to change it; and how it stood before."""
    form = _form()
    shown = queries.entry(db.session(), current_actor(), ring_id)
    form.fill(shown.ring, shown.version)
    return _entry(form, shown)


@bp.post("/synonyms/<uuid:ring_id>")
@requires(Permission.MODERATE)
def change(ring_id: UUID) -> Answer:
    """Keep what was changed."""
    shown = queries.entry(db.session(), current_actor(), ring_id)
    form = _form()
    if form.validate():
        try:
            ring = form.ring()
            services.change(db.session(), current_actor(), ring_id, ring, form.version.data or 0)
        except Invalid as fault:
            db.session.rollback()
            form.blame(fault)
        else:
            return _done(ring_id, "Saved. Searches use it from now on.")
    return _entry(form, shown), 400


@bp.post("/synonyms/<uuid:ring_id>/remove")
@requires(Permission.MODERATE)
def remove(ring_id: UUID) -> Response:
    """Take an entry out."""
    services.remove(db.session(), current_actor(), ring_id)
    return _done(ring_id, "Taken out. You can put it back below.")


@bp.post("/synonyms/<uuid:ring_id>/put-back")
@requires(Permission.MODERATE)
def put_back(ring_id: UUID) -> Response:
    """Have an entry say again what it said."""
    number = request.form.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) < 9):
        raise NotFound
    services.put_back(db.session(), current_actor(), ring_id, int(number))
    return _done(ring_id, "Put back. Searches use it from now on.")


def _form() -> EntryForm:
    form = EntryForm()
    form.offer([(word.slug, word.name) for word in vocabularies(db.session()).words["need"]])
    return form


def _entry(form: EntryForm, shown: queries.Entry) -> str:
    history = queries.history(db.session(), current_actor(), shown.id)
    return render_template("directory/search/synonym.html", form=form, entry=shown, history=history, word="")


def _done(ring_id: UUID, said: str) -> Response:
    db.session.commit()
    flash(said, "success")
    return safe_redirect(url_for("synonyms.entry", ring_id=ring_id))
