"""What a request and a feedback say survives being kept as text; clocks come from settings."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from core.errors import UnsafeSettings
from prescribing.episodes import content, feedback
from prescribing.episodes.asking_forms import mobile_and_phone
from prescribing.episodes.clock_settings import read_clocks
from prescribing.episodes.clocks import Clocks
from prescribing.episodes.contributions import Score
from prescribing.episodes.rules import EpisodeState
from prescribing.people.rules import not_known_yet
from prescribing.people.safe_contact import Channel, MayAnswer

S = EpisodeState


def test_a_request_comes_back_as_it_was_sent() -> None:
    sent = content.RequestContent(
        name="Zoë Example",
        born=date(1948, 3, 27),
        named=("Anne",),
        may_answer=MayAnswer.NAMED_PEOPLE,
        need_slugs=("food", "loneliness"),
        no_known_risks=True,
    )
    assert content.from_text(content.to_text(sent)) == sent


def test_what_an_older_request_did_not_ask_is_not_known() -> None:
    old = content.from_text(json.dumps({"name": "Sam Example", "shoe_size": 6}))
    assert old == content.RequestContent(name="Sam Example")
    assert old.has_risk is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"no_known_risks": True}, False),
        ({"risks": "A dog that bites"}, True),
        ({"safeguarding": "Asked the council"}, True),
        ({"flagged_for_safety": True, "no_known_risks": True}, True),
    ],
)
def test_no_known_risks_is_an_answer_and_silence_is_none(
    changes: dict[str, Any], expected: bool | None
) -> None:
    assert content.RequestContent(name="Sam", **changes).has_risk is expected


def test_ways_and_safe_contact_are_those_that_were_given() -> None:
    sent = content.RequestContent(name="Sam", mobile="07700 900123", email="sam@example.org", texts=True)
    assert sent.ways == {
        Channel.PHONE: "07700 900123",
        Channel.EMAIL: "sam@example.org",
        Channel.LETTER: "",
    }
    assert sent.safe_contact.phones == ("07700 900123",)


def test_what_is_known_answers_the_standards_musts() -> None:
    sent = content.RequestContent(name="Sam", gp_practice="Peel Street", no_known_risks=True)
    missing = {field for field, _words in not_known_yet(sent.known())}
    assert missing & {"name", "practice", "risks"} == set()
    assert {"date_of_birth", "address"} <= missing


def test_a_feedback_comes_back_as_it_was_written() -> None:
    told = feedback.Feedback(
        "finished",
        ("Walked weekly",),
        ("A choir that was full",),
        (Score("Happy", "3", "7"),),
        "Well",
        ("1",),
    )
    assert feedback.from_text(feedback.to_text(told)) == told


@pytest.mark.parametrize(
    ("states", "codes"),
    [
        ((S.SUBMITTED, S.TRIAGE), ()),
        ((S.SUBMITTED, S.CONTACTING, S.ACTIVE, S.COMPLETED), (feedback.ACCEPTED_CODE,)),
        ((S.SUBMITTED, S.CONTACTING, S.PERSON_DECLINED), (feedback.DECLINED_CODE,)),
        ((S.ACTIVE, S.PERSON_DECLINED), (feedback.ACCEPTED_CODE,)),
    ],
)
def test_a_referral_is_coded_once(states: tuple[EpisodeState, ...], codes: tuple[str, ...]) -> None:
    assert feedback.codes_for(states) == codes


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", ("", "")),
        ("07400 123456", ("07400 123456", "")),
        ("+44 7700 900123", ("+44 7700 900123", "")),
        ("07012 345678", ("", "07012 345678")),
        ("+33 6 12 34 56 78", ("+33 6 12 34 56 78", "")),
        ("0161 496 0001", ("", "0161 496 0001")),
        ("ring Anne", ("", "ring Anne")),
    ],
)
def test_texts_go_to_mobiles_only(typed: str, expected: tuple[str, str]) -> None:
    assert mobile_and_phone(typed) == expected


def test_clocks_are_the_contracts_unless_set() -> None:
    assert read_clocks({}) == Clocks()
    assert read_clocks({"GT_CLOCK_TRIAGE": "3", "GT_CLOCK_ANSWER": " 12 "}) == Clocks(triage=3, answer=12)
    for wrong in ("soon", "0", "-1", "251"):
        with pytest.raises(UnsafeSettings, match="GT_CLOCK_TRIAGE"):
            read_clocks({"GT_CLOCK_TRIAGE": wrong})


def test_reminders_and_follow_ups_are_set_in_a_list() -> None:
    chosen = read_clocks(
        {"GT_CLOCK_ANSWER": "5", "GT_CLOCK_NUDGES": "2, 4", "GT_CLOCK_FOLLOW_UP_MONTHS": "6"}
    )
    assert chosen == Clocks(answer=5, nudges=(2, 4), follow_up_months=(6,))
    for wrong in ("soon", "0,3", "4,2", "3,3", "3,", "3;4", "251"):
        with pytest.raises(UnsafeSettings, match="GT_CLOCK_NUDGES must be whole numbers"):
            read_clocks({"GT_CLOCK_NUDGES": wrong})
    with pytest.raises(UnsafeSettings, match="GT_CLOCK_FOLLOW_UP_MONTHS"):
        read_clocks({"GT_CLOCK_FOLLOW_UP_MONTHS": "3,61"})


@pytest.mark.parametrize(
    "chosen", [{"GT_CLOCK_ANSWER": "9"}, {"GT_CLOCK_NUDGES": "10"}, {"GT_CLOCK_ANSWER": "5"}]
)
def test_nobody_is_reminded_after_the_last_day_for_an_answer(chosen: dict[str, str]) -> None:
    with pytest.raises(UnsafeSettings, match="before the last day for an answer"):
        read_clocks(chosen)
