"""Asking for support, from outside the team: a resident's short form, a partner's, and what each sees afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import current_actor, requires
from core.access.rules import Permission, Role
from core.accounts.landing import register_landing
from core.audit import services as audit
from core.db import db
from core.errors import Invalid, NotFound
from core.idempotency import services as idempotency
from core.web.links import safe_redirect
from core.web.sending import only_once
from core.web.slots import add_navigation
from prescribing.episodes import intake, known, outside, own_list, queries
from prescribing.episodes.asking_forms import OwnRequestsForm, ReferForm, filled, is_whole
from prescribing.episodes.forms import FindForm, MoreForm
from prescribing.episodes.models import RequestSource
from prescribing.episodes.rules import EpisodeState
from prescribing.people import queries as people

bp = Blueprint("asking", __name__)

add_navigation(Permission.SUBMIT_REQUEST, "Your referrals", "asking.requests", 40)
register_landing(Role.REFERRER, "asking.requests")


@bp.get("/requests")
@requires(Permission.SUBMIT_REQUEST, audits_read=True)
def requests() -> str:
    """What the reader's organisation sent, and where each stands."""
    form = OwnRequestsForm()
    form.validate()
    found = own_list.own_page(
        db.session(), current_actor(), which=form.chosen, mine=bool(form.mine.data), page=form.number
    )
    return _list_page(form, FindForm(formdata=None), found)


@bp.post("/requests/find")
@requires(Permission.SUBMIT_REQUEST)
def find() -> str:
    """Those that have the words in a name or a reference. What was typed stays out of the address."""
    box = FindForm()
    words = (box.words.data or "") if box.validate() else ""
    found = own_list.own_page(db.session(), current_actor(), words=words)
    return _list_page(OwnRequestsForm(), box, found, sought=bool(words))


def _list_page(form: OwnRequestsForm, box: FindForm, found: own_list.OwnPage, *, sought: bool = False) -> str:
    actor = current_actor()
    audit.record(db.session(), actor, "request.list", "support_request", None, count=len(found.lines))
    db.session.commit()
    return render_template(
        "prescribing/episodes/requests.html",
        found=found,
        form=form,
        find=box,
        sought=sought,
        partners=people.partners(db.session(), actor),
    )


@bp.get("/requests/new")
@requires(Permission.SUBMIT_REQUEST)
def new_request() -> str:
    """The partner's short form."""
    return _refer_page(ReferForm())


@bp.post("/requests/new")
@requires(Permission.SUBMIT_REQUEST)
def send_request() -> str | Response:
    """Take a partner's request in, or keep it as a draft."""
    form, draft = _offered_to_partner(ReferForm()), _wants_draft()
    if not is_whole(form, RequestSource.PARTNER, draft=draft):
        return _refer_page(form)
    only_once(form)
    if not draft and (asked := _asks_whether_same(form)):
        return asked
    try:
        made, _episode = intake.submit_request(
            db.session(),
            current_actor(),
            form.content(),
            RequestSource.PARTNER,
            partner_id=UUID(form.partner_id.data),
            draft=draft,
            same_as=form.same_as,
            apart=form.is_apart,
        )
    except Invalid as problem:
        db.session.rollback()
        form.say(problem)
        return _refer_page(form)
    where = url_for("asking.request_page", request_id=made.id)
    idempotency.remember(db.session(), form.key, where)
    db.session.commit()
    flash(
        "Kept as a draft. Nobody else sees it yet." if draft else f"Sent. The reference is {made.reference}."
    )
    return safe_redirect(where)


@bp.get("/requests/<uuid:request_id>")
@requires(Permission.SUBMIT_REQUEST, audits_read=True)
def request_page(request_id: UUID) -> str:
    """One request of the reader's organisation: what it sent, where it stands, what came of it."""
    found = _looked_at(request_id)
    return render_template("prescribing/episodes/request.html", sent=found, answer=MoreForm())


