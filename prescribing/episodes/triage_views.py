"""A coordinator's pages: who waits, and what is decided about a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission, Role
from core.accounts.landing import register_landing
from core.audit import services as audit
from core.db import db
from core.errors import NotFound
from core.web.forms import Form, VersionedForm
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.slots import add_navigation
from prescribing.episodes import boards, known, person_page, queries, triage
from prescribing.episodes.forms import AllocateForm, AskForm, PriorityForm, RedirectForm, uuid_or_none
from prescribing.episodes.rules import Priority
from prescribing.episodes.views import record_look

bp = Blueprint("triage", __name__)

add_navigation(Permission.TRIAGE, "Triage", "triage.board", 10)
register_landing(Role.COORDINATOR, "triage.board")


@bp.get("/triage")
@requires(Permission.TRIAGE, audits_read=True)
def board() -> str:
    """Who has waited longest, any risk, who has room."""
    actor = current_actor()
    waiting = boards.triage_board(db.session(), actor)
    audit.record(db.session(), actor, "triage.read", "episode", None, count=len(waiting.waiting))
    db.session.commit()
    return render_template("prescribing/episodes/triage.html", board=waiting)


@bp.get("/triage/<uuid:episode_id>")
@requires(Permission.TRIAGE, audits_read=True)
def one(episode_id: UUID) -> str:
    """One request as it was sent, and what can be decided about it."""
    return _triage_page(episode_id)


@bp.post("/triage/<uuid:episode_id>/allocate")
@requires(Permission.TRIAGE)
def allocate(episode_id: UUID) -> str | Response:
    """Give a request to a link worker."""
    form = _offered(AllocateForm(), episode_id, fresh=False)
    if not form.validate():
        return _triage_page(episode_id, form)
    chosen = UUID(form.link_worker_id.data)
    same = uuid_or_none(form.same.data) if "same" in form else None
    if _clashed(
        form,
        episode_id,
        lambda: triage.allocate(
            db.session(), current_actor(), episode_id, chosen, is_person=same, expected_version=form.seen
        ),
    ):
        return _triage_page(episode_id, form)
    db.session.commit()
    names = {each.account_id: each.name for each in queries.workers(db.session(), current_actor())}
    flash(f"Given to {names[chosen]}.")
    return safe_redirect(url_for("triage.board"))


@bp.post("/triage/<uuid:episode_id>/ask")
@requires(Permission.TRIAGE)
def ask_for_info(episode_id: UUID) -> str | Response:
    """Put a request on hold until a question is answered."""
    form = AskForm()
    if not form.validate():
        return _triage_page(episode_id, form)
    note = form.note.data or ""
    if _clashed(
        form,
        episode_id,
        lambda: triage.ask_for_info(
            db.session(), current_actor(), episode_id, note, expected_version=form.seen
        ),
    ):
        return _triage_page(episode_id, form)
    db.session.commit()
    flash("Waiting for an answer.")
    return safe_redirect(url_for("triage.board"))


@bp.post("/triage/<uuid:episode_id>/redirect")
@requires(Permission.TRIAGE)
def redirect_request(episode_id: UUID) -> str | Response:
    """Say that a request is not for this service."""
    form = RedirectForm()
    if not form.validate():
        return _triage_page(episode_id, form)
    words = form.words.data or ""
    if _clashed(
        form,
        episode_id,
        lambda: triage.redirect_request(
            db.session(), current_actor(), episode_id, words, expected_version=form.seen
        ),
    ):
        return _triage_page(episode_id, form)
    db.session.commit()
    flash("Closed: not right for this service.")
    return safe_redirect(url_for("triage.board"))


@bp.post("/triage/<uuid:episode_id>/priority")
@requires(Permission.TRIAGE)
def set_priority(episode_id: UUID) -> str | Response:
    """Say how urgent a request is."""
    form = PriorityForm()
    if not form.validate():
        return _triage_page(episode_id, form)
    triage.set_priority(db.session(), current_actor(), episode_id, Priority(form.priority.data))
    db.session.commit()
    return safe_redirect(url_for("triage.one", episode_id=episode_id))


def _clashed(form: VersionedForm, episode_id: UUID, act: Callable[[], object]) -> bool:
    """As `refused`: whoever decides second is told, and keeps what was typed."""
    version = queries.brief(db.session(), current_actor(), episode_id).version
    return refused(form, act, version=version)


def _offered(form: AllocateForm, episode_id: UUID, *, fresh: bool) -> AllocateForm:
    """With who can be chosen; on a `fresh` page with what is most likely chosen already."""
    workers = queries.workers(db.session(), current_actor())
    form.offer([(each.account_id, f"{each.name}, {_people(each.people)}") for each in workers])
    if "same" in form:
        found = known.known_people(db.session(), current_actor(), episode_id)
        likely = [each for each in found if each.is_very_likely]
        if fresh and likely and likely[0].link_worker_id is not None:
            form.link_worker_id.data = str(likely[0].link_worker_id)
        form.ask_who([(each.person_id, f"{each.name}: {each.why}") for each in likely], fresh=fresh)
    return form


def _people(count: int) -> str:
    return "nobody with them now" if not count else f"{count} {'person' if count == 1 else 'people'} now"


def _triage_page(episode_id: UUID, form: Form | None = None) -> str:
    """The page of one request; that it was looked at is recorded."""
    found = queries.brief(db.session(), current_actor(), episode_id)
    if found.team_id not in current_actor().team_ids(Role.COORDINATOR):
        raise NotFound
    page = person_page.episode_detail(db.session(), current_actor(), found.id)
    version = str(found.version)
    record_look(found.person.id)

    def made(kind: type[Any]) -> Any:
        return form if isinstance(form, kind) else kind(version=version)

    # Whoever has them now is the first to think of.
    worker = next((one.link_worker_id for one in page.others if one.is_open and one.link_worker_id), None)
    allocate = (
        form
        if isinstance(form, AllocateForm)
        else _offered(AllocateForm(version=version, link_worker_id=worker), found.id, fresh=True)
    )
    urgency = PriorityForm(priority=page.episode.priority.value if page.episode else None)
    return render_template(
        "prescribing/episodes/triage_one.html",
        page=page,
        form=form,
        allocate=allocate,
        ask=made(AskForm),
        elsewhere=made(RedirectForm),
        urgency=urgency,
    )
