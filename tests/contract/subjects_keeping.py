"""Checking links, calls, reports, claims and a group's details, for the access matrix."""

from __future__ import annotations

from uuid import UUID, uuid4

from core.access.rules import SYSTEM, Membership, Role
from core.accounts import services as accounts
from directory.listings.models import Service
from tests import build, build_directory, build_keeping
from tests.contract.subjects import Cell, Subject, subject


def _group(cell: Cell) -> UUID:
    group = cell.reach.organization_id if cell.reach else None
    return group or build_directory.organization(cell.session)


@subject("freshness.check", "freshness.again")
def _link(cell: Cell) -> Subject:
    group = build_keeping.group(cell.session, email=f"shed{build.number()}@example.org")
    listing = build_directory.listing(cell.session, group, email=f"tea{build.number()}@example.org")
    address = f"tea{build.number() - 1}@example.org"
    return Subject({"token": build_keeping.check_link(cell.session, listing, address=address)})


@subject("freshness.answer")
def _answer(cell: Cell) -> Subject:
    listing = build_directory.listing(cell.session, email="answer@example.org")
    token = build_keeping.check_link(cell.session, listing, address="answer@example.org")
    return Subject({"token": token}, form={"listing": str(listing), "answer": "right"})


@subject("freshness.changed")
def _changed(cell: Cell) -> Subject:
    listing = build_directory.listing(cell.session, email="changed@example.org")
    token = build_keeping.check_link(cell.session, listing, address="changed@example.org")
    version = str(cell.session.get_one(Service, listing).version)
    form = {"phone": "01632 960123", "email": "changed@example.org", "expected_version": version}
    return Subject({"token": token, "service_id": listing}, form=form)


@subject("replies.reply")
def _reply(cell: Cell) -> Subject:
    listing = build_directory.listing(cell.session, email="reply@example.org")
    token = build_keeping.check_link(cell.session, listing, address="reply@example.org")
    build_keeping.reply(cell.session, token, "The new number is 0161 496 0123")
    version = str(cell.session.get_one(Service, listing).version)
    form = {"use": "phone", "said-phone": "0161 496 0123", "expected_version": version}
    return Subject({"token": token}, form=form)


@subject("freshness.call")
def _call(cell: Cell) -> Subject:
    listing = build_directory.listing(cell.session)
    build_keeping.call(cell.session, listing)
    return Subject({"service_id": listing}, form={"outcome": "no-answer"})


@subject("reports.wrong")
def _wrong(cell: Cell) -> Subject:
    return Subject({"service_id": build_directory.listing(cell.session)})


@subject("reports.thanks")
def _thanks(cell: Cell) -> Subject:
    return Subject({"reference": "GT-7K4M-2Q"})


@subject("reports.show", "reports.decide")
def _report(cell: Cell) -> Subject:
    listing = build_directory.listing(cell.session)
    return Subject({"report_id": build_keeping.report(cell.session, listing)}, form={"state": "mended"})


@subject("claims.claim")
def _claimed_group(cell: Cell) -> Subject:
    return Subject({"organization_id": _group(cell)})


@subject("claims.own", "claims.decide", "claims.letter")
def _claim(cell: Cell) -> Subject:
    claim = build_keeping.claim(cell.session, build_directory.organization(cell.session))
    return Subject({"claim_id": claim}, form={"accept": "no"})


@subject("claims.people")
def _people(cell: Cell) -> Subject:
    form = {
        "idempotency_key": str(uuid4()),
        "name": "Bo Example",
        "email": f"person{build.number()}@example.org",
        "part": "helper",
    }
    return Subject({"organization_id": _group(cell)}, form=form)


@subject("claims.person")
def _person(cell: Cell) -> Subject:
    group = _group(cell)
    other = build.account(cell.session, Role.EDITOR)
    joined = Membership(Role.GROUP_MEMBER, organization_id=group)
    membership = accounts.add_membership(cell.session, SYSTEM, other.id, joined)
    return Subject({"organization_id": group, "membership_id": membership}, form={"doing": "owner"})


@subject("claims.leave")
def _leave(cell: Cell) -> Subject:
    return Subject({"organization_id": _group(cell)}, form={"knows": "y"})


@subject("details.edit")
def _details(cell: Cell) -> Subject:
    form = {"name": "Shedders", "summary": "We mend things.", "expected_version": "1"}
    return Subject({"organization_id": _group(cell)}, form=form)


@subject("details.change", "details.approve", "details.send_back")
def _details_change(cell: Cell) -> Subject:
    change = build_keeping.group_change(cell.session, build_directory.organization(cell.session))
    return Subject({"change_id": change}, form={"reason": "Say more."})
