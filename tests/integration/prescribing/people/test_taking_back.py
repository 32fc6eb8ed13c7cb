"""What somebody agreed to, taken back and agreed to again: asked once, in true words, and it really stops."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.errors import Refused
from core.notify.models import Message, MessageState
from prescribing.episodes import boards, closing, services
from prescribing.episodes.models import Action, Episode
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.letters import services as letters
from prescribing.letters.rules import Kind
from prescribing.people import notices
from prescribing.people import services as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent
from prescribing.people.notices import Notice
from prescribing.people.safe_contact import Channel
from prescribing.referrals.rules import ReferralState
from prescribing.residents.models import PersonMessage
from prescribing.rights import consents as rights
from tests import build
from tests.integration.prescribing.episodes import walk as episodes
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.referrals import walk


def agreed(session: Session, purpose: ConsentPurpose) -> Consent:
    """The latest consent of that purpose."""
    found = select(Consent).where(Consent.purpose == purpose).order_by(Consent.id.desc())
    return session.scalars(found).first() or pytest.fail("nobody agreed")


def states(session: Session) -> set[EpisodeState]:
    """How every support stands now."""
    session.expire_all()
    return set(session.scalars(select(Episode.state)))


def test_a_person_who_takes_back_support_is_left_alone(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    consent = agreed(session, ConsentPurpose.SUPPORT)
    other = episodes.asked(session, at.team)
    other.person_id = at.person.id
    notices.tell(session, at.person, Notice("message-waiting", at.person.id, {"link": "https://x.example"}))
    session.commit()
    assert sum(boards.today_board(session, at.team.worker).counts.values()) == 1
    client = signed_in(session, make_client, build.actor(session, Role.RESIDENT, place_id=at.person.id))
    path = f"/me/consents/{consent.id}/withdraw"

    assert path in client.get("/me/privacy").text
    asks = words(client.get(path))
    assert "This stops your support" in asks
    assert "kept for 8 years" in asks
    assert states(session) == {EpisodeState.ACTIVE, EpisodeState.SUBMITTED}, "asking changes nothing"
    assert send(client, path).status_code == 303
    done = words(client.get("/me/privacy"))
    assert "Your support has stopped" in done
    assert "told to delete" not in done

    assert states(session) == {EpisodeState.PERSON_DECLINED}, "every support that is open ends"
    assert referral.state is ReferralState.WITHDRAWN
    waiting = select(Message.state).where(Message.about_id == at.person.id)
    assert set(session.scalars(waiting)) == {MessageState.CANCELLED}
    board = boards.today_board(session, at.team.worker)
    assert sum(board.counts.values()) == 0
    with pytest.raises(Refused):
        letters.write(session, at.team.worker, at.episode.id, Kind.TRIED, Channel.TEXT, "Please ring us.")
    assert "Your support has stopped" not in words(client.get("/me/privacy"))
    assert "Ask for support again" in words(client.get("/me/privacy"))
    assert f"/me/consents/{consent.id}/again" not in client.get("/me/privacy").text
    told = session.scalars(select(PersonMessage).order_by(PersonMessage.id.desc())).first()
    assert told is not None
    assert "I stopped my support" in (told.words or "")


def test_a_link_worker_writes_down_that_support_is_taken_back(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    session.commit()
    client = signed_in(session, make_client, at.team.worker)
    path = f"/consents/{agreed(session, ConsentPurpose.SUPPORT).id}/withdraw"
    person = f"/people/{at.person.id}"
    assert path in client.get(person).text
    assert "This stops their support" in words(client.get(path))
    assert send(client, path).status_code == 303
    session.expire_all()
    assert at.episode.state is EpisodeState.PERSON_DECLINED
    assert at.episode.events[-1].said_by == "person"
    page = words(client.get(person))
    assert "Their support has stopped" in page
    assert "Person said no" in page
    # A slip of the hand is mended by undoing the closing, and by writing down that they agree.
    services.undo_close(session, at.team.worker, at.episode.id)
    session.commit()
    again = path.replace("withdraw", "again")
    assert again in client.get(person).text
    assert "Choose how they agreed" in words(send(client, again))
    assert send(client, again, how="by phone").status_code == 303
    assert "They agree again" in words(client.get(person))
    live = select(Consent).where(Consent.withdrawn_at.is_(None), Consent.purpose == ConsentPurpose.SUPPORT)
    assert [one.how for one in session.scalars(live)] == ["by phone"]
    assert "This is agreed to already" in words(send(client, again, how="by phone"))


def test_nobody_is_asked_how_things_are_once_support_is_taken_back(session: Session) -> None:
    team = episodes.team(session)
    episode = episodes.active(session, team)
    closing.close(session, team.worker, episode.id, EpisodeState.COMPLETED, reason=CloseReason.GOALS_MET)
    later = build.days_ahead(100)
    with clock.at(later):
        assert sum(boards.today_board(session, team.worker).counts.values()) == 1
        people.withdraw_consent(session, team.worker, agreed(session, ConsentPurpose.SUPPORT).id)
        assert sum(boards.today_board(session, team.worker).counts.values()) == 0
    assert session.get_one(Episode, episode.id).state is EpisodeState.COMPLETED


def test_a_support_that_was_agreed_for_a_time_is_asked_about_when_it_is_over(session: Session) -> None:
    at = walk.scene(session)
    agreed(session, ConsentPurpose.SUPPORT).until = clock.now() - timedelta(hours=1)
    session.flush()
    assert rights.end_expired(session) == 1
    assert at.episode.state is EpisodeState.ACTIVE, "only the person stops it"
    [task] = session.scalars(select(Action).where(Action.episode_id == at.episode.id))
    assert "Ask whether they still want" in (task.words or "")


def test_what_is_over_is_agreed_to_again_at_once(session: Session) -> None:
    at = walk.scene(session)
    over = agreed(session, ConsentPurpose.SUPPORT)
    over.until = clock.now() + timedelta(hours=1)
    session.flush()
    with pytest.raises(Refused, match="agreed to already"):
        people.give_again(session, at.team.worker, over.id, "by phone")
    with clock.at(clock.now() + timedelta(hours=2)):
        people.give_again(session, at.team.worker, over.id, "by phone")
        with pytest.raises(Refused, match="agreed to already"):
            people.give_again(session, at.team.worker, over.id, "by phone")
        # Nobody is asked whether they still want what they have just agreed to.
        assert rights.end_expired(session) == 1
        assert not session.scalars(select(Action).where(Action.episode_id == at.episode.id)).all()


def test_a_share_is_taken_back_only_once_it_was_asked(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    walk.sent(session, at)
    session.commit()
    consent = agreed(session, ConsentPurpose.SHARE_ACCEPTED)
    client = signed_in(session, make_client, at.team.worker)
    path, person = f"/consents/{consent.id}/withdraw", f"/people/{at.person.id}"
    for page in (person, f"{person}/consents"):
        assert path in client.get(page).text
    asks = words(client.get(path))
    assert "told to delete" in asks
    assert "is taken back" in asks
    session.expire_all()
    assert consent.withdrawn_at is None
    assert send(client, path).status_code == 303
    assert "They can no longer see it" in words(client.get(person))
    again = f"/consents/{consent.id}/again"
    for page in (person, f"{person}/consents"):
        assert again in client.get(page).text
    assert send(client, again, how="face to face").status_code == 303
    assert (
        path.replace(str(consent.id), str(agreed(session, ConsentPurpose.SHARE_ACCEPTED).id))
        in client.get(person).text
    )
