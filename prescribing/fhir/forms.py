"""What an administrator types to let a partner's program in."""

from __future__ import annotations

from wtforms import BooleanField, SelectField, StringField

from core.web.forms import CreateForm
from core.web.validators import MaxLength, Required


class ClientForm(CreateForm):
    """A program, and the partner that it belongs to."""

    name = StringField(
        "Name of the program", validators=[Required("Enter a name for the program"), MaxLength(120)]
    )
    partner = SelectField("Whose is it?", validators=[Required("Choose a partner")])
    may_write = BooleanField("It may send referrals, too")
