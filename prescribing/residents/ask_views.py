"""Asking for support: the short form, for oneself or somebody else, which can be saved and finished later."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, make_response, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core import clock
from core.access.guard import current_actor, public
from core.access.rules import Permission
from core.calendar.rules import add_working_days, london_day
from core.db import db
from core.errors import Invalid
from core.idempotency import services as idempotency
from core.web.forms import LONGEST_TEXT
from core.web.links import safe_redirect
from core.web.slots import add_navigation, fill
from directory import published
from prescribing.episodes import intake, queries
from prescribing.episodes.asking_forms import AskForm
from prescribing.episodes.clock_settings import clocks
from prescribing.episodes.models import RequestSource
from prescribing.residents import drafts, rules
from prescribing.residents.ask_forms import ComeBackForm

bp = Blueprint("ask", __name__)

_ANYBODY = "Anybody may ask for support"
_CODE = "The code or the link is the proof"

add_navigation(None, "Ask for support", "ask.form", 30)


def ask_button() -> Markup:
    """The way here, where other pages leave room for it."""
    return Markup('<a class="nhsuk-button" href="{}">Ask for support</a>').format(url_for("ask.form"))


fill("ask_for_support", ask_button)


@bp.get("/ask")
@public(_ANYBODY)
def form() -> str | Response:
    """The short form, with what was saved of it where somebody goes on."""
    draft_id = _going_on()
    if draft_id is None:
        return _ask_page(AskForm(reason=_activity_in_mind()))
    values = drafts.values_of(db.session(), draft_id, _boxes())
    if values is None:
        session.pop("going_on", None)
        return _ask_page(AskForm())
    page = make_response(_ask_page(AskForm(**values), going_on=True))
    page.headers["Cache-Control"] = "no-store"
    return page


@bp.post("/ask")
@public(_ANYBODY)
def send() -> str | Response:
    """Take the request in, or keep it for later; what was typed stays where something must be mended."""
    asked = _offered(AskForm())
    if request.form.get("then") == "save":
        return _save(asked)
    source = _source(asked)
    if not _is_whole(asked, source):
        return _ask_page(asked, going_on=_going_on() is not None)
    first = idempotency.earlier(db.session(), asked.key)
    if first is None:
        try:
            made, _episode = intake.submit_request(db.session(), current_actor(), asked.content(), source)
        except Invalid as problem:
            return _not_taken(asked, problem)
        first = f"{url_for('ask.sent')}#{made.reference}"
        idempotency.remember(db.session(), asked.key, first)
        draft_id = _going_on()
        if draft_id is not None:
            drafts.forget(db.session(), current_actor(), draft_id)
        db.session.commit()
    session.pop("going_on", None)
    session.pop("saved", None)
    # The reference travels in the signed cookie, not in the address.
    session["asked"] = {
        "reference": first.partition("#")[2],
        "on": clock.today().isoformat(),
        "other": asked.for_someone_else,
    }
    return safe_redirect(url_for("ask.sent"))


@bp.get("/ask/sent")
@public(_ANYBODY)
def sent() -> str | Response:
    """What happens next, and by when."""
    asked = session.get("asked")
    if not isinstance(asked, dict):
        return safe_redirect(url_for("ask.form"))
    read_by, ring_by = _promised(date.fromisoformat(asked["on"]))
    return _kept_from_caches(
        "sent.html",
        reference=asked["reference"],
        read_by=read_by,
        ring_by=ring_by,
        for_other=bool(asked.get("other")),
        for_staff=current_actor().can(Permission.WORK_CASELOAD),
    )


@bp.get("/ask/saved")
@public(_ANYBODY)
def saved() -> str | Response:
    """The reference and the code of what was just saved, for whoever saved it in this browser."""
    kept = session.get("saved")
    if not isinstance(kept, dict) or not rules.is_recent(kept["at"], rules.CODE_SHOWN, clock.now()):
        session.pop("saved", None)
        return safe_redirect(url_for("ask.come_back"))
    return _kept_from_caches("saved.html", kept=kept, until=date.fromisoformat(kept["until"]))


@bp.get("/ask/return")
@public(_CODE)
def come_back() -> str:
    """Ask for the reference and the code."""
    return render_template("prescribing/residents/come_back.html", form=ComeBackForm())


@bp.post("/ask/return")
@public(_CODE)
def resume() -> str | Response:
    """Open a saved form by its reference and code."""
    typed = ComeBackForm()
    if typed.validate():
        try:
            draft_id = drafts.open_by_code(
                db.session(), typed.reference.data or "", typed.code.data or "", request.remote_addr or ""
            )
        except Invalid as problem:
            # The try counts.
            db.session.commit()
            typed.add_error(problem.field, problem.message)
        else:
            db.session.commit()
            return _go_on(draft_id)
    return render_template("prescribing/residents/come_back.html", form=typed)


@bp.get("/ask/return/<token>")
@public(_CODE)
def link(token: str) -> str:
    """Where the link in a message leads. Opening it changes nothing."""
    drafts.by_link(db.session(), token)
    return render_template("prescribing/residents/open_link.html", token=token)


@bp.post("/ask/return/<token>")
@public(_CODE)
def follow(token: str) -> Response:
    """Go on with the form that the link leads to."""
    return _go_on(drafts.by_link(db.session(), token))


@bp.post("/ask/forget")
@public(_CODE)
def forget() -> Response:
    """Throw away what was saved."""
    draft_id = _going_on()
    if draft_id is not None:
        drafts.forget(db.session(), current_actor(), draft_id)
        db.session.commit()
    session.pop("going_on", None)
    session.pop("saved", None)
    flash("What you saved is deleted.")
    return safe_redirect(url_for("ask.form"))


def _activity_in_mind() -> str:
    """Words for the activity from whose page somebody comes; none where they come from elsewhere."""
    try:
        wanted = UUID(request.args.get("activity", ""))
    except ValueError:
        return ""
    cards = published.cards(db.session(), [wanted], today=clock.today())
    return f"I would like to join: {cards[0].name}" if cards else ""


def _save(asked: AskForm) -> str | Response:
    """Keep what was typed as it is: what is wrong in it is for later, when it is sent."""
    asked.validate()
    values: dict[str, Any] = {box.name: box.data for box in asked.visible()}
    if any(isinstance(value, str) and len(value) > LONGEST_TEXT for value in values.values()):
        return _ask_page(asked)
    for box in asked:
        box.errors = []
    content = asked.content()
    # A link goes to whoever types, so not to the person for whom somebody else asks.
    contact = None if asked.for_someone_else else content.safe_contact
    try:
        kept = drafts.keep(
            db.session(),
            current_actor(),
            values,
            draft_id=_going_on(),
            contact=contact,
            mobile=content.mobile,
        )
    except Invalid as problem:
        return _not_taken(asked, problem)
    db.session.commit()
    session.pop("going_on", None)
    session["saved"] = {
        "reference": kept.reference,
        "code": f"{kept.code[:3]} {kept.code[3:]}",
        "way": kept.way.value if kept.way else "",
        "until": london_day(kept.until).isoformat(),
        "at": clock.now().isoformat(),
    }
    return safe_redirect(url_for("ask.saved"))


def _not_taken(asked: AskForm, problem: Invalid) -> str:
    """The form with all that was typed, and why it was not taken."""
    db.session.rollback()
    asked.say(problem)
    return _ask_page(asked, going_on=_going_on() is not None)


def _source(asked: AskForm) -> RequestSource:
    if asked.for_someone_else:
        return RequestSource.SOMEONE_ELSE
    # One of the team fills it in for somebody on the phone.
    on_phone = current_actor().can(Permission.WORK_CASELOAD)
    return RequestSource.PHONE if on_phone else RequestSource.SELF


def _is_whole(asked: AskForm, source: RequestSource) -> bool:
    """Whether the form can be sent; where not, everything that is to be mended stands on it at once."""
    good = asked.validate()
    wrong = set(asked.errors)
    for problem in intake.problems(asked.content(), source):
        good = False
        if problem.field not in wrong:
            asked.say(problem)
    return good


def _going_on() -> UUID | None:
    """The saved form that this browser goes on with, if it was opened a short while ago."""
    held = session.get("going_on")
    if not isinstance(held, dict) or not rules.is_recent(held["at"], rules.GOING_ON, clock.now()):
        return None
    return UUID(held["draft"])


def _go_on(draft_id: UUID) -> Response:
    session.pop("saved", None)
    session["going_on"] = {"draft": str(draft_id), "at": clock.now().isoformat()}
    return safe_redirect(url_for("ask.form"))


def _boxes() -> frozenset[str]:
    return frozenset(box.name for box in AskForm().visible())


def _offered(asked: AskForm) -> AskForm:
    asked.offer(list(queries.need_names(db.session()).items()))
    return asked


def _ask_page(asked: AskForm, *, going_on: bool = False) -> str:
    _read_by, ring_by = _promised(clock.today())
    return render_template(
        "prescribing/residents/ask.html",
        form=_offered(asked),
        ring_by=ring_by,
        going_on=going_on,
        for_staff=current_actor().can(Permission.WORK_CASELOAD),
    )


def _kept_from_caches(name: str, **context: object) -> Response:
    page = make_response(render_template(f"prescribing/residents/{name}", **context))
    page.headers["Cache-Control"] = "no-store"
    return page


def _promised(on: date) -> tuple[date, date]:
    """By when somebody reads a request that was sent on `on`, and by when a link worker first gets in touch."""
    limits = clocks()
    read_by = add_working_days(on, limits.triage)
    return read_by, add_working_days(read_by, limits.first_attempt)
