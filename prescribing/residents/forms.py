"""What a person types on their own pages, and their team beside them."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import BooleanField, EmailField, RadioField, StringField, TelField, TextAreaField

from core.errors import Invalid
from core.web.fields import DateField, choices
from core.web.forms import CreateForm, Form, VersionedForm
from core.web.validators import EmailAddress, MaxLength, PhoneNumber, Required
from prescribing.episodes.asking_forms import mobile_and_phone
from prescribing.people.consent import HOW_AGREED
from prescribing.people.queries import PersonRecord
from prescribing.people.safe_contact import SafeContact
from prescribing.people.services import NEEDS, PersonChange
from prescribing.residents.rules import HELP_NO_WORDS, HELP_WORDS, HelpKind, HelpNo
from prescribing.rights.rules import RequestKind

WORDS = 2_000

# The names under which what is typed is kept: a message, what is asked about one's record, why one stops.
MESSAGE = "message"
ASKED = "asked"
STOP = "stop"


class MessageForm(CreateForm):
    """A message, to the team or from it."""

    words = TextAreaField("Your message", validators=[Required("Write your message"), MaxLength(WORDS)])


class FoundForm(CreateForm):
    """Something that somebody found by themself."""

    words = StringField("What did you find?", validators=[Required("Write what you found"), MaxLength(300)])


class ReachForm(VersionedForm):
    """How somebody wants to be reached, and what makes it easy for them to take part."""

    mobile = TelField("Mobile number", validators=[PhoneNumber(), MaxLength(40)])
    phone = TelField("Other phone number", validators=[PhoneNumber(), MaxLength(40)])
    voicemail = BooleanField("You may leave a voicemail")
    texts = BooleanField("You may send me texts")
    email = EmailField("Email address", validators=[EmailAddress(), MaxLength(254)])
    address = TextAreaField("Postal address", validators=[MaxLength(300)])
    letters = BooleanField("You may send me letters")
    times = StringField("When is a good time?", validators=[MaxLength(200)])
    flagged_for_safety = BooleanField(
        "Someone at home must not find out about this",
        description="Then we write nothing and ring only you, and you cannot see your plan here any more. "
        "Your link worker can turn it off again when you say so.",
    )
    communication_needs = TextAreaField(
        "How should we write to you?",
        description="For example large print, easy read, or time to think.",
        validators=[MaxLength(WORDS)],
    )
    interpreter = StringField(
        "Do you need an interpreter?",
        description="Say which language, or British Sign Language.",
        validators=[MaxLength(120)],
    )
    access_needs = TextAreaField(
        "What do you need to get there and take part?",
        description="For example step-free, a quiet place, somebody to come along.",
        validators=[MaxLength(WORDS)],
    )

    def validate(self, extra_validators: object = None) -> bool:
        """Check every box; one way to be reached must stay."""
        good = super().validate(extra_validators)
        ways = (self.mobile, self.phone, self.email, self.address)
        if not any(str(way.data or "").strip() for way in ways):
            self.add_error("mobile", "Leave us one way to reach you: a number, an email or a postal address.")
            return False
        return good

    def show(self, person: PersonRecord) -> None:
        """Fill the form with what is known."""
        for box in self.visible():
            if hasattr(person, box.name):
                box.process_data(getattr(person, box.name))
        contact = person.contact
        self.voicemail.data, self.texts.data, self.letters.data = (
            contact.voicemail,
            contact.texts,
            contact.letters,
        )
        self.times.data, self.version.data = contact.times, str(person.version)

    def change(self, known: PersonRecord) -> PersonChange:
        """What was typed, as a change; who else may answer, and whether others are told of needs, stays as `known`.
        Needs that are as they were are no part of it: nobody asked about them anew."""
        names = ("mobile", "phone", "email", "address", "communication_needs", "interpreter", "access_needs")
        texts = {name: str(self[name].data or "").strip() for name in names}
        if texts["mobile"] and not texts["phone"] and not mobile_and_phone(texts["mobile"])[0]:
            # A landline that was typed into the first box takes no texts.
            texts["mobile"], texts["phone"] = "", texts["mobile"]
        same = {name for name in NEEDS if texts[name].split() == getattr(known, name).split()}
        return PersonChange(
            texts={name: text for name, text in texts.items() if name not in same},
            share_needs=known.share_needs,
            # One way: only the team takes a flag away.
            flagged_for_safety=True if self.flagged_for_safety.data else None,
            contact=SafeContact(
                voicemail=bool(self.voicemail.data),
                texts=bool(self.texts.data),
                letters=bool(self.letters.data),
                may_answer=known.contact.may_answer,
                named=known.contact.named,
                times=str(self.times.data or "").strip(),
            ),
        )


class RightsForm(CreateForm):
    """What somebody asks about their own record."""

    kind = RadioField(
        "What would you like?",
        choices=choices(
            [
                (RequestKind.CORRECTION.value, "Something is wrong: put it right"),
                (RequestKind.ERASURE.value, "Delete my record"),
                (RequestKind.ACCESS.value, "A full copy, checked by a person"),
                (RequestKind.OBJECTION.value, "Stop using it in some way"),
                (RequestKind.COMPLAINT.value, "Complain about how you look after it"),
            ]
        ),
        validators=[Required("Choose what you would like")],
    )
    words = TextAreaField(
        "Tell us more", description="For example what is wrong.", validators=[MaxLength(WORDS)]
    )


class StopForm(Form):
    """Stopping one's own support."""

    sure = BooleanField("Yes, stop my support", validators=[Required("Tick the box to stop your support")])
    words = TextAreaField("Do you want to say why? You need not.", validators=[MaxLength(WORDS)])


