"""Acting for somebody: what whoever acts sees and says, and the pages on which it is given and ended."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission, Role
from core.accounts import second_factor
from core.accounts.landing import register_landing
from core.audit import services as audit
from core.db import db
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from core.web.slots import add_navigation, fill, part
from prescribing.drafts import pages as drafts
from prescribing.drafts.rules import place
from prescribing.people import queries as people
from prescribing.proxies import queries as proxies
from prescribing.proxies import services as proxy_services
from prescribing.residents import queries, scope, services
from prescribing.residents.acting_forms import LetForm, LetForThemForm
from prescribing.residents.forms import MESSAGE, MessageForm

bp = Blueprint("acting", __name__)

add_navigation(Permission.ACT_FOR_SOMEONE, "People you act for", "acting.everybody", 7)
register_landing(Role.PROXY, "acting.everybody")


@bp.get("/for")
@requires(Permission.ACT_FOR_SOMEONE, audits_read=True)
def everybody() -> str:
    """For whom the reader acts."""
    session, actor = db.session(), current_actor()
    found = proxies.acting_for(session, actor)
    for one in found:
        audit.record(session, actor, "proxy.list", "person", one.person_id)
    page = render_template("prescribing/acting/everybody.html", found=found)
    db.session.commit()
    return page


@bp.get("/for/<uuid:person_id>")
@requires(Permission.ACT_FOR_SOMEONE, audits_read=True)
def show(person_id: UUID) -> str:
    """What is coming for one person, and what the reader may say for them."""
    form, kept_at = drafts.begun_form(MessageForm, place(MESSAGE, person_id))
    return _for_page(person_id, form, kept_at)


@bp.post("/for/<uuid:person_id>/messages")
@requires(Permission.ACT_FOR_SOMEONE)
def write(person_id: UUID) -> str | Response:
    """Write to the person's team for them."""
    where = url_for("acting.show", person_id=person_id)
    # Whether the reader acts for them at all, before anything is kept.
    proxies.acts_for(db.session(), current_actor(), person_id)
    only_kept = drafts.only_kept_about(place(MESSAGE, person_id), person_id, page=where)
    if only_kept is not None:
        return only_kept
    form = MessageForm()
    if not form.validate():
        return _for_page(person_id, form)
    said = "Sent. The link worker reads it on a working day."
    only_once(form, said=said)
    services.write_for(db.session(), current_actor(), person_id, form.words.data or "")
    idempotency.remember(db.session(), form.key, where)
    drafts.sent(place(MESSAGE, person_id))
    db.session.commit()
    flash(said)
    return safe_redirect(where)


@bp.post("/for/<uuid:person_id>/referrals/<uuid:referral_id>/helps")
@requires(Permission.ACT_FOR_SOMEONE)
def helps(person_id: UUID, referral_id: UUID) -> Response:
    """Say that something helps the person."""
    services.say_it_helps(db.session(), current_actor(), person_id, referral_id)
    db.session.commit()
    flash("Thank you. The link worker hears that it helps.")
    return safe_redirect(url_for("acting.show", person_id=person_id))


@bp.post("/for/<uuid:person_id>/end")
@requires(Permission.ACT_FOR_SOMEONE)
def step_down(person_id: UUID) -> Response:
    """Act for the person no longer."""
    services.step_down(db.session(), current_actor(), person_id)
    db.session.commit()
    flash("You no longer act for them. We have told them. You are signed out.")
    return safe_redirect(url_for("accounts.sign_in"))


@bp.get("/me/others")
@requires(Permission.SEE_OWN_RECORD, audits_read=True)
def own() -> str:
    """Who may act for oneself."""
    return _own_page(LetForm())


@bp.post("/me/others")
@requires(Permission.SEE_OWN_RECORD)
def let_own() -> str | Response:
    """Let somebody act for oneself."""
    form = LetForm()
    if not form.validate():
        return _own_page(form)
    where = url_for("acting.own")
    said = "Done. They get an email or a text that says how to sign in. You can end it at any time."
    only_once(form, said=said)
    if refused(form, lambda: services.let_act(db.session(), current_actor(), form.letting())):
        return _own_page(form)
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    flash(said)
    return safe_redirect(where)


