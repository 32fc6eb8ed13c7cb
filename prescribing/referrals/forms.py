"""What the team and the groups type about referrals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SearchField
from wtforms.validators import ValidationError

from core.errors import Invalid
from core.web.fields import DateField, choices
from core.web.forms import CreateForm, Form, QueryForm, VersionedForm
from core.web.validators import MaxLength, Required
from directory.published import Weekday
from prescribing.episodes.moves import Mover
from prescribing.people.consent import HOW_AGREED
from prescribing.referrals.models import Presence
from prescribing.referrals.rules import DECLINE_WORDS, GROUP_ANSWERS, DeclineReason, ReferralState
from prescribing.referrals.visits import Mark
from prescribing.referrals.waiting_rules import FAIR_WORDS, FairReason
from prescribing.referrals.words import LONGEST, Agreement, Words

TIMES = (("morning", "Morning"), ("afternoon", "Afternoon"), ("evening", "Evening"))
COSTS = (("free", "Free"), ("3", "Up to £3"), ("5", "Up to £5"), ("10", "Up to £10"))
RADII = (("", "Anywhere in the borough"), ("1.6", "1 mile"), ("3.2", "2 miles"), ("8", "5 miles"))
ENDS = (ReferralState.NEVER_STARTED, ReferralState.STOPPED, ReferralState.COMPLETED)
ANOTHER_DAY = "another"


class FindForm(QueryForm):
    """Narrowing what could help with a need. None of it names anybody."""

    q = SearchField("Words", validators=[MaxLength(200)])
    day = SelectField("Day", default="")
    time = SelectField("Time of day", default="")
    cost = SelectField("Cost", default="")
    far = SelectField("How far", default="")

    def offer(self) -> None:
        """Give the lists their lines."""
        days = ((day.value, day.label) for day in Weekday)
        self.day.choices = choices(days, first="Any day")
        self.time.choices = choices(TIMES, first="Any time")
        self.cost.choices = choices(COSTS, first="Any cost")
        self.far.choices = choices(RADII)
        for one in (self.day, self.time, self.cost, self.far):
            known = {str(choice[0]) for choice in one.iter_choices()}
            one.data = one.data if one.data in known else ""

    @property
    def narrowed(self) -> bool:
        return bool(self.words or any(self.asked.values()))

    @property
    def asked(self) -> dict[str, str]:
        """What was chosen of the lists, by field; nothing that was typed."""
        return {one.name: str(one.data or "") for one in (self.day, self.time, self.cost, self.far)}

    @property
    def chosen_day(self) -> Weekday | None:
        return Weekday(self.day.data) if self.day.data else None

    @property
    def radius_km(self) -> float | None:
        return float(self.far.data) if self.far.data else None

    @property
    def words(self) -> str:
        return str(self.q.data or "").strip()[:200]


class ReferForm(CreateForm):
    """The consent step: what the group sees before and after it says yes, in words agreed with the person."""

    goal = TextAreaField("What they hope for", validators=[MaxLength(LONGEST)])
    safe_yes = TextAreaField(
        "What the group needs to know to say yes safely", validators=[MaxLength(LONGEST)]
    )
    access = TextAreaField("Access needs", validators=[MaxLength(LONGEST)])
    communication = TextAreaField("Communication needs", validators=[MaxLength(LONGEST)])
    share_offer = BooleanField("They agree that the group sees this now")
    agreed_contact = TextAreaField("How to reach them", validators=[MaxLength(LONGEST)])
    risk_summary = TextAreaField("Risks, as agreed for sharing", validators=[MaxLength(LONGEST)])
    share_accepted = BooleanField("They agree that the group sees this once it says yes")
    knows_it_is_full = BooleanField("They know that it is full, and want to go on the waiting list")
    how = RadioField("How did they agree?", choices=choices((how, how.capitalize()) for how in HOW_AGREED))

    def by_phone(self) -> None:
        """Ask what the link worker may say, where nothing is sent."""
        self.share_offer.label.text = "They agree that you tell the group this now"
        self.share_accepted.label.text = "They agree that you tell the group this once it says yes"

    def validate_how(self, field: RadioField) -> None:
        """Raise `ValidationError` where something is shared and nobody says how it was agreed."""
        if (self.share_offer.data or self.share_accepted.data) and field.data not in HOW_AGREED:
            raise ValidationError("Choose how they agreed")

    def agreed(self) -> Agreement:
        """What the person agreed to."""
        return Agreement(
            how=self.how.data if self.how.data in HOW_AGREED else "",
            share_offer=bool(self.share_offer.data),
            share_accepted=bool(self.share_accepted.data),
        )

    def words(self) -> Words:
        """The agreed words."""
        return Words(
            goal=self.goal.data or "",
            safe_yes=self.safe_yes.data or "",
            access=self.access.data or "",
            communication=self.communication.data or "",
            risk_summary=self.risk_summary.data or "",
            agreed_contact=self.agreed_contact.data or "",
        )


class HeadsUpForm(CreateForm):
    """Where people just turn up nothing has to be sent; with their yes the group can look out for them."""

    share_accepted = BooleanField("They would like the group to look out for them")
    heads_up = TextAreaField("What the group should look out for", validators=[MaxLength(LONGEST)])
    access = TextAreaField("Access needs", validators=[MaxLength(LONGEST)])
    how = RadioField("How did they agree?", choices=choices((how, how.capitalize()) for how in HOW_AGREED))
    knows_it_is_full = BooleanField("They know that it is full")

    def by_phone(self) -> None:
        """Ask what the link worker may say, where nothing is sent."""
        self.share_accepted.label.text = "They would like you to ask the group to look out for them"

    def validate_how(self, field: RadioField) -> None:
        """Raise `ValidationError` where something is shared and nobody says how it was agreed."""
        if self.share_accepted.data and field.data not in HOW_AGREED:
            raise ValidationError("Choose how they agreed")

    def agreed(self) -> Agreement:
        """What the person agreed to."""
        how = self.how.data if self.how.data in HOW_AGREED else ""
        return Agreement(how=how, share_offer=False, share_accepted=bool(self.share_accepted.data))

    def words(self) -> Words:
        """The agreed words; nothing where nothing is shared."""
        if not self.share_accepted.data:
            return Words()
        return Words(heads_up=self.heads_up.data or "", access=self.access.data or "")


class AnswerForm(VersionedForm):
    """A group's answer: a press on one of the buttons; a no brings its reason."""

    answer = StringField("Answer")
    reason = StringField("Reason")
    note = TextAreaField("Anything to add", validators=[MaxLength(LONGEST)])
    fair = StringField("Why before others")

    @property
    def why_first(self) -> FairReason | None:
        """Why they come before others who waited longer, where that was chosen."""
        return FairReason(str(self.fair.data)) if self.fair.data in set(FairReason) else None

    @property
    def target(self) -> ReferralState:
        """The state that the answer leads to. Raises `Invalid`."""
        if self.answer.data not in GROUP_ANSWERS:
            raise Invalid("Choose yes, the waiting list or no.")
        return ReferralState(str(self.answer.data))

    @property
    def why(self) -> DeclineReason | None:
        """The reason of a no. Raises `Invalid`."""
        if self.target is not ReferralState.DECLINED:
            return None
        if self.reason.data not in set(DeclineReason):
            raise Invalid("Choose why you are saying no. It helps us to do better.")
        return DeclineReason(str(self.reason.data))


