"""How long a word is good for, what tells a person from a machine, when a website is dead, who speaks for a group."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.web import stranger_rules
from directory.listings.freshness_rules import (
    LEAST_FACTOR,
    REACHED_AFTER,
    TIME_TO_RING,
    USUAL_REVIEW,
    Urgency,
    factor,
    may_hide,
    review_after,
    review_date,
    urgency,
)
from directory.listings.rules import Publishes
from directory.stewardship.claims import rules as claims
from directory.stewardship.claims.rules import ClaimState, Part, Proof, can_be_proved
from directory.stewardship.details import rules as details
from directory.stewardship.reach import rules as reach
from directory.stewardship.reports import rules as reports
from directory.stewardship.reports.rules import Fault, ReportKind, ReportState

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAYS = st.integers(min_value=0, max_value=2000).map(lambda days: timedelta(days=days))


# --- freshness ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "days"), [("informal", 120), ("public", 365), ("charity", 180), ("", 180)])
def test_a_kind_of_group_has_its_own_time(kind: str, days: int) -> None:
    assert review_after(kind) == timedelta(days=days)


def test_nobody_yet_counts_from_when_it_was_written() -> None:
    assert review_date(None, NOW, "other") == NOW + USUAL_REVIEW
    assert review_date(NOW, NOW - timedelta(days=9), "club") == NOW + timedelta(days=120)


@pytest.mark.parametrize(
    ("late", "wanted"),
    [
        (-1, Urgency.FRESH),
        (0, Urgency.DUE),
        (13, Urgency.DUE),
        (14, Urgency.OVERDUE),
        (28, Urgency.LAST),
        (42, Urgency.RING),
        (63, Urgency.HIDE),
        (999, Urgency.HIDE),
    ],
)
def test_urgency_grows(late: int, wanted: Urgency) -> None:
    assert urgency(NOW - timedelta(days=late), NOW) is wanted


@given(DAYS, DAYS)
def test_the_factor_never_rises_with_time_and_stays_in_its_bounds(first: timedelta, more: timedelta) -> None:
    then, later = (factor(NOW, NOW, "club", NOW + since) for since in (first, first + more))
    assert LEAST_FACTOR - 1e-9 <= later <= then <= 1
    assert (first > review_after("club")) or then == 1


def test_nothing_hides_before_an_editor_had_time() -> None:
    due = NOW - REACHED_AFTER[Urgency.HIDE]
    assert may_hide(NOW - TIME_TO_RING, due, NOW)
    assert not may_hide(NOW - TIME_TO_RING + timedelta(seconds=1), due, NOW)
    assert not may_hide(NOW - TIME_TO_RING, due + timedelta(seconds=1), NOW)


# --- reports ------------------------------------------------------------------------------------------------


def test_a_machine_is_quick() -> None:
    assert stranger_rules.too_quick(NOW, NOW + timedelta(seconds=2.9))
    assert not stranger_rules.too_quick(NOW, NOW + timedelta(seconds=3))


@pytest.mark.parametrize(
    ("text", "many"),
    [
        ("", False),
        ("See www.a.example and https://b.example", False),
        ("http://a http://b http://c", True),
        ("[url=x] [URL=y] <a href=z>", True),
    ],
)
def test_links_are_counted(text: str, many: bool) -> None:
    assert stranger_rules.too_many_links(text) is many


@pytest.mark.parametrize(
    ("kind", "times", "words"),
    [
        (ReportKind.DECLINED, 1, "A referral was answered with: our listing is wrong."),
        (ReportKind.DECLINED, 2, "2 referrals were answered with: our listing is wrong."),
        (ReportKind.WRONG, 1, "Somebody says that something here is wrong."),
        (ReportKind.WRONG, 3, "3 people say that something here is wrong."),
        (ReportKind.WEBSITE, 1, "Website does not answer."),
    ],
)
def test_what_a_group_is_told(kind: ReportKind, times: int, words: str) -> None:
    assert reports.times_in_words(kind, times) == words


def test_every_word_has_a_label() -> None:
    labels = [one.label for kind in (ReportKind, Fault, ReportState) for one in kind]
    labels += [one.label for kind in (Proof, ClaimState, Part) for one in kind]
    assert all(labels)


# --- reach --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "there"),
    [(200, True), (301, True), (403, True), (429, True), (404, False), (410, False), (503, False)],
)
def test_which_statuses_say_that_somebody_is_there(status: int, there: bool) -> None:
    assert reach.answers(status) is there


def test_dead_is_more_than_one_failure_over_days() -> None:
    assert not reach.is_dead(None, 0, NOW)
    assert not reach.is_dead(NOW - timedelta(days=3), 1, NOW)
    assert not reach.is_dead(NOW - timedelta(hours=47), 5, NOW)
    assert reach.is_dead(NOW - timedelta(days=2), 2, NOW)


def test_the_next_visit() -> None:
    assert reach.next_visit(None, 0, NOW) == NOW + reach.ASK_AGAIN
    assert reach.next_visit(NOW, 1, NOW) == NOW + reach.ASK_AGAIN_FAILING
    assert reach.next_visit(NOW - timedelta(days=9), 4, NOW) == NOW + reach.ASK_AGAIN_DEAD


def test_where_robots_stand_and_what_they_say() -> None:
    url = "https://shed.example.org:8443/about?x=1"
    assert reach.robots_url(url) == "https://shed.example.org:8443/robots.txt"
    assert reach.host_of(url) == "shed.example.org"
    assert reach.host_of("http://[") == ""
    assert reach.may_visit("", url)
    assert not reach.may_visit("User-agent: *\nDisallow: /", url)
    assert reach.may_visit("User-agent: Other\nDisallow: /", url)


@given(st.text(max_size=500))
def test_any_robots_can_be_read(text: str) -> None:
    assert reach.may_visit(text, "https://shed.example.org/") in {True, False}


# --- claims -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "group_email", "website", "proves"),
    [
        ("Hello@Shed.example.org", "hello@shed.example.org", "", True),
        ("derek@shed.example.org", "hello@shed.example.org", "", True),
        ("derek@shed.example.org", "", "https://www.shed.example.org/about", True),
        ("derek@shed.example.org", "", "shed.example.org", True),
        ("shed@gmail.com", "shed@gmail.com", "", True),
        ("derek@gmail.com", "shed@gmail.com", "", False),
        ("derek@ntlworld.com", "shed@ntlworld.com", "", False),
        ("derek@tiscali.co.uk", "shed@tiscali.co.uk", "", False),
        ("derek@nhs.net", "shed@nhs.net", "", False),
        ("derek@facebook.com", "", "https://www.facebook.com/shed", False),
        ("derek@a.wordpress.com", "", "https://a.wordpress.com", False),
        ("derek@elsewhere.example", "hello@shed.example.org", "https://shed.example.org", False),
        ("derek@shed.example.org", "", "", False),
        ("derek@", "", "", False),
        ("shed.example.org", "", "shed.example.org", False),
    ],
)
def test_which_address_proves(email: str, group_email: str, website: str, proves: bool) -> None:
    assert claims.proves_by_email(email, group_email, website) is proves


@pytest.mark.parametrize(
    ("typed", "known", "same"),
    [
        ("123 4567", "1234567", True),
        ("SC012345", "sc 012345", True),
        ("", "", False),
        ("1234568", "1234567", False),
    ],
)
def test_charity_numbers(typed: str, known: str, same: bool) -> None:
    assert claims.same_charity_number(typed, known) is same


@pytest.mark.parametrize(
    ("owners", "people", "is_owner", "nobody"),
    [(1, 1, True, True), (1, 2, True, True), (2, 2, True, False), (1, 2, False, False), (0, 1, False, True)],
)
def test_who_is_left(owners: int, people: int, is_owner: bool, nobody: bool) -> None:
    assert claims.leaves_nobody(owners, people, is_owner=is_owner) is nobody


# --- a group's own details ----------------------------------------------------------------------------------


def test_phone_and_email_are_public_at_once_and_words_wait() -> None:
    assert details.publishes("phone") is Publishes.AT_ONCE
    assert details.publishes("name") is Publishes.AFTER_APPROVAL
    before = {"name": "A", "phone": None}
    after = {"name": "B", "phone": "0161 496 0101"}
    assert details.split(before, after, trusted=False) == ({"phone": "0161 496 0101"}, {"name": "B"})
    assert details.split(before, after, trusted=True) == (after, {})
    assert details.split(before, before, trusted=False) == ({}, {})


def test_what_is_published_of_a_group_says_how_it_can_be_claimed() -> None:
    nothing = can_be_proved(has_email=False, has_charity_number=False, has_address=False)
    everything = can_be_proved(has_email=True, has_charity_number=True, has_address=True)
    assert nothing == (Proof.EDITOR,)
    assert set(everything) == set(Proof)
    assert {proof for proof in Proof if proof.is_by_post} == {Proof.CHARITY, Proof.LETTER}
