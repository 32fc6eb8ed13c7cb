"""Forms that are not about one episode: what is typed into them is kept, or thrown away, where they are sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from core.access.guard import current_actor
from core.db import db
from core.web.forms import Form
from core.web.links import safe_redirect
from prescribing.drafts import queries, services
from prescribing.drafts.queries import Begun
from prescribing.drafts.rules import About

F = TypeVar("F", bound=Form)

Parts = Mapping[About, Iterable[tuple[str, str]]]


def only_kept(
    place: str, parts: Callable[[], Parts], *, page: str, also: Collection[str] = ()
) -> Response | None:
    """What answers a sending that only keeps what is typed (`draft=keep` in its address) or throws it away
    (`draft=drop`, which leads back to `page`); None for one that is meant. Commits."""
    wish = request.args.get("draft")
    if wish == "keep":
        services.keep(db.session(), current_actor(), place, parts(), also=also)
        answer = Response(status=204)
    elif wish == "drop":
        services.drop(db.session(), current_actor(), place)
        answer = safe_redirect(page)
    else:
        return None
    db.session.commit()
    return answer


def only_kept_about(place: str, person_id: UUID, *, page: str, also: Collection[str] = ()) -> Response | None:
    """As `only_kept`, for a form that is all about one person."""
    about = About(person_id=person_id)
    return only_kept(place, lambda: {about: request.form.items(multi=True)}, page=page, also=also)


def begun(place: str) -> Begun | None:
    """What the actor began here, if anything."""
    return queries.begun(db.session(), current_actor(), place)


def begun_form(kind: type[F], place: str) -> tuple[F, datetime | None]:
    """The form as the actor left it here, and when that was; empty where nothing was begun."""
    found = begun(place)
    return (kind(answers(found.fields)), found.saved_at) if found is not None else (kind(), None)


def answers(fields: Iterable[tuple[str, str]]) -> MultiDict[str, Any]:
    """Answers that were kept, as a form reads them."""
    return MultiDict(list(fields))


def sent(place: str) -> None:
    """Drop what was kept of a form that was sent. Part of the sending's own transaction."""
    services.drop(db.session(), current_actor(), place)
