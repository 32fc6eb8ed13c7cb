"""The page about programs that ask by FHIR: partners' for whoever runs the service, a team's for its coordinator, a
group's for its owner."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from core.web.slots import add_navigation, part
from directory import published
from prescribing.fhir import clients, keeping
from prescribing.fhir.forms import ClientForm

bp = Blueprint("fhir_clients", __name__)

add_navigation(Permission.MANAGE_ACCOUNTS, "Partners’ programs", "fhir_clients.home", 84)
add_navigation(Permission.TRIAGE, "Your team’s programs", "fhir_clients.home", 84)


@bp.get("/programs")
@requires(Permission.MANAGE_PROGRAMS)
def home() -> str:
    """Which programs read for us, and a new one."""
    return _page(ClientForm())


@bp.post("/programs")
@requires(Permission.MANAGE_PROGRAMS)
def issue() -> str | Response:
    """Let a program in. Its secret is on this one page, and nowhere afterwards."""
    form = ClientForm()
    _offer(form)
    session, home_path = db.session(), url_for("fhir_clients.home")
    if not form.validate():
        return _page(form)
    only_once(form)
    made: list[tuple[UUID, str]] = []
    name = form.name.data or ""
    if refused(
        form,
        lambda: made.append(clients.issue(session, current_actor(), name, *form.owner, form.chosen)),
    ):
        return _page(form)
    idempotency.remember(session, form.key, home_path)
    session.commit()
    client_id, secret = made[0]
    return _secret(client_id, secret, name, again=False)


@bp.post("/programs/<uuid:client_id>/secret")
@requires(Permission.MANAGE_PROGRAMS)
def rotate(client_id: UUID) -> str:
    """Give a program a new secret. It is on this one page, and nowhere afterwards."""
    secret, name, overlaps = clients.rotate(
        db.session(), current_actor(), client_id, expected_ending=request.form.get("ending")
    )
    db.session.commit()
    return _secret(client_id, secret, name, again=overlaps)


@bp.post("/programs/<uuid:client_id>/revoke")
@requires(Permission.MANAGE_PROGRAMS)
def revoke(client_id: UUID) -> Response:
    """Shut a program out."""
    clients.revoke(db.session(), current_actor(), client_id)
    db.session.commit()
    flash("The program is shut out.", "success")
    return safe_redirect(url_for("fhir_clients.home"))


def _offer(form: ClientForm) -> None:
    owners = keeping.owners(db.session(), current_actor())
    form.offer([(each.key, each.name) for each in owners], clients.choices(owners))


def _page(form: ClientForm) -> str:
    _offer(form)
    found = clients.lines(db.session(), current_actor())
    return render_template("prescribing/fhir/clients.html", form=form, clients=found)


def _secret(client_id: UUID, secret: str, name: str, *, again: bool) -> str:
    return render_template(
        "prescribing/fhir/client.html", client_id=client_id, secret=secret, name=name, again=again
    )


def own_link(organization_id: UUID, **_more: object) -> Markup:
    """The way to the page from a group that the reader owns."""
    mine = dict(published.owned_groups(db.session(), current_actor()))
    if organization_id not in mine:
        return Markup()
    return part("prescribing/fhir/own_link.html")
