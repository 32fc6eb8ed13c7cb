"""How the interface answers: resources as JSON with their version, and what went wrong as an OperationOutcome."""

from __future__ import annotations

import json

from flask import Response

from prescribing.fhir.resources import Json, outcome

MIME = "application/fhir+json"
_CODES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    409: "conflict",
    413: "too-long",
    415: "not-supported",
    422: "business-rule",
    429: "throttled",
}


def as_json(body: Json, status: int = 200, *, mimetype: str = MIME) -> Response:
    """The body, which nobody keeps."""
    answer = Response(json.dumps(body, ensure_ascii=False), status, mimetype=mimetype)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def one(resource: Json) -> Response:
    """One resource, with the version that a change of it names (RFC 9110, 8.8.3)."""
    answer = as_json(resource)
    version = resource.get("meta", {}).get("versionId")
    if version:
        answer.headers["ETag"] = f'W/"{version}"'
    return answer


def wrong(status: int, code: str, words: str, *, allow: str = "") -> Response:
    """What went wrong, and how to mend it; `allow` are the methods that would work."""
    answer = as_json(outcome(code, words), status)
    if allow:
        answer.headers["Allow"] = allow
    return answer


def answer_error(status: int, what: str, _todo: str) -> Response:
    """Any error under the interface's address. A program has no page to go back to."""
    code = _CODES.get(status, "exception" if status >= 500 else "invalid")
    # What is not there and what is not theirs look the same.
    words = "There is no such resource, or it is not yours to see." if status == 404 else what
    answer = wrong(status, code, words)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="fhir"'
    return answer
