"""A group checks its listings behind an emailed link; an editor rings where nobody does. Opening a link changes
nothing: buttons do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core import clock
from core.access.guard import current_actor, public, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Conflict, Invalid, NotFound, Refused
from core.web.links import safe_redirect
from directory.listings import services as listings
from directory.listings.content import content_of
from directory.listings.editing_views import TIME_BOXES, moment_of
from directory.listings.schedule_json import rule_from_json
from directory.listings.section_form import SectionForm
from directory.listings.times_form import TimeForm
from directory.listings.wording import in_words
from directory.stewardship.freshness import links, queries, services
from directory.stewardship.freshness.forms import Answer, AnswerForm, CallForm, ChangedForm
from directory.stewardship.freshness.links import OpenLink
from directory.stewardship.freshness.models import CallOutcome
from directory.stewardship.reports import services as reports

bp = Blueprint("freshness", __name__)

Page = str | Response | tuple[str, int]

_WHY = "The link in the email is the proof"
_NEW_LINE = "new"


@bp.get("/check/<token>")
@public(_WHY)
def check(token: str) -> Page:
    """Is it all still right?"""
    link = _opened(token)
    if link is None:
        return _gone(token)
    return render_template(
        "directory/stewardship/check.html",
        token=token,
        link=link,
        group=link.actor.name,
        listings=queries.check_listings(db.session(), link),
    )


@bp.post("/check/<token>")
@public(_WHY)
def answer(token: str) -> Page:
    """Take one press: still right, not on this week, on after all."""
    link = _opened(token)
    if link is None:
        return _gone(token)
    form = AnswerForm()
    try:
        said = _take(link, form)
        links.note_answer(db.session(), link)
    except (Refused, Invalid) as error:
        db.session.rollback()
        flash(error.message, "notice")
        return safe_redirect(url_for("freshness.check", token=token))
    db.session.commit()
    flash(said, "success")
    return safe_redirect(url_for("freshness.check", token=token))


def _take(link: OpenLink, form: AnswerForm) -> str:
    session, said = db.session(), form.said
    if said is Answer.ALL_RIGHT:
        for one in link.service_ids:
            listings.confirm(session, link.actor, one)
        return "Thank you. All your pages say that you checked them today."
    service_id = form.service_id
    if service_id not in link.service_ids:
        raise NotFound
    if said is Answer.RIGHT:
        listings.confirm(session, link.actor, service_id)
        return "Thank you. Your page says that you checked it today."
    starts = moment_of(form.session.data)
    if said is Answer.OFF:
        listings.cancel_session(session, link.actor, service_id, starts, "")
        return "That session is off, and your page says so. You can undo it below."
    listings.restore_session(session, link.actor, service_id, starts)
    return "That session is on again."


@bp.post("/check/<token>/again")
@public(_WHY)
def again(token: str) -> Page:
    """Send a new link to the mailbox of an old one."""
    try:
        links.send_again(db.session(), token)
    except NotFound:
        db.session.rollback()
        return _gone(token)
    db.session.commit()
    return render_template("directory/stewardship/check_sent.html")


@bp.route("/check/<token>/<uuid:service_id>", methods=["GET", "POST"])
@public(_WHY)
def changed(token: str, service_id: UUID) -> Page:
    """What changed? One line of the timetable where `line` names it, else how to be reached and the rest."""
    link = _opened(token)
    if link is None:
        return _gone(token)
    row = queries.check_listing(db.session(), link, service_id)
    content = content_of(row)
    line = request.args.get("line")
    before = _line(line, content["schedules"])
    form: ChangedForm | TimeForm
    if before is None:
        form = ChangedForm(data=ChangedForm.data_of(content) | {"expected_version": row.version})
    else:
        form = TimeForm(data=TimeForm.data_of(before) | {"expected_version": row.version})
    taken_out = bool(request.form.get("gone")) and form.is_submitted()
    if (taken_out or form.validate_on_submit()) and _save(link, service_id, form, content, line):
        return safe_redirect(
            url_for("freshness.changed", token=token, service_id=service_id)
            if before is not None
            else url_for("freshness.check", token=token)
        )
    page = render_template(
        "directory/stewardship/check_changed.html",
        token=token,
        service_id=service_id,
        name=row.name,
        form=form,
        line=line if before is not None else None,
        lines=[in_words(rule_from_json(rule), clock.today()) for rule in content["schedules"]],
    )
    return (page, 400) if form.is_submitted() else page


def _save(
    link: OpenLink, service_id: UUID, form: ChangedForm | TimeForm, content: dict[str, Any], line: str | None
) -> bool:
    """Whether it could be kept; where not, the form says why."""
    session = db.session()
    try:
        values = _values(form, content["schedules"], line)
        listings.submit_change(session, link.actor, service_id, values, form.version)
        if isinstance(form, ChangedForm) and (form.words.data or "").strip():
            reports.from_group(session, link.actor, service_id, form.words.data or "")
        listings.confirm(session, link.actor, service_id)
        links.note_answer(session, link)
    except Invalid as fault:
        session.rollback()
        form.add_error(TIME_BOXES.get(fault.field or "", fault.field), fault.message)
        return False
    except Conflict as clash:
        session.rollback()
        theirs = "; ".join(f"{name}: {text or 'nothing'}" for name, text in clash.theirs.items())
        form.add_error(None, f"Somebody else changed this while you were writing. It now says: {theirs}")
        return False
    session.commit()
    flash("Thank you. Times and phone numbers are public now. An editor reads the rest.", "success")
    return True


def _values(form: ChangedForm | TimeForm, lines: list[dict[str, Any]], line: str | None) -> dict[str, Any]:
    if isinstance(form, ChangedForm):
        return SectionForm.values(form)
    kept = list(lines)
    before = _line(line, lines) or {}
    rule = None if request.form.get("gone") else form.as_json(clock.today(), before)
    if line == _NEW_LINE:
        return {"schedules": [*kept, *([rule] if rule else [])]}
    number = int(line or 0)
    return {"schedules": [*kept[:number], *([rule] if rule else []), *kept[number + 1 :]]}


def _line(line: str | None, lines: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The line of the timetable that is asked for, empty for a new one, None for none. Raises `NotFound`."""
    if line is None:
        return None
    if line == _NEW_LINE:
        return {}
    for number, rule in enumerate(lines):
        if line == str(number):
            return rule
    raise NotFound


