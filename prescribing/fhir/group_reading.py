"""What a group's program may read: the referrals that were sent to the group, of what it was offered and no more.

A name or a contact is never among it, also after the group's yes: those stand on the group's pages. Of what has ended
it hears for a while that it ended, and nothing of the person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import and_, or_
from sqlalchemy.orm import Session

from core import clock
from core.errors import NotFound
from directory import published
from prescribing.episodes.moves import FhirStatus
from prescribing.fhir.asking import NOTHING, Asked, Found
from prescribing.fhir.resources import Json, instant, meta, ours, without_nothing
from prescribing.fhir.tokens import Holder
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import REFERRAL_CLOSED, REFERRAL_OPEN, ReferralState, fhir_status
from prescribing.referrals.scope import of_group
from prescribing.referrals.seen import Sighted, opened, rows_of, sighted
from prescribing.referrals.tiers import OFFER_FIELDS, Tier

# So long a program can hear that something ended.
ENDED_FOR = timedelta(days=90)
# How the fields of an offer are called in a resource.
_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "ward": "ward",
        "age_band": "age-band",
        "communication_words": "communication-needs",
        "access_words": "access-needs",
        "safe_yes_words": "safe-yes",
    }
)


@dataclass(frozen=True)
class Told:
    """A referral of which a group's program hears. `sighted` is None once it has ended: then only that it did."""

    row: Referral
    activity: str
    sighted: Sighted | None

    @property
    def status(self) -> FhirStatus:
        return fhir_status(self.row.state, self.row.decline_reason)

    @property
    def words_changed_at(self) -> datetime:
        """When what the request says changed last. Only before its yes does the group see what the record itself says
        of somebody, such as their age."""
        offers = self.sighted is not None and self.sighted.tier is Tier.OFFER
        return max(self.row.updated_at, self.row.person.updated_at) if offers else self.row.updated_at


def search(session: Session, holder: Holder, kind: str, asked: Asked, base_url: str) -> Found:
    """A page of the group's referrals, the newest first. Whoever shows it writes down the looks."""
    wanted = asked.one or asked.focus
    twice = asked.one is not None and asked.focus is not None and asked.one != asked.focus
    if asked.nothing or twice or kind not in {"ServiceRequest", "Task"} or asked.patient is not None:
        return NOTHING
    is_task = kind == "Task"
    found = [
        each
        for each in told(session, holder, wanted)
        if (not asked.reference or each.row.reference == asked.reference)
        and _within(asked, each.row.updated_at if is_task else each.words_changed_at)
    ]
    page = found[asked.offset : asked.offset + asked.count]
    built = [task(each) for each in page] if is_task else _requests(session, page, base_url)
    more = asked.offset + asked.count < len(found)
    return Found(built, len(found), more, tuple(("referral", each.row.id) for each in page))


def one(session: Session, holder: Holder, referral_id: UUID) -> Told:
    """One referral of the group. Raises `NotFound` for others', and where the group may see nothing of it."""
    found = told(session, holder, referral_id)
    if not found:
        raise NotFound("There is no such resource, or it is not yours to see.")
    return found[0]


def told(session: Session, holder: Holder, referral_id: UUID | None = None) -> list[Told]:
    """The group's referrals of which it may see anything, and those that ended of late, the newest first."""
    ended = and_(
        Referral.state.in_(REFERRAL_CLOSED),
        Referral.closed_at >= clock.now() - ENDED_FOR,
        # Where nothing was shared, the group never knew.
        Referral.consent_id.is_not(None),
    )
    which = [of_group(holder.actor), or_(Referral.state.in_(REFERRAL_OPEN), ended)]
    if referral_id is not None:
        which.append(Referral.id == referral_id)
    rows = rows_of(session, *which)
    seen = {each.row.id: each for each in sighted(session, rows)}
    names = published.briefs(session, {row.service_id for row in rows})
    return [
        Told(row, names[row.service_id].name, seen.get(row.id))
        for row in reversed(rows)
        if row.service_id in names
        and (row.id in seen or (row.state in REFERRAL_CLOSED and not row.person.flagged_for_safety))
    ]


def task(told: Told) -> Json:
    """Where it stands: the group's program answers by its status."""
    row, status = told.row, told.status
    said = {"text": status.business} if status.business else None
    return without_nothing(
        {
            "resourceType": "Task",
            "id": str(row.id),
            "meta": meta(row.updated_at),
            "identifier": [{"value": row.reference}],
            "status": status.task,
            "statusReason": said if row.state is ReferralState.DECLINED else None,
            "businessStatus": said,
            "intent": "order",
            "focus": {"reference": f"ServiceRequest/{row.id}"},
            "executionPeriod": {"start": row.scheduled_for.isoformat()} if row.scheduled_for else None,
            "authoredOn": instant(row.requested_at),
            "lastModified": row.updated_at.isoformat(timespec="milliseconds"),
            "restriction": {"period": {"end": row.reply_by.isoformat()}} if row.reply_by else None,
        }
    )


def _requests(session: Session, page: Sequence[Told], base_url: str) -> list[Json]:
    """What is asked of the group, without who it is for."""
    shown = {
        each.id: each.fields for each in opened(session, [each.sighted for each in page if each.sighted])
    }
    return [_request(each, shown.get(each.row.id, {}), base_url) for each in page]


def _request(told: Told, shown: Mapping[str, str], base_url: str) -> Json:
    fields = {name: text for name, text in shown.items() if name in OFFER_FIELDS}
    known = [ours(base_url, name, "valueString", fields.get(field)) for field, name in _FIELDS.items()]
    goal = fields.get("goal_words")
    return without_nothing(
        {
            "resourceType": "ServiceRequest",
            "id": str(told.row.id),
            "meta": meta(told.words_changed_at),
            "extension": [each for each in known if each],
            "identifier": [{"system": f"{base_url}/fhir/reference", "value": told.row.reference}],
            "status": told.status.service_request,
            "intent": "order",
            "code": {"text": told.activity},
            "subject": {"display": "Somebody"},
            "authoredOn": instant(told.row.requested_at),
            "note": [{"text": goal}] if goal else [],
        }
    )


def _within(asked: Asked, changed_at: datetime) -> bool:
    start, end = asked.span.start, asked.span.end
    return (start is None or changed_at >= start) and (end is None or changed_at < end)
