"""Changing what a group says of itself: phone and email are public at once, its name and words wait for an editor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Permission
from core.accounts.models import Account
from core.audit import services as audit
from core.errors import Conflict, Invalid, NotFound, Refused
from core.notify.services import send_email
from directory.listings import checks
from directory.listings.merged import acts_for
from directory.listings.models import ChangeState, Organization, Phone, Service
from directory.listings.rules import changed_fields, is_empty
from directory.listings.services import index
from directory.stewardship.details import queries, rules
from directory.stewardship.details.models import GroupChange

LONGEST_REASON = 500


def submit(
    session: Session, actor: Actor, organization_id: UUID, values: Mapping[str, Any], expected_version: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Change a group's details. Gives the names of the fields that are public now, and of those that wait.

    Raises `NotFound`, `Invalid` for a value that cannot be kept, `Conflict` where somebody was quicker.
    """
    row = queries.group_for_update(session, actor, organization_id)
    clean = _clean(values)
    waiting = queries.waiting_change(session, organization_id)
    public = queries.content_of(row)
    said = public | (waiting.after if waiting else {})
    changed = changed_fields(said, clean)
    if not changed:
        return (), ()
    if expected_version != row.version:
        raise Conflict(
            "Somebody else changed this while you were writing. Both texts are below.",
            yours={rules.FIELDS[name]: str(clean[name] or "") for name in changed},
            theirs={rules.FIELDS[name]: str(said[name] or "") for name in changed},
        )
    mine = acts_for(session, actor, organization_id)
    at_once, waits = rules.split(said, {name: clean[name] for name in changed}, trusted=not mine)
    if at_once:
        _note(session, actor, row, public, at_once, ChangeState.PUBLISHED if mine else ChangeState.APPROVED)
        apply(session, row, at_once)
    if waits:
        _let_wait(session, actor, row, public, waits, waiting)
    audit.record(session, actor, "group.change", "organization", row.id, fields=",".join(sorted(changed)))
    row.updated_at = clock.now()
    session.flush()
    return tuple(at_once), tuple(waits)


def approve(session: Session, actor: Actor, change_id: UUID) -> None:
    """Make a waiting change public. Raises `NotFound`, `Refused` where it waits no more."""
    change, row = _open_change(session, actor, change_id)
    public = queries.content_of(row)
    change.before = {name: public.get(name) for name in change.after}
    apply(session, row, change.after)
    row.updated_at = clock.now()
    _decide(session, actor, change, ChangeState.APPROVED)


def send_back(session: Session, actor: Actor, change_id: UUID, reason: str) -> None:
    """Give a waiting change back with a reason. Raises `Invalid` without one."""
    change, _row = _open_change(session, actor, change_id)
    words = reason.strip()
    if not words or len(words) > LONGEST_REASON:
        raise Invalid(f"Say why, in at most {LONGEST_REASON} letters.", "reason")
    change.reason = words
    _decide(session, actor, change, ChangeState.SENT_BACK)


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = [name for name in values if name not in rules.FIELDS]
    if unknown:
        raise Invalid(f"A group has no field {unknown[0]!r}.")
    clean = {name: None if is_empty(value) else str(value).strip() for name, value in values.items()}
    if "name" in clean and clean["name"] is None:
        raise Invalid("Enter the group's name.", "name")
    for name, longest in (("name", 200), ("summary", 300), ("description", 4000), ("charity_number", 40)):
        if len(clean.get(name) or "") > longest:
            raise Invalid(f"Keep “{rules.FIELDS[name]}” to {longest} letters.", name)
    if clean.get("email"):
        clean["email"] = checks.clean_email(str(clean["email"]))
    if clean.get("phone"):
        clean["phone"] = checks.read_phone(str(clean["phone"])).printed
    if clean.get("website"):
        try:
            clean["website"] = checks.clean_url(str(clean["website"]))
        except Invalid as fault:
            raise Invalid(fault.message, "website") from None
    return clean


def apply(session: Session, row: Organization, values: Mapping[str, Any]) -> None:
    """Write these fields into the group's rows, and have search hear of it."""
    for name, value in values.items():
        if name == "phone":
            row.phones = [Phone(number=checks.read_phone(str(value)).dial)] if value else []
        elif name in {"name", "summary", "description"}:
            setattr(row, name, value or "")
        else:
            setattr(row, name, value)
    session.flush()
    for service_id in session.scalars(select(Service.id).where(Service.organization_id == row.id)):
        index(session, service_id)


def _note(
    session: Session,
    actor: Actor,
    row: Organization,
    public: Mapping[str, Any],
    values: Mapping[str, Any],
    state: ChangeState,
) -> None:
    session.add(
        GroupChange(
            organization_id=row.id,
            state=state,
            before={name: public.get(name) for name in values},
            after=dict(values),
            author_id=actor.account_id,
            author_name=actor.name,
        )
    )


def _let_wait(
    session: Session,
    actor: Actor,
    row: Organization,
    public: Mapping[str, Any],
    values: Mapping[str, Any],
    waiting: GroupChange | None,
) -> None:
    after = dict(waiting.after if waiting else {}) | dict(values)
    after = {name: after[name] for name in changed_fields(public, after)}
    if waiting is not None:
        waiting.state = ChangeState.SUPERSEDED
    if after:
        _note(session, actor, row, public, after, ChangeState.WAITING)


def _open_change(session: Session, actor: Actor, change_id: UUID) -> tuple[GroupChange, Organization]:
    actor.must(Permission.MODERATE)
    group_id = session.scalar(select(GroupChange.organization_id).where(GroupChange.id == change_id))
    if group_id is None:
        raise NotFound
    row = queries.group_for_update(session, actor, group_id)
    change = session.get_one(GroupChange, change_id, with_for_update=True, populate_existing=True)
    if change.state is not ChangeState.WAITING:
        raise Refused("Another editor has decided on this already, or the group has replaced it.")
    return change, row


def _decide(session: Session, actor: Actor, change: GroupChange, state: ChangeState) -> None:
    change.state, change.decided_by_id, change.decided_at = state, actor.account_id, clock.now()
    audit.record(session, actor, f"group.change.{state.value}", "organization", change.organization_id)
    author = session.get(Account, change.author_id) if change.author_id else None
    if author is not None and author.email:
        send_email(
            session,
            to=author.email,
            template="group-decided",
            context={"group_id": change.organization_id, "approved": state is ChangeState.APPROVED},
            about_id=change.organization_id,
        )
    session.flush()
