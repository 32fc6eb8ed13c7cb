"""A person's own answers, on their own phone by a link or from their own pages; and their own history in words."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.access.guard import current_actor, public, requires
from core.access.rules import Permission, Role
from core.db import db
from core.errors import NotFound
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.slots import fill
from prescribing.measures import links, queries
from prescribing.measures.forms import (
    OwnAnswersForm,
    OwnNotTodayForm,
    boxes,
    offer_points,
    own_form,
    question_field,
)
from prescribing.measures.instruments import ONS4
from prescribing.measures.links import Opened

bp = Blueprint("own_measures", __name__)

_WHY = "The link is the proof; the page holds questions, and nothing of anybody"


@bp.get("/questions/<token>")
@public(_WHY)
def show(token: str) -> str | tuple[str, int]:
    """The questions of a link."""
    try:
        found = links.opened(db.session(), token)
    except NotFound:
        return render_template("prescribing/measures/link_gone.html"), 410
    return _page(token, found, own_form(found.instrument))


@bp.post("/questions/<token>")
@public(_WHY)
def answer(token: str) -> str | Response | tuple[str, int]:
    """Keep the answers; the link is used up."""
    try:
        found = links.opened(db.session(), token)
    except NotFound:
        return render_template("prescribing/measures/link_gone.html"), 410
    form = own_form(found.instrument)
    if form.validate() and not refused(
        form,
        lambda: links.answer(db.session(), token, form.answers(found.instrument)),
        boxes=boxes(found.instrument),
    ):
        db.session.commit()
        return safe_redirect(url_for("own_measures.thanks"))
    return _page(token, found, form)


@bp.post("/questions/<token>/not-today")
@public(_WHY)
def not_today(token: str) -> str | Response | tuple[str, int]:
    """Keep that they would rather not, and why."""
    form = OwnNotTodayForm()
    try:
        found = links.opened(db.session(), token)
        form.point.data = found.point.value
        offer_points(form, [found.point])
        if not form.validate():
            return _page(token, found, own_form(found.instrument), form)
        links.answer(db.session(), token, {}, form.not_today)
    except NotFound:
        return render_template("prescribing/measures/link_gone.html"), 410
    db.session.commit()
    return safe_redirect(url_for("own_measures.thanks"))


@bp.get("/questions/thank-you")
@public("Whoever has answered is thanked; nothing is shown")
def thanks() -> str:
    """That it arrived."""
    return render_template("prescribing/measures/thanks.html")


@bp.post("/me/questions/<uuid:person_id>")
@requires(Permission.SEE_OWN_RECORD)
def mine(person_id: UUID) -> Response:
    """Lead a resident to their own questions."""
    token = links.for_myself(db.session(), current_actor(), person_id, ONS4.key)
    db.session.commit()
    return safe_redirect(url_for("own_measures.show", token=token))


def own_history(**_context: object) -> Markup:
    """How the reader is doing, in words and in a table, for their own page, which audits the look.

    Nothing where nothing may show.
    """
    parts: list[str] = []
    for person_id in sorted(current_actor().person_ids(Role.RESIDENT), key=str):
        told = queries.own_histories(db.session(), current_actor(), person_id)
        can_answer = links.offered_to_oneself(db.session(), current_actor(), person_id, ONS4.key)
        if told or can_answer:
            parts.append(
                render_template(
                    "prescribing/measures/own.html", told=told, can_answer=can_answer, person_id=person_id
                )
            )
    return Markup("".join(parts))  # noqa: S704 - our own template


def _page(token: str, found: Opened, form: OwnAnswersForm, other: OwnNotTodayForm | None = None) -> str:
    return render_template(
        "prescribing/measures/own_questions.html",
        token=token,
        # What is to be mended, whichever of the two was sent, stands at the top.
        form=other or form,
        answers=form,
        not_today=other or OwnNotTodayForm(formdata=None, point=found.point.value),
        questions=[(item, form[question_field(item)]) for item in found.instrument.items],
    )


fill("own.measures", own_history)
