"""The data protection officer's desk: what people ask, what is held, what goes, and who looked."""

from __future__ import annotations

import csv
import io
from uuid import UUID

from flask import Blueprint, Response, flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from core.access.guard import current_actor, requires
from core.access.rules import Permission, Role
from core.accounts.landing import register_landing
from core.audit import services as audit
from core.db import db
from core.errors import Invalid, NotFound, Refused
from core.idempotency import services as idempotency
from core.spreadsheets import inert
from core.web.forms import Form
from core.web.links import safe_redirect
from core.web.sending import only_once
from core.web.slots import add_navigation
from prescribing.drafts import pages as drafts
from prescribing.drafts.rules import RIGHTS, About, place
from prescribing.rights import (
    certificates,
    consents,
    emergency,
    finding,
    looks,
    queries,
    retention,
    services,
    unknown,
)
from prescribing.rights.forms import FindForm, HoldForm, ReviewForm, TakeForm
from prescribing.rights.rules import SCHEDULE, STOP_WORDS, HoldKind

bp = Blueprint("rights", __name__)

# Where a record's forms are kept while they are typed.
TAKE, HOLD = f"{RIGHTS}-take", f"{RIGHTS}-hold"

register_landing(Role.DATA_PROTECTION_OFFICER, "rights.desk")
add_navigation(Permission.PROTECT_DATA, "People's rights", "rights.desk", 79)


@bp.get("/data-protection")
@requires(Permission.PROTECT_DATA)
def desk() -> str:
    """What waits, and by when."""
    return _desk(FindForm(formdata=None))


@bp.post("/data-protection/find")
@requires(Permission.PROTECT_DATA)
def find() -> str | AnyResponse:
    """Go to the record that is meant. What was typed stays out of the address."""
    form = FindForm()
    if form.validate():
        try:
            person_id = finding.find_person(
                db.session(), current_actor(), form.text.data or "", form.surname.data or "", form.born.data
            )
        except Invalid as problem:
            form.add_error(problem.field, problem.message)
        else:
            return safe_redirect(url_for("rights.record", person_id=person_id))
    return _desk(form)


@bp.get("/data-protection/records/<uuid:person_id>")
@requires(Permission.PROTECT_DATA, audits_read=True)
def record(person_id: UUID) -> str:
    """One record: what was asked, what is held, who looked."""
    return _record(person_id)


@bp.post("/data-protection/records/<uuid:person_id>/requests")
@requires(Permission.PROTECT_DATA)
def take(person_id: UUID) -> str | AnyResponse:
    """Write down a request that came by letter, phone, email or face to face."""
    only_kept = _only_kept(TAKE, person_id)
    if only_kept is not None:
        return only_kept
    form = TakeForm()
    if not form.validate():
        return _record(person_id, take=form)
    only_once(form)
    try:
        request_id = services.take_request(db.session(), current_actor(), person_id, form.asked)
    except (Invalid, Refused) as problem:
        db.session.rollback()
        form.add_error(getattr(problem, "field", None), problem.message)
        return _record(person_id, take=form)
    there = url_for("rights.request_page", request_id=request_id)
    idempotency.remember(db.session(), form.key, there)
    drafts.sent(place(TAKE, person_id))
    db.session.commit()
    flash("The request is written down, and its clock runs.")
    return safe_redirect(there)


@bp.post("/data-protection/records/<uuid:person_id>/holds")
@requires(Permission.PROTECT_DATA)
def hold(person_id: UUID) -> str | AnyResponse:
    """Keep a record that would go."""
    only_kept = _only_kept(HOLD, person_id)
    if only_kept is not None:
        return only_kept
    form = HoldForm()
    if not form.validate():
        return _record(person_id, hold=form)
    only_once(form)
    try:
        services.hold(
            db.session(),
            current_actor(),
            person_id,
            HoldKind(form.hold_kind.data),
            form.reason.data or "",
            form.until.data,
        )
    except Invalid as problem:
        db.session.rollback()
        form.add_error(problem.field, problem.message)
        return _record(person_id, hold=form)
    there = url_for("rights.record", person_id=person_id)
    idempotency.remember(db.session(), form.key, there)
    drafts.sent(place(HOLD, person_id))
    db.session.commit()
    flash("This record stays.")
    return safe_redirect(there)


@bp.post("/data-protection/holds/<uuid:hold_id>/lift")
@requires(Permission.PROTECT_DATA)
def lift(hold_id: UUID) -> AnyResponse:
    """End a hold."""
    person_id = services.lift(db.session(), current_actor(), hold_id)
    db.session.commit()
    flash("The hold is lifted.")
    return safe_redirect(url_for("rights.record", person_id=person_id))


@bp.post("/data-protection/notices/<uuid:notice_id>/confirm")
@requires(Permission.PROTECT_DATA)
def confirm(notice_id: UUID) -> AnyResponse:
    """Write down that somebody deleted what they had."""
    consents.confirm_deleted(db.session(), current_actor(), notice_id)
    db.session.commit()
    flash("Written down: they say that they deleted it.")
    return safe_redirect(url_for("rights.desk"))


