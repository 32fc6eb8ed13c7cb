"""A group without an account answers an offer of help by a link, sees who it is once it said yes, and no more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.audit.models import AuditEntry
from core.calendar.rules import add_working_days, london_day
from core.errors import Conflict, Invalid, NotFound, Refused
from core.jobs.models import Job
from core.jobs.registry import HANDLERS
from core.notify.models import Channel, MessageState
from directory import published
from prescribing.episodes import finding
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.models import Action
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent, Person
from prescribing.people.services import flag_for_safety, withdraw_consent
from prescribing.referrals.events import ListingWasWrong
from prescribing.referrals.links import LINK_LIFE
from prescribing.residents import help_chasing, help_links, helping
from prescribing.residents.models import OfferOfHelp
from prescribing.residents.rules import HelpKind, HelpNo
from tests.html import HtmlClient
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words
from tests.integration.prescribing.referrals import walk
from tests.integration.prescribing.referrals.test_answering import heard
from tests.integration.prescribing.referrals.test_referring import nobody_reads_email
from tests.integration.prescribing.residents.test_helping import hidden, names, offered, placed


def link_of(session: Session) -> str:
    """The address in the latest email or text that asks for an answer."""
    body = walk.messages(session, "help-offered")[-1].body or ""
    return f"/answer/help/{body.partition('/answer/help/')[2].split()[0]}"


def looks(session: Session, at: walk.Scene) -> list[str]:
    rows = session.scalars(
        select(AuditEntry).where(AuditEntry.action == "help.read", AuditEntry.subject_id == at.person.id)
    )
    return [str(row.detail["tier"]) for row in rows]


def by_link(session: Session, make_client: MakeClient, at: walk.Scene, **said: str) -> tuple[HtmlClient, str]:
    """Whoever holds the link of an offer just put to the group, and its address."""
    row = offered(session, at, HelpKind(said.get("kind", "buddy")))
    row.words = said.get("words", "I bake")
    helping.put_to_group(session, at.team.worker, at.person.id, row.id, at.service_id, "by phone")
    session.commit()
    return make_client(), link_of(session)


def test_a_yes_by_link_shows_who_it_is_behind_a_code_that_is_read_out(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    phone, link = by_link(session, make_client, at)
    row = session.scalars(select(OfferOfHelp)).one()
    page = words(phone.get(link))
    for seen in ("Would go along with somebody on their first visit", "I bake", row.reference or "no"):
        assert seen in page
    for private in ("Margaret", "Example", "07700 900123"):
        assert private not in page
    assert looks(session, at) == ["offer"]

    assert send(phone, link, page=link, answer="yes").status_code == 303
    page = words(phone.get(link))
    assert "You said yes" in page
    assert "Show who it is" in page
    assert "Margaret" not in page
    session.expire_all()
    assert names(session, at) == ["Margaret"]
    # Somebody rings and reads out the reference.
    meant = finding.by_reference(session, at.team.worker, row.reference or "")
    assert meant is not None
    assert meant.values == {"person_id": at.person.id}
    team = signed_in(session, make_client, at.team.worker)
    thread = f"/people/{at.person.id}/messages"
    assert (row.reference or "no") in words(team.get(thread))
    read_out = words(send(team, f"/people/{at.person.id}/offers/{row.id}/code", page=thread))
    code = read_out.partition("Read this code to the group")[2].split("Ring the number")[0]
    digits = "".join(one for one in code if one.isdigit())[-6:]
    assert "That code is not right" in words(send(phone, f"{link}/open", page=link, code="nonsense"))
    assert send(phone, f"{link}/open", page=link, code=digits).status_code == 303
    page = words(phone.get(link))
    for seen in ("Margaret", "Ring or text 07700 900123", "I bake"):
        assert seen in page
    assert "Example" not in page
    session.expire_all()
    assert looks(session, at) == ["offer", "offer", "accepted"]
    name = published.offer(session, at.service_id).name
    heard_of = [f"{name} said yes to their offer of help. Tell them that it gets in touch."]
    assert [one.words for one in tasks(session, at)] == heard_of
    # The code opened it here, and nowhere else.
    assert "Margaret" not in words(make_client().get(link))

    assert send(phone, link, page=link, answer="no").status_code == 303
    session.expire_all()
    assert names(session, at) == []
    assert "You said no" in words(phone.get(link))


def test_a_no_by_link_says_why_and_reaches_the_link_worker(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    phone, link = by_link(session, make_client, at)
    assert "press why not" in words(send(phone, link, page=link, answer="no"))
    assert "press yes or no" in words(send(phone, link, page=link, answer="perhaps"))
    session.expire_all()
    assert session.scalars(select(OfferOfHelp.said_yes)).one() is None
    assert send(phone, link, page=link, answer="no", why="not-ready").status_code == 303
    gone = phone.get(link)
    assert gone.status_code == 200
    assert "Thank you for your answer" in words(gone)
    team = signed_in(session, make_client, at.team.worker)
    why = "we cannot take on helpers yet"
    assert f"said no to their offer of help: “{why}”" in words(team.get(f"/people/{at.person.id}"))
    assert f"it said no, “{why}”" in words(team.get(f"/people/{at.person.id}/messages"))


def test_words_that_tell_who_it_is_wait_for_the_yes(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    told = "Ask Margaret about bowls"
    phone, link = by_link(session, make_client, at, kind="skill", words=told)
    page = words(phone.get(link))
    assert "Would share something they are good at" in page
    assert told not in page


def test_whoever_only_holds_the_link_ends_nothing_and_undoes_no_yes(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    phone, link = by_link(session, make_client, at)
    other = make_client()
    old = hidden(other, link)
    assert send(phone, link, page=link, answer="yes").status_code == 303
    late = other.post(link, data={**old, "answer": "no", "why": "enough-helpers"})
    assert late.status_code == 409
    assert "The answer was yes" in words(late)
    ended = other.post(link, data={**old, "answer": "no"})
    assert "Show who it is" in words(ended)
    session.expire_all()
    assert session.scalars(select(OfferOfHelp.said_yes)).one() is True


@pytest.mark.parametrize("how", ["withdrawn", "flagged", "taken back", "elsewhere"])
def test_a_link_is_shut_at_once(session: Session, make_client: MakeClient, how: str) -> None:
    at = walk.scene(session)
    phone, link = by_link(session, make_client, at)
    row, old = session.scalars(select(OfferOfHelp)).one(), hidden(phone, link)
    if how == "withdrawn":
        consent = session.scalars(select(Consent).where(Consent.purpose == ConsentPurpose.HELP_GROUP)).one()
        withdraw_consent(session, at.team.worker, consent.id)
    elif how == "flagged":
        flag_for_safety(session, at.team.worker, session.get_one(Person, at.person.id))
    elif how == "taken back":
        helping.take_back_of(session, at.team.worker, row)
    else:
        helping.answer(session, at.group, row.id, yes=False, why=HelpNo.ENOUGH)
        service_id = walk.scene(session).service_id
        helping.put_to_group(session, at.team.worker, at.person.id, row.id, service_id, "by phone")
    session.commit()
    gone = phone.get(link)
    assert gone.status_code == 410
    assert "This link has been closed" in words(gone)
    assert "I bake" not in words(gone)
    assert phone.post(link, data={**old, "answer": "yes"}).status_code == 410
    assert phone.post(f"{link}/open", data={**old, "code": "123456"}).status_code == 404
    session.expire_all()
    assert session.scalars(select(OfferOfHelp.said_yes)).one() is None
    # What had not left yet does not leave.
    assert walk.messages(session, "help-offered")[0].state is MessageState.CANCELLED


def test_a_link_ends_after_its_days_and_one_for_a_referral_opens_no_offer(
    session: Session, make_client: MakeClient
) -> None:
    at = walk.scene(session)
    phone, link = by_link(session, make_client, at)
    walk.sent(session, at)
    session.commit()
    referral = walk.token_in(walk.messages(session, "referral-new")[0])
    assert phone.get(f"/answer/{link.rpartition('/')[2]}").status_code == 404
    assert phone.get(f"/answer/help/{referral}").status_code == 404
    with clock.at(clock.now() + LINK_LIFE + timedelta(minutes=1)):
        assert "This link is too old" in words(make_client().get(link))


def test_a_code_is_for_whoever_said_yes(session: Session, make_client: MakeClient) -> None:
    at = walk.scene(session)
    phone, link = by_link(session, make_client, at)
    row = session.scalars(select(OfferOfHelp)).one()
    with pytest.raises(Refused, match="no code"):
        help_links.code_to_read_out(session, at.team.worker, at.person.id, row.id)
    with pytest.raises(NotFound):
        help_links.text_code(session, link.rpartition("/")[2])
    assert "Text a code" not in words(phone.get(link))


@pytest.mark.parametrize("email", ["tea@group.example", None])
def test_a_code_is_texted_where_the_link_went_by_email_and_else_read_out(
    session: Session, make_client: MakeClient, email: str | None
) -> None:
    at = nobody_reads_email(walk.scene(session, email=email), session, "+447700900456")
    phone, link = by_link(session, make_client, at)
    send(phone, link, page=link, answer="yes")
    page = words(phone.get(link))
    if email is None:
        assert walk.messages(session, "help-offered")[0].channel is Channel.TEXT
        assert "Text a code" not in page
        assert "Ring" in page
        return
    assert send(phone, f"{link}/code", page=link).status_code == 303
    [told] = walk.messages(session, "answer-code")
    assert (told.channel, told.to) == (Channel.TEXT, "+447700900456")
    code = (told.body or "").partition(" is your code")[0]
    assert send(phone, f"{link}/open", page=link, code=code).status_code == 303
    assert "Margaret" in words(phone.get(link))


def test_what_a_group_runs_no_more_reaches_whoever_keeps_its_listing(session: Session) -> None:
    at = walk.scene(session)
    events = heard(ListingWasWrong)
    row = placed(session, at)
    with pytest.raises(Invalid, match="press why not"):
        helping.answer(session, at.group, row.id, yes=False)
    helping.answered_by_phone(
        session, at.team.worker, at.person.id, row.id, yes=False, why=HelpNo.NOT_RUNNING
    )
    note = "They say that they do not run this any more."
    assert events == [ListingWasWrong(at.service_id, at.organization_id, note)]
    again = placed(session, at)
    helping.answer(session, at.group, again.id, yes=True)
    with pytest.raises(Conflict):
        helping.answer(session, at.group, again.id, yes=False, why=HelpNo.ENOUGH)


def test_a_group_that_does_not_answer_is_reminded_and_then_rung(session: Session) -> None:
    at = walk.scene(session)
    row = placed(session, at)
    asked_at = row.asked_at
    assert asked_at is not None
    chases = session.scalars(select(Job).where(Job.kind == help_chasing.CHASE).order_by(Job.run_at)).all()
    days = clocks().nudges
    assert [london_day(one.run_at) for one in chases] == [
        add_working_days(clock.today(), day) for day in days
    ]
    for one in chases:
        HANDLERS[one.kind](session, one.payload)
    nudges = walk.messages(session, "help-nudge")
    assert len(nudges) == len(days)
    assert "Margaret" not in (nudges[0].body or "")
    assert [one.words for one in tasks(session, at)] == [
        f"{published.offer(session, at.service_id).name} has not answered their offer of help. Ring it."
    ]
    # Asked anew, answered, or taken back: nobody is reminded of what is over.
    helping.answer(session, at.group, row.id, yes=False, why=HelpNo.ENOUGH)
    help_chasing.chase(session, row.id, asked_at, last=False)
    with clock.at(clock.now() + timedelta(hours=1)):
        helping.put_to_group(session, at.team.worker, at.person.id, row.id, at.service_id, "by phone")
    help_chasing.chase(session, row.id, asked_at, last=False)
    flag_for_safety(session, at.team.worker, session.get_one(Person, at.person.id))
    help_chasing.chase(session, row.id, row.asked_at or asked_at, last=False)
    assert len(walk.messages(session, "help-nudge")) == len(days)


def tasks(session: Session, at: walk.Scene) -> list[Action]:
    found = select(Action).where(Action.episode_id == at.episode.id)
    return [one for one in session.scalars(found) if "offer of help" in (one.words or "")]
