"""What somebody who is worried writes down."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from wtforms import SelectField, TextAreaField

from core.web.fields import choices
from core.web.forms import CreateForm, Form
from core.web.validators import MaxLength, Required
from prescribing.people.queries import PersonLine

WORDS = 4_000


class WorriedForm(CreateForm):
    """Who it is about, what was seen, who was told."""

    person_id = SelectField(
        "Who is it about?",
        description="If they are not here, open their page first, and press “Worried about someone now?” there.",
        validators=[Required("Choose who it is about")],
    )
    seen = TextAreaField(
        "What did you see or hear?",
        description="Their own words, if you can. What happened, when and where.",
        validators=[Required("Write down what you saw or heard"), MaxLength(WORDS)],
    )
    told = TextAreaField(
        "Who have you told already?",
        description="For example, the police at 10:20, or nobody yet.",
        validators=[MaxLength(WORDS)],
    )

    @property
    def meant(self) -> tuple[UUID, ...]:
        """Whoever is chosen already, by them or by the page that they came from."""
        try:
            return (UUID(self.person_id.data or ""),)
        except ValueError:
            return ()

    def offer(self, people: Sequence[PersonLine]) -> None:
        """Say who can be chosen."""
        self.person_id.choices = choices(
            ((str(one.id), one.called) for one in people), first="Choose a person"
        )


class DoneForm(Form):
    """What was done about a concern."""

    done = TextAreaField(
        "What was done?",
        description="Who decided what, who was told, and how the person is now.",
        validators=[Required("Write down what was done"), MaxLength(WORDS)],
    )
