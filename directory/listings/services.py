"""Writing listings: what a group says of itself, what an editor decides, and every move of a status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from core import clock, events
from core.access.rules import Actor
from core.audit import services as audit
from core.errors import Conflict, Invalid, NotFound, Refused
from core.geography.rules import normalise_postcode
from core.jobs.services import enqueue
from directory.listings import checks, rules
from directory.listings.content import apply_content, content_of
from directory.listings.events import (
    ChangeSubmitted,
    ListingChanged,
    ListingClosed,
    ListingCreated,
    ListingSent,
)
from directory.listings.models import (
    ChangeState,
    ListingChange,
    Organization,
    Service,
    StatusEvent,
)
from directory.listings.queries import changes_since, listing_for_update, may_edit, mover_of, waiting_change
from directory.listings.recurrence import ScheduleRule, happens_on
from directory.listings.rules import HAS_PUBLIC_PAGE, DeliveryMode, JoinMode, ListingStatus, Mover
from directory.listings.schedule_json import rule_from_json
from directory.listings.values import Words
from directory.listings.wording import field_label

# Listings that nobody outside has seen: what their group changes needs no approval of its own.
NEVER_SEEN = frozenset(
    {
        ListingStatus.DRAFT,
        ListingStatus.WAITING,
        ListingStatus.SENT_BACK,
        ListingStatus.WITHDRAWN,
        ListingStatus.REJECTED,
    }
)


@dataclass(frozen=True, slots=True)
class Submitted:
    """What became of a change: the fields that stand at once, and those that wait for an editor."""

    at_once: tuple[str, ...]
    waiting: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        return not self.at_once and not self.waiting


def submit_change(
    session: Session, actor: Actor, service_id: UUID, changes: Mapping[str, Any], expected_version: int
) -> Submitted:
    """Change a listing: what may stand at once does, the rest waits for an editor.

    `changes` holds whole field values. Raises `NotFound`, `Invalid` for a value that cannot be kept (its `field`
    says which), and `Conflict` where somebody changed the same fields since `expected_version`.
    """
    row = listing_for_update(session, actor, service_id)
    mover = mover_of(actor, row.organization_id)
    public, pending = content_of(row), waiting_change(session, service_id)
    said = public | (pending.after if pending else {})
    refuse_unusable(changes)
    changed = rules.changed_fields(said, changes)
    if not changed:
        return Submitted((), ())
    if expected_version != row.version:
        _refuse_overlap(session, row, said, changes, changed, expected_version)
    wanted = {name: changes[name] for name in changed}
    at_once, waits = (wanted, {}) if row.status in NEVER_SEEN else rules.split_change(said, wanted, mover)
    if at_once:
        _publish(session, actor, row, public, at_once, mover)
    if waits:
        _let_wait(session, actor, row, public, waits, pending)
    audit.record(
        session, actor, "listing.change", "service", row.id, at_once=_names(at_once), waiting=_names(waits)
    )
    _touch(session, row)
    return Submitted(tuple(at_once), tuple(waits))


def refuse_unusable(values: Mapping[str, Any]) -> None:
    """Raise `Invalid`, naming the field, for the first value that a listing cannot keep."""
    for name, message in checks.problems(values).items():
        raise Invalid(message, name)
    for rule in values.get("schedules") or ():
        rule_from_json(rule)
    for name, known in (("mode", DeliveryMode), ("join_mode", JoinMode)):
        if name in values and values[name] not in list(known):
            raise Invalid(f"Choose one of the answers for “{field_label(name)}”.", name)
    postcode = (values.get("address") or {}).get("postcode")
    if postcode:
        normalise_postcode(postcode)
    unknown = [name for name in values if name not in rules.FIELDS]
    if unknown:
        raise Invalid(f"A listing has no field {unknown[0]!r}.")


def _refuse_overlap(
    session: Session,
    row: Service,
    said: Mapping[str, Any],
    changes: Mapping[str, Any],
    changed: Iterable[str],
    expected_version: int,
) -> None:
    """Raise `Conflict` unless all that happened since is known and touched other fields."""
    since = changes_since(session, row.id, expected_version)
    touched = {name for change in since for name in change.after}
    if since and not touched & set(changed):
        return
    words = Words.of(session)
    raise Conflict(
        "Somebody else changed this while you were writing. Both texts are below, and yours is still in the boxes.",
        yours={field_label(name): words.say(name, changes[name]) for name in changed},
        theirs={field_label(name): words.say(name, said.get(name)) for name in changed},
    )


def _publish(
    session: Session,
    actor: Actor,
    row: Service,
    public: Mapping[str, Any],
    values: Mapping[str, Any],
    mover: Mover,
) -> None:
    """Write values into the listing. A group's own are put on the editor's list, to be looked at after."""
    to_review = mover is Mover.OWNER and row.status not in NEVER_SEEN
    change = ListingChange(
        service_id=row.id,
        state=ChangeState.PUBLISHED if to_review else ChangeState.APPROVED,
        base_version=row.version,
        before={name: public.get(name) for name in values},
        after=dict(values),
        author_id=actor.account_id,
        author_name=actor.name,
        decided_by_id=None if to_review else actor.account_id,
        decided_at=None if to_review else clock.now(),
    )
    session.add(change)
    if to_review:
        events.publish(session, ChangeSubmitted(change.id, row.id, change.before, change.after))
    apply_content(session, row, values)
    tell(session, row, tuple(values))


def _let_wait(
    session: Session,
    actor: Actor,
    row: Service,
    public: Mapping[str, Any],
    values: Mapping[str, Any],
    pending: ListingChange | None,
) -> None:
    """Put values before an editor, together with what waits already; there is one waiting change at a time."""
    after = dict(pending.after if pending else {}) | dict(values)
    after = {name: after[name] for name in rules.changed_fields(public, after)}
    if pending is not None:
        pending.state = ChangeState.SUPERSEDED
    if after:
        change = ListingChange(
            service_id=row.id,
            state=ChangeState.WAITING,
            base_version=row.version,
            before={name: public.get(name) for name in after},
            after=after,
            author_id=actor.account_id,
            author_name=actor.name,
        )
        session.add(change)
        events.publish(session, ChangeSubmitted(change.id, row.id, change.before, change.after))


def cancel_session(session: Session, actor: Actor, service_id: UUID, at: datetime, note: str) -> None:
    """Call off the one session that starts at `at` (London's clocks). It is public at once.

    Raises `NotFound`, `Refused` where there is no such session or it is off already, `Invalid` for the note.
    """
    row = listing_for_update(session, actor, service_id)
    words = checks.clean_note(note)
    public = content_of(row)
    day, start = at.date(), at.time().replace(tzinfo=None)
    if not any(rule.times_on(day)[0] == start and happens_on(rule, day) for rule in rules_of(row)):
        raise Refused("There is no session on that day and time any more.")
    if any(one.on == day and one.session in {None, start} for one in row.exceptions):
        raise Refused("That session is off already.")
    off = {"on": day.isoformat(), "session": start.isoformat("minutes")} | ({"note": words} if words else {})
    change_sessions(session, actor, row, public, [*public["exceptions"], off], "listing.cancel-session")


def restore_session(session: Session, actor: Actor, service_id: UUID, at: datetime) -> None:
    """Put a session back on that was called off or moved. Raises `NotFound`, and `Refused` where it is on."""
    row = listing_for_update(session, actor, service_id)
    public = content_of(row)
    day, start = at.date().isoformat(), at.time().isoformat("minutes")
    left = [
        one for one in public["exceptions"] if not (one["on"] == day and one.get("session", start) == start)
    ]
    if len(left) == len(public["exceptions"]):
        raise Refused("That session is on already.")
    change_sessions(session, actor, row, public, left, "listing.restore-session")


def rules_of(row: Service) -> list[ScheduleRule]:
    """The listing's timetable."""
    return [one.rule for one in row.schedules]


def change_sessions(
    session: Session,
    actor: Actor,
    row: Service,
    public: Mapping[str, Any],
    exceptions: list[dict[str, str]],
    action: str,
) -> None:
    """Make these the dates that differ: public at once, told to whoever expects people there."""
    _publish(session, actor, row, public, {"exceptions": exceptions}, mover_of(actor, row.organization_id))
    audit.record(session, actor, action, "service", row.id)
    _touch(session, row)


def confirm(session: Session, actor: Actor, service_id: UUID) -> None:
    """Say that the listing is still right. One that was hidden for want of this comes back."""
    row = listing_for_update(session, actor, service_id)
    by_group = mover_of(actor, row.organization_id) is Mover.OWNER
    if row.status is ListingStatus.UNCONFIRMED:
        move_status(session, actor, service_id, ListingStatus.PUBLISHED)
    # Written past the version counter, so that nobody who is writing just now is told of a conflict.
    session.execute(
        update(Service)
        .where(Service.id == row.id)
        .values(
            confirmed_at=clock.now(),
            confirmed_by=row.organization.name if by_group else "the editors",
            updated_at=Service.updated_at,
        )
        .execution_options(synchronize_session=False)
    )
    session.expire(row, ["confirmed_at", "confirmed_by"])
    audit.record(session, actor, "listing.confirm", "service", row.id)
    index(session, row.id)


def create_listing(session: Session, actor: Actor, organization_id: UUID, values: Mapping[str, Any]) -> UUID:
    """Begin a listing of a group, as a draft. `values` holds name, summary, mode and join_mode, and may hold more.

    Raises `NotFound` where the group is not the actor's, `Invalid` as `submit_change`.
    """
    organization = session.get(Organization, organization_id)
    if organization is None or not may_edit(session, actor, organization_id):
        raise NotFound
    refuse_unusable(values)
    row = Service(
        organization=organization,
        name=values["name"],
        status=ListingStatus.DRAFT,
        delivery=DeliveryMode(values["mode"]),
        join_mode=JoinMode(values["join_mode"]),
        is_example=organization.is_example,
    )
    session.add(row)
    apply_content(session, row, values)
    session.flush()
    _note_move(session, actor, row, None, ListingStatus.DRAFT, "")
    audit.record(session, actor, "listing.create", "service", row.id)
    events.publish(session, ListingCreated(row.id))
    return row.id


def move_status(
    session: Session,
    actor: Actor,
    service_id: UUID,
    target: ListingStatus,
    reason: str = "",
    *,
    mover: Mover | None = None,
) -> None:
    """Move a listing along the transition table, in the actor's own part unless `mover` says in whose.

    Raises `NotFound`, `Refused` or `Invalid` as `rules.move`.
    """
    row = listing_for_update(session, actor, service_id)
    before = row.status
    moved = rules.move(before, target, mover or mover_of(actor, row.organization_id), reason)
    if target is ListingStatus.WAITING:
        _refuse_incomplete(content_of(row))
    row.status = moved
    if target is ListingStatus.PUBLISHED and row.confirmed_at is None:
        row.confirmed_at, row.confirmed_by = clock.now(), row.organization.name
    _note_move(session, actor, row, before, target, reason)
    audit.record(
        session, actor, "listing.move", "service", row.id, from_status=before.value, to_status=target.value
    )
    if target is ListingStatus.WAITING:
        events.publish(session, ListingSent(row.id))
    if {before, target} & HAS_PUBLIC_PAGE:
        tell(session, row, ("status",))
    if target in {ListingStatus.CLOSED, ListingStatus.PAUSED}:
        for_good = target is ListingStatus.CLOSED
        events.publish(session, ListingClosed(row.id, row.organization_id, for_good))


def _refuse_incomplete(content: Mapping[str, Any]) -> None:
    """Raise `Invalid` where a visitor could not do without what is missing."""
    missing = [hint for hint in rules.completeness_hints(content) if hint.matters]
    if missing:
        raise Invalid(missing[0].message, missing[0].field)


def _note_move(
    session: Session,
    actor: Actor,
    row: Service,
    before: ListingStatus | None,
    target: ListingStatus,
    reason: str,
) -> None:
    session.add(
        StatusEvent(
            service_id=row.id,
            at=clock.now(),
            author_id=actor.account_id,
            from_status=before,
            to_status=target,
            reason=reason.strip() or None,
        )
    )


def tell(session: Session, row: Service, fields: tuple[str, ...]) -> None:
    """Say that the public sees something else now: to whoever listens, and to the search index."""
    if row.status in NEVER_SEEN:
        return
    events.publish(session, ListingChanged(row.id, fields))
    index(session, row.id)


def index(session: Session, service_id: UUID) -> None:
    """Promise that search will know the listing as it is now."""
    enqueue(session, "search.index", {"service_id": str(service_id)}, key=f"search.index:{service_id}")


def _touch(session: Session, row: Service) -> None:
    """Count the listing's version up, also where only rows beside it changed; refuses the second of two writers."""
    row.updated_at = clock.now()
    session.flush()


def _names(values: Iterable[str]) -> str:
    return ",".join(sorted(values))
