"""A volunteer pastes a flyer: what was read is shown first, and only what is ticked becomes a change."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from core.access.rules import Role
from directory.listings.content import content_of
from directory.listings.models import Service
from directory.listings.queries import waiting_change
from tests import build, build_directory
from tests.html import HtmlClient, parse, text_of

FLYER = "Every Wednesday 1pm to 3pm\n£2 per session\nRing 0161 496 0102\nCompany for the lonely\nBring a cup"


@pytest.fixture
def listing(session: Session, client: HtmlClient) -> UUID:
    account = build.account(session, Role.GROUP_MEMBER)
    build.sign_in(session, client, account)
    (group,) = build.actor_of(account).organization_ids()
    made = build_directory.listing(session, group)
    session.commit()
    return made


def token_of(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def version_of(page: str) -> str:
    return page.partition('name="expected_version" value="')[2].partition('"')[0]


def test_pasted_read_confirmed(session: Session, client: HtmlClient, listing: UUID) -> None:
    there = f"/activities/{listing}/by-words"
    assert there in client.get(f"/activities/{listing}/edit").get_data(as_text=True)
    token = token_of(client.get(there).get_data(as_text=True))
    read = client.post(there, data={"csrf_token": token, "text": FLYER}).get_data(as_text=True)
    assert "Every Wednesday, 1pm to 3pm" in read
    assert "Your page says now: Every Tuesday, 10am to 12pm" in text_of(parse(read))
    assert "Bring a cup" in read
    content = content_of(session.get_one(Service, listing))
    assert content["phone"] == "0161 496 0101"
    sent = {
        "csrf_token": token,
        "text": FLYER,
        "expected_version": version_of(read),
        "use": ["schedules", "phone", "needs"],
        "said-schedules": "Every Wednesday, 1pm to 4pm",
        "said-phone": "not a number",
        "said-needs": "loneliness, food",
    }
    wrong = client.post(f"{there}/confirm", data=sent)
    assert wrong.status_code == 400
    page = wrong.get_data(as_text=True)
    assert "Phone: Enter a UK phone number" in page
    assert "1pm to 4pm" in page
    assert client.post(f"{there}/confirm", data=sent | {"said-phone": "0161 496 0102"}).status_code == 303
    session.expire_all()
    content = content_of(session.get_one(Service, listing))
    assert (content["phone"], content["costs"]) == ("0161 496 0102", [{"label": "Free", "pence": 0}])
    assert content["schedules"][0]["closes_at"] == "16:00"
    change = waiting_change(session, listing)
    assert change is not None
    assert change.after == {"needs": ["loneliness", "food"]}


def test_nothing_to_read_and_nothing_ticked_say_so(client: HtmlClient, listing: UUID) -> None:
    there = f"/activities/{listing}/by-words"
    token = token_of(client.get(there).get_data(as_text=True))
    for text in ("", "Hello"):
        assert client.post(there, data={"csrf_token": token, "text": text}).status_code == 400
    sent = {"csrf_token": token, "text": FLYER, "expected_version": "1"}
    silent = client.post(f"{there}/confirm", data=sent)
    assert silent.status_code == 400
    assert "Tick what is right" in silent.get_data(as_text=True)


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    session: Session, client: HtmlClient, listing: UUID
) -> None:
    there = f"/activities/{listing}/by-words"
    token = token_of(client.get(there).get_data(as_text=True))
    sent = {
        "csrf_token": token,
        "text": FLYER,
        "expected_version": "99",
        "use": "phone",
        "said-phone": "0161 496 0102",
    }
    answer = client.post(f"{there}/confirm", data=sent)
    assert answer.status_code == 400
    assert "Somebody else changed this" in answer.get_data(as_text=True)


def test_times_in_words_are_offered_for_reading(session: Session, client: HtmlClient, listing: UUID) -> None:
    session.get_one(Service, listing).opening_times_text = "Every Monday 9am to 10am"
    session.commit()
    page = client.get(f"/activities/{listing}/by-words?times").get_data(as_text=True)
    assert "Every Monday 9am to 10am" in page
