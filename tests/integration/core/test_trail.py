"""The data protection officer sees who looked at what, and is seen looking."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Role
from core.administration import queries
from core.audit import services as audit
from core.audit.models import AuditEntry
from core.db import new_id
from core.errors import NotFound
from tests import build
from tests.html import HtmlClient


def test_the_trail_is_shown_by_record_and_by_person(client: HtmlClient, session: Session) -> None:
    worker = build.actor_of(build.account(session, Role.LINK_WORKER, name="Wendy Walker"))
    person = new_id()
    audit.record(session, worker, "person.read", "person", person)
    session.commit()
    build.sign_in(session, client, build.account(session, Role.DATA_PROTECTION_OFFICER, name="Dee Officer"))

    page = client.get("/audit").get_data(as_text=True)
    assert "Wendy Walker" in page
    assert "person: read" in page
    about = client.get(f"/audit?about={person}").get_data(as_text=True)
    assert "person: read" in about
    assert "account: create" not in about
    by = client.get(f"/audit?who={worker.account_id}").get_data(as_text=True)
    assert "person: read" in by
    assert "account: create" not in by
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc())).first()
    assert last is not None
    assert last.action == "audit.read"


def test_a_long_trail_is_paged_through(client: HtmlClient, session: Session) -> None:
    worker = build.actor(session, Role.LINK_WORKER)
    for _ in range(queries.PAGE + 5):
        audit.record(session, worker, "person.read", "person", new_id())
    session.commit()
    build.sign_in(session, client, build.account(session, Role.DATA_PROTECTION_OFFICER))
    page = client.get("/audit").get_data(as_text=True)
    older = page.split('href="/audit?before=')[1].split('"')[0]
    rest = client.get(f"/audit?before={older}").get_data(as_text=True)
    assert page.count("person: read") + rest.count("person: read") == queries.PAGE + 5
    assert page.count("<tr") == queries.PAGE + 1
    assert "Older entries" not in rest


@pytest.mark.parametrize(
    "query", ["about=x", "about=%00", "who=x", "before=-1", "before=9" * 40, "about=" + "9" * 400]
)
def test_what_cannot_be_read_is_said_or_left_out(client: HtmlClient, session: Session, query: str) -> None:
    build.sign_in(session, client, build.account(session, Role.DATA_PROTECTION_OFFICER))
    assert client.get(f"/audit?{query}").status_code == 200


def test_nobody_else_sees_the_trail(session: Session) -> None:
    with pytest.raises(NotFound):
        queries.trail(
            session, build.actor(session, Role.ADMINISTRATOR), account_id=None, subject_id=None, before=None
        )
