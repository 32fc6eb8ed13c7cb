"""What people looked for and did not find, and what can be done about each."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Invalid
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.sending import only_once
from core.web.slots import add_navigation
from directory.insight import queries, services
from directory.insight.forms import CureForm, GapForm, LookForm

bp = Blueprint("insight", __name__)

add_navigation(Permission.SEE_SEARCHES, "What people look for", "insight.show", 10)

_DIGITS = 5


@bp.get("/looked-for")
@requires(Permission.SEE_SEARCHES)
def show() -> str:
    """What people looked for, most in vain first."""
    session = db.session()
    offered = queries.choices(session)
    form = LookForm()
    form.offer(offered)
    typed = request.args.get("page", "1")
    found = queries.insight(
        session,
        current_actor(),
        offered,
        since=queries.period_start(form.period.data),
        ward_code=form.ward.data,
        need=form.need.data,
        everything=form.show.data == "all",
        page=int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _DIGITS else 1,
    )
    return render_template("directory/insight/looked_for.html", form=form, found=found)


@bp.get("/looked-for/cure")
@requires(Permission.SEE_SEARCHES)
def cure() -> str:
    """What can be done about one thing that people do not find."""
    return _cure(CureForm(), GapForm(formdata=None))


@bp.post("/looked-for/cure")
@requires(Permission.SEE_SEARCHES)
def record_gap() -> str | Response | tuple[str, int]:
    """Write down that it is missing."""
    form = GapForm()
    if form.validate():
        only_once(form)
        try:
            services.record_gap(
                db.session(),
                current_actor(),
                form.need.data or "",
                form.ward.data or "",
                form.words.data or "",
            )
        except Invalid as fault:
            db.session.rollback()
            form.add_error(fault.field, fault.message)
        else:
            there = url_for("insight.show")
            idempotency.remember(db.session(), form.key, there)
            db.session.commit()
            flash("Written down. It counts when the borough decides what to start.", "success")
            return safe_redirect(there)
    return _cure(CureForm(request.form), form), 400


def _cure(form: CureForm, gap: GapForm) -> str:
    session = db.session()
    offered = queries.choices(session)
    form.offer(offered)
    for name, message in gap.problems():
        form.add_error(name, message)
    gap.need.data, gap.ward.data, gap.words.data = form.need.data, form.ward.data, form.words.data
    need = form.need.data
    groups = queries.to_ask(session, current_actor(), offered, need, form.ward.data) if need else ()
    return render_template(
        "directory/insight/cure.html",
        form=form,
        gap=gap,
        may_teach=current_actor().can(Permission.MODERATE),
        groups=groups,
        need=dict(offered.needs).get(need, ""),
        ward=dict(offered.wards).get(form.ward.data, ""),
    )
