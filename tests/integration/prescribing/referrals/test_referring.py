"""Sending a need to a service: what is checked, what is kept, and what leaves the house."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.accounts.models import Account
from core.calendar.rules import add_working_days
from core.db import db
from core.errors import Invalid, NotFound, Refused
from core.notify.models import Channel, Message
from directory.listings.models import Eligibility, Phone
from directory.listings.rules import JoinMode as ListingJoinMode
from prescribing.episodes.models import Need
from prescribing.episodes.needs import NeedState
from prescribing.people import services as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent, RecipientKind
from prescribing.referrals import answering, links, referring, scope, ticking
from prescribing.referrals.models import AnswerLink, Gap, Referral, Signpost
from prescribing.referrals.rules import DeclineReason, ReferralState
from prescribing.referrals.tiers import Tier
from prescribing.referrals.words import Agreement, Words
from tests import build
from tests.integration.prescribing.episodes import walk as episodes
from tests.integration.prescribing.referrals import walk


def test_a_need_is_sent_with_what_was_agreed(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    assert referral.state is ReferralState.REQUESTED
    assert referral.reply_by == add_working_days(clock.today(), 10)
    assert at.need.state is NeedState.BEING_ADDRESSED
    consents = session.scalars(
        select(Consent).where(Consent.recipient_kind == RecipientKind.ORGANIZATION).order_by(Consent.id)
    ).all()
    assert [one.purpose for one in consents] == [ConsentPurpose.SHARE_OFFER, ConsentPurpose.SHARE_ACCEPTED]
    assert {one.recipient_id for one in consents} == {at.organization_id}
    assert {one.how for one in consents} == {"by phone"}
    assert referral.events[0].author == str(at.team.worker.account_id)


def test_the_email_holds_a_link_and_nobody(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    [mail] = walk.messages(session, "referral-new")
    said = f"{mail.subject} {mail.body}"
    assert mail.to == "tea@group.example"
    assert referral.reference in said
    for word in ("Margaret", "07700", "Meet people", "chair", "stairs", "lonel", at.person.reference):
        assert word not in said
    link = session.scalars(select(AnswerLink)).one()
    assert walk.token_in(mail) not in link.token_digest


def nobody_reads_email(at: walk.Scene, session: Session, *numbers: str) -> walk.Scene:
    """The group has these phones, and whoever acts for it has no email address."""
    assert at.group.account_id is not None
    session.get_one(Account, at.group.account_id).email = None
    session.add_all(Phone(service_id=at.service_id, number=number) for number in numbers)
    session.commit()
    return at


def to_groups(session: Session) -> list[Message]:
    return [one for one in walk.messages(session) if one.template.startswith("referral-")]


def test_a_group_that_has_a_mobile_and_no_email_is_told_by_text(session: Session) -> None:
    at = nobody_reads_email(walk.scene(session, email=None), session, "+441614960101", "+447700900456")
    referral = walk.sent(session, at)
    with clock.at(build.working_days_ahead(6)):
        ticking.tick(session, referral.id)
    asked = walk.messages(session, "referral-new")[0]
    token = walk.token_in(asked)
    with pytest.raises(Refused, match="read you one"):
        links.text_code(session, token)
    said = [(one.template, one.channel, one.to, one.body) for one in to_groups(session)]
    answering.answer(
        session, at.group, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
    )
    people.withdraw_consent(session, at.team.worker, referral.consent_id or UUID(int=0))
    [last] = walk.messages(session, "referral-delete")
    said.append((last.template, last.channel, last.to, last.body))
    assert [template for template, *_ in said] == ["referral-new", "referral-nudge", "referral-delete"]
    for _template, channel, to, body in said:
        assert (channel, to) == (Channel.TEXT, "+447700900456")
        assert referral.reference in str(body)
        for word in ("Margaret", "900123", "Meet people", "chair", "stairs", "lonel", at.person.reference):
            assert word not in str(body)


def test_a_heads_up_goes_by_text_where_nothing_else_reaches_the_group(session: Session) -> None:
    at = walk.scene(session, email=None, join_mode=ListingJoinMode.TURN_UP)
    nobody_reads_email(at, session, "+447700900456")
    walk.sent(session, at, walk.HEADS_UP)
    [told] = to_groups(session)
    assert (told.channel, told.template) == (Channel.TEXT, "referral-heads-up")
    assert "/answer/" in str(told.body)
    assert "shy" not in str(told.body)


def test_a_group_that_nothing_reaches_gets_no_link(session: Session) -> None:
    at = nobody_reads_email(walk.scene(session, email=None), session)
    walk.sent(session, at)
    assert (to_groups(session), session.scalars(select(AnswerLink)).all()) == ([], [])


def test_words_that_say_who_it_is_are_refused(session: Session) -> None:
    at = walk.scene(session)
    for words, field in (
        (walk.without(walk.WORDS, goal="Margaret wants company"), "goal"),
        (walk.without(walk.WORDS, safe_yes="Ring 0161 496 0001"), "safe_yes"),
        (walk.without(walk.WORDS, access="write to m@example.org"), "access"),
        (walk.without(walk.WORDS, communication="ask for EXAMPLE"), "communication"),
        (walk.without(walk.WORDS, goal=" "), "goal"),
        (walk.without(walk.WORDS, agreed_contact=""), "agreed_contact"),
    ):
        with pytest.raises(Invalid) as caught:
            walk.sent(session, at, words)
        assert caught.value.field == field
    assert session.scalar(select(func.count()).select_from(Referral)) == 0


def test_nothing_is_sent_without_their_yes(session: Session) -> None:
    at = walk.scene(session)
    with pytest.raises(Invalid) as caught:
        walk.sent(session, at, agreed=Agreement("by phone", share_offer=False, share_accepted=True))
    assert caught.value.field == "share_offer"
    with pytest.raises(Invalid) as caught:
        walk.sent(session, at, agreed=Agreement(" ", share_offer=True, share_accepted=True))
    assert caught.value.field == "how"


def test_where_people_just_turn_up_it_is_accepted_by_rule(session: Session) -> None:
    at = walk.scene(session, join_mode=ListingJoinMode.TURN_UP)
    silent = walk.sent(session, at, agreed=Agreement("", share_offer=False, share_accepted=False))
    assert silent.state is ReferralState.ACCEPTED
    assert silent.consent_id is None
    assert silent.start_by is not None
    assert scope.tier_for_group(session, silent) is None
    assert walk.messages(session, "referral-heads-up") == []


def test_a_heads_up_goes_behind_a_link(session: Session) -> None:
    at = walk.scene(session, join_mode=ListingJoinMode.TURN_UP)
    agreed = Agreement("face to face", share_offer=False, share_accepted=True)
    with pytest.raises(Invalid):
        walk.sent(session, at, walk.without(walk.HEADS_UP, heads_up=""), agreed)
    referral = walk.sent(session, at, walk.HEADS_UP, agreed)
    assert scope.tier_for_group(session, referral) is Tier.ACCEPTED
    [mail] = walk.messages(session, "referral-heads-up")
    assert "shy" not in (mail.body or "")


def test_whom_it_is_not_for_is_not_sent(session: Session) -> None:
    at = walk.scene(session)
    at.person.date_of_birth = "1950-03-01"
    session.add(Eligibility(service_id=at.service_id, minimum_age=18, maximum_age=25))
    session.flush()
    session.expire_all()
    with pytest.raises(Refused, match="another age"):
        walk.sent(session, at)


def test_a_full_group_has_a_waiting_list_for_those_who_want_it(session: Session) -> None:
    at = walk.scene(session, capacity=0)
    with pytest.raises(Invalid) as caught:
        walk.sent(session, at)
    assert caught.value.field == "knows_it_is_full"
    assert walk.sent(session, at, knows_it_is_full=True).state is ReferralState.REQUESTED


def test_a_group_that_takes_nobody_is_not_asked(session: Session) -> None:
    at = walk.scene(session, accepting_referrals=False)
    with pytest.raises(Refused, match="not taking anybody"):
        walk.sent(session, at)


def test_nobody_is_sent_twice_to_one_place(session: Session) -> None:
    at = walk.scene(session)
    walk.sent(session, at)
    with pytest.raises(Refused, match="already"):
        walk.sent(session, at)


def test_nobody_is_sent_before_anybody_talked_to_them(session: Session) -> None:
    at = walk.scene(session)
    other = episodes.allocated(session, at.team)
    need = session.scalars(select(type(at.need)).where(type(at.need).episode_id == other.id)).first()
    assert need is not None
    with pytest.raises(Refused, match="Talk to them first"):
        referring.refer(session, at.team.worker, need.id, at.service_id, walk.WORDS, walk.YES)


def test_another_team_cannot_refer(session: Session) -> None:
    at = walk.scene(session)
    stranger = build.actor(session, Role.LINK_WORKER)
    with pytest.raises(NotFound):
        referring.refer(session, stranger, at.need.id, at.service_id, walk.WORDS, walk.YES)
    with pytest.raises(NotFound):
        referring.refer(session, at.group, at.need.id, at.service_id, walk.WORDS, walk.YES)


def test_being_told_is_not_being_referred(session: Session) -> None:
    at = walk.scene(session)
    referring.signpost(session, at.team.worker, at.need.id, at.service_id)
    assert session.scalar(select(func.count()).select_from(Signpost)) == 1
    assert session.scalar(select(func.count()).select_from(Referral)) == 0
    assert at.need.state is NeedState.RAISED


def test_a_gap_is_kept_by_need_and_ward(session: Session) -> None:
    at = walk.scene(session)
    at.person.ward_code = "E05000001"
    referring.record_gap(session, at.team.worker, at.need.id, {"day": "TU", "far": ""})
    gap = session.scalars(select(Gap)).one()
    assert (gap.need_slug, gap.ward_code, gap.criteria) == ("loneliness", "E05000001", {"day": "TU"})


def test_a_late_yes_makes_a_linked_referral_in_one_press(session: Session) -> None:
    at = walk.scene(session)
    old = walk.sent(session, at)
    with pytest.raises(Refused):
        referring.late_yes(session, at.team.worker, old.id)
    later = build.days_ahead(30)
    with clock.at(later):
        _expire(session, old)
        assert session.get_one(Need, at.need.id).state is NeedState.RAISED
        new = referring.late_yes(session, at.team.worker, old.id)
    assert (new.based_on_id, new.state) == (old.id, ReferralState.ACCEPTED)
    assert [event.target for event in new.events] == [ReferralState.REQUESTED, ReferralState.ACCEPTED]
    assert referring.words_of(new) == walk.WORDS
    assert old.state is ReferralState.EXPIRED
    assert session.get_one(Need, at.need.id).state is NeedState.BEING_ADDRESSED


def test_a_no_opens_the_need_again(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    answering.answer(
        session,
        at.group,
        referral.id,
        ReferralState.DECLINED,
        expected_version=referral.version,
        reason=DeclineReason.NO_CAPACITY,
    )
    assert referral.closed_at is not None
    assert at.need.state is NeedState.RAISED


def _expire(session: Session, referral: Referral) -> None:
    ticking.tick(session, referral.id)
    assert referral.asked_on == clock.today()
    with clock.at(build.days_ahead(1)):
        ticking.tick(session, referral.id)
    assert referral.state is ReferralState.EXPIRED


def test_two_at_once_do_not_take_the_last_place(
    app: Flask, session: Session, before_others: Callable[[], None]
) -> None:
    at = walk.scene(session, join_mode=ListingJoinMode.TURN_UP, capacity=1)
    others = [walk.scene(session) for _ in range(2)]
    asked = [(one.team.worker, one.need.id) for one in (at, *others)]
    service_id = at.service_id
    before_others()

    def press(who: tuple[Actor, UUID]) -> str:
        with app.app_context():
            try:
                referring.refer(db.session(), *who, service_id, Words(), Agreement("", False, False))
                db.session.commit()
            except Invalid as error:
                db.session.rollback()
                return error.field or ""
            finally:
                db.session.remove()
        return "there"

    with ThreadPoolExecutor(3) as pool:
        results = sorted(pool.map(press, asked))
    assert results == ["knows_it_is_full", "knows_it_is_full", "there"]
