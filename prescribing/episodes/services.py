"""Moving an episode along its states. Every move checks the table, leaves an event and an audit entry."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.accounts.queries import account_of_person
from core.audit import services as audit
from core.errors import Refused
from core.notify.services import cancel_about
from prescribing.episodes import contributions, moves, rules
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.histories import as_event
from prescribing.episodes.models import Episode, EpisodeEvent
from prescribing.episodes.moves import Event, Mover
from prescribing.episodes.rules import (
    EPISODE_CLOSED,
    EPISODE_OPEN,
    IN_TOUCH,
    CloseReason,
    EpisodeState,
)
from prescribing.episodes.scope import episode_for_update, episodes_for_update, movers_towards
from prescribing.episodes.today_rules import check_snooze
from prescribing.people.services import author_of


def move(
    session: Session,
    actor: Actor,
    episode_id: UUID,
    target: EpisodeState,
    *,
    reason: CloseReason | None = None,
    note: str | None = None,
    said_by: Mover | None = None,
    look_again_on: date | None = None,
    expected_version: int | None = None,
) -> Episode:
    """Move an episode of the actor's team to `target`.

    `reason` is needed for most closed states, `note` says why otherwise; `said_by` names whose word the actor writes
    down; a paused episode asks again on `look_again_on`. Raises `NotFound`, `Conflict`, `Refused`, `Invalid`.
    """
    episode = episode_for_update(
        session, actor, episode_id, expected_version, whole_person=rules.stops_everything(target, reason)
    )
    shift(session, actor, episode, target, reason=reason, note=note, said_by=said_by)
    episode.snoozed_until = look_again_on if target is EpisodeState.PAUSED else None
    session.flush()
    return episode


def shift(
    session: Session,
    actor: Actor,
    episode: Episode,
    target: EpisodeState,
    *,
    reason: CloseReason | None = None,
    note: str | None = None,
    said_by: Mover | None = None,
    movers: frozenset[Mover] | None = None,
    contact_id: UUID | None = None,
) -> None:
    """As `move`, for a row that the caller holds; `movers` where the caller knows better who the actor is to it, and
    `contact_id` where a contact led there by itself."""
    event = rules.move_episode(
        episode.state,
        target,
        movers=movers_towards(actor, episode) if movers is None else movers,
        author=author_of(actor),
        at=clock.now(),
        reason=reason,
        note=note,
        said_by=said_by,
    )
    write_event(session, actor, episode, event, contact_id=contact_id)
    if target in EPISODE_CLOSED:
        why = rules.close_reason(target, reason)
        episode.close_reason, episode.closed_at = why, event.at
        if rules.stops_everything(target, why):
            _record_death(session, actor, episode)
        elif target is not EpisodeState.COMPLETED:
            contributions.end_early(session, actor, episode.id)


def end_by_person(session: Session, actor: Actor, person_id: UUID, *, team_id: UUID | None = None) -> int:
    """End every support of a person by their own word, of one team where it is said: nobody waits for them any more,
    and nothing that waits to be sent reaches them. Gives how many there were. The caller has checked whose word it is,
    or writes it down for them."""
    rows = episodes_for_update(
        session,
        Episode.person_id == person_id,
        Episode.state.in_(EPISODE_OPEN - {EpisodeState.DRAFT}),
        *([Episode.team_id == team_id] if team_id is not None else []),
    )
    for episode in rows:
        own = Mover.PERSON in movers_towards(actor, episode)
        said_by = None if own else Mover.PERSON
        shift(session, actor, episode, EpisodeState.PERSON_DECLINED, said_by=said_by)
        cancel_about(session, episode.id)
    if rows:
        cancel_about(session, person_id)
    return len(rows)


def put_off(
    session: Session, actor: Actor, episode_id: UUID, until: date, *, expected_version: int | None = None
) -> Episode:
    """Keep somebody off the top of Today until that day. No clock stops; a contact, a move or news ends it early.

    Raises `Refused` for an episode that no link worker works on, or about whom somebody is worried; `Invalid` for a
    day too far off.
    """
    episode = episode_for_update(session, actor, episode_id, expected_version)
    if why := rules.with_nobody(episode.state, died=episode.person.died_at is not None):
        raise Refused(f"They are not put off. {why}")
    if episode.state is EpisodeState.PAUSED:
        raise Refused(
            "Their support is paused. Go on with it first, or look at it again on the day that is set."
        )
    if contributions.standing(session, [episode.id])[episode.id].urgent is not None:
        raise Refused("Somebody is worried about them, so this cannot wait. Read the worry first.")
    person = episode.person
    risk = bool(person.risks or person.safeguarding) or person.flagged_for_safety
    episode.snoozed_until = check_snooze(until, clock.today(), risk=risk)
    episode.snoozed_at = clock.now()
    session.flush()
    audit.record(session, actor, "episode.put-off", "episode", episode.id, until=until.isoformat())
    return episode


def resume(
    session: Session, actor: Actor, episode_id: UUID, *, expected_version: int | None = None
) -> Episode:
    """Go on where a paused episode stood: with getting in touch, or with the support. Raises as `move`."""
    episode = episode_for_update(session, actor, episode_id, expected_version)
    _go_on(session, actor, episode)
    return episode


def pause_by_person(session: Session, actor: Actor, person_id: UUID, until: date, note: str) -> int:
    """Put every support of a person on hold by their own word, who is the actor, until `until`. Gives how many there
    were: somebody whom nobody has talked with has nothing to put on hold."""
    rows = episodes_for_update(session, Episode.person_id == person_id, Episode.state.in_(IN_TOUCH))
    for episode in rows:
        shift(session, actor, episode, EpisodeState.PAUSED, note=note or None)
        episode.snoozed_until = until
    session.flush()
    return len(rows)


def go_on_by_person(session: Session, actor: Actor, person_id: UUID) -> int:
    """Go on with every support that the person, who is the actor, put on hold by themself. Gives how many there were:
    what their team put on hold is the team's to take up again."""
    own = 0
    paused = Episode.state == EpisodeState.PAUSED
    for episode in episodes_for_update(session, Episode.person_id == person_id, paused):
        if moves.standing(episode.events)[-1].author == author_of(actor):
            # By a rule of ours: a pause that somebody asked for ends when they say so.
            _go_on(session, actor, episode, movers=frozenset({Mover.LINK_WORKER}))
            own += 1
    return own


