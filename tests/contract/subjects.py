"""What the access matrix asks for: for each route with something in its address or form, how a test makes that thing.

An area adds its own in `tests/contract/subjects_<area>.py`:

    @subject("episodes.show", "episodes.close")
    def episode(cell: Cell) -> Subject:
        team_id = cell.reach.team_id if cell.reach else build.place(cell.session, Place.TEAM)
        return Subject({"episode_id": build_prescribing.episode(cell.session, team_id)})
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import uuid4

from flask import current_app
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Membership, Role
from core.accounts.models import Account, EmailedLink, LinkPurpose
from core.accounts.sessions import digest_of
from core.jobs.models import Job, JobState
from core.page_feedback.models import PageFeedback
from core.page_feedback.rules import Ease
from tests import build


class Relation(StrEnum):
    """How the thing stands to whoever asks: reached through their membership, through another's, through none."""

    OWN = "own"
    OTHER = "other"
    UNRELATED = "unrelated"


@dataclass(frozen=True)
class Cell:
    """One question of the matrix. `reach` is the membership through which the thing is to be reached: the asker's for
    own, another one of the same role for other, none for unrelated (and for whoever is not signed in)."""

    session: Session
    role: Role | None
    relation: Relation
    reach: Membership | None
    account: Account | None


@dataclass(frozen=True)
class Subject:
    """The values of the address, and what is sent with it: `query` in the address, `form` by POST."""

    values: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, Any] = field(default_factory=dict)


Maker = Callable[[Cell], Subject]

SUBJECTS: dict[str, Maker] = {}


def subject(*endpoints: str) -> Callable[[Maker], Maker]:
    """Register how the thing behind these endpoints is made. Rows are committed by the matrix."""

    def register(maker: Maker) -> Maker:
        for endpoint in endpoints:
            if endpoint in SUBJECTS:
                raise ValueError(f"two subjects for {endpoint}")
            SUBJECTS[endpoint] = maker
        return maker

    return register


@subject("web.theme")
def _theme(cell: Cell) -> Subject:
    return Subject({"digest": current_app.extensions["golden_thread_site"].theme_digest})


@subject("accounts.choose_password", "accounts.set_password")
def _emailed_link(cell: Cell) -> Subject:
    account = build.account(cell.session, Role.EDITOR)
    token = f"token{build.number()}"
    cell.session.add(
        EmailedLink(
            purpose=LinkPurpose.INVITATION,
            token_digest=digest_of(token),
            account_id=account.id,
            created_at=clock.now(),
            expires_at=build.days_ahead(1),
        )
    )
    return Subject({"token": token}, form={"new_password": "window garden marble"})


@subject("entry.show", "entry.enter")
def _link_to_sign_in(cell: Cell) -> Subject:
    account = build.account(cell.session, Role.RESIDENT)
    token = f"enter{build.number()}"
    cell.session.add(
        EmailedLink(
            purpose=LinkPurpose.SIGN_IN,
            token_digest=digest_of(token),
            account_id=account.id,
            created_at=clock.now(),
            expires_at=build.days_ahead(1),
        )
    )
    return Subject({"token": token})


@subject("demo.sign_in_as")
def _persona(cell: Cell) -> Subject:
    name = f"persona{build.number()}"
    build.account(cell.session, Role.EDITOR, persona=name)
    return Subject({"persona": name})


@subject("administration.account", "administration.disable", "administration.enable",
         "administration.reset_app", "administration.add_membership")  # fmt: skip
def _account(cell: Cell) -> Subject:
    return Subject(
        {"account_id": build.account(cell.session, Role.LINK_WORKER).id},
        form={"role": Role.EDITOR.value, "place": "everywhere"},
    )


@subject("administration.invite")
def _invitation(cell: Cell) -> Subject:
    return Subject(
        query={"role": Role.EDITOR.value},
        form={
            "idempotency_key": str(uuid4()),
            "name": "Bo Example",
            "email": f"invited{build.number()}@example.org",
            "place": "everywhere",
        },
    )


@subject("administration.invite_again")
def _invited(cell: Cell) -> Subject:
    account = build.account(cell.session, Role.LINK_WORKER)
    account.password_hash = None
    return Subject({"account_id": account.id})


@subject("administration.end_membership")
def _membership(cell: Cell) -> Subject:
    account = build.account(cell.session, Role.LINK_WORKER)
    return Subject({"account_id": account.id, "membership_id": account.memberships[0].id})


@subject("administration.retry_job")
def _dead_job(cell: Cell) -> Subject:
    job = Job(kind="notify.send", payload={}, state=JobState.DEAD, run_at=clock.now())
    cell.session.add(job)
    cell.session.flush()
    return Subject({"job_id": job.id})


@subject("page_feedback.done")
def _said(cell: Cell) -> Subject:
    row = PageFeedback(at=clock.now(), route="web.contact", ease=Ease.HARD, words="Too many words")
    cell.session.add(row)
    cell.session.flush()
    return Subject({"feedback_id": row.id})
