"""Home, the results page, and the same search for scripts. The address bar is the whole state."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, json, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from core import events
from core.access.guard import public
from core.db import db
from core.web.links import address_with
from core.web.slots import add_navigation
from directory.search import queries, rules, suggestions
from directory.search.events import Searched
from directory.search.forms import SearchForm, read_criteria
from directory.search.queries import Answer
from directory.search.vocabularies import vocabularies

bp = Blueprint("search", __name__)

add_navigation(None, "Find support", "search.results", 10)


@bp.get("/")
@public("Everybody may look for support")
def home() -> str:
    """What this is, whom it is for, what one can do now."""
    needs = vocabularies(db.session()).words["need"]
    return render_template("directory/search/home.html", search=SearchForm(), needs=needs)


@bp.get("/search")
@public("Everybody may look for support")
def results() -> str | AnyResponse:
    """What was found, and ways to narrow it or to look further."""
    session = db.session()
    known = vocabularies(session)
    criteria, problems = read_criteria(request.args, known.known)
    found = queries.search(session, criteria, known)
    if found.total and criteria.page > found.hits.pages:
        return redirect(address_with("page", found.hits.pages))
    form = SearchForm()
    form.show(criteria)
    for name, message in problems.items():
        form.add_error(name, message)
    if found.unknown_place:
        form.add_error("postcode", found.unknown_place)
    if criteria.page == 1:
        events.publish(session, Searched(found))
    return render_template("directory/search/results.html", form=form, found=found, needs=known.words["need"])


@bp.get("/search.json")
@public("Everybody may look for support, scripts too")
def results_json() -> Response:
    """The same search for scripts; a value that cannot be used is answered by a problem (RFC 9457)."""
    session = db.session()
    known = vocabularies(session)
    criteria, problems = read_criteria(request.args, known.known)
    if problems:
        return _problem(problems)
    found = queries.search(session, criteria, known)
    if found.unknown_place:
        return _problem({"postcode": found.unknown_place})
    body = {
        "total": found.total,
        "page": criteria.page,
        "pages": found.hits.pages,
        "relaxed": list(found.hits.relaxed),
        "items": [_item(answer) for answer in found.answers],
    }
    return Response(json.dumps(body), mimetype="application/json")


@bp.get("/suggest")
@public("Everybody may look for support")
def suggest() -> str:
    """What begins with what was typed, as a list: where scripts do not run."""
    form = SearchForm()
    typed = rules.readable(form.q.data or "", suggestions.LONGEST).strip()
    form.q.data = typed
    found = suggestions.suggest(db.session(), typed)
    return render_template("directory/search/suggest.html", form=form, typed=typed, found=found)


@bp.get("/suggest.json")
@public("Everybody may look for support, scripts too")
def suggest_json() -> Response:
    """The same for scripts: what it says, what kind of thing it is, where it leads."""
    found = suggestions.suggest(db.session(), request.args.get("q", ""))
    items = [{"text": one.text, "kind": one.kind.value, "url": one.path} for one in found]
    return Response(json.dumps({"items": items}), mimetype="application/json")


def _item(answer: Answer) -> dict[str, object]:
    """One thing found: kilometres to one decimal place, the next session's start as ISO 8601, needs as slugs."""
    card = answer.card
    return {
        "id": str(card.id),
        "name": card.name,
        "url": card.path,
        "group": card.group,
        "distance_km": None if answer.distance_km is None else round(answer.distance_km, 1),
        "next_session": card.next_session.start.isoformat() if card.next_session else None,
        "cost": card.cost or None,
        "needs": [term.slug for term in card.needs],
    }


def _problem(problems: dict[str, str]) -> Response:
    body = {
        "type": "about:blank",
        "title": HTTPStatus.BAD_REQUEST.phrase,
        "status": HTTPStatus.BAD_REQUEST.value,
        "detail": " ".join(problems.values()),
        "errors": [{"parameter": name, "detail": message} for name, message in problems.items()],
    }
    return Response(json.dumps(body), status=400, mimetype="application/problem+json")
