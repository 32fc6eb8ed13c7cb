"""One request on the data protection officer's desk, and each step of answering it."""

from __future__ import annotations

from uuid import UUID

from flask import Flask, flash, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.errors import Invalid, NotFound, Refused
from core.web.forms import Form
from core.web.links import safe_redirect
from prescribing.drafts import pages as drafts
from prescribing.drafts.rules import RIGHTS, place
from prescribing.rights import copies, queries, reading, services
from prescribing.rights.forms import AnswerForm, ConcernsForm, LongerForm, PassageForm, ProofForm, SendForm
from prescribing.rights.rules import SENT_WORDS, STOP_WORDS, RequestKind, SentBy
from prescribing.rights.views import bp, download


@bp.get("/data-protection/requests/<uuid:request_id>")
@requires(Permission.PROTECT_DATA, audits_read=True)
def request_page(request_id: UUID) -> str:
    """One request: its clock, and what answers it."""
    return _request_page(request_id)


@bp.post("/data-protection/requests/<uuid:request_id>")
@requires(Permission.PROTECT_DATA)
def work(request_id: UUID) -> str | AnyResponse:
    """One step of answering a request; the button that was pressed says which."""
    step = request.values.get("step", "")
    if step not in _STEPS:
        raise NotFound
    only_kept = drafts.only_kept_about(
        _draft(step, request_id),
        queries.whose(db.session(), current_actor(), request_id),
        page=url_for("rights.request_page", request_id=request_id),
    )
    if only_kept is not None:
        return only_kept
    form = _STEPS[step]()
    if not form.validate():
        return _request_page(request_id, **{step: form})
    try:
        done = _do(step, request_id, form)
    except (Invalid, Refused) as problem:
        db.session.rollback()
        form.add_error(getattr(problem, "field", None), problem.message)
        return _request_page(request_id, **{step: form})
    drafts.sent(_draft(step, request_id))
    db.session.commit()
    return done


@bp.get("/data-protection/requests/<uuid:request_id>/passages")
@requires(Permission.PROTECT_DATA, audits_read=True)
def passages(request_id: UUID) -> str | AnyResponse:
    """The next passage that somebody must read before the copy goes out."""
    return _passage(request_id, None)


@bp.post("/data-protection/requests/<uuid:request_id>/passages")
@requires(Permission.PROTECT_DATA)
def read_passage(request_id: UUID) -> str | AnyResponse:
    """Keep what may go out of one passage, and show the next."""
    draft, there = _draft("passage", request_id), url_for("rights.passages", request_id=request_id)
    person_id = queries.whose(db.session(), current_actor(), request_id)
    only_kept = drafts.only_kept_about(draft, person_id, page=there)
    if only_kept is not None:
        return only_kept
    form = PassageForm()
    if not form.validate():
        return _passage(request_id, form)
    try:
        services.review(
            db.session(), current_actor(), request_id, form.passage.data or "", form.marked.data or ""
        )
    except Invalid as problem:
        db.session.rollback()
        form.add_error(problem.field, problem.message)
        return _passage(request_id, form)
    drafts.sent(draft)
    db.session.commit()
    return safe_redirect(there)


@bp.get("/data-protection/requests/<uuid:request_id>/copy")
@requires(Permission.PROTECT_DATA, audits_read=True)
def copy(request_id: UUID) -> str | AnyResponse:
    """The copy as the person gets it, to print or to hand over; for programs with `?as=json`."""
    session, actor = db.session(), current_actor()
    asked = queries.request(session, actor, request_id)
    if asked.line.kind is not RequestKind.ACCESS:
        raise NotFound
    made = copies.copy_for(session, asked.line.person_id, request_id)
    audit.record(
        session, actor, "rights.read", "person", asked.line.person_id, reference=asked.line.reference
    )
    db.session.commit()
    if request.args.get("as") == "json":
        return download(copies.as_json(made), f"copy-{asked.line.reference}.json", "application/json")
    return render_template(
        "prescribing/rights/copy.html", copy=made, parts=reading.told(session, made), asked=asked
    )


