"""Worried about someone now: whom to ring, what to write down, and what a coordinator does about it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import STAFF, Permission, Role
from core.audit import services as audit
from core.db import db
from core.helplines import HELPLINES
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from core.web.slots import fill, part
from prescribing.concerns import queries, services
from prescribing.concerns.forms import DoneForm, WorriedForm
from prescribing.concerns.models import Concern
from prescribing.drafts import pages as drafts
from prescribing.drafts.rules import NOBODY, WORRY, WORRY_DONE, About, place
from prescribing.episodes.views import record_look

bp = Blueprint("concerns", __name__)


@bp.get("/worried")
@requires(Permission.SIGNED_IN, audits_read=True)
def worried() -> str:
    """Whom to ring now; for a team, what to write down."""
    actor = current_actor()
    if not actor.can(Permission.WORK_CASELOAD):
        return _worried_page(None)
    begun = drafts.begun(_draft())
    # Nothing is shown of somebody who has left the team meanwhile.
    if begun is None or not _may_choose(about := begun.parts[0][0].person_id):
        form = WorriedForm()
        form.person_id.data = str(_meant() or "")
        return _worried_page(form)
    form = WorriedForm(drafts.answers(begun.fields))
    form.person_id.data = str(about or "")
    return _worried_page(form, begun.saved_at)


@bp.post("/worried")
@requires(Permission.WORK_CASELOAD)
def tell() -> str | Response:
    """Write a concern down, and tell the coordinators."""
    only_kept = drafts.only_kept(_draft(), _parts, page=url_for("concerns.worried", person=_meant()))
    if only_kept is not None:
        return only_kept
    form = WorriedForm()
    form.offer(queries.choosable(db.session(), current_actor(), form.meant))
    if not form.validate():
        return _worried_page(form)
    only_once(form)
    made: list[Concern] = []

    def act() -> None:
        person_id, words = UUID(form.person_id.data), form.seen.data or ""
        told = form.told.data or ""
        made.append(services.raise_concern(db.session(), current_actor(), person_id, words, told))

    if refused(form, act):
        return _worried_page(form)
    where = url_for("concerns.show", concern_id=made[0].id)
    done = _said(made[0].team_id)
    idempotency.remember(db.session(), form.key, where)
    drafts.sent(_draft())
    db.session.commit()
    flash(done)
    return safe_redirect(where)


def _said(team_id: UUID) -> str:
    """What was really done about telling somebody."""
    told = [name for name, address in queries.of_teams(db.session(), [team_id]) if address]
    if told:
        return (
            f"Written down. An email is on its way to {' and '.join(told)}. If it cannot wait, ring as well."
        )
    council = queries.council_phone()
    ring = f"the council’s safeguarding team on {council}" if council else "one of the numbers below"
    return f"Written down, but no coordinator could be told: none has an email address here. Ring {ring} now."


@bp.get("/concerns/<uuid:concern_id>")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def show(concern_id: UUID) -> str:
    """One concern, and what was done about it."""
    form, kept_at = drafts.begun_form(DoneForm, place(WORRY_DONE, concern_id))
    return _concern_page(concern_id, form, kept_at)


@bp.post("/concerns/<uuid:concern_id>/take-up")
@requires(Permission.TRIAGE)
def take_up(concern_id: UUID) -> Response:
    """A coordinator sees to it."""
    services.take_up(db.session(), current_actor(), concern_id)
    db.session.commit()
    flash("You see to this. Your colleague can see that.")
    return safe_redirect(url_for("concerns.show", concern_id=concern_id))


@bp.post("/concerns/<uuid:concern_id>/done")
@requires(Permission.TRIAGE)
def done(concern_id: UUID) -> str | Response:
    """A coordinator says what was done."""
    about, draft = queries.concern(db.session(), current_actor(), concern_id), place(WORRY_DONE, concern_id)
    where = url_for("concerns.show", concern_id=concern_id)
    only_kept = drafts.only_kept_about(draft, about.person.id, page=where)
    if only_kept is not None:
        return only_kept
    form = DoneForm()
    if not form.validate() or refused(
        form, lambda: services.close(db.session(), current_actor(), concern_id, form.done.data or "")
    ):
        return _concern_page(concern_id, form)
    drafts.sent(draft)
    db.session.commit()
    flash("Closed, with what was done.")
    return safe_redirect(where)


def link(**_context: object) -> Markup:
    """On every page of staff: the way to help for somebody, with whoever the page is about."""
    actor = current_actor()
    if not actor.has(*STAFF) or request.endpoint == "concerns.worried":
        return Markup()
    values = request.view_args or {}
    about = {key: values[f"{key}_id"] for key in ("person", "episode") if f"{key}_id" in values}
    return _part("link.html", about=about)


def waiting(**_context: object) -> Markup:
    """On a coordinator's page: concerns that nobody has closed, before everything else."""
    return _part("waiting.html", concerns=queries.waiting(db.session(), current_actor()))


def register() -> None:
    """Fill the slots; saying it twice changes nothing."""
    fill("page.banner", link)
    fill("triage.first", waiting)


def _part(name: str, **context: object) -> Markup:
    return part(f"prescribing/concerns/{name}", **context)


def _meant() -> UUID | None:
    """Whom the page was about from which somebody came, if it is one of theirs."""
    person, episode = (request.args.get(name, type=UUID) for name in ("person", "episode"))
    if person is None and episode is not None:
        person = queries.person_of(db.session(), current_actor(), episode)
    return person


def _draft() -> str:
    """Where what is typed is kept: for whomever the page was opened about, by itself."""
    return place(WORRY, _meant())


def _parts() -> drafts.Parts:
    """What stands in the form now, under the record of whoever is chosen in it."""
    chosen = request.form.get("person_id", type=UUID)
    about = About(person_id=chosen) if chosen is not None and _may_choose(chosen) else NOBODY
    return {about: [pair for pair in request.form.items(multi=True) if pair[0] != "person_id"]}


def _may_choose(person_id: UUID | None) -> bool:
    if person_id is None:
        return True
    return any(one.id == person_id for one in queries.choosable(db.session(), current_actor(), [person_id]))


def _worried_page(form: WorriedForm | None, kept_at: datetime | None = None) -> str:
    actor = current_actor()
    team_ids = actor.team_ids(Role.LINK_WORKER, Role.COORDINATOR)
    if form is not None:
        people = queries.choosable(db.session(), actor, form.meant)
        form.offer(people)
        audit.record(db.session(), actor, "caseload.read", "episode", None, count=len(people))
        db.session.commit()
    return render_template(
        "prescribing/concerns/worried.html",
        form=form,
        kept_at=kept_at,
        meant=_meant(),
        lines=(HELPLINES.emergency, HELPLINES.mental_health, HELPLINES.medical, HELPLINES.abuse),
        council=queries.council_phone(),
        coordinators=[name for name, _address in queries.of_teams(db.session(), team_ids)],
    )


def _concern_page(concern_id: UUID, form: DoneForm, kept_at: datetime | None = None) -> str:
    found = queries.concern(db.session(), current_actor(), concern_id)
    record_look(found.person.id)
    return render_template("prescribing/concerns/show.html", concern=found, form=form, kept_at=kept_at)
