"""The pages of the plan: needs, goals, and who does what by when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import NotFound
from core.idempotency import services as idempotency
from core.web.fields import choices
from core.web.forms import CreateForm, Form
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from prescribing.episodes import person_page, plan, queries
from prescribing.episodes.begun import begun, sent
from prescribing.episodes.forms import ActionForm, GoalForm, NeedForm, number_or_none, uuid_or_none
from prescribing.episodes.goals import GoalView
from prescribing.episodes.models import ActionOwner
from prescribing.episodes.needs import NeedState
from prescribing.episodes.person_page import EpisodeDetail, PersonPage
from prescribing.episodes.views import record_look

bp = Blueprint("plan", __name__)


@bp.get("/episodes/<uuid:episode_id>/needs/new")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def new_need(episode_id: UUID) -> str:
    """Ask what it is about."""
    form, kept_at = begun(NeedForm, episode_id, "need")
    return _need_page(_found(episode_id), form, kept_at=kept_at)


@bp.post("/episodes/<uuid:episode_id>/needs/new")
@requires(Permission.WORK_CASELOAD)
def add_need(episode_id: UUID) -> str | Response:
    """Write a need down."""
    page, form = _found(episode_id), NeedForm()
    form.slug.choices = choices(queries.need_names(db.session()).items())
    if not form.validate():
        return _need_page(page, form)
    return _make(
        form,
        episode_id,
        "need",
        lambda: plan.add_need(
            db.session(), current_actor(), episode_id, form.slug.data or "", form.words.data or ""
        ),
    ) or _need_page(page, form)


@bp.post("/needs/<uuid:need_id>/met")
@requires(Permission.WORK_CASELOAD)
def need_met(need_id: UUID) -> Response:
    """The person says that a need is met."""
    return _close_need(need_id, NeedState.MET)


@bp.post("/needs/<uuid:need_id>/dropped")
@requires(Permission.WORK_CASELOAD)
def need_dropped(need_id: UUID) -> Response:
    """The person no longer wants anything done about a need."""
    return _close_need(need_id, NeedState.DROPPED)


@bp.get("/episodes/<uuid:episode_id>/goals/new")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def new_goal(episode_id: UUID) -> str:
    """Ask what they want."""
    form, kept_at = begun(GoalForm, episode_id, "goal")
    return _goal_page(_found(episode_id), form, kept_at=kept_at)


@bp.post("/episodes/<uuid:episode_id>/goals/new")
@requires(Permission.WORK_CASELOAD)
def add_goal(episode_id: UUID) -> str | Response:
    """Write a goal down."""
    page = _found(episode_id)
    form = _with_needs(GoalForm(), page)
    if not form.validate():
        return _goal_page(page, form)
    return _make(
        form,
        episode_id,
        "goal",
        lambda: plan.add_goal(db.session(), current_actor(), episode_id, _goal_text(form)),
    ) or _goal_page(page, form)


@bp.get("/goals/<uuid:goal_id>")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def goal(goal_id: UUID) -> str:
    """A goal, to change."""
    page, found = _goal(goal_id)
    form = GoalForm(
        version=str(found.version),
        words=found.words,
        need_id=str(found.need_id or ""),
        importance=str(found.importance or ""),
        confidence=str(found.confidence or ""),
        progress=str(found.progress or ""),
        met=found.met_at is not None,
    )
    return _goal_page(page, form, found)


@bp.post("/goals/<uuid:goal_id>")
@requires(Permission.WORK_CASELOAD)
def change_goal(goal_id: UUID) -> str | Response:
    """Change a goal."""
    page, found = _goal(goal_id)
    form = _with_needs(GoalForm(), page)
    if not form.validate() or refused(
        form,
        lambda: plan.change_goal(
            db.session(), current_actor(), goal_id, _goal_text(form), expected_version=form.seen
        ),
    ):
        return _goal_page(page, form, found)
    db.session.commit()
    flash("Saved.")
    return safe_redirect(url_for("episodes.show", episode_id=_detail(page).id))


@bp.get("/episodes/<uuid:episode_id>/actions/new")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def new_action(episode_id: UUID) -> str:
    """Ask who does what by when."""
    form, kept_at = begun(ActionForm, episode_id, "action")
    return _action_page(_found(episode_id), form, kept_at=kept_at)


@bp.post("/episodes/<uuid:episode_id>/actions/new")
@requires(Permission.WORK_CASELOAD)
def add_action(episode_id: UUID) -> str | Response:
    """Write an action down."""
    page = _found(episode_id)
    form = _with_goals(ActionForm(), page)
    if not form.validate():
        return _action_page(page, form)
    text = plan.ActionText(
        words=form.text,
        owner=ActionOwner(form.owner.data),
        goal_id=uuid_or_none(form.goal_id.data),
        due_on=form.due_on.data,
        confidence=form.sure,
    )
    return _make(
        form, episode_id, "action", lambda: plan.add_action(db.session(), current_actor(), episode_id, text)
    ) or _action_page(page, form)


@bp.post("/actions/<uuid:action_id>/done")
@requires(Permission.WORK_CASELOAD)
def action_done(action_id: UUID) -> Response:
    """Tick an action off."""
    action = plan.finish_action(db.session(), current_actor(), action_id)
    episode_id = action.episode_id
    db.session.commit()
    flash("Done.", f"undo {url_for('plan.action_not_done', action_id=action_id)}")
    return safe_redirect(request.form.get("next"), url_for("episodes.show", episode_id=episode_id))


@bp.post("/actions/<uuid:action_id>/not-done")
@requires(Permission.WORK_CASELOAD)
def action_not_done(action_id: UUID) -> Response:
    """Take back that an action was ticked off."""
    action = plan.finish_action(db.session(), current_actor(), action_id, done=False)
    episode_id = action.episode_id
    db.session.commit()
    flash("It is to be done again.")
    return safe_redirect(request.form.get("next"), url_for("episodes.show", episode_id=episode_id))


def _make(form: CreateForm, episode_id: UUID, name: str, act: Callable[[], object]) -> Response | None:
    """Do it once, however often the form is sent; None where something must be mended. `name` is its draft's."""
    only_once(form)
    if refused(form, act):
        return None
    where = url_for("episodes.show", episode_id=episode_id)
    idempotency.remember(db.session(), form.key, where)
    sent(episode_id, name)
    db.session.commit()
    flash("Saved.")
    return safe_redirect(where)


