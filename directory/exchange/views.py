"""An editor's pages for taking data in: sources, what an import would do, and its yes or no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Actor, Permission
from core.db import db
from core.errors import Invalid, NotFound
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.sending import only_once
from core.web.slots import add_navigation
from directory.exchange import feed_queries, reading, runs, tables, vanished, working
from directory.exchange.feed_rules import FeedKind, RunState
from directory.exchange.forms import ChangeFeedForm, ColumnsForm, FeedForm, StartForm, columns_form
from directory.exchange.runs import FeedValues

bp = Blueprint("sources", __name__)

add_navigation(Permission.MODERATE, "Data we take in", "sources.home", 75)

_STEPS: Mapping[str, tuple[Callable[[Any, Actor, UUID], None], str]] = {
    "take-in": (runs.take_in, "We are taking it in. This can take a few minutes."),
    "drop": (runs.drop, "Nothing was taken in."),
    "stop": (runs.stop, "Stopped. What was read is kept."),
    "go-on": (runs.go_on, "We are reading on."),
}


@bp.get("/sources")
@requires(Permission.MODERATE)
def home() -> str:
    """Every source with its health, and the imports that wait for a person."""
    session, actor = db.session(), current_actor()
    feeds, page, pages = feed_queries.feeds(session, actor, request.args.get("page", 1, type=int))
    waiting = feed_queries.runs_of(session, actor)
    return render_template(
        "directory/exchange/sources.html", feeds=feeds, waiting=waiting, page=page, pages=pages
    )


@bp.get("/sources/vanished")
@requires(Permission.MODERATE)
def gone() -> str:
    """Listings whose source gives them no more, of one source or of all, with whom to ask."""
    source = request.args.get("source", type=UUID)
    page = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    found = feed_queries.vanished(db.session(), current_actor(), page, source)
    return render_template("directory/exchange/vanished.html", found=found)


@bp.post("/sources/vanished/<uuid:record_id>/<answer>")
@requires(Permission.MODERATE)
def decide(record_id: UUID, answer: str) -> Response:
    """Keep it, or close it."""
    if answer not in list(vanished.Answer):
        raise NotFound
    chosen = vanished.Answer(answer)
    vanished.decide(db.session(), current_actor(), record_id, chosen)
    db.session.commit()
    flash(chosen.words, "success")
    return safe_redirect(url_for("sources.gone"))


@bp.get("/sources/new")
@requires(Permission.MODERATE)
def new() -> str:
    """A new source."""
    return render_template("directory/exchange/new.html", form=FeedForm())


@bp.post("/sources/new")
@requires(Permission.MODERATE)
def create() -> str | Response:
    """Make it, and begin to read it where it has an address."""
    form, session = FeedForm(), db.session()
    if not form.validate():
        return render_template("directory/exchange/new.html", form=form)
    only_once(form)
    values = FeedValues(
        form.name.data or "",
        form.publisher.data or "",
        form.licence.data or "",
        FeedKind(form.kind.data),
        (form.address.data or "").strip(),
        form.hours,
    )
    try:
        feed_id = runs.create_feed(session, current_actor(), values)
    except Invalid as error:
        session.rollback()
        form.add_error(error.field, error.message)
        return render_template("directory/exchange/new.html", form=form)
    path = url_for("sources.feed", feed_id=feed_id)
    if values.address:
        run_id = runs.start_run(session, current_actor(), feed_id)
        path = url_for("sources.run", run_id=run_id)
    idempotency.remember(session, form.key, path)
    session.commit()
    return safe_redirect(path)


@bp.get("/sources/<uuid:feed_id>")
@requires(Permission.MODERATE)
def feed(feed_id: UUID) -> str:
    """One source: its health, its imports, and a new one."""
    return _feed_page(feed_id, StartForm())


@bp.post("/sources/<uuid:feed_id>/start")
@requires(Permission.MODERATE)
def start(feed_id: UUID) -> str | Response:
    """Begin an import, from a file or from the address."""
    form, session = StartForm(), db.session()
    if not form.validate():
        return _feed_page(feed_id, form)
    only_once(form)
    given = request.files.get("file")
    file = given if given is not None and given.filename else None
    try:
        run_id = runs.start_run(
            session,
            current_actor(),
            feed_id,
            file.filename or "" if file else "",
            file.stream if file else None,  # type: ignore[arg-type]
        )
    except Invalid as error:
        session.rollback()
        form.add_error(error.field, error.message)
        return _feed_page(feed_id, form)
    path = url_for("sources.run", run_id=run_id)
    idempotency.remember(session, form.key, path)
    session.commit()
    return safe_redirect(path)


@bp.post("/sources/<uuid:feed_id>/change")
@requires(Permission.MODERATE)
def change(feed_id: UUID) -> str | Response:
    """Another address, or another rhythm."""
    form, session = ChangeFeedForm(), db.session()
    feed_queries.feed(session, current_actor(), feed_id)
    if form.validate():
        try:
            address = (form.address.data or "").strip()
            runs.change_feed(session, current_actor(), feed_id, address, form.hours)
            session.commit()
            flash("Saved.", "success")
            return safe_redirect(url_for("sources.feed", feed_id=feed_id))
        except Invalid as error:
            session.rollback()
            form.add_error(error.field, error.message)
    return _feed_page(feed_id, StartForm(), form)


@bp.get("/sources/imports/<uuid:run_id>")
@requires(Permission.MODERATE)
def run(run_id: UUID) -> str:
    """One import: how far it is, what it would do, and what it did."""
    return _run_page(run_id)


@bp.post("/sources/imports/<uuid:run_id>/<step>")
@requires(Permission.MODERATE)
def step(run_id: UUID, step: str) -> Response:
    """Take it in, drop it, stop it or go on."""
    if step not in _STEPS:
        raise NotFound
    do, words = _STEPS[step]
    do(db.session(), current_actor(), run_id)
    db.session.commit()
    flash(words, "success")
    return safe_redirect(url_for("sources.run", run_id=run_id))


@bp.post("/sources/imports/<uuid:run_id>/columns")
@requires(Permission.MODERATE)
def columns(run_id: UUID) -> str | Response:
    """Say which column holds what."""
    session = db.session()
    line = feed_queries.run(session, current_actor(), run_id)
    form = _columns_form(line) if line.state is RunState.COLUMNS else None
    if form is None or not form.validate():
        return _run_page(run_id, form)
    try:
        runs.name_columns(session, current_actor(), run_id, form.columns())
    except Invalid as error:
        session.rollback()
        form.add_error(f"column-{error.field}", error.message)
        return _run_page(run_id, form)
    session.commit()
    return safe_redirect(url_for("sources.run", run_id=run_id))


@bp.get("/sources/imports/<uuid:run_id>/report.csv")
@requires(Permission.MODERATE)
def report(run_id: UUID) -> Response:
    """All that became of every row. Raises `NotFound` when it is not kept any more."""
    feed_queries.run(db.session(), current_actor(), run_id)
    path = working.report_file(run_id)
    if path is None:
        raise NotFound
    headers = {"Content-Disposition": f"attachment; filename=import-{run_id}.csv"}
    return Response(path.read_bytes(), mimetype="text/csv", headers=headers)


def _feed_page(feed_id: UUID, form: StartForm, changing: ChangeFeedForm | None = None) -> str:
    session, actor = db.session(), current_actor()
    line = feed_queries.feed(session, actor, feed_id)
    if changing is None:
        rhythm = str(line.every_hours) if line.every_hours else ""
        changing = ChangeFeedForm(formdata=None) if request.method == "GET" else ChangeFeedForm()
        changing.address.data, changing.every_hours.data = line.address, rhythm
    return render_template(
        "directory/exchange/feed.html",
        feed=line,
        runs=feed_queries.runs_of(session, actor, feed_id),
        starting=form,
        changing=changing,
        # The summary of problems at the top is of the form that was sent.
        form=changing if changing.problems() else form,
    )


def _run_page(run_id: UUID, form: ColumnsForm | None = None) -> str:
    line = feed_queries.run(db.session(), current_actor(), run_id)
    if form is None and line.state is RunState.COLUMNS:
        form = _columns_form(line)
    return render_template(
        "directory/exchange/import.html",
        run=line,
        form=form,
        has_report=working.report_file(run_id) is not None,
        states=RunState,
    )


def _columns_form(line: feed_queries.RunLine) -> ColumnsForm:
    heading = reading.heading_of(runs.folder_of(line.id))
    return columns_form(heading, tables.guess(heading))
