"""Somebody with a whole record, and the data protection officer, for tests of people's rights."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from core import clock
from core.access.rules import SYSTEM, Actor, Role
from core.notify.services import send_email
from prescribing.episodes import closing, contact_log
from prescribing.episodes.contacts import Outcome
from prescribing.episodes.models import Episode
from prescribing.episodes.rules import CloseReason, EpisodeState
from prescribing.people.models import Person
from prescribing.people.safe_contact import Channel
from prescribing.people.services import PersonChange, update_person
from prescribing.rights import services
from prescribing.rights.rules import Asked, RequestKind, Way
from tests import build
from tests.html import HtmlClient
from tests.integration.prescribing.referrals import walk as referrals

CANARY = "zinnober"
NOTE = f"Her brother Dave {CANARY} drinks. She likes to walk."


@dataclass(frozen=True)
class Scene:
    """A record with something in most of its tables, and who works on it."""

    at: referrals.Scene
    person: Person
    officer: Actor
    resident: Actor

    @property
    def worker(self) -> Actor:
        return self.at.team.worker


def scene(session: Session) -> Scene:
    """Somebody who is supported and was sent to a group, with a sign-in of their own."""
    at = referrals.scene(session)
    person = at.person
    texts = {
        name: f"{CANARY} {name}"
        for name in (
            "name",
            "preferred_name",
            "address",
            "what_matters",
            "strengths",
            "risks",
            "carer",
            "contact_notes",
        )
    }
    update_person(session, SYSTEM, person.id, PersonChange(texts=texts), expected_version=person.version)
    referrals.sent(session, at)
    contact_log.record_contact(
        session,
        at.team.worker,
        at.episode.id,
        contact_log.ContactNote(Channel.PHONE, Outcome.TALKED, note=NOTE),
    )
    resident = build.actor(session, Role.RESIDENT, place_id=person.id)
    send_email(
        session,
        to=f"{CANARY}@example.org",
        template="rights-asked",
        context={"path": "/"},
        about_id=at.episode.id,
    )
    return Scene(at, person, build.actor(session, Role.DATA_PROTECTION_OFFICER), resident)


def end_support(session: Session, scene: Scene) -> Episode:
    """Support ends, with the person's word on it."""
    return closing.close(
        session, scene.worker, scene.at.episode.id, EpisodeState.WITHDRAWN, reason=CloseReason.MOVED
    )


def by_letter(kind: RequestKind, words: str = "Please put my address right") -> Asked:
    return Asked(kind, words, Way.LETTER, clock.today() - timedelta(days=3))


def proved(session: Session, scene: Scene, kind: RequestKind) -> UUID:
    """A request by letter of somebody who showed who they are."""
    request_id = services.take_request(session, scene.officer, scene.person.id, by_letter(kind))
    services.see_proof(session, scene.officer, request_id, "Rang back the number that we know")
    return request_id


def send(client: HtmlClient, page: str, action: str = "", **values: str) -> TestResponse:
    """Send a form as the page holds it, by the token and the key that stand there."""
    text = client.get(page).get_data(as_text=True)
    held = {
        name: found[1]
        for name in ("csrf_token", "idempotency_key")
        if (found := re.search(f'name="{name}" value="([^"]+)"', text))
    }
    return client.post(action or page, data={**held, **values})
