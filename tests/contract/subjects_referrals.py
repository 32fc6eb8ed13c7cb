"""Referrals and a group's pages, for the access matrix."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from core import clock
from core.access.rules import SYSTEM, Actor, Place, Role
from directory.listings.models import Phone
from prescribing.episodes import plan
from prescribing.episodes.models import Episode, Need
from prescribing.groups.models import Buddy
from prescribing.referrals import answering, links, referring, services
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import ReferralState
from tests import build
from tests.contract.subjects import Cell, Relation, Subject, subject
from tests.contract.subjects_episodes import active, created
from tests.integration.prescribing.referrals import walk


@dataclass(frozen=True)
class Made:
    """A need of somebody in the team through which it is to be reached, and an activity of the group likewise."""

    episode: Episode
    need: Need
    worker: Actor
    group: Actor
    service_id: UUID

    @property
    def values(self) -> dict[str, object]:
        return {"episode_id": self.episode.id, "need_id": self.need.id}


def before(cell: Cell) -> Made:
    """Everything before a referral."""
    organization_id = cell.reach.organization_id if cell.reach else None
    organization_id = organization_id or build.place(cell.session, Place.ORGANIZATION)
    episode = active(cell)
    worker = build.actor(cell.session, Role.LINK_WORKER, place_id=episode.team_id)
    service_id = walk.service(cell.session, organization_id)
    cell.session.add(Phone(service_id=service_id, number="07700 900456"))
    return Made(
        episode,
        plan.add_need(cell.session, worker, episode.id, "loneliness"),
        worker,
        build.actor(cell.session, Role.GROUP_MEMBER, place_id=organization_id),
        service_id,
    )


def sent(cell: Cell) -> tuple[Made, Referral]:
    made = before(cell)
    referral = referring.refer(cell.session, made.worker, made.need.id, made.service_id, walk.WORDS, walk.YES)
    return made, referral


def accepted(cell: Cell) -> tuple[Made, Referral]:
    made, referral = sent(cell)
    answering.answer(
        cell.session, made.group, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
    )
    return made, referral


def by_id(referral: Referral, **form: object) -> Subject:
    return Subject({"referral_id": referral.id}, form={"version": str(referral.version), **form})


@subject("referrals.find")
def _need(cell: Cell) -> Subject:
    return Subject(before(cell).values)


@subject("referrals.gap")
def _gap(cell: Cell) -> Subject:
    return Subject(before(cell).values, form=created())


@subject("referrals.tell")
def _tell(cell: Cell) -> Subject:
    made = before(cell)
    return Subject({**made.values, "service_id": made.service_id}, form=created())


@subject("referrals.ask_consent", "referrals.send")
def _refer(cell: Cell) -> Subject:
    made = before(cell)
    form = created(
        goal="Meet people",
        share_offer="y",
        share_accepted="y",
        agreed_contact="Ring 0161 496 0001",
        how="by phone",
    )
    return Subject({**made.values, "service_id": made.service_id}, form=form)


@subject("referrals.show", "referrals.answer")
def _sent(cell: Cell) -> Subject:
    return by_id(sent(cell)[1], answer="accepted")


@subject("referrals.withdraw")
def _open(cell: Cell) -> Subject:
    return by_id(sent(cell)[1])


@subject("referrals.visit")
def _visit(cell: Cell) -> Subject:
    day = clock.today() + timedelta(days=7)
    form = {"on-day": day.day, "on-month": day.month, "on-year": day.year}
    return by_id(accepted(cell)[1], session="another", **form)


@subject("referrals.came")
def _came(cell: Cell) -> Subject:
    day = clock.today()
    form = {"day-day": day.day, "day-month": day.month, "day-year": day.year}
    return by_id(accepted(cell)[1], on=day.isoformat(), presence="came", said_by="group", **form)


@subject("referrals.end")
def _end(cell: Cell) -> Subject:
    return by_id(accepted(cell)[1], target="never-started")


@subject("referrals.late_yes")
def _expired(cell: Cell) -> Subject:
    _made, referral = sent(cell)
    services.shift(cell.session, SYSTEM, referral, ReferralState.EXPIRED)
    return by_id(referral)


@subject("referrals.undo")
def _withdrawn(cell: Cell) -> Subject:
    made, referral = sent(cell)
    mine = cell.relation is Relation.OWN and cell.role in {Role.LINK_WORKER, Role.COORDINATOR}
    who = build.actor_of(cell.account) if mine and cell.account else made.worker
    services.withdraw(cell.session, who, referral.id)
    return by_id(referral)


@subject("referrals.mistake")
def _mistake(cell: Cell) -> Subject:
    return by_id(sent(cell)[1], note="The wrong activity")


@subject("referrals.code")
def _code(cell: Cell) -> Subject:
    return by_id(accepted(cell)[1])


@subject("inbox.listing_wrong")
def _listing(cell: Cell) -> Subject:
    return by_id(sent(cell)[1], note="We moved")


@subject("inbox.register", "inbox.record")
def _register(cell: Cell) -> Subject:
    made, referral = accepted(cell)
    form = {"on": clock.today().isoformat(), f"came-{referral.id}": "came"}
    return Subject({"service_id": made.service_id}, form=form)


def own_service(cell: Cell) -> tuple[UUID, UUID]:
    """A group, and an activity of its."""
    organization_id = cell.reach.organization_id if cell.reach else None
    organization_id = organization_id or build.place(cell.session, Place.ORGANIZATION)
    return organization_id, walk.service(cell.session, organization_id)


@subject("inbox.room")
def _room(cell: Cell) -> Subject:
    return Subject({"service_id": own_service(cell)[1]}, form={"full": "yes"})


@subject("groups.year", "groups.funding", "groups.certificate")
def _year(cell: Cell) -> Subject:
    return Subject({"organization_id": own_service(cell)[0]}, form={"pounds": "120"})


@subject("groups.buddies", "groups.set_turns", "groups.add_buddy")
def _rota(cell: Cell) -> Subject:
    return Subject({"service_id": own_service(cell)[1]}, form=created(name="Ruth"))


@subject("groups.take_off")
def _buddy(cell: Cell) -> Subject:
    organization_id, service_id = own_service(cell)
    buddy = Buddy(organization_id=organization_id, name="Colin")
    cell.session.add(buddy)
    cell.session.flush()
    return Subject({"service_id": service_id, "buddy_id": buddy.id})


@subject("answer.show", "answer.answer", "answer.send_code", "answer.open_by_code", "answer.visit",
         "answer.came", "answer.listing_wrong")  # fmt: skip
def _link(cell: Cell) -> Subject:
    _made, referral = sent(cell)
    token = links.make_link(cell.session, referral)
    form = {
        "answer": "accepted",
        "version": str(referral.version),
        "code": "12345",
        "note": "We moved",
        "on": clock.today().isoformat(),
        "presence": "came",
        "idempotency_key": str(uuid4()),
    }
    return Subject({"token": token}, form=form)
