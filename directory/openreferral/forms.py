"""What is asked when somebody gets a key."""

from __future__ import annotations

from wtforms import IntegerField, StringField
from wtforms.validators import NumberRange

from core.web.forms import CreateForm
from core.web.validators import MaxLength, Required

MOST_PER_MINUTE = 60_000


class KeyForm(CreateForm):
    """Whom the key is for, and how often they may ask."""

    name = StringField(
        "Who is it for?",
        description="A body or a programme, such as “Library catalogue”. Not a person’s name.",
        validators=[Required("Enter who it is for"), MaxLength(120)],
    )
    per_minute = IntegerField(
        "How often may they ask in a minute?",
        description="Such as 6000.",
        validators=[Required("Enter how often they may ask in a minute"), NumberRange(1, MOST_PER_MINUTE)],
    )
