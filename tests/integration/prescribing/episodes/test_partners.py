"""Partners: what they keep to themselves, what they hear, and what happens when somebody is known already."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from prescribing.episodes import boards, intake
from prescribing.episodes.models import Episode, RequestSource
from prescribing.people.models import Partner, PartnerKind, Person
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import MakeClient, signed_in
from tests.integration.prescribing.episodes.test_thread import PARTNER_CONTENT, referrer


def test_a_draft_of_a_partner_is_its_own_until_it_is_sent(session: Session, make_client: MakeClient) -> None:
    team, who = walk.team(session), referrer(session)
    _request, draft = intake.submit_request(
        session,
        who,
        replace(PARTNER_CONTENT, name="Zebedee Example"),
        RequestSource.PARTNER,
        partner_id=next(iter(who.partner_ids())),
        team_id=team.id,
        draft=True,
    )
    episode_id, person_id, version = draft.id, draft.person_id, draft.version
    client = signed_in(session, make_client, team.coordinator)
    for path in (
        f"/episodes/{episode_id}",
        f"/episodes/{episode_id}/contacts/new",
        f"/triage/{episode_id}",
        f"/people/{person_id}",
        f"/people/{person_id}/about/edit",
    ):
        assert client.get(path).status_code == 404, path
    assert not boards.triage_board(session, team.coordinator).waiting
    intake.change_draft(session, who, episode_id, PARTNER_CONTENT, expected_version=version, send=True)
    assert client.get(f"/triage/{episode_id}").status_code == 200
    assert client.get(f"/people/{session.get_one(Episode, episode_id).person_id}").status_code == 200
    assert not session.get_one(Person, person_id).unsent


def test_everybody_who_plays_a_part_can_be_a_partner(session: Session) -> None:
    for kind in PartnerKind:
        session.add(Partner(name=f"A {kind.value}", kind=kind))
    session.commit()
