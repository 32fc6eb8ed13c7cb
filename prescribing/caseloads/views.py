"""A coordinator's view of who carries how much, with the ways to balance it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from core.web.slots import add_navigation
from prescribing.caseloads import queries, services
from prescribing.caseloads.forms import CoverForm, HandOverForm
from prescribing.drafts import pages as drafts
from prescribing.drafts.rules import NOBODY, About, place
from prescribing.episodes.queries import brief
from prescribing.episodes.views import record_look

bp = Blueprint("caseloads", __name__)

add_navigation(Permission.TRIAGE, "Caseloads", "caseloads.board", 12)


@bp.get("/caseloads")
@requires(Permission.TRIAGE)
def board() -> str:
    """Who carries how much."""
    workers, late = queries.loads(db.session(), current_actor())
    most = max((each.load for each in workers), default=0)
    return render_template("prescribing/caseloads/board.html", workers=workers, late=late, most=most)


@bp.get("/caseloads/<uuid:account_id>")
@requires(Permission.TRIAGE, audits_read=True)
def one(account_id: UUID) -> str:
    """One link worker's people, to hand over, and their leave, to cover."""
    begun = drafts.begun(_draft(account_id))
    if begun is None:
        return _page(account_id)
    theirs = {each.episode_id for each in _caseload(account_id).people}
    # Whoever went elsewhere meanwhile is not handed over any more, and nothing is shown that was for them.
    fields = [pair for about, fields in begun.parts if about.episode_id in {None, *theirs} for pair in fields]
    form = HandOverForm(drafts.answers(dict.fromkeys(fields)))
    return _page(account_id, over=form, kept_at=begun.saved_at if fields else None)


@bp.post("/caseloads/<uuid:account_id>/hand-over")
@requires(Permission.TRIAGE)
def hand_over(account_id: UUID) -> str | Response:
    """Hand people over to a colleague, with a note."""
    found = _caseload(account_id)
    only_kept = drafts.only_kept(
        _draft(account_id), lambda: _parts(found), page=url_for("caseloads.one", account_id=account_id)
    )
    if only_kept is not None:
        return only_kept
    form = _over(HandOverForm(), found)
    if not form.validate():
        return _page(account_id, over=form)
    only_once(form)
    chosen = [UUID(text) for text in form.people.data or ()]
    if refused(
        form,
        lambda: services.hand_over(
            db.session(), current_actor(), chosen, UUID(form.to_id.data), form.note.data or ""
        ),
    ):
        return _page(account_id, over=form)
    where = url_for("caseloads.one", account_id=account_id)
    idempotency.remember(db.session(), form.key, where)
    drafts.sent(_draft(account_id))
    db.session.commit()
    flash(f"{len(chosen)} handed over. Your colleague sees the note on Today.")
    return safe_redirect(where)


@bp.post("/caseloads/<uuid:account_id>/cover")
@requires(Permission.TRIAGE)
def cover(account_id: UUID) -> str | Response:
    """Arrange who stands in."""
    form = CoverForm()
    form.offer(_caseload(account_id).colleagues)
    if not form.validate() or form.first_day.data is None or form.last_day.data is None:
        return _page(account_id, cover=form)
    only_once(form)
    days = (form.first_day.data, form.last_day.data)
    if refused(
        form,
        lambda: services.arrange_cover(
            db.session(), current_actor(), account_id, UUID(form.stand_in_id.data), *days
        ),
    ):
        return _page(account_id, cover=form)
    where = url_for("caseloads.one", account_id=account_id)
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    flash("Cover is arranged. It begins and ends by itself.")
    return safe_redirect(where)


@bp.post("/covers/<uuid:cover_id>/end")
@requires(Permission.TRIAGE)
def end_cover(cover_id: UUID) -> Response:
    """Somebody is back."""
    ended = services.end_cover(db.session(), current_actor(), cover_id)
    where = url_for("caseloads.one", account_id=ended.away_id)
    db.session.commit()
    flash("Cover has ended.")
    return safe_redirect(where)


@bp.get("/episodes/<uuid:episode_id>/handed-over")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def handed_over(episode_id: UUID) -> str:
    """What colleagues wrote when they handed somebody over."""
    found = brief(db.session(), current_actor(), episode_id)
    notes = queries.handovers(db.session(), current_actor(), episode_id)
    record_look(found.person.id)
    return render_template("prescribing/caseloads/handed_over.html", episode=found, notes=notes)


def _over(form: HandOverForm, found: queries.Caseload) -> HandOverForm:
    form.offer([(each.episode_id, each.person.called) for each in found.people], found.colleagues)
    return form


def _caseload(account_id: UUID) -> queries.Caseload:
    return queries.caseload(db.session(), current_actor(), account_id)


def _draft(account_id: UUID) -> str:
    return place("hand-over", account_id)


def _parts(found: queries.Caseload) -> drafts.Parts:
    """What stands in the form now. The note is for everybody who is ticked, so each of their records has it."""
    said = [pair for pair in request.form.items(multi=True) if pair[0] != "people"]
    ticked = set(request.form.getlist("people"))
    over = [each.episode_id for each in found.people if str(each.episode_id) in ticked]
    return {About(episode_id=one): [*said, ("people", str(one))] for one in over} or {NOBODY: said}


def _page(
    account_id: UUID,
    *,
    over: HandOverForm | None = None,
    cover: CoverForm | None = None,
    kept_at: datetime | None = None,
) -> str:
    """One link worker's page; that it was looked at is recorded."""
    found = _caseload(account_id)
    audit.record(
        db.session(), current_actor(), "caseload.read", "account", account_id, count=len(found.people)
    )
    db.session.commit()
    leave = cover or CoverForm()
    leave.offer(found.colleagues)
    return render_template(
        "prescribing/caseloads/one.html",
        found=found,
        form=over if over is not None else cover,
        over=_over(over or HandOverForm(), found),
        leave=leave,
        kept_at=kept_at,
    )
