"""The team's pages: choosing an activity for a need, the consent step, and one referral whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core import clock
from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Invalid
from core.idempotency import services as idempotency
from core.web.forms import CreateForm, VersionedForm
from core.web.links import address_with, safe_redirect
from core.web.mending import refused
from core.web.sending import only_once
from core.web.words import say_session
from directory.published import Offer
from prescribing.drafts.rules import REFERRAL, place
from prescribing.episodes.begun import begun, sent
from prescribing.episodes.moves import Mover
from prescribing.referrals import (
    answering,
    attending,
    finding,
    inbox,
    links,
    looking,
    page_parts,
    queries,
    referring,
)
from prescribing.referrals import services as moving
from prescribing.referrals.forms import (
    AnswerForm,
    CameForm,
    FindForm,
    HeadsUpForm,
    ListingForm,
    NoteForm,
    ReferForm,
    TeamCameForm,
    VisitForm,
    fair_reasons,
    reasons,
)
from prescribing.referrals.models import Presence, Referral
from prescribing.referrals.rules import REFERRAL_CLOSED, ReferralState

bp = Blueprint("referrals", __name__)

page_parts.register()

_NEED = "/episodes/<uuid:episode_id>/needs/<uuid:need_id>"


@bp.get(f"{_NEED}/find")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def find(episode_id: UUID, need_id: UUID) -> str | Response:
    """What fits this need, has room, and is near?"""
    form = FindForm()
    form.offer()
    page = request.args.get("page", "1")
    choice = finding.choose(
        db.session(),
        current_actor(),
        episode_id,
        need_id,
        q=form.words,
        day=form.chosen_day,
        time=form.time.data or "",
        cost=form.cost.data or "",
        radius_km=form.radius_km,
        page=max(1, min(int(page), 1000)) if page.isascii() and page.isdigit() and len(page) < 5 else 1,
    )
    if choice.page > choice.pages:
        return redirect(address_with("page", choice.pages))
    looking.record_person_look(db.session(), current_actor(), choice.episode.person.id)
    db.session.commit()
    return render_template("prescribing/referrals/find.html", form=form, choice=choice, new_key=uuid4)


@bp.post(f"{_NEED}/tell/<uuid:service_id>")
@requires(Permission.WORK_CASELOAD)
def tell(episode_id: UUID, need_id: UUID, service_id: UUID) -> Response:
    """Write down that they were told about an activity."""
    back = url_for("referrals.find", episode_id=episode_id, need_id=need_id)
    return _once(
        back,
        lambda: referring.signpost(db.session(), current_actor(), need_id, service_id),
        "It is written down that you told them. Nothing was sent.",
    )


@bp.post(f"{_NEED}/gap")
@requires(Permission.WORK_CASELOAD)
def gap(episode_id: UUID, need_id: UUID) -> Response:
    """Write down that nothing fits."""
    back = url_for("referrals.find", episode_id=episode_id, need_id=need_id)
    wanted = {name: request.form.get(name, "") for name in ("day", "time", "cost", "far")}
    return _once(
        back,
        lambda: referring.record_gap(db.session(), current_actor(), need_id, wanted),
        "Thank you. The gap is written down, and counts when the borough decides what to start.",
    )


@bp.get(f"{_NEED}/refer/<uuid:service_id>")
@requires(Permission.WORK_CASELOAD, audits_read=True)
def ask_consent(episode_id: UUID, need_id: UUID, service_id: UUID) -> str:
    """What will the group see, and do they agree?"""
    about = finding.sending(db.session(), current_actor(), episode_id, need_id, service_id)
    words = finding.first_words(db.session(), about)
    looking.record_person_look(db.session(), current_actor(), about.person.id)
    db.session.commit()
    kind: type[ReferForm | HeadsUpForm] = HeadsUpForm if about.option.turn_up else ReferForm
    form, kept_at = begun(kind, episode_id, place(REFERRAL, service_id))
    # What was taken out of the first words stays out.
    return _consent_page(form if kept_at else kind(data=asdict(words)), about, kept_at)


@bp.post(f"{_NEED}/refer/<uuid:service_id>")
@requires(Permission.WORK_CASELOAD)
def send(episode_id: UUID, need_id: UUID, service_id: UUID) -> str | Response:
    """Send the need to the group, with what was agreed."""
    about = finding.sending(db.session(), current_actor(), episode_id, need_id, service_id)
    form: ReferForm | HeadsUpForm = HeadsUpForm() if about.option.turn_up else ReferForm()
    if form.validate():
        only_once(form)
        made: list[Referral] = []

        def act() -> None:
            words, agreed, is_full = form.words(), form.agreed(), bool(form.knows_it_is_full.data)
            made.append(
                referring.refer(
                    db.session(),
                    current_actor(),
                    need_id,
                    service_id,
                    words,
                    agreed,
                    knows_it_is_full=is_full,
                )
            )

        if not refused(form, act):
            there = url_for("referrals.show", referral_id=made[0].id)
            idempotency.remember(db.session(), form.key, there)
            sent(episode_id, place(REFERRAL, service_id))
            db.session.commit()
            flash(referring.say_sent(db.session(), about, made[0]), "success")
            return safe_redirect(there)
    about = finding.sending(db.session(), current_actor(), episode_id, need_id, service_id)
    looking.record_person_look(db.session(), current_actor(), about.person.id)
    db.session.commit()
    return _consent_page(form, about)


@bp.get("/referrals/<uuid:referral_id>")
@requires(Permission.SIGNED_IN, audits_read=True)
def show(referral_id: UUID) -> str:
    """One referral: whole for the team, by its tier for the group."""
    if not queries.is_team_member(current_actor(), referral_id, db.session()):
        return show_to_group(referral_id)
    return _team_page(referral_id)


def show_to_group(referral_id: UUID, form: VisitForm | None = None) -> str:
    """One referral as its group may see it; the look is kept."""
    one = inbox.for_group(db.session(), current_actor(), referral_id)
    offer = finding.offer_of(db.session(), one.service_id)
    looking.record_group_looks(db.session(), current_actor(), [one])
    db.session.commit()
    return render_template(
        "prescribing/referrals/group_referral.html",
        one=one,
        offer=offer,
        reasons=reasons(),
        fair=fair_reasons(),
        form=form if form is not None else visit_form(offer, one.version),
        listing_form=ListingForm(),
        today=clock.today(),
    )


@bp.post("/referrals/<uuid:referral_id>/answer")
@requires(Permission.SIGNED_IN)
def answer(referral_id: UUID) -> Response:
    """Take the group's answer, its own or as it was told to the team."""
    form = AnswerForm()
    made = answering.answer(
        db.session(),
        current_actor(),
        referral_id,
        form.target,
        expected_version=form.seen,
        reason=form.why,
        note=form.note.data or "",
        fair=form.why_first,
    )
    return _done(made, ANSWER_SAID[form.target])


