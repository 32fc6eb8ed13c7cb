"""Pages that change what is known of a person, and what they agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import Field

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.errors import Invalid, NotFound
from core.web.links import safe_redirect
from core.web.mending import refused
from prescribing.drafts import pages as drafts
from prescribing.drafts.rules import place
from prescribing.people import queries, services
from prescribing.people.consent import TAKEN_BACK_WORDS
from prescribing.people.forms import (
    AboutForm,
    AccessForm,
    AgainForm,
    ContactForm,
    HomeForm,
    MattersForm,
    PersonForm,
    RiskForm,
)

bp = Blueprint("people", __name__)

# Where a part stands on the person's page, where it has no heading of its own.
SECTIONS = {"access": "contact", "risks": "contact"}

# The parts of a record that are changed each on a page of its own: form and heading.
PARTS: dict[str, tuple[type[PersonForm], str]] = {
    "contact": (ContactForm, "How to reach them safely"),
    "access": (AccessForm, "Communication and access needs"),
    "risks": (RiskForm, "Risks and safeguarding"),
    "home": (HomeForm, "Who is around them"),
    "matters": (MattersForm, "What matters to them"),
    "about": (AboutForm, "About them"),
}


@bp.get("/people/<uuid:person_id>/<part>/edit")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def edit(person_id: UUID, part: str) -> str:
    """One part of a person's record, to change."""
    kind, _heading = _part(part)
    person = queries.person(db.session(), current_actor(), person_id)
    form = kind()
    form.show(person)
    begun = drafts.begun(place(part, person_id))
    if begun is None:
        return _page(part, person, form)
    typed = kind(drafts.answers(begun.fields))
    stands: list[tuple[str, str]] = []
    if typed.seen != person.version:
        # What somebody else wrote meanwhile is shown beside, and not written over unseen.
        typed.version.data = str(person.version)
        stands = [
            (each.label.text, _says(each))
            for each in form.visible()
            if _says(each) != _says(typed[each.name])
        ]
    return _page(part, person, typed, begun.saved_at, stands)


@bp.post("/people/<uuid:person_id>/<part>/edit")
@requires(Permission.WORK_CASELOAD)
def change(person_id: UUID, part: str) -> str | Response:
    """Change one part of a person's record."""
    kind, _heading = _part(part)
    person = queries.person(db.session(), current_actor(), person_id)
    where = url_for("people.edit", person_id=person_id, part=part)
    only_kept = drafts.only_kept_about(place(part, person_id), person_id, page=where, also=("version",))
    if only_kept is not None:
        return only_kept
    form = kind()
    if not form.validate():
        return _page(part, person, form)
    try:
        services.update_person(
            db.session(), current_actor(), person_id, form.change(), expected_version=form.seen
        )
    except Invalid as problem:
        db.session.rollback()
        form.add_error("born" if problem.field == "date_of_birth" else problem.field, problem.message)
        return _page(part, person, form)
    drafts.sent(place(part, person_id))
    db.session.commit()
    flash("Saved.")
    return safe_redirect(url_for("episodes.person", person_id=person_id, _anchor=SECTIONS.get(part, part)))


@bp.get("/consents/<uuid:consent_id>/withdraw")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def ask_withdraw(consent_id: UUID) -> str:
    """What it means that a person takes a consent back, before it is written down."""
    return _consent_page(consent_id, "withdraw.html")


@bp.post("/consents/<uuid:consent_id>/withdraw")
@requires(Permission.WORK_CASELOAD)
def withdraw(consent_id: UUID) -> Response:
    """Record that the person took a consent back."""
    _person_id, consent = queries.consent(db.session(), current_actor(), consent_id)
    person_id = services.withdraw_consent(db.session(), current_actor(), consent_id)
    db.session.commit()
    flash(TAKEN_BACK_WORDS[consent.purpose])
    return safe_redirect(url_for("episodes.person", person_id=person_id))


@bp.get("/consents/<uuid:consent_id>/again")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def ask_again(consent_id: UUID) -> str:
    """How somebody agreed again to what was taken back."""
    return _consent_page(consent_id, "again.html", AgainForm())


@bp.post("/consents/<uuid:consent_id>/again")
@requires(Permission.WORK_CASELOAD)
def agree_again(consent_id: UUID) -> str | Response:
    """Record that the person agrees again to what was taken back."""
    form = AgainForm()
    person_id, _consent = queries.consent(db.session(), current_actor(), consent_id)
    if not form.validate() or refused(
        form,
        lambda: services.give_again(db.session(), current_actor(), consent_id, form.how.data or ""),
    ):
        return _consent_page(consent_id, "again.html", form)
    db.session.commit()
    flash("Written down. They agree again.")
    return safe_redirect(url_for("episodes.person", person_id=person_id))


def _consent_page(consent_id: UUID, name: str, form: AgainForm | None = None) -> str:
    session, actor = db.session(), current_actor()
    person_id, consent = queries.consent(session, actor, consent_id)
    person = queries.person(session, actor, person_id)
    audit.record(session, actor, "person.read", "person", person_id)
    db.session.commit()
    return render_template(f"prescribing/people/{name}", person=person, consent=consent, form=form)


def _part(part: str) -> tuple[type[PersonForm], str]:
    found = PARTS.get(part)
    if found is None:
        raise NotFound
    return found


def _says(field: Field) -> str:
    """What stands in a box, in words."""
    if isinstance(field.data, bool):
        return "Yes" if field.data else "No"
    words = {value: words for value, words, *_more in getattr(field, "choices", ())}
    return str(words.get(field.data, field.data or "Nothing"))


def _page(
    part: str,
    person: queries.PersonRecord,
    form: PersonForm,
    kept_at: datetime | None = None,
    stands: Sequence[tuple[str, str]] = (),
) -> str:
    """One part, to change; `stands` is what others wrote into its boxes since it was begun."""
    audit.record(db.session(), current_actor(), "person.read", "person", person.id)
    db.session.commit()
    return render_template(
        "prescribing/people/edit.html",
        part=part,
        heading=PARTS[part][1],
        person=person,
        form=form,
        kept_at=kept_at,
        stands=stands,
    )
