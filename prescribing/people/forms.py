"""What the team types about a person."""

from __future__ import annotations

from wtforms import BooleanField, EmailField, Field, Form, RadioField, StringField, TelField, TextAreaField
from wtforms.validators import Optional, ValidationError

from core.errors import Invalid
from core.web.fields import DateField, choices
from core.web.forms import Form as PageForm
from core.web.forms import VersionedForm
from core.web.validators import EmailAddress, MaxLength, PhoneNumber, Required
from prescribing.people.consent import HOW_AGREED
from prescribing.people.queries import PersonRecord
from prescribing.people.rules import normalise_nhs_number
from prescribing.people.safe_contact import MayAnswer, SafeContact
from prescribing.people.services import PersonChange

WORDS = 2_000
ANSWER_WORDS = {
    MayAnswer.ONLY_THE_PERSON: "Only the person",
    MayAnswer.NAMED_PEOPLE: "The people named below as well",
    MayAnswer.ANYONE: "Anyone who answers",
}


class NhsNumber:
    """An NHS number whose check digit agrees, however it is spaced."""

    def __call__(self, form: Form, field: Field) -> None:
        """Raise `ValidationError` when it is none; empty passes."""
        text = str(field.data or "").strip()
        try:
            if text:
                normalise_nhs_number(text)
        except Invalid as problem:
            raise ValidationError(problem.message) from None


class AgainForm(PageForm):
    """How somebody agreed again."""

    how = RadioField(
        "How did they agree?",
        choices=choices((how, how.capitalize()) for how in HOW_AGREED),
        validators=[Required("Choose how they agreed")],
    )


class PersonForm(VersionedForm):
    """A form about a person, who may be changed by somebody else meanwhile."""

    def change(self) -> PersonChange:
        """What was typed, as a change of the person."""
        raise NotImplementedError

    def show(self, person: PersonRecord) -> None:
        """Fill the form with what is known."""
        for field in self.visible():
            if hasattr(person, field.name):
                field.process_data(getattr(person, field.name))
        self.version.data = str(person.version)

    def _texts(self, *names: str) -> dict[str, str]:
        return {name: str(self[name].data or "").strip() for name in names}


class ContactForm(PersonForm):
    """How to reach somebody safely."""

    mobile = TelField("Mobile number", validators=[PhoneNumber(), MaxLength(40)])
    phone = TelField("Other phone number", validators=[PhoneNumber(), MaxLength(40)])
    voicemail = BooleanField("We may leave a voicemail")
    texts = BooleanField("We may send texts")
    email = EmailField("Email address", validators=[EmailAddress(), MaxLength(254)])
    address = TextAreaField("Postal address", validators=[MaxLength(300)])
    postcode = StringField("Postcode", validators=[MaxLength(10)])
    letters = BooleanField("We may send letters")
    may_answer = RadioField(
        "Who may be told that we rang?", choices=choices((who.value, ANSWER_WORDS[who]) for who in MayAnswer)
    )
    named = StringField("Names of those who may answer", validators=[MaxLength(200)])
    times = StringField("Best times", validators=[MaxLength(200)])
    contact_notes = TextAreaField("Anything else about getting in touch", validators=[MaxLength(WORDS)])
    flagged_for_safety = BooleanField("Flag for safety: keep this record off every screen but the team's")

    def change(self) -> PersonChange:
        contact = SafeContact(
            voicemail=bool(self.voicemail.data),
            texts=bool(self.texts.data),
            letters=bool(self.letters.data),
            may_answer=MayAnswer(self.may_answer.data),
            named=tuple(name.strip() for name in str(self.named.data or "").split(",") if name.strip()),
            times=str(self.times.data or "").strip(),
        )
        return PersonChange(
            texts=self._texts("mobile", "phone", "email", "address", "postcode", "contact_notes"),
            contact=contact,
            flagged_for_safety=bool(self.flagged_for_safety.data),
        )

    def show(self, person: PersonRecord) -> None:
        super().show(person)
        contact = person.contact
        self.voicemail.data, self.texts.data, self.letters.data = (
            contact.voicemail,
            contact.texts,
            contact.letters,
        )
        self.may_answer.data, self.times.data = contact.may_answer.value, contact.times
        self.named.data = ", ".join(contact.named)


