"""What somebody began to type of a plan is found again, until it is saved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from prescribing.drafts.models import Draft
from tests.html import HtmlClient
from tests.integration.prescribing.episodes import walk
from tests.integration.prescribing.episodes.test_pages import send, signed_in, words

MakeClient = Callable[[], HtmlClient]


@pytest.mark.parametrize(
    ("name", "rest"), [("need", {"slug": "food"}), ("goal", {}), ("action", {"owner": "person"})]
)
def test_what_was_begun_is_found_again_until_it_is_saved(
    session: Session, make_client: MakeClient, name: str, rest: dict[str, str]
) -> None:
    episode = walk.active(session, team := walk.team(session))
    session.commit()
    client = signed_in(session, make_client, team.worker)
    page = f"/episodes/{episode.id}/{name}s/new"
    keep = f"/episodes/{episode.id}/drafts/{name}"
    assert keep in client.get(page).text
    token = client.get(page).text.partition('name="csrf_token" value="')[2].partition('"')[0]
    kept = client.post(keep, data={"csrf_token": token, "words": "Sing on Sundays"})
    assert kept.status_code == 204
    again = client.get(page)
    assert "Sing on Sundays" in again.text
    assert "You began this" in words(again)
    assert send(client, page, words="Sing on Sundays", **rest).status_code == 303
    assert session.scalar(select(func.count()).select_from(Draft)) == 0
    assert "You began this" not in words(client.get(page))
