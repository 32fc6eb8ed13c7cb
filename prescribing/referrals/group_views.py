"""A group's pages: its inbox, and who came to a session."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core import clock
from core.access.guard import current_actor, requires
from core.access.rules import Permission, Role
from core.accounts.landing import register_landing
from core.db import db
from core.errors import Invalid, Refused
from core.web.links import safe_redirect
from core.web.slots import add_navigation
from prescribing.referrals import answering, attending, inbox, looking
from prescribing.referrals.forms import ListingForm, fair_reasons, read_day, read_marks
from prescribing.referrals.inbox_rules import PART_WORDS, Part
from prescribing.referrals.visits import Mark

bp = Blueprint("inbox", __name__)

add_navigation(Permission.ANSWER_REFERRALS, "Inbox", "inbox.new", 5)
register_landing(Role.GROUP_MEMBER, "inbox.new")


@bp.get("/inbox")
@requires(Permission.ANSWER_REFERRALS, audits_read=True)
def new() -> str:
    """Who asks, who waits, who is coming?"""
    only = next((part for part in Part if request.args.get("show") == part), None)
    page = request.args.get("page", 1, type=int)
    found = inbox.inbox(db.session(), current_actor(), only=only, page=page)
    looking.record_group_looks(db.session(), current_actor(), found.shown)
    db.session.commit()
    return render_template(
        "prescribing/referrals/inbox.html",
        inbox=found,
        part_words=PART_WORDS,
        only=only,
        fair=fair_reasons(),
        today=clock.today(),
    )


@bp.get("/activities/<uuid:service_id>/attendance")
@requires(Permission.ANSWER_REFERRALS, audits_read=True)
def register(service_id: UUID) -> str:
    """Who came to this session?"""
    return _register(service_id, _day())


@bp.post("/activities/<uuid:service_id>/attendance")
@requires(Permission.ANSWER_REFERRALS)
def record(service_id: UUID) -> Response | tuple[str, int]:
    """Write a session down. A phone that lost its connection sends it again: that changes nothing."""
    session, actor = db.session(), current_actor()
    found = inbox.register(session, actor, service_id)
    on = read_day(request.form.get("on"))
    marks = read_marks(request.form)
    try:
        if not marks:
            raise Invalid("Nobody is marked yet. Mark at least one person, then save.")
        written = attending.record_session(session, actor, found.offer.service_id, on, marks)
    except (Invalid, Refused) as error:
        db.session.rollback()
        return _register(service_id, on, marks, error.message), error.status
    db.session.commit()
    flash("Thank you. It is written down." if written else "Nothing was changed.", "success")
    return safe_redirect(url_for("inbox.register", service_id=service_id, on=on.isoformat()))


@bp.post("/activities/<uuid:service_id>/room")
@requires(Permission.ANSWER_REFERRALS)
def room(service_id: UUID) -> Response:
    """Hear that an activity is full, or has room again."""
    full = request.form.get("full") == "yes"
    answering.say_room(db.session(), current_actor(), service_id, full=full)
    db.session.commit()
    flash(
        "Your listing says that you are full. Link workers see it too."
        if full
        else "Your listing says no more that you are full. Link workers see it too.",
        "success",
    )
    return safe_redirect(url_for("inbox.new"))


@bp.post("/referrals/<uuid:referral_id>/listing")
@requires(Permission.ANSWER_REFERRALS)
def listing_wrong(referral_id: UUID) -> Response:
    """Hear that the group's listing is not right."""
    form = ListingForm()
    if not form.validate():
        raise Invalid("Write what is wrong with your listing, then send it.")
    answering.say_listing_wrong(db.session(), current_actor(), referral_id, form.note.data or "")
    db.session.commit()
    flash("Thank you. Somebody will look at your listing.", "success")
    return safe_redirect(url_for("referrals.show", referral_id=referral_id))


def _register(
    service_id: UUID, on: date | None, typed: Mapping[UUID, Mark] | None = None, problem: str = ""
) -> str:
    found = inbox.register(db.session(), current_actor(), service_id, on)
    looking.record_group_looks(db.session(), current_actor(), found.people)
    db.session.commit()
    return render_template(
        "prescribing/referrals/register.html",
        register=found,
        marks=typed if typed is not None else found.marks,
        problem=problem,
        today=clock.today(),
    )


def _day() -> date | None:
    text = request.args.get("on", "")
    return read_day(text) if text else None
