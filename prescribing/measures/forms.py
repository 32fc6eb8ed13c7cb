"""Asking a measure: each question on its own scale, none of them required."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from wtforms import RadioField
from wtforms.validators import AnyOf

from core.web.fields import choices
from core.web.forms import CreateForm
from prescribing.measures.rules import (
    COMPLETED_BY_WORDS,
    MODE_WORDS,
    NOT_TODAY_WORDS,
    POINT_WORDS,
    Answers,
    CompletedBy,
    Instrument,
    Item,
    Mode,
    NotToday,
    Point,
)

SKIP = "skip"


def question_field(item: Item) -> str:
    """The name of the field of one question."""
    return f"answer-{item.key}"


class AskingForm(CreateForm):
    """How it was asked. The questions of the instrument are added by `asking_form`."""

    point = RadioField("When is this?", [AnyOf(tuple(Point))], choices=[], validate_choice=False)
    mode = RadioField(
        "How did you ask?",
        choices=choices((mode.value, words.capitalize()) for mode, words in MODE_WORDS.items()),
        default=Mode.IN_PERSON.value,
    )
    completed_by = RadioField(
        "Who answered?",
        choices=choices((who.value, words.capitalize()) for who, words in COMPLETED_BY_WORDS.items()),
        default=CompletedBy.WITH_LINK_WORKER.value,
    )

    def answers(self, instrument: Instrument) -> Answers:
        """What was answered, by question; a question left out or skipped is None."""
        return {item.key: _number(self[question_field(item)].data) for item in instrument.items}


class NotTodayForm(CreateForm):
    """Why it is not asked this time."""

    point = RadioField("When is this?", [AnyOf(tuple(Point))], choices=[], validate_choice=False)
    reason = RadioField(
        "Why not today?",
        choices=choices((reason.value, words.capitalize()) for reason, words in NOT_TODAY_WORDS.items()),
    )

    @property
    def not_today(self) -> NotToday:
        return NotToday(self.reason.data)


def asking_form(instrument: Instrument, points: Iterable[Point], likeliest: Point) -> AskingForm:
    """A form that asks the instrument's questions at one of `points`."""
    questions = {
        question_field(item): RadioField(
            item.question, choices=_choices(item), validate_choice=True, default=SKIP
        )
        for item in instrument.items
    }
    made = cast("type[AskingForm]", type("InstrumentForm", (AskingForm,), questions))
    form = made(point=likeliest.value)
    offer_points(form, points)
    return form


def offer_points(form: AskingForm | NotTodayForm, points: Iterable[Point]) -> None:
    """Show these points. One that has passed meanwhile is the service's to refuse, in words."""
    form.point.choices = choices((point.value, POINT_WORDS[point].capitalize()) for point in points)


def _choices(item: Item) -> list[Any]:
    if item.options:
        given = [(str(option.value), option.words.capitalize()) for option in item.options]
    else:
        given = [(str(number), str(number)) for number in range(item.low, item.high + 1)]
    return choices([*given, (SKIP, "Leave this one out")])


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