def _opened(token: str) -> OpenLink | None:
    try:
        return links.open_link(db.session(), token)
    except NotFound:
        return None


def _gone(token: str) -> tuple[str, int]:
    link = links.find(db.session(), token)
    page = render_template("directory/stewardship/check_gone.html", token=token, known=link is not None)
    return page, 404 if link is None else 410


@bp.get("/moderation/calls")
@requires(Permission.MODERATE)
def calls() -> str:
    """Whom to ring before their listing hides."""
    number = request.args.get("page", 1, type=int)
    return render_template(
        "directory/stewardship/calls.html",
        found=queries.calls(db.session(), current_actor(), number),
        outcomes=tuple(CallOutcome),
    )


@bp.post("/moderation/calls/<uuid:service_id>")
@requires(Permission.MODERATE)
def call(service_id: UUID) -> Response:
    """Write down how a call ended."""
    how = CallForm().how
    services.note_call(db.session(), current_actor(), service_id, how)
    db.session.commit()
    if how is CallOutcome.CHANGED:
        flash("Change what they told you, then press “still right”.", "success")
        return safe_redirect(url_for("editing.edit", service_id=service_id))
    flash(
        "Thank you. It comes back in a week."
        if how is CallOutcome.NO_ANSWER
        else "Thank you. It is confirmed.",
        "success",
    )
    return safe_redirect(url_for("freshness.calls"))
