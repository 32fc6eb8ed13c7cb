"""Acting for somebody: given, looked at, said and ended, with every look shown to the person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Actor, Role
from core.accounts import entering, links
from core.accounts.models import Account, EmailedLink
from core.accounts.queries import live_memberships
from core.db import blind_index
from core.errors import Refused
from core.notify.models import Message, MessageState
from prescribing.episodes import closing
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people.models import Person
from prescribing.proxies import services as proxies
from prescribing.proxies.models import Proxy
from prescribing.referrals import answering, attending
from prescribing.referrals.models import Presence
from prescribing.referrals.rules import ReferralState
from prescribing.residents import services
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.referrals import walk

BO = {"name": "Bo Example", "email": "bo@example.org", "mobile": "07700 900124", "months": "3"}


def at_home(session: Session, make_client: MakeClient, at: walk.Scene) -> HtmlClient:
    return signed_in(session, make_client, build.actor(session, Role.RESIDENT, place_id=at.person.id))


def bo(session: Session) -> Actor:
    """Whoever was let act, as their account stands now."""
    session.expire_all()
    index = blind_index("account-email", "bo@example.org")
    account = session.scalars(select(Account).where(Account.email_index == index)).one()
    return Actor(account.id, account.name or "", live_memberships(account))


def test_somebody_acts_within_limits_and_every_look_shows(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    answering.answer(
        session, at.group, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
    )
    home, team = at_home(session, make_client, at), signed_in(session, make_client, at.team.worker)
    assert send(home, "/me/messages", words="About my son").status_code == 303
    assert "Choose how long" in words(send(home, "/me/others", **(BO | {"months": ""})))
    assert send(home, "/me/others", **BO, may_message="y", may_say="y").status_code == 303
    assert "reads and answers new messages" in words(home.get("/me/others"))
    assert [one.template for one in walk.messages(session, "invitation")] == ["invitation"]
    assert "They wrote to you" in words(team.get("/today"))

    client = signed_in(session, make_client, bo(session))
    assert "Margaret Example" in words(client.get("/for"))
    path = f"/for/{at.person.id}"
    page = words(client.get(path))
    assert "What is coming for Margaret Example" in page
    assert "10am to 12pm" in page
    assert "About my son" not in page, "what the person wrote stays theirs"
    for shut in ("/me", "/me/messages", "/me/privacy", "/me/copy", f"/people/{at.person.id}"):
        assert client.get(shut).status_code == 404, shut

    assert send(client, f"{path}/messages", page=path, words="She needs a lift").status_code == 303
    assert "(acts for them)" in words(team.get(f"/people/{at.person.id}/messages"))
    assert send(team, f"/people/{at.person.id}/messages", words="We find one").status_code == 303
    assert "bo@example.org" in [one.to for one in walk.messages(session, "message-waiting")]
    assert "We find one" in words(client.get(path))
    helps = f"{path}/referrals/{referral.id}/helps"
    assert "Does it help?" not in words(client.get(path)), "nobody knows that before the first visit"
    with pytest.raises(Refused, match="have not been there yet"):
        services.say_it_helps(session, bo(session), at.person.id, referral.id)
    attending.record_attendance(session, at.group, referral.id, clock.today(), Presence.CAME)
    session.commit()
    assert "Does it help?" in words(client.get(path))
    assert send(client, helps, page=path).status_code == 303
    assert "Whoever acts for you said that this helps." in words(home.get("/me"))
    looks = words(home.get("/me/privacy"))
    assert "Looked at what is coming for you" in looks
    assert "because they may act for you" in looks

    row = session.scalars(select(Proxy)).one()
    assert send(home, f"/me/others/{row.id}/end", page="/me/others").status_code == 303
    assert client.get(path).status_code == 303, "signed out at once"
    assert bo(session).memberships == ()
    assert "Nobody acts" not in words(home.get("/me/others"))


def test_a_flag_for_safety_and_the_end_of_the_time_shut_it(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    path = f"/people/{at.person.id}/others"
    team = signed_in(session, make_client, at.team.worker)
    said = BO | {"ground": "own-word", "how": "by phone"}
    assert send(team, path, **said).status_code == 303
    assert "Bo Example" in words(team.get(f"/people/{at.person.id}"))
    assert "They may act already" in words(send(team, path, **said))
    client = signed_in(session, make_client, bo(session))
    page = words(client.get(f"/for/{at.person.id}"))
    assert "Messages with the link worker" not in page
    assert "Does it help?" not in page
    assert client.post(f"/for/{at.person.id}/messages", data={"words": "Hello"}).status_code >= 400

    person = session.get_one(Person, at.person.id)
    person.flagged_for_safety = True
    session.commit()
    assert client.get(f"/for/{at.person.id}").status_code == 404
    assert "You act for nobody now" in words(client.get("/for"))
    assert "flagged for safety" in words(send(team, path, **(said | {"email": "another@example.org"})))
    assert proxies.end_what_is_over(session) == 0, "a flag may be lifted again"

    person = session.get_one(Person, at.person.id)
    person.flagged_for_safety = False
    row = session.scalars(select(Proxy)).one()
    row.last_day = clock.today() - timedelta(days=1)
    session.commit()
    assert client.get(f"/for/{at.person.id}").status_code == 404
    assert proxies.end_what_is_over(session) == 1
    session.commit()
    assert bo(session).memberships == ()


def test_under_18_it_goes_by_age(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    today = clock.today()
    person = session.get_one(Person, at.person.id)
    person.date_of_birth = today.replace(year=today.year - 15, day=1).isoformat()
    session.commit()
    home, team = at_home(session, make_client, at), signed_in(session, make_client, at.team.worker)
    assert "You are under 18" in words(send(home, "/me/others", **BO))
    path = f"/people/{at.person.id}/others"
    said = BO | {"ground": "own-word", "how": "face to face"}
    refused = send(team, path, **said)
    assert "they understand what it means" in words(refused)
    assert 'value="bo@example.org"' in refused.get_data(as_text=True)
    assert send(team, path, **(said | {"ground": "parent"})).status_code == 303
    client = signed_in(session, make_client, bo(session))
    assert client.get(f"/for/{at.person.id}").status_code == 200

    row = session.scalars(select(Proxy)).one()
    row.given_on = today - timedelta(days=60)
    person = session.get_one(Person, at.person.id)
    person.date_of_birth = today.replace(year=today.year - 16, day=1).isoformat()
    session.commit()
    assert client.get(f"/for/{at.person.id}").status_code == 404, "sixteen now: it is theirs to give again"
    assert proxies.end_what_is_over(session) == 1


def test_who_is_let_act_reads_nothing_from_before(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    team = signed_in(session, make_client, at.team.worker)
    home, path = at_home(session, make_client, at), f"/people/{at.person.id}/messages"
    assert send(team, path, words="About your debts").status_code == 303
    assert send(home, "/me/others", **BO, may_message="y").status_code == 303
    assert send(team, path, words="We meet at ten").status_code == 303
    page = words(signed_in(session, make_client, bo(session)).get(f"/for/{at.person.id}"))
    assert "We meet at ten" in page
    assert "About your debts" not in page


def test_a_renewal_outlives_the_end_of_what_it_renews(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    home = at_home(session, make_client, at)
    assert send(home, "/me/others", **BO).status_code == 303
    session.scalars(select(Proxy)).one().last_day = clock.today() - timedelta(days=1)
    session.commit()
    assert send(home, "/me/others", **BO).status_code == 303
    session.expire_all()
    assert proxies.end_what_is_over(session) == 0, "what was over ended with the renewal"
    session.commit()
    client = signed_in(session, make_client, bo(session))
    assert client.get(f"/for/{at.person.id}").status_code == 200


def test_whoever_acts_can_stop_by_themself_and_all_hear_of_it(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    home, team = at_home(session, make_client, at), signed_in(session, make_client, at.team.worker)
    assert send(home, "/me/others", **BO, may_message="y").status_code == 303
    client = signed_in(session, make_client, bo(session))
    path = f"/for/{at.person.id}"
    assert send(client, f"{path}/end", page=path).status_code == 303
    assert client.get(path).status_code == 303, "signed out at once"
    assert bo(session).memberships == ()
    assert "I do not act for them any more." in words(team.get(f"/people/{at.person.id}/messages"))
    assert "They wrote to you" in words(team.get("/today"))
    assert "I do not act for them any more." in words(home.get("/me/messages"))


def test_after_a_death_nothing_waits_for_whoever_acted_but_for_others(
    session: Session, make_client: MakeClient
) -> None:
    at, other = walk.scene(session), walk.scene(session)
    for scene, mail in ((at, "bo@example.org"), (at, "jo@example.org"), (other, "jo@example.org")):
        team = signed_in(session, make_client, scene.team.worker)
        said = BO | {"email": mail, "ground": "own-word", "how": "by phone"}
        assert send(team, f"/people/{scene.person.id}/others", **said).status_code == 303
    bos, jos = (
        session.scalars(
            select(Account).where(Account.email_index == blind_index("account-email", mail))
        ).one()
        for mail in ("bo@example.org", "jo@example.org")
    )
    client = signed_in(session, make_client, bo(session))
    closing.close(session, at.team.worker, at.episode.id, EpisodeState.WITHDRAWN, reason=CloseReason.DIED)
    session.commit()
    states = dict(
        session.execute(
            select(Message.about_id, Message.state).where(Message.about_id.in_([bos.id, jos.id]))
        ).all()
    )
    assert states == {bos.id: MessageState.CANCELLED, jos.id: MessageState.QUEUED}
    assert client.get("/for").status_code == 303, "signed out at once"
    session.expire_all()
    assert live_memberships(bos) == ()
    assert [one.person_id for one in live_memberships(jos)] == [other.person.id]
    assert session.scalars(select(EmailedLink.used_at).where(EmailedLink.account_id == bos.id)).all() != [
        None
    ]
    before = len(walk.messages(session))
    for index in (bos.email_index or "", "nobody"):
        links.send_reset(session, index)
        entering.send_sign_in(session, index)
    assert len(walk.messages(session)) == before


def test_whoever_acts_needs_one_way_to_be_reached_and_a_code_read_out(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    team = signed_in(session, make_client, at.team.worker)
    path = f"/people/{at.person.id}/others"
    said = BO | {"ground": "own-word", "how": "by phone"}
    assert "or their mobile number below" in words(send(team, path, **(said | {"email": "", "mobile": ""})))
    own = said | {"email": "", "mobile": session.get_one(Person, at.person.id).mobile or ""}
    assert "the person's own number" in words(send(team, path, **own))
    assert send(team, path, **(said | {"mobile": ""})).status_code == 303
    assert walk.messages(session)[-1].template == "invitation"
    row = session.scalars(select(Proxy)).one()
    assert "Read this code out" in words(send(team, f"{path}/{row.id}/code", page=path))
    assert send(team, f"{path}/{row.id}/end", page=path).status_code == 303
    assert "Show a code to read out" not in words(team.get(path))
    assert send(team, path, **(said | {"email": ""})).status_code == 303
    assert walk.messages(session)[-1].template == "sign-in-open"
