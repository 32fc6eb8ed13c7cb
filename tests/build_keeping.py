"""How tests make what keeps listings true: checking links, calls, reports, claims, changes of a group's details."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from core.accounts.sessions import digest_of
from directory.listings.models import ChangeState, Organization, Service
from directory.stewardship.claims.models import Claim
from directory.stewardship.claims.rules import ClaimState, Proof
from directory.stewardship.details.models import GroupChange
from directory.stewardship.freshness.links import LINK_LIFE
from directory.stewardship.freshness.models import CheckItem, CheckLink, EditorCall
from directory.stewardship.freshness.owners import address_index
from directory.stewardship.replies.models import Reply, ReplyState
from directory.stewardship.reports import services as reports
from directory.stewardship.reports.models import Report
from directory.stewardship.reports.rules import ReportKind
from tests import build, build_directory

ADDRESS = "shed@example.org"


def group(session: Session, organization_id: UUID | None = None, email: str | None = ADDRESS) -> UUID:
    """A group with an email address, flushed."""
    made = organization_id or build_directory.organization(session)
    session.get_one(Organization, made).email = email
    session.flush()
    return made


def last_word(session: Session, service_id: UUID, at: datetime, by: str = "Radcliffe Shedders") -> None:
    """Say that somebody checked the listing then, and that it was written then."""
    session.execute(
        update(Service)
        .where(Service.id == service_id)
        .values(confirmed_at=at, confirmed_by=by, created_at=at, updated_at=at)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def check_link(session: Session, *service_ids: UUID, address: str = ADDRESS) -> str:
    """A link that asks about these listings, as an email carries it; gives its token."""
    token = f"check-token-of-these-tests-{build.number()}"
    now = clock.now()
    link = CheckLink(
        token_digest=digest_of(token),
        to_index=address_index(address),
        created_at=now,
        expires_at=now + LINK_LIFE,
    )
    link.to = address
    link.items = [
        CheckItem(service_id=one, position=position, urgency=1) for position, one in enumerate(service_ids)
    ]
    session.add(link)
    session.flush()
    return token


def reply(session: Session, token: str, text: str) -> None:
    """Somebody answered by email, and what was read waits behind the link with this token."""
    link_id = session.scalars(select(CheckLink.id).where(CheckLink.token_digest == digest_of(token))).one()
    made = Reply(
        letter_index=f"letter of these tests {build.number()}",
        link_id=link_id,
        received_at=clock.now(),
        state=ReplyState.WAITING,
        dropped=0,
    )
    made.text = text
    session.add(made)
    session.flush()


def call(session: Session, service_id: UUID) -> UUID:
    """A call that an editor is to make."""
    made = EditorCall(service_id=service_id, asked_at=build.days_ago(1))
    session.add(made)
    session.flush()
    return made.id


def report(session: Session, service_id: UUID, kind: ReportKind = ReportKind.WRONG) -> UUID:
    """An open report about a listing."""
    row = session.get_one(Service, service_id)
    reports.tell(session, kind, service_id, row.organization_id, "The number is wrong.")
    made: Report = session.query(Report).filter(Report.service_id == service_id, Report.kind == kind).one()
    return made.id


def claim(session: Session, organization_id: UUID, proof: Proof = Proof.CHARITY) -> UUID:
    """A claim that waits."""
    made = Claim(organization_id=organization_id, proof=proof, state=ClaimState.OPEN, tries=0)
    made.name, made.email = "Bo Example", f"claimant{build.number()}@example.org"
    session.add(made)
    session.flush()
    return made.id


def group_change(session: Session, organization_id: UUID) -> UUID:
    """A change of a group's summary that waits for an editor."""
    made = GroupChange(
        organization_id=organization_id,
        state=ChangeState.WAITING,
        before={"summary": ""},
        after={"summary": "We mend things."},
        author_name="Derek",
    )
    session.add(made)
    session.flush()
    return made.id
