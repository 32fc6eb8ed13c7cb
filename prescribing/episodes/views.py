"""The team's pages: triage, Today, the person, contacts, pausing and closing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission, Role
from core.accounts.landing import register_landing
from core.audit import services as audit
from core.db import db
from core.errors import Invalid, NotFound, Refused
from core.idempotency import services as idempotency
from core.web.forms import Form
from core.web.links import safe_redirect
from core.web.slots import add_navigation
from prescribing.episodes import boards, closing, contact_log, intake, person_page, queries, services, triage
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.forms import (
    AgainForm,
    AllocateForm,
    AskForm,
    CloseForm,
    ContactForm,
    ErrorForm,
    FeedbackForm,
    PauseForm,
    PriorityForm,
    RedirectForm,
)
from prescribing.episodes.moves import BasedOnReason, Mover
from prescribing.episodes.person_page import PersonPage
from prescribing.episodes.queries import EpisodeBrief
from prescribing.episodes.rules import EPISODE_CLOSED, EpisodeState, Priority
from prescribing.people.safe_contact import Channel

bp = Blueprint("episodes", __name__)

add_navigation(Permission.TRIAGE, "Triage", "episodes.triage_list", 10)
add_navigation(Permission.WORK_CASELOAD, "Today", "episodes.today", 11)
register_landing(Role.COORDINATOR, "episodes.triage_list")
register_landing(Role.LINK_WORKER, "episodes.today")


@bp.get("/triage")
@requires(Permission.TRIAGE, audits_read=True)
def triage_list() -> str:
    """Who has waited longest, any risk, who has room."""
    actor = current_actor()
    board = boards.triage_board(db.session(), actor)
    audit.record(db.session(), actor, "triage.read", "episode", None, count=len(board.waiting))
    db.session.commit()
    return render_template("prescribing/episodes/triage.html", board=board)


@bp.get("/triage/<uuid:episode_id>")
@requires(Permission.TRIAGE, audits_read=True)
def triage_one(episode_id: UUID) -> str:
    """One request as it was sent, and what can be decided about it."""
    return _triage_page(_looked_at(episode_id))


@bp.post("/triage/<uuid:episode_id>/allocate")
@requires(Permission.TRIAGE)
def allocate(episode_id: UUID) -> str | Response:
    """Give a request to a link worker."""
    form = _offered(AllocateForm())
    if not form.validate():
        return _triage_page(_found(episode_id), form)
    chosen = UUID(form.link_worker_id.data)
    triage.allocate(db.session(), current_actor(), episode_id, chosen, expected_version=form.seen)
    db.session.commit()
    names = {each.account_id: each.name for each in queries.workers(db.session(), current_actor())}
    flash(f"Given to {names[chosen]}.")
    return safe_redirect(url_for("episodes.triage_list"))


@bp.post("/triage/<uuid:episode_id>/ask")
@requires(Permission.TRIAGE)
def ask_for_info(episode_id: UUID) -> str | Response:
    """Put a request on hold until a question is answered."""
    form = AskForm()
    if not form.validate():
        return _triage_page(_found(episode_id), form)
    triage.ask_for_info(
        db.session(), current_actor(), episode_id, form.note.data or "", expected_version=form.seen
    )
    db.session.commit()
    flash("Waiting for an answer.")
    return safe_redirect(url_for("episodes.triage_list"))


@bp.post("/triage/<uuid:episode_id>/redirect")
@requires(Permission.TRIAGE)
def redirect_request(episode_id: UUID) -> str | Response:
    """Say that a request is not for this service."""
    form = RedirectForm()
    if not form.validate():
        return _triage_page(_found(episode_id), form)
    triage.redirect_request(
        db.session(), current_actor(), episode_id, form.words.data or "", expected_version=form.seen
    )
    db.session.commit()
    flash("Closed: not right for this service.")
    return safe_redirect(url_for("episodes.triage_list"))


@bp.post("/triage/<uuid:episode_id>/priority")
@requires(Permission.TRIAGE)
def set_priority(episode_id: UUID) -> str | Response:
    """Say how urgent a request is."""
    form = PriorityForm()
    if not form.validate():
        return _triage_page(_found(episode_id), form)
    triage.set_priority(db.session(), current_actor(), episode_id, Priority(form.priority.data))
    db.session.commit()
    return safe_redirect(url_for("episodes.triage_one", episode_id=episode_id))


@bp.get("/today")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def today() -> str:
    """Whom first, and why."""
    actor, whole_team = current_actor(), request.args.get("who") == "team"
    board = boards.today_board(db.session(), actor, whole_team=whole_team)
    audit.record(db.session(), actor, "caseload.read", "episode", None, count=board.people)
    db.session.commit()
    return render_template("prescribing/episodes/today.html", board=board, whole_team=whole_team)


@bp.get("/people/<uuid:person_id>")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def person(person_id: UUID) -> str:
    """One person: what matters, safe contact, risks, next step."""
    return _person_page(person_page.person_page(db.session(), current_actor(), person_id))


@bp.get("/episodes/<uuid:episode_id>")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def show(episode_id: UUID) -> str:
    """The person of one episode, with that episode."""
    return _person_page(person_page.episode_detail(db.session(), current_actor(), episode_id))


@bp.get("/episodes/<uuid:episode_id>/contacts/new")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def new_contact(episode_id: UUID) -> str:
    """How to reach the person safely, and what came of it."""
    return _form_page("contact", _looked_at(episode_id), ContactForm())


@bp.post("/episodes/<uuid:episode_id>/contacts/new")
@requires(Permission.WORK_CASELOAD)
def record_contact(episode_id: UUID) -> str | Response:
    """Write a contact down."""
    form, found = ContactForm(), _found(episode_id)
    if not form.validate():
        return _form_page("contact", found, form)
    first = idempotency.earlier(db.session(), form.key)
    if first is not None:
        return safe_redirect(first)
    note = contact_log.ContactNote(
        channel=Channel(form.channel.data),
        outcome=Outcome(form.outcome.data),
        direction=form.direction,
        booked_on=form.booked_on.data,
        minutes=form.minutes.data,
        note=form.note.data or "",
        starts_support=bool(form.starts_support.data),
    )
    problem = tried(form, lambda: contact_log.record_contact(db.session(), current_actor(), episode_id, note))
    if problem:
        return _form_page("contact", found, form)
    where = url_for("episodes.show", episode_id=episode_id)
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    flash("Written down.")
    return safe_redirect(where)


@bp.get("/episodes/<uuid:episode_id>/pause")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def pause(episode_id: UUID) -> str:
    """Ask why, and until when."""
    found = _looked_at(episode_id)
    return _form_page("pause", found, PauseForm(version=str(found.version)))


@bp.post("/episodes/<uuid:episode_id>/pause")
@requires(Permission.WORK_CASELOAD)
def do_pause(episode_id: UUID) -> str | Response:
    """Put the support on hold."""
    form, found = PauseForm(), _found(episode_id)
    if not form.validate():
        return _form_page("pause", found, form)
    services.move(
        db.session(),
        current_actor(),
        episode_id,
        EpisodeState.PAUSED,
        note=form.note.data,
        look_again_on=form.look_again_on.data,
        expected_version=form.seen,
    )
    db.session.commit()
    flash("Paused.")
    return safe_redirect(url_for("episodes.show", episode_id=episode_id))


@bp.post("/episodes/<uuid:episode_id>/resume")
@requires(Permission.WORK_CASELOAD)
def resume(episode_id: UUID) -> Response:
    """Go on with paused support."""
    services.move(db.session(), current_actor(), episode_id, EpisodeState.ACTIVE)
    db.session.commit()
    flash("Support goes on.")
    return safe_redirect(url_for("episodes.show", episode_id=episode_id))


@bp.get("/episodes/<uuid:episode_id>/close")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def close(episode_id: UUID) -> str:
    """Ask how it ends."""
    found = _looked_at(episode_id)
    return _close_page(found, CloseForm(version=str(found.version)))


@bp.post("/episodes/<uuid:episode_id>/close")
@requires(Permission.WORK_CASELOAD)
def do_close(episode_id: UUID) -> str | Response:
    """Close an episode."""
    found = _found(episode_id)
    form = _endings(CloseForm(), episode_id)
    if not form.validate():
        return _close_page(found, form)
    target, reason = form.chosen
    said_by = Mover.PERSON if target is EpisodeState.PERSON_DECLINED else None
    words = form.words.data or ""

    def act() -> None:
        closing.close(
            db.session(),
            current_actor(),
            episode_id,
            target,
            reason=reason,
            words=words,
            said_by=said_by,
            expected_version=form.seen,
        )

    if tried(form, act):
        return _close_page(found, form)
    db.session.commit()
    flash("Closed.")
    detail = person_page.episode_detail(db.session(), current_actor(), episode_id).episode
    asks = detail is not None and detail.wants_feedback
    return safe_redirect(url_for("episodes.feedback" if asks else "episodes.show", episode_id=episode_id))


@bp.post("/episodes/<uuid:episode_id>/undo-close")
@requires(Permission.WORK_CASELOAD)
def undo_close(episode_id: UUID) -> Response:
    """Open again what was closed by mistake."""
    services.undo_close(db.session(), current_actor(), episode_id)
    db.session.commit()
    flash("Opened again.")
    return safe_redirect(url_for("episodes.show", episode_id=episode_id))


@bp.get("/episodes/<uuid:episode_id>/again")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def again(episode_id: UUID) -> str:
    """Ask why support starts again."""
    return _form_page("again", _looked_at(episode_id), AgainForm())


@bp.post("/episodes/<uuid:episode_id>/again")
@requires(Permission.WORK_CASELOAD)
def start_again(episode_id: UUID) -> str | Response:
    """Start a new episode that is linked to a closed one."""
    form, found = AgainForm(), _found(episode_id)
    if not form.validate():
        return _form_page("again", found, form)
    first = idempotency.earlier(db.session(), form.key)
    if first is not None:
        return safe_redirect(first)
    reason, words = BasedOnReason(form.reason.data), form.words.data or ""
    made: list[UUID] = []

    def act() -> None:
        made.append(intake.start_again(db.session(), current_actor(), episode_id, reason, words).id)

    if tried(form, act):
        return _form_page("again", found, form)
    where = url_for("episodes.show", episode_id=made[0])
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    flash("Started again. It waits for a coordinator.")
    return safe_redirect(where)


@bp.get("/episodes/<uuid:episode_id>/feedback")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def feedback(episode_id: UUID) -> str:
    """What whoever referred them would be told."""
    return _feedback_page(_looked_at(episode_id), FeedbackForm())


@bp.post("/episodes/<uuid:episode_id>/feedback")
@requires(Permission.WORK_CASELOAD)
def send_feedback(episode_id: UUID) -> str | Response:
    """Tell whoever referred them."""
    form, found = FeedbackForm(), _found(episode_id)
    if not form.validate():
        return _feedback_page(found, form)
    closing.send_feedback(db.session(), current_actor(), episode_id, form.words.data or "")
    db.session.commit()
    flash("Sent to whoever referred them.")
    return safe_redirect(url_for("episodes.show", episode_id=episode_id))


@bp.get("/episodes/<uuid:episode_id>/mistake")
@requires(Permission.TRIAGE, audits_read=True)
def mistake(episode_id: UUID) -> str:
    """Ask what the mistake was."""
    found = _looked_at(episode_id)
    return _form_page("mistake", found, ErrorForm(version=str(found.version)))


@bp.post("/episodes/<uuid:episode_id>/mistake")
@requires(Permission.TRIAGE)
def mark_mistake(episode_id: UUID) -> str | Response:
    """Mark an episode as entered in error."""
    form, found = ErrorForm(), _found(episode_id)
    if not form.validate():
        return _form_page("mistake", found, form)
    services.enter_in_error(
        db.session(), current_actor(), episode_id, form.reason.data or "", expected_version=form.seen
    )
    db.session.commit()
    flash("Marked as entered in error.")
    return safe_redirect(url_for("episodes.show", episode_id=episode_id))


def tried(form: Form, act: Callable[[], object]) -> bool:
    """Whether `act` met a problem that the reader can mend, which then stands on the form; nothing is kept of it."""
    try:
        act()
    except Invalid as problem:
        db.session.rollback()
        form.add_error(problem.field, problem.message)
        return True
    except Refused as problem:
        db.session.rollback()
        form.add_error(None, problem.message)
        return True
    return False


def _found(episode_id: UUID) -> EpisodeBrief:
    return queries.brief(db.session(), current_actor(), episode_id)


def _looked_at(episode_id: UUID) -> EpisodeBrief:
    """The episode for a page that names its person: the look is recorded."""
    found = _found(episode_id)
    audit.record(db.session(), current_actor(), "person.read", "person", found.person.id)
    db.session.commit()
    return found


def _offered(form: AllocateForm) -> AllocateForm:
    workers = queries.workers(db.session(), current_actor())
    form.offer([(each.account_id, f"{each.name}, {_people(each.people)}") for each in workers])
    return form


def _people(count: int) -> str:
    return "nobody with them now" if not count else f"{count} {'person' if count == 1 else 'people'} now"


def _triage_page(found: EpisodeBrief, form: Form | None = None) -> str:
    if found.team_id not in current_actor().team_ids(Role.COORDINATOR):
        raise NotFound
    page = person_page.episode_detail(db.session(), current_actor(), found.id)
    version = str(found.version)

    def one(kind: type[Any]) -> Any:
        return form if isinstance(form, kind) else kind(version=version)

    urgency = PriorityForm(priority=page.episode.priority.value if page.episode else None)
    return render_template(
        "prescribing/episodes/triage_one.html",
        page=page,
        form=form,
        allocate=_offered(one(AllocateForm)),
        ask=one(AskForm),
        elsewhere=one(RedirectForm),
        urgency=urgency,
    )


def _person_page(page: PersonPage) -> str:
    audit.record(db.session(), current_actor(), "person.read", "person", page.person.id)
    db.session.commit()
    return render_template("prescribing/episodes/person.html", page=page)


def _form_page(name: str, found: EpisodeBrief, form: Form) -> str:
    return render_template(f"prescribing/episodes/{name}.html", episode=found, form=form)


def _endings(form: CloseForm, episode_id: UUID) -> CloseForm:
    detail = person_page.episode_detail(db.session(), current_actor(), episode_id).episode
    choices = detail.choices if detail is not None else ()
    form.offer([choice for choice in choices if choice in EPISODE_CLOSED])
    return form


def _close_page(found: EpisodeBrief, form: CloseForm) -> str:
    return _form_page("close", found, _endings(form, found.id))


def _feedback_page(found: EpisodeBrief, form: FeedbackForm) -> str:
    if found.is_open:
        raise NotFound
    drafted = closing.feedback_for(db.session(), current_actor(), found.id)
    return render_template("prescribing/episodes/feedback.html", episode=found, form=form, told=drafted)
