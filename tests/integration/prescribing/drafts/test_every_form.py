"""Whatever is typed is kept before it is sent: for whoever typed it, and as part of the record of whomever it names."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Role
from prescribing.drafts import services as drafts
from prescribing.drafts.models import Draft
from prescribing.drafts.rules import About
from prescribing.episodes import closing, contact_log, triage
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people.models import Person
from prescribing.people.services import PersonChange, update_person
from prescribing.rights import copies, record, services
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.episodes.test_thread import refer, referrer
from tests.integration.prescribing.referrals import walk as referrals
from tests.integration.prescribing.residents.test_acting import BO, bo
from tests.integration.prescribing.rights import walk as rights

TYPED = "She laughed about the choir."


def keep(client: HtmlClient, page: str, path: str, **values: object) -> None:
    """What the script of a page, whose form is sent to `path`, sends while somebody types."""
    shown = client.get(page).text
    token = shown.partition('name="csrf_token" value="')[2].partition('"')[0]
    where = unescape(shown.partition('data-save="')[2].partition('"')[0])
    assert where.startswith(path.partition("?")[0])
    assert client.post(where, data={"csrf_token": token, **values}).status_code == 204


def typed_words(page: str) -> str:
    """What stands in the boxes of several lines."""
    return " ".join(re.findall(r"<textarea[^>]*>([^<]*)<", page))


def kept(session: Session) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).select_from(Draft)) or 0


def people_of(session: Session, team: walk.Team, *names: str) -> list[Episode]:
    made = [walk.allocated(session, team) for _name in names]
    for episode, name in zip(made, names, strict=True):
        episode.person.preferred_name = name
    session.commit()
    return made


def test_a_drop_in_is_found_as_it_was_left(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    ann, bob, cleo, dora = people_of(session, team, "Ann", "Bob", "Cleo", "Dora")
    colleague = build.actor(session, Role.LINK_WORKER, place_id=team.id)
    cleo.link_worker_id = dora.link_worker_id = colleague.account_id
    session.commit()
    client, page = signed_in(session, make_client, team.worker), "/today/together"
    typed = {
        "what": "Drop-in",
        "people": [str(ann.id), str(cleo.id), "nobody"],
        f"note_{ann.id.hex}": TYPED,
        f"note_{bob.id.hex}": "Looked in",
        f"note_{dora.id.hex}": "Waved",
        "on-day": "3",
        "words": "cleo",
    }
    keep(client, page, page, **typed)
    assert {row.episode_id for row in session.scalars(select(Draft))} == {
        None,
        ann.id,
        bob.id,
        cleo.id,
        dora.id,
    }
    assert not any(TYPED.encode() in (row.content_sealed or b"") for row in session.scalars(select(Draft)))
    again = client.get(page)
    shown = " ".join(again.text.split())
    for ticked in (ann, cleo):
        assert f'value="{ticked.id}" checked' in shown
    assert f'value="{bob.id}" checked' not in shown
    assert all(text in shown for text in ("Drop-in", TYPED, "Looked in", "Waved", "You began this"))
    assert "You began this" not in words(signed_in(session, make_client, colleague).get(page))

    # What is about somebody is their record's: it goes with it, and the others' words stay.
    assert len(record.rows_of(session, ann.person_id)["drafts"]) == 1
    assert send(client, page, what="Drop-in", people=[str(ann.id)]).status_code == 303
    assert kept(session) == 0


def test_what_is_looked_for_keeps_a_colleagues_person_who_has_a_note(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    _mine, theirs = people_of(session, team, "Ann", "Cleo")
    theirs.link_worker_id = build.actor(session, Role.LINK_WORKER, place_id=team.id).account_id
    session.commit()
    client = signed_in(session, make_client, team.worker)
    note = {f"note_{theirs.id.hex}": TYPED}
    assert TYPED in send(client, "/today/together", then="find", words="ann", **note).text


def test_a_worry_is_kept_for_whomever_it_is_about(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    ann, bob = people_of(session, team, "Ann", "Bob")
    client = signed_in(session, make_client, team.worker)
    about_ann, about_bob = (f"/worried?person={one.person_id}" for one in (ann, bob))
    keep(client, "/worried", "/worried", seen="A bruise")
    keep(client, about_ann, about_ann, seen=TYPED, person_id=str(ann.person_id))
    keep(client, about_bob, about_bob, seen="Thin", person_id="no number")
    owners = {row.person_id for row in session.scalars(select(Draft))}
    assert owners == {None, ann.person_id}
    assert "A bruise" in client.get("/worried").text
    again = client.get(about_ann)
    assert TYPED in again.text
    assert f'value="{ann.person_id}" selected' in " ".join(again.text.split())
    assert "Thin" in client.get(about_bob).text
    assert (
        send(client, about_ann, page=about_ann, person_id=str(ann.person_id), seen=TYPED).status_code == 303
    )
    assert kept(session) == 2
    ann_left = session.get_one(Person, ann.person_id)
    drafts.keep(session, team.worker, "worry", {})
    ann_left.died_at = clock.now()
    session.commit()
    assert TYPED not in client.get(about_ann).text


def test_a_worry_that_is_begun_is_in_no_copy_before_it_is_decided(session: Session) -> None:
    at = rights.scene(session)
    before = copies.concerns(session, at.person.id)
    about = About(person_id=at.person.id)
    drafts.keep(session, at.worker, "worry", {about: [("seen", TYPED)]})
    drafts.keep(session, at.worker, f"message-{at.person.id.hex}", {about: [("words", "Hello")]})
    assert copies.concerns(session, at.person.id) == before + 1
    own = copies.as_json(services.own_copy(session, at.resident, at.person.id))
    assert "worry" not in own
    assert f"message-{at.person.id.hex}" in own


def test_a_part_of_a_record_is_kept_and_nobody_is_written_over(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    (ann,) = people_of(session, team, "Ann")
    client, page = signed_in(session, make_client, team.worker), f"/people/{ann.person_id}/matters/edit"
    version = str(ann.person.version)
    keep(client, page, page, what_matters=TYPED, version=version)
    again = client.get(page)
    assert TYPED in again.text
    assert "Somebody changed this" not in words(again)
    change = PersonChange(texts={"what_matters": "Her garden"})
    update_person(session, SYSTEM, ann.person_id, change, expected_version=ann.person.version)
    session.commit()
    stands = client.get(page)
    assert TYPED in stands.text
    assert "It says now: What matters to them, in their own words? Her garden" in words(stands)
    assert send(client, page, what_matters=TYPED).status_code == 303
    assert session.get_one(Person, ann.person_id).what_matters == TYPED
    assert kept(session) == 0
    keep(client, page, page, what_matters=" ", version=version)
    assert kept(session) == 0
    flag = f"/people/{ann.person_id}/contact/edit"
    keep(client, flag, flag, may_answer="anyone", version="1")
    assert "Who may be told that we rang? Only the person" in words(client.get(flag))
    assert "We may send texts Yes" in words(client.get(flag))


def test_a_handover_is_kept_for_each_who_is_ticked(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    ann, bob = people_of(session, team, "Ann", "Bob")
    other = build.actor(session, Role.LINK_WORKER, place_id=team.id)
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    page = f"/caseloads/{team.worker.account_id}"
    over = f"{page}/hand-over"
    keep(client, page, over, note=TYPED)
    assert [row.episode_id for row in session.scalars(select(Draft))] == [None]
    keep(client, page, over, note=TYPED, to_id=str(other.account_id), people=[str(ann.id), str(bob.id)])
    assert kept(session) == 2
    again = client.get(page)
    shown = " ".join(again.text.split())
    assert f'value="{ann.id}" checked' in shown
    assert f'value="{other.account_id}" checked' in shown
    assert shown.count(TYPED) == 1
    both = {"people": [str(ann.id), str(bob.id)], "to_id": str(other.account_id)}
    assert send(client, over, page=page, note=TYPED, **both).status_code == 303
    assert kept(session) == 0
    keep(
        client,
        f"/caseloads/{other.account_id}",
        f"/caseloads/{other.account_id}/hand-over",
        people=str(ann.id),
    )
    session.get_one(Episode, ann.id).link_worker_id = team.worker.account_id
    session.commit()
    assert "You began this" not in words(client.get(f"/caseloads/{other.account_id}"))


@pytest.mark.parametrize("who", ["resident", "worker", "daughter"])
def test_a_message_is_kept_until_it_is_sent(session: Session, make_client: MakeClient, who: str) -> None:
    at = rights.scene(session)
    session.commit()
    home = signed_in(session, make_client, at.resident)
    page = post = "/me/messages"
    client = home
    if who == "worker":
        client, page = signed_in(session, make_client, at.worker), f"/people/{at.person.id}/messages"
        post = page
    elif who == "daughter":
        assert send(home, "/me/others", **BO, may_message="y").status_code == 303

        client, page = signed_in(session, make_client, bo(session)), f"/for/{at.person.id}"
        post = f"{page}/messages"
    keep(client, page, post, words=TYPED)
    assert TYPED in client.get(page).text
    if who != "resident":
        assert TYPED not in home.get("/me/messages").text
    assert session.scalars(select(Draft)).one().person_id == at.person.id
    assert send(client, post, page=page, words=TYPED).status_code == 303
    assert kept(session) == 0


def test_what_was_begun_can_be_thrown_away_and_goes_after_a_week(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    (ann,) = people_of(session, team, "Ann")
    client, page = signed_in(session, make_client, team.worker), "/today/together"
    keep(client, page, page, what=TYPED)
    assert "Throw away what I began" in words(client.get(page))
    assert send(client, f"{page}?draft=drop", page=page).status_code == 303
    assert TYPED not in client.get(page).text
    keep(client, page, page, what=TYPED, people=str(ann.id))
    drafts.save(session, team.worker, ann.id, "contact", [("note", TYPED)])
    drafts.save(session, team.worker, ann.id, "letter-tried-text", [("words", TYPED)])
    session.commit()
    with clock.at(clock.now() + timedelta(days=8)):
        drafts.forget_old(session)
    assert {row.form for row in session.scalars(select(Draft))} == {"contact", "letter-tried-text"}
    with clock.at(clock.now() + timedelta(days=15)):
        drafts.forget_old(session)
    assert kept(session) == 0


def test_what_a_group_would_be_told_is_kept_and_agreed_anew(
    session: Session, make_client: MakeClient
) -> None:
    at = referrals.scene(session)
    at.person.access_needs = "Step-free"
    session.commit()
    client = signed_in(session, make_client, at.team.worker)
    page = f"/episodes/{at.episode.id}/needs/{at.need.id}/refer/{at.service_id}"
    first = typed_words(client.get(page).text)
    assert "Step-free" in first
    place = f"/episodes/{at.episode.id}/drafts/refer-{at.service_id.hex}"
    keep(client, page, place, goal=TYPED, access="", share_offer="y", how="by phone")
    again = client.get(page).text
    assert TYPED in typed_words(again)
    assert "Step-free" not in typed_words(again)
    shown = " ".join(again.split())
    assert 'name="share_offer" type="checkbox" value="y" checked' not in shown
    agreed = {
        "goal": TYPED,
        "agreed_contact": "By text",
        "share_offer": "y",
        "share_accepted": "y",
        "how": "by phone",
    }
    assert send(client, page, **agreed).status_code == 303
    assert kept(session) == 0


def test_what_a_referrer_is_told_is_kept(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = refer(session, team, referrer(session))
    assert team.worker.account_id is not None
    triage.allocate(session, team.coordinator, episode.id, team.worker.account_id)
    contact_log.record_contact(session, team.worker, episode.id, walk.TALKED)
    done = EpisodeState.COMPLETED
    closing.close(session, team.worker, episode.id, done, reason=CloseReason.GOALS_MET)
    session.commit()
    client, page = signed_in(session, make_client, team.worker), f"/episodes/{episode.id}/feedback"
    keep(client, page, f"/episodes/{episode.id}/drafts/feedback", words=TYPED)
    assert TYPED in client.get(page).text
    assert send(client, page, words=TYPED).status_code == 303
    assert kept(session) == 0
