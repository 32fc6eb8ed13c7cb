"""A group keeps its own listings: see all that it says, change one part, call off a session, say it is still right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from core import clock
from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Conflict, Invalid, NotFound
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.sending import only_once
from directory.listings import queries, rescheduling, services
from directory.listings.cards import ACCESS, AUDIENCES, NEEDS
from directory.listings.forms import BY_SLUG, SECTIONS, CancelForm, MoveForm, NewListingForm, Section
from directory.listings.queries import EditPage
from directory.listings.rules import SESSION_KEY, ListingStatus
from directory.listings.section_form import Choices, SectionForm
from directory.listings.times_form import TimeForm
from directory.listings.wording import field_label

bp = Blueprint("editing", __name__)

Answer = str | BaseResponse | tuple[str, int]

MOVES: Mapping[str, tuple[ListingStatus, str, str]] = {
    "send": (
        ListingStatus.WAITING,
        "Send for approval",
        "Sent. An editor looks at it before it is public.",
    ),
    "pause": (ListingStatus.PAUSED, "Close for now", "Closed for now. Your page says so."),
    "open": (ListingStatus.PUBLISHED, "Open again", "Open again. People can find it."),
    "close": (ListingStatus.CLOSED, "Close for good", "Closed for good. Your page says so."),
    "withdraw": (ListingStatus.WITHDRAWN, "Withdraw it", "Withdrawn."),
    "draft": (ListingStatus.DRAFT, "Take it up again", "It is a draft again."),
}
TIMES = BY_SLUG["times"]
# What the boxes of a form of times are called in the rule's own words.
TIME_BOXES = {
    "byday": "days",
    "nth": "often",
    "interval": "often",
    "schedule": "opens_at",
    "valid_to": "last",
    "season": "season_from",
    "pence": "pounds",
}


@bp.get("/my-groups")
@requires(Permission.EDIT_LISTING)
def home() -> str:
    """A member's groups and their listings, those that need something first."""
    return render_template(
        "directory/listings/own_groups.html", groups=queries.own_groups(db.session(), current_actor())
    )


@bp.route("/my-groups/<uuid:organization_id>/new", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTING)
def new(organization_id: UUID) -> Answer:
    """Begin a new listing with a few words; the rest is filled in on its own page."""
    if not queries.may_edit(db.session(), current_actor(), organization_id):
        raise NotFound
    form = NewListingForm()
    form.offer(_choices())
    if form.validate_on_submit():
        if form.asks_first():
            return render_template("directory/listings/new.html", form=form)
        only_once(form)
        try:
            service_id = services.create_listing(
                db.session(), current_actor(), organization_id, form.values()
            )
        except Invalid as fault:
            db.session.rollback()
            form.add_error(fault.field, fault.message)
            return render_template("directory/listings/new.html", form=form), 400
        there = url_for("editing.edit", service_id=service_id)
        idempotency.remember(db.session(), form.key, there)
        db.session.commit()
        return safe_redirect(there)
    return render_template("directory/listings/new.html", form=form), 400 if form.is_submitted() else 200


@bp.get("/activities/<uuid:service_id>/edit")
@requires(Permission.EDIT_LISTING)
def edit(service_id: UUID) -> str:
    """Everything that the listing says, each part with its Change."""
    page = queries.edit_page(db.session(), current_actor(), service_id)
    return render_template(
        "directory/listings/edit.html",
        page=page,
        sections=SECTIONS,
        label=field_label,
        moves=[(slug, words) for slug, (target, words, _) in MOVES.items() if target in page.moves],
    )


@bp.route("/activities/<uuid:service_id>/edit/<slug>", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTING)
def section(service_id: UUID, slug: str) -> Answer:
    """One part of the listing: only its own boxes."""
    part = BY_SLUG.get(slug)
    if part is None:
        raise NotFound
    page = queries.edit_page(db.session(), current_actor(), service_id)
    if slug == "times":
        lines = rescheduling.read_back(db.session(), page.content["schedules"])
        return render_template("directory/listings/times.html", page=page, lines=lines)
    form = part.form(data=part.form.data_of(page.content) | {"expected_version": page.version})
    form.offer(_choices(), page.content)
    if not form.validate_on_submit():
        return _ask(page, part, form)
    return _save(page, part, form, form.values())


@bp.route("/activities/<uuid:service_id>/edit/times/<line>", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTING)
def times(service_id: UUID, line: str) -> Answer:
    """One line of the timetable; `line` is its number from 0, or "new"."""
    page = queries.edit_page(db.session(), current_actor(), service_id)
    rules = list(page.content["schedules"])
    number = _line(line, rules)
    before = rules[number] if number is not None else {}
    form = TimeForm(data=TimeForm.data_of(before) | {"expected_version": page.version})
    if not form.validate_on_submit():
        return _ask(page, TIMES, form)
    try:
        rule = form.as_json(clock.today(), before)
    except Invalid as fault:
        form.add_error(TIME_BOXES.get(fault.field or "", fault.field), fault.message)
        return _ask(page, TIMES, form)
    changed = [*rules, rule] if number is None else [*rules[:number], rule, *rules[number + 1 :]]
    return _save(page, TIMES, form, {"schedules": changed})


@bp.post("/activities/<uuid:service_id>/edit/times/<line>/remove")
@requires(Permission.EDIT_LISTING)
def remove_times(service_id: UUID, line: str) -> BaseResponse:
    """Take one line out of the timetable."""
    page = queries.edit_page(db.session(), current_actor(), service_id)
    rules = list(page.content["schedules"])
    number = _line(line, rules)
    if number is None:
        raise NotFound
    left = [*rules[:number], *rules[number + 1 :]]
    services.submit_change(
        db.session(), current_actor(), service_id, {"schedules": left}, SectionForm().version
    )
    db.session.commit()
    flash("Those times are gone from your page.")
    return safe_redirect(url_for("editing.section", service_id=service_id, slug="times"))


