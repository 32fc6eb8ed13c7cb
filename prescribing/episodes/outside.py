"""What those outside the team see: a partner its own requests and what came of them, a resident their own thread.

Each tier is built here from its own fields and nothing else, so that a new field is hidden until it is listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from core import clock
from core.access.rules import Actor, Role
from core.calendar.rules import add_working_days, london_day, say_day
from core.errors import NotFound
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.content import RequestContent, from_text
from prescribing.episodes.feedback import Feedback, codes_for
from prescribing.episodes.feedback import from_text as read_feedback
from prescribing.episodes.models import (
    Action,
    ActionOwner,
    Episode,
    FeedbackToReferrer,
    Goal,
    Need,
    SupportRequest,
)
from prescribing.episodes.moves import standing as in_force
from prescribing.episodes.queries import account_names, every_need_name
from prescribing.episodes.rules import EPISODE_CLOSED, EpisodeState
from prescribing.episodes.scope import furthest_first, sent_by
from prescribing.people.consent import ConsentPurpose, consent_covers
from prescribing.people.models import Person
from prescribing.people.queries import consent_facts

# A referrer learns where its request stands, not what the team and the person do together.
REFERRER_WORDS = {
    EpisodeState.DRAFT: "Not sent yet",
    EpisodeState.SUBMITTED: "Received",
    EpisodeState.TRIAGE: "We are looking at it",
    EpisodeState.NEEDS_INFO: "We need to know more",
    EpisodeState.ALLOCATED: "With a link worker",
    EpisodeState.CONTACTING: "With a link worker",
    EpisodeState.ACTIVE: "With a link worker",
    EpisodeState.PAUSED: "With a link worker",
    EpisodeState.COMPLETED: "Finished",
    EpisodeState.NOT_APPROPRIATE: "Not right for this service",
    EpisodeState.PERSON_DECLINED: "They said no",
    EpisodeState.UNCONTACTABLE: "We could not reach them",
    EpisodeState.WITHDRAWN: "Ended early",
    EpisodeState.ENTERED_IN_ERROR: "Entered in error",
}
PERSON_WORDS = {
    EpisodeState.DRAFT: "Not sent yet",
    EpisodeState.SUBMITTED: "We have your request",
    EpisodeState.TRIAGE: "We are looking at your request",
    EpisodeState.NEEDS_INFO: "We are waiting for more information",
    EpisodeState.ALLOCATED: "You have a link worker",
    EpisodeState.CONTACTING: "Your link worker is trying to reach you",
    EpisodeState.ACTIVE: "Your link worker is supporting you",
    EpisodeState.PAUSED: "Your support is paused",
    EpisodeState.COMPLETED: "Your support has finished",
    EpisodeState.NOT_APPROPRIATE: "Our service was not the right one for this",
    EpisodeState.PERSON_DECLINED: "You told us that you do not want this support",
    EpisodeState.UNCONTACTABLE: "We could not reach you",
    EpisodeState.WITHDRAWN: "Your support has ended",
    EpisodeState.ENTERED_IN_ERROR: "This was a mistake of ours",
}


@dataclass(frozen=True)
class OwnRequest:
    """A partner's own request: what it sent, where it stands, and what it may hear of the outcome."""

    id: UUID
    episode_id: UUID
    version: int
    reference: str
    state: EpisodeState
    said: str
    sent_at: datetime | None
    content: RequestContent
    needs: tuple[str, ...]
    question: str
    feedback: Feedback | None
    codes: tuple[str, ...]


@dataclass(frozen=True)
class OwnThread:
    """A resident's own support: where it is, who helps, what happens next. Empty where nothing shows online."""

    reference: str
    said: str
    state: EpisodeState
    next: str
    by: date | None
    link_worker: str
    team_phone: str
    needs: tuple[tuple[str, str], ...]
    goals: tuple[tuple[str, int | None, bool], ...]
    actions: tuple[tuple[str, date | None, bool], ...]


def own_request(session: Session, actor: Actor, request_id: UUID) -> OwnRequest:
    """One request that the actor's partner body sent. Raises `NotFound` outside. Whoever shows it audits the look."""
    row = session.scalars(
        select(Episode)
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .where(SupportRequest.id == request_id, sent_by(actor))
        .options(joinedload(Episode.support_request), joinedload(Episode.joined_to))
    ).one_or_none()
    if row is None:
        raise NotFound
    names = every_need_name(session)
    agreed = _may_hear(session, row)
    standing = row.standing
    waiting = row.state is EpisodeState.NEEDS_INFO and bool(row.events)
    return OwnRequest(
        id=request_id,
        episode_id=row.id,
        version=row.version,
        reference=row.reference,
        state=standing.state,
        said=REFERRER_WORDS[standing.state],
        sent_at=row.submitted_at,
        content=from_text(row.support_request.content or '{"name": ""}'),
        needs=tuple(names.get(slug, slug) for slug in row.support_request.need_slugs),
        question=(row.events[-1].reason or "") if waiting else "",
        feedback=_feedback(session, row.id) if agreed else None,
        codes=codes_for(tuple(event.target for event in in_force(standing.events))) if agreed else (),
    )


