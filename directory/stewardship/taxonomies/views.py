"""Where an editor keeps the words that listings are found by."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Invalid, NotFound, Refused
from core.idempotency import services as idempotency
from core.web.forms import Form
from core.web.links import safe_redirect
from core.web.sending import only_once
from directory.stewardship.taxonomies import queries, services
from directory.stewardship.taxonomies.files import open_scheme
from directory.stewardship.taxonomies.forms import (
    CLOSENESS_WORDS,
    TAKE,
    AddForm,
    LoadForm,
    MapForm,
    MergeTermForm,
    RenameForm,
    RetireForm,
    UnmapForm,
)
from directory.stewardship.taxonomies.models import Closeness

bp = Blueprint("vocabularies", __name__)

Page = str | Response | tuple[str, int]
DONE = {
    "rename": "Renamed. Its address stays the same.",
    "merge": "Merged. Its address leads to the other word.",
    "retire": "Retired. Nobody is offered it any more.",
    "bring-back": "It is offered again.",
    "map": "Kept.",
    "unmap": "Taken out.",
}
SHOWN = 50


@bp.get("/moderation/vocabularies")
@requires(Permission.MODERATE)
def list_all() -> str:
    """All vocabularies, and taking in another."""
    return _show_all(LoadForm())


@bp.post("/moderation/vocabularies")
@requires(Permission.MODERATE)
def load() -> Page:
    """Say what taking a file in would change, or take it in."""
    form = LoadForm()
    given = request.files.get("file")
    if given is None or not given.filename:
        form.add_error("file", "Choose a file")
        return _show_all(form), 400
    if not form.validate():
        return _show_all(form), 400
    try:
        scheme = open_scheme(given.read())
    except Invalid as fault:
        form.add_error(fault.field, fault.message)
        return _show_all(form), 400
    dry_run = form.what.data != TAKE
    made = services.load(db.session(), current_actor(), scheme, dry_run=dry_run)
    if not dry_run:
        db.session.commit()
    return render_template(
        "directory/stewardship/vocabulary_loaded.html", scheme=scheme, made=made, dry_run=dry_run, shown=SHOWN
    )


@bp.route("/moderation/vocabularies/<vocabulary>", methods=["GET", "POST"])
@requires(Permission.MODERATE)
def show(vocabulary: str) -> Page:
    """A vocabulary's words, and adding one."""
    session, actor = db.session(), current_actor()
    form = AddForm()
    if form.validate_on_submit():
        only_once(form)
        try:
            slug = services.add(session, actor, vocabulary, form.name.data or "", form.description.data or "")
        except Invalid as fault:
            session.rollback()
            form.add_error(fault.field, fault.message)
        else:
            there = url_for("vocabularies.term", vocabulary=vocabulary, term=slug)
            idempotency.remember(session, form.key, there)
            session.commit()
            flash("Added. People can choose it now.")
            return safe_redirect(there)
    words = request.args.get("q", "")
    page = queries.vocabulary_page(session, actor, vocabulary, words, request.args.get("page", 1, type=int))
    body = render_template("directory/stewardship/vocabulary.html", page=page, form=form, words=words)
    return body, 400 if form.is_submitted() else 200


@bp.get("/moderation/vocabularies/<vocabulary>/<term>")
@requires(Permission.MODERATE)
def term(vocabulary: str, term: str) -> str:
    """One word."""
    return _show_term(vocabulary, term)


@bp.post("/moderation/vocabularies/<vocabulary>/<term>/<deed>")
@requires(Permission.MODERATE)
def change(vocabulary: str, term: str, deed: str) -> Page:
    """Rename, merge, retire, bring back, map or unmap a word."""
    session, actor = db.session(), current_actor()
    form, do = _deeds(deed)
    if not form.validate():
        return _show_term(vocabulary, term, deed, form), 400
    try:
        do(form, (vocabulary, term))
    except (Invalid, Refused) as fault:
        session.rollback()
        form.add_error(getattr(fault, "field", None), fault.message)
        return _show_term(vocabulary, term, deed, form), 400
    queries.refuse_others(actor)
    session.commit()
    flash(DONE[deed])
    return safe_redirect(url_for("vocabularies.term", vocabulary=vocabulary, term=term))


def _deeds(deed: str) -> tuple[Form, Callable[[Form, tuple[str, str]], None]]:
    """The form of a deed and what it does. Raises `NotFound` for one that there is not."""
    session, actor = db.session(), current_actor()

    def rename(form: Form, where: tuple[str, str]) -> None:
        services.rename(session, actor, *where, form["name"].data, form["description"].data or "")

    def merge(form: Form, where: tuple[str, str]) -> None:
        services.merge(session, actor, *where, form["into"].data)

    def retire(form: Form, where: tuple[str, str]) -> None:
        try:
            services.retire(session, actor, *where, form["instead"].data or "")
        except Invalid as fault:
            raise Invalid(fault.message, "instead") from fault

    def map_to(form: Form, where: tuple[str, str]) -> None:
        services.map_to(session, actor, *where, form["other"].data, Closeness(form["closeness"].data))

    def unmap(form: Form, where: tuple[str, str]) -> None:
        services.unmap(session, actor, *where, _id(form["mapping"].data))

    deeds: dict[str, tuple[type[Form], Callable[[Form, tuple[str, str]], None]]] = {
        "rename": (RenameForm, rename),
        "merge": (MergeTermForm, merge),
        "retire": (RetireForm, retire),
        "bring-back": (Form, lambda _form, where: services.bring_back(session, actor, *where)),
        "map": (MapForm, map_to),
        "unmap": (UnmapForm, unmap),
    }
    if deed not in deeds:
        raise NotFound
    form, do = deeds[deed]
    return form(), do


def _id(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise NotFound from None


def _show_all(form: LoadForm) -> str:
    found = queries.all_vocabularies(db.session(), current_actor())
    return render_template("directory/stewardship/vocabularies.html", found=found, form=form)


def _show_term(vocabulary: str, slug: str, deed: str = "", form: Form | None = None) -> str:
    page = queries.term_page(db.session(), current_actor(), vocabulary, slug)
    now = {"name": page.line.name, "description": page.line.description}
    forms: dict[str, Form] = {"rename": RenameForm(data=now), "merge": MergeTermForm(), "map": MapForm()}
    forms["retire"] = RetireForm()
    return render_template(
        "directory/stewardship/term.html",
        page=page,
        # The page's own look at problems is by this name.
        form=form,
        forms=forms | ({deed: form} if form is not None else {}),
        closeness=CLOSENESS_WORDS,
    )
