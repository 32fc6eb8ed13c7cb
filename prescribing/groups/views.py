"""A group's own side: its year in figures, a certificate, and who meets newcomers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from core import clock
from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.db import db
from core.errors import Invalid
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.sending import only_once
from core.web.slots import fill, part
from directory.published import Offer
from prescribing.groups import queries, services
from prescribing.groups.forms import BuddyForm, FundingForm, read_turns
from prescribing.groups.rules import read_year
from prescribing.referrals import looking
from prescribing.residents import help_seen, helping
from prescribing.residents.forms import help_no_reasons, read_answer
from prescribing.residents.rules import HELP_ANSWER_SAID

bp = Blueprint("groups", __name__)


@bp.get("/groups/<uuid:organization_id>/year")
@requires(Permission.ANSWER_REFERRALS)
def year(organization_id: UUID) -> str:
    """What came of those whom we took in?"""
    return _year(organization_id, _asked_year())


@bp.post("/groups/<uuid:organization_id>/year")
@requires(Permission.ANSWER_REFERRALS)
def funding(organization_id: UUID) -> str | Response:
    """Keep what the group was paid."""
    number, form = _asked_year(), FundingForm()
    if form.validate():
        try:
            services.set_funding(db.session(), current_actor(), organization_id, number, form.pence)
        except Invalid as error:
            form.add_error(error.field, error.message)
        else:
            db.session.commit()
            flash("Thank you. It is written down.", "success")
            return safe_redirect(url_for("groups.year", organization_id=organization_id, year=number))
    db.session.rollback()
    return _year(organization_id, number, form)


@bp.get("/groups/<uuid:organization_id>/certificate")
@requires(Permission.ANSWER_REFERRALS)
def certificate(organization_id: UUID) -> str:
    """The year on one sheet, for an annual report."""
    found = queries.year(db.session(), current_actor(), organization_id, _asked_year())
    return render_template("prescribing/groups/certificate.html", year=found, today=clock.today())


@bp.get("/activities/<uuid:service_id>/buddies")
@requires(Permission.ANSWER_REFERRALS, audits_read=True)
def buddies(service_id: UUID) -> str:
    """Who meets whom, and when?"""
    return _rota(service_id)


@bp.post("/activities/<uuid:service_id>/buddies")
@requires(Permission.ANSWER_REFERRALS)
def set_turns(service_id: UUID) -> Response:
    """Keep who meets newcomers on which day."""
    services.set_turns(db.session(), current_actor(), service_id, read_turns(request.form))
    return _back(service_id, "The rota is saved.")


@bp.post("/activities/<uuid:service_id>/buddies/add")
@requires(Permission.ANSWER_REFERRALS)
def add_buddy(service_id: UUID) -> str | Response:
    """Add somebody who meets newcomers."""
    form, session, actor = BuddyForm(), db.session(), current_actor()
    found = queries.rota(session, actor, service_id)
    if form.validate():
        only_once(form)
        try:
            services.add_buddy(session, actor, found.offer.group_id, form.name.data or "")
        except Invalid as error:
            db.session.rollback()
            form.add_error(error.field, error.message)
        else:
            idempotency.remember(session, form.key, url_for("groups.buddies", service_id=service_id))
            return _back(service_id, "They are on the list.")
    return _rota(service_id, form)


@bp.post("/activities/<uuid:service_id>/buddies/<uuid:buddy_id>/take-off")
@requires(Permission.ANSWER_REFERRALS)
def take_off(service_id: UUID, buddy_id: UUID) -> Response:
    """Take somebody off the list."""
    found = queries.rota(db.session(), current_actor(), service_id)
    services.take_off(db.session(), current_actor(), found.offer.group_id, buddy_id)
    return _back(service_id, "They are off the list.")


@bp.post("/activities/<uuid:service_id>/helpers/<uuid:offer_id>")
@requires(Permission.ANSWER_REFERRALS)
def answer_help(service_id: UUID, offer_id: UUID) -> Response:
    """Take somebody in who would like to help, or say that it is not for us."""
    yes, why = read_answer(request.form)
    queries.rota(db.session(), current_actor(), service_id)
    helping.answer(db.session(), current_actor(), offer_id, yes=yes, why=why)
    return _back(service_id, HELP_ANSWER_SAID[yes])


def _year(organization_id: UUID, number: int, form: FundingForm | None = None) -> str:
    found = queries.year(db.session(), current_actor(), organization_id, number)
    if form is None:
        form = FundingForm(data={"pounds": found.pence / 100} if found.pence is not None else None)
    return render_template("prescribing/groups/year.html", year=found, form=form)


def _rota(service_id: UUID, form: BuddyForm | None = None) -> str:
    found = queries.rota(db.session(), current_actor(), service_id)
    helpers = help_seen.helpers(db.session(), current_actor(), found.offer.group_id)
    help_seen.record_looks(db.session(), current_actor(), helpers)
    looking.record_group_looks(
        db.session(), current_actor(), [one for turn in found.turns for one in turn.newcomers]
    )
    db.session.commit()
    return render_template(
        "prescribing/groups/buddies.html",
        rota=found,
        helpers=helpers,
        reasons=help_no_reasons(),
        form=form if form is not None else BuddyForm(None),
    )


def _back(service_id: UUID, said: str) -> Response:
    db.session.commit()
    flash(said, "success")
    return safe_redirect(url_for("groups.buddies", service_id=service_id))


def _asked_year() -> int:
    return read_year(request.args.get("year", ""), clock.today())


def _asks(offers: Iterable[Offer], **_more: object) -> Markup:
    """At the top of the inbox: that somebody would like to help."""
    groups = dict.fromkeys(one.group_id for one in offers)
    waiting = [each for one in groups for each in help_seen.waiting(db.session(), one)]
    return part("prescribing/groups/asks.html", waiting=waiting)


def _own_links(organization_id: UUID, **_more: object) -> Markup:
    waiting = help_seen.waiting(db.session(), organization_id)
    return part("prescribing/groups/own_links.html", organization_id=organization_id, waiting=waiting)


def _who_meets(service_id: UUID, on: object, **_more: object) -> Markup:
    """Who meets somebody at their first visit, on the pages of a referral."""
    name = queries.buddy_on(db.session(), service_id, on) if isinstance(on, date) else ""
    return Markup(" {} meets them.").format(name) if name else Markup()


fill("own_group_foot", _own_links)
fill("inbox.asks", _asks)
fill("referral.first_visit", _who_meets)
