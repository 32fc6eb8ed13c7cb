"""Where an editor sees what may be there twice, makes two entries one, and two again."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.sending import only_once
from directory.stewardship.duplicates import merging, queries, services
from directory.stewardship.duplicates.forms import FIRST, SECOND, MergeForm

bp = Blueprint("duplicates", __name__)

Page = str | Response | tuple[str, int]


@bp.get("/moderation/duplicates")
@requires(Permission.MODERATE)
def pairs() -> str:
    """What may be there twice, the likeliest first."""
    session, actor = db.session(), current_actor()
    return render_template(
        "directory/stewardship/duplicates.html",
        found=queries.pairs(session, actor, request.args.get("page", 1, type=int)),
        merges=queries.merges(session, actor),
    )


@bp.post("/moderation/duplicates/<uuid:pair_id>/different")
@requires(Permission.MODERATE)
def dismiss(pair_id: UUID) -> Response:
    """They are not the same."""
    services.dismiss(db.session(), current_actor(), pair_id)
    db.session.commit()
    flash("Kept apart. You will not be asked about these two again.")
    return safe_redirect(url_for("duplicates.pairs"))


@bp.route("/moderation/duplicates/<uuid:pair_id>", methods=["GET", "POST"])
@requires(Permission.MODERATE)
def merge(pair_id: UUID) -> Page:
    """Two entries side by side: which stays, and whose words."""
    session = db.session()
    form = MergeForm()
    if form.is_submitted():
        # Before anything is looked up: once the two are one, there is no such pair any more.
        with suppress(ValueError):
            only_once(form)
    page = queries.pair_page(session, current_actor(), pair_id)
    form.offer(page)
    if not form.is_submitted():
        form.keep.data = str(page.keep)
    taken = _taken(page)
    if not form.validate_on_submit():
        body = render_template("directory/stewardship/merge.html", page=page, form=form, taken=taken)
        return body, 400 if form.is_submitted() else 200
    into = page.second_id if form.keep.data == str(page.second_id) else page.first_id
    old, side = (page.first_id, FIRST) if into == page.second_id else (page.second_id, SECOND)
    take = [name for name, which in taken.items() if which == side]
    merging.merge(session, current_actor(), page.line.kind, old, into, take)
    there = url_for("duplicates.pairs")
    idempotency.remember(session, form.key, there)
    session.commit()
    flash("They are one now, and the old address leads to it. You can undo this for 30 days, below.")
    return safe_redirect(there)


@bp.post("/moderation/merges/<uuid:merge_id>/undo")
@requires(Permission.MODERATE)
def undo(merge_id: UUID) -> Response:
    """Make two of them again."""
    merging.undo(db.session(), current_actor(), merge_id)
    db.session.commit()
    flash("They are two again.")
    return safe_redirect(url_for("duplicates.pairs"))


def _taken(page: queries.PairPage) -> dict[str, str]:
    """For each differing field, the side that it comes from: what was chosen, else what we propose."""
    sent = {side.name: request.form.get(f"field-{side.name}", "") for side in page.sides}
    return {
        side.name: sent[side.name] if sent[side.name] in {FIRST, SECOND} else side.proposed
        for side in page.sides
    }
