"""An emailed referral: the text as it came, and what was read from it, for somebody to confirm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from wtforms import BooleanField, EmailField, RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import Optional

from core.errors import Invalid
from core.web.fields import DateField, choices
from core.web.forms import CreateForm, Form
from core.web.validators import EmailAddress, MaxLength, PhoneNumber, Required
from prescribing.episodes.asking_forms import NeedsForm, mobile_and_phone
from prescribing.episodes.content import RequestContent
from prescribing.episodes.forms import WORDS
from prescribing.pasted.rules import LONGEST, Found
from prescribing.people.forms import NhsNumber
from prescribing.people.rules import THE_PERSON, Problem, says_no_risks

NOT_LISTED = "none"


class PasteForm(Form):
    """The email."""

    text = TextAreaField(
        "Paste the email here", validators=[Required("Paste the text of the email"), MaxLength(LONGEST)]
    )


class PastedForm(CreateForm, NeedsForm):
    """What the email says, to be confirmed."""

    name = StringField("Their name", validators=[Required("Enter their name"), MaxLength(120)])
    born = DateField("Date of birth")
    nhs_number = StringField("NHS number", validators=[MaxLength(20), NhsNumber()])
    phone = TelField("Phone number", validators=[PhoneNumber(), MaxLength(40)])
    email = EmailField("Email address", validators=[EmailAddress(), MaxLength(254)])
    address = TextAreaField("Address", validators=[MaxLength(300)])
    postcode = StringField("Postcode", validators=[MaxLength(10)])
    gp_practice = StringField("GP practice", validators=[MaxLength(160)])
    risks = TextAreaField(
        "Risks", description="Write “none” where the email says so.", validators=[MaxLength(WORDS)]
    )
    sent_for = SelectField(
        "Which practice or organisation sent it?",
        description="It sees what it sent, and hears what came of it where the person agrees.",
        validators=[Required("Choose who sent it, or “Not on the list”")],
    )
    reason = TextAreaField("Why, in the email’s words", validators=[MaxLength(WORDS)])
    referrer_name = StringField("Who sent it", validators=[MaxLength(120)])
    knows_and_agrees = RadioField(
        "Does the person know, and agree?",
        choices=choices([("yes", "Yes"), ("no", "Not that we know")]),
        validators=[Optional()],
    )
    flagged_for_safety = BooleanField("Someone at home must not find out about this")

    def offer(self, partners: Sequence[tuple[UUID, str]]) -> None:
        """Say which organisations can be chosen. Somebody says which: the practice that an email names is the person's
        own, and whoever is chosen sees the request."""
        listed = [(str(partner_id), name) for partner_id, name in partners]
        self.sent_for.choices = choices([*listed, (NOT_LISTED, "Not on the list")], first="Choose")

    @property
    def partner_id(self) -> UUID | None:
        """The organisation that was chosen; none where it is not on the list."""
        return None if self.sent_for.data == NOT_LISTED else UUID(str(self.sent_for.data))

    def content(self) -> RequestContent:
        """What was confirmed. No message and no letter is agreed to by an email of somebody else's."""
        mobile, phone = mobile_and_phone((self.phone.data or "").strip())
        risks = _text(self.risks.data)
        no_risks = says_no_risks(risks)
        return RequestContent(
            name=_text(self.name.data),
            born=self.born.data,
            nhs_number=_text(self.nhs_number.data),
            mobile=mobile,
            phone=phone,
            email=_text(self.email.data),
            address=_text(self.address.data),
            postcode=_text(self.postcode.data),
            gp_practice=_text(self.gp_practice.data),
            communication_needs=_text(self.communication_needs.data),
            interpreter=self.speaks,
            access_needs=_text(self.access_needs.data),
            risks="" if no_risks else risks,
            no_known_risks=no_risks or None,
            reason_referrer=_text(self.reason.data),
            referrer_name=_text(self.referrer_name.data),
            for_someone_else=True,
            knows_and_agrees={"yes": True, "no": False}.get(str(self.knows_and_agrees.data)),
            whom_to_ring=THE_PERSON,
            flagged_for_safety=bool(self.flagged_for_safety.data),
        )

    def say(self, problem: Invalid | Problem) -> None:
        """Put a problem that the rules found beside the box where it is mended."""
        field = {"ways": "phone", "mobile": "phone", "date_of_birth": "born"}
        self.add_error(field.get(problem.field or "", problem.field), problem.message)


def filled(found: Found) -> dict[str, Any]:
    """The values of `PastedForm` from what was read; what is too long for its box is said when it is sent."""
    return asdict(found)


def _text(value: object) -> str:
    return str(value or "").strip()
