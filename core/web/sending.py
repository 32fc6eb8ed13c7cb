"""A form that makes something and comes a second time: one click makes one thing."""

from __future__ import annotations

from flask import abort, flash

from core.db import db
from core.idempotency import services as idempotency
from core.web.forms import CreateForm
from core.web.links import safe_redirect


def only_once(form: CreateForm, *, said: str = "", there: str = "") -> None:
    """Go on only where `form`, which is whole, is sent for the first time; a second sending is answered here, by a
    redirect to where the first one led, and nothing after this call is done.

    A view calls it before it makes anything, and tells `idempotency.remember` where it led before it commits. `said`
    is what the second sending is told: the answer to the first may never have come. `there` is for an address that
    is too long to be remembered: the second sending goes there.
    """
    first = idempotency.earlier(db.session(), form.key)
    if first is None:
        return
    if said:
        flash(said)
    abort(safe_redirect(there or first))
