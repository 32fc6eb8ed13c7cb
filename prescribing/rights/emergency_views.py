"""Opening a record in an emergency, and shutting it again; what a person agreed to, on one page for their team."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, url_for
from flask import session as cookie
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
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

bp = Blueprint("emergency", __name__)

_GLASS = "glass"


@bp.get("/emergency")
@requires(Permission.OPEN_IN_EMERGENCY)
def ask() -> str:
    """Which record, why, and the second step again."""
    return render_template("prescribing/rights/emergency.html", form=EmergencyForm(formdata=None))


@bp.post("/emergency")
@requires(Permission.OPEN_IN_EMERGENCY)
def open_record() -> str | Response:
    """Open a record for an hour."""
    form, session, actor = EmergencyForm(), db.session(), current_actor()
    if form.validate():
        proved = emergency.prove(session, actor, form.code.data or "")
        # Committed by itself, so that a wrong code counts whatever follows.
        db.session.commit()
        if not proved:
            form.add_error("code", "That code is not right. Enter the one that your app shows now.")
        else:
            try:
                person_id = finding.find_person(
                    session, actor, form.text.data or "", form.surname.data or "", form.born.data
                )
                look_id = emergency.open_record(session, actor, person_id, form.reason.data or "")
            except (Invalid, Refused) as problem:
                db.session.rollback()
                form.add_error(getattr(problem, "field", None), problem.message)
            else:
                db.session.commit()
                cookie[_GLASS] = True
                return safe_redirect(url_for("emergency.show", look_id=look_id))
    form.code.data = ""
    return render_template("prescribing/rights/emergency.html", form=form)


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
