"""A person answers on their own phone: a link that works once and tells nobody whose it is."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.accounts.sessions import digest_of
from core.audit import services as audit
from core.calendar.rules import london_day
from core.errors import Invalid, NotFound, Refused
from core.holding import held
from core.settings import current_settings
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import EpisodeState
from prescribing.episodes.scope import episode_for_update, episode_in_scope
from prescribing.measures import queries, services
from prescribing.measures.answer_rows import rows_of
from prescribing.measures.instruments import GOAL
from prescribing.measures.models import MeasureLink
from prescribing.measures.rules import (
    Answers,
    CompletedBy,
    Instrument,
    Mode,
    NotToday,
    Point,
    check_point,
    open_points,
)
from prescribing.people.models import Person
from prescribing.people.notices import Notice, tell_or_refuse, way_to
from prescribing.people.records import safe_contact_of
from prescribing.people.safe_contact import Channel, may_show_online

LINK_LIFE = timedelta(days=14)
OWN_LIFE = timedelta(hours=1)


@dataclass(frozen=True)
class Opened:
    """A link that works: which questions, and at which point."""

    instrument: Instrument
    point: Point


def send(session: Session, actor: Actor, episode_id: UUID, instrument: str, point: Point) -> Channel:
    """Send the questions to the person's own phone or email, whichever is safe; gives which.

    Links sent before for the same questions stop working. Raises `NotFound` outside the actor's teams and for questions
    that are not asked so, `Refused` at a point that does not fit and where no message is safe.
    """
    asked = _asked(session, instrument)
    episode = episode_for_update(session, actor, episode_id)
    if episode.person.died_at is not None:
        raise Refused("This person has died. There is nothing more to ask.")
    earlier = queries.taken_in(session, episode_id, instrument)
    check_point(episode.state, earlier, point, planned=queries.has_plan(session, episode_id))
    way = way_to(episode.person)
    if way is None:
        raise Refused("No message to this person is safe. Ask them when you talk.")
    token = _make(session, episode, asked, point, actor.account_id, LINK_LIFE)
    link = f"{current_settings().base_url}/questions/{token}"
    _write_to(session, episode.person, way, link)
    audit.record(
        session, actor, "measurement.send-link", "episode", episode_id, instrument=instrument, way=way.value
    )
    return way


def way_of(session: Session, actor: Actor, episode_id: UUID) -> Channel | None:
    """How the questions would reach the person of an episode of the actor's team; None where no message is safe."""
    episode = episode_in_scope(session, actor, episode_id)
    return way_to(session.get_one(Person, episode.person_id)) if episode is not None else None


def for_myself(session: Session, actor: Actor, person_id: UUID, instrument: str) -> str:
    """A link for a resident who is signed in; gives its token. Raises `NotFound` for anybody else's record, one flagged
    for safety, and where nothing may be asked now."""
    if person_id not in actor.person_ids(Role.RESIDENT):
        raise NotFound
    asked = _asked(session, instrument)
    found = own_point(session, actor, person_id, instrument)
    if found is None:
        raise NotFound
    episode, point = found
    return _make(session, episode, asked, point, None, OWN_LIFE)


def offered_to_oneself(session: Session, actor: Actor, person_id: UUID, instrument: str) -> bool:
    """Whether a resident's own page offers them these questions: not on a day on which they answered, if only by "not
    today"."""
    found = own_point(session, actor, person_id, instrument)
    return found is not None and not any(
        row.completed_by is CompletedBy.PERSON and london_day(row.at) == clock.today()
        for row in rows_of(session, found[0].id)
        if row.instrument == instrument
    )


def own_point(
    session: Session, actor: Actor, person_id: UUID, instrument: str
) -> tuple[Episode, Point] | None:
    """The resident's own episode in which these questions may be asked now, and at which point; else None."""
    episode = session.scalars(
        select(Episode)
        .where(Episode.person_id == person_id, Episode.person_id.in_(actor.person_ids(Role.RESIDENT)))
        .order_by(Episode.submitted_at.desc(), Episode.id.desc())
        .limit(1)
    ).one_or_none()
    if episode is None or not _may_see(episode.person):
        return None
    if episode.state is EpisodeState.PERSON_DECLINED:
        # Whoever took their support back is asked nothing more.
        return None
    earlier = queries.taken_in(session, episode.id, instrument)
    points = open_points(episode.state, earlier, planned=queries.has_plan(session, episode.id))
    return (episode, points[0]) if points else None


def opened(session: Session, token: str) -> Opened:
    """What a link asks; looking uses nothing up. Raises `NotFound` for one that is used, old, invented or shut."""
    link, _episode = _find(session, token)
    return Opened(_asked(session, link.instrument), link.point)


def answer(session: Session, token: str, answers: Answers, not_today_reason: NotToday | None = None) -> None:
    """Keep what the person answered, or "not today", and use the link up.

    Raises `NotFound` as `opened` does, `Refused` and `Invalid` as `record_measurement` does.
    """
    _link, episode = _find(session, token)
    # Whoever sends the questions again shuts this link, and holds the episode first too.
    held(session, select(Episode).where(Episode.id == episode.id))
    link, episode = _find(session, token, for_update=True)
    who = Actor(None, "The person, by their link", kind="own-link")
    sheet = services.Sheet(link.point, Mode.ONLINE, CompletedBy.PERSON, answers, not_today_reason)
    services.keep(session, who, episode, _asked(session, link.instrument), sheet)
    link.used_at = clock.now()
    session.flush()


def _asked(session: Session, instrument: str) -> Instrument:
    found = queries.asked(session).get(instrument)
    # A goal's words are nobody's but the team's and the person's, and a score without its question is no question.
    if found is None or instrument == GOAL.key or not all(item.question for item in found.items):
        raise NotFound
    return found


def _make(
    session: Session,
    episode: Episode,
    asked: Instrument,
    point: Point,
    sent_by_id: UUID | None,
    life: timedelta,
) -> str:
    now = clock.now()
    session.execute(
        update(MeasureLink)
        .where(
            MeasureLink.episode_id == episode.id,
            MeasureLink.instrument == asked.key,
            MeasureLink.used_at.is_(None),
        )
        .values(used_at=now)
    )
    token = secrets.token_urlsafe(32)
    session.add(
        MeasureLink(
            episode_id=episode.id,
            instrument=asked.key,
            point=point,
            token_digest=digest_of(token),
            created_at=now,
            expires_at=now + life,
            sent_by_id=sent_by_id,
        )
    )
    session.flush()
    return token


def _write_to(session: Session, person: Person, way: Channel, link: str) -> None:
    notice = Notice("questions", person.id, {"link": link, "days": LINK_LIFE.days})
    try:
        tell_or_refuse(session, person, way, notice, "Ask them when you talk.")
    except Invalid:
        raise Refused("Their number or address does not look right. Mend it, then send this again.") from None


def _find(session: Session, token: str, *, for_update: bool = False) -> tuple[MeasureLink, Episode]:
    wanted = select(MeasureLink).where(
        MeasureLink.token_digest == digest_of(token),
        MeasureLink.used_at.is_(None),
        MeasureLink.expires_at > clock.now(),
    )
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    link = session.scalar(wanted)
    episode = session.get(Episode, link.episode_id) if link is not None else None
    if link is None or episode is None or not _may_see(episode.person):
        raise NotFound
    return link, episode


def _may_see(person: Person) -> bool:
    return person.died_at is None and may_show_online(safe_contact_of(person))
