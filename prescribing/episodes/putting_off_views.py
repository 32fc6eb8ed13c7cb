"""Putting somebody off from Today to another day."""

from __future__ import annotations

from uuid import UUID

from flask import flash, render_template, url_for
from werkzeug.wrappers import Response

from core import clock
from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.calendar.rules import say_day
from core.db import db
from core.web.links import safe_redirect
from core.web.mending import refused
from prescribing.episodes import queries, services
from prescribing.episodes.forms import PutOffForm
from prescribing.episodes.queries import EpisodeBrief
from prescribing.episodes.today_rules import longest_snooze, snooze_days
from prescribing.episodes.views import bp, record_look


@bp.get("/episodes/<uuid:episode_id>/put-off")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def put_off(episode_id: UUID) -> str:
    """Ask until when."""
    found = queries.brief(db.session(), current_actor(), episode_id)
    return _page(found, PutOffForm(version=str(found.version)))


@bp.post("/episodes/<uuid:episode_id>/put-off")
@requires(Permission.WORK_CASELOAD)
def do_put_off(episode_id: UUID) -> str | Response:
    """Put somebody off to another day."""
    form, found = PutOffForm(), queries.brief(db.session(), current_actor(), episode_id)
    until = form.until.data
    if (
        not form.validate()
        or until is None
        or refused(
            form,
            lambda: services.put_off(
                db.session(), current_actor(), episode_id, until, expected_version=form.seen
            ),
            version=found.version,
            over=found.with_nobody,
        )
    ):
        return _page(found, form)
    db.session.commit()
    flash(f"You see them on {say_day(until, clock.today())}.")
    return safe_redirect(url_for("episodes.today"))


def _page(found: EpisodeBrief, form: PutOffForm) -> str:
    """The days that are meant most, one press each, and any other."""
    record_look(found.person.id)
    today, risk = clock.today(), found.person.has_risk
    days = [(f"Until {say_day(day, today)}", day) for day in snooze_days(today, risk=risk)]
    return render_template(
        "prescribing/episodes/put_off.html",
        episode=found,
        form=form,
        days=days,
        most=longest_snooze(risk=risk),
        risk=risk,
    )
