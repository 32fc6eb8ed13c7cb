"""The people of the example borough: every state is there, twice the same, and nobody could be real."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import LargeBinary, Uuid, func, select

from core import clock
from core.access.rules import SYSTEM, Actor, Membership, Role
from core.accounts.models import Account
from core.accounts.queries import personas
from core.cli import load_demo
from core.db import Base, Sealed, db
from core.jobs.models import Job
from core.notify.models import Message, MessageState
from prescribing.demo.stories import read_written
from prescribing.episodes import boards
from prescribing.episodes.models import Episode, EpisodeEvent, FeedbackToReferrer, Need
from prescribing.episodes.moves import MoveKind
from prescribing.episodes.needs import NeedState
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.episodes.today_rules import Group
from prescribing.evidence import failure_queries
from prescribing.evidence.models import Publication
from prescribing.evidence.rules import PeriodKind, latest_complete
from prescribing.failures.models import FailureMark
from prescribing.measures.models import Measurement
from prescribing.people.models import Consent, Person, Team
from prescribing.people.rules import is_nhs_number
from prescribing.referrals.models import Attendance, Gap, Referral, Signpost
from prescribing.referrals.rules import DeclineReason, JoinMode, ReferralState
from tests.conftest import make_settings
from tests.postgres import Cluster
from wsgi import create_app

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

LOADED_AT = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)

# Whatever is new each time: keys, references, seals, chains, and texts that hold one of these (a letter its link).
NEW_EACH_TIME = frozenset(
    {
        "about",
        "body",
        "reference",
        "mac",
        "previous_mac",
        "token_digest",
        "author",
        "recorded_by",
        "withdrawn_recorded_by",
        "made_by",
        "answered_by",
        "decided_by",
        "placed_by",
        "lifted_by",
        "confirmed_by",
        "reviewed_by",
    }
)


@dataclass(frozen=True)
class Loaded:
    """An app whose database holds the example borough, at the moment of loading."""

    app: Flask


def _load(url: str, instance: Path) -> Loaded:
    instance.mkdir()
    app = create_app(make_settings(url, instance, demo=True))
    with app.app_context(), clock.at(LOADED_AT):
        load_demo(db.session(), lambda _words: None)
        db.session.remove()
    return Loaded(app)


@pytest.fixture(scope="module")
def on_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("example-people")
    shutil.copyfile(sqlite_template, folder / "people.db")
    loaded = _load(f"sqlite:///{folder / 'people.db'}", folder / "instance")
    yield loaded
    with loaded.app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="module")
def on_postgresql(
    cluster: Cluster, worker_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("example-people-postgresql")
    loaded = _load(cluster.url(worker_database), folder / "instance")
    yield loaded
    with loaded.app.app_context():
        db.engine.dispose()
    cluster.reset(worker_database)


@pytest.fixture
def people(on_sqlite: Loaded) -> Iterator[Session]:
    """A session in the loaded borough, at the moment of loading."""
    with on_sqlite.app.app_context(), clock.at(LOADED_AT):
        yield db.session()
        db.session.remove()


def _rows(loaded: Loaded) -> dict[str, Counter[Any]]:
    """What the tables hold but for what is new each time: plain columns as they are, sealed texts opened."""
    with loaded.app.app_context():
        session = db.session()
        found: dict[str, Counter[Any]] = {}
        for mapper in Base.registry.mappers:
            kept = [
                column.key
                for column in mapper.columns
                if not isinstance(column.type, Uuid | LargeBinary)
                and column.key not in NEW_EACH_TIME
                and column.type.__class__.__name__ not in {"JSON", "JSONB"}
            ]
            sealed = [
                name
                for name, value in vars(mapper.class_).items()
                if isinstance(value, Sealed) and name not in NEW_EACH_TIME
            ]
            rows = session.scalars(select(mapper.class_))
            found[mapper.class_.__tablename__] = Counter(
                tuple(getattr(row, name) for name in (*kept, *sealed)) for row in rows
            )
        db.session.remove()
    return found


def test_two_databases_hold_the_same_borough(on_sqlite: Loaded, on_postgresql: Loaded) -> None:
    ours, theirs = _rows(on_sqlite), _rows(on_postgresql)
    assert ours.keys() == theirs.keys()
    for table in ours:
        assert ours[table] == theirs[table], table


def test_every_state_of_both_machines_is_there(people: Session) -> None:
    assert set(people.scalars(select(Episode.state).distinct())) == set(EpisodeState)
    assert set(people.scalars(select(Episode.close_reason).distinct())) >= set(CloseReason)
    assert set(people.scalars(select(Referral.state).distinct())) == set(ReferralState)
    assert set(people.scalars(select(Referral.decline_reason).distinct())) >= set(DeclineReason)
    assert set(people.scalars(select(Referral.join_mode).distinct())) == set(JoinMode)
    assert set(people.scalars(select(Need.state).distinct())) == set(NeedState)


def test_what_is_rare_is_there_too(people: Session) -> None:
    def count(column: Any, *where: Any) -> int:
        return people.scalar(select(func.count(column)).where(*where)) or 0

    assert count(EpisodeEvent.id, EpisodeEvent.kind == MoveKind.UNDO_CLOSE) == 1
    assert count(Episode.id, Episode.based_on_id.is_not(None)) == 1
    assert count(Referral.id, Referral.based_on_id.is_not(None)) >= 1
    assert count(Consent.id, Consent.withdrawn_at.is_not(None)) == 1
    assert count(Attendance.id, Attendance.corrects_id.is_not(None)) >= 3
    assert count(Person.id, Person.flagged_for_safety.is_(True)) == 1
    assert count(Person.id, Person.died_at.is_not(None)) == 1
    assert count(Signpost.id) >= 10
    assert count(Gap.id) >= 3
    assert count(FeedbackToReferrer.id) >= 30
    assert count(Measurement.id, Measurement.complete.is_(False)) >= 5


def test_a_year_of_what_went_wrong_is_marked_and_told(people: Session) -> None:
    year = latest_complete(PeriodKind.YEAR, LOADED_AT.date())
    view = failure_queries.failures(people, SYSTEM, year)
    assert view is not None
    assert isinstance(view.share, int)
    assert 10 <= view.share <= 50, "some, and not most"
    assert sum(1 for line in view.causes if isinstance(line.people, int) and line.people) >= 2
    marks = people.scalars(select(FailureMark).where(FailureMark.confirmed)).all()
    assert {mark.suggested for mark in marks} == {True, False}


def test_a_believable_share_gets_each_step_further(people: Session) -> None:
    sent = people.scalar(select(func.count()).where(Episode.submitted_at.is_not(None))) or 0

    def share(*states: ReferralState) -> float:
        got = select(func.count(Referral.episode_id.distinct()))
        return (people.scalar(got.where(Referral.state.in_(states)) if states else got) or 0) / sent

    active = select(func.count(EpisodeEvent.episode_id.distinct())).where(
        EpisodeEvent.target == EpisodeState.ACTIVE
    )
    assert 150 <= sent <= 215
    assert 0.75 <= (people.scalar(active) or 0) / sent <= 0.95
    assert 0.5 <= share() <= 0.75
    assert 0.2 <= share(ReferralState.COMPLETED) <= 0.4


def test_each_list_of_an_example_person_has_something_to_do(people: Session) -> None:
    accounts = {
        row.persona: row for row in people.scalars(select(Account).where(Account.persona.is_not(None)))
    }
    team = people.scalars(select(Team)).one()

    def actor(persona: str, role: Role) -> Actor:
        account = accounts[persona]
        return Actor(account.id, account.name or "", (Membership(role, team_id=team.id),))

    today = boards.today_board(people, actor("link-worker", Role.LINK_WORKER))
    assert 22 <= today.people <= 32
    assert any(row.late for row in today.first)
    assert any(row.due and row.due.on == clock.today() for row in today.first)
    assert today.counts[Group.ANSWERS]
    triage = boards.triage_board(people, actor("coordinator", Role.COORDINATOR))
    assert 5 <= len(triage.waiting) <= 8
    assert triage.on_hold
    assert any(row.has_risk for row in triage.waiting)
    assert any(row.late for row in triage.waiting)


def test_every_role_has_an_example_person(people: Session) -> None:
    assert {role for persona in personas(people) for role, _place in persona.held} == set(Role)


def test_the_shown_group_has_every_kind_of_referral(people: Session) -> None:
    member = people.scalars(select(Account).where(Account.persona == "group")).one()
    group_id = member.memberships[0].organization_id
    states = Counter(people.scalars(select(Referral.state).where(Referral.organization_id == group_id)))
    assert states[ReferralState.REQUESTED] >= 2
    assert states[ReferralState.WAITLISTED] >= 1
    assert states[ReferralState.SCHEDULED] + states[ReferralState.ACCEPTED] >= 2
    assert states[ReferralState.STARTED] + states[ReferralState.COMPLETED] >= 2


def test_nobody_can_be_rung_or_found(people: Session) -> None:
    for person in people.scalars(select(Person)):
        assert re.fullmatch(r"07700 900\d{3}", person.mobile or "07700 900000")
        assert re.fullmatch(r"0161 496 0\d{3}", person.phone or "0161 496 0000")
        assert (person.email or "x.example").endswith(".example")
        assert person.ward_code is not None
        if person.nhs_number is not None:
            assert person.nhs_number.startswith("999")
            assert is_nhs_number(person.nhs_number)


def test_nothing_old_waits_to_be_sent(people: Session) -> None:
    old = LOADED_AT - timedelta(days=1)
    waiting = select(func.count(Message.id)).where(
        Message.created_at < old, Message.state == MessageState.QUEUED
    )
    assert people.scalar(waiting) == 0
    assert (
        people.scalar(select(func.count(Job.id)).where(Job.created_at < old, Job.kind == "notify.send")) == 0
    )


def test_nothing_happens_after_today(people: Session) -> None:
    for moment in (EpisodeEvent.at, Consent.given_at, Measurement.at, Attendance.recorded_at):
        latest = people.scalars(select(moment).order_by(moment.desc()).limit(1)).one()
        assert latest <= LOADED_AT


def test_periods_that_are_over_are_published(people: Session) -> None:
    kinds = Counter(people.scalars(select(Publication.period_kind)))
    assert len(kinds) >= 2
    assert min(kinds.values()) >= 1


def test_forty_stories_are_written_by_hand() -> None:
    written = read_written()
    reasons = [story.reason for story in written.stories]
    assert len(reasons) >= 40
    assert len(set(reasons)) == len(reasons)
