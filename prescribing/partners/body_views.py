"""The bodies that refer, on pages for coordinators and administrators."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from core.web.slots import add_navigation
from prescribing.partners import bodies
from prescribing.partners.forms import BodyForm, ChangeBodyForm, FindBodyForm

bp = Blueprint("partner_bodies", __name__)

add_navigation(Permission.MANAGE_PARTNERS, "Who refers", "partner_bodies.home", 78)


@bp.get("/partners")
@requires(Permission.MANAGE_PARTNERS)
def home() -> str:
    """Every body that refers."""
    form = FindBodyForm()
    words = (form.words.data or "") if form.validate() else ""
    number = request.args.get("page", "1")
    page = int(number) if number.isascii() and number.isdecimal() and len(number) < 7 else 1
    found = bodies.bodies(db.session(), current_actor(), words=words, page=page)
    return render_template("prescribing/partners/bodies.html", found=found, form=form, words=words)


@bp.get("/partners/new")
@requires(Permission.MANAGE_PARTNERS)
def begin() -> str:
    """Ask what it is."""
    return render_template("prescribing/partners/body_new.html", form=BodyForm(formdata=None))


@bp.post("/partners/new")
@requires(Permission.MANAGE_PARTNERS)
def add() -> str | Response:
    """Add a body that refers."""
    form, session, made = BodyForm(), db.session(), []
    if form.validate():
        only_once(form)
        if not refused(form, lambda: made.append(bodies.add_body(session, current_actor(), form.body))):
            there = url_for("partner_bodies.show", partner_id=made[0])
            idempotency.remember(session, form.key, there)
            session.commit()
            flash("Added. Now somebody can be let in to refer for it.", "success")
            return safe_redirect(there)
    return render_template("prescribing/partners/body_new.html", form=form)


@bp.get("/partners/<uuid:partner_id>")
@requires(Permission.MANAGE_PARTNERS)
def show(partner_id: UUID) -> str:
    """One body, and who may refer for it."""
    return _page(partner_id, None)


@bp.post("/partners/<uuid:partner_id>")
@requires(Permission.MANAGE_PARTNERS)
def change(partner_id: UUID) -> str | Response:
    """Change what is kept of it."""
    form, session = ChangeBodyForm(), db.session()
    version = bodies.body(session, current_actor(), partner_id).version
    if form.validate() and not refused(
        form,
        lambda: bodies.change_body(
            session, current_actor(), partner_id, form.body, expected_version=form.seen
        ),
        version=version,
    ):
        session.commit()
        flash("Saved.", "success")
        return safe_redirect(url_for("partner_bodies.show", partner_id=partner_id))
    return _page(partner_id, form)


def _page(partner_id: UUID, tried: ChangeBodyForm | None) -> str:
    actor = current_actor()
    one = bodies.body(db.session(), actor, partner_id)
    form = tried or ChangeBodyForm(formdata=None)
    if tried is None:
        form.show(one.body, one.version)
    return render_template(
        "prescribing/partners/body.html",
        one=one,
        form=form,
        lets_in=actor.can(Permission.MANAGE_ACCOUNTS),
    )
