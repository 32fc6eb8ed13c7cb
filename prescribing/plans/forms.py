"""What the team says about a copy that it gave."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import HiddenField, RadioField

from core.notify.rules import Format
from core.web.fields import choices
from core.web.forms import CreateForm
from core.web.validators import Required
from prescribing.plans.rules import WAY_WORDS, Way


class GiveForm(CreateForm):
    """How somebody got their copy."""

    way = RadioField("How do you give it to them?", validators=[Required("Choose how you give it to them")])
    form = HiddenField(default=Format.PLAIN.value)

    def offer(self, ways: Iterable[Way]) -> None:
        """Offer the ways that are safe."""
        self.way.choices = choices((way.value, WAY_WORDS[way]) for way in ways)

    @property
    def chosen(self) -> Format:
        """The form of the copy; plain where the page was tampered with."""
        return read_format(self.form.data) or Format.PLAIN


def read_format(text: object) -> Format | None:
    """A form by its name, None where there is no such form."""
    return Format(str(text)) if text in set(Format) else None
