"""An emailed referral: pasted, read, confirmed. Nothing is kept before it is confirmed."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core import clock
from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Invalid
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.sending import only_once
from core.web.slots import fill
from prescribing.episodes import intake
from prescribing.episodes.models import RequestSource
from prescribing.pasted.forms import PastedForm, PasteForm, filled
from prescribing.pasted.rules import read_referral
from prescribing.people.partners import partner_names
from prescribing.people.queries import TEAM_ROLES

bp = Blueprint("pasted", __name__)


@bp.get("/today/pasted")
@requires(Permission.WORK_CASELOAD)
def ask() -> str:
    """Ask for the email."""
    return render_template("prescribing/pasted/paste.html", form=PasteForm())


@bp.post("/today/pasted")
@requires(Permission.WORK_CASELOAD)
def take() -> str | Response:
    """Show what the email says, to confirm; or, once it is confirmed, take it in as a request."""
    if request.form.get("then") != "send":
        return _read()
    form = _offered(PastedForm())
    good, source = form.validate(), RequestSource.SOMEONE_ELSE
    wrong = set(form.errors)
    for problem in intake.problems(form.content(), source):
        good = False
        if {"ways": "phone"}.get(problem.field, problem.field) not in wrong:
            form.say(problem)
    if not good:
        return render_template("prescribing/pasted/confirm.html", form=form)
    where = url_for("pasted.ask")
    only_once(form)
    actor = current_actor()
    try:
        made, _episode = intake.submit_request(
            db.session(),
            actor,
            form.content(),
            source,
            sent_for=form.partner_id,
            team_id=min(actor.team_ids(*TEAM_ROLES), default=None),
        )
    except Invalid as problem:
        db.session.rollback()
        form.say(problem)
        return render_template("prescribing/pasted/confirm.html", form=form)
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    flash(f"Taken in as {made.reference}. It waits for a coordinator.")
    return safe_redirect(where)


def link() -> Markup:
    """The way here, above what waits to be decided."""
    return Markup('<p class="gt-no-print"><a href="{}">Paste in an emailed referral</a></p>').format(
        url_for("pasted.ask")
    )


def register() -> None:
    """Fill the slot; saying it twice changes nothing."""
    fill("triage.first", link)


def _read() -> str:
    pasted = PasteForm()
    if not pasted.validate():
        return render_template("prescribing/pasted/paste.html", form=pasted)
    try:
        practices = [name for _id, name in partner_names(db.session(), current_actor())]
        found = read_referral(pasted.text.data or "", clock.today(), practices)
    except Invalid as problem:
        pasted.add_error(problem.field, problem.message)
        return render_template("prescribing/pasted/paste.html", form=pasted)
    form = _offered(PastedForm(None, None, "", **filled(found)))
    return render_template("prescribing/pasted/confirm.html", form=form)


def _offered(form: PastedForm) -> PastedForm:
    form.offer(partner_names(db.session(), current_actor()))
    return form
