"""The forms of claiming a group and of keeping its people."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from wtforms import BooleanField, EmailField, HiddenField, RadioField, StringField, TelField, TextAreaField

from core.errors import NotFound
from core.web.fields import choices
from core.web.forms import CreateForm, Form
from core.web.open_forms import OpenForm
from core.web.validators import EmailAddress, MaxLength, PhoneNumber, Required
from directory.stewardship.claims.rules import Part, Proof


class ClaimForm(OpenForm):
    """Who claims the group, and how they prove it."""

    name = StringField("Your name", validators=[Required(), MaxLength(120)])
    email = EmailField(
        "Your email",
        validators=[Required(), EmailAddress()],
        description="The group's own address, if you have one. You sign in with it.",
    )
    mobile = TelField(
        "Your mobile number",
        validators=[PhoneNumber(), MaxLength(40)],
        description="We text you a code when you sign in. Without one, we read it to you on the phone.",
    )
    proof = RadioField(
        "How shall we check that you speak for the group?",
        choices=choices([(proof.value, proof.label) for proof in Proof]),
        validators=[Required("Choose how we check")],
    )
    charity_number = StringField(
        "Charity number",
        validators=[MaxLength(40)],
        description="Only for a code by post to the charity.",
    )
    words = TextAreaField(
        "Anything that helps us to check",
        validators=[MaxLength(500)],
        description="For example: what you do in the group. You can leave this empty.",
    )

    def offer(self, proofs: Iterable[Proof]) -> None:
        """Offer these ways to prove it, and no others."""
        self.proof.choices = choices([(proof.value, proof.label) for proof in proofs])


class ClaimCodeForm(Form):
    """The code that proves a claim."""

    code = StringField("Code", validators=[Required("Enter the code"), MaxLength(20)])


class InviteForm(CreateForm):
    """Somebody to keep the group with."""

    name = StringField(
        "Their name",
        validators=[Required(), MaxLength(120)],
    )
    email = EmailField(
        "Their email",
        validators=[Required(), EmailAddress()],
    )
    mobile = TelField(
        "Their mobile number (you can leave this empty)",
        validators=[PhoneNumber(), MaxLength(40)],
    )
    part = RadioField(
        "What may they do?",
        choices=choices(
            [
                (Part.HELPER.value, "Keep the pages (helper)"),
                (Part.OWNER.value, "Keep the pages and the people (owner)"),
            ]
        ),
        default=Part.HELPER.value,
        validators=[Required("Choose what they may do")],
    )


class Doing(StrEnum):
    """What an owner does about one of the group's people."""

    OWNER = "owner"
    HELPER = "helper"
    REMOVE = "remove"


class PersonForm(Form):
    """One press about one person."""

    doing = HiddenField()

    @property
    def what(self) -> Doing:
        """The press. Raises `NotFound` for none that we have."""
        try:
            return Doing(str(self.doing.data))
        except ValueError:
            raise NotFound from None


class LeaveForm(Form):
    """Leaving a group."""

    knows = BooleanField("I know that nobody is left to run this group")


class ClaimDecisionForm(Form):
    """An editor's word on a claim."""

    accept = HiddenField()
