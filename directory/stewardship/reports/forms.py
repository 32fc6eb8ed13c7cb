"""Forms for anybody: what is wrong, and what is missing."""

from __future__ import annotations

from wtforms import Field, RadioField, StringField, TextAreaField
from wtforms.validators import ValidationError

from core.web.fields import choices
from core.web.forms import Form
from core.web.open_forms import OpenForm
from core.web.stranger_rules import too_many_links
from core.web.validators import MaxLength, Required
from directory.stewardship.reports.rules import Fault, ReportState
from directory.stewardship.reports.services import LONGEST_NOTE, LONGEST_WORDS


def _contact() -> StringField:
    return StringField(
        "Your phone number or email (you can leave this empty)",
        validators=[MaxLength(254)],
        description="Only if we may ask you about it. We delete it when we are done.",
    )


class WrongForm(OpenForm):
    """What is wrong with a listing."""

    fault = RadioField(
        "What is wrong?",
        choices=choices([(fault.value, fault.label) for fault in Fault]),
        validators=[Required("Choose what is wrong")],
    )
    words = TextAreaField(
        "What should it say?",
        validators=[MaxLength(LONGEST_WORDS)],
        description="If you know. Please write nothing about anybody's health or private life.",
    )
    contact = _contact()

    def validate_words(self, field: Field) -> None:
        """Raise `ValidationError` for a text that is mostly web addresses."""
        _refuse_links(field)


class MissingForm(OpenForm):
    """A group that somebody misses here."""

    name = StringField(
        "What is the group or activity called?",
        validators=[Required("Enter what it is called"), MaxLength(200)],
    )
    place = StringField(
        "Where does it meet?",
        validators=[MaxLength(200)],
        description="A hall, a street or a town. Leave it empty if you do not know.",
    )
    website = StringField("Its website, if it has one", validators=[MaxLength(500)])
    words = TextAreaField(
        "What do you know about it?",
        validators=[MaxLength(LONGEST_WORDS)],
        description="For example: who comes, when, and whom to ring.",
    )
    contact = _contact()

    def validate_words(self, field: Field) -> None:
        """Raise `ValidationError` for a text that is mostly web addresses."""
        _refuse_links(field)


class DecideForm(Form):
    """How a report ended."""

    state = RadioField(
        "How did it end?",
        choices=choices(
            [
                (ReportState.MENDED.value, "It is put right"),
                (ReportState.NOT_SO.value, "There was nothing to put right"),
            ]
        ),
        validators=[Required("Choose how it ended")],
    )
    note = StringField(
        "A note for other editors (you can leave this empty)", validators=[MaxLength(LONGEST_NOTE)]
    )


def _refuse_links(field: Field) -> None:
    if too_many_links(field.data or ""):
        raise ValidationError("Leave out the web addresses, and say it in words")
