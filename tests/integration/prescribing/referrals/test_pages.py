"""The pages of choosing, referring and answering, as people meet them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from core import clock
from core.accounts.models import Account
from directory.listings.models import Service
from prescribing.episodes import plan
from prescribing.episodes.models import Episode, Need
from prescribing.people.models import Person
from prescribing.referrals import answering, inbox, referring
from prescribing.referrals.models import Gap, Referral, Signpost
from prescribing.referrals.rules import ReferralState
from tests import build, build_directory
from tests.html import HtmlClient
from tests.integration.prescribing.episodes import walk as episodes
from tests.integration.prescribing.episodes.test_pages import words
from tests.integration.prescribing.referrals import walk
from tests.integration.prescribing.referrals.walk import Scene


def enter(session: Session, client: HtmlClient, account_id: object) -> None:
    build.sign_in(session, client, session.get_one(Account, account_id))


def post(client: HtmlClient, address: str, page: str, **data: str) -> int:
    """Send a form of `page` with its token."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    return client.post(address, data={"csrf_token": token[1], **data}).status_code


def paths(at: Scene) -> tuple[str, str]:
    need = f"/episodes/{at.episode.id}/needs/{at.need.id}"
    return f"{need}/find", f"{need}/refer/{at.service_id}"


def form_for(**changes: str) -> dict[str, str]:
    return {
        "idempotency_key": str(uuid4()),
        "goal": "Meet people",
        "safe_yes": "",
        "access": "",
        "communication": "",
        "share_offer": "y",
        "agreed_contact": "Ring 07700 900123",
        "risk_summary": "None",
        "share_accepted": "y",
        "how": "by phone",
    } | changes


