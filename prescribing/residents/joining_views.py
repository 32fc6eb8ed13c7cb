"""Asking to join an activity: found by its name, or from its own page."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.errors import Invalid
from core.idempotency import services as idempotency
from core.web.forms import CreateForm
from core.web.links import address_with, safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from core.web.slots import fill
from prescribing.residents import joining, scope
from prescribing.residents.joining_forms import ChooseForm, JoinForm, TurnUpForm
from prescribing.residents.rules import Joining

bp = Blueprint("joining", __name__)


@bp.get("/me/join")
@requires(Permission.SEE_OWN_RECORD)
def choose() -> str | Response:
    """Find an activity to ask for."""
    form = ChooseForm()
    found = joining.choose(db.session(), current_actor(), form.words, form.number)
    if found.page > found.pages:
        return redirect(address_with("page", found.pages))
    return render_template("prescribing/residents/join_choose.html", form=form, found=found)


@bp.get("/me/join/<uuid:service_id>")
@requires(Permission.SEE_OWN_RECORD, audits_read=True)
def ask(service_id: UUID) -> str | Response:
    """What will the group see, and do I agree?"""
    about = joining.asking(db.session(), current_actor(), service_id)
    if about.comes_of_it is Joining.NO_SUPPORT:
        flash("You have no support from us now. Ask for it here, and we look at this with you.", "notice")
        return safe_redirect(url_for("ask.form", activity=service_id))
    words = asdict(joining.first_words(about))
    return _page(TurnUpForm(data=words) if about.turn_up else JoinForm(data=words), about)


@bp.post("/me/join/<uuid:service_id>")
@requires(Permission.SEE_OWN_RECORD)
def send(service_id: UUID) -> str | Response:
    """Ask the group, with what was agreed."""
    session, actor, where = db.session(), current_actor(), url_for("me.show")
    about = joining.asking(session, actor, service_id)
    form: TurnUpForm | JoinForm = TurnUpForm() if about.turn_up else JoinForm()
    form.offer(about)
    if not form.validate():
        return _page(form, about)
    said = (
        "It is on your plan. Just turn up when you are ready."
        if about.turn_up
        else f"We have asked {about.offer.group} for you. It stands on your plan, and your link worker sees it."
    )
    only_once(form, said=said)
    if refused(
        form,
        lambda: joining.join(
            session,
            actor,
            service_id,
            form.need,
            form.words(),
            form.agreed(),
            knows_it_is_full=bool(form.knows_it_is_full.data),
        ),
    ):
        return _page(form, joining.asking(session, actor, service_id))
    idempotency.remember(session, form.key, where)
    session.commit()
    flash(said)
    return safe_redirect(where)


@bp.post("/me/join/<uuid:service_id>/look")
@requires(Permission.SEE_OWN_RECORD)
def look_first(service_id: UUID) -> Response:
    """Have one's link worker look at it first."""
    form, where = CreateForm(), url_for("me.show")
    if not form.validate():
        raise Invalid("Open the page again, then press the button.")
    said = "Sent. Your link worker looks at it with you. No group has been told."
    only_once(form, said=said)
    joining.look_first(db.session(), current_actor(), service_id)
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    flash(said)
    return safe_redirect(where)


def ask_to_join(*, service_id: UUID, **_more: object) -> Markup:
    """On an activity's page, for somebody who has a plan here: the way to ask for it."""
    if not scope.shows_online(db.session(), current_actor()):
        return Markup()
    where = url_for("joining.ask", service_id=service_id)
    return Markup('<p class="gt-no-print"><a class="nhsuk-button" href="{}">Ask to join this</a></p>').format(
        where
    )


def _page(form: TurnUpForm | JoinForm, about: joining.Asking) -> str:
    form.offer(about)
    audit.record(db.session(), current_actor(), "person.read-own", "person", about.person.id, shown=True)
    page = render_template(
        "prescribing/residents/join.html", form=form, about=about, look=CreateForm(formdata=None)
    )
    db.session.commit()
    return page


fill("listing_actions", ask_to_join)
