"""Why an activity fits somebody, and which words may leave with a referral."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from directory.listings.rules import DeliveryMode, ListingStatus
from directory.listings.rules import JoinMode as HowToJoin
from directory.published import Occurrence, Offer, Term
from prescribing.referrals.audience_rules import Who, belongs, meant_for
from prescribing.referrals.fit import Earlier, Fit, judge, say_ages
from prescribing.referrals.matching_rules import History, Room
from prescribing.referrals.rules import REFERRAL_CLOSED, REFERRAL_OPEN, DeclineReason, JoinMode, ReferralState
from prescribing.referrals.words import (
    Agreement,
    Words,
    check_names_nobody,
    check_words,
    name_for_group,
)

S = ReferralState
NOBODY_SPECIAL = Who(70, ())
TUESDAY = Occurrence(
    start=datetime(2026, 3, 3, 10, tzinfo=UTC),
    end=datetime(2026, 3, 3, 12, tzinfo=UTC),
    cancelled=False,
    note="",
)
OFFER = Offer(
    full_since=None,
    service_id=UUID(int=1),
    name="Tea and Talk",
    summary="",
    path="/activities/1",
    group_id=UUID(int=2),
    group="Tea Group",
    status=ListingStatus.PUBLISHED,
    accepting_referrals=True,
    join_mode=HowToJoin.REFERRAL,
    delivery=DeliveryMode.IN_PERSON,
    capacity=None,
    sustained_after=None,
    minimum_age=None,
    maximum_age=None,
    eligibility="",
    audiences=(),
    who_for="Everyone",
    languages=(),
    access=(),
    needs=(Term("loneliness", "Loneliness"),),
    cost="",
    place="",
    timetable=(),
    next_sessions=(TUESDAY,),
    next_words="",
    who_meets_you="",
    contact="",
    group_phones=(),
    group_email="",
    version=1,
)
STEP_FREE = Term("step-free", "Step-free")
AGREED = Agreement("by phone", share_offer=True, share_accepted=True)
WORDS = Words(goal="Meet people", agreed_contact="Ring 07700 900123", heads_up="Margaret is shy")
NAMES = ("Margaret Example", "Peggy")


def judged(who: Who = NOBODY_SPECIAL, taken: int = 0, earlier: Earlier | None = None, **changes: Any) -> Fit:
    return judge(who, replace(OFFER, **changes), "loneliness", taken, earlier)


def test_nothing_is_said_of_what_suits_everybody() -> None:
    assert judged() == Fit((), (), ())


@pytest.mark.parametrize(
    ("years", "told"),
    [
        (70, Fit(("For 65 and over: they are 70",), (), ())),
        (40, Fit((), (), ("For 65 and over: they are 40",))),
        (None, Fit((), ("For 65 and over: their age is not known yet",), ())),
    ],
)
def test_ages_fit_or_stop_and_an_unknown_one_is_asked(years: int | None, told: Fit) -> None:
    assert judged(Who(years, ()), minimum_age=65) == told


def test_ages_are_said_as_people_say_them() -> None:
    said = [say_ages(18, 25), say_ages(18, None), say_ages(None, 25), say_ages(None, None)]
    assert said == ["ages 18 to 25", "18 and over", "up to 25", ""]


@given(capacity=st.integers(0, 30), taken=st.integers(0, 40))
def test_room_is_what_is_left(capacity: int, taken: int) -> None:
    fit = judged(taken=taken, capacity=capacity)
    assert fit.full is (taken >= capacity)
    assert fit.stops == ()
    if fit.full:
        assert fit.checks == ("Full now: there is a waiting list",)
    else:
        left = capacity - taken
        assert fit.fits == (f"{left} {'place' if left == 1 else 'places'} free",)


def test_a_group_that_takes_nobody_stops_it() -> None:
    assert judged(accepting_referrals=False, capacity=0) == Fit((), (), ("Takes nobody just now",))


def test_what_they_need_is_there_or_asked_about() -> None:
    chair = Who(70, ("Uses a wheelchair", "Lip reads"))
    assert judged(chair, access=(STEP_FREE,)) == Fit(("Step-free",), ("Ask about: Lip reads",), ())
    assert judged(chair).checks == ("Ask about: Uses a wheelchair", "Ask about: Lip reads")
    both = Who(70, ("Wheelchair and a hearing aid",))
    assert judged(both, access=(STEP_FREE,)) == Fit(
        ("Step-free",), ("Ask about: Wheelchair and a hearing aid",), ()
    )


def test_a_language_that_is_spoken_there_needs_no_question() -> None:
    urdu = Who(70, ("Urdu interpreter",))
    assert judged(urdu, languages=("English", "Urdu")) == Fit(("Urdu is spoken",), (), ())
    assert judged(urdu).checks == ("Ask about: Urdu interpreter",)


def test_that_english_is_spoken_helps_nobody_who_has_little_of_it() -> None:
    somali = Who(30, ("Somali; some English, better face to face",))
    asked = ("Ask about: Somali; some English, better face to face",)
    assert judged(somali, languages=("English",)) == Fit((), asked, ())
    assert judged(somali, languages=("English", "Somali")) == Fit(("Somali is spoken",), (), ())
    assert judged(Who(30, ("Lives in Romania",)), languages=("Roman",)).fits == ()


def test_what_is_not_known_counts_in_the_middle() -> None:
    chair = Who(70, ("Uses a wheelchair",))
    with_it, without = judged(chair, access=(STEP_FREE,)).suits, judged(chair).suits
    assert (with_it, without) == (1.0, 0.75)


def test_what_they_want_to_do_is_found_in_what_is_offered() -> None:
    gardener = Who(70, (), ("Get back to gardening with other people", "Sing"))
    fit = judged(gardener, name="Peel Park Garden Club", summary="Grow vegetables and sing as we dig")
    assert fit.fits == ("They speak of: gardening, sing",)
    assert judged(gardener).fits == ()
    swimmer = Who(70, (), ("Swimming", "A party"))
    assert judged(swimmer, summary="Swim with us, every part of you").fits == ("They speak of: swimming",)
    assert fit.suits > judged(gardener).suits
    planner = Who(70, (), ("A plan for the first person whom she expected to join, who remembers",))
    joined = "Join us first: a plan, an open door, and a person who remembers whom they expected"
    assert judged(planner, summary=joined) == judged(summary=joined)
    assert judged(Who(70, (), ("Meet more people on Tuesday mornings",))).suits == judged().suits


def test_cost_is_said_where_money_is_short() -> None:
    def said(slug: str, *, free: bool, cost: str) -> Fit:
        offer = replace(OFFER, cost=cost, needs=(Term(slug, slug),))
        return judge(NOBODY_SPECIAL, offer, slug, 0, free=free)

    assert said("food", free=True, cost="Free") == Fit(("It costs nothing",), (), ())
    assert said("food", free=False, cost="£3") == Fit((), ("It costs: £3",), ())
    assert said("food", free=False, cost="") == Fit((), (), ())
    assert said("learning", free=False, cost="£3") == Fit((), (), ())
    suits = [
        said("food", free=free, cost=cost).suits for free, cost in ((True, ""), (False, ""), (False, "£3"))
    ]
    assert suits == sorted(suits, reverse=True)


def audience(*slugs: str) -> tuple[Term, ...]:
    return tuple(Term(slug, slug.capitalize().replace("-", " ")) for slug in slugs)


def test_money_that_is_short_for_another_reason_lets_cost_speak_too() -> None:
    offer = replace(OFFER, cost="£3")
    for who in (Who(70, (), needs=frozenset({"food"})), Who(70, (), ("I have no money.",))):
        assert judge(who, offer, "loneliness", 0).checks == ("It costs: £3",)


def test_whom_it_is_for_is_judged_and_asked_where_nothing_says_so() -> None:
    for_carers = audience("carers", "parents")
    asked = judged(audiences=for_carers)
    assert asked == Fit((), ("It is for carers and parents: ask whether they fit",), ())
    caring = Who(70, (), home=("Looks after her husband", ""))
    assert judged(caring, audiences=for_carers) == Fit(("It is for carers",), (), ())
    assert (
        judged(caring, audiences=for_carers).suits
        > asked.suits
        > judged(audiences=audience("children")).suits
    )
    assert judged(audiences=audience("everyone", "carers")) == Fit((), (), ())
    assert judged(audiences=audience("adults")) == Fit((), (), ())
    assert judged(Who(17, ()), audiences=audience("adults")).checks == (
        "It is for adults: ask whether they fit",
    )
    assert judged(audiences=audience("adults", "carers")).checks == (
        "It is for carers: ask whether they fit",
    )


def test_what_a_listing_says_of_who_can_come_is_read_first() -> None:
    assert judged(eligibility="People who live in Ramsbottom").checks == (
        "It says who can come: People who live in Ramsbottom",
    )


@pytest.mark.parametrize(
    ("who", "slug", "sure"),
    [
        (Who(10, ()), "children", 1.0),
        (Who(18, ()), "children", 0.0),
        (Who(25, ()), "young-people", 1.0),
        (Who(26, ()), "young-people", 0.0),
        (Who(17, ()), "adults", 0.0),
        (Who(49, ()), "older-people", 0.0),
        (Who(50, ()), "older-people", 0.5),
        (Who(60, ()), "older-people", 1.0),
        (Who(None, ()), "older-people", 0.5),
        (Who(40, (), gender="Woman"), "women", 1.0),
        (Who(40, (), gender="Female"), "men", 0.0),
        (Who(40, (), gender="Trans man"), "men", 1.0),
        (Who(40, (), gender="Non-binary"), "men", 0.5),
        (Who(40, ()), "women", 0.5),
        (Who(40, (), needs=frozenset({"caring"})), "carers", 1.0),
        (Who(40, (), ("I am caring for my mum",)), "carers", 1.0),
        (Who(40, (), home=("Her daughter helps",)), "carers", 0.5),
        (Who(40, (), home=("", "Two young children")), "parents", 1.0),
        (Who(70, (), home=("", "Sees her grandchildren")), "families", 1.0),
        (Who(70, (), home=("", "Sees her grandchildren")), "parents", 0.5),
        (Who(40, ("Uses a wheelchair",)), "disabled-people", 1.0),
        (Who(40, (), needs=frozenset({"long-term-condition"})), "disabled-people", 1.0),
        (Who(40, (), ("Served in the army",)), "veterans", 1.0),
        (Who(40, (), ("I am gay",)), "lgbt", 0.5),
        (Who(40, ()), "a-term-of-later", 0.5),
    ],
)
def test_how_surely_somebody_is_of_an_audience(who: Who, slug: str, sure: float) -> None:
    assert belongs(who, slug) == sure


def test_what_is_for_men_is_not_for_a_young_woman() -> None:
    slugs = ("men", "young-people")
    assert meant_for(Who(20, (), gender="Woman"), slugs) == (0.0, slugs)
    assert meant_for(Who(20, (), gender="Man"), slugs) == (1.0, slugs)
    assert meant_for(Who(40, (), gender="Man"), slugs) == (1.0, ("men",))
    assert meant_for(Who(40, ()), ("everyone",)) == (None, ())


def test_what_suits_more_is_said_in_a_number() -> None:
    chair = Who(70, ("Uses a wheelchair, needs a hearing loop",))
    both = (STEP_FREE, Term("hearing-loop", "Hearing loop"))
    suits = [judged(chair, access=access).suits for access in (both, both[:1], ())]
    assert suits == sorted(set(suits), reverse=True)
    assert judged(chair, access=both, earlier=Earlier(S.STOPPED, None)).suits < suits[0]
    rooms = [judged(capacity=capacity).room for capacity in (None, 1, 0)]
    assert rooms == [Room.NOT_KNOWN, Room.FREE, Room.FULL]


def test_what_became_of_others_and_how_old_an_entry_is_are_said() -> None:
    told = judge(NOBODY_SPECIAL, OFFER, "loneliness", 0, history=History(4, 5), fresh_days=None)
    assert told.fits == ("4 of 5 people who were referred really started",)
    assert told.checks == ("Nobody has confirmed this entry yet: ring first",)
    rare = judge(NOBODY_SPECIAL, OFFER, "loneliness", 0, history=History(1, 5), fresh_days=200)
    assert rare.checks == (
        "1 of 5 people who were referred really started: ask what would help",
        "Nobody has confirmed this entry for 6 months: ring first",
    )


def test_another_need_or_no_date_is_asked_about() -> None:
    fit = judged(needs=(), next_sessions=())
    assert fit.checks == ("Not listed for this need", "No date is known: ask the group")


@pytest.mark.parametrize("state", sorted(REFERRAL_OPEN))
def test_nobody_is_offered_what_they_are_referred_to(state: ReferralState) -> None:
    [stop] = judged(earlier=Earlier(state, None)).stops
    assert stop.startswith("Referred already")


@pytest.mark.parametrize("state", sorted(REFERRAL_CLOSED))
def test_what_was_tried_is_said_and_a_mistake_is_not(state: ReferralState) -> None:
    fit = judged(earlier=Earlier(state, None))
    assert fit.stops == ()
    assert len(fit.checks) == (state is not S.ENTERED_IN_ERROR)


def test_why_a_group_said_no_is_said_again() -> None:
    [check] = judged(earlier=Earlier(S.DECLINED, DeclineReason.NO_CAPACITY)).checks
    assert check == "Tried before: the group said no: we have no room just now"


def test_a_group_learns_what_they_like_to_be_called() -> None:
    assert name_for_group("Margaret Example", " Peggy ") == "Peggy"
    assert name_for_group("Margaret Example", "") == "Margaret"
    assert name_for_group("", "") == ""


@pytest.mark.parametrize("mode", [JoinMode.REFERRAL, JoinMode.RING_FIRST])
@pytest.mark.parametrize(
    ("words", "agreed", "field"),
    [
        (WORDS, replace(AGREED, share_offer=False), "share_offer"),
        (WORDS, replace(AGREED, how=" "), "how"),
        (replace(WORDS, goal=" "), AGREED, "goal"),
        (replace(WORDS, goal="Margaret wants tea"), AGREED, "goal"),
        (replace(WORDS, safe_yes="Ask Peggy"), AGREED, "safe_yes"),
        (replace(WORDS, access="Ring 07700 900123"), AGREED, "access"),
        (replace(WORDS, communication="m@post.example"), AGREED, "communication"),
        (replace(WORDS, agreed_contact=""), AGREED, "agreed_contact"),
    ],
)
def test_what_must_be_mended_is_named(mode: JoinMode, words: Words, agreed: Agreement, field: str) -> None:
    with pytest.raises(Invalid) as found:
        check_words(words, agreed, mode, NAMES)
    assert found.value.field == field


def test_what_is_agreed_may_leave() -> None:
    check_words(WORDS, AGREED, JoinMode.REFERRAL, NAMES)
    check_words(
        replace(WORDS, agreed_contact=""), replace(AGREED, share_accepted=False), JoinMode.REFERRAL, NAMES
    )


def test_where_people_just_turn_up_only_a_heads_up_needs_words() -> None:
    mode = JoinMode.TURN_UP
    check_words(Words(), Agreement("", share_offer=False, share_accepted=False), mode, NAMES)
    check_words(WORDS, AGREED, mode, NAMES)
    for words, agreed, field in (
        (Words(), AGREED, "heads_up"),
        (WORDS, replace(AGREED, how=""), "how"),
    ):
        with pytest.raises(Invalid) as found:
            check_words(words, agreed, mode, NAMES)
        assert found.value.field == field


@pytest.mark.parametrize(
    "text",
    [
        "Margaret",
        "MARGARET's tea",
        "an example of hers",
        "call peggy",
        "0161 496 0001",
        "0161-496-0001",
        "a@b.uk",
    ],
)
def test_a_text_that_says_who_it_is_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        check_names_nobody(text, NAMES, "goal")


@pytest.mark.parametrize("text", ["", "margarets on toast", "Tuesday 3 March at 10", "Ed likes tea"])
def test_other_words_may_stay(text: str) -> None:
    check_names_nobody(text, (*NAMES, "Ed"), "goal")
