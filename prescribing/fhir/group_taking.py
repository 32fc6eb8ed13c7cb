"""Taking a group's answer from its program: the same doors, limits and words as on its pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from core.errors import Conflict, Invalid, Refused
from prescribing.episodes.moves import Mover
from prescribing.fhir import group_reading
from prescribing.fhir.resources import Json, outcome
from prescribing.fhir.rules import VISIT, check_task_change, group_step
from prescribing.fhir.taking import Wrong, check_seen, moved_on
from prescribing.fhir.tokens import Holder
from prescribing.referrals import answering, attending
from prescribing.referrals.models import Presence
from prescribing.referrals.rules import GROUP_ANSWERS, REFERRAL_CLOSED, DeclineReason, ReferralState, may_move
from prescribing.referrals.waiting_rules import FairReason

# Nobody has come more often than a program may say at once.
MOST_VISITS = 60


def change_task(
    session: Session, holder: Holder, referral_id: UUID, body: Json, seen: int, _base_url: str
) -> Json:
    """The Task after the group's program asked for the status in `body`; `seen` is the version that was read.

    Raises `NotFound`, `Refused` for what a group may not decide or what has ended, `Wrong` with 412 where it has moved
    on and with 422 where something is missing, such as why it says no.
    """
    now = group_reading.one(session, holder, referral_id)
    state, version = now.row.state, now.row.version
    check_seen(now.row.updated_at, seen)
    wanted = str(body.get("status"))
    if wanted == now.status.task and not (state is ReferralState.STARTED and list(_visits(body))):
        return group_reading.task(now)
    check_task_change(now.status, wanted, owner=False)
    target = group_step(state, wanted)
    if state in REFERRAL_CLOSED:
        may_move(state, target, {Mover.GROUP})
        raise Refused("This has ended.")
    try:
        _move(session, holder, referral_id, target, body, version)
    except Conflict:
        raise moved_on() from None
    except Invalid as problem:
        words = problem.message
        why = FairReason if problem.field == "fair" else DeclineReason
        if problem.field == "fair" or target is ReferralState.DECLINED:
            words = f"{words} Put one of these into Task.statusReason: {', '.join(why)}."
        place = "Task.output" if target in _BY_VISITS else "Task.statusReason"
        raise Wrong(422, list(outcome("business-rule", words, [place])["issue"])) from None
    return group_reading.task(group_reading.one(session, holder, referral_id))


_BY_VISITS = frozenset({ReferralState.STARTED, ReferralState.COMPLETED})


def _move(
    session: Session, holder: Holder, referral_id: UUID, target: ReferralState, body: Json, version: int
) -> None:
    note = next((str(each["text"]) for each in body.get("note", []) if each.get("text")), "")[:600]
    if target in GROUP_ANSWERS:
        said = set(_codes(body))
        declined = target is ReferralState.DECLINED
        answering.answer(
            session,
            holder.actor,
            referral_id,
            target,
            expected_version=version,
            reason=next((each for each in DeclineReason if declined and each.value in said), None),
            note=note,
            fair=next((each for each in FairReason if each.value in said), None),
        )
    elif target in _BY_VISITS:
        _came(session, holder, referral_id, target, body)
    else:
        end = answering.stopped if target is ReferralState.STOPPED else answering.never_started
        end(session, holder.actor, referral_id, note=note, expected_version=version)


def _came(session: Session, holder: Holder, referral_id: UUID, target: ReferralState, body: Json) -> None:
    """The days on which somebody came: it is they that say that somebody has started, and has settled in."""
    days = sorted(set(_visits(body)))
    if len(days) > MOST_VISITS:
        raise Invalid(f"Send no more than {MOST_VISITS} visits at once.", "on")
    for on in days:
        attending.record_attendance(session, holder.actor, referral_id, on, Presence.CAME)
    state = group_reading.one(session, holder, referral_id).row.state
    if target is ReferralState.STARTED and state not in _BY_VISITS:
        raise Invalid(f"Say when they came: an output with the type {VISIT} and a valueDate.", "on")
    if target is ReferralState.COMPLETED and state is not ReferralState.COMPLETED:
        answering.settled(session, holder.actor, referral_id)


def _visits(body: Json) -> Iterator[date]:
    """The days in Task.output on which somebody came. Raises `Invalid` for a day that is not whole."""
    for each in body.get("output", []):
        named = [each["type"].get("text"), *(coding.get("code") for coding in each["type"].get("coding", []))]
        if VISIT in named:
            try:
                yield date.fromisoformat(str(each.get("valueDate", "")))
            except ValueError:
                raise Invalid("A visit needs its whole day as valueDate, like 2026-03-03.", "on") from None


def _codes(body: Json) -> Iterator[str]:
    """What may say why: the codes and texts of the two places where FHIR has it."""
    for place in ("statusReason", "businessStatus"):
        said: Json = body.get(place) or {}
        yield str(said.get("text", ""))
        yield from (str(coding.get("code", "")) for coding in said.get("coding", []))
