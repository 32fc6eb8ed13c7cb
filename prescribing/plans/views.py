"""The pages of a plan as the person takes it: for the team to give, and for the person themself."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core import clock
from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.idempotency import services as idempotency
from core.notify.rules import Format, format_for
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from prescribing.episodes.queries import EpisodeBrief
from prescribing.people.queries import PersonRecord
from prescribing.plans import queries, services
from prescribing.plans.forms import GiveForm, read_format
from prescribing.plans.rules import FORMAT_WORDS, Copy, Way, sections

bp = Blueprint("plans", __name__)


@bp.get("/episodes/<uuid:episode_id>/copy")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def copy(episode_id: UUID) -> str:
    """Their plan in their words, to read, print and give."""
    episode, found = queries.copy_for_team(db.session(), current_actor(), episode_id)
    asked = _asked(episode.person)
    return _page(episode.person, found, asked, GiveForm(form=asked.value), episode)


@bp.post("/episodes/<uuid:episode_id>/copy")
@requires(Permission.WORK_CASELOAD)
def give(episode_id: UUID) -> str | Response:
    """Write down that they were given it."""
    episode, found = queries.copy_for_team(db.session(), current_actor(), episode_id)
    form = GiveForm()
    form.offer(services.ways_for(episode.person.contact))
    if not form.validate():
        return _page(episode.person, found, form.chosen, form, episode)
    only_once(form)
    way = Way(form.way.data)
    if refused(form, lambda: services.give(db.session(), current_actor(), episode_id, way, form.chosen)):
        return _page(episode.person, found, form.chosen, form, episode)
    there = url_for("episodes.show", episode_id=episode_id)
    idempotency.remember(db.session(), form.key, there)
    db.session.commit()
    flash("Written down." if way is not Way.EMAIL else "They get an email with a link to it.")
    return safe_redirect(there)


@bp.get("/me/plan")
@requires(Permission.SEE_OWN_RECORD, audits_read=True)
def own() -> str | Response:
    """One's own plan, to read, hear, print and keep."""
    found = queries.own_copy(db.session(), current_actor())
    if found is None:
        return safe_redirect("/me")
    return _page(*found, _asked(found[0]))


def _asked(person: PersonRecord) -> Format:
    return read_format(request.args.get("form")) or format_for(person.communication_needs)


def _page(
    person: PersonRecord,
    found: Copy,
    form: Format,
    give_form: GiveForm | None = None,
    episode: EpisodeBrief | None = None,
) -> str:
    audit.record(
        db.session(),
        current_actor(),
        "person.read-own" if episode is None else "person.read",
        "person",
        person.id,
    )
    db.session.commit()
    if give_form is not None:
        give_form.offer(services.ways_for(person.contact))
    return render_template(
        "prescribing/plans/copy.html",
        copy=found,
        sections=sections(found, clock.today()),
        chosen=form,
        formats=FORMAT_WORDS,
        form=give_form,
        person=person if episode is not None else None,
        episode=episode,
    )
