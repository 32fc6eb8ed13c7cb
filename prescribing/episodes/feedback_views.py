"""Telling whoever referred somebody what came of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import flash, render_template, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import NotFound
from core.web.links import safe_redirect
from prescribing.episodes import closing, queries
from prescribing.episodes.begun import begun, sent
from prescribing.episodes.forms import FeedbackForm
from prescribing.episodes.views import bp, record_look


@bp.get("/episodes/<uuid:episode_id>/feedback")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def feedback(episode_id: UUID) -> str:
    """What whoever referred them would be told."""
    form, kept_at = begun(FeedbackForm, episode_id, "feedback")
    return _page(episode_id, form, kept_at)


@bp.post("/episodes/<uuid:episode_id>/feedback")
@requires(Permission.WORK_CASELOAD)
def send_feedback(episode_id: UUID) -> str | Response:
    """Tell whoever referred them."""
    form = FeedbackForm()
    if not form.validate():
        return _page(episode_id, form)
    closing.send_feedback(db.session(), current_actor(), episode_id, form.words.data or "")
    sent(episode_id, "feedback")
    db.session.commit()
    flash("Sent to whoever referred them.")
    return safe_redirect(url_for("episodes.show", episode_id=episode_id))


def _page(episode_id: UUID, form: FeedbackForm, kept_at: datetime | None = None) -> str:
    found = queries.brief(db.session(), current_actor(), episode_id)
    if found.is_open:
        raise NotFound
    drafted = closing.feedback_for(db.session(), current_actor(), found.id)
    record_look(found.person.id)
    return render_template(
        "prescribing/episodes/feedback.html", episode=found, form=form, told=drafted, kept_at=kept_at
    )
