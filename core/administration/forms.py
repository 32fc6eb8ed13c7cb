"""What an administrator types."""

from __future__ import annotations

from uuid import UUID

from wtforms import EmailField, Field, HiddenField, RadioField, SelectField, StringField, TelField
from wtforms.validators import ValidationError

from core.access.rules import PLACE_OF, Place, Role
from core.web.fields import choices
from core.web.forms import CreateForm, Form, QueryForm
from core.web.validators import EmailAddress, MaxLength, PhoneNumber, Required

# The way in to a person's record is opened from that record, by them or their link worker, never from here.
OFFERED = tuple(role for role in Role if PLACE_OF[role] is not Place.PERSON)

_NAMES: dict[Role, str] = {
    Role.REFERRER: "Referrer: sends requests for support",
    Role.LINK_WORKER: "Link worker: supports the people of one team",
    Role.COORDINATOR: "Coordinator: reads new requests and shares them out",
    Role.GROUP_MEMBER: "Group member: looks after one group",
    Role.EDITOR: "Directory editor: checks what groups write",
    Role.COMMISSIONER: "Commissioner: sees how well it all works, in numbers",
    Role.DATA_PROTECTION_OFFICER: "Data protection officer: sees who looked at what",
    Role.ADMINISTRATOR: "Administrator: looks after accounts",
}


class RoleForm(QueryForm):
    """The first question: what are they here to do? `words` narrows the places that are offered next."""

    role = RadioField("What do they do?", choices=choices((role.value, _NAMES[role]) for role in OFFERED))
    words = StringField("Find it by name", validators=[MaxLength(100)])


class InviteForm(CreateForm):
    """Who is invited. `place` is offered only for a role that is held in one."""

    name = StringField("Their name", validators=[Required(), MaxLength(120)])
    email = EmailField("Their email address", validators=[Required(), EmailAddress(), MaxLength(254)])
    mobile = TelField(
        "Their mobile number (if they have one)",
        description="For group members: we text them a code when they sign in.",
        validators=[PhoneNumber(), MaxLength(30)],
    )
    place = SelectField("Where", validators=[Required()])


class MembershipForm(Form):
    """Another role for an account, which was chosen before."""

    role = HiddenField()
    place = SelectField("Where", validators=[Required()])


class TrailForm(QueryForm):
    """Which part of the audit trail to show. What can't be read as an id or a number is left out."""

    about = StringField(
        "Number of the record",
        description="It stands at the end of the record's address, like 019a3c1e-7f2b-7a60-9d1c-2f6f0f6f0f6f.",
        validators=[MaxLength(36)],
    )
    who = HiddenField()
    before = HiddenField()

    def validate_about(self, field: Field) -> None:
        """Raise `ValidationError` for what is no id."""
        if field.data and self.subject_id is None:
            raise ValidationError("Number of the record must be copied whole from the end of the address")

    @property
    def subject_id(self) -> UUID | None:
        """The record that the entries are about."""
        return _id(self.about.data)

    @property
    def account_id(self) -> UUID | None:
        """The account whose entries they are."""
        return _id(self.who.data)

    @property
    def before_number(self) -> int | None:
        """The sequence number to go on from."""
        text = self.before.data or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def _id(text: str | None) -> UUID | None:
    try:
        return UUID((text or "").strip())
    except ValueError:
        return None
