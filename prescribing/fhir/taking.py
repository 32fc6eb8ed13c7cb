"""Taking a ServiceRequest in, and a change of a Task's status: read with care, then the same door as the form's."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from fhir.resources.R4B.servicerequest import ServiceRequest as ServiceRequestModel
from fhir.resources.R4B.task import Task as TaskModel
from pydantic import ValidationError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from core.audit import services as audit
from core.errors import GoldenThreadError
from core.idempotency import services as idempotency
from prescribing.episodes import intake, known
from prescribing.episodes.asking_forms import CONSENT, ReferForm, filled, is_whole
from prescribing.episodes.models import RequestSource
from prescribing.episodes.queries import need_names
from prescribing.fhir import reading
from prescribing.fhir.meaning_rules import in_use, not_understood
from prescribing.fhir.resources import NHS_NUMBER, Json, OwnRecord, extension, needs_system, outcome, task
from prescribing.fhir.rules import check_task_change, version_of
from prescribing.fhir.tokens import Holder

# No request for support is longer, in bytes, or deeper.
LONGEST = 256 * 1024
DEEPEST = 24
MOST_ISSUES = 20
_UNKEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


class Wrong(GoldenThreadError):
    """A resource that cannot be taken; `issues` say why, as an OperationOutcome does."""

    def __init__(self, status: int, issues: list[Json]) -> None:
        super().__init__("; ".join(str(each.get("diagnostics", "")) for each in issues)[:500])
        self.status = status
        self.issues = issues


def read_body(data: bytes, kind: str, base_url: str) -> Json:
    """The resource in a body. Raises `Wrong` for what is no JSON, too deep, not a `kind`, or would be read otherwise
    than it was meant."""
    try:
        body = json.loads(data.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Wrong(400, [_issue("structure", "The body is not JSON that we can read.")]) from None
    if not isinstance(body, dict):
        raise Wrong(400, [_issue("structure", "The body must be one resource.")])
    for text in _texts(body, 0):
        if _UNKEPT.search(text):
            raise Wrong(400, [_issue("value", "A text holds a character that cannot be kept.")])
    if body.get("resourceType") != kind:
        raise Wrong(400, [_issue("invalid", f"The resource must be a {kind}.", "resourceType")])
    model = ServiceRequestModel if kind == "ServiceRequest" else TaskModel
    try:
        model.model_validate(body)
    except ValidationError as problem:
        raise Wrong(400, [_of_model(kind, each) for each in problem.errors()[:MOST_ISSUES]]) from None
    except (ValueError, TypeError, RecursionError, OverflowError, AttributeError, AssertionError):
        raise Wrong(400, [_issue("structure", f"The body is not a {kind} of FHIR R4.")]) from None
    odd = [_issue("not-supported", words, at) for at, words in not_understood(body, extension(base_url, ""))]
    if odd:
        raise Wrong(422, odd[:MOST_ISSUES])
    return body


def create(session: Session, holder: Holder, body: Json, base_url: str) -> tuple[OwnRecord, bool]:
    """The request for support that a ServiceRequest makes, and whether it is new: the same identifier makes one.

    Raises `Wrong` with an issue for each thing to mend, and with 409 where the partner may have sent them already.
    """
    values, same, apart = _values(session, holder, body, base_url)
    draft = body.get("status") == "draft"
    form = _whole_form(session, holder, values, draft=draft)
    key = _key(holder, body)
    first = idempotency.earlier(session, key) if key else None
    if first is not None:
        return reading.record(session, holder, request_id=UUID(first)), False
    if same is None and not apart and not draft:
        _refuse_known(session, holder, form)
    request, _episode = intake.submit_request(
        session,
        holder.actor,
        form.content(),
        RequestSource.PARTNER,
        partner_id=holder.place_id,
        draft=draft,
        same_as=same,
        apart=apart,
    )
    if key:
        idempotency.remember(session, key, str(request.id))
    audit.record(
        session, holder.actor, "fhir.create", "support_request", request.id, client=str(holder.client_id)
    )
    return reading.record(session, holder, request_id=request.id), True


def change_task(
    session: Session, holder: Holder, episode_id: UUID, body: Json, seen: int, base_url: str
) -> Json:
    """The Task after it was asked to have the status in `body`; `seen` is the version that was read.

    Raises `NotFound`, `Refused` for what a partner may not decide, `Wrong` with 412 where it has moved on.
    """
    now = reading.record(session, holder, episode_id=episode_id)
    check_seen(now.changed_at, seen)
    wanted = str(body.get("status"))
    if wanted == now.status.task:
        return task(now, base_url)
    check_task_change(now.status, wanted, owner=True)
    form = _whole_form(session, holder, _again(filled(now.content)))
    _refuse_known(session, holder, form, leave_out=now.request_id)
    intake.change_draft(
        session, holder.actor, episode_id, now.content, expected_version=now.version, send=True
    )
    audit.record(session, holder.actor, "fhir.update", "episode", episode_id, client=str(holder.client_id))
    return task(reading.record(session, holder, episode_id=episode_id), base_url)


def check_seen(changed_at: datetime, seen: int) -> None:
    """Raise `Wrong` with 412 unless what stands now is the version that was read."""
    if version_of(changed_at) != seen:
        raise moved_on()


def moved_on() -> Wrong:
    """That somebody else was quicker."""
    return Wrong(412, [_issue("conflict", "It has changed since you read it. Read it again.")])


def _whole_form(
    session: Session, holder: Holder, values: MultiDict[str, str], *, draft: bool = False
) -> ReferForm:
    """The partner's own form with these values: what it asks of people, it asks of programs."""
    values.setlist("partner_id", [str(holder.place_id)])
    needs, form = need_names(session), ReferForm(formdata=values)
    form.offer(list(needs.items()), [(holder.place_id, "")])
    if not is_whole(form, RequestSource.PARTNER, draft=draft):
        odd = _odd(values, needs)
        issues = [
            _issue("invariant", odd.get(box, words), _AT.get(box.partition("-")[0], ""))
            for box, words in form.problems()
        ]
        raise Wrong(422, issues[:MOST_ISSUES])
    return form


