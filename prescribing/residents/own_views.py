"""My plan: what a person sees, says and changes by themself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from core import clock
from core.access.guard import current_actor, requires
from core.access.rules import Permission, Role
from core.accounts.landing import register_landing
from core.audit import services as audit
from core.db import db
from core.errors import Invalid
from core.idempotency import services as idempotency
from core.settings import current_settings
from core.web.forms import Form
from core.web.links import safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from core.web.slots import add_navigation
from prescribing.drafts import pages as drafts
from prescribing.drafts.rules import place
from prescribing.episodes import outside
from prescribing.episodes.rules import EPISODE_OPEN
from prescribing.people import queries as people
from prescribing.people.consent import OWN_PURPOSE_WORDS, consents_now
from prescribing.residents import calendar, finding, queries, scope, services
from prescribing.residents.forms import (
    ASKED,
    MESSAGE,
    STOP,
    FoundForm,
    HelpForm,
    MessageForm,
    ReachForm,
    RightsForm,
    StopForm,
)
from prescribing.residents.offers import own_offers
from prescribing.residents.rules import TAKEN_BACK_WORDS, HelpKind, Verdict
from prescribing.rights import copies, reading
from prescribing.rights import services as rights
from prescribing.rights.looks import looks_at
from prescribing.rights.queries import own_requests
from prescribing.rights.rules import RequestKind

MOST_LOOKS = 40

bp = Blueprint("me", __name__)

add_navigation(Permission.SEE_OWN_RECORD, "My plan", "me.show", 5)
add_navigation(Permission.SEE_OWN_RECORD, "Messages", "me.messages", 6)
register_landing(Role.RESIDENT, "me.show")


@bp.get("/me")
@requires(Permission.SEE_OWN_RECORD, audits_read=True)
def show() -> str:
    """What happens next, what is coming, where they go, what they want."""
    return _own_page(FoundForm())


@bp.post("/me/found")
@requires(Permission.SEE_OWN_RECORD)
def found() -> str | Response:
    """Tell one's own team of something that one found by oneself."""
    form = FoundForm()
    if not form.validate():
        return _own_page(form)
    where = url_for("me.show")
    said = "Sent. Your link worker looks at it with you. Nobody else has been told."
    only_once(form, said=said)
    finding.tell_found(db.session(), current_actor(), form.words.data or "")
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    flash(said)
    return safe_redirect(where)


def _own_page(form: FoundForm) -> str:
    session, actor = db.session(), current_actor()
    thread = outside.own_thread(session, actor)
    for person_id in actor.person_ids(Role.RESIDENT):
        audit.record(session, actor, "person.read-own", "person", person_id, shown=thread is not None)
    page = render_template(
        "prescribing/residents/me.html",
        form=form,
        thread=thread,
        is_open=thread is not None and thread.state in EPISODE_OPEN,
        coming=queries.coming(session, actor) if thread else (),
        referrals=queries.referrals(session, actor) if thread else (),
        unread=queries.own_unread(session, actor) if thread else 0,
        offers=own_offers(session, actor) if thread else (),
    )
    db.session.commit()
    return page


@bp.get("/me/coming.ics")
@requires(Permission.SEE_OWN_RECORD, audits_read=True)
def coming() -> Response:
    """What is coming, for one's own calendar."""
    settings = current_settings()
    person_id = _looked()
    found = queries.coming(db.session(), current_actor())
    answer = make_response(calendar.own_calendar(found, person_id, settings.base_url))
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="my-plan.ics"'
    answer.headers["Cache-Control"] = "no-store"
    db.session.commit()
    return answer


@bp.get("/me/messages")
@requires(Permission.SEE_OWN_RECORD, audits_read=True)
def messages() -> str:
    """What was written, the newest first; what the team wrote counts as read now."""
    form, kept_at = drafts.begun_form(MessageForm, place(MESSAGE, _own_id()))
    return _messages_page(form, opened=True, kept_at=kept_at)


@bp.post("/me/messages")
@requires(Permission.SEE_OWN_RECORD)
def write() -> str | Response:
    """Write to one's own team."""
    person_id, where = _own_id(), url_for("me.messages")
    only_kept = drafts.only_kept_about(place(MESSAGE, person_id), person_id, page=where)
    if only_kept is not None:
        return only_kept
    form = MessageForm()
    if not form.validate():
        return _messages_page(form)
    said = "Sent. Your link worker reads it on a working day."
    only_once(form, said=said)
    services.write(db.session(), current_actor(), form.words.data or "")
    idempotency.remember(db.session(), form.key, where)
    drafts.sent(place(MESSAGE, person_id))
    db.session.commit()
    flash(said)
    return safe_redirect(where)


