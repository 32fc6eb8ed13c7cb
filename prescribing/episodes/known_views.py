"""A coordinator says whether a request is about somebody whom the team knows."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.web.forms import VersionedForm
from core.web.links import safe_redirect
from core.web.slots import fill, part
from prescribing.episodes import added, intake, known

bp = Blueprint("known", __name__)


@bp.post("/triage/<uuid:episode_id>/join/<uuid:person_id>")
@requires(Permission.TRIAGE)
def join(episode_id: UUID, person_id: UUID) -> Response:
    """They are one person: put the request with their record."""
    known.join(db.session(), current_actor(), episode_id, person_id, expected_version=VersionedForm().seen)
    db.session.commit()
    flash("This request is with their record now.")
    return safe_redirect(url_for("triage.one", episode_id=episode_id))


@bp.post("/triage/<uuid:episode_id>/add/<uuid:support_id>")
@requires(Permission.TRIAGE)
def add(episode_id: UUID, support_id: UUID) -> Response:
    """They are one person, and this belongs to the support that they have."""
    support = added.add(
        db.session(), current_actor(), episode_id, support_id, expected_version=VersionedForm().seen
    )
    asked = " The link worker is asked to read it." if support.link_worker_id is not None else ""
    done = f"Added to {support.reference}.{asked}"
    db.session.commit()
    flash(done)
    return safe_redirect(url_for("triage.board"))


@bp.post("/triage/<uuid:episode_id>/take-out")
@requires(Permission.TRIAGE)
def take_out(episode_id: UUID) -> Response:
    """It does not belong to that support: decide about it by itself."""
    added.take_out(db.session(), current_actor(), episode_id, expected_version=VersionedForm().seen)
    db.session.commit()
    flash("This waits for a decision of its own now.")
    return safe_redirect(url_for("triage.one", episode_id=episode_id))


@bp.post("/triage/<uuid:episode_id>/apart")
@requires(Permission.TRIAGE)
def take_apart(episode_id: UUID) -> Response:
    """They are two people: give the request a record of its own."""
    intake.take_apart(db.session(), current_actor(), episode_id, expected_version=VersionedForm().seen)
    db.session.commit()
    flash("This request has a record of its own now.")
    return safe_redirect(url_for("triage.one", episode_id=episode_id))


def known_people(episode_id: UUID, version: int) -> Markup:
    """Whom a request may be about, on the page where it is decided; each look is recorded."""
    found = known.known_people(db.session(), current_actor(), episode_id)
    for each in found:
        audit.record(db.session(), current_actor(), "person.read", "person", each.person_id)
    if not found:
        return Markup()
    db.session.commit()
    page = "prescribing/episodes/known.html"
    return part(page, found=found, episode_id=episode_id, version=version)


fill("triage.known", known_people)