def _may_hear(session: Session, row: Episode) -> bool:
    partner_id = row.support_request.partner_id
    return partner_id is not None and consent_covers(
        consent_facts(session, row.person_id), partner_id, ConsentPurpose.FEEDBACK_TO_REFERRER, clock.now()
    )


def _feedback(session: Session, episode_id: UUID) -> Feedback | None:
    row = session.scalars(
        select(FeedbackToReferrer).where(FeedbackToReferrer.episode_id == episode_id)
    ).one_or_none()
    return read_feedback(row.content) if row is not None and row.content else None


def own_thread(session: Session, actor: Actor) -> OwnThread | None:
    """The actor's own support, of two the one that goes on furthest, with the plan of both.

    None when there is none, or the record is kept off every screen for safety.
    """
    rows = session.scalars(
        select(Episode)
        .join(Person, Person.id == Episode.person_id)
        .where(
            Person.id.in_(actor.person_ids(Role.RESIDENT)),
            Person.flagged_for_safety.is_(False),
            Episode.state.not_in([EpisodeState.DRAFT, EpisodeState.ENTERED_IN_ERROR]),
        )
        .options(joinedload(Episode.team))
        .order_by(furthest_first(), Episode.created_at.desc())
    ).all()
    if not rows:
        return None
    row = rows[0]
    # Somebody may have two that go on: nothing that was agreed in either is lost to them.
    ids = [each.id for each in rows if each.state not in EPISODE_CLOSED] or [row.id]
    names = every_need_name(session)
    workers = account_names(session, {row.link_worker_id} if row.link_worker_id else set())
    words, by = _next(row)
    return OwnThread(
        reference=row.reference,
        said=PERSON_WORDS[row.state],
        state=row.state,
        next=words,
        by=by,
        link_worker=next(iter(workers.values()), "") if row.state not in EPISODE_CLOSED else "",
        team_phone=row.team.phone or "",
        needs=tuple(
            (names.get(need.slug, need.slug), need.words or "")
            for need in session.scalars(select(Need).where(Need.episode_id.in_(ids)).order_by(Need.id))
        ),
        goals=tuple(
            (goal.words or "", goal.progress, goal.met_at is not None)
            for goal in session.scalars(select(Goal).where(Goal.episode_id.in_(ids)).order_by(Goal.id))
        ),
        actions=tuple(
            (action.words or "", action.due_on, action.owner is ActionOwner.PERSON)
            for action in session.scalars(
                select(Action)
                .where(
                    Action.episode_id.in_(ids),
                    Action.done_at.is_(None),
                    # What somebody else is to do may be that other person's own affair.
                    Action.owner.in_([ActionOwner.PERSON, ActionOwner.LINK_WORKER]),
                )
                .order_by(Action.due_on, Action.id)
            )
        ),
    )


def _next(row: Episode) -> tuple[str, date | None]:
    """What happens next, in words, and by which day we promised it."""
    limits = clocks()
    if row.state in {EpisodeState.SUBMITTED, EpisodeState.TRIAGE} and row.submitted_at is not None:
        by = add_working_days(london_day(row.submitted_at), limits.triage)
        return "We read your request and choose who can help you best.", by
    if row.state in {EpisodeState.ALLOCATED, EpisodeState.CONTACTING} and row.events:
        given = next(
            (event.at for event in row.events if event.target is EpisodeState.ALLOCATED), row.created_at
        )
        by = add_working_days(london_day(given), limits.first_attempt)
        return "Your link worker gets in touch with you.", by
    if row.state is EpisodeState.NEEDS_INFO:
        return "We asked whoever referred you for more. You need do nothing.", None
    if row.state is EpisodeState.PAUSED:
        said = "Nothing, until you are ready. Ring us, or say so here, when you want to go on."
        if row.snoozed_until is None:
            return said, None
        return f"{said} We ask you again on {say_day(row.snoozed_until, clock.today())}.", None
    if row.state is EpisodeState.ACTIVE:
        return "You and your link worker work through the plan below.", None
    return "Nothing more. You can ask for support again at any time.", None
