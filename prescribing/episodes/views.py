"""The team's pages: Today, the person, contacts, pausing, closing and starting again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission, Role
from core.accounts.landing import register_landing
from core.audit import services as audit
from core.db import db
from core.idempotency import services as idempotency
from core.web.forms import Form
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from core.web.slots import add_navigation
from prescribing.episodes import boards, closing, contact_log, intake, person_page, queries, services
from prescribing.episodes.begun import begun, sent
from prescribing.episodes.contacts import Outcome, quick_presses
from prescribing.episodes.forms import (
    AgainForm,
    CloseForm,
    ContactForm,
    ErrorForm,
    FindForm,
    PauseForm,
)
from prescribing.episodes.moves import BasedOnReason, Mover
from prescribing.episodes.person_page import PersonPage
from prescribing.episodes.queries import EpisodeBrief
from prescribing.episodes.rules import CASELOAD, EPISODE_CLOSED, EpisodeState
from prescribing.episodes.timeline import KIND_WORDS, timeline
from prescribing.episodes.today_rules import GROUP_WORDS, Group
from prescribing.people.safe_contact import Channel

bp = Blueprint("episodes", __name__)

add_navigation(Permission.WORK_CASELOAD, "Today", "episodes.today", 11)
register_landing(Role.LINK_WORKER, "episodes.today")


@bp.get("/today")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def today() -> str:
    """Whom first, and why."""
    actor, whole_team = current_actor(), request.args.get("who") == "team"
    only = next((group for group in Group if request.args.get("show") == group), None)
    page = request.args.get("page", 1, type=int)
    board = boards.today_board(db.session(), actor, whole_team=whole_team, only=only, page=page)
    # Whoever stands in for a colleague is seen to.
    audit.record(
        db.session(),
        actor,
        "caseload.read",
        "episode",
        None,
        count=board.people,
        covering=board.covering,
    )
    db.session.commit()
    return render_template(
        "prescribing/episodes/today.html",
        board=board,
        find=FindForm(formdata=None),
        whole_team=whole_team,
        group_words=GROUP_WORDS,
        only=only,
    )


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
    found = _found(episode_id)
    form, kept_at = begun(ContactForm, episode_id, "contact")
    return _contact_page(found, form, kept_at)


@bp.post("/episodes/<uuid:episode_id>/contacts/new")
@requires(Permission.WORK_CASELOAD)
def record_contact(episode_id: UUID) -> str | Response:
    """Write a contact down."""
    form, found = ContactForm(), _found(episode_id)
    if not form.validate():
        return _contact_page(found, form)
    only_once(form)
    note = contact_log.ContactNote(
        channel=Channel(form.channel.data),
        outcome=Outcome(form.outcome.data),
        direction=form.direction,
        at=form.when,
        booked_on=form.booked_on.data,
        minutes=form.minutes.data,
        note=form.note.data or "",
        starts_support=bool(form.starts_support.data),
        failing=form.failing if form.failed.data else None,
    )
    made: list[UUID] = []
    if refused(
        form,
        lambda: made.append(contact_log.record_contact(db.session(), current_actor(), episode_id, note).id),
    ):
        return _contact_page(found, form)
    where = url_for("episodes.show", episode_id=episode_id)
    idempotency.remember(db.session(), form.key, where)
    if "quick" not in request.args:
        # One press leaves a note alone that was begun below it.
        sent(episode_id, "contact")
    db.session.commit()
    flash("Written down.", f"undo {url_for('contacts.undo', contact_id=made[0])}")
    return safe_redirect(where)


@bp.get("/episodes/<uuid:episode_id>/pause")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def pause(episode_id: UUID) -> str:
    """Ask why, and until when."""
    found = _found(episode_id)
    form, kept_at = begun(PauseForm, episode_id, "pause", version=str(found.version))
    return _form_page("pause", found, form, kept_at)


@bp.post("/episodes/<uuid:episode_id>/pause")
@requires(Permission.WORK_CASELOAD)
def do_pause(episode_id: UUID) -> str | Response:
    """Put the support on hold."""
    form, found = PauseForm(), _found(episode_id)
    if not form.validate():
        return _form_page("pause", found, form)

    def act() -> None:
        services.move(
            db.session(),
            current_actor(),
            episode_id,
            EpisodeState.PAUSED,
            note=form.note.data,
            look_again_on=form.look_again_on.data,
            expected_version=form.seen,
        )

    if refused(form, act, version=found.version, over=found.with_nobody):
        return _form_page("pause", found, form)
    sent(episode_id, "pause")
    db.session.commit()
    flash("Paused.")
    return safe_redirect(url_for("episodes.show", episode_id=episode_id))


@bp.post("/episodes/<uuid:episode_id>/resume")
@requires(Permission.WORK_CASELOAD)
def resume(episode_id: UUID) -> Response:
    """Go on with paused support."""
    episode = services.resume(db.session(), current_actor(), episode_id)
    on = episode.state is EpisodeState.ACTIVE
    db.session.commit()
    flash("Support goes on." if on else "You can get in touch with them again.")
    return safe_redirect(url_for("episodes.show", episode_id=episode_id))


@bp.get("/episodes/<uuid:episode_id>/close")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def close(episode_id: UUID) -> str:
    """Ask how it ends."""
    found = _found(episode_id)
    form, kept_at = begun(CloseForm, episode_id, "close", version=str(found.version))
    return _close_page(found, form, kept_at)


@bp.post("/episodes/<uuid:episode_id>/close")
@requires(Permission.WORK_CASELOAD)
def do_close(episode_id: UUID) -> str | Response:
    """Close an episode."""
    found = _found(episode_id)
    form = _endings(CloseForm(), episode_id)
    if not form.ending.choices or not form.validate():
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
            last=form.last_word,
            expected_version=form.seen,
        )

    if refused(form, act, version=found.version):
        return _close_page(found, form)
    sent(episode_id, "close")
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
    return _form_page("again", _found(episode_id), AgainForm())


@bp.post("/episodes/<uuid:episode_id>/again")
@requires(Permission.WORK_CASELOAD)
def start_again(episode_id: UUID) -> str | Response:
    """Start a new episode that is linked to a closed one."""
    form, found = AgainForm(), _found(episode_id)
    if not form.validate():
        return _form_page("again", found, form)
    only_once(form)
    reason, words = BasedOnReason(form.reason.data), form.words.data or ""
    made: list[UUID] = []

    def act() -> None:
        made.append(intake.start_again(db.session(), current_actor(), episode_id, reason, words).id)

    if refused(form, act):
        return _form_page("again", found, form)
    where = url_for("episodes.show", episode_id=made[0])
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    flash("Started again. It waits for a coordinator.")
    return safe_redirect(where)


@bp.get("/episodes/<uuid:episode_id>/mistake")
@requires(Permission.TRIAGE, audits_read=True)
def mistake(episode_id: UUID) -> str:
    """Ask what the mistake was."""
    found = _found(episode_id)
    return _form_page("mistake", found, ErrorForm(version=str(found.version)))


@bp.post("/episodes/<uuid:episode_id>/mistake")
@requires(Permission.TRIAGE)
def mark_mistake(episode_id: UUID) -> str | Response:
    """Mark an episode as entered in error."""
    form, found = ErrorForm(), _found(episode_id)
    if not form.validate():
        return _form_page("mistake", found, form)

    waiting: list[int] = []

    def act() -> None:
        said, seen = form.reason.data or "", form.seen
        waiting.append(
            closing.enter_in_error(db.session(), current_actor(), episode_id, said, expected_version=seen)
        )

    if refused(form, act, version=found.version):
        return _form_page("mistake", found, form)
    db.session.commit()
    flash("Marked as entered in error.")
    if waiting[0]:
        flash(
            "1 request that was added to it waits for a decision again."
            if waiting[0] == 1
            else f"{waiting[0]} requests that were added to it wait for a decision again."
        )
    return safe_redirect(url_for("episodes.show", episode_id=episode_id))


def _found(episode_id: UUID) -> EpisodeBrief:
    return queries.brief(db.session(), current_actor(), episode_id)


def record_look(person_id: UUID) -> None:
    """Keep that the actor is shown a page that names this person, a form to be mended as well."""
    audit.record(db.session(), current_actor(), "person.read", "person", person_id)
    db.session.commit()


def _person_page(page: PersonPage) -> str:
    number = request.args.get("page", "1")
    happened = timeline(
        page.episode.thread if page.episode is not None else (),
        show=request.args.get("show", ""),
        page=int(number) if number.isascii() and number.isdigit() and len(number) < 5 else 1,
    )
    shown = render_template(
        "prescribing/episodes/person.html",
        page=page,
        happened=happened,
        kind_words=KIND_WORDS,
        own_id=current_actor().account_id,
        coordinates=page.person.team_id in current_actor().team_ids(Role.COORDINATOR),
    )
    # Last, since what other features put on the page would begin anew after the commit.
    record_look(page.person.id)
    return shown


def _form_page(name: str, found: EpisodeBrief, form: Form, kept_at: datetime | None = None) -> str:
    record_look(found.person.id)
    return render_template(f"prescribing/episodes/{name}.html", episode=found, form=form, kept_at=kept_at)


def _contact_page(found: EpisodeBrief, form: ContactForm, kept_at: datetime | None = None) -> str:
    record_look(found.person.id)
    return render_template(
        "prescribing/episodes/contact.html",
        episode=found,
        form=form,
        kept_at=kept_at,
        # Each press is a form of its own: what one wrote down stands in no other's way.
        quick=[(*press, uuid4()) for press in quick_presses(found.person.contact)]
        if found.state in CASELOAD
        else [],
    )


def _endings(form: CloseForm, episode_id: UUID) -> CloseForm:
    detail = person_page.episode_detail(db.session(), current_actor(), episode_id).episode
    choices = detail.choices if detail is not None else ()
    form.offer([choice for choice in choices if choice in EPISODE_CLOSED])
    form.name(closing.still_open(db.session(), current_actor(), episode_id))
    return form


def _close_page(found: EpisodeBrief, form: CloseForm, kept_at: datetime | None = None) -> str:
    return _form_page("close", found, _endings(form, found.id), kept_at)
