"""What a person does about their own support: takes a break, comes back, says whether they went. Their team hears of
all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor
from core.calendar.rules import say_day
from core.errors import Refused
from prescribing.episodes import services as episodes
from prescribing.episodes.rules import EpisodeState
from prescribing.episodes.scope import open_support
from prescribing.referrals.attending import record_own_visit
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import AGREED
from prescribing.referrals.seen import session_days
from prescribing.residents.rules import check_pause
from prescribing.residents.scope import own_person_for_update, own_referral_for_update
from prescribing.residents.services import name_of, tell_team
from prescribing.residents.tasks import add_task


@dataclass(frozen=True)
class Going:
    """Where somebody goes, or was let: `last` is the day of the latest session, None where no dates are known."""

    id: UUID
    service: str
    last: date | None


def pause(session: Session, actor: Actor, until: date, words: str) -> None:
    """Take a break until that day: every clock of the support stands still. Raises `Invalid` for the day, `Refused`
    where there is nothing to put on hold."""
    check_pause(until, clock.today())
    person = own_person_for_update(session, actor)
    if not episodes.pause_by_person(session, actor, person.id, until, words.strip()):
        raise Refused("There is nothing to put on hold now. Ring us if you want to talk about it.")
    day = say_day(until, clock.today())
    tell_team(session, actor, f"I am taking a break from my support until {day}. {words.strip()}".strip())


def come_back(session: Session, actor: Actor) -> bool:
    """End one's own break; gives whether it is over. A break that the team decided on is theirs to end: they hear that
    the person is ready. Where it is over already, nobody is told again."""
    person = own_person_for_update(session, actor)
    episode = open_support(session, person.id)
    if episode is None or episode.state is not EpisodeState.PAUSED:
        return True
    is_over = episodes.go_on_by_person(session, actor, person.id) > 0
    tell_team(session, actor, "I am back. Please go on with my support.")
    return is_over


def going(session: Session, actor: Actor, referral_id: UUID) -> Going:
    """Where the person goes, or was let. Raises `NotFound` for anybody else's, `Refused` where they may not go."""
    referral = _agreed(session, actor, referral_id)
    days = session_days(session, referral.service_id)
    return Going(referral.id, name_of(session, referral), days[0] if days else None)


def went(session: Session, actor: Actor, referral_id: UUID, on: date) -> bool:
    """Keep that one went on a day; the first visit starts it. Gives whether it was new: what the group wrote down of
    that day stands. Raises as `going`, and `Invalid` for a day to come or long past."""
    referral = _agreed(session, actor, referral_id)
    name = name_of(session, referral)
    if not record_own_visit(session, actor, referral, on):
        return False
    tell_team(session, actor, f"I went to {name} on {say_day(on, clock.today())}.")
    return True


def not_been(session: Session, actor: Actor, referral_id: UUID, words: str) -> None:
    """Tell one's team that one has not been, and what got in the way; the link worker asks about it. Nothing is moved:
    who has not been yet may still go. Raises as `going`."""
    referral = _agreed(session, actor, referral_id)
    name = name_of(session, referral)
    tell_team(session, actor, f"I have not been to {name}. {words.strip()}".strip())
    add_task(session, referral.episode_id, f"Ask what would help them to go to {name}")


def _agreed(session: Session, actor: Actor, referral_id: UUID) -> Referral:
    referral = own_referral_for_update(session, actor, referral_id)
    if referral.state not in AGREED:
        raise Refused("You do not go there now. You can write to your link worker about it.")
    return referral
