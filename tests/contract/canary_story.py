"""The canary's story: one person who is referred, listened to and referred on, with a word in every field."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Actor, Place, Role
from core.accounts.models import Account
from core.db import Base, Sealed
from directory import published
from directory.listings.rules import JoinMode
from directory.search import services as search
from prescribing.episodes import contact_log, intake, plan, triage
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.content import RequestContent
from prescribing.episodes.models import ActionOwner, RequestSource
from prescribing.episodes.plan import ActionText, GoalText
from prescribing.fhir import clients
from prescribing.fhir.rules import CHOICES
from prescribing.people.models import Person
from prescribing.people.safe_contact import Channel
from prescribing.proxies import services as proxies
from prescribing.proxies.services import Letting
from prescribing.referrals import answering, attending, links, referring
from prescribing.referrals.links import new_link
from prescribing.referrals.models import Presence
from prescribing.residents import helping
from prescribing.residents import services as residents
from prescribing.residents.models import HelpLink, OfferOfHelp
from prescribing.residents.rules import HelpKind
from tests import build
from tests.integration.prescribing.referrals import walk

# Values with a form of their own stand as they are; they are looked for all the same.
SHAPED = {
    "date_of_birth": "1951-02-03",
    "postcode": "BL9 7QZ",
    "nhs_number": "9434765919",
    "phone": "0161 496 0771",
    "mobile": "07700 900771",
    "email": "zqletterbox@example.org",
}
# Kept as structured text; what a request says inside is filled below.
STRUCTURED = {"content", "safe_contact", "answers", "marked"}


@dataclass
class Borough:
    """One person's story with a word in every field, and everybody who might read of it."""

    app: Flask
    words: dict[str, str] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    roles: dict[str, frozenset[Role]] = field(default_factory=dict)
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    def enter(self, session: Session, who: str, role: Role, place_id: UUID | None = None) -> Actor:
        """Somebody of this role who is signed in; gives them as whoever acts."""
        account = build.account(session, role, place_id=place_id)
        self.roles[who], self.clients[who] = frozenset({role}), self.app.test_client()
        build.sign_in(session, self.clients[who], account)
        return build.actor_of(account)

    def plant(self, where: str) -> str:
        """A word that stands in this field and nowhere else."""
        word = f"Zq{len(self.words):03d}{re.sub('[^a-z]', '', where.casefold())}"
        self.words[where] = word
        return word

    def found(self, text: str) -> set[str]:
        """The fields whose word is in this text."""
        said = html.unescape(text).casefold()
        spread = re.sub(r"\s", "", said)
        return {
            where
            for where, word in self.words.items()
            if word.casefold() in said or (word[0] in "0123456789" and word.replace(" ", "") in spread)
        }


def tell_the_story(session: Session, made: Borough) -> None:
    """A practice refers somebody; they are listened to, planned with and referred on; words stand in every field."""
    team_id, partner_id = build.place(session, Place.TEAM), build.place(session, Place.PARTNER)
    group_id = build.place(session, Place.ORGANIZATION)
    content = RequestContent(**request_words(made), share_feedback=True)
    request, episode = intake.submit_request(
        session, SYSTEM, content, RequestSource.PARTNER, partner_id=partner_id, team_id=team_id
    )
    worker = made.enter(session, "link worker", Role.LINK_WORKER, team_id)
    coordinator = made.enter(session, "coordinator", Role.COORDINATOR, team_id)
    group = made.enter(session, "group", Role.GROUP_MEMBER, group_id)
    made.enter(session, "referrer", Role.REFERRER, partner_id)
    for role in Role:
        made.enter(session, f"another {role.value}", role)
    made.roles["nobody"], made.clients["nobody"] = frozenset(), made.app.test_client()
    assert worker.account_id is not None
    triage.allocate(session, coordinator, episode.id, worker.account_id)
    talked = contact_log.ContactNote(Channel.PHONE, Outcome.TALKED, starts_support=True, note="They talked")
    contact_log.record_contact(session, worker, episode.id, talked)
    need = plan.add_need(session, worker, episode.id, "loneliness", words="The evenings")
    goal = plan.add_goal(session, worker, episode.id, GoalText("Company", need_id=need.id))
    action = plan.add_action(
        session, worker, episode.id, ActionText("Ring", ActionOwner.LINK_WORKER, due_on=clock.today())
    )
    asked = walk.service(session, group_id)
    accepted = walk.service(session, group_id, join_mode=JoinMode.TURN_UP)
    first = referring.refer(session, worker, need.id, asked, walk.WORDS, walk.YES)
    second = referring.refer(session, worker, need.id, accepted, walk.HEADS_UP, walk.YES)
    made.ids = {
        "person_id": episode.person_id,
        "episode_id": episode.id,
        "request_id": request.id,
        "need_id": need.id,
        "goal_id": goal.id,
        "action_id": action.id,
        "referral_id": first.id,
        "service_id": asked,
        "organization_id": group_id,
        "team_id": team_id,
        "partner_id": partner_id,
    }
    made.tokens = {"asked": links.make_link(session, first), "accepted": links.make_link(session, second)}
    made.ids["second"] = second.id
    in_company(session, made, episode.person_id, worker)
    would_help(session, made, worker, asked)
    plant_everywhere(session, made)
    # What is sent from now on is written with the words in place.
    answering.schedule(session, group, second.id, clock.today() + timedelta(days=7))
    attending.record_attendance(session, group, second.id, clock.today(), Presence.CAME)
    links.tell_group(session, first, published.offer(session, asked), template="referral-nudge")
    links.tell_to_delete(session, first)
    admin = build.actor(session, Role.ADMINISTRATOR)
    for name, by, place in (
        ("program", admin, (Place.PARTNER, partner_id)),
        ("team's program", coordinator, (Place.TEAM, team_id)),
        ("group's program", group, (Place.ORGANIZATION, group_id)),
    ):
        program_of(session, made, name, by, place)
    search.rebuild(session)


