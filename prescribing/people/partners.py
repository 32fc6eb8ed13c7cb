"""The bodies that refer, to choose from."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.access.rules import Actor, Permission
from core.errors import NotFound
from prescribing.people.models import Partner

# A borough has some dozens of practices and partners; a list to choose from holds no more than this.
MOST = 500


def partner_names(session: Session, actor: Actor) -> list[tuple[UUID, str]]:
    """Every body that refers, by name: for whoever works with people or looks after accounts. Raises `NotFound` for
    others."""
    if not (actor.can(Permission.WORK_CASELOAD) or actor.can(Permission.MANAGE_ACCOUNTS)):
        raise NotFound
    rows = session.execute(select(Partner.id, Partner.name).order_by(func.lower(Partner.name)).limit(MOST))
    return [(row.id, row.name) for row in rows]
