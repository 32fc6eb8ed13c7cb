"""Templates in other languages: what there is, what is missed, and entering what a translator gave."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import NotFound
from core.notify.rules import Format, laid_out
from core.notify.tongue_rules import TONGUES, Tongue
from core.notify.wording_rules import names_in
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.slots import add_navigation, fill, part
from prescribing.letters import version_queries, version_services
from prescribing.letters.forms import VersionForm
from prescribing.letters.version_services import Given
from prescribing.letters.wording_rules import (
    GROUPS,
    MEDIUM_WORDS,
    NAMES,
    TEMPLATES,
    WORDING_WORDS,
    Medium,
    Wording,
    example,
)

bp = Blueprint("letter_versions", __name__)

add_navigation(Permission.TRIAGE, "Letters in other languages", "letter_versions.home", 86)

_Which = tuple[Tongue, Medium, Wording]


@bp.get("/letters/languages")
@requires(Permission.TRIAGE)
def home() -> str:
    """What is missed most, and what there is in one language."""
    session, actor = db.session(), current_actor()
    tongue = TONGUES.get(request.args.get("language", ""))
    return render_template(
        "prescribing/letters/versions.html",
        tongue=tongue,
        tongues=sorted(TONGUES.values(), key=lambda one: one.name),
        held=version_queries.versions_of(session, actor, tongue) if tongue is not None else {},
        counts=version_queries.counts(session, actor),
        wishes=version_queries.wishes(session, actor),
        groups=GROUPS,
        kinds=WORDING_WORDS,
        media=MEDIUM_WORDS,
        whole=len(TEMPLATES),
    )


@bp.get("/letters/languages/<language>/<medium>/<kind>")
@requires(Permission.TRIAGE)
def edit(language: str, medium: str, kind: str) -> str:
    """The English, and the words in this language."""
    which = _which(language, medium, kind)
    held = version_queries.version(db.session(), *which)
    form = VersionForm(formdata=None)
    if held is not None:
        form.process(
            formdata=None,
            data={name: getattr(held, name) for name in ("words", "translated_by", "checked_by")}
            | {"version": str(held.number)},
        )
    return _page(which, form)


@bp.post("/letters/languages/<language>/<medium>/<kind>")
@requires(Permission.TRIAGE)
def save(language: str, medium: str, kind: str) -> str | Response:
    """See how the words look, use them, or use them no more."""
    which, form, then = _which(language, medium, kind), VersionForm(), request.form.get("then")
    session, actor = db.session(), current_actor()
    held = version_queries.version(session, *which)
    number = held.number if held is not None else 0
    if then == "stop":
        done = not refused(
            form, lambda: version_services.stop(session, actor, *which, seen=form.seen), version=number
        )
    elif then == "look" or not form.validate():
        return _page(which, form)
    else:
        given = Given(form.words.data or "", form.translated_by.data or "", form.checked_by.data or "")
        done = not refused(
            form, lambda: version_services.keep(session, actor, *which, given, seen=form.seen), version=number
        )
    if not done:
        return _page(which, form)
    session.commit()
    flash(
        "These words are used no more." if then == "stop" else "Saved. These words are used from now on.",
        "success",
    )
    return safe_redirect(url_for("letter_versions.home", language=language))


def waiting(**_context: object) -> Markup:
    """On a coordinator's page: how many templates somebody asked for."""
    return part("prescribing/letters/versions_waiting.html", number=version_queries.count_asked(db.session()))


def register() -> None:
    """Fill the slot; saying it twice changes nothing."""
    fill("triage.first", waiting)


def _which(language: str, medium: str, kind: str) -> _Which:
    if language not in TONGUES or (medium, kind) not in TEMPLATES:
        raise NotFound
    return TONGUES[language], Medium(medium), Wording(kind)


def _page(which: _Which, form: VersionForm) -> str:
    tongue, medium, kind = which
    source, held = version_queries.source(kind, medium), version_queries.version(db.session(), *which)
    form.words.render_kw = {"lang": tongue.code, "dir": tongue.direction}
    if not form.version.data:
        form.version.data = "0"
    words = example(form.words.data or "", tongue)
    return render_template(
        "prescribing/letters/version.html",
        tongue=tongue,
        about=WORDING_WORDS[kind],
        medium_words=MEDIUM_WORDS[medium],
        source=laid_out(source, Format.PLAIN),
        names={name: NAMES[name] for name in names_in(source)},
        held=held,
        form=form,
        preview=laid_out(words, Format.PLAIN),
    )
