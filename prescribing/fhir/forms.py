"""What somebody types to let a program in."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from wtforms import SelectField, SelectMultipleField, StringField

from core.access.rules import Place
from core.web.fields import choices
from core.web.forms import CreateForm
from core.web.validators import MaxLength, Required
from prescribing.fhir.rules import MAY_WORDS, May


class ClientForm(CreateForm):
    """A program, whose it is, and what it may do."""

    name = StringField(
        "Name of the program", validators=[Required("Enter a name for the program"), MaxLength(120)]
    )
    place = SelectField("Whose is it?", validators=[Required("Choose whose program it is")])
    may = SelectMultipleField("What may it do?")

    def offer(self, owners: Collection[tuple[str, str]], may: Collection[May]) -> None:
        """Put in whose it can be, by key and name, and what it can be let do."""
        # Where there is only one, there is nothing to choose.
        self.place.choices = choices(owners, first=None if len(owners) <= 1 else "Choose one")
        self.may.choices = [(each.value, MAY_WORDS[each].capitalize()) for each in may]

    @property
    def owner(self) -> tuple[Place, UUID]:
        """Whose it is."""
        place, _colon, place_id = (self.place.data or "").partition(":")
        return Place(place), UUID(place_id)

    @property
    def chosen(self) -> tuple[May, ...]:
        """What it may do."""
        return tuple(May(each) for each in self.may.data or ())
