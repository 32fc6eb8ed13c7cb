"""A group's own side: its year, and who meets newcomers."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from prescribing.groups import queries
from prescribing.groups.models import Buddy, BuddyTurn
from prescribing.groups.rules import year_of
from prescribing.referrals import answering
from prescribing.referrals.rules import ReferralState
from tests.html import HtmlClient
from tests.integration.prescribing.referrals import walk
from tests.integration.prescribing.referrals.test_pages import enter, post


def test_a_year_hides_small_numbers_and_says_what_it_cost(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    walk.sent(session, at)
    enter(session, client, at.group.account_id)
    address = f"/groups/{at.organization_id}/year"
    page = client.get(address).text
    assert re.search(r"take in</dt>\s*<dd>\s*<strong>\*</strong>", page)
    assert re.search(r"at least once</dt>\s*<dd>\s*<strong>0</strong>", page)
    for strange in ("many", "-1", "1000001", "NaN", "sNaN", "Infinity"):
        assert post(client, address, page, pounds=strange) == 200, strange
    assert post(client, address, page, pounds="1,250.50".replace(",", "")) == 303
    assert "£1,250.50" in client.get(address).text
    assert post(client, address, page, pounds="900") == 303
    assert queries.year(session, at.group, at.organization_id, year_of(clock.today())).pence == 90000
    assert "Thank you" in client.get(f"/groups/{at.organization_id}/certificate").text
    assert f"/groups/{at.organization_id}/year" in client.get("/my-groups").text


def test_a_newcomer_is_met_by_somebody_whom_their_link_worker_can_name(
    session: Session, client: HtmlClient
) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    answering.answer(
        session, at.group, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
    )
    day = clock.today() + timedelta(days=7)
    answering.schedule(session, at.group, referral.id, day)
    enter(session, client, at.group.account_id)
    address = f"/activities/{at.service_id}/buddies"
    page = client.get(address).text
    key = str(uuid4())
    for _ in range(2):
        assert post(client, f"{address}/add", page, name="Colin", idempotency_key=key) == 303
    assert post(client, f"{address}/add", page, name="colin", idempotency_key=str(uuid4())) == 200
    buddy = session.scalars(select(Buddy)).one()
    page = client.get(address).text
    assert "Margaret" in page
    turn = f"turn-{day.isoformat()}"
    assert post(client, address, page, **{turn: str(buddy.id)}) == 303
    assert post(client, address, page, **{turn: str(uuid4())}) == 404
    assert post(client, address, page, **{f"turn-{(day + timedelta(days=1)).isoformat()}": ""}) == 400
    assert "Colin meets them" in client.get(f"/referrals/{referral.id}").text
    enter(session, client, at.team.worker.account_id)
    assert "Colin meets them" in client.get(f"/referrals/{referral.id}").text
    enter(session, client, at.group.account_id)
    assert post(client, f"{address}/{buddy.id}/take-off", client.get(address).text) == 303
    session.expire_all()
    assert buddy.name is None
    assert session.scalars(select(BuddyTurn)).all() == []
