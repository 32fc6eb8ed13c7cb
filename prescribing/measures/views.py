"""Asking somebody how they are, and showing what has changed. Also the strips on pages of other features."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.errors import Invalid, NotFound, Refused
from core.idempotency import services as idempotency
from core.web.forms import CreateForm
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from core.web.slots import fill, part
from prescribing.drafts.rules import MEASURE, place
from prescribing.episodes import begun
from prescribing.episodes.views import record_look
from prescribing.measures import happened, links, queries, services, telling
from prescribing.measures.charts import change_chart
from prescribing.measures.forms import (
    AskingForm,
    NotTodayForm,
    SendForm,
    asking_type,
    boxes,
    first_answers,
    offer,
    offer_points,
    question_field,
)
from prescribing.measures.instruments import INSTRUMENTS
from prescribing.measures.queries import Asking
from prescribing.measures.rules import CompletedBy, Mode, Point
from prescribing.people.safe_contact import Channel

bp = Blueprint("measures", __name__)

__all__ = ["bp", "happened", "telling"]


@bp.get("/episodes/<uuid:episode_id>/measures")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def show(episode_id: UUID) -> str:
    """How somebody was at the start, and how they are now."""
    page = queries.measures_page(db.session(), current_actor(), episode_id)
    audit.record(db.session(), current_actor(), "measures.read", "episode", episode_id)
    db.session.commit()
    charts = {told.id: change_chart(INSTRUMENTS[told.key], told) for told in page.histories if told.changes}
    return render_template("prescribing/measures/show.html", page=page, charts=charts)


@bp.get("/episodes/<uuid:episode_id>/measures/<instrument>")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def ask(episode_id: UUID, instrument: str) -> str:
    """The questions."""
    found = _asking(episode_id, instrument)
    form, kept_at = begun.begun(asking_type(found.instrument), episode_id, _draft(found), **_first(found))
    if form.point.data not in found.points:
        form.point.data = _likeliest(found)
    return _page(found, offer(form, found.instrument, found.points), _not_today(found), kept_at)


@bp.post("/episodes/<uuid:episode_id>/measures/<instrument>")
@requires(Permission.WORK_CASELOAD)
def record(episode_id: UUID, instrument: str) -> str | Response:
    """Keep the answers."""
    found = _asking(episode_id, instrument)
    form = offer(asking_type(found.instrument)(data=_first(found)), found.instrument, found.points)

    def act() -> None:
        services.record_measurement(
            db.session(),
            current_actor(),
            episode_id,
            instrument,
            point=Point(form.point.data),
            mode=Mode(form.mode.data),
            completed_by=CompletedBy(form.completed_by.data),
            answers=form.answers(found.instrument),
            on=form.on.data,
            goal_id=found.goal_id,
        )

    kept = _keep(found, form, act, "The answers are kept.")
    return kept or _page(found, form, _not_today(found))


@bp.post("/episodes/<uuid:episode_id>/measures/<instrument>/not-today")
@requires(Permission.WORK_CASELOAD)
def not_today(episode_id: UUID, instrument: str) -> str | Response:
    """Keep that it was not asked this time, and why."""
    found = _asking(episode_id, instrument)
    form = _not_today(found)

    def act() -> None:
        services.record_measurement(
            db.session(),
            current_actor(),
            episode_id,
            instrument,
            point=Point(form.point.data),
            mode=Mode.IN_PERSON,
            completed_by=CompletedBy.PERSON,
            answers={},
            not_today_reason=form.not_today,
            goal_id=found.goal_id,
        )

    kept = _keep(found, form, act, "That is fine. We wrote down “not today”.")
    if kept is not None:
        return kept
    _record_look(found)
    return render_template("prescribing/measures/not_today.html", asking=found, form=form)


@bp.post("/episodes/<uuid:episode_id>/measures/<instrument>/send")
@requires(Permission.WORK_CASELOAD)
def send(episode_id: UUID, instrument: str) -> str | Response:
    """Send the questions to the person's own phone or email."""
    form = SendForm()
    found = _asking(episode_id, instrument)
    if form.wanted is None or not form.validate():
        raise Invalid("Go back, and press “Send the questions” again.")
    only_once(form)
    try:
        way = links.send(db.session(), current_actor(), episode_id, instrument, form.wanted)
    except Refused as error:
        db.session.rollback()
        flash(error.message, "notice")
        return safe_redirect(url_for("measures.ask", episode_id=episode_id, instrument=found.instrument.key))
    how = "a text" if way is Channel.TEXT else "an email"
    return _done(episode_id, form, f"The questions are on their way in {how}. The link works once.")


def strip(**context: object) -> Markup:
    """The change in a few lines, for the person's page; nothing without an episode."""
    return _slot("prescribing/measures/strip.html", context)


def before_closing(**context: object) -> Markup:
    """A reminder to ask once more before closing, for the page that closes."""
    return _slot("prescribing/measures/before_closing.html", context)


def _slot(template: str, context: dict[str, object]) -> Markup:
    episode_id = context.get("episode_id")
    if not isinstance(episode_id, UUID):
        return Markup("")
    brief = queries.in_brief(db.session(), current_actor(), episode_id)
    return part(template, brief=brief) if brief is not None else Markup("")


def _keep(
    found: Asking, form: AskingForm | NotTodayForm, act: Callable[[], object], said: str
) -> Response | None:
    """Do it, once: where to go on. None where something is to be mended first, which stands on the form then."""
    if not form.validate():
        return None
    only_once(form)
    if refused(form, act, boxes=boxes(found.instrument)):
        return None
    begun.sent(found.episode.id, _draft(found))
    return _done(found.episode.id, form, said)


def _asking(episode_id: UUID, instrument: str) -> Asking:
    return queries.asking(
        db.session(),
        current_actor(),
        episode_id,
        instrument,
        closing=request.args.get("closing") == "yes",
        goal_id=_goal_id(),
    )


def _goal_id() -> UUID | None:
    """The goal that the address names. Raises `NotFound` for what is no id."""
    text = request.args.get("goal", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound from None


def _draft(found: Asking) -> str:
    """Where the answers are kept while they are typed, perhaps off paper."""
    return place(f"{MEASURE}-{found.instrument.key}", found.goal_id)


def _likeliest(found: Asking) -> Point:
    return found.likeliest or Point.BASELINE


def _first(found: Asking) -> dict[str, str]:
    return first_answers(_likeliest(found), found.sitting)


def _not_today(found: Asking) -> NotTodayForm:
    form = NotTodayForm(point=_likeliest(found).value)
    offer_points(form, found.points)
    return form


def _page(found: Asking, form: AskingForm, other: NotTodayForm, kept_at: datetime | None = None) -> str:
    _record_look(found)
    return render_template(
        "prescribing/measures/ask.html",
        asking=found,
        form=form,
        not_today=other,
        questions=[(item, form[question_field(item)]) for item in found.instrument.items],
        send=SendForm(formdata=None, point=_likeliest(found).value),
        way=links.way_of(db.session(), current_actor(), found.episode.id),
        draft=_draft(found),
        kept_at=kept_at,
        worded=all(item.question for item in found.instrument.items),
    )


def _record_look(found: Asking) -> None:
    """Keep that somebody was shown whom the questions are for, with answers to mend as well: nobody is asked by it."""
    record_look(found.episode.person.id)


def _done(episode_id: UUID, form: CreateForm, words: str) -> Response:
    there = url_for("measures.show", episode_id=episode_id)
    idempotency.remember(db.session(), form.key, there)
    db.session.commit()
    flash(words)
    return safe_redirect(there)


fill("person.measures", strip)
fill("episode.close", before_closing)
