"""What people type to ask for support: for themselves, for somebody else, or as a partner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import phonenumbers
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import Optional

from core.errors import Invalid
from core.notify.tongue_rules import needs_none, tongues_of
from core.web.fields import DateField, choices
from core.web.forms import CreateForm, Form, QueryForm, VersionedForm
from core.web.validators import EmailAddress, MaxLength, PhoneNumber, Required
from prescribing.episodes import intake
from prescribing.episodes.content import RequestContent
from prescribing.episodes.forms import WORDS, NeedsField
from prescribing.episodes.models import RequestSource
from prescribing.episodes.own_list import Which
from prescribing.people.forms import NhsNumber
from prescribing.people.rules import THE_PERSON, WHOEVER_ASKED, AgeBand, Problem

ME, OTHER = "me", "other"
# Where mobile numbers of the United Kingdom begin, after the nought. Source: Ofcom, National Telephone Numbering Plan.
_MOBILE_STARTS = frozenset({"71", "72", "73", "74", "75", "77", "78", "79"})
CONSENT = (
    ("face to face", "Yes, face to face"),
    ("by phone", "Yes, by phone"),
    ("in writing", "Yes, in writing"),
    ("not asked", "They were not asked"),
)


class AskForm(CreateForm):
    """Ask for support. A name and one safe way to reach the person; nothing else has to be said."""

    who = RadioField(
        "Who is this for?",
        choices=choices([(ME, "Me"), (OTHER, "Someone else")]),
        default=ME,
    )
    knows_and_agrees = RadioField(
        "Do they know that you are asking, and agree?",
        choices=choices([("yes", "Yes"), ("no", "Not yet")]),
        validators=[Optional()],
    )
    asker_name = StringField("Your own name", validators=[MaxLength(120)])
    asker_phone = TelField("Your own phone number", validators=[PhoneNumber(), MaxLength(40)])
    whom_to_ring = RadioField(
        "Whom should we ring first?",
        choices=choices([(THE_PERSON, "The person"), (WHOEVER_ASKED, "Me")]),
        validators=[Optional()],
    )
    name = StringField("Name", validators=[MaxLength(120)])
    phone = TelField("Phone number", validators=[PhoneNumber(), MaxLength(40)])
    voicemail = BooleanField("You may leave a voicemail")
    texts = BooleanField("You may send a text")
    flagged_for_safety = BooleanField(
        "Someone at home must not find out about this",
        description="Then we write nothing, nothing shows online, and we speak to nobody else.",
    )
    email = EmailField("Email address", validators=[EmailAddress(), MaxLength(254)])
    address = TextAreaField("Postal address, if you would rather have a letter", validators=[MaxLength(300)])
    times = StringField("When is a good time to ring?", validators=[MaxLength(200)])
    age_group = RadioField(
        "How old is the person?",
        choices=choices(
            [
                (AgeBand.UNDER_16.value, "Under 16"),
                (AgeBand.FROM_16.value, "16 or 17"),
                ("18 or over", "18 or over"),
            ]
        ),
        validators=[Optional()],
    )
    need_slugs = NeedsField("What would help?")
    reason = TextAreaField("In your own words", validators=[MaxLength(WORDS)])
    access_needs = TextAreaField("What would make this easy?", validators=[MaxLength(WORDS)])
    postcode = StringField("Postcode", validators=[MaxLength(10)])
    communication_needs = StringField(
        "How should we write?",
        description="To the person who wants support. For example large print, easy read, or another language.",
        validators=[MaxLength(300)],
    )

    def offer(self, needs: Sequence[tuple[str, str]]) -> None:
        """Say which needs can be ticked."""
        self.need_slugs.choices = choices(needs)

    @property
    def for_someone_else(self) -> bool:
        return bool(self.who.data == OTHER)

    def content(self) -> RequestContent:
        """What was typed."""
        mobile, phone = mobile_and_phone(_text(self.phone.data))
        other = self.for_someone_else
        return RequestContent(
            name=_text(self.name.data),
            phone=phone,
            mobile=mobile,
            email=_text(self.email.data),
            address=_text(self.address.data),
            postcode=_text(self.postcode.data),
            voicemail=bool(self.voicemail.data),
            texts=bool(self.texts.data),
            letters=bool(_text(self.address.data)),
            flagged_for_safety=bool(self.flagged_for_safety.data),
            times=_text(self.times.data),
            for_someone_else=other,
            knows_and_agrees=_yes(self.knows_and_agrees.data) if other else None,
            whom_to_ring=_text(self.whom_to_ring.data) if other else "",
            referrer_name=_text(self.asker_name.data) if other else "",
            referrer_contact=_text(self.asker_phone.data) if other else "",
            need_slugs=tuple(self.need_slugs.data or ()),
            reason_referrer=_text(self.reason.data) if other else "",
            reason_person="" if other else _text(self.reason.data),
            access_needs=_text(self.access_needs.data),
            communication_needs=_text(self.communication_needs.data),
            interpreter=interpreter_of(
                "", _text(self.communication_needs.data), _text(self.access_needs.data)
            ),
            age_group=_text(self.age_group.data),
        )

    def say(self, problem: Invalid | Problem) -> None:
        """Put a problem that the rules found beside the box where it is mended."""
        self.add_error(
            {"ways": "phone", "mobile": "phone"}.get(problem.field or "", problem.field), problem.message
        )


class OwnRequestsForm(QueryForm):
    """Which of its own requests a partner wants to see. What cannot be read is left out."""

    mine = BooleanField("Only what I sent")
    which = HiddenField()
    page = HiddenField()

    @property
    def chosen(self) -> Which:
        """Which kind was chosen."""
        return next((each for each in Which if each.value == self.which.data), Which.ALL)

    @property
    def number(self) -> int:
        """The page that was asked for."""
        text = _text(self.page.data)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


class NeedsForm(Form):
    """What makes it easy for somebody to take part, as whoever refers them knows it."""

    communication_needs = StringField(
        "How do they need information?",
        description="For example large print, easy read, or British Sign Language.",
        validators=[MaxLength(WORDS)],
    )
    interpreter = StringField(
        "Do they need an interpreter?", description="Say which language.", validators=[MaxLength(120)]
    )
    access_needs = TextAreaField(
        "What do they need to get there and take part?",
        description="For example step-free, a quiet place, somebody to come along.",
        validators=[MaxLength(WORDS)],
    )

    @property
    def speaks(self) -> str:
        """The interpreter that they ask for; see `interpreter_of`."""
        said = (self.interpreter.data, self.communication_needs.data, self.access_needs.data)
        return interpreter_of(*(_text(each) for each in said))


class ReferForm(CreateForm, VersionedForm, NeedsForm):
    """A partner refers somebody: under a minute, and a reference back."""

    _offered: frozenset[str] | set[str] = frozenset()

    partner_id = SelectField("Which organisation are you referring for?")
    same = RadioField("Is this the same person?", validators=[Optional()], validate_choice=False)
    name = StringField("Their name", validators=[Required("Enter their name"), MaxLength(120)])
    phone = TelField("Their phone number", validators=[PhoneNumber(), MaxLength(40)])
    voicemail = BooleanField("We may leave a voicemail")
    texts = BooleanField("We may send a text")
    email = EmailField("Their email address", validators=[EmailAddress(), MaxLength(254)])
    times = StringField("When is a good time to ring?", validators=[MaxLength(200)])
    need_slugs = NeedsField("What would help?")
    reason_referrer = TextAreaField("Why are you referring them?", validators=[MaxLength(WORDS)])
    reason_person = TextAreaField("What do they say they want?", validators=[MaxLength(WORDS)])
    risk = RadioField(
        "Are there any risks that we should know about?",
        choices=choices([("none", "No known risks"), ("some", "Yes, there are risks")]),
        validators=[Optional()],
    )
    risks = TextAreaField("What are the risks?", validators=[MaxLength(WORDS)])
    flagged_for_safety = BooleanField("Someone at home must not find out about this")
    consent = RadioField("Did they agree to be referred?", choices=choices(CONSENT), validators=[Optional()])
    consent_why_not = StringField("Why were they not asked?", validators=[MaxLength(300)])
    share_feedback = BooleanField("They agree that you hear what came of it")
    born = DateField("Date of birth")
    nhs_number = StringField("NHS number", validators=[MaxLength(20), NhsNumber()])
    address = TextAreaField("Address", validators=[MaxLength(300)])
    postcode = StringField("Postcode", validators=[MaxLength(10)])
    gp_practice = StringField("GP practice", validators=[MaxLength(160)])
    referrer_service = StringField("Your service", validators=[MaxLength(160)])
    referrer_contact = StringField("How we can reach you", validators=[MaxLength(160)])

    def offer(self, needs: Sequence[tuple[str, str]], partners: Sequence[tuple[UUID, str]]) -> None:
        """Say which needs and organisations can be chosen."""
        self.need_slugs.choices = choices(needs)
        self.partner_id.choices = choices((str(partner_id), name) for partner_id, name in partners)

    def offer_earlier(self, earlier: Sequence[tuple[UUID, str]]) -> None:
        """Ask whether it is about the person of one of these earlier requests: id and words of each."""
        known = [(str(request_id), f"Yes, put it with {words}") for request_id, words in earlier]
        self.same.choices = choices([*known, (OTHER, "No, this is somebody else")])
        self._offered = {OTHER, *(value for value, _words in known)}

    @property
    def settles_sameness(self) -> bool:
        """Whether what was offered last has its answer; ask after `offer_earlier`."""
        return str(self.same.data) in self._offered

    @property
    def same_as(self) -> UUID | None:
        """The earlier request whose person this is, by the sender's word."""
        return None if self.is_apart or not self.settles_sameness else UUID(str(self.same.data))

    @property
    def is_apart(self) -> bool:
        """Whether the sender says that this is somebody else."""
        return bool(self.same.data == OTHER)

    def content(self) -> RequestContent:
        """What was typed."""
        mobile, phone = mobile_and_phone(_text(self.phone.data))
        asked = self.consent.data not in {None, "", "None", "not asked"}
        return RequestContent(
            name=_text(self.name.data),
            phone=phone,
            mobile=mobile,
            email=_text(self.email.data),
            address=_text(self.address.data),
            postcode=_text(self.postcode.data),
            voicemail=bool(self.voicemail.data),
            texts=bool(self.texts.data),
            times=_text(self.times.data),
            flagged_for_safety=bool(self.flagged_for_safety.data),
            need_slugs=tuple(self.need_slugs.data or ()),
            reason_referrer=_text(self.reason_referrer.data),
            reason_person=_text(self.reason_person.data),
            communication_needs=_text(self.communication_needs.data),
            interpreter=self.speaks,
            access_needs=_text(self.access_needs.data),
            risks=_text(self.risks.data) if self.risk.data == "some" else "",
            no_known_risks=True if self.risk.data == "none" else None,
            born=self.born.data,
            nhs_number=_text(self.nhs_number.data),
            gp_practice=_text(self.gp_practice.data),
            referrer_service=_text(self.referrer_service.data),
            referrer_contact=_text(self.referrer_contact.data),
            consent_how=str(self.consent.data) if asked else "",
            consent_why_not="" if asked else _text(self.consent_why_not.data),
            share_feedback=bool(self.share_feedback.data),
        )

    def say(self, problem: Invalid | Problem) -> None:
        """Put a problem that the rules found beside the box where it is mended."""
        field = {
            "ways": "phone",
            "mobile": "phone",
            "risks": "risk",
            "consent_how": "consent",
            "date_of_birth": "born",
        }
        # Once the answer is chosen, what is missing is the words under it.
        if self.risk.data == "some":
            field["risks"] = "risks"
        if self.consent.data == "not asked":
            field["consent_how"] = "consent_why_not"
        self.add_error(field.get(problem.field or "", problem.field), problem.message)


