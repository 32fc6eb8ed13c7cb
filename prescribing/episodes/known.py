"""Whom a request may be about: people whom the team knows already, and what a partner sent before.

Two records become one only by somebody's word, however alike they are; a word also takes them apart again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session, aliased, joinedload

from core.access.rules import Actor, Role
from core.audit import services as audit
from core.db import Base, among, blind_index
from core.errors import NotFound, Refused
from prescribing.episodes.content import RequestContent, from_text
from prescribing.episodes.models import Episode, Need, SupportRequest
from prescribing.episodes.outside import REFERRER_WORDS
from prescribing.episodes.queries import account_names
from prescribing.episodes.rules import AWAITING_TRIAGE, EPISODE_CLOSED, EPISODE_WORDS, EpisodeState
from prescribing.episodes.scope import episode_for_update, furthest_first, sent_by
from prescribing.people.models import Consent, Person
from prescribing.people.records import birth_date_of
from prescribing.people.rules import is_nhs_number, normalise_nhs_number, surname_and_birth
from prescribing.people.same_rules import Marks, Sameness, agreement, sameness
from prescribing.people.services import flag_for_safety, silence

# Nobody has to choose among more; the surest come first.
MOST = 5
_is_open = Episode.state.not_in(EPISODE_CLOSED)


@dataclass(frozen=True)
class OwnEarlier:
    """Something that is still open and that the partner itself sent about what may be the same person."""

    request_id: UUID
    reference: str
    name: str
    said: str
    sent_at: datetime | None
    is_draft: bool


@dataclass(frozen=True)
class KnownPerson:
    """Somebody of the team whom a request may be about, and what of both is the `same`, in words. `joined` says that it
    stands with their record now."""

    person_id: UUID
    name: str
    born: date | None
    sameness: Sameness
    same: tuple[str, ...]
    joined: bool
    open_episode_id: UUID | None
    open_reference: str
    open_said: str
    link_worker: str
    link_worker_id: UUID | None

    @property
    def is_very_likely(self) -> bool:
        """Whether whoever decides has only to say yes."""
        return self.sameness is Sameness.SURE and not self.joined

    @property
    def why(self) -> str:
        """Why it may be them, such as "the same NHS number and surname"."""
        *others, last = self.same or ("name",)
        return f"the same {', '.join(others)} and {last}" if others else f"the same {last}"


def marks_of(content: RequestContent) -> Marks:
    """What a request says that people are told apart by."""
    number = normalise_nhs_number(content.nhs_number) if is_nhs_number(content.nhs_number) else ""
    return Marks(content.name, content.born, number)


def sure_person(session: Session, team_id: UUID, content: RequestContent) -> Person | None:
    """The person of this team whom a request is very likely about, though nobody has said so yet."""
    found = _alike(session, team_id, marks_of(content))
    return next((person for person, how in found if how is Sameness.SURE), None)


def at_risk(session: Session, person_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of these people whose NHS number somebody of the same team has of whom a risk is known: it may be them, so
    that they are seen as soon."""
    other = aliased(Person)
    return frozenset(
        session.scalars(
            select(Person.id)
            .join(
                other,
                and_(
                    other.nhs_number_index == Person.nhs_number_index,
                    other.team_id == Person.team_id,
                    other.id != Person.id,
                    other.unsent.is_(False),
                ),
            )
            .where(
                among(Person.id, person_ids),
                or_(other.risks_sealed.is_not(None), other.flagged_for_safety),
            )
        )
    )


def own_earlier(
    session: Session,
    actor: Actor,
    partner_id: UUID,
    content: RequestContent,
    *,
    leave_out: UUID | None = None,
) -> tuple[OwnEarlier, ...]:
    """What this partner sent about the same person and is still open; newest first.

    Judged by what the partner itself wrote, so that nobody learns here whom the team knows from elsewhere.
    `leave_out` is the request that is being written.
    """
    marks = marks_of(content)
    wanted = _indexes(marks)
    if not wanted:
        return ()
    rows = session.scalars(
        select(Episode)
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .join(Person, Person.id == Episode.person_id)
        .where(
            sent_by(actor),
            SupportRequest.partner_id == partner_id,
            or_(Episode.state.not_in(EPISODE_CLOSED), Episode.joined_to.has(_is_open)),
            or_(*wanted),
        )
        .options(joinedload(Episode.support_request), joinedload(Episode.joined_to))
        .order_by(Episode.created_at.desc(), Episode.id.desc())
        .limit(20)
    ).all()
    found = [
        (row, said)
        for row in rows
        if row.support_request_id != leave_out
        and sameness(marks, marks_of(said := from_text(row.support_request.content or '{"name": ""}')))
        is not Sameness.NO
    ]
    return tuple(
        OwnEarlier(
            request_id=row.support_request_id,
            reference=row.reference,
            name=said.name,
            said=REFERRER_WORDS[row.standing.state],
            sent_at=row.submitted_at,
            is_draft=row.state is EpisodeState.DRAFT,
        )
        for row, said in found[:MOST]
    )


