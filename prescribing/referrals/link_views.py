"""A group's answer page behind a signed link, without an account. Opening it changes nothing: buttons do.

What is typed here is kept nowhere before it is sent. A draft belongs to an account, and a link is none: whoever opens
it next, perhaps after it was passed on, would read what somebody else wrote about a person; and a phone that a group
shares keeps nothing about anybody. So nothing is sent without a connection: the page stays as it is (`holding.js`).
"""

from __future__ import annotations

from flask import Blueprint, flash, render_template, url_for
from werkzeug.wrappers import Response

from core import clock
from core.access.guard import public
from core.access.rules import Actor
from core.db import db
from core.errors import Conflict, Invalid, NotFound, Refused
from core.web.links import safe_redirect
from prescribing.referrals import answering, attending, finding, inbox, links, looking, unlocking
from prescribing.referrals.forms import (
    AnswerForm,
    CameForm,
    CodeForm,
    ListingForm,
    VisitForm,
    fair_reasons,
    reasons,
)
from prescribing.referrals.scope import link_actor
from prescribing.referrals.seen import GroupReferral
from prescribing.referrals.views import ANSWER_SAID, visit_form

bp = Blueprint("answer", __name__)

_WHY = "The link is the proof; a code proves the rest"


@bp.get("/answer/<token>")
@public(_WHY, audits_read=True)
def show(token: str) -> str | tuple[str, int]:
    """Who is coming, what is asked of me, is my listing right?"""
    return _page(token)


@bp.post("/answer/<token>")
@public(_WHY)
def answer(token: str) -> Response | tuple[str, int] | str:
    """Take the answer."""
    form = AnswerForm()
    try:
        _link, referral = links.held_link(db.session(), token)
    except NotFound:
        return _page(token)
    actor, referral_id = link_actor(referral.organization_id), referral.id
    try:
        answering.answer(
            db.session(),
            actor,
            referral_id,
            form.target,
            expected_version=form.seen,
            reason=form.why,
            note=(form.note.data or "")[:600],
            fair=form.why_first,
        )
    except (Conflict, Refused, Invalid) as error:
        db.session.rollback()
        return _page(token, notice=error.message, status=error.status)
    db.session.commit()
    flash(ANSWER_SAID[form.target], "success")
    return safe_redirect(url_for("answer.show", token=token))


@bp.post("/answer/<token>/code")
@public(_WHY)
def send_code(token: str) -> Response:
    """Text a code to the group's own number."""
    links.text_code(db.session(), token)
    db.session.commit()
    flash(unlocking.CODE_SENT, "success")
    return safe_redirect(url_for("answer.show", token=token))


@bp.post("/answer/<token>/open")
@public(_WHY)
def open_by_code(token: str) -> Response | str | tuple[str, int]:
    """Check the code; a right one shows who is coming for half an hour."""
    form = CodeForm()
    if unlocking.by_code(form, lambda typed: links.check_code(db.session(), token, typed)):
        return safe_redirect(url_for("answer.show", token=token))
    return _page(token, code_form=form)


@bp.post("/answer/<token>/visit")
@public(_WHY)
def visit(token: str) -> Response | str | tuple[str, int]:
    """Take the day of the first visit, from whoever gave the code."""
    one = _known(token)
    form = visit_form(finding.offer_of(db.session(), one.service_id))
    if form.validate():
        try:
            answering.schedule(db.session(), _actor(token), one.id, form.day, expected_version=form.seen)
        except Invalid as error:
            db.session.rollback()
            form.add_error(error.field, error.message)
        else:
            db.session.commit()
            flash("Thank you. The first visit is agreed.", "success")
            return safe_redirect(url_for("answer.show", token=token))
    return _page(token, form=form)


@bp.post("/answer/<token>/came")
@public(_WHY)
def came(token: str) -> Response:
    """Hear whether they came, from whoever gave the code."""
    one = _known(token)
    on, presence = CameForm().mark
    attending.record_attendance(db.session(), _actor(token), one.id, on, presence)
    db.session.commit()
    flash("Thank you. It is written down.", "success")
    return safe_redirect(url_for("answer.show", token=token))


@bp.post("/answer/<token>/listing")
@public(_WHY)
def listing_wrong(token: str) -> Response:
    """Hear that the group's listing is not right."""
    _link, referral = links.held_link(db.session(), token)
    form = ListingForm()
    if not form.validate():
        raise Invalid("Write what is wrong with your listing, then send it.")
    answering.say_listing_wrong(
        db.session(), link_actor(referral.organization_id), referral.id, form.note.data or ""
    )
    db.session.commit()
    flash("Thank you. Somebody will look at your listing.", "success")
    return safe_redirect(url_for("answer.show", token=token))


def _page(
    token: str,
    *,
    form: VisitForm | None = None,
    code_form: CodeForm | None = None,
    notice: str = "",
    status: int = 200,
) -> str | tuple[str, int]:
    found = inbox.by_link(db.session(), token, unlocking.unlocked())
    if found.gone is not None:
        return render_template("prescribing/referrals/answer_gone.html", gone=found.gone), found.gone.status
    if found.referral is not None:
        actor = links.actor_of_link(db.session(), token)
        looking.record_group_looks(db.session(), actor, [found.referral])
        db.session.commit()
    offer = found.offer
    page = render_template(
        "prescribing/referrals/answer.html",
        token=token,
        one=found.referral,
        found=found,
        offer=offer,
        text_to=links.mobile_for_code(db.session(), offer) if offer else "",
        reasons=reasons(),
        fair=fair_reasons(),
        visit=form or (visit_form(offer, found.referral.version) if offer and found.referral else None),
        code_form=code_form or CodeForm(formdata=None),
        form=form or code_form,
        listing_form=ListingForm(formdata=None),
        notice=notice,
        today=clock.today(),
    )
    return (page, status) if status != 200 else page


def _known(token: str) -> GroupReferral:
    """The referral behind a link whose holder gave the code. Raises `NotFound` otherwise."""
    found = inbox.by_link(db.session(), token, unlocking.unlocked())
    if found.referral is None or not found.referral.known:
        raise NotFound
    return found.referral


def _actor(token: str) -> Actor:
    return links.actor_of_link(db.session(), token)
