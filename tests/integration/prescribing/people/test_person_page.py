"""The person on one page: what must be in sight, what is in force, and what happened, all of it and by kind."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock
from prescribing.episodes import plan
from prescribing.people import services as people
from prescribing.people.consent import ConsentPurpose
from prescribing.people.models import Consent
from prescribing.referrals import referring
from tests.html import HtmlClient
from tests.integration.prescribing.episodes.test_pages import send, signed_in, words
from tests.integration.prescribing.referrals import walk


def test_everything_of_one_person_is_on_one_page(
    session: Session, make_client: Callable[[], HtmlClient]
) -> None:
    at = walk.scene(session)
    client = signed_in(session, make_client, at.team.worker)
    page = f"/people/{at.person.id}"
    before = words(client.get(page))
    assert "Access: nobody has asked yet" in before
    assert "Risks not asked yet" in before

    edit = f"{page}/access/edit"
    assert send(client, edit, communication_needs="", access_needs="").status_code == 303
    assert "Access: asked, nothing needed" in words(client.get(page))
    said = {"communication_needs": "Large print", "needs_met": "Letters in 20 point", "share": "yes"}
    sent = send(client, edit, **said, **{f"needs_review_on-{part}": "1" for part in ("day", "month")},
                **{"needs_review_on-year": str(clock.today().year + 1)})  # fmt: skip
    assert sent.location == f"{page}#contact"
    shown = words(client.get(page))
    for part in ("Access: Large print", "So we: Letters in 20 point", "Groups may be told.", "Ask again by"):
        assert part in shown
    assert 'value="yes" checked' in client.get(edit).text

    harmed = {"risk": "none", "safeguarding": "Her nephew takes her money"}
    assert send(client, f"{page}/risks/edit", **harmed).status_code == 303
    shown = words(client.get(page))
    assert "Safeguarding: Her nephew takes her money" in shown
    assert "Nobody is written down as told." in shown
    told = {**harmed, "safeguarding_told": "Helen, Tuesday at noon"}
    assert send(client, f"{page}/risks/edit", **told).status_code == 303
    assert "Told: Helen, Tuesday at noon" in words(client.get(page))
    around = {"carer": "Her daughter Jean", "household": "Lives with a cat"}
    assert send(client, f"{page}/home/edit", **around).location == f"{page}#home"
    assert "Lives with a cat" in words(client.get(page))


def test_what_is_in_force_stands_apart_from_what_was_taken_back(
    session: Session, make_client: Callable[[], HtmlClient]
) -> None:
    at = walk.scene(session)
    walk.sent(session, at)
    offer = session.scalars(select(Consent).where(Consent.purpose == ConsentPurpose.SHARE_OFFER)).one()
    page = f"/people/{at.person.id}"
    client = signed_in(session, make_client, at.team.worker)
    assert "No longer in force" not in words(client.get(page))
    people.withdraw_consent(session, at.team.worker, offer.id)
    session.commit()
    shown = words(client.get(page))
    assert "No longer in force (2)" in shown
    assert f"/people/{at.person.id}/consents" in client.get(page).text


def test_what_happened_is_one_line_of_time_and_can_be_narrowed(
    session: Session, make_client: Callable[[], HtmlClient]
) -> None:
    at = walk.scene(session)
    plan.add_goal(session, at.team.worker, at.episode.id, plan.GoalText("Sing again"))
    walk.sent(session, at)
    other = walk.service(session, at.organization_id, name="Choir by the canal")
    referring.signpost(session, at.team.worker, at.need.id, other)
    referring.record_gap(session, at.team.worker, at.need.id, {})
    session.commit()
    client = signed_in(session, make_client, at.team.worker)
    page = f"/people/{at.person.id}"

    def happened(**query: str) -> str:
        return words(client.get(page, query_string=query)).partition("What happened")[2]

    apart = words(client.get(page)).partition("Told about; nothing was sent")[2]
    assert apart.strip().startswith("Choir by the canal")
    everything = happened()
    for part in (
        "Told about Choir by the canal",
        "nothing fitted",
        "waiting for an answer",
        "A goal",
        "They agreed",
    ):
        assert part in everything
    groups = happened(show="groups")
    assert "Told about Choir by the canal" in groups
    assert "A goal" not in groups.partition("What they agreed to")[0]
    assert "Sing again" in happened(show="plan")
    assert happened(show="nonsense", page="x") == everything
