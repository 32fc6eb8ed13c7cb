"""The forms behind a checking link: one press for each answer, and one short form of what changed."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from wtforms import EmailField, HiddenField, StringField, TelField, TextAreaField

from core.errors import NotFound
from core.web.forms import Form
from core.web.validators import EmailAddress, MaxLength
from directory.listings.checks import LONGEST
from directory.listings.section_form import SectionForm
from directory.stewardship.freshness.models import CallOutcome


class Answer(StrEnum):
    """What a group's press says of a listing."""

    RIGHT = "right"
    ALL_RIGHT = "all-right"
    OFF = "off"
    ON = "on"


class AnswerForm(Form):
    """A press on one of the buttons. `listing` is the listing's id, `session` the start as `Choice.key`."""

    listing = HiddenField()
    answer = HiddenField()
    session = HiddenField()

    @property
    def said(self) -> Answer:
        """The press. Raises `NotFound` for none that we have."""
        try:
            return Answer(str(self.answer.data))
        except ValueError:
            raise NotFound from None

    @property
    def service_id(self) -> UUID:
        """The listing. Raises `NotFound` for what is no id."""
        try:
            return UUID(str(self.listing.data))
        except ValueError:
            raise NotFound from None


class ChangedForm(SectionForm):
    """What changed, in as few boxes as will do."""

    names = ("phone", "email", "notice")
    phone = TelField("Phone", validators=[MaxLength(40)])
    email = EmailField("Email", validators=[EmailAddress()])
    notice = StringField(
        "A line at the top of your page",
        validators=[MaxLength(LONGEST["notice"])],
        description="For a while only. For example: We are back on 5 January. You can leave it empty.",
    )
    words = TextAreaField(
        "Anything else that changed?",
        validators=[MaxLength(1000)],
        description="In your own words. An editor puts it right for you.",
    )


class CallForm(Form):
    """How a call ended."""

    outcome = HiddenField()

    @property
    def how(self) -> CallOutcome:
        """The outcome. Raises `NotFound` for none that we have."""
        try:
            return CallOutcome(str(self.outcome.data))
        except ValueError:
            raise NotFound from None
