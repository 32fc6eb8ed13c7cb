"""Who came, with room for a note about each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, SelectMultipleField, StringField

from core.web.fields import choices
from core.web.forms import CreateForm
from core.web.validators import MaxLength, Required
from prescribing.episodes.contact_forms import WhenForm
from prescribing.together.queries import OwnPerson

_PAGE = re.compile(r"page-(\d{1,4})")
_NOTE = re.compile(r"note_([0-9a-f]{32})")


class TogetherForm(CreateForm, WhenForm):
    """A group or a drop-in, and who came. `then` says which button was pressed: to look for somebody, to see another
    page of people, or to write it all down."""

    what = StringField(
        "What was it?",
        description="For example, Tuesday drop-in at the library.",
        validators=[Required("Say what it was"), MaxLength(200)],
    )
    words = StringField("Find somebody by name or reference", validators=[MaxLength(100)])
    people = SelectMultipleField("Who came?", validators=[Required("Choose at least one person")])
    page = HiddenField(default="1")
    # No hidden field: the button that is pressed sends it.
    then = StringField()

    @property
    def looks(self) -> bool:
        """Whether more people are asked for, and nothing is to be written down yet."""
        return self.then.data == "find" or _PAGE.fullmatch(str(self.then.data or "")) is not None

    @property
    def wanted_page(self) -> int:
        """The page of people to show: the one that was pressed, the first one of a new search, or as it was."""
        if self.then.data == "find":
            return 1
        pressed = _PAGE.fullmatch(str(self.then.data or "")) or _PAGE.fullmatch(f"page-{self.page.data}")
        return int(pressed[1]) if pressed else 1

    def keep_for_later(self) -> None:
        """Clean what was typed, and ask for nothing that is still missing."""
        self.validate()
        for field in self:
            field.errors = []

    def kept(self, people: Iterable[UUID]) -> set[UUID]:
        """Those of the people who are ticked, or have a note: they stay in sight whatever is looked for."""
        ticked = set(self.people.data or ())
        return {one for one in people if str(one) in ticked or self.note_of(one)}

    def show(self, ids: Sequence[UUID], people: Mapping[UUID, OwnPerson], page: int) -> None:
        """Draw these people alone, and remember which page they are."""
        self.people.choices = choices((str(one), people[one].called) for one in ids)
        self.page.data = str(page)

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


def named(answers: Iterable[tuple[str, str]]) -> set[UUID]:
    """The episodes of everybody who is ticked or has a note. What is no episode's number names nobody."""
    found = set()
    for name, text in answers:
        noted = _NOTE.fullmatch(name)
        with suppress(ValueError):
            if name == "people":
                found.add(UUID(text))
            elif noted is not None and text.strip():
                found.add(UUID(noted[1]))
    return found


def together_form(
    people: Mapping[UUID, OwnPerson], answers: MultiDict[str, Any] | None = None
) -> TogetherForm:
    """The form with everybody of a caseload, filled with `answers` that were kept."""
    boxes = {
        note_name(episode_id): StringField(f"Note about {one.called}", validators=[MaxLength(500)])
        for episode_id, one in people.items()
    }
    form: TogetherForm = type("TogetherForm", (TogetherForm,), boxes)(answers)
    form.people.choices = choices((str(episode_id), one.called) for episode_id, one in people.items())
    return form
