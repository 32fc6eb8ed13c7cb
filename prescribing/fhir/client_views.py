"""The administrator's page about programs that ask by FHIR."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.idempotency import services as idempotency
from core.web.fields import choices
from core.web.links import safe_redirect
from core.web.slots import add_navigation
from prescribing.fhir import clients
from prescribing.fhir.forms import ClientForm
from prescribing.people.partners import partner_names

bp = Blueprint("fhir_clients", __name__)

add_navigation(Permission.MANAGE_ACCOUNTS, "Partners’ programs", "fhir_clients.home", 84)


@bp.get("/partner-programs")
@requires(Permission.MANAGE_ACCOUNTS)
def home() -> str:
    """Every program, and a new one."""
    return _page(_offered(ClientForm()))


@bp.post("/partner-programs")
@requires(Permission.MANAGE_ACCOUNTS)
def issue() -> str | Response:
    """Let a program in. Its secret is on this one page, and nowhere afterwards."""
    form = _offered(ClientForm())
    if not form.validate():
        return _page(form)
    session, home_path = db.session(), url_for("fhir_clients.home")
    first = idempotency.earlier(session, form.key)
    if first is not None:
        return safe_redirect(first)
    client_id, secret = clients.issue(
        session,
        current_actor(),
        form.name.data or "",
        UUID(form.partner.data),
        may_write=bool(form.may_write.data),
    )
    idempotency.remember(session, form.key, home_path)
    session.commit()
    return render_template(
        "prescribing/fhir/client.html", client_id=client_id, secret=secret, name=form.name.data
    )


@bp.post("/partner-programs/<uuid:client_id>/revoke")
@requires(Permission.MANAGE_ACCOUNTS)
def revoke(client_id: UUID) -> Response:
    """Shut a program out."""
    clients.revoke(db.session(), current_actor(), client_id)
    db.session.commit()
    flash("The program is shut out.", "success")
    return safe_redirect(url_for("fhir_clients.home"))


def _offered(form: ClientForm) -> ClientForm:
    names = partner_names(db.session(), current_actor())
    form.partner.choices = choices(
        ((str(partner_id), name) for partner_id, name in names), first="Choose a partner"
    )
    return form


def _page(form: ClientForm) -> str:
    found = clients.lines(db.session(), current_actor())
    return render_template("prescribing/fhir/clients.html", form=form, clients=found)
