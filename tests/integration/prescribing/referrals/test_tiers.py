"""A canary in every field of a person: what a group reads of it is what its tier lists, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from core.audit.models import AuditEntry
from core.db import Base, Sealed
from core.notify.models import Message
from prescribing.people.models import Person
from prescribing.referrals import answering, inbox
from prescribing.referrals.rules import ReferralState
from prescribing.referrals.tiers import ACCEPTED_FIELDS, OFFER_FIELDS, Tier
from prescribing.referrals.words import Words
from tests.html import HtmlClient
from tests.integration.prescribing.referrals import walk
from tests.integration.prescribing.referrals.test_pages import enter, post

# Each of the person's own texts, as a word that stands nowhere else.
SEALED = [name for name, value in vars(Person).items() if isinstance(value, Sealed)]
UNTYPED = {"safe_contact", "date_of_birth"}
OFFERED = Words(
    goal="canarygoal",
    safe_yes="canarysafeyes",
    access="canaryaccesswords",
    communication="canarycommunicationwords",
    risk_summary="canarysharedrisk",
    agreed_contact="canaryagreedcontact",
)
BEFORE = {"canarygoal", "canarysafeyes", "canaryaccesswords", "canarycommunicationwords"}
AFTER = {
    "canaryaccesswords",
    "canarycommunicationwords",
    "canarysharedrisk",
    "canaryagreedcontact",
    "canarypersonpreferredname",
}


def planted(session: Session) -> walk.Scene:
    at = walk.scene(session)
    for name in SEALED:
        if name not in UNTYPED:
            setattr(at.person, name, f"canaryperson{name.replace('_', '')}")
    at.person.gp_practice = "canarypersonpractice"
    at.need.words = "canaryneedwords"
    session.flush()
    return at


def canaries(text: str) -> set[str]:
    return set(re.findall(r"canary[a-z]+", text.lower()))


def test_a_group_reads_its_tier_and_nothing_else(
    session: Session, client: HtmlClient, make_client: Callable[[], HtmlClient]
) -> None:
    at = planted(session)
    referral = walk.sent(session, at, OFFERED)
    link = f"/answer/{walk.token_in(walk.messages(session, 'referral-new')[0])}"
    enter(session, client, at.group.account_id)
    outside = make_client()
    one, register = f"/referrals/{referral.id}", f"/activities/{at.service_id}/attendance"
    assert canaries(client.get(one).text) == BEFORE
    assert canaries(outside.get(link).text) == BEFORE
    assert canaries(client.get("/inbox").text) <= BEFORE
    assert canaries(client.get(register).text) == set()
    page = client.get(one).text
    assert post(client, f"{one}/answer", page, answer="accepted", version=str(referral.version)) == 303
    assert canaries(client.get(one).text) == AFTER
    assert canaries(client.get("/inbox").text) <= AFTER
    assert canaries(client.get(register).text) == {"canarypersonpreferredname"}
    assert canaries(outside.get(link).text) == set()
    for message in session.scalars(select(Message)):
        assert canaries(f"{message.subject} {message.body}") == set()
    for entry in session.scalars(select(AuditEntry)):
        assert canaries(str(entry.detail)) == set()


def test_what_is_built_for_a_group_is_its_tier(session: Session) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    offer = inbox.for_group(session, at.group, referral.id)
    assert offer.tier is Tier.OFFER
    assert set(offer.fields) <= OFFER_FIELDS
    answering.answer(
        session, at.group, referral.id, ReferralState.ACCEPTED, expected_version=referral.version
    )
    agreed = inbox.for_group(session, at.group, referral.id)
    assert agreed.tier is Tier.ACCEPTED
    assert set(agreed.fields) <= ACCEPTED_FIELDS


def test_every_look_of_a_group_is_kept(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    referral = walk.sent(session, at)
    enter(session, client, at.group.account_id)
    for count, address in enumerate(("/inbox", f"/referrals/{referral.id}", "/inbox"), start=1):
        client.get(address)
        looks = select(func.count()).where(
            AuditEntry.action == "referral.read", AuditEntry.subject_id == referral.id
        )
        assert session.scalar(looks) == count


def test_opening_a_link_changes_nothing_but_the_audit(session: Session, client: HtmlClient) -> None:
    at = walk.scene(session)
    walk.sent(session, at)
    link = f"/answer/{walk.token_in(walk.messages(session, 'referral-new')[0])}"
    session.commit()
    tables = [table for name, table in Base.metadata.tables.items() if not name.startswith("audit")]
    before = {table.name: rows(session, table) for table in tables}
    for _ in range(2):
        assert client.get(link).status_code == 200
    session.expire_all()
    assert {table.name: rows(session, table) for table in tables} == before


def test_a_stranger_to_the_referral_sees_no_page(session: Session, client: HtmlClient) -> None:
    at, other = walk.scene(session), walk.scene(session)
    referral = walk.sent(session, at)
    assert other.group.account_id is not None
    enter(session, client, other.group.account_id)
    assert client.get(f"/referrals/{referral.id}").status_code == 404
    assert client.get(f"/activities/{at.service_id}/attendance").status_code == 404
    assert canaries(client.get("/inbox").text) == set()


def rows(session: Session, table: Table) -> list[str]:
    return sorted(repr(tuple(row)) for row in session.execute(select(table)))
