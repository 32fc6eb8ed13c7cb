"""Listings stay true: a volunteer with two minutes, a stranger at a dead line, an editor with a telephone."""

from __future__ import annotations

import re
from email import message_from_string, policy
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.listings.models import Organization, Service
from directory.stewardship.freshness import owners
from directory.stewardship.freshness.links import send_check
from directory.stewardship.freshness.models import CheckLink, EditorCall
from tests import build
from tests.journeys.conftest import Arrivals
from tests.journeys.people import Editor, GroupVolunteer, Resident
from tests.journeys.site import Site, inside

GROUP = "The Open Larder"
CLAIMED = "Bobbin Row Larder"


def listings_of(session: Session, group: str) -> list[Service]:
    wanted = select(Service).join(Organization).where(Organization.name == group).order_by(Service.name)
    return list(session.scalars(wanted))


def nobody_checked_for_half_a_year(session: Session, rows: list[Service]) -> None:
    past = build.days_ago(200)
    session.execute(
        update(Service)
        .where(Service.id.in_([row.id for row in rows]))
        .values(confirmed_at=past, updated_at=Service.updated_at)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def a_reminder_is_sent(site: Site) -> str:
    """Given a group that was asked by email whether all is right; gives the link's address."""
    with inside(site) as session:
        rows = listings_of(session, GROUP)
        nobody_checked_for_half_a_year(session, rows)
        (owner,) = owners.owners_of(session, rows)
        send_check(session, owner, owners.listings_of(session, owner))
    return link_in_the_mail(site)


def link_in_the_mail(site: Site) -> str:
    site.work()
    for message in reversed(site.messages()):
        found = re.search(r"http://\S+/check/\S+", message)
        if found and "Cook on a budget" in message:
            return found.group()
    raise AssertionError("no email asks whether it is still right")


def test_a_volunteer_says_from_the_email_that_all_is_right_but_one(
    shared_site: Site, arrive: Arrivals
) -> None:
    link = a_reminder_is_sent(shared_site)
    shabana = arrive(GroupVolunteer, shared_site, "phone")
    shabana.goes_to(link)
    shabana.reads_heading("Is this still right?")
    shabana.presses_beside("Cook on a budget", "Still right")
    shabana.sees("Your page says that you checked it today")

    shabana.presses_beside("Doorstep food parcels", "Not on this time")
    shabana.sees("Not on")
    shabana.presses_beside("Doorstep food parcels", "It is on after all")

    shabana.presses_beside("Doorstep food parcels", "Something changed")
    shabana.fills_in("Phone", "0161")
    shabana.presses("Save", status=400)
    shabana.sees("Enter a UK phone number with its area code")
    shabana.finds_typed("Phone", "0161")
    shabana.fills_in("Phone", "0161 496 0309")
    shabana.fills_in("Anything else that changed?", "We also go to Tottington now.")
    shabana.presses("Save")
    shabana.sees("0161 496 0309")

    shabana.presses_beside("Thursday and Saturday pantry", "Still right")
    shabana.reads_heading("Thank you, that is all")


def test_a_volunteer_just_replies_to_the_email_and_confirms_what_was_read(
    shared_site: Site, arrive: Arrivals
) -> None:
    a_reminder_is_sent(shared_site)
    # Given a reply that nobody could make sense of
    replies(shared_site, "What is this about?\n\nSent from my iPhone")
    assert "Subject: Thank you: somebody reads your email" in shared_site.messages()[-1]
    # And another that says what changed
    replies(
        shared_site,
        "Hi,\n\nCook on a budget is every Wednesday 1pm to 3pm now.\nBring an apron.\n\nThanks\nShabana",
    )
    back = message_from_string(shared_site.messages()[-1], policy=policy.default)
    found = re.search(r"http://\S+/check/\S+/reply", back.get_content())
    assert found
    shabana = arrive(GroupVolunteer, shared_site, "phone")
    shabana.goes_to(found.group())
    shabana.reads_heading("Is this what you meant?")
    shabana.sees("Cook on a budget", "Nothing changes until you press the button", "Bring an apron.")
    shabana.fills_in("Times", "now and then")
    shabana.presses("Confirm", status=400)
    shabana.finds_typed("Times", "now and then")
    shabana.fills_in("Times", "Every Wednesday, 1pm to 3pm")
    shabana.presses("Confirm")
    shabana.reads_heading("Is this still right?")
    shabana.sees("Wednesday")

    ruth = arrive(Editor, shared_site, "desktop")
    ruth.signs_in_as("Ruth Entwistle")
    ruth.follows("What people told us")
    ruth.sees("The group wrote to us")


def replies(site: Site, words: str) -> None:
    """Somebody answers the last email, as their mail program and a mail server do."""
    to = re.search(r"^Reply-To: (\S+)", site.messages()[-1], re.MULTILINE)
    assert to
    heads = f"From: shabana@example.com\nTo: {to[1]}\nMessage-ID: <{to[1]}>\nSubject: Re: Is it right?"
    site.flask("inbound", "receive", stdin=f"{heads}\n\n{words}\n")
    site.work()


def test_a_volunteer_finds_the_link_too_old_and_has_another(shared_site: Site, arrive: Arrivals) -> None:
    link = a_reminder_is_sent(shared_site)
    with inside(shared_site) as session:
        session.execute(update(CheckLink).values(expires_at=build.days_ago(1)))
    shabana = arrive(GroupVolunteer, shared_site, "phone")
    shabana.goes_to(link, status=410)
    shabana.reads_heading("This link is too old")
    shabana.presses("Send me a new link")
    shabana.reads_heading("We have sent a new link")
    another = link_in_the_mail(shared_site)
    assert another != link
    shabana.goes_to(another)
    shabana.presses("All 3 are still right")
    shabana.reads_heading("Thank you, that is all")


def test_a_stranger_says_that_a_number_is_wrong_and_an_editor_closes_it(
    shared_site: Site, arrive: Arrivals
) -> None:
    with inside(shared_site) as session:
        listing: UUID = listings_of(session, GROUP)[0].id
    stranger = arrive(Resident, shared_site, "phone")
    stranger.goes_to(f"/activities/{listing}")
    stranger.follows("Is something wrong on this page?")
    # Nobody is as quick as a test: whoever is, is asked to look again.
    stranger.fills_in("What should it say?", "It rings out. Try 0161 496 0307.")
    stranger.presses("Send", status=400)
    stranger.sees("Choose what is wrong")
    stranger.finds_typed("What should it say?", "It rings out. Try 0161 496 0307.")
    stranger.chooses("The phone number or email")
    stranger.page.wait_for_timeout(3000)
    stranger.presses("Send")
    stranger.reads_heading("Thank you")
    reference = stranger.reads_the_reference()

    ruth = arrive(Editor, shared_site, "desktop")
    ruth.signs_in_as("Ruth Entwistle")
    ruth.follows("What people told us")
    ruth.follows("Cook on a budget")
    ruth.sees("It rings out. Try 0161 496 0307.", reference)
    ruth.chooses("It is put right")
    ruth.presses("Close it")
    ruth.sees("Closed. Thank you.")


def test_somebody_proves_that_a_group_is_theirs_by_a_code(shared_site: Site, arrive: Arrivals) -> None:
    with inside(shared_site) as session:
        group = session.scalars(select(Organization).where(Organization.name == CLAIMED)).one()
        page, own_address = f"/groups/{group.id}", f"treasurer@{(group.email or '').partition('@')[2]}"
    tracey = arrive(Resident, shared_site, "phone")
    tracey.goes_to(page)
    tracey.follows("Keep this page yourself")
    tracey.fills_in("Your name", "Tracey Holt")
    tracey.fills_in("Your email", "tracey@example.com")
    tracey.chooses("A code by email to the group's own address")
    tracey.page.wait_for_timeout(3000)
    tracey.presses("Continue", status=400)
    tracey.finds_typed("Your name", "Tracey Holt")
    tracey.fills_in("Your email", own_address)
    tracey.presses("Continue")
    tracey.reads_heading("We have sent you a code")
    shared_site.work()
    (message,) = (one for one in shared_site.messages() if own_address in one and "/claims/" in one)
    code = re.search(r"^\d{3} \d{3}$", message, re.MULTILINE)
    assert code
    wrong = "111 111" if code.group() != "111 111" else "222 222"
    tracey.fills_in("Code", wrong)
    tracey.presses("Continue", status=400)
    tracey.sees("That code is not right, or is too old")
    tracey.fills_in("Code", code.group())
    tracey.presses("Continue")
    tracey.reads_heading(f"You keep {CLAIMED} now")


def test_an_editor_rings_before_a_listing_hides(shared_site: Site, arrive: Arrivals) -> None:
    with inside(shared_site) as session:
        row = session.scalars(select(Service).where(Service.name == "Monday debt desk")).one()
        nobody_checked_for_half_a_year(session, [row])
        session.add(EditorCall(service_id=row.id, asked_at=build.days_ago(2)))
    ruth = arrive(Editor, shared_site, "phone")
    ruth.signs_in_as("Ruth Entwistle")
    ruth.follows("Groups to ring")
    ruth.sees("Monday debt desk", "Ring 0161 496 0301")
    ruth.presses_beside("Monday debt desk", "No answer")
    ruth.sees("Rung 1 time without an answer.", "Try again on")
    ruth.presses_beside("Monday debt desk", "Still right")
    ruth.sees("It is confirmed.")
    ruth.does_not_see("Monday debt desk")
