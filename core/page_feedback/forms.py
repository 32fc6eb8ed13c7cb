"""What anybody says of a page."""

from __future__ import annotations

from wtforms import HiddenField, RadioField, TextAreaField

from core.page_feedback.rules import EASE_WORDS
from core.web.fields import choices
from core.web.open_forms import OpenForm
from core.web.validators import MaxLength, Required

LONGEST_WORDS = 1_000


class TellForm(OpenForm):
    """One press, and words for whoever has some."""

    page = HiddenField()
    ease = RadioField(
        "How did it go?",
        choices=choices((each.value, words[:1].upper() + words[1:]) for each, words in EASE_WORDS.items()),
        validators=[Required("Choose how it went")],
    )
    words = TextAreaField(
        "What could be better?",
        description="You need not write anything. Leave out names, numbers and anything about your health.",
        validators=[MaxLength(LONGEST_WORDS)],
    )