@bp.post("/me/referrals/<uuid:referral_id>/say")
@requires(Permission.SEE_OWN_RECORD)
def say(referral_id: UUID) -> Response:
    """Say that something helps, or that it is not for oneself."""
    try:
        verdict = Verdict(request.form.get("verdict", ""))
    except ValueError:
        raise Invalid("Say whether it helps or is not for you.") from None
    words = request.form.get("words", "")[:2000].replace("\x00", "")
    services.say_of(db.session(), current_actor(), referral_id, verdict, words)
    db.session.commit()
    flash(
        "Thank you. Your link worker hears that this helps."
        if verdict is Verdict.HELPS
        else "That is all right. You are not going there, and your link worker looks for something else."
    )
    return safe_redirect(url_for("me.show"))


@bp.get("/me/contact")
@requires(Permission.SEE_OWN_RECORD, audits_read=True)
def contact() -> str:
    """How one wants to be reached, to change."""
    person = people.person(db.session(), current_actor(), _looked())
    form = ReachForm()
    form.show(person)
    page = _page("contact.html", form)
    db.session.commit()
    return page


@bp.post("/me/contact")
@requires(Permission.SEE_OWN_RECORD)
def change_contact() -> str | Response:
    """Change how one wants to be reached."""
    form = ReachForm()
    person = people.person(db.session(), current_actor(), _own_id())
    if not form.validate() or refused(
        form,
        lambda: services.change_contact(
            db.session(), current_actor(), form.change(person), expected_version=form.seen
        ),
    ):
        return _page("contact.html", form)
    db.session.commit()
    if form.flagged_for_safety.data:
        flash("Saved. We write nothing from now on and show nothing here. Your link worker rings only you.")
    else:
        flash("Saved. Your link worker sees it.")
    return safe_redirect(url_for("me.show"))


@bp.get("/me/privacy")
@requires(Permission.SEE_OWN_RECORD, audits_read=True)
def privacy() -> str:
    """What one agreed to, and who has looked."""
    form, kept_at = drafts.begun_form(RightsForm, place(ASKED, _own_id()))
    return _privacy_page(form, kept_at)


@bp.post("/me/privacy")
@requires(Permission.SEE_OWN_RECORD)
def ask_right() -> str | Response:
    """Ask for one's record to be put right, deleted or copied whole."""
    person_id, where = _own_id(), url_for("me.privacy")
    only_kept = drafts.only_kept_about(place(ASKED, person_id), person_id, page=where)
    if only_kept is not None:
        return only_kept
    form = RightsForm()
    if not form.validate():
        return _privacy_page(form)
    said = "Sent to the person who looks after everybody's data. You hear from them within a month."
    only_once(form, said=said)
    kind = RequestKind(form.kind.data)
    if refused(
        form,
        lambda: rights.ask(db.session(), current_actor(), person_id, kind, form.words.data or ""),
    ):
        return _privacy_page(form)
    idempotency.remember(db.session(), form.key, where)
    drafts.sent(place(ASKED, person_id))
    db.session.commit()
    flash(said)
    return safe_redirect(where)


@bp.get("/me/copy")
@requires(Permission.SEE_OWN_RECORD, audits_read=True)
def copy() -> str | Response:
    """Everything that is kept about oneself, to read or as JSON; what may be about others is left out."""
    made = rights.own_copy(db.session(), current_actor(), _own_id())
    if request.args.get("as") == "json":
        answer = make_response(copies.as_json(made))
        answer.headers["Content-Type"] = "application/json"
        answer.headers["Content-Disposition"] = 'attachment; filename="my-record.json"'
    else:
        answer = make_response(
            render_template("prescribing/rights/copy.html", copy=made, parts=reading.told(db.session(), made))
        )
    answer.headers["Cache-Control"] = "no-store"
    db.session.commit()
    return answer


@bp.get("/me/consents/<uuid:consent_id>/withdraw")
@requires(Permission.SEE_OWN_RECORD, audits_read=True)
def ask_withdraw(consent_id: UUID) -> str:
    """What it means to take a consent of one's own back, before it is done."""
    _looked()
    _person_id, consent = people.consent(db.session(), current_actor(), consent_id)
    db.session.commit()
    return render_template(
        "prescribing/residents/withdraw.html", consent=consent, purpose=OWN_PURPOSE_WORDS[consent.purpose]
    )


@bp.post("/me/consents/<uuid:consent_id>/withdraw")
@requires(Permission.SEE_OWN_RECORD)
def withdraw(consent_id: UUID) -> Response:
    """Take a consent of one's own back."""
    _person_id, consent = people.consent(db.session(), current_actor(), consent_id)
    services.withdraw_consent(db.session(), current_actor(), consent_id)
    db.session.commit()
    flash(TAKEN_BACK_WORDS[consent.purpose])
    return safe_redirect(url_for("me.privacy"))


