"""Signing in and out, invitations, forgotten passwords, and one's own account."""

from __future__ import annotations

import segno
from flask import Blueprint, flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.access.guard import current_actor, public, requires
from core.access.rules import Permission
from core.accounts import landing, links, queries, second_factor, services, sessions, signing_in
from core.accounts.forms import (
    AppCodeForm,
    ChangePasswordForm,
    CodeForm,
    ForgottenForm,
    NewPasswordForm,
    SignInForm,
)
from core.db import db
from core.errors import Invalid
from core.settings import current_settings
from core.web.links import is_local, safe_redirect

bp = Blueprint("accounts", __name__)

_DOOR = "Whoever signs in is not signed in yet"
_EMAILED = "The link in the email is the proof"


@bp.get("/sign-in")
@public(_DOOR)
def sign_in() -> str | Response:
    """Ask for email address and password."""
    if current_actor().signed_in:
        return safe_redirect(request.args.get("next"), landing.page_of(current_actor()))
    return _ask_sign_in(SignInForm(next=_next()))


@bp.post("/sign-in")
@public(_DOOR)
def check_password() -> str | Response:
    """Take the first step in: right leads to the second, wrong says the same whatever was wrong."""
    form = SignInForm()
    if not form.validate():
        return _ask_sign_in(form)
    entry = signing_in.knock(db.session(), form.email.data or "", request.remote_addr or "")
    # The try counts from here on, and nothing is locked while the password is checked.
    db.session.commit()
    password = form.password.data or ""
    if not entry.opens(password):
        signing_in.refuse(db.session(), entry)
        db.session.commit()
        form.add_error(None, "Your email address or password is not right. Check both and try again")
        return _ask_sign_in(form)
    better = entry.better_hash(password)
    sessions.end_present(db.session(), "signed in again")
    token = signing_in.begin(db.session(), entry, better)
    db.session.commit()
    sessions.enter(token)
    return safe_redirect(url_for("accounts.second_step", next=_local(form.next.data)))


@bp.get("/sign-in/code")
@public(_DOOR)
def second_step() -> str | Response:
    """Ask for the second proof, or first help to set up an authenticator app."""
    visitor = sessions.visitor()
    if visitor is None or not visitor.pending:
        return safe_redirect(url_for("accounts.sign_in", next=_next()))
    return _ask_code(visitor, CodeForm(next=_next()))


@bp.post("/sign-in/code")
@public(_DOOR)
def check_code() -> str | Response:
    """Take the second step in."""
    visitor = sessions.visitor()
    if visitor is None or not visitor.pending:
        return safe_redirect(url_for("accounts.sign_in"))
    form = CodeForm()
    if not form.validate():
        return _ask_code(visitor, form)
    typed = form.code.data or ""
    step = second_factor.step_of(db.session(), visitor)
    codes: list[str] = []
    if step.setting_up is None:
        token = second_factor.prove(db.session(), visitor, typed)
    else:
        enrolled = second_factor.enrol(db.session(), visitor, typed)
        token, codes = (enrolled.token, enrolled.recovery_codes) if enrolled else (None, [])
    db.session.commit()
    if token is None:
        form.add_error(
            "code",
            "Those words or that code are not right. Check them, or ring us for a code"
            if step.own_words
            else "That code is not right, or was used already. Check it, or wait for the next one",
        )
        return _ask_code(visitor, form)
    sessions.enter(token)
    onward = _local(form.next.data) or landing.page_of(visitor.actor)
    if codes:
        return render_template("core/accounts/recovery_codes.html", codes=codes, onward=onward)
    return safe_redirect(onward)


@bp.post("/sign-in/code/again")
@public(_DOOR)
def send_code_again() -> Response:
    """Send another code."""
    visitor = sessions.visitor()
    if visitor is None or not visitor.pending:
        return safe_redirect(url_for("accounts.sign_in"))
    second_factor.resend_code(db.session(), visitor)
    db.session.commit()
    flash("We have sent you another code. The one before does not work any more.", "success")
    return safe_redirect(url_for("accounts.second_step", next=_local(request.form.get("next"))))


@bp.post("/sign-out")
@public("Signing out must work whatever has become of the session")
def sign_out() -> Response:
    """End the session, in the database and in the browser."""
    visitor = sessions.visitor()
    if visitor is not None:
        services.sign_out(db.session(), visitor.actor)
        db.session.commit()
    sessions.leave()
    flash("You are signed out.", "success")
    return safe_redirect(url_for("accounts.sign_in"))


@bp.get("/forgotten-password")
@public(_DOOR)
def forgotten_password() -> str:
    """Ask where to send a link."""
    return render_template("core/accounts/forgotten_password.html", form=ForgottenForm())


