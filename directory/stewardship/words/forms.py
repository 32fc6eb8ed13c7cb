"""The box for a flyer's text, and the page on which what was read from it is confirmed."""

from __future__ import annotations

from wtforms import HiddenField, SelectMultipleField, TextAreaField

from core.web.forms import Form
from core.web.validators import MaxLength, Required
from directory.listings.section_form import SectionForm
from directory.stewardship.words.rules import LONGEST


class WordsForm(Form):
    """A text to read."""

    text = TextAreaField(
        "Paste the words of your flyer, poster, email or web page",
        validators=[Required("Paste some words first"), MaxLength(LONGEST)],
        description="Days and times, place, price, phone, email, ages. In any order.",
    )


class ConfirmForm(SectionForm):
    """What was read, each with a tick. `text` is what it was read from, for reading it again."""

    text = HiddenField()
    use = SelectMultipleField("What to take over", validate_choice=False)
