"""Whoever answered our email by email sees what was read, and says what of it is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import public
from core.db import db
from core.errors import Conflict, Invalid, NotFound
from core.web.links import safe_redirect
from directory.listings.editing_views import said
from directory.listings.queries import EditPage, edit_page
from directory.stewardship.freshness import links
from directory.stewardship.freshness.links import OpenLink
from directory.stewardship.replies import queries, rules, services
from directory.stewardship.replies.forms import ReplyForm
from directory.stewardship.replies.queries import WaitingReply
from directory.stewardship.words.rules import read_words
from directory.stewardship.words.views import boxes_shown, refused

bp = Blueprint("replies", __name__)

Page = str | Response | tuple[str, int]


@bp.route("/check/<token>/reply", methods=["GET", "POST"])
@public("The link in the email is the proof")
def reply(token: str) -> Page:
    """What was read of a reply, for one listing; which one, where it names none. A press puts it on their page."""
    try:
        link = links.open_link(db.session(), token)
        found = queries.waiting_reply(db.session(), link)
    except NotFound:
        # It is done, or the link is old: the page of the link says so.
        return safe_redirect(url_for("freshness.check", token=token))
    service_id = _about(found)
    if service_id is None:
        return render_template("directory/stewardship/reply_which.html", token=token, reply=found)
    page = edit_page(db.session(), link.actor, service_id)
    form = ReplyForm()
    if form.is_submitted():
        return _confirm(_Shown(token, found, page), link, form)
    read = read_words(found.text)
    form = ReplyForm(data={"expected_version": page.version, "rest": bool(read.unread)})
    return _show(_Shown(token, found, page), form, rules.ticked(read.found))


def _about(found: WaitingReply) -> UUID | None:
    """The listing that is asked for, or else the one that the reply names. Raises `NotFound` for any other."""
    asked = request.args.get("about", "")
    if not asked:
        return found.named
    about = next((one for one in found.names if str(one) == asked), None)
    if about is None:
        raise NotFound
    return about


@dataclass(frozen=True, slots=True)
class _Shown:
    """A reply beside the listing that it is taken to be about."""

    token: str
    reply: WaitingReply
    page: EditPage


def _confirm(shown: _Shown, link: OpenLink, form: ReplyForm) -> Page:
    ticked, boxes = form.ticked, form.boxes
    unread = read_words(shown.reply.text).unread if form.rest.data else ()
    if not form.validate() or not (ticked or unread):
        form.add_error(None, "Tick what is right, or go back to your pages.")
        return _show(shown, form, ticked, boxes), 400
    given = {name: boxes.get(name, "") for name in ticked}
    try:
        done = services.confirm(
            db.session(), link, shown.page.id, given, form.version, for_editor="\n".join(unread)
        )
    except (Invalid, Conflict) as fault:
        db.session.rollback()
        return _show(shown, form, ticked, boxes, refused(form, fault, shown.page.version)), 400
    db.session.commit()
    flash(said(done) if done is not None else "Thank you. An editor reads what you wrote.", "success")
    return safe_redirect(url_for("freshness.check", token=shown.token))


def _show(
    shown: _Shown,
    form: ReplyForm,
    ticked: list[str],
    boxes: Mapping[str, str] = MappingProxyType({}),
    messages: Mapping[str, str] = MappingProxyType({}),
) -> str:
    return render_template(
        "directory/stewardship/reply.html",
        token=shown.token,
        reply=shown.reply,
        page=shown.page,
        form=form,
        **boxes_shown(shown.page, shown.reply.text, ticked, boxes, messages),
    )
