"""Keeping and passing on: a list without an account, a leaflet to print, calendars, feeds and a widget of a search."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import segno
from flask import Blueprint, Response, current_app, flash, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as AnyResponse

from core import clock
from core.access.guard import public
from core.db import db
from core.errors import Invalid
from core.geography.rules import coarse_place
from core.idempotency import services as idempotency
from core.web.headers import allow_framing
from core.web.links import safe_redirect
from core.web.sending import only_once
from core.web.slots import add_navigation, fill
from directory.listings.answers import base_url, calendar_answer
from directory.listings.calendar_file import calendar_file
from directory.listings.cards import cards
from directory.listings.pages import last_changed, listing_page, listing_pages
from directory.passing_on import feeds, rules
from directory.passing_on.forms import SendForm
from directory.passing_on.services import send_list
from directory.search import queries as search
from directory.search.forms import read_criteria
from directory.search.queries import Found
from directory.search.rules import Criteria
from directory.search.vocabularies import Vocabularies, vocabularies

bp = Blueprint("passing_on", __name__)

add_navigation(None, "Kept", "passing_on.pinboard", 12)


# Stands for the question where markup is made that all searches share: a private-use letter, which no address has.
_QUERY = "\ue000"


def _search_foot(found: Found) -> Markup:
    """Below results: the same search as a calendar, a feed and a widget, none with a place closer than a sector."""
    shapes: dict[str, str] = current_app.extensions.setdefault("search_foot", {})
    shape = shapes.get(request.script_root)
    if shape is None:
        shape = shapes[request.script_root] = render_template(
            "directory/passing_on/search_foot.html", query=_QUERY
        )
    query = escape(feeds.query_of(_kept(found.criteria)))
    return Markup(shape.replace(_QUERY, query))  # noqa: S704 - the template's own markup, and what was made safe


fill("search_foot", _search_foot)

Answer = str | AnyResponse | tuple[str, int]

SHOWN_IN_WIDGET = 5
# A calendar program fetches the whole file again every few hours.
MOST_IN_CALENDAR = 200
NEWS_IN_FEED = 50


@bp.get("/pinboard")
@public("Everybody may keep what they found")
def pinboard() -> str:
    """The activities that the address names: to print, to pass on. Nothing is kept here."""
    ids = rules.read_ids(request.args.get("ids", ""))
    held = cards(db.session(), ids, today=clock.today())
    there = [card.id for card in held]
    text = rules.write_ids(there)
    return render_template(
        "directory/passing_on/pinboard.html",
        cards=held,
        pages={page.id: page for page in listing_pages(db.session(), there)},
        gone=len(ids) - len(held),
        ids=text,
        left={one: rules.without(there, one) for one in there},
        link=base_url() + url_for("passing_on.pinboard", ids=text),
    )


@bp.route("/pinboard/send", methods=["GET", "POST"])
@public("Everybody may send a kept list")
def send() -> Answer:
    """Send the list to one email address or mobile phone."""
    form = SendForm(data={"ids": request.args.get("ids", "")})
    session = db.session()
    ids = rules.read_ids(str(form.ids.data or ""))
    held = cards(session, ids, today=clock.today())
    board = url_for("passing_on.pinboard", ids=rules.write_ids(card.id for card in held))
    if not held:
        return safe_redirect(url_for("passing_on.pinboard"))
    if form.validate_on_submit():
        only_once(form, there=board)
        try:
            send_list(
                session,
                how=str(form.how.data),
                to=form.to.data or "",
                cards=held,
                link=base_url() + board,
                network=request.remote_addr or "",
                base_url=base_url(),
            )
        except Invalid as fault:
            session.rollback()
            form.add_error(fault.field, fault.message)
        else:
            idempotency.remember(session, form.key, board)
            session.commit()
            flash("Your list is on its way. We do not keep the address that you sent it to.")
            return safe_redirect(board)
    status = 400 if form.is_submitted() else 200
    return render_template("directory/passing_on/send.html", form=form, cards=held, board=board), status


@bp.get("/activities/<uuid:service_id>/leaflet")
@public("Anybody may print what there is")
def leaflet(service_id: UUID) -> str:
    """One activity on one sheet in large print, with a code that leads back to its page."""
    page = listing_page(db.session(), service_id)
    address = base_url() + page.path
    # Our own library's drawing of our own address: no text of anybody's is in it.
    code = Markup(segno.make(address, error="m").svg_inline(omitsize=True, border=2, svgclass="gt-qr"))  # noqa: S704
    return render_template("directory/passing_on/leaflet.html", page=page, address=address, code=code)


@bp.get("/search.ics")
@public("Everybody may put a search into their calendar")
def search_calendar() -> Response:
    """What a search finds, as an iCalendar file to subscribe to."""
    heading, ids = search.everything(db.session(), *_asked(), most=MOST_IN_CALENDAR)
    content = calendar_file(listing_pages(db.session(), ids), heading, base_url(), clock.now())
    return calendar_answer(content, "search")


@bp.get("/search.atom")
@public("Everybody may follow a search")
def search_atom() -> Response:
    """What is new and what changed among what a search finds."""
    session = db.session()
    heading, ids = search.everything(session, *_asked(), most=search.MOST_MATCHES)
    pages = listing_pages(session, last_changed(session, ids, NEWS_IN_FEED))
    content = feeds.atom(pages, heading, base_url(), request.full_path.rstrip("?"))
    return Response(content, mimetype="application/atom+xml")


@bp.get("/widget")
@public("Anybody may put a search on their own site")
def widget() -> str:
    """How to put a search on one's own site: the lines to copy, and what they look like."""
    shown, known = _asked()
    return render_template(
        "directory/passing_on/widget.html",
        needs=known.words["need"],
        criteria=shown,
        address=base_url() + url_for("passing_on.widget_frame") + feeds.query_of(shown),
    )


@bp.get("/widget/frame")
@public("A search may stand on any site")
def widget_frame() -> str:
    """The first few of what a search finds, small, for a frame on another site."""
    found = _search()
    allow_framing()
    return render_template(
        "directory/passing_on/widget_frame.html",
        found=found,
        answers=found.answers[:SHOWN_IN_WIDGET],
        more=base_url() + url_for("search.results") + feeds.query_of(found.criteria),
    )


def _search() -> Found:
    """The search that the address asks for, its place made coarse; what cannot be read in it is left out."""
    return search.search(db.session(), *_asked())


def _asked() -> tuple[Criteria, Vocabularies]:
    known = vocabularies(db.session())
    criteria, _ = read_criteria(request.args, known.known)
    return _kept(criteria), known


def _kept(criteria: Criteria) -> Criteria:
    """The search as it may be kept in an address: from its first page, its place made coarse."""
    return replace(criteria, page=1, place=coarse_place(criteria.place), near=None)