def _odd(values: MultiDict[str, str], needs: Collection[str]) -> dict[str, str]:
    """By box: what a program could say instead of an answer that is none of those to choose from."""
    odd = {}
    if not set(values.getlist("need_slugs")) <= set(needs):
        odd["need_slugs"] = (
            f"There is a need of ours that has no such code. The codes are: {', '.join(needs)}."
        )
    if values.get("consent") and values["consent"] not in dict(CONSENT):
        ways = "; ".join(way for way, _words in CONSENT[:-1])
        odd["consent"] = (
            f"The extension consent-given is one of: {ways}. If nobody asked: consent-not-asked, with why."
        )
    return odd


def _refuse_known(session: Session, holder: Holder, form: ReferForm, leave_out: UUID | None = None) -> None:
    """Offer to join what the partner sent before, rather than to send somebody twice."""
    earlier = known.own_earlier(session, holder.actor, holder.place_id, form.content(), leave_out=leave_out)
    if earlier:
        ways = ", or ".join(f"Patient/{each.request_id}" for each in earlier if not each.is_draft)
        said = f"refer to {ways} as its subject, or " if ways else ""
        raise Wrong(
            409,
            [
                _issue(
                    "duplicate",
                    f"You may have sent this person already. If it is the same person, {said}go on with the"
                    " earlier request; if it is somebody else, say so by the extension somebody-else.",
                    "ServiceRequest.subject",
                )
            ],
        )


