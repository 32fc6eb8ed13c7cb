"""Writing to somebody: choose what about, read and mend the words, send or print."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core import clock
from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import NotFound
from core.idempotency import services as idempotency
from core.notify.rules import Format, format_for, laid_out
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from core.web.slots import fill
from prescribing.episodes.begun import begun, sent
from prescribing.episodes.views import record_look
from prescribing.letters import queries, services
from prescribing.letters.forms import LetterForm, read_way
from prescribing.letters.queries import Addressee
from prescribing.letters.rules import KIND_WORDS, Kind, fill_in, on_paper, send_problem
from prescribing.people.safe_contact import CHANNEL_WORDS, Channel

bp = Blueprint("letters", __name__)


@bp.get("/episodes/<uuid:episode_id>/letters")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def choose(episode_id: UUID) -> str:
    """What to write about, and the ways that are safe."""
    to = queries.addressee(db.session(), current_actor(), episode_id)
    record_look(to.person.id)
    return render_template(
        "prescribing/letters/choose.html",
        to=to,
        episode_id=episode_id,
        kinds=KIND_WORDS,
        channel_words=CHANNEL_WORDS,
        mind=_mind(to),
    )


@bp.get("/episodes/<uuid:episode_id>/letters/<kind>")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def write(episode_id: UUID, kind: str) -> str | Response:
    """The words, filled in for this person, as they will look."""
    to, about = queries.addressee(db.session(), current_actor(), episode_id), _kind(kind)
    way = read_way(request.args.get("by"))
    if way not in to.ways or way is None:
        return safe_redirect(url_for("letters.choose", episode_id=episode_id))
    form, kept_at = begun(
        LetterForm,
        episode_id,
        _draft(about, way),
        words=fill_in(about, way, to.facts),
        by=way.value,
        form=on_paper(format_for(to.person.communication_needs)).value,
    )
    return _page(to, about, way, form, episode_id, kept_at)


@bp.post("/episodes/<uuid:episode_id>/letters/<kind>")
@requires(Permission.WORK_CASELOAD)
def send(episode_id: UUID, kind: str) -> str | Response:
    """Look at the words again, or send them."""
    to, about = queries.addressee(db.session(), current_actor(), episode_id), _kind(kind)
    form = LetterForm()
    way = read_way(form.by.data)
    if way is None:
        raise NotFound
    if not form.validate() or request.form.get("then") == "look":
        return _page(to, about, way, form, episode_id)
    where = url_for("episodes.show", episode_id=episode_id)
    only_once(form)
    words = form.words.data or ""
    if refused(form, lambda: services.write(db.session(), current_actor(), episode_id, about, way, words)):
        return _page(to, about, way, form, episode_id)
    idempotency.remember(db.session(), form.key, where)
    sent(episode_id, _draft(about, way))
    db.session.commit()
    flash("Written down as posted." if way is Channel.LETTER else "Sent, and written down.")
    return safe_redirect(where)


def link(*, episode_id: UUID | None, **_context: object) -> Markup:
    """On the person's page: the way here."""
    if episode_id is None:
        return Markup()
    where = url_for("letters.choose", episode_id=episode_id)
    return Markup('<p class="gt-no-print"><a href="{}">Write to them: letter, text or email</a></p>').format(
        where
    )


def register() -> None:
    """Fill the slot; saying it twice changes nothing."""
    fill("person.writing", link)


def _kind(text: str) -> Kind:
    if text not in set(Kind):
        raise NotFound
    return Kind(text)


def _mind(to: Addressee) -> tuple[str, ...]:
    return send_problem(
        form=format_for(to.person.communication_needs),
        interpreter=to.person.interpreter,
        phone=to.facts.phone,
    )


def _draft(kind: Kind, way: Channel) -> str:
    return f"letter-{kind.value}-{way.value}"


def _page(
    to: Addressee,
    kind: Kind,
    way: Channel,
    form: LetterForm,
    episode_id: UUID,
    kept_at: datetime | None = None,
) -> str:
    record_look(to.person.id)
    return render_template(
        "prescribing/letters/write.html",
        to=to,
        kind=kind,
        about=KIND_WORDS[kind],
        way=way,
        way_words=CHANNEL_WORDS[way],
        form=form,
        chosen=form.chosen,
        parts=laid_out(form.words.data or "", form.chosen if way is Channel.LETTER else Format.PLAIN),
        episode_id=episode_id,
        draft_name=_draft(kind, way),
        kept_at=kept_at,
        today=clock.today(),
        mind=_mind(to),
    )
