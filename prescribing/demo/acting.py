"""Somebody of the example borough who acts for another: a daughter who keeps an eye on the diary from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from core import clock
from core.access.rules import SYSTEM, Membership, Role
from core.accounts.models import Account
from core.accounts.queries import account_of_person
from core.accounts.second_factor import actor_of
from core.accounts.services import create_account
from prescribing.proxies import services
from prescribing.proxies.services import Letting

_NAME, _EMAIL = "Alison Ashworth", "alison@post.example"


def let_act(session: Session, person_ids: Mapping[str, UUID]) -> None:
    """Margaret lets her daughter see what is coming and answer messages, for a year."""
    margaret = person_ids["margaret"]
    account_id = account_of_person(session, margaret)
    if account_id is None:
        raise LookupError("Margaret has no account of her own")
    with clock.at(clock.now() - timedelta(days=20)):
        create_account(
            session, SYSTEM, _NAME, _EMAIL, [Membership(Role.PROXY, person_id=margaret)], persona="proxy"
        )
        resident = actor_of(session.get_one(Account, account_id))
        services.let_act(
            session, resident, margaret, Letting(_NAME, _EMAIL, "", 12, may_message=True, may_say=False)
        )