@bp.get("/data-protection/records/<uuid:person_id>/looks")
@requires(Permission.PROTECT_DATA, audits_read=True)
def who_looked(person_id: UUID) -> str | AnyResponse:
    """Who did or looked at what of one record; as a table for a spreadsheet with `?as=csv`."""
    session, actor = db.session(), current_actor()
    about = queries.record_of(session, actor, person_id)
    audit.record(session, actor, "rights.read", "person", person_id)
    if request.args.get("as") == "csv":
        found = looks.looks_at(session, actor, person_id, most=100_000)
        db.session.commit()
        return download(_csv(found), f"looks-{about.reference}.csv", "text/csv")
    text = request.args.get("before", "")
    before = int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None
    found = looks.looks_at(session, actor, person_id, before=before)
    db.session.commit()
    return render_template("prescribing/rights/looks.html", about=about, looks=found)


@bp.get("/data-protection/retention")
@requires(Permission.PROTECT_DATA)
def due() -> str:
    """How long records are kept, and those whose time is over."""
    return _due("")


@bp.post("/data-protection/retention")
@requires(Permission.PROTECT_DATA)
def delete_due() -> str | AnyResponse:
    """Delete the records that were ticked; none goes where one may not."""
    ids = [found for text in request.form.getlist("person_id")[: retention.PAGE] if (found := _uuid(text))]
    if not ids:
        return _due("Tick the records that you have looked at and that may go.")
    try:
        made = services.delete_when_due(db.session(), current_actor(), ids)
    except (Refused, NotFound) as problem:
        db.session.rollback()
        return _due(f"Nothing was deleted. {problem.message}")
    db.session.commit()
    one = len(made) == 1
    flash(
        f"{len(made)} {'record is deleted, with' if one else 'records are deleted, each with'} a certificate."
    )
    return safe_redirect(url_for("rights.desk"))


@bp.get("/data-protection/certificates/<uuid:disposal_id>")
@requires(Permission.PROTECT_DATA)
def certificate(disposal_id: UUID) -> str:
    """The certificate of a record that was deleted."""
    found = certificates.certificate(db.session(), current_actor(), disposal_id)
    return render_template("prescribing/rights/certificate.html", certificate=found, schedule=SCHEDULE)


@bp.post("/data-protection/emergencies/<uuid:look_id>")
@requires(Permission.PROTECT_DATA)
def review_emergency(look_id: UUID) -> str | AnyResponse:
    """Write down what was found about a record that was opened in an emergency."""
    form = ReviewForm()
    if not form.validate():
        return _desk(FindForm(formdata=None), review=form, reviewing=look_id)
    emergency.review(db.session(), current_actor(), look_id, form.words.data or "")
    db.session.commit()
    flash("Written down.")
    return safe_redirect(url_for("rights.desk"))


def _desk(form: FindForm, **context: object) -> str:
    found = queries.desk(db.session(), current_actor())
    review = ReviewForm(formdata=None)
    return render_template(
        "prescribing/rights/desk.html",
        desk=found,
        unknown=unknown.waiting(db.session(), current_actor()),
        form=form,
        **{"review": review, "reviewing": None, **context},
    )


def _only_kept(form: str, person_id: UUID) -> AnyResponse | None:
    """What answers a sending of one of a record's forms that only keeps it or throws it away."""

    def parts() -> drafts.Parts:
        about = queries.record_of(db.session(), current_actor(), person_id)
        return {About(person_id=about.person_id): request.form.items(multi=True)}

    where = url_for("rights.record", person_id=person_id)
    return drafts.only_kept(place(form, person_id), parts, page=where)


def _record(person_id: UUID, *, take: TakeForm | None = None, hold: HoldForm | None = None) -> str:
    """A record's page, with what was tried of its two forms; the other stands as it was left."""
    session, actor = db.session(), current_actor()
    take, take_kept_at = (take, None) if take else drafts.begun_form(TakeForm, place(TAKE, person_id))
    hold, hold_kept_at = (hold, None) if hold else drafts.begun_form(HoldForm, place(HOLD, person_id))
    about = queries.record_of(session, actor, person_id)
    found = looks.looks_at(session, actor, person_id, most=10)
    audit.record(session, actor, "rights.read", "person", person_id)
    db.session.commit()
    return render_template(
        "prescribing/rights/record.html",
        about=about,
        looks=found,
        take=take,
        take_kept_at=take_kept_at,
        hold=hold,
        hold_kept_at=hold_kept_at,
        form=hold if hold.problems() else take,
        schedule=SCHEDULE,
    )


def _due(problem: str) -> str:
    found, more = retention.due(db.session())
    form = Form(formdata=None)
    if problem:
        form.add_error(None, problem)
    return render_template(
        "prescribing/rights/retention.html",
        due=found,
        more=more,
        schedule=SCHEDULE,
        stop_words=STOP_WORDS,
        form=form,
    )


def _csv(found: looks.Looks) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("entry", "when", "who", "what", "why"))
    for one in found.lines:
        cells = (one.sequence, one.at.isoformat(timespec="seconds"), one.who, one.what, one.why)
        writer.writerow([inert(cell) for cell in cells])
    return out.getvalue()


def download(text: str, name: str, kind: str) -> Response:
    """A file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype=kind, headers=headers)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
