"""A group's answer to an offer of help behind a signed link, without an account. Opening it changes nothing: buttons
do."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.wrappers import Response

from core.access.guard import public
from core.db import db
from core.errors import Conflict, Invalid, NotFound
from core.web.links import safe_redirect
from prescribing.referrals import links, unlocking
from prescribing.referrals.forms import CodeForm
from prescribing.residents import help_links, help_seen, helping
from prescribing.residents.forms import help_no_reasons, read_answer
from prescribing.residents.rules import HELP_ANSWER_SAID

bp = Blueprint("help_link", __name__)

_WHY = "The link is the proof; a code proves the rest"
_LINK = "/answer/help/<token>"


@bp.get(_LINK)
@public(_WHY, audits_read=True)
def show(token: str) -> str | tuple[str, int]:
    """What do they offer, and do we want it?"""
    return _page(token)


@bp.post(_LINK)
@public(_WHY)
def answer(token: str) -> Response | str | tuple[str, int]:
    """Take the answer. Whoever says that somebody helps there no more gave the code."""
    try:
        yes, why = read_answer(request.form)
        actor, row = help_links.held(db.session(), token)
        if row.said_yes and not yes and why is None:
            _known(token)
        helping.answer(db.session(), actor, row.id, yes=yes, why=why)
    except NotFound:
        db.session.rollback()
        return _page(token)
    except (Conflict, Invalid) as error:
        db.session.rollback()
        return _page(token, notice=error.message, status=error.status)
    db.session.commit()
    flash(HELP_ANSWER_SAID[yes], "success")
    return safe_redirect(url_for("help_link.show", token=token))


@bp.post(f"{_LINK}/code")
@public(_WHY)
def send_code(token: str) -> Response:
    """Text a code to the group's own number."""
    help_links.text_code(db.session(), token)
    db.session.commit()
    flash(unlocking.CODE_SENT, "success")
    return safe_redirect(url_for("help_link.show", token=token))


@bp.post(f"{_LINK}/open")
@public(_WHY)
def open_by_code(token: str) -> Response | str | tuple[str, int]:
    """Check the code; a right one shows who it is for half an hour."""
    form = CodeForm()
    if unlocking.by_code(form, lambda typed: help_links.check_code(db.session(), token, typed)):
        return safe_redirect(url_for("help_link.show", token=token))
    return _page(token, code_form=form)


def _page(
    token: str, *, code_form: CodeForm | None = None, notice: str = "", status: int = 200
) -> str | tuple[str, int]:
    found = help_links.by_link(db.session(), token, unlocking.unlocked())
    if found.gone is not None:
        return render_template("prescribing/referrals/answer_gone.html", gone=found.gone), found.gone.status
    if found.helper is not None:
        actor, _row = help_links.held(db.session(), token)
        help_seen.record_looks(db.session(), actor, [found.helper])
        db.session.commit()
    page = render_template(
        "prescribing/residents/help_answer.html",
        token=token,
        found=found,
        one=found.helper,
        offer=found.offer,
        text_to=links.mobile_for_code(db.session(), found.offer) if found.offer else "",
        reasons=help_no_reasons(),
        code_form=code_form or CodeForm(formdata=None),
        form=code_form,
        notice=notice,
    )
    return page, status


def _known(token: str) -> None:
    """Raises `NotFound` for whoever did not give the code behind a link."""
    found = help_links.by_link(db.session(), token, unlocking.unlocked())
    if found.helper is None:
        raise NotFound
