"""What the person's own side decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from core.errors import Conflict, Invalid
from prescribing.episodes.rules import EpisodeState
from prescribing.people.consent import OWN_PURPOSE_WORDS, TAKEN_BACK_WORDS, ConsentPurpose, consents_now
from prescribing.people.rules import WHOEVER_ASKED, Ask, problems_with
from prescribing.people.safe_contact import Channel
from prescribing.referrals.rules import OWN_WORDS, DeclineReason, ReferralState
from prescribing.residents import rules

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("at", "is_recent"),
    [
        (NOW.isoformat(), True),
        ((NOW - HOUR).isoformat(), True),
        ((NOW - HOUR - timedelta(seconds=1)).isoformat(), False),
        ("2026-03-03T12:00:00", False),
        ("yesterday", False),
    ],
)
def test_a_cookie_is_believed_for_a_while(at: str, is_recent: bool) -> None:
    assert rules.is_recent(at, HOUR, NOW) is is_recent


def test_an_unfinished_request_is_kept_until_its_time_is_over() -> None:
    until = NOW + rules.DRAFT_LIFE
    assert rules.is_kept(until, until - timedelta(seconds=1))
    assert not rules.is_kept(until, until)


def test_only_what_says_something_is_kept() -> None:
    assert not rules.is_worth_keeping({"who": "other", "name": "", "texts": False, "need_slugs": None})
    assert rules.is_worth_keeping({"who": "me", "name": "", "texts": True})


def test_what_was_kept_comes_back_without_boxes_that_are_gone() -> None:
    kept = rules.as_text({"name": "Núria", "need_slugs": ["food"], "old": "x"})
    assert rules.as_values(kept, frozenset({"name", "need_slugs"})) == {
        "name": "Núria",
        "need_slugs": ["food"],
    }


def problems(**changes: object) -> list[str]:
    ask = Ask(**{"name": "Sam", "ways": {Channel.PHONE: "1"}, **changes})  # type: ignore[arg-type]
    return [problem.field for problem in problems_with(ask, NOW.date())]


def test_under_16s_ask_with_a_grown_up_who_is_rung_first() -> None:
    assert problems(says_under_16=True) == ["age_group"]
    other = {"for_someone_else": True, "knows_and_agrees": True, "says_under_16": True}
    assert problems(**other, whom_to_ring="the person") == ["whom_to_ring"]
    assert problems(**other, whom_to_ring=WHOEVER_ASKED, asker_phone="0161 496 0002") == []


def test_whoever_wants_to_be_rung_first_says_on_which_number() -> None:
    other = {"for_someone_else": True, "knows_and_agrees": True}
    assert problems(**other, whom_to_ring=WHOEVER_ASKED, asker_phone=" ") == ["asker_phone"]
    assert problems(**other, whom_to_ring=WHOEVER_ASKED, asker_phone="0161 496 0002") == []
    assert problems(**other, whom_to_ring="the person") == []


@pytest.mark.parametrize(
    ("years", "understands", "may"),
    [
        (12, True, False),
        (13, False, False),
        (13, True, True),
        (15, False, False),
        (16, False, True),
        (None, False, True),
    ],
)
def test_the_young_see_their_record_online_by_rule(years: int | None, understands: bool, may: bool) -> None:
    assert (rules.online_problem(years, flagged_for_safety=False, understands=understands) == "") is may


def test_a_flagged_record_never_shows_online() -> None:
    assert "flagged" in rules.online_problem(40, flagged_for_safety=True, understands=True)


@dataclass(frozen=True)
class Yes:
    id: UUID
    purpose: ConsentPurpose
    recipient_id: UUID
    until: datetime | None = None
    withdrawn_at: datetime | None = None


def test_what_was_taken_back_can_be_agreed_to_again_once() -> None:
    group, other = uuid4(), uuid4()
    support, offer = ConsentPurpose.SUPPORT, ConsentPurpose.SHARE_OFFER
    holds = Yes(uuid4(), support, group)
    before = Yes(uuid4(), support, group, withdrawn_at=NOW)
    latest = Yes(uuid4(), offer, group, withdrawn_at=NOW)
    older = Yes(uuid4(), offer, group, withdrawn_at=NOW - HOUR)
    elsewhere = Yes(uuid4(), offer, other, withdrawn_at=NOW)
    ended = Yes(uuid4(), support, other, until=NOW)
    coming = Yes(uuid4(), offer, uuid4(), until=NOW + HOUR)
    live, again = consents_now([holds, before, latest, older, elsewhere, ended, coming], NOW)
    assert live == {holds.id, coming.id}
    assert again == {latest.id, elsewhere.id, ended.id}


def test_every_state_help_and_purpose_has_words() -> None:
    assert set(OWN_WORDS) == set(ReferralState)
    assert set(rules.HELP_WORDS) == set(rules.HelpKind)
    assert set(rules.HELP_NO_WORDS) == set(rules.HelpNo)
    assert set(OWN_PURPOSE_WORDS) == set(ConsentPurpose)
    assert set(rules.TAKEN_BACK_WORDS) == set(TAKEN_BACK_WORDS) == set(ConsentPurpose)


WISH = rules.Wish(
    state=EpisodeState.ACTIVE,
    has_need=True,
    years=40,
    has_risk=False,
    takes_people=True,
    ages=(18, None),
)


@pytest.mark.parametrize(
    ("changes", "comes_of_it", "why"),
    [
        ({}, rules.Joining.SEND, ""),
        ({"state": EpisodeState.CONTACTING}, rules.Joining.SEND, ""),
        ({"years": None, "ages": (None, None)}, rules.Joining.SEND, ""),
        ({"before": ReferralState.DECLINED, "said_no": DeclineReason.NO_CAPACITY}, rules.Joining.SEND, ""),
        ({"asked": rules.MOST_ASKED - 1}, rules.Joining.SEND, ""),
        ({"asked": rules.MOST_ASKED}, rules.Joining.LOOK_FIRST, "have not answered yet"),
        ({"state": None}, rules.Joining.NO_SUPPORT, ""),
        ({"takes_people": False}, rules.Joining.NO, "anybody new just now"),
        ({"before": ReferralState.WAITLISTED}, rules.Joining.NO, "already"),
        ({"years": 17}, rules.Joining.NO, "another age"),
        ({"years": 17, "ages": (None, None)}, rules.Joining.LOOK_FIRST, "You are under 18"),
        ({"state": EpisodeState.PAUSED}, rules.Joining.LOOK_FIRST, "is paused"),
        ({"state": EpisodeState.TRIAGE}, rules.Joining.LOOK_FIRST, "not talked with you"),
        ({"years": None}, rules.Joining.LOOK_FIRST, "do not know yours"),
        ({"has_need": False}, rules.Joining.LOOK_FIRST, "looks at this"),
        (
            {"before": ReferralState.DECLINED, "said_no": DeclineReason.UNSAFE},
            rules.Joining.LOOK_FIRST,
            "looks",
        ),
    ],
)
def test_what_comes_of_a_wish_to_join(
    changes: dict[str, object], comes_of_it: rules.Joining, why: str
) -> None:
    found, words = rules.joining(replace(WISH, **changes))  # type: ignore[arg-type]
    assert found is comes_of_it
    assert why in words
    assert bool(why) is bool(words)


def test_a_risk_is_weighed_by_a_worker_and_not_named_to_anybody() -> None:
    assert rules.joining(replace(WISH, has_risk=True)) == (rules.Joining.LOOK_FIRST, rules.LOOK_FIRST_WORDS)


def test_a_break_ends_within_half_a_year() -> None:
    today = NOW.date()
    for until in (today + timedelta(days=1), today + rules.LONGEST_PAUSE):
        assert rules.check_pause(until, today) == until
    for until in (today, today + rules.LONGEST_PAUSE + timedelta(days=1)):
        with pytest.raises(Invalid):
            rules.check_pause(until, today)


@pytest.mark.parametrize("said_yes", [None, True])
def test_a_group_may_always_say_yes_to_somebody_who_would_help(said_yes: bool | None) -> None:
    rules.check_help_answer(said_yes, yes=True, why=None)


def test_a_first_no_says_why_and_one_that_ends_it_need_not() -> None:
    rules.check_help_answer(None, yes=False, why=rules.HelpNo.ENOUGH)
    rules.check_help_answer(True, yes=False, why=None)
    with pytest.raises(Invalid, match="press why not"):
        rules.check_help_answer(None, yes=False, why=None)
    with pytest.raises(Conflict, match="The answer was yes"):
        rules.check_help_answer(True, yes=False, why=rules.HelpNo.ENOUGH)


@pytest.mark.parametrize(
    ("before", "yes", "why", "said"),
    [
        (None, True, None, "said yes"),
        (
            None,
            False,
            rules.HelpNo.ENOUGH,
            "said no to their offer of help: “we have enough helpers just now”. Tell",
        ),
        (None, False, None, "said no to their offer of help. Tell"),
        (True, False, None, "they help there no more"),
    ],
)
def test_a_link_worker_hears_what_a_group_said_to_an_offer_of_help(
    before: bool | None, yes: bool, why: rules.HelpNo | None, said: str
) -> None:
    assert said in rules.help_news(before, yes=yes, why=why)


def test_a_second_yes_is_no_news() -> None:
    assert rules.help_news(True, yes=True, why=None) == ""
