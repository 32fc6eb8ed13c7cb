"""What the team types about an episode."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional, ValidationError

from core.web.fields import DateField, choices
from core.web.forms import CreateForm, Form, VersionedForm
from core.web.validators import Between, MaxLength, Required
from prescribing.episodes.causes import CAUSE_WORDS, Cause, Failing
from prescribing.episodes.closing import LastWord, StillOpen
from prescribing.episodes.contact_forms import WhenForm
from prescribing.episodes.contacts import OUTCOME_WORDS, Direction, Outcome
from prescribing.episodes.models import ActionOwner
from prescribing.episodes.moves import BasedOnReason
from prescribing.episodes.rules import CLOSE_REASONS, CloseReason, EpisodeState, Priority
from prescribing.people.safe_contact import CHANNEL_WORDS, Channel

WORDS = 2_000

OWNER_WORDS = {
    ActionOwner.PERSON: "They do",
    ActionOwner.LINK_WORKER: "I do",
    ActionOwner.SOMEONE_ELSE: "Somebody else does",
}
PRIORITY_WORDS = {
    Priority.URGENT: "Urgent: today",
    Priority.SOON: "Soon: this week",
    Priority.ROUTINE: "In turn",
}
AGAIN_WORDS = {
    BasedOnReason.RELAPSE: "The same thing has come back",
    BasedOnReason.NEW_NEED: "Something new",
    BasedOnReason.UNRESOLVED: "It was never solved",
}
CLOSE_WORDS = {
    CloseReason.GOALS_MET: "The support is finished: goals met",
    CloseReason.PARTLY_MET: "The support is finished: goals partly met",
    CloseReason.DECLINED: "They do not want the support",
    CloseReason.NO_CONTACT: "We could not reach them",
    CloseReason.REDIRECTED: "It is not right for this service",
    CloseReason.WITHDRAWN: "They no longer need it",
    CloseReason.MOVED: "They moved away",
    CloseReason.DIED: "They died",
}


class FindForm(Form):
    """Whom to go to. Sent by POST: a name does not stand in an address."""

    words = StringField(
        "Name or reference", validators=[Required("Type a name or a reference"), MaxLength(100)]
    )


def number_or_none(text: object) -> int | None:
    """What a choice from 1 to 10 says; nothing for "not said"."""
    return int(str(text)) if text not in {None, "", "None"} else None


def uuid_or_none(text: object) -> UUID | None:
    """What a choice between records says; nothing for none."""
    return UUID(str(text)) if text not in {None, "", "None"} else None


ONE_TO_TEN = [(str(n), str(n)) for n in range(1, 11)]


class AllocateForm(VersionedForm):
    """Giving a request to a link worker."""

    link_worker_id = RadioField("Who takes it?", validators=[Required("Choose who takes it")])

    # There where the team very likely knows them: yes is chosen already.
    same = RadioField("Who is it about?", validate_choice=False)

    def ask_who(self, likely: Sequence[tuple[UUID, str]], *, fresh: bool) -> None:
        """Offer whom the team very likely knows, the first of them chosen on a `fresh` page; ask nothing where it knows
        nobody like them, and nobody was chosen from a page that did."""
        if not likely and not self.same.data:
            del self.same
            return
        known = [(str(person_id), words) for person_id, words in likely]
        self.same.choices = choices([*known, ("", "Somebody else")])
        if fresh:
            self.same.data = known[0][0]

    def validate_same(self, field: RadioField) -> None:
        """Raise `ValidationError` where nobody said who it is about, or who it may be is not as it was on the page."""
        if field.data is None:
            raise ValidationError("This may be somebody whom you know. Choose who it is about")
        if field.data not in [option.data for option in field]:
            raise ValidationError(
                "Whom this may be about has changed since you opened the page. Look again, then choose"
            )

    def offer(self, workers: Sequence[tuple[UUID, str]]) -> None:
        """Say who can be chosen."""
        self.link_worker_id.choices = choices((str(account_id), label) for account_id, label in workers)


class AskForm(VersionedForm):
    """Asking for more before deciding."""

    note = TextAreaField(
        "What do you need to know?",
        validators=[Required("Write down what you need to know"), MaxLength(WORDS)],
    )


class RedirectForm(VersionedForm):
    """Saying that this is not the right service."""

    words = TextAreaField(
        "Why, and where did you send them instead?",
        validators=[Required("Say why, and where you sent them instead"), MaxLength(WORDS)],
    )


class PriorityForm(Form):
    """How urgent a request is."""

    priority = SelectField("How urgent?", choices=choices((p.value, PRIORITY_WORDS[p]) for p in Priority))


class FailingForm(Form):
    """Why something failed, and in whose words."""

    cause = RadioField(
        "Why did it come to that?",
        choices=choices((each.value, words.capitalize()) for each, words in CAUSE_WORDS.items()),
        validators=[Optional()],
    )
    failed_words = TextAreaField(
        "What happened, in their own words?",
        description="As they said it. Leave names out.",
        validators=[MaxLength(WORDS)],
    )

    def validate(self, extra_validators: object = None) -> bool:
        """Check every box; whoever says that something failed says why."""
        good = super().validate(extra_validators)
        if self.needs_cause and not self.cause.data:
            self.add_error("cause", "Choose why it came to that.")
            return False
        return good

    @property
    def needs_cause(self) -> bool:
        """Whether something failed, by what was typed: words without a cause are half of it."""
        return bool((self.failed_words.data or "").strip())

    @property
    def failing(self) -> Failing | None:
        """What was said of it, None where no cause was chosen; ask only after the form validated."""
        return Failing(Cause(self.cause.data), self.failed_words.data or "") if self.cause.data else None


class ContactForm(CreateForm, FailingForm, WhenForm):
    """One contact, in few presses."""

    channel = RadioField(
        "How?",
        choices=choices((c.value, CHANNEL_WORDS[c].capitalize()) for c in Channel),
        default=Channel.PHONE.value,
        validators=[Required("Choose how you got in touch")],
    )
    outcome = RadioField(
        "What came of it?",
        choices=choices((o.value, OUTCOME_WORDS[o].capitalize()) for o in Outcome),
        validators=[Required("Choose what came of it")],
    )
    inbound = BooleanField("They got in touch with us")
    starts_support = BooleanField("They want this support: start it")
    booked_on = DateField("Day that you agreed to talk")
    minutes = IntegerField("How many minutes did it take?", validators=[Optional(), Between(0, 600)])
    note = TextAreaField("Notes", validators=[MaxLength(WORDS)])
    failed = BooleanField("This happened because something failed")

    @property
    def needs_cause(self) -> bool:
        """Where the box was ticked: words that were hidden again say nothing."""
        return bool(self.failed.data)

    @property
    def direction(self) -> Direction:
        return Direction.INBOUND if self.inbound.data else Direction.OUTBOUND


class NeedForm(CreateForm):
    """A need, in the person's own words."""

    slug = RadioField("What is it about?", validators=[Required("Choose what it is about")])
    words = TextAreaField(
        "In their own words", description="What they said matters to them.", validators=[MaxLength(WORDS)]
    )


