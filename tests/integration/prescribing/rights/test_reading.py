"""Somebody's copy, as they read it: no code, no number of a row, and the names of whoever and whatever is in it."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.notify.models import Message, MessageState
from directory.listings.models import Service
from prescribing.episodes import plan
from prescribing.measures.rules import CompletedBy, Mode, Point
from prescribing.measures.services import record_measurement
from prescribing.people.models import Team
from prescribing.proxies import services as proxies
from prescribing.proxies.rules import Ground
from prescribing.referrals import answering
from prescribing.referrals.models import Referral
from prescribing.referrals.rules import DeclineReason, ReferralState
from prescribing.rights import copies, reading, services
from prescribing.rights.rules import TAKEN_OUT, RequestKind
from prescribing.rights.wording import codes_of
from tests.integration.prescribing.rights import walk

CODES = (
    "share-offer",
    "access_words",
    "outbound",
    "being-addressed",
    "only-the-person",
    "Slug",
    "ucla3",
    "link-worker",
)

ROOT = Path(__file__).parents[4]
# Messages about accounts, groups and listings, and parts of messages.
ABOUT_NOBODY = {
    *(
        "ask-saved",
        "claim-code",
        "claim-refused",
        "claim-told",
        "group-decided",
        "group-joined",
        "invitation",
    ),
    *("kept-list", "listing-approved", "listing-check", "listing-hidden", "listing-sent-back"),
    *("password-changed", "password-reset", "reply-editor", "reply-failed", "reply-late", "reply-read"),
    *("reply-right", "reply_foot", "sign-in-code", "sign-in-link", "sign-in-open"),
}


def test_a_copy_reads_as_words_with_the_names_of_whoever_is_in_it(session: Session) -> None:
    at = walk.scene(session)
    plan.add_goal(session, at.worker, at.at.episode.id, plan.GoalText("some company"))
    record_measurement(
        session,
        at.worker,
        at.at.episode.id,
        "ucla3",
        point=Point.BASELINE,
        mode=Mode.PAPER,
        completed_by=CompletedBy.PERSON,
        answers={"companionship": 3, "isolated": None},
    )
    services.ask(session, at.resident, at.person.id, RequestKind.CORRECTION, "My street is Low Road")
    walk.end_support(session, at)
    parts = reading.told(session, services.own_copy(session, at.resident, at.person.id))
    said = {part.heading: [dict(entry) for entry in part.entries] for part in parts}
    (referral,) = said["Groups that we asked for you"]
    assert referral["Activity"] == session.get_one(Service, at.at.service_id).name
    assert referral["Where it stands"] == "You are not going there"
    (support,) = said["Your support"]
    assert support["Your link worker"] == at.worker.name
    assert said["What happened, step by step"][-1]["Who wrote it down"] == at.worker.name
    assert "we talked" in {one["What came of it"] for one in said["When we talked or tried to"]}
    teams = session.get_one(Team, at.at.team.id).name
    assert teams in {one["With whom"] for one in said["What you agreed to"]}
    (answered,) = said["What you answered about how things are"]
    assert answered["Questions"] == "Loneliness (UCLA, three questions)"
    assert answered["Answers"] == "Lacking companionship: “often”"
    assert answered["How it was asked"] == "on paper"
    assert said["What you asked about your record"][0]["What you asked"] == "Put something right"
    whole = " ".join(f"{name} {text}," for part in parts for entry in part.entries for name, text in entry)
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", whole)
    assert [code for code in CODES if code in whole] == []


def test_the_name_of_whoever_wrote_it_down_is_no_passage_to_be_read(session: Session) -> None:
    at = walk.scene(session)
    asked = walk.proved(session, at, RequestKind.ACCESS)
    assert "Author name" not in {one.field for one in copies.unread(session, at.person.id, asked)}
    told = copies.as_json(services.own_copy(session, at.resident, at.person.id))
    assert f'"author_name": "{at.worker.name}"' in told


def test_an_officer_reads_words_and_no_code_before_a_copy_goes_out(session: Session) -> None:
    at = walk.scene(session)
    asked = walk.proved(session, at, RequestKind.ACCESS)
    _say_no(session, at, DeclineReason.NOT_SUITABLE, "Dave would be there")
    unread = {(one.part, one.field): one for one in copies.unread(session, at.person.id, asked)}
    request = unread["What was asked for you", "Content"]
    assert "What you asked for help with: Company and friendship" in request.text
    assert "Who may answer the phone: only the person" in request.text
    said = unread["What groups answered", "Reason"]
    assert said.text == "we are not the right kind of help: Dave would be there"
    for one in unread.values():
        assert [code for code in CODES if code in one.text] == []
        services.review(session, at.officer, asked, one.id, one.text.replace("Dave", "[[Dave]]"))
    parts = reading.told(session, copies.copy_for(session, at.person.id, asked))
    reasons = [dict(entry).get("Reason") for part in parts for entry in part.entries]
    assert f"we are not the right kind of help: {TAKEN_OUT} would be there" in reasons


def test_messages_and_whoever_may_act_are_told_in_words(session: Session) -> None:
    at = walk.scene(session)
    services.ask(session, at.resident, at.person.id, RequestKind.CORRECTION, "My street is Low Road")
    letting = proxies.Letting("Al", "al@example.org", "", 12, may_message=True, may_say=False)
    proxies.let_act(session, at.resident, at.person.id, letting)
    session.execute(update(Message).values(state=MessageState.SENT))
    parts = reading.told(session, services.own_copy(session, at.resident, at.person.id))
    said = {part.heading: [dict(entry) for entry in part.entries] for part in parts}
    about = {one["About"] for one in said["Messages that we sent"]}
    assert "whether there is a place, to the group" in about
    assert "you asked something about your record, to our data protection officer" in about
    assert not any("-" in one for one in about)
    (proxy,) = said["Who may act for you"]
    assert proxy["Why they may"] == "you told us so yourself"
    assert proxy["How you let them"] == "online, by yourself"
    assert "No" not in {text for name, text in proxy.items() if "understand" in name}


def test_every_message_about_somebody_is_told_in_words() -> None:
    files = (file.stem for kind in ("email", "text") for file in (ROOT / "templates" / kind).glob("*.txt"))
    assert set(files) - set(codes_of("messages", "about")) == ABOUT_NOBODY
    assert set(codes_of("proxies", "ground")) == set(Ground)


def test_a_code_of_ours_is_no_passage_to_be_read(session: Session) -> None:
    at = walk.scene(session)
    asked = walk.proved(session, at, RequestKind.ACCESS)
    _say_no(session, at, DeclineReason.NO_CAPACITY)
    heard = {one.part for one in copies.unread(session, at.person.id, asked)}
    assert "What groups answered" not in heard
    parts = reading.told(session, services.own_copy(session, at.resident, at.person.id))
    reasons = [dict(entry).get("Reason") for part in parts for entry in part.entries]
    assert "we have no room just now" in reasons


def _say_no(session: Session, at: walk.Scene, reason: DeclineReason, note: str = "") -> None:
    """The group's answer to the referral of the scene."""
    referral = session.scalars(select(Referral)).one()
    answering.answer(
        session,
        at.at.group,
        referral.id,
        ReferralState.DECLINED,
        expected_version=referral.version,
        reason=reason,
        note=note,
    )
