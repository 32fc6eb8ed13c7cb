"""A coordinator or an administrator looks after the bodies that refer."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.access.rules import Role
from core.audit.models import AuditEntry
from prescribing.people.models import Partner, PartnerKind
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, send, signed_in, words

PATH = "/partners"
NEW = f"{PATH}/new"
ELM = {
    "name": " Elm  Street Surgery ",
    "kind": "gp-practice",
    "ods_code": "p83012",
    "email": "elm@example.org",
}


def test_a_body_is_added_once_changed_by_version_and_shows_who_may_refer(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    session.commit()
    client = signed_in(session, make_client, team.coordinator)
    assert "Enter its name" in words(send(client, NEW, **{**ELM, "name": " "}))
    odd = send(client, NEW, **{**ELM, "ods_code": "P-1"})
    assert "An ODS code is" in words(odd)
    assert "Elm  Street Surgery" in odd.text
    there = send(client, NEW, **ELM).location
    same = send(client, NEW, **{**ELM, "name": "elm street surgery"})
    assert "There is one of this name already" in words(same)
    accented = {**ELM, "name": "École St Jean", "ods_code": ""}
    assert send(client, NEW, **accented).status_code == 303
    assert "There is one of this name already" in words(send(client, NEW, **accented))
    row = session.scalars(select(Partner).where(Partner.name == "Elm Street Surgery")).one()
    assert (row.kind, row.ods_code, row.version) == (PartnerKind.GP_PRACTICE, "P83012", 1)
    assert "Nobody yet may refer" in words(client.get(there))

    build.actor(session, Role.REFERRER, place_id=row.id)
    session.commit()
    page = words(client.get(there))
    assert "1 person may refer" in page
    assert "An administrator lets people in" in page
    changed = {**ELM, "kind": "pharmacy", "email": ""}
    assert send(client, there, **changed, version="1").status_code == 303
    late = send(client, there, **{**changed, "name": "Elm Pharmacy"}, version="1")
    assert "Somebody else has changed this" in words(late)
    assert "Elm Pharmacy" in late.text
    assert send(client, there, **{**changed, "name": "Elm Pharmacy"}, version="2").status_code == 303
    session.expire_all()
    assert (row.name, row.kind, row.email, row.version) == ("Elm Pharmacy", PartnerKind.PHARMACY, None, 3)
    acts = session.scalars(
        select(AuditEntry.action).where(AuditEntry.subject_id == row.id).order_by(AuditEntry.sequence)
    ).all()
    assert acts == ["partner.add", "partner.change", "partner.change"]


def test_the_list_is_paged_and_found_by_name_and_an_administrator_lets_people_in(
    session: Session, make_client: MakeClient
) -> None:
    session.add_all(Partner(name=f"House {number:02}", kind=PartnerKind.HOUSING) for number in range(51))
    session.commit()
    client: HtmlClient = signed_in(session, make_client, build.actor(session, Role.ADMINISTRATOR))
    first = words(client.get(PATH))
    assert "51 organisations" in first
    assert "House 50" not in first
    assert "House 50" in words(client.get(f"{PATH}?page=2"))
    found = client.get(f"{PATH}?words=house 07")
    assert "1 organisation of this name" in words(found)
    assert "none of that name" in words(client.get(f"{PATH}?words=nothing"))
    house = session.scalars(select(Partner).where(Partner.name == "House 07")).one()
    shown = client.get(f"{PATH}/{house.id}")
    assert "/accounts/new?role=referrer" in shown.text
