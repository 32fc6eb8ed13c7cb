"""Reading a plan as the person takes it: one object, whoever shows it and in whatever form."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from core import clock
from core.access.rules import Actor, Role
from core.calendar.when_rules import When
from directory import published
from prescribing.episodes.models import Action, ActionOwner, Episode, Goal
from prescribing.episodes.queries import EpisodeBrief, account_names, brief
from prescribing.episodes.rules import EPISODE_OPEN, EpisodeState
from prescribing.episodes.scope import furthest_first
from prescribing.people.models import Person
from prescribing.people.queries import PersonRecord, as_record
from prescribing.plans.rules import Coming, Copy, Going, Step
from prescribing.referrals.expected import expected_sessions
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import AGREED, OFFERED, OWN_WORDS

MOST_COMING = 8


def copy_for_team(session: Session, actor: Actor, episode_id: UUID) -> tuple[EpisodeBrief, Copy]:
    """The plan of somebody whom the actor's team supports, with where that support stands. Raises `NotFound` outside.
    Whoever shows it audits the look."""
    found = brief(session, actor, episode_id)
    row = session.get_one(Episode, episode_id)
    return found, _copy(session, row, found.person, [row.id])


def own_copy(session: Session, actor: Actor) -> tuple[PersonRecord, Copy] | None:
    """The actor's own plan, with who they are; None where there is none, or the record never shows online."""
    rows = session.scalars(
        select(Episode)
        .join(Person, Person.id == Episode.person_id)
        .where(
            Person.id.in_(actor.person_ids(Role.RESIDENT)),
            Person.flagged_for_safety.is_(False),
            Episode.state.in_(EPISODE_OPEN),
            Episode.state != EpisodeState.DRAFT,
        )
        .options(joinedload(Episode.person), joinedload(Episode.team))
        .order_by(furthest_first(), Episode.created_at.desc())
    ).all()
    if not rows:
        return None
    person = as_record(session, rows[0].person)
    return person, _copy(session, rows[0], person, [row.id for row in rows])


def _copy(session: Session, row: Episode, person: PersonRecord, ids: Sequence[UUID]) -> Copy:
    """Of the support `row`, with the plan of all of `ids`."""
    workers = account_names(session, {row.link_worker_id} if row.link_worker_id else set())
    worker = next(iter(workers.values()), "")
    goals = session.scalars(select(Goal).where(Goal.episode_id.in_(ids)).order_by(Goal.created_at, Goal.id))
    referrals = session.scalars(
        select(Referral)
        .where(Referral.episode_id.in_(ids), Referral.state.in_(OFFERED | AGREED))
        .options(selectinload(Referral.attendances))
        .order_by(Referral.requested_at, Referral.id)
    ).all()
    names = published.briefs(session, {one.service_id for one in referrals}) if referrals else {}
    return Copy(
        called=person.called,
        reference=row.reference,
        made_at=clock.now(),
        link_worker=worker,
        team_phone=row.team.phone or "",
        matters=person.what_matters,
        strengths=person.strengths,
        goals=tuple((goal.words or "", goal.met_at is not None) for goal in goals),
        steps=_steps(session, ids, worker),
        going=tuple(
            Going(names[one.service_id].name, f"{OWN_WORDS[one.state]}.")
            for one in referrals
            if one.service_id in names
        ),
        coming=_coming(session, referrals),
    )


def _steps(session: Session, episode_ids: Sequence[UUID], worker: str) -> tuple[Step, ...]:
    actions = session.scalars(
        select(Action)
        .where(
            Action.episode_id.in_(episode_ids),
            Action.done_at.is_(None),
            # What somebody else is to do may be that other person's own affair.
            Action.owner.in_([ActionOwner.PERSON, ActionOwner.LINK_WORKER]),
        )
        .order_by(Action.due_on, Action.id)
    )
    return tuple(
        Step(
            "You" if action.owner is ActionOwner.PERSON else worker or "Your link worker",
            action.words or "",
            action.due_on,
        )
        for action in actions
    )


def _coming(session: Session, referrals: Sequence[Referral]) -> tuple[Coming, ...]:
    """The next sessions that they are expected at, soonest first; none that is off."""
    found = expected_sessions(session, referrals)
    offers = published.offers(session, {row.service_id for row, _one in found}) if found else {}
    return tuple(
        Coming(
            published.session_in_words(one, clock.today()),
            When.of_session(one.start, one.end, clock.today()),
            offers[row.service_id].name,
            offers[row.service_id].place,
        )
        for row, one in found
        if row.service_id in offers and not one.cancelled
    )[:MOST_COMING]
