"""A volunteer pastes a flyer, sees what was read from it, and confirms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Conflict, Invalid
from core.web.links import safe_redirect
from directory.listings.cards import NEEDS
from directory.listings.editing_views import said
from directory.listings.queries import EditPage, edit_page, vocabulary_choices
from directory.stewardship.words.forms import ConfirmForm, TickForm, WordsForm
from directory.stewardship.words.rules import READ_FIELDS, read_words
from directory.stewardship.words.services import Unreadable, take_over

bp = Blueprint("words", __name__)

Page = str | Response | tuple[str, int]

LABELS = {
    "schedules": "Times",
    "venue": "Where",
    "address": "Address",
    "costs": "Cost",
    "phone": "Phone",
    "email": "Email",
    "url": "Website",
    "ages": "Ages",
    "needs": "What it helps with",
}


@bp.route("/activities/<uuid:service_id>/by-words", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTING)
def paste(service_id: UUID) -> Page:
    """Paste a text; what was read from it is shown for confirming. Nothing is changed yet."""
    page = edit_page(db.session(), current_actor(), service_id)
    form = WordsForm(data={"text": page.content["opening_times_text"] if "times" in request.args else ""})
    if not form.validate_on_submit():
        body = render_template("directory/stewardship/by_words.html", page=page, form=form)
        return body, 400 if form.is_submitted() else 200
    text = form.text.data or ""
    found = read_words(text).found
    if not found:
        form.add_error(
            "text", "We could not read anything from this. Add days and times, a phone number or a price."
        )
        return render_template("directory/stewardship/by_words.html", page=page, form=form), 400
    confirm = ConfirmForm(formdata=MultiDict(), data={"text": text, "expected_version": page.version})
    ticked = [one.name for one in found if one.confidence != "guess"]
    return _confirm(page, confirm, text, ticked, {one.name: one.said for one in found}, {})


@bp.post("/activities/<uuid:service_id>/by-words/confirm")
@requires(Permission.EDIT_LISTING)
def confirm(service_id: UUID) -> Page:
    """Take over what was ticked, as it stands in the boxes."""
    page = edit_page(db.session(), current_actor(), service_id)
    form = ConfirmForm()
    ticked, boxes = form.ticked, form.boxes
    if not form.validate():
        return _confirm(page, form, form.text.data or "", ticked, boxes, {}), 400
    if not ticked:
        form.add_error(None, "Tick what is right, or go back to your listing.")
        return _confirm(page, form, form.text.data or "", ticked, boxes, {}), 400
    try:
        done = take_over(
            db.session(),
            current_actor(),
            service_id,
            {name: boxes.get(name, "") for name in ticked},
            form.version,
        )
    except (Invalid, Conflict) as fault:
        db.session.rollback()
        messages = refused(form, fault, page.version)
    else:
        db.session.commit()
        flash(said(done))
        return safe_redirect(url_for("editing.edit", service_id=service_id))
    return _confirm(page, form, form.text.data or "", ticked, boxes, messages), 400


def _confirm(
    page: EditPage,
    form: ConfirmForm,
    text: str,
    ticked: list[str],
    boxes: dict[str, str],
    messages: dict[str, str],
) -> str:
    return render_template(
        "directory/stewardship/confirm_words.html",
        page=page,
        form=form,
        **boxes_shown(page, text, ticked, boxes, messages),
    )


def refused(form: TickForm, fault: Invalid | Conflict, version: int) -> dict[str, str]:
    """Put what could not be taken over at the top of the form, and give it by field. Whoever was overtaken confirms
    the next time for the listing as it is at `version`."""
    if isinstance(fault, Conflict):
        form.expected_version.data = str(version)
        messages = {"": fault.message}
    else:
        messages = fault.messages if isinstance(fault, Unreadable) else {fault.field or "": fault.message}
    for name, message in messages.items():
        form.add_error(None, f"{LABELS[name]}: {message}" if name in LABELS else message)
    return messages


def boxes_shown(
    page: EditPage,
    text: str,
    ticked: list[str],
    boxes: Mapping[str, str],
    messages: Mapping[str, str],
) -> dict[str, Any]:
    """What templates/directory/stewardship/words_parts.html shows of a text that was read."""
    return {
        "reading": read_words(text),
        "ticked": ticked,
        "boxes": boxes,
        "messages": messages,
        "labels": LABELS,
        "needs": dict(vocabulary_choices(db.session(), NEEDS)),
        "now": {name: page.words.get(name, "") for name in READ_FIELDS}
        | {
            "ages": " to ".join(
                page.words[name] for name in ("minimum_age", "maximum_age") if page.words.get(name)
            )
        },
    }
