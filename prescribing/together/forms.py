"""Who came, with room for a note about each."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from wtforms import SelectMultipleField, StringField

from core.web.fields import choices
from core.web.forms import CreateForm
from core.web.validators import MaxLength, Required
from prescribing.people.queries import PersonLine


class TogetherForm(CreateForm):
    """A group or a drop-in, and who came."""

    what = StringField(
        "What was it?",
        description="For example, Tuesday drop-in at the library.",
        validators=[Required("Say what it was"), MaxLength(200)],
    )
    people = SelectMultipleField("Who came?", validators=[Required("Choose at least one person")])

    def note_of(self, episode_id: UUID) -> str:
        """What was noted about one person."""
        return str(self[note_name(episode_id)].data or "")

    @property
    def came(self) -> dict[UUID, str]:
        """What was noted about each who came, by episode."""
        return {UUID(text): self.note_of(UUID(text)) for text in self.people.data or ()}


def note_name(episode_id: UUID) -> str:
    """The name of the box for a note about one person."""
    return f"note_{episode_id.hex}"


def together_form(people: Mapping[UUID, PersonLine]) -> TogetherForm:
    """The form with everybody of a caseload."""
    boxes = {
        note_name(episode_id): StringField(f"Note about {line.called}", validators=[MaxLength(500)])
        for episode_id, line in people.items()
    }
    form: TogetherForm = type("TogetherForm", (TogetherForm,), boxes)()
    form.people.choices = choices((str(episode_id), line.called) for episode_id, line in people.items())
    return form
