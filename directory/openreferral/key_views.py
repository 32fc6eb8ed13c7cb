"""Pages for those who give out keys."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.sending import only_once
from core.web.slots import add_navigation
from directory.openreferral import keys, services
from directory.openreferral.forms import KeyForm

bp = Blueprint("api_keys", __name__)

add_navigation(Permission.MANAGE_API_KEYS, "Keys for open data", "api_keys.home", 83)


@bp.get("/open-data/keys")
@requires(Permission.MANAGE_API_KEYS)
def home() -> str:
    """Every key, and a new one."""
    return _page(KeyForm())


@bp.post("/open-data/keys")
@requires(Permission.MANAGE_API_KEYS)
def issue() -> str | Response:
    """Give out a key. It is on this one page, and nowhere afterwards."""
    form = KeyForm()
    if not form.validate():
        return _page(form)
    session, home_path = db.session(), url_for("api_keys.home")
    only_once(form)
    key = services.issue_key(session, current_actor(), form.name.data or "", form.per_minute.data or 1)
    idempotency.remember(session, form.key, home_path)
    session.commit()
    return render_template("directory/openreferral/key.html", key=key, name=form.name.data)


@bp.post("/open-data/keys/<uuid:key_id>/revoke")
@requires(Permission.MANAGE_API_KEYS)
def revoke(key_id: UUID) -> Response:
    """Put a key out of force."""
    services.revoke_key(db.session(), current_actor(), key_id)
    db.session.commit()
    flash("The key does not work any more.", "success")
    return safe_redirect(url_for("api_keys.home"))


def _page(form: KeyForm) -> str:
    lines = keys.lines(db.session(), current_actor())
    return render_template("directory/openreferral/keys.html", form=form, keys=lines)