def _go_on(
    session: Session, actor: Actor, episode: Episode, *, movers: frozenset[Mover] | None = None
) -> None:
    """Where it stood before it was put on hold: with getting in touch, or with the support."""
    held = moves.standing(episode.events)[-1:]
    waited = bool(held) and held[0].source is EpisodeState.CONTACTING
    target = EpisodeState.CONTACTING if waited else EpisodeState.ACTIVE
    shift(session, actor, episode, target, movers=movers)
    episode.snoozed_until = None
    session.flush()


def hear_from_referrer(session: Session, actor: Actor, episode: Episode, words: str) -> Episode:
    """Keep what the referrer added, and put the request back where a coordinator looks at it.

    The caller has made sure that the request is the actor's own. A rule of ours, not the referrer, moves it on.
    """
    shift(
        session,
        actor,
        episode,
        EpisodeState.TRIAGE,
        note=f"More from whoever asked: {words}",
        movers=frozenset({Mover.COORDINATOR}),
    )
    return episode


def begin(session: Session, actor: Actor, episode: Episode, movers: frozenset[Mover]) -> None:
    """Write the first event of a new episode: a draft."""
    event = rules.start_episode(movers=movers, author=author_of(actor), at=clock.now())
    write_event(session, actor, episode, event)


def write_event(
    session: Session, actor: Actor, episode: Episode, event: Event, *, contact_id: UUID | None = None
) -> None:
    """Keep the event, change the state that it leads to, and audit it."""
    episode.state = EpisodeState(event.target)
    session.add(episode)
    session.flush()
    session.add(
        EpisodeEvent(
            episode_id=episode.id,
            at=event.at,
            author=event.author,
            author_name=actor.name[:120],
            kind=event.kind,
            source=EpisodeState(event.source) if event.source else None,
            target=EpisodeState(event.target),
            said_by=event.said_by,
            reason=str(event.reason) if event.reason else None,
            contact_id=contact_id,
        )
    )
    session.flush()
    session.expire(episode, ["events"])
    audit.record(
        session,
        actor,
        f"episode.{event.kind}",
        "episode",
        episode.id,
        source=event.source,
        target=event.target,
    )


def undo_close(
    session: Session, actor: Actor, episode_id: UUID, *, expected_version: int | None = None
) -> Episode:
    """Open again what was closed by mistake, within five days, by whoever closed it or a coordinator."""
    episode = episode_for_update(session, actor, episode_id, expected_version)
    closing = _last_event(session, episode)
    if closing is None or episode.person.died_at is not None:
        raise Refused("There is no closing to undo.")
    event = moves.undo_close(
        closing,
        author=author_of(actor),
        coordinator=episode.team_id in actor.team_ids(Role.COORDINATOR),
        at=clock.now(),
        closed=EPISODE_CLOSED,
        days=clocks().undo_close_days,
    )
    episode.close_reason, episode.closed_at = None, None
    write_event(session, actor, episode, event)
    return episode


def _last_event(session: Session, episode: Episode) -> Event | None:
    row = session.scalars(
        select(EpisodeEvent)
        .where(EpisodeEvent.episode_id == episode.id)
        .order_by(EpisodeEvent.at.desc(), EpisodeEvent.id.desc())
        .limit(1)
    ).first()
    return as_event(row) if row is not None else None


def _record_death(session: Session, actor: Actor, episode: Episode) -> None:
    """Nothing may reach the family any more: every message stops, and what else was open closes too. The caller holds
    the whole person."""
    person = episode.person
    person.died_at = person.died_at or clock.now()
    others = episodes_for_update(session, Episode.person_id == person.id, Episode.id != episode.id)
    for other in others:
        if other.state not in EPISODE_CLOSED:
            event = rules.move_episode(
                other.state,
                EpisodeState.WITHDRAWN,
                movers={Mover.LINK_WORKER},
                author=author_of(actor),
                at=clock.now(),
                reason=CloseReason.DIED,
            )
            other.close_reason, other.closed_at = CloseReason.DIED, event.at
            write_event(session, actor, other, event)
    episode_ids = [episode.id, *(other.id for other in others)]
    account_id = account_of_person(session, person.id)
    for about_id in (person.id, *episode_ids, *([account_id] if account_id is not None else [])):
        cancel_about(session, about_id)
    contributions.stop_everything(session, person.id, episode_ids)
    audit.record(session, actor, "person.died", "person", person.id)
