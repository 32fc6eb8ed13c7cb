"""What Today keeps of everybody is, whatever happens, what it would work out anew."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.db import Ids
from core.errors import GoldenThreadError, NotFound
from directory.listings.models import Service
from prescribing.caseloads import services as caseloads
from prescribing.concerns import services as concerns
from prescribing.concerns.models import Concern
from prescribing.episodes import (
    added,
    boards,
    closing,
    contact_log,
    deaths,
    intake,
    marks,
    plan,
    services,
    triage,
)
from prescribing.episodes.cases import cases
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.kept import Lasting, Memory
from prescribing.episodes.models import Action, ActionOwner, Episode, EpisodeMark, RequestSource
from prescribing.episodes.rules import CASELOAD, CloseReason, EpisodeState
from prescribing.episodes.situations import standings
from prescribing.episodes.today_rules import FOLLOWED_FOR, Group
from prescribing.people import services as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent, Person, RecipientKind
from prescribing.people.safe_contact import Channel
from prescribing.people.services import PersonChange
from prescribing.referrals import answering, attending, referring, ticking
from prescribing.referrals import services as referrals
from prescribing.referrals.models import Presence, Referral
from prescribing.referrals.rules import DeclineReason, ReferralState
from prescribing.residents import services as own_side
from prescribing.residents.models import PersonMessage
from tests import build, build_directory
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_thread import PARTNER_CONTENT, referrer
from tests.integration.prescribing.referrals import walk as going

BORN = date(1948, 8, 19)
STEPS = 50
# What is read beside the tables that are watched, and cannot change what is kept.
BESIDE = {"accounts", "episode_marks", "json_each", "unnest"}


class GoneWrong(Exception):
    """Something that undoes a part of a transaction."""


class Borough:
    """A team at work: each act picks whom by lot, and may be refused."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.lots = session, random.Random(seed)
        self.at = going.scene(session)
        self.team = self.at.team
        self.colleague = build.actor(session, Role.LINK_WORKER, place_id=self.team.id)
        self.referrer = referrer(session)
        self.sent: list[UUID] = []
        self.residents: dict[UUID, Actor] = {}

    def acts(self) -> list[Callable[[], object]]:
        return [
            self.somebody_comes,
            self.somebody_is_sent,
            self.sent_again,
            self.taken_out,
            self.contact,
            self.contact,
            self.plan,
            self.done,
            self.put_off,
            self.pause,
            self.close,
            self.open_again,
            self.refer,
            self.refer,
            self.answer,
            self.answer,
            self.visit,
            self.withdraw,
            self.tick,
            self.worry,
            self.worry_closed,
            self.message,
            self.messages_read,
            self.consent_taken_back,
            self.risk,
            self.hand_over,
            self.dies,
            self.lives,
            self.listing_renamed,
            self.all_moved,
        ]

    def one(self, kind: type[Any], *which: Any) -> Any:
        found = self.session.scalars(select(kind).where(*which).order_by(kind.id)).all()
        return self.lots.choice(found)

    def episode(self) -> Episode:
        found: Episode = self.one(Episode, Episode.state.in_(CASELOAD))
        return found

    def somebody_comes(self) -> None:
        walk.active(self.session, self.team)

    def request(self) -> Episode:
        """From a partner, about one of two people."""
        _request, made = intake.submit_request(
            self.session,
            self.referrer,
            replace(PARTNER_CONTENT, name=self.lots.choice(["Peggy Ashworth", "Abdul Khan"]), born=BORN),
            RequestSource.PARTNER,
            partner_id=next(iter(self.referrer.partner_ids())),
            team_id=self.team.id,
        )
        return made

    def sent_again(self) -> None:
        added.add(
            self.session,
            self.team.coordinator,
            self.request().id,
            self.one(Episode, Episode.id.in_(self.sent)).id,
        )

    def taken_out(self) -> None:
        joined = self.one(Episode, Episode.joined_to_id.is_not(None))
        added.take_out(self.session, self.team.coordinator, joined.id)

    def somebody_is_sent(self) -> None:
        made = self.request()
        self.sent.append(made.id)
        assert self.team.worker.account_id is not None
        triage.allocate(self.session, self.team.coordinator, made.id, self.team.worker.account_id)
        people.give_consent(
            self.session,
            self.team.worker,
            made.person_id,
            recipient_kind=RecipientKind.PARTNER,
            recipient_id=next(iter(self.referrer.partner_ids())),
            purpose=ConsentPurpose.FEEDBACK_TO_REFERRER,
            fields=(),
            how="by phone",
            until=self.lots.choice([None, build.days_ahead(9) + timedelta(hours=5)]),
        )

    def contact(self) -> None:
        outcome = self.lots.choice([Outcome.TALKED, Outcome.NO_ANSWER, Outcome.BOOKED])
        on = clock.today() + timedelta(days=self.lots.randrange(9)) if outcome is Outcome.BOOKED else None
        way = self.lots.choice([Channel.PHONE, Channel.TEXT])
        contact_log.record_contact(
            self.session,
            self.team.worker,
            self.episode().id,
            contact_log.ContactNote(way, outcome, booked_on=on),
        )

    def plan(self) -> None:
        due = clock.today() + timedelta(days=self.lots.randrange(12))
        text = plan.ActionText("Ring the choir", ActionOwner.LINK_WORKER, due_on=due)
        plan.add_action(self.session, self.team.worker, self.episode().id, text)

    def done(self) -> None:
        plan.finish_action(self.session, self.team.worker, self.one(Action).id, done=self.lots.random() < 0.7)

    def put_off(self) -> None:
        until = clock.today() + timedelta(days=self.lots.randrange(1, 7))
        services.put_off(self.session, self.team.worker, self.episode().id, until)

    def pause(self) -> None:
        to = self.lots.choice([EpisodeState.PAUSED, EpisodeState.ACTIVE])
        services.move(self.session, self.team.worker, self.episode().id, to)

    def close(self) -> None:
        closing.close(
            self.session,
            self.team.worker,
            self.episode().id,
            EpisodeState.COMPLETED,
            reason=CloseReason.GOALS_MET,
        )

    def open_again(self) -> None:
        services.undo_close(
            self.session, self.team.coordinator, self.one(Episode, Episode.state == EpisodeState.COMPLETED).id
        )

    def refer(self) -> None:
        episode = self.episode()
        need = plan.add_need(self.session, self.team.worker, episode.id, "loneliness")
        referring.refer(self.session, self.team.worker, need.id, self.at.service_id, going.WORDS, going.YES)

    def answer(self) -> None:
        row = self.one(Referral)
        to = self.lots.choice([ReferralState.ACCEPTED, ReferralState.DECLINED, ReferralState.WAITLISTED])
        answering.answer(
            self.session,
            self.at.group,
            row.id,
            to,
            expected_version=row.version,
            reason=DeclineReason.NO_CAPACITY if to is ReferralState.DECLINED else None,
        )

    def visit(self) -> None:
        row = self.one(Referral, Referral.state != ReferralState.REQUESTED)
        on = clock.today() - timedelta(days=self.lots.randrange(3))
        attending.record_attendance(self.session, self.at.group, row.id, on, Presence.CAME)

    def withdraw(self) -> None:
        referrals.withdraw(self.session, self.team.worker, self.one(Referral).id)

    def tick(self) -> None:
        ticking.tick(self.session, self.one(Referral).id)

    def worry(self) -> None:
        concerns.raise_concern(self.session, self.colleague, self.episode().person_id, "Bruises")

    def worry_closed(self) -> None:
        concern = self.one(Concern, Concern.closed_at.is_(None))
        concerns.take_up(self.session, self.team.coordinator, concern.id)
        concerns.close(self.session, self.team.coordinator, concern.id, "Talked to her")

    def message(self) -> None:
        person_id = self.episode().person_id
        if person_id not in self.residents:
            self.residents[person_id] = build.actor(self.session, Role.RESIDENT, place_id=person_id)
        own_side.write(self.session, self.residents[person_id], "Hello")

    def messages_read(self) -> None:
        own_side.mark_read(self.session, self.team.worker, self.one(PersonMessage).person_id)

    def consent_taken_back(self) -> None:
        people.withdraw_consent(
            self.session, self.team.worker, self.one(Consent, Consent.withdrawn_at.is_(None)).id
        )

    def risk(self) -> None:
        person = self.session.get_one(Person, self.episode().person_id)
        change = PersonChange(texts={"risks": self.lots.choice(["A dog", ""])})
        people.update_person(
            self.session, self.team.worker, person.id, change, expected_version=person.version
        )

    def hand_over(self) -> None:
        to = self.lots.choice([self.team.worker, self.colleague]).account_id
        assert to is not None
        caseloads.hand_over(
            self.session, self.team.coordinator, [self.episode().id], to, "Ring in the morning"
        )

    def dies(self) -> None:
        closing.close(
            self.session,
            self.team.worker,
            self.episode().id,
            EpisodeState.WITHDRAWN,
            reason=CloseReason.DIED,
        )

    def lives(self) -> None:
        dead = self.one(Person, Person.died_at.is_not(None))
        deaths.undo_death(self.session, self.team.coordinator, dead.id, "It was her neighbour")

    def listing_renamed(self) -> None:
        row = self.session.get_one(Service, self.at.service_id)
        row.name = f"Tea and Talk {build.number()}"

    def all_moved(self) -> None:
        """By a statement, which names no row."""
        later = Action.due_on.is_not(None)
        self.session.execute(update(Action).where(later).values(due_on=clock.today() + timedelta(days=2)))


