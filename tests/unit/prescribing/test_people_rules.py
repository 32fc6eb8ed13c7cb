"""A person's facts: checks, ages, least request, safe contact, consent, blind look-up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from prescribing.people import rules
from prescribing.people.consent import ConsentFacts, ConsentPurpose, consent_covers, falls_with
from prescribing.people.rules import AgeBand, Ask
from prescribing.people.safe_contact import (
    CHANNEL_WORDS,
    Channel,
    MayAnswer,
    SafeContact,
    may_email,
    may_leave_voicemail,
    may_show_online,
    may_show_to_proxy,
    may_speak_to,
    may_text,
    may_write_letter,
    message_way,
    safe_channels,
    say_safe_contact,
)

TODAY = date(2026, 3, 3)
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
GROUP, OTHER = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize("text", ["9434765919", "943 476 5919", "943-476-5919", " 401 023 2137 "])
def test_nhs_numbers_are_taken_as_people_write_them(text: str) -> None:
    assert rules.is_nhs_number(text)
    assert len(rules.normalise_nhs_number(text)) == 10


@pytest.mark.parametrize("text", ["", "943476591", "94347659190", "943476591X", "٩٤٣٤٧٦٥٩١٩"])
def test_an_nhs_number_has_ten_digits(text: str) -> None:
    with pytest.raises(Invalid, match="10 digits"):
        rules.normalise_nhs_number(text)


@given(st.integers(0, 9), st.integers(0, 9))
def test_one_wrong_digit_in_an_nhs_number_is_found(place: int, digit: int) -> None:
    good = "9434765919"
    changed = good[:place] + str(digit) + good[place + 1 :]
    assert rules.is_nhs_number(changed) is (changed == good)


def test_a_number_that_needs_check_digit_ten_was_never_issued() -> None:
    # 6 at the place of weight 2 sums to 12, which leaves 1 and so asks for check digit 10.
    assert not any(rules.is_nhs_number(f"000000006{digit}") for digit in range(10))
    with pytest.raises(Invalid, match="digit is wrong"):
        rules.normalise_nhs_number("9434765918")


def test_an_nhs_number_is_printed_in_three_groups() -> None:
    assert rules.say_nhs_number("9434765919") == "943 476 5919"


def test_ages() -> None:
    assert rules.age(date(2000, 3, 3), TODAY) == 26
    assert rules.age(date(2000, 3, 4), TODAY) == 25
    assert rules.age(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert rules.age(date(2008, 2, 29), date(2026, 3, 1)) == 18


def test_a_date_of_birth_must_be_possible() -> None:
    assert rules.check_birth_date(TODAY, TODAY) == TODAY
    with pytest.raises(Invalid, match="future"):
        rules.check_birth_date(TODAY + timedelta(days=1), TODAY)
    with pytest.raises(Invalid, match="Check the year"):
        rules.check_birth_date(date(1900, 1, 1), TODAY)


@pytest.mark.parametrize(
    ("years", "band"),
    [
        (0, AgeBand.UNDER_16),
        (15, AgeBand.UNDER_16),
        (16, AgeBand.FROM_16),
        (18, AgeBand.FROM_18),
        (34, AgeBand.FROM_25),
        (64, AgeBand.FROM_55),
        (85, AgeBand.FROM_85),
        (110, AgeBand.FROM_85),
        (None, AgeBand.UNKNOWN),
    ],
)
def test_age_bands(years: int | None, band: AgeBand) -> None:
    assert rules.age_band(years) is band


def test_age_bands_from_birth_dates() -> None:
    assert rules.age_band_of(None, TODAY) is AgeBand.UNKNOWN
    assert rules.age_band_of(date(1950, 1, 1), TODAY) is AgeBand.FROM_75
    with pytest.raises(ValueError, match="less than nothing"):
        rules.age_band(-1)


def test_children_and_young_people() -> None:
    assert [rules.is_child(years) for years in (15, 16)] == [True, False]
    assert [rules.is_under_18(years) for years in (17, 18)] == [True, False]
    assert [rules.may_ask_alone(years) for years in (15, 16, None)] == [False, True, True]


def test_ages_of_a_service() -> None:
    assert rules.suits_age(None, 18, 25)
    assert rules.suits_age(18, 18, 25)
    assert rules.suits_age(25, 18, 25)
    assert not rules.suits_age(17, 18, None)
    assert not rules.suits_age(26, None, 25)
    assert rules.suits_age(99, None, None)


ENOUGH = Ask(name="Margaret", ways={Channel.PHONE: "0161 496 0000"})


def fields(ask: Ask) -> list[str]:
    return [problem.field for problem in rules.problems_with(ask, TODAY)]


def test_a_name_and_one_way_are_enough() -> None:
    assert fields(ENOUGH) == []
    assert fields(replace(ENOUGH, born=date(1950, 1, 1))) == []


def test_what_is_missing_is_said_with_a_remedy() -> None:
    assert fields(Ask(name=" ", ways={Channel.EMAIL: " "})) == ["name", "ways"]
    assert fields(replace(ENOUGH, ways={Channel.VIDEO: "yes"})) == ["ways"]
    assert all(problem.message.endswith(".") for problem in rules.problems_with(Ask("", {}), TODAY))


def test_for_someone_else_we_ask_whether_they_agree_and_whom_to_ring() -> None:
    asked = replace(ENOUGH, for_someone_else=True)
    assert fields(asked) == ["knows_and_agrees", "whom_to_ring"]
    assert fields(replace(asked, knows_and_agrees=False, whom_to_ring="me")) == ["knows_and_agrees"]
    assert fields(replace(asked, knows_and_agrees=True, whom_to_ring="me", born=date(2020, 1, 1))) == []


def test_a_child_asks_with_an_adult() -> None:
    assert fields(replace(ENOUGH, born=date(2012, 1, 1))) == ["born"]


def test_what_the_standard_wants_and_is_not_known_yet() -> None:
    everything = [field for field, _ in rules.MUST_KNOW]
    assert rules.not_known_yet(everything) == ()
    assert rules.not_known_yet(set(everything) - {"risks"}) == (("risks", "risks, or “no known risks”"),)


SAFE = SafeContact(
    phones=("0161 496 0000",),
    email="m@example.org",
    address="1 Example Street",
    voicemail=True,
    texts=True,
    letters=True,
)


def test_what_nobody_asked_about_is_not_safe() -> None:
    bare = SafeContact(phones=("0161 496 0000",), address="1 Example Street")
    assert safe_channels(bare) == {Channel.PHONE}
    assert not may_leave_voicemail(bare)
    assert not may_speak_to(bare, "Tom")
    assert may_speak_to(bare, None)
    assert safe_channels(SafeContact(voicemail=True, texts=True, letters=True)) == set()


def test_what_was_said_to_be_safe_is_allowed() -> None:
    assert safe_channels(SAFE) == {Channel.PHONE, Channel.TEXT, Channel.EMAIL, Channel.LETTER}
    assert may_leave_voicemail(SAFE)
    assert may_text(SAFE)
    assert may_email(SAFE)
    assert may_write_letter(SAFE)
    assert may_show_online(SAFE)
    assert may_show_to_proxy(SAFE, agreed=True)
    assert not may_show_to_proxy(SAFE, agreed=False)


def test_who_may_answer() -> None:
    assert may_speak_to(replace(SAFE, may_answer=MayAnswer.ANYONE), "Tom")
    named = replace(SAFE, may_answer=MayAnswer.NAMED_PEOPLE, named=("Tom", "Asha"))
    assert may_speak_to(named, " tom ")
    assert not may_speak_to(named, "Joe")


def test_a_safety_flag_overrides_what_was_allowed() -> None:
    flagged = replace(SAFE, safety_flag=True, may_answer=MayAnswer.ANYONE)
    assert not may_leave_voicemail(flagged)
    assert not may_write_letter(flagged)
    assert not may_speak_to(flagged, "Tom")
    assert not may_show_online(flagged)
    assert not may_show_to_proxy(flagged, agreed=True)


def test_safe_contact_in_words() -> None:
    assert say_safe_contact(replace(SAFE, times="after 2", may_answer=MayAnswer.ANYONE)) == (
        "You may leave a voicemail.",
        "You may send texts.",
        "You may send letters.",
        "Best times: after 2",
    )
    assert say_safe_contact(replace(SAFE, voicemail=False, texts=False, letters=False, safety_flag=True)) == (
        "Flagged for safety: speak to the person only.",
        "Do not leave a voicemail.",
        "Do not send texts.",
        "Do not send letters.",
        "Do not tell anyone else who you are.",
    )
    named = SafeContact(may_answer=MayAnswer.NAMED_PEOPLE, named=("Tom", "Asha"))
    assert say_safe_contact(named) == ("Do not send letters.", "You may also speak to Tom or Asha.")
    assert set(CHANNEL_WORDS) == set(Channel)


GIVEN = ConsentFacts(GROUP, ConsentPurpose.SHARE_OFFER, NOW)


def covers(consent: ConsentFacts, at: datetime = NOW) -> bool:
    return consent_covers([consent], GROUP, ConsentPurpose.SHARE_OFFER, at)


def test_consent_is_for_one_recipient_and_one_purpose() -> None:
    assert covers(GIVEN)
    assert not consent_covers([], GROUP, ConsentPurpose.SHARE_OFFER, NOW)
    assert not covers(replace(GIVEN, recipient_id=OTHER))
    assert not covers(replace(GIVEN, purpose=ConsentPurpose.SHARE_ACCEPTED))


def test_consent_has_a_beginning_and_an_end() -> None:
    second = timedelta(seconds=1)
    assert not covers(GIVEN, NOW - second)
    assert covers(replace(GIVEN, until=NOW + second))
    assert not covers(replace(GIVEN, until=NOW + second), NOW + second)


def test_withdrawing_ends_it_at_once() -> None:
    withdrawn = replace(GIVEN, withdrawn_at=NOW + timedelta(hours=1))
    assert covers(withdrawn)
    assert not covers(withdrawn, NOW + timedelta(hours=1))
    again = replace(GIVEN, given_at=NOW + timedelta(hours=2))
    assert consent_covers([withdrawn, again], GROUP, ConsentPurpose.SHARE_OFFER, NOW + timedelta(hours=2))


def test_names_for_blind_look_up() -> None:
    assert rules.normalise_name("O’Brien-Núñez") == rules.normalise_name(" obrien nunez ") == "obriennunez"
    assert rules.surname_and_birth("O'Brien", date(1950, 1, 2)) == "obrien|1950-01-02"
    assert rules.normalise_email(" Tom@Example.ORG ") == "tom@example.org"


@given(st.text())
def test_names_stay_the_same_when_done_twice(text: str) -> None:
    once = rules.normalise_name(text)
    assert rules.normalise_name(once) == once


def test_phone_numbers_for_blind_look_up() -> None:
    assert (
        rules.normalise_phone("0161 496 0000") == rules.normalise_phone("+44 161 496 0000") == "+441614960000"
    )
    for text in ("hello", "12"):
        with pytest.raises(Invalid, match="phone number"):
            rules.normalise_phone(text)


@pytest.mark.parametrize("purpose", ConsentPurpose)
def test_what_rests_on_a_consent_falls_with_it(purpose: ConsentPurpose) -> None:
    beside = {ConsentPurpose.SHARE_ACCEPTED} if purpose is ConsentPurpose.SHARE_OFFER else set()
    assert falls_with(purpose) == {purpose} | beside


@pytest.mark.parametrize(
    ("contact", "mobile", "way"),
    [
        (SafeContact(phones=("07700 900123",), texts=True, email="m@example.org"), True, Channel.TEXT),
        (SafeContact(phones=("0161 496 0000",), texts=True, email="m@example.org"), False, Channel.EMAIL),
        (SafeContact(phones=("07700 900123",), email="m@example.org"), True, Channel.EMAIL),
        (SafeContact(phones=("07700 900123",)), True, None),
        (
            SafeContact(phones=("07700 900123",), texts=True, email="m@example.org", safety_flag=True),
            True,
            None,
        ),
    ],
)
def test_a_message_goes_only_where_it_is_safe(
    contact: SafeContact, mobile: bool, way: Channel | None
) -> None:
    assert message_way(contact, mobile=mobile) is way


ASKED, SOON = date(2026, 3, 3), date(2026, 6, 1)


@pytest.mark.parametrize(
    ("asked_on", "review_on", "known", "said"),
    [
        (None, None, False, "Ask what they need."),
        (None, None, True, "Nobody has written down when they were asked: ask again."),
        (ASKED, None, True, "Asked Tuesday 3 March. Ask again by Wednesday 3 March 2027."),
        (ASKED, SOON, False, "Asked Tuesday 3 March. Ask again by Monday 1 June."),
        (None, SOON, True, "Ask again by Monday 1 June."),
        (ASKED, ASKED, True, "Ask again: this was to be looked at by Tuesday 3 March."),
    ],
)
def test_what_somebody_needs_is_asked_again_in_time(
    asked_on: date | None, review_on: date | None, known: bool, said: str
) -> None:
    assert rules.say_needs_review(asked_on, review_on, date(2026, 4, 1), known=known) == said


@pytest.mark.parametrize(
    ("texts", "line"),
    [
        (("Large print", "", " No stairs "), "Large print; No stairs"),
        (("Speak slowly, short sentences.", "Arabic."), "Speak slowly, short sentences; Arabic."),
        (("", " "), ""),
    ],
)
def test_several_boxes_make_one_line(texts: tuple[str, ...], line: str) -> None:
    assert rules.in_one_line(*texts) == line


@pytest.mark.parametrize(
    ("words", "name", "is_meant"),
    [
        ("zoe", "Zoë O’Hara", True),
        ("hara zoe", "Zoë O’Hara", True),
        ("zoe marsh", "Zoë O’Hara", False),
        ("gt-7k4m 2q", "Zoë O’Hara", True),
        ("gt", "Zoë O’Hara", False),
        ("42", "Zoë O’Hara", False),
        ("  ", "Zoë O’Hara", False),
    ],
)
def test_somebody_is_meant_by_every_word_or_by_the_reference(words: str, name: str, is_meant: bool) -> None:
    assert rules.is_called(words, name, ("GT-7K4M-2Q",)) is is_meant


@pytest.mark.parametrize(
    ("words", "none"),
    [("None known.", True), (" no ", True), ("", False), ("No dogs, but a steep stair", False)],
)
def test_no_known_risks_is_said_and_not_taken_from_silence(words: str, none: bool) -> None:
    assert rules.says_no_risks(words) is none


def test_who_needs_an_interpreter_is_said_to_need_one() -> None:
    assert rules.say_needs("Large print.", "No stairs", " Urdu ") == (
        "Large print; No stairs; needs an interpreter (Urdu)"
    )
    assert rules.say_needs("", "", "Urdu") == "needs an interpreter (Urdu)"
    assert rules.say_needs("Large print.", "", " ") == "Large print."


def test_people_of_one_name_are_told_apart_by_the_first_thing_that_differs_for_all() -> None:
    one, two, three = uuid4(), uuid4(), uuid4()
    assert rules.told_apart({one: ("Ann Sample", "GT-1"), two: ("Ann Example", "GT-2")}) == {
        one: "Ann Sample",
        two: "Ann Example",
    }
    assert rules.told_apart({one: ("Ann Sample", "GT-1"), two: ("ann sample", "GT-2")}) == {
        one: "GT-1",
        two: "GT-2",
    }
    some_known = {one: ("born 3 May 1941", "GT-1"), two: ("", "GT-2"), three: ("born 4 May 1941", "GT-3")}
    assert rules.told_apart(some_known) == {one: "GT-1", two: "GT-2", three: "GT-3"}
    with pytest.raises(ValueError, match="theirs alone"):
        rules.told_apart({one: ("GT-1",), two: ("GT-1",)})