@bp.get("/requests/<uuid:request_id>/draft")
@requires(Permission.SUBMIT_REQUEST, audits_read=True)
def draft(request_id: UUID) -> str:
    """A draft, to go on with."""
    found = _looked_at(request_id)
    if found.state is not EpisodeState.DRAFT:
        raise NotFound
    return _refer_page(ReferForm(version=str(found.version), **filled(found.content)), draft=found)


@bp.post("/requests/<uuid:request_id>/draft")
@requires(Permission.SUBMIT_REQUEST)
def change_draft(request_id: UUID) -> str | Response:
    """Keep a draft, or send it."""
    found = _looked_at(request_id)
    form, keep = _offered_to_partner(ReferForm()), _wants_draft()
    if not is_whole(form, RequestSource.PARTNER, draft=keep):
        return _refer_page(form, draft=found)
    if not keep and (asked := _asks_whether_same(form, found)):
        return asked
    try:
        intake.change_draft(
            db.session(),
            current_actor(),
            found.episode_id,
            form.content(),
            expected_version=form.seen,
            send=not keep,
            same_as=form.same_as,
            apart=form.is_apart,
        )
    except Invalid as problem:
        db.session.rollback()
        form.say(problem)
        return _refer_page(form, draft=found)
    db.session.commit()
    flash("Kept as a draft." if keep else f"Sent. The reference is {found.reference}.")
    return safe_redirect(url_for("asking.request_page", request_id=request_id))


@bp.post("/requests/<uuid:request_id>/more")
@requires(Permission.SUBMIT_REQUEST)
def add_more(request_id: UUID) -> str | Response:
    """Answer what we asked."""
    found = outside.own_request(db.session(), current_actor(), request_id)
    form = MoreForm()
    if not form.validate():
        found = _looked_at(request_id)
        return render_template("prescribing/episodes/request.html", sent=found, answer=form, form=form)
    intake.add_information(db.session(), current_actor(), found.episode_id, form.words.data or "")
    db.session.commit()
    flash("Thank you. We are looking at it again.")
    return safe_redirect(url_for("asking.request_page", request_id=request_id))


def _wants_draft() -> bool:
    """Whether the second button was pressed."""
    return request.form.get("then") == "draft"


def _looked_at(request_id: UUID) -> outside.OwnRequest:
    found = outside.own_request(db.session(), current_actor(), request_id)
    audit.record(db.session(), current_actor(), "request.read", "support_request", request_id)
    db.session.commit()
    return found


def _offered_to_partner(form: ReferForm) -> ReferForm:
    partners = people.partners(db.session(), current_actor())
    form.offer(list(queries.need_names(db.session()).items()), [(each.id, each.name) for each in partners])
    if not form.partner_id.data and partners:
        form.partner_id.data = str(partners[0].id)
    return form


def _asks_whether_same(form: ReferForm, draft: outside.OwnRequest | None = None) -> str:
    """The form again with the question whether it is about somebody whom the partner sent before and who is still with
    us; empty where there is nobody, or the answer is there."""
    session, actor = db.session(), current_actor()
    earlier = known.own_earlier(
        session,
        actor,
        UUID(form.partner_id.data),
        form.content(),
        leave_out=draft.id if draft is not None else None,
    )
    form.offer_earlier(
        [(each.request_id, f"{each.name}, {each.reference}") for each in earlier if not each.is_draft]
    )
    if not earlier or form.settles_sameness:
        return ""
    session.rollback()
    for each in earlier:
        audit.record(session, actor, "request.read", "support_request", each.request_id)
    session.commit()
    form.add_error("same", "Say whether this is the same person")
    return _refer_page(form, draft, earlier)


def _refer_page(
    form: ReferForm,
    draft: outside.OwnRequest | None = None,
    earlier: Sequence[known.OwnEarlier] = (),
) -> str:
    return render_template(
        "prescribing/episodes/refer.html", form=_offered_to_partner(form), draft=draft, earlier=earlier
    )
