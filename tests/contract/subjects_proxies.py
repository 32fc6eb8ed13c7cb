"""Acting for somebody, for the access matrix."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from core import clock
from core.access.rules import Role
from prescribing.proxies.models import Proxy
from prescribing.proxies.rules import Ground
from prescribing.referrals.rules import ReferralState
from tests import build
from tests.contract.subjects import Cell, Relation, Subject, subject
from tests.contract.subjects_episodes import active, created
from tests.contract.subjects_referrals import sent
from tests.contract.subjects_residents import own_person


def let(cell: Cell, person_id: UUID, account_id: UUID | None = None) -> Proxy:
    """Somebody who may act for this person."""
    account_id = account_id or build.account(cell.session, Role.PROXY, place_id=person_id).id
    row = Proxy(
        person_id=person_id,
        account_id=account_id,
        ground=Ground.OWN_WORD,
        how="by phone",
        may_message=True,
        may_say=True,
        given_on=clock.today(),
        given_by=account_id,
        last_day=clock.today() + timedelta(days=30),
    )
    cell.session.add(row)
    cell.session.flush()
    return row


def asker(cell: Cell, person_id: UUID) -> None:
    """Let whoever asks act, where the person is theirs; else somebody else."""
    own = cell.relation is Relation.OWN and cell.account is not None
    let(cell, person_id, cell.account.id if own and cell.account else None)


def typed(**more: Any) -> dict[str, Any]:
    values = {
        "name": "Bo Example",
        "email": f"bo{build.number()}@example.org",
        "mobile": "07700 900124",
        "months": "3",
    }
    return dict(created(**values, **more))


@subject("acting.show", "acting.write", "acting.step_down")
def _for(cell: Cell) -> Subject:
    person_id = own_person(cell)
    asker(cell, person_id)
    return Subject({"person_id": person_id}, form=created(words="Can we come on Friday?"))


@subject("acting.helps")
def _helps(cell: Cell) -> Subject:
    _made, referral = sent(cell)
    referral.person_id, referral.state = own_person(cell), ReferralState.STARTED
    asker(cell, referral.person_id)
    return Subject({"person_id": referral.person_id, "referral_id": referral.id})


@subject("acting.let_own")
def _own(cell: Cell) -> Subject:
    return Subject(form=typed())


@subject("acting.end_own")
def _own_end(cell: Cell) -> Subject:
    return Subject({"proxy_id": let(cell, own_person(cell)).id})


@subject("acting.team", "acting.let_for_them")
def _team(cell: Cell) -> Subject:
    form = typed(ground="own-word", how="by phone")
    return Subject({"person_id": active(cell).person_id}, form=form)


@subject("acting.end_for_them", "acting.code")
def _team_end(cell: Cell) -> Subject:
    person_id = active(cell).person_id
    return Subject({"person_id": person_id, "proxy_id": let(cell, person_id).id})
