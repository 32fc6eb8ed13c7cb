"""What a person's team sees of what they say by themself, and how the person comes in online."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.accounts import queries as accounts
from core.accounts import second_factor
from core.audit import services as audit
from core.db import db
from core.errors import NotFound
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from core.web.slots import fill, part
from prescribing.drafts import pages as drafts
from prescribing.drafts.rules import place
from prescribing.episodes import contributions, timeline
from prescribing.episodes.marks import Watch, of_people
from prescribing.failures import heard
from prescribing.people.safe_contact import Channel
from prescribing.residents import queries, services
from prescribing.residents.forms import MESSAGE, MessageForm, OnlineForm, help_no_reasons
from prescribing.residents.happened import happened
from prescribing.residents.rules import Voice

bp = Blueprint("own_side", __name__)


@bp.get("/people/<uuid:person_id>/messages")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def thread(person_id: UUID) -> str:
    """The messages with one person."""
    form, kept_at = drafts.begun_form(MessageForm, place(MESSAGE, person_id))
    return _page(person_id, form, kept_at=kept_at)


@bp.post("/people/<uuid:person_id>/messages")
@requires(Permission.WORK_CASELOAD)
def answer(person_id: UUID) -> str | Response:
    """Write to the person."""
    where = url_for("own_side.thread", person_id=person_id)
    # Whether they are the team's at all, before anything is kept.
    queries.thread(db.session(), current_actor(), person_id)
    only_kept = drafts.only_kept_about(place(MESSAGE, person_id), person_id, page=where)
    if only_kept is not None:
        return only_kept
    form = MessageForm()
    if not form.validate():
        return _page(person_id, form)
    said = "Sent. They are told that a message waits, and not what it says."
    only_once(form, said=said)
    ways: list[Channel | None] = []
    words = form.words.data or ""
    if refused(
        form,
        lambda: ways.append(services.write_to(db.session(), current_actor(), person_id, words)),
    ):
        return _page(person_id, form)
    idempotency.remember(db.session(), form.key, where)
    drafts.sent(place(MESSAGE, person_id))
    db.session.commit()
    if ways == [None]:
        flash("Kept. No message to them is safe: ring them, so that they know to look.", "notice")
        return safe_redirect(where)
    flash(said)
    return safe_redirect(where)


@bp.post("/people/<uuid:person_id>/messages/read")
@requires(Permission.WORK_CASELOAD)
def read(person_id: UUID) -> Response:
    """Take what they wrote as read."""
    services.mark_read(db.session(), current_actor(), person_id)
    db.session.commit()
    flash("Marked as read.")
    return safe_redirect(url_for("episodes.person", person_id=person_id))


@bp.post("/people/<uuid:person_id>/online")
@requires(Permission.WORK_CASELOAD)
def let_in(person_id: UUID) -> Response:
    """Let the person see their own record online."""
    form = OnlineForm()
    told = services.let_in(db.session(), current_actor(), person_id, understands=bool(form.understands.data))
    db.session.commit()
    if told is Channel.TEXT:
        flash("A text tells them where to sign in. They ring you for a code the first time: show it here.")
    elif told:
        flash("A link is on its way to their email address. At each sign-in they also need a code.")
    else:
        flash("They were written to often today already: tell them that they can come in.", "notice")
    return safe_redirect(url_for("own_side.thread", person_id=person_id))


@bp.post("/people/<uuid:person_id>/online/end")
@requires(Permission.WORK_CASELOAD)
def keep_out(person_id: UUID) -> Response:
    """End the person's way in."""
    services.keep_out(db.session(), current_actor(), person_id)
    db.session.commit()
    flash("They cannot come in online any more.")
    return safe_redirect(url_for("own_side.thread", person_id=person_id))


@bp.post("/people/<uuid:person_id>/online/code")
@requires(Permission.WORK_CASELOAD)
def code(person_id: UUID) -> str:
    """A sign-in code to read out over the phone."""
    queries.thread(db.session(), current_actor(), person_id)
    account_id = accounts.account_of_person(db.session(), person_id)
    if account_id is None:
        raise NotFound
    number = second_factor.issue_code_to_read_out(db.session(), current_actor(), account_id)
    page = _page(person_id, MessageForm(formdata=None), code=number)
    db.session.commit()
    return page


@bp.post("/people/<uuid:person_id>/offers/<uuid:offer_id>/start")
@requires(Permission.WORK_CASELOAD)
def start_helping(person_id: UUID, offer_id: UUID) -> Response:
    """Write down that they took up what they offered."""
    services.start_helping(db.session(), current_actor(), person_id, offer_id)
    db.session.commit()
    flash("Written down. They help now.")
    return safe_redirect(url_for("own_side.thread", person_id=person_id))


def messages_link(*, person_id: UUID, **_more: object) -> Markup:
    """On the person's page: what they wrote, and the way to it."""
    found = queries.in_brief(db.session(), current_actor(), person_id)
    return part("prescribing/residents/team_slot.html", thread=found)


def _page(person_id: UUID, form: MessageForm, *, code: str = "", kept_at: datetime | None = None) -> str:
    found = queries.thread(db.session(), current_actor(), person_id)
    audit.record(db.session(), current_actor(), "person.read", "person", person_id)
    page = render_template(
        "prescribing/residents/thread.html",
        thread=found,
        form=form,
        kept_at=kept_at,
        online=OnlineForm(),
        has_account=accounts.account_of_person(db.session(), person_id) is not None,
        voices=Voice,
        code=code,
        reasons=help_no_reasons(),
    )
    db.session.commit()
    return page


fill("person.writing", messages_link)
contributions.register(queries.news, Watch("person_messages", "person_id", of_people))
timeline.register(happened)
heard.register(queries.written)
