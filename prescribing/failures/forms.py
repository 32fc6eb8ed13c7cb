"""What the team types about a failure."""

from __future__ import annotations

from wtforms import HiddenField, IntegerField, RadioField
from wtforms.validators import Optional

from core.web.fields import choices
from core.web.validators import Between, MaxLength, Required
from prescribing.episodes.causes import Cause
from prescribing.episodes.forms import FailingForm
from prescribing.failures.rules import KIND_WORDS, Kind
from prescribing.failures.services import Told


class DecideForm(FailingForm):
    """One press: yes or no; why, and in whose words, where that was said with it."""

    about = HiddenField(validators=[Required("Choose what it is about"), MaxLength(80)])
    confirmed = HiddenField()


class MoreForm(FailingForm):
    """Why, in the person's own words, how it shows and what it cost."""

    kind = RadioField(
        "What was it?",
        choices=choices((each.value, words.capitalize()) for each, words in KIND_WORDS.items()),
    )
    minutes = IntegerField("How many minutes did it cost you?", validators=[Optional(), Between(0, 600)])

    @property
    def needs_cause(self) -> bool:
        """Always: this is where it is asked for."""
        return True

    @property
    def told(self) -> Told:
        """What was typed; ask only after the form validated."""
        return Told(
            Kind(self.kind.data), Cause(self.cause.data), self.failed_words.data or "", self.minutes.data
        )
