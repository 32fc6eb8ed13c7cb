"""What people of the example borough asked about their records: something for the officer's desk to show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.accounts.models import Account
from core.accounts.queries import account_of_person
from core.accounts.second_factor import actor_of
from core.calendar.rules import london_day
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import EpisodeState
from prescribing.rights import services
from prescribing.rights.rules import Asked, HoldKind, RequestKind, Way

_HELD = "The county court asked us to keep this record, letter of the housing team in the shared folder."
_CORRECTION = "You have my old address on Bolton Road. I moved last spring."


def ask(session: Session, person_ids: Mapping[str, UUID]) -> None:
    """A copy that was asked for online, a correction by phone, and a deletion that a legal hold stops."""
    officer = actor_of(session.scalars(select(Account).where(Account.persona == "data-protection")).one())
    now = clock.now()
    margaret = person_ids["margaret"]
    account_id = account_of_person(session, margaret)
    if account_id is not None:
        with clock.at(now - timedelta(days=12)):
            resident = actor_of(session.get_one(Account, account_id))
            services.ask(session, resident, margaret, RequestKind.ACCESS, "")
    with clock.at(now - timedelta(days=5)):
        by_phone = Asked(RequestKind.CORRECTION, _CORRECTION, Way.PHONE, london_day(clock.now()))
        services.take_request(session, officer, person_ids["stuart"], by_phone)
    ended = session.scalar(
        select(Episode.person_id)
        .where(Episode.state == EpisodeState.COMPLETED)
        .order_by(Episode.closed_at, Episode.id)
        .limit(1)
    )
    if ended is not None:
        with clock.at(now - timedelta(days=20)):
            services.hold(session, officer, ended, HoldKind.LEGAL, _HELD, None)
            by_letter = Asked(RequestKind.ERASURE, "", Way.LETTER, london_day(clock.now()))
            services.take_request(session, officer, ended, by_letter)
