"""Taking a break from one's own support, coming back, and saying whether one went."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from core import clock
from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from prescribing.residents import own_steps, scope
from prescribing.residents.forms import PauseForm, WentForm

bp = Blueprint("own_steps", __name__)


@bp.get("/me/pause")
@requires(Permission.SEE_OWN_RECORD)
def pause() -> str:
    """Until when, and why if they like."""
    return _pause_page(PauseForm())


@bp.post("/me/pause")
@requires(Permission.SEE_OWN_RECORD)
def do_pause() -> str | Response:
    """Put one's own support on hold."""
    form, where = PauseForm(), url_for("me.show")
    if not form.validate():
        return _pause_page(form)
    said = "Your break has begun. Press “I am back” when you want to go on."
    only_once(form, said=said)
    if refused(
        form,
        lambda: own_steps.pause(
            db.session(), current_actor(), form.until.data or clock.today(), form.words.data or ""
        ),
    ):
        return _pause_page(form)
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    flash(said)
    return safe_redirect(where)


@bp.post("/me/back")
@requires(Permission.SEE_OWN_RECORD)
def back() -> Response:
    """Go on with one's own support."""
    is_over = own_steps.come_back(db.session(), current_actor())
    db.session.commit()
    flash(
        "Good to have you back. Your link worker sees it."
        if is_over
        else "Your link worker hears that you are ready, and gets in touch."
    )
    return safe_redirect(url_for("me.show"))


@bp.get("/me/referrals/<uuid:referral_id>/went")
@requires(Permission.SEE_OWN_RECORD, audits_read=True)
def went(referral_id: UUID) -> str:
    """Have you been?"""
    about = own_steps.going(db.session(), current_actor(), referral_id)
    return _went_page(WentForm(data={"on": about.last}), about)


@bp.post("/me/referrals/<uuid:referral_id>/went")
@requires(Permission.SEE_OWN_RECORD)
def say_went(referral_id: UUID) -> str | Response:
    """Keep whether one went."""
    session, actor, where = db.session(), current_actor(), url_for("me.show")
    about = own_steps.going(session, actor, referral_id)
    form = WentForm()
    if not form.validate():
        return _went_page(form, about)
    yes = form.went.data == "yes"
    said = (
        "Thank you. Your link worker sees that you went."
        if yes
        else "Thank you. Your link worker asks you what would help."
    )
    only_once(form, said=said)
    news: list[bool] = []

    def act() -> None:
        if yes:
            news.append(own_steps.went(session, actor, referral_id, form.on.data or clock.today()))
        else:
            own_steps.not_been(session, actor, referral_id, form.words.data or "")

    if refused(form, act):
        return _went_page(form, about)
    idempotency.remember(session, form.key, where)
    session.commit()
    flash("That day is written down already, so nothing has changed." if news == [False] else said)
    return safe_redirect(where)


def _pause_page(form: PauseForm) -> str:
    scope.own_person_id(db.session(), current_actor())
    return render_template("prescribing/residents/pause.html", form=form)


def _went_page(form: WentForm, about: own_steps.Going) -> str:
    person_id = scope.own_person_id(db.session(), current_actor())
    audit.record(db.session(), current_actor(), "person.read-own", "person", person_id, shown=True)
    page = render_template("prescribing/residents/went.html", form=form, about=about)
    db.session.commit()
    return page
