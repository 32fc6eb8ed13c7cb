"""The open API: two bases, the same lists, each as its profile has it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, g, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from core import clock
from core.access.guard import public
from core.db import db
from core.errors import Throttled
from core.settings import current_settings
from core.web.headers import request_id
from directory.openreferral import keys, limits, openapi, queries
from directory.openreferral.profiles import PROFILES, Json, Profile
from directory.openreferral.queries import Gone, Moved
from directory.openreferral.rules import (
    RESOURCES,
    STREAM_COST,
    Allowance,
    Asked,
    Problems,
    Resource,
    allowance,
    envelope,
    problem,
    read_parameters,
)
from directory.openreferral.serializers import Writer
from directory.openreferral.totals import totals

bp = Blueprint("openreferral", __name__)

_BASE = "/api/<any(oruk, hsds):base>/v3"
_LIST = f"{_BASE}/<any(services, service_at_locations, organizations, taxonomies, taxonomy_terms):name>"
_ANYBODY = "What there is, is open data"


@bp.get(f"{_BASE}/", strict_slashes=False)
@public(_ANYBODY)
def root(base: str) -> Response:
    """What this API is, and where its description is."""
    profile = PROFILES[base]
    return _json(
        {
            "version": profile.version,
            "profile": profile.about,
            "openapi_url": f"{current_settings().base_url}{profile.path}/openapi.json",
        }
    )


@bp.get(f"{_BASE}/openapi.json")
@public(_ANYBODY)
def description(base: str) -> Response:
    """The OpenAPI document."""
    settings = current_settings()
    return _json(openapi.document(PROFILES[base], settings.base_url, settings.service_name))


@bp.get(_LIST)
@public(_ANYBODY)
def collection(base: str, name: str) -> Response:
    """A list, a page at a time or all of it line by line."""
    profile, resource, session = PROFILES[base], RESOURCES[name], db.session()
    asked = _asked(profile, resource)
    writer = _writer(profile)
    changed = None if asked.asks_times else queries.last_change(session)
    if asked.streams:
        lines = _lines(queries.stream(session, writer, name, asked))
        response = Response(lines, mimetype="application/x-ndjson")
        response.last_modified = changed
        return response
    total, size, contents = queries.page(session, writer, name, asked)
    return _json(envelope(total, asked.page, size, contents), changed)


@bp.get(f"{_LIST}/<uuid:wanted>")
@public(_ANYBODY)
def item(base: str, name: str, wanted: UUID) -> AnyResponse:
    """One object, whole."""
    profile, resource, session = PROFILES[base], RESOURCES[name], db.session()
    asked = read_parameters(request.args.to_dict(flat=False), resource.item_parameters)
    found = queries.one(session, _writer(profile), name, wanted, asked)
    if isinstance(found, Moved):
        there = url_for("openreferral.item", base=base, name=name, wanted=found.into)
        return Response(status=301, headers={"Location": f"{current_settings().base_url}{there}"})
    return _json(found, queries.last_change(session))


@bp.get("/open-data")
@public("Everybody may reuse what there is")
def about() -> str:
    """What data there is, under which licence, and how to get it."""
    settings = current_settings()
    return render_template(
        "directory/openreferral/open_data.html",
        base_url=settings.base_url,
        profiles=tuple(PROFILES.values()),
        licence=openapi.LICENCE,
        totals=totals(db.session()),
        per_minute=settings.api_per_minute,
    )


@bp.before_request
def count() -> None:
    """Count who asks, and turn away whoever asks too much in this minute."""
    if request.endpoint == "openreferral.about":
        return
    settings, now = current_settings(), clock.now().timestamp()
    key = keys.known(db.session(), request.headers.get("X-API-Key", ""))
    who = str(key.id) if key else request.remote_addr or "nobody"
    limit = key.per_minute if key else settings.api_per_minute
    cost = STREAM_COST if request.args.get("format") == "ndjson" else 1
    standing = allowance(limit, limits.count(settings.instance / "api-limits.db", who, cost, now), now)
    g.api_allowance = standing
    if standing.refused:
        raise Throttled(
            f"You asked more than {limit} times in this minute. Wait {standing.reset} seconds, or ask us for a key.",
            retry_after=standing.reset,
        )


@bp.errorhandler(Problems)
def _problems(fault: Problems) -> Response:
    status = HTTPStatus.BAD_REQUEST
    return _problem(problem(status.value, "A parameter cannot be used", str(fault), fault.problems))


@bp.errorhandler(Gone)
def _gone(_fault: Gone) -> Response:
    return _problem(
        problem(
            410, "It is closed for good", "This was here once and is closed for good. Drop it from your copy."
        )
    )


def answer_error(status: int, what: str, todo: str) -> Response:
    """Any other error under the API's addresses, for `core.web.errors`."""
    title = HTTPStatus(status).phrase
    said = _SAID.get(status, f"{what} {todo}")
    return _problem({**problem(status, title, said), "request_id": request_id()})


_SAID = {
    404: "There is nothing at this address. Take addresses and ids from the lists, or read openapi.json.",
    405: "The data can only be read. Ask by GET.",
}


def let_others_read(response: Response) -> Response:
    """Let pages of other sites read the API's answers, with the headers that tell how much may still be asked."""
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Expose-Headers"] = (
        "ETag, Last-Modified, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, X-Request-ID"
    )
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        response.mimetype = "text/plain"
        headers["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        headers["Access-Control-Allow-Headers"] = "If-None-Match, If-Modified-Since, X-API-Key"
        headers["Access-Control-Max-Age"] = "86400"
    standing: Allowance | None = g.get("api_allowance")
    if standing is not None:
        headers["RateLimit-Limit"] = str(standing.limit)
        headers["RateLimit-Remaining"] = str(standing.remaining)
        headers["RateLimit-Reset"] = str(standing.reset)
    return response


def _asked(profile: Profile, resource: Resource) -> Asked:
    elsewhere = frozenset(one.name for one in resource.uk_parameters)
    known = resource.parameters_for(profile.key)
    return read_parameters(request.args.to_dict(flat=False), known, elsewhere)


def _writer(profile: Profile) -> Writer:
    settings = current_settings()
    return Writer(profile, settings.base_url, settings.borough_name, clock.today())


def _lines(batches: Iterator[list[Json]]) -> Iterator[str]:
    for batch in batches:
        yield "".join(f"{_text(one)}\n" for one in batch)


def _json(body: Json, changed: datetime | None = None) -> Response:
    """The answer, or 304 where whoever asks has it already."""
    text = _text(body)
    response = Response(text, mimetype="application/json")
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:32], weak=True)
    response.last_modified = changed
    response.make_conditional(request)
    return response


def _text(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _problem(body: Json) -> Response:
    return Response(_text(body), status=int(body["status"]), mimetype="application/problem+json")
