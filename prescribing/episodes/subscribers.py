"""What episodes do when a consent is taken back, and when a message alone is not enough."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events
from core.access.rules import SYSTEM
from core.notify import services as notify
from prescribing.episodes import services
from prescribing.episodes.models import Action, ActionOwner, Episode, SupportRequest
from prescribing.episodes.plan import ActionText, add_action
from prescribing.episodes.scope import open_support
from prescribing.people.consent import ConsentPurpose
from prescribing.people.events import ConsentWithdrawn, TakenBack, ToldInWriting
from prescribing.people.models import Partner, RecipientKind

_STILL = "Ask whether they still want the support."
_RING_TOO = "Ring them with an interpreter"
_TAKEN_BACK = "Ring them: a message to them was taken back"


def stop_telling_partner(session: Session, event: ConsentWithdrawn) -> None:
    """Cancel what is on its way to the partner, and ask it to delete what it heard. Its page is shut already."""
    if event.recipient_kind is not RecipientKind.PARTNER:
        return
    told = session.scalars(
        select(Episode)
        .join(SupportRequest, SupportRequest.id == Episode.support_request_id)
        .where(
            Episode.person_id == event.person_id,
            SupportRequest.partner_id == event.recipient_id,
            Episode.feedback_sent_at.is_not(None),
        )
    ).all()
    partner = session.get(Partner, event.recipient_id)
    for episode in told:
        notify.cancel_about(session, episode.id)
        if partner is not None and partner.email:
            notify.send_email(
                session,
                to=partner.email,
                template="request-delete",
                context={"reference": episode.reference},
                about_id=episode.support_request_id,
            )


def stop_unwanted_support(session: Session, event: ConsentWithdrawn) -> None:
    """Whoever takes back that they are supported is left alone from then on. Where only the time of it is over, nobody
    said so: they are asked."""
    if event.purpose is not ConsentPurpose.SUPPORT:
        return
    if event.actor.kind == "system":
        episode = open_support(session, event.person_id)
        if episode is not None:
            _ring(session, episode, _STILL, "What they agreed to was for a time that is over.")
        return
    services.end_by_person(session, event.actor, event.person_id, team_id=event.recipient_id)


def ring_with_interpreter(session: Session, event: ToldInWriting) -> None:
    """Give the link worker a task to ring, instead of relying on what was written."""
    episode = open_support(session, event.person_id)
    if episode is not None:
        words = f"({episode.person.interpreter}). We wrote to them, and that may not be enough."
        _ring(session, episode, _RING_TOO, words, contact_id=event.contact_id)


def ring_about_taken_back(session: Session, event: TakenBack) -> None:
    """Give the link worker a task to ring: what was taken back, the person has not heard."""
    episode = open_support(session, event.person_id)
    if episode is not None:
        _ring(session, episode, _TAKEN_BACK, "before it left.")


def _ring(
    session: Session, episode: Episode, begins: str, goes_on: str, *, contact_id: UUID | None = None
) -> None:
    """A task for today, unless one that begins so waits already: one at a time is enough. Where it is owed to something
    that is no contact as well, it no longer goes with the contact that it came of."""
    waiting = session.scalars(
        select(Action).where(
            Action.episode_id == episode.id,
            Action.owner == ActionOwner.LINK_WORKER,
            Action.done_at.is_(None),
        )
    )
    there = [one for one in waiting if (one.words or "").startswith(begins)]
    for one in there if contact_id is None else ():
        one.contact_id = None
    if not there:
        text = ActionText(f"{begins} {goes_on}", ActionOwner.LINK_WORKER, due_on=clock.today())
        add_action(session, SYSTEM, episode.id, text, contact_id=contact_id)


def listen() -> None:
    """Hear from the people feature. Asked for once, when the product is put together."""
    events.subscribe(ToldInWriting, ring_with_interpreter)
    events.subscribe(TakenBack, ring_about_taken_back)
    events.subscribe(ConsentWithdrawn, stop_telling_partner)
    events.subscribe(ConsentWithdrawn, stop_unwanted_support)
