"""What the team types about a failure."""

from __future__ import annotations

from wtforms import HiddenField, IntegerField, RadioField, TextAreaField
from wtforms.validators import Optional

from core.web.fields import choices
from core.web.forms import Form
from core.web.validators import Between, MaxLength, Required
from prescribing.episodes.causes import CAUSE_WORDS, Cause
from prescribing.episodes.forms import FailingForm
from prescribing.failures.rules import KIND_WORDS, Kind
from prescribing.failures.services import Told


class DecideForm(FailingForm):
    """One press: yes or no; why, and in whose words, where that was said with it."""

    about = HiddenField(validators=[Required("Choose what it is about"), MaxLength(80)])
    confirmed = HiddenField()


class MoreForm(Form):
    """Why, in the person's own words."""

    words = TextAreaField(
        "What happened, in their own words?",
        description="As they said it. Leave names out.",
        validators=[MaxLength(2_000)],
    )
    kind = RadioField(
        "What was it?",
        choices=choices((each.value, words.capitalize()) for each, words in KIND_WORDS.items()),
    )
    cause = RadioField(
        "Why did it come to that?",
        choices=choices((each.value, words.capitalize()) for each, words in CAUSE_WORDS.items()),
        validators=[Required("Choose why it came to that")],
    )
    minutes = IntegerField("How many minutes did it cost you?", validators=[Optional(), Between(0, 600)])

    @property
    def told(self) -> Told:
        """What was typed; ask only after the form validated."""
        return Told(Kind(self.kind.data), Cause(self.cause.data), self.words.data or "", self.minutes.data)
