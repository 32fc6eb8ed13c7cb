"""The interface for programs: FHIR R4 at /fhir/R4, tokens at /fhir/token. A token is the only proof, no cookie."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, current_app, request

from core import clock
from core.access.guard import public
from core.accounts import throttle
from core.audit import services as audit
from core.db import db
from core.errors import Invalid, NotFound, Throttled
from core.settings import Settings
from prescribing.fhir import capability, clients, reading, resources, taking
from prescribing.fhir.clients import Holder, NotProven
from prescribing.fhir.reading import Asked
from prescribing.fhir.resources import Json
from prescribing.fhir.rules import TOKEN_LIFE, Scope
from prescribing.fhir.taking import Wrong

bp = Blueprint("fhir", __name__)

BASE = "/fhir/R4"
MIME = "application/fhir+json"
_PROOF = "A program proves itself by its token, which every view here asks for"
_KIND = f"{BASE}/<any(ServiceRequest, Task, Patient, Consent, Observation, Goal, QuestionnaireResponse):kind>"
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')
_FROM_RECORD = {
    "ServiceRequest": resources.service_request,
    "Task": resources.task,
    "Patient": resources.patient,
}


@bp.post("/fhir/token")
@public("The client's secret is the proof")
def token() -> Response:
    """OAuth 2.0 client credentials (RFC 6749, 4.4): a token for some minutes."""
    client_id, secret = _credentials()
    if request.form.get("grant_type") != "client_credentials":
        return _refused_token("unsupported_grant_type", "The grant type must be client_credentials.", 400)
    session = db.session()
    try:
        tried = clients.count_try(session, client_id)
        session.commit()
        granted, scopes = clients.grant(session, client_id, secret, request.form.get("scope", ""))
    except Throttled as problem:
        session.rollback()
        answer = _refused_token("slow_down", problem.message, 429)
        answer.headers["Retry-After"] = str(problem.retry_after)
        return answer
    except NotProven as problem:
        session.rollback()
        return _refused_token("invalid_client", problem.message, 401)
    except Invalid as problem:
        session.rollback()
        return _refused_token("invalid_scope", problem.message, 400)
    throttle.forgive(session, tried)
    session.commit()
    return _json(
        {
            "access_token": granted,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "scope": " ".join(scope.value for scope in scopes),
        },
        mimetype="application/json",
    )


@bp.get(f"{BASE}/metadata")
@public("What the interface can do is no secret")
def metadata() -> Response:
    """What can be asked for here."""
    settings = _settings()
    return _json(capability.statement(settings.base_url, settings.service_name, clock.today().isoformat()))


@bp.get(_KIND)
@public(_PROOF, audits_read=True)
def search(kind: str) -> Response:
    """What the partner may read of this kind, a page at a time."""
    holder = _holder(Scope.READ)
    session, base = db.session(), f"{_settings().base_url}{BASE}"
    asked = _asked(kind)
    found, total, more = _search(holder, kind, asked)
    sent = list(request.args.items(multi=True))
    kept = [(name, value) for name, value in sent if name != "_offset"]
    links = {"self": f"{base}/{kind}?{urlencode(sent)}".rstrip("?")}
    if more:
        links["next"] = f"{base}/{kind}?{urlencode([*kept, ('_offset', asked.offset + reading.PAGE)])}"
    _look(holder, f"fhir.search-{kind.lower()}", None, count=len(found))
    session.commit()
    return _json(resources.bundle(found, total, links, base))


@bp.get(f"{_KIND}/<name>")
@public(_PROOF, audits_read=True)
def read(kind: str, name: str) -> Response:
    """One resource that the partner may read."""
    holder = _holder(Scope.READ)
    asked = _asked_by_id(kind, name)
    found, _total, _more = _search(holder, kind, asked)
    one = next((each for each in found if each["id"] == name), None)
    if one is None:
        raise NotFound("There is no such resource, or it is not yours to see.")
    _look(holder, f"fhir.read-{kind.lower()}", asked.request_id or asked.episode_id)
    db.session.commit()
    return _one(one)


@bp.post(_KIND)
@public(_PROOF)
def create(kind: str) -> Response:
    """Refer somebody: a ServiceRequest."""
    holder = _holder(Scope.CREATE)
    if kind != "ServiceRequest":
        return _wrong(
            405, "not-supported", f"A {kind} is not made here. Send a ServiceRequest.", allow="GET, HEAD"
        )
    session, settings = db.session(), _settings()
    body = taking.read_body(_body(), kind)
    record, is_new = taking.create(session, holder, body, settings.base_url)
    session.commit()
    answer = _one(resources.service_request(record, settings.base_url))
    answer.status_code = 201 if is_new else 200
    answer.headers["Location"] = f"{settings.base_url}{BASE}/ServiceRequest/{record.request_id}"
    return answer


@bp.put(f"{_KIND}/<name>")
@public(_PROOF)
def update(kind: str, name: str) -> Response:
    """Ask for another status of a Task, by the version that was read (If-Match)."""
    holder = _holder(Scope.UPDATE)
    if kind != "Task":
        return _wrong(405, "not-supported", f"A {kind} is not changed here.", allow="GET, HEAD")
    seen = _ETAG.fullmatch(request.headers.get("If-Match", "").strip())
    if seen is None:
        return _wrong(428, "required", 'Send If-Match with the ETag that you read, like W/"3".')
    episode_id = _uuid(name)
    body = taking.read_body(_body(), kind)
    if episode_id is None or body.get("id") != name:
        raise NotFound("There is no such resource, or its id is not that of the address.")
    record = taking.change_task(db.session(), holder, episode_id, body, int(seen[1]))
    db.session.commit()
    return _one(resources.task(record, _settings().base_url))


@bp.errorhandler(Wrong)
def not_taken(problem: Wrong) -> Response:
    """Everything that is to be mended, at once."""
    db.session.rollback()
    return _json(resources.outcome("", "", issues=problem.issues), problem.status)


def answer_error(status: int, what: str, todo: str) -> Response:
    """Any other error under this address, as an OperationOutcome."""
    codes = {400: "invalid", 401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported"}
    codes |= {409: "conflict", 413: "too-long", 415: "not-supported", 422: "business-rule", 429: "throttled"}
    answer = _json(
        resources.outcome(codes.get(status, "exception" if status >= 500 else "invalid"), f"{what} {todo}"),
        status,
    )
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="fhir"'
    return answer


def _search(holder: Holder, kind: str, asked: Asked) -> tuple[list[Json], int, bool]:
    """Resources of a kind, how many there are, and whether there is another page."""
    session, base_url = db.session(), _settings().base_url
    if asked.nothing or kind in {"Goal", "QuestionnaireResponse"}:
        # What somebody wants and answers is between them and their link worker.
        return [], 0, False
    if kind == "Consent":
        given = reading.consents(session, holder, request_id=asked.request_id, consent_id=asked.consent_id)
        return [resources.consent(each, base_url) for each in given], len(given), False
    records, total = reading.records(session, holder, asked)
    more = asked.offset + reading.PAGE < total
    if kind == "Observation":
        scores = [each for record in records for each in resources.observations(record, base_url)]
        return scores, len(scores), more
    return [_FROM_RECORD[kind](record, base_url) for record in records], total, more


def _asked(kind: str) -> Asked:
    """The search that the address asks for. Raises `Invalid` for a parameter that we do not know."""
    able = {name for name, _of in capability.ABLE[kind][1]}
    for name in request.args:
        if name.partition(":")[0] not in able | {"_format", "_offset", "_count"} or ":" in name:
            known = ", ".join(sorted(able))
            raise Invalid(f"{kind} is not searched by that. It is by: {known}.")
    asked = Asked(offset=_number(request.args.get("_offset", "0")))
    for name in able & set(request.args):
        asked = _narrowed(kind, asked, name, request.args[name])
    return asked


def _narrowed(kind: str, asked: Asked, name: str, value: str) -> Asked:
    if name == "_id":
        by_id = _asked_by_id(kind, value)
        return replace(
            asked,
            request_id=by_id.request_id,
            episode_id=by_id.episode_id,
            consent_id=by_id.consent_id,
            nothing=asked.nothing or by_id.nothing,
        )
    if name == "identifier":
        return replace(asked, reference=value.rpartition("|")[2][:40] or "none")
    if name == "_lastUpdated":
        if not value.startswith("ge"):
            raise Invalid("Search by _lastUpdated like ge2026-03-01T00:00:00Z.")
        return replace(asked, since=_moment(value[2:]))
    request_id = _uuid(value.rpartition("/")[2])
    return replace(asked, request_id=request_id, nothing=asked.nothing or request_id is None)


def _asked_by_id(kind: str, name: str) -> Asked:
    """What the id of a resource of this kind points at."""
    if kind == "Observation":
        found = _uuid(name[:36])
        return Asked(episode_id=found, nothing=found is None)
    found = _uuid(name)
    if kind == "Task":
        return Asked(episode_id=found, nothing=found is None)
    if kind == "Consent":
        return Asked(consent_id=found, nothing=found is None)
    return Asked(request_id=found, nothing=found is None)


def _holder(scope: Scope) -> Holder:
    kind, _space, sent = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not sent.strip():
        raise NotProven
    holder = clients.holder(db.session(), sent.strip())
    if scope not in holder.scopes:
        raise Wrong(
            403, [resources.outcome("forbidden", f"The token does not hold {scope.value}.")["issue"][0]]
        )
    return holder


def _credentials() -> tuple[str, str]:
    """The client and its secret, from the header (RFC 6749, 2.3.1) or else the form."""
    kind, _space, sent = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            name, _colon, secret = b64decode(sent, validate=True).decode().partition(":")
        except ValueError:
            return "", ""
        return name, secret
    return request.form.get("client_id", ""), request.form.get("client_secret", "")


def _body() -> bytes:
    if request.mimetype not in {MIME, "application/json"}:
        raise Wrong(415, [resources.outcome("not-supported", f"Send the resource as {MIME}.")["issue"][0]])
    if (request.content_length or 0) > taking.LONGEST:
        raise Wrong(413, [resources.outcome("too-long", "The resource is too long.")["issue"][0]])
    return request.get_data()


def _look(holder: Holder, action: str, subject_id: UUID | None, **detail: int) -> None:
    audit.record(
        db.session(),
        holder.actor,
        action,
        "support_request",
        subject_id,
        client=str(holder.client_id),
        **detail,
    )


def _one(resource: Json) -> Response:
    answer = _json(resource)
    version = resource.get("meta", {}).get("versionId")
    if version:
        answer.headers["ETag"] = f'W/"{version}"'
    return answer


def _wrong(status: int, code: str, words: str, *, allow: str = "") -> Response:
    answer = _json(resources.outcome(code, words), status)
    if allow:
        answer.headers["Allow"] = allow
    return answer


def _refused_token(error: str, words: str, status: int) -> Response:
    answer = _json({"error": error, "error_description": words}, status, mimetype="application/json")
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="fhir"'
    return answer


def _json(body: Json, status: int = 200, *, mimetype: str = MIME) -> Response:
    answer = Response(json.dumps(body, ensure_ascii=False), status, mimetype=mimetype)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 8):
        raise Invalid("_offset must be a whole number.")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        # At either end of the calendar a moment may have no place in UTC.
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Invalid("Search by _lastUpdated like ge2026-03-01T00:00:00Z.") from None


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
