"""What a partner sends to refer many people at once."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Sequence
from uuid import UUID

from flask import request
from wtforms import EmailField, FileField, SelectField, StringField, TextAreaField

from core.web.fields import choices
from core.web.forms import CreateForm, Form, QueryForm, VersionedForm
from core.web.validators import EmailAddress, MaxLength, Required
from prescribing.partners.bodies import KIND_WORDS, Body
from prescribing.partners.rules import LONGEST
from prescribing.people.models import PartnerKind


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
        if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            # What a spreadsheet calls "Unicode text".
            return data.decode("utf-16", "replace")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            # What a spreadsheet saves as "CSV" on Windows.
            return data.decode("cp1252", "replace")


class FindBodyForm(QueryForm):
    """Which bodies to show."""

    words = StringField("Find one by its name", validators=[MaxLength(100)])


class _BodyFields(Form):
    """What is kept of a body that refers."""

    name = StringField(
        "Its name",
        description="As people know it, such as Elm Street Surgery.",
        validators=[Required("Enter its name"), MaxLength(160)],
    )
    kind = SelectField(
        "What is it?",
        choices=choices(((kind.value, words) for kind, words in KIND_WORDS.items()), first="Choose"),
        validators=[Required("Choose what it is")],
    )
    ods_code = StringField(
        "Its ODS code, if it has one",
        description="The NHS’s code for an organisation, such as P83012.",
        validators=[MaxLength(12)],
    )
    email = EmailField("A shared inbox, if it has one", validators=[EmailAddress(), MaxLength(254)])

    @property
    def body(self) -> Body:
        """What was typed."""
        return Body(
            self.name.data or "",
            PartnerKind(self.kind.data),
            self.ods_code.data or "",
            (self.email.data or "").strip(),
        )


class BodyForm(_BodyFields, CreateForm):
    """A body that refers, anew."""


class ChangeBodyForm(_BodyFields, VersionedForm):
    """A body that refers, changed."""

    def show(self, body: Body, version: int) -> None:
        """Fill the boxes with how it stands."""
        self.name.data, self.kind.data, self.ods_code.data = body.name, body.kind.value, body.ods_code
        self.email.data, self.version.data = body.email, str(version)
