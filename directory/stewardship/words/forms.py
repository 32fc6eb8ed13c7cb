"""The box for a flyer's text, and the page on which what was read from it is confirmed."""

from __future__ import annotations

from flask import request
from wtforms import HiddenField, SelectMultipleField, TextAreaField

from core.web.forms import Form
from core.web.validators import MaxLength, Required
from directory.listings.section_form import SectionForm
from directory.stewardship.words.rules import LONGEST, READ_FIELDS


class WordsForm(Form):
    """A text to read."""

    text = TextAreaField(
        "Paste the words of your flyer, poster, email or web page",
        validators=[Required("Paste some words first"), MaxLength(LONGEST)],
        description="Days and times, place, price, phone, email, ages. In any order.",
    )


class TickForm(SectionForm):
    """What was read, each in a box with a tick."""

    use = SelectMultipleField("What to take over", validate_choice=False)

    @property
    def ticked(self) -> list[str]:
        """The fields that somebody ticked, in the order of the listing's form."""
        return [name for name in READ_FIELDS if name in (self.use.data or [])]

    @property
    def boxes(self) -> dict[str, str]:
        """What stands in the boxes, by field."""
        sent = request.form
        return {name: sent.get(f"said-{name}", "")[:500] for name in READ_FIELDS if f"said-{name}" in sent}


class ConfirmForm(TickForm):
    """What was read and ticked. `text` is what it was read from, for reading it again."""

    text = HiddenField()
