"""What failures cause: marked at the desk, and shown to whoever keeps the listing that had a part in it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.errors import Invalid, Refused
from core.web.links import safe_redirect
from core.web.slots import fill, part
from prescribing.episodes.queries import brief
from prescribing.failures import queries, services
from prescribing.failures.forms import DecideForm, MoreForm
from prescribing.failures.queries import MarkView
from prescribing.failures.rules import about_request

bp = Blueprint("failures", __name__)

# A "no" to something that somebody else has marked meanwhile takes nothing back.
STANDS = "Somebody has marked this already, so it stays marked. If it was no failure, press that below."


@bp.get("/episodes/<uuid:episode_id>/failures")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def show(episode_id: UUID) -> str:
    """What may have been caused by a failure, and what was marked."""
    page = queries.failures_page(db.session(), current_actor(), episode_id)
    audit.record(db.session(), current_actor(), "failures.read", "episode", episode_id)
    db.session.commit()
    return render_template("prescribing/failures/show.html", page=page)


@bp.post("/episodes/<uuid:episode_id>/failures")
@requires(Permission.WORK_CASELOAD)
def decide(episode_id: UUID) -> str | Response:
    """One press: this was caused by a failure, or it was not."""
    form = DecideForm()
    if not form.validate():
        if any(box.errors for box in form.hidden()):
            raise Invalid("Go back, and press the button again.")
        return _again(episode_id, form)
    yes = form.confirmed.data == "yes"
    about, failing = form.about.data or "", form.failing if yes else None
    try:
        row = services.decide(
            db.session(), current_actor(), episode_id, about, confirmed=yes, failing=failing
        )
    except Refused as problem:
        db.session.rollback()
        return _beside_what_stands(about, form, problem)
    db.session.commit()
    if row.confirmed and failing is None:
        there = url_for("failures.more", mark_id=row.id)
        flash(
            "Marked. You can say more, or leave it at that." if yes else STANDS,
            "message" if yes else "notice",
        )
    else:
        there = url_for("failures.show", episode_id=episode_id)
        flash("Marked." if yes else "Written down: it was no failure. We do not ask again.")
    return safe_redirect(there)


@bp.get("/failures/<uuid:mark_id>")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def more(mark_id: UUID) -> str:
    """Ask why, in the person's words."""
    found = queries.mark(db.session(), current_actor(), mark_id)
    form = MoreForm(failed_words=found.words, kind=found.kind, cause=found.cause or "", minutes=found.minutes)
    return _more(found, form)


@bp.post("/failures/<uuid:mark_id>")
@requires(Permission.WORK_CASELOAD)
def say_more(mark_id: UUID) -> str | Response:
    """Keep why."""
    form = MoreForm()
    found = queries.mark(db.session(), current_actor(), mark_id)
    if not form.validate():
        return _more(found, form)
    services.say_more(db.session(), current_actor(), mark_id, form.told)
    db.session.commit()
    flash("Written down.")
    return safe_redirect(url_for("failures.show", episode_id=found.episode_id))


@bp.post("/failures/<uuid:mark_id>/take-back")
@requires(Permission.WORK_CASELOAD)
def take_back(mark_id: UUID) -> Response:
    """It was no failure after all."""
    episode_id = services.take_back(db.session(), current_actor(), mark_id)
    db.session.commit()
    flash("Taken back.")
    return safe_redirect(url_for("failures.show", episode_id=episode_id))


def beside_person(**context: object) -> Markup:
    """The way to this from the person's page."""
    episode_id = context.get("episode_id")
    if not isinstance(episode_id, UUID):
        return Markup("")
    return part("prescribing/failures/strip.html", episode_id=episode_id)


def beside_request(*, episode_id: UUID, **_context: object) -> Markup:
    """On the request itself: one press says that it came of a failure."""
    about = about_request(episode_id)
    if queries.marked_as(db.session(), about) is not None:
        return beside_person(episode_id=episode_id)
    form = DecideForm(formdata=MultiDict(), about=about, confirmed="yes")
    return part("prescribing/failures/request.html", episode_id=episode_id, form=form)


def beside_listing(**context: object) -> Markup:
    """What an entry of the directory caused, for its owner and for editors."""
    service_id = context.get("service_id")
    if not isinstance(service_id, UUID):
        return Markup("")
    caused = queries.caused_by_listing(db.session(), service_id)
    if not caused.declined and not caused.marked:
        return Markup("")
    return part("prescribing/failures/listing.html", caused=caused)


def _again(episode_id: UUID, form: DecideForm) -> str:
    """What was typed, to be mended: it came from a page of another feature."""
    brief(db.session(), current_actor(), episode_id)
    return render_template("prescribing/failures/decide.html", episode_id=episode_id, form=form)


def _beside_what_stands(about: str, form: DecideForm, problem: Refused) -> str:
    """What was typed about something that is marked already, with what the mark says."""
    mark_id = queries.marked_as(db.session(), about)
    if mark_id is None:
        raise problem
    found = queries.mark(db.session(), current_actor(), mark_id)
    both = (found.words, (form.failed_words.data or "").strip())
    more = MoreForm(
        formdata=MultiDict(),
        failed_words="\n".join(dict.fromkeys(said for said in both if said)),
        kind=found.kind,
        cause=form.cause.data,
        minutes=found.minutes,
    )
    more.add_error(None, problem.message)
    return _more(found, more, stands=True)


def _more(found: MarkView, form: MoreForm, *, stands: bool = False) -> str:
    audit.record(db.session(), current_actor(), "failures.read", "episode", found.episode_id)
    db.session.commit()
    return render_template("prescribing/failures/more.html", found=found, form=form, stands=stands)


fill("person.thread", beside_person)
fill("triage.request", beside_request)
fill("editing.top", beside_listing)
