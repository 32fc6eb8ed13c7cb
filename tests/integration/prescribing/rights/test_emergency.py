"""A record that is shut otherwise, opened in an emergency: for an hour, with the second step, and everybody told."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.accounts.models import Account
from core.errors import Invalid, NotFound, Refused
from core.notify.models import Message
from prescribing.rights import emergency, finding, looks, queries
from tests import build, build_prescribing
from tests.html import HtmlClient
from tests.integration.prescribing.rights import walk
from tests.integration.prescribing.rights.walk import CANARY, send


def test_an_emergency_opens_what_keeps_somebody_safe_for_an_hour(session: Session) -> None:
    at = walk.scene(session)
    stranger = build.actor(session, Role.LINK_WORKER)
    with pytest.raises(Refused, match="own team"):
        emergency.open_record(session, at.worker, at.person.id, "The police ask about her")
    with pytest.raises(NotFound):
        emergency.open_record(session, at.officer, at.person.id, "The police ask about her")
    with pytest.raises(Invalid, match="sentence"):
        emergency.open_record(session, stranger, at.person.id, "urgent")
    found = finding.find_person(session, stranger, at.at.episode.reference.lower(), "", None)
    look_id = emergency.open_record(session, stranger, found, "The police ask about her")
    with pytest.raises(Refused, match="already"):
        emergency.open_record(session, stranger, found, "The police ask about her")
    told = session.scalars(select(Message).where(Message.template == "glass-broken")).one()
    assert CANARY not in f"{told.subject} {told.body}"
    assert emergency.page(session, stranger, look_id).person.risks == f"{CANARY} risks"
    with pytest.raises(NotFound):
        emergency.page(session, at.worker, look_id)
    with clock.at(clock.now() + timedelta(minutes=61)), pytest.raises(NotFound):
        emergency.page(session, stranger, look_id)
    emergency.close(session, stranger, look_id)
    with pytest.raises(NotFound):
        emergency.close(session, stranger, look_id)
    (waiting,) = queries.desk(session, at.officer).emergencies
    assert waiting.reason == "The police ask about her"
    with pytest.raises(Invalid):
        emergency.review(session, at.officer, look_id, " ")
    emergency.review(session, at.officer, look_id, "It was right")
    with pytest.raises(Refused):
        emergency.review(session, at.officer, look_id, "It was right")
    session.commit()
    shown = looks.looks_at(session, at.resident, at.person.id)
    assert any("in an emergency" in one.what for one in shown.lines)


def test_a_record_is_opened_in_an_emergency_and_every_page_says_so(
    client: HtmlClient, session: Session
) -> None:
    at = walk.scene(session)
    reference = at.person.reference
    stranger = build.account(session, Role.LINK_WORKER)
    secret = pyotp.random_base32()
    stranger.totp_secret, stranger.totp_confirmed_at = secret, clock.now()
    build.sign_in(session, client, stranger)
    why = {"text": reference, "reason": "The police found her outside and ask about risks"}
    wrong = send(client, "/emergency", code="000000", **why)
    assert "not right" in wrong.text
    code = pyotp.TOTP(secret).at(clock.now())
    opened = send(client, "/emergency", code=code, **why)
    shown = client.get(opened.location)
    assert f"{CANARY} risks" in shown.text
    assert f"{CANARY} what_matters" not in shown.text
    assert "You have a record open in an emergency" in client.get("/today").text
    again = send(client, "/emergency", code=code, **why)
    assert "not right" in again.text, "each code works once"
    look = opened.location
    assert send(client, look, f"{look}/close").status_code == 303
    assert client.get(look).status_code == 404
    assert "You have a record open" not in client.get("/today").text
    assert client.get(f"/people/{at.person.id}/consents").status_code == 404
    assert at.worker.account_id is not None
    build.sign_in(session, client, session.get_one(Account, at.worker.account_id))
    assert "in force now" in client.get(f"/people/{at.person.id}/consents").text


def test_a_slip_in_the_reference_does_not_cost_the_next_code(client: HtmlClient, session: Session) -> None:
    at = walk.scene(session)
    stranger, secret = build.account(session, Role.LINK_WORKER), pyotp.random_base32()
    stranger.totp_secret, stranger.totp_confirmed_at = secret, clock.now()
    build.sign_in(session, client, stranger)
    reference, why = at.person.reference, "The police found her outside and ask about risks"
    code = pyotp.TOTP(secret).at(clock.now())
    slipped = send(client, "/emergency", text="GT-7K4M-2Q", reason=why, code=code)
    assert "We have no such record" in slipped.text
    assert "Your code was right" in slipped.text
    assert 'name="code"' not in slipped.text
    too_short = send(client, "/emergency", text=reference, reason="urgent")
    assert "Say in a sentence" in too_short.text
    with clock.at(clock.now() + timedelta(minutes=6)):
        assert "Enter the code" in send(client, "/emergency", text=reference, reason=why).text
    opened = send(client, "/emergency", text=reference, reason=why)
    assert client.get(opened.location).status_code == 200
    # It opened one record, and opens no other; and nobody else's.
    assert "Enter the code" in send(client, "/emergency", text=reference, reason=why).text
    send(
        client,
        "/emergency",
        text="GT-7K4M-2Q",
        reason=why,
        code=pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30)),
    )
    with client.session_transaction() as cookie:
        kept = cookie["proved"]
    build.sign_in(session, client, build.account(session, Role.LINK_WORKER))
    with client.session_transaction() as cookie:
        cookie["proved"] = kept
    assert "Enter the code" in send(client, "/emergency", text=reference, reason=why).text


def test_whose_record_it_is_stands_there_where_nobody_supports_them(session: Session) -> None:
    person_id = build_prescribing.person(session)
    stranger = build.actor(session, Role.LINK_WORKER)
    look_id = emergency.open_record(session, stranger, person_id, "The police ask about her")
    shown = emergency.page(session, stranger, look_id)
    assert not shown.support
    assert shown.team.startswith("Team ")
    assert shown.team_phone == "0161 496 0999"
