"""The interface for programs: FHIR R4 at /fhir/R4. A token is the only proof, no cookie."""

from __future__ import annotations

import re

from flask import Blueprint, Response, request

from core import clock
from core.access.guard import public
from core.access.rules import Place
from core.db import db
from core.errors import NotFound
from core.settings import current_settings
from prescribing.fhir import asking, capability, group_taking, resources, serving, taking, tokens
from prescribing.fhir.answers import MIME, as_json, one, wrong
from prescribing.fhir.rules import Scope, may_read
from prescribing.fhir.taking import Wrong
from prescribing.fhir.tokens import Holder, NotProven

bp = Blueprint("fhir", __name__)

BASE = "/fhir/R4"
_PROOF = "A program proves itself by its token, which every view here asks for"
_KIND = f"{BASE}/<any(ServiceRequest, Task, Patient, Consent, Observation, Goal, QuestionnaireResponse):kind>"
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,20})"')


@bp.get(f"{BASE}/metadata")
@public("What the interface can do is no secret")
def metadata() -> Response:
    """What can be asked for here."""
    settings = current_settings()
    return as_json(capability.statement(settings.base_url, settings.service_name, clock.today().isoformat()))


@bp.get(_KIND)
@public(_PROOF, audits_read=True)
def search(kind: str) -> Response:
    """What the program may read of this kind, a page at a time."""
    holder = _reader(kind)
    session, base = db.session(), f"{current_settings().base_url}{BASE}"
    sent = list(request.args.items(multi=True))
    asked = asking.searched(kind, dict(capability.ABLE[kind][1]), sent)
    found = serving.search(session, holder, kind, asked, current_settings().base_url)
    links = {"self": f"{base}/{kind}" + (f"?{asking.as_sent(sent)}" if sent else "")}
    if found.more:
        links["next"] = f"{base}/{kind}?{asking.next_page(asked, sent)}"
    serving.record_looks(session, holder, kind, found, one=False)
    session.commit()
    return as_json(resources.bundle(found.resources, found.total, links, base))


@bp.get(f"{_KIND}/<name>")
@public(_PROOF, audits_read=True)
def read(kind: str, name: str) -> Response:
    """One resource that the program may read."""
    holder = _reader(kind)
    found = serving.search(db.session(), holder, kind, asking.by_id(kind, name), current_settings().base_url)
    resource = next((each for each in found.resources if each["id"] == name), None)
    if resource is None:
        raise NotFound("There is no such resource, or it is not yours to see.")
    serving.record_looks(db.session(), holder, kind, found, one=True)
    db.session.commit()
    return one(resource)


@bp.post(_KIND)
@public(_PROOF)
def create(kind: str) -> Response:
    """Refer somebody: a ServiceRequest."""
    holder = _holder(Scope.CREATE)
    if kind != "ServiceRequest":
        return wrong(
            405, "not-supported", f"A {kind} is not made here. Send a ServiceRequest.", allow="GET, HEAD"
        )
    session, settings = db.session(), current_settings()
    body = taking.read_body(_body(), kind, settings.base_url)
    record, is_new = taking.create(session, holder, body, settings.base_url)
    session.commit()
    answer = one(resources.service_request(record, settings.base_url))
    answer.status_code = 201 if is_new else 200
    answer.headers["Location"] = f"{settings.base_url}{BASE}/ServiceRequest/{record.request_id}"
    return answer


@bp.put(f"{_KIND}/<name>")
@public(_PROOF)
def update(kind: str, name: str) -> Response:
    """Ask for another status of a Task, by the version that was read (If-Match)."""
    holder = _holder(Scope.UPDATE)
    if kind != "Task":
        return wrong(405, "not-supported", f"A {kind} is not changed here.", allow="GET, HEAD")
    seen = _ETAG.fullmatch(request.headers.get("If-Match", "").strip())
    if seen is None:
        return wrong(428, "required", 'Send If-Match with the ETag that you read, like W/"3".')
    task_id = asking.as_uuid(name)
    base_url = current_settings().base_url
    body = taking.read_body(_body(), kind, base_url)
    if task_id is None or body.get("id") != name:
        raise NotFound("There is no such resource, or its id is not that of the address.")
    change = group_taking.change_task if holder.place is Place.ORGANIZATION else taking.change_task
    task = change(db.session(), holder, task_id, body, int(seen[1]), base_url)
    db.session.commit()
    return one(task)


@bp.errorhandler(Wrong)
def not_taken(problem: Wrong) -> Response:
    """Everything that is to be mended, at once."""
    db.session.rollback()
    return as_json(resources.outcome("", "", issues=problem.issues), problem.status)


def _reader(kind: str) -> Holder:
    """Whoever asks, if their token lets them read this kind."""
    holder = _holder()
    if not may_read(kind, holder.scopes):
        raise _not_held(f"system/{kind}.read")
    return holder


def _holder(scope: Scope | None = None) -> Holder:
    """Whoever asks, if their token holds `scope`. That they asked counts, whatever comes of it."""
    kind, _space, sent = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not sent.strip():
        raise NotProven
    holder = tokens.holder(db.session(), sent.strip())
    db.session.commit()
    if scope is not None and scope not in holder.scopes:
        raise _not_held(scope.value)
    return holder


def _not_held(scope: str) -> Wrong:
    return Wrong(403, list(resources.outcome("forbidden", f"The token does not hold {scope}.")["issue"]))


def _body() -> bytes:
    version = request.mimetype_params.get("fhirversion", "4.0")
    if request.mimetype not in {MIME, "application/json"} or version != "4.0":
        words = f"Send the resource as {MIME}, of FHIR 4.0."
        raise Wrong(415, list(resources.outcome("not-supported", words)["issue"]))
    # What comes in pieces says no length before.
    request.max_content_length = taking.LONGEST + 1
    if (request.content_length or 0) > taking.LONGEST or len(request.get_data()) > taking.LONGEST:
        raise Wrong(413, list(resources.outcome("too-long", "The resource is too long.")["issue"]))
    return request.get_data()