def is_whole(form: ReferForm, source: RequestSource, *, draft: bool = False) -> bool:
    """Whether the form can be sent; where not, everything that is to be mended stands on it at once."""
    good = form.validate()
    wrong = set(form.errors)
    for problem in () if draft else intake.problems(form.content(), source):
        good = False
        if problem.field not in wrong:
            form.say(problem)
    return good


def filled(content: RequestContent) -> dict[str, Any]:
    """A draft's values for showing `ReferForm` again."""
    consent = content.consent_how or ("not asked" if content.consent_why_not else None)
    risk = "some" if content.risks else "none" if content.no_known_risks else None
    same = (
        *("name", "voicemail", "texts", "email", "times", "reason_referrer", "reason_person", "risks"),
        *(
            "flagged_for_safety",
            "consent_why_not",
            "share_feedback",
            "born",
            "nhs_number",
            "address",
            "postcode",
        ),
        *("gp_practice", "communication_needs", "interpreter", "access_needs"),
        *("referrer_service", "referrer_contact"),
    )
    return {
        **{name: getattr(content, name) for name in same},
        "phone": content.mobile or content.phone,
        "need_slugs": list(content.need_slugs),
        "risk": risk,
        "consent": consent,
    }


def interpreter_of(said: str, communication: str, access: str) -> str:
    """The interpreter that a form asks for: what its own box says, empty for "none"; where nothing stands there, the
    languages named as the way to write to them, or where their access needs ask for an interpreter."""
    if said:
        return "" if needs_none(said) else said
    words = (communication, access if "interpret" in access.casefold() else "")
    return ", ".join(dict.fromkeys(tongue.name for text in words for tongue in tongues_of(text)))


def mobile_and_phone(text: str) -> tuple[str, str]:
    """One number as (mobile, landline): texts go to mobiles only."""
    if not text:
        return "", ""
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return "", text
    # Numbers kept for examples and dramas belong to no network, but look like mobiles.
    looks_mobile = number.country_code == 44 and str(number.national_number)[:2] in _MOBILE_STARTS
    mobile = looks_mobile or phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    return (text, "") if mobile else ("", text)


def _text(value: object) -> str:
    return str(value).strip() if value not in {None, "None"} else ""


def _yes(value: object) -> bool | None:
    return {"yes": True, "no": False}.get(str(value))
