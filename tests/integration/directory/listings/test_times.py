"""A volunteer enters times as the group runs them, reads them back, and moves or calls off what differs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from directory.listings.models import SchoolTerm, Service
from tests import build, build_directory
from tests.html import HtmlClient, parse, text_of

# A Monday, so that Tuesday's session is tomorrow.
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def made(session: Session, client: HtmlClient) -> UUID:
    """A listing of a group whose member is signed in."""
    account = build.account(session, Role.GROUP_MEMBER)
    made = build_directory.listing(session, account.memberships[0].organization_id)
    build.sign_in(session, client, account)
    return made


def send(client: HtmlClient, path: str, status: int = 303, **form: Any) -> str:
    page = client.get(path).get_data(as_text=True)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    answer = client.post(path, data=form | {"csrf_token": token})
    body = answer.get_data(as_text=True)
    assert answer.status_code == status, body
    return text_of(parse(body)) if status != 303 else ""


def shown(client: HtmlClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return text_of(parse(answer.get_data(as_text=True)))


def day(name: str, day: int, month: int, year: int) -> dict[str, Any]:
    return {f"{name}-day": str(day), f"{name}-month": str(month), f"{name}-year": str(year)}


def rules_of(session: Session, made: UUID) -> list[Any]:
    session.expire_all()
    return [one.rule for one in session.get_one(Service, made).schedules]


def test_a_season_bank_holidays_and_a_price_are_read_back_in_words_and_dates(
    session: Session, client: HtmlClient, made: UUID
) -> None:
    line: dict[str, Any] = {
        "expected_version": 1,
        "often": "weekly",
        "days": ["MO"],
        "opens_at": "2pm",
        "closes_at": "4pm",
        "season_from": "10",
        "season_to": "3",
        "bank_holidays": "other-times",
        "holiday_opens_at": "10am",
        "holiday_closes_at": "midday",
        "pounds": "2.50",
    }
    send(client, f"/activities/{made}/edit/times/new", **line)
    page = shown(client, f"/activities/{made}/edit/times")
    assert (
        "Every Monday, 2pm to 4pm, October to March only, on bank holidays 10am to 12pm, £2.50 "
        "Next: Today, 2pm to 4pm; Monday 30 November, 2pm to 4pm; Monday 7 December, 2pm to 4pm"
    ) in page
    assert "£2.50" in shown(client, f"/activities/{made}")
    again = client.get(f"/activities/{made}/edit/times/1").get_data(as_text=True)
    assert 'value="2.5"' in again or 'value="2.50"' in again
    assert 'value="10am"' in again


def test_what_is_on_all_day_has_no_times_to_enter(session: Session, client: HtmlClient, made: UUID) -> None:
    line: dict[str, Any] = {"often": "weekly", "days": ["SU"], "all_day": "y"}
    send(client, f"/activities/{made}/edit/times/0", expected_version=1, **line)
    assert "Every Sunday, all day" in shown(client, f"/activities/{made}/edit/times")
    again = parse(client.get(f"/activities/{made}/edit/times/0").get_data(as_text=True))
    assert [box.get("value") for box in again.iter("input") if box.get("name") == "opens_at"] in (
        [""],
        [None],
    )
    version = session.get_one(Service, made).version
    unticked = line | {"all_day": ""}
    page = send(client, f"/activities/{made}/edit/times/0", 400, expected_version=version, **unticked)
    assert "Enter starts at" in page


def test_dates_from_and_until_can_be_entered_and_taken_away(
    session: Session, client: HtmlClient, made: UUID
) -> None:
    line: dict[str, Any] = {"often": "weekly", "days": ["TU"], "opens_at": "10am", "closes_at": "12pm"}
    dates = day("first", 1, 12, 2026) | day("last", 15, 12, 2026)
    nothing: dict[str, Any] = dict.fromkeys(dates, "")
    send(client, f"/activities/{made}/edit/times/0", expected_version=1, **line, **dates)
    assert "from Tuesday 1 December, until Tuesday 15 December" in shown(client, f"/activities/{made}")
    session.expire_all()
    version = session.get_one(Service, made).version
    send(client, f"/activities/{made}/edit/times/0", expected_version=version, **line, **nothing)
    assert rules_of(session, made)[0].valid_to is None
    assert "Every Tuesday, 10am to 12pm" in shown(client, f"/activities/{made}")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"season_from": "4"}, "Choose both the first and the last month"),
        ({"bank_holidays": "other-times"}, "Enter the start on bank holidays"),
        (
            day("first", 2, 3, 2027) | day("last", 1, 3, 2027),
            "The last date must not be before the first date",
        ),
    ],
)
def test_what_does_not_fit_together_is_said_beside_its_box_and_stays_open(
    client: HtmlClient, made: UUID, wrong: dict[str, str], words: str
) -> None:
    line = {"expected_version": 1, "often": "weekly", "days": ["MO"], "opens_at": "2pm"}
    page = send(client, f"/activities/{made}/edit/times/new", 400, **line, **wrong)
    assert words in page
    assert "There is a problem" in page


def test_a_session_moves_and_its_page_says_so_and_it_can_be_put_back(
    session: Session, client: HtmlClient, made: UUID
) -> None:
    path = f"/activities/{made}/move-session?session=2026-11-24T10:00"
    assert "Tomorrow, 10am to 12pm" in shown(client, path)
    send(
        client,
        path,
        session="2026-11-24T10:00",
        opens_at="1pm",
        note="Voting.",
        **day("moved_to", 26, 11, 2026),
    )
    page = shown(client, f"/activities/{made}")
    assert "Tuesday 24 November, 10am to 12pm Moved to Thursday 26 November. Voting." in page
    assert "Thursday 26 November, 1pm to 3pm (Moved from Tuesday 24 November: Voting.)" in page
    page = client.get(f"/activities/{made}/edit").get_data(as_text=True)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    client.post(f"/activities/{made}/restore", data={"session": "2026-11-24T10:00", "csrf_token": token})
    assert "Moved" not in shown(client, f"/activities/{made}")


@pytest.mark.parametrize(
    ("to", "opens", "words"),
    [
        ((20, 11, 2026), "", "The new date must be today or later"),
        ((24, 11, 2026), "10am", "That is when it is now"),
    ],
)
def test_a_move_to_nowhere_is_refused(
    client: HtmlClient, made: UUID, to: tuple[int, int, int], opens: str, words: str
) -> None:
    path = f"/activities/{made}/move-session?session=2026-11-24T10:00"
    page = send(client, path, 400, session="2026-11-24T10:00", opens_at=opens, **day("moved_to", *to))
    assert words in page


def test_closed_for_christmas_calls_off_all_that_is_on_between(
    session: Session, client: HtmlClient, made: UUID
) -> None:
    path = f"/activities/{made}/closed-days"
    none = day("first", 26, 11, 2026) | day("last", 27, 11, 2026)
    assert "Nothing is on between those days" in send(client, path, 400, **none)
    backwards = day("first", 26, 12, 2026) | day("last", 20, 12, 2026)
    assert "must not be before the first day" in send(client, path, 400, **backwards)
    send(client, path, note="Christmas.", **day("first", 19, 12, 2026), **day("last", 2, 1, 2027))
    session.expire_all()
    off = sorted(one.on.isoformat() for one in session.get_one(Service, made).exceptions)
    assert off == ["2026-12-22", "2026-12-29"]


def test_school_terms_are_kept_by_an_editor_and_gone_by_at_once(session: Session, client: HtmlClient) -> None:
    rule = {
        "freq": "WEEKLY",
        "dtstart": "2026-01-06",
        "opens_at": "10:00",
        "byday": ["TU"],
        "term_time": True,
    }
    made = build_directory.listing(session, schedules=[rule])
    build.sign_in(session, client, build.account(session, Role.EDITOR))
    assert "Tomorrow, 10am" in shown(client, f"/activities/{made}")
    page = client.get("/school-terms").get_data(as_text=True)
    key = page.partition('name="idempotency_key" value="')[2].partition('"')[0]
    first = day("starts", 1, 9, 2026) | day("ends", 20, 11, 2026)
    send(client, "/school-terms", name="Autumn, first", idempotency_key=key, **first)
    send(client, "/school-terms", name="Autumn, first", idempotency_key=key, **first)
    key = "019a3c1e-7f2b-7a60-9d1c-2f6f0f6f0f6f"
    clash = day("starts", 1, 11, 2026) | day("ends", 18, 12, 2026)
    page = send(client, "/school-terms", 400, name="Autumn", idempotency_key=key, **clash)
    assert "Those days are partly in “Autumn, first”" in page
    second = day("starts", 1, 12, 2026) | day("ends", 18, 12, 2026)
    send(client, "/school-terms", name="Autumn, second", idempotency_key=key, **second)
    page = shown(client, f"/activities/{made}")
    assert "Tomorrow" not in page
    assert "Tuesday 1 December, 10am" in page
    assert len(session.scalars(select(SchoolTerm)).all()) == 2
