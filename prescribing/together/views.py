"""A group or a drop-in: many people, one entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from prescribing.drafts import pages as drafts
from prescribing.drafts.rules import NOBODY, About
from prescribing.together import queries, services
from prescribing.together.forms import TogetherForm, named, note_name, together_form
from prescribing.together.queries import OwnPerson
from prescribing.together.rules import apart, shown

bp = Blueprint("together", __name__)

DRAFT = "together"


@bp.get("/today/together")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def ask() -> str:
    """Who came."""
    begun = drafts.begun(DRAFT)
    if begun is None:
        people = queries.people(db.session(), current_actor())
        return _page(together_form(people), people)
    people = queries.people(db.session(), current_actor(), ticked=named(begun.fields))
    return _page(together_form(people, drafts.answers(begun.fields)), people, begun.saved_at)


@bp.post("/today/together")
@requires(Permission.WORK_CASELOAD)
def record() -> str | Response:
    """Write a contact down for everybody who came, or show more people to choose from."""
    people = queries.people(
        db.session(),
        current_actor(),
        looked_for=request.form.get("words", "")[:100],
        ticked=named(request.form.items(multi=True)),
    )
    where = url_for("episodes.today")
    only_kept = drafts.only_kept(DRAFT, lambda: _parts(people), page=url_for("together.ask"))
    if only_kept is not None:
        return only_kept
    form = together_form(people)
    if form.looks:
        form.keep_for_later()
        return _page(form, people)
    if not form.validate():
        return _page(form, people)
    only_once(form)
    came = form.came
    if refused(
        form,
        lambda: services.record_meeting(db.session(), current_actor(), form.what.data or "", came, form.when),
    ):
        return _page(form, people)
    idempotency.remember(db.session(), form.key, where)
    drafts.sent(DRAFT)
    db.session.commit()
    flash(f"Written down for {len(came)} {'person' if len(came) == 1 else 'people'}.")
    return safe_redirect(where)


def _parts(people: Mapping[UUID, OwnPerson]) -> drafts.Parts:
    """What stands in the form now: what is about somebody is kept with their record."""
    boxes = {note_name(episode_id): episode_id for episode_id in people}
    parts = apart(request.form.items(multi=True), boxes, people)
    return {NOBODY if one is None else About(episode_id=one): answers for one, answers in parts.items()}


def _page(form: TogetherForm, people: Mapping[UUID, OwnPerson], kept_at: datetime | None = None) -> str:
    found = shown(
        {episode_id: one.names for episode_id, one in people.items()},
        form.kept(people),
        form.words.data or "",
        form.wanted_page,
    )
    form.show(found.ids, people, found.page)
    audit.record(db.session(), current_actor(), "caseload.read", "episode", None, count=len(found.ids))
    db.session.commit()
    return render_template(
        "prescribing/together/ask.html",
        form=form,
        notes={str(episode_id): form[note_name(episode_id)] for episode_id in found.ids},
        found=found,
        total=len(people),
        kept_at=kept_at,
    )