@bp.post("/referrals/<uuid:referral_id>/visit")
@requires(Permission.SIGNED_IN)
def visit(referral_id: UUID) -> str | Response:
    """Take the day of the first visit."""
    actor = current_actor()
    team = queries.is_team_member(actor, referral_id, db.session())
    service_id = (
        queries.detail(db.session(), actor, referral_id).offer.service_id
        if team
        else inbox.for_group(db.session(), actor, referral_id).service_id
    )
    form = visit_form(finding.offer_of(db.session(), service_id))
    if form.validate():
        try:
            made = answering.schedule(db.session(), actor, referral_id, form.day, expected_version=form.seen)
        except Invalid as error:
            db.session.rollback()
            form.add_error(error.field, error.message)
        else:
            return _done(made, "The first visit is agreed.")
    return _team_page(referral_id, visit=form) if team else show_to_group(referral_id, form)


@bp.post("/referrals/<uuid:referral_id>/attendance")
@requires(Permission.SIGNED_IN)
def came(referral_id: UUID) -> str | Response:
    """Write down whether they came: a press of the group's, or what the team was told."""
    actor = current_actor()
    if not queries.is_team_member(actor, referral_id, db.session()):
        on, presence = CameForm().mark
        made = attending.record_attendance(db.session(), actor, referral_id, on, presence)
        return _done(made, "Thank you. It is written down.")
    form = TeamCameForm()
    if form.validate():
        try:
            made = attending.record_attendance(
                db.session(),
                actor,
                referral_id,
                form.day.data or date.max,
                Presence(form.presence.data),
                said_by=Mover(form.said_by.data),
            )
        except Invalid as error:
            db.session.rollback()
            form.add_error("day" if error.field == "on" else error.field, error.message)
        else:
            return _done(made, "The visit is written down.")
    return _team_page(referral_id, came=form)


@bp.post("/referrals/<uuid:referral_id>/end")
@requires(Permission.SIGNED_IN)
def end(referral_id: UUID) -> Response:
    """Say that they never came, stopped coming, or have settled in."""
    form = NoteForm()
    target, version = form.end, form.seen
    note = (form.note.data or "")[:600]
    session, actor = db.session(), current_actor()
    if target is ReferralState.COMPLETED:
        made = answering.settled(session, actor, referral_id, expected_version=version)
    elif target is ReferralState.STOPPED:
        made = answering.stopped(session, actor, referral_id, note=note, expected_version=version)
    else:
        made = answering.never_started(session, actor, referral_id, note=note, expected_version=version)
    return _done(made, "It is written down.")


