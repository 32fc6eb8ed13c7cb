"""An editor's desk: what waits, one page to decide on each, and a way to take it back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Invalid
from core.web.links import safe_redirect
from core.web.mending import refused
from directory.listings import deciding, moderation, undoing
from directory.listings.deciding_forms import ManyForm, ReasonForm

bp = Blueprint("moderation", __name__)

Answer = str | Response | tuple[str, int]


@bp.get("/moderation")
@requires(Permission.MODERATE)
def queue() -> str:
    """All that waits: what wants a second look first, then the oldest."""
    return _show_queue(ManyForm())


@bp.post("/moderation/decide")
@requires(Permission.MODERATE)
def decide_many() -> Answer:
    """Say the same of all that was ticked."""
    form = ManyForm()
    if not form.validate():
        return _show_queue(form), 400
    try:
        decided = deciding.decide_many(
            db.session(), current_actor(), form.picked(), form.said(), form.reason.data or ""
        )
    except Invalid as fault:
        form.add_error("reason" if fault.field == "reason" else None, fault.message)
        return _show_queue(form), 400
    db.session.commit()
    if decided.done:
        flash(f"Done: {decided.done}. You can take it back for an hour, below.")
    if decided.refused:
        flash(f"Left as they were. {' '.join(decided.refused)}", "notice")
    return safe_redirect(url_for("moderation.queue"))


@bp.post("/moderation/decisions/<uuid:batch_id>/undo")
@requires(Permission.MODERATE)
def undo(batch_id: UUID) -> Response:
    """Take back what was decided by one press."""
    number = undoing.undo(db.session(), current_actor(), batch_id)
    db.session.commit()
    flash(f"Taken back: {number}. {'It waits' if number == 1 else 'They wait'} for you again.")
    return safe_redirect(url_for("moderation.queue"))


@bp.get("/moderation/changes/<uuid:change_id>")
@requires(Permission.MODERATE)
def change(change_id: UUID) -> str:
    """One change, field by field."""
    return _show_change(change_id, ReasonForm())


@bp.post("/moderation/changes/<uuid:change_id>/approve")
@requires(Permission.MODERATE)
def approve(change_id: UUID) -> Answer:
    """Make it public."""
    return _decided(
        ReasonForm(),
        lambda: deciding.approve(db.session(), current_actor(), change_id),
        lambda form: _show_change(change_id, form),
        "Approved. It is public now.",
    )


@bp.post("/moderation/changes/<uuid:change_id>/looked-at")
@requires(Permission.MODERATE)
def looked_at(change_id: UUID) -> Answer:
    """It was public already, and it is fine."""
    return _decided(
        ReasonForm(),
        lambda: deciding.looked_at(db.session(), current_actor(), change_id),
        lambda form: _show_change(change_id, form),
        "Thank you. It stays as it is.",
    )


@bp.post("/moderation/changes/<uuid:change_id>/send-back")
@requires(Permission.MODERATE)
def send_back(change_id: UUID) -> Answer:
    """Give it back with a reason."""
    return _with_reason(
        lambda reason: deciding.send_back(db.session(), current_actor(), change_id, reason),
        lambda form: _show_change(change_id, form),
        "Sent back. The group gets an email with a link to your reason.",
    )


@bp.post("/moderation/changes/<uuid:change_id>/put-back")
@requires(Permission.MODERATE)
def put_back(change_id: UUID) -> Answer:
    """Undo what is public already, with a reason."""
    return _with_reason(
        lambda reason: deciding.put_back(db.session(), current_actor(), change_id, reason),
        lambda form: _show_change(change_id, form),
        "Put back as it was. The group gets an email with a link to your reason.",
    )


@bp.get("/moderation/listings/<uuid:service_id>")
@requires(Permission.MODERATE)
def listing(service_id: UUID) -> str:
    """A new listing, as its page would be."""
    return _show_listing(service_id, ReasonForm())


@bp.post("/moderation/listings/<uuid:service_id>/publish")
@requires(Permission.MODERATE)
def publish(service_id: UUID) -> Answer:
    """Publish it."""
    return _decided(
        ReasonForm(),
        lambda: deciding.publish(db.session(), current_actor(), service_id),
        lambda form: _show_listing(service_id, form),
        "Published. People can find it.",
    )


@bp.post("/moderation/listings/<uuid:service_id>/send-back")
@requires(Permission.MODERATE)
def return_listing(service_id: UUID) -> Answer:
    """Give the whole listing back with a reason."""
    return _with_reason(
        lambda reason: deciding.return_listing(
            db.session(), current_actor(), service_id, reason, for_good=False
        ),
        lambda form: _show_listing(service_id, form),
        "Sent back. The group gets an email with a link to your reason.",
    )


@bp.post("/moderation/listings/<uuid:service_id>/reject")
@requires(Permission.MODERATE)
def reject(service_id: UUID) -> Answer:
    """Say that it does not belong in the directory, with a reason."""
    return _with_reason(
        lambda reason: deciding.return_listing(
            db.session(), current_actor(), service_id, reason, for_good=True
        ),
        lambda form: _show_listing(service_id, form),
        "Not accepted. The group gets an email with a link to your reason.",
    )


def _show_queue(form: ManyForm) -> str:
    session, actor = db.session(), current_actor()
    return render_template(
        "directory/listings/queue.html",
        queue=moderation.queue(session, actor, request.args.get("page", 1, type=int)),
        lately=undoing.lately(session, actor),
        form=form,
    )


def _show_change(change_id: UUID, form: ReasonForm) -> str:
    item = moderation.decision(db.session(), current_actor(), change_id)
    return render_template("directory/listings/decision.html", item=item, form=form)


def _show_listing(service_id: UUID, form: ReasonForm) -> str:
    item = moderation.new_listing(db.session(), current_actor(), service_id)
    return render_template("directory/listings/new_listing.html", item=item, page=item.page, form=form)


def _with_reason(decide: Callable[[str], None], show: Callable[[ReasonForm], str], done: str) -> Answer:
    form = ReasonForm()
    if not form.validate():
        return show(form), 400
    return _decided(form, lambda: decide(form.reason.data or ""), show, done)


def _decided(
    form: ReasonForm, decide: Callable[[], None], show: Callable[[ReasonForm], str], done: str
) -> Answer:
    """Where another editor was quicker, show how it ended beside what was written."""
    if refused(form, decide):
        return show(form), 409
    db.session.commit()
    flash(f"{done} You can take it back for an hour, below.")
    return safe_redirect(url_for("moderation.queue"))