@contextmanager
def tables_read(session: Session, found: set[str]) -> Iterator[None]:
    """Add the names of the tables that are read meanwhile."""

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        found.update(re.findall(r"\b(?:FROM|JOIN)\s+\"?(\w+)", statement))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("seed", [1, 3, 4, 5])
def test_what_is_kept_is_what_would_be_worked_out_anew(
    session: Session, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    read: set[str] = set()
    now = datetime(2026, 3, 2, 8, tzinfo=clock.LONDON)
    with clock.at(now):
        borough = Borough(session, seed)
        session.commit()
    refused = 0
    for _step in range(STEPS):
        now += timedelta(minutes=borough.lots.choice([1, 7, 90, 60 * 11, 60 * 40]))
        with clock.at(now):
            try:
                borough.lots.choice(borough.acts())()
                session.commit()
            except (GoldenThreadError, IndexError):
                refused += 1
                session.rollback()
            if borough.lots.random() < 0.3:
                continue
            for actor, team in ((borough.team.worker, False), (borough.team.coordinator, True)):
                kept = boards.today_board(session, actor, whole_team=team)
                with monkeypatch.context() as nothing_kept:
                    nothing_kept.setattr(boards, "SETTLED", Memory())
                    anew = boards.today_board(session, actor, whole_team=team)
                assert kept == anew
                ids = session.scalars(select(Episode.id).where(Episode.team_id == borough.team.id))
                rows = cases(session, list(ids))
                with tables_read(session, read):
                    found = standings(session, rows)
                for row in (row for rows in kept.parts.values() for row in rows):
                    stands = found[row.episode_id]
                    assert (row.due and row.due.on) == (stands.due and stands.due.on)
                    assert row.news == stands.known.news
            session.commit()
    assert refused < STEPS * 0.7
    assert read <= marks.watched() | BESIDE


def test_whoever_was_sent_to_a_listing_that_was_merged_hears_its_new_name(session: Session) -> None:
    borough = Borough(session, 1)
    borough.somebody_comes()
    borough.refer()
    session.commit()
    row = session.scalars(select(Referral)).one()
    answering.answer(session, borough.at.group, row.id, ReferralState.ACCEPTED, expected_version=row.version)
    old = session.get_one(Service, borough.at.service_id)
    between = build_directory.listing(session, old.organization_id, name="Tea and Talk")
    into = build_directory.listing(session, old.organization_id, name="Tea and Talk")
    session.commit()

    def told() -> str:
        board = boards.today_board(session, borough.team.worker)
        session.commit()
        (words,) = (news.text for rows in board.parts.values() for row in rows for news in row.news)
        return words

    old.merged_into_id = between
    session.get_one(Service, between).merged_into_id = into
    session.commit()
    assert told() == "Tea and Talk said yes."
    session.get_one(Service, into).name = "Tea and Cake"
    session.commit()
    assert told() == "Tea and Cake said yes."


def test_what_is_news_for_a_week_is_kept_no_longer(session: Session) -> None:
    team, noon = walk.team(session), datetime(2026, 3, 2, 12, tzinfo=clock.LONDON)
    with clock.at(noon):
        episode = walk.active(session, team)
        to = build.actor(session, Role.LINK_WORKER, place_id=team.id)
        assert to.account_id is not None
        caseloads.hand_over(session, team.coordinator, [episode.id], to.account_id, "Ring in the morning")
        session.commit()

    def told(at: datetime) -> list[str]:
        with clock.at(at):
            board = boards.today_board(session, to)
            session.commit()
        return [news.text for rows in board.parts.values() for row in rows for news in row.news]

    assert len(told(noon)) == 1
    assert len(told(noon + timedelta(days=7, hours=-1))) == 1
    assert told(noon + timedelta(days=7)) == []


def test_only_whoever_was_written_of_is_worked_out_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = walk.team(session)
    first, second = walk.active(session, team), walk.active(session, team)
    session.commit()
    asked: list[set[UUID]] = []

    def note(session: Session, ids: Ids, today: date) -> dict[UUID, Lasting[Any]]:
        asked.append(set(ids))
        return settle(session, ids, today)

    settle = boards._settle
    monkeypatch.setattr(boards, "_settle", note)
    text = plan.ActionText(
        "Ring the choir", ActionOwner.LINK_WORKER, due_on=clock.today() + timedelta(days=60)
    )

    def look() -> int:
        board = boards.today_board(session, team.worker)
        session.commit()
        return board.counts[Group.REST]

    assert (look(), look()) == (0, 0)
    plan.add_action(session, team.worker, first.id, text)
    # In the transaction that writes, nothing is kept; what is taken back leaves no trace.
    assert boards.today_board(session, team.worker).counts[Group.REST] == 1
    session.rollback()
    assert look() == 0
    plan.add_action(session, team.worker, second.id, text)
    session.commit()
    assert (look(), look()) == (1, 1)
    with clock.at(build.days_ahead(1)):
        assert look() == 1
    both = {first.id, second.id}
    assert asked == [both, both, {second.id}, both]


def test_a_part_of_a_transaction_gives_no_mark_but_the_whole_does(session: Session) -> None:
    team = walk.team(session)
    kept, undone = walk.active(session, team), walk.active(session, team)
    session.commit()

    text = plan.ActionText("Ring the choir", ActionOwner.LINK_WORKER)

    def held() -> dict[UUID, UUID]:
        return {one.id: one.mark for one in session.execute(select(EpisodeMark.id, EpisodeMark.mark))}

    before = held()
    with session.begin_nested():
        plan.add_action(session, team.worker, kept.id, text)
    with suppress(GoneWrong), session.begin_nested():
        plan.add_action(session, team.worker, undone.id, text)
        raise GoneWrong
    assert held() == before
    session.commit()
    assert held()[kept.id] != before[kept.id]


def test_what_was_deleted_while_a_page_was_made_is_left_out(session: Session) -> None:
    there, gone = uuid4(), uuid4()
    memory, now = Memory[str](), clock.now()
    known = {there: Lasting("there", now + timedelta(days=1))}
    for _first_and_again in range(2):
        assert memory.of([(gone, "a mark"), (there, "a mark")], now, lambda _ids: known) == ["there"]
    with pytest.raises(NotFound):
        boards.standing_of(session, (gone, None))


def test_nothing_is_kept_without_a_mark_nor_under_another(session: Session) -> None:
    memory, now, made = Memory[int](), clock.now(), count()
    one = uuid4()

    def told(mark: str | None) -> int:
        (value,) = memory.of(
            [(one, mark)], now, lambda _ids: {one: Lasting(next(made), now + timedelta(days=1))}
        )
        return value

    assert [told(mark) for mark in (None, None, "first", "first", None, "first", "other", "other")] == [
        *(0, 1, 2, 2, 3, 2, 4, 4)
    ]


def test_whoever_is_followed_no_longer_is_worked_out_each_time(session: Session) -> None:
    """What is written of them gives them no new mark."""
    team = walk.team(session)
    followed, long_ago = walk.active(session, team), walk.active(session, team)
    long_ago.state, long_ago.closed_at = EpisodeState.COMPLETED, clock.now() - FOLLOWED_FOR * 2
    session.commit()
    held = {marks.id_in(one): one[1] for one in marks.marked(session, marks.select_marked())}
    assert held[followed.id] is not None
    assert held[long_ago.id] is None
