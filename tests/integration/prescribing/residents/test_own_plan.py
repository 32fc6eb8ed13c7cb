"""My plan: what a person sees, says and changes by themself, and what their team hears of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.accounts import entering
from core.accounts.queries import account_of_person
from core.audit.models import AuditEntry
from core.db import blind_index
from core.errors import Refused
from core.notify.models import Message
from directory.listings.models import Location, Service, ServiceAtLocation
from prescribing.episodes import plan
from prescribing.episodes.models import Action, ActionOwner, Episode, Need
from prescribing.episodes.needs import NeedState
from prescribing.episodes.rules import EpisodeState
from prescribing.measures.instruments import ONS4
from prescribing.measures.rules import CompletedBy, Mode, Point
from prescribing.measures.services import record_measurement
from prescribing.people.models import Consent, Person
from prescribing.referrals import answering, attending
from prescribing.referrals.models import Presence, Referral
from prescribing.referrals.rules import ReferralState
from prescribing.residents import finding, services
from prescribing.residents.models import OfferOfHelp, PersonMessage
from prescribing.residents.rules import Verdict, Voice
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes import walk as episodes
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.referrals import walk


def at_home(session: Session, make_client: MakeClient, at: walk.Scene) -> HtmlClient:
    """The person themself, signed in."""
    return signed_in(session, make_client, build.actor(session, Role.RESIDENT, place_id=at.person.id))


def test_what_is_coming_helps_or_is_not_for_them(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    hall = Location(name="Peel Mill Hall")
    session.add(hall)
    session.flush()
    session.add(ServiceAtLocation(service_id=at.service_id, location_id=hall.id))
    referral = walk.sent(session, at)
    answering.answer(
        session, at.group, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
    )
    client = at_home(session, make_client, at)
    page = words(client.get("/me"))
    for seen in ("What is coming", "10am to 12pm", "You can go", "Your link worker is supporting you"):
        assert seen in page
    file = client.get("/me/coming.ics")
    assert file.mimetype == "text/calendar"
    calendar = Calendar.from_ical(file.get_data())
    (event, *_later) = calendar.walk("VEVENT")
    assert "Tea and Talk" in str(event["summary"])
    assert event["location"] == "Peel Mill Hall"
    assert [zone["tzid"] for zone in calendar.walk("VTIMEZONE")] == [event["dtstart"].params["tzid"]]
    assert "Peel Mill Hall" in page, "they see where to go before they set out"
    assert file.headers["Cache-Control"] == "no-store"

    say = f"/me/referrals/{referral.id}/say"
    assert "I would rather not go" in page
    assert "This helps" not in page, "nobody knows that before the first visit"
    early = send(client, say, page="/me", verdict="helps")
    assert "Tell us first that you have been" in words(early)
    attending.record_attendance(session, at.group, referral.id, clock.today(), Presence.CAME)
    session.commit()
    assert "This helps" in words(client.get("/me"))
    assert send(client, say, page="/me", verdict="helps").status_code == 303
    page = words(client.get("/me"))
    assert "You said that this helps." in page
    assert "This is not for me" in page
    assert "I would rather not go" not in page
    assert send(client, say, page="/me", verdict="not-for-me", words="Too far").status_code == 303
    session.expire_all()
    assert session.get_one(Referral, referral.id).state is ReferralState.WITHDRAWN
    assert session.get_one(Need, at.need.id).state is NeedState.RAISED
    page = words(client.get("/me"))
    assert "You are not going there" in page
    assert "What is coming" not in page

    team = signed_in(session, make_client, at.team.worker)
    assert "They wrote to you" in words(team.get("/today"))
    told = words(team.get(f"/people/{at.person.id}/messages"))
    name = session.get_one(Service, referral.service_id).name
    assert f"This helps me: {name}." in told
    assert f"This is not for me: {name}. Too far" in told


def test_whoever_has_not_been_would_rather_not_go(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    client = at_home(session, make_client, at)
    assert "I would rather not go" in words(client.get("/me")), "also while nobody has answered"
    say = f"/me/referrals/{referral.id}/say"
    assert send(client, say, page="/me", verdict="not-for-me", words="Too loud").status_code == 303
    session.expire_all()
    assert session.get_one(Referral, referral.id).state is ReferralState.WITHDRAWN
    team = signed_in(session, make_client, at.team.worker)
    told = words(team.get(f"/people/{at.person.id}/messages"))
    name = session.get_one(Service, referral.service_id).name
    assert f"I would rather not go to {name}. Too loud" in told


def test_whoever_settled_in_can_still_say_that_it_helps(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    answering.answer(
        session, at.group, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
    )
    for weeks in range(3):
        day = clock.today() - timedelta(days=7 * weeks)
        attending.record_attendance(session, at.group, referral.id, day, Presence.CAME)
    session.commit()
    client = at_home(session, make_client, at)
    page = words(client.get("/me"))
    assert "You settled in" in page
    assert "This is not for me" not in page, "it has ended well, and nobody waits for them"
    say = f"/me/referrals/{referral.id}/say"
    assert send(client, say, page="/me", verdict="helps").status_code == 303
    assert "You said that this helps." in words(client.get("/me"))
    with pytest.raises(Refused, match="has ended already"):
        services.say_of(
            session,
            build.actor(session, Role.RESIDENT, place_id=at.person.id),
            referral.id,
            Verdict.NOT_FOR_ME,
        )


def test_messages_go_both_ways_and_no_text_says_what_about(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    client, team = at_home(session, make_client, at), signed_in(session, make_client, at.team.worker)
    path = f"/people/{at.person.id}/messages"
    assert "Write your message" in words(send(client, "/me/messages", words=""))
    assert send(client, "/me/messages", words="Could we talk on Friday?").status_code == 303
    assert "They wrote to you" in words(team.get("/today"))
    assert "Could we talk on Friday?" in words(team.get(path))
    early = dict(
        re.findall(
            r'name="(csrf_token|idempotency_key)"[^>]*value="([^"]+)"', client.get("/me/messages").text
        )
    )
    assert send(team, path, words="Yes, at ten about the debt letter").status_code == 303
    assert "They wrote to you" not in words(team.get("/today"))
    told = [one for one in walk.messages(session) if one.template == "message-waiting"]
    assert [one.channel for one in told] == ["text"]
    assert "debt" not in (told[0].body or "")
    assert "You have a new message" in words(client.get("/me"))
    client.post("/me/messages", data={**early, "words": ""})
    written = select(PersonMessage.read_at).where(PersonMessage.voice == Voice.TEAM)
    assert session.scalars(written).all() == [None], "a message that was not written opens nothing"
    assert "about the debt letter" in words(client.get("/me/messages"))
    assert session.scalars(written).all() != [None]
    assert "You have a new message" not in words(client.get("/me"))

    session.get_one(Person, at.person.id).flagged_for_safety = True
    session.commit()
    assert "nothing to show" in words(client.get("/me"))
    for shut in ("/me/messages", "/me/coming.ics", "/me/contact", "/me/privacy", "/me/helping"):
        assert client.get(shut).status_code == 404, shut
    assert "They cannot read messages here" in words(send(team, path, words="Hello?"))
    assert session.scalars(select(Message).where(Message.template == "message-waiting")).all() == told


def test_what_they_found_by_themself_reaches_their_link_worker_and_no_group(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    session.commit()
    client, team = at_home(session, make_client, at), signed_in(session, make_client, at.team.worker)
    assert "Write what you found" in words(send(client, "/me/found", page="/me", words=" "))
    link = f"https://example.org/activities/{at.service_id}"
    assert send(client, "/me/found", page="/me", words=link).location == "/me"
    name = session.get_one(Service, at.service_id).name
    task = session.scalars(select(Action).where(Action.episode_id == at.episode.id)).all()[-1]
    assert (task.words, task.owner) == (
        f"Look together at: {name}. {link}",
        ActionOwner.LINK_WORKER,
    )
    thread = words(team.get(f"/people/{at.person.id}/messages"))
    assert f"I have found something that I would like to try: {name}." in thread
    assert session.scalars(select(Referral)).all() == []
    # Before anybody supports them it is a message alone.
    waiting = episodes.allocated(session, at.team)
    waiting.link_worker_id = None
    session.commit()
    own = build.actor(session, Role.RESIDENT, place_id=waiting.person_id)
    finding.tell_found(session, own, "A choir")
    assert session.scalars(select(Action).where(Action.episode_id == waiting.id)).all() == []


def test_they_change_how_to_be_reached_and_what_they_agreed_to(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    client = at_home(session, make_client, at)
    assert "07700 900123" in client.get("/me/contact").get_data(as_text=True)
    nothing = send(client, "/me/contact", mobile="", phone="", times="evenings")
    assert "Leave us one way to reach you" in words(nothing)
    assert 'value="evenings"' in nothing.get_data(as_text=True)
    good = {"mobile": "07700 900123", "times": "evenings", "interpreter": "Polish", "version": ""}
    hidden = client.get("/me/contact").get_data(as_text=True)
    good["version"] = hidden.partition('name="version" value="')[2].partition('"')[0]
    assert send(client, "/me/contact", **good).status_code == 303
    session.expire_all()
    person = session.get_one(Person, at.person.id)
    assert person.interpreter == "Polish"
    assert '"texts": false' in (person.safe_contact or "")
    assert send(client, "/me/contact", **good).status_code == 409, "the page is older than the record"

    page = words(client.get("/me/privacy"))
    assert "Know who you are and how to reach you" in page
    consent = session.get_one(Consent, referral.consent_id)
    assert send(client, f"/me/consents/{consent.id}/withdraw").status_code == 303
    assert "Agree again" in words(client.get("/me/privacy"))
    assert signed_in(session, make_client, at.group).get(f"/inbox/{referral.id}").status_code == 404
    session.expire_all()
    again = session.scalars(
        select(Consent.id).where(Consent.withdrawn_at.is_not(None), Consent.purpose == consent.purpose)
    ).one()
    assert send(client, f"/me/consents/{again}/again", page="/me/privacy").status_code == 303
    assert "Who has looked, and why" in page
    assert at.team.worker.name in page
    asked = send(client, "/me/privacy", kind="correction", words="")
    assert "Say what should be put right" in words(asked)
    assert send(client, "/me/privacy", kind="correction", words="I live at number 5").status_code == 303
    assert "you hear from us by" in words(client.get("/me/privacy"))
    copy = client.get("/me/copy")
    assert "Margaret Example" in words(copy)
    assert copy.headers["Cache-Control"] == "no-store"
    assert client.get("/me/copy?as=json").is_json
    assert "You took a copy" not in words(client.get("/me/privacy"))
    looks = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == at.person.id)).all()
    assert "person.read-own" in looks


def test_whoever_is_not_safe_at_home_any_more_says_so_and_nothing_shows(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    client = at_home(session, make_client, at)
    page = client.get("/me/contact").get_data(as_text=True)
    version = page.partition('name="version" value="')[2].partition('"')[0]
    good = {"mobile": "07700 900123", "flagged_for_safety": "y", "version": version}
    assert send(client, "/me/contact", **good).status_code == 303
    session.expire_all()
    assert session.get_one(Person, at.person.id).flagged_for_safety
    assert "nothing to show" in words(client.get("/me"))
    assert client.get("/me/contact").status_code == 404, "only the team lifts it"


def test_they_offer_help_and_stop_when_they_want(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    client, team = at_home(session, make_client, at), signed_in(session, make_client, at.team.worker)
    assert "Say what you are good at" in words(send(client, "/me/helping", kind="skill"))
    assert send(client, "/me/helping", kind="skill", words="Baking", may_count="y").status_code == 303
    assert "You offer this already" in words(send(client, "/me/helping", kind="skill", words="Baking"))
    offer = session.scalars(select(OfferOfHelp)).one()
    path = f"/people/{at.person.id}/messages"
    assert "Baking" in words(team.get(path))
    start = f"/people/{at.person.id}/offers/{offer.id}/start"
    assert send(team, start, page=path).status_code == 303
    assert "You help now" in words(client.get("/me/helping"))
    assert send(client, f"/me/helping/{offer.id}/end", page="/me/helping").status_code == 303
    assert "You help now" not in words(client.get("/me/helping"))

    assert send(client, "/me/found", page="/me", words="A choir").status_code == 303
    assert "Your link worker: Look together at: A choir" in words(client.get("/me"))
    assert "Tick the box" in words(send(client, "/me/stop"))
    assert send(client, "/me/stop", sure="y", words="I feel better").status_code == 303
    assert "Look together at: A choir" not in words(client.get("/me"))
    session.expire_all()
    assert session.get_one(Episode, at.episode.id).state is EpisodeState.PERSON_DECLINED
    assert session.get_one(Referral, referral.id).state is ReferralState.WITHDRAWN
    assert "no support from us now" in words(send(client, "/me/stop", sure="y"))
    assert "four short questions" not in words(client.get("/me"))
    worker = signed_in(session, make_client, at.team.worker)
    for path in (f"/people/{at.person.id}", f"/episodes/{at.episode.id}/contacts/new"):
        seen = words(worker.get(path))
        assert "They stopped their support. Do not get in touch" in seen
        assert "You may" not in seen.partition("They stopped")[2].partition("Access:")[0]


def test_what_they_answered_goes_by_plain_words_on_their_own_page(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    plan.add_goal(session, at.team.worker, at.episode.id, plan.GoalText("Get out more"))
    record_measurement(
        session,
        at.team.worker,
        at.episode.id,
        "ons4",
        point=Point.BASELINE,
        mode=Mode.PHONE,
        completed_by=CompletedBy.PERSON,
        answers={item.key: 4 for item in ONS4.items},
    )
    page = words(at_home(session, make_client, at).get("/me"))
    assert "Personal wellbeing" in page
    assert "ONS4" not in page


def test_a_coordinator_whom_nobody_is_with_is_led_to_their_own_work(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    page = words(signed_in(session, make_client, at.team.coordinator).get("/today"))
    assert "You support nobody yourself." in page
    assert "Nobody is with you yet" not in page


def test_the_team_lets_somebody_in_and_out(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    team = signed_in(session, make_client, at.team.worker)
    path = f"/people/{at.person.id}/messages"
    online = f"/people/{at.person.id}/online"
    person = session.get_one(Person, at.person.id)
    person.safe_contact = '{"texts": false}'
    session.commit()
    refused = send(team, online, page=path)
    assert refused.status_code == 409, "no email address is known, and no text is safe"
    person = session.get_one(Person, at.person.id)
    person.email, person.date_of_birth = "margaret@post.example", "2012-01-01"
    session.commit()
    born = clock.today() - timedelta(days=14 * 366)
    person.date_of_birth = born.isoformat()
    session.commit()
    assert "under 16" in words(send(team, online, page=path))
    assert send(team, online, page=path, understands="y").status_code == 303
    account_id = account_of_person(session, at.person.id)
    assert account_id is not None
    assert [one.template for one in walk.messages(session)][-1] == "invitation"
    assert "Read this code out" in words(send(team, f"{online}/code", page=path))
    assert send(team, f"{online}/end", page=path).status_code == 303
    session.expire_all()
    assert account_of_person(session, at.person.id) is None


def test_an_address_that_is_somebodys_way_in_lets_nobody_else_in(
    session: Session, make_client: MakeClient
) -> None:
    at, other = walk.scene(session), walk.scene(session)
    shared = build.account(session, Role.RESIDENT, place_id=other.person.id, email="shared@post.example")
    helper = build.account(session, Role.PROXY, place_id=at.person.id, email="helper@post.example")
    colleague = build.account(session, Role.REFERRER, email="colleague@post.example")
    team = signed_in(session, make_client, at.team.worker)
    path, online = f"/people/{at.person.id}/messages", f"/people/{at.person.id}/online"
    for theirs in (shared, helper):
        session.get_one(Person, at.person.id).email = theirs.email
        session.commit()
        refused = send(team, online, page=path)
        assert refused.status_code == 409
        assert "This email address is somebody's way in already." in words(refused)
        session.expire_all()
        assert account_of_person(session, at.person.id) is None
    session.get_one(Person, at.person.id).email = "colleague@post.example"
    session.commit()
    assert send(team, online, page=path).status_code == 303
    assert account_of_person(session, at.person.id) == colleague.id
    last = walk.messages(session)[-1]
    assert (last.template, last.to) == ("message-waiting", "colleague@post.example")
    assert "You can see your own record here now." in words(team.get(path))


def test_who_was_written_to_often_is_let_in_and_the_team_tells_them(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    known = build.account(session, Role.REFERRER, email="known@post.example")
    session.get_one(Person, at.person.id).email = "known@post.example"
    walk.write_often(session, "known@post.example")
    team = signed_in(session, make_client, at.team.worker)
    path = f"/people/{at.person.id}/messages"
    assert send(team, f"/people/{at.person.id}/online", page=path).status_code == 303
    session.expire_all()
    assert account_of_person(session, at.person.id) == known.id
    assert walk.messages(session, "message-waiting") == []
    page = words(team.get(path))
    assert "They were written to often today already: tell them that they can come in." in page
    assert "A link is on its way" not in page


def test_a_new_number_leaves_alone_what_was_said_of_needs(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    client = at_home(session, make_client, at)
    person = session.get_one(Person, at.person.id)
    asked, again = clock.today() - timedelta(days=90), clock.today() + timedelta(days=60)
    person.access_needs, person.interpreter = "No stairs\nA chair", "Polish"
    person.needs_asked_on, person.needs_review_on, person.share_needs = asked, again, False
    session.commit()
    known = {"access_needs": "No stairs\r\nA chair", "interpreter": "Polish"}
    assert send(client, "/me/contact", mobile="07700 900199", **known).status_code == 303
    session.expire_all()
    person = session.get_one(Person, at.person.id)
    assert person.mobile == "07700 900199"
    assert (person.needs_asked_on, person.needs_review_on, person.share_needs) == (asked, again, False)
    known["interpreter"] = "Welsh"
    assert send(client, "/me/contact", mobile="07700 900199", **known).status_code == 303
    session.expire_all()
    person = session.get_one(Person, at.person.id)
    assert (person.interpreter, person.needs_asked_on) == ("Welsh", clock.today())
    assert person.share_needs is False, "only they may take back that nobody is told"


def test_nothing_goes_out_once_they_died(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    build.account(session, Role.RESIDENT, place_id=at.person.id)
    team = signed_in(session, make_client, at.team.worker)
    other = walk.scene(session)
    path, before = f"/people/{at.person.id}/messages", walk.messages(session)
    their_team = signed_in(session, make_client, other.team.worker)
    for who in (at.person, other.person):
        person = session.get_one(Person, who.id)
        person.died_at, person.email = clock.now(), "family@post.example"
    session.commit()
    assert "they died" in words(send(team, path, words="Hello?"))
    online = f"/people/{other.person.id}/online"
    refused = send(their_team, online, page=f"/people/{other.person.id}/messages")
    assert refused.status_code == 409
    assert "they died" in words(refused)
    assert account_of_person(session, other.person.id) is None
    assert walk.messages(session) == before


def test_whoever_has_only_a_mobile_that_takes_texts_is_let_in(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    team = signed_in(session, make_client, at.team.worker)
    path, online = f"/people/{at.person.id}/messages", f"/people/{at.person.id}/online"
    person = session.get_one(Person, at.person.id)
    person.email, person.safe_contact = "", '{"texts": true}'
    session.commit()
    assert send(team, online, page=path).status_code == 303
    told = walk.messages(session)[-1]
    assert (told.template, told.channel) == ("sign-in-open", "text")
    assert "plan" not in (told.body or "").casefold(), "a text names no reason"
    mobile = blind_index("account-mobile", "+447700900123")
    entering.text_sign_in(session, mobile)
    assert walk.messages(session)[-1].template == "sign-in-link"

    count = len(walk.messages(session))
    person = session.get_one(Person, at.person.id)
    person.safe_contact = '{"texts": false}'
    session.flush()
    entering.text_sign_in(session, mobile)
    person.safe_contact, person.flagged_for_safety = '{"texts": true}', True
    session.flush()
    entering.text_sign_in(session, mobile)
    assert len(walk.messages(session)) == count, "never where a text is not safe"