# Where each box of the form stands in a ServiceRequest.
_AT = {
    "name": "ServiceRequest.contained.name",
    "phone": "ServiceRequest.contained.telecom",
    "email": "ServiceRequest.contained.telecom",
    "address": "ServiceRequest.contained.address",
    "postcode": "ServiceRequest.contained.address.postalCode",
    "born": "ServiceRequest.contained.birthDate",
    "nhs_number": "ServiceRequest.contained.identifier",
    "communication_needs": "ServiceRequest.contained.extension",
    "interpreter": "ServiceRequest.contained.extension",
    "access_needs": "ServiceRequest.contained.extension",
    "need_slugs": "ServiceRequest.reasonCode",
    "reason_referrer": "ServiceRequest.reasonCode",
    "risk": "ServiceRequest.extension",
    "risks": "ServiceRequest.extension",
    "consent": "ServiceRequest.extension",
    "consent_why_not": "ServiceRequest.extension",
    "referrer_service": "ServiceRequest.requester.display",
}


def _values(
    session: Session, holder: Holder, body: Json, base_url: str
) -> tuple[MultiDict[str, str], UUID | None, bool]:
    """What the form would have been sent; the earlier request about the same person; and whether it is somebody else.

    Raises `Wrong` for a status that is not draft or active, and for a subject that cannot be read.
    """
    if body.get("status") not in {"draft", "active"} or body.get("intent") not in {"order", "proposal"}:
        words = "Send a draft, or an active order. What comes after is the Task's."
        raise Wrong(422, [_issue("business-rule", words, "ServiceRequest.status")])
    extra = _extra(body, base_url)
    values, same = _subject(session, holder, body, base_url)
    texts = [each["text"] for each in body.get("reasonCode", []) if each.get("text")]
    values["reason_referrer"] = "\n".join(texts)
    values.setlist("need_slugs", list(_needs(body, base_url)))
    values["reason_person"] = _said(extra, "in-their-own-words")
    values["risks"] = _said(extra, "risks")
    if values["risks"]:
        values["risk"] = "some"
    elif _ticked(extra, "no-known-risks"):
        values["risk"] = "none"
    values["consent"] = _said(extra, "consent-given")
    if _said(extra, "consent-not-asked"):
        values["consent"], values["consent_why_not"] = "not asked", _said(extra, "consent-not-asked")
    for box in ("share-feedback", "voicemail", "texts", "flagged-for-safety"):
        if _ticked(extra, box):
            values[box.replace("-", "_")] = "y"
    values["referrer_service"] = str(body.get("requester", {}).get("display", ""))
    return values, same, _ticked(extra, "somebody-else")


def _extra(resource: Json, base_url: str) -> Mapping[str, Json]:
    """Our own extensions of a resource, by their names."""
    start = extension(base_url, "")
    return {
        each["url"].removeprefix(start): each
        for each in resource.get("extension", [])
        if str(each.get("url", "")).startswith(start)
    }


def _subject(
    session: Session, holder: Holder, body: Json, base_url: str
) -> tuple[MultiDict[str, str], UUID | None]:
    """The boxes about the person: from a contained Patient, or from one that the partner sent before."""
    reference = str(body.get("subject", {}).get("reference", ""))
    if reference.startswith("#"):
        for each in body.get("contained", []):
            if each.get("resourceType") == "Patient" and each.get("id") == reference[1:]:
                return _person(each, base_url), None
    if reference.startswith("Patient/"):
        try:
            earlier = UUID(reference.removeprefix("Patient/"))
            found = reading.record(session, holder, request_id=earlier)
        except (ValueError, GoldenThreadError):
            found = None
        if found is not None and found.status.service_request != "draft":
            of_person = {
                "name",
                "phone",
                "email",
                "born",
                "nhs_number",
                "address",
                "postcode",
                *_NEEDS.values(),
            }
            kept = {name: value for name, value in filled(found.content).items() if name in of_person}
            return _again(kept), found.request_id
    words = "The subject must be a contained Patient, like #p, or a Patient of a request that you sent."
    raise Wrong(422, [_issue("not-found", words, "ServiceRequest.subject")])


