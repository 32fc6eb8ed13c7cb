"""What somebody's own doing, or a group's answer to it, asks of their link worker."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM
from core.calendar.rules import add_working_days
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.models import ActionOwner
from prescribing.episodes.plan import ActionText, add_action
from prescribing.episodes.scope import open_support


def add_task(session: Session, episode_id: UUID, words: str) -> None:
    """Something for the link worker to do within the days in which they first get in touch."""
    due_on = add_working_days(clock.today(), clocks().first_attempt)
    task = ActionText(words=words, owner=ActionOwner.LINK_WORKER, due_on=due_on)
    add_action(session, SYSTEM, episode_id, task)


def tell_link_worker(session: Session, person_id: UUID, words: str) -> None:
    """The same for whoever looks after a person now, if anybody does."""
    episode = open_support(session, person_id)
    if episode is not None and episode.link_worker_id is not None:
        add_task(session, episode.id, words)
