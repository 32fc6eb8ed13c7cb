"""Asking a measure: each question on its own scale, none of them required."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, cast

from wtforms import BooleanField, Field, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import AnyOf, ValidationError

from core.web.fields import DateField, choices
from core.web.forms import CreateForm, Form
from core.web.validators import MaxLength, Required
from prescribing.measures.due_rules import Sitting, who_may
from prescribing.measures.instruments import LICENSED, is_typed
from prescribing.measures.own_words import SAYS_NOT_TODAY
from prescribing.measures.rules import (
    COMPLETED_BY_WORDS,
    MODE_WORDS,
    NOT_TODAY_WORDS,
    POINT_WORDS,
    Answers,
    Instrument,
    Item,
    Mode,
    NotToday,
    Point,
)

SKIP = "skip"
_NUMBER = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,4})?")


def question_field(item: Item) -> str:
    """The name of the field of one question."""
    return f"answer-{item.key}"


def boxes(instrument: Instrument) -> dict[str, str]:
    """The box of each question, by the key that the rules call it by."""
    return {item.key: question_field(item) for item in instrument.items}


class AskingForm(CreateForm):
    """How it was asked. The questions of the instrument are added by `asking_type`."""

    point = RadioField("When is this?", [AnyOf(tuple(Point))], choices=[], validate_choice=False)
    mode = RadioField(
        "How did you ask?",
        choices=choices((mode.value, words.capitalize()) for mode, words in MODE_WORDS.items()),
        validators=[Required("Choose how you asked")],
    )
    completed_by = RadioField("Who answered?", choices=[], validators=[Required("Choose who answered")])
    on = DateField("If you are copying from paper: when was it filled in?")

    def answers(self, instrument: Instrument) -> Answers:
        """What was answered, by question; a question left out or skipped is None."""
        return {item.key: _number(self[question_field(item)].data) for item in instrument.items}


class OwnAnswersForm(CreateForm):
    """A person's own answers on their own phone. The questions are added by `own_form`."""

    def answers(self, instrument: Instrument) -> Answers:
        """As of `AskingForm`."""
        return {item.key: _number(self[question_field(item)].data) for item in instrument.items}


class SendForm(CreateForm):
    """Sending the questions to the person's own phone or email."""

    point = HiddenField()

    @property
    def wanted(self) -> Point | None:
        return next((point for point in Point if point.value == self.point.data), None)


class LicenceForm(Form):
    """An operator says that they hold a licence for a measure that is not ours to give."""

    instrument = RadioField(
        "Which measure?",
        choices=choices((key, each.name) for key, each in LICENSED.items()),
        validators=[Required("Choose the measure that you hold a licence for")],
    )
    holder = StringField("Who holds the licence?", validators=[Required(), MaxLength(160)])
    number = StringField("Number or date of the licence", validators=[Required(), MaxLength(80)])
    wording = TextAreaField(
        "The questions, one a line",
        description="If your licence lets you show them. Leave this empty to type in the scores alone.",
        validators=[MaxLength(3_000)],
    )
    answer_words = TextAreaField(
        "The answers to choose from, one a line",
        description="From the lowest score to the highest. If this is empty, people choose a number.",
        validators=[MaxLength(1_000)],
    )
    agreed = BooleanField(
        "We hold this licence, and it covers how we use the measure here",
        validators=[Required("Tick the box to say that you hold the licence")],
    )

    @property
    def questions(self) -> list[str]:
        """The questions that were typed."""
        return _lines(self.wording)

    @property
    def answers(self) -> list[str]:
        """The answers that were typed, from the lowest to the highest."""
        return _lines(self.answer_words)


def _lines(field: Field) -> list[str]:
    return [line.strip() for line in (field.data or "").splitlines() if line.strip()]


class NotTodayForm(CreateForm):
    """Why it is not asked this time."""

    point = RadioField("When is this?", [AnyOf(tuple(Point))], choices=[], validate_choice=False)
    reason = RadioField(
        "Why not today?",
        choices=choices((reason.value, words.capitalize()) for reason, words in NOT_TODAY_WORDS.items()),
        validators=[Required("Choose why not today")],
    )

    @property
    def not_today(self) -> NotToday:
        return NotToday(self.reason.data)


class OwnNotTodayForm(NotTodayForm):
    """The same, said by the person."""

    reason = RadioField(
        "Why not today?",
        choices=choices((reason.value, words) for reason, words in SAYS_NOT_TODAY.items()),
        validators=[Required("Choose why not today")],
    )


def asking_type(instrument: Instrument) -> type[AskingForm]:
    """The form with the instrument's questions, none of them required. `offer` says what else can be chosen."""
    return cast("type[AskingForm]", type("InstrumentForm", (AskingForm,), _questions(instrument)))


def first_answers(likeliest: Point, sitting: Sitting | None) -> dict[str, str]:
    """What stands in the form before anybody has answered.

    Nothing says how it was asked and who answered before somebody does: a guess would be kept as a fact. Only what
    was asked in the same `sitting` says it for the next questions too.
    """
    said = {} if sitting is None else {"mode": sitting.mode.value, "completed_by": sitting.completed_by.value}
    return {"point": likeliest.value, **said}


def offer(form: AskingForm, instrument: Instrument, points: Iterable[Point]) -> AskingForm:
    """Show at which of `points` it may be asked, and who may answer the instrument."""
    offer_points(form, points)
    able = who_may(instrument, Mode.IN_PERSON)
    form.completed_by.choices = choices((who.value, COMPLETED_BY_WORDS[who].capitalize()) for who in able)
    return form


def own_form(instrument: Instrument) -> OwnAnswersForm:
    """A form by which a person answers the instrument's questions alone."""
    made = cast("type[OwnAnswersForm]", type("OwnForm", (OwnAnswersForm,), _questions(instrument)))
    return made()


def _questions(instrument: Instrument) -> dict[str, Field]:
    return {
        question_field(item): (
            StringField(item.question or item.label, validators=[MaxLength(10), Score(item)])
            if is_typed(item)
            else RadioField(
                item.question or item.label, choices=_choices(item), validate_choice=True, default=SKIP
            )
        )
        for item in instrument.items
    }


class Score:
    """A number that can be an answer to the question, or nothing."""

    def __init__(self, item: Item) -> None:
        self.item = item

    def __call__(self, form: Form, field: Field) -> None:
        """Raise `ValidationError` for what is no number on the scale."""
        typed = (field.data or "").strip()
        number = _number(typed)
        if typed and (number is None or not self.item.holds(number)):
            places = f", with up to {self.item.decimals} decimals" if self.item.decimals else ""
            raise ValidationError(
                f"{self.item.label} must be a number from {self.item.low} to {self.item.high}{places}"
            )


def offer_points(form: AskingForm | NotTodayForm, points: Iterable[Point]) -> None:
    """Show these points. One that has passed meanwhile is the service's to refuse, in words."""
    form.point.choices = choices((point.value, POINT_WORDS[point].capitalize()) for point in points)


def _choices(item: Item) -> list[Any]:
    if item.options:
        given = [(str(option.value), option.words.capitalize()) for option in item.options]
    else:
        given = [(str(number), str(number)) for number in range(int(item.low), int(item.high) + 1)]
    return choices([*given, (SKIP, "Leave this one out")])


def _number(text: str | None) -> float | None:
    """What was chosen or typed, a whole number as one; None for nothing, and for what is no number."""
    found = _NUMBER.fullmatch((text or "").strip())
    if found is None:
        return None
    return float(found[0]) if found[1] else int(found[0])