@bp.post("/referrals/<uuid:referral_id>/withdraw")
@requires(Permission.WORK_CASELOAD)
def withdraw(referral_id: UUID) -> Response:
    """Take the referral back, by the person's word."""
    form = NoteForm()
    made = moving.withdraw(
        db.session(),
        current_actor(),
        referral_id,
        note=(form.note.data or "")[:600],
        expected_version=form.seen,
    )
    if request.form.get("then") == "again":
        where = url_for(
            "referrals.ask_consent",
            episode_id=made.episode_id,
            need_id=made.need_id,
            service_id=made.service_id,
        )
        db.session.commit()
        flash("The old referral is taken back. Agree with them what is shared, then ask again.")
        return safe_redirect(where)
    return _done(made, "The referral is taken back. The group can no longer see it.")


@bp.post("/referrals/<uuid:referral_id>/late-yes")
@requires(Permission.WORK_CASELOAD)
def late_yes(referral_id: UUID) -> Response:
    """Make a linked referral from a yes that came too late."""
    made = referring.late_yes(db.session(), current_actor(), referral_id)
    return _done(made, "A new referral is made from the late yes, and linked to the old one.")


@bp.post("/referrals/<uuid:referral_id>/undo")
@requires(Permission.WORK_CASELOAD)
def undo(referral_id: UUID) -> Response:
    """Open again what was closed by mistake."""
    made = moving.undo_close(
        db.session(), current_actor(), referral_id, expected_version=VersionedForm().seen
    )
    return _done(made, "It is open again.")


@bp.post("/referrals/<uuid:referral_id>/mistake")
@requires(Permission.WORK_CASELOAD)
def mistake(referral_id: UUID) -> Response:
    """Mark the referral as entered in error."""
    form = NoteForm()
    made = moving.enter_in_error(
        db.session(),
        current_actor(),
        referral_id,
        form.note.data or "",
        expected_version=form.seen,
    )
    return _done(made, "It is marked as a mistake.")


@bp.post("/referrals/<uuid:referral_id>/code")
@requires(Permission.WORK_CASELOAD)
def code(referral_id: UUID) -> str:
    """Show a code to read out to the group, this once."""
    made = links.code_to_read_out(db.session(), current_actor(), referral_id)
    db.session.commit()
    back = (url_for("referrals.show", referral_id=referral_id), "The referral")
    return render_template("prescribing/referrals/code.html", code=made, back=back)


ANSWER_SAID = {
    ReferralState.ACCEPTED: "Thank you. You said yes.",
    ReferralState.WAITLISTED: "Thank you. They are on the waiting list.",
    ReferralState.DECLINED: "Thank you for telling us. Their link worker will look for something else.",
}


def visit_form(offer: Offer, version: int | None = None) -> VisitForm:
    """The form for a first visit, with the activity's next sessions to choose from."""
    form = VisitForm() if version is None else VisitForm(data={"version": version})
    form.offer(
        (one.start.astimezone(clock.LONDON).date(), say_session(one.start, one.end))
        for one in offer.next_sessions
    )
    return form


def _consent_page(
    form: ReferForm | HeadsUpForm, about: finding.Sending, kept_at: datetime | None = None
) -> str:
    if about.person.flagged_for_safety:
        form.by_phone()
    return render_template("prescribing/referrals/refer.html", form=form, about=about, kept_at=kept_at)


def _team_page(referral_id: UUID, visit: VisitForm | None = None, came: TeamCameForm | None = None) -> str:
    one = queries.detail(db.session(), current_actor(), referral_id)
    looking.record_look(db.session(), current_actor(), referral_id)
    db.session.commit()
    return render_template(
        "prescribing/referrals/referral.html",
        one=one,
        reasons=reasons(),
        visit=visit if visit is not None else visit_form(one.offer, one.version),
        came=came if came is not None else TeamCameForm(data={"day": clock.today()}),
        form=visit if visit is not None else came,
    )


def _done(made: Referral, said: str) -> Response:
    """Commit, and go where the actor sees what became of it."""
    actor = current_actor()
    team = made.episode.team_id in actor.team_ids()
    there = url_for("referrals.show", referral_id=made.id)
    if not team and made.state in REFERRAL_CLOSED:
        there = url_for("inbox.new")
    db.session.commit()
    flash(said, "success")
    return safe_redirect(there)


def _once(back: str, make: Callable[[], object], said: str) -> Response:
    """Do what a form of one button asks, once however often it is sent."""
    form = CreateForm()
    if not form.validate():
        raise Invalid("Open the page again, then press the button.")
    only_once(form)
    make()
    idempotency.remember(db.session(), form.key, back)
    db.session.commit()
    flash(said, "success")
    return safe_redirect(back)