class VisitForm(VersionedForm):
    """When the first visit is: one of the next sessions, or another day."""

    session = RadioField("When can they first come?", validators=[Required("Choose a day")])
    on = DateField("Day of the first visit")

    def offer(self, days: Iterable[tuple[date, str]]) -> None:
        """Offer these sessions."""
        lines = [(day.isoformat(), words) for day, words in days]
        self.session.choices = choices([*lines, (ANOTHER_DAY, "Another day")])

    @property
    def day(self) -> date:
        """The day that was chosen. Raises `Invalid`."""
        if self.session.data == ANOTHER_DAY:
            if self.on.data is None:
                raise Invalid("Enter the day.", "on")
            return self.on.data
        return read_day(self.session.data)


class CameForm(Form):
    """Whether somebody came on a day. `said_by` tells whose word a link worker writes down."""

    on = StringField("Day")
    presence = StringField("Did they come?")
    said_by = StringField("Who told you?")

    @property
    def mark(self) -> tuple[date, Presence]:
        """The day and what is said of it. Raises `Invalid`."""
        if self.presence.data not in set(Presence):
            raise Invalid("Choose whether they came.", "presence")
        return read_day(self.on.data), Presence(str(self.presence.data))


class TeamCameForm(Form):
    """What a link worker heard about a visit."""

    day = DateField("Which day?", validators=[Required("Enter the day of the visit")])
    presence = RadioField(
        "Did they come?",
        choices=choices([(Presence.CAME.value, "Yes"), (Presence.DID_NOT_COME.value, "No")]),
        validators=[Required("Choose whether they came")],
    )
    said_by = RadioField(
        "Who told you?",
        choices=choices([(Mover.GROUP.value, "The group"), (Mover.PERSON.value, "The person")]),
        validators=[Required("Choose who told you")],
    )


class NoteForm(VersionedForm):
    """Why something ends, in words."""

    note = TextAreaField("Anything to note", validators=[MaxLength(LONGEST)])
    target = StringField("What happened")

    @property
    def end(self) -> ReferralState:
        """How it ends. Raises `Invalid`."""
        if self.target.data not in ENDS:
            raise Invalid("Choose what happened.")
        return ReferralState(str(self.target.data))


class ListingForm(Form):
    """What a group says of its own listing."""

    note = TextAreaField("What is wrong?", validators=[Required("Write what is wrong"), MaxLength(LONGEST)])


class CodeForm(Form):
    """The code that was texted or read out."""

    code = StringField("Code", validators=[Required("Enter the code"), MaxLength(20)])


def read_day(text: object) -> date:
    """A day from a form of ours. Raises `Invalid`."""
    try:
        return date.fromisoformat(str(text or ""))
    except ValueError:
        raise Invalid("Choose a day.", "on") from None


def read_marks(form: Mapping[str, str]) -> dict[UUID, Mark]:
    """Who came, from the boxes of a session's page: `came-<referral id>`, and `with-<referral id>` where they brought
    somebody. What is not marked is left out."""
    marks: dict[UUID, Mark] = {}
    for name, value in form.items():
        prefix, _, key = name.partition("came-")
        if prefix or not key or value not in set(Presence):
            continue
        try:
            marks[UUID(key)] = Mark(Presence(value), f"with-{key}" in form)
        except ValueError:
            raise Invalid("Open the page again, then mark who came.") from None
    return marks


def reasons() -> list[tuple[str, str]]:
    """Why a group says no, for its buttons."""
    return [(reason.value, words[:1].upper() + words[1:]) for reason, words in DECLINE_WORDS.items()]


def fair_reasons() -> list[tuple[str, str]]:
    """Why somebody comes before others on a waiting list, for the buttons."""
    return [(reason.value, words) for reason, words in FAIR_WORDS.items()]