@bp.post("/me/consents/<uuid:consent_id>/again")
@requires(Permission.SEE_OWN_RECORD)
def agree_again(consent_id: UUID) -> Response:
    """Agree again to what one took back."""
    services.give_again(db.session(), current_actor(), consent_id)
    db.session.commit()
    flash("Thank you. You agree again. It counts from the next time that we ask them for you.")
    return safe_redirect(url_for("me.privacy"))


@bp.get("/me/stop")
@requires(Permission.SEE_OWN_RECORD)
def stop() -> str:
    """Ask whether the support is to end."""
    form, kept_at = drafts.begun_form(StopForm, place(STOP, _own_id()))
    return _page("stop.html", form, kept_at=kept_at)


@bp.post("/me/stop")
@requires(Permission.SEE_OWN_RECORD)
def do_stop() -> str | Response:
    """End one's own support."""
    person_id = _own_id()
    only_kept = drafts.only_kept_about(place(STOP, person_id), person_id, page=url_for("me.stop"))
    if only_kept is not None:
        return only_kept
    form = StopForm()
    if not form.validate() or refused(
        form, lambda: services.stop_support(db.session(), current_actor(), form.words.data or "")
    ):
        return _page("stop.html", form)
    drafts.sent(place(STOP, person_id))
    db.session.commit()
    flash("Your support has stopped. You can ask again at any time.")
    return safe_redirect(url_for("me.show"))


@bp.get("/me/helping")
@requires(Permission.SEE_OWN_RECORD, audits_read=True)
def helping() -> str:
    """What one offers to others."""
    _looked()
    page = _helping_page(HelpForm())
    db.session.commit()
    return page


@bp.post("/me/helping")
@requires(Permission.SEE_OWN_RECORD)
def offer() -> str | Response:
    """Offer something to others."""
    form = HelpForm()
    if not form.validate():
        return _helping_page(form)
    where = url_for("me.helping")
    said = "Thank you. Your link worker gets in touch about it."
    only_once(form, said=said)
    if refused(
        form,
        lambda: services.offer_help(
            db.session(),
            current_actor(),
            HelpKind(form.kind.data),
            form.words.data or "",
            may_count=bool(form.may_count.data),
        ),
    ):
        return _helping_page(form)
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    flash(said)
    return safe_redirect(where)


@bp.post("/me/helping/<uuid:offer_id>/end")
@requires(Permission.SEE_OWN_RECORD)
def take_back(offer_id: UUID) -> Response:
    """Take back what one offered."""
    services.take_help_back(db.session(), current_actor(), offer_id)
    db.session.commit()
    flash("Taken back. Thank you for having offered it.")
    return safe_redirect(url_for("me.helping"))


def _own_id() -> UUID:
    return scope.own_person_id(db.session(), current_actor())


def _looked() -> UUID:
    """Whose record it is, with the look written down; whoever shows it commits that."""
    person_id = _own_id()
    audit.record(db.session(), current_actor(), "person.read-own", "person", person_id, shown=True)
    return person_id


def _messages_page(form: MessageForm, *, opened: bool = False, kept_at: datetime | None = None) -> str:
    _looked()
    found = queries.own_messages(db.session(), current_actor())
    if opened:
        services.mark_own_read(db.session(), current_actor())
    page = render_template("prescribing/residents/messages.html", form=form, lines=found, kept_at=kept_at)
    db.session.commit()
    return page


def _privacy_page(form: RightsForm, kept_at: datetime | None = None) -> str:
    person_id = _looked()
    session, actor = db.session(), current_actor()
    found = people.consents(session, actor, person_id)
    live, again = consents_now(found, clock.now())
    before = request.args.get("before", "")
    number = int(before) if before.isascii() and before.isdecimal() and len(before) < 18 else None
    page = render_template(
        "prescribing/residents/privacy.html",
        form=form,
        kept_at=kept_at,
        consents=found,
        live=live,
        again=again,
        purposes=OWN_PURPOSE_WORDS,
        looks=looks_at(session, actor, person_id, before=number, most=MOST_LOOKS),
        is_older=number is not None,
        asked=own_requests(session, actor, person_id),
    )
    db.session.commit()
    return page


def _helping_page(form: HelpForm) -> str:
    offers = own_offers(db.session(), current_actor())
    return render_template("prescribing/residents/helping.html", form=form, offers=offers)


def _page(name: str, form: Form, kept_at: datetime | None = None) -> str:
    _own_id()
    return render_template(f"prescribing/residents/{name}", form=form, kept_at=kept_at)
