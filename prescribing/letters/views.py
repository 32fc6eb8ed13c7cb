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
from core.notify.tongue_rules import tongue_of
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from core.web.slots import fill
from prescribing.episodes.begun import begun, sent
from prescribing.episodes.rules import CASELOAD, EpisodeState
from prescribing.episodes.views import record_look
from prescribing.letters import queries, services, version_queries, version_services
from prescribing.letters.forms import AskForm, LetterForm, read_way
from prescribing.letters.queries import Addressee
from prescribing.letters.rules import KIND_WORDS, Kind, on_paper, send_problem
from prescribing.letters.version_queries import Version
from prescribing.letters.wording_rules import MEDIUM_WORDS, Wording, fill_in, lists_what_was_agreed, medium_of
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
    given = None if request.args.get("in") == "en" else _given(to, about, way)
    form, kept_at = begun(
        LetterForm,
        episode_id,
        _draft(about, way, given),
        words=fill_in(about, way, to.facts) if given is None else given.filled(to.facts),
        by=way.value,
        language=given.tongue.code if given is not None else "",
        form=on_paper(format_for(to.person.communication_needs)).value,
    )
    form.by_way(way)
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
    form.by_way(way)
    given = _given(to, about, way) if form.language.data else None
    if not form.validate() or request.form.get("then") == "look":
        return _page(to, about, way, form, episode_id)
    where = url_for("episodes.show", episode_id=episode_id)
    only_once(form)
    words, tongue = form.words.data or "", given.tongue if given is not None else None
    if refused(
        form,
        lambda: services.write(db.session(), current_actor(), episode_id, about, way, words, tongue=tongue),
    ):
        return _page(to, about, way, form, episode_id)
    idempotency.remember(db.session(), form.key, where)
    sent(episode_id, _draft(about, way, given))
    db.session.commit()
    flash("Written down as posted." if way is Channel.LETTER else "Sent, and written down.")
    return safe_redirect(where)


@bp.post("/episodes/<uuid:episode_id>/letters/<kind>/ask")
@requires(Permission.WORK_CASELOAD)
def ask(episode_id: UUID, kind: str) -> Response:
    """Ask the coordinators for the words in this person's language."""
    to, about, form = queries.addressee(db.session(), current_actor(), episode_id), _kind(kind), AskForm()
    way, tongue = read_way(form.by.data), tongue_of(to.person.interpreter)
    if way is None or tongue is None or not form.validate():
        raise NotFound
    where = url_for("letters.write", episode_id=episode_id, kind=about.value, by=way.value)
    said = f"Asked. Your coordinator sees that the {tongue.name} words are missing."
    only_once(form, said=said)
    version_services.ask_for(db.session(), current_actor(), tongue, medium_of(way), Wording(about.value))
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    flash(said)
    return safe_redirect(where)


def link(*, episode_id: UUID | None, state: EpisodeState, **_context: object) -> Markup:
    """On the person's page: the way here, while a link worker has them."""
    if episode_id is None or state not in CASELOAD:
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


def _given(to: Addressee, kind: Kind, way: Channel) -> Version | None:
    """What translators gave in this person's language."""
    tongue = tongue_of(to.person.interpreter)
    if tongue is None:
        return None
    return version_queries.version(db.session(), tongue, medium_of(way), Wording(kind.value))


def _draft(kind: Kind, way: Channel, given: Version | None) -> str:
    return f"letter-{kind.value}-{way.value}{f'-{given.tongue.code}' if given is not None else ''}"


def _page(
    to: Addressee,
    kind: Kind,
    way: Channel,
    form: LetterForm,
    episode_id: UUID,
    kept_at: datetime | None = None,
) -> str:
    record_look(to.person.id)
    given, reads = _given(to, kind, way), tongue_of(to.person.interpreter)
    used = given if form.language.data else None
    if used is not None:
        own = {"lang": used.tongue.code, "dir": used.tongue.direction}
        form.words.render_kw = {**(form.words.render_kw or {}), **own}
    return render_template(
        "prescribing/letters/write.html",
        given=given,
        used=used,
        reads=reads,
        medium_words=MEDIUM_WORDS[medium_of(way)],
        in_english=laid_out(used.in_english(to.facts), Format.PLAIN) if used is not None else (),
        lists_as_written=used is not None and lists_what_was_agreed(used.words),
        ask_form=AskForm(formdata=None, by=way.value),
        to=to,
        kind=kind,
        about=KIND_WORDS[kind],
        way=way,
        way_words=CHANNEL_WORDS[way],
        form=form,
        chosen=form.chosen,
        parts=laid_out(form.words.data or "", form.chosen if way is Channel.LETTER else Format.PLAIN),
        episode_id=episode_id,
        draft_name=_draft(kind, way, used),
        kept_at=kept_at,
        today=clock.today(),
        mind=_mind(to),
    )
