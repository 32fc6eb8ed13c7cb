"""Going to somebody of the team by name. What was typed stays out of the address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.web.links import safe_redirect
from prescribing.episodes import finding
from prescribing.episodes.forms import FindForm

bp = Blueprint("finding", __name__)


@bp.post("/today/find")
@requires(Permission.WORK_CASELOAD)
def find() -> str | Response:
    """Go to the one who is meant, or show who may be."""
    form = FindForm()
    found = None
    if form.validate():
        meant = finding.by_reference(db.session(), current_actor(), form.words.data or "")
        if meant is not None:
            values: dict[str, Any] = {**meant.values}
            return safe_redirect(url_for(meant.endpoint, **values))
        found = finding.by_name(db.session(), current_actor(), form.words.data or "")
        audit.record(db.session(), current_actor(), "caseload.read", "episode", None, count=len(found.lines))
        db.session.commit()
        if found.found == 1:
            return safe_redirect(url_for("episodes.person", person_id=found.lines[0].person.id))
    return render_template("prescribing/episodes/found.html", form=form, found=found)
