"""Sending a kept list to one address."""

from __future__ import annotations

from wtforms import HiddenField, RadioField, StringField

from core.web.fields import choices
from core.web.forms import CreateForm
from core.web.validators import MaxLength, Required
from directory.passing_on.rules import EMAIL, TEXT


class SendForm(CreateForm):
    """To whom a kept list goes. `ids` are the activities on it."""

    ids = HiddenField()
    how = RadioField(
        "How should we send it?",
        choices=choices([(EMAIL, "By email"), (TEXT, "By text message")]),
        validators=[Required("Choose how we should send it")],
    )
    to = StringField(
        "Email address or mobile number",
        validators=[Required(), MaxLength(254)],
        description="We use it once, to send this list. We do not keep it.",
    )
