"""What the system takes for failure demand, before a person decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from prescribing.episodes.causes import CAUSE_WORDS, Cause
from prescribing.failures.rules import (
    KIND_WORDS,
    Facts,
    Inbound,
    Kind,
    Promise,
    Sent,
    Story,
    about_contact,
    about_referral,
    about_request,
    suggest,
)

DAY = date(2026, 3, 3)
NEED = uuid4()


def later(days: int) -> date:
    return DAY + timedelta(days=days)


def story(
    asked: int = 0,
    *,
    told_on: date | None = None,
    closed_on: date | None = None,
    needs: frozenset[str] = frozenset(),
) -> Story:
    return Story(uuid4(), later(asked), told_on, closed_on, needs)


def sent(day: int, *, need: UUID = NEED, failed: int | None = None, cause: Cause | None = None) -> Sent:
    return Sent(uuid4(), need, uuid4(), later(day), None if failed is None else later(failed), cause)


def kinds(facts: Facts) -> list[Kind]:
    return [each.kind for each in suggest(facts)]


def test_everything_has_words() -> None:
    assert set(KIND_WORDS) == set(Kind)
    assert set(CAUSE_WORDS) == set(Cause)


def test_a_call_while_we_are_late_is_a_chase() -> None:
    calls = tuple(Inbound(uuid4(), later(day), 5) for day in (2, 3, 8, 9))
    facts = Facts(story(), inbound=calls, promises=(Promise(later(2), later(8)),))
    found = suggest(facts)
    assert [each.about for each in found] == [about_contact(calls[2].id), about_contact(calls[1].id)]
    assert (found[0].kind, found[0].cause, found[0].minutes) == (Kind.CHASE, Cause.LATE, 5)
    still = Facts(story(), inbound=calls, promises=(Promise(later(8), None),))
    assert [each.on for each in suggest(still)] == [later(9)]


def test_a_message_while_we_are_late_is_a_chase_too() -> None:
    wrote = Inbound(uuid4(), later(5), written=True)
    [found] = suggest(Facts(story(), inbound=(wrote,), promises=(Promise(later(2), None),)))
    assert (found.about, found.kind) == (f"message:{wrote.id}", Kind.CHASE)


def test_a_referral_that_failed_is_a_bounce() -> None:
    wrong, silent, fine = (
        sent(1, failed=4, cause=Cause.LISTING_WRONG),
        sent(2, failed=16),
        sent(3, need=uuid4()),
    )
    found = suggest(Facts(story(), sent=(wrong, silent, fine)))
    assert [(each.kind, each.cause, each.service_id) for each in found] == [
        (Kind.BOUNCE, Cause.OTHER, silent.service_id),
        (Kind.BOUNCE, Cause.LISTING_WRONG, wrong.service_id),
    ]


def test_three_referrals_for_one_need_are_hops() -> None:
    three = (sent(1), sent(5), sent(3))
    assert [each.about for each in suggest(Facts(story(), sent=three))] == [about_referral(three[1].id)]
    assert kinds(Facts(story(), sent=(*three[:2], sent(7, need=uuid4())))) == []


def test_a_thing_is_asked_about_once_and_not_again() -> None:
    last = sent(9, failed=12, cause=Cause.NO_ROOM)
    facts = Facts(story(), sent=(sent(1), sent(5), last))
    assert kinds(facts) == [Kind.BOUNCE]
    assert suggest(facts, {about_referral(last.id)}) == ()


def test_asking_while_another_request_is_open_is_a_duplicate() -> None:
    now = story(10)
    assert kinds(Facts(now, (story(0),))) == [Kind.DUPLICATE]
    assert kinds(Facts(now, (story(0, closed_on=later(20)),))) == [Kind.DUPLICATE]
    assert suggest(Facts(now, (story(0),)))[0].about == about_request(now.id)


def test_the_same_need_within_ninety_days_is_a_return() -> None:
    food = frozenset({"food"})
    before = story(0, closed_on=later(10), needs=food)
    assert kinds(Facts(story(100, needs=food), (before,))) == [Kind.RETURN]
    assert kinds(Facts(story(101, needs=food), (before,))) == []
    assert kinds(Facts(story(100, needs=frozenset({"money"})), (before,))) == []


def test_whoever_sends_somebody_again_and_never_heard_what_came_of_it_chases() -> None:
    def before(owed: Promise) -> Story:
        return replace(story(0, closed_on=later(20)), word_owed=owed)

    assert kinds(Facts(story(30), (before(Promise(later(27), None)),))) == [Kind.CHASE]
    assert kinds(Facts(story(30), (before(Promise(later(27), later(28))),))) == []
    assert kinds(Facts(story(30), (before(Promise(later(30), None)),))) == []


def test_a_story_told_again_within_half_a_year_is_a_retell() -> None:
    before = story(0, told_on=later(5), closed_on=later(20))
    assert kinds(Facts(story(150, told_on=later(185)), (before,))) == [Kind.RETELL]
    assert kinds(Facts(story(150, told_on=later(186)), (before,))) == []
    assert kinds(Facts(story(150), (before,))) == []
    assert kinds(Facts(story(150, told_on=later(160)), (story(0, closed_on=later(9)),))) == []