class GoalForm(CreateForm, VersionedForm):
    """A goal, in the person's own words."""

    words = TextAreaField(
        "What do they want, in their own words?",
        validators=[Required("Write down what they want, in their own words"), MaxLength(WORDS)],
    )
    need_id = SelectField("Which need is it part of?", default="")
    importance = SelectField(
        "How much does it matter to them, from 1 to 10?",
        choices=choices(ONE_TO_TEN, first="Not said"),
        default="",
    )
    confidence = SelectField(
        "How sure are they that they can do it, from 1 to 10?",
        choices=choices(ONE_TO_TEN, first="Not said"),
        default="",
    )
    progress = SelectField(
        "How far along are they, from 1 to 10?", choices=choices(ONE_TO_TEN, first="Not said"), default=""
    )
    met = BooleanField("They say that it is met")


class ActionForm(CreateForm):
    """Who does what by when."""

    words = TextAreaField(
        "What is to be done?", validators=[Required("Say what is to be done"), MaxLength(WORDS)]
    )
    owner = RadioField(
        "Who does it?",
        choices=choices((o.value, OWNER_WORDS[o]) for o in ActionOwner),
        default=ActionOwner.LINK_WORKER.value,
    )
    confidence = SelectField(
        "How sure are they that they can do it, from 1 to 10?",
        choices=choices(ONE_TO_TEN, first="Not said"),
        default="",
    )
    who = StringField("Who is that?", validators=[MaxLength(80)])
    due_on = DateField("By when?")
    goal_id = SelectField("Which goal does it help with?", default="")

    @property
    def text(self) -> str:
        """What is to be done; where somebody else does it, with who that is."""
        words, who = str(self.words.data or ""), str(self.who.data or "").strip()
        return f"{who}: {words}" if who and self.owner.data == ActionOwner.SOMEONE_ELSE else words

    @property
    def sure(self) -> int | None:
        """How sure they are of what they do themselves, from 1 to 10; None where nobody said."""
        said = str(self.confidence.data or "")
        return int(said) if said and self.owner.data == ActionOwner.PERSON else None


