"""Forms about an episode that somebody has begun: kept while they are typed, and found again as they were left."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.web.forms import Form
from prescribing.drafts import queries as drafts
from prescribing.drafts import services
from prescribing.episodes import queries

bp = Blueprint("begun", __name__)

F = TypeVar("F", bound=Form)


@bp.post("/episodes/<uuid:episode_id>/drafts/<form>")
@requires(Permission.WORK_CASELOAD)
def keep(episode_id: UUID, form: str) -> Response:
    """Keep what stands in a form now. The page goes on; nothing is shown."""
    found = queries.brief(db.session(), current_actor(), episode_id)
    services.save(db.session(), current_actor(), found.id, form, request.form.items(multi=True))
    db.session.commit()
    return Response(status=204)


def begun(kind: type[F], episode_id: UUID, name: str, **values: object) -> tuple[F, datetime | None]:
    """The form as the actor left it, and when that was; filled with `values` where nothing was begun."""
    kept = drafts.kept(db.session(), current_actor(), episode_id, name)
    answers = MultiDict(kept.fields) if kept is not None else None
    return kind(answers, None, "", **values), kept.saved_at if kept is not None else None


def sent(episode_id: UUID, name: str) -> None:
    """Drop the draft of a form that was sent. Part of the sending's own transaction."""
    services.forget(db.session(), current_actor(), episode_id, name)