def in_company(session: Session, made: Borough, person_id: UUID, worker: Actor) -> None:
    """The person comes in online, somebody acts for them, and all three write to one another."""
    own = made.enter(session, "the person", Role.RESIDENT, person_id)
    helper = build.account(session, Role.PROXY, place_id=person_id, email="helper@example.org")
    made.roles["who acts"], made.clients["who acts"] = frozenset({Role.PROXY}), made.app.test_client()
    build.sign_in(session, made.clients["who acts"], helper)
    letting = Letting("Bo", "helper@example.org", "", 3, may_message=True, may_say=True)
    proxies.let_act(session, own, person_id, letting)
    residents.write(session, own, "Can you help?")
    residents.write_to(session, worker, person_id, "Yes")
    residents.write_for(session, build.actor_of(helper), person_id, "She is well")
    assert own.account_id is not None
    session.get_one(Account, own.account_id).name = made.plant("Account.name")
    helper.name = made.plant("Account.name of who acts")


def would_help(session: Session, made: Borough, worker: Actor, service_id: UUID) -> None:
    """The person offers to help others, twice: one group has not answered yet, and another said yes."""
    person_id, elsewhere = made.ids["person_id"], build.place(session, Place.ORGANIZATION)
    helped = made.enter(session, "group they help", Role.GROUP_MEMBER, elsewhere)
    offers: dict[str, OfferOfHelp] = {}
    for name, kind, to in (
        ("offered", HelpKind.BUDDY, service_id),
        ("helping", HelpKind.VOLUNTEER, walk.service(session, elsewhere)),
    ):
        offer = OfferOfHelp(person_id=person_id, kind=kind, may_count=True)
        session.add(offer)
        session.flush()
        helping.put_to_group(session, worker, person_id, offer.id, to, "by phone")
        made.tokens[name] = new_link(session, HelpLink(offer_id=offer.id))
        offers[name] = offer
    helping.answer(session, helped, offers["helping"].id, yes=True)


def program_of(session: Session, made: Borough, name: str, by: Actor, place: tuple[Place, UUID]) -> None:
    """A program that may do all that a program of such a place may, with its token."""
    client_id, secret = clients.issue(session, by, "Surgery system", *place, tuple(CHOICES[place[0]]))
    session.commit()
    asked = {"grant_type": "client_credentials", "client_id": str(client_id), "client_secret": secret}
    answer = made.app.test_client().post("/fhir/token", data=asked)
    made.tokens[name] = answer.get_json()["access_token"]


def request_words(made: Borough) -> dict[str, Any]:
    """A request with a word in each text that it can hold."""
    said: dict[str, Any] = {
        one.name: made.plant(f"request.{one.name}")
        for one in fields(RequestContent)
        if one.type in ("str", str) and one.name not in SHAPED
    }
    said |= {name: text for name, text in SHAPED.items() if name != "date_of_birth"}
    said |= {"born": date.fromisoformat(SHAPED["date_of_birth"]), "named": (made.plant("request.named"),)}
    return said


def plant_everywhere(session: Session, made: Borough) -> None:
    """A word in every encrypted text of prescribing that has no form of its own, filled before or not."""
    session.flush()
    for mapper in Base.registry.mappers:
        kind = mapper.class_
        if not kind.__module__.startswith("prescribing."):
            continue
        names = [name for name, value in vars(kind).items() if isinstance(value, Sealed)]
        for row in session.scalars(select(kind)) if names else ():
            if kind is Person and row.id != made.ids["person_id"]:
                # Another resident reads their own record, and it is not this one.
                continue
            for name in names:
                if name in SHAPED:
                    made.words[f"{kind.__name__}.{name}"] = SHAPED[name]
                elif name not in STRUCTURED:
                    where = f"{kind.__name__}.{name}"
                    setattr(row, name, made.words.get(where) or made.plant(where))
    session.flush()
    session.commit()
