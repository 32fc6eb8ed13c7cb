"""Copy for the GP record: one page, one press."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template
from markupsafe import Markup

from core import clock
from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.web.slots import fill, part
from prescribing.episodes import closing, queries
from prescribing.episodes.gp_record import gp_text
from prescribing.episodes.views import record_look

bp = Blueprint("gp_record", __name__)


@bp.get("/episodes/<uuid:episode_id>/gp-record")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def show(episode_id: UUID) -> str:
    """The text for the practice's record, to copy."""
    session, actor = db.session(), current_actor()
    found = queries.brief(session, actor, episode_id)
    text = gp_text(
        name=found.person.name,
        born=found.person.born,
        reference=found.reference,
        needs=[need.name for need in queries.needs(session, actor, episode_id)],
        told=closing.feedback_for(session, actor, episode_id),
        on=clock.today(),
    )
    record_look(found.person.id)
    return render_template("prescribing/episodes/gp_record.html", episode=found, text=text)


def link(*, episode_id: UUID | None, **_context: object) -> Markup:
    """On the person's page: the way here."""
    return part("prescribing/episodes/gp_link.html", episode_id=episode_id) if episode_id else Markup()


def register() -> None:
    """Fill the slot; saying it twice changes nothing."""
    fill("person.writing", link)