class PauseForm(VersionedForm):
    """Putting the support on hold."""

    note = TextAreaField("Why is it paused?", validators=[Required("Say why it is paused"), MaxLength(WORDS)])
    look_again_on = DateField(
        "When will you look at it again?",
        validators=[Required("Enter the day on which you look at it again")],
    )


class PutOffForm(VersionedForm):
    """Putting somebody off to another day."""

    until = DateField("Another day", validators=[Required("Enter the day on which they come back")])


class CloseForm(VersionedForm):
    """How support ends. Each choice is a closed state with its reason."""

    ending = RadioField("How does it end?", validators=[Required("Choose how it ends")])
    goals = SelectMultipleField("Which goals are met, in their view?")
    needs_met = SelectMultipleField("Which needs are met, in their view?")
    needs_dropped = SelectMultipleField("Which do they no longer want help with?")
    take_back = SelectMultipleField(
        "Which of these should be taken back?",
        description="If the support is finished, the others go on by themselves, and stay on Today until they start.",
    )
    words = TextAreaField(
        "What should be remembered?",
        description="For the team. The person may ask to read it.",
        validators=[MaxLength(WORDS)],
    )

    def offer(self, targets: Sequence[EpisodeState]) -> None:
        """Say which endings are possible now."""
        self.ending.choices = choices(
            (f"{target}|{reason}", CLOSE_WORDS[reason])
            for target in EpisodeState
            if target in targets
            for reason in CLOSE_REASONS.get(target, ())
        )

    def name(self, found: StillOpen) -> None:
        """Say what is open, each question only where there is anything to ask about."""
        needs = [(str(need.id), need.name) for need in found.needs]
        for name, pairs in (
            ("goals", [(str(goal_id), words) for goal_id, words in found.goals]),
            ("needs_met", needs),
            ("needs_dropped", needs),
            ("take_back", [(str(one.id), one.words) for one in found.hanging]),
        ):
            box = dict(self._fields).get(name)
            if isinstance(box, SelectMultipleField) and pairs:
                box.choices = choices(pairs)
            elif box is not None:
                del self[name]

    @property
    def last_word(self) -> LastWord:
        """What the person says of what is open; ask only after the form validated."""

        def ids(name: str) -> tuple[UUID, ...]:
            return tuple(UUID(one) for one in self[name].data or ()) if name in self else ()

        return LastWord(ids("needs_met"), ids("needs_dropped"), ids("goals"), ids("take_back"))

    @property
    def chosen(self) -> tuple[EpisodeState, CloseReason]:
        """The closed state and the reason; ask only after the form validated."""
        target, _, reason = str(self.ending.data).partition("|")
        return EpisodeState(target), CloseReason(reason)


class FeedbackForm(Form):
    """Telling the referrer."""

    words = TextAreaField(
        "Anything else that they should know?",
        description="Whoever referred them reads this. Write only what the person is happy to share.",
        validators=[MaxLength(WORDS)],
    )


class ErrorForm(VersionedForm):
    """Marking an episode as a mistake."""

    reason = TextAreaField(
        "What was the mistake?", validators=[Required("Say what the mistake was"), MaxLength(WORDS)]
    )


class NotDiedForm(Form):
    """Taking back a death that was recorded by mistake."""

    reason = TextAreaField(
        "What was the mistake?", validators=[Required("Say what the mistake was"), MaxLength(WORDS)]
    )


class AgainForm(CreateForm):
    """Starting again after support has closed."""

    reason = RadioField(
        "Why does it start again?",
        choices=choices((reason.value, AGAIN_WORDS[reason]) for reason in BasedOnReason),
        validators=[Required("Choose why it starts again")],
    )
    words = TextAreaField(
        "What do they want now, in their own words?",
        validators=[Required("Write down what they want now, in their own words"), MaxLength(WORDS)],
    )


class MoreForm(Form):
    """A partner's answer to what we asked."""

    words = TextAreaField(
        "Your answer", validators=[Required("Write down what we asked for"), MaxLength(WORDS)]
    )


class NeedsField(SelectMultipleField):
    """Needs of the vocabulary as boxes to tick; nothing ticked is an answer."""