# What makes it easy for somebody to take part: extensions of the Patient, and the boxes of the form.
_NEEDS: Mapping[str, str] = {
    "communication-needs": "communication_needs",
    "interpreter": "interpreter",
    "access-needs": "access_needs",
}


def _person(patient: Json, base_url: str) -> MultiDict[str, str]:
    extra = _extra(patient, base_url)
    values: MultiDict[str, str] = MultiDict({box: _said(extra, name) for name, box in _NEEDS.items()})
    name: Json = next(iter(in_use(patient.get("name", []))), {})
    given = " ".join(text for text in name.get("given", []) if text)
    values["name"] = str(name.get("text") or f"{given} {name.get('family', '')}".strip())
    for each in in_use(patient.get("telecom", [])):
        box = {"phone": "phone", "sms": "phone", "email": "email"}.get(str(each.get("system")))
        if box and each.get("value"):
            values.setdefault(box, str(each["value"]))
    address: Json = next(iter(in_use(patient.get("address", []))), {})
    lines = [*address.get("line", []), address.get("city")]
    values["address"] = str(address.get("text") or ", ".join(line for line in lines if line))
    values["postcode"] = str(address.get("postalCode", ""))
    _set_date(values, str(patient.get("birthDate", "")))
    for each in in_use(patient.get("identifier", [])):
        if each.get("system") == NHS_NUMBER:
            values["nhs_number"] = str(each.get("value", ""))
    return values


def _again(shown: Mapping[str, Any]) -> MultiDict[str, str]:
    """What the form is shown with, as it is sent."""
    values: MultiDict[str, str] = MultiDict()
    for name, value in shown.items():
        if name == "born":
            _set_date(values, value.isoformat() if value else "")
        elif isinstance(value, list):
            values.setlist(name, [str(each) for each in value])
        elif value is True:
            values[name] = "y"
        elif value:
            values[name] = str(value)
    return values


def _set_date(values: MultiDict[str, str], text: str) -> None:
    parts = text.split("-")
    if text:
        for name, part in zip(("year", "month", "day"), (*parts, "", ""), strict=False):
            values[f"born-{name}"] = part


def _needs(body: Json, base_url: str) -> Iterator[str]:
    for reason in body.get("reasonCode", []):
        for coding in reason.get("coding", []):
            if coding.get("system") == needs_system(base_url) and coding.get("code"):
                yield str(coding["code"])


def _said(extra: Mapping[str, Json], name: str) -> str:
    return str(extra.get(name, {}).get("valueString", ""))


def _ticked(extra: Mapping[str, Json], name: str) -> bool:
    return extra.get(name, {}).get("valueBoolean") is True


def _key(holder: Holder, body: Json) -> UUID | None:
    """The program's own identifier of the request, as a key: sent twice, it makes one request."""
    for each in body.get("identifier", []):
        if each.get("value"):
            return uuid5(holder.client_id, f"{each.get('system', '')}|{each['value']}")
    return None


def _texts(value: object, depth: int) -> Iterator[str]:
    """Every text in a resource. Raises `Wrong` where it is nested too deep to be one."""
    if depth > DEEPEST:
        raise Wrong(400, [_issue("too-costly", "The resource is nested too deep.")])
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _texts(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, depth + 1)
    elif value is None:
        raise Wrong(400, [_issue("structure", "FHIR knows no null: leave out what is not known.")])


def _of_model(kind: str, problem: Any) -> Json:
    """One finding of the FHIR library: where, and in its words without the value."""
    path = ".".join(str(part) for part in problem["loc"])
    return _issue("structure", str(problem["msg"])[:300], f"{kind}.{path}" if path else kind)


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _issue(code: str, words: str, at: str = "") -> Json:
    issue: Json = outcome(code, words, [at] if at else [])["issue"][0]
    return issue