class PauseForm(CreateForm):
    """Taking a break from one's own support."""

    until = DateField("Until which day?", validators=[Required("Enter the day on which you are back")])
    words = TextAreaField("Do you want to say why? You need not.", validators=[MaxLength(WORDS)])


class WentForm(CreateForm):
    """Whether somebody went, in their own words."""

    went = RadioField(
        "Have you been?",
        choices=choices([("yes", "Yes, I went"), ("no", "No, I have not been")]),
        validators=[Required("Choose whether you have been")],
    )
    on = DateField("Which day did you go?")
    words = TextAreaField("What got in the way? You need not say.", validators=[MaxLength(WORDS)])

    def validate(self, extra_validators: object = None) -> bool:
        """Check every box; whoever went says when."""
        good = super().validate(extra_validators)
        if good and self.went.data == "yes" and self.on.data is None:
            self.add_error("on", "Enter the day on which you went")
            return False
        return good


class HelpForm(CreateForm):
    """What somebody who was helped offers to others."""

    kind = RadioField(
        "How would you like to help?",
        choices=choices((kind.value, HELP_WORDS[kind]) for kind in HelpKind),
        validators=[Required("Choose how you would like to help")],
    )
    words = TextAreaField(
        "What are you good at, or what would you enjoy?",
        description="For example baking, bowls, forms, listening.",
        validators=[MaxLength(WORDS)],
    )
    may_count = BooleanField("You may count me when you say how many people help, without my name")


class PlaceForm(CreateForm):
    """Putting somebody's offer to the group of an activity."""

    service_id = RadioField("Which activity?", validators=[Required("Choose an activity")])
    how = RadioField(
        "How did they agree?",
        choices=choices((how, how.capitalize()) for how in HOW_AGREED),
        validators=[Required("Choose how they agreed")],
    )


def read_answer(form: Mapping[str, str]) -> tuple[bool, HelpNo | None]:
    """The yes or the no of a group that was asked, and why not, by the button that was pressed. Raises `Invalid` for
    neither: nobody has answered."""
    text, why = form.get("answer"), form.get("why", "")
    if text not in {"yes", "no"} or why not in {"", *HelpNo}:
        raise Invalid("Open the page again, then press yes or no.")
    return text == "yes", HelpNo(why) if why else None


def help_no_reasons() -> list[tuple[str, str]]:
    """Why a group does not take a helper in, for its buttons."""
    return [(why.value, words[:1].upper() + words[1:]) for why, words in HELP_NO_WORDS.items()]


class OnlineForm(Form):
    """Letting somebody see their own record online."""

    understands = BooleanField(
        "They are under 16, we talked about it, and they understand what it means to see this online"
    )
