"""What an editor is asked about a feed, a file and its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import FileField, RadioField, SelectField, StringField

from core.web.fields import choices
from core.web.forms import CreateForm, Form
from core.web.validators import MaxLength, Required
from directory.exchange.feed_rules import FeedKind
from directory.exchange.tables import FIELDS, KEY

RHYTHMS: Mapping[str, str] = {
    "": "Only when I ask for it",
    "6": "Every 6 hours",
    "24": "Every day",
    "168": "Every week",
}


def _hours(text: str | None) -> int | None:
    return int(text) if text else None


class FeedForm(CreateForm):
    """Somebody's records, and how they come."""

    name = StringField(
        "What is this source called?",
        description="Such as “Leisure centre timetable”. People see it on the listings.",
        validators=[Required("Enter what this source is called"), MaxLength(200)],
    )
    publisher = StringField(
        "Who publishes it?", validators=[Required("Enter who publishes it"), MaxLength(200)]
    )
    licence = StringField(
        "Under which licence?",
        description="Such as “Open Government Licence v3.0”, or “By agreement”.",
        validators=[Required("Enter the licence, or “By agreement”"), MaxLength(200)],
    )
    kind = RadioField(
        "What kind of data is it?",
        choices=choices((kind.value, kind.label) for kind in FeedKind),
        validators=[Required("Choose what kind of data it is")],
    )
    address = StringField(
        "Web address (if it has one)",
        description="Leave this empty to upload a file instead.",
        validators=[MaxLength(2000)],
    )
    every_hours = RadioField("How often shall we look?", choices=choices(RHYTHMS.items()), default="")

    @property
    def hours(self) -> int | None:
        return _hours(self.every_hours.data)


class ChangeFeedForm(Form):
    """Where a feed is, and how often it is asked."""

    address = StringField("Web address", validators=[MaxLength(2000)])
    every_hours = RadioField("How often shall we look?", choices=choices(RHYTHMS.items()), default="")

    @property
    def hours(self) -> int | None:
        return _hours(self.every_hours.data)


class StartForm(CreateForm):
    """A file to take in; none means from the address."""

    file = FileField("File")


class ColumnsForm(Form):
    """Which column holds what. The fields' names are those of `tables.FIELDS`, behind "column-"."""

    def columns(self) -> dict[str, str]:
        """What was chosen, field to column."""
        return {
            name.removeprefix("column-"): str(field.data)
            for name, field in self._fields.items()
            if name.startswith("column-") and field.data
        }


def columns_form(heading: Sequence[str], guessed: Mapping[str, str], formdata: Any = None) -> ColumnsForm:
    """The form for a table with this heading; `guessed` is chosen already."""
    offered = choices([(name, name) for name in heading], first="Not in this table")

    class Chosen(ColumnsForm):
        pass

    labels = {name: label for name, (label, _) in FIELDS.items()} | {
        KEY: "Number or code that stays the same"
    }
    for name, label in labels.items():
        setattr(Chosen, f"column-{name}", SelectField(label, choices=offered, default=guessed.get(name, "")))
    return Chosen(formdata)


class NoticeForm(CreateForm):
    """Whose program is told of changes, and where."""

    name = StringField(
        "Who is it for?",
        description="A body or a programme, such as “Library website”. Not a person’s name.",
        validators=[Required("Enter who it is for"), MaxLength(120)],
    )
    address = StringField("Web address that we send to", validators=[Required(), MaxLength(2000)])
