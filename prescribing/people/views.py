"""Pages that change what is known of a person, and what they agreed to."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.errors import Invalid, NotFound
from core.web.links import safe_redirect
from prescribing.people import queries, services
from prescribing.people.forms import (
    AboutForm,
    AccessForm,
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
    return _page(part, person, form)


@bp.post("/people/<uuid:person_id>/<part>/edit")
@requires(Permission.WORK_CASELOAD)
def change(person_id: UUID, part: str) -> str | Response:
    """Change one part of a person's record."""
    kind, _heading = _part(part)
    person = queries.person(db.session(), current_actor(), person_id)
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
    db.session.commit()
    flash("Saved.")
    return safe_redirect(url_for("episodes.person", person_id=person_id, _anchor=SECTIONS.get(part, part)))


@bp.post("/consents/<uuid:consent_id>/withdraw")
@requires(Permission.WORK_CASELOAD)
def withdraw(consent_id: UUID) -> Response:
    """Record that the person took a consent back."""
    person_id = services.withdraw_consent(db.session(), current_actor(), consent_id)
    db.session.commit()
    flash("Taken back. They can no longer see it, and they are told to delete what they have.")
    return safe_redirect(url_for("episodes.person", person_id=person_id))


def _part(part: str) -> tuple[type[PersonForm], str]:
    found = PARTS.get(part)
    if found is None:
        raise NotFound
    return found


def _page(part: str, person: queries.PersonRecord, form: PersonForm) -> str:
    audit.record(db.session(), current_actor(), "person.read", "person", person.id)
    db.session.commit()
    return render_template(
        "prescribing/people/edit.html", part=part, heading=PARTS[part][1], person=person, form=form
    )
