"""What came of it, for whoever pays for it: fixed periods, the same figures as picture, table, words and file."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission, Role
from core.accounts.landing import register_landing
from core.db import db
from core.web.slots import add_navigation
from prescribing.evidence import failure_queries, queries
from prescribing.evidence.charts import (
    anything_hidden,
    flow_chart,
    outcome_chart,
    pareto_chart,
    variation_chart,
)
from prescribing.evidence.download import to_csv
from prescribing.evidence.queries import PeriodChoice, PublicationView
from prescribing.evidence.rules import SETTLE_DAYS, PeriodKind, Stage, read_period, slug_of

bp = Blueprint("evidence", __name__)

add_navigation(Permission.SEE_EVIDENCE, "What came of it", "evidence.show", 60)
register_landing(Role.COMMISSIONER, "evidence.show")

# On the page a breakdown shows the stages that decide; the file holds all.
TOLD = (Stage.REQUESTS, Stage.ACTIVE, Stage.REFERRED_ONWARD, Stage.STARTED, Stage.SUSTAINED)
KIND_WORDS = {PeriodKind.QUARTER: "Quarters", PeriodKind.YEAR: "Years", PeriodKind.MONTH: "Months"}


@bp.get("/evidence")
@requires(Permission.SEE_EVIDENCE)
def show() -> str:
    """One period; the latest quarter where none is asked for."""
    choices = queries.periods(db.session(), current_actor())
    wanted = _wanted(choices)
    if not wanted:
        return _nothing()
    view = _published(wanted)
    return render_template(
        "prescribing/evidence/show.html",
        view=view,
        choices=choices,
        kinds=KIND_WORDS,
        told=[view.breakdowns[0].stages.index(stage) for stage in TOLD] if view.breakdowns else [],
        flow_chart=flow_chart(view),
        outcome_chart=outcome_chart(view),
        hidden=anything_hidden(view),
        days=SETTLE_DAYS,
        helping=failure_queries.helping(db.session(), current_actor(), view.period),
    )


@bp.get("/evidence/failures")
@requires(Permission.SEE_EVIDENCE)
def failures() -> str:
    """How often something went wrong, why, and what it cost; in the latest quarter where none is asked for."""
    wanted = _wanted(queries.periods(db.session(), current_actor()))
    if not wanted:
        return _nothing()
    period = read_period(wanted)
    view = failure_queries.failures(db.session(), current_actor(), period)
    return render_template(
        "prescribing/evidence/failures.html",
        period=period,
        slug=slug_of(period),
        view=view,
        causes_chart=pareto_chart(view.causes) if view else None,
        months_chart=variation_chart(view.variation) if view else None,
    )


@bp.get("/evidence/missing")
@requires(Permission.SEE_EVIDENCE)
def missing() -> str:
    """What was missing, and in which ward; in the latest quarter where none is asked for."""
    wanted = _wanted(queries.periods(db.session(), current_actor()))
    if not wanted:
        return _nothing()
    period = read_period(wanted)
    return render_template(
        "prescribing/evidence/missing.html",
        period=period,
        slug=slug_of(period),
        view=failure_queries.lacking(db.session(), current_actor(), period),
        may_see_searches=current_actor().can(Permission.SEE_SEARCHES),
    )


@bp.get("/evidence/download")
@requires(Permission.SEE_EVIDENCE)
def download() -> Response:
    """The same figures as a file."""
    view = _published(request.args.get("period", ""))
    session, actor = db.session(), current_actor()
    failed = failure_queries.failures(session, actor, view.period)
    lacking = failure_queries.lacking(session, actor, view.period)
    helping = failure_queries.helping(session, actor, view.period)
    response = make_response(to_csv(view, failed, lacking, helping))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="what-came-of-it-{view.slug}.csv"'
    return response


def _published(slug: str) -> PublicationView:
    return queries.publication(db.session(), current_actor(), read_period(slug))


def _wanted(choices: Sequence[PeriodChoice]) -> str:
    """The period that is asked for, else the latest quarter; empty where nothing was published yet."""
    return request.args.get("period") or (choices[0].slug if choices else "")


def _nothing() -> str:
    return render_template("prescribing/evidence/nothing.html", days=SETTLE_DAYS)