def _close_need(need_id: UUID, target: NeedState) -> Response:
    need = plan.close_need(db.session(), current_actor(), need_id, target)
    episode_id = need.episode_id
    db.session.commit()
    flash("Written down, by their word.")
    return safe_redirect(url_for("episodes.show", episode_id=episode_id))


def _found(episode_id: UUID) -> PersonPage:
    return person_page.episode_detail(db.session(), current_actor(), episode_id)


def _detail(page: PersonPage) -> EpisodeDetail:
    if page.episode is None:
        raise NotFound
    return page.episode


def _goal(goal_id: UUID) -> tuple[PersonPage, GoalView]:
    page = _found(person_page.episode_of_goal(db.session(), current_actor(), goal_id))
    return page, next(each for each in _detail(page).goals if each.id == goal_id)


def _goal_text(form: GoalForm) -> plan.GoalText:
    return plan.GoalText(
        words=form.words.data or "",
        need_id=uuid_or_none(form.need_id.data),
        importance=number_or_none(form.importance.data),
        confidence=number_or_none(form.confidence.data),
        progress=number_or_none(form.progress.data),
        met=bool(form.met.data),
    )


def _with_needs(form: GoalForm, page: PersonPage) -> GoalForm:
    form.need_id.choices = choices(
        ((str(each.id), each.name) for each in _detail(page).needs), first="None of them"
    )
    return form


def _with_goals(form: ActionForm, page: PersonPage) -> ActionForm:
    goals = [(str(each.id), each.words[:80]) for each in _detail(page).goals if each.met_at is None]
    form.goal_id.choices = choices(goals, first="None of them")
    return form


def _need_page(page: PersonPage, form: NeedForm, *, kept_at: datetime | None = None) -> str:
    form.slug.choices = choices(queries.need_names(db.session()).items())
    return _page("need", page, form, kept_at)


def _goal_page(
    page: PersonPage, form: GoalForm, found: GoalView | None = None, *, kept_at: datetime | None = None
) -> str:
    record_look(page.person.id)
    return render_template(
        "prescribing/episodes/goal.html",
        episode=queries.brief(db.session(), current_actor(), _detail(page).id),
        form=_with_needs(form, page),
        goal=found,
        kept_at=kept_at,
    )


def _action_page(page: PersonPage, form: ActionForm, *, kept_at: datetime | None = None) -> str:
    return _page("action", page, _with_goals(form, page), kept_at)


def _page(name: str, page: PersonPage, form: Form, kept_at: datetime | None) -> str:
    record_look(page.person.id)
    brief = queries.brief(db.session(), current_actor(), _detail(page).id)
    return render_template(f"prescribing/episodes/{name}.html", episode=brief, form=form, kept_at=kept_at)
