"""Licences for measures, for whoever runs the service."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Invalid
from core.web.links import safe_redirect
from core.web.slots import add_navigation
from prescribing.measures import licences
from prescribing.measures.forms import LicenceForm

bp = Blueprint("licences", __name__)

add_navigation(Permission.MANAGE_ACCOUNTS, "Measures", "licences.show", 83)


@bp.get("/measure-licences")
@requires(Permission.MANAGE_ACCOUNTS)
def show() -> str:
    """Which licensed measures may be used here."""
    return _page(LicenceForm(formdata=None))


@bp.post("/measure-licences")
@requires(Permission.MANAGE_ACCOUNTS)
def attest() -> str | Response:
    """Keep that a licence is held."""
    form = LicenceForm()
    if form.validate():
        try:
            licences.attest(
                db.session(),
                current_actor(),
                form.instrument.data or "",
                holder=form.holder.data or "",
                number=form.number.data or "",
                wording=form.questions,
                answers=form.answers,
            )
        except Invalid as error:
            db.session.rollback()
            form.add_error(error.field, error.message)
        else:
            db.session.commit()
            flash("Link workers can use this measure now.")
            return safe_redirect(url_for("licences.show"))
    return _page(form)


@bp.post("/measure-licences/<uuid:licence_id>/end")
@requires(Permission.MANAGE_ACCOUNTS)
def end(licence_id: UUID) -> Response:
    """Take a licence back."""
    licences.end(db.session(), current_actor(), licence_id)
    db.session.commit()
    flash("This measure is no longer asked. What was answered is kept.")
    return safe_redirect(url_for("licences.show"))


def _page(form: LicenceForm) -> str:
    return render_template(
        "prescribing/measures/licences.html", form=form, held=licences.licences(db.session(), current_actor())
    )