class AccessForm(PersonForm):
    """What makes it easy for somebody to take part."""

    communication_needs = TextAreaField(
        "How do they need information?",
        description="For example large print, easy read, British Sign Language, or time to think.",
        validators=[MaxLength(WORDS)],
    )
    interpreter = StringField(
        "Interpreter", description="Which language, if any.", validators=[MaxLength(120)]
    )
    access_needs = TextAreaField(
        "What do they need to get there and take part?",
        description="For example step-free, a quiet place, somebody to come along.",
        validators=[MaxLength(WORDS)],
    )
    needs_met = TextAreaField(
        "What do we do about it?",
        description="For example: letters in large print, meet at a café without steps.",
        validators=[MaxLength(WORDS)],
    )
    share = RadioField(
        "May groups and services be told what they need?",
        choices=choices(
            [("yes", "Yes, so that nobody has to ask them again"), ("no", "No, ask them each time")]
        ),
        validators=[Optional()],
    )
    needs_review_on = DateField("When do you ask again?", description="Leave it empty for a year from now.")

    def change(self) -> PersonChange:
        return PersonChange(
            texts=self._texts("communication_needs", "interpreter", "access_needs", "needs_met"),
            share_needs={"yes": True, "no": False}.get(str(self.share.data or "")),
            needs_review_on=self.needs_review_on.data,
        )

    def show(self, person: PersonRecord) -> None:
        super().show(person)
        self.share.data = (
            {True: "yes", False: "no"}.get(person.share_needs) if person.share_needs is not None else None
        )
        if person.needs_review_on is not None:
            self.needs_review_on.process(None, person.needs_review_on)


class HomeForm(PersonForm):
    """Who is around somebody."""

    carer = StringField("Who cares for them, or whom do they care for?", validators=[MaxLength(200)])
    household = TextAreaField(
        "Who do they live with? Who is near?",
        description="Children, pets and neighbours count too.",
        validators=[MaxLength(WORDS)],
    )

    def change(self) -> PersonChange:
        return PersonChange(texts=self._texts("carer", "household"))


class RiskForm(PersonForm):
    """What could harm the person or others."""

    risk = RadioField(
        "Are there any risks?",
        choices=choices([("none", "No known risks"), ("some", "Yes, there are risks")]),
        validators=[Required("Say whether there are risks. If none are known, choose “No known risks”")],
    )
    risks = TextAreaField("What are they, and what helps?", validators=[MaxLength(WORDS)])
    risk_summary = TextAreaField(
        "What may a group be told, in words agreed with the person?",
        description="Nothing here that says who they are.",
        validators=[MaxLength(WORDS)],
    )

    safeguarding = TextAreaField(
        "Is anybody being harmed, or in danger of it?",
        description="What you saw or heard, in plain words. Only the team reads it.",
        validators=[MaxLength(WORDS)],
    )
    safeguarding_told = TextAreaField(
        "Whom did you tell, and when?",
        description="The coordinator, and the council's safeguarding team.",
        validators=[MaxLength(WORDS)],
    )

    def validate_risks(self, field: TextAreaField) -> None:
        """Raise `ValidationError` when there are risks and nobody says which."""
        if self.risk.data == "some" and not str(field.data or "").strip():
            raise ValidationError("Say what the risks are")

    def change(self) -> PersonChange:
        some = self.risk.data == "some"
        texts = self._texts("risks", "risk_summary", "safeguarding", "safeguarding_told")
        return PersonChange(
            texts=texts if some else {**texts, "risks": ""}, no_known_risks=self.risk.data == "none"
        )

    def show(self, person: PersonRecord) -> None:
        super().show(person)
        self.risk.data = "some" if person.risks else "none" if person.no_known_risks else None


class MattersForm(PersonForm):
    """What matters to somebody, and what they are good at."""

    what_matters = TextAreaField("What matters to them, in their own words?", validators=[MaxLength(WORDS)])
    strengths = TextAreaField(
        "What are they good at? Who and what helps them?", validators=[MaxLength(WORDS)]
    )

    def change(self) -> PersonChange:
        return PersonChange(texts=self._texts("what_matters", "strengths"))


class AboutForm(PersonForm):
    """Who somebody is."""

    name = StringField("Name", validators=[Required("Enter a name"), MaxLength(120)])
    preferred_name = StringField("What they like to be called", validators=[MaxLength(120)])
    pronouns = StringField("Pronouns", validators=[MaxLength(40)])
    born = DateField("Date of birth")
    nhs_number = StringField("NHS number", validators=[MaxLength(20), NhsNumber()])
    gp_practice = StringField("GP practice", validators=[MaxLength(160)])
    ethnicity = StringField("Ethnicity", validators=[MaxLength(80)])
    gender = StringField("Gender", validators=[MaxLength(80)])

    def change(self) -> PersonChange:
        names = ("name", "preferred_name", "pronouns", "nhs_number", "gp_practice", "ethnicity", "gender")
        return PersonChange(texts=self._texts(*names), born=self.born.data)

    def show(self, person: PersonRecord) -> None:
        super().show(person)
        if person.born is not None:
            self.born.process(None, person.born)
