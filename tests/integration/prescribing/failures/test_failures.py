"""Marking what a failure caused: noticed, confirmed in one press, told in their words, and shown beside the listing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core import clock
from core.access.rules import Role
from core.errors import NotFound, Refused
from core.references.rules import new_reference
from directory.listings.models import Service
from prescribing.episodes import added, closing, contact_log, plan, triage
from prescribing.episodes.causes import Cause, Failing
from prescribing.episodes.contacts import Direction, Outcome
from prescribing.episodes.models import ActionOwner, Episode, Need
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.failures import queries, services
from prescribing.failures.models import FailureMark
from prescribing.failures.rules import Kind, about_referral, about_request, suggest
from prescribing.people.safe_contact import Channel
from prescribing.referrals.models import Referral, ReferralEvent
from prescribing.referrals.rules import DeclineReason, JoinMode, ReferralState
from prescribing.residents import services as residents
from tests import build, build_directory
from tests.html import HtmlClient, parse
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_thread import refer, referrer
from tests.integration.prescribing.episodes.walk import Team
from tests.integration.prescribing.measures.test_measures import send, signed_in, words

MakeClient = Callable[[], HtmlClient]


def declined(session: Session, episode: Episode, service_id: object, organization_id: object) -> Referral:
    need = session.scalars(select(Need).where(Need.episode_id == episode.id)).first()
    assert need is not None
    referral = Referral(
        reference=new_reference(),
        episode_id=episode.id,
        person_id=episode.person_id,
        need_id=need.id,
        service_id=service_id,
        organization_id=organization_id,
        state=ReferralState.DECLINED,
        join_mode=JoinMode.REFERRAL,
        decline_reason=DeclineReason.LISTING_WRONG,
        requested_at=clock.now(),
        requested_by_id=episode.link_worker_id,
    )
    session.add(referral)
    session.flush()
    session.add(
        ReferralEvent(
            referral_id=referral.id,
            at=clock.now(),
            author="system",
            author_name="The system",
            source=ReferralState.REQUESTED,
            target=ReferralState.DECLINED,
        )
    )
    session.flush()
    return referral


def chased(session: Session, team: Team) -> Episode:
    """Somebody who asked a month ago, heard nothing, and rang."""
    with clock.at(build.days_ago(30)):
        episode = walk.allocated(session, team)
    rang = contact_log.ContactNote(
        Channel.PHONE, Outcome.TALKED, Direction.INBOUND, minutes=12, starts_support=True
    )
    contact_log.record_contact(session, team.worker, episode.id, rang)
    return episode


def press(client: HtmlClient, episode: Episode, about: str, yes: str) -> TestResponse:
    """Press a button of the page as a browser would: with what its form holds."""
    path = f"/episodes/{episode.id}/failures"
    for form in parse(client.get(path).get_data(as_text=True)).iter("form"):
        held = {box.attrib.get("name", ""): box.attrib.get("value", "") for box in form.iter("input")}
        if held.get("about") == about and held.get("confirmed") == yes:
            return client.post(path, data=held)
    raise AssertionError(f"no button for {about}")


def hidden(page: TestResponse, path: str) -> dict[str, str]:
    """What the form of a page that leads to `path` holds as it stands: its hidden boxes and what is chosen."""
    for form in parse(page.get_data(as_text=True)).iter("form"):
        if form.attrib.get("action") == path:
            return {
                box.attrib["name"]: box.attrib.get("value", "")
                for box in form.iter("input")
                if box.attrib.get("type") not in {"radio", "checkbox"} or "checked" in box.attrib
            }
    raise AssertionError(f"no form leads to {path}")


def test_a_failure_is_noticed_confirmed_in_one_press_and_told_in_their_words(
    session: Session, make_client: MakeClient
) -> None:
    team, other = walk.team(session), walk.team(session)
    episode = chased(session, team)
    service_id = build_directory.listing(session)
    organization_id = session.get_one(Service, service_id).organization_id
    referral = declined(session, episode, service_id, organization_id)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    path = f"/episodes/{episode.id}/failures"
    assert path in client.get(f"/people/{episode.person_id}").get_data(as_text=True)
    page = words(client.get(path))
    assert "It looks as if they had to chase us." in page
    assert "The group could not take them." in page

    noticed = queries.failures_page(session, team.worker, episode.id).suggested
    chase = next(each for each in noticed if each.about.startswith("contact:"))
    answer = press(client, episode, chase.about, "yes")
    more = answer.location
    assert "Marked." in words(client.get(more))
    assert "Choose why it came to that" in words(send(client, more, more, cause=""))
    told = {"failed_words": "I rang three times", "kind": "chase", "cause": "no-answer", "minutes": "20"}
    assert send(client, more, more, **told).status_code == 303
    page = words(client.get(path))
    assert "They had to chase us: nobody answered them" in page
    assert "I rang three times" in page
    row = session.scalars(select(FailureMark)).one()
    assert (row.suggested, row.minutes, row.on) == (True, 20, clock.today())
    assert b"three times" not in (row.words_sealed or b"")

    assert press(client, episode, about_referral(referral.id), "no").location == path
    assert "The group could not take them." not in words(client.get(path))
    # One thing is decided once, and what was decided can be taken back.
    assert services.decide(session, team.worker, episode.id, chase.about, confirmed=True).id == row.id
    services.take_back(session, team.worker, row.id)
    assert queries.failures_page(session, team.worker, episode.id).marks == ()

    for act in (
        lambda: queries.failures_page(session, other.worker, episode.id),
        lambda: services.decide(session, other.worker, episode.id, chase.about, confirmed=True),
        lambda: services.decide(session, team.worker, episode.id, "contact:else", confirmed=True),
        lambda: queries.mark(session, other.worker, row.id),
        lambda: services.take_back(session, team.worker, row.id),
    ):
        with pytest.raises(NotFound):
            act()


def chases(session: Session, team: Team, episode: Episode) -> list[str]:
    found = queries.failures_page(session, team.worker, episode.id).suggested
    return [each.what for each in found if each.suggestion and each.suggestion.kind is Kind.CHASE]


def in_touch(
    session: Session, team: Team, episode: Episode, days_ago: int, outcome: Outcome, **more: Any
) -> None:
    note = contact_log.ContactNote(Channel.PHONE, outcome, **more)
    with clock.at(build.days_ago(days_ago)):
        contact_log.record_contact(session, team.worker, episode.id, note)


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("promised", ["a day to talk", "a call back"])
def test_a_talk_that_never_was_is_chased_by_a_message(session: Session, promised: str, kept: bool) -> None:
    team = walk.team(session)
    with clock.at(build.days_ago(40)):
        episode = walk.active(session, team)
    on = clock.today() - timedelta(days=20)
    if promised == "a day to talk":
        in_touch(session, team, episode, 30, Outcome.BOOKED, booked_on=on)
    else:
        in_touch(session, team, episode, 30, Outcome.CALL_BACK)
    if kept:
        in_touch(session, team, episode, 21, Outcome.TALKED)
    own = build.actor(session, Role.RESIDENT, place_id=episode.person_id)
    residents.write(session, own, "Is anybody coming?")
    assert chases(session, team, episode) == ([] if kept else ["They wrote to us"])


@pytest.mark.parametrize("told", [True, False])
def test_a_word_that_the_referrer_never_got_is_chased(session: Session, told: bool) -> None:
    team, practice = walk.team(session), referrer(session)
    assert team.worker.account_id is not None
    with clock.at(build.days_ago(60)):
        episode = refer(session, team, practice, need_slugs=("food",))
        triage.allocate(session, team.coordinator, episode.id, team.worker.account_id)
        contact_log.record_contact(session, team.worker, episode.id, walk.TALKED)
        owed = plan.ActionText("Ring the choir", ActionOwner.LINK_WORKER, due_on=clock.today())
        plan.add_action(session, team.worker, episode.id, owed)
    with clock.at(build.days_ago(30)):
        closing.close(session, team.worker, episode.id, EpisodeState.WITHDRAWN, reason=CloseReason.WITHDRAWN)
    own = build.actor(session, Role.RESIDENT, place_id=episode.person_id)
    with clock.at(build.days_ago(28)):
        # The word has some days to go, and what was planned is owed no more.
        residents.write(session, own, "Thank you")
    with clock.at(build.days_ago(20)):
        if told:
            closing.send_feedback(session, team.worker, episode.id)
    with clock.at(build.days_ago(10)):
        residents.write(session, own, "My doctor has heard nothing")
    assert chases(session, team, episode) == ([] if told else ["They wrote to us"])
    again = refer(session, team, practice, need_slugs=("loneliness",))
    again.person_id = episode.person_id
    session.flush()
    residents.write(session, own, "I am here again")
    assert len(chases(session, team, episode)) == (0 if told else 1)
    found = suggest(queries.gather(session, again.id)[0])
    assert [each.kind for each in found] == ([] if told else [Kind.CHASE])


def test_a_message_can_be_marked_in_one_press(session: Session) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    residents.write(session, build.actor(session, Role.RESIDENT, place_id=episode.person_id), "Hello?")
    residents.write_to(session, team.worker, episode.person_id, "We are here")
    [thing] = [
        each
        for each in queries.failures_page(session, team.worker, episode.id).others
        if each.what == "They wrote to us"
    ]
    row = services.decide(session, team.worker, episode.id, thing.about, confirmed=True)
    assert (row.kind, row.on, row.suggested) == (Kind.OTHER, clock.today(), False)


def test_a_start_that_did_not_come_in_time_is_chased(session: Session) -> None:
    team = walk.team(session)
    with clock.at(build.days_ago(40)):
        episode = walk.active(session, team)
    service_id = build_directory.listing(session)
    referral = declined(session, episode, service_id, session.get_one(Service, service_id).organization_id)
    referral.state, referral.start_by = ReferralState.ACCEPTED, clock.today() - timedelta(days=1)
    session.flush()
    in_touch(session, team, episode, 2, Outcome.TALKED, direction=Direction.INBOUND)
    assert chases(session, team, episode) == []
    in_touch(session, team, episode, 0, Outcome.TALKED, direction=Direction.INBOUND)
    assert chases(session, team, episode) == ["They got in touch: phone call"]


def test_a_request_can_be_marked_though_nothing_was_noticed(session: Session) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    row = services.decide(session, team.worker, episode.id, about_request(episode.id), confirmed=True)
    assert (row.kind, row.cause, row.suggested) == (Kind.OTHER, None, False)
    services.say_more(
        session,
        team.worker,
        row.id,
        services.Told(Kind.DUPLICATE, Cause.NOT_PASSED_ON, "I told the surgery", 3),
    )
    told = queries.mark(session, team.worker, row.id)
    assert told.said == "Asked twice for the same thing: what was known was not passed on"
    assert (told.words, told.minutes) == ("I told the surgery", 3)


def test_whoever_writes_a_contact_down_says_in_the_same_form_that_something_failed(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = walk.active(session, team)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    path = f"/episodes/{episode.id}/contacts/new"
    told = {
        "outcome": "talked",
        "channel": "phone",
        "inbound": "y",
        "minutes": "15",
        "failed_words": "I waited in for nobody",
    }
    assert "Choose why it came to that" in words(send(client, path, path, **told, failed="y"))
    assert session.scalars(select(FailureMark)).all() == [], "nothing is kept of half a mark"
    # What was chosen and then hidden again says nothing.
    assert send(client, path, path, **told, cause="late").status_code == 303
    assert session.scalars(select(FailureMark)).all() == []

    assert send(client, path, path, **told, failed="y", cause="no-answer").status_code == 303
    row = session.scalars(select(FailureMark)).one()
    assert (row.confirmed, row.cause, row.minutes) == (True, Cause.NO_ANSWER, 15)
    assert (row.words, row.on) == ("I waited in for nobody", clock.today())
    assert "I waited in for nobody" in words(client.get(f"/episodes/{episode.id}/failures"))
    # Ours as well: we ring once more because a group did not answer.
    ours = {"outcome": "no-answer", "channel": "phone", "failed": "y", "cause": "not-passed-on"}
    assert send(client, path, path, **ours).status_code == 303
    assert "We got in touch: phone" in words(client.get(f"/episodes/{episode.id}/failures"))


def test_a_coordinator_marks_the_request_where_it_is_read(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.asked(session, team)
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    path = f"/triage/{episode.id}"
    assert "This happened because something failed" in words(client.get(path))
    there = f"/episodes/{episode.id}/failures"
    said = {"about": about_request(episode.id), "confirmed": "yes", "failed_words": "I told the surgery"}
    assert send(client, path, there, **said, cause="not-passed-on").location == there
    row = session.scalars(select(FailureMark)).one()
    assert (row.cause, row.words) == (Cause.NOT_PASSED_ON, "I told the surgery")
    assert "This happened because something failed" not in words(client.get(path))


def test_words_without_a_cause_stay_until_somebody_says_why(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = walk.asked(session, team)
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    there = f"/episodes/{episode.id}/failures"
    said = {"about": about_request(episode.id), "confirmed": "yes", "failed_words": "I told the surgery"}
    answer = send(client, f"/triage/{episode.id}", there, **said)
    assert answer.status_code == 200
    assert "Choose why it came to that" in words(answer)
    assert "I told the surgery" in words(answer)
    assert session.scalars(select(FailureMark)).all() == []
    held = hidden(answer, there)
    assert (held["about"], held["confirmed"]) == (said["about"], "yes")
    done = client.post(there, data=held | {"failed_words": "I told the surgery", "cause": "late"})
    assert done.location == there
    row = session.scalars(select(FailureMark)).one()
    assert (row.cause, row.words) == (Cause.LATE, "I told the surgery")
    # Whatever else is wrong with the form is for whoever made it up.
    assert client.post(there, data=held | {"about": "", "cause": "late"}).status_code == 400


def test_what_is_said_of_something_marked_already_is_kept_or_said_to_clash(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = walk.asked(session, team)
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    there = f"/episodes/{episode.id}/failures"
    page = client.get(f"/triage/{episode.id}")
    # Meanwhile a colleague marks it in one press.
    mark = services.decide(session, team.worker, episode.id, about_request(episode.id), confirmed=True)
    session.commit()
    said = hidden(page, there) | {"cause": "late", "failed_words": "I told the surgery"}
    assert client.post(there, data=said).location == there
    session.expire_all()
    assert (mark.cause, mark.words) == (Cause.LATE, "I told the surgery")
    assert client.post(there, data=said).location == there, "the same again changes nothing"
    assert client.post(there, data=said | {"failed_words": ""}).location == there

    for other in ({"failed_words": "Nobody rang me"}, {"cause": "no-room", "failed_words": ""}):
        clash = client.post(there, data=said | other)
        assert "This is marked already, and something else is written down about it." in words(clash)
        session.expire_all()
        assert (mark.cause, mark.words) == (Cause.LATE, "I told the surgery")
    clash = client.post(there, data=said | {"cause": "no-room", "failed_words": "Nobody rang me"})
    assert "I told the surgery" in words(clash)
    assert "we were late" in words(clash)
    more = f"/failures/{mark.id}"
    assert "I told the surgery Nobody rang me" in words(clash), "both stand in the box"
    both = hidden(clash, more) | {"failed_words": "I told the surgery. Nobody rang me"}
    assert both["cause"] == "no-room"
    assert client.post(more, data=both).location == there
    session.expire_all()
    assert (mark.cause, mark.words) == (Cause.NO_ROOM, "I told the surgery. Nobody rang me")
    # Nor is anything said of another team's mark by way of one's own.
    strangers = walk.team(session)
    own = walk.asked(session, strangers)
    with pytest.raises(NotFound):
        services.decide(
            session,
            strangers.worker,
            own.id,
            mark.about,
            confirmed=True,
            failing=Failing(Cause.NO_ROOM, "Ours"),
        )


def test_a_no_to_something_marked_meanwhile_says_that_it_stays(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    episode = chased(session, team)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    chase = queries.failures_page(session, team.worker, episode.id).suggested[0].about
    path = f"/episodes/{episode.id}/failures"
    token = hidden(client.get(path), path)
    mark = services.decide(session, team.coordinator, episode.id, chase, confirmed=True)
    session.commit()
    answer = client.post(path, data=token | {"about": chase, "confirmed": "no"})
    assert answer.location == f"/failures/{mark.id}"
    page = words(client.get(answer.location))
    assert "Somebody has marked this already, so it stays marked." in page
    assert "We do not ask again" not in page


def test_a_cause_that_the_system_noticed_gives_way_to_what_somebody_says(session: Session) -> None:
    team = walk.team(session)
    episode = chased(session, team)
    chase = queries.failures_page(session, team.worker, episode.id).suggested[0].about
    mark = services.decide(session, team.worker, episode.id, chase, confirmed=True)
    assert (mark.cause, mark.suggested) == (Cause.LATE, True)

    def says(cause: Cause, text: str) -> None:
        failing = Failing(cause, text)
        services.decide(session, team.coordinator, episode.id, chase, confirmed=True, failing=failing)

    says(Cause.NO_ANSWER, "I rang three times")
    assert (mark.cause, mark.words) == (Cause.NO_ANSWER, "I rang three times")
    with pytest.raises(Refused, match="marked already"):
        says(Cause.NO_ROOM, "")
    assert mark.cause is Cause.NO_ANSWER


def test_what_went_wrong_opens_for_a_request_that_was_a_mistake(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    mistake, real = chased(session, team), walk.asked(session, team)
    mark = services.decide(session, team.worker, mistake.id, about_request(mistake.id), confirmed=True)
    mistake.person_id = real.person_id
    closing.enter_in_error(session, team.coordinator, mistake.id, "Sent twice")
    session.commit()
    client = signed_in(session, make_client, team.worker)
    page = client.get(f"/episodes/{mistake.id}/failures")
    assert page.status_code == 200
    assert "They asked for support" in words(page)
    assert client.get(f"/failures/{mark.id}").status_code == 200
    earlier = queries.gather(session, real.id)[0].earlier
    assert mistake.id not in {each.id for each in earlier}, "a mistake is no earlier request"


def test_what_went_wrong_opens_for_a_request_that_was_added_and_taken_out_again(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    support, request = walk.active(session, team), walk.asked(session, team)
    request.person_id = support.person_id
    session.flush()
    for _time in range(3):
        added.add(session, team.coordinator, request.id, support.id)
        added.take_out(session, team.coordinator, request.id)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    assert client.get(f"/episodes/{support.id}/failures").status_code == 200


def test_owner_and_editor_see_what_their_entry_caused(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    service_id = build_directory.listing(session)
    organization_id = session.get_one(Service, service_id).organization_id
    owner = build.actor(session, Role.GROUP_MEMBER, place_id=organization_id)
    editor = build.actor(session, Role.EDITOR)
    clients = [signed_in(session, make_client, who) for who in (owner, editor)]
    edit = f"/activities/{service_id}/edit"
    assert "What this page caused" not in words(clients[0].get(edit))
    for _number in range(3):
        declined(session, walk.active(session, team), service_id, organization_id)
    session.commit()
    for client in clients:
        assert "3 referrals were declined because this page was wrong" in words(client.get(edit))
    assert queries.caused_by_listing(session, build_directory.listing(session)).declined == 0


def test_the_last_year_of_what_an_entry_caused_begins_on_londons_day(session: Session) -> None:
    team = walk.team(session)
    episode, service_id = walk.asked(session, team), build_directory.listing(session)
    for day in (1, 2):
        session.add(
            FailureMark(
                episode_id=episode.id,
                about=f"referral:{day}",
                kind=Kind.OTHER,
                cause=Cause.LISTING_WRONG,
                confirmed=True,
                suggested=False,
                on=date(2025, 7, day),
                at=clock.now(),
                author_id=team.worker.account_id,
                service_id=service_id,
            )
        )
    session.flush()
    with clock.at(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)):
        assert queries.caused_by_listing(session, service_id).marked == 1
