"""A drop-in is one entry for many people: each of them gets a contact, with the note about them alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from core.access.rules import Role
from core.errors import Invalid, NotFound
from prescribing.caseloads import services as caseloads
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import ContactAttempt
from prescribing.people.safe_contact import Channel
from prescribing.together import rules
from prescribing.together.queries import people
from prescribing.together.services import record_meeting
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import send, signed_in, words

MakeClient = Callable[[], HtmlClient]
PATH = "/today/together"


def met(session: Session) -> dict[object, str]:
    found = session.scalars(select(ContactAttempt).where(ContactAttempt.channel == Channel.IN_PERSON))
    return {each.episode_id: each.note or "" for each in found if each.outcome is Outcome.TALKED}


def test_everybody_who_came_gets_a_contact(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    first, second, stayed = (walk.allocated(session, team) for _ in range(3))
    session.commit()
    client = signed_in(session, make_client, team.worker)
    assert PATH in client.get("/today").text
    nobody = send(client, PATH, what="Drop-in at the library")
    assert "Choose at least one person" in words(nobody)
    assert "Drop-in at the library" in nobody.text
    note = {f"note_{first.id.hex}": "Laughed a lot", f"note_{stayed.id.hex}": "Was not there"}
    answer = send(client, PATH, what="Drop-in at the library", people=[str(first.id), str(second.id)], **note)
    assert answer.status_code == 303
    assert met(session) == {
        first.id: "Drop-in at the library\nLaughed a lot",
        second.id: "Drop-in at the library",
    }
    assert "Laughed a lot" not in words(client.get(f"/episodes/{second.id}"))


def test_nobody_of_another_team_can_be_chosen(session: Session, make_client: MakeClient) -> None:
    team = walk.team(session)
    episode = walk.allocated(session, team)
    stranger = walk.team(session).worker
    session.commit()
    client = signed_in(session, make_client, stranger)
    assert "Nobody is with you now" in words(client.get(PATH))
    assert "Nobody else in your team" in words(send(client, PATH, then="find", words="Margaret"))
    with pytest.raises(NotFound):
        record_meeting(session, stranger, "Drop-in", {episode.id: ""})
    with pytest.raises(Invalid):
        record_meeting(session, team.worker, "Drop-in", {})
    assert met(session) == {}


def test_whoever_one_stands_in_for_and_a_colleagues_people_by_name(
    session: Session, make_client: MakeClient
) -> None:
    team = walk.team(session)
    covered, found, other = (walk.allocated(session, team) for _ in range(3))
    for episode, name in ((covered, "Abel"), (found, "Bess"), (other, "Cleo")):
        episode.person.preferred_name = name
    away, colleague = (build.actor(session, Role.LINK_WORKER, place_id=team.id) for _ in range(2))
    covered.link_worker_id, found.link_worker_id = away.account_id, colleague.account_id
    other.link_worker_id = colleague.account_id
    assert away.account_id is not None
    assert team.worker.account_id is not None
    today = clock.today()
    caseloads.arrange_cover(session, team.coordinator, away.account_id, team.worker.account_id, today, today)
    session.commit()
    client = signed_in(session, make_client, team.worker)
    page = words(client.get(PATH))
    assert [name in page for name in ("Abel", "Bess", "Cleo")] == [True, False, False]
    page = words(send(client, PATH, then="find", words="bess"))
    assert f"Bess, with {colleague.name}" in page
    assert "Cleo" not in page
    assert set(people(session, team.worker, looked_for="bess")) == {covered.id, found.id}
    answer = send(client, PATH, what="Drop-in", people=[str(covered.id), str(found.id)])
    assert answer.status_code == 303
    assert set(met(session)) == {covered.id, found.id}


def test_a_long_list_is_searched_and_paged_and_keeps_its_ticks(
    session: Session, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "A_PAGE", 2)
    team = walk.team(session)
    came = [walk.allocated(session, team) for _ in range(4)]
    for episode, name in zip(came, ("Abel", "Bess", "Cleo", "Dora"), strict=True):
        episode.person.preferred_name = name
    session.commit()
    client = signed_in(session, make_client, team.worker)
    page = words(client.get(PATH))
    assert "4 people are with you" in page
    assert [name in page for name in ("Abel", "Bess", "Cleo", "Dora")] == [True, True, False, False]

    ticked: dict[str, Any] = {
        "what": "Drop-in",
        "people": [str(came[0].id)],
        f"note_{came[0].id.hex}": "Sang",
    }
    more = send(client, PATH, then="page-2", **ticked)
    page = words(more)
    assert more.status_code == 200
    assert [name in page for name in ("Abel", "Bess", "Cleo", "Dora")] == [True, False, False, True]
    assert "Sang" in more.text
    assert "There is a problem" not in page

    found = words(send(client, PATH, then="find", words="cleo", people=[str(came[0].id)]))
    assert [name in found for name in ("Abel", "Bess", "Cleo", "Dora")] == [True, False, True, False]
    assert "Nobody else in your team is called that" in words(send(client, PATH, then="find", words="Zoe"))
    assert met(session) == {}

    ticked["people"] = [str(came[0].id), str(came[2].id)]
    assert send(client, PATH, words="cleo", **ticked).status_code == 303
    assert met(session) == {came[0].id: "Drop-in\nSang", came[2].id: "Drop-in"}


def test_two_who_are_called_the_same_are_told_apart(session: Session) -> None:
    team = walk.team(session)
    first, second = walk.active(session, team), walk.active(session, team)
    for one in (first, second):
        one.person.name, one.person.preferred_name, one.person.date_of_birth = "Ann Sample", None, None
    session.flush()
    shown = {one.called for one in people(session, team.worker).values()}
    assert shown == {f"Ann Sample ({one.person.reference})" for one in (first, second)}
