"""Asking to join an activity by oneself: with one's own consent, and by the rules that hold for a link worker."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.accounts.models import Account
from directory.listings.models import Organization, Service
from directory.listings.rules import JoinMode, ListingStatus
from prescribing.episodes import services as episodes
from prescribing.episodes.models import Action, Episode
from prescribing.episodes.rules import EpisodeState
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent, Person
from prescribing.referrals import answering
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import DeclineReason, ReferralState
from prescribing.residents.rules import MOST_ASKED
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.referrals import walk
from tests.integration.prescribing.residents.test_own_plan import at_home

SAID = {
    "goal": "Meet people near me",
    "access": "Step-free please",
    "communication": "",
    "share_offer": "y",
    "agreed_contact": "Text 07700 900123",
    "share_accepted": "y",
}


def path_to(at: walk.Scene) -> str:
    return f"/me/join/{at.service_id}"


def token(client: HtmlClient) -> str:
    """What every form of this visitor holds."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/me/messages").text)
    assert found is not None
    return found[1]


def only(session: Session, at: walk.Scene) -> Referral:
    session.expire_all()
    return session.scalars(select(Referral).where(Referral.person_id == at.person.id)).one()


def test_somebody_asks_to_join_and_the_group_answers_as_always(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    session.get_one(Person, at.person.id).no_known_risks = True
    client = at_home(session, make_client, at)
    where = path_to(at)
    assert f'href="{where}"' in client.get(f"/activities/{at.service_id}").text
    page = words(client.get(where))
    for seen in ("sees before it answers", "Not shown", "No known risks", "Margaret", "You can take it back"):
        assert seen in page

    named = words(send(client, where, **{**SAID, "goal": "Margaret wants company"}))
    assert "Leave your name out" in named
    assert "Margaret wants company" in named
    refused = words(send(client, where, **{**SAID, "share_offer": ""}))
    assert "Tick the box if you agree" in refused

    assert send(client, where, **SAID).location == "/me"
    made = only(session, at)
    assert made.by_person
    assert (made.state, made.goal_words, made.risk_summary) == (
        ReferralState.REQUESTED,
        "Meet people near me",
        "No known risks",
    )
    given = session.scalars(
        select(Consent).where(Consent.recipient_id == at.organization_id).order_by(Consent.purpose)
    ).all()
    assert [(one.purpose, one.how) for one in given] == [
        (ConsentPurpose.SHARE_ACCEPTED, "online, by themself"),
        (ConsentPurpose.SHARE_OFFER, "online, by themself"),
    ]
    (told,) = walk.messages(session, "referral-new")
    assert "Margaret" not in (told.body or "")
    assert "We have asked them" in words(client.get("/me"))
    assert "already" in words(client.get(where))

    name = session.get_one(Service, at.service_id).name
    team = signed_in(session, make_client, at.team.worker)
    assert f"They asked to join {name} themselves." in words(team.get("/today"))
    assert "Meet people near me" in words(team.get(f"/referrals/{made.id}"))
    assert "Meet people near me" in words(signed_in(session, make_client, at.group).get("/inbox"))

    answering.answer(session, at.group, made.id, ReferralState.ACCEPTED, expected_version=made.version)
    session.commit()
    assert "You can go" in words(client.get("/me"))
    page = words(team.get("/today"))
    assert f"{name} said yes." in page
    assert "themselves" not in page


def test_the_same_sending_twice_asks_once(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    client = at_home(session, make_client, at)
    key = "3f0c2f0e-5d4e-4ef0-9a43-1c6f0f0a7b11"
    for _time in range(2):
        form = {**SAID, "need_id": str(at.need.id), "idempotency_key": key, "csrf_token": token(client)}
        assert client.post(path_to(at), data=form).status_code == 303
    assert only(session, at).state is ReferralState.REQUESTED


def test_where_people_just_turn_up_it_is_on_the_plan_at_once(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session, join_mode=JoinMode.TURN_UP)
    client = at_home(session, make_client, at)
    missing = words(send(client, path_to(at), share_accepted="y", heads_up=""))
    assert "Write what they should look out for" in missing
    assert send(client, path_to(at), share_accepted="", heads_up="ignored").status_code == 303
    made = only(session, at)
    assert (made.state, made.consent_id, made.heads_up) == (ReferralState.ACCEPTED, None, None)
    assert [one.template for one in walk.messages(session) if one.template.startswith("referral")] == []
    name = session.get_one(Service, at.service_id).name
    team = signed_in(session, make_client, at.team.worker)
    assert f"They chose to go to {name} themselves." in words(team.get("/today"))
    thread = words(team.get(f"/people/{at.person.id}"))
    referral = words(team.get(f"/referrals/{made.id}"))
    for page in (thread, referral):
        assert "hosen, people just turn up" in page
        assert "waiting for an answer" not in page.lower()
    assert "They agreed to share nothing." in referral


def test_a_full_activity_needs_a_word_on_the_waiting_list(session: Session, make_client: MakeClient) -> None:
    at, other = walk.scene(session, capacity=1), walk.scene(session)
    taken = walk.sent(session, replace(other, service_id=at.service_id))
    answering.answer(session, at.group, taken.id, ReferralState.ACCEPTED, expected_version=taken.version)
    client = at_home(session, make_client, at)
    assert "if you want to go on the waiting list" in words(send(client, path_to(at), **SAID))
    assert send(client, path_to(at), knows_it_is_full="y", **SAID).status_code == 303
    assert only(session, at).state is ReferralState.REQUESTED


@pytest.mark.parametrize("why", ["risk", "paused", "said no", "no word yet"])
def test_what_a_worker_must_weigh_becomes_a_task_and_says_so(
    session: Session, make_client: MakeClient, why: str
) -> None:
    at = walk.scene(session)
    if why == "risk":
        session.get_one(Person, at.person.id).risks = "An angry neighbour"
    elif why == "paused":
        episodes.move(session, at.team.worker, at.episode.id, EpisodeState.PAUSED, note="Away")
    elif why == "said no":
        made = walk.sent(session, at)
        answering.answer(
            session,
            at.group,
            made.id,
            ReferralState.DECLINED,
            reason=DeclineReason.UNSAFE,
            expected_version=made.version,
        )
    else:
        session.get_one(Episode, at.episode.id).state = EpisodeState.ALLOCATED
    before = len(session.scalars(select(Referral)).all())
    client = at_home(session, make_client, at)
    page = words(client.get(path_to(at)))
    assert "Your link worker looks at this with you first." in page
    assert "neighbour" not in page
    assert "risk" not in page.casefold()
    assert send(client, f"{path_to(at)}/look", page=path_to(at)).location == "/me"
    task = session.scalars(select(Action).where(Action.episode_id == at.episode.id)).all()[-1]
    assert task.words == f"Look together at: {session.get_one(Service, at.service_id).name}"
    # Whoever sends the form all the same is told so, and nothing leaves.
    form = {**SAID, "need_id": str(at.need.id), "idempotency_key": "8c1f7a52-64a4-4f0e-8f51-0d3b0a2f9c77"}
    again = client.post(path_to(at), data={**form, "csrf_token": token(client)})
    assert "Your link worker looks at this with you first." in words(again)
    assert len(session.scalars(select(Referral)).all()) == before


def test_whoever_asks_many_groups_at_once_is_helped_to_choose(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    elsewhere = [
        replace(at, service_id=walk.service(session, at.organization_id)) for _each in range(MOST_ASKED)
    ]
    made = [walk.sent(session, one) for one in elsewhere]
    for one in made:
        one.by_person = True
    client = at_home(session, make_client, at)
    assert "5 groups that you asked have not answered yet" in words(client.get(path_to(at)))
    answering.answer(session, at.group, made[0].id, ReferralState.ACCEPTED, expected_version=made[0].version)
    session.commit()
    assert "sees before it answers" in words(client.get(path_to(at)))


def test_without_support_the_ask_form_has_the_activity_in_mind(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    episodes.end_by_person(session, at.team.worker, at.person.id)
    client = at_home(session, make_client, at)
    answer = client.get(path_to(at))
    assert answer.location == f"/ask?activity={at.service_id}"
    name = session.get_one(Service, at.service_id).name
    assert f"I would like to join: {name}" in words(client.get(answer.location))
    assert "I would like to join" not in words(client.get("/ask?activity=nonsense"))


def test_an_activity_is_found_by_its_name_and_others_see_no_button(
    session: Session, make_client: MakeClient, client: HtmlClient
) -> None:
    at = walk.scene(session)
    session.get_one(Organization, at.organization_id).name = "Tea people"
    session.commit()
    own = at_home(session, make_client, at)
    assert "What would you like to join?" in words(own.get("/me/join"))
    assert "nothing of that name" in words(own.get("/me/join?q=zzzzqqq"))
    name = session.get_one(Service, at.service_id).name
    session.commit()
    for page in ("1", "9"):
        found = own.get(f"/me/join?q={name}&page={page}", follow_redirects=True)
        assert name in words(found), "past the last page is the last"
    listing = f"/activities/{at.service_id}"
    assert "Ask to join this" in words(own.get(listing))
    assert "Ask to join this" not in words(client.get(listing))
    assert "Ask to join this" not in words(signed_in(session, make_client, at.team.worker).get(listing))

    session.get_one(Service, at.service_id).status = ListingStatus.DRAFT
    session.commit()
    assert own.get(path_to(at)).status_code == 404
    session.get_one(Person, at.person.id).flagged_for_safety = True
    session.commit()
    assert own.get("/me/join").status_code == 404
    stranger = signed_in(session, make_client, build.actor(session, Role.RESIDENT))
    assert stranger.get("/me").status_code == 200


def test_a_group_that_cannot_be_written_to_is_rung_by_the_link_worker(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session, email="")
    client = at_home(session, make_client, at)
    session.get_one(Account, at.group.account_id).disabled_at = clock.now()
    session.commit()
    assert send(client, path_to(at), **SAID).status_code == 303
    task = session.scalars(select(Action).where(Action.episode_id == at.episode.id)).all()[-1]
    assert (task.words or "").startswith("Ring Group ")