@bp.post("/activities/<uuid:service_id>/cancel")
@requires(Permission.EDIT_LISTING)
def cancel(service_id: UUID) -> BaseResponse:
    """Call off one session: "not on this week"."""
    form = CancelForm()
    try:
        if not form.validate():
            raise Invalid(form.problems()[0][1])
        services.cancel_session(
            db.session(), current_actor(), service_id, moment_of(form.session.data), form.note.data or ""
        )
    except Invalid as fault:
        db.session.rollback()
        flash(fault.message, "notice")
        return safe_redirect(url_for("editing.edit", service_id=service_id))
    db.session.commit()
    flash("That session is off, and your page says so. You can undo it below.")
    return safe_redirect(request.form.get("next"), url_for("editing.edit", service_id=service_id))


@bp.post("/activities/<uuid:service_id>/restore")
@requires(Permission.EDIT_LISTING)
def restore(service_id: UUID) -> BaseResponse:
    """Put a session back on."""
    services.restore_session(
        db.session(), current_actor(), service_id, moment_of(request.form.get("session"))
    )
    db.session.commit()
    flash("That session is on again.")
    return safe_redirect(request.form.get("next"), url_for("editing.edit", service_id=service_id))


@bp.post("/activities/<uuid:service_id>/confirm")
@requires(Permission.EDIT_LISTING)
def confirm(service_id: UUID) -> BaseResponse:
    """Say that the listing is still right."""
    services.confirm(db.session(), current_actor(), service_id)
    db.session.commit()
    flash("Thank you. Your page says that you checked it today.")
    return safe_redirect(request.form.get("next"), url_for("editing.home"))


@bp.route("/activities/<uuid:service_id>/move/<slug>", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTING)
def move(service_id: UUID, slug: str) -> Answer:
    """Close, pause, open again, send for approval: ask once, then do it."""
    page = queries.edit_page(db.session(), current_actor(), service_id)
    target, words, done = MOVES.get(slug, (None, "", ""))
    if target is None or target not in page.moves:
        raise NotFound
    form = MoveForm()
    if form.validate_on_submit():
        try:
            services.move_status(db.session(), current_actor(), service_id, target, form.reason.data or "")
        except Invalid as fault:
            db.session.rollback()
            flash(fault.message, "notice")
            return safe_redirect(url_for("editing.edit", service_id=service_id))
        db.session.commit()
        flash(done)
        return safe_redirect(url_for("editing.edit", service_id=service_id))
    status = 400 if form.is_submitted() else 200
    return render_template(
        "directory/listings/move.html", page=page, form=form, words=words, slug=slug
    ), status


def _ask(page: EditPage, part: Section, form: SectionForm) -> Answer:
    status = 400 if form.is_submitted() else 200
    return render_template(_page_of(form), page=page, part=part, form=form, conflict=None), status


def _page_of(form: SectionForm) -> str:
    return f"directory/listings/{'line' if isinstance(form, TimeForm) else 'section'}.html"


def _save(page: EditPage, part: Section, form: SectionForm, values: dict[str, Any]) -> Answer:
    """Submit; show the boxes again where something is to be mended, with both texts where somebody was quicker."""
    conflict: Conflict | None = None
    try:
        done = services.submit_change(db.session(), current_actor(), page.id, values, form.version)
    except Invalid as fault:
        form.add_error(fault.field, fault.message)
    except Conflict as clash:
        conflict = clash
    else:
        db.session.commit()
        flash(said(done))
        postcode = (values.get("address") or {}).get("postcode")
        warning = queries.unknown_place(db.session(), postcode) if postcode else ""
        if warning:
            flash(warning, "notice")
        return safe_redirect(_after(page, part))
    db.session.rollback()
    now = queries.edit_page(db.session(), current_actor(), page.id)
    if conflict is not None:
        form.expected_version.data = str(now.version)
    body = render_template(_page_of(form), page=now, part=part, form=form, conflict=conflict)
    return body, 409 if conflict else 400


def _after(page: EditPage, part: Section) -> str:
    if part.slug == "times":
        return url_for("editing.section", service_id=page.id, slug="times")
    return url_for("editing.edit", service_id=page.id)


def said(done: services.Submitted) -> str:
    """What became of a change, for whoever sent it."""
    if done.nothing:
        return "Nothing was different, so nothing changed."
    if not done.waiting:
        return "Saved."
    if not done.at_once:
        return "Saved. An editor looks at it before it is public. Your page stays as it was until then."
    return "Saved. Part of it is public now; the rest is public when an editor has looked at it."


def _choices() -> Choices:
    session = db.session()
    return {
        "needs": queries.vocabulary_choices(session, NEEDS),
        "audience": queries.vocabulary_choices(session, AUDIENCES),
        "access": queries.vocabulary_choices(session, ACCESS),
    }


def _line(text: str, rules: list[dict[str, Any]]) -> int | None:
    """The number of a timetable's line, None for a new one. Raises `NotFound`."""
    if text == "new":
        return None
    for number in range(len(rules)):
        if text == str(number):
            return number
    raise NotFound


def moment_of(text: str | None) -> datetime:
    """The start of a session out of a form. Raises `NotFound`."""
    try:
        return datetime.strptime(text or "", SESSION_KEY).replace(tzinfo=clock.LONDON)
    except ValueError:
        raise NotFound from None
