"""Pages for those who keep the addresses that are told of changes."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Invalid
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.sending import only_once
from directory.exchange import notices
from directory.exchange.forms import NoticeForm

bp = Blueprint("notices", __name__)


@bp.get("/open-data/notices")
@requires(Permission.MANAGE_API_KEYS)
def home() -> str:
    """Every address with its last notices, and a new one."""
    return _page(NoticeForm())


@bp.post("/open-data/notices")
@requires(Permission.MANAGE_API_KEYS)
def add() -> str | Response:
    """Tell another address. Its secret is on this one page, and nowhere afterwards."""
    form, session = NoticeForm(), db.session()
    if not form.validate():
        return _page(form)
    only_once(form)
    try:
        secret = notices.subscribe(
            session, current_actor(), form.name.data or "", (form.address.data or "").strip()
        )
    except Invalid as error:
        session.rollback()
        form.add_error(error.field, error.message)
        return _page(form)
    idempotency.remember(session, form.key, url_for("notices.home"))
    session.commit()
    return render_template("directory/exchange/secret.html", secret=secret, name=form.name.data)


@bp.post("/open-data/notices/<uuid:webhook_id>/stop")
@requires(Permission.MANAGE_API_KEYS)
def stop(webhook_id: UUID) -> Response:
    """Tell an address no more."""
    notices.stop(db.session(), current_actor(), webhook_id)
    db.session.commit()
    flash("That address is told no more.", "success")
    return safe_redirect(url_for("notices.home"))


@bp.post("/open-data/notices/again/<uuid:delivery_id>")
@requires(Permission.MANAGE_API_KEYS)
def again(delivery_id: UUID) -> Response:
    """Try a notice again that was given up."""
    notices.again(db.session(), current_actor(), delivery_id)
    db.session.commit()
    flash("We are trying it again.", "success")
    return safe_redirect(url_for("notices.home"))


def _page(form: NoticeForm) -> str:
    lines = notices.lines(db.session(), current_actor())
    return render_template("directory/exchange/notices.html", form=form, webhooks=lines)