def register(app: Flask) -> None:
    """Put the desk onto the application, with its requests."""
    app.register_blueprint(bp)


_STEPS: dict[str, type[Form]] = {
    "proof": ProofForm,
    "longer": LongerForm,
    "concerns": ConcernsForm,
    "send": SendForm,
    "answer": AnswerForm,
    "delete": Form,
}
# The steps in which somebody writes.
_TYPED = ("proof", "longer", "answer")


def _draft(step: str, request_id: UUID) -> str:
    """Where what is typed into a step is kept."""
    return place(f"{RIGHTS}-{step}", request_id)


def _do(step: str, request_id: UUID, form: Form) -> AnyResponse:
    session, actor = db.session(), current_actor()
    here = url_for("rights.request_page", request_id=request_id)
    if step == "delete":
        made = services.delete_as_asked(session, actor, request_id)
        flash("The record is deleted. This is its certificate.")
        return safe_redirect(url_for("rights.certificate", disposal_id=made.id))
    if isinstance(form, ProofForm):
        services.see_proof(session, actor, request_id, form.proof.data or "")
        flash("Written down.")
    elif isinstance(form, LongerForm):
        services.take_longer(session, actor, request_id, int(form.months.data), form.reason.data or "")
        flash("The clock is set. Now tell the person, and why.")
    elif isinstance(form, ConcernsForm):
        services.decide_concerns(session, actor, request_id, go_in=form.concerns.data == "in")
        flash("Written down.")
    elif isinstance(form, SendForm):
        services.send_copy(session, actor, request_id, SentBy(form.sent_by.data))
        flash("Answered. Print the copy, or let them read it signed in.")
    elif isinstance(form, AnswerForm):
        refuse = form.outcome.data == "refused"
        services.answer(session, actor, request_id, form.answer.data or "", refuse=refuse)
        flash("Answered. Send the person these words, too.")
    return safe_redirect(here)


def _request_page(request_id: UUID, **tried: Form) -> str:
    session, actor = db.session(), current_actor()
    asked = queries.request(session, actor, request_id)
    audit.record(
        session, actor, "rights.read", "person", asked.line.person_id, reference=asked.line.reference
    )
    db.session.commit()
    forms, kept_at = {step: kind(formdata=None) for step, kind in _STEPS.items()}, {}
    for step in _TYPED:
        forms[step], kept_at[step] = drafts.begun_form(_STEPS[step], _draft(step, request_id))
    forms |= tried
    return render_template(
        "prescribing/rights/request.html",
        asked=asked,
        forms=forms,
        kept_at=kept_at,
        form=next(iter(tried.values()), None),
        stop_words=STOP_WORDS,
        sent_words=SENT_WORDS,
    )


def _passage(request_id: UUID, tried: PassageForm | None) -> str | AnyResponse:
    session, actor = db.session(), current_actor()
    asked = queries.request(session, actor, request_id)
    if asked.line.kind is not RequestKind.ACCESS or not asked.is_open:
        raise NotFound
    left = copies.unread(session, asked.line.person_id, request_id)
    audit.record(
        session, actor, "rights.read", "person", asked.line.person_id, reference=asked.line.reference
    )
    db.session.commit()
    if not left:
        flash("Every passage has been read.")
        return safe_redirect(url_for("rights.request_page", request_id=request_id))
    one, kept_at = left[0], None
    form = tried
    if form is None:
        form, kept_at = drafts.begun_form(PassageForm, _draft("passage", request_id))
    if form.passage.data != one.id:
        form, kept_at = PassageForm(formdata=None), None
        form.passage.data, form.marked.data = one.id, one.text
    return render_template(
        "prescribing/rights/passage.html", asked=asked, one=one, left=len(left), form=form, kept_at=kept_at
    )
