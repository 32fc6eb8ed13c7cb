"""What an editor fills in to decide."""

from __future__ import annotations

from uuid import UUID

from wtforms import HiddenField, SelectMultipleField, TextAreaField
from wtforms.validators import Optional

from core.errors import Invalid
from core.web.forms import Form
from core.web.validators import MaxLength, Required
from directory.listings.deciding import Answer, Picked


class ReasonForm(Form):
    """An editor's reason, which the group reads."""

    reason = TextAreaField(
        "What should they change?",
        validators=[Required("Say why, so that the group knows what to change"), MaxLength(500)],
    )


class ManyForm(Form):
    """One answer to several things: the keys of those that were ticked, and the button that was pressed."""

    pick = SelectMultipleField("What to decide on", validate_choice=False)
    answer = HiddenField()
    reason = TextAreaField(
        "Why? Only if you send them back",
        validators=[Optional(), MaxLength(500)],
        description="The groups read it. They can then change it and send it again.",
    )

    def picked(self) -> list[Picked]:
        """What was ticked. Raises `Invalid` for a key that no page of ours holds."""
        return [_picked(str(key)) for key in self.pick.data or ()]

    def said(self) -> Answer:
        """The button. Raises `Invalid` for one that no page of ours holds."""
        try:
            return Answer(str(self.answer.data))
        except ValueError:
            raise Invalid("Press one of the two buttons.") from None


def _picked(key: str) -> Picked:
    kind, _, text = key.partition(":")
    try:
        if kind not in {"new", "change"}:
            raise ValueError(key)
        return Picked(kind == "new", UUID(text))
    except ValueError:
        raise Invalid("Load the page again and tick what you want to decide on.", "pick") from None
