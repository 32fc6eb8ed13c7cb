"""Claiming a group; the people of a group; an editor's word on a claim."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, public, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Invalid, NotFound, Refused, Throttled
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.sending import only_once
from directory.stewardship.claims import queries, services
from directory.stewardship.claims.forms import (
    ClaimCodeForm,
    ClaimDecisionForm,
    ClaimForm,
    Doing,
    InviteForm,
    LeaveForm,
    PersonForm,
)
from directory.stewardship.claims.rules import Part, Proof
from directory.stewardship.claims.services import Claimant, Newcomer

bp = Blueprint("claims", __name__)

Page = str | Response | tuple[str, int]


@bp.route("/groups/<uuid:organization_id>/claim", methods=["GET", "POST"])
@public("Whoever runs a group may say so")
def claim(organization_id: UUID) -> Page:
    """Is this your group?"""
    group = queries.claimable(db.session(), organization_id)
    form = ClaimForm()
    form.offer(group.proofs)
    if form.validate_on_submit():
        if form.is_machine:
            return safe_redirect(url_for("listings.group", organization_id=organization_id))
        only_once(form)
        try:
            claim_id = services.make_claim(
                db.session(), current_actor(), request.remote_addr or "", organization_id, _claimant(form)
            )
        except (Invalid, Throttled) as fault:
            db.session.rollback()
            form.add_error(fault.field if isinstance(fault, Invalid) else None, fault.message)
        else:
            there = url_for("claims.own", claim_id=claim_id)
            idempotency.remember(db.session(), form.key, there)
            db.session.commit()
            return safe_redirect(there)
    page = render_template("directory/stewardship/claim.html", form=form, group=group)
    return (page, 400) if form.is_submitted() else page


def _claimant(form: ClaimForm) -> Claimant:
    return Claimant(
        name=form.name.data or "",
        email=form.email.data or "",
        mobile=form.mobile.data or "",
        proof=Proof(form.proof.data),
        charity_number=form.charity_number.data or "",
        words=form.words.data or "",
    )


@bp.route("/claims/<uuid:claim_id>", methods=["GET", "POST"])
@public("The code in the email or letter is the proof")
def own(claim_id: UUID) -> Page:
    """What happens next; and the box for the code."""
    form = ClaimCodeForm()
    if form.validate_on_submit():
        try:
            right = services.give_code(db.session(), claim_id, form.code.data or "")
        except Refused as fault:
            db.session.rollback()
            form.add_error("code", fault.message)
        else:
            db.session.commit()
            if right:
                return safe_redirect(url_for("claims.own", claim_id=claim_id))
            form.add_error("code", "That code is not right, or is too old. Check it, or start again")
    item = queries.own_claim(db.session(), claim_id)
    page = render_template("directory/stewardship/own_claim.html", item=item, form=form)
    return (page, 400) if form.is_submitted() else page


@bp.route("/my-groups/<uuid:organization_id>/people", methods=["GET", "POST"])
@requires(Permission.EDIT_LISTING)
def people(organization_id: UUID) -> Page:
    """Who keeps this group with me?"""
    form = InviteForm()
    here = url_for("claims.people", organization_id=organization_id)
    if form.is_submitted():
        queries.people(db.session(), current_actor(), organization_id)
    if form.validate_on_submit():
        only_once(form)
        try:
            services.invite(
                db.session(),
                current_actor(),
                organization_id,
                Newcomer(form.name.data or "", form.email.data or "", form.mobile.data or ""),
                Part(form.part.data),
            )
        except Invalid as fault:
            db.session.rollback()
            form.add_error(fault.field, fault.message)
        else:
            idempotency.remember(db.session(), form.key, here)
            db.session.commit()
            flash("We have sent them an email.", "success")
            return safe_redirect(here)
    return _people(organization_id, form, LeaveForm(formdata=None), wrong=form.is_submitted())


@bp.post("/my-groups/<uuid:organization_id>/people/<uuid:membership_id>")
@requires(Permission.EDIT_LISTING)
def person(organization_id: UUID, membership_id: UUID) -> Page:
    """Hand over, make somebody a helper, or take them out."""
    what = PersonForm().what
    if what is Doing.REMOVE:
        services.remove(db.session(), current_actor(), organization_id, membership_id)
    else:
        services.set_part(db.session(), current_actor(), organization_id, membership_id, Part(what.value))
    db.session.commit()
    flash("Done. They are no longer in the group." if what is Doing.REMOVE else "Done.", "success")
    return safe_redirect(url_for("claims.people", organization_id=organization_id))


@bp.post("/my-groups/<uuid:organization_id>/leave")
@requires(Permission.EDIT_LISTING)
def leave(organization_id: UUID) -> Page:
    """Leave the group oneself."""
    form = LeaveForm()
    try:
        services.leave(db.session(), current_actor(), organization_id, knows=bool(form.knows.data))
    except Invalid as fault:
        db.session.rollback()
        form.add_error(fault.field, fault.message)
        return _people(organization_id, InviteForm(formdata=None), form, wrong=True)
    db.session.commit()
    flash("You have left the group. Thank you for all you did.", "success")
    return safe_redirect("/")


@bp.get("/moderation/claims")
@requires(Permission.MODERATE)
def list_all() -> str:
    """Who says that they speak for a group?"""
    number = request.args.get("page", 1, type=int)
    found = queries.claims(db.session(), current_actor(), number)
    return render_template("directory/stewardship/claims.html", found=found)


@bp.post("/moderation/claims/<uuid:claim_id>")
@requires(Permission.MODERATE)
def decide(claim_id: UUID) -> Response:
    """Take their word, or not."""
    said = str(ClaimDecisionForm().accept.data)
    if said == "yes":
        services.accept(db.session(), current_actor(), claim_id)
    elif said == "no":
        services.refuse(db.session(), current_actor(), claim_id)
    else:
        raise NotFound
    db.session.commit()
    flash("Done. They get an email.", "success")
    return safe_redirect(url_for("claims.list_all"))


@bp.post("/moderation/claims/<uuid:claim_id>/letter")
@requires(Permission.MODERATE)
def letter(claim_id: UUID) -> str:
    """The letter to print and post. Its code is shown this once."""
    code = services.print_letter(db.session(), current_actor(), claim_id)
    item = queries.claim(db.session(), current_actor(), claim_id)
    db.session.commit()
    return render_template("directory/stewardship/letter.html", item=item, code=code)


def _people(organization_id: UUID, form: InviteForm, leaving: LeaveForm, *, wrong: bool) -> Page:
    group = queries.people(db.session(), current_actor(), organization_id)
    page = render_template(
        "directory/stewardship/people.html",
        group=group,
        invite=form,
        leaving=leaving,
        form=leaving if leaving.problems() else form,
    )
    return (page, 400) if wrong else page