def person_of_own(session: Session, actor: Actor, request_id: UUID) -> Person:
    """The person of a request that the actor's partner sent. Raises `NotFound` outside, and for a draft."""
    found = session.scalars(
        select(Person)
        .join(Episode, Episode.person_id == Person.id)
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .where(SupportRequest.id == request_id, sent_by(actor), Person.unsent.is_(False))
        .with_for_update(of=Person)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def known_people(session: Session, actor: Actor, episode_id: UUID) -> tuple[KnownPerson, ...]:
    """Whom a request that waits for its decision may be about, the surest first; for whoever decides.

    Raises `NotFound` outside. Whoever shows it audits the look.
    """
    episode = _waiting(session, actor, episode_id)
    if episode.state not in AWAITING_TRIAGE:
        return ()
    marks = marks_of(from_text(episode.support_request.content or '{"name": ""}'))
    rows = session.scalars(
        select(Episode)
        .where(
            Episode.person_id.in_([episode.person_id]),
            Episode.id != episode.id,
            Episode.state != EpisodeState.DRAFT,
            Episode.created_at < episode.created_at,
        )
        .limit(1)
    ).all()
    here = [(episode.person, sameness(marks, _marks_of_person(episode.person)))] if rows else []
    others = [pair for pair in _alike(session, episode.team_id, marks) if pair[0].id != episode.person_id]
    return _as_known(session, episode, marks, [*here, *others][:MOST])


def join(
    session: Session, actor: Actor, episode_id: UUID, person_id: UUID, *, expected_version: int | None = None
) -> Episode:
    """Put a request with the record of somebody whom the team knows: a coordinator says that they are one person.

    What the request says stays as it was sent; the record is not changed by it. Raises `Refused` once it was decided,
    `NotFound` for anybody who is not offered.
    """
    episode = _undecided(session, actor, episode_id, expected_version)
    offered = {each.person_id: each for each in known_people(session, actor, episode_id)}
    if person_id not in offered or offered[person_id].joined:
        raise NotFound
    made_for_it = episode.person
    shared = session.scalar(
        select(Episode.id).where(Episode.person_id == made_for_it.id, Episode.id != episode.id).limit(1)
    )
    known = session.get_one(Person, person_id)
    flagged = made_for_it.flagged_for_safety
    # Where the record stays with others' requests, it is somebody else's than the one who is flagged.
    if flagged or (known.flagged_for_safety and shared is None):
        silence(session, made_for_it)
    if shared is not None:
        _move_one(session, episode, known)
    else:
        _move_all(session, made_for_it, known)
    if flagged:
        flag_for_safety(session, actor, known)
    session.flush()
    audit.record(session, actor, "request.join", "episode", episode.id, person=str(person_id))
    return episode


def part(session: Session, actor: Actor, episode: Episode, made: Person) -> None:
    """Give a request that stands with somebody else's record the record `made` of its own."""
    before = episode.person_id
    _move_one(session, episode, made)
    audit.record(session, actor, "request.part", "episode", episode.id, person=str(before))


def undecided(
    session: Session, actor: Actor, episode_id: UUID, expected_version: int | None = None
) -> Episode:
    """The row of a request that waits for the actor, a coordinator, to decide. Raises `NotFound`, `Refused`."""
    return _undecided(session, actor, episode_id, expected_version)


def added_before(session: Session, episode: Episode) -> Sequence[Episode]:
    """The rows of what was added to this one, the earliest first."""
    return session.scalars(
        select(Episode).where(Episode.joined_to_id == episode.id).order_by(Episode.created_at, Episode.id)
    ).all()


def _undecided(session: Session, actor: Actor, episode_id: UUID, expected_version: int | None) -> Episode:
    episode = episode_for_update(session, actor, episode_id, expected_version)
    if episode.team_id not in actor.team_ids(Role.COORDINATOR):
        raise NotFound
    if episode.state not in AWAITING_TRIAGE:
        raise Refused("This has been decided. Records are joined or taken apart before somebody has it.")
    return episode


def _waiting(session: Session, actor: Actor, episode_id: UUID) -> Episode:
    found = session.scalars(
        select(Episode)
        .where(Episode.id == episode_id, Episode.team_id.in_(actor.team_ids(Role.COORDINATOR)))
        .options(joinedload(Episode.person), joinedload(Episode.support_request))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def _indexes(marks: Marks) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if marks.nhs_number:
        wanted.append(Person.nhs_number_index == blind_index("nhs-number", marks.nhs_number))
    if marks.surname and marks.born is not None:
        text = surname_and_birth(marks.surname, marks.born)
        wanted.append(Person.name_birth_index == blind_index("name-birth", text))
    return wanted


def _alike(session: Session, team_id: UUID, marks: Marks) -> list[tuple[Person, Sameness]]:
    wanted = _indexes(marks)
    if not wanted:
        return []
    rows = session.scalars(
        select(Person)
        .where(Person.team_id == team_id, Person.unsent.is_(False), or_(*wanted))
        .order_by(Person.created_at, Person.id)
        .limit(20)
    )
    found = [(row, sameness(marks, _marks_of_person(row))) for row in rows]
    order = list(Sameness)
    return sorted(
        (pair for pair in found if pair[1] is not Sameness.NO), key=lambda pair: order.index(pair[1])
    )


def _marks_of_person(person: Person) -> Marks:
    return Marks(person.name or "", birth_date_of(person), person.nhs_number or "")


def _as_known(
    session: Session, episode: Episode, marks: Marks, found: list[tuple[Person, Sameness]]
) -> tuple[KnownPerson, ...]:
    furthest: dict[UUID, Episode] = {}
    for row in session.scalars(
        select(Episode)
        .where(
            Episode.person_id.in_([person.id for person, _how in found]),
            Episode.id != episode.id,
            Episode.state.not_in([*EPISODE_CLOSED, EpisodeState.DRAFT]),
        )
        .order_by(furthest_first(), Episode.created_at.desc())
    ):
        furthest.setdefault(row.person_id, row)
    workers = account_names(session, {row.link_worker_id for row in furthest.values() if row.link_worker_id})

    def view(person: Person, how: Sameness) -> KnownPerson:
        now = furthest.get(person.id)
        return KnownPerson(
            person_id=person.id,
            name=person.name or person.reference,
            born=birth_date_of(person),
            sameness=how,
            same=agreement(marks, _marks_of_person(person)),
            joined=person.id == episode.person_id,
            open_episode_id=now.id if now else None,
            open_reference=now.reference if now else "",
            open_said=EPISODE_WORDS[now.state] if now else "",
            link_worker=workers.get(now.link_worker_id, "") if now and now.link_worker_id else "",
            link_worker_id=now.link_worker_id if now else None,
        )

    return tuple(view(person, how) for person, how in found)


def _move_all(session: Session, made_for_it: Person, known: Person) -> None:
    """All that points at the record that the request made points at the known one, and that record goes."""
    session.flush()
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column is Person.__table__.c.id:
                session.execute(
                    update(table).where(key.parent == made_for_it.id).values({key.parent: known.id})
                )
    session.expire_all()
    session.delete(made_for_it)
    session.flush()


def _move_one(session: Session, episode: Episode, person: Person) -> None:
    """This request, what was added to it and what came with them go to `person`; other requests of the record stay
    where they are."""
    before = episode.person_id
    for row in (episode, *added_before(session, episode)):
        session.execute(update(Need).where(Need.episode_id == row.id).values(person_id=person.id))
        came = row.submitted_at or row.created_at
        session.execute(
            update(Consent)
            .where(
                Consent.person_id == before,
                # Whoever asked said so in one go: what was agreed came within the same moment.
                Consent.given_at.between(row.created_at, came + timedelta(seconds=5)),
            )
            .values(person_id=person.id)
        )
        row.person = person
    session.flush()
    session.expire_all()