def test_a_link_worker_finds_and_refers(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    enter(session, client, at.team.worker.account_id)
    find, refer = paths(at)
    page = client.get(find)
    assert page.status_code == 200
    assert "What would help with" in page.text
    assert client.get(f"{find}?page=9").location == f"{find}?page=1", "past the last page is the last"
    page = client.get(refer)
    assert "sees before it answers" in page.text
    key = str(uuid4())
    for _ in range(2):
        assert post(client, refer, page.text, **form_for(idempotency_key=key)) == 303
    referral = session.scalars(select(Referral)).one()
    page = client.get(f"/referrals/{referral.id}")
    assert "Margaret" in page.text
    assert "waiting for an answer" in page.text.lower()
    assert client.get(f"/episodes/{at.episode.id}").status_code == 200
    assert client.get("/today").status_code == 200


def test_what_is_missing_is_said_beside_its_box(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    enter(session, client, at.team.worker.account_id)
    _find, refer = paths(at)
    page = client.get(refer)
    answer = client.post(
        refer,
        data={"csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]}  # type: ignore[index]
        | form_for(goal="Margaret wants company"),
    )
    assert answer.status_code == 200
    assert "Leave their name out" in answer.text
    assert session.scalar(select(func.count()).select_from(Referral)) == 0


def test_what_cannot_be_sent_any_more_keeps_what_was_typed(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    enter(session, client, at.team.worker.account_id)
    _find, refer = paths(at)
    page = client.get(refer)
    # It is sent from a second window meanwhile.
    walk.sent(session, at)
    session.commit()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    seen = client.post(refer, data={"csrf_token": token[1], **form_for(goal="Get out of the house again")})
    assert "They have been referred to" in words(seen)
    assert "Get out of the house again" in seen.text
    assert len(session.scalars(select(Referral)).all()) == 1


def test_told_and_gap_in_one_press_each(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    enter(session, client, at.team.worker.account_id)
    find, _refer = paths(at)
    page = client.get(find).text
    tell = f"/episodes/{at.episode.id}/needs/{at.need.id}/tell/{at.service_id}"
    gap = f"/episodes/{at.episode.id}/needs/{at.need.id}/gap"
    key = str(uuid4())
    for _ in range(2):
        assert post(client, tell, page, idempotency_key=key) == 303
        assert post(client, gap, page, idempotency_key=str(uuid4()), day="TU") == 303
    assert session.scalar(select(func.count()).select_from(Signpost)) == 1
    assert session.scalar(select(func.count()).select_from(Gap)) == 2


def test_a_group_answers_and_marks_from_its_inbox(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    enter(session, client, at.group.account_id)
    page = client.get("/inbox")
    assert "Margaret" not in page.text
    assert "Meet people and get out" in page.text
    assert "1 person waits for your answer" in client.get("/my-groups").text
    one = f"/referrals/{referral.id}"
    assert "Margaret" not in client.get(one).text
    version = str(referral.version)
    assert post(client, f"{one}/answer", page.text, answer="accepted", version=version) == 303
    page = client.get(one)
    assert "Margaret" in page.text
    assert "07700 900123" in page.text
    register = f"/activities/{at.service_id}/attendance"
    page = client.get(register)
    assert "Margaret" in page.text
    on = re.search(r'name="on" value="([^"]+)"', page.text)
    assert on is not None
    assert post(client, register, page.text, on=on[1], **{f"came-{referral.id}": "came"}) == 303
    session.refresh(referral)
    assert referral.state is ReferralState.STARTED
    assert "came once" in client.get("/inbox").text


def test_a_group_answers_by_its_link(
    session: Session, client: HtmlClient, make_client: Callable[[], HtmlClient]
) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    address = f"/answer/{walk.token_in(walk.messages(session, 'referral-new')[0])}"
    before = referral.version
    for _ in range(2):
        assert client.get(address).headers["Cache-Control"] == "no-store"
    page = client.get(address)
    assert "Margaret" not in page.text
    session.refresh(referral)
    assert referral.version == before
    assert post(client, address, page.text, answer="accepted", version=str(before)) == 303
    page = client.get(address)
    assert "Margaret" not in page.text
    assert "Show who is coming" in page.text
    worker = make_client()
    enter(session, worker, at.team.worker.account_id)
    team_page = worker.get(f"/referrals/{referral.id}").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', team_page)
    assert token is not None
    shown = worker.post(f"/referrals/{referral.id}/code", data={"csrf_token": token[1]}).text
    code = re.search(r"<strong>(\d{3}) (\d{3})</strong>", shown)
    assert code is not None
    wrong = "000000" if code[1] + code[2] != "000000" else "111111"
    assert post(client, f"{address}/open", page.text, code=wrong) == 200
    assert post(client, f"{address}/open", page.text, code=code[1] + code[2]) == 303
    page = client.get(address)
    assert "Margaret" in page.text
    assert "07700 900123" in page.text
    # Another browser with the same link has not given the code.
    assert "Margaret" not in make_client().get(address).text
    # A second answer from an old page is refused, and says how it stands.
    assert post(client, address, page.text, answer="declined", reason="unsafe", version=str(before)) == 409


def test_a_group_that_rings_and_reads_out_the_reference_is_found(
    session: Session, make_client: Callable[[], HtmlClient]
) -> None:
    at, elsewhere = walk.scene(session), walk.scene(session)
    referral, theirs = walk.sent(session, at), walk.sent(session, elsewhere)
    worker = make_client()
    enter(session, worker, at.team.worker.account_id)
    page = worker.get("/today").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    for typed in (referral.reference, referral.reference.lower().replace("-", " ")):
        found = worker.post("/today/find", data={"csrf_token": token[1], "words": typed})
        assert (found.status_code, found.headers["Location"]) == (303, f"/referrals/{referral.id}")
    other = worker.post("/today/find", data={"csrf_token": token[1], "words": theirs.reference})
    assert "Your team is not supporting anybody" in other.text


def test_links_that_lead_nowhere_say_what_to_do(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    address = f"/answer/{walk.token_in(walk.messages(session, 'referral-new')[0])}"
    unknown = client.get("/answer/this-is-not-a-token-of-ours")
    assert (unknown.status_code, "We do not know this link" in unknown.text) == (404, True)
    page = client.get(address)
    answer = {"answer": "declined", "reason": "no-capacity", "version": str(referral.version)}
    assert post(client, address, page.text, **answer) == 303
    assert "Thank you for your answer" in client.get(address).text


def test_a_page_asks_the_database_no_more_for_more_referrals(
    session: Session, make_client: Callable[[], HtmlClient]
) -> None:
    at = walk.scene(session)
    team, group = make_client(), make_client()
    enter(session, team, at.team.worker.account_id)
    enter(session, group, at.group.account_id)
    find, _refer = paths(at)
    pages = (
        (team, find),
        (team, f"/people/{at.person.id}"),
        (group, "/inbox"),
        (group, f"/activities/{at.service_id}/attendance"),
    )

    def one_more() -> None:
        service_id = walk.service(session, at.organization_id)
        referring.refer(session, at.team.worker, at.need.id, service_id, walk.WORDS, walk.YES)
        other = walk.Scene(at.team, at.group, at.organization_id, at.service_id, *another(session, at))
        sent = walk.sent(session, other)
        answering.answer(session, at.group, sent.id, ReferralState.ACCEPTED, expected_version=sent.version)
        session.commit()

    def asked() -> list[int]:
        counts: list[int] = []
        for client, path in pages:
            seen: list[str] = []

            def more(
                _c: object, _cursor: object, statement: str, *_rest: object, to: list[str] = seen
            ) -> None:
                # Each look is kept: two statements a person, and on PostgreSQL the chain's lock.
                if "audit" not in statement and "advisory_xact_lock" not in statement:
                    to.append(statement)

            event.listen(session.get_bind(), "before_cursor_execute", more)
            answer = client.get(path)
            assert answer.status_code == 200, path
            event.remove(session.get_bind(), "before_cursor_execute", more)
            counts.append(len(seen))
        return counts

    one_more()
    # What a worker keeps in mind between requests, such as the thesaurus, is read once.
    asked()
    one_more()
    # Where somebody stands is worked out at the first look after a change, and kept for the second.
    few = asked(), asked()
    for _ in range(3):
        one_more()
    assert (asked(), asked()) == few


def test_what_suits_best_stands_first_and_says_why(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    at.person.access_needs = "Uses a wheelchair"
    plan.add_goal(session, at.team.worker, at.episode.id, plan.GoalText("Get back to gardening"))
    garden = build_directory.listing(session, at.organization_id, name="Peel Park Garden Club")
    closed = build_directory.listing(session, at.organization_id, name="Closed Garden", status="paused")
    for number in range(11):
        build_directory.listing(session, at.organization_id, name=f"Tea {number}")
    costly = build_directory.listing(
        session, at.organization_id, name="Choir", costs=[{"label": "A session", "pence": 400}]
    )
    session.get_one(Service, garden).confirmed_at = clock.now()
    session.commit()
    enter(session, client, at.team.worker.account_id)
    find, _refer = paths(at)
    first, second = client.get(find).text, client.get(find, query_string={"page": "2"}).text
    names = re.findall(r'href="/activities/([0-9a-f-]+)">', first)
    assert names[0] == str(garden)
    assert "They speak of: gardening" in first
    assert "Ask about: Uses a wheelchair" in first
    assert "Nobody has confirmed this entry yet: ring first" in first
    rest = re.findall(r'href="/activities/([0-9a-f-]+)">', second)
    assert len(names) == 10
    assert set(names).isdisjoint(rest)
    assert rest[-1] == str(closed)
    assert "Takes nobody just now" in second
    assert str(costly) in names + rest
    free = client.get(find, query_string={"cost": "free"}).text
    assert str(costly) not in free
    assert 'name="cost" value="free"' in free


def test_whom_an_activity_is_for_stands_beside_it_and_is_asked_first(
    session: Session, client: HtmlClient
) -> None:
    at = walk.scene(session)
    at.person.what_matters = "I have no money to spare"
    for_carers = build_directory.listing(
        session,
        at.organization_id,
        name="Carers' evening",
        audience=["carers", "parents"],
        costs=[{"label": "A session", "pence": 400}],
    )
    session.commit()
    enter(session, client, at.team.worker.account_id)
    find, refer = paths(at)
    asked = "It is for carers and parents: ask whether they fit"
    for page in (find, refer.replace(str(at.service_id), str(for_carers))):
        shown = client.get(page).text
        assert "Who for: Carers and parents" in shown
        assert asked in shown
        assert "It costs: £4" in shown
    at.person.carer = "She looks after her brother"
    session.commit()
    shown = client.get(find).text
    assert asked not in shown
    assert "It is for carers" in shown


def test_a_flagged_record_is_shared_by_phone_and_the_page_says_so(
    session: Session, client: HtmlClient
) -> None:
    at = walk.scene(session)
    at.person.flagged_for_safety = True
    session.commit()
    enter(session, client, at.team.worker.account_id)
    _find, refer = paths(at)
    page = client.get(refer).text
    assert "nothing is sent and nothing shows online" in page
    assert "They agree that you tell the group this now" in page
    assert "Not shown" not in page
    assert "Send to" not in page
    assert post(client, refer, page, **form_for()) == 303
    assert walk.messages(session, "referral-new") == []


def another(session: Session, at: Scene) -> tuple[Episode, Need, Person]:
    """Somebody else whom the same team supports."""
    episode = episodes.active(session, at.team)
    need = session.scalars(select(Need).where(Need.episode_id == episode.id, Need.slug == "loneliness")).one()
    return episode, need, episode.person


def test_a_group_that_said_yes_says_in_two_presses_that_it_cannot(
    session: Session, client: HtmlClient
) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    enter(session, client, at.group.account_id)
    one = f"/referrals/{referral.id}"
    assert "We cannot take them after all" not in client.get(one).text
    answering.answer(
        session, at.group, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
    )
    session.commit()
    page = client.get(one).text
    form = page[page.index("We cannot take them after all") :]
    assert 'value="no-capacity"' in form
    version = re.search(r'name="version" value="(\d+)"', form)
    assert version is not None
    said = {"answer": "declined", "version": version[1]}
    assert post(client, f"{one}/answer", page, **said) == 400
    assert post(client, f"{one}/answer", page, reason="no-capacity", **said) == 303
    session.expire_all()
    assert session.get_one(Referral, referral.id).state is ReferralState.DECLINED


def test_a_group_marks_a_session_that_is_not_on_its_timetable(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    answering.answer(
        session, at.group, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
    )
    session.commit()
    enter(session, client, at.group.account_id)
    there = f"/activities/{at.service_id}/attendance"
    assert f"{there}#another-day" in client.get(f"/referrals/{referral.id}").text
    assert "not on your timetable" in client.get(there).text
    ago = (clock.today() - timedelta(days=400)).isoformat()
    assert "too long ago" in client.get(there, query_string={"on": ago}).text


def test_a_group_that_is_full_says_so_in_one_press(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    enter(session, client, at.group.account_id)
    room, listing = f"/activities/{at.service_id}/room", f"/activities/{at.service_id}"
    assert "Full since" not in client.get(listing).text
    assert post(client, room, client.get("/inbox").text, full="yes") == 303
    assert "Full since" in client.get(listing).text
    assert "We have room again" in client.get("/inbox").text
    enter(session, client, at.team.worker.account_id)
    _find, refer = paths(at)
    assert "there is a waiting list" in client.get(refer).text
    assert post(client, refer, client.get(refer).text, **form_for()) == 200
    assert post(client, refer, client.get(refer).text, **form_for(knows_it_is_full="y")) == 303
    enter(session, client, at.group.account_id)
    assert post(client, room, client.get("/inbox").text, full="no") == 303
    assert "Full since" not in client.get(listing).text
    # Later is an answer for want of room: the listing says it by itself.
    referral = session.scalars(select(Referral)).one()
    answering.answer(
        session, at.group, referral.id, ReferralState.WAITLISTED, expected_version=referral.version
    )
    session.commit()
    assert "Full since" in client.get(listing).text


def test_whose_word_it_is_that_they_came_is_never_taken_for_granted(
    session: Session, client: HtmlClient
) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    answering.answer(
        session, at.group, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
    )
    session.commit()
    build.sign_in(session, client, session.get_one(Account, at.team.worker.account_id))
    page = client.get(f"/referrals/{referral.id}").text
    asked = page[page.index('name="said_by"') :][:900]
    assert "checked" not in asked
    today = clock.today()
    day = {"day-day": today.day, "day-month": today.month, "day-year": today.year}
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    heard = {"csrf_token": token, "presence": "came", **day}
    answer = client.post(f"/referrals/{referral.id}/attendance", data=heard)
    assert "Choose who told you" in answer.text
    session.expire_all()
    assert session.get_one(Referral, referral.id).attendances == []
    heard["said_by"] = "person"
    assert client.post(f"/referrals/{referral.id}/attendance", data=heard).status_code == 303


def test_a_register_keeps_what_was_ticked_when_it_cannot_be_saved(
    session: Session, client: HtmlClient
) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    answering.answer(
        session, at.group, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
    )
    enter(session, client, at.group.account_id)
    register = f"/activities/{at.service_id}/attendance"
    page = client.get(register)
    today = clock.today()
    ticked = {f"came-{referral.id}": "came", f"with-{referral.id}": "y"}
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    later = (today + timedelta(days=1)).isoformat()
    answer = client.post(register, data={"csrf_token": token[1], "on": later, **ticked})
    assert answer.status_code == 400
    assert "has not happened yet" in answer.text
    assert re.search(rf'id="came-{referral.id}-came"[^>]*checked', answer.text)
    assert post(client, register, page.text, on=today.isoformat()) == 400
    assert post(client, register, page.text, on=today.isoformat(), **ticked) == 303
    assert post(client, register, page.text, on=today.isoformat(), **ticked) == 303
    assert [row.brought_someone for row in referral.attendances] == [True]
    assert re.search(rf'id="with-{referral.id}"[^>]*checked', client.get(register).text)


def test_a_waiting_list_keeps_its_order_or_says_why_not(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    first = walk.sent(session, at)
    other = replace(at, episode=episodes.active(session, at.team))
    other_need = session.scalars(
        select(Need).where(Need.episode_id == other.episode.id, Need.slug == "loneliness")
    ).one()
    second = walk.sent(session, replace(other, need=other_need, person=other.episode.person))
    for referral in (first, second):
        answering.answer(
            session, at.group, referral.id, ReferralState.WAITLISTED, expected_version=referral.version
        )
    session.commit()
    enter(session, client, at.group.account_id)
    page = client.get("/inbox").text
    assert "number 1" in page
    assert "number 2" in page
    assert "Number 2 on your waiting list" in client.get(f"/referrals/{second.id}").text
    answer = {"answer": "accepted", "version": str(second.version)}
    assert post(client, f"/referrals/{second.id}/answer", page, **answer) == 400
    assert post(client, f"/referrals/{second.id}/answer", page, fair="cannot-wait", **answer) == 303
    session.expire_all()
    assert "Before others who waited longer" in (second.events[-1].reason or "")
    assert (
        post(client, f"/referrals/{first.id}/answer", page, answer="accepted", version=str(first.version))
        == 303
    )
    session.expire_all()
    assert first.events[-1].reason is None


def test_a_long_inbox_counts_its_parts_and_has_pages(
    session: Session, client: HtmlClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "A_PART", 1)
    monkeypatch.setattr(inbox, "ONE_PART", 2)
    at = walk.scene(session)
    sent = [
        walk.sent(session, replace(at, episode=episode, need=need, person=person))
        for episode, need, person in (another(session, at) for _ in range(3))
    ]
    for days, referral in zip((3, -1, 5), sent, strict=True):
        referral.reply_by = clock.today() + timedelta(days=days)
    coming = walk.sent(session, at)
    answering.answer(session, at.group, coming.id, ReferralState.ACCEPTED, expected_version=coming.version)
    session.commit()
    enter(session, client, at.group.account_id)

    page = client.get("/inbox").text
    assert "3 people wait for your answer, <strong>1 too long</strong>" in page
    assert "See all 3" in page
    assert "<strong>1</strong> Coming" in page
    shown = [one.reference for one in sent if one.reference in page]
    assert shown == [sent[1].reference], "the overdue one comes first, and stands alone"

    first, second, past = (client.get(f"/inbox?show=new&page={number}").text for number in (1, 2, 99))
    assert [one.reference in first for one in sent] == [True, True, False]
    assert [one.reference in second for one in sent] == [False, False, True]
    assert sent[2].reference in past, "a page past the last one is the last"
    assert "Who came?" not in first
    assert "On your waiting list: nobody now." in client.get("/inbox?show=waiting").text
