"""What the data protection officer types, and whoever opens a record in an emergency."""

from __future__ import annotations

from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField

from core import clock
from core.web.fields import DateField, choices
from core.web.forms import CreateForm, Form
from core.web.validators import MaxLength, Required
from prescribing.rights.rules import (
    KIND_WORDS,
    SENT_WORDS,
    WAY_WORDS,
    Asked,
    HoldKind,
    RequestKind,
    SentBy,
    Way,
)

WORDS = 5_000


class FindForm(Form):
    """Whose record."""

    text = StringField(
        "A reference of ours, or the NHS number",
        description="A reference looks like GT-7K4M-2Q.",
        validators=[MaxLength(40)],
    )
    surname = StringField("Or their surname", validators=[MaxLength(80)])
    born = DateField("With their date of birth")


class TakeForm(CreateForm):
    """A request that came otherwise than online."""

    kind = RadioField(
        "What do they ask?",
        choices=choices((one.value, KIND_WORDS[one]) for one in RequestKind),
        validators=[Required()],
    )
    words = TextAreaField("In their own words", validators=[MaxLength(WORDS)])
    way = SelectField(
        "How did it come?",
        choices=choices((one.value, WAY_WORDS[one].capitalize()) for one in Way if one is not Way.ONLINE),
        validators=[Required()],
    )
    received_on = DateField(
        "On which day did it reach any of us?", default=clock.today, validators=[Required()]
    )

    @property
    def asked(self) -> Asked:
        """The request, of a form that is valid."""
        return Asked(
            RequestKind(self.kind.data),
            self.words.data or "",
            Way(self.way.data),
            self.received_on.data or clock.today(),
        )


class UnknownForm(TakeForm):
    """A request of somebody of whom we have no record."""

    name = StringField("The name that they gave", validators=[Required(), MaxLength(120)])
    reach = TextAreaField(
        "How does the answer reach them?",
        description="A phone number, an email or a postal address, as they gave it.",
        validators=[Required(), MaxLength(300)],
    )


class HoldForm(CreateForm):
    """Why a record must stay."""

    hold_kind = RadioField(
        "Why must it stay?",
        choices=choices(
            [
                (HoldKind.LEGAL.value, "A legal hold: a court, an inquiry, the police, a claim"),
                (HoldKind.KEEP_LONGER.value, "We decide to keep it longer than our schedule says"),
            ]
        ),
        validators=[Required()],
    )
    reason = TextAreaField(
        "The reason, for whoever reads this in ten years", validators=[Required(), MaxLength(WORDS)]
    )
    until = DateField("Until when, if that is known")


class ProofForm(Form):
    """How somebody showed who they are."""

    proof = StringField(
        "What did you see?",
        description="For example: rang back the number that we know, and they told us their date of birth.",
        validators=[Required(), MaxLength(300)],
    )


class LongerForm(Form):
    """Why an answer takes longer."""

    months = RadioField(
        "How much longer?",
        choices=choices([("1", "One month"), ("2", "Two months")]),
        validators=[Required()],
    )
    reason = TextAreaField(
        "Why, in words that the person will read", validators=[Required(), MaxLength(WORDS)]
    )


class ConcernsForm(Form):
    """Whether worries about somebody go into their copy."""

    concerns = RadioField(
        "Does it go into this copy?",
        description="Leave it out where telling them would be likely to do somebody serious harm.",
        choices=choices([("out", "No, leave it out"), ("in", "Yes, it goes in")]),
        validators=[Required()],
    )


class SendForm(Form):
    """How the copy reaches them."""

    sent_by = RadioField(
        "How do they get it?",
        choices=choices((one.value, SENT_WORDS[one]) for one in SentBy),
        validators=[Required()],
    )


class AnswerForm(Form):
    """The answer, in words."""

    outcome = RadioField(
        "What came of it?",
        choices=choices([("done", "We did what they ask"), ("refused", "We say no")]),
        validators=[Required()],
    )
    answer = TextAreaField(
        "The answer, in words that the person will read",
        description="If we say no: why, and that they may complain to the Information Commissioner or go to court.",
        validators=[Required(), MaxLength(WORDS)],
    )


class PassageForm(Form):
    """What may go out of one passage."""

    passage = HiddenField()
    marked = TextAreaField("The passage", validators=[Required()])


class EmergencyForm(FindForm):
    """Which record, why, and the second step again."""

    reason = TextAreaField(
        "Why must you look now?",
        description="The data protection officer reads this at once. The person can read it too.",
        validators=[Required("Say why you must look now"), MaxLength(1_000)],
    )
    code = StringField(
        "The code in your authenticator app now",
        validators=[Required("Enter the code that your app shows now"), MaxLength(20)],
    )


class ReviewForm(Form):
    """What the data protection officer makes of an emergency."""

    words = TextAreaField("What did you find?", validators=[Required(), MaxLength(WORDS)])
