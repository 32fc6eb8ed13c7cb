"""When a contact was, and that it was a mistake."""

from __future__ import annotations

from datetime import datetime

from wtforms import TextAreaField

from core import clock
from core.web.fields import DateField, TimeField
from core.web.forms import Form
from core.web.validators import MaxLength, Required
from prescribing.episodes.contacts import when_of


class WhenForm(Form):
    """A contact that may have been on an earlier day; nothing filled in means now."""

    on = DateField("Which day was it?")
    at = TimeField("About what time?")

    @property
    def when(self) -> datetime | None:
        """The moment that is meant; None for now. Ask only after the form validated."""
        return when_of(self.on.data, self.at.data, clock.now())

    @property
    def is_earlier(self) -> bool:
        """Whether anything was filled in, so that it is not folded away."""
        return bool(any(self.on.typed.values()) or self.at.data or self.on.errors or self.at.errors)


class MistakeForm(Form):
    """Saying that a contact was written down by mistake."""

    reason = TextAreaField(
        "What was the mistake?", validators=[Required("Say what the mistake was"), MaxLength(2_000)]
    )
