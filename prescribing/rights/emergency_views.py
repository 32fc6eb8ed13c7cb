"""Opening a record in an emergency, and shutting it again; what a person agreed to, on one page for their team."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from flask import session as cookie
from markupsafe import Markup
from werkzeug.wrappers import Response

from core import clock
from core.access.guard import current_actor, requires
from core.access.rules import Actor, Permission
from core.audit import services as audit
from core.db import db
from core.errors import Invalid, Refused
from core.web.links import safe_redirect
from core.web.slots import fill, part
from prescribing.people import queries as people
from prescribing.people.consent import SHARED_WORDS
from prescribing.rights import consents as agreed
from prescribing.rights import emergency, finding
from prescribing.rights.forms import EmergencyForm
from prescribing.rights.rules import is_proved

bp = Blueprint("emergency", __name__)

_GLASS, _PROVED = "glass", "proved"


@bp.get("/emergency")
@requires(Permission.OPEN_IN_EMERGENCY)
def ask() -> str:
    """Which record, why, and the second step again."""
    return _page(EmergencyForm(formdata=None))


@bp.post("/emergency")
@requires(Permission.OPEN_IN_EMERGENCY)
def open_record() -> str | Response:
    """Open a record for an hour."""
    form, session, actor = EmergencyForm(), db.session(), current_actor()
    if _proved(actor):
        del form.code
    if not form.validate() or not _prove(form, actor):
        return _page(form)
    try:
        person_id = finding.find_person(
            session, actor, form.text.data or "", form.surname.data or "", form.born.data
        )
        look_id = emergency.open_record(session, actor, person_id, form.reason.data or "")
    except (Invalid, Refused) as problem:
        db.session.rollback()
        form.add_error(getattr(problem, "field", None), problem.message)
        return _page(form)
    db.session.commit()
    cookie.pop(_PROVED, None)
    cookie[_GLASS] = True
    return safe_redirect(url_for("emergency.show", look_id=look_id))


def _page(form: EmergencyForm) -> str:
    """The form, without a code that was typed; without its box where a right one was given just now."""
    if _proved(current_actor()):
        del form.code
    elif "code" in form:
        form.code.data = ""
    return render_template("prescribing/rights/emergency.html", form=form)


def _prove(form: EmergencyForm, actor: Actor) -> bool:
    """Whether the second step was shown, now or a moment ago; a wrong code is said at its box."""
    if "code" not in form:
        return True
    proved = emergency.prove(db.session(), actor, form.code.data or "")
    # Committed by itself, so that a wrong code counts whatever follows.
    db.session.commit()
    if proved:
        cookie[_PROVED] = [str(actor.account_id), clock.now().timestamp()]
    else:
        form.add_error("code", "That code is not right. Enter the one that your app shows now.")
    return proved


def _proved(actor: Actor) -> bool:
    """Whether this account gave a right code a moment ago. An app's code works once: whoever mistyped a reference need
    not wait for the next one."""
    account_id, at = cookie.get(_PROVED, ("", 0.0))
    return account_id == str(actor.account_id) and is_proved(at, clock.now())


@bp.get("/emergency/<uuid:look_id>")
@requires(Permission.OPEN_IN_EMERGENCY, audits_read=True)
def show(look_id: UUID) -> str:
    """What keeps the person safe, while the hour lasts."""
    session, actor = db.session(), current_actor()
    page = emergency.page(session, actor, look_id)
    audit.record(session, actor, "person.read", "person", page.person.id, emergency=True)
    db.session.commit()
    return render_template("prescribing/rights/emergency_record.html", page=page, person=page.person)


@bp.post("/emergency/<uuid:look_id>/close")
@requires(Permission.OPEN_IN_EMERGENCY)
def close(look_id: UUID) -> Response:
    """Shut it again."""
    emergency.close(db.session(), current_actor(), look_id)
    db.session.commit()
    flash("The record is shut again.")
    return safe_redirect(url_for("emergency.ask"))


@bp.get("/people/<uuid:person_id>/consents")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def consents(person_id: UUID) -> str:
    """Everything that a person agreed to, and who was told to delete what they had."""
    session, actor = db.session(), current_actor()
    person = people.person(session, actor, person_id)
    lines = agreed.consents(session, actor, person_id)
    audit.record(session, actor, "person.read", "person", person_id)
    db.session.commit()
    return render_template(
        "prescribing/rights/consents.html", person=person, lines=lines, shared_words=SHARED_WORDS
    )


@bp.post("/people/deletions/<uuid:notice_id>/confirm")
@requires(Permission.WORK_CASELOAD)
def confirm_deleted(notice_id: UUID) -> Response:
    """Write down that a group or a partner says that they deleted what they had."""
    person_id = agreed.confirm_deleted(db.session(), current_actor(), notice_id)
    db.session.commit()
    flash("Written down: they say that they deleted it.")
    return safe_redirect(url_for("emergency.consents", person_id=person_id))


def banner(**_context: object) -> Markup:
    """On every page of whoever has a record open in an emergency: that it is open, until when, and how to shut it."""
    actor = current_actor()
    # The cookie only spares everybody else the question; what is open, the database says.
    if _GLASS not in cookie or not actor.can(Permission.OPEN_IN_EMERGENCY):
        return Markup("")
    looks = emergency.open_looks(db.session(), actor)
    if not looks:
        return Markup("")
    return part("prescribing/rights/banner.html", looks=looks)


def sharing(person_id: UUID, **_context: object) -> Markup:
    """From the person's page to everything that they agreed to."""
    words = Markup(
        '<p class="gt-no-print"><a href="{}">All that they agreed to, and who was told to delete</a></p>'
    )
    return words.format(url_for("emergency.consents", person_id=person_id))


def footer(**_context: object) -> Markup:
    """From every page of whoever may, to opening a record in an emergency."""
    if not current_actor().can(Permission.OPEN_IN_EMERGENCY):
        return Markup("")
    words = Markup('<li><a href="{}">Open a record in an emergency</a></li>')
    return words.format(url_for("emergency.ask"))


def register() -> None:
    """Show the banner, and the ways here."""
    fill("page.banner", banner)
    fill("person.sharing", sharing)
    fill("footer.links", footer)
