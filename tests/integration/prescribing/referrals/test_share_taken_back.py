"""A share that is taken back leaves nobody waiting: what was not answered is taken back, a yes is decided about."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Role
from prescribing.episodes import boards, contributions
from prescribing.episodes.models import Need
from prescribing.episodes.needs import NeedState
from prescribing.people import services as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent
from prescribing.referrals import answering
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import DeclineReason, ReferralState
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.referrals import walk

S = ReferralState


def share(session: Session, purpose: ConsentPurpose) -> Consent:
    return session.scalars(
        select(Consent).where(Consent.purpose == purpose).order_by(Consent.id.desc())
    ).all()[0]


def test_what_was_not_answered_is_taken_back_by_the_same_word(session: Session) -> None:
    at = walk.scene(session)
    asked = walk.sent(session, at)
    me = build.actor(session, Role.RESIDENT, place_id=at.person.id)
    people.withdraw_consent(session, me, share(session, ConsentPurpose.SHARE_OFFER).id)
    assert asked.state is S.WITHDRAWN
    assert asked.events[-1].said_by is None, "by themself"
    assert session.get_one(Need, at.need.id).state is NeedState.RAISED
    waiting = walk.sent(session, at)
    answering.answer(session, at.group, waiting.id, S.WAITLISTED, expected_version=waiting.version)
    people.withdraw_consent(session, at.team.worker, share(session, ConsentPurpose.SHARE_ACCEPTED).id)
    assert waiting.state is S.WITHDRAWN
    assert waiting.events[-1].said_by == "person"
    assert not contributions.standing(session, [at.episode.id])[at.episode.id].moving


def test_the_groups_link_says_that_they_changed_their_mind(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    walk.sent(session, at)
    link = f"/answer/{walk.token_in(walk.messages(session, 'referral-new')[0])}"
    people.withdraw_consent(session, at.team.worker, share(session, ConsentPurpose.SHARE_OFFER).id)
    session.commit()
    gone = client.get(link)
    assert gone.status_code == 410
    assert "This link has been closed" in words(gone)
    assert "delete anything that you wrote down" in words(gone)


def test_a_yes_is_decided_about_at_once(session: Session, make_client: MakeClient) -> None:
    # Somebody else goes on agreeing, to another group.
    walk.sent(session, walk.scene(session))
    at = walk.scene(session)
    referral = walk.sent(session, at)
    answering.answer(session, at.group, referral.id, S.ACCEPTED, expected_version=referral.version)
    board = boards.today_board(session, at.team.worker)
    people.withdraw_consent(session, at.team.worker, share(session, ConsentPurpose.SHARE_ACCEPTED).id)
    assert referral.state is S.ACCEPTED
    known = contributions.standing(session, [at.episode.id])[at.episode.id]
    assert not known.moving
    [told] = known.news
    assert "took back that" in told.text
    assert "Margaret" not in told.text
    board = boards.today_board(session, at.team.worker)
    [row] = [row for rows in board.parts.values() for row in rows]
    assert row.press.words == "Decide"
    session.commit()
    client = signed_in(session, make_client, at.team.worker)
    there = f"/referrals/{referral.id}"
    page = words(client.get(there))
    assert "took back that" in page
    assert "told to delete" in page
    assert "Find out by" not in page
    again = send(client, f"{there}/withdraw", page=there, then="again")
    assert again.status_code == 303
    assert again.location.endswith(f"/refer/{at.service_id}")
    session.expire_all()
    assert session.get_one(Referral, referral.id).state is S.WITHDRAWN
    assert "Agree with them what is shared" in words(client.get(again.location))


def test_whose_word_opened_it_anew_is_not_asked_about(session: Session) -> None:
    at = walk.scene(session)
    old = walk.sent(session, at)
    people.withdraw_consent(session, at.team.worker, share(session, ConsentPurpose.SHARE_OFFER).id)
    new = walk.sent(session, at)
    answering.answer(session, at.group, new.id, S.ACCEPTED, expected_version=new.version)
    known = contributions.standing(session, [at.episode.id])[at.episode.id]
    assert old.state is S.WITHDRAWN
    assert known.moving
    assert [one.text.endswith("said yes.") for one in known.news] == [True]


def test_today_says_with_whom_it_is(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)

    def why() -> tuple[str, str]:
        board = boards.today_board(session, at.team.worker)
        [row] = [row for rows in board.parts.values() for row in rows]
        return row.why, row.press.words

    assert why() == ("A group has been asked. You will hear when it answers.", "Write down its answer")
    answering.answer(session, at.team.worker, referral.id, S.WAITLISTED, expected_version=referral.version)
    assert why() == ("They are on a waiting list. You will hear when there is room.", "See how it stands")
    answering.answer(session, at.team.worker, referral.id, S.ACCEPTED, expected_version=referral.version)
    said, _press = why()
    assert said.startswith("A group said yes. The first visit should be by ")


def test_after_a_no_the_press_is_to_look_for_something_else(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    answering.answer(
        session,
        at.group,
        referral.id,
        S.DECLINED,
        expected_version=referral.version,
        reason=DeclineReason.NO_CAPACITY,
    )
    board = boards.today_board(session, at.team.worker)
    [row] = [row for rows in board.parts.values() for row in rows]
    assert (row.press.words, row.press.endpoint) == ("Find something else", "referrals.find")
    assert row.press.values == {"episode_id": at.episode.id, "need_id": at.need.id}