@bp.post("/forgotten-password")
@public(_DOOR)
def ask_for_reset() -> str:
    """Send a link, and say the same whether or not there was anybody to send it to."""
    form = ForgottenForm()
    if not form.validate():
        return render_template("core/accounts/forgotten_password.html", form=form)
    links.ask_for_reset(db.session(), form.email.data or "", request.remote_addr or "")
    db.session.commit()
    return render_template("core/accounts/link_sent.html", may_be_text=False)


@bp.get("/set-password/<token>")
@public(_EMAILED)
def choose_password(token: str) -> str:
    """Ask for a password. Opening this changes nothing: mail scanners open links."""
    link = links.opened(db.session(), token)
    return render_template("core/accounts/set_password.html", form=NewPasswordForm(), link=link)


@bp.post("/set-password/<token>")
@public(_EMAILED)
def set_password(token: str) -> str | Response:
    """Use the link up and keep the password."""
    form = NewPasswordForm()
    if form.validate():
        try:
            links.set_password(db.session(), token, form.new_password.data or "")
        except Invalid as error:
            form.add_error(error.field, error.message)
        else:
            db.session.commit()
            sessions.leave()
            flash("Your password is set. Sign in with it now.", "success")
            return safe_redirect(url_for("accounts.sign_in"))
    link = links.opened(db.session(), token)
    return render_template("core/accounts/set_password.html", form=form, link=link)


@bp.get("/account")
@requires(Permission.SIGNED_IN)
def own_account() -> str:
    """One's own account: what it belongs to, and how it is kept safe."""
    return _own_account(AppCodeForm())


@bp.get("/account/password")
@requires(Permission.SIGNED_IN)
def ask_new_password() -> str:
    """Ask for the present and a new password."""
    return render_template("core/accounts/change_password.html", form=ChangePasswordForm())


@bp.post("/account/password")
@requires(Permission.SIGNED_IN)
def change_password() -> str | Response:
    """Change one's own password; every session ends, and one signs in with the new one."""
    form = ChangePasswordForm()
    if form.validate():
        try:
            services.change_own_password(
                db.session(), current_actor(), form.password.data or "", form.new_password.data or ""
            )
        except Invalid as error:
            form.add_error(error.field, error.message)
        else:
            db.session.commit()
            sessions.leave()
            flash("Your password is changed. Sign in with the new one.", "success")
            return safe_redirect(url_for("accounts.sign_in"))
    return render_template("core/accounts/change_password.html", form=form)


@bp.post("/account/recovery-codes")
@requires(Permission.SIGNED_IN)
def renew_recovery_codes() -> str:
    """New recovery codes, after the app was shown again."""
    services.refuse_without_app(db.session(), current_actor())
    form = AppCodeForm()
    if not form.validate():
        return _own_account(form)
    right = second_factor.confirm_with_app(db.session(), current_actor(), form.code.data or "")
    db.session.commit()
    if not right:
        form.add_error("code", "That code is not right, or was used already. Wait for the next one")
        return _own_account(form)
    codes = services.renew_own_recovery_codes(db.session(), current_actor())
    db.session.commit()
    onward = url_for("accounts.own_account")
    return render_template("core/accounts/recovery_codes.html", codes=codes, onward=onward)


@bp.post("/account/sign-out-everywhere")
@requires(Permission.SIGNED_IN)
def sign_out_everywhere() -> Response:
    """End every session of one's own."""
    services.sign_out_everywhere(db.session(), current_actor())
    db.session.commit()
    sessions.leave()
    flash("You are signed out on every phone and computer.", "success")
    return safe_redirect(url_for("accounts.sign_in"))


def _ask_sign_in(form: SignInForm) -> str:
    form.password.data = None
    return render_template("core/accounts/sign_in.html", form=form)


def _ask_code(visitor: sessions.Visitor, form: CodeForm) -> str:
    settings = current_settings()
    step = second_factor.step_of(db.session(), visitor)
    if step.own_words:
        form.code.label.text = "Your three words, or a code"
    if step.setting_up is None:
        return render_template("core/accounts/code.html", form=form, step=step)
    address = second_factor.address_for_app(step.setting_up, step.address or "", settings.service_name)
    picture = Markup(  # noqa: S704 - made here, of squares alone
        segno.make(address, error="m").svg_inline(border=2, light="#ffffff", omitsize=True)
    )
    return render_template("core/accounts/set_up_app.html", form=form, step=step, picture=picture)


def _own_account(form: AppCodeForm) -> str:
    return render_template(
        "core/accounts/own_account.html",
        form=form,
        account=queries.own_account(db.session(), current_actor()),
    )


def _next() -> str | None:
    return _local(request.args.get("next"))


def _local(target: str | None) -> str | None:
    return target if is_local(target) else None
