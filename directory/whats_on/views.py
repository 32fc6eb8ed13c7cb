"""What's on: the sessions of a day near a place, and the same as a calendar file."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from core import clock
from core.access.guard import public
from core.db import db
from core.web.links import address_with
from core.web.slots import add_navigation
from directory.listings.answers import base_url, calendar_answer
from directory.listings.calendar_file import sessions_file
from directory.listings.pages import listing_pages
from directory.search.vocabularies import vocabularies
from directory.whats_on import rules
from directory.whats_on.forms import WhatsOnForm, read_wanted
from directory.whats_on.queries import whats_on

bp = Blueprint("whats_on", __name__)

add_navigation(None, "What’s on", "whats_on.show", 11)

# As many sessions as a calendar file of one choice of days holds.
MOST_IN_FILE = 200


@bp.get("/whats-on")
@public("Everybody may see what is on")
def show() -> str | AnyResponse:
    """What is on, where, at what time; what was called off is struck through."""
    session, today = db.session(), clock.today()
    known = vocabularies(session)
    wanted, problems = read_wanted(request.args, known.known["need"], today)
    found = whats_on(session, wanted)
    if wanted.page > found.pages:
        return redirect(address_with("page", found.pages))
    form = WhatsOnForm()
    form.offer(wanted, [(word.slug, word.name) for word in known.words["need"]], today)
    for name, message in problems.items():
        form.add_error(name, message)
    if found.unknown_place:
        form.add_error("postcode", found.unknown_place)
    return render_template("directory/whats_on/show.html", form=form, found=found, strip=rules.strip(today))


@bp.get("/whats-on.ics")
@public("Everybody may put what is on into their calendar")
def calendar() -> Response:
    """The same sessions as an iCalendar file; what cannot be read in the address is left out."""
    session = db.session()
    wanted, _ = read_wanted(request.args, vocabularies(session).known["need"], clock.today())
    found = whats_on(session, replace(wanted, page=1), most=MOST_IN_FILE)
    held = [one for day in found.days for one in day.sessions]
    pages = {page.id: page for page in listing_pages(session, [one.card.id for one in held])}
    sessions = [(pages[one.card.id], one.session) for one in held if one.card.id in pages]
    return calendar_answer(sessions_file(sessions, found.heading, base_url()), "whats-on")
