"""What a partner sends to refer many people at once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import request
from wtforms import FileField, SelectField, TextAreaField

from core.web.fields import choices
from core.web.forms import Form
from prescribing.partners.rules import LONGEST


class RowsField(TextAreaField):
    """Rows out of a spreadsheet, as text."""

    most_characters = LONGEST


class ManyForm(Form):
    """A file, or the same pasted from a spreadsheet."""

    partner_id = SelectField("Which organisation are you referring for?")
    file = FileField("The file, saved as CSV")
    rows = RowsField("The rows, with the heading, pasted from the spreadsheet", default="")

    def offer(self, partners: Sequence[tuple[UUID, str]]) -> None:
        """Say which organisations can be chosen."""
        self.partner_id.choices = choices((str(partner_id), name) for partner_id, name in partners)

    @property
    def text(self) -> str:
        """What was sent: the file where there is one, else what was pasted."""
        sent = request.files.get("file")
        data = sent.read(LONGEST + 1) if sent is not None and sent.filename else b""
        if not data:
            return str(self.rows.data or "")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            # What a spreadsheet saves as "CSV" on Windows.
            return data.decode("cp1252", "replace")
