"""What episodes do when a consent is taken back: a partner that was to hear the outcome no longer does."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import events
from core.notify import services as notify
from prescribing.episodes.models import Episode, SupportRequest
from prescribing.people.events import ConsentWithdrawn
from prescribing.people.models import Partner, RecipientKind


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


def listen() -> None:
    """Hear from the people feature. Asked for once, when the product is put together."""
    events.subscribe(ConsentWithdrawn, stop_telling_partner)
