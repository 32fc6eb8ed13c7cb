"""The form of a group's own details."""

from __future__ import annotations

from wtforms import EmailField, StringField, TelField, TextAreaField, URLField

from core.web.validators import EmailAddress, MaxLength, Required
from directory.listings.section_form import SectionForm


class DetailsForm(SectionForm):
    """What a group says of itself."""

    names = ("name", "summary", "description", "phone", "email", "website", "charity_number")
    name = StringField(
        "Name of the group",
        validators=[Required(), MaxLength(200)],
    )
    summary = StringField(
        "In one sentence",
        validators=[MaxLength(300)],
        description="What the group is, as you would tell a neighbour.",
    )
    description = TextAreaField("About the group", validators=[MaxLength(4000)])
    phone = TelField("Phone", validators=[MaxLength(40)])
    email = EmailField("Email", validators=[EmailAddress()])
    website = URLField("Website", validators=[MaxLength(500)])
    charity_number = StringField(
        "Charity number", validators=[MaxLength(40)], description="Leave it empty if you have none."
    )
