"""The people of the example borough: loaded by letting their year happen, through the services that pages use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Membership, Role
from core.accounts.services import create_account
from core.notify.services import count_as_sent
from prescribing.demo import acting, rights
from prescribing.demo.cast import Cast, make_cast
from prescribing.demo.composing import Composer
from prescribing.demo.details import Details
from prescribing.demo.pace import Diary
from prescribing.demo.stories import Story, Written, read_written
from prescribing.demo.supporting import World
from prescribing.demo.thread import Thread
from prescribing.demo.trying import Activities
from prescribing.evidence.services import publish_due
from prescribing.people.models import Team

SEED = 1878
# How long ago, in days, the team opened: before anybody asked.
OPENED = 410


def is_loaded(session: Session) -> bool:
    """Whether prescribing holds anything."""
    return session.scalar(select(Team.id).limit(1)) is not None


def load(session: Session, say: Callable[[str], None]) -> None:
    """Make the team, its partners and accounts, and everybody's story up to now."""
    written = read_written()
    now, today = clock.now(), clock.today()
    opened = datetime.combine(today - timedelta(days=OPENED), time(9), clock.LONDON)
    with clock.at(opened):
        cast = make_cast(session, written.network)
    lots = Random(SEED)  # noqa: S311 - an example borough must be the same everywhere; nothing secret hangs on it
    stories = (*written.stories, *Composer(written.parts, lots).all())
    world = _world(session, cast, written, stories, now)
    for story in sorted(stories, key=lambda one: one.key):
        world.diary.add(Thread(world, story, Random(f"{SEED} {story.key}")).happen())  # noqa: S311
    world.diary.run()
    _residents(session, world, stories)
    rights.ask(session, world.person_ids)
    acting.let_act(session, world.person_ids)
    count_as_sent(session, before=now - timedelta(days=1))
    published = publish_due(session)
    say(
        f"Prescribing: {len(stories)} example people with {len(cast.workers)} link workers,"
        f" and figures for {len(published)} periods."
    )


def _world(
    session: Session, cast: Cast, written: Written, stories: tuple[Story, ...], now: datetime
) -> World:
    today = clock.today()
    activities = Activities(session, today - timedelta(days=OPENED), today + timedelta(days=120))
    keys = {visit.activity for story in stories for visit in story.go}
    activities.read(keys | {key for need in written.parts.needs.values() for key in need.activities})
    return World(
        session=session,
        diary=Diary(now),
        cast=cast,
        parts=written.parts,
        details=Details(today, Random(SEED)),  # noqa: S311
        activities=activities,
        practices={
            entry["key"]: entry["name"]
            for entry in written.network.partners
            if entry["kind"] == "gp-practice"
        },
        today=today,
        now=now,
    )


def _residents(session: Session, world: World, stories: tuple[Story, ...]) -> None:
    """Those who can see their own record online."""
    for story in stories:
        if story.account:
            membership = Membership(Role.RESIDENT, person_id=world.person_ids[story.key])
            create_account(
                session, SYSTEM, story.name, f"{story.key}@post.example", [membership], persona="resident"
            )
