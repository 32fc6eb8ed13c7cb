"""What people type to open an unfinished request again."""

from __future__ import annotations

from wtforms import StringField

from core.web.forms import Form
from core.web.validators import MaxLength, Required


class ComeBackForm(Form):
    """The reference and the code that the page showed when the form was saved."""

    reference = StringField("Your reference", validators=[Required("Enter your reference"), MaxLength(40)])
    code = StringField("Your code", validators=[Required("Enter your code"), MaxLength(20)])