@bp.post("/me/others/<uuid:proxy_id>/end")
@requires(Permission.SEE_OWN_RECORD)
def end_own(proxy_id: UUID) -> Response:
    """End that somebody acts for oneself."""
    services.end_acting(db.session(), current_actor(), proxy_id)
    db.session.commit()
    flash("Ended. They see nothing of yours any more.")
    return safe_redirect(url_for("acting.own"))


@bp.get("/people/<uuid:person_id>/others")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def team(person_id: UUID) -> str:
    """Who may act for a person of the team."""
    return _team_page(person_id, LetForThemForm())


@bp.post("/people/<uuid:person_id>/others")
@requires(Permission.WORK_CASELOAD)
def let_for_them(person_id: UUID) -> str | Response:
    """Write down that somebody may act for a person of the team."""
    form = LetForThemForm()
    if not form.validate():
        return _team_page(person_id, form)
    where = url_for("acting.team", person_id=person_id)
    said = "Written down. They get an email or a text that says how to sign in."
    only_once(form, said=said)
    if refused(
        form,
        lambda: proxy_services.let_act(db.session(), current_actor(), person_id, form.letting()),
    ):
        return _team_page(person_id, form)
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    flash(said)
    return safe_redirect(where)


@bp.post("/people/<uuid:person_id>/others/<uuid:proxy_id>/end")
@requires(Permission.WORK_CASELOAD)
def end_for_them(person_id: UUID, proxy_id: UUID) -> Response:
    """End that somebody acts for a person of the team."""
    proxy_services.end(db.session(), current_actor(), person_id, proxy_id)
    db.session.commit()
    flash("Ended. They see nothing any more.")
    return safe_redirect(url_for("acting.team", person_id=person_id))


@bp.post("/people/<uuid:person_id>/others/<uuid:proxy_id>/code")
@requires(Permission.WORK_CASELOAD)
def code(person_id: UUID, proxy_id: UUID) -> str:
    """A sign-in code to read out to one who acts for a person of the team."""
    session, actor = db.session(), current_actor()
    account_id = proxies.account_acting_for(session, actor, person_id, proxy_id)
    number = second_factor.issue_code_to_read_out(session, actor, account_id)
    return _team_page(person_id, LetForThemForm(formdata=None), code=number)


def others_link(*, person_id: UUID, **_more: object) -> Markup:
    """On the person's page: who may act for them."""
    found = proxies.of_person(db.session(), current_actor(), person_id)
    return part(
        "prescribing/acting/team_slot.html", person_id=person_id, acts=[one for one in found if one.acts_now]
    )


def _for_page(person_id: UUID, form: MessageForm, kept_at: datetime | None = None) -> str:
    session, actor = db.session(), current_actor()
    acts = proxies.acts_for(session, actor, person_id)
    audit.record(session, actor, "proxy.read", "person", person_id)
    page = render_template(
        "prescribing/acting/show.html",
        acts=acts,
        form=form,
        kept_at=kept_at,
        coming=queries.coming_for(session, actor, person_id),
        referrals=queries.referrals_for(session, actor, person_id) if acts.may_say else (),
        lines=queries.messages_for(session, actor, person_id) if acts.may_message else (),
    )
    db.session.commit()
    return page


def _own_page(form: LetForm) -> str:
    session, actor = db.session(), current_actor()
    person_id = scope.own_person_id(session, actor)
    audit.record(session, actor, "person.read-own", "person", person_id, shown=True)
    page = render_template(
        "prescribing/acting/own.html", form=form, found=proxies.of_person(session, actor, person_id)
    )
    db.session.commit()
    return page


def _team_page(person_id: UUID, form: LetForThemForm, *, code: str = "") -> str:
    session, actor = db.session(), current_actor()
    person = people.person(session, actor, person_id)
    audit.record(session, actor, "person.read", "person", person_id)
    page = render_template(
        "prescribing/acting/team.html",
        form=form,
        code=code,
        person_id=person_id,
        called=person.preferred_name or person.name or "Name not known yet",
        found=proxies.of_person(session, actor, person_id),
    )
    db.session.commit()
    return page


fill("person.around", others_link)
