"""Who came. Rows are only ever added: a correction is a new row that names the one it corrects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Invalid, NotFound, Refused
from directory import published
from prescribing.episodes.moves import Mover
from prescribing.people.services import author_of
from prescribing.referrals.models import Attendance, Presence, Referral
from prescribing.referrals.rules import AGREED, ReferralState, state_by_attendance
from prescribing.referrals.scope import any_referral_for_update, movers_towards, referrals_for_update
from prescribing.referrals.services import shift
from prescribing.referrals.visits import Mark, attended_days, present_rows

OLDEST_SESSION = timedelta(days=60)


def record_attendance(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    on: date,
    presence: Presence,
    *,
    said_by: Mover | None = None,
) -> Referral:
    """Write down whether somebody came on a day in London; the first visit starts the referral, the last one needed
    settles it. Saying the same again changes nothing; saying something else adds a correction.

    A link worker writes down the word of the group, or with `said_by` of the person. Raises `Invalid` for a day to
    come or long past, `Refused` before the group said yes.
    """
    check_day(on)
    referral = any_referral_for_update(session, actor, referral_id)
    before = present_rows(referral).get(on)
    # One press says whether they came, and leaves what a register said of whom they brought.
    mark = Mark(presence, before.brought_someone if before is not None else False)
    _add(session, actor, referral, on, mark, said_by)
    return referral


def record_session(
    session: Session,
    actor: Actor,
    service_id: UUID,
    on: date,
    marks: Mapping[UUID, Mark],
) -> int:
    """Write a whole session down for a group: what is said of each, by referral. Gives how many were written: sending
    the same again, as a phone does that lost its connection, writes none.

    Raises `NotFound` for a referral that is not to this service of the actor's group.
    """
    check_day(on)
    # All are held before the first is written, so that two who record at once wait in one order.
    referrals_for_update(session, Referral.id.in_(marks))
    held = [any_referral_for_update(session, actor, referral_id) for referral_id in sorted(marks)]
    ids = published.known_ids(session, service_id)
    if any(referral.service_id not in ids for referral in held):
        raise NotFound
    return sum(_add(session, actor, referral, on, marks[referral.id], None) for referral in held)


def record_own_visit(session: Session, actor: Actor, referral: Referral, on: date) -> bool:
    """Write down that the person, who is the actor, went on a day in London; the caller holds the referral. The first
    visit starts it. What somebody else wrote down of that day stands: then nothing is written, and False is given.

    Raises `Invalid` for a day to come or long past, `Refused` before the group said yes.
    """
    check_day(on)
    if on in present_rows(referral):
        return False
    return _add(session, actor, referral, on, Mark(Presence.CAME, brought_someone=False), Mover.PERSON)


def _add(
    session: Session, actor: Actor, referral: Referral, on: date, mark: Mark, said_by: Mover | None
) -> bool:
    before = present_rows(referral).get(on)
    if before is not None and (before.presence, before.brought_someone) == (mark.presence, mark.brought):
        return False
    if referral.state not in AGREED and before is None:
        raise Refused("Visits are recorded once the group has said yes, and until it has ended.")
    whose = _whose_word(session, actor, referral, said_by)
    session.add(
        Attendance(
            referral_id=referral.id,
            service_id=referral.service_id,
            on=on,
            presence=mark.presence,
            brought_someone=mark.brought,
            recorded_at=clock.now(),
            author=author_of(actor),
            said_by=whose,
            corrects_id=before.id if before is not None else None,
        )
    )
    session.flush()
    session.expire(referral, ["attendances"])
    audit.record(
        session,
        actor,
        "attendance.correct" if before is not None else "attendance.record",
        "referral",
        referral.id,
        presence=mark.presence,
    )
    _move_on(session, actor, referral, whose)
    return True


def _move_on(session: Session, actor: Actor, referral: Referral, whose: Mover | None) -> None:
    """Started at the first visit, settled at the last one needed: each step has its event."""
    came = len(attended_days(referral))
    while (
        target := state_by_attendance(referral.state, came, referral.sustained_after)
    ) is not referral.state:
        # Whether somebody has settled in is never the person's to write down: the visits say it, and whoever writes
        # down the next one of another's.
        if target is ReferralState.COMPLETED and Mover.PERSON in movers_towards(
            session, actor, referral, referral.episode
        ):
            return
        said = None if target is ReferralState.COMPLETED and whose is Mover.PERSON else whose
        shift(session, actor, referral, target, said_by=said, attended=came)


def _whose_word(session: Session, actor: Actor, referral: Referral, said_by: Mover | None) -> Mover | None:
    movers = movers_towards(session, actor, referral, referral.episode)
    if Mover.GROUP in movers:
        return None
    return said_by or Mover.GROUP


def check_day(on: date) -> None:
    """Raise `Invalid` for a day to come or long past."""
    if on > clock.today():
        raise Invalid("That session has not happened yet.", "on")
    if on < clock.today() - OLDEST_SESSION:
        raise Invalid("That is too long ago to record here. Ring us instead.", "on")
