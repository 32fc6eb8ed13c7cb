"""A partner refers many people at once: a template, a dry run, and sending what is ready."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from markupsafe import Markup

from core.access.guard import current_actor, requires
from core.access.rules import Permission
from core.audit import services as audit
from core.db import db
from core.errors import Invalid
from core.spreadsheets import inert
from core.web.slots import fill
from prescribing.partners import bulk
from prescribing.partners.bulk import Checked, Fate
from prescribing.partners.forms import ManyForm
from prescribing.partners.rules import is_no_text, left_over, not_read, template_rows
from prescribing.people import queries as people

bp = Blueprint("partners", __name__)


def many_link() -> Markup:
    """The way here, beside the short form for one."""
    return Markup('<a href="{}">Refer many people from a spreadsheet</a>').format(url_for("partners.many"))


fill("requests.ways", many_link)


@bp.get("/requests/many")
@requires(Permission.SUBMIT_REQUEST)
def many() -> str:
    """Ask for the file."""
    return _page(ManyForm())


@bp.post("/requests/many")
@requires(Permission.SUBMIT_REQUEST)
def take() -> str:
    """Say what the file would do; or, by the second button, send what is ready. Nothing that was typed is lost."""
    form, sends = _offered(ManyForm()), request.form.get("then") == "send"
    good = form.validate()
    text = form.text
    form.rows.data = text
    if not good:
        return _page(form)
    if is_no_text(text):
        form.rows.data = ""
        form.add_error("file", "This is not a CSV file. Open it, save it as CSV, and choose that file")
        return _page(form)
    if not text.strip():
        form.add_error("file", "Choose a file, or paste the rows")
        return _page(form)
    act = bulk.send if sends else bulk.check
    try:
        lines = act(db.session(), current_actor(), UUID(form.partner_id.data), text)
    except Invalid as problem:
        db.session.rollback()
        form.add_error("rows" if request.form.get("rows") else "file", problem.message)
        return _page(form)
    for line in lines:
        if line.reference and line.fate is not Fate.SENT:
            audit.record(db.session(), current_actor(), "request.read", "support_request", line.request_id)
    db.session.commit()
    if sends:
        form.rows.data = left_over(text, {line.row.line for line in lines if line.fate is Fate.MEND})
    return _page(form, lines, sent=sends, unread=not_read(text))


@bp.get("/requests/many/template.csv")
@requires(Permission.SUBMIT_REQUEST)
def template() -> Response:
    """An empty table with the right heading, and one row to show how."""
    file = StringIO()
    writer = csv.writer(file)
    for cells in template_rows():
        writer.writerow([inert(cell) for cell in cells])
    answer = Response("\ufeff" + file.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="referrals.csv"'
    return answer


def _offered(form: ManyForm) -> ManyForm:
    partners = people.partners(db.session(), current_actor())
    form.offer([(each.id, each.name) for each in partners])
    if not form.partner_id.data and partners:
        form.partner_id.data = str(partners[0].id)
    return form


def _page(
    form: ManyForm, lines: Sequence[Checked] = (), *, sent: bool = False, unread: Sequence[str] = ()
) -> str:
    counts = {fate.value: sum(line.fate is fate for line in lines) for fate in Fate}
    return render_template(
        "prescribing/partners/many.html",
        form=_offered(form),
        lines=lines,
        counts=counts,
        sent=sent,
        unread=unread,
    )
