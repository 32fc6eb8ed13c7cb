"""Letting somebody act for a person: what the person types, and what their team types."""

from __future__ import annotations

from wtforms import BooleanField, EmailField, RadioField, StringField, TelField

from core.web.fields import choices
from core.web.forms import CreateForm
from core.web.validators import EmailAddress, MaxLength, PhoneNumber, Required
from prescribing.proxies.rules import GROUND_WORDS, MONTHS, Ground
from prescribing.proxies.services import Letting


def _months(count: int) -> str:
    return "1 month" if count == 1 else "1 year" if count == 12 else f"{count} months"


_LENGTHS = [(str(count), _months(count)) for count in MONTHS]


class LetForm(CreateForm):
    """Whom to let act, what they may do, and until when."""

    name = StringField("Their name", validators=[Required("Enter their name"), MaxLength(120)])
    email = EmailField(
        "Their email address",
        description="We send them a link to sign in. Leave it empty if they have none.",
        validators=[EmailAddress(), MaxLength(254)],
    )
    mobile = TelField(
        "Their mobile number",
        description="With an email as well they get a code by text at each sign-in. Else they ring for one.",
        validators=[PhoneNumber(), MaxLength(40)],
    )
    may_message = BooleanField("Read new messages from the link worker, and answer them")
    may_say = BooleanField("Say that something helps")
    months = RadioField("For how long?", choices=choices(_LENGTHS), validators=[Required("Choose how long")])

    def validate(self, extra_validators: object = None) -> bool:
        """Check every box; one way to reach them must be there."""
        good = super().validate(extra_validators)
        if not (str(self.email.data or "").strip() or str(self.mobile.data or "").strip()):
            self.add_error("email", "Enter their email address, or their mobile number below")
            return False
        return good

    def letting(self) -> Letting:
        """What was typed."""
        return Letting(
            name=self.name.data or "",
            email=str(self.email.data or "").strip(),
            mobile=str(self.mobile.data or "").strip(),
            months=int(self.months.data),
            may_message=bool(self.may_message.data),
            may_say=bool(self.may_say.data),
        )


class LetForThemForm(LetForm):
    """The same, written down by the person's team."""

    ground = RadioField(
        "On whose word?",
        choices=choices((ground.value, GROUND_WORDS[ground]) for ground in Ground),
        validators=[Required("Choose on whose word")],
    )
    understands = BooleanField(
        "They are under 16, we talked about it, and they understand what it means",
    )
    how = RadioField(
        "How did you hear it?",
        choices=choices(
            (words, words.capitalize()) for words in ("face to face", "by phone", "in writing", "by video")
        ),
        validators=[Required("Choose how you heard it")],
    )

    def letting(self) -> Letting:
        """What was typed."""
        return Letting(
            name=self.name.data or "",
            email=str(self.email.data or "").strip(),
            mobile=str(self.mobile.data or "").strip(),
            months=int(self.months.data),
            may_message=bool(self.may_message.data),
            may_say=bool(self.may_say.data),
            ground=Ground(self.ground.data),
            understands=bool(self.understands.data),
            how=self.how.data,
        )
