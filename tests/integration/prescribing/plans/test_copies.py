"""A plan as the person takes it: given by the team in the way that is safe, read by the person themself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.audit.models import AuditEntry
from core.errors import Refused
from core.notify.models import MessageState
from core.notify.rules import Format
from prescribing.episodes import contact_log, plan
from prescribing.episodes import services as episodes
from prescribing.episodes.models import ActionOwner, ContactAttempt
from prescribing.plans import queries, services
from prescribing.plans.rules import Way
from prescribing.referrals import answering
from prescribing.referrals.rules import ReferralState
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes.test_pages import send, signed_in, words
from tests.integration.prescribing.referrals import walk

MakeClient = Callable[[], HtmlClient]


def planned(session: Session) -> walk.Scene:
    """Somebody with a goal, steps, and a group that said yes."""
    at = walk.scene(session, name="Choir by the canal")
    at.person.what_matters, at.person.risks = "Singing on Sundays", "Falls at night"
    at.person.email, at.person.communication_needs = "margaret@post.example", "Large print"
    plan.add_goal(session, at.team.worker, at.episode.id, plan.GoalText("Sing again"))
    for owner, said in (
        (ActionOwner.PERSON, "Look out the songbook"),
        (ActionOwner.LINK_WORKER, "Ring the choir"),
        (ActionOwner.SOMEONE_ELSE, "Her son sorts out his debts"),
    ):
        plan.add_action(session, at.team.worker, at.episode.id, plan.ActionText(said, owner))
    sent = walk.sent(session, at)
    answering.answer(session, at.group, sent.id, ReferralState.ACCEPTED, expected_version=sent.version)
    session.commit()
    return at


def test_the_team_gives_a_copy_in_the_form_they_need(session: Session, make_client: MakeClient) -> None:
    at = planned(session)
    client = signed_in(session, make_client, at.team.worker)
    path = f"/episodes/{at.episode.id}/copy"
    assert path in client.get(f"/episodes/{at.episode.id}").text
    page = client.get(path)
    assert "gt-copy--large" in page.text
    article = page.text.partition("<article")[2].partition("</article>")[0]
    for part in (
        "Singing on Sundays",
        "Sing again",
        "Look out the songbook",
        "Choir by the canal",
        "You can go",
    ):
        assert part in article
    for kept in ("Falls", "debts", "07700"):
        assert kept not in article
    heard = words(client.get(path, query_string={"form": "listen"}))
    assert "Hello Margaret" in heard
    assert "Part 1: What matters to you" in heard
    assert "gt-copy__icon" in client.get(path, query_string={"form": "easy"}).text
    assert client.get(path, query_string={"form": "sung"}).status_code == 200
    assert "Choose how you give it to them" in words(send(client, path))
    assert send(client, path, way="email").status_code == 303
    [email] = walk.messages(session, "plan-ready")
    assert "/me/plan?form=large" in (email.body or "")
    assert "Margaret" not in f"{email.subject}{email.body}"
    assert "Gave them a copy of their plan (large print)" in words(client.get(f"/episodes/{at.episode.id}"))


def test_a_copy_that_cannot_be_emailed_any_more_today_is_not_written_down(
    session: Session, make_client: MakeClient
) -> None:
    at = planned(session)
    walk.write_often(session, "margaret@post.example")
    client = signed_in(session, make_client, at.team.worker)
    path = f"/episodes/{at.episode.id}/copy"
    answer = send(client, path, way="email", form="easy")
    assert answer.status_code == 200
    assert "They were written to often today already." in words(answer)
    assert "gt-copy--easy" in answer.text
    assert walk.messages(session, "plan-ready") == []
    assert "Gave them a copy" not in words(client.get(f"/episodes/{at.episode.id}"))
    assert send(client, path, way="hand").status_code == 303


def test_only_a_safe_way_is_offered(session: Session) -> None:
    at = planned(session)
    at.person.flagged_for_safety = True
    session.flush()
    found, _copy = queries.copy_for_team(session, at.team.worker, at.episode.id)
    assert services.ways_for(found.person.contact) == (Way.HAND,)
    with pytest.raises(Refused, match="not safe"):
        services.give(session, at.team.worker, at.episode.id, Way.EMAIL, Format.PLAIN)
    assert walk.messages(session, "plan-ready") == []


def test_an_email_with_a_copy_that_has_not_left_goes_with_the_contact(
    session: Session, make_client: MakeClient
) -> None:
    at = planned(session)
    session.commit()
    client = signed_in(session, make_client, at.team.worker)
    assert send(client, f"/episodes/{at.episode.id}/copy", way="email").status_code == 303
    row = session.scalars(select(ContactAttempt).where(ContactAttempt.channel == "email")).one()
    undone = contact_log.undo_contact(session, at.team.worker, row.id)
    assert undone.undone == ["The message had not left, and is not sent."]
    [message] = walk.messages(session, "plan-ready")
    assert message.state is MessageState.CANCELLED


def test_nobody_is_offered_to_give_a_copy_to_whoever_has_died_or_stopped(
    session: Session, make_client: MakeClient
) -> None:
    at = planned(session)
    session.commit()
    client = signed_in(session, make_client, at.team.worker)
    page, form = f"/episodes/{at.episode.id}/copy", f"/episodes/{at.episode.id}/contacts/new"
    assert "How do you give it to them?" in words(client.get(page))
    assert "What came of it?" in words(client.get(form))
    episodes.end_by_person(session, at.team.worker, at.person.id)
    session.commit()
    assert "How do you give it to them?" not in words(client.get(page))
    assert "Their support is over. Start again first" in words(client.get(form))
    assert "What came of it?" not in words(client.get(form))
    with pytest.raises(Refused, match="Their support is over"):
        services.give(session, at.team.worker, at.episode.id, Way.EMAIL, Format.PLAIN)
    at.person.died_at = clock.now()
    session.commit()
    shown = words(client.get(form))
    assert "Died. Send nothing and ring nobody." in shown
    assert "Start again" not in shown
    for page in (form, f"/episodes/{at.episode.id}/letters"):
        assert "No contact now with" in words(client.get(page))


def test_people_read_their_own_plan_and_nobody_elses(session: Session, make_client: MakeClient) -> None:
    at = planned(session)
    margaret = build.actor(session, Role.RESIDENT, place_id=at.person.id)
    session.commit()
    client = signed_in(session, make_client, margaret)
    looks = session.query(AuditEntry).count()
    page = client.get("/me/plan")
    assert "Sing again" in words(page)
    assert "Ring the choir" in words(page)
    assert 'href="/me/coming.ics"' in page.text
    assert 'href="/me/plan"' in client.get("/me").text
    assert "debts" not in page.text
    assert session.query(AuditEntry).count() > looks
    at.person.flagged_for_safety = True
    session.commit()
    assert client.get("/me/plan").location == "/me"
    other = signed_in(session, make_client, build.actor(session, Role.RESIDENT))
    assert other.get("/me/plan").location == "/me"
