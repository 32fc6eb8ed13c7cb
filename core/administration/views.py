"""Pages for an administrator: who can sign in, and the work that runs by itself."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField

from core.access.guard import current_actor, requires
from core.access.rules import PLACE_OF, Membership, Permission, Role, membership_in
from core.accounts import places
from core.accounts import queries as accounts_queries
from core.accounts import services as accounts_services
from core.accounts.landing import register_landing
from core.administration import queries, services
from core.administration.forms import OFFERED, InviteForm, MembershipForm, RoleForm, TrailForm
from core.db import db
from core.errors import Invalid, NotFound
from core.idempotency import services as idempotency
from core.jobs import queries as jobs_queries
from core.web.fields import choices
from core.web.links import safe_redirect
from core.web.sending import only_once
from core.web.slots import add_navigation

bp = Blueprint("administration", __name__)

register_landing(Role.ADMINISTRATOR, "administration.accounts")
register_landing(Role.DATA_PROTECTION_OFFICER, "administration.audit_trail")

add_navigation(Permission.MANAGE_ACCOUNTS, "Accounts", "administration.accounts", 80)
add_navigation(Permission.SEE_AUDIT, "Who looked", "administration.audit_trail", 82)
add_navigation(Permission.MANAGE_JOBS, "Background work", "administration.jobs", 81)


@bp.get("/accounts")
@requires(Permission.MANAGE_ACCOUNTS)
def accounts() -> str:
    """Every account."""
    return render_template(
        "core/administration/accounts.html", accounts=accounts_queries.accounts(db.session(), current_actor())
    )


@bp.get("/accounts/new")
@requires(Permission.MANAGE_ACCOUNTS)
def new_account() -> str:
    """Ask what they do; then who they are and where."""
    asked = RoleForm()
    role = _role(asked.role.data)
    if role is None:
        return render_template("core/administration/choose_role.html", form=asked)
    form = InviteForm()
    _offer_places(form.place, role, asked.words.data or "")
    return render_template("core/administration/invite.html", form=form, asked=asked, role=role)


@bp.post("/accounts/new")
@requires(Permission.MANAGE_ACCOUNTS)
def invite() -> str | Response:
    """Make the account and send its owner a link."""
    asked = RoleForm()
    role = _role(asked.role.data)
    if role is None:
        raise NotFound
    form = InviteForm()
    _offer_places(form.place, role, asked.words.data or "")
    if form.validate():
        only_once(form)
        try:
            account_id = accounts_services.invite(
                db.session(),
                current_actor(),
                form.name.data or "",
                form.email.data or "",
                [_membership(role, form.place.data)],
                mobile=form.mobile.data or None,
            )
        except Invalid as error:
            db.session.rollback()
            form.add_error(error.field, error.message)
        else:
            there = url_for("administration.account", account_id=account_id)
            idempotency.remember(db.session(), form.key, there)
            db.session.commit()
            flash("The account is made, and an email with a link is on its way.", "success")
            return safe_redirect(there)
    return render_template("core/administration/invite.html", form=form, asked=asked, role=role)


@bp.get("/accounts/<uuid:account_id>")
@requires(Permission.MANAGE_ACCOUNTS)
def account(account_id: UUID) -> str:
    """One account: what it belongs to, and what can be done about it."""
    return _account(account_id, MembershipForm())


@bp.post("/accounts/<uuid:account_id>/memberships")
@requires(Permission.MANAGE_ACCOUNTS)
def add_membership(account_id: UUID) -> str | Response:
    """Give another role."""
    form = MembershipForm()
    role = _role(form.role.data)
    if role is None:
        raise NotFound
    _offer_places(form.place, role, request.args.get("words", ""))
    if not form.validate():
        return _account(account_id, form)
    accounts_services.add_membership(
        db.session(), current_actor(), account_id, _membership(role, form.place.data)
    )
    return _done(account_id, "The role is added.")


@bp.post("/accounts/<uuid:account_id>/memberships/<uuid:membership_id>/end")
@requires(Permission.MANAGE_ACCOUNTS)
def end_membership(account_id: UUID, membership_id: UUID) -> Response:
    """Take a role away."""
    accounts_services.end_membership(db.session(), current_actor(), account_id, membership_id)
    return _done(account_id, "The role is taken away, and they are signed out.")


@bp.post("/accounts/<uuid:account_id>/disable")
@requires(Permission.MANAGE_ACCOUNTS)
def disable(account_id: UUID) -> Response:
    """Turn an account off."""
    accounts_services.disable(db.session(), current_actor(), account_id)
    return _done(account_id, "The account is turned off, and signed out everywhere.")


@bp.post("/accounts/<uuid:account_id>/enable")
@requires(Permission.MANAGE_ACCOUNTS)
def enable(account_id: UUID) -> Response:
    """Turn an account on again."""
    accounts_services.enable(db.session(), current_actor(), account_id)
    return _done(account_id, "The account is turned on.")


@bp.post("/accounts/<uuid:account_id>/reset-app")
@requires(Permission.MANAGE_ACCOUNTS)
def reset_app(account_id: UUID) -> Response:
    """Let somebody who lost their phone set up another."""
    accounts_services.reset_second_factor(db.session(), current_actor(), account_id)
    return _done(account_id, "They will set up an authenticator app when they sign in next.")


@bp.post("/accounts/<uuid:account_id>/invite-again")
@requires(Permission.MANAGE_ACCOUNTS)
def invite_again(account_id: UUID) -> Response:
    """Send the invitation again."""
    accounts_services.send_invitation(db.session(), current_actor(), account_id)
    return _done(
        account_id, "Another email with a link is on its way. The link before does not work any more."
    )


@bp.get("/jobs")
@requires(Permission.MANAGE_JOBS)
def jobs() -> str:
    """What was given up, what waits, and whether a worker is there."""
    return render_template("core/administration/jobs.html", board=jobs_queries.board(db.session()))


@bp.post("/jobs/<uuid:job_id>/retry")
@requires(Permission.MANAGE_JOBS)
def retry_job(job_id: UUID) -> Response:
    """Try work again that was given up."""
    services.retry_job(db.session(), current_actor(), job_id)
    db.session.commit()
    flash("It will be tried again at once.", "success")
    return safe_redirect(url_for("administration.jobs"))


@bp.get("/audit")
@requires(Permission.SEE_AUDIT, audits_read=True)
def audit_trail() -> str:
    """Who did what, and who looked at what. Looking here is written down too."""
    form = TrailForm()
    form.validate()
    found = queries.trail(
        db.session(),
        current_actor(),
        account_id=form.account_id,
        subject_id=form.subject_id,
        before=form.before_number,
    )
    services.note_reading(db.session(), current_actor(), form.subject_id)
    db.session.commit()
    return render_template("core/administration/audit.html", form=form, trail=found)


def _account(account_id: UUID, form: MembershipForm) -> str:
    """The page of one account. A role that was chosen asks where it is held."""
    asked = RoleForm()
    role = _role(form.role.data or asked.role.data)
    if role is not None:
        form.role.data = role.value
        _offer_places(form.place, role, asked.words.data or "")
    return render_template(
        "core/administration/account.html",
        account=accounts_queries.account_of(db.session(), current_actor(), account_id),
        asked=asked,
        form=form,
        role=role,
    )


def _done(account_id: UUID, words: str) -> Response:
    db.session.commit()
    flash(words, "success")
    return safe_redirect(url_for("administration.account", account_id=account_id))


def _role(text: object) -> Role | None:
    """The role that was asked for, if it is one that is given here."""
    return next((role for role in OFFERED if role.value == text), None)


def _offer_places(field: SelectField, role: Role, words: str) -> None:
    """Fill the choice of places for a role; a role that is held everywhere has the one choice."""
    place = PLACE_OF[role]
    if place is None:
        field.choices = choices([("everywhere", "The whole borough")])
        return
    found = places.choices(db.session(), place, words)
    field.choices = choices((str(place_id), name) for place_id, name in found)


def _membership(role: Role, place: str | None) -> Membership:
    return membership_in(role, None if PLACE_OF[role] is None else UUID(place or ""))
