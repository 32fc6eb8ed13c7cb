"""What a group types about its own year and its buddies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from wtforms import DecimalField, StringField

from core.errors import Invalid
from core.web.forms import CreateForm, Form
from core.web.validators import Between, MaxLength, Required

LONGEST_NAME = 40
TURN = "turn-"


class FundingForm(Form):
    """What came with the people who were referred."""

    pounds = DecimalField(
        "How much were you paid this year for taking in people we sent? In pounds",
        places=2,
        validators=[
            Required("Enter an amount, 0 if nothing"),
            Between(0, 1_000_000, "Number must be between 0 and 1000000."),
        ],
    )

    @property
    def pence(self) -> int:
        """The amount in pence."""
        return int(((self.pounds.data or Decimal()) * 100).to_integral_value())


class BuddyForm(CreateForm):
    """Somebody who meets newcomers."""

    name = StringField(
        "Their first name", validators=[Required("Enter a first name"), MaxLength(LONGEST_NAME)]
    )


def read_turns(form: Mapping[str, str]) -> dict[date, UUID | None]:
    """Who meets newcomers, from the lists of the rota: `turn-<day>`, empty for nobody. Raises `Invalid`."""
    try:
        return {
            date.fromisoformat(name.removeprefix(TURN)): UUID(value) if value else None
            for name, value in form.items()
            if name.startswith(TURN)
        }
    except ValueError:
        raise Invalid("Open the page again, then choose who meets newcomers.") from None
