"""A link worker puts somebody's offer of help to a group, and writes down what it says on the phone."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.idempotency import services as idempotency
from core.web.fields import choices
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from directory import published
from directory.published import Criteria
from prescribing.residents import help_links, helping
from prescribing.residents.forms import PlaceForm, read_answer
from prescribing.residents.joining_forms import ChooseForm

bp = Blueprint("helping", __name__)

_OFFER = "/people/<uuid:person_id>/offers/<uuid:offer_id>"
SHOWN = 10


@bp.get(f"{_OFFER}/place")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def place(person_id: UUID, offer_id: UUID) -> str:
    """Which group, and what will it see?"""
    return _page(person_id, offer_id, PlaceForm())


@bp.post(f"{_OFFER}/place")
@requires(Permission.WORK_CASELOAD)
def do_place(person_id: UUID, offer_id: UUID) -> str | Response:
    """Put the offer to the group."""
    form = _offered(PlaceForm())
    where = url_for("own_side.thread", person_id=person_id)
    if not form.validate():
        return _page(person_id, offer_id, form)
    only_once(form)
    told: list[bool] = []
    if refused(
        form,
        lambda: told.append(
            helping.put_to_group(
                db.session(),
                current_actor(),
                person_id,
                offer_id,
                UUID(form.service_id.data),
                form.how.data,
            )
        ),
    ):
        return _page(person_id, offer_id, form)
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    if told == [True]:
        flash(
            "Sent. The group answers by the link in it, on its own pages, or by phone: then write it down here."
        )
    else:
        flash(
            "Written down. We know no way to write to the group: ring it, then write down its answer.",
            "notice",
        )
    return safe_redirect(where)


@bp.post(f"{_OFFER}/answer")
@requires(Permission.WORK_CASELOAD)
def answered(person_id: UUID, offer_id: UUID) -> Response:
    """Write down what the group said on the phone."""
    yes, why = read_answer(request.form)
    helping.answered_by_phone(db.session(), current_actor(), person_id, offer_id, yes=yes, why=why)
    db.session.commit()
    flash("Written down. They help there now." if yes else "Written down. You can ask another group.")
    return safe_redirect(url_for("own_side.thread", person_id=person_id))


@bp.post(f"{_OFFER}/code")
@requires(Permission.WORK_CASELOAD)
def code(person_id: UUID, offer_id: UUID) -> str:
    """Show a code to read out to the group, this once."""
    made = help_links.code_to_read_out(db.session(), current_actor(), person_id, offer_id)
    db.session.commit()
    back = (url_for("own_side.thread", person_id=person_id), "Their offers")
    return render_template("prescribing/referrals/code.html", code=made, back=back)


def _offered(form: PlaceForm, words: str = "") -> PlaceForm:
    """The activities that were found; of a form that is sent, the one that was chosen."""
    if words:
        found = published.search(db.session(), Criteria(q=words), size=SHOWN)
        lines = [(str(one.card.id), f"{one.card.name}, {one.card.group}") for one in found.answers]
    else:
        lines = [
            (str(one), f"{brief.name}")
            for one, brief in published.briefs(db.session(), _ids(form.service_id.data)).items()
        ]
    form.service_id.choices = choices(lines)
    return form


def _ids(text: object) -> tuple[UUID, ...]:
    try:
        return (UUID(str(text)),)
    except ValueError:
        return ()


def _page(person_id: UUID, offer_id: UUID, form: PlaceForm) -> str:
    about = helping.placing(db.session(), current_actor(), person_id, offer_id)
    audit.record(db.session(), current_actor(), "person.read", "person", person_id)
    find = ChooseForm()
    _offered(form, find.words)
    page = render_template("prescribing/residents/place_help.html", form=form, find=find, about=about)
    db.session.commit()
    return page
