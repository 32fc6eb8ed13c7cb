"""Error pages: what happened, that it is kept safe, and what to do next, in plain words."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, jsonify, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from core.errors import Conflict, GoldenThreadError, Throttled
from core.web.headers import request_id

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Words:
    """The heading of an error page, what happened, and what the reader can do."""

    heading: str
    what: str
    todo: str


WORDS: dict[int, Words] = {
    400: Words(
        "We could not read that",
        "Something in the address or the form was not in a form that we can use.",
        "Go back, check what you typed, and try again.",
    ),
    403: Words(
        "You cannot do that here",
        "Your account is not set up for this.",
        "If you think that it should be, ring us or ask whoever set up your account.",
    ),
    404: Words(
        "We cannot find that page",
        "The address may be mistyped, the page may be gone, or it may not be yours to see.",
        "Check the address, or start again from the home page.",
    ),
    405: Words(
        "That page works another way",
        "This address cannot be opened like that.",
        "Go back and use the buttons on the page.",
    ),
    409: Words(
        "Somebody else was quicker",
        "This was changed while you had it open. Nothing of yours was saved over it.",
        "Open the page again to see how it stands now, then make your change.",
    ),
    413: Words(
        "That is too big to send",
        "The file or the text is larger than we can take.",
        "Send a smaller file, or shorten the text and try again.",
    ),
    429: Words(
        "Too many tries",
        "To keep people's accounts safe, we limit how often this can be tried.",
        "Wait a little, then try again. You can also ring us.",
    ),
    500: Words(
        "Sorry, something went wrong on our side",
        "It is not your fault. We have made a note of it.",
        "Try again in a few minutes. If it goes on, ring us and read out the number below.",
    ),
    503: Words(
        "Sorry, we are catching our breath",
        "The service cannot answer just now. Nothing that was saved is lost.",
        "Try again in a minute. If it is urgent to you, ring us.",
    ),
}

CSRF_WORDS = Words(
    "That page was open for too long",
    "For your safety, a form stops working after a while, or when you sign in or out in another window.",
    "Go back, load the page again, and send the form once more.",
)


# Start of an address to what shapes the errors below it: given the status, what happened and what to do.
_shapes: dict[str, Callable[[int, str, str], Response]] = {}


def answer_under(prefix: str, shape: Callable[[int, str, str], Response]) -> None:
    """Have `shape(status, what, todo)` answer errors of addresses that start with `prefix`, as its protocol says."""
    _shapes[prefix] = shape


# What knows where something that is not at an address any more is now.
_finders: list[Callable[[], str | None]] = []


def when_missing(find: Callable[[], str | None]) -> None:
    """Before a page is said to be missing, ask `find()` for its new address: it is answered for good (301)."""
    if find not in _finders:
        _finders.append(find)


def init_app(app: Flask) -> None:
    """Answer every error of `app` with a page, or with JSON where the caller reads JSON."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(GoldenThreadError, _own)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(DataError, _unkept)
    app.register_error_handler(Exception, _unforeseen)


def _csrf(_error: CSRFError) -> Response:
    return answer(400, CSRF_WORDS)


def _own(error: GoldenThreadError) -> Response:
    """Our own errors carry words for the reader; those about the inside of the product stay in the log."""
    if error.status >= 500:
        log.error("answered %s", error.status, exc_info=error)
        return answer(error.status)
    if error.status == 404 and request.method in {"GET", "HEAD"}:
        there = next((address for find in _finders if (address := find())), None)
        if there is not None:
            return redirect(there, 301)
    words = WORDS.get(error.status, WORDS[400])
    if isinstance(error, Conflict):
        return answer(409, Words(words.heading, error.message, words.todo), conflict=error)
    heading = "That cannot be done now" if error.status == 409 else words.heading
    todo = "Go back and look at how it stands now." if error.status == 409 else words.todo
    what = words.what if error.status == 404 else error.message
    response = answer(error.status, Words(heading, what, todo))
    if isinstance(error, Throttled):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return error.get_response()
    response = answer(error.code)
    if error.code == 405:
        response.headers["Allow"] = error.get_response().headers.get("Allow", "GET")
    return response


def _stale(_error: StaleDataError) -> Response:
    return answer(409)


def _database(error: OperationalError) -> Response:
    """A locked, full or absent database heals; say so, rather than that something is broken."""
    log.error("the database did not answer", exc_info=error)
    response = answer(503)
    response.headers["Retry-After"] = "60"
    return response


def _unkept(error: DataError) -> Response:
    """A value that no column can hold, such as a letter that PostgreSQL does not take."""
    log.error("a value that cannot be kept", exc_info=error)
    return answer(400)


def _unforeseen(error: Exception) -> Response:
    log.error("unforeseen error", exc_info=error)
    return answer(500)


def answer(status: int, words: Words | None = None, conflict: Conflict | None = None) -> Response:
    """The error as a page or as JSON, with the request's id for telling us about it."""
    words = words or WORDS.get(status) or (WORDS[500] if status >= 500 else WORDS[400])
    for prefix, shape in _shapes.items():
        if request.path.startswith(prefix):
            return shape(status, words.what, words.todo)
    response: Response
    if wants_json():
        response = jsonify(
            error={"status": status, "message": f"{words.what} {words.todo}", "request_id": request_id()}
        )
    else:
        response = Response(_page(status, words, conflict), mimetype="text/html")
    response.status_code = status
    return response


def _page(status: int, words: Words, conflict: Conflict | None) -> str:
    """The error's page. Where even that cannot be drawn, the words alone: an error must not hide behind another."""
    try:
        return render_template(
            "core/error.html", status=status, words=words, conflict=conflict, request_id=request_id()
        )
    except Exception:
        log.exception("the error page cannot be drawn")
        heading = escape(words.heading)
        texts = "".join(f"<p>{escape(text)}</p>" for text in (words.what, words.todo, request_id()))
        return (
            f'<!DOCTYPE html><html lang="en-GB"><head><title>{heading}</title></head>'
            f"<body><main><h1>{heading}</h1>{texts}</main></body></html>"
        )


def wants_json() -> bool:
    """Whether whoever asks reads JSON rather than pages."""
    if request.path.endswith(".json"):
        return True
    accepts = request.accept_mimetypes
    return accepts["application/json"] > accepts["text/html"]
